"""Intervals for a rate in time: agreement, limits of the binomial ones, edges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2
from scipy.stats import poisson as law

from countersign.inference import binomial, poisson
from countersign.inference.checks import CountOutOfRange

METHODS: list[Callable[..., Any]] = [poisson.garwood, poisson.mid_p, poisson.score, poisson.jeffreys]


def test_garwood_is_the_chi_square_quantiles() -> None:
    x = np.arange(0, 300)
    low, high = poisson.garwood(x, 12.5, 0.9)
    assert low[1:] == pytest.approx(chi2.ppf(0.05, 2 * x[1:]) / 2 / 12.5, rel=1e-12)
    assert low[0] == 0
    assert high == pytest.approx(chi2.ppf(0.95, 2 * x + 2) / 2 / 12.5, rel=1e-12)


@pytest.mark.parametrize("x", [0, 1, 10, 200])
def test_mid_p_solves_its_equation(x: int) -> None:
    low, high = (float(end) for end in poisson.mid_p(x, 1.0))
    assert law.cdf(x, high) - law.pmf(x, high) / 2 == pytest.approx(0.025, rel=1e-9)
    assert low == 0 if x == 0 else law.sf(x, low) + law.pmf(x, low) / 2 == pytest.approx(0.025, rel=1e-9)


def test_rare_binomial_intervals_are_these_to_seven_digits() -> None:
    x, n = np.array([0, 1, 10, 100]), 3_147_436
    pairs = [
        (binomial.clopper_pearson, poisson.garwood),
        (binomial.mid_p, poisson.mid_p),
        (binomial.wilson, poisson.score),
        (binomial.jeffreys, poisson.jeffreys),
    ]
    for of_trials, of_exposure in pairs:
        for one, other in zip(of_trials(x, n), of_exposure(x, n), strict=True):
            assert one == pytest.approx(other, rel=5e-5)


@pytest.mark.parametrize("method", METHODS)
def test_zero_events_monotone_and_scaled_by_exposure(method: Callable[..., Any]) -> None:
    low, high = method(np.arange(50), 10.0)
    assert low[0] == 0
    assert high[0] > 0
    assert np.all(np.diff(low) > 0)
    assert np.all(np.diff(high) > 0)
    assert np.allclose(method(7, 20.0), np.array(method(7, 10.0)) / 2, rtol=1e-13)


def test_one_sided_bounds() -> None:
    assert float(poisson.upper_bound(0, 300)) == pytest.approx(-np.log(0.05) / 300, rel=1e-13)
    assert float(poisson.lower_bound(0, 300)) == 0
    assert float(poisson.lower_bound(5, 2.0, 0.975)) == pytest.approx(float(poisson.garwood(5, 2.0)[0]), rel=1e-13)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("x", "t"), [(-1, 1.0), (0.5, 1.0), (1, 0.0), (1, -2.0), (1, float("nan")), (1, float("inf"))])
def test_what_cannot_be_is_refused(method: Callable[..., Any], x: float, t: float) -> None:
    with pytest.raises(CountOutOfRange):
        method(x, t)
