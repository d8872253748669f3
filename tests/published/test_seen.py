"""On generated pages no visible letter is lost and no invisible one is read."""

from __future__ import annotations

import random

import pytest
from tests.published.forms_made import as_pdf

from countersign.progress import silent
from countersign.published.forms.pdf.page import pages

WORD = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
#: How a word is dressed, in Typst's markup, and whether a reader sees it.
DRESSES: tuple[tuple[str, bool], ...] = (
    ("{}", True),
    ("#text(fill: luma(120))[{}]", True),
    ("#strong[{}]", True),
    ("#box(fill: navy, outset: 2pt)[#text(fill: white)[{}]]", True),
    ("#box(fill: luma(230), outset: 2pt)[{}]", True),
    ("#text(fill: white)[{}]", False),
    ("#box(fill: navy, outset: 3pt)[#text(fill: navy)[{}]]", False),
    ("#box(width: 70pt)[{}#place(top, dx: -2pt, dy: -3pt, rect(width: 70pt, height: 14pt, fill: black))]", False),
)


def check(seed: int, count: int) -> None:
    source = random.Random(seed)
    seen: list[set[str]] = []
    unseen: set[str] = set()
    made = []
    for _ in range(count):
        words: set[str] = set()
        text = []
        for _ in range(40):
            word = "".join(source.choices(WORD, k=7))
            dress, visible = source.choice(DRESSES)
            (words if visible else unseen).add(word)
            text.append(dress.format(word))
        seen.append(words)
        made.append(" #h(6pt) ".join(text))
    for page, words in zip(pages(as_pdf("\n#pagebreak()\n".join(made)), "a.pdf", silent), seen, strict=True):
        read = {word.text for word in page.words}
        assert read == words, page.number
        assert not read & unseen


@pytest.mark.slow
def test_no_visible_letter_is_lost_and_no_invisible_one_is_read() -> None:
    check(1, 12)


@pytest.mark.slow
def test_on_two_hundred_pages() -> None:
    check(2, 200)
