"""The rows of a table, page by page: which lines are headings, which belong to one row, and which stand beside.

A row is told by its date, or by figures under several headings. Where rules close a row off, all lines between them are
its own, over the page's end too; elsewhere a wrapped line belongs to the row it stands clearly nearer to. A row that
leaves two readings open comes out with the reason, to be refused; a line of no row comes out as text beside the table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from countersign.published.forms.pdf.headings import (
    RULED,
    Cells,
    Headings,
    Line,
    cells,
    columns_under,
    find_headings,
    lines_of,
    parting,
    undated_headings,
    widened,
)
from countersign.published.forms.pdf.merged import carried
from countersign.published.forms.pdf.page import Page, Rule
from countersign.published.table.columns import fold
from countersign.published.table.dates import read_dates
from countersign.published.table.maps import ColumnMap
from countersign.published.table.record import COLUMNS
from countersign.words.lists import be, counted, listing

#: A rule is long if it covers this share of what the longest on its page covers; long rules part rows.
LONG = 0.6
#: A wrapped line stands nearer to its row than this share of its height.
NEAR = 0.65
#: One gap is clearly wider than another if it is so by this share of a line's height.
CLEARLY = 0.12
#: Figures under this many headings make a row even where no date can be read.
FIGURES = 3

#: A date among more words than these, with no gap between, stands in a sentence.
PROSE = 4

_DATE_LIKE = re.compile(r"[0-9]{1,4}[/.-][0-9A-Za-z]{1,9}[/.-][0-9]{1,4}")
_FIGURE = re.compile(r"[0-9][0-9,]*")
_WRAPPING = frozenset(column.name for column in COLUMNS if column.kind in ("text", "minutes"))


class PrintedRow(NamedTuple):
    """One row as printed, with the headings that held where it stood, and the page it began on."""

    page: int
    headings: Headings
    cells: Cells
    text: str


class Beside(NamedTuple):
    """A line on a page that belongs to no row."""

    page: int
    text: str


class _Row:
    """The lines of a row while it is put together."""

    def __init__(self, page: Page, headings: Headings, anchor: Line) -> None:
        self.page, self.headings, self.anchor = page, headings, anchor
        self.lines = [anchor]
        self.doubt = ""

    @property
    def rules(self) -> tuple[float, ...]:
        return parting(self.page.down, self.anchor.middle)


class TableReader:
    """Reads pages in order; the headings, and a row broken by a page's end, are carried from one page to the next."""

    def __init__(self, columns: ColumnMap) -> None:
        self._columns = columns
        self._headings: Headings | None = None
        self._dates: dict[str, bool] = {}
        self._last: _Row | None = None
        self._rows: list[_Row] = []
        self.beside: list[Beside] = []
        self.notes: list[str] = []
        #: Lines with a date that stood under no known heading: signs of a table that could not be read.
        self.unheaded = 0

    def read(self, page: Page) -> None:
        """Take in one page; tables that stand side by side on it one after another, from the left."""
        parts = beside_each_other(page, self._columns)
        for part in parts:
            self._read_part(part)
        if len(parts) > 1:
            self.notes.append(
                f"Page {page.number}: {len(parts)} tables stand side by side, and were read one after another."
            )

    def _read_part(self, page: Page) -> None:
        lines = lines_of(page.words, page.down)
        rows, texts = self._sorted(page, lines)
        bounds = _long_rules(page.across)
        strips: dict[int, tuple[list[_Row], list[Line]]] = {}
        for row in rows:
            strips.setdefault(_strip(bounds, row.anchor.middle), ([], []))[0].append(row)
        for line in texts:
            strips.setdefault(_strip(bounds, line.middle), ([], []))[1].append(line)
        unused: list[Line] = []
        broken = self._last
        for number in sorted(strips):
            anchored, loose = strips[number]
            closed = 0 < number < len(bounds)
            if closed and len(anchored) == 1 and self._is_one_row(page, anchored[0], loose):
                anchored[0].lines = sorted([*anchored[0].lines, *loose], key=lambda line: line.middle)
            elif closed and not anchored and broken is not None and self._continues(page, broken, loose):
                broken.lines += loose
            else:
                unused += _attach(anchored, loose, self._wraps)
            if anchored or loose:
                broken = None
        self.beside += [Beside(page.number, line.text) for line in sorted(unused, key=lambda line: line.middle)]
        self._rows += rows
        ended = bool(rows) and all(line.middle < rows[-1].anchor.middle for line in unused)
        self._last = rows[-1] if ended else None

    def rows(self) -> list[PrintedRow]:
        """All rows so far, in order, each word under its heading or the row in doubt."""
        lines: dict[tuple[int, int], list[Line]] = {}
        for row in self._rows:
            lines.setdefault((row.page.number, id(row.headings)), []).extend(row.lines)
        made: list[PrintedRow] = []
        for _, run in groupby(self._rows, key=lambda row: (row.page.number, id(row.headings))):
            rows = list(run)
            page, headings = rows[0].page, rows[0].headings
            extents = widened(headings, lines[page.number, id(headings)])
            alone = [cells(row.lines, headings, row.rules, extents) for row in rows]
            found = carried(alone, [row.anchor.middle for row in rows], headings, page.across)
            count = sum(before.texts != after.texts for before, after in zip(alone, found, strict=True))
            if count:
                said = f"{counted(count, 'row')} {be(count, 'was', 'were')} given what its rules print once for several"
                self.notes.append(f"Page {page.number}: {said}.")
            for row, held in zip(rows, found, strict=True):
                text = " ".join(line.text for line in row.lines)
                made.append(PrintedRow(page.number, headings, held._replace(doubt=row.doubt or held.doubt), text))
        return made

    def _sorted(self, page: Page, lines: Sequence[Line]) -> tuple[list[_Row], list[Line]]:
        """Tell rows' first lines and other text apart; headings met on the way hold from there on."""
        rows: list[_Row] = []
        texts: list[Line] = []
        run: list[Line] = []
        for line in [*lines, None]:
            dated = line is not None and self._has_date(line)
            if line is not None and not dated and _figures(line) < FIGURES:
                run.append(line)
                continue
            if run and (found := find_headings(run, page.across, self._columns)) is not None:
                self._headings = found
                run = [other for other in run if other not in found.lines]
            elif self._headings is not None and (others := undated_headings(run, page.across, self._columns)):
                self._headings = None
                under = listing([repr(text[:40]) for text in others[:6]])
                self.notes.append(
                    f"Page {page.number}: the table under {under} has no date among its headings, and was not read; it "
                    "may go on to the right of an earlier one."
                )
            texts += run
            run = []
            if line is None:
                continue
            if self._headings is None or not self._under_headings(line, page, self._headings, dated):
                self.unheaded += dated
                texts.append(line)
            else:
                rows.append(_Row(page, self._headings, line))
        return rows, texts

    def _has_date(self, line: Line) -> bool:
        return any(_DATE_LIKE.fullmatch(word.text) for word in line.words) or any(
            self._reads(phrase.text) for phrase in line.phrases
        )

    def _reads(self, text: str) -> bool:
        if not any(letter.isalpha() or letter in "/.-–" for letter in text):
            return False  # bare figures may be a spreadsheet's day or a count
        known = self._dates.get(text)
        if known is None:
            read = read_dates([text], self._columns.forms)[text]
            known = self._dates[text] = read.date is not None or (
                read.unsure is not None and read.unsure.kind == "doubtful"
            )
        return known

    def _under_headings(self, line: Line, page: Page, headings: Headings, dated: bool) -> bool:
        """Whether a line begins a row: a date under its heading with more beside it, or figures under theirs."""
        if not dated:
            return True
        at = headings.position("date") or 0
        leaf = headings.leaves[at]
        found = cells([line], headings, parting(page.down, line.middle), widened(headings, [line]))
        if found.doubt:
            return any(
                _DATE_LIKE.fullmatch(word.text) and min(word.x1, leaf.x1) > max(word.x0, leaf.x0)
                for phrase in line.phrases
                if len(phrase.words) <= PROSE
                for word in phrase.words
            )
        others = sum(1 for index, text in enumerate(found.texts) if text and index != at) + len(found.over)
        if others < min(2, len(headings.leaves) - 1):
            return False
        return bool(_DATE_LIKE.search(found.texts[at])) or self._reads(found.texts[at])

    def _is_one_row(self, page: Page, row: _Row, loose: Sequence[Line]) -> bool:
        """Whether lines between the same two long rules are one row: cells are ruled, or the lines hang together."""
        if row.headings.lines and any(line in loose for line in row.headings.lines):
            return False
        if len(row.rules) >= RULED:
            return True
        lines = sorted([row.anchor, *loose], key=lambda line: line.middle)
        return all(b.top - a.bottom <= NEAR * b.height for a, b in pairwise(lines))

    def _continues(self, page: Page, row: _Row, loose: Sequence[Line]) -> bool:
        """Whether lines at the top of a page are the rest of the row that the last page ended with."""
        if len(parting(page.down, loose[0].middle)) < RULED or row.headings is not self._headings:
            return False
        return all(self._wraps(line, _Row(page, row.headings, line)) for line in loose)

    def _wraps(self, line: Line, row: _Row) -> bool:
        """Whether a line holds nothing but text under columns whose texts are wrapped."""
        under = columns_under(
            line, row.headings, parting(row.page.down, line.middle), widened(row.headings, [*row.lines, line])
        )
        uses = row.headings.uses
        return under is not None and all(
            (use := uses[index]) is not None and _WRAPPING.issuperset(use.names) for index in under
        )


