"""Letters of a page whose text does not run from left to right: turned pages, upright headings, watermarks.

Where most letters of a page run up or down, the whole page is turned, its rules with it. Among level letters, phrases
set upright are headings, and are laid down where they stand. Letters at a slant are a watermark, and are no text of a
table. A letter struck again a hair's breadth beside itself, for bold, is one letter.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

#: How far a letter may lie from its double, as a share of its size.
BESIDE = 0.2


class Page(NamedTuple):
    """What a page holds once its text runs from left to right. ``turned``: by how many right angles, clockwise."""

    letters: list[dict[str, Any]]
    upright: list[dict[str, Any]]
    slanted: str
    width: float
    height: float
    turned: int


def sorted_by_direction(letters: Sequence[dict[str, Any]], width: float, height: float) -> Page:
    """Letters by the way they run; each has ``angle`` in degrees, counted against the clock."""
    angles = Counter(_right(letter["angle"]) for letter in letters if letter["text"].strip())
    angles.pop(None, 0)
    main = angles.most_common(1)[0][0] if angles else 0
    assert main is not None
    slanted = "".join(letter["text"] for letter in letters if _right(letter["angle"]) is None)
    turned = [_turn(letter, main, width, height) for letter in letters if _right(letter["angle"]) is not None]
    level = [letter for letter in turned if letter["angle"] == 0]
    upright = [letter for letter in turned if letter["angle"] in (90, 270)]
    wide, high = (height, width) if main in (90, 270) else (width, height)
    return Page(struck_once(level), struck_once(upright), slanted, wide, high, main // 90)


def _right(angle: float) -> int | None:
    """The right angle that an angle is, to a degree or two; ``None`` for a slant."""
    nearest = round(angle / 90) * 90
    return nearest % 360 if math.isclose(angle, nearest, abs_tol=2) else None


def _turn(letter: dict[str, Any], by: int, width: float, height: float) -> dict[str, Any]:
    left, right, top, bottom = turned_box(
        letter["x0"], letter["x1"], letter["top"], letter["bottom"], by, width, height
    )
    angle = (_right(letter["angle"]) or 0) - by
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
    """Phrases set upright, each as one word laid down at the foot of where it stands.

    Upright lines beside each other closer than a line's height are one phrase, from left to right where they run up,
    and from right to left where they run down.
    """
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
