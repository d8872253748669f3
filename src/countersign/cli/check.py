"""``countersign check``: only the faults in the data, grouped by code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from countersign.cli.terminal.options import columns_option, corrections_option
from countersign.cli.terminal.say import echo, echo_json
from countersign.cli.terminal.shown import Group, progress_shown, show
from countersign.errors import DONE, EVIDENCE_WRONG

if TYPE_CHECKING:
    from countersign.published.corrections import Correction
    from countersign.published.faults.codes import Fault
    from countersign.published.table.record import Record

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
@corrections_option
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of every random step.")
@click.option("--all", "everything", is_flag=True, help="Show every fault, however many.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")
def check(
    source: tuple[str, ...],
    columns: tuple[Path, ...],
    corrections: str | None,
    seed: int,
    everything: bool,
    as_json: bool,
) -> int:
    """Only the faults in the data: where it contradicts itself, misses something, or changed how it counts.

    SOURCE is a PDF, spreadsheet (XLSX, ODS), CSV or data package as published; several are checked as one record.
    "shipped:met" is the record of the Metropolitan Police that comes with Countersign.

    Exit code 0 if no fault is found, 1 if any is. That none is found is no evidence that the figures are right.
    """
    from countersign.published.faults.detect import find_faults
    from countersign.published.read import read_sources, with_rows

    with progress_shown() as progress:
        record = with_rows(read_sources(source, columns=columns, progress=progress))
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
        _print(record, applied, faults, everything)
    return EVIDENCE_WRONG if faults else DONE


def _write_json(record: Record, applied: Sequence[Correction], faults: Sequence[Fault]) -> None:
    import msgspec

    written = {
        "documents": [
            {
                "id": document.id,
                "title": document.title,
                "sha256": document.sha256,
                "rows": sum(row.document == document.id for row in record.rows),
            }
            for document in record.documents
        ],
        "refused": record.refused,
        "corrections": applied,
        "faults": faults,
    }
    echo_json(msgspec.json.format(msgspec.json.encode(written), indent=1))


def _print(record: Record, applied: Sequence[Correction], faults: Sequence[Fault], everything: bool) -> None:
    from countersign.published.faults.codes import CODES
    from countersign.words.lists import counted

    for document in record.documents:
        rows = sum(row.document == document.id for row in record.rows)
        echo(f"{document.title} [{document.id}]: {counted(rows, 'row')}")
    for correction in applied:
        echo(
            f"Corrected: {correction.document}, row {correction.row}, {correction.column}: printed "
            f"{correction.printed}, read as {correction.read_as} ({correction.who})"
        )
    if record.refused:
        unread = counted(len(record.refused), "row or cell", "rows or cells")
        echo(f"{unread} could not be read and is not checked; `countersign import` lists each.")
    if not faults:
        echo("No fault found. That is no evidence that the figures are right: only contradictions can be seen.")
        return
    codes = len({fault.code for fault in faults})
    echo(f"{counted(len(faults), 'fault')} of {counted(codes, 'kind')} in {counted(len(record.rows), 'row')}.")
    show(
        [
            Group(code, meaning, [(str(fault.number), fault.message) for fault in faults if fault.code == code])
            for code, meaning in CODES.items()
        ],
        everything=everything,
    )
