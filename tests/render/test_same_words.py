"""HTML and PDF hold the same words, block by block, in the same order."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pytest

from countersign.document import Document
from countersign.render.html import render_html
from countersign.render.pdf import render_pdf
from countersign.render.text import ZERO_WIDTH_SPACE, drawable
from countersign.render.view import view

#: Keys of the tree that are words for people.
WORDS = {
    "title", "subtitle", "text", "label", "value", "interval", "counts", "method", "note", "caption", "alternative",
    "status", "may", "may_not", "because", "address", "before",
}  # fmt: skip


def leaves(node: Any, key: str = "") -> Iterator[str]:
    if isinstance(node, dict):
        for name, part in node.items():
            yield from leaves(part, name)
    elif isinstance(node, list):
        for part in node:
            # Items, terms and texts of details are plain strings in lists.
            yield from leaves(part, "text" if isinstance(part, str) else key)
    elif isinstance(node, str) and key in WORDS and node:
        yield node


def squeezed(text: str) -> str:
    return "".join(text.replace(ZERO_WIDTH_SPACE, "").split())


def html_words(page: bytes) -> str:
    body = re.sub(r"<svg.*?</svg>|<nav.*?</nav>", "", page.decode("utf-8").split("<body>")[1], flags=re.DOTALL)
    return squeezed(html.unescape(re.sub(r"<[^>]*>", "", body)))


def pdf_words(pdf: bytes, title: str, about: str) -> str:
    """The words of all pages without their headers (what it is about) and footers (the title and the page's number)."""
    texts = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
    # PDFium gives U+FFFE for a hyphen at the end of a line.
    pages = [squeezed(text.replace("\ufffe", "-")) for text in texts]
    footer = re.escape(squeezed(title)) + rf"\d+/{len(pages)}$"
    return "".join(re.sub(footer, "", page).removeprefix(squeezed(about)) for page in pages)


def missing(document: Document, page: bytes, pdf: bytes) -> list[tuple[str, str, str, str]]:
    """Words of the tree that one of the forms has not: which form, section, block, words."""
    tree = view(document)
    in_page, in_pdf = html_words(page), pdf_words(pdf, drawable(tree["title"]), drawable("·".join(tree["about"])))
    found = []
    for section in tree["sections"]:
        for block in [{"kind": "heading", "text": section["title"]}, *section["blocks"]]:
            for leaf in leaves(block):
                if squeezed(leaf) not in in_page:
                    found.append(("HTML", section["id"], block["kind"], leaf))
                if squeezed(drawable(leaf)) not in in_pdf:
                    found.append(("PDF", section["id"], block["kind"], leaf))
    return found


@pytest.mark.parametrize("which", ["sample", "hostile"])
def test_every_word_of_every_block_is_in_both(which: str, request: pytest.FixtureRequest) -> None:
    page, pdf = request.getfixturevalue(f"{which}_page"), request.getfixturevalue(f"{which}_pdf")
    assert missing(request.getfixturevalue(which), page, pdf) == []


@pytest.mark.slow
def test_every_word_of_the_report_on_the_real_record_is_in_both() -> None:
    import countersign

    review = countersign.review_source("shipped:met", claims="shipped", groups="shipped", corrections="shipped")
    assert missing(review.document, render_html(review.document), render_pdf(review.document)) == []


def test_sections_and_blocks_stand_in_the_same_order(sample: Document, sample_page: bytes, sample_pdf: bytes) -> None:
    tree = view(sample)
    for text in (html_words(sample_page), pdf_words(sample_pdf, tree["title"], "·".join(tree["about"]))):
        at = text.index(squeezed(tree["subtitle"]))
        for section in tree["sections"]:
            for block in [{"text": section["title"]}, *section["blocks"]]:
                first = squeezed(next(leaves({k: v for k, v in block.items() if k != "note"})))
                at = text.index(first, at)
