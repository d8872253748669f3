"""Faults, groups, claims and gaps of the sources; then method, sources and every row, to which each figure links.

A column is *not published* where a document prints it in no row, and *left empty* in single rows. What no table of
counts by deployment can hold is the same list for any force.
"""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from itertools import groupby
from typing import Literal

from countersign.document import Block, Cell, Finding, Heading, Items, Paragraph, RowRange, Section, Source, Table
from countersign.grids import Grid, GridColumn, column, number
from countersign.published.table.record import COLUMNS, ColumnSpec, Document, Record, Row
from countersign.reviews.model import FaultLine, Method, NotShown, RefusedLine, SourceRead
from countersign.reviews.published.counts import MOST_RANGES
from countersign.reviews.published.evidence import Evidence
from countersign.words.lists import be, capital, counted, listing, noun
from countersign.words.numbers import count, percent_stated

#: The most faults shown in full; ``review.json`` holds all.
MOST_FAULTS = 250


def faults_section(evidence: Evidence) -> Section:
    """Faults in the order they are numbered."""
    from countersign.published.faults.codes import CODES

    faults = evidence.faults
    if not faults:
        said = "No fault was found. That is no evidence that the figures are right: only contradictions can be seen."
        return Section("faults", "Faults in the data: none found", (Paragraph(said),))
    kinds = Counter(fault.code for fault in faults)
    grid = Grid[tuple[str, int]](
        column("code", "Code", lambda kind: kind[0]),
        column("meaning", "Meaning", lambda kind: CODES.get(kind[0], "")),
        number("times", "Found", lambda kind: kind[1]),
    )
    blocks: list[Block] = [
        Paragraph(
            f"{counted(len(faults), 'fault')} {be(len(faults))} listed: {be(len(faults), 'a place', 'each a place')} "
            "where the data contradict themselves, leave something out, or changed; what is printed stays as printed. "
            "A fault says nothing about why."
        ),
        grid.table("faults-kinds", "Faults by kind", sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))),
    ]
    if len(faults) > MOST_FAULTS:
        said = f"The first {count(MOST_FAULTS)} are shown here; review.json holds all {count(len(faults))}."
        blocks.append(Paragraph(said, "warning"))
    titles = {document.id: document.title for document in evidence.documents}
    shown = faults[:MOST_FAULTS]
    for code, of_code in groupby(shown, key=lambda fault: fault.code):
        blocks += _of_kind(code, list(of_code), titles)
    title = f"Faults in the data: {count(len(faults))} of {counted(len(kinds), 'kind')}"
    return Section("faults", title, tuple(blocks))


#: From this many faults of one kind on, one table holds them.
REPEATED = 4


def _of_kind(code: str, faults: Sequence[FaultLine], titles: Mapping[str, str]) -> list[Block]:
    """The faults of one kind: a card for each, or one table where there are many."""
    from countersign.published.faults.codes import CODES

    meaning = capital(CODES.get(code, code))
    if len(faults) < REPEATED:
        return [_finding(fault, f"{meaning}: {_where(fault, titles)}") for fault in faults]
    grid = Grid[FaultLine](
        number("number", "No.", lambda fault: fault.number),
        column("where", "Where", lambda fault: _where(fault, titles), rows=_rows),
        column("what", "What", lambda fault: fault.message.partition(": ")[2] or fault.message),
    )
    heading = f"{meaning}: {counted(len(faults), 'time')}"
    places = tuple(f"fault-{fault.number}" for fault in faults)
    return [Heading(heading, f"faults-{code}"), grid.table(f"faults-{code}-table", heading, faults, places=places)]


def _where(fault: FaultLine, titles: Mapping[str, str]) -> str:
    where = titles.get(fault.document, fault.document)
    where += "" if fault.row is None else f", row {fault.row}"
    return where + ("" if fault.column is None else f", {fault.column.replace('_', ' ')}")


def _rows(fault: FaultLine) -> tuple[RowRange, ...]:
    return () if fault.row is None else (RowRange(fault.document, fault.row, fault.row),)


def _finding(fault: FaultLine, title: str) -> Finding:
    said = f"{fault.number}. {title}"
    return Finding(f"fault-{fault.number}", fault.code, said, fault.message, fault.details, _rows(fault))


