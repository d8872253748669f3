"""Ratios: duality with the tests, relabelling, limits, edges and the union over a range of shares."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.inference import ratio
from countersign.inference.checks import CountOutOfRange
from countersign.inference.groups import equality
from countersign.inference.groups.exposure import rate_over_shares, ratio_at_share, ratio_over_shares

CONDITIONAL: list[tuple[Callable[..., Any], equality.Method]] = [
    (ratio.conditional_exact, "exact"),
    (ratio.conditional_mid_p, "mid-p"),
    (ratio.conditional_score, "score"),
]
BINOMIAL: list[Callable[..., Any]] = [ratio.koopman, ratio.miettinen_nurminen, ratio.mover_r]
ALL: list[Callable[..., Any]] = [method for method, _ in CONDITIONAL] + BINOMIAL
FEW = st.integers(0, 60)


@pytest.mark.parametrize(("method", "test"), CONDITIONAL)
@settings(deadline=None, max_examples=60)
@given(FEW, FEW, st.floats(0.01, 100), st.floats(1e-3, 1e3))
def test_the_interval_holds_exactly_the_ratios_that_its_test_keeps(
    method: Callable[..., Any], test: equality.Method, x1: int, x2: int, relative: float, true_ratio: float
) -> None:
    low, high = (float(end) for end in method(x1, relative, x2, 1.0, 0.9))
    p = float(equality.two_rates(x1, relative, x2, 1.0, ratio=true_ratio, method=test))
    if abs(p - 0.1) > 1e-7:
        assert (low <= true_ratio <= high) == (p > 0.1)


@pytest.mark.parametrize("method", ALL)
@settings(deadline=None, max_examples=40)
@given(st.integers(0, 40), st.integers(0, 40), st.integers(40, 10**6), st.integers(40, 10**6))
def test_naming_the_groups_the_other_way_turns_the_interval_over(
    method: Callable[..., Any], x1: int, x2: int, n1: int, n2: int
) -> None:
    low, high = (float(end) for end in method(x1, n1, x2, n2))
    other_low, other_high = (float(end) for end in method(x2, n2, x1, n1))
    turned = (1 / other_high if other_high else math.inf, 1 / other_low if other_low else math.inf)
    assert (low, high) == pytest.approx(turned, rel=1e-7)


@pytest.mark.parametrize("method", ALL)
def test_monotone_in_the_events_of_either_group(method: Callable[..., Any]) -> None:
    counts = np.arange(1, 60)
    for end in method(counts, 10**6, 7, 2 * 10**6):
        assert np.all(np.diff(end) > 0)
    for end in method(7, 10**6, counts, 2 * 10**6):
        assert np.all(np.diff(end) < 0)


@pytest.mark.parametrize("method", ALL)
def test_no_events_on_a_side_give_exactly_zero_or_infinity(method: Callable[..., Any]) -> None:
    assert float(method(0, 10**6, 5, 10**6)[0]) == 0
    assert float(method(5, 10**6, 0, 10**6)[1]) == math.inf
    assert [float(end) for end in method(0, 10**6, 0, 10**6)] == [0.0, math.inf]


def test_for_rare_events_the_binomial_scores_are_the_poisson_score() -> None:
    x1, x2 = np.array([8, 0, 30]), np.array([2, 3, 29])
    rare = ratio.conditional_score(x1, 10**9, x2, 3 * 10**9)
    for method in (ratio.koopman, ratio.miettinen_nurminen):
        for one, other in zip(method(x1, 10**9, x2, 3 * 10**9), rare, strict=True):
            assert one == pytest.approx(other, rel=1e-6)


def test_koopman_ends_are_where_its_score_is_the_quantile() -> None:
    # Koopman 1984 with p~ found here by a search over the likelihood, not by the formula for it.
    x1, n1, x2, n2 = 8, 15, 4, 15
    grid = np.linspace(1e-6, 1 - 1e-6, 400_001)
    for end, sign in zip(ratio.koopman(x1, n1, x2, n2), (1, -1), strict=True):
        t = float(end)
        second = grid[grid * t < 1]
        likelihood = x1 * np.log(t * second) + (n1 - x1) * np.log1p(-t * second) + x2 * np.log(second)
        best = float(second[np.argmax(likelihood + (n2 - x2) * np.log1p(-second))])
        variance = t * best * (1 - t * best) / n1 + t * t * best * (1 - best) / n2
        assert (x1 / n1 - t * x2 / n2) / math.sqrt(variance) == pytest.approx(sign * 1.959964, abs=2e-4)


def test_the_correction_for_skewness_turns_over_too_and_stands_where_a_group_has_no_events() -> None:
    x1, n1, x2, n2 = np.array([0, 0, 5, 8, 300]), np.array([40, 7, 900, 15, 400]), np.array([1, 3, 0, 4, 5]), 40
    low, high = ratio.gart_nam(x1, n1, x2, n2)
    other_low, other_high = ratio.gart_nam(x2, n2, x1, n1)
    with np.errstate(divide="ignore"):
        assert low == pytest.approx(1 / other_high, rel=1e-7)
        assert high == pytest.approx(1 / other_low, rel=1e-7)
    assert low[0] == low[1] == 0
    assert high[2] == math.inf
    assert np.all(low < high)


def test_one_stratum_is_koopman_and_empty_strata_change_nothing() -> None:
    alone = [float(end) for end in ratio.koopman(4, 16, 5, 79)]
    assert ratio.stratified_score([4], [16], [5], [79]) == pytest.approx(alone, rel=1e-9)
    assert ratio.stratified_score([4, 0], [16, 50], [5, 0], [79, 9]) == pytest.approx(alone, rel=1e-9)
    for unequal in (([4, 0], [16, 50], [5], [79, 9]), ([4], [16, 50], [5, 0], [79, 9]), (4, [16], [5], [79])):
        with pytest.raises(CountOutOfRange, match="one length"):
            ratio.stratified_score(*unequal)
    assert ratio.stratified_score([0, 0], [16, 50], [5, 1], [79, 9])[0] == 0
    assert ratio.stratified_score([3, 1], [16, 50], [0, 0], [79, 9])[1] == math.inf


def test_strata_in_another_order_give_the_same() -> None:
    x1, n1, x2, n2 = np.array([[4, 2, 4, 1], [16, 16, 18, 15], [5, 3, 10, 3], [79, 87, 90, 82]])
    turned = ratio.stratified_score(x1[::-1], n1[::-1], x2[::-1], n2[::-1])
    assert turned == pytest.approx(ratio.stratified_score(x1, n1, x2, n2), rel=1e-12)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 20), st.integers(1, 20), st.floats(0.02, 0.5), st.floats(1.0, 3.0), st.floats(0, 1))
def test_the_union_over_a_range_of_shares_holds_the_interval_at_each(
    events: int, more: int, share: float, width: float, inside: float
) -> None:
    high = min(share * width, 0.9)
    (least, most), union = ratio_over_shares(events, events + more, share, high)
    estimate, interval = ratio_at_share(events, events + more, share + inside * (high - share))
    slack = 1e-9
    assert least * (1 - slack) <= estimate <= most * (1 + slack)
    assert union.low <= interval.low * (1 + slack)
    assert interval.high <= union.high * (1 + slack)


def test_a_rate_over_a_range_of_shares_and_ranges_that_run_down() -> None:
    interval = rate_over_shares(8, 3_147_436, 0.1, 0.2)
    low, high = 3.45383218, 15.76318832  # Garwood's ends for 8 (chi-square quantiles, R exactci)
    assert (interval.low, interval.high) == pytest.approx((low / 0.2 / 3_147_436, high / 0.1 / 3_147_436), rel=1e-5)
    for call in (ratio_over_shares, rate_over_shares):
        with pytest.raises(ValueError, match="upwards"):
            call(8, 10, 0.2, 0.1)


@pytest.mark.parametrize("method", ALL)
def test_counts_that_cannot_be_are_refused(method: Callable[..., Any]) -> None:
    with pytest.raises(CountOutOfRange):
        method(-1, 10, 1, 10)
    with pytest.raises(CountOutOfRange):
        method(1, 10, 1, 0)
