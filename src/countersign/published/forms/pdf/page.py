"""The pages of a PDF as words with positions and as ruled lines; no picture in it is ever decoded.

Lengths are in points from the page's top left corner. A PDF that cannot be opened for certain is refused whole:
encrypted, cut off (it does not end with its end mark), damaged, or one whose streams unpack beyond the limit. What
stands on the pages is not interpreted here (see ``headings`` and ``rows``). What a reader of the page does not see is
left out (``seen``), and text that does not run from left to right is turned (``turned``).
"""

from __future__ import annotations

import io
import logging
import math
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from countersign.errors import WrongForm
from countersign.progress import Progress
from countersign.published.files import TooLarge
from countersign.published.forms.pdf.bounds import MOST_PAGES, bounded
from countersign.published.forms.pdf.raised import tell_raised, with_marks
from countersign.published.forms.pdf.seen import Box, Drawing, Drawn, sorted_by_direction, turned_box, upright_phrases
from countersign.published.table.marks import readable
from countersign.words.lists import be, counted

#: A page without a word of which pictures cover this share is a scan.
SCANNED = 0.3
#: A stroke or filled box thinner than this many points is a rule.
THIN = 2.0

_MARK = re.compile(r"[0-9]{1,2}|[*†‡§¶]{1,3}")


class BrokenPdf(WrongForm, next_step="Download it again, or ask the force for another copy."):
    """A PDF is cut off or damaged, so that what it shows cannot be had for certain."""


class EncryptedPdf(WrongForm, next_step="Open it with its password, save it without one, and give that file."):
    """A PDF is encrypted with a password."""


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
    """One page: its words, rules across (at a height) and down (at a distance from the left), the share that pictures
    cover (0 to 1), sentences on what was left out, how many letters a reader does not see, and whether the words are
    those of an OCR layer.
    """

    number: int
    words: tuple[Word, ...]
    across: tuple[Rule, ...]
    down: tuple[Rule, ...]
    pictures: float
    notes: tuple[str, ...] = ()
    unseen: int = 0
    layer: bool = False


def pages(content: bytes, name: str, progress: Progress, ocr_layer: bool = False) -> Iterator[Page]:
    """The pages in order. Raises ``BrokenPdf``, ``EncryptedPdf`` or ``TooLarge``."""
    if b"%%EOF" not in content[-2048:]:
        raise BrokenPdf(f"{name}: the PDF is cut off: its end mark is missing")
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect

    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    number = 0
    try:
        with bounded(name) as budget, pdfplumber.open(io.BytesIO(content)) as pdf, Drawing(content) as drawing:
            _count_pages(pdf.doc, name)
            total = len(pdf.pages)
            for number, page in enumerate(pdf.pages, start=1):
                progress("reading pages", number - 1, total)
                budget.page(number)
                yield _page(page, drawing, number, ocr_layer)
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


def _page(source: Any, drawing: Drawing, number: int, ocr_layer: bool) -> Page:
    """What stands on a page, from pdfminer's marks: letters made into words by pdfplumber, strokes into rules."""
    from pdfplumber.utils.text import extract_words

    layout = source.layout
    width, height = float(layout.width), float(layout.height)
    letters, strokes, pictured = _sorted_marks(layout, height)
    area = width * height
    seen, notes = _seen(letters, source, drawing, number)
    scan = pictured >= SCANNED * area and not any(letter["text"].strip() for letter in seen)
    layer = [letter for letter in letters if _can_be_seen(letter, width, height)] if ocr_layer and scan else []
    if layer:
        count = sum(1 for letter in layer if letter["text"].strip())
        where = "of a layer under the scan, which may say something else than the picture,"
        seen, notes = layer, [_note(number, count, "letter", where, "read because that was asked for")]
    page = sorted_by_direction(seen, width, height)
    if page.slanted.strip():
        notes.append(f"Page {number}: text set at a slant, such as a watermark, was not read.")
    found = extract_words(with_marks(page.letters), x_tolerance_ratio=0.2, y_tolerance=1, extra_attrs=["size"])
    words = [
        Word(readable(word["text"]), word["x0"], word["x1"], word["top"], word["bottom"])
        for word in _without_marks(found)
    ]
    for phrase in upright_phrases(page.upright, page.width, page.height):
        words.append(Word(readable(phrase["text"]), phrase["x0"], phrase["x1"], phrase["top"], phrase["bottom"]))
    fields = [] if page.turned else _fields(source)
    if fields:
        notes.append(_note(number, len(fields), "value", "in form fields drawn on the page", "read"))
    notes += _comments(source, number)
    across, down = _rules(strokes, width, height, page.turned * 90)
    unseen = sum(1 for letter in letters if letter["text"].strip()) - sum(
        1 for letter in seen if letter["text"].strip()
    )
    return Page(
        number, (*words, *fields), across, down, min(1.0, pictured / area) if area else 0.0, tuple(notes), unseen,
        bool(layer),
    )  # fmt: skip


