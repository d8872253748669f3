"""``countersign import`` and ``map``: what a force published as a data package, and a map of its headings."""

from __future__ import annotations

from pathlib import Path

import click

from countersign.cli.terminal.options import PATH, ocr_option, option
from countersign.cli.terminal.say import echo, progress_shown
from countersign.published.table.record import Unsure
from countersign.words.lists import counted

IMPORT_EXAMPLES = """\b
Examples:
  countersign import met-lfr-grid-2023-to-2024.pdf --out met-2024
  countersign import 2023.pdf 2025.pdf --out met
  countersign import answer.xlsx --columns their-headings.toml --out answer
"""


@click.command("import", epilog=IMPORT_EXAMPLES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@option("--out folder", "Folder of the data package.", PATH, required=True)
@option(
    "--columns",
    "Column map (TOML), one for all files or one for each; `countersign map` writes one.",
    PATH,
    multiple=True,
)
@option("--sqlite", "Write it as one SQLite file too, with a metadata.json for Datasette.", is_flag=True)
@ocr_option
def import_(files: tuple[str, ...], folder: Path, columns: tuple[Path, ...], sqlite: bool, ocr_layer: bool) -> None:
    """Turn what a force published into a data package: PDF, spreadsheet, document, web page, CSV or JSON.

    The form of a FILE is decided by its content. Each value keeps its page and printed text. Values that cannot be read
    for certain, rows refused and rows set aside (totals, summaries, copies) are listed with place and reason, here and
    in the package; nothing is guessed. The package is written whole or not at all.
    """
    from countersign.published.forms.package import write_package
    from countersign.published.forms.sqlite import beside
    from countersign.published.read import read_sources, with_rows

    with progress_shown() as progress:
        record = read_sources(files, columns=columns, ocr_layer=ocr_layer, progress=progress)
    write_package(record, folder, beside=beside if sqlite else None)
    for document in record.documents:
        rows = [row for row in record.rows if row.document == document.id]
        refused = [kept for kept in record.refused if kept.document == document.id]
        aside = [kept for kept in record.set_aside if kept.document == document.id]
        found = counted(len(rows) + len(refused) + len(aside), "row")
        read = ", from an OCR layer that nobody checked" if document.ocr_layer else ""
        left = f", {len(aside):,} set aside" if aside else ""
        echo(
            f"{document.title} [{document.id}]: {found} found, {len(rows):,} reported, {len(refused):,} refused"
            f"{left}{read}"
        )
        lines = {
            "refused": [f"refused: {_where(kept.page, kept.place)}: {kept.reason}" for kept in refused],
            "set-aside": [f"set aside: {_where(kept.page, kept.place)}: {kept.reason}" for kept in aside],
            "unsure": [
                f"{_KINDS[doubt.kind]}: row {row.number}, {column.replace('_', ' ')}: {_doubt(doubt)}"
                for row in rows
                for column, doubt in row.unsure.items()
            ],
        }
        for name, listed in lines.items():
            for line in listed[:MOST_LISTED]:
                echo(f"  {line}")
            if len(listed) > MOST_LISTED:
                echo(f"  and {len(listed) - MOST_LISTED:,} more: {folder / f'{name}.csv'} lists them all")
        for note in document.notes:
            echo(f"  note: {note if len(note) <= 200 else note[:199] + '…'}")
    echo(f"Written: {folder}")
    with_rows(record)


#: How many rows or values of one kind are listed for a document; its package lists all.
MOST_LISTED = 100
#: What a value that is not exact is called in the list.
_KINDS = {
    "bounded": "bounded",
    "approximate": "approximate",
    "withheld": "withheld",
    "unread": "not read",
    "doubtful": "doubtful",
}


def _doubt(doubt: Unsure) -> str:
    ends = ""
    if doubt.low is not None:
        ends = f" ({doubt.low:,} or more)" if doubt.high is None else f" ({doubt.low:,} to {doubt.high:,})"
    meant = f" (most likely {doubt.reading})" if doubt.reading else ""
    return f"{doubt.reason}{ends}{meant}"


def _where(page: int | None, place: str) -> str:
    return place if page is None or place.startswith(("page", "sheet")) else f"page {page}, {place}"


MAP_EXAMPLES = """\b
Examples:
  countersign map answer.xlsx
  countersign map answer.xlsx --out their-headings.toml
  countersign map 2024.csv 2025.csv --out their-headings.toml
"""


@click.command("map", epilog=MAP_EXAMPLES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=PATH)
@option("--out out", "The map to write; what a person changed in it stays.", PATH, default=Path("MAP.toml"))
@option("--ask/--no-ask", "Ask about what is doubtful; only in a terminal if neither is given.", default=None)
def map_(files: tuple[Path, ...], out: Path, ask: bool | None) -> None:
    """Write a column map for a force's publication: every heading with what it most likely stands for.

    All of a source is read once. Headings that are known need no map; the others are proposed by their words and their
    values, each with how sure that is and with sample values. What cannot be placed is listed all at once. A second run
    changes nothing that a person decided.
    """
    import sys

    from countersign.output import write_whole
    from countersign.published.mapping import propose, render
    from countersign.published.table.maps import NO_MAP, read_map

    known = read_map(out) if out.is_file() else NO_MAP
    with progress_shown() as progress:
        proposal = propose(files, known, progress)
    if ask or (ask is None and sys.stdin.isatty()):
        proposal = proposal.answered(_ask)
    write_whole(out, render(proposal, out.read_text(encoding="utf-8") if out.is_file() else "").encode())
    for line in proposal.summary():
        echo(line)
    echo(f"Written: {out}")


def _ask(question: str, proposed: str) -> str:
    return str(click.prompt(question, default=proposed or "ignore", err=True))
