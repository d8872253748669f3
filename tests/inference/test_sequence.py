"""Confidence sequences: their equations, the facts' figures, and coverage at all times at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import betaln

from countersign.inference import binomial
from countersign.inference.checks import CountOutOfRange, LevelOutOfRange
from countersign.inference.monitors import sequence

Floats = NDArray[np.float64]


def test_the_figures_of_the_facts() -> None:
    # Facts "statistics-uncertainty" section 6: 10 in 3,147,436, Beta(.5, 5e4) and Beta(.5, .5).
    ends = [float(end) for end in sequence.proportion(10, 3_147_436, a=0.5, b=5e4)]
    assert ends == pytest.approx([9.7e-7, 7.4e-6], rel=0.01)
    ends = [float(end) for end in sequence.proportion(10, 3_147_436)]
    assert ends == pytest.approx([4.6e-7, 1.03e-5], rel=0.01)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(0, min(n, 500)), st.just(n))), st.floats(0.2, 1e4))
def test_ends_solve_their_equation_and_hold_the_exact_interval(counts: tuple[int, int], b: float) -> None:
    x, n = counts
    low, high = (float(end) for end in sequence.proportion(x, n, a=0.5, b=b))

    def log_e(p: float) -> float:
        return float(betaln(0.5 + x, b + n - x) - betaln(0.5, b) - x * np.log(p) - (n - x) * np.log1p(-p))

    if x > 0:
        assert log_e(low) == pytest.approx(np.log(20), abs=1e-6)
    if x < n and 1 - high > 1e-9:  # closer to 1 a double cannot hold the end
        assert log_e(high) == pytest.approx(np.log(20), abs=1e-6 + 1e-14 * n / (1 - high))
    if b < 10 and n > 10:
        exact = binomial.clopper_pearson(x, n)
        assert low <= float(exact[0])
        assert high >= float(exact[1])


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 100), st.integers(0, 30), st.floats(0.01, 200), st.floats(1, 5))
def test_wider_ranges_give_wider_intervals(x: int, unresolved: int, exposure: float, spread: float) -> None:
    """The ends taken are the least favourable ones: no count or exposure within the ranges reaches beyond them."""
    low, high = (float(e) for e in sequence.fold(x, x + unresolved, exposure, exposure * spread))
    for share in (0.0, 0.3, 1.0):
        at_x, at_e = x + round(share * unresolved), exposure * spread**share
        inner_low, inner_high = (float(e) for e in sequence.fold(at_x, at_x, at_e, at_e))
        assert low <= inner_low * (1 + 1e-9)
        assert high >= inner_high * (1 - 1e-9)


def test_edges() -> None:
    low, high = sequence.fold([0, 0, 3], [0, 2, 3], [0.0, 1.0, 1.0], [0.0, 2.0, 2.0])
    assert low.tolist()[:2] == [0, 0]
    assert high[0] == np.inf
    assert 0 < low[2] < 3 < high[2] < np.inf
    assert float(sequence.proportion(0, 10)[0]) == 0
    assert float(sequence.proportion(10, 10)[1]) == 1
    assert 0 < float(sequence.proportion(1, 1)[0]) < 1
    with pytest.raises(CountOutOfRange):
        sequence.fold(3, 2, 1.0, 1.0)
    with pytest.raises(CountOutOfRange):
        sequence.proportion(1, 10, a=0.0)
    with pytest.raises(LevelOutOfRange):
        sequence.proportion(1, 10, 1.0)


def turning_points(events: int, level: float, fold: float) -> tuple[Floats, Floats]:
    """For each count: exposure under which the lower end is above ``fold``, and over which the upper is below it."""
    x = np.arange(events + 1)

    def bisect(end: int) -> Floats:
        low, high = np.full(x.shape, -12.0), np.full(x.shape, 12.0)
        for _ in range(60):
            middle = (low + high) / 2
            e = np.exp(middle)
            above = sequence.fold(x, x, e, e, level)[end] > fold
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        return np.asarray(np.exp(low))

    return bisect(0), bisect(1)


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_ten_thousand_runs_under_continuous_monitoring_leave_the_truth_at_no_more_than_the_stated_rate(
    level: float,
) -> None:
    """Watched after every face (events in continuous exposure, horizon 80): the truth is left at *any* time by few."""
    runs, events = 10_000, 140
    at = np.cumsum(np.random.default_rng(3).exponential(1.0, (runs, events)), axis=1)
    too_high, too_low = turning_points(events, level, 1.0)
    within = at <= 80
    # The lower end jumps up at an event, the upper falls until the next.
    left = (within & (at < too_high[1:])).any(axis=1)
    before_next = np.concatenate([at[:, :1], at[:, 1:]], axis=1)
    left |= ((before_next <= 80) & (before_next > too_low[:-1])).any(axis=1)
    assert left.mean() <= 1 - level + 3 * np.sqrt(level * (1 - level) / runs)
    assert left.mean() > 0.1 * (1 - level)  # the promise is not kept by being empty


@pytest.mark.slow
def test_ten_thousand_runs_of_the_sequence_for_a_proportion() -> None:
    """Faces one by one, rate 0.01, watched after each of 4,000: by the counts at which the truth would be left."""
    runs, faces, rate = 10_000, 4_000, 0.01
    generator = np.random.default_rng(8)
    gaps = generator.geometric(rate, (runs, 110))
    at = np.cumsum(gaps, axis=1)
    trials = np.arange(1, faces + 1)
    most = np.full(faces + 1, 200)
    least = np.full(faces + 1, -1)
    for x in range(110):
        low, high = sequence.proportion(np.minimum(x, trials), trials, a=0.5, b=50.0)
        most[1:][low > rate] = np.minimum(most[1:][low > rate], x)
        least[1:][high < rate] = np.maximum(least[1:][high < rate], x)
    events = np.arange(1, 111)
    inside = at <= faces
    left = (inside & (events >= most[np.minimum(at, faces)])).any(axis=1)
    before = np.minimum(at - 1, faces)  # the last face before each event, with one event fewer
    left |= ((before >= 1) & (events - 1 <= least[before])).any(axis=1)
    assert left.mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
    assert left.mean() > 0.005
