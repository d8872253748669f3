"""Methods that others print, so that a published figure can be recomputed and set beside ours. None is used for ours.

Wilson's interval with a continuity correction and Blaker's interval are sound but not needed. The log-normal interval
of a ratio of proportions (Katz; "delta method", SciPy's ``relative_risk``) and the Wald test of two rates are not sound
at small counts: the interval covers 10% of the time at three errors where it exists, and does not exist at zero
(docs/methods.md has the figures).

>>> low, high = katz_log(16, 128, 24, 256)
>>> f"{float(low):.4f} {float(high):.4f}"
'0.7347 2.4196'
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from countersign.inference.binomial import Ends, clopper_pearson
from countersign.inference.checks import Floats, counts, exposures, open_unit
from countersign.inference.difference import two_samples
from countersign.inference.tails import at_least, at_most

#: Points of the search for the ends of Blaker's interval, whose criterion jumps.
BLAKER_GRID = 1_000


def _z(level: float) -> float:
    return float(ndtri((1 + open_unit(level, "the confidence level")) / 2))


def wilson_continuity(events: ArrayLike, trials: ArrayLike, level: float = 0.95) -> Ends:
    """Wilson's interval with a continuity correction: method 4 of Newcombe, Stat. Med. 17 (1998) 857-872.

    Shapes and errors as ``binomial.clopper_pearson``.
    """
    x, n = counts(events, trials)
    z, p = _z(level), x / n
    low = 2 * x + z * z - 1 - z * np.sqrt(np.maximum(z * z - 2 - 1 / n + 4 * p * (n * (1 - p) + 1), 0.0))
    high = 2 * x + z * z + 1 + z * np.sqrt(np.maximum(z * z + 2 - 1 / n + 4 * p * (n * (1 - p) - 1), 0.0))
    scale = 2 * (n + z * z)
    return np.where(x == 0, 0.0, np.maximum(low / scale, 0.0)), np.where(x == n, 1.0, np.minimum(high / scale, 1.0))


def blaker(events: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Blaker's exact interval: the hull of the p whose smaller tail, with the nearest smaller opposite one, exceeds a.

    Within Clopper-Pearson's. Scalars; the ends to 1/1000 of the distance searched, since the criterion jumps. Source:
    Blaker, Can. J. Stat. 28 (2000) 783-798.
    """
    x, n = (float(value) for value in counts(events, trials))
    error = 1 - open_unit(level, "the confidence level")
    low, high = (float(end) for end in clopper_pearson(x, n, level))

    def end(start: float) -> float:
        points = np.linspace(start, x / n, BLAKER_GRID)[1:-1] if start not in (0.0, 1.0) else np.array([start])
        accepted = np.flatnonzero(_acceptability(x, n, points) > error)
        return float(points[accepted[0]]) if accepted.size and start not in (0.0, 1.0) else start

    return end(low), end(high)


def _acceptability(x: float, n: float, p: Floats) -> Floats:
    over, under = at_least(x, n, p), at_most(x, n, p)
    # The opposite tail: the largest one that does not exceed the smaller of the two at x.
    every = np.arange(n + 1)
    upper, lower = at_least(every[:, None], n, p), at_most(every[:, None], n, p)
    slack = 1 + 1e-12
    beside_over = np.where(lower <= over * slack, lower, 0.0).max(axis=0)
    beside_under = np.where(upper <= under * slack, upper, 0.0).max(axis=0)
    return np.asarray(np.minimum(1.0, np.where(over < under, over + beside_over, under + beside_under)))


def katz_log(
    events1: ArrayLike, trials1: ArrayLike, events2: ArrayLike, trials2: ArrayLike, level: float = 0.95
) -> Ends:
    """exp(log(p1/p2) -/+ z sqrt(1/x1 - 1/n1 + 1/x2 - 1/n2)); NaN where either count is zero. Not for use.

    Source: Katz et al., Biometrics 34 (1978) 469-474.
    """
    x1, n1, x2, n2, size = two_samples(events1, trials1, events2, trials2)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = _z(level) * np.sqrt(1 / x1 - 1 / n1 + 1 / x2 - 1 / n2)
        middle = np.log(x1 / n1) - np.log(x2 / n2)
        low, high = np.exp(middle - half), np.exp(middle + half)
    none = (x1 == 0) | (x2 == 0)
    return np.where(none, np.nan, low).reshape(size), np.where(none, np.nan, high).reshape(size)


def wald_two_rates(events1: ArrayLike, exposure1: ArrayLike, events2: ArrayLike, exposure2: ArrayLike) -> Floats:
    """The one-sided p of rate1 > rate2 by (x1/t1 - x2/t2) / sqrt(x1/t1^2 + x2/t2^2). Not for use."""
    first, second = exposures(events1, exposure1), exposures(events2, exposure2)
    x1, t1, x2, t2 = np.broadcast_arrays(*first, *second)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (x1 / t1 - x2 / t2) / np.sqrt(x1 / t1**2 + x2 / t2**2)
    return np.asarray(ndtr(-z))
