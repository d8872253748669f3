"""The headings of a table on a page, whatever rows they stand in, and which words of a row stand under which heading.

Words on a line make phrases; phrases under each other make heading cells, kept apart by rules and gaps. A cell is a
heading if its text is known, alone or together with the cell that spans it ("True Alerts" over "Confirmed"). A set of
headings counts only if it has the date and two more. Nothing is taken by its position in the order of columns.

Where rules part a row's cells, a cell belongs to the heading that stands mostly over it. Elsewhere a phrase belongs to
the heading it overlaps, and a column is as wide as all phrases that stand under its heading alone. A text that spans
several headings without a figure in it ("technical fault") says that none of them was printed. Any other text with two
possible places leaves the row in doubt, with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from countersign.published.forms.pdf.page import Rule, Word
from countersign.published.table.columns import Use
from countersign.published.table.maps import ColumnMap
from countersign.published.table.marks import NOT_PRINTED

#: Words closer than this share of their height belong to one phrase.
WORD_GAP = 0.5
#: Phrases under each other closer than this share of their height belong to one cell.
LINE_GAP = 0.65
#: The fewest known headings, the date among them, that make a table.
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of one line that stand together, from left to right."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words, with single spaces."""
        return " ".join(word.text for word in self.words)

    @property
    def x0(self) -> float:
        """Left end."""
        return self.words[0].x0

    @property
    def x1(self) -> float:
        """Right end."""
        return max(word.x1 for word in self.words)

    @property
    def top(self) -> float:
        """Upper end."""
        return min(word.top for word in self.words)

    @property
    def bottom(self) -> float:
        """Lower end."""
        return max(word.bottom for word in self.words)


@dataclass(frozen=True, slots=True)
class Line(Phrase):
    """All words of one height, which are one phrase or several."""

    phrases: tuple[Phrase, ...]

    @property
    def middle(self) -> float:
        """Half-way between upper and lower end."""
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        """The height of its tallest word."""
        return max(word.bottom - word.top for word in self.words)


class Heading(NamedTuple):
    """A leaf heading: its text, the extent of its words, and what it stands for (``None``: unknown or ignored)."""

    text: str
    x0: float
    x1: float
    use: Use | None
    ignored: bool = False


class Headings(NamedTuple):
    """The headings of one table, from left to right, and the lines they were printed on."""

    leaves: tuple[Heading, ...]
    lines: tuple[Line, ...]

    @property
    def uses(self) -> tuple[Use | None, ...]:
        """What each leaf stands for."""
        return tuple(leaf.use for leaf in self.leaves)

    def position(self, column: str) -> int | None:
        """Which leaf feeds this column."""
        return next((i for i, leaf in enumerate(self.leaves) if leaf.use and column in leaf.use.names), None)


class _Cell:
    """A heading cell while it is put together."""

    def __init__(self, phrase: Phrase) -> None:
        self.phrases = [phrase]

    @property
    def text(self) -> str:
        return " ".join(phrase.text for phrase in self.phrases)

    @property
    def x0(self) -> float:
        return min(phrase.x0 for phrase in self.phrases)

    @property
    def x1(self) -> float:
        return max(phrase.x1 for phrase in self.phrases)

    @property
    def top(self) -> float:
        return self.phrases[0].top

    @property
    def bottom(self) -> float:
        return self.phrases[-1].bottom


