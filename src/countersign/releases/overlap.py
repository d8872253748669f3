"""Deployments that two series of one force both print: each is counted once, and what is unclear is said.

Rows are of one deployment where their days, systems and places are the same. Places are compared by their words: case,
spacing, punctuation and order are left aside, and the abbreviations of ``published.table.places`` are written out ("St"
is "Street"); other words are another place. Where each series prints one such row, the row that prints more values is
counted. Where a day and place hold several, rows that agree in at least ``LEAST_SHARED`` counts, and in all that both
print, are paired. If rows of both series are left over, those of the series that has more of them are counted, so that
nothing is counted twice, and it is said that this is unclear.

>>> import datetime
>>> day = datetime.date(2026, 3, 1)
>>> rows = [Row("a", 1, date=day, place=place) for place in ("12 High St.", "HIGH STREET 12", "Low Street 12")]
>>> place_of(rows[0]) == place_of(rows[1]), place_of(rows[1]) == place_of(rows[2])
(True, False)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from countersign.published.table.places import words
from countersign.published.table.record import COLUMN_NAMES, SUMMED, Refused, Row
from countersign.releases.release import Held
from countersign.words.dates import day
from countersign.words.lists import be, counted, listing

#: Of several rows of a day and place two are paired only where this many counts agree, or more.
LEAST_SHARED = 2
#: Deployments that a sentence names.
MOST_NAMED = 3
#: Pairs of rows of one day and place that are looked at; of more, none is paired.
MOST_BESIDE = 2_500
_COUNTED = (*SUMMED, "duration_minutes")
_BRACKETS = re.compile(r"[()\[\]{}]")


class Overlap(NamedTuple):
    """A day and place that two series print: which series, how many rows each has, the columns in which they differ,
    and the rows that are not counted for it."""

    series: tuple[str, str]
    rows: tuple[int, int]
    aside: tuple[Row, ...]
    differ: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The day and place in words."""
        row = self.aside[0]
        return f"{day(row.date) if row.date else 'no date'}, {row.place}"

    @property
    def refused(self) -> list[Refused]:
        """The rows that are not counted, with the reason."""
        reason = f"the series {listing([name.replace('-', ' ') for name in self.series])} print this day and place"
        reason += "" if self.clear else ", and which rows are of one deployment is unclear"
        return [
            Refused(row.document, row.page, f"row {row.number}", self.where, f"{reason}; counted once")
            for row in self.aside
        ]

    @property
    def clear(self) -> bool:
        """Whether nothing stands against the rows being of one deployment."""
        return self.rows == (1, 1) and not self.differ


def place_of(row: Row) -> str:
    """The words of a place in their alphabetical order; empty where none is printed."""
    return " ".join(sorted(words(_BRACKETS.sub(" ", row.place)))) if row.place else ""


def put_together(
    standing: Sequence[Held], more: Sequence[Held], systems: Mapping[str, str]
) -> tuple[list[Held], list[Overlap]]:
    """The rows of the series so far and of one more, each deployment once; and what both print.

    ``systems``: by document. Rows without a day or a place are known by nothing, and all stand.
    """
    kept: list[Held | None] = [*standing]
    if not standing or not more:
        return [*standing, *more], []
    known: dict[tuple[object, ...], list[int]] = {}
    for index, held in enumerate(standing):
        if (key := _key(held, systems)) is not None:
            known.setdefault(key, []).append(index)
    fresh: dict[tuple[object, ...], list[Held]] = {}
    for held in more:
        key = _key(held, systems)
        if key is None or key not in known:
            kept.append(held)
        else:
            fresh.setdefault(key, []).append(held)
    overlaps: list[Overlap] = []
    for key, theirs in fresh.items():
        overlaps += _met(kept, [(index, standing[index]) for index in known[key]], theirs)
    return [held for held in kept if held is not None], overlaps


