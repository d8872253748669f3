"""Watchlists as their sizes tell of them: by date, and how far lists on consecutive days differ.

A size is all a published table holds of a list. Two lists of one size may hold different people, two of different size
mostly the same; neither can be told from here, and the report says so.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from countersign.document import Cell, Chart, Column, SeriesPoint, Table
from countersign.published.claims.list_steps import ListStep, consecutive_lists
from countersign.published.table.measures import row_ranges
from countersign.published.table.record import Row
from countersign.words.phrases import MONTHS
from countersign.words.wording import count, per_cent


def sizes(rows: Sequence[Row]) -> Chart:
    """Smallest, median and largest list of each month; at least one of ``rows`` has a date and a size."""
    found: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        if row.date is not None and row.watchlist_size:
            found.setdefault((row.date.year, row.date.month), []).append(row)
    points, cells = [], []
    for (year, month), those in sorted(found.items()):
        entries = [row.watchlist_size or 0 for row in those]
        told = {"smallest": min(entries), "median": int(statistics.median(entries)), "largest": max(entries)}
        points += [SeriesPoint(f"{year}-{month:02d}-01", float(size), name) for name, size in told.items()]
        cells.append((
            Cell(f"{MONTHS[month - 1]} {year}", rows=row_ranges(those)), *(Cell(count(n), n) for n in told.values())
        ))  # fmt: skip
    columns = (
        Column("month", "Month"), Column("smallest", "Smallest", "end"), Column("median", "Median", "end"),
        Column("largest", "Largest", "end"),
    )  # fmt: skip
    title = "Entries on the watchlists of each month"
    return Chart(
        anchor="creep-sizes",
        kind="points",
        title=title,
        alternative=f"{title}: median {cells[0][2].text} in {cells[0][0].text}, {cells[-1][2].text} in "
        f"{cells[-1][0].text}; at most {count(int(max(point.y for point in points)))}.",
        table=Table("creep-sizes-table", title, columns, tuple(cells), fold=True),
        y_label="entries",
        points=tuple(points),
    )


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
