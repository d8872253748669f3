"""Intervals: the commoner end first, three significant figures, rounded outwards."""

from __future__ import annotations

import math
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.words.intervals import (
    bounds,
    each_range,
    one_in,
    one_in_range,
    percent_range,
    rate_range,
    rate_words,
    times_range,
)

rates = st.floats(min_value=1e-9, max_value=1.0)


def shown(text: str) -> list[float]:
    """The N of every "1 in N" in a text."""
    return [float(number.replace(",", "")) for number in re.findall(r"1 in ([\d,.]+)", text)]


def test_the_commoner_end_stands_first_and_both_are_rounded_outwards() -> None:
    assert one_in_range(1 / 50702, 1 / 22965) == "1 in 22,900 to 1 in 50,800"
    assert percent_range(0.03121, 0.0558) == "3.12% to 5.58%"
    assert times_range(1.681, 5.401) == "1.68 to 5.41 times"
    assert bounds(0.02141, 0.0336, "false alerts per hour") == "0.0214 to 0.0336 false alerts per hour"


@given(rates, rates)
@settings(deadline=None, max_examples=300)
def test_interval_is_rounded_outwards(one: float, other: float) -> None:
    low, high = sorted((one, other))
    least, most = shown(one_in_range(low, high))
    assert most >= (1 / low) * (1 - 1e-9)
    assert least <= (1 / high) * (1 + 1e-9)
    assert most <= 1 / low * 1.011 + 1e-6
    assert least >= 1 / high * 0.989 - 1e-6


@given(st.floats(min_value=1e-6, max_value=1e6), st.floats(min_value=1e-6, max_value=1e6))
@settings(deadline=None, max_examples=200)
def test_interval_in_time_is_rounded_outwards(one: float, other: float) -> None:
    low, high = sorted((one, other))
    match = re.match(r"([\d,.]+) to ([\d,.]+) an hour", each_range(low, high, "hour"))
    assert match is not None
    first, second = (float(number.replace(",", "")) for number in match.groups())
    assert first <= low * (1 + 1e-11)
    assert second >= high * (1 - 1e-11)


def test_zero_events_are_a_bound() -> None:
    assert one_in(None) == "none seen"
    assert one_in_range(0.0, 5.35e-6) == "at most 1 in 186,000"
    assert each_range(0.0, 0.0123, "hour") == "at most 0.0123 an hour"
    assert percent_range(0.0, 0.0123) == "at most 1.23%"


def test_a_ratio_bounded_on_one_side_has_one_bound() -> None:
    assert times_range(0.0, 2.5) == "at most 2.5 times"
    assert times_range(2.5, math.inf) == "at least 2.5 times"
    assert times_range(0.0, math.inf) == "any number of times"


def test_the_form_of_an_interval_follows_its_estimate() -> None:
    assert (rate_words(0.02), rate_range(0.012, 0.12, 0.02)) == ("1 in 50", "1 in 8.33 to 1 in 83.4")
    assert (rate_words(0.19), rate_range(0.08, 0.288, 0.19)) == ("19%", "8% to 28.8%")
    assert (rate_range(0, 0.05, 0), rate_range(0, 0.15, 0)) == ("at most 1 in 20", "at most 15%")


def test_a_rate_that_nothing_bounds_above_has_its_lower_bound() -> None:
    assert rate_range(0.00119, math.inf, 0) == "at least 1 in 841"
    assert rate_range(0.31234, math.inf, 0) == "at least 31.2%"
    assert rate_range(0, math.inf, 0) == "not bounded above"


def test_estimates() -> None:
    assert one_in(33_435.1) == "1 in 33,435"
    assert one_in(5.25) == "1 in 5.25"
    assert one_in(33.44) == "1 in 33.4"


def test_a_bound_near_one_is_not_rounded_to_every_one() -> None:
    # 7 of 8: the upper end is 0.9968, that is 1 in 1.0032; "1 in 1" would say every one.
    assert one_in_range(0.4735, 0.9968) == "1 in 1.0032 to 1 in 2.12"
    assert one_in_range(0.5, 1.0) == "1 in 1 to 1 in 2"
