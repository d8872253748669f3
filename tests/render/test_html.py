"""The page as a file: complete, in order, escaped, without script or outward reference, the same bytes each time."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from countersign.document import Document
from countersign.render.html import render_html, row_links
from countersign.render.text import shown
from countersign.render.view import CannotDraw

VOID = {"meta", "link", "img", "br", "hr", "input", "wbr"}


class Page(HTMLParser):
    """Tags with their attributes in order, what is open, and the text."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(page.decode("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)

    def values(self, name: str) -> list[str]:
        return [attributes[name] or "" for _, attributes in self.tags if name in attributes]


@pytest.mark.parametrize("which", ["sample_page", "hostile_page"])
def test_a_page_is_well_formed_and_stands_alone(which: str, request: pytest.FixtureRequest) -> None:
    page = Page(request.getfixturevalue(which))
    assert page.open == []
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "form", "base", "audio", "video", "image"}
    for _, attributes in page.tags:
        assert not [
            name for name in attributes if name.startswith("on") or name in ("src", "srcset", "style", "action")
        ]
    outward = [target for target in page.values("href") if not target.startswith("#")]
    # A page beside this one, or a drawing that the address itself holds.
    assert all(re.fullmatch(r"evidence\.html(#[\w.-]+)?|data:image/svg\+xml;base64,[\w+/=]+", each) for each in outward)
    assert set(page.values("href")) - {"#report", *outward} <= {f"#{place}" for place in page.values("id")}


@pytest.mark.parametrize("which", ["sample_page", "hostile_page"])
def test_places_are_unique_and_names_refer_to_them(which: str, request: pytest.FixtureRequest) -> None:
    page = Page(request.getfixturevalue(which))
    places = page.values("id")
    assert len(places) == len(set(places))
    for name in ("aria-labelledby", "aria-describedby"):
        for value in page.values(name):
            assert set(value.split()) <= set(places)


@pytest.mark.parametrize("which", ["sample_page", "hostile_page"])
def test_heading_levels_descend_one_at_a_time(which: str, request: pytest.FixtureRequest) -> None:
    levels = [int(tag[1]) for tag, _ in Page(request.getfixturevalue(which)).tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_hostile_texts_are_shown_as_text(hostile_page: bytes, hostile_texts: tuple[str, ...]) -> None:
    texts = [text.strip() for text in Page(hostile_page).texts]
    for text in hostile_texts:
        if text:
            assert texts.count(shown(text)) >= 20
    for hidden in "\x00\x1b\u202e\u2066\u200b\uffff":
        assert hidden not in hostile_page.decode("utf-8")


def test_language_and_policy_are_stated(sample_page: bytes) -> None:
    page = Page(sample_page)
    assert ("html", {"lang": "en-GB"}) in page.tags
    policies = [attributes["content"] for _, attributes in page.tags if "http-equiv" in attributes]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]


def test_the_style_sheet_fetches_nothing(sample_page: bytes) -> None:
    style = sample_page.decode().split("<style>")[1].split("</style>")[0]
    assert len(style) > 1000
    assert "url(" not in style
    assert "@import" not in style
    assert "@font-face" not in style


def test_tables_have_captions_and_headers(sample_page: bytes) -> None:
    page = Page(sample_page)
    names = [tag for tag, _ in page.tags]
    assert names.count("table") == names.count("caption") == names.count("thead") > 5
    assert {attributes.get("scope") for tag, attributes in page.tags if tag == "th"} == {"row", "col"}
    regions = [attributes for tag, attributes in page.tags if attributes.get("role") == "region"]
    assert len(regions) == names.count("table")
    assert all(attributes["tabindex"] == "0" and attributes["aria-labelledby"] for attributes in regions)


def test_rows_are_places_and_ranges_link_to_them(sample_page: bytes) -> None:
    text = sample_page.decode()
    assert (
        '<a class="rows" href="#rows-met-2024-1-40">rows 1–40</a>, <a class="rows" href="#row-met-2024-45">45</a>'
        in text
    )
    assert '<tr role="row" id="row-met-2024-45">' in text
    assert "table:has(#rows-met-2024-1-40:target) tbody tr:nth-child(n+1):nth-child(-n+40)" in text


def test_a_wall_of_row_numbers_is_folded_and_a_few_are_not() -> None:
    links = [{"before": "", "text": f"rows {at}", "target": ""} for at in range(7)]
    assert "<details" not in row_links(links[:6])
    assert "<summary>rows 0 and 6 more</summary>" in row_links(links)


def test_a_state_is_said_in_words_with_a_shape_that_no_other_has(sample_page: bytes) -> None:
    text = sample_page.decode()
    assert '<h3><span class="status stated"><span class="shape stated"></span>holds only as stated</span>' in text
    shapes = re.findall(r"\.shape\.([a-z-]+) \{ ([^}]*)", text)
    assert len({look for _, look in shapes}) == len(shapes) == 4


def test_hostile_labels_stay_inside_the_strings_of_the_style_sheet(hostile_page: bytes) -> None:
    style = hostile_page.decode().split("<style>")[1].split("</style>")[0]
    assert "<" not in style
    strings = re.findall(r'"[^"\n]*"', style)
    assert any("alert(1)" in string for string in strings)
    assert "alert(" not in re.sub(r'"[^"\n]*"', "", style)


def test_the_same_document_gives_the_same_bytes(sample: Document, sample_page: bytes) -> None:
    assert render_html(sample) == sample_page


def test_what_cannot_be_drawn_is_refused_whole(sample: Document) -> None:
    with pytest.raises(CannotDraw) as refusal:
        render_html(Document("x", "", "no language", sample.sections))
    assert refusal.value.exit_code == 2
