"""``countersign library init``: make a library."""

from __future__ import annotations

from pathlib import Path

import click

from countersign.cli.library.shared import given, passphrase_option
from countersign.cli.terminal.options import FOLDER, option
from countersign.cli.terminal.say import echo


@click.command("init")
@click.argument("folder", metavar="DIR", type=FOLDER)
@option("--origin", "The public name of its log for good, like library.example/log.", required=True)
@option("--title", "What its pages are called.", default="Live facial recognition: forces side by side")
@passphrase_option
def init(folder: Path, origin: str, title: str, passphrase_file: Path | None) -> None:
    """Make a library in a new folder: its vault, its own log, and the two keys of that, under one passphrase.

    \b
    Example:
      countersign library init forces --origin library.example/log --title "Forces followed by us"
    """
    from countersign.door import hold_text
    from countersign.following.library import make_library

    made = make_library(
        folder, origin, hold_text("library", "title", title, "--title"), given(passphrase_file, new=True)
    )
    echo(f"{made.title}: a library in {folder}; its log is {origin}.")
    echo((made.log / "log.vkey").read_text(encoding="utf-8").strip())
    echo("Next: countersign library add FORCE FILE, from within that folder.")
