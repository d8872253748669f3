"""The rounding rule: half up at the figures the claim prints; trailing zeros of a whole number are no figures."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.published.claims.counts import compare, figures, rounded


@pytest.mark.parametrize(
    ("text", "expected"),
    [("33000", 2), ("33435", 5), ("0.71", 2), ("0.80", 2), ("0.8", 1), ("0.0000032", 2), ("1000", 1), ("0", 1),
     ("1.0", 2), ("10.50", 4)],
)  # fmt: skip
def test_figures_are_those_printed(text: str, expected: int) -> None:
    assert figures(Decimal(text)) == expected


@pytest.mark.parametrize(
    ("recorded", "claimed", "digits", "expected"),
    [
        (Fraction(902_748, 27), "33000", None, "equal"), (Fraction(902_748, 27), "33400", None, "equal"),
        (Fraction(902_748, 27), "33500", None, "differs"), (Fraction(5, 7), "0.71", None, "equal"),
        (Fraction(2, 3), "0.66", None, "cut"), (Fraction(2, 3), "0.67", None, "equal"),
        (Fraction(10, 3_147_436), "0.0000032", None, "equal"), (Fraction(8, 10), "0.80", None, "equal"),
        (Fraction(1, 1_000_000), "0", None, "differs"), (Fraction(0), "0", None, "equal"),
        (Fraction(0), "0.1", None, "differs"), (Fraction(2_603_540), "2600000", 2, "equal"),
        (Fraction(2_603_540), "2600000", 3, "equal"), (Fraction(2_607_000), "2600000", 3, "cut"),
        (Fraction(33_500), "34000", None, "equal"), (Fraction(33_500), "33000", None, "cut"),
    ],
)  # fmt: skip
def test_comparison(recorded: Fraction, claimed: str, digits: int | None, expected: str) -> None:
    assert compare(recorded, Decimal(claimed), digits=digits) == expected


@given(st.fractions(min_value=Fraction(1, 10**9), max_value=10**9), st.integers(1, 8))
def test_rounding_is_within_half_a_unit_and_done_once(number: Fraction, significant: int) -> None:
    once = rounded(number, significant)
    assert rounded(once, significant) == once
    assert abs(once - number) / number <= Fraction(1, 2 * 10 ** (significant - 1))
    assert rounded(number, significant, cut=True) <= number


@given(st.integers(1, 10**9))
def test_a_whole_number_agrees_with_itself(number: int) -> None:
    assert compare(Fraction(number), Decimal(number)) == "equal"
