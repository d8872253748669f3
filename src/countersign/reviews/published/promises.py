"""Dated promises beside what was counted since, and the places returned to.

A promise is a public claim that names a duty a published table bears on; its words stand as they were said. What is
counted does not say whether a promise was kept: it is what the rows hold that bears on it, from the day it was made.
Places are taken as printed: one place spelt in two ways counts as two, so returns are at least those counted.
"""

from __future__ import annotations

import datetime
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from countersign.document import Block, Paragraph
from countersign.grids import Grid, column, number
from countersign.published.claims.context import consecutive_lists
from countersign.published.table.measures import row_ranges
from countersign.published.table.record import Row
from countersign.reviews.published.evidence import Promise
from countersign.words.dates import dated
from countersign.words.lists import be, counted, listing
from countersign.words.numbers import count, plain, significant, small

#: How many places the table of returns shows.
MOST_PLACES = 15


class Returned(NamedTuple):
    """``places`` as printed, how many of them on ``more_than_once`` a day, and the rows at a place used ``before``."""

    places: int
    more_than_once: int
    before: tuple[Row, ...]


def returned(rows: Sequence[Row]) -> Returned:
    """Which deployments were at a place that had one on an earlier day; rows without place or date are left out.

    >>> days = [datetime.date(2024, 5, day) for day in (1, 1, 2)]
    >>> found = returned([Row("a", number, date=day, place="Hill St") for number, day in enumerate(days, 1)])
    >>> found.places, found.more_than_once, [row.number for row in found.before]
    (1, 1, [3])
    """
    first: dict[str, datetime.date] = {}
    again: set[str] = set()
    before = []
    for row in sorted((row for row in rows if row.place and row.date), key=lambda row: (row.date, row.number)):
        place = " ".join(str(row.place).split()).casefold()
        assert row.date is not None
        if first.setdefault(place, row.date) != row.date:
            again.add(place)
            before.append(row)
    return Returned(len(first), len(again), tuple(before))


class _Place(NamedTuple):
    name: str
    rows: list[Row]


_PLACES = Grid[_Place](
    column("place", "Place as printed", lambda place: place.name),
    number("times", "Deployments", lambda place: len(place.rows), rows=lambda place: row_ranges(place.rows)),
    number("days", "Days", lambda place: len({row.date for row in place.rows})),
)


def returns(rows: Sequence[Row]) -> Block:
    """The places with most deployments, and in its note how many were returned to; a sentence where none was."""
    by_name: dict[str, list[Row]] = {}
    for row in rows:
        if row.place:
            by_name.setdefault(" ".join(row.place.split()), []).append(row)
    most = sorted(by_name.items(), key=lambda item: (-len(item[1]), item[0]))[:MOST_PLACES]
    whole = returned(rows)
    again = [_Place(name, there) for name, there in most if len(there) > 1]
    if not again:
        return Paragraph(f"{counted(whole.places, 'place')} as printed, none of them in more than one row.", "note")
    note = (
        f"{counted(whole.places, 'place')} as printed; {count(whole.more_than_once)} on more than one day; "
        f"{counted(len(whole.before), 'deployment')} at a place used before. One spelt in two ways counts as two: "
        "returns are at least these."
    )
    return _PLACES.table("creep-returns", "Places returned to most", again, note=note)


#: Duties whose promise can be set beside counts of a published table, and the counts that go with each.
COUNTED_BESIDE: dict[str, tuple[str, ...]] = {
    "uk.wl.bespoke": ("lists",),
    "uk.plan.where-nexus": ("use_cases", "places"),
    "uk.plan.time-footprint": ("hours",),
    "uk.wl.category": ("list_size",),
}


def promises(made: Sequence[Promise], rows: Sequence[Row]) -> Block:
    """A table of the promises with what was counted since; a word where none was given."""
    kept = [promise for promise in made if promise.duty in COUNTED_BESIDE]
    if not kept:
        return Paragraph("No dated promise was given (claims that name a duty), so the counts stand alone.", "note")
    grid = Grid[Promise](
        column("promise", "Promised", lambda promise: f"“{promise.statement}”"),
        column("who", "By whom, when", lambda promise: f"{promise.said_by}, {dated(promise.said_on)}"),
        column("since", "Counted since", lambda promise: _since(promise, rows)),
    )
    return grid.table("creep-promises", "Dated promises, and what was counted since", kept)


def _since(promise: Promise, rows: Sequence[Row]) -> str:
    later = [row for row in rows if row.date is not None and row.date.isoformat() >= promise.said_on]
    sentences = [sentence for what in COUNTED_BESIDE[promise.duty] if (sentence := _COUNTED[what](later))]
    return " ".join(sentences) or "Nothing that bears on it is published."


def _lists_counted(rows: Sequence[Row]) -> str:
    steps = consecutive_lists(rows)
    if not steps:
        return ""
    near = sum(step.share < 0.01 for step in steps)
    same = sum(step.share == 0 for step in steps)
    alike = f"; in {small(same)} of them both have the same size" if same else ""
    return (
        f"Of {counted(len(steps), 'pair')} of lists on consecutive days with deployments, {count(near)} "
        f"{be(near, 'differs', 'differ')} in size by less than 1%{alike}. Size says nothing of who was on them."
    )


def _use_cases_counted(rows: Sequence[Row]) -> str:
    cases = Counter(" ".join(row.use_case.split()) for row in rows if row.use_case)
    if not cases:
        return ""
    named = listing([f"“{case}” in {count(times)}" for case, times in cases.most_common(6)])
    more = f" and {count(len(cases) - 6)} more" if len(cases) > 6 else ""
    return f"The rows name {counted(len(cases), 'distinct use case')}: {named}{more}."


def _places_counted(rows: Sequence[Row]) -> str:
    places = returned(rows)
    if not places.places:
        return ""
    return (
        f"{counted(places.places, 'place')} as printed, {count(places.more_than_once)} of them on more than one day; "
        f"{counted(len(places.before), 'deployment')} {be(len(places.before), 'was', 'were')} at a place used before."
    )


def _hours_counted(rows: Sequence[Row]) -> str:
    minutes = [row.duration_minutes for row in rows if row.duration_minutes is not None]
    if not minutes:
        return ""
    return (
        f"The median deployment lasted {plain(significant(statistics.median(minutes) / 60, 2))} hours, the longest "
        f"{plain(significant(max(minutes) / 60, 2))}; the zone is not published."
    )


def _list_size_counted(rows: Sequence[Row]) -> str:
    sizes = [row.watchlist_size for row in rows if row.watchlist_size]
    if not sizes:
        return ""
    if sizes[-1] <= sizes[0]:
        return f"Lists held {count(min(sizes))} to {count(max(sizes))} entries; what for is not published."
    grew = f"Lists grew from {count(sizes[0])} to {count(sizes[-1])} entries"
    return f"{grew}; what the people on them are wanted for is not published."


_COUNTED: dict[str, Callable[[Sequence[Row]], str]] = {
    "lists": _lists_counted,
    "use_cases": _use_cases_counted,
    "places": _places_counted,
    "hours": _hours_counted,
    "list_size": _list_size_counted,
}
