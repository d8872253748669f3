"""Rows printed twice: the same day, the same place and the same counts, in one document or in two.

Two rows are one deployment printed twice where date, place (in the same words) and every count and duration are equal,
and at least one of duration and faces is printed. Two deployments of one day at one place differ in
some count; equal dates and places alone are no fault.

>>> from countersign.published.table.record import Document, Row
>>> import datetime
>>> row = {"date": datetime.date(2024, 5, 2), "place": "Kingston", "faces_seen": 1425, "alerts": 4}
>>> rows = (Row("d", 1, **row), Row("d", 2, **row))
>>> [(fault.code, fault.row) for fault in find_repeated_rows(Record((Document("d", "D"),), rows))]
[('duplicate-row', 2)]
"""

from __future__ import annotations

from operator import attrgetter

from countersign.published.faults.codes import Fault, draft, where
from countersign.published.table.places import place_keys
from countersign.published.table.record import COLUMNS, Record, Row

_count_values = attrgetter(*(column.name for column in COLUMNS if column.kind in ("count", "minutes")))


def find_repeated_rows(record: Record) -> list[Fault]:
    """A ``duplicate-row`` for each row that repeats an earlier one."""
    first: dict[tuple[object, ...], Row] = {}
    found = []
    for row, place in zip(record.rows, place_keys(record.rows, "words"), strict=True):
        if row.date is None or place is None or (row.faces_seen is None and row.duration_minutes is None):
            continue
        key = (row.date, place, _count_values(row))
        earlier = first.setdefault(key, row)
        if earlier is not row:
            found.append(_fault(row, earlier))
    return found


def _fault(row: Row, earlier: Row) -> Fault:
    same = row.document == earlier.document
    other = f"row {earlier.number}" if same else f"row {earlier.number} of {earlier.document}"
    return draft(
        "duplicate-row", row.document, row.number, None,
        f"{where(row)}: date, place and every count are those of {other}; one deployment may be printed twice, and be "
        "counted twice in every sum.",
        (("same as", f"{earlier.document}, row {earlier.number}"),),
    )  # fmt: skip
