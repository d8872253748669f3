"""Sums within a row, and values that cannot be."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.published.synthetic import synthetic_record

from countersign.published.faults.sums import find_impossible_values, find_sum_faults
from countersign.published.table.record import Document, Record, Row


def record(published: str = "", **values: object) -> Record:
    return Record((Document("d", "D", published=published),), (Row("d", 1, **values),))  # type: ignore[arg-type]


@settings(deadline=None, max_examples=80)
@given(*[st.integers(0, 30)] * 7)
def test_a_mismatch_is_found_exactly_where_a_sum_does_not_come_out(
    confirmed: int, unconfirmed: int, true: int, false_confirmed: int, false_unconfirmed: int, false: int, alerts: int
) -> None:
    made = record(
        true_alerts_confirmed=confirmed, true_alerts_unconfirmed=unconfirmed, true_alerts=true,
        false_alerts_confirmed=false_confirmed, false_alerts_unconfirmed=false_unconfirmed, false_alerts=false,
        alerts=alerts,
    )  # fmt: skip
    expected = {
        column
        for column, right in (
            ("true_alerts", confirmed + unconfirmed == true),
            ("false_alerts", false_confirmed + false_unconfirmed == false),
            ("alerts", true + false == alerts),
        )
        if not right
    }
    assert {fault.column for fault in find_sum_faults(made)} == expected


def test_a_sum_with_a_part_missing_is_not_asked() -> None:
    assert find_sum_faults(record(alerts=3, true_alerts=1)) == []


def test_more_outcomes_than_alerts() -> None:
    made = record(alerts=3, arrests=2, other_disposal=1, no_action=1)
    (fault,) = find_sum_faults(made)
    assert "arrests 2, other disposal 1 and no action 1) add up to 4, more than the 3 alerts" in fault.message


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("faces_seen", -1),
        ("duration_minutes", 0),
        ("duration_minutes", 1441),
        ("threshold", Decimal("6.4")),
        ("threshold", Decimal(0)),
        ("alerts", 11),  # of ten faces
        ("arrests", 6),  # of five alerts
        ("false_alert_engagements", 2),  # after one false alert
        ("true_alert_engagements", 5),  # after four true alerts
        ("date", datetime.date(2025, 1, 12)),  # the document is of 11 January 2025
    ],
)
def test_what_cannot_be(column: str, value: object) -> None:
    values: dict[str, object] = {"faces_seen": 10, "alerts": 5, "true_alerts": 4, "false_alerts": 1}
    made = record("2025-01-11", **(values | {column: value}))
    assert column in {fault.column for fault in find_impossible_values(made)}


def test_what_can_be_is_not_told() -> None:
    made = record("2025-01-11", date=datetime.date(2025, 1, 11), threshold=Decimal(1), duration_minutes=1440,
                  faces_seen=0, alerts=0, arrests=0)  # fmt: skip
    assert find_impossible_values(made) == []
    assert find_impossible_values(record("January 2025", date=datetime.date(2030, 1, 1))) == []
    assert find_impossible_values(synthetic_record(200, 1)) == []


def test_ten_quintillion_faces_cannot_be() -> None:
    found = find_impossible_values(Record((Document("d", "D"),), (Row("d", 1, faces_seen=10**19),)))
    assert [(fault.code, fault.column) for fault in found] == [("impossible-value", "faces_seen")]
    assert "no deployment counts more than 100,000,000" in found[0].message
