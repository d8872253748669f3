"""Numbers in a report: rounded outwards, never in anyone's favour, the same everywhere."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.words import wording

rates = st.floats(min_value=1e-9, max_value=1.0)


def shown(text: str) -> list[float]:
    """The N of every "1 in N" in a text."""
    return [float(number.replace(",", "")) for number in re.findall(r"1 in ([\d,.]+)", text)]


@pytest.mark.parametrize(
    ("number", "text"),
    [(902748, "902,748"), (0, "0"), (None, "not published"), (Decimal("941.7"), "941.7"), (5.0, "5")],
)
def test_count(number: int | Decimal | None, text: str) -> None:
    assert wording.count(number) == text


@given(rates, rates)
@settings(deadline=None, max_examples=300)
def test_interval_is_rounded_outwards(one: float, other: float) -> None:
    low, high = sorted((one, other))
    most, least = shown(wording.one_in_range(low, high))
    assert most >= (1 / low) * (1 - 1e-9)
    assert least <= (1 / high) * (1 + 1e-9)
    assert most <= 1 / low * 1.011 + 1e-6
    assert least >= 1 / high * 0.989 - 1e-6


@given(st.floats(min_value=1e-6, max_value=1e6), st.floats(min_value=1e-6, max_value=1e6))
@settings(deadline=None, max_examples=200)
def test_interval_in_time_is_rounded_outwards(one: float, other: float) -> None:
    low, high = sorted((one, other))
    first, second = re.match(r"([\d,.]+) to ([\d,.]+) an hour", wording.each_range(low, high, "hour")).groups()  # type: ignore[union-attr]
    assert float(first.replace(",", "")) <= low
    assert float(second.replace(",", "")) >= high


def test_zero_events_are_a_bound() -> None:
    assert wording.one_in(None) == "none seen"
    assert wording.one_in_range(0.0, 5.35e-6) == "at most 1 in 186,000"
    assert wording.each_range(0.0, 0.0123, "hour") == "at most 0.0123 an hour"


def test_a_bound_near_one_is_not_rounded_to_every_one() -> None:
    # 7 of 8: the upper end is 0.9968, that is 1 in 1.0032; "1 in 1" would say every one.
    assert wording.one_in_range(0.4735, 0.9968) == "1 in 2.12 to 1 in 1.0032"
    assert wording.one_in_range(0.5, 1.0) == "1 in 2 to 1 in 1"


@given(st.floats(min_value=1e-12, max_value=1e12), st.integers(1, 6))
@settings(deadline=None, max_examples=200)
def test_significant_keeps_to_its_side_and_its_figures(number: float, figures: int) -> None:
    up, down = (wording.significant(number, figures, towards) for towards in ("up", "down"))
    assert down <= number <= up
    assert up - down <= number * 10 ** (1 - figures) * (1 + 1e-9)
    assert wording.significant(down, figures, "down") == down
    assert wording.significant(up, figures, "up") == up


def test_words() -> None:
    assert (wording.small(0), wording.small(10), wording.small(24)) == ("no", "ten", "24")
    assert wording.plain(1234567.5) == "1,234,567.5"
    assert wording.plain(1e-7) == "0.0000001"
    assert wording.per_cent(0.0366) == "3.7 per cent"
    assert wording.named("Metropolitan Police Service") == "the Metropolitan Police Service"
    assert wording.named("South Wales Police") == "South Wales Police"
    assert wording.fold(6.349) == "6.3-fold"
