"""Watchlists as their sizes tell of them: by date, and how far lists on consecutive days differ.

A size is all a published table holds of a list. Two lists of one size may hold different people, two of different size
mostly the same; neither can be told from here, and the report says so.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from countersign.document import Cell, Chart, Column, SeriesPoint, Table
from countersign.published.measures import row_ranges
from countersign.published.rows import Row
from countersign.review.wording import count, per_cent

#: Points of a list-size chart; a longer record is thinned to about so many, evenly, and the chart says so.
MOST_POINTS = 1500


class ListStep(NamedTuple):
    """Two lists used on consecutive days with deployments: sizes, and the difference as a share of the former."""

    before: Row
    after: Row

    @property
    def share(self) -> float:
        """Difference of the sizes over the former size."""
        first, second = self.before.watchlist_size or 0, self.after.watchlist_size or 0
        return abs(second - first) / first


def consecutive_lists(rows: Sequence[Row]) -> list[ListStep]:
    """The last list of each day beside the first of the next day with a deployment, where both sizes are printed."""
    sized = [row for row in rows if row.date is not None and row.watchlist_size]
    dated = sorted(sized, key=lambda row: (row.date, row.document, row.number))
    return [ListStep(a, b) for a, b in pairwise(dated) if a.date != b.date]


def sizes(rows: Sequence[Row]) -> Chart:
    """Sizes by date; at least one of ``rows`` prints one."""
    sized = sorted((row for row in rows if row.watchlist_size), key=lambda row: (row.date, row.document, row.number))
    shown = sized[:: max(1, len(sized) // MOST_POINTS)]
    points = tuple(SeriesPoint(row.date.isoformat(), float(row.watchlist_size or 0)) for row in shown if row.date)
    cells = tuple(
        (Cell(row.date.isoformat() if row.date else ""), Cell(count(row.watchlist_size), row.watchlist_size,
                                                              row_ranges([row])))
        for row in shown
    )  # fmt: skip
    first, last = sized[0], sized[-1]
    thinned = f" One row in {len(sized) // MOST_POINTS} is shown." if len(shown) < len(sized) else ""
    return Chart(
        anchor="creep-sizes",
        kind="points",
        title="Entries on the watchlist of each deployment",
        alternative=f"Watchlist size by date: {count(first.watchlist_size)} at first, {count(last.watchlist_size)} "
        f"at last, at most {count(max(row.watchlist_size or 0 for row in sized))}.{thinned}",
        table=Table("creep-sizes-table", "Watchlist size of each deployment",
                    (Column("date", "Date"), Column("size", "Entries", "end")), cells, note=thinned.strip(), fold=True),
        y_label="entries",
        points=points,
    )  # fmt: skip


def list_steps(rows: Sequence[Row]) -> Table:
    """Differences of consecutive lists by year: none, under 1, under 5, 5 per cent and more."""
    columns = (
        Column("year", "Year of the later list"), Column("pairs", "Pairs of consecutive days", "end"),
        Column("same", "Same size", "end"), Column("one", "Under 1 per cent", "end"),
        Column("five", "1 to under 5 per cent", "end"), Column("more", "5 per cent or more", "end"),
        Column("median", "Median difference", "end"),
    )  # fmt: skip
    by_year: dict[int, list[ListStep]] = {}
    for step in consecutive_lists(rows):
        assert step.after.date is not None
        by_year.setdefault(step.after.date.year, []).append(step)
    cells = []
    for year, steps in sorted(by_year.items()):
        shares = [step.share for step in steps]
        counts = [
            len(shares), sum(share == 0 for share in shares), sum(0 < share < 0.01 for share in shares),
            sum(0.01 <= share < 0.05 for share in shares), sum(share >= 0.05 for share in shares),
        ]  # fmt: skip
        median = statistics.median(shares)
        cells.append((
            Cell(str(year), year, row_ranges([step.after for step in steps])),
            *(Cell(count(number), number) for number in counts),
            Cell(per_cent(median) if median else "nothing", median),
        ))  # fmt: skip
    return Table(
        "creep-list-steps", "How far lists on consecutive days with deployments differ in size", columns, tuple(cells),
        note="The last list of a day beside the first of the next day with a deployment. Lists of one size may hold "
        "different people; who was on them is not published.",
    )  # fmt: skip
