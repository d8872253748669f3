"""The only way from a command to a terminal: what is printed has passed ``countersign.words.hidden``.

A file that a command reads may be hostile: its names and cells may hold sequences that repaint the screen, marks that
turn the reading round, and line breaks that forge a line of the program's own. Style is given as an option, never as
characters within the text. A test holds that no command prints by another way.

Progress is one line on standard error, rewritten in place, and only for work that takes over a second at a terminal:
logs and pipes stay clean. Findings are numbered sentences under headings with counts; long lists are cut with a note.
On a terminal they are wrapped with a hanging indent; into a file or a pipe each finding is one plain line.

>>> with progress_shown() as progress:
...     progress("reading pages", 3, 9)
"""

from __future__ import annotations

import math
import shutil
import sys
import textwrap
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from countersign.progress import Progress, silent
from countersign.words.hidden import in_json, line_by_line, on_one_line

if TYPE_CHECKING:
    from countersign.results.answers import Answer, Group


def echo(text: object = "", *, err: bool = False, nl: bool = True, bold: bool = False, dim: bool = False) -> None:
    """Print one line; line breaks within it become blanks."""
    plain = on_one_line(str(text))
    _put(click.style(plain, bold=True if bold else None, dim=True if dim else None), plain, err=err, nl=nl)


def echo_lines(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print a text of the program's own that has several lines; no value from a file may bring a line break into it."""
    plain = line_by_line(text)
    _put(plain, plain, err=err, nl=nl)


_COLLECTING: ContextVar[list[str] | None] = ContextVar("collecting", default=None)


def _put(styled: str, plain: str, *, err: bool, nl: bool) -> None:
    lines = _COLLECTING.get()
    if lines is None or err:
        click.echo(styled, err=err, nl=nl)
    else:
        lines.append(f"{plain}\n" if nl else plain)


@contextmanager
def collected() -> Iterator[list[str]]:
    """What is printed to standard output meanwhile, in pieces, instead of printing it; errors are printed as ever."""
    lines: list[str] = []
    token = _COLLECTING.set(lines)
    try:
        yield lines
    finally:
        _COLLECTING.reset(token)


def echo_json(text: str | bytes, *, err: bool = False) -> None:
    """Print JSON: the same value, with hidden characters escaped."""
    plain = in_json(text if isinstance(text, str) else text.decode("utf-8"))
    _put(plain, plain, err=err, nl=True)


def echo_values(found: object) -> None:
    """Print values of any typed kind as indented JSON."""
    import msgspec

    echo_json(msgspec.json.format(msgspec.json.encode(found), indent=1))


def picked(source: object, *names: str) -> dict[str, Any]:
    """The attributes of these names, for JSON; an infinite number is ``None``."""
    values = {name: getattr(source, name) for name in names}
    return {name: finite(value) if isinstance(value, float) else value for name, value in values.items()}


def finite(value: float) -> float | None:
    """A number for JSON, which has no infinity."""
    return value if math.isfinite(value) else None


def echo_brief(title: str, lines: Sequence[str], written: Sequence[Path], asks: Sequence[str] = ()) -> None:
    """Print a brief: its title, its sentences numbered, what to ask for next, and the files it was written to."""
    width = min(shutil.get_terminal_size().columns, 100)
    echo(title, bold=True)
    for number, sentence in enumerate(lines, 1):
        echo_lines(textwrap.fill(sentence, width, initial_indent=f"{number}. ", subsequent_indent="   "))
    if asks:
        echo_lines(textwrap.fill(f"Ask next: {' '.join(asks)}", width, subsequent_indent="   "))
    echo()
    for path in written:
        echo(f"Written: {path}")


#: Work shorter than this shows nothing, in seconds.
PATIENCE = 1.0
#: A longer list is cut to this many, unless all are asked for.
SHOWN = 5


@contextmanager
def progress_shown() -> Iterator[Progress]:
    """A ``Progress`` that shows itself on a terminal after ``PATIENCE``, and leaves no trace when it ends."""
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.text import Text

    # The stream itself: a rehearsal puts others in its place while a command runs within it.
    console = Console(file=sys.stderr)
    started = time.monotonic()
    status = console.status("")
    shown = False

    def show(doing: str, done: int, of: int | None) -> None:
        nonlocal shown
        status.update(Text(on_one_line(doing if of is None else f"{doing}: {done:,} of {of:,}")))
        if not shown and time.monotonic() - started > PATIENCE:
            shown = True
            status.start()

    try:
        yield show
    finally:
        status.stop()


def show(answer: Answer, *, everything: bool, page: Path | None = None) -> None:
    """Print the lines and the groups that have items, in order. ``everything``: no list is cut. ``page``: a file to
    write all of it to as a page that stands alone. Raises ``CannotWrite``.
    """
    for line in (*answer.lines, answer.said):
        echo(line)
    for group in answer.groups:
        if group.items:
            _heading(group)
            kept = group.items if everything or len(group.items) <= SHOWN + 1 else group.items[:SHOWN]
            width = max(len(mark) for mark, _ in kept)
            for mark, text in kept:
                _item(mark.rjust(width), text)
            if len(kept) < len(group.items):
                echo(f"  … {len(group.items) - len(kept):,} more; --all shows them", dim=True)
    if page is not None:
        from countersign.output import write_whole
        from countersign.render.html import render_html
        from countersign.results.answers import document_of

        echo(f"Written: {write_whole(page, render_html(document_of(answer)))}")


def _heading(group: Group) -> None:
    echo()
    said = f": {group.meaning}" if group.meaning else ""
    echo(group.title, bold=True, nl=False)
    echo(f" ({len(group.items):,}){said}")


def _item(mark: str, text: str) -> None:
    if not sys.stdout.isatty() or _COLLECTING.get() is not None:
        echo(f"  {mark}  {text}")
        return
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    grid.add_row(Text(mark, style="dim"), Text(on_one_line(text)))
    Console().print(Padding(grid, (0, 0, 0, 2)))
