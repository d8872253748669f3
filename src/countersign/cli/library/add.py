"""``countersign library add``: keep a release of a force."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from countersign.cli.library.shared import desk, library_option, passphrase_option
from countersign.cli.terminal.options import FILE, Day, option
from countersign.cli.terminal.say import echo, progress_shown


@click.command("add")
@click.argument("force")
@click.argument("file", metavar="FILE")
@option("--published", "The day on which the force published it.", Day(), metavar="DATE")
@option("--from address", "The address where it was published; kept in the library, never in its log.", default="")
@option("--series", "Which of the force's lists it is a release of.", default="deployments")
@option("--map map_file", "A map of its headings, kept for the force's later releases.", FILE, metavar="MAP")
@option("--period", "The days it covers, like 2025-01-01..2025-12-31, where its rows do not show it.", metavar="PERIOD")
@option("--earlier", "It was missed, and belongs before later releases of its series.", is_flag=True)
@library_option
@passphrase_option
def add(
    force: str,
    file: str,
    published: datetime.date | None,
    address: str,
    series: str,
    map_file: Path | None,
    period: str | None,
    earlier: bool,
    library_folder: Path,
    passphrase_file: Path | None,
) -> None:
    """Keep FILE as a release of FORCE: its bytes, three dates, and what can be read in it.

    FORCE is an id, a name or another name ("met"). FILE is a PDF, spreadsheet, document, web page, CSV, JSON or data
    package; "shipped:met" is one that comes with Countersign. It is read by the map that fits its headings; if none
    fits, the release is kept and its reading is missing. It is then compared with the last release of its series.

    \b
    Examples:
      countersign library add met lfr-deployments-2025.pdf --published 2025-07-15
      countersign library add essex answer.xlsx --map essex.toml --published 2026-03-02
      countersign library add met fixed.csv --series fixed-cameras
    """
    from countersign.following.adding import Given, parse_period
    from countersign.following.adding import add as add_release
    from countersign.following.changes import against_last, said_of
    from countersign.following.sides import side_of
    from countersign.published.files import PREFIX, shipped
    from countersign.releases.vault import taken

    covers = None if period is None else parse_period(period)
    path = Path(file)
    if file.startswith(PREFIX):
        name = file.removeprefix(PREFIX)
        folder = shipped(name)
        path = next((each for each in sorted(folder.glob(f"{name}.*")) if each.suffix != ".toml"), folder)
    with progress_shown() as progress:
        content = taken(path)
        with desk(library_folder, passphrase_file) as opened:
            named = opened.library.force(force)
            given = Given(named, content, series, published, covers, address=address, map=map_file, earlier=earlier)
            added = add_release(opened, given, progress=progress)
        state = type(opened.library).open(library_folder)
        lines = said_of(named, added.release, added.reading)
        if not added.held:
            side_of(state, named)  # kept, so that the next table finds it
        changed = None if added.held or added.reading.record is None else against_last(state, added.release)
    if added.held:
        echo(f"Already held: these bytes are the release of {named.name} added before; nothing was added.")
    for line in lines:
        echo(line)
    if changed is not None:
        echo(changed.title, bold=True)
        for label, text in changed.items[:SHOWN]:
            echo(f"  {label}: {text}")
        if len(changed.items) > SHOWN:
            echo(f"  and {len(changed.items) - SHOWN:,} more: countersign library changes --all")


#: How many differences are listed at once.
SHOWN = 10
