"""``countersign compare``: two releases of the same record, value by value."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from countersign.cli.terminal.shown import Group, progress_shown, show
from countersign.errors import DONE, EVIDENCE_WRONG

if TYPE_CHECKING:
    from countersign.published.lists.compare import Comparison

EXAMPLES = """\b
Examples:
  countersign compare 2025-july.pdf 2025-october.pdf
  countersign compare kept-copy.csv as-published-now.csv --all
  countersign compare old-package new-package --json
"""


@click.command("compare", epilog=EXAMPLES)
@click.argument("old")
@click.argument("new")
@click.option("--columns", metavar="MAP", type=click.Path(path_type=Path), help="Map of another force's headings.")
@click.option("--all", "everything", is_flag=True, help="Show every difference, however many.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")
def command(old: str, new: str, columns: Path | None, everything: bool, as_json: bool) -> int:
    """Two releases of the same record, value by value: rows added, rows taken out, values altered.

    OLD and NEW are each a PDF, spreadsheet (XLSX, ODS), CSV or data package. Rows are matched by date and place; a row
    whose date or place was itself altered is recognised by its counts.

    Exit code 0 if the two agree in every row, 1 if anything differs.
    """
    from countersign.published.lists.compare import compare
    from countersign.published.read import read_source, with_rows

    with progress_shown() as progress:
        before = with_rows(read_source(old, columns=columns, progress=progress))
        after = with_rows(read_source(new, columns=columns, progress=progress))
        progress("comparing", 0, None)
        found = compare(before, after)
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=1))
    else:
        _print(found, old, new, everything)
    return DONE if found.same else EVIDENCE_WRONG


def _print(found: Comparison, old: str, new: str, everything: bool) -> None:
    from countersign.published.faults.codes import where
    from countersign.published.lists.compare import summary
    from countersign.words.lists import listing

    click.echo(f"From {old} to {new}: {summary(found)}")
    for columns, which in ((found.columns_added, "later"), (found.columns_removed, "earlier")):
        if columns:
            click.echo(f"Only the {which} release has: {listing([name.replace('_', ' ') for name in columns])}.")
    altered = [
        (str(item.after.number),
         f"{where(item.after)}: "
         + "; ".join(
             f"{change.column.replace('_', ' ')} {change.before or '(none)'} → {change.after or '(none)'}"
             for change in item.changes
         )
         + ("" if item.matched_by == "date and place" else f" [taken for one row by {item.matched_by}]"))
        for item in found.altered
    ]  # fmt: skip
    show(
        [
            Group("Values altered", "the row as it is now, and each value before and after", altered),
            Group(
                "Rows taken out",
                "in the earlier release only",
                [(str(row.number), where(row)) for row in found.removed],
            ),
            Group("Rows added", "in the later release only", [(str(row.number), where(row)) for row in found.added]),
        ],
        everything=everything,
    )
