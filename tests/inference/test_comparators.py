"""Methods of others: that they are what others print, and how badly two of them do."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import binom, poisson
from scipy.stats.contingency import relative_risk
from tests.inference import comparators

from countersign.inference import binomial, ratio


def test_katz_is_scipys_relative_risk() -> None:
    theirs = relative_risk(16, 128, 24, 256).confidence_interval(0.95)
    assert [float(e) for e in comparators.katz_log(16, 128, 24, 256)] == pytest.approx([theirs.low, theirs.high])
    assert np.isnan(comparators.katz_log([0, 3], 10, [3, 0], 10)[0]).all()


def test_katz_covers_ten_percent_at_three_errors_where_the_conditional_intervals_keep_their_promise() -> None:
    # Facts "statistics-uncertainty" section 2: worst cell .096 for Katz, .981 for mid-P, .991 for exact; an undefined
    # interval counts against it. Ratio 10, relative size 1, three errors expected in all.
    one, two = np.arange(0, 40)[:, None], np.arange(0, 40)[None, :]
    covered: dict[str, list[float]] = {}
    for true_ratio, size in ((1.0, 0.05), (10.0, 1.0), (3.0, 0.25)):
        rest = 3 / (1 + true_ratio * size)
        mass = poisson.pmf(one, 3 - rest) * poisson.pmf(two, rest)
        for method in (comparators.katz_log, ratio.conditional_mid_p, ratio.conditional_exact):
            low, high = method(one, size * 10**9, two, 10**9)
            inside = (low <= true_ratio) & (true_ratio <= high)
            covered.setdefault(method.__name__, []).append(float(mass[inside].sum()))
    assert min(covered["katz_log"]) < 0.15
    assert min(covered["conditional_mid_p"]) > 0.97
    assert min(covered["conditional_exact"]) > 0.98


def test_blaker_lies_within_clopper_pearson_and_covers() -> None:
    n = 14
    ends = [comparators.blaker(x, n) for x in range(n + 1)]
    low, high = binomial.clopper_pearson(np.arange(n + 1), n)
    assert all(a >= b - 1e-12 for (a, _), b in zip(ends, low, strict=True))
    assert all(a <= b + 1e-12 for (_, a), b in zip(ends, high, strict=True))
    for rate in np.linspace(0.011, 0.989, 47):
        inside = np.array([a - 1e-9 <= rate <= b + 1e-9 for a, b in ends])
        assert binom.pmf(np.arange(n + 1), n, rate)[inside].sum() >= 0.95 - 1e-9


def _criterion(x: int, n: int, rate: Fraction) -> Fraction:
    """Blaker's, from whole numbers: the smaller tail at x and the largest opposite one that is not above it."""
    terms = [math.comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in range(n + 1)]
    below = list(itertools.accumulate(terms))
    above = list(itertools.accumulate(reversed(terms)))[::-1]
    own, other = (above[x], below) if above[x] < below[x] else (below[x], above)
    return own + max((tail for tail in other if tail <= own), default=Fraction(0))


@pytest.mark.parametrize(("x", "n"), [(131, 134), (3, 134), (2, 123), (7, 8), (40, 90)])
def test_blakers_ends_are_the_outermost_places_of_its_criterion(x: int, n: int) -> None:
    """The lower end of 131 in 134 was put at .936009, and .935980 is in the interval."""
    error, outer = Fraction(1, 20), [float(end) for end in binomial.clopper_pearson(x, n)]
    for end, bound, out in zip(comparators.blaker(x, n), outer, (-1, 1), strict=True):
        assert _criterion(x, n, Fraction(end - out * 1e-9)) > error
        for place in np.linspace(end + out * 1e-9, bound + out * 1e-9, 4):
            assert _criterion(x, n, Fraction(round(place * 10**12), 10**12)) <= error


def test_the_continuity_correction_only_widens() -> None:
    x = np.arange(0, 51)
    (low, high), (inner_low, inner_high) = comparators.wilson_continuity(x, 50), binomial.wilson(x, 50)
    assert np.all(low <= inner_low)
    assert np.all(high >= inner_high)
    assert (low[0], high[-1]) == (0, 1)
