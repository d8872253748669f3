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

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from countersign.inference.binomial import Ends
from countersign.inference.checks import Floats, counts, exposures, open_unit
from countersign.inference.difference import two_samples
from countersign.inference.tails import Function, at_least, at_most, bracketed


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

    Within Clopper-Pearson's. Scalars; exact: below x/n the criterion is P(X >= x) + P(X <= k), which falls and then
    rises, between the places p_k where P(X <= k) = P(X >= x), and jumps up at each. Source: Blaker, Can. J. Stat. 28
    (2000) 783-798.
    """
    x, n = (float(value) for value in counts(events, trials))
    error = 1 - open_unit(level, "the confidence level")
    return _blaker_low(x, n, error), 1 - _blaker_low(n - x, n, error)


def _blaker_low(x: float, n: float, error: float) -> float:
    if x == 0:
        return 0.0
    k, least, most = np.arange(-1, x), math.log(1e-12), math.log1p(-1e-15)

    def roots(function: Function, low: Floats, high: Floats) -> Floats:
        return np.exp(bracketed(function, low, high, tolerance=1e-15))

    def level_at(y: Floats, of: NDArray[np.intp]) -> Floats:
        return at_least(x, n, np.exp(y)) + at_most(k[of], n, np.exp(y)) - error

    starts = roots(lambda y, of: at_most(k[1:][of], n, np.exp(y)) - at_least(x, n, np.exp(y)),
                   np.full(k.size - 1, least), np.full(k.size - 1, most))  # fmt: skip
    edges = np.log(np.concatenate([[1e-12], starts]))
    of = np.arange(k.size)
    at_start, at_stop = level_at(edges, of), level_at(np.append(edges[1:], math.log(x / n)), of)
    piece = int(np.flatnonzero((at_start > 0) | (at_stop > 0))[0])
    if at_start[piece] > 0:
        return float(np.exp(edges[piece]))
    stop = edges[piece + 1] if piece + 1 < edges.size else math.log(x / n)
    # Where it falls first, it is below the level all along that way.
    found = roots(lambda y, _: level_at(y, np.array([piece])), edges[piece : piece + 1], np.array([stop]))
    return float(found[0])


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
