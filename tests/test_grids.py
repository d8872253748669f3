"""Tables declared by their columns: a cell has its number and the words for it, or says why there is none."""

from __future__ import annotations

from typing import NamedTuple

from countersign.document import Cell, Column, RowRange
from countersign.grids import Grid, column, number


class Year(NamedTuple):
    """A row."""

    name: int
    alerts: int | None
    rate: float


GRID = Grid[Year](
    column("year", "Year", lambda row: row.name, words=str, link=lambda row: f"#{row.name}"),
    number("alerts", "Alerts", lambda row: row.alerts, missing="not published", rows=lambda row: ranges(row.name)),
    number("rate", "Rate", lambda row: Cell(f"1 in {1 / row.rate:.0f}", row.rate)),
    column("told", "Told", lambda row: "all" if row.alerts else None),
)


def ranges(year: int) -> tuple[RowRange, ...]:
    return (RowRange("d", year, year),)


def test_each_column_makes_its_cell_of_the_row() -> None:
    table = GRID.table("t", "Alerts", [Year(2024, 1204, 0.25)], note="n", fold=True, rows_of="log", rows_called="entry")
    assert table.rows == (
        (Cell("2024", 2024, link="#2024"), Cell("1,204", 1204, rows=ranges(2024)), Cell("1 in 4", 0.25), Cell("all")),
    )
    assert table.columns == (
        Column("year", "Year"), Column("alerts", "Alerts", "end"), Column("rate", "Rate", "end"),
        Column("told", "Told"),
    )  # fmt: skip
    assert (table.anchor, table.caption, table.note, table.fold) == ("t", "Alerts", "n", True)
    assert (table.rows_of, table.rows_called) == ("log", "entry")


def test_nothing_is_said_as_missing_and_zero_is_a_number() -> None:
    empty, none = GRID.table("t", "Alerts", [Year(2023, None, 0.5), Year(2022, 0, 0.5)]).rows
    assert empty[1] == Cell("not published", rows=ranges(2023))
    assert none[1] == Cell("0", 0, rows=ranges(2022))
    assert (empty[3], none[3]) == (Cell("-"), Cell("-"))
