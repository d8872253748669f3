"""Intervals for one proportion: agreement, invariances, edges. Coverage has a file of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from countersign.inference import binomial, poisson, ratio, tails
from countersign.inference.checks import CountOutOfRange, LevelOutOfRange
from countersign.inference.design import faces_for_ceiling
from countersign.inference.groups.equality import two_rates
from countersign.inference.monitors import sequence
from countersign.inference.monitors.ceiling import Ceiling
from countersign.inference.monitors.detection import Change
from countersign.inference.monitors.evidence import log_e_share
from countersign.inference.monitors.labels import Labels

METHODS: list[Callable[..., Any]] = [binomial.clopper_pearson, binomial.mid_p, binomial.wilson, binomial.jeffreys]
SOME_COUNTS = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
LEVELS = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99, 0.999])


@settings(deadline=None, max_examples=60)
@given(SOME_COUNTS, LEVELS)
def test_agrees_with_scipy_where_scipy_is_right(counts: tuple[int, int], level: float) -> None:
    test = binomtest(*counts)
    pairs = (
        (binomial.clopper_pearson, test.proportion_ci(level, "exact")),
        (binomial.wilson, test.proportion_ci(level, "wilson")),
    )
    for ours, theirs in pairs:
        found = [float(end) for end in ours(*counts, level)]
        # SciPy looks for an exact end to 2e-12: its lower end of 1 in 85 at 0.99 is 6e-14 off the closed form.
        assert found == pytest.approx([theirs.low, theirs.high], rel=1e-9, abs=2e-12)


@pytest.mark.parametrize("method", METHODS)
@settings(deadline=None, max_examples=40)
@given(SOME_COUNTS, LEVELS)
def test_counting_the_others_mirrors_the_interval(
    method: Callable[..., Any], counts: tuple[int, int], level: float
) -> None:
    x, n = counts
    mirrored = [1 - float(end) for end in method(n - x, n, level)][::-1]
    assert [float(end) for end in method(x, n, level)] == pytest.approx(mirrored, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_monotone_in_events_trials_and_level(method: Callable[..., Any]) -> None:
    events = np.arange(0, 200)
    for end in method(events, 3_147_436):
        assert np.all(np.diff(end) > 0)
    trials = np.array([200, 1_000, 10**4, 10**6, 10**9])
    for x in (0, 1, 40):
        low, high = method(x, trials)
        assert np.all(np.diff(low) < 0) if x else np.all(low == 0)
        assert np.all(np.diff(high) < 0)
    wide, narrow = method(events, 10**6, 0.99), method(events, 10**6, 0.9)
    assert np.all(wide[0] <= narrow[0])
    assert np.all(wide[1] > narrow[1])


@settings(deadline=None, max_examples=60)
@given(SOME_COUNTS, LEVELS)
def test_mid_p_lies_within_clopper_pearson_and_holds_the_estimate(counts: tuple[int, int], level: float) -> None:
    x, n = counts
    (low, high), (inner_low, inner_high) = binomial.clopper_pearson(x, n, level), binomial.mid_p(x, n, level)
    assert low <= inner_low <= x / n <= inner_high <= high


@pytest.mark.parametrize(("x", "n"), [(0, 10**9), (1, 10**9), (10, 3_147_436), (7, 50), (49, 50), (100, 10**12)])
def test_mid_p_against_forty_digits(x: int, n: int) -> None:
    ends = [float(end) for end in binomial.mid_p(x, n)]
    with mp.workdps(40):
        for end, more in zip(ends, (True, False), strict=True):
            if end in (0.0, 1.0):
                assert x in (0, n)
                continue
            p = mp.mpf(end)
            own = mp.binomial(n, x) * p**x * (1 - p) ** (n - x)
            over = mp.betainc(x, n - x + 1, 0, p, regularized=True) if x else mp.mpf(1)
            tail = over - own / 2 if more else 1 - over + own / 2
            assert float(tail) == pytest.approx(0.025, rel=1e-9)


def test_zero_events_closed_forms_and_never_a_zero_upper_end() -> None:
    n = np.array([1, 10, 3_147_436, 10**9, 10**12])
    exact, mid = binomial.clopper_pearson(0, n)[1], binomial.mid_p(0, n)[1]
    assert exact == pytest.approx(-np.expm1(np.log(0.025) / n), rel=1e-13)
    assert mid == pytest.approx(-np.expm1(np.log(0.05) / n), rel=1e-13)
    assert binomial.upper_bound(0, n) == pytest.approx(-np.expm1(np.log(0.05) / n), rel=1e-13)
    for method in METHODS:
        low, high = method(0, n)
        assert np.all(low == 0)
        assert np.all(high > 0)


@settings(deadline=None, max_examples=40)
@given(SOME_COUNTS, LEVELS)
def test_one_sided_bounds_are_the_ends_of_the_two_sided_interval_of_twice_the_error(
    counts: tuple[int, int], level: float
) -> None:
    low, high = binomial.clopper_pearson(*counts, level)
    half = (1 + level) / 2
    assert float(binomial.lower_bound(*counts, half)) == pytest.approx(float(low), rel=1e-9)
    assert float(binomial.upper_bound(*counts, half)) == pytest.approx(float(high), rel=1e-9)


def test_one_sided_bounds_exist_at_any_level() -> None:
    assert 0 < float(binomial.upper_bound(0, 100, 0.3)) < float(binomial.upper_bound(0, 100, 0.6))


def test_a_design_effect_divides_the_trials() -> None:
    halved = binomial.score_ends(np.asarray(60 / 203), np.asarray(203 / 2), 1.959963984540054)
    assert np.allclose(binomial.wilson(60, 203, design_effect=2.0), halved, rtol=1e-12)
    with pytest.raises(CountOutOfRange, match="design effect"):
        binomial.wilson(60, 203, design_effect=0.0)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("x", "n"), [(-1, 10), (11, 10), (1, 0), (1.5, 10), (1, 10.5), (float("nan"), 10), (1, float("inf"))]
)
def test_counts_that_cannot_be_are_refused(method: Callable[..., Any], x: float, n: float) -> None:
    with pytest.raises(CountOutOfRange):
        method(x, n)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("level", [0.0, 1.0, 95, -0.1, float("nan")])
def test_levels_that_cannot_be_are_refused(method: Callable[..., Any], level: float) -> None:
    with pytest.raises(LevelOutOfRange):
        method(1, 10, level)


def test_the_first_wrong_pair_is_named() -> None:
    with pytest.raises(CountOutOfRange, match="12 events in 10 trials"):
        binomial.clopper_pearson([1, 12, 13], 10)


@pytest.mark.parametrize("method", METHODS)
def test_broadcasts_and_gives_the_same_whatever_stands_beside(method: Callable[..., Any]) -> None:
    low, high = method(np.array([[0], [3], [7]]), np.array([100, 10**6]))
    assert low.shape == high.shape == (3, 2)
    assert (float(low[1, 1]), float(high[1, 1])) == tuple(float(end) for end in method(3, 10**6))
    assert method(np.array([], dtype=int), 10)[0].shape == (0,)


@pytest.mark.parametrize(
    "form",
    [
        binomial.clopper_pearson,
        binomial.wilson,
        poisson.garwood,
        faces_for_ceiling,
        lambda few, more: ratio.koopman(few, 99, more, 99),
        lambda few, more: tails.at_most(few, 99, more),
        lambda few, more: two_rates(few, 99, more, 99),
        lambda few, more: sequence.fold(few, few, more, more),
        lambda few, more: log_e_share(few, more, 0.5),
        lambda few, more: Ceiling().observe_many(more, more, few, few, 0.1),
        lambda few, more: Change().observe_many(more, few, 0.1),
        lambda few, more: Labels().observe_many(few, more),
    ],
)
def test_lists_of_unequal_lengths_are_refused_in_its_own_words(form: Callable[..., object]) -> None:
    with pytest.raises(CountOutOfRange, match="of one length or one alone"):
        form([1, 2, 3], [10, 20])
