"""``countersign library fetch``: visit the sources that the operator wrote down."""

from __future__ import annotations

from pathlib import Path

import click

from countersign.cli.library.shared import desk, library_option, passphrase_option
from countersign.cli.terminal.say import echo, progress_shown
from countersign.errors import DONE, NOT_REACHED, NotReached


class FetcherMissing(NotReached, next_step="Install it with pip install 'countersign[fetch]'."):
    """Fetching needs libraries that are not installed."""


@click.command("fetch")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@library_option
@passphrase_option
def fetch(sources: tuple[str, ...], library_folder: Path, passphrase_file: Path | None) -> int:
    """Visit each SOURCE of the library's sources.toml (or every one), and add what is new as releases.

    No other address is asked. What cannot be had is named, and leaves everything as it was. Each visit is an entry of
    the log, and what was answered is kept (WARC). Exit code 5 if any source was not served or refused.

    \b
    Examples:
      countersign library fetch
      countersign library fetch met-grid
    """
    from countersign.following.changes import said_of

    try:
        from countersign.following.fetching import fetch as visit
    except ModuleNotFoundError as error:
        raise FetcherMissing(f"the library {error.name} is not installed") from None
    with progress_shown() as progress, desk(library_folder, passphrase_file) as at:
        found = visit(at, sources, progress=progress)
    for visited in found:
        echo(f"{visited.source}: {visited.said}.", bold=visited.outcome not in ("new", "unchanged"))
        for added in visited.added:
            for line in said_of(at.library.force(added.release.force), added.release, added.reading):
                echo(f"  {line}")
    if not found:
        echo("No source is written down yet: sources.toml in the library's folder (docs/formats/library.md).")
    return NOT_REACHED if any(visited.outcome not in ("new", "unchanged") for visited in found) else DONE
