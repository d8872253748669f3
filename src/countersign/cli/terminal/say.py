"""The only way from a command to a terminal: what is printed has passed ``countersign.words.hidden``.

A file that a command reads may be hostile: its names and cells may hold sequences that repaint the screen, marks that
turn the reading round, and line breaks that forge a line of the program's own. Style is given as an option, never as
characters within the text. A test holds that no command prints by another way.
"""

from __future__ import annotations

import math

import click

from countersign.words.hidden import in_json, line_by_line, on_one_line


def echo(text: object = "", *, err: bool = False, nl: bool = True, bold: bool = False, dim: bool = False) -> None:
    """Print one line; line breaks within it become blanks."""
    plain = on_one_line(str(text))
    click.echo(click.style(plain, bold=True if bold else None, dim=True if dim else None), err=err, nl=nl)


def echo_lines(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print a text of the program's own that has several lines; no value from a file may bring a line break into it."""
    click.echo(line_by_line(text), err=err, nl=nl)


def echo_json(text: str | bytes, *, err: bool = False) -> None:
    """Print JSON: the same value, with hidden characters escaped."""
    click.echo(in_json(text if isinstance(text, str) else text.decode("utf-8")), err=err)


def finite(value: float) -> float | None:
    """A number for JSON, which has no infinity."""
    return value if math.isfinite(value) else None
