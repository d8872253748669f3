"""The PDF: tagged, titled, in its language, bookmarks, links, the same bytes each time, hostile text as text."""

from __future__ import annotations

import io
import time
from typing import Any

import numpy as np
import pdfplumber
import pypdfium2
import pytest
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import resolve1
from tests.render.conftest import funnel

from countersign.document import Cell, Column, Document, Link, Links, Paragraph, Point, RowRange, Section, Table
from countersign.render.pdf import render_pdf
from countersign.render.view import CannotDraw


def opened(pdf: bytes) -> PDFDocument:
    return PDFDocument(PDFParser(io.BytesIO(pdf)))


def words(pdf: bytes) -> str:
    return "".join("".join(page.get_textpage().get_text_range().split()) for page in pypdfium2.PdfDocument(pdf))


def kinds(node: Any) -> list[str]:
    """The structure types in the tree of tags, in reading order."""
    node = resolve1(node)
    if isinstance(node, list):
        return [kind for part in node for kind in kinds(part)]
    if not isinstance(node, dict):
        return []
    own = [node["S"].name] if "S" in node else []
    return own + (kinds(node["K"]) if "K" in node else [])


def test_it_is_tagged_and_says_that_it_was_made_as_pdf_ua_1(sample_pdf: bytes) -> None:
    catalogue = opened(sample_pdf).catalog
    assert resolve1(catalogue["MarkInfo"])["Marked"] is True
    assert resolve1(catalogue["Lang"]) == b"en-GB"
    assert resolve1(catalogue["ViewerPreferences"])["DisplayDocTitle"] is True
    metadata = resolve1(catalogue["Metadata"]).get_data()
    assert b"<pdfuaid:part>1</pdfuaid:part>" in metadata
    tags = kinds(resolve1(catalogue["StructTreeRoot"])["K"])
    assert {"Document", "H1", "H2", "Table", "THead", "TH", "TD", "Figure", "Caption", "L", "LI", "Link"} <= set(tags)
    assert tags.count("Figure") == 9


def test_every_drawing_has_a_text_alternative(sample_pdf: bytes) -> None:
    found: list[bytes] = []

    def walk(node: Any) -> None:
        node = resolve1(node)
        if isinstance(node, list):
            for part in node:
                walk(part)
        if isinstance(node, dict) and "S" in node:
            if node["S"].name == "Figure":
                found.append(node["Alt"])
            walk(node.get("K"))

    walk(resolve1(opened(sample_pdf).catalog["StructTreeRoot"])["K"])
    assert len(found) == 9
    assert all(found)


def test_sections_are_bookmarks_in_order(sample: Document, sample_pdf: bytes) -> None:
    titles = [title for level, title, *_ in opened(sample_pdf).get_outlines() if level == 1]
    assert titles == [section.title for section in sample.sections]


def test_ranges_of_rows_are_links_inside_the_file(sample_pdf: bytes) -> None:
    links = [
        resolve1(note) for page in PDFPage.create_pages(opened(sample_pdf)) for note in resolve1(page.annots or [])
    ]
    assert len(links) >= 6
    assert all(link["Subtype"].name == "Link" for link in links)
    assert b"/URI" not in sample_pdf


def test_only_the_shipped_font_is_inside(sample_pdf: bytes) -> None:
    fonts = {
        name.split("+")[-1]
        for page in pypdfium2.PdfDocument(sample_pdf)
        for item in page.get_objects()
        if item.type == 1
        for name in [item.get_font().get_base_name()]
    }
    assert {name.split("-")[0] for name in fonts} == {"Inter"}


@pytest.mark.slow
def test_the_same_document_gives_the_same_bytes_at_another_time(sample: Document, sample_pdf: bytes) -> None:
    time.sleep(1.1)  # the clock of a PDF counts seconds
    assert render_pdf(sample) == sample_pdf
    assert b"CreationDate" not in sample_pdf


@pytest.mark.slow
def test_hostile_texts_are_shown_as_text(hostile_pdf: bytes) -> None:
    text = words(hostile_pdf)
    assert '#setpage(width:1cm)#panic("no")$x$*bold*_it_@label<label>`raw`\\u{41}' in text
    assert "</script><script>alert(1)</script>" in text
    assert "one[U+202E]two[U+2066]three[U+200B]four" in text
    assert "[U+6771][U+4EAC]" in text
    assert b"/JavaScript" not in hostile_pdf
    assert b"/URI" not in hostile_pdf


def sizes(pdf: bytes, pages: int) -> list[float]:
    """The sizes of all characters of the first pages, in points, drawings' too."""
    with pdfplumber.open(io.BytesIO(pdf)) as opened_pdf:
        return [char["size"] for page in opened_pdf.pages[:pages] for char in page.chars if char["text"].strip()]