def _sorted_marks(layout: Any, height: float) -> tuple[list[dict[str, Any]], list[Any], float]:
    """The letters, the strokes, and the area that pictures cover."""
    from pdfminer.layout import LTChar, LTCurve, LTImage

    letters: list[dict[str, Any]] = []
    strokes: list[Any] = []
    pictured = 0.0
    for mark in _marks(layout):
        if isinstance(mark, LTChar):
            letters.append(
                {
                    "text": mark.get_text(), "x0": mark.x0, "x1": mark.x1, "top": height - mark.y1,
                    "bottom": height - mark.y0, "doctop": height - mark.y1, "upright": True, "size": mark.size,
                    "angle": math.degrees(math.atan2(mark.matrix[1], mark.matrix[0])) % 360,
                    "line": (mark.matrix[4] - mark.x0, mark.matrix[5] - mark.y0),
                }
            )  # fmt: skip
        elif isinstance(mark, LTCurve):
            strokes.append(mark)
        elif isinstance(mark, LTImage):
            pictured += abs(mark.width * mark.height)
    return letters, strokes, pictured


def _seen(
    letters: list[dict[str, Any]], source: Any, drawing: Drawing, number: int
) -> tuple[list[dict[str, Any]], list[str]]:
    """The letters that a reader sees, and a note on the others."""
    width, height = float(source.layout.width), float(source.layout.height)
    drawn = Drawn(drawing.page(number))
    left, top, right, bottom = (float(at) for at in source.cropbox)
    if (right - left, bottom - top) == (0.0, 0.0) or source.rotation:
        left, top = 0.0, 0.0
    boxes = [
        Box(letter["x0"] - left, letter["x1"] - left, letter["top"] - top, letter["bottom"] - top) for letter in letters
    ]
    visible = drawn.sees(boxes)
    tell_raised(letters, boxes, drawn)
    seen, unseen = [], []
    for letter, sees in zip(letters, visible, strict=True):
        blank = not letter["text"].strip()
        if _can_be_seen(letter, width, height) and (sees or blank):
            seen.append(letter)
        elif not blank:
            unseen.append(letter)
    where = "that a reader of the page does not see"
    return seen, [_note(number, len(unseen), "letter", where, "not read")] if unseen else []


def _fields(source: Any) -> list[Word]:
    """The values of form fields, where they are drawn."""
    words = []
    for field in source.annots:
        data = field.get("data", {})
        value = data.get("V")
        if _name(data.get("Subtype")) != "Widget" or value is None or int(data.get("F", 0) or 0) & 2:
            continue
        text = readable(_text_of(value))
        if text.strip():
            size = min(field["bottom"] - field["top"], 12.0)
            middle = (field["top"] + field["bottom"]) / 2
            words.append(Word(text, field["x0"] + 1, field["x1"] - 1, middle - size / 2, middle + size / 2))
    return words


def _comments(source: Any, number: int) -> list[str]:
    kinds = ("FreeText", "Text", "Highlight", "StrikeOut", "Stamp", "Square")
    count = sum(_name(field.get("data", {}).get("Subtype")) in kinds for field in source.annots)
    return [_note(number, count, "comment", "drawn over the page", "not read")] if count else []


def _note(number: int, count: int, noun: str, where: str, read: str) -> str:
    return f"Page {number}: {counted(count, noun)} {where} {be(count, 'was', 'were')} {read}."


def _name(value: Any) -> str:
    return str(getattr(value, "name", value) or "").strip("/'")


def _text_of(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-16") if value.startswith((b"\xfe\xff", b"\xff\xfe")) else value.decode("latin-1")
    return _name(value)


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


def _rules(
    strokes: Sequence[Any], width: float, height: float, turned: int
) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    from pdfminer.layout import LTLine, LTRect

    across: set[Rule] = set()
    down: set[Rule] = set()
    for mark in strokes:
        if not isinstance(mark, LTRect | LTLine):
            continue
        box = turned_box(mark.x0, mark.x1, height - mark.y1, height - mark.y0, turned, width, height)
        left, right, top, bottom = (round(at, 1) for at in box)
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
