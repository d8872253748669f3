"""Empty cells, by row or by column, and columns a document never had."""

from __future__ import annotations

from countersign.published.faults.gaps import find_gaps
from countersign.published.table.record import Document, Record, Row


def record(rows: list[Row], columns: frozenset[str] = frozenset()) -> Record:
    return Record((Document("d", "D", columns=columns),), tuple(rows))


def test_one_cell_and_several() -> None:
    rows = [Row("d", number, faces_seen=4, alerts=1) for number in range(1, 8)]
    rows[2] = Row("d", 3, alerts=1)
    rows[4] = Row("d", 5, printed={"faces_seen": "n/k", "alerts": "n/k"})
    one, several = find_gaps(record(rows))
    assert (one.row, one.column) == (3, "faces_seen")
    assert (several.row, several.column) == (5, None)
    assert "faces seen and alerts ('n/k' is printed there)" in several.message


def test_a_column_mostly_empty_is_told_once() -> None:
    rows = [Row("d", number, faces_seen=4, alerts=1 if number < 3 else None) for number in range(1, 11)]
    (fault,) = find_gaps(record(rows))
    assert (fault.row, fault.column) == (None, "alerts")
    assert "left empty in 8 of 10 rows" in fault.message


def test_a_column_the_document_says_it_has_and_never_fills() -> None:
    rows = [Row("d", number, faces_seen=4) for number in range(1, 4)]
    (fault,) = find_gaps(record(rows, frozenset({"faces_seen", "threshold"})))
    assert (fault.column, fault.row) == ("threshold", None)


def test_a_column_it_does_not_have_is_no_gap() -> None:
    assert find_gaps(record([Row("d", 1, faces_seen=4), Row("d", 2, faces_seen=5)])) == []
    assert find_gaps(record([])) == []
