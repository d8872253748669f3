"""What a release changed of the one before it: values altered, rows gone, rows that came late, rows beyond its reach.

``published.compare`` pairs the rows. A row of the earlier release that the later one lacks is *gone* where the later
one covers its day, and *not reached* where it does not: a list that begins later has not taken anything out. A row that
only the later one has *came late* where the earlier one covered its day, and is new where it did not.

>>> import datetime
>>> from countersign.published.table.record import Row
>>> day = datetime.date(2026, 3, 1)
>>> _within(Row("a", 1, date=day), (day, day)), _within(Row("a", 1), (day, day))
(True, True)
"""

from __future__ import annotations

import msgspec

from countersign.published.compare import Altered, compare
from countersign.published.table.record import Record, Row
from countersign.releases.readings import Reading
from countersign.releases.release import Period


class Differences(msgspec.Struct, frozen=True):
    """What differs between two readings, in rows; ``unchanged`` counts those that agree in all that both print.
    ``before`` and ``after``: rows that the later one does not reach, by the side on which they lie.
    """

    altered: tuple[Altered, ...]
    gone: tuple[Row, ...]
    late: tuple[Row, ...]
    new: tuple[Row, ...]
    before: tuple[Row, ...]
    after: tuple[Row, ...]
    unchanged: int
    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]

    @property
    def revised(self) -> bool:
        """Whether anything that the earlier one printed is printed otherwise, no more, or only now."""
        return bool(self.altered or self.gone or self.late or self.after or self.columns_removed)

    @property
    def same(self) -> bool:
        """Whether the two read alike in every row."""
        return not (self.altered or self.gone or self.late or self.new or self.before or self.after)


def differences(old: Reading, new: Reading, covers: Period | None = None, covered: Period | None = None) -> Differences:
    """What ``new`` changed of ``old``; ``covers`` and ``covered``: their periods, where stated."""
    compared = compare(old.record or Record((), ()), new.record or Record((), ()))
    reach, reached = covers or new.period, covered or old.period
    return Differences(
        compared.altered,
        tuple(row for row in compared.removed if _within(row, reach)),
        tuple(row for row in compared.added if _within(row, reached)),
        tuple(row for row in compared.added if not _within(row, reached)),
        tuple(row for row in compared.removed if not _within(row, reach) and not _past(row, reach)),
        tuple(row for row in compared.removed if _past(row, reach)),
        compared.unchanged,
        compared.columns_added,
        compared.columns_removed,
    )


def _within(row: Row, period: Period | None) -> bool:
    day = row.date or row.date_to
    return period is not None and (day is None or period[0] <= day <= period[1])


def _past(row: Row, period: Period | None) -> bool:
    day = row.date or row.date_to
    return period is not None and day is not None and day > period[1]
