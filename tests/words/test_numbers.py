"""Counts, shares and ratios: never rounded in anyone's favour."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.words.numbers import (
    Towards,
    count,
    fold,
    percent,
    percent_near_all,
    percent_stated,
    plain,
    significant,
    small,
    times,
)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (902748, "902,748"),
        (0, "0"),
        (None, "not published"),
        (Decimal("941.7"), "941.7"),
        (Fraction(5, 2), "2.5"),
        (5.0, "5"),
    ],
)
def test_count(number: int | Decimal | None, text: str) -> None:
    assert count(number) == text


def test_numbers_in_sentences() -> None:
    assert (small(0), small(10), small(24)) == ("no", "ten", "24")
    assert plain(1234567.5) == "1,234,567.5"
    assert plain(1e-7) == "0.0000001"
    assert percent(0.0366) == "3.7%"
    assert fold(6.349) == "6.3-fold"
    assert (times(6.349), times(1234.5)) == ("6.3 times", "1,200 times")


@given(st.floats(min_value=1e-12, max_value=1e12), st.integers(1, 6))
@settings(deadline=None, max_examples=200)
def test_significant_keeps_to_its_side_and_its_figures(number: float, figures: int) -> None:
    number = float(f"{number:.12g}")
    ways: tuple[Towards, Towards] = ("up", "down")
    up, down = (significant(number, figures, towards) for towards in ways)
    assert down <= number <= up
    assert up - down <= number * 10 ** (1 - figures) * (1 + 1e-9)
    assert significant(down, figures, "down") == down
    assert significant(up, figures, "up") == up


@pytest.mark.parametrize(
    ("share", "down", "up"),
    [(0.4439, "44.3%", "44.4%"), (0.29, "29%", "29%"), (0.97481, "97.4%", "97.5%"), (0.03121, "3.12%", "3.13%"),
     (1.0, "100%", "100%")],
)  # fmt: skip
def test_bounds_of_shares_have_three_figures_and_are_rounded_the_way_asked(share: float, down: str, up: str) -> None:
    assert (percent(share, "down"), percent(share, "up")) == (down, up)


def test_a_level_keeps_all_its_figures() -> None:
    assert (percent_stated(0.95), percent_stated(0.995), percent_stated(0.135)) == ("95%", "99.5%", "13.5%")


def test_a_share_near_all_is_not_rounded_to_all() -> None:
    assert percent_near_all(0.99987) == "99.987%"
    assert percent_near_all(1.0) == "all"


@given(st.floats(1e-9, 1e9))
def test_bounds_of_ratios_are_rounded_outwards_to_three_figures(ratio: float) -> None:
    low, high = (
        float(text.removesuffix(" times").replace(",", "")) for text in (times(ratio, "down"), times(ratio, "up"))
    )
    assert low <= ratio * (1 + 1e-8)
    assert high >= ratio * (1 - 1e-8)
    assert high - low <= ratio * 0.011


def test_ratios_without_a_bound() -> None:
    assert times(math.inf) == "any number of times"
    assert times(0.0) == "0 times"