def filled(pdf: bytes) -> list[float]:
    """How far down each page is filled, between header and footer."""
    parts = []
    for page in pypdfium2.PdfDocument(pdf):
        picture = page.render(scale=0.4, grayscale=True).to_numpy().squeeze()
        body = picture[int(len(picture) * 0.06) : int(len(picture) * 0.93)]
        inked = np.flatnonzero((body < 200).any(axis=1))
        parts.append(float(inked.max() + 1) / len(body) if len(inked) else 0.0)
    return parts


def test_a_turned_table_over_a_page_bears_each_place_once() -> None:
    """The head that bears them was said again on the next page: "label occurs multiple times", and no PDF at all."""
    head = tuple(Column(f"c{at}", "Head of a column") for at in range(90))
    rows = tuple(
        (Cell(f"{row}", rows=(RowRange("met", row, row),)), *(Cell("1,234,567") for _ in head[1:])) for row in (1, 2)
    )
    on = Table("o", "O", head[:1], ((Cell("1", rows=(RowRange("met", 1, 1),)),),))
    table = Table("t", "T", head, rows, rows_of="met")
    pdf = render_pdf(Document("T", "s", "en-GB", (Section("S", "s", (on, table)),)))
    assert len(pypdfium2.PdfDocument(pdf)) == 2


@pytest.mark.slow
def test_no_text_is_under_8_points_and_no_page_is_turned(sample_pdf: bytes) -> None:
    assert min(sizes(sample_pdf, 4)) >= 7.99
    assert all(page.get_width() < page.get_height() for page in pypdfium2.PdfDocument(sample_pdf))


@pytest.mark.slow
def test_the_brief_of_the_real_record_has_four_pages_and_every_page_is_filled() -> None:
    import countersign

    review = countersign.review_source("shipped:met", claims="shipped", groups="shipped", corrections="shipped")
    pdf = render_pdf(review.brief, review.document)
    behind = "The counts behind the charts of the brief"
    pages = [number for number, page in enumerate(pypdfium2.PdfDocument(pdf), 1) if behind in words_of(page)]
    # The first is that of the contents, which begins where the brief ends or on the next page.
    assert pages[0] <= 5
    assert all(part >= 0.4 for part in filled(pdf)[:-1])
    assert min(sizes(pdf, 12)) >= 7.99
    assert len(pdf) < 3_500_000


@pytest.mark.slow
@pytest.mark.parametrize("source", ["south-wales", "thames-valley", "bridges-2017-12-21", "invented-failing"])
def test_every_review_in_a_pdf_has_a_short_brief_large_type_and_filled_upright_pages(source: str) -> None:
    import countersign

    review = countersign.review_source(f"shipped:{source}")
    pdf = render_pdf(review.brief, review.document)
    pages = list(pypdfium2.PdfDocument(pdf))
    title = "".join(review.document.title.split())
    contents = next(at for at, page in enumerate(pages) if at and title in "".join(words_of(page).split()))
    assert contents <= 4
    assert all(part >= 0.4 for part in filled(pdf)[:-1])
    assert min(sizes(pdf, len(pages))) >= 7.99
    assert all(page.get_width() < page.get_height() for page in pages)


def words_of(page: Any) -> str:
    return str(page.get_textpage().get_text_range())


def test_a_brief_and_its_annex_are_one_file_whose_links_meet() -> None:
    there, back = Link("rows", "rows", "evidence.html"), Link("the point", "point", "review.html")
    points = (Point("point", "P", "Said.", (there,)), funnel())
    brief = Document("Brief", "", "en", (Section("rows", "Story", points),), ("Force",))
    annex = Document("Evidence", "", "en", (Section("rows", "Rows", (Links("In the brief", (back,)),)),))
    pdf = render_pdf(brief, annex)
    titles = [title for level, title, *_ in opened(pdf).get_outlines() if level == 1]
    assert titles == ["Story", "Evidence", "The counts behind the charts of the brief", "Rows"]
    links = [resolve1(note) for page in PDFPage.create_pages(opened(pdf)) for note in resolve1(page.annots or [])]
    # One from the brief to the annex and one back, one to the counts of the chart, and two of the contents.
    assert len(links) == 5
    numbers = [words_of(page).split()[-3:] for page in pypdfium2.PdfDocument(pdf)]
    assert numbers == [[str(at), "/", str(len(numbers))] for at in range(1, len(numbers) + 1)]
    assert "Force" in words(pdf)


def test_progress_is_told() -> None:
    told: list[str] = []
    render_pdf(
        Document("x", "", "en", (Section("s", "S", (Paragraph("p"),)),)),
        progress=lambda doing, done, of: told.append(doing),
    )
    assert "setting the PDF" in told


def test_what_cannot_be_drawn_is_refused_whole() -> None:
    with pytest.raises(CannotDraw):
        render_pdf(Document("x", "", "", ()))
