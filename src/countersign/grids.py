"""Tables declared by their columns: each column says once what it shows of a row, and a number keeps its words.

A column takes a row of any type and gives its value: a text, a number, or ``None`` where there is none. A number goes
into the cell with the words for it, so what is printed and what is counted cannot differ.

>>> years = Grid[tuple[int, int]](
...     column("year", "Year", lambda row: row[0], words=str),
...     number("alerts", "Alerts", lambda row: row[1]),
... )
>>> table = years.table("by-year", "Alerts by year", [(2023, 1204), (2024, 880)])
>>> [(cell.text, cell.number) for cell in table.rows[0]], table.columns[1].align
([('2023', 2023), ('1,204', 1204)], 'end')
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, Literal, TypeAlias, TypeVar

from countersign.document import Cell, Column, RowRange, Table
from countersign.words.numbers import count

Row = TypeVar("Row")
#: What a column shows of a row.
Value: TypeAlias = str | int | float | Cell | None


@dataclass(frozen=True)
class GridColumn(Generic[Row]):
    """A column as the table has it, and how its cell is made of a row."""

    column: Column
    cell: Callable[[Row], Cell]


def column(
    key: str,
    label: str,
    value: Callable[[Row], Value],
    *,
    words: Callable[[float], str] = count,
    missing: str = "-",
    rows: Callable[[Row], tuple[RowRange, ...]] | None = None,
    link: Callable[[Row], str | None] | None = None,
    align: Literal["start", "end"] = "start",
) -> GridColumn[Row]:
    """A column. ``words`` are those for a number, ``missing`` stands where the value is ``None``. ``rows`` and ``link``
    give what the cell stands on and the place it points to. A ``Cell`` made by
    hand is taken as it is.
    """

    def cell(row: Row) -> Cell:
        shown = value(row)
        if isinstance(shown, Cell):
            return shown
        stands_on, target = () if rows is None else rows(row), None if link is None else link(row)
        if isinstance(shown, str):
            return Cell(shown, None, stands_on, target)
        return Cell(missing if shown is None else words(shown), shown, stands_on, target)

    return GridColumn(Column(key, label, align), cell)


def number(
    key: str,
    label: str,
    value: Callable[[Row], Value],
    *,
    words: Callable[[float], str] = count,
    missing: str = "-",
    rows: Callable[[Row], tuple[RowRange, ...]] | None = None,
) -> GridColumn[Row]:
    """A column of numbers, aligned to the end. A text in it is a number that cannot be given, and says why."""
    return column(key, label, value, words=words, missing=missing, rows=rows, align="end")


class Grid(Generic[Row]):
    """The columns of a table over rows of one type."""

    def __init__(self, *columns: GridColumn[Row]) -> None:
        self.columns = columns

    def table(
        self,
        anchor: str,
        caption: str,
        rows: Iterable[Row],
        *,
        note: str = "",
        fold: bool = False,
        rows_of: str = "",
        rows_called: Literal["row", "entry"] = "row",
        places: tuple[str, ...] = (),
    ) -> Table:
        """The table of these rows; the rest as in ``document.Table``."""
        cells = tuple(tuple(made.cell(row) for made in self.columns) for row in rows)
        columns = tuple(made.column for made in self.columns)
        return Table(anchor, caption, columns, cells, note, fold, rows_of, rows_called, places)
