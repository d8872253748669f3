"""The boundaries of judging a claim: where one step turns a verdict, and what partly missing data leave."""

from __future__ import annotations

import operator
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

from countersign.inference.rate import Interval
from countersign.published.claims.counts import _rule
from countersign.published.claims.groups import _ratio_verdict
from countersign.published.claims.spreads import _meets, statistic


@pytest.mark.parametrize(
    ("relation", "low", "high", "verdict"),
    [
        ("at_most", 0.5, 2.0, "holds"), ("at_most", 0.5, 2.01, "neither shown nor refuted"),
        ("at_most", 2.0, 3.0, "neither shown nor refuted"), ("at_most", 2.01, 3.0, "does not hold"),
        ("at_least", 2.0, 3.0, "holds"), ("at_least", 1.99, 3.0, "neither shown nor refuted"),
        ("at_least", 1.0, 2.0, "neither shown nor refuted"), ("at_least", 1.0, 1.99, "does not hold"),
        ("no_difference", 1.0, 2.0, "neither shown nor refuted"),
        ("no_difference", 0.5, 1.0, "neither shown nor refuted"),
        ("no_difference", 1.01, 2.0, "does not hold"), ("no_difference", 0.5, 0.99, "does not hold"),
    ],
)  # fmt: skip
def test_a_ratio_claimed_at_the_end_of_its_interval(relation: str, low: float, high: float, verdict: str) -> None:
    claim: Any = SimpleNamespace(relation=relation)
    assert _ratio_verdict(claim, Decimal(2), Interval(low, high, 0.95, "exact")) == verdict


@pytest.mark.parametrize(
    ("ends", "op", "met"),
    [
        (None, ">=", None), ((5, 5), ">=", True), ((5, 5), ">", False), ((5, 5), "=", True), ((4, 4), "=", False),
        ((5, 9), ">=", True), ((5, 9), ">", None), ((4, 9), ">=", None), ((1, 5), "<", None), ((1, 4), "<", True),
        ((1, 5), "<=", True), ((5, 9), "<", False), ((6, 9), "<=", False), ((1, 4), ">", False), ((1, 5), ">=", None),
        ((4, None), ">=", None), ((5, None), ">=", True), ((6, None), ">", True), ((4, None), "<", None),
        ((5, None), "<", False), ((6, None), "<=", False), ((1, 5), "=", None), ((5, 9), "=", None),
        ((6, 9), "=", False),
        ((1, 4), "=", False), ((5, None), "=", None), ((6, None), "=", False), ((4, None), "=", None),
    ],
)  # fmt: skip
def test_a_value_printed_as_a_bound_meets_a_condition_only_where_both_ends_do(
    ends: Any, op: str, met: bool | None
) -> None:
    made = None if ends is None else (Fraction(ends[0]), None if ends[1] is None else Fraction(ends[1]))
    quantity: Any = SimpleNamespace(op=op, than=5)
    assert _meets(made, quantity) is met


def test_each_statistic_of_an_odd_and_an_even_number_of_values() -> None:
    odd, even = [Fraction(9), Fraction(1), Fraction(2)], [Fraction(9), Fraction(1), Fraction(2), Fraction(4)]
    assert [statistic(name, odd) for name in ("median", "mean", "least", "most")] == [2, 4, 1, 9]
    assert [statistic(name, even) for name in ("median", "mean", "least", "most")] == [3, 4, 1, 9]
    assert operator.eq(statistic("median", odd[:1]), 9)


@pytest.mark.parametrize(
    ("relation", "digits", "quantity", "said"),
    [
        ("at_most", None, "alerts", "compared as it is"), ("at_least", 2, "hours", "compared as it is"),
        ("equals", None, "alerts", "a count must be equal to the last digit"),
        ("equals", 2, "alerts", "compared at 2 significant figures, rounded half up"),
        ("equals", None, "hours", "compared at 3 significant figures, rounded half up"),
        ("equals", 1, "hours", "compared at 1 significant figure, rounded half up"),
    ],
)  # fmt: skip
def test_how_a_number_is_compared_is_said(relation: str, digits: int | None, quantity: str, said: str) -> None:
    claim: Any = SimpleNamespace(relation=relation, digits=digits)
    assert _rule(claim, quantity, Decimal("12.5")) == said
