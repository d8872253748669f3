"""Which letters of a page are read: those that a reader sees, and the way their text runs.

A page is drawn twice, with its text and without. A letter is seen if the two drawings differ where it stands. So text
in an invisible rendering (a layer of recognised text under a scan), in the colour of its ground, under a filled box or
outside the crop box is not seen, and white letters on a dark heading are. Where letters of different text lie over each
other, each run of text is drawn alone. PDFium (pypdfium2) draws. Nothing of a drawing is kept, and no picture on the
page is looked at: only the places where the text alone makes a difference.

Where most letters of a page run up or down, the whole page is turned, its rules with it. Among level letters, phrases
set upright are headings, and are laid down where they stand. Letters at a slant are a watermark, and no text of a
table. A letter struck again a hair's breadth beside itself, for bold, is one letter.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

#: Points of the drawing for each point of the page, and the most points of one drawing: a larger page is drawn smaller.
SCALE = 1.5
MOST_POINTS = 12_000_000
#: The least difference of one colour, of 255, that a reader can see.
SEEN = 24
#: The edge of a letter's box that is not looked at, as a share of its size: letters beside it may reach into it.
INSIDE = 0.12
#: The most runs of text on a page that are drawn one by one because they lie over others.
MOST_ALONE = 80
#: Steps to a point in which the places of ink are given.
FINE = 64


class Box(NamedTuple):
    """A letter or run of text: from left to right and from the top down, in points of the drawn page."""

    x0: float
    x1: float
    top: float
    bottom: float


class Drawing:
    """A document that is drawn page by page, opened only when the first page is asked for: its budgets come first."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._document: Any = None

    def __enter__(self) -> Drawing:
        return self

    def __exit__(self, *_: object) -> None:
        if self._document is not None:
            self._document.close()

    def page(self, number: int) -> Any:
        """The page of this number, from 1."""
        if self._document is None:
            import pypdfium2

            self._document = pypdfium2.PdfDocument(self._content)
        return self._document[number - 1]


