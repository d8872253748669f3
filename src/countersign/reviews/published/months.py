"""An amount by calendar month, from the first month with a deployment to the last, as bars and a table.

A month without a deployment is nought; a month whose deployments do not print what is summed has no bar at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from countersign.document import Cell, Chart, Column, SeriesPoint, Table
from countersign.published.table.measures import row_ranges
from countersign.published.table.record import Row
from countersign.words.phrases import MONTHS
from countersign.words.wording import count


def by_month(
    rows: Sequence[Row], anchor: str, title: str, amount: Callable[[Sequence[Row]], float | None], unit: str
) -> Chart:
    """The chart. ``amount`` is given the dated rows of a month that has some; ``None`` where they do not print it."""
    found: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        if row.date is not None:
            found.setdefault((row.date.year, row.date.month), []).append(row)
    amounts = {month: amount(those) for month, those in found.items()}
    known = {month: float(told) for month, told in amounts.items() if told is not None}
    first, last = min(known), max(known)
    spanned = [divmod(i, 12) for i in range(first[0] * 12 + first[1] - 1, last[0] * 12 + last[1])]
    months = [(year, index + 1) for year, index in spanned]
    points = tuple(
        SeriesPoint(f"{year}-{number:02d}-01", known.get((year, number), 0.0))
        for year, number in months
        if (year, number) in known or (year, number) not in found
    )
    cells = tuple(
        (
            Cell(_told(month)),
            Cell("not published" if month not in known else count(round(known[month], 1)), known.get(month),
                 row_ranges(found[month])),
        )
        for month in sorted(found)
    )  # fmt: skip
    most = max(known, key=lambda month: known[month])
    return Chart(
        anchor=anchor,
        kind="bars",
        title=title,
        alternative=f"{title}, {' to '.join(dict.fromkeys(map(_told, (first, last))))}: most in {_told(most)}, "
        f"{count(round(known[most], 1))} {unit.removesuffix('s') if known[most] == 1 else unit}.",
        table=Table(f"{anchor}-table", title, (Column("month", "Month"), Column("amount", unit.capitalize(), "end")),
                    cells, note="Months without a deployment are left out of the table.", fold=True),
        y_label=unit,
        points=points,
    )  # fmt: skip


def _told(month: tuple[int, int]) -> str:
    return f"{MONTHS[month[1] - 1]} {month[0]}"
