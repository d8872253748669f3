"""Creep: how use grew, as plain counts beside dated promises.

All deployments published are counted, so a count carries no interval and no p-value. No figure per face is carried
across a change in how faces are counted. A month without a deployment counts zero; one whose deployments do not print
what is summed has no bar. A size is all a published table holds of a watchlist: who is on it is not seen.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from countersign.document import Block, Chart, Heading, Paragraph, RowRange, Section, SeriesPoint, Table
from countersign.grids import Grid, column, number
from countersign.published.claims.context import ListStep, consecutive_lists
from countersign.published.table.measures import MEASURES, both, row_ranges, total
from countersign.published.table.record import Record, Row
from countersign.reviews.published.evidence import Evidence
from countersign.reviews.published.promises import promises, returned, returns
from countersign.reviews.published.sentences import until
from countersign.reviews.published.tables import both_readings
from countersign.words.dates import month_name
from countersign.words.lists import counted
from countersign.words.numbers import count, percent, plain, significant


def by_month(
    rows: Sequence[Row], anchor: str, title: str, amount: Callable[[Sequence[Row]], float | None], unit: str
) -> Chart:
    """The chart. ``amount`` is given the dated rows of a month that has some; ``None`` where they do not print it."""
    by_date = _months(rows)

    def rows_of(month: tuple[int, int]) -> tuple[RowRange, ...]:
        return row_ranges(by_date[month])

    def in_tenths(amount: float) -> str:
        return count(round(amount, 1))

    known = {month: float(sum_of) for month, dated in by_date.items() if (sum_of := amount(dated)) is not None}
    first, last = min(known), max(known)
    spanned = [divmod(i, 12) for i in range(first[0] * 12 + first[1] - 1, last[0] * 12 + last[1])]
    months = [(year, index + 1) for year, index in spanned]
    points = tuple(
        SeriesPoint(f"{year}-{month:02d}-01", known.get((year, month), 0.0))
        for year, month in months
        if (year, month) in known or (year, month) not in by_date
    )
    grid = Grid[tuple[int, int]](
        column("month", "Month", lambda month: month_name(*month)),
        number("amount", unit.capitalize(), known.get, words=in_tenths, missing="not published", rows=rows_of),
    )
    most = max(known, key=lambda month: known[month])
    span = " to ".join(dict.fromkeys([month_name(*first), month_name(*last)]))
    of = f"{count(round(known[most], 1))} {unit.removesuffix('s') if known[most] == 1 else unit}"
    note = "Months without a deployment are left out of the table."
    table = grid.table(f"{anchor}-table", title, sorted(by_date), note=note, fold=True)
    in_words = f"{title}, {span}: most in {month_name(*most)}, {of}."
    finding = f"{title}: most in {month_name(*most)}, {of}"
    return Chart(anchor, "bars", finding, in_words, table, y_label=unit, points=points)


def _months(rows: Sequence[Row]) -> dict[tuple[int, int], list[Row]]:
    by_date: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        if row.date is not None:
            by_date.setdefault((row.date.year, row.date.month), []).append(row)
    return by_date


class _Sizes(NamedTuple):
    month: str
    smallest: int
    median: int
    largest: int
    rows: tuple[RowRange, ...]


_SIZES = Grid[_Sizes](
    column("month", "Month", lambda lists: lists.month, rows=lambda lists: lists.rows),
    number("smallest", "Smallest", lambda lists: lists.smallest),
    number("median", "Median", lambda lists: lists.median),
    number("largest", "Largest", lambda lists: lists.largest),
)


def sizes(rows: Sequence[Row]) -> Chart:
    """Smallest, median and largest list of each month; at least one of ``rows`` has a date and a size."""
    points, months = [], []
    for (year, month), dated in sorted(_months([row for row in rows if row.watchlist_size]).items()):
        entries = [row.watchlist_size or 0 for row in dated]
        of = min(entries), int(statistics.median(entries)), max(entries)
        lists = _Sizes(month_name(year, month), *of, row_ranges(dated))
        months.append(lists)
        points += [
            SeriesPoint(f"{year}-{month:02d}-01", float(size), name)
            for name, size in (("smallest", lists.smallest), ("median", lists.median), ("largest", lists.largest))
        ]
    title = "Entries on the watchlists of each month"
    first, last = months[0], months[-1]
    medians = f"median {count(first.median)} in {first.month}, {count(last.median)} in {last.month}"
    in_words = f"{title}: {medians}; at most {count(int(max(point.y for point in points)))}."
    table = _SIZES.table("creep-sizes-table", title, months, fold=True)
    finding = f"Entries on watchlists: {medians}"
    return Chart("creep-sizes", "points", finding, in_words, table, y_label="entries", points=tuple(points))


class _Steps(NamedTuple):
    year: int
    steps: list[ListStep]

    @property
    def rows(self) -> tuple[RowRange, ...]:
        return row_ranges([step.after for step in self.steps])

    @property
    def median(self) -> float:
        return statistics.median(step.share for step in self.steps)

    def between(self, low: float, high: float) -> int:
        """How many pairs differ in size by a share from ``low`` up to ``high``, which is left out."""
        return sum(low <= step.share < high for step in self.steps)


#: The least share that is not zero.
_ANY = math.nextafter(0, 1)
_STEPS = Grid[_Steps](
    column("year", "Year of the later list", lambda year: year.year, words=str, rows=lambda year: year.rows),
    number("pairs", "Pairs of consecutive days", lambda year: len(year.steps)),
    number("same", "Same size", lambda year: year.between(0, _ANY)),
    number("one", "Under 1%", lambda year: year.between(_ANY, 0.01)),
    number("five", "1 to under 5%", lambda year: year.between(0.01, 0.05)),
    number("more", "5% or more", lambda year: year.between(0.05, math.inf)),
    number("median", "Median difference", lambda year: year.median, words=lambda at: percent(at) if at else "nothing"),
)


def list_steps(rows: Sequence[Row]) -> Table:
    """Differences of consecutive lists by year: none, under 1, under 5, 5% and more."""
    by_year: dict[int, list[ListStep]] = {}
    for step in consecutive_lists(rows):
        assert step.after.date is not None
        by_year.setdefault(step.after.date.year, []).append(step)
    return _STEPS.table(
        "creep-list-steps",
        "How far lists on consecutive days with deployments differ in size",
        [_Steps(year, steps) for year, steps in sorted(by_year.items())],
        note="The last list of a day beside the first of the next day with a deployment. Lists of one size may hold "
        "different people; who was on them is not published.",
    )


#: Tables in which two cells name a row; in the others one does.
_TWO_KEYS = frozenset({"creep-promises", "creep-use-cases"})


def creep(evidence: Evidence) -> Section:
    """The section: promises first, then a table by year, then each series; what a correction touches, both ways."""
    blocks = _blocks(evidence, evidence.record)
    if evidence.corrections:
        printed = {block.anchor: block for block in _blocks(evidence, evidence.printed) if isinstance(block, _DATA)}
        blocks = [
            _both(block, printed[block.anchor]) if isinstance(block, _DATA) and block.anchor in printed else block
            for block in blocks
        ]
    return Section("creep", f"Creep{_growth(evidence)}", tuple(blocks))


def _growth(evidence: Evidence) -> str:
    """Deployments in the first and the last year, for the heading; nothing where one year has them all."""
    years = _years([row for row in evidence.record.rows if row.date is not None])
    if len(years) < 2:
        return ""
    what = "deployment" if evidence.whole.deployments == evidence.whole.rows else "row"
    ends = (f"{counted(len(years[year]), what)} in {until(evidence, str(year))}" for year in (min(years), max(years)))
    return f": {', '.join(ends)}"


_DATA = (Table, Chart)


def _both(read: Block, printed: Block) -> Block:
    if isinstance(read, Chart) and isinstance(printed, Chart):
        return replace(read, table=both_readings(read.table, printed.table))
    if isinstance(read, Table) and isinstance(printed, Table):
        return both_readings(read, printed, keys=2 if read.anchor in _TWO_KEYS else 1)
    return read


def _blocks(evidence: Evidence, record: Record) -> list[Block]:
    rows = [row for row in record.rows if row.date is not None]
    if not rows:
        return [Paragraph("No row prints a date, so nothing can be said over time.")]
    blocks: list[Block] = [
        Paragraph(
            "Counts of everything published, set beside what was promised and when. They are counts, not estimates: "
            "they carry no interval and no test."
        ),
        promises(evidence.promises, rows),
        _by_year(rows),
        by_month(rows, "creep-deployments", "Deployments a month", len, "deployments"),
    ]
    if any(row.duration_minutes is not None for row in rows):
        blocks.append(by_month(rows, "creep-hours", "Hours of deployment a month", _hours, "hours"))
    if any(row.watchlist_size for row in rows):
        blocks += [Heading("Watchlists", "creep-lists"), sizes(rows), list_steps(rows)]
    blocks += [Heading("Use cases and places", "creep-places"), _use_cases(rows), returns(rows)]
    per_arrest = _faces_per_arrest(evidence, record)
    if per_arrest.rows:
        blocks += [Heading("Faces per arrest, within each regime", "creep-faces-per-arrest"), per_arrest]
    return blocks


def _hours(rows: Sequence[Row]) -> float | None:
    hours = total(rows, "hours").amount
    return None if hours is None else float(hours)


def _years(rows: Sequence[Row]) -> dict[int, list[Row]]:
    years: dict[int, list[Row]] = {}
    for row in rows:
        assert row.date is not None
        years.setdefault(row.date.year, []).append(row)
    return dict(sorted(years.items()))


def _months_spanned(rows: Sequence[Row]) -> int:
    months = [row.date.year * 12 + row.date.month for row in rows if row.date]
    return max(months) - min(months) + 1


class _Year(NamedTuple):
    year: int
    rows: list[Row]
    again: int

    @property
    def a_month(self) -> float:
        return len(self.rows) / _months_spanned(self.rows)

    @property
    def use_cases(self) -> int | None:
        return len({row.use_case for row in self.rows if row.use_case}) or None

    @property
    def places(self) -> int | None:
        return returned(self.rows).places or None

    @property
    def lists(self) -> str | None:
        sizes = [row.watchlist_size for row in self.rows if row.watchlist_size]
        if not sizes:
            return None
        return ", ".join(map(count, (min(sizes), int(statistics.median(sizes)), max(sizes))))


_YEARS = Grid[_Year](
    column("year", "Year", lambda year: year.year, words=str, rows=lambda year: row_ranges(year.rows)),
    number("deployments", "Deployments", lambda year: len(year.rows)),
    number("months", "Months spanned", lambda year: _months_spanned(year.rows)),
    number("a_month", "Deployments a month", lambda year: year.a_month, words=lambda rate: plain(significant(rate, 2))),
    number("hours", "Hours", lambda year: _hours(year.rows), missing="not published"),
    number("lists", "List entries: smallest, median, largest", lambda year: year.lists, missing="not published"),
    number("use_cases", "Distinct use cases", lambda year: year.use_cases, missing="not published"),
    number("places", "Places as printed", lambda year: year.places, missing="not published"),
    number("again", "At a place used before in the record", lambda year: year.again),
)


def _by_year(rows: Sequence[Row]) -> Table:
    again = Counter(row.date.year for row in returned(rows).before if row.date)
    years = [_Year(year, dated, again[year]) for year, dated in _years(rows).items()]
    return _YEARS.table("creep-years", "Use by year", years)


class _UseCase(NamedTuple):
    year: int
    name: str
    rows: list[Row]


_USE_CASES = Grid[_UseCase](
    column("year", "Year", lambda case: case.year, words=str),
    column("use_case", "Use case as printed", lambda case: case.name),
    number("times", "Deployments", lambda case: len(case.rows), rows=lambda case: row_ranges(case.rows)),
)


def _use_cases(rows: Sequence[Row]) -> Table:
    cases = []
    for year, dated in _years(rows).items():
        by_name: dict[str, list[Row]] = {}
        for row in dated:
            by_name.setdefault(" ".join(row.use_case.split()) if row.use_case else "none printed", []).append(row)
        named = sorted(by_name.items(), key=lambda item: (-len(item[1]), item[0]))
        cases += [_UseCase(year, name, with_name) for name, with_name in named]
    return _USE_CASES.table("creep-use-cases", "Use cases by year", cases)


class _Regime(NamedTuple):
    name: str
    faces: int
    arrests: int
    rows: Sequence[Row]

    @property
    def per_arrest(self) -> float | str:
        return self.faces / self.arrests if self.arrests else "no arrest"


_FACES_PER_ARREST = Grid[_Regime](
    column("regime", "Regime", lambda regime: regime.name),
    number("faces", "Faces seen", lambda regime: regime.faces),
    number("arrests", "Arrests", lambda regime: regime.arrests, rows=lambda regime: row_ranges(regime.rows)),
    number("per", "Faces per arrest", lambda regime: regime.per_arrest, words=lambda faces: count(round(faces))),
)


def _faces_per_arrest(evidence: Evidence, record: Record) -> Table:
    regimes = []
    for scope in evidence.scopes["regime"]:
        rows = both([record.rows[i] for i in scope.positions], MEASURES["arrests_per_face"])
        faces, arrests = total(rows, "faces_seen").amount, total(rows, "arrests").amount
        if faces is not None and arrests is not None:
            regimes.append(_Regime(evidence.labels[scope.name], int(faces), int(arrests), rows))
    note = "Not carried from one regime to another: the way faces are counted may differ between them."
    caption = "Faces per arrest within each regime"
    return _FACES_PER_ARREST.table("creep-faces-per-arrest-table", caption, regimes, note=note)
