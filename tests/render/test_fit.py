"""Tables on paper: words keep their room, pages turn when they must, and what is left over is shared out whole."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.document import Block, Cell, Chart, Column, Document, RowRange, Section, Table
from countersign.render.fit import CHARACTERS, fit, shared
from countersign.render.pdf import on_paper
from countersign.render.view import view


def drawn(*blocks: Block) -> list[dict[str, Any]]:
    blocks_of = view(Document("t", "", "en", (Section("s", "S", blocks),)))["sections"][0]["blocks"]
    return list(blocks_of)


def filled(columns: int, rows: int, text: str) -> Table:
    head = tuple(Column(f"c{at}", "Head") for at in range(columns))
    return Table("t", "T", head, tuple(tuple(Cell(text) for _ in range(columns)) for _ in range(rows)))


def fitted(columns: int, rows: int, text: str) -> dict[str, Any]:
    table = drawn(filled(columns, rows, text))[0]
    fit(table)
    return table


def test_a_small_table_keeps_its_natural_width_and_a_broader_one_shares_the_page() -> None:
    table = fitted(3, 5, "123")
    assert (table["form"], table["shares"]) == ("table", [])
    broad = fitted(10, 5, "some words 1,234")
    assert broad["form"] == "table"
    assert sum(broad["shares"]) == pytest.approx(CHARACTERS)


def test_a_broad_table_of_few_rows_is_turned_round() -> None:
    table = fitted(14, 3, "1,234,567")
    assert table["form"] == "table"
    assert (len(table["columns"]), len(table["rows"])) == (4, 13)
    # What stood in the corner names the head row, and no column.
    assert (table["columns"][0]["label"], table["columns"][0]["corner"]) == ("", "Head")
    head = tuple(Column(f"c{at}", "Head") for at in range(14))
    on = (Cell("2024", rows=(RowRange("met", 1, 3),)), *(Cell("1,234,567") for _ in head[1:]))
    table = drawn(Table("t", "T", head, (on, on), rows_of="met"))[0]
    fit(table)
    assert [column["id"] for column in table["columns"]] == ["", "row-met-2024", "row-met-2024-2"]
    assert [cell["text"] for cell in table["rows"][-1]["cells"]] == ["Source rows", "", ""]
    assert [len(cell["rows"]) for cell in table["rows"][-1]["cells"]] == [0, 1, 1]


def test_a_broad_table_of_many_rows_is_written_out_row_by_row() -> None:
    assert fitted(14, 40, "1,234,567")["form"] == "records"
    assert fitted(60, 60, "Unconfirmed")["form"] == "records"


def test_rows_with_a_very_long_cell_may_break_over_a_page() -> None:
    assert fitted(2, 1, "word " * 50)["whole"]
    assert not fitted(2, 1, "word " * 500)["whole"]


def test_a_charts_table_follows_it() -> None:
    chart = Chart("c", "funnel", "C", "What it shows.", filled(2, 2, "1"))
    assert [block["kind"] for block in on_paper(drawn(chart))] == ["chart", "table"]


widths = st.tuples(st.integers(1, 30), st.integers(0, 30)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@settings(deadline=None, max_examples=200)
@given(st.lists(widths, min_size=1, max_size=20), st.integers(10, 300))
def test_no_column_gets_less_than_its_least_and_nothing_is_lost(
    columns: list[tuple[int, int]], characters: int
) -> None:
    shares = shared(columns, characters)
    assert all(share >= low for share, (low, _) in zip(shares, columns, strict=True))
    least = sum(low for low, _ in columns)
    if any(want > low for low, want in columns):
        assert sum(shares) == pytest.approx(max(characters, least))
