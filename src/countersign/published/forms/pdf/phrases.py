"""The phrases of pages as a grid of cells, for forms of labels and values, and for tables that stand on their side.

Phrases that stand over each other make a column. Lines of a single phrase, such as titles, belong to the first column
and make none. A label is never taken by its place: what is known of it decides (``shapes``).
"""

from __future__ import annotations

from collections.abc import Sequence

from countersign.published.forms.pdf.headings import Line, lines_of
from countersign.published.forms.pdf.page import Page
from countersign.published.table.shapes import Grid


def grid_of(pages: Sequence[Page]) -> Grid:
    """All lines of all pages as rows of a grid; ``number`` is the first page."""
    rows: list[tuple[str, ...]] = []
    for page in pages:
        lines = lines_of(page.words, page.down)
        columns = _columns(lines)
        rows += [_cells(line, columns) for line in lines]
    return Grid("", pages[0].number, tuple(rows), tuple(range(1, len(rows) + 1)), kind="page", word="line")


def _columns(lines: Sequence[Line]) -> list[tuple[float, float]]:
    """The extents of columns: phrases of lines with several, joined where they overlap."""
    extents = sorted((phrase.x0, phrase.x1) for line in lines if len(line.phrases) > 1 for phrase in line.phrases)
    columns: list[tuple[float, float]] = []
    for x0, x1 in extents:
        if columns and x0 < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], x1))
        else:
            columns.append((x0, x1))
    return columns


def _cells(line: Line, columns: Sequence[tuple[float, float]]) -> tuple[str, ...]:
    if len(line.phrases) < 2 or not columns:
        return (line.text,)
    cells = [""] * len(columns)
    for phrase in line.phrases:
        at = next(index for index, (x0, x1) in enumerate(columns) if x0 <= phrase.x0 and phrase.x1 <= x1)
        cells[at] = f"{cells[at]} {phrase.text}".strip()
    return tuple(cells)
