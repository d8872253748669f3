"""Findings on a terminal: headings with counts, numbered sentences below, long lists cut with a note.

On a terminal the text is wrapped with a hanging indent and headings are bold; into a file or a pipe each finding is one
plain line, so that it can be searched and sorted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NamedTuple

import click

#: A longer list is cut to this many, unless all are asked for.
SHOWN = 5


class Group(NamedTuple):
    """A heading, what it means, and the findings below it, each with a short mark (its number)."""

    title: str
    meaning: str
    items: Sequence[tuple[str, str]]


def show(groups: Sequence[Group], *, everything: bool) -> None:
    """Print the groups that have items, in order. ``everything``: no list is cut."""
    for group in groups:
        if group.items:
            _heading(group)
            kept = group.items if everything or len(group.items) <= SHOWN + 1 else group.items[:SHOWN]
            width = max(len(mark) for mark, _ in kept)
            for mark, text in kept:
                _item(mark.rjust(width), text)
            if len(kept) < len(group.items):
                click.secho(f"  … {len(group.items) - len(kept):,} more; --all shows them", dim=True)


def _heading(group: Group) -> None:
    click.echo()
    said = f": {group.meaning}" if group.meaning else ""
    click.echo(f"{click.style(group.title, bold=True)} ({len(group.items):,}){said}")


def _item(mark: str, text: str) -> None:
    if not sys.stdout.isatty():
        click.echo(f"  {mark}  {text}")
        return
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    grid.add_row(Text(mark, style="dim"), Text(text))
    Console().print(Padding(grid, (0, 0, 0, 2)))
