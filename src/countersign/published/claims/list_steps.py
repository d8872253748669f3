"""Steps from the watchlist of one deployment day to that of the next, as the sizes of the lists tell of them.

The last list of a day stands beside the first of the next day with a deployment. A size is all that a published table
holds of a list: two lists of one size may hold different people, two of different size mostly the same.

>>> import datetime
>>> first = Row("a", 1, date=datetime.date(2024, 5, 1), watchlist_size=100)
>>> second = Row("a", 2, date=datetime.date(2024, 5, 3), watchlist_size=99)
>>> [step.share for step in consecutive_lists([first, second])]
[0.01]
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from countersign.published.table.record import Row


class ListStep(NamedTuple):
    """Two lists used on consecutive days with deployments; each prints a size above nought."""

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