class Drawn:
    """One page as drawn. ``sees`` says of each letter whether a reader sees it."""

    def __init__(self, page: Any) -> None:
        import pypdfium2.raw as pdfium

        self._page, self._pdfium = page, pdfium
        self.width, self.height = page.get_size()
        self._scale = min(SCALE, (MOST_POINTS / max(1.0, self.width * self.height)) ** 0.5)
        self._runs = list(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=15))
        self._modes = [pdfium.FPDFTextObj_GetTextRenderMode(run.raw) for run in self._runs]
        with_text = self._draw()
        for run in self._runs:
            pdfium.FPDFTextObj_SetTextRenderMode(run.raw, pdfium.FPDF_TEXTRENDERMODE_INVISIBLE)
        self._bare = self._draw()
        self._differs = _difference(with_text, self._bare)
        self._count = np.pad(self._differs.astype(np.int32).cumsum(0).cumsum(1), ((1, 0), (1, 0)))

    def sees(self, boxes: Sequence[Box]) -> list[bool]:
        """Whether each of these letters is seen, letters that lie over others asked for in runs of their own."""
        seen = [self._differs_in(box, self._count) for box in boxes]
        for index in self._covered(boxes, seen):
            seen[index] = False
        return seen

    def inks(self) -> Iterator[tuple[float, float, Box]]:
        """Where each letter of the page stands (across, down) and the box of its ink, exact, not from the drawing."""
        from ctypes import byref, c_double, c_int

        pdfium, page = self._pdfium, self._page
        text = page.get_textpage()
        across, down = c_int(), c_int()

        def drawn(x: float, y: float) -> tuple[float, float]:
            size = (round(self.width * FINE), round(self.height * FINE))
            pdfium.FPDF_PageToDevice(page.raw, 0, 0, *size, 0, x, y, byref(across), byref(down))
            return across.value / FINE, down.value / FINE

        try:
            for index in range(text.count_chars()):
                x, y = c_double(), c_double()
                if not pdfium.FPDFText_GetCharOrigin(text.raw, index, byref(x), byref(y)):
                    continue
                left, low, right, high = text.get_charbox(index)
                if not (right > left and high > low):  # a space, or the end of a line that PDFium makes up
                    continue
                (x0, y0), (x1, y1) = drawn(left, low), drawn(right, high)
                yield *drawn(x.value, y.value), Box(min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1))
        finally:
            text.close()

    def _draw(self) -> NDArray[np.uint8]:
        bitmap = self._page.render(scale=self._scale, draw_annots=False)
        drawn: NDArray[np.uint8] = bitmap.to_numpy().copy()
        return drawn

    def _differs_in(self, box: Box, count: NDArray[np.int32]) -> bool:
        high, wide = count.shape[0] - 1, count.shape[1] - 1
        across, down = INSIDE * (box.x1 - box.x0), INSIDE * (box.bottom - box.top)
        left, right = int(max(0, (box.x0 + across) * self._scale)), int(min(wide, (box.x1 - across) * self._scale + 1))
        top, bottom = int(max(0, (box.top + down) * self._scale)), int(min(high, (box.bottom - down) * self._scale + 1))
        if right <= left or bottom <= top:
            return False
        return bool(count[bottom, right] - count[top, right] - count[bottom, left] + count[top, left] > 0)

    def _covered(self, boxes: Sequence[Box], seen: Sequence[bool]) -> list[int]:
        """Letters where something is drawn, but not by the run of text that they belong to."""
        runs = [(run, mode, box) for run, mode in zip(self._runs, self._modes, strict=True) if (box := self._box(run))]
        runs.sort(key=lambda run: run[2].top)
        lying: set[int] = set()
        for at, (_, _, box) in enumerate(runs):
            for other in range(at + 1, len(runs)):
                beside = runs[other][2]
                if beside.top >= box.bottom:
                    break
                if _overlap(box, beside) > 0.3 or _overlap(beside, box) > 0.3:
                    lying |= {at, other}
        over = [runs[at] for at in sorted(lying)]
        if not over or len(over) > MOST_ALONE:
            return []
        hidden: list[Box] = []
        shown: list[Box] = []
        for run, mode, box in over:
            if mode == self._pdfium.FPDF_TEXTRENDERMODE_INVISIBLE:
                hidden.append(box)
                continue
            self._pdfium.FPDFTextObj_SetTextRenderMode(run.raw, mode)
            alone = _difference(self._draw(), self._bare)
            self._pdfium.FPDFTextObj_SetTextRenderMode(run.raw, self._pdfium.FPDF_TEXTRENDERMODE_INVISIBLE)
            count = np.pad(alone.astype(np.int32).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
            (shown if self._differs_in(box, count) else hidden).append(box)
        return [
            index
            for index, box in enumerate(boxes)
            if seen[index]
            and any(_overlap(box, run) > 0.8 and _like(box, run) for run in hidden)
            and not any(_overlap(box, run) > 0.8 and _like(box, run) and _same(run, hidden) for run in shown)
        ]

    def _box(self, run: Any) -> Box | None:
        try:
            left, low, right, high = run.get_bounds()
        except Exception:  # noqa: BLE001  # PDFium gives no reason; a run without bounds lies over nothing
            return None
        if not (right > left and high > low):
            return None
        return Box(left, right, self.height - high, self.height - low)


def _difference(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.bool_]:
    larger, smaller = np.maximum(first, second), np.minimum(first, second)
    return (larger - smaller).max(axis=2) > SEEN  # type: ignore[no-any-return]


def _overlap(box: Box, other: Box) -> float:
    """The share of a box that another covers."""
    wide = min(box.x1, other.x1) - max(box.x0, other.x0)
    high = min(box.bottom, other.bottom) - max(box.top, other.top)
    area = (box.x1 - box.x0) * (box.bottom - box.top)
    return wide * high / area if wide > 0 and high > 0 and area > 0 else 0.0


def _like(letter: Box, run: Box) -> bool:
    """Whether a letter's height is about that of a run, so that it can belong to it."""
    return 0.3 < (run.bottom - run.top) / max(0.1, letter.bottom - letter.top) < 1.5


def _same(run: Box, hidden: Sequence[Box]) -> bool:
    return not any(_overlap(run, other) > 0.3 for other in hidden)


#: How far a letter may lie from its double, as a share of its size.
BESIDE = 0.2


class Levelled(NamedTuple):
    """What a page holds once its text runs from left to right. ``turned``: by how many right angles, clockwise."""

    letters: list[dict[str, Any]]
    upright: list[dict[str, Any]]
    slanted: str
    width: float
    height: float
    turned: int


def sorted_by_direction(letters: Sequence[dict[str, Any]], width: float, height: float) -> Levelled:
    """Letters by the way they run; each has ``angle`` in degrees, counted against the clock."""
    angles = Counter(right_angle(letter["angle"]) for letter in letters if letter["text"].strip())
    angles.pop(None, 0)
    main = angles.most_common(1)[0][0] if angles else 0
    assert main is not None
    slanted = "".join(letter["text"] for letter in letters if right_angle(letter["angle"]) is None)
    turned = [_turn(letter, main, width, height) for letter in letters if right_angle(letter["angle"]) is not None]
    level = [letter for letter in turned if letter["angle"] == 0]
    upright = [letter for letter in turned if letter["angle"] in (90, 270)]
    wide, high = (height, width) if main in (90, 270) else (width, height)
    return Levelled(struck_once(level), struck_once(upright), slanted, wide, high, main // 90)


def right_angle(angle: float) -> int | None:
    """The right angle that an angle is, to a degree or two; ``None`` for a slant."""
    nearest = round(angle / 90) * 90
    return nearest % 360 if math.isclose(angle, nearest, abs_tol=2) else None


def _turn(letter: dict[str, Any], by: int, width: float, height: float) -> dict[str, Any]:
    left, right, top, bottom = turned_box(
        letter["x0"], letter["x1"], letter["top"], letter["bottom"], by, width, height
    )
    angle = (right_angle(letter["angle"]) or 0) - by
    size = bottom - top if by in (90, 270) else letter["size"]
    return {
        **letter, "x0": left, "x1": right, "top": top, "bottom": bottom, "doctop": top, "angle": angle % 360,
        "size": size, "upright": True,
    }  # fmt: skip


def turned_box(
    x0: float, x1: float, top: float, bottom: float, by: int, width: float, height: float
) -> tuple[float, float, float, float]:
    """A box (x0, x1, top, bottom) on a page turned so that text at an angle of ``by`` degrees runs to the right."""
    if by == 90:
        return height - bottom, height - top, x0, x1
    if by == 270:
        return top, bottom, width - x1, width - x0
    if by == 180:
        return width - x1, width - x0, height - bottom, height - top
    return x0, x1, top, bottom


def struck_once(letters: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The letters without those that only make another bold."""
    kept: list[dict[str, Any]] = []
    near: dict[tuple[str, int, int], list[dict[str, Any]]] = {}
    for letter in letters:
        across, down = int(letter["x0"] // 4), int(letter["top"] // 4)
        beside = [
            other
            for left in (across - 1, across, across + 1)
            for up in (down - 1, down, down + 1)
            for other in near.get((letter["text"], left, up), ())
        ]
        size = max(1.0, letter["bottom"] - letter["top"])
        if letter["text"].strip() and any(
            abs(other["x0"] - letter["x0"]) < BESIDE * size and abs(other["top"] - letter["top"]) < BESIDE * size
            for other in beside
        ):
            continue
        near.setdefault((letter["text"], across, down), []).append(letter)
        kept.append(letter)
    return kept


def upright_phrases(letters: Sequence[dict[str, Any]], width: float, height: float) -> list[dict[str, Any]]:
    """Phrases set upright, each as one word laid down at the foot of where it stands; lines close together are one."""
    from pdfplumber.utils.text import extract_words

    phrases: list[dict[str, Any]] = []
    for angle in (90, 270):
        laid = [
            _turn({**letter, "angle": angle}, angle, width, height) for letter in letters if letter["angle"] == angle
        ]
        words = extract_words(laid, x_tolerance_ratio=0.2, y_tolerance=1, keep_blank_chars=False)
        lines = sorted(words, key=lambda word: (round(word["top"]), word["x0"]))
        groups: list[list[dict[str, Any]]] = []
        for word in lines:
            size = word["bottom"] - word["top"]
            last = groups[-1][-1] if groups else None
            if last is not None and word["top"] - last["top"] < 1.45 * size and _shares(word, groups[-1]):
                groups[-1].append(word)
            else:
                groups.append([word])
        back = {90: 270, 270: 90}[angle]
        for group in groups:
            x0, x1 = min(word["x0"] for word in group), max(word["x1"] for word in group)
            top, bottom = min(word["top"] for word in group), max(word["bottom"] for word in group)
            left, right, up, down = turned_box(x0, x1, top, bottom, back, height, width)
            phrases.append(
                {"text": " ".join(word["text"] for word in group), "x0": left, "x1": right, "top": up, "bottom": down}
            )
    foot = max((phrase["bottom"] for phrase in phrases), default=0.0)
    size = min((phrase["x1"] - phrase["x0"] for phrase in phrases), default=8.0)
    for phrase in phrases:
        if foot - phrase["bottom"] < 3 * size or phrase["top"] < foot - size:
            phrase["bottom"], phrase["top"] = foot, foot - size
    return phrases


def _shares(word: dict[str, Any], group: Sequence[dict[str, Any]]) -> bool:
    """Whether a line of upright text stands beside those of a group."""
    low, high = min(other["x0"] for other in group), max(other["x1"] for other in group)
    return bool(word["x0"] < high and word["x1"] > low)
