"""The places of a report's figures, and each computed anew: what ``countersign review SOURCE --figure PLACE`` prints.

A place is a row of a table (``rates-year:3``), a figure that stands alone (``figure:1``), or a rate or total of
``review.json`` by its scope and measure (``year=2024:false_alerts_per_face``, ``all=all rows:alerts``). Under every
table and figure of the evidence stands the line to copy. It reads the sources again and computes everything from them;
nothing of an earlier report is used. Rows as printed and entries of a log are sources, and have no line.

>>> row = (Cell("2024"), Cell("1 in 4", 0.25, (RowRange("met", 1, 3),)))
>>> table = Table("rates", "Rates", (Column("year", "Year"), Column("rate", "Rate")), (row,))
>>> [section] = with_lines((Section("s", "S", (table,)),), "countersign review a.csv")
>>> section.blocks[0].note
'Row N computed again: countersign review a.csv --figure rates:N'
>>> figure_at((section,), "rates:1")
('Rates, row 1', (('Year', '2024'), ('Rate', '1 in 4 (0.25); rows met:1-3')))
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

import msgspec
from msgspec.structs import replace

from countersign.document import Block, Cell, Chart, Column, Figure, RowRange, Section, Table
from countersign.errors import WrongForm
from countersign.reviews.model import RateLine, Review, TotalsOf
from countersign.words.lists import listing

#: A figure in words: what it is, and each part of it by name.
Said = tuple[str, tuple[tuple[str, str], ...]]
_FIGURE = "figure"


class FigureNotThere(
    WrongForm, next_step="Take the line that stands under the table or figure in evidence.html, with a row's number."
):
    """The report of these sources has no figure at the place named."""


def with_lines(sections: Sequence[Section], again: str) -> tuple[Section, ...]:
    """The sections with a line under each table and figure that computes it again; ``again`` is the review's own."""
    figures = 0
    made = []
    for section in sections:
        blocks: list[Block] = []
        for block in section.blocks:
            if isinstance(block, Figure):
                figures += 1
                line = f"computed again: {again} --{_FIGURE} {_FIGURE}:{figures}"
                blocks.append(replace(block, note="; ".join(filter(None, (block.note, line)))))
            elif isinstance(block, Chart):
                blocks.append(replace(block, table=_with_line(block.table, again)))
            else:
                blocks.append(_with_line(block, again) if isinstance(block, Table) else block)
        made.append(replace(section, blocks=tuple(blocks)))
    return tuple(made)


def _with_line(table: Table, again: str) -> Table:
    if not has_figures(table):
        return table
    line = f"Row N computed again: {again} --{_FIGURE} {table.anchor}:N"
    return replace(table, note=f"{table.note} {line}" if table.note else line)


def has_figures(table: Table) -> bool:
    """Whether a table holds figures: a number in a cell, and no rows as they were printed."""
    return not table.rows_of and any(cell.number is not None for row in table.rows for cell in row)


def tables_of(sections: Sequence[Section]) -> Iterator[Table]:
    """The tables of a report in order, those of its charts too."""
    for section in sections:
        for block in section.blocks:
            table = block.table if isinstance(block, Chart) else block
            if isinstance(table, Table):
                yield table


def figures_of(sections: Sequence[Section]) -> list[Figure]:
    """The figures of a report that stand alone, in order."""
    return [block for section in sections for block in section.blocks if isinstance(block, Figure)]


def figure_in(review: Review, place: str) -> Said:
    """What stands at a place of a review, in words. Raises ``FigureNotThere``."""
    scope, _, measure = place.rpartition(":")
    by, equals, name = scope.partition("=")
    if not equals:
        return figure_at(review.sections, place)
    parts: list[tuple[str, str]] = []
    lines: tuple[RateLine | TotalsOf, ...] = (*review.rates, *review.totals_by)
    for line in lines:
        if (line.by, line.scope) == (by, name):
            parts += _line_parts(line, measure)
    if not parts:
        raise FigureNotThere(f"{place}: there is no such rate or total in review.json")
    return f"{measure}, {by} {name}", tuple(parts)


def figure_at(sections: Sequence[Section], place: str) -> Said:
    """What stands at a row of a table or at a figure, in words. Raises ``FigureNotThere``."""
    anchor, _, number = place.rpartition(":")
    at = int(number) - 1 if number.isascii() and number.isdecimal() and len(number) < 8 else -1
    figures = figures_of(sections)
    tables = {table.anchor: table for table in tables_of(sections) if has_figures(table)}
    if anchor == _FIGURE and 0 <= at < len(figures):
        return _figure_parts(figures[at])
    if anchor in tables and 0 <= at < len(tables[anchor].rows):
        table = tables[anchor]
        cells = zip(table.columns, table.rows[at], strict=True)
        return f"{table.caption}, row {at + 1}", tuple(_cell_part(column, cell) for column, cell in cells)
    held = {name: len(table.rows) for name, table in tables.items()} | ({_FIGURE: len(figures)} if figures else {})
    near = [anchor] if anchor in held else get_close_matches(anchor or place, held, n=3, cutoff=0)
    there = listing([f"{name}:1{f' to {name}:{held[name]}' if held[name] > 1 else ''}" for name in near])
    raise FigureNotThere(f"{place}: there is no such figure{f'; the nearest: {there}' if there else ''}")


def _figure_parts(figure: Figure) -> Said:
    parts: dict[str, Any] = {
        "Value": figure.value, "Events": figure.events, "Of": figure.trials, "Interval": figure.interval,
        "Low": figure.low, "High": figure.high, "Method": figure.method, "Rows": _rows(figure.rows),
    }  # fmt: skip
    return figure.label, tuple((name, f"{value}") for name, value in parts.items() if value not in (None, ""))


def _cell_part(column: Column, cell: Cell) -> tuple[str, str]:
    exact = "" if cell.number is None or cell.text == str(cell.number) else f" ({cell.number!r})"
    rows = _rows(cell.rows)
    return column.label, f"{cell.text}{exact}{f'; rows {rows}' if rows else ''}"


def _rows(ranges: Sequence[RowRange]) -> str:
    return listing([f"{part.document}:{part.first}-{part.last}" for part in ranges])


def _line_parts(line: RateLine | TotalsOf, measure: str) -> Iterator[tuple[str, str]]:
    if isinstance(line, RateLine):
        if line.measure == measure:
            names = (name for name in line.__struct_fields__ if name not in ("by", "scope", "rows"))
            yield from ((name, _json(getattr(line, name))) for name in names)
            yield "source rows", _rows(line.rows)
    elif measure in line.totals.__struct_fields__:
        yield "reading", _json(line.reading)
        yield measure, _json(getattr(line.totals, measure))
        yield "printed_by", _json(line.totals.printed_by.get(measure))
        yield "source rows", _rows(line.rows)


def _json(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
