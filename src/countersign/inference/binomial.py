"""Intervals for one proportion, over arrays, right at one in a billion as at one half.

Clopper-Pearson for claims (it never covers less than it says), mid-P for display (on average it covers what it says),
Wilson where trials come in clumps (with a design effect), Jeffreys on request. Zero events give a lower end of exactly
0 and an upper end above it. None allows for clumps of events by itself: see ``clusters``.

>>> low, high = clopper_pearson(10, 3_147_436)
>>> f"{float(low):.4g} {float(high):.4g}"
'1.524e-06 5.843e-06'
>>> low, high = mid_p(0, 3_147_436)
>>> f"{float(low)} {float(high):.6g}"
'0.0 9.518e-07'
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from countersign.inference.checks import Floats, alike, counts, numbers, open_unit
from countersign.inference.tails import at_least, at_most, beta_quantile, bracketed

__all__ = ["clopper_pearson", "jeffreys", "lower_bound", "mid_p", "upper_bound", "wilson"]

Ends = tuple[Floats, Floats]


def _lower(x: Floats, n: Floats, tail: float) -> Floats:
    return np.where(x == 0, 0.0, beta_quantile(np.maximum(x, 1), n - x + 1, tail))


def _upper(x: Floats, n: Floats, tail: float) -> Floats:
    return np.where(x == n, 1.0, beta_quantile(x + 1, np.maximum(n - x, 1), 1 - tail))


def clopper_pearson(events: ArrayLike, trials: ArrayLike, level: float = 0.95) -> Ends:
    """The Clopper-Pearson interval [B(a/2; x, n-x+1), B(1-a/2; x+1, n-x)], a = 1 - level (beta quantiles).

    ``events`` and ``trials`` are integer arrays that broadcast, 0 <= events <= trials, trials >= 1; returns the two
    ends, events per trial, in the broadcast shape. Covers with probability at least ``level`` for independent trials.
    Raises ``CountOutOfRange``, ``LevelOutOfRange``. Source: Clopper and Pearson, Biometrika 26 (1934) 404-413.

    >>> low, high = clopper_pearson(3, 400)
    >>> f"{float(low):.4f} to {float(high):.4f}"
    '0.0015 to 0.0218'
    """
    x, n = counts(events, trials)
    tail = (1 - open_unit(level, "the confidence level")) / 2
    return _lower(x, n, tail), _upper(x, n, tail)


def upper_bound(events: ArrayLike, trials: ArrayLike, level: float = 0.95) -> Floats:
    """The one-sided Clopper-Pearson upper bound: the largest p with P(X <= events) >= 1 - level.

    Zero events in n trials give 1 - (1-level)^(1/n), about 3/n at 95%: the "rule of three" (Jovanovic and Levy, Am.
    Stat. 51 (1997) 137-139). Shapes and errors as ``clopper_pearson``.

    >>> f"{float(upper_bound(0, 300)):.4f}"
    '0.0099'
    """
    x, n = counts(events, trials)
    return _upper(x, n, 1 - open_unit(level, "the confidence level"))


def lower_bound(events: ArrayLike, trials: ArrayLike, level: float = 0.95) -> Floats:
    """The one-sided Clopper-Pearson lower bound: the smallest p with P(X >= events) >= 1 - level; 0 at zero events.

    Shapes and errors as ``clopper_pearson``.

    >>> f"{float(lower_bound(8, 10)):.3f}"
    '0.493'
    """
    x, n = counts(events, trials)
    return _lower(x, n, 1 - open_unit(level, "the confidence level"))


def mid_p(events: ArrayLike, trials: ArrayLike, level: float = 0.95) -> Ends:
    """The mid-P interval: the two p at which P(X more extreme) + P(X = events)/2 is (1 - level)/2; 0 at zero events.

    Covers ``level`` on average, at a single p sometimes a little less. Shapes and errors as ``clopper_pearson``.
    Source: Lancaster, JASA 56 (1961) 223-234; Berry and Armitage, Statistician 44 (1995) 417-423.

    >>> low, high = mid_p(3, 400)
    >>> f"{float(low):.4f} to {float(high):.4f}"
    '0.0019 to 0.0203'
    """
    x, n = counts(events, trials)
    tail = (1 - open_unit(level, "the confidence level")) / 2
    size = n.shape
    x, n = x.reshape(-1), n.reshape(-1)
    low, high = np.zeros_like(n), np.ones_like(n)
    # Half of P(X = x) is left out, so each end lies between the exact ends of this level and of twice its error.
    some = x > 0
    xs, ns = x[some], n[some]

    def below(y: Floats, of: NDArray[np.intp]) -> Floats:
        return (at_least(xs[of], ns[of], np.exp(y)) + at_least(xs[of] + 1, ns[of], np.exp(y))) / 2 - tail

    ends = np.log(_lower(xs, ns, tail)), np.log(_lower(xs, ns, 2 * tail))
    low[some] = np.exp(bracketed(below, *ends))
    some = x < n
    xu, nu = x[some], n[some]

    def above(y: Floats, of: NDArray[np.intp]) -> Floats:
        return (at_most(xu[of], nu[of], np.exp(y)) + at_most(xu[of] - 1, nu[of], np.exp(y))) / 2 - tail

    ends = np.log(_upper(xu, nu, 2 * tail)), np.log(_upper(xu, nu, tail))
    high[some] = np.exp(bracketed(above, *ends))
    return low.reshape(size), high.reshape(size)


def wilson(events: ArrayLike, trials: ArrayLike, level: float = 0.95, design_effect: ArrayLike = 1.0) -> Ends:
    """Wilson's score interval (p + z^2/2m -/+ z sqrt(p(1-p)/m + z^2/4m^2)) / (1 + z^2/m), m = trials / design_effect.

    ``design_effect`` (> 0, broadcasts) is the variance over that of independent trials. Shapes and errors as
    ``clopper_pearson``. Source: Wilson, JASA 22 (1927) 209-212; Korn and Graubard, Survey Methodology 24 (1998)
    193-201.

    >>> low, high = wilson(3, 400, design_effect=1.5)
    >>> f"{float(low):.4f} to {float(high):.4f}"
    '0.0021 to 0.0269'
    """
    x, n = counts(events, trials)
    x, n, effect = alike(x, n, numbers(design_effect, "a design effect", above=True))
    return score_ends(x / n, n / effect, float(ndtri((1 + open_unit(level, "the confidence level")) / 2)))


def score_ends(share: Floats, size: Floats, z: float | Floats) -> Ends:
    """The two roots of Wilson's quadratic for an estimate ``share`` from an effective ``size``, not always whole.

    The lower root is p^2 over the product form where that would cancel: exact 0 at share 0, exact 1 at share 1.
    """
    middle = share + z * z / (2 * size)
    half = z * np.sqrt(share * (1 - share) / size + (z / (2 * size)) ** 2)
    scale = 1 + z * z / size
    high = np.where(share == 1, 1.0, (middle + half) / scale)
    return np.where(share == 0, 0.0, share * share / (middle + half)), high


def jeffreys(events: ArrayLike, trials: ArrayLike, level: float = 0.95) -> Ends:
    """The Jeffreys interval: quantiles of Beta(x + 1/2, n - x + 1/2), with 0 at zero events and 1 at all events.

    The ends at x = 0 and x = n follow Brown, Cai and DasGupta, Stat. Sci. 16 (2001) 101-133. Covers about ``level`` on
    average. Shapes and errors as ``clopper_pearson``.

    >>> low, high = jeffreys(3, 400)
    >>> f"{float(low):.4f} to {float(high):.4f}"
    '0.0021 to 0.0199'
    """
    x, n = counts(events, trials)
    tail = (1 - open_unit(level, "the confidence level")) / 2
    low = np.where(x == 0, 0.0, beta_quantile(x + 0.5, n - x + 0.5, tail))
    return low, np.where(x == n, 1.0, beta_quantile(x + 0.5, n - x + 0.5, 1 - tail))
