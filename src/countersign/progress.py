"""How long work says that it goes on: a callable given in by what shows it; the work itself knows no terminal.

>>> silent("reading pages", 3, 9)
"""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called now and then by long work."""

    def __call__(self, doing: str, done: int, of: int | None) -> None:
        """``doing``: what is being done, in the present participle; ``done`` of ``of`` steps (``None``: unknown)."""


def silent(doing: str, done: int, of: int | None) -> None:
    """Progress that shows nothing; the default everywhere."""
