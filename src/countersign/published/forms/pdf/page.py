"""The pages of a PDF as words with positions and as ruled lines; no picture in it is ever decoded.

Lengths are in points from the page's top left corner. A PDF that cannot be opened for certain is refused whole:
encrypted, cut off (it does not end with its end mark), damaged, or one whose streams unpack beyond the limit. What
stands on the pages is not interpreted here (see ``pdf_headings`` and ``pdf_rows``).
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from countersign.errors import WrongForm
from countersign.progress import Progress
from countersign.published.files import TooLarge
from countersign.published.forms.pdf.bounds import MOST_PAGES, bounded
from countersign.published.table.values import readable

#: A stroke or filled box thinner than this many points is a rule.
THIN = 2.0

_MARK = re.compile(r"[0-9]{1,2}|[*†‡§¶]{1,3}")


class BrokenPdf(WrongForm):
    """A PDF is cut off or damaged, so that what it shows cannot be had for certain."""

    code = "broken-pdf"
    next_step = "Download it again, or ask the force for another copy."


class EncryptedPdf(WrongForm):
    """A PDF is encrypted with a password."""

    code = "encrypted-pdf"
    next_step = "Open it with its password, save it without one, and give that file."


class Word(NamedTuple):
    """A word and its box."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        """Half-way between top and bottom."""
        return (self.top + self.bottom) / 2


class Rule(NamedTuple):
    """A ruled line: ``at`` its position across its direction, from ``low`` to ``high`` along it."""

    at: float
    low: float
    high: float


class Page(NamedTuple):
    """One page: its words, its rules across (at a height) and down (at a distance from the left).

    ``pictures`` is the share of the page that pictures cover, from 0 to 1.
    """

    number: int
    words: tuple[Word, ...]
    across: tuple[Rule, ...]
    down: tuple[Rule, ...]
    pictures: float


def pages(content: bytes, name: str, progress: Progress) -> Iterator[Page]:
    """The pages in order. Raises ``BrokenPdf``, ``EncryptedPdf`` or ``TooLarge``."""
    if b"%%EOF" not in content[-2048:]:
        raise BrokenPdf(f"{name}: the PDF is cut off: its end mark is missing")
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect

    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    number = 0
    try:
        with bounded(name) as budget, pdfplumber.open(io.BytesIO(content)) as pdf:
            _count_pages(pdf.doc, name)
            total = len(pdf.pages)
            for number, page in enumerate(pdf.pages, start=1):
                progress("reading pages", number - 1, total)
                budget.page(number)
                yield _page(page.layout, number)
                page.close()
            progress("reading pages", total, total)
    except (WrongForm, MemoryError):
        raise
    except Exception as error:
        # pdfplumber puts what pdfminer raised into an error of its own: budgets spent, and a password that is wanted.
        reasons = [error, error.__cause__, error.__context__, *error.args]
        for reason in reasons:
            if isinstance(reason, TooLarge | MemoryError):
                raise reason from None
        if any(isinstance(reason, PDFPasswordIncorrect) for reason in reasons):
            raise EncryptedPdf(f"{name}: the PDF is encrypted with a password") from error
        where = f", page {number}" if number else ""
        raise BrokenPdf(f"{name}{where}: the PDF is damaged ({type(error).__name__})") from error
    if not number:
        raise BrokenPdf(f"{name}: the PDF has no page")


def _count_pages(document: Any, name: str) -> None:
    """Look for one page more than may be read, and no further."""
    from pdfminer.pdfpage import PDFPage

    if sum(1 for _ in islice(PDFPage.create_pages(document), MOST_PAGES + 1)) > MOST_PAGES:
        raise TooLarge(f"{name}: the PDF has more pages than the limit of {MOST_PAGES}")


def _page(layout: Any, number: int) -> Page:
    """What stands on a page, from pdfminer's marks: letters made into words by pdfplumber, strokes into rules."""
    from pdfminer.layout import LTChar, LTCurve, LTImage
    from pdfplumber.utils.text import extract_words

    width, height = float(layout.width), float(layout.height)
    letters: list[dict[str, Any]] = []
    strokes: list[Any] = []
    pictured = 0.0
    for mark in _marks(layout):
        if isinstance(mark, LTChar):
            letters.append(
                {
                    "text": mark.get_text(), "x0": mark.x0, "x1": mark.x1, "top": height - mark.y1,
                    "bottom": height - mark.y0, "doctop": height - mark.y1, "upright": mark.upright, "size": mark.size,
                }
            )  # fmt: skip
        elif isinstance(mark, LTCurve):
            strokes.append(mark)
        elif isinstance(mark, LTImage):
            pictured += abs(mark.width * mark.height)
    seen = [letter for letter in letters if _can_be_seen(letter, width, height)]
    found = extract_words(seen, x_tolerance_ratio=0.2, y_tolerance=1, extra_attrs=["size"])
    words = tuple(
        Word(readable(word["text"]), word["x0"], word["x1"], word["top"], word["bottom"])
        for word in _without_marks(found)
    )
    across, down = _rules(strokes, height)
    area = width * height
    return Page(number, words, across, down, min(1.0, pictured / area) if area else 0.0)


def _marks(container: Any) -> Iterator[Any]:
    """All marks, also those inside forms; pdfminer bounds how deep forms nest."""
    for mark in container:
        if hasattr(mark, "__iter__"):
            yield from _marks(mark)
        else:
            yield mark


def _can_be_seen(letter: dict[str, Any], width: float, height: float) -> bool:
    """Whether a letter has a size and lies on the page; what nobody can see was not published."""
    return bool(
        letter["bottom"] - letter["top"] > 0.5
        and -1 <= letter["x0"] <= letter["x1"] <= width + 1
        and -1 <= letter["top"] <= letter["bottom"] <= height + 1
    )


def _without_marks(words: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The words without footnote marks: small raised digits or signs that touch a word, never part of its value."""
    ends: dict[int, list[dict[str, Any]]] = {}
    for word in words:
        ends.setdefault(round(word["x1"]), []).append(word)
    for word in words:
        if _MARK.fullmatch(word["text"]):
            near = (other for at in range(-2, 3) for other in ends.get(round(word["x0"]) + at, ()))
            if any(
                word["size"] < 0.8 * other["size"]
                and other["top"] - 3 < word["top"]
                and word["bottom"] < other["bottom"]
                for other in near
            ):
                continue
        yield word


def _rules(strokes: Sequence[Any], height: float) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    from pdfminer.layout import LTLine, LTRect

    across: set[Rule] = set()
    down: set[Rule] = set()
    for mark in strokes:
        if not isinstance(mark, LTRect | LTLine):
            continue
        left, right = round(mark.x0, 1), round(mark.x1, 1)
        top, bottom = round(height - mark.y1, 1), round(height - mark.y0, 1)
        wide, high = right - left, bottom - top
        if high <= THIN and wide <= THIN:
            continue
        if high <= THIN:
            across.add(Rule(round((top + bottom) / 2, 1), left, right))
        elif wide <= THIN:
            down.add(Rule(round((left + right) / 2, 1), top, bottom))
        elif isinstance(mark, LTRect) and mark.stroke:  # a box that is only filled parts nothing
            across |= {Rule(top, left, right), Rule(bottom, left, right)}
            down |= {Rule(left, top, bottom), Rule(right, top, bottom)}
    return tuple(sorted(across)), tuple(sorted(down))
