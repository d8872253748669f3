"""``countersign check``, ``compare``, ``reconcile``: faults of a record, two releases or several lists side by side."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from countersign.cli.terminal.options import FILE, columns_option, corrections_option, ocr_option, option
from countersign.cli.terminal.say import Answer, Group, echo_values, progress_shown, show
from countersign.errors import DONE, EVIDENCE_WRONG
from countersign.surroundings import current

if TYPE_CHECKING:
    from countersign.published.compare import Comparison
    from countersign.published.corrections import Correction
    from countersign.published.faults.codes import Fault
    from countersign.published.reconcile import Deployment, Reconciliation, Source
    from countersign.published.table.record import Record


def _hold_page(page: Path | None, as_json: bool, *sources: str | Path) -> None:
    """Refuse a page beside JSON, which would go unwritten, and one in the place of a source, which would be lost."""
    if page is None:
        return
    if as_json:
        raise click.UsageError("--html and --json are two answers; ask for one.")
    if page.exists() and any(Path(source).exists() and page.samefile(source) for source in sources):
        raise click.UsageError(f"--html {page} is a source; name another file for the page.")


CHECK_EXAMPLES = """\b
Examples:
  countersign check lfr-deployments-2025.pdf
  countersign check 2023.pdf 2025.pdf --all
  countersign check answer.xlsx --columns their-headings.toml --json
  countersign check shipped:met --corrections shipped
"""


@click.command("check", epilog=CHECK_EXAMPLES)
@click.argument("source", nargs=-1, required=True)
@columns_option
@ocr_option
@corrections_option
@option("--seed", "Seed of every random step.", click.IntRange(min=0), default=0)
@option("--all everything", "Show every fault, however many.", is_flag=True)
@option("--json as_json", "Write JSON to standard output.", is_flag=True)
@option("--html page", "Write all of it as a page too, to this file.", FILE, metavar="FILE")
def check(
    source: tuple[str, ...],
    columns: tuple[Path, ...],
    ocr_layer: bool,
    corrections: str | None,
    seed: int,
    everything: bool,
    as_json: bool,
    page: Path | None,
) -> int:
    """Only the faults in the data: where it contradicts itself, misses something, or changed how it counts.

    SOURCE is a PDF, spreadsheet (XLSX, ODS), CSV or data package as published; several are checked as one record.
    "shipped:met" is the record of the Metropolitan Police that comes with Countersign.

    Exit code 0 if no fault is found, 1 if any is. That none is found is no evidence that the figures are right.
    """
    _hold_page(page, as_json, *source, *columns, corrections or "shipped")
    from countersign.published.faults.detect import find_faults
    from countersign.published.read import read_sources, with_rows

    with progress_shown() as progress:
        record = with_rows(read_sources(source, columns=columns, ocr_layer=ocr_layer, progress=progress))
        applied: tuple[Correction, ...] = ()
        if corrections is not None:
            from countersign.published.corrections import apply_corrections, read_corrections
            from countersign.published.files import beside

            path = beside(corrections, "corrections.toml", source)
            corrected = apply_corrections(record, read_corrections(path))
            record, applied = corrected.record, corrected.applied
        progress("looking for faults", 0, None)
        faults = find_faults(record, seed=seed)
    if as_json:
        _write_json(record, applied, faults)
    else:
        show(_faults(record, applied, faults)._replace(about=_about(record)), everything=everything, page=page)
    return EVIDENCE_WRONG if faults else DONE


def _about(*records: Record) -> tuple[str, ...]:
    """Whose figures were read, their period, and the day."""
    from countersign.words.dates import day, span
    from countersign.words.lists import listing

    publishers = dict.fromkeys(each.publisher for record in records for each in record.documents if each.publisher)
    dates = sorted(row.date for record in records for row in record.rows if row.date is not None)
    period = span(dates[0], dates[-1]) if dates else "No dates printed"
    read = f"Read on {day(current().now().astimezone().date())}"
    return (listing(list(publishers)) or "Publisher not named", period, read)


def _write_json(record: Record, applied: Sequence[Correction], faults: Sequence[Fault]) -> None:
    documents = [
        {
            "id": each.id,
            "title": each.title,
            "sha256": each.sha256,
            "rows": sum(row.document == each.id for row in record.rows),
            "ocr_layer": each.ocr_layer,
        }
        for each in record.documents
    ]
    echo_values({"documents": documents, "refused": record.refused, "corrections": applied, "faults": faults})


def _faults(record: Record, applied: Sequence[Correction], faults: Sequence[Fault]) -> Answer:
    from countersign.published.faults.codes import CODES
    from countersign.words.lists import counted
    from countersign.words.numbers import OCR_MARK, marked_text

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


COMPARE_EXAMPLES = """\b
Examples:
  countersign compare 2025-july.pdf 2025-october.pdf
  countersign compare kept-copy.csv as-published-now.csv --all
  countersign compare old-package new-package --json
