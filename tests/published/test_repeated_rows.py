"""Rows printed twice: all counts equal, not only date and place."""

from __future__ import annotations

import datetime

from msgspec.structs import replace
from tests.published.synthetic import synthetic_record

from countersign.published.faults.sums import find_repeated_rows
from countersign.published.table.record import Document, Record, Row

ROW = Row("d", 1, date=datetime.date(2024, 5, 23), place="Northend, Croydon", faces_seen=1638, alerts=3)


def found(*rows: Row) -> list[tuple[str, int | None]]:
    documents = tuple(Document(identifier, identifier) for identifier in dict.fromkeys(row.document for row in rows))
    return [(fault.document, fault.row) for fault in find_repeated_rows(Record(documents, rows))]


def test_the_same_row_again_in_one_document_or_two() -> None:
    assert found(ROW, replace(ROW, number=2), replace(ROW, document="e")) == [("d", 2), ("e", 1)]
    assert found(ROW, replace(ROW, number=2, place="Croydon, North End")) == [("d", 2)]


def test_two_deployments_of_one_day_and_place_differ_in_a_count() -> None:
    assert found(ROW, replace(ROW, number=2, faces_seen=1862)) == []
    assert found(ROW, replace(ROW, number=2, date=datetime.date(2024, 5, 24))) == []


def test_a_row_with_no_counts_repeats_nothing() -> None:
    bare = Row("d", 1, date=ROW.date, place=ROW.place, alerts=0)
    assert found(bare, replace(bare, number=2)) == []
    assert find_repeated_rows(synthetic_record(300, 3)) == []
