"""Printed rates against exact arithmetic: rounded, cut, neither, pooled; other ways of printing a rate."""

from __future__ import annotations

import datetime
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.published.synthetic import rounded_rate

from countersign.published.faults.codes import Fault
from countersign.published.faults.printed_rates import find_rate_faults, fit, read_rate
from countersign.published.table.record import Document, Record, Row
from countersign.words.numbers import percent_of

DAY = datetime.date(2024, 1, 1)


def found(*rows: tuple[int, int, str]) -> list[Fault]:
    made = tuple(
        Row("d", number, date=DAY, faces_seen=faces, false_alerts=false, false_alert_rate_printed=printed)
        for number, (false, faces, printed) in enumerate(rows, start=1)
    )
    return find_rate_faults(Record((Document("d", "D"),), made))


def codes(*rows: tuple[int, int, str]) -> list[tuple[str, int | None]]:
    return [(fault.code, fault.row) for fault in found(*rows)]


@pytest.mark.parametrize(
    ("false", "faces", "printed", "expected"),
    [
        (1, 12120, "0.008%", None),  # 0.00825: cut and rounded agree
        (1, 34360, "0.003%", None),  # 0.00291: rounded up
        (1, 1123, "0.08%", "rate-truncated"),
        (1, 798, "0.1%", None),  # 0.125 to one decimal
        (0, 500, "0.00%", None),
        (1, 50_000, "0%", "rate-truncated"),  # nothing is left of it
        (0, 500, "0.01%", "rate-wrong"),
        (5, 100, "0.05", None),  # without a sign: a share of one
        (1, 1123, "0,08 %", "rate-truncated"),  # decimal comma
        (1, 20_000, "<0.01%", None),
        (1, 2_000, "<0.01%", "rate-wrong"),
        (1, 2_000, ">0.01%", None),
        (1, 8, "12.5%", None),
        (1, 800, "0.12%", None),  # 0.125: half to even
        (1, 800, "0.13%", None),  # and half up
        (7, 10, "700%", "impossible-value"),
        (1, 100, "about one", "impossible-value"),
    ],
)
def test_one_row(false: int, faces: int, printed: str, expected: str | None) -> None:
    assert [code for code, _ in codes((false, faces, printed))] == ([] if expected is None else [expected])


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 500), st.integers(500, 10**7), st.integers(0, 7))
def test_what_is_rounded_fits_and_what_is_cut_is_told(false: int, faces: int, decimals: int) -> None:
    exact = Decimal(100 * false) / Decimal(faces)
    unit = Decimal(1).scaleb(-decimals)
    for rounding in (ROUND_HALF_UP, ROUND_HALF_EVEN):
        rate = read_rate(f"{exact.quantize(unit, rounding):f}%")
        assert rate is not None
        assert fit(rate, false, faces) == ("rounded" if rate.units or not false else "cut")
    cut = read_rate(f"{exact.quantize(unit, ROUND_DOWN):f}%")
    assert cut is not None
    assert fit(cut, false, faces) in ("rounded", "cut")
    off = read_rate(f"{exact.quantize(unit, ROUND_HALF_UP) + 2 * unit:f}%")
    assert off is not None
    assert fit(off, false, faces) == "neither"


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 50), st.integers(100, 10**6))
def test_rates_of_synthetic_records_are_rounded(false: int, faces: int) -> None:
    rate = read_rate(rounded_rate(false, faces))
    assert rate is not None
    assert fit(rate, false, faces) == "rounded"


def test_two_rows_pooled_and_only_where_one_pool_fits() -> None:
    # The two rows of 7 December 2023, from the shipped record.
    pair = [(1, 3940, "0.01%"), (0, 3820, "0%")]
    assert codes(*pair) == [("rate-wrong", 1), ("pooled-count", 1)]
    assert Fraction(1, 3940 + 3820) * 100 > Fraction(1, 100)
    assert codes(*pair, (0, 4000, "0%")) == [("rate-wrong", 1)], "two pools fit, so neither is named"
    assert codes((1, 3940, "0.01%"), (0, 382, "0%")) == [("rate-wrong", 1)]


def test_lower_and_higher_are_told() -> None:
    (lower,) = found((1, 1000, "0.01%"))
    (higher,) = found((1, 1000, "3%"))
    assert "in the force’s favour" in lower.message
    assert "against the force’s favour" in higher.message


def test_rows_without_counts_are_left_alone() -> None:
    row = Row("d", 1, false_alert_rate_printed="3%")
    assert find_rate_faults(Record((Document("d", "D"),), (row,))) == []
    assert codes((1, 0, "3%")) == []
    assert percent_of(0, 7) == "0%"