def beside_each_other(page: Page, columns: ColumnMap) -> list[Page]:
    """A page cut into tables side by side under headings that come again; a title over several goes to the first."""
    lines = lines_of(page.words, page.down)
    headings = next(
        (found for line in lines if (found := find_headings([line], page.across, columns)) is not None), None
    )
    if headings is None:
        return [page]
    dates = [at for at, leaf in enumerate(headings.leaves) if leaf.use and "date" in leaf.use.names]
    if len(dates) < 2:
        return [page]
    first = fold(headings.leaves[0].text)
    starts = [at for at, leaf in enumerate(headings.leaves) if fold(leaf.text) == first]
    if len(starts) != len(dates):
        return [page]
    top = min(line.top for line in headings.lines)
    cuts = [_cut(headings.leaves[at - 1].x1, headings.leaves[at].x0, page, top) for at in starts[1:]]
    edges = [float("-inf"), *cuts, float("inf")]
    return [
        page._replace(
            words=tuple(
                word
                for word in page.words
                if (word.bottom <= top and number == 0)
                or (word.bottom > top and left <= (word.x0 + word.x1) / 2 < right)
            ),
            across=tuple(
                Rule(rule.at, max(rule.low, left), min(rule.high, right))
                for rule in page.across
                if min(rule.high, right) > max(rule.low, left)
            ),
            down=tuple(rule for rule in page.down if left <= rule.at < right),
        )
        for number, (left, right) in enumerate(pairwise(edges))
    ]


