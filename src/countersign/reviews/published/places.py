"""Places returned to, as printed: one place spelt in two ways counts as two, so returns are at least those counted."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import NamedTuple

from countersign.document import Block, Cell, Column, Paragraph, Table
from countersign.published.table.measures import row_ranges
from countersign.published.table.record import Row
from countersign.words.phrases import counted
from countersign.words.wording import count

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


def returns(rows: Sequence[Row]) -> Block:
    """The places with most deployments, and in its note how many were returned to; a sentence where none was."""
    columns = (
        Column("place", "Place as printed"), Column("times", "Deployments", "end"), Column("days", "Days", "end")
    )  # fmt: skip
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.place:
            found.setdefault(" ".join(row.place.split()), []).append(row)
    most = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))[:MOST_PLACES]
    whole = returned(rows)
    cells = tuple(
        (
            Cell(place),
            Cell(count(len(those)), len(those), row_ranges(those)),
            Cell(count(len({row.date for row in those})), len({row.date for row in those})),
        )
        for place, those in most
        if len(those) > 1
    )
    if not cells:
        return Paragraph(f"{counted(whole.places, 'place')} as printed, none of them in more than one row.", "note")
    return Table(
        "creep-returns", "Places returned to most", columns, cells,
        note=f"{counted(whole.places, 'place')} as printed; {count(whole.more_than_once)} on more than one day; "
        f"{counted(len(whole.before), 'deployment')} at a place used before. One spelt in two ways counts as two: "
        "returns are at least these.",
    )  # fmt: skip
