"""The chance that a plain rule is ever met, against adding up every outcome and against simulation."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from countersign.events.watch.stop_rule import chance_of_crossing


def poisson(count: int, mean: float) -> float:
    return math.exp(-mean) * mean**count / math.factorial(count)


def by_outcomes(means: list[float], bounds: list[int]) -> float:
    """One minus the chance of every path of counts that stays at or under the bounds."""
    kept = 0.0
    for path in itertools.product(*(range(bound + 1) for bound in bounds)):
        if all(so_far <= bound for so_far, bound in zip(itertools.accumulate(path), bounds, strict=True)):
            kept += math.prod(poisson(count, mean) for count, mean in zip(path, means, strict=True))
    return 1 - kept


@pytest.mark.parametrize(
    ("means", "bounds"),
    [
        ([1.0], [0]), ([0.9, 1.2, 1.5], [0, 2, 3]), ([0.5, 0.0, 2.0, 1.0], [0, 0, 2, 3]), ([3.0, 3.0], [3, 6]),
        ([0.0], [0]), ([20.0], [40]),
    ],
)  # fmt: skip
def test_it_is_the_sum_over_all_outcomes(means: list[float], bounds: list[int]) -> None:
    assert chance_of_crossing(means, bounds) == pytest.approx(by_outcomes(means, bounds), abs=1e-12)


def test_it_is_what_simulation_gives() -> None:
    means, bounds = [12.0] * 8, [12 * (hour + 1) + 6 for hour in range(8)]
    counts = np.random.default_rng(3).poisson(means, (40_000, 8)).cumsum(axis=1)
    share = float((counts > np.array(bounds)).any(axis=1).mean())
    found = chance_of_crossing(means, bounds)
    assert abs(found - share) < 4 * math.sqrt(found * (1 - found) / 40_000)


def test_large_bounds_are_no_trouble() -> None:
    assert chance_of_crossing([1000.0] * 3, [1000, 2000, 3000]) == pytest.approx(0.75, abs=0.1)
    assert chance_of_crossing([1e-9], [0]) == pytest.approx(1e-9, rel=1e-6)