def _cut(left: float, right: float, page: Page, top: float) -> float:
    """A place between two tables that no word crosses, in the widest gap between their nearest headings."""
    inside = sorted(
        (max(word.x0, left), min(word.x1, right))
        for word in page.words
        if word.bottom > top and word.x1 > left and word.x0 < right
    )
    gaps, end = [], left
    for start, stop in inside:
        gaps.append((start - end, (start + end) / 2))
        end = max(end, stop)
    gaps.append((right - end, (right + end) / 2))
    return max(gaps)[1]


def _figures(line: Line) -> int:
    return sum(1 for phrase in line.phrases if _FIGURE.fullmatch(phrase.text))


def _long_rules(across: Sequence[Rule]) -> list[float]:
    """The heights at which rules cover most of the table's width; rules of one point's distance are one."""
    groups: list[tuple[float, list[Rule]]] = []
    for rule in across:
        if groups and rule.at - groups[-1][0] <= 1.0:
            groups[-1][1].append(rule)
        else:
            groups.append((rule.at, [rule]))
    covered = [(at, _covered(rules)) for at, rules in groups]
    longest = max((length for _, length in covered), default=0.0)
    return [at for at, length in covered if length >= LONG * longest]


def _covered(rules: Sequence[Rule]) -> float:
    total, end = 0.0, float("-inf")
    for rule in sorted(rules, key=lambda rule: rule.low):
        total += max(0.0, rule.high - max(rule.low, end))
        end = max(end, rule.high)
    return total