def groups_section(evidence: Evidence) -> Section:
    """Counts by group, if any were given."""
    if evidence.group_blocks:
        title = f"Groups: {counted(len(evidence.group_studies), 'count')} given"
        return Section("groups", title, evidence.group_blocks)
    said = "The rows themselves say nothing about who was seen, alerted on, stopped or arrested."
    return Section(
        "groups", "Groups: no counts given", (Paragraph(f"No counts by group were given (option --groups). {said}"),)
    )


def claims_section(evidence: Evidence) -> Section:
    """Public claims, if any were given."""
    if evidence.claim_blocks:
        verdicts = Counter(claim.verdict for claim in evidence.claims)
        said = ", ".join(f"{count(times)} “{verdict}”" for verdict, times in verdicts.most_common())
        return Section("claims", f"Claims: {said}", evidence.claim_blocks)
    return Section(
        "claims", "Claims: none given", (Paragraph("No public claims were given to check (option --claims)."),)
    )


#: Columns whose absence is named: the name in a sentence, and what its absence keeps from the reader.
NAMED_COLUMNS: dict[str, tuple[str, str]] = {
    "duration_minutes": ("duration", "no rate per hour can be given, and faces per hour cannot be followed"),
    "watchlist_size": ("size of the watchlist", "nothing can be said of how many were sought"),
    "threshold": ("threshold setting", "which setting an alert was raised at is unknown"),
    "faces_seen": ("faces seen", "no rate per face can be given"),
    "alerts": ("alerts", "no rate per alert can be given"),
    "true_alerts": ("true alerts", "how many alerts the force counts as true is unknown"),
    "false_alerts": ("false alerts", "how many alerts the force counts as false is unknown"),
    "true_alerts_unconfirmed": (
        "alerts left unconfirmed",
        "false alerts cannot be bounded above: an unconfirmed alert may have been false",
    ),
    "false_alert_engagements": (
        "people engaged after a false alert",
        "how many people were stopped after a false alert is unknown",
    ),
    "true_alert_engagements": (
        "people engaged after a true alert",
        "how often an officer decided against an engagement is unknown",
    ),
    "arrests": ("arrests", "outcomes cannot be followed"),
    "other_disposal": ("other outcomes", "outcomes short of arrest cannot be followed"),
    "no_action": ("no action taken", "how often nothing followed is unknown"),
}
MISSED = (
    "People on the watchlist who passed unnoticed (missed matches)",
    "a table of alerts holds none of them, so nothing can be said about how many were found of those who came by",
)
PASSED = (
    "Who passed the camera, by sex, age or ethnicity",
    "without it no rate by group exists, only shares of alerts",
)
LISTED = (
    "Who was on the watchlist, for which reasons, and how many were on several lists",
    "only the size is printed, so list entries are not people",
)
ENGINE = ("Which engine and version was used", "a change of engine would not show")
#: What no table of deployments holds, and what its absence keeps from the reader.
ALWAYS: tuple[tuple[str, str], ...] = (
    MISSED,
    PASSED,
    LISTED,
    (
        "How many different people were seen",
        "faces seen is the force's estimate of faces, and one person may be counted many times",
    ),
    (
        "Where exactly the camera looked, what signs stood there and what people were told",
        "this needs someone who was there",
    ),
    ("What officers decided, and why, at each alert", "only outcomes are printed"),
    ENGINE,
)
#: How many row numbers are named before the rest is only counted.
MOST_NUMBERS = 6


def not_shown(record: Record) -> tuple[NotShown, ...]:
    """The list for a record: columns never published, cells left empty, then what no such table holds."""
    rows: dict[str, list[Row]] = {document.id: [] for document in record.documents}
    for row in record.rows:
        rows[row.document].append(row)
    documents = [document for document in record.documents if rows[document.id]]
    return (
        *_never(documents, rows),
        *(line for document in documents for line in _empty(document, rows[document.id])),
        *(NotShown(what, "in any table of deployments", because) for what, because in ALWAYS),
    )


