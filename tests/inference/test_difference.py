"""Differences: the score equation, relabelling, rare rates, pairs."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from countersign.inference import difference
from countersign.inference.checks import CountOutOfRange

METHODS: list[Callable[..., Any]] = [
    difference.miettinen_nurminen,
    partial(difference.miettinen_nurminen, corrected=False),
    difference.newcombe,
]
SAMPLE = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize("method", METHODS)
@settings(deadline=None, max_examples=60)
@given(SAMPLE, SAMPLE)
def test_naming_the_groups_the_other_way_turns_the_sign(
    method: Callable[..., Any], first: tuple[int, int], second: tuple[int, int]
) -> None:
    low, high = (float(end) for end in method(*first, *second))
    other_low, other_high = (float(end) for end in method(*second, *first))
    assert (low, high) == pytest.approx((-other_high, -other_low), abs=1e-9)
    assert -1 <= low <= first[0] / first[1] - second[0] / second[1] <= high <= 1


@settings(deadline=None, max_examples=60)
@example((31, 31), (31, 31), 4e-15)  # a double root at 1
@given(SAMPLE, SAMPLE, st.floats(-0.95, 0.95))
def test_the_restricted_estimate_is_the_top_of_the_likelihood(
    first: tuple[int, int], second: tuple[int, int], d: float
) -> None:
    x1, n1, x2, n2 = (np.array([float(value)]) for value in (*first, *second))
    found = float(difference.restricted_rate(x1, n1, x2, n2, np.array([d]))[0])

    def likelihood(p: float) -> float:
        p, q = min(max(p, 1e-300), 1 - 1e-16), min(max(p + d, 1e-300), 1 - 1e-16)
        return float(
            x2[0] * math.log(p) + (n2 - x2)[0] * math.log1p(-p) + x1[0] * math.log(q) + (n1 - x1)[0] * math.log1p(-q)
        )

    low, high = max(0.0, -d), min(1.0, 1.0 - d)
    assert low <= found <= high
    best = max(likelihood(low + share * (high - low)) for share in np.linspace(1e-9, 1 - 1e-9, 400))
    assert likelihood(found) >= best - 1e-6 * max(1.0, abs(best))


def test_a_difference_of_two_rates_of_one_in_a_million_keeps_its_digits() -> None:
    x1, n1, x2, n2 = 8, 1_000_000, 2, 2_147_436
    ends = [float(end) for end in difference.miettinen_nurminen(x1, n1, x2, n2)]
    z = mp.mpf("1.9599639845400542355")
    with mp.workdps(40):
        total = n1 + n2
        for end, sign in zip(ends, (1, -1), strict=True):
            d = mp.mpf(end)
            cubic = [  # from the constant up
                x2 * d * (1 - d),
                (n2 * d - total - 2 * x2) * d + x1 + x2,
                (n1 + 2 * n2) * d - total - x1 - x2,
                mp.mpf(total),
            ]
            # The root that lies where both rates are between 0 and 1.
            roots = [mp.re(root) for root in mp.polyroots(cubic, maxsteps=200, extraprec=200, asc=True)]
            second = min(root for root in roots if root >= max(0, -d) and root <= min(1, 1 - d))
            first = second + d
            variance = (first * (1 - first) / n1 + second * (1 - second) / n2) * total / (total - 1)
            score = (mp.mpf(x1) / n1 - mp.mpf(x2) / n2 - d) / mp.sqrt(variance)
            assert float(score) == pytest.approx(float(sign * z), rel=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_monotone_in_events_and_narrower_with_more_trials(method: Callable[..., Any]) -> None:
    events = np.arange(0, 30)
    for end in method(events, 40, 10, 50):
        assert np.all(np.diff(end) > 0)
    size = np.array([1, 10, 100, 10_000])
    low, high = method(4 * size, 40 * size, 5 * size, 50 * size)
    assert np.all(np.diff(high - low) < 0)


def test_nothing_and_everything() -> None:
    low, high = difference.miettinen_nurminen([0, 10, 10], [10, 10, 10], [0, 0, 10], [10, 10, 10])
    assert low[0] == -high[0]
    assert high[1] == 1
    assert low[2] == pytest.approx(-high[2], rel=1e-12)


def test_pairs_turn_their_sign_and_ignore_agreement_only_in_the_denominator() -> None:
    low, high = difference.tango(4, 9, 3, 16)
    other_low, other_high = difference.tango(4, 3, 9, 16)
    assert (float(low), float(high)) == pytest.approx((-float(other_high), -float(other_low)), abs=1e-12)
    assert [float(e) for e in difference.tango(16, 9, 3, 4)] == pytest.approx([float(low), float(high)], abs=1e-12)
    none_low, none_high = difference.tango(10, 0, 0, 10**6)
    assert float(none_low) == pytest.approx(-float(none_high))
    assert 0 < float(none_high) < 1e-5


@pytest.mark.parametrize("cells", [(0, 0, 0, 0), (-1, 2, 2, 2), (1.5, 2, 2, 2)])
def test_paired_counts_that_cannot_be_are_refused(cells: tuple[float, float, float, float]) -> None:
    with pytest.raises(CountOutOfRange):
        difference.tango(*cells)
