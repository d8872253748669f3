"""E values against quadrature and high precision; how they combine; how a forecast is worded."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from countersign.inference.checks import CountOutOfRange
from countersign.inference.monitors.evidence import (
    about,
    combined,
    first_crossing,
    log_e_above,
    log_e_above_surplus,
    log_e_share,
    mixed,
)

PAIRS = [(0, 1e-9), (0, 3.0), (0, 700.0), (1, 1e-6), (1, 40.0), (2, 2.0), (10, 3.147436), (50, 49.0), (50, 51.0)]
FAR = [(300, 3.0), (300, 900.0), (1_000, 1e-3), (5, 1e5), (20_000, 19_000.0)]


@pytest.mark.parametrize(("x", "exposure"), PAIRS + FAR)
def test_above_is_the_mixture_with_density_k_to_the_minus_two(x: int, exposure: float) -> None:
    with mp.workdps(40):
        e = mp.mpf(exposure)
        exact = e + (1 - x) * mp.log(e) + mp.log(mp.gammainc(x - 1, e))
        assert float(log_e_above(x, exposure)) == pytest.approx(float(exact), rel=1e-9, abs=1e-9)


def test_the_figures_of_the_facts() -> None:
    # Facts "statistics-uncertainty" sections 5 and 6, computed there.
    assert math.exp(float(log_e_above(10, 3.147436))) == pytest.approx(30.8, abs=0.05)
    for share, e in ((0.135, 28_293), (0.30, 89.7), (0.40, 14.2)):
        assert math.exp(float(log_e_share(8, 10, share))) == pytest.approx(e, rel=4e-3)
    assert math.exp(float(log_e_share(8, 10, 0.378))) == pytest.approx(20, rel=0.02)


@pytest.mark.parametrize("exposure", [0.2, 1.0, 7.0])
@pytest.mark.parametrize("fold", [1.0, 0.4])
def test_the_mean_is_at_most_one_under_the_hypothesis(fold: float, exposure: float) -> None:
    x = np.arange(0, 2_000)
    mean = float(np.exp(poisson.logpmf(x, fold * exposure) + log_e_above(x, exposure)).sum())
    assert mean <= 1 + 1e-9
    if fold == 1.0:
        # Stakes on folds that would give over 2,000 events are left out of the sum: exposure / 2,000 of them.
        assert mean >= 1 - 1.5 * exposure / 2_000


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 60), st.floats(1e-3, 60), st.floats(1e-3, 10))
def test_more_events_or_less_exposure_are_more_evidence(x: int, e: float, more: float) -> None:
    assert float(log_e_above(x + 1, e)) >= float(log_e_above(x, e)) - 1e-9
    assert float(log_e_above(x, e + more)) <= float(log_e_above(x, e)) + 1e-9


def test_the_light_form_for_one_update_is_the_same_formula() -> None:
    assert log_e_above_surplus(10.0, 3.147436) == float(log_e_above(10, 3.147436))


def test_shapes_and_what_cannot_be() -> None:
    assert log_e_above(np.array([[1], [5]]), np.array([0.1, 1.0, 9.0])).shape == (2, 3)
    with pytest.raises(CountOutOfRange):
        log_e_above(-1, 1.0)
    with pytest.raises(CountOutOfRange):
        log_e_above(1, 0.0)
    with pytest.raises(CountOutOfRange):
        log_e_share(11, 10, 0.3)


def test_combination() -> None:
    logs = np.log([2.0, 8.0])
    assert combined(logs, independent=True) == pytest.approx(math.log(16))
    assert combined(logs, independent=False) == pytest.approx(math.log(5))
    assert mixed(np.array([1000.0, 1000.0]), np.log([0.5, 0.5])) == pytest.approx(1000)
    assert mixed(np.array([-math.inf]), np.zeros(1)) == -math.inf


def test_first_crossing_solves_its_equation() -> None:
    start, growth, stakes = np.array([0.0, -2.0]), np.array([0.1, 0.5]), np.log([0.5, 0.5])
    u = first_crossing(start, growth, stakes, math.log(20))
    assert mixed(start + u * growth, stakes) == pytest.approx(math.log(20), rel=1e-12)
    assert first_crossing(start, -growth, stakes, math.log(20)) == math.inf
    assert first_crossing(np.array([9.0, 9.0]), growth, stakes, math.log(20)) == 0


FORECASTS = [(0.2, "1"), (7.2, "8"), (11.1, "12"), (123_456.0, "130,000"), (2_500_000.0, "2,500,000")]


@pytest.mark.parametrize(("number", "text"), [*FORECASTS, (math.inf, "no number of")])
def test_a_forecast_is_rounded_up_to_two_digits(number: float, text: str) -> None:
    assert about(number) == text
