"""Columns equal throughout: real evidence asked for, wholes and parts left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.published.synthetic import synthetic_record

from countersign.published.faults.sums import find_identical_columns, identical_pairs
from countersign.published.table.record import Document, Record, Row

Pairs = Sequence[tuple[int | None, int | None]]


def record(pairs: Pairs, first: str = "other_disposal", second: str = "no_action") -> Record:
    values: list[dict[str, Any]] = [{first: one, second: other} for one, other in pairs]
    rows = tuple(Row("d", number, **of_row) for number, of_row in enumerate(values, start=1))
    return Record((Document("d", "D"),), rows)


def test_equal_in_every_row() -> None:
    (fault,) = find_identical_columns(record([(n % 5, n % 5) for n in range(20)]))
    assert (fault.column, fault.row) == ("no_action", None)
    assert "in all 20 rows (16 of them above zero)" in fault.message
    assert "both add up to 40" in fault.message


def test_one_row_that_differs_makes_them_two_counts() -> None:
    assert identical_pairs(record([(n % 5, n % 5) for n in range(20)] + [(1, 2)])) == ()


def test_too_little_to_go_by() -> None:
    assert identical_pairs(record([(0, 0)] * 50)) == ()
    assert identical_pairs(record([(3, 3)] * 50)) == ()
    assert identical_pairs(record([(n, n) for n in range(9)])) == ()
    assert identical_pairs(record([])) == ()


def test_rows_that_lack_one_are_not_compared() -> None:
    assert identical_pairs(record([(n % 5, n % 5) for n in range(20)] + [(7, None)])) != ()


def test_a_whole_may_equal_its_part() -> None:
    same = [(n % 5, n % 5) for n in range(20)]
    assert identical_pairs(record(same, "alerts", "true_alerts")) == ()
    assert identical_pairs(record(same, "false_alerts", "false_alert_engagements")) == ()
    assert identical_pairs(record(same, "alerts", "arrests")) == (("d", "alerts", "arrests"),)


def test_a_correct_record_has_none() -> None:
    assert identical_pairs(synthetic_record(300, 2)) == ()