def _met(kept: list[Held | None], ours: Sequence[tuple[int, Held]], theirs: Sequence[Held]) -> Iterator[Overlap]:
    """What both print of one day and place; ``kept`` is changed to hold each deployment once."""
    pairs = _pairs(ours, theirs)
    for index, one, other in pairs:
        kept[index] = more = max(one, other, key=_printed)
        series = (one.release.series, other.release.series)
        less = other if more is one else one
        yield Overlap(series, (1, 1), (less.row,), _differing(one.row, other.row))
    met = {index for index, _, _ in pairs}, {id(other) for _, _, other in pairs}
    left = [(index, one) for index, one in ours if index not in met[0]]
    rest = [other for other in theirs if id(other) not in met[1]]
    if left and rest:
        fewer = rest if len(left) >= len(rest) else [one for _, one in left]
        series = (left[0][1].release.series, rest[0].release.series)
        yield Overlap(series, (len(left), len(rest)), tuple(held.row for held in fewer))
        if fewer is rest:
            return
        for index, _ in left:
            kept[index] = None
    kept += rest


def _key(held: Held, systems: Mapping[str, str]) -> tuple[object, ...] | None:
    row, place = held.row, place_of(held.row)
    return None if row.date is None or not place else (row.date, row.date_to, place, systems.get(row.document, ""))


def _pairs(ours: Iterable[tuple[int, Held]], theirs: Iterable[Held]) -> list[tuple[int, Held, Held]]:
    """Rows that only one row of the other series agrees with; and the last two, where one is left of each series."""
    left, rest, found = dict(ours), [*theirs], list[tuple[int, Held, Held]]()
    if len(left) * len(rest) > MOST_BESIDE:
        return []
    for other in [*rest]:
        agreeing = [index for index, one in left.items() if _agree(one.row, other.row)]
        if agreeing and all(_counts(left[index].row) == _counts(left[agreeing[0]].row) for index in agreeing):
            found.append((agreeing[0], left.pop(agreeing[0]), other))
            rest.remove(other)
    if len(left) == len(rest) == 1:
        found.append((*left.popitem(), rest.pop()))
    return found


def _agree(one: Row, other: Row) -> bool:
    shared = sum(getattr(one, name) is not None and getattr(other, name) is not None for name in _COUNTED)
    return shared >= LEAST_SHARED and not _differing(one, other)


def _counts(row: Row) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in _COUNTED)


def _differing(one: Row, other: Row) -> tuple[str, ...]:
    pairs = ((name, getattr(one, name), getattr(other, name)) for name in _COUNTED)
    return tuple(name for name, first, second in pairs if None not in (first, second) and first != second)


def _printed(held: Held) -> int:
    return sum(getattr(held.row, name) is not None or name in held.row.unsure for name in COLUMN_NAMES[:-1])


def said(overlaps: Sequence[Overlap]) -> list[str]:
    """What several series print of the same deployments, in sentences."""
    clear = [each for each in overlaps if each.clear]
    notes = []
    if clear:
        many = counted(len(clear), "deployment")
        notes.append(
            f"{many} that two series print {be(len(clear))} counted once, as day and place are the same: "
            f"{_named([each.where for each in clear])}."
        )
    unclear = [each for each in overlaps if not each.clear]
    notes += [_unclear(each) for each in unclear[:MOST_NAMED]]
    if len(unclear) > MOST_NAMED:
        more = counted(len(unclear) - MOST_NAMED, "other day and place", "other days and places")
        notes.append(f"The same is unclear of {more}.")
    return notes


def _unclear(each: Overlap) -> str:
    first, second = (name.replace("-", " ") for name in each.series)
    if each.differ:
        columns = listing([name.replace("_", " ") for name in each.differ])
        return (
            f"{each.where}: the series {first} and {second} print one row each, with other values of {columns}; it is "
            "counted once, and whether it is one deployment or two is unclear."
        )
    one, other = (counted(number, "row") for number in each.rows)
    more = first if each.rows[0] >= each.rows[1] else second
    return (
        f"{each.where}: the series {first} prints {one} and {second} {other}, and which are of one deployment is "
        f"unclear; those of {more} are counted, so that nothing is counted twice."
    )


def _named(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return listing(names) if more <= 0 else f"{'; '.join(names[:MOST_NAMED])} and {more:,} more"
