"""What of a page's text a reader sees, decided from the page as it is drawn: once with its text, once without.

A letter is seen if the two drawings differ where it stands. So text in an invisible rendering (a layer of recognised
text under a scan), in the colour of its ground, under a filled box or outside the crop box is not seen, whatever made
it so, and white letters on a dark heading are. Where letters of different text lie over each other, each run of text is
asked for on its own.

Drawing is done by PDFium (pypdfium2). Nothing of the drawing is kept, and no picture on the page is looked at: only the
places where the text alone makes a difference.
"""

from __future__ import annotations

from collections.abc import Sequence
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
