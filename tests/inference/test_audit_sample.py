"""Conditional odds ratios against SciPy's and against their own tails; the audit sample of the facts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom, nchypergeom_fisher
from scipy.stats.contingency import odds_ratio

from countersign.inference.checks import CountOutOfRange
from countersign.inference.groups.exposure import Conditional, case_control_ratio, conditional_odds_ratio


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 25), st.integers(1, 25), st.data())
def test_the_exact_interval_is_scipys(n1: int, n2: int, data: st.DataObject) -> None:
    x1, x2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    theirs = odds_ratio([[x1, n1 - x1], [x2, n2 - x2]]).confidence_interval(0.9)
    low, high = (float(end) for end in conditional_odds_ratio(x1, n1, x2, n2, 0.9))
    expected = (0.0 if math.isnan(theirs.low) else theirs.low, math.inf if math.isnan(theirs.high) else theirs.high)
    assert (low, high) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("method", ["exact", "mid-p"])
def test_ends_solve_their_equations(method: Conditional) -> None:
    x1, n1, x2, n2 = 8, 10, 135, 500
    low, high = (float(end) for end in conditional_odds_ratio(x1, n1, x2, n2, method=method))
    own = 1.0 if method == "exact" else 0.5
    for ratio, more in ((low, True), (high, False)):
        law = nchypergeom_fisher(n1 + n2, n1, x1 + x2, ratio)
        beyond = law.sf(x1) if more else law.cdf(x1 - 1)
        assert beyond + own * law.pmf(x1) == pytest.approx(0.025, rel=1e-6)


def test_the_interval_leaves_out_one_exactly_where_fishers_central_test_rejects() -> None:
    for x1 in range(11):
        low, high = (float(end) for end in conditional_odds_ratio(x1, 10, 6, 30))
        law = hypergeom(40, 10, x1 + 6)
        p = 2 * min(law.sf(x1 - 1), law.cdf(x1))
        assert (low <= 1 <= high) == (p > 0.05)


def test_the_audits_of_the_facts() -> None:
    # Facts "statistics-uncertainty" section 5, computed there: 8/10 v 135/500 10.8 (2.1..105), v 68/500 25 (4.9..248).
    estimate, interval = case_control_ratio(8, 10, 135, 500)
    assert (round(estimate, 1), round(interval.low, 1), round(interval.high)) == (10.8, 2.1, 105)
    estimate, interval = case_control_ratio(8, 10, 68, 500)
    assert (round(estimate), round(interval.low, 1), round(interval.high)) == (25, 4.9, 248)
    inner = case_control_ratio(8, 10, 68, 500, method="mid-p")[1]
    assert interval.low < inner.low < inner.high < interval.high


def test_empty_cells() -> None:
    assert case_control_ratio(7, 7, 40, 100)[0] == math.inf
    assert math.isnan(case_control_ratio(0, 7, 0, 100)[0])
    assert case_control_ratio(7, 7, 40, 100)[1].high == math.inf
    low, high = conditional_odds_ratio([0, 5, 0], [5, 5, 5], [0, 5, 3], [5, 5, 5])
    assert low.tolist() == [0, 0, 0]
    assert high[:2].tolist() == [math.inf, math.inf]


def test_large_tables_keep_their_digits_and_tables_together_give_what_they_give_alone() -> None:
    low, high = conditional_odds_ratio([8, 3], [1_000_000, 50], [2, 9], [2_147_436, 60])
    # For rare events the odds ratio is the ratio of rates: vector rare-cond-exact.
    assert (float(low[0]), float(high[0])) == pytest.approx((1.71419594191, 83.0320218292), rel=2e-5)
    alone = conditional_odds_ratio(3, 50, 9, 60)
    assert (float(low[1]), float(high[1])) == (float(alone[0]), float(alone[1]))
    with pytest.raises(CountOutOfRange, match="too large"):
        conditional_odds_ratio(5_000_000, 10**7, 5_000_000, 10**7)


def test_swapping_the_samples_turns_the_interval_over() -> None:
    low, high = conditional_odds_ratio(np.array([3, 8]), 20, np.array([5, 1]), 30)
    other_low, other_high = conditional_odds_ratio(np.array([5, 1]), 30, np.array([3, 8]), 20)
    assert low == pytest.approx(1 / other_high, rel=1e-9)
    assert high == pytest.approx(1 / other_low, rel=1e-9)
