"""``countersign library read``: read releases again by the maps and the program in hand."""

from __future__ import annotations

from pathlib import Path

import click

from countersign.cli.library.shared import desk, library_option, passphrase_option
from countersign.cli.terminal.say import echo, progress_shown
from countersign.words.dates import dated
from countersign.words.lists import counted


@click.command("read")
@click.argument("force", required=False, default="")
@library_option
@passphrase_option
def read(force: str, library_folder: Path, passphrase_file: Path | None) -> None:
    """Read again what was read by another map or an older version, or not at all; of FORCE, or of all.

    The earlier readings stay. What a new map or version reads otherwise is listed by `library changes`
    apart from what a force changed.

    \b
    Examples:
      countersign library read
      countersign library read essex
    """
    from countersign.following.adding import read_again

    with progress_shown() as progress, desk(library_folder, passphrase_file) as opened:
        named = opened.library.force(force).id if force else ""
        made = read_again(opened, named, progress=progress)
    for again in made:
        rows = "could not be read" if again.after.record is None else counted(len(again.after.record.rows), "row")
        why = f": {again.after.because}" if again.after.because else ""
        echo(f"{again.release.force}, {again.release.series} of {dated(again.release.day)}: {rows}{why}")
    echo(f"{counted(len(made), 'release')} read otherwise than before." if made else "Nothing is read otherwise.")
