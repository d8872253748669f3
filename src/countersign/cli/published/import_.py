"""``countersign import``: turn what a force published into a data package that every other command takes as it is."""

from __future__ import annotations

from pathlib import Path

import click

from countersign.cli.terminal.shown import progress_shown

EXAMPLES = """\b
Examples:
  countersign import met-lfr-grid-2023-to-2024.pdf --out met-2024
  countersign import 2023.pdf 2025.pdf --out met
  countersign import answer.xlsx --columns their-headings.toml --out answer
"""


@click.command("import", epilog=EXAMPLES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--out", "folder", required=True, type=click.Path(path_type=Path), help="Folder of the data package.")
@click.option(
    "--columns",
    type=click.Path(path_type=Path),
    help="Column map (TOML) for headings that Countersign does not know; see docs/formats/column-maps.md.",
)
def command(files: tuple[str, ...], folder: Path, columns: Path | None) -> None:
    """Turn PDF, spreadsheet (XLSX, ODS), CSV or data package into a data package.

    The form of a FILE is told by its content. Each value keeps its page and printed text. Rows that cannot be read for
    certain are listed with place and reason, here and in the package's refused.csv; nothing is guessed. The package is
    written whole or not at all.
    """
    from countersign.published.forms.package import write_package
    from countersign.published.read import read_sources, with_rows

    with progress_shown() as progress:
        record = read_sources(files, columns=columns, progress=progress)
    if not record.refused:
        with_rows(record)
    write_package(record, folder)
    for document in record.documents:
        rows = [row for row in record.rows if row.document == document.id]
        refused = [kept for kept in record.refused if kept.document == document.id]
        found = len(rows) + len(refused)
        click.echo(
            f"{document.title} [{document.id}]: {found} rows found, {len(rows)} reported, {len(refused)} refused"
        )
        for kept in refused:
            click.echo(f"  refused: {_where(kept.page, kept.place)}: {kept.reason}")
        for note in document.notes:
            click.echo(f"  note: {note if len(note) <= 200 else note[:199] + '…'}")
    click.echo(f"Written: {folder}")


def _where(page: int | None, place: str) -> str:
    return place if page is None or place.startswith(("page", "sheet")) else f"page {page}, {place}"
