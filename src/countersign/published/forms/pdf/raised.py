"""Raised figures of a page, found by their ink: a footnote's mark, and no figure of the value that it stands behind.

A mark is set smaller and higher, or at the same size and on the same line with a small high figure that the font has of
its own. Neither its size nor its place on the line tells the second kind, and its text is that of a plain figure: only
the drawing does. A figure is raised if its ink ends well above the line on which the letters that it touches stand.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from countersign.published.forms.pdf.seen import Box, Drawn, right_angle
from countersign.published.table.marks import raised

#: How far above the line the ink of a raised letter ends, as a share of the size of the letters on the line. No plain
#: figure or small letter of a font floats: those of the old style stand on the line or hang below it.
ABOVE, AT_MOST = 0.15, 0.65
#: The farthest that letters lie apart which touch, as a share of their size.
APART = 0.2
#: A mark set smaller than this, as a share of what it stands behind, is dropped as a word of its own (``page``).
SMALL = 0.8
#: Points of a square of the page, by which letters are found again.
PART = 12.0

#: By square: where letters stand, across and down, and the boxes of their ink.
_Inks = dict[tuple[int, int], list[tuple[float, float, Box]]]


class _Laid(NamedTuple):
    """A letter as its line runs: from ``start`` to ``end`` along it; ``line`` and its lowest ``ink``, upwards."""

    letter: dict[str, Any]
    start: float
    end: float
    line: float
    size: float
    ink: float | None


def tell_raised(letters: Sequence[dict[str, Any]], boxes: Sequence[Box], drawn: Drawn) -> None:
    """Say of each letter whether it is ``raised``, from where it is drawn (points of the drawn page)."""
    inks: _Inks = {}
    for across, down, ink in drawn.inks():
        inks.setdefault((int(across // PART), int(down // PART)), []).append((across, down, ink))
    for chain in _chains(letters, boxes, inks):
        if not any(laid.letter["text"].isdigit() for laid in chain):
            continue
        standing = [
            laid
            for laid in chain
            if laid.letter["text"].isalnum() and laid.ink is not None and laid.ink - laid.line < ABOVE * laid.size
        ]
        if not standing:
            continue
        base = max(standing, key=lambda laid: (round(laid.size, 1), -laid.line))
        for laid in chain:
            above = 0.0 if laid.ink is None else (laid.ink - base.line) / base.size
            laid.letter["raised"] = re.fullmatch("[0-9a-z]", laid.letter["text"]) and ABOVE < above < AT_MOST


def _chains(letters: Sequence[dict[str, Any]], boxes: Sequence[Box], inks: _Inks) -> Iterator[list[_Laid]]:
    """Runs of two or more letters that touch, in the order in which the page has them."""
    chain: list[_Laid] = []
    for letter, box in zip(letters, boxes, strict=True):
        laid = _laid(letter, box, inks)
        if laid is None:
            continue
        last = chain[-1] if chain else None
        if last is None or not (
            abs(laid.start - last.end) < APART * last.size and abs(laid.line - last.line) < AT_MOST * last.size
        ):
            if len(chain) > 1:
                yield chain
            chain = []
        chain.append(laid)
    if len(chain) > 1:
        yield chain


def _laid(letter: dict[str, Any], box: Box, inks: _Inks) -> _Laid | None:
    angle = right_angle(letter["angle"])
    if angle is None:
        return None
    across, down = box.x0 + letter["line"][0], box.bottom - letter["line"][1]
    size = box.bottom - box.top if angle in (0, 180) else box.x1 - box.x0
    ink = _ink(inks, across, down, size) if letter["text"].strip() else None
    if angle == 0:
        return _Laid(letter, box.x0, box.x1, -down, size, None if ink is None else -ink.bottom)
    if angle == 90:
        return _Laid(letter, -box.bottom, -box.top, -across, size, None if ink is None else -ink.x1)
    if angle == 180:
        return _Laid(letter, -box.x1, -box.x0, down, size, None if ink is None else ink.top)
    return _Laid(letter, box.top, box.bottom, across, size, None if ink is None else ink.x0)


def _ink(inks: _Inks, across: float, down: float, size: float) -> Box | None:
    """The ink of the letter that stands here, or is raised from here."""
    near = [
        (abs(x - across) + abs(y - down), box)
        for right in (-1, 0, 1)
        for under in (-1, 0, 1)
        for x, y, box in inks.get((int(across // PART) + right, int(down // PART) + under), ())
    ]
    apart, box = min(near, default=(math.inf, None))
    return box if apart < AT_MOST * size else None


def with_marks(letters: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The letters, each run of raised ones made one letter that reads as a mark and stands on the line.

    The upper part of a fraction stays as it is, and so do marks that are dropped for their size.
    """
    made: list[dict[str, Any]] = []
    at = 0
    while at < len(letters):
        end = _end_of_run(letters, at)
        run = letters[at : max(end, at + 1)]
        at += len(run)
        text = "".join(letter["text"] for letter in run)
        before = made[-1] if made and abs(run[0]["x0"] - made[-1]["x1"]) < APART * made[-1]["size"] else None
        line = before or (letters[end] if end < len(letters) else None)
        fraction = end < len(letters) and letters[end]["text"] in ("/", "⁄")
        if not run[0].get("raised") or line is None or fraction or raised(text) == text:
            made += run
            continue
        if run[0]["size"] < SMALL * line["size"] and re.fullmatch("[0-9]{1,2}", text):
            made += run
        else:
            like = {key: line[key] for key in ("size", "top", "bottom", "doctop")}
            made.append({**run[0], **like, "x1": run[-1]["x1"], "text": raised(text)})
    return made


def _end_of_run(letters: Sequence[dict[str, Any]], at: int) -> int:
    """Where a run of raised letters ends that begins here, commas and spaces in it included."""
    last = at
    for end in range(at, len(letters)):
        letter = letters[end]
        if end > at and abs(letter["x0"] - letters[end - 1]["x1"]) > APART * letter["size"]:
            break
        if letter.get("raised"):
            last = end + 1
        elif end == at or letter["text"] not in (",", " "):
            break
    return last