def _strip(bounds: Sequence[float], height: float) -> int:
    """Between which long rules a height lies: 0 above the first, ``len(bounds)`` below the last."""
    return sum(1 for bound in bounds if bound <= height)


def _attach(rows: Sequence[_Row], loose: Sequence[Line], wraps: Callable[[Line, _Row], bool]) -> list[Line]:
    """Give wrapped lines to the row they stand clearly nearer to; returns the lines that belong to none.

    Lines above a row's first are its own only where as many stand below: its cells are then centred.
    """
    ordered = sorted(rows, key=lambda row: row.anchor.middle)
    lines = sorted(loose, key=lambda line: line.middle)
    unused: list[Line] = []
    above_of: dict[int, list[Line]] = {}
    for above, below in zip([None, *ordered], [*ordered, None], strict=True):
        between = [
            line
            for line in lines
            if (above is None or line.middle > above.anchor.middle)
            and (below is None or line.middle < below.anchor.middle)
        ]
        first, last, left = _shared(above, between, below, wraps)
        unused += left
        if above is not None:
            above.lines += first
        if below is not None:
            above_of[id(below)] = last
    for row in ordered:
        upper = above_of.get(id(row), [])
        if upper and len(upper) != len(row.lines) - 1:
            row.doubt = row.doubt or f"the line {upper[-1].text[:80]!r} above it may belong to it"
        row.lines = [*upper, *row.lines]
    return unused


def _shared(
    above: _Row | None, between: Sequence[Line], below: _Row | None, wraps: Callable[[Line, _Row], bool]
) -> tuple[list[Line], list[Line], list[Line]]:
    """Split the lines between two rows into those of the upper, those of the lower, and those of neither."""
    ends = [row.anchor for row in (above,) if row], [row.anchor for row in (below,) if row]
    chain = [*ends[0], *between, *ends[1]]
    gaps = [(b.top - a.bottom) / b.height for a, b in pairwise(chain)]
    if above is None:
        gaps.insert(0, float("inf"))
    if below is None:
        gaps.append(float("inf"))
    down = up = 0
    while above is not None and down < len(between) and gaps[down] <= NEAR and wraps(between[down], above):
        down += 1
    while below is not None and up < len(between) and gaps[-1 - up] <= NEAR and wraps(between[-1 - up], below):
        up += 1
    if down + up <= len(between):
        return list(between[:down]), list(between[len(between) - up :]), list(between[down : len(between) - up])
    places = sorted(range(len(between) - up, down + 1), key=lambda place: gaps[place], reverse=True)
    if gaps[places[0]] - gaps[places[1]] < CLEARLY:
        for row in (above, below):
            if row is not None:
                row.doubt = f"the line {between[0].text[:80]!r} could belong to the row above it or below"
        return [], [], list(between)
    return list(between[: places[0]]), list(between[places[0] :]), []
