"""Where a passphrase for a private key comes from: a file named by the person, or the terminal; never an argument.

An argument would stand in the process list and the shell's history for anyone on the machine to read.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from countersign.errors import NotReached

_LONGEST = 65_536

passphrase_option = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="COUNTERSIGN_PASSPHRASE_FILE",
    help="Take the passphrase from the first line of this file (or /dev/fd/3) instead of asking for it.",
)


class PassphraseMissing(NotReached):
    """No passphrase was given, and there is no terminal to ask at."""

    code = "passphrase-missing"
    next_step = (
        "Name a file with --passphrase-file (--log-passphrase-file for a log's own key), or run it at a terminal."
    )


def ask_passphrase(file: Path | None, what: str, *, new: bool = False) -> bytes:
    """The passphrase for ``what``; asked for twice for a ``new`` key. Raises ``PassphraseMissing``."""
    if file is not None:
        try:
            with file.open(encoding="utf-8") as opened:
                text = opened.readline(_LONGEST).removesuffix("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise PassphraseMissing(f"{file}: the passphrase cannot be read: {error}") from None
    elif sys.stdin.isatty():
        text = click.prompt(f"Passphrase for {what}", hide_input=True, confirmation_prompt=new, err=True)
    else:
        raise PassphraseMissing(f"there is no passphrase for {what}, and no terminal to ask at")
    if len(text) == _LONGEST:
        raise PassphraseMissing(f"{file}: the first line is too long to be a passphrase")
    if not text:
        raise PassphraseMissing(f"the passphrase for {what} is empty")
    return text.encode()
