"""The tree both forms are drawn from: links that lead somewhere, levels in order, names of places that are unique."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from countersign.document import (
    Cell,
    Column,
    Document,
    Figure,
    Finding,
    Heading,
    Link,
    Links,
    Paragraph,
    QuoteCard,
    RowRange,
    Section,
    Table,
)
from countersign.render.view import ROWS_DRAWN, CannotDraw, view


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from nodes(part)


def document(*blocks: Any) -> Document:
    return Document("Title", "", "en-GB", (Section("one", "One", tuple(blocks)),))


def printed_rows(name: str, count: int) -> Table:
    rows = tuple((Cell(str(number)), Cell("x")) for number in range(1, count + 1))
    return Table(f"rows-{name}", "Rows", (Column("row", "Row"), Column("x", "X")), rows, rows_of=name)


def figure(*rows: RowRange) -> Figure:
    return Figure("Label", "1 in 9", "", 1, 9.0, None, None, "exact", rows=rows)


def test_every_link_leads_to_a_place_that_is_there_once(sample: Document, hostile: Document) -> None:
    for tree in (view(sample), view(hostile)):
        places = [node["id"] for node in nodes(tree["sections"]) if node.get("id")]
        targets = [node["target"] for node in nodes(tree) if node.get("target")]
        assert len(places) == len(set(places))
        assert targets
        assert set(targets) <= set(places)


def test_row_ranges_are_worded_and_point_to_their_first_row() -> None:
    ranges = (RowRange("met", 1, 3), RowRange("met", 5, 5))
    links = view(document(figure(*ranges), printed_rows("met", 9)))["sections"][0]["blocks"][0]["figures"][0]["rows"]
    assert links == [
        {"before": "", "text": "rows 1–3", "target": "rows-met-1-3", "row": "row-met-1"},
        {"before": "", "text": "5", "target": "row-met-5", "row": "row-met-5"},
    ]


def test_a_single_row_is_a_row_and_several_documents_are_named() -> None:
    ranges = (RowRange("a", 2, 2), RowRange("b", 1, 2))
    tree = view(document(figure(*ranges), printed_rows("a", 2), printed_rows("b", 2)))
    links = tree["sections"][0]["blocks"][0]["figures"][0]["rows"]
    assert [(link["before"], link["text"]) for link in links] == [("a", "row 2"), ("b", "rows 1–2")]


def test_a_range_whose_row_is_not_drawn_is_worded_and_not_linked() -> None:
    links = view(document(figure(RowRange("met", 12, 14)), printed_rows("met", 9)))["sections"][0]["blocks"][0]
    assert links["figures"][0]["rows"] == [{"before": "", "text": "rows 12–14", "target": "", "row": ""}]


def test_heading_levels_are_never_left_out() -> None:
    blocks = (Heading("a", "a", 4), Heading("b", "b", 4), Heading("c", "c", 3), Finding("f", "s", "t", "x"))
    drawn = view(document(*blocks))["sections"][0]["blocks"]
    assert [block["level"] for block in drawn] == [3, 4, 3, 4]


def test_figures_in_a_row_are_one_group() -> None:
    drawn = view(document(figure(), figure(), Paragraph("between"), figure()))["sections"][0]["blocks"]
    assert [len(block.get("figures", ())) for block in drawn] == [2, 0, 1]


def test_a_very_long_table_says_how_many_rows_are_drawn() -> None:
    drawn = view(document(printed_rows("met", ROWS_DRAWN + 5)))["sections"][0]["blocks"][0]
    assert len(drawn["rows"]) == ROWS_DRAWN
    assert drawn["note"] == "The first 1,000 of 1,005 rows are drawn; the JSON of this report holds all."


def test_an_address_is_printed_and_never_a_target() -> None:
    table = Table(
        "t", "T", (Column("a", "A"),), ((Cell("the page", link="https://example.org/"),), (Cell("x", link="#gone"),))
    )
    cells = [row["cells"][0] for row in view(document(table))["sections"][0]["blocks"][0]["rows"]]
    assert [(cell["target"], cell["address"]) for cell in cells] == [("", "https://example.org/"), ("", "")]


def test_a_row_of_another_length_is_refused_with_its_place() -> None:
    table = Table("t", "T", (Column("a", "A"),), ((Cell("1"),), (Cell("1"), Cell("2"))))
    with pytest.raises(CannotDraw, match="table 't', row 2: 2 cells for 1 columns"):
        view(document(table))


@pytest.mark.parametrize("language", ["", "English", 'en" onload="x', "en_GB"])
def test_a_language_that_is_no_tag_is_refused(language: str) -> None:
    with pytest.raises(CannotDraw, match="language"):
        view(Document("Title", "", language, ()))


def test_no_title_is_left_empty(hostile: Document) -> None:
    tree = view(hostile)
    assert all(node["title"] for node in nodes(tree) if "title" in node)
    assert "Without a title" in {node.get("title") for node in nodes(tree)}


def test_a_link_leads_within_this_file_or_to_the_plain_name_of_a_page_beside_it() -> None:
    links = Links("In", (Link("here", "one"), Link("gone", "nowhere"), Link("there", "claims", "evidence.html")))
    drawn = view(document(links, Links("Again", (Link("there", "claims", "evidence.html"),))))["sections"][0]["blocks"]
    assert [(link["target"], link["file"]) for link in drawn[0]["links"]] == [
        ("one", ""),
        ("", ""),
        ("claims", "evidence.html"),
    ]
    # The first link to a place that has moved is that place here: old addresses lead to it.
    assert [link["id"] for link in (*drawn[0]["links"], *drawn[1]["links"])] == ["", "", "claims", ""]
    for file in ("https://example.org/x.html", "../up.html", "javascript:x.html", "a.pdf", ".html"):
        with pytest.raises(CannotDraw, match="plain name of a page"):
            view(document(Links("In", (Link("there", "claims", file),))))


def test_a_card_is_whole_or_cannot_be_built() -> None:
    texts = ("0 false alerts", "2024", "5 stayed unconfirmed", "at most 1 in 300", "the force", "1 May 2026")
    card = QuoteCard("q", *texts)
    assert all(text in card.text for text in texts)
    for name in (name for name in card.__struct_fields__ if name != "links"):
        with pytest.raises(ValueError, match="a card is whole or not there"):
            msgspec.structs.replace(card, **{name: " "})


def test_on_a_page_of_a_site_links_lead_to_its_other_files_and_to_nothing_else() -> None:
    cells = ("./a-b/index.html", "./data/x.csv", ".//evil.example", "./../up.html", "./a/b?c", "www.example.org/a.html")
    table = Table("t", "T", (Column("c", "C"),), tuple((Cell("here", link=link),) for link in cells))
    squares = Links("More", (Link("Report", "duty-a", "./R9F-8DW/report.html"),))
    tree = view(document(table, squares), "../")
    found = [cell["file"] for row in tree["sections"][0]["blocks"][0]["rows"] for cell in row["cells"]]
    assert found == ["../a-b/index.html", "../data/x.csv", "", "", "", ""]
    [link] = tree["sections"][0]["blocks"][1]["links"]
    assert (link["file"], link["target"]) == ("../R9F-8DW/report.html", "duty-a")
    with pytest.raises(CannotDraw):
        view(document(Links("More", (Link("Out", "", ".//evil.example/a.html"),))))


def test_a_state_in_a_column_of_states_has_its_shape_and_the_same_word_elsewhere_has_none() -> None:
    columns = (Column("name", "Name"), Column("outcome", "Outcome"))
    words = ("Not met", "holds", "cannot be checked", "stated", "counted")
    table = Table("t", "T", columns, tuple((Cell(word), Cell(word)) for word in words))
    rows = view(document(table))["sections"][0]["blocks"][0]["rows"]
    assert [cell["shape"] for row in rows for cell in row["cells"][:1]] == [""] * 5
    assert [row["cells"][1]["shape"] for row in rows] == ["not-met", "met", "not-shown", "stated", ""]
