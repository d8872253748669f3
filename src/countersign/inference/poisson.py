"""Intervals for a rate in time or in faces: events in a known exposure, no upper limit on their number.

>>> low, high = garwood(0, 10.0)
>>> f"{float(low)} {float(high):.4f}"
'0.0 0.3689'
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincc, ndtri

from countersign.inference.binomial import Ends
from countersign.inference.checks import Floats, alike, exposures, numbers, open_unit
from countersign.inference.tails import bracketed, gamma_quantile

__all__ = ["garwood", "jeffreys", "lower_bound", "mid_p", "score", "upper_bound"]


def _lower(x: Floats, tail: float) -> Floats:
    return np.where(x == 0, 0.0, gamma_quantile(np.maximum(x, 1), tail))


def garwood(events: ArrayLike, exposure: ArrayLike, level: float = 0.95) -> Ends:
    """Garwood's interval [q(a/2; 2x)/2, q(1-a/2; 2x+2)/2] / exposure, a = 1 - level (chi-square quantiles).

    ``events`` >= 0 and ``exposure`` > 0 broadcast; returns the two ends, events per unit of exposure. Covers with at
    least ``level``. Raises ``CountOutOfRange``, ``LevelOutOfRange``. Source: Garwood, Biometrika 28 (1936) 437-442.

    >>> low, high = garwood(4, 120.0)
    >>> f"{float(low):.4f} to {float(high):.4f}"
    '0.0091 to 0.0853'
    """
    x, t = exposures(events, exposure)
    tail = (1 - open_unit(level, "the confidence level")) / 2
    return _lower(x, tail) / t, gamma_quantile(x + 1, 1 - tail) / t


def upper_bound(events: ArrayLike, exposure: ArrayLike, level: float = 0.95) -> Floats:
    """The one-sided exact upper bound q(level; 2x+2)/2 / exposure; -log(1-level)/exposure at zero events.

    As ``garwood``.

    >>> f"{float(upper_bound(0, 300)):.5f}"
    '0.00999'
    """
    x, t = exposures(events, exposure)
    return gamma_quantile(x + 1, open_unit(level, "the confidence level")) / t


def lower_bound(events: ArrayLike, exposure: ArrayLike, level: float = 0.95) -> Floats:
    """The one-sided exact lower bound q(1-level; 2x)/2 / exposure; 0 at zero events.

    As ``garwood``.

    >>> f"{float(lower_bound(4, 120.0)):.4f}"
    '0.0114'
    """
    x, t = exposures(events, exposure)
    return _lower(x, 1 - open_unit(level, "the confidence level")) / t


def mid_p(events: ArrayLike, exposure: ArrayLike, level: float = 0.95) -> Ends:
    """The mid-P interval for a Poisson count: P(more extreme) + P(X = events)/2 is (1 - level)/2. As ``garwood``.

    >>> low, high = mid_p(4, 120.0)
    >>> f"{float(low):.4f} to {float(high):.4f}"
    '0.0106 to 0.0804'
    """
    x, t = exposures(events, exposure)
    tail = (1 - open_unit(level, "the confidence level")) / 2

    def middle(count: Floats, mean: Floats) -> Floats:
        """P(X < count) + P(X = count)/2."""
        under = np.where(count > 0, gammaincc(np.maximum(count, 1), mean), 0.0)
        return np.asarray((under + gammaincc(count + 1, mean)) / 2)

    flat = x.reshape(-1)
    ends = np.log(gamma_quantile(flat + 1, 1 - 2 * tail)), np.log(gamma_quantile(flat + 1, 1 - tail))
    high = np.exp(bracketed(lambda y, of: middle(flat[of], np.exp(y)) - tail, *ends)).reshape(x.shape)
    low = np.zeros(flat.shape)
    some = flat > 0
    positive = flat[some]
    ends = np.log(gamma_quantile(positive, tail)), np.log(gamma_quantile(positive, 2 * tail))
    low[some] = np.exp(bracketed(lambda y, of: 1 - tail - middle(positive[of], np.exp(y)), *ends))
    return low.reshape(x.shape) / t, high / t


def score(events: ArrayLike, exposure: ArrayLike, level: float = 0.95, design_effect: ArrayLike = 1.0) -> Ends:
    """The score interval (x + z^2/2 -/+ z sqrt(x + z^2/4)) / exposure, both over ``design_effect``. As ``garwood``.

    >>> low, high = score(4, 120.0, design_effect=1.5)
    >>> f"{float(low):.4f} to {float(high):.4f}"
    '0.0107 to 0.1040'
    """
    x, t = exposures(events, exposure)
    x, t, effect = alike(x, t, numbers(design_effect, "a design effect", above=True))
    return score_ends(x / effect, t / effect, float(ndtri((1 + open_unit(level, "the confidence level")) / 2)))


def score_ends(events: Floats, exposure: Floats, z: float | Floats) -> Ends:
    """The two roots of the score quadratic for effective ``events`` (not always whole) in an effective ``exposure``."""
    upper = events + z * z / 2 + z * np.sqrt(events + z * z / 4)
    return events * events / upper / exposure, upper / exposure


def jeffreys(events: ArrayLike, exposure: ArrayLike, level: float = 0.95) -> Ends:
    """Quantiles of Gamma(x + 1/2) over exposure, with lower end 0 at zero events. Shapes and errors as ``garwood``.

    >>> low, high = jeffreys(4, 120.0)
    >>> f"{float(low):.4f} to {float(high):.4f}"
    '0.0113 to 0.0793'
    """
    x, t = exposures(events, exposure)
    tail = (1 - open_unit(level, "the confidence level")) / 2
    low = np.where(x == 0, 0.0, gamma_quantile(x + 0.5, tail))
    return low / t, gamma_quantile(x + 0.5, 1 - tail) / t
