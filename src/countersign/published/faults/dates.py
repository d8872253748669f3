"""Dates that stand out of the order of their rows, and the misprint that would put each back in.

The rows outside a longest run of dates in one order (rising or falling) stand out of order; where fewer than nine rows
in ten are in order the document has none. For each the readings that one slip of the pen explains are tried (another
year, day and month exchanged, another month, one digit of the day); the plainest that lies between the dates of the
neighbouring rows is proposed. Nothing is changed.

>>> from countersign.published.table.record import Document, Row
>>> days = ["2024-06-26", "2024-06-28", "2023-07-11", "2024-07-11", "2024-07-13"] + ["2024-08-01"] * 8
>>> rows = tuple(Row("d", n, date=datetime.date.fromisoformat(text)) for n, text in enumerate(days, start=1))
>>> out_of_order(Record((Document("d", "D"),), rows))
((2, datetime.date(2024, 7, 11)),)
"""

from __future__ import annotations

import datetime
from bisect import bisect_right
from collections.abc import Sequence

from countersign.published.faults.codes import Fault, draft, where
from countersign.published.table.record import Record, Row
from countersign.words.dates import day

#: Share of a document's dated rows that must be in order before a row is said to stand out of it.
LEAST_IN_ORDER = 0.9


def out_of_order(record: Record) -> tuple[tuple[int, datetime.date | None], ...]:
    """Index of each row out of order, with the date a likely misprint would have meant, or ``None``."""
    misplaced: list[tuple[int, datetime.date | None]] = []
    for indices in _by_document(record).values():
        dates = [record.rows[index].date or datetime.date.min for index in indices]
        kept, falling = _longest_run(dates)
        if len(kept) == len(dates) or len(kept) < LEAST_IN_ORDER * len(dates):
            continue
        inside = sorted(kept)
        for position in range(len(dates)):
            if position in kept:
                continue
            place = bisect_right(inside, position)
            before = dates[inside[place - 1]] if place else None
            after = dates[inside[place]] if place < len(inside) else None
            if falling:
                before, after = after, before
            misplaced.append((indices[position], _likely(dates[position], before, after)))
    return tuple(sorted(misplaced))


def find_date_faults(record: Record) -> list[Fault]:
    """A ``date-out-of-order`` for each row whose date stands out of the order of its document."""
    return [_fault(record, index, meant) for index, meant in out_of_order(record)]


def _fault(record: Record, index: int, meant: datetime.date | None) -> Fault:
    row = record.rows[index]
    printed = row.printed.get("date") or day(row.date or datetime.date.min)
    beside = [record.rows[other] for other in (index - 1, index + 1) if 0 <= other < len(record.rows)]
    neighbours = [other for other in beside if other.document == row.document]
    stands = " and ".join(day(other.date) for other in neighbours if other.date is not None)
    message = f"{where(row)}: the date, printed {printed}, stands out of order, beside rows of {stands}"
    details = [("printed", printed), ("beside", stands)]
    if meant is None:
        message += "; no single slip would put it in order."
    else:
        message += f"; {day(meant)} would be in order, so that a misprint is likely"
        shared = _shared(row, neighbours)
        message += f" ({shared})." if shared else "."
        details.append(("proposed", meant.isoformat()))
    return draft("date-out-of-order", row.document, row.number, "date", message, tuple(details))


def _shared(row: Row, neighbours: Sequence[Row]) -> str:
    for other in neighbours:
        if row.watchlist_size is not None and row.watchlist_size == other.watchlist_size:
            watchlist = f"its watchlist of {row.watchlist_size:,}"
            if row.threshold is not None and row.threshold == other.threshold:
                return f"{watchlist} and its threshold of {row.threshold} are those of row {other.number}"
            return f"{watchlist} is that of row {other.number}"
    return ""


def _by_document(record: Record) -> dict[str, list[int]]:
    by_document: dict[str, list[int]] = {}
    for index, row in enumerate(record.rows):
        if row.date is not None:
            by_document.setdefault(row.document, []).append(index)
    return by_document


def _longest_run(dates: Sequence[datetime.date]) -> tuple[set[int], bool]:
    ordinals = [date.toordinal() for date in dates]
    rising = _run(ordinals)
    if len(rising) == len(ordinals):
        return rising, False
    falling = _run([-ordinal for ordinal in ordinals])
    return (falling, True) if len(falling) > len(rising) else (rising, False)


def _run(values: Sequence[int]) -> set[int]:
    """Positions of a longest run that never goes down (patience sorting)."""
    tails: list[int] = []
    tail_positions: list[int] = []
    before = [-1] * len(values)
    for position, value in enumerate(values):
        length = bisect_right(tails, value)
        before[position] = tail_positions[length - 1] if length else -1
        tails[length : length + 1] = [value]
        tail_positions[length : length + 1] = [position]
    kept: set[int] = set()
    position = tail_positions[-1] if tail_positions else -1
    while position >= 0:
        kept.add(position)
        position = before[position]
    return kept


def _likely(printed: datetime.date, before: datetime.date | None, after: datetime.date | None) -> datetime.date | None:
    """The plainest slip that lies between two dates."""
    for candidate in _slips(printed, before or after or printed):
        if (before is None or before <= candidate) and (after is None or candidate <= after):
            return candidate
    return None


def _slips(printed: datetime.date, near: datetime.date) -> list[datetime.date]:
    tries = [(year, printed.month, printed.day) for year in (near.year, near.year + 1, near.year - 1)]
    tries += [(year, printed.day, printed.month) for year in (printed.year, near.year)]
    tries += [(printed.year, month, printed.day) for month in range(1, 13)]
    tens, ones = divmod(printed.day, 10)
    tries += [(printed.year, printed.month, ones * 10 + tens)]
    tries += [(printed.year, printed.month, ten * 10 + ones) for ten in range(4)]
    tries += [(printed.year, printed.month, tens * 10 + digit) for digit in range(10)]
    dates: list[datetime.date] = []
    for year, month, day_of_month in tries:
        try:
            candidate = datetime.date(year, month, day_of_month)
        except ValueError:
            continue
        if candidate != printed and candidate not in dates:
            dates.append(candidate)
    return dates
