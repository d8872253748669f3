"""``countersign check``, ``compare``, ``reconcile``: faults of a record, two releases or several lists side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from countersign.cli.terminal.options import FILE, columns_option, corrections_option, ocr_option, option
from countersign.cli.terminal.say import echo_values, progress_shown, show
from countersign.errors import DONE, EVIDENCE_WRONG

if TYPE_CHECKING:
    from countersign.results.published import Checked


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
    from countersign.results.published import check as find

    with progress_shown() as progress:
        found = find(
            *source, columns=columns, ocr_layer=ocr_layer, corrections=corrections, seed=seed, progress=progress
        )
    if as_json:
        _write_json(found)
    else:
        show(found.answer, everything=everything, page=page)
    return EVIDENCE_WRONG if found.faults else DONE


def _write_json(found: Checked) -> None:
    record = found.record
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
    refused, corrections = record.refused, found.corrections
    echo_values({"documents": documents, "refused": refused, "corrections": corrections, "faults": found.faults})


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
    from countersign.results.published import compare as compare_releases

    with progress_shown() as progress:
        compared = compare_releases(old, new, columns=columns, ocr_layer=ocr_layer, progress=progress)
    if as_json:
        echo_values(compared.found)
    else:
        show(compared.answer, everything=everything, page=page)
    return DONE if compared.found.same else EVIDENCE_WRONG


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
    from countersign.results.published import reconcile as set_side_by_side

    with progress_shown() as progress:
        lists = set_side_by_side(published, *other, columns=columns, ocr_layer=ocr_layer, progress=progress)
    if as_json:
        echo_values(lists.found)
    else:
        show(lists.answer, everything=everything, page=page)
    return DONE if lists.found.complete else EVIDENCE_WRONG
