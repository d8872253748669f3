"""Tables on paper: words keep their room, pages turn when they must, and what is left over is shared out whole."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.document import Block, Cell, Chart, Column, Document, Heading, Section, Table
from countersign.render.pdf import TURNED, UPRIGHT, fit, on_paper, shared
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


def test_a_small_table_keeps_its_natural_width() -> None:
    table = fitted(3, 5, "123")
    assert (table["turned"], table["size"], table["shares"]) == (False, 8.0, [])


def test_a_broad_table_of_many_rows_turns_the_page_and_one_of_few_gets_smaller_type() -> None:
    assert fitted(14, 40, "1,234,567")["turned"]
    few = fitted(11, 3, "1,234,567")
    assert (few["turned"], few["size"]) == (False, 6.2)


def test_a_table_whose_words_fit_no_upright_page_turns_it_however_short_it_is() -> None:
    assert fitted(14, 1, "Unconfirmed-alerts")["turned"]


def test_the_broadest_gets_the_smallest_type_and_every_column_a_share() -> None:
    table = fitted(60, 2, "Unconfirmed")
    assert (table["turned"], table["size"], len(table["shares"])) == (True, TURNED[-1][0], 60)


def test_rows_with_a_very_long_cell_may_break_over_a_page() -> None:
    assert fitted(2, 1, "word " * 50)["whole"]
    assert not fitted(2, 1, "word " * 500)["whole"]


def test_turned_tables_share_pages_and_keep_their_heading_with_them() -> None:
    broad, small = filled(14, 40, "1,234,567"), filled(2, 2, "1")
    blocks = drawn(Heading("A", "a"), broad, Heading("B", "b"), broad, Heading("C", "c"), small)
    assert [block["kind"] for block in on_paper(blocks)] == ["turned", "heading", "table"]
    assert [block["kind"] for block in on_paper(drawn(Heading("A", "a"), small, broad))] == [
        "heading",
        "table",
        "turned",
    ]


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


def test_sizes_grow_smaller_as_more_must_fit() -> None:
    for sizes in (UPRIGHT, TURNED):
        assert list(sizes) == sorted(sizes, key=lambda pair: (-pair[0], pair[1]))
