"""What the commands of a library share: which one is meant, its passphrase, and how a release is said in a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from countersign.cli.terminal.options import FOLDER, option
from countersign.cli.terminal.signing import ask_passphrase, passphrase_of_key

if TYPE_CHECKING:
    from countersign.following.library import Desk, Library

library_option = option(
    "--library library_folder",
    "The library's folder.",
    FOLDER,
    default=Path(),
    envvar="COUNTERSIGN_LIBRARY",
    metavar="DIR",
    show_default="this folder",
)
passphrase_option = passphrase_of_key("Take the library's passphrase from the first line of this file.")


def given(file: Path | None, *, new: bool = False) -> Callable[[str], bytes]:
    """Gives the library's one passphrase, asked for once."""
    held: list[bytes] = []

    def passphrase(_: str) -> bytes:
        if not held:
            held.append(ask_passphrase(file, "the library", new=new))
        return held[0]

    return passphrase


@contextmanager
def desk(folder: Path, passphrase_file: Path | None) -> Iterator[Desk]:
    """The library in a folder, to be worked on."""
    from countersign.following.library import at_desk

    with at_desk(opened(folder), given(passphrase_file)) as found:
        yield found


def opened(folder: Path) -> Library:
    """The library in a folder, to be read."""
    from countersign.following.library import Library

    return Library.open(folder)
