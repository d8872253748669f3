"""Counts that should add up, and values that cannot be: checked within each row, by integer arithmetic.

What must hold where all its parts are printed: true alerts are the confirmed and the unconfirmed ones, false alerts
likewise, and all alerts are the true and the false ones. Outcomes (arrest, other, no action) cannot be more than the
alerts; this is asked only where no two outcome columns are one column printed twice (``columns_alike``).

What cannot be: a count below zero, a duration of nothing or over a day, a threshold outside 0 to 1, more alerts than
faces, more arrests or people engaged than alerts, a date later than the document's own publication.

>>> from countersign.published.table.record import Document, Row
>>> record = Record((Document("d", "D"),), (Row("d", 1, alerts=1, true_alerts=2, false_alerts=0),))
>>> [fault.code for fault in find_sum_faults(record)]
['sum-mismatch']
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from operator import attrgetter

from countersign.published.faults.codes import Fault, draft, where
from countersign.published.faults.repeats import identical_pairs
from countersign.published.table.record import COLUMNS, Record, Row
from countersign.words.dates import day
from countersign.words.lists import counted, listing
from countersign.words.names import token
from countersign.words.numbers import count

#: Each whole with its parts.
SUMS: tuple[tuple[str, tuple[str, str]], ...] = (
    ("true_alerts", ("true_alerts_confirmed", "true_alerts_unconfirmed")),
    ("false_alerts", ("false_alerts_confirmed", "false_alerts_unconfirmed")),
    ("alerts", ("true_alerts", "false_alerts")),
)
OUTCOMES = ("arrests", "other_disposal", "no_action")
#: Each column that cannot be larger than another of its row.
AT_MOST: tuple[tuple[str, str], ...] = (
    ("alerts", "faces_seen"),
    ("arrests", "alerts"),
    ("false_alert_engagements", "false_alerts"),
    ("true_alert_engagements", "true_alerts"),
)
MINUTES_A_DAY = 24 * 60
#: No row of a deployment counts more than this of anything.
MOST = 100_000_000
_COUNTS = tuple(column.name for column in COLUMNS if column.kind in ("count", "minutes"))
_count_values = attrgetter(*_COUNTS)
_outcome_values = attrgetter(*OUTCOMES)


def words_for(column: str) -> str:
    """A column's name as words: ``faces_seen`` is "faces seen"."""
    return token(column)


def find_sum_faults(record: Record) -> list[Fault]:
    """A ``sum-mismatch`` for each sum that does not come out."""
    repeated = {document for document, _, _ in identical_pairs(record, OUTCOMES)}
    sums = [(total, parts, attrgetter(total, *parts)) for total, parts in SUMS]
    faults = []
    for row in record.rows:
        for total, parts, values in sums:
            printed, first, second = values(row)
            if None not in (printed, first, second) and printed != first + second:
                faults.append(_mismatch(row, total, parts, printed, first, second))
        if row.document not in repeated:
            faults += _outcomes(row)
    return faults


def _mismatch(row: Row, total: str, parts: tuple[str, str], printed: int, first: int, second: int) -> Fault:
    names = [words_for(part) for part in parts]
    return draft(
        "sum-mismatch", row.document, row.number, total,
        f"{where(row)}: {words_for(total)} are {count(printed)}, but {names[0]} ({count(first)}) and {names[1]} "
        f"({count(second)}) add up to {count(first + second)}.",
        (("printed", count(printed)), ("added up", count(first + second)), (names[0], count(first)),
         (names[1], count(second))),
    )  # fmt: skip


def _outcomes(row: Row) -> Iterator[Fault]:
    values = _outcome_values(row)
    if row.alerts is None or None in values or sum(values) <= row.alerts:
        return
    parts = listing([f"{words_for(column)} {count(value)}" for column, value in zip(OUTCOMES, values, strict=True)])
    yield draft(
        "sum-mismatch", row.document, row.number, "alerts",
        f"{where(row)}: the outcomes ({parts}) add up to {count(sum(values))}, more than the "
        f"{counted(row.alerts, 'alert')} they can have come from.",
        (("alerts", count(row.alerts)), ("outcomes added up", count(sum(values)))),
    )  # fmt: skip


def find_impossible_values(record: Record) -> list[Fault]:
    """An ``impossible-value`` for each value that cannot be what its column says."""
    published = {document.id: _published(document.published) for document in record.documents}
    return [fault for row in record.rows for fault in _impossible(row, published.get(row.document))]


def _published(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def _impossible(row: Row, published: datetime.date | None) -> Iterator[Fault]:
    def fault(column: str, value: object, reason: str) -> Fault:
        printed = row.printed.get(column, str(value))
        text = f"{where(row)}: {words_for(column)} cannot be {printed}: {reason}."
        return draft("impossible-value", row.document, row.number, column, text, (("printed", printed),))

    for column, value in zip(_COUNTS, _count_values(row), strict=True):
        if value is not None and value < 0:
            yield fault(column, value, "it is below zero")
        if value is not None and value > MOST and column != "duration_minutes":
            yield fault(column, value, f"no deployment counts more than {count(MOST)}")
    if row.duration_minutes is not None and row.duration_minutes == 0:
        yield fault("duration_minutes", 0, "a deployment lasts longer than no time")
    if row.duration_minutes is not None and row.date_to is None and row.duration_minutes > MINUTES_A_DAY:
        yield fault("duration_minutes", row.duration_minutes, "a row is a deployment of one day")
    if row.threshold is not None and not 0 < row.threshold <= 1:
        yield fault("threshold", row.threshold, "a threshold lies between 0 and 1")
    for column, bound in AT_MOST:
        value, most = getattr(row, column), getattr(row, bound)
        if value is not None and most is not None and 0 <= most < value:
            yield fault(column, value, f"only {count(most)} {words_for(bound)} are printed")
    if published is not None and row.date is not None and row.date > published:
        yield fault("date", day(row.date), f"the document was published on {day(published)}")