def _never(documents: Sequence[Document], rows: Mapping[str, Sequence[Row]]) -> Iterator[NotShown]:
    for quantity, (name, because) in NAMED_COLUMNS.items():
        absent = (
            document for document in documents if all(getattr(row, quantity) is None for row in rows[document.id])
        )
        without = [document.title for document in absent]
        if without:
            where = "every document reviewed" if len(without) == len(documents) > 1 else listing(without)
            yield NotShown(capital(name), where, because)


def _empty(document: Document, rows: Sequence[Row]) -> Iterator[NotShown]:
    printed = [column for column in NAMED_COLUMNS if any(getattr(row, column) is not None for row in rows)]
    found: dict[tuple[str, ...], list[int]] = {}
    for row in rows:
        empty = tuple(column for column in printed if getattr(row, column) is None)
        if empty:
            found.setdefault(empty, []).append(row.number)
    for columns, numbers in found.items():
        named = ", ".join(map(str, numbers[:MOST_NUMBERS])) + (" and more" if len(numbers) > MOST_NUMBERS else "")
        what = f"{capital(listing([NAMED_COLUMNS[name][0] for name in columns]))}, in {counted(len(numbers), 'row')}"
        where = f"{document.title}, {noun(len(numbers), 'row')} {named}"
        yield NotShown(what, where, "left empty, and in no sum or rate")


INTERVALS: dict[str, str] = {
    "shares of trials (per face, per alert)": "Clopper-Pearson, exact (Biometrika 26 (1934) 404-413)",
    "counts in time (per hour, per deployment)": "Garwood, exact (Biometrika 28 (1936) 437-442)",
    "allowing for clumps": "Wilson or Poisson score with the design effect between deployments and Student's quantile, "
    "joined with the exact interval, so never narrower",
    "comparisons": "conditional exact, on the share of events",
}
#: Told with every step in how faces are counted; docs/formats/faults.md says more.
DATING = (
    "The rule that dates a step in how faces are counted was chosen after looking at the Metropolitan Police's record, "
    "so the dates found in that record are no independent confirmation of anything; the size of the steps and the "
    "alerts per hour beside them do not depend on the choice."
)
NOTES: tuple[str, ...] = (
    "What is printed stays as printed; a value that was not printed is in no sum and never taken as zero.",
    "A rate uses only the rows that print both its counts; a total says over how many rows it runs.",
    "The totals are a census of what was published, so counts and trends carry no interval and no p-value; intervals "
    "are of error rates, taken as draws from how the engine behaves.",
    "A rate over rows of several regimes names them and is followed by one line for each.",
    "Zero events are given as a bound. Intervals are rounded outwards, estimates to the nearest.",
    "No date or time of making is written: the same sources, options and version give the same file, byte for byte.",
)


def method_of(evidence: Evidence, level: float) -> Method:
    """Level, methods, seed and the versions of all that computed a figure."""
    versions = {"countersign": version("countersign"), "python": platform.python_version()}
    versions |= {name: version(name) for name in ("numpy", "scipy")}
    return Method(level, INTERVALS, evidence.seed, versions, (*NOTES, *_notes(evidence)))


def _notes(evidence: Evidence) -> tuple[str, ...]:
    notes = []
    if any(step.stands for step in evidence.breaks):
        notes.append(DATING)
    if not all(line.rows_listed for line in evidence.rates):
        many = f"more than {MOST_RANGES} separate ranges"
        notes.append(f"A figure whose rows lie in {many} names its scope and does not list the rows.")
    return tuple(notes)


_INTERVALS = Grid[tuple[str, str]](
    column("of", "Of what", lambda method: method[0]), column("method", "Method", lambda method: method[1])
)
_VERSIONS = Grid[tuple[str, str | int]](
    column("name", "Name", lambda made: made[0]), column("version", "Version or value", lambda made: made[1], words=str)
)


def method_section(method: Method) -> Section:
    """Notes, methods of intervals, versions and seed."""
    note = f"Level: {percent_stated(method.level)} throughout."
    versions: list[tuple[str, str | int]] = [*method.versions.items(), ("seed of every random step", method.seed)]
    intervals = _INTERVALS.table("method-intervals", "Intervals", method.intervals.items(), note=note)
    tables = intervals, _VERSIONS.table("method-versions", "Versions and seed", versions)
    return Section("method", "Method", (Items(method.notes), *tables))


