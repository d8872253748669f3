"""Moments, days and spans as the record writes them, and the arithmetic duties need of them.

>>> moment("2026-03-01T09:30:00Z") - moment("2026-03-01T08:30:00Z") == hours(1)
True
>>> month_after(datetime.date(2026, 1, 31)).isoformat()
'2026-02-28'
"""

from __future__ import annotations

import calendar
import datetime
from decimal import Decimal
from functools import lru_cache


@lru_cache(maxsize=65536)
def moment(text: str) -> datetime.datetime:
    """A ``time``, ``hour`` or ``date`` of the record as a moment in UTC; a day stands for its first moment."""
    if len(text) == len("2026-03-01T09Z"):
        text = text[:-1] + ":00:00Z"
    found = datetime.datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=datetime.UTC)


def day(text: str) -> datetime.date:
    """The day of a time, hour or date of the record."""
    return datetime.date.fromisoformat(text[:10])


def hours(number: int | Decimal) -> datetime.timedelta:
    """A span of so many hours."""
    return datetime.timedelta(seconds=float(number * 3600))


def month_after(start: datetime.date, months: int = 1) -> datetime.date:
    """The same day ``months`` later, or the last of that month where it has no such day."""
    count = start.year * 12 + start.month - 1 + months
    year, month = divmod(count, 12)
    return datetime.date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def moment_of(as_at: datetime.date | datetime.datetime) -> datetime.datetime:
    """The moment a date or a moment of the asker stands for: of a date, its last second. A naive moment is UTC."""
    if not isinstance(as_at, datetime.datetime):
        return datetime.datetime(as_at.year, as_at.month, as_at.day, 23, 59, 59, tzinfo=datetime.UTC)
    return as_at if as_at.tzinfo is not None else as_at.replace(tzinfo=datetime.UTC)
