"""``countersign library erase``: erase the bytes of a release."""

from __future__ import annotations

from pathlib import Path

import click

from countersign.cli.library.shared import desk, library_option, passphrase_option
from countersign.cli.terminal.options import option
from countersign.cli.terminal.say import echo
from countersign.words.dates import dated

REASONS = ("personal-data", "published-in-error", "asked-by-publisher", "court-order", "not-needed")


@click.command("erase")
@click.argument("digest")
@option("--reason", "Why; it is entered in the log.", click.Choice(REASONS), required=True)
@library_option
@passphrase_option
def erase(digest: str, reason: str, library_folder: Path, passphrase_file: Path | None) -> None:
    """Erase the bytes of the release with this DIGEST (its first digits are enough) from the vault, as an entry.

    What was read in it stays as counts; the release, its dates and its digest stay in the log.

    \b
    Example:
      countersign library erase 49808de2 --reason personal-data
    """
    from countersign.following.adding import erase as erase_release

    with desk(library_folder, passphrase_file) as opened:
        release = erase_release(opened, digest, reason)
    echo(f"Erased: {release.force}, {release.series} of {dated(release.day)} ({release.digest[:16]}…), as {reason}.")