def _read(source: SourceRead) -> str:
    refused = f", {counted(source.refused, 'row or cell', 'rows or cells')} refused" if source.refused else ""
    return f"{counted(source.rows, 'row')} read{refused}"


def _place(line: RefusedLine) -> str:
    return line.document + (f", page {line.page}" if line.page else "") + f", {line.place}"


_REFUSED = Grid[RefusedLine](
    column("where", "Where", _place),
    column("printed", "Printed", lambda line: line.printed),
    column("reason", "Why it was not taken", lambda line: line.reason),
)


def sources_section(evidence: Evidence, refused: tuple[RefusedLine, ...]) -> Section:
    """A source block for each document, then what could not be read."""
    blocks: list[Block] = [
        Source(
            anchor=f"source-{source.id}",
            title=source.title,
            publisher=source.publisher,
            published=source.published,
            sha256=source.sha256,
            note="; ".join((_read(source), *source.notes)),
            address=source.address,
        )
        for source in evidence.sources
    ]
    if refused:
        note = f"{counted(len(refused), 'row or cell', 'rows or cells')} {be(len(refused))} in no figure."
        blocks.append(_REFUSED.table("refused", "What could not be read", refused, note=note))
    return Section("sources", "Sources", tuple(blocks))


#: The most rows a report shows; a longer record is read in its own file, and the report says so.
MOST_ROWS = 2000


def every_row(evidence: Evidence) -> Section:
    """The section: what was printed, in printed order, corrections marked and never written over."""
    rows = evidence.printed.rows
    blocks: list[Block] = [
        Paragraph(
            "Every row in the order it was printed, with what was printed. An empty cell was empty, or its document "
            "has no such column."
            + (" A value that a correction reads otherwise is marked." if evidence.corrections else "")
        )
    ]
    if len(rows) > MOST_ROWS:
        cut = (
            f"The record has {count(len(rows))} rows; the first {count(MOST_ROWS)} are shown here, all of them are in "
            "every figure. Links to rows beyond these are printed, not linked."
        )
        blocks.append(Paragraph(cut, "warning"))
    corrected = {(line.document, line.row, line.column): line.read_as for line in evidence.corrections}
    by_document: dict[str, list[Row]] = {document.id: [] for document in evidence.documents}
    for row in rows[:MOST_ROWS]:
        by_document[row.document].append(row)
    printed = [document for document in evidence.documents if by_document[document.id]]
    blocks += [_table(document, by_document[document.id], corrected) for document in printed]
    return Section("rows", "Every row", tuple(blocks))


def _table(document: Document, rows: list[Row], corrected: _Corrected) -> Table:
    specs = (spec for spec in COLUMNS if spec.name != "source")
    shown = [spec for spec in specs if spec.name in document.columns or getattr(rows[0], spec.name, None) is not None]
    columns = (_printed(spec, corrected) for spec in shown)
    grid = Grid[Row](number("row", "Row", lambda row: row.number, words=str), *columns)
    return grid.table(f"rows-{document.id}", document.title, rows, rows_of=document.id)


#: What a correction reads instead, by document, row and column.
_Corrected = dict[tuple[str, int, str], str]
#: Headings that are not the column's name in words.
_HEADINGS = {
    "duration_minutes": "Duration",
    "faces_seen": "Faces seen (estimate)",
    "false_alert_rate_printed": "False alert rate",
}


def _printed(spec: ColumnSpec, corrected: _Corrected) -> GridColumn[Row]:

    def cell(row: Row) -> Cell:
        read = getattr(row, spec.name)
        text = row.printed.get(spec.name, "" if read is None else str(read))
        read_as = corrected.get((row.document, row.number, spec.name))
        words = text if read_as is None else f"{text} (read as {read_as})"
        return Cell(words, read if spec.kind == "count" else None)

    heading = _HEADINGS.get(spec.name, spec.name.replace("_", " ").capitalize())
    align: Literal["start", "end"] = "start" if spec.kind in ("text", "date") else "end"
    return column(spec.name, heading, cell, align=align)
