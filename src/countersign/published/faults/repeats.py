"""Rows and columns printed twice: one deployment in two rows, or one column of counts under two names.

Two rows are one deployment printed twice where date, place (in the same words) and every count and duration are equal,
and at least one of duration and faces is printed. Two deployments of one day at one place differ in
some count; equal dates and places alone are no fault.

Two columns of counts are called identical where, in at least ``LEAST_ROWS`` rows that print both, every value is the
same, with at least ``LEAST_NONZERO`` values above zero of ``LEAST_DISTINCT`` sizes or more. A whole and its part are
left out: they are equal wherever the other part is zero, as all alerts are the true ones when none was false.

>>> from countersign.published.table.record import Document
>>> import datetime
>>> row = {"date": datetime.date(2024, 5, 2), "place": "Kingston", "faces_seen": 1425, "alerts": 4}
>>> rows = (Row("d", 1, **row), Row("d", 2, **row))
>>> [(fault.code, fault.row) for fault in find_repeated_rows(Record((Document("d", "D"),), rows))]
[('duplicate-row', 2)]
>>> rows = tuple(Row("d", n, other_disposal=n % 4, no_action=n % 4) for n in range(1, 21))
>>> identical_pairs(Record((Document("d", "D"),), rows))
(('d', 'other_disposal', 'no_action'),)
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from operator import attrgetter

from countersign.published.faults.codes import Fault, draft, where
from countersign.published.table.places import place_keys
from countersign.published.table.record import COLUMNS, Record, Row
from countersign.words.lists import counted, listing
from countersign.words.names import token
from countersign.words.numbers import count

_count_values = attrgetter(*(column.name for column in COLUMNS if column.kind in ("count", "minutes")))


def find_repeated_rows(record: Record) -> list[Fault]:
    """A ``duplicate-row`` for each row that repeats an earlier one."""
    first: dict[tuple[object, ...], Row] = {}
    faults = []
    for row, place in zip(record.rows, place_keys(record.rows, "words"), strict=True):
        if row.date is None or place is None or (row.faces_seen is None and row.duration_minutes is None):
            continue
        key = (row.date, place, _count_values(row))
        earlier = first.setdefault(key, row)
        if earlier is not row:
            faults.append(_repeated(row, earlier))
    return faults


def _repeated(row: Row, earlier: Row) -> Fault:
    same = row.document == earlier.document
    other = f"row {earlier.number}" if same else f"row {earlier.number} of {earlier.document}"
    return draft(
        "duplicate-row", row.document, row.number, None,
        f"{where(row)}: date, place and every count are those of {other}; one deployment may be printed twice, and be "
        "counted twice in every sum.",
        (("same as", f"{earlier.document}, row {earlier.number}"),),
    )  # fmt: skip


LEAST_ROWS = 10
LEAST_NONZERO = 6
LEAST_DISTINCT = 3
_COUNTS = tuple(column.name for column in COLUMNS if column.kind in ("count", "minutes"))
#: Columns of which one may be a part of the other.
_FAMILIES: tuple[frozenset[str], ...] = (
    frozenset({"alerts", "true_alerts", "true_alerts_confirmed", "true_alerts_unconfirmed"}),
    frozenset({"alerts", "false_alerts", "false_alerts_confirmed", "false_alerts_unconfirmed"}),
    frozenset({"false_alerts", "false_alerts_confirmed", "false_alerts_unconfirmed", "false_alert_engagements"}),
    frozenset({"true_alerts", "true_alerts_confirmed", "true_alerts_unconfirmed", "true_alert_engagements"}),
)


def identical_pairs(record: Record, among: Sequence[str] = _COUNTS) -> tuple[tuple[str, str, str], ...]:
    """Document, column and column of each pair that is equal throughout, in order of documents and columns."""
    return tuple(
        (document.id, first, second)
        for document in record.documents
        for first, second in _pairs([row for row in record.rows if row.document == document.id], among)
    )


def _pairs(rows: Sequence[Row], among: Sequence[str]) -> list[tuple[str, str]]:
    columns = dict(zip(among, zip(*map(attrgetter(*among), rows), strict=True), strict=True)) if rows else {}
    return [
        (first, second)
        for first, second in combinations(columns, 2)
        if not any({first, second} <= family for family in _FAMILIES) and _alike(columns[first], columns[second])
    ]


def _alike(first: Sequence[int | None], second: Sequence[int | None]) -> bool:
    both = []
    for left, right in zip(first, second, strict=True):
        if left is None or right is None:
            continue
        if left != right:
            return False
        both.append(left)
    above = [value for value in both if value > 0]
    return len(both) >= LEAST_ROWS and len(above) >= LEAST_NONZERO and len(set(above)) >= LEAST_DISTINCT


def find_identical_columns(record: Record) -> list[Fault]:
    """An ``identical-columns`` for each pair, naming the second column and how many rows were compared."""
    faults = []
    for document, first, second in identical_pairs(record):
        rows = [row for row in record.rows if row.document == document]
        both = [row for row in rows if getattr(row, first) is not None and getattr(row, second) is not None]
        above = sum(getattr(row, first) > 0 for row in both)
        name, other = token(first), token(second)
        added = sum(getattr(row, first) for row in both)
        message = (
            f"{document}: {other} equals {name} in all {counted(len(both), 'row')} ({count(above)} of them above "
            f"zero), so these are not separate counts; both add up to {count(added)}, and may not be added to each "
            "other."
        )
        details = (
            ("columns", listing([name, other])),
            ("rows compared", count(len(both))),
            ("above zero", count(above)),
        )
        faults.append(draft("identical-columns", document, None, second, message, details))
    return faults
