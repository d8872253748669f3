"""Outliers: a slip of one digit is seen, a change of level is not, few rows say nothing."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from msgspec.structs import replace
from tests.published.synthetic import Plan, synthetic_record

from countersign.published.faults.breaks import find_breaks
from countersign.published.faults.outliers import LEAST_SCORE, find_outliers
from countersign.published.faults.sums import find_sum_faults
from countersign.published.read import read_source
from countersign.published.table.record import Document, Record, Row


def planted(column: str, factor: float, index: int = 100) -> list[tuple[int | None, str | None]]:
    record = synthetic_record(240, 8)
    rows = list(record.rows)
    rows[index] = replace(rows[index], **{column: round(getattr(rows[index], column) * factor)})
    return [(fault.row, fault.column) for fault in find_outliers(replace(record, rows=tuple(rows)), ())]


@pytest.mark.parametrize("column", ["watchlist_size", "duration_minutes"])
@pytest.mark.parametrize("factor", [10.0, 0.1])
def test_a_digit_too_many_or_too_few(column: str, factor: float) -> None:
    assert (101, column) in planted(column, factor)
    assert {row for row, _ in planted(column, factor)} == {101}


def test_a_digit_in_faces_and_in_alerts() -> None:
    assert (101, "faces_seen") in planted("faces_seen", 30.0)
    assert (101, "alerts") in planted("alerts", 10.0)


def test_one_alert_is_said_in_the_singular() -> None:
    record = synthetic_record(240, 8)
    rows = [replace(row, alerts=1 if row.number == 101 else 60) for row in record.rows]
    (fault,) = (fault for fault in find_outliers(replace(record, rows=tuple(rows)), ()) if fault.column == "alerts")
    assert ": 1 alert lies far from what is usual: about " in fault.message


def test_one_digit_of_a_watchlist() -> None:
    # 19,199 printed between lists of 16,199 and 16,189, as in the shipped record.
    record = synthetic_record(240, 8)
    rows = list(record.rows)
    rows[50] = replace(rows[50], watchlist_size=(rows[50].watchlist_size or 0) + 3000)
    (fault,) = find_outliers(replace(record, rows=tuple(rows)), ())
    assert (fault.row, fault.column) == (51, "watchlist_size")
    assert abs(float(dict(fault.details)["robust score"])) > LEAST_SCORE


def test_a_change_of_level_is_no_outlier() -> None:
    record = synthetic_record(240, 8)
    rows = tuple(
        replace(row, watchlist_size=(row.watchlist_size or 0) + 4000 * (row.number > 120),
                duration_minutes=(row.duration_minutes or 0) * (1 + (row.number > 120)))
        for row in record.rows
    )  # fmt: skip
    assert find_outliers(replace(record, rows=rows), ()) == []


def test_a_break_in_counting_is_allowed_for() -> None:
    record = synthetic_record(240, 8, Plan(fold=8.0))
    assert find_outliers(record, find_breaks(record)) == []


def test_few_rows_or_equal_rows_say_nothing() -> None:
    day = datetime.date(2024, 1, 1)
    few = tuple(Row("d", n, date=day, place="P", faces_seen=10**n, duration_minutes=10, alerts=n) for n in range(1, 9))
    assert find_outliers(Record((Document("d", "D"),), few), ()) == []
    equal = tuple(Row("d", n, date=day, place="P", faces_seen=100, duration_minutes=60, alerts=2) for n in range(1, 40))
    assert find_outliers(Record((Document("d", "D"),), equal), ()) == []
    assert find_outliers(Record((), ()), ()) == []


def test_a_normal_record_passes_the_least_score_rarely() -> None:
    counts = [len(find_outliers(synthetic_record(200, seed, Plan(noise=0.5)), ())) for seed in range(60)]
    assert np.mean(counts) < 0.1


def test_tenfold_faces_are_found_beside_the_place_and_few_others_are() -> None:
    met = read_source("shipped:met")
    breaks = find_breaks(met)
    generator = np.random.default_rng(7)
    usable = [at for at, row in enumerate(met.rows) if row.faces_seen and row.duration_minutes and row.place]
    clean = len([fault for fault in find_outliers(met, breaks) if fault.column == "faces_seen"])
    assert clean <= 10
    for factor, least in ((10, 0.7), (0.1, 0.75)):
        found = 0
        for at in generator.choice(usable, 25, replace=False).tolist():
            rows = list(met.rows)
            rows[at] = replace(rows[at], faces_seen=round((rows[at].faces_seen or 0) * factor) or 1)
            faults = find_outliers(replace(met, rows=tuple(rows)), breaks)
            found += any((fault.document, fault.row) == (rows[at].document, rows[at].number) for fault in faults)
        assert found >= least * 25


def test_alerts_divided_by_ten_do_not_add_up_with_their_parts() -> None:
    record = synthetic_record(200, 5)
    large = [at for at, row in enumerate(record.rows) if (row.alerts or 0) >= 5]
    for at in large[:25]:
        rows = list(record.rows)
        rows[at] = replace(rows[at], alerts=(rows[at].alerts or 0) // 10)
        assert any(fault.row == rows[at].number for fault in find_sum_faults(replace(record, rows=tuple(rows))))