def lines_of(words: Sequence[Word], down: Sequence[Rule]) -> list[Line]:
    """Words gathered into lines from the top, and in each line into phrases, never across a rule."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (word.middle, word.x0)):
        if rows:
            last = rows[-1]
            middle = sum(other.middle for other in last) / len(last)
            if abs(word.middle - middle) <= 0.5 * min(word.bottom - word.top, last[-1].bottom - last[-1].top):
                last.append(word)
                continue
        rows.append([word])
    made = []
    for row in rows:
        row.sort(key=lambda word: word.x0)
        middle = row[0].middle
        crossing = [rule for rule in down if rule.low <= middle <= rule.high]
        made.append(Line(tuple(row), tuple(_phrases(row, crossing))))
    return made


def _phrases(row: Sequence[Word], crossing: Sequence[Rule]) -> list[Phrase]:
    groups: list[list[Word]] = []
    for word in row:
        if groups:
            last = groups[-1][-1]
            apart = word.x0 - last.x1 > WORD_GAP * (word.bottom - word.top)
            ruled = any(last.x1 - 1 <= rule.at <= word.x0 + 1 for rule in crossing)
            if not apart and not ruled:
                groups[-1].append(word)
                continue
        groups.append([word])
    return [Phrase(tuple(group)) for group in groups]


def find_headings(lines: Sequence[Line], across: Sequence[Rule], columns: ColumnMap) -> Headings | None:
    """The headings among these lines, or ``None`` if they hold no set with the date and two more known ones."""
    cells = _cells(lines, across)
    spanning = _spanning(cells, columns)
    parents = {id(parent) for parent in spanning.values()}
    found: list[tuple[_Cell, Heading]] = []
    for cell in cells:
        if id(cell) in parents:
            continue
        parent = spanning.get(id(cell))
        text = cell.text if parent is None else f"{parent.text} {cell.text}"
        use = columns.use_of(text)
        if use is not None or columns.ignores(text):
            ignored = columns.ignores(text)
            found.append((cell, Heading(text, cell.x0, cell.x1, None if ignored else use, ignored)))
    names = [name for _, heading in found if heading.use for name in heading.use.names]
    if "date" not in names or len(found) < FEWEST:
        return None
    top, bottom = min(cell.top for cell, _ in found), max(cell.bottom for cell, _ in found)
    known = {id(cell) for cell, _ in found} | parents
    leaves = [heading for _, heading in found]
    leaves += [
        Heading(cell.text, cell.x0, cell.x1, None)
        for cell in cells
        if id(cell) not in known
        and cell.top >= top - 1
        and cell.bottom <= bottom + 1
        and not any(_over(cell, other) for other, _ in found)
    ]
    leaves.sort(key=lambda heading: heading.x0)
    first = min(top, *(cell.top for cell in cells if id(cell) in parents), top)
    used = tuple(line for line in lines if line.bottom > first and line.top < bottom)
    return Headings(tuple(leaves), used)


def undated_headings(lines: Sequence[Line], across: Sequence[Rule], columns: ColumnMap) -> list[str]:
    """Known headings that stand beside each other with no date among them: those of another table, or of one that goes
    on to the right of an earlier page. Empty where most beside them are no headings.
    """
    cells = _cells(lines, across)
    uses = [(cell, columns.use_of(cell.text)) for cell in cells]
    known = [cell for cell, use in uses if use and "date" not in use.names]
    if len(known) < 2 or any(use and "date" in use.names for _, use in uses):
        return []
    top, bottom = min(cell.top for cell in known), max(cell.bottom for cell in known)
    beside = [cell for cell in cells if cell.top >= top - 1 and cell.bottom <= bottom + 1]
    level = max(cell.top for cell in known) < min(cell.bottom for cell in known)
    return [cell.text for cell in known] if level and 2 * len(known) >= len(beside) else []


def _cells(lines: Sequence[Line], across: Sequence[Rule]) -> list[_Cell]:
    """Phrases joined downwards where one stands under one, near, and with no rule between."""
    cells: list[_Cell] = []
    open_cells: list[_Cell] = []
    for line in lines:
        pairs: dict[int, list[_Cell]] = {}
        below: dict[int, int] = {}
        for index, phrase in enumerate(line.phrases):
            pairs[index] = [cell for cell in open_cells if _under(phrase, cell, across)]
            for cell in pairs[index]:
                below[id(cell)] = below.get(id(cell), 0) + 1
        for index, phrase in enumerate(line.phrases):
            fitting = pairs[index]
            if len(fitting) == 1 and below[id(fitting[0])] == 1:
                fitting[0].phrases.append(phrase)
            else:
                made = _Cell(phrase)
                cells.append(made)
                open_cells.append(made)
        open_cells = [cell for cell in open_cells if line.top - cell.bottom < 3 * line.height]
    return cells


def _under(phrase: Phrase, cell: _Cell, across: Sequence[Rule]) -> bool:
    gap = phrase.top - cell.bottom
    if gap > LINE_GAP * (phrase.bottom - phrase.top) or min(phrase.x1, cell.x1) <= max(phrase.x0, cell.x0):
        return False
    centre = (phrase.x0 + phrase.x1) / 2
    above, here = cell.phrases[-1], phrase
    return not any(
        (above.top + above.bottom) / 2 < rule.at < (here.top + here.bottom) / 2 and rule.low <= centre <= rule.high
        for rule in across
    )


def _over(cell: _Cell, other: _Cell) -> bool:
    """Whether a cell spans a known heading below it, and so is no column of its own."""
    return cell.bottom <= other.top + 1 and min(cell.x1, other.x1) > max(cell.x0, other.x0)


def _spanning(cells: Sequence[_Cell], columns: ColumnMap) -> dict[int, _Cell]:
    """For each cell unknown alone: the nearest cell above that, put before it, makes a known heading."""
    found: dict[int, _Cell] = {}
    for cell in cells:
        if columns.use_of(cell.text) is not None or columns.ignores(cell.text):
            continue
        fitting = [
            other
            for other in cells
            if other.bottom <= cell.top + 1 and columns.use_of(f"{other.text} {cell.text}") is not None
        ]
        if fitting:
            centre = (cell.x0 + cell.x1) / 2
            found[id(cell)] = min(fitting, key=lambda other: abs((other.x0 + other.x1) / 2 - centre))
    return found


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
    return _in_columns(headings, [(" ".join(text), under) for text, under in zip(texts, above, strict=True)])


def _unruled(lines: Sequence[Line], headings: Headings, extents: Sequence[Extent]) -> Cells:
    placed: dict[tuple[int, ...], list[str]] = {}
    for line in lines:
        for phrase in line.phrases:
            for text, under in _places(phrase, headings, extents):
                placed.setdefault(under, []).append(text)
    return _in_columns(headings, [(" ".join(texts), list(under)) for under, texts in placed.items()])


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


def _in_columns(headings: Headings, found: Sequence[tuple[str, list[int]]]) -> Cells:
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
