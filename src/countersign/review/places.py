"""Places returned to, as printed: one place spelt in two ways counts as two, so returns are at least those counted."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from countersign.document import Cell, Column, Table
from countersign.published.measures import row_ranges
from countersign.published.rows import Row
from countersign.review.wording import count, counted

#: How many places the table of returns shows.
MOST_PLACES = 15


def returned(rows: Sequence[Row]) -> tuple[int, int, int]:
    """Distinct places as printed; places with deployments on more than one day; deployments at a place seen before."""
    days: dict[str, set[datetime.date]] = {}
    again = 0
    for row in sorted((row for row in rows if row.place and row.date), key=lambda row: (row.date, row.number)):
        place = " ".join(str(row.place).split()).casefold()
        assert row.date is not None
        again += bool(days.get(place, set()) - {row.date})
        days.setdefault(place, set()).add(row.date)
    return len(days), sum(len(found) > 1 for found in days.values()), again


def returns(rows: Sequence[Row]) -> Table:
    """The places with most deployments, and in its note how many were returned to."""
    columns = (
        Column("place", "Place as printed"),
        Column("times", "Deployments", "end"),
        Column("days", "Days", "end"),
    )
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.place:
            found.setdefault(" ".join(row.place.split()), []).append(row)
    most = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))[:MOST_PLACES]
    places, more_than_once, again = returned(rows)
    return Table(
        "creep-returns", "Places returned to most", columns,
        tuple(
            (Cell(place), Cell(count(len(those)), len(those), row_ranges(those)),
             Cell(count(len({row.date for row in those})), len({row.date for row in those})))
            for place, those in most if len(those) > 1
        ),
        note=f"{counted(places, 'place')} as printed; {count(more_than_once)} on more than one day; {count(again)} "
        "deployments at a place used before. One place spelt in two ways counts as two, so returns are at least these.",
    )  # fmt: skip