"""


@click.command("compare", epilog=COMPARE_EXAMPLES)
@click.argument("old")
@click.argument("new")
@columns_option
@ocr_option
@option("--all everything", "Show every difference, however many.", is_flag=True)
@option("--json as_json", "Write JSON to standard output.", is_flag=True)
@option("--html page", "Write all of it as a page too, to this file.", FILE, metavar="FILE")
def compare(
    old: str,
    new: str,
    columns: tuple[Path, ...],
    ocr_layer: bool,
    everything: bool,
    as_json: bool,
    page: Path | None,
) -> int:
    """Two releases of the same record, value by value: rows added, rows taken out, values altered.

    OLD and NEW are each a PDF, spreadsheet (XLSX, ODS), CSV or data package. Rows are matched by date and place; a row
    whose date or place was itself altered is recognised by its counts.

    Exit code 0 if the two agree in every row, 1 if anything differs.
    """
    _hold_page(page, as_json, old, new, *columns)
    from countersign.published.compare import compare as compare_releases
    from countersign.published.read import maps_of, read_source, with_rows

    with progress_shown() as progress:
        first, second = maps_of((old, new), columns)
        before = with_rows(read_source(old, columns=first, ocr_layer=ocr_layer, progress=progress))
        after = with_rows(read_source(new, columns=second, ocr_layer=ocr_layer, progress=progress))
        progress("comparing", 0, None)
        found = compare_releases(before, after)
    if as_json:
        echo_values(found)
    else:
        show(_differences(found, old, new)._replace(about=_about(before, after)), everything=everything, page=page)
    return DONE if found.same else EVIDENCE_WRONG


def _differences(found: Comparison, old: str, new: str) -> Answer:
    from countersign.published.compare import SIDES, summary
    from countersign.published.faults.codes import where
    from countersign.words.lists import listing
    from countersign.words.numbers import OCR_MARK

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


RECONCILE_EXAMPLES = """\b
Examples:
  countersign reconcile shipped:met seen-by-observers.csv
  countersign reconcile lfr-2025.pdf press.csv sightings.csv --all

\b
A list is a CSV file with the columns date (YYYY-MM-DD), place and who (says so), and
any counts, for example:
  date,place,who,alerts
  2024-05-02,Kingston,a local newspaper of 3 May 2024,4
"""


@click.command("reconcile", epilog=RECONCILE_EXAMPLES)
@click.argument("published")
@click.argument("other", nargs=-1, required=True)
@columns_option
@ocr_option
@option("--all everything", "Show every deployment, however many.", is_flag=True)
@option("--json as_json", "Write JSON to standard output.", is_flag=True)
@option("--html page", "Write all of it as a page too, to this file.", FILE, metavar="FILE")
def reconcile(
    published: str,
    other: tuple[str, ...],
    columns: tuple[Path, ...],
    ocr_layer: bool,
    everything: bool,
    as_json: bool,
    page: Path | None,
) -> int:
    """Deployments missing from any of several lists: what was published, press reports, people's sightings.

    PUBLISHED is a source as for review. Each OTHER is a CSV list of deployments that someone saw or reported, each
    line with who says so. Only the same date and the same words for the place count as the same deployment; what
    might be the same is shown as possible, and nothing is merged silently.

    Exit code 0 if no list misses a deployment that falls within its dates and no numbers differ, 1 otherwise.
    """
    _hold_page(page, as_json, published, *other, *columns)
    from countersign.published.read import maps_of, read_source
    from countersign.published.reconcile import read_list, source_of
    from countersign.published.reconcile import reconcile as set_side_by_side

    with progress_shown() as progress:
        maps = maps_of((published, *other), columns)
        record = read_source(published, columns=maps[0], ocr_layer=ocr_layer, progress=progress)
        lists = zip(other, maps[1:], strict=True)
        sources = [
            source_of(record, "published"),
            *(read_list(Path(path), given, ocr_layer=ocr_layer) for path, given in lists),
        ]
        progress("setting lists side by side", 0, None)
        found = set_side_by_side(_named_apart(sources))
    if as_json:
        echo_values(found)
    else:
        show(_side_by_side(found)._replace(about=_about(record)), everything=everything, page=page)
    return DONE if found.complete else EVIDENCE_WRONG


def _named_apart(sources: list[Source]) -> list[Source]:
    """The lists under names of their own: one that meets twice is numbered."""
    from msgspec.structs import replace

    taken: set[str] = set()
    named = []
    for source in sources:
        name, count = source.name, 1
        while name in taken:
            count += 1
            name = f"{source.name}-{count}"
        taken.add(name)
        named.append(replace(source, name=name))
    return named


def _side_by_side(found: Reconciliation) -> Answer:
    from countersign.words.dates import span
    from countersign.words.lists import counted
    from countersign.words.numbers import OCR_MARK

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


#: Rows left out that are named.
MOST_LEFT = 5


def _left_out(source: Source) -> str:
    from countersign.words.lists import counted, listing

    if not source.left_out:
        return ""
    named = [*source.left_out[:MOST_LEFT], *(["others"] if len(source.left_out) > MOST_LEFT else [])]
    rows = counted(len(source.left_out), "row")
    return f"; {rows} left out, without a certain date and place of one deployment: {listing(named)}"


def _missing(item: Deployment, layers: Collection[str]) -> str:
    from countersign.words.dates import day
    from countersign.words.lists import listing
    from countersign.words.numbers import OCR_MARK

    held = listing(
        [f"{name} ({entry.who}){OCR_MARK if name in layers else ''}" for name, entry in item.entries.items()]
    )
    text = f"{day(item.date)}, {item.place}: held by {held}"
    for possible in item.possible:
        mark = OCR_MARK if possible.source in layers else ""
        text += f"; possibly {possible.source} ({possible.entry.who}), {possible.why}{mark}"
    return f"{text}."


def _differing(item: Deployment, layers: Collection[str]) -> str:
    from countersign.words.dates import day
    from countersign.words.numbers import OCR_MARK

    differences = "; ".join(
        f"{column.replace('_', ' ')}: "
        + ", ".join(f"{value:,} by {name}{OCR_MARK if name in layers else ''}" for name, value in values)
        for column, values in item.differing
    )
    return f"{day(item.date)}, {item.place}: {differences}."
