"""Tails and quantiles against 50-digit arithmetic (mpmath), from rates of 1e-12 to one half."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from countersign.inference.tails import TABLE, at_least, at_most, beta_quantile, gamma_quantile

COUNTS = [0, 1, 2, 5, 10, 50, 100, 500]
TRIALS = [10, 1_000, 10**5, 10**7, 10**9, 10**12]


def exact_beta(a: int, b: int, p: mp.mpf) -> mp.mpf:
    return mp.betainc(a, b, 0, p, regularized=True)


@pytest.mark.parametrize("trials", TRIALS)
@pytest.mark.parametrize("q", [1e-6, 0.025, 0.5, 0.975])
def test_beta_quantile_to_twelve_digits(trials: int, q: float) -> None:
    events = np.array([x for x in COUNTS if x < trials], dtype=np.float64)
    found = beta_quantile(events + 1, trials - events, q)
    with mp.workdps(50):
        for x, value in zip(events.astype(int).tolist(), found.tolist(), strict=True):
            a, b, p = x + 1, trials - x, mp.mpf(value)
            slope = mp.exp((a - 1) * mp.log(p) + (b - 1) * mp.log1p(-p)) / mp.beta(a, b)
            error = (exact_beta(a, b, p) - mp.mpf(q)) / slope / p
            assert abs(error) < 1e-12, (x, trials, q)


@pytest.mark.parametrize("trials", TRIALS)
def test_both_tails_to_eleven_digits(trials: int) -> None:
    with mp.workdps(50):
        for x in (x for x in COUNTS if 0 < x < trials):
            for mean in (0.3 * x, 1.0 * x, 2.0 * x):
                p = mean / trials
                if p >= 0.5:
                    continue
                lower = exact_beta(x, trials - x + 1, mp.mpf(p))
                upper = 1 - exact_beta(x + 1, trials - x, mp.mpf(p))
                assert float(at_least(x, trials, p)) == pytest.approx(float(lower), rel=3e-11)
                assert float(at_most(x, trials, p)) == pytest.approx(float(upper), rel=3e-11)


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(1e-6, 1 - 1e-6))
def test_agrees_with_scipy_where_scipy_is_right(counts: tuple[int, int], p: float) -> None:
    x, n = counts
    assert float(at_least(x, n, p)) == pytest.approx(binom.sf(x - 1, n, p), rel=1e-9, abs=1e-300)
    assert float(at_most(x, n, p)) == pytest.approx(binom.cdf(x, n, p), rel=1e-9, abs=1e-300)


def test_counts_just_outside_give_nothing_or_all() -> None:
    assert at_most(-1, 10, 0.3) == 0
    assert at_most(10, 10, 0.3) == 1
    assert at_least(0, 10, 0.3) == 1
    assert at_least(11, 10, 0.3) == 0


def test_the_lookup_of_quantiles_gives_the_bits_of_the_direct_way() -> None:
    shapes = np.random.default_rng(1).integers(1, 200, TABLE + 1) / 2
    direct = np.array([gamma_quantile(shapes[i : i + 1], 0.975)[0] for i in range(200)])
    assert np.array_equal(gamma_quantile(shapes, 0.975)[:200], direct)
