"""The codes of a fault, and where a row stands in words."""

from __future__ import annotations

import datetime

from countersign.published.faults.codes import CODES, where
from countersign.published.table.record import Row


def test_the_codes() -> None:
    assert set(CODES) == {
        "sum-mismatch", "rate-truncated", "rate-wrong", "identical-columns", "date-out-of-order", "outlier",
        "denominator-break", "missing-value", "impossible-value", "duplicate-row", "pooled-count", "revised-value",
        "date-form-doubtful", "dash-means-zero", "unread-value",
    }  # fmt: skip
    assert all(meaning and not meaning.endswith(".") for meaning in CODES.values())


def test_where_a_row_stands() -> None:
    row = Row("met-2025", 3, date=datetime.date(2025, 1, 10), place="Powis St, Woolwich", page=2)
    assert where(row) == "met-2025, page 2, row 3 (10 January 2025, Powis St, Woolwich)"
    assert where(Row("d", 1)) == "d, row 1 (no date, no place)"
