"""Which words of a printed row stand under which heading, by horizontal extent.

Where rules part the row's cells, a cell belongs to the heading that stands mostly over it. Elsewhere a phrase belongs
to the heading it overlaps, and a column is as wide as all phrases that stand under its heading alone. A text that spans
several headings without a figure in it ("technical fault") says that none of them was printed. Any other text with two
possible places leaves the row in doubt, and the reason is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from countersign.published.forms.pdf.headings import Headings, Line, Phrase
from countersign.published.forms.pdf.page import Rule
from countersign.published.table.marks import NOT_PRINTED

#: With at least this many rules down through a row, its cells are told by them.
RULED = 4
#: A heading stands over a cell if at least this share of its width does.
MOSTLY = 0.5


class Cells(NamedTuple):
    """One text for each heading; ``over``: text of a cell merged over several, by heading; ``doubt``: why, or empty."""

    texts: tuple[str, ...]
    over: dict[int, str]
    doubt: str


class Extent(NamedTuple):
    """From left to right."""

    x0: float
    x1: float


def parting(down: Sequence[Rule], height: float) -> tuple[float, ...]:
    """Where rules down cross this height, from left to right; double strokes count once."""
    found: list[float] = []
    for rule in down:
        if rule.low - 1 <= height <= rule.high + 1 and (not found or rule.at - found[-1] > 3):
            found.append(rule.at)
    return tuple(found)


def widened(headings: Headings, lines: Sequence[Line]) -> tuple[Extent, ...]:
    """Each heading's extent with that of all phrases of these lines that overlap it alone."""
    extents = [Extent(leaf.x0, leaf.x1) for leaf in headings.leaves]
    for line in lines:
        for phrase in line.phrases:
            under = _overlapped(phrase.x0, phrase.x1, headings.leaves)
            if len(under) == 1:
                known = extents[under[0]]
                extents[under[0]] = Extent(min(known.x0, phrase.x0), max(known.x1, phrase.x1))
    return tuple(extents)


def cells(lines: Sequence[Line], headings: Headings, rules: tuple[float, ...], extents: Sequence[Extent]) -> Cells:
    """The cells of one row: its lines from the top, under these headings."""
    if len(rules) >= RULED:
        return _ruled(lines, headings, rules)
    return _unruled(lines, headings, extents)


def columns_under(
    line: Line, headings: Headings, rules: tuple[float, ...], extents: Sequence[Extent]
) -> set[int] | None:
    """The headings that the words of one line stand under, or ``None`` where a word has no certain place."""
    found = cells((line,), headings, rules, extents)
    if found.doubt or found.over:
        return None
    return {index for index, text in enumerate(found.texts) if text}


def _ruled(lines: Sequence[Line], headings: Headings, rules: tuple[float, ...]) -> Cells:
    edges = (float("-inf"), *rules, float("inf"))
    texts: list[list[str]] = [[] for _ in edges[1:]]
    for line in lines:
        for word in line.words:
            centre = (word.x0 + word.x1) / 2
            texts[sum(1 for edge in rules if edge <= centre)].append(word.text)
    above: list[list[int]] = [[] for _ in texts]
    for index, leaf in enumerate(headings.leaves):
        shares = [min(leaf.x1, right) - max(leaf.x0, left) for left, right in pairwise(edges)]
        widest = max(range(len(shares)), key=shares.__getitem__)
        if shares[widest] < MOSTLY * (leaf.x1 - leaf.x0):
            return Cells((), {}, f"heading {leaf.text!r} stands over no one cell")
        above[widest].append(index)
    return _under(headings, [(" ".join(text), under) for text, under in zip(texts, above, strict=True)])


def _unruled(lines: Sequence[Line], headings: Headings, extents: Sequence[Extent]) -> Cells:
    placed: dict[tuple[int, ...], list[str]] = {}
    for line in lines:
        for phrase in line.phrases:
            for text, under in _places(phrase, headings, extents):
                placed.setdefault(under, []).append(text)
    return _under(headings, [(" ".join(texts), list(under)) for under, texts in placed.items()])


def _places(phrase: Phrase, headings: Headings, extents: Sequence[Extent]) -> list[tuple[str, tuple[int, ...]]]:
    under = _overlapped(phrase.x0, phrase.x1, headings.leaves) or _overlapped(phrase.x0, phrase.x1, extents)
    if len(under) <= 1:
        return [(phrase.text, under)]
    apart = [(word.text, _overlapped(word.x0, word.x1, headings.leaves)) for word in phrase.words]
    if all(len(place) == 1 for _, place in apart):
        return apart
    return [(phrase.text, under)]


def _overlapped(x0: float, x1: float, extents: Sequence[Extent] | Sequence[object]) -> tuple[int, ...]:
    return tuple(
        index
        for index, extent in enumerate(extents)
        if min(x1, extent.x1) > max(x0, extent.x0)  # type: ignore[attr-defined]
    )


def _under(headings: Headings, found: Sequence[tuple[str, list[int]]]) -> Cells:
    texts = [""] * len(headings.leaves)
    over: dict[int, str] = {}
    for text, under in found:
        if not text:
            continue
        if not under:
            return Cells((), {}, f"{text[:80]!r} stands under no heading")
        if len(under) == 1:
            texts[under[0]] = f"{texts[under[0]]} {text}".strip()
        elif _says_nothing_printed(text):
            over |= {index: text for index in under if headings.leaves[index].use is not None}
        else:
            named = " and ".join(repr(headings.leaves[index].text) for index in under[:2])
            return Cells((), {}, f"{text[:80]!r} stands under {named}")
    if both := [index for index in over if texts[index]]:
        return Cells((), {}, f"two texts stand under {headings.leaves[both[0]].text!r}")
    return Cells(tuple(texts), over, "")


def _says_nothing_printed(text: str) -> bool:
    words = text.casefold().split()
    if all(word in NOT_PRINTED for word in words):
        return True
    return len(words) > 1 and not any(letter.isdigit() for letter in text)
