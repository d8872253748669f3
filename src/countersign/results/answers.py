"""What ``check``, ``compare`` and ``reconcile`` answer: lines on what was read, a sentence, groups of findings.

>>> answer = Answer("Two lists", ["a.csv: 3 rows"], "They agree.", [])
>>> [section.title for section in document_of(answer).sections]
['What was found']
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from countersign.document import Block, Cell, Column, Document, Items, Paragraph, Section, Table
from countersign.published.compare import SIDES, Comparison, summary
from countersign.published.corrections import Correction
from countersign.published.faults.codes import CODES, Fault, where
from countersign.published.reconcile import Deployment, Reconciliation, Source
from countersign.published.table.record import Record
from countersign.render.text import anchor
from countersign.surroundings import current
from countersign.words.dates import day, span
from countersign.words.lists import counted, listing
from countersign.words.numbers import OCR_MARK, marked_text

#: Rows left out that are named.
MOST_LEFT = 5


class Group(NamedTuple):
    """A heading, what it means, and the findings below it, each with a short mark (its number)."""

    title: str
    meaning: str
    items: Sequence[tuple[str, str]]


class Answer(NamedTuple):
    """What a command answers: a title, lines on what was read, the answer in a sentence, and groups of findings.
    ``about`` (whose figures, their period, the day) stands on its page.
    """

    title: str
    lines: Sequence[str]
    said: str
    groups: Sequence[Group]
    about: tuple[str, ...] = ()


def document_of(answer: Answer) -> Document:
    """The answer as a document: its sentence first, then what was read, then each group that has items, the whole of
    it.
    """
    read = [Items(tuple(answer.lines))] if answer.lines else []
    sections = [Section("found", "What was found", (Paragraph(answer.said, "lead"), *read))]
    for group in answer.groups:
        if not group.items:
            continue
        place, title = anchor(group.title), f"{group.title}: {len(group.items):,}"
        said: list[Block] = [Paragraph(f"{group.meaning[:1].upper()}{group.meaning[1:]}.")] if group.meaning else []
        if all(mark == "-" for mark, _ in group.items):
            sections.append(Section(place, title, (*said, Items(tuple(text for _, text in group.items)))))
            continue
        rows = tuple((Cell(mark), Cell(text)) for mark, text in group.items)
        columns = (Column("number", "Number"), Column("what", "What was found"))
        table = Table(f"table-{place}", group.title, columns, rows)
        sections.append(Section(place, title, (*said, table)))
    return Document(answer.title, "", "en-GB", tuple(sections), answer.about)


def about(*records: Record) -> tuple[str, ...]:
    """Whose figures were read, their period, and the day."""
    publishers = dict.fromkeys(each.publisher for record in records for each in record.documents if each.publisher)
    dates = sorted(row.date for record in records for row in record.rows if row.date is not None)
    period = span(dates[0], dates[-1]) if dates else "No dates printed"
    read = f"Read on {day(current().now().astimezone().date())}"
    return (listing(list(publishers)) or "Publisher not named", period, read)


def faults_found(record: Record, applied: Sequence[Correction], faults: Sequence[Fault]) -> Answer:
    """The faults of a record, by kind; ``applied`` are the corrections under which it was read."""
    lines = []
    for document in record.documents:
        rows = counted(sum(row.document == document.id for row in record.rows), "row")
        lines.append(f"{document.title} [{document.id}]: {rows}{OCR_MARK if document.ocr_layer else ''}")
    lines += [
        f"Corrected: {correction.document}, row {correction.row}, {correction.column}: printed {correction.printed}, "
        f"read as {correction.read_as} ({correction.who})"
        for correction in applied
    ]
    if record.refused:
        unread = counted(len(record.refused), "row or cell", "rows or cells")
        lines.append(f"{unread} could not be read and is not checked; `countersign import` lists each.")
    codes = len({fault.code for fault in faults})
    layers = {document.id for document in record.documents if document.ocr_layer}
    none = "No fault found. That is no evidence that the figures are right: only contradictions can be seen."
    some = f"{counted(len(faults), 'fault')} of {counted(codes, 'kind')} in {counted(len(record.rows), 'row')}."

    def said(fault: Fault) -> str:
        return marked_text(fault.message) if fault.document in layers else fault.message

    groups = [
        Group(code, meaning, [(str(fault.number), said(fault)) for fault in faults if fault.code == code])
        for code, meaning in CODES.items()
    ]
    return Answer("Faults in what was published", lines, some if faults else none, groups)


def differences_found(found: Comparison, old: str, new: str) -> Answer:
    """What differs between the releases ``old`` and ``new``, which are given as they were named."""
    lines = [
        f"Only the {which} release has: {listing([name.replace('_', ' ') for name in columns])}."
        for columns, which in ((found.columns_added, "later"), (found.columns_removed, "earlier"))
        if columns
    ]
    altered = [
        (
            str(item.after.number),
            f"{where(item.after)}: "
            + "; ".join(
                f"{change.column.replace('_', ' ')} {item.shown(change, 'before') or '(none)'} → "
                f"{item.shown(change, 'after') or '(none)'}"
                for change in item.changes
            )
            + ("" if item.matched_by == "date and place" else f" [taken for one row by {item.matched_by}]"),
        )
        for item in found.altered
    ]
    removed, added = (
        [(str(row.number), where(row) + (OCR_MARK if side in found.ocr_layer else "")) for row in rows]
        for side, rows in zip(SIDES, (found.removed, found.added), strict=True)
    )
    groups = [
        Group("Values altered", "the row as it is now, and each value before and after", altered),
        Group("Rows taken out", "in the earlier release only", removed),
        Group("Rows added", "in the later release only", added),
    ]
    return Answer("Two releases of the same record", lines, f"From {old} to {new}: {summary(found)}", groups)


def lists_found(found: Reconciliation) -> Answer:
    """Deployments that a list misses, and numbers on which lists disagree."""
    lines = []
    layers = {source.name for source in found.sources if source.ocr_layer}
    for source in found.sources:
        dates = f", {span(*source.span)}" if source.span else ""
        mark = OCR_MARK if source.ocr_layer else ""
        lines.append(f"{source.name}: {counted(len(source.entries), 'deployment')}{dates}{_left_out(source)}{mark}")
    published = found.sources[0].name
    unpublished = [("-", _missing(item, layers)) for item in found.not_published]
    differing = [("-", _differing(item, layers)) for item in found.deployments if item.differing]
    groups = [
        Group("Not published", "others hold them, within the dates of what was published", unpublished),
        Group("Numbers differ", "between lists that hold the same deployment", differing),
    ]
    for source in found.sources[1:]:
        missing = [item for item in found.deployments if source.name in item.missing_from and published in item.entries]
        meaning = "published, within this list's dates; reports and sightings are never complete"
        groups.append(
            Group(f"Missing from {source.name}", meaning, [("-", _missing(item, layers)) for item in missing])
        )
    outside = [item for item in found.deployments if item.not_covered and published not in item.entries]
    beyond = [item for item in outside if published in item.not_covered]
    outside_dates = [("-", _missing(item, layers)) for item in beyond]
    groups.append(Group("Outside the published dates", "nothing follows from their absence", outside_dates))
    none = "No list misses a deployment within its dates, and no numbers differ."
    some = "A list misses a deployment within its dates, or numbers differ."
    return Answer("Lists of deployments side by side", lines, none if found.complete else some, groups)


def _left_out(source: Source) -> str:
    if not source.left_out:
        return ""
    named = [*source.left_out[:MOST_LEFT], *(["others"] if len(source.left_out) > MOST_LEFT else [])]
    rows = counted(len(source.left_out), "row")
    return f"; {rows} left out, without a certain date and place of one deployment: {listing(named)}"


def _missing(item: Deployment, layers: Collection[str]) -> str:
    held = listing(
        [f"{name} ({entry.who}){OCR_MARK if name in layers else ''}" for name, entry in item.entries.items()]
    )
    text = f"{day(item.date)}, {item.place}: held by {held}"
    for possible in item.possible:
        mark = OCR_MARK if possible.source in layers else ""
        text += f"; possibly {possible.source} ({possible.entry.who}), {possible.why}{mark}"
    return f"{text}."


def _differing(item: Deployment, layers: Collection[str]) -> str:
    differences = "; ".join(
        f"{column.replace('_', ' ')}: "
        + ", ".join(f"{value:,} by {name}{OCR_MARK if name in layers else ''}" for name, value in values)
        for column, values in item.differing
    )
    return f"{day(item.date)}, {item.place}: {differences}."
