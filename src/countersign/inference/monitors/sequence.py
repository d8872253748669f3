"""Confidence sequences: intervals for a rate that hold at all times at once, so that looking again costs nothing more.

At level 0.95 one covers the truth at *every* time together with probability 0.95, and is about half as wide again as an
interval for one look. Both here are the values not rejected by a mixture of likelihood ratios (Robbins, Ann. Math.
Stat. 41 (1970) 1397-1409):

    proportion: {p : B(a+x, b+n-x) / B(a, b) < p^x (1-p)^(n-x) / error}
    fold:       {k : b^a G(a+x) / (G(a) (b+E)^(a+x)) < k^x exp(-k E) / error},  k the rate over the ceiling,

E the expected count at the ceiling. The mixing law is fixed before looking; one around the planned rate gives shorter
intervals, any other stays valid.

>>> low, high = proportion(10, 3_147_436, a=0.5, b=5e4)
>>> f"{float(low):.2g} {float(high):.2g}"
'9.7e-07 7.4e-06'
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, gammaln, xlog1py, xlogy

from countersign.inference.binomial import Ends
from countersign.inference.checks import CountOutOfRange, Floats, alike, counts, number, numbers, open_unit
from countersign.inference.tails import bracketed

__all__ = ["fold", "proportion"]

#: The mixing law of the fold: Gamma(1/2, 1/2), of mean 1 and wide.
FOLD_SHAPE, FOLD_RATE = 0.5, 0.5


def proportion(events: ArrayLike, trials: ArrayLike, level: float = 0.95, *, a: float = 0.5, b: float = 0.5) -> Ends:
    """The beta-binomial mixture confidence sequence at ``events`` in ``trials``; mixing law Beta(``a``, ``b``).

    For a planned rate r take a = 1/2 and b = 1 / (2 r). Counts broadcast; roots in log p. Raises ``CountOutOfRange``,
    ``LevelOutOfRange``.

    >>> low, high = proportion(3, 400)
    >>> f"{float(low):.4f} to {float(high):.4f}"
    '0.0004 to 0.0341'
    """
    x, n = counts(events, trials)
    a, b = (number(each, "a parameter of the mixing law", 1e-9, 1e12) for each in (a, b))
    size = x.shape
    x, n = x.reshape(-1), n.reshape(-1)
    constant = betaln(a + x, b + n - x) - betaln(a, b) + np.log1p(-open_unit(level, "the confidence level"))
    low, high = np.zeros_like(n), np.ones_like(n)

    def gap(y: Floats, of: NDArray[np.intp]) -> Floats:
        return np.asarray(constant[of] - xlogy(x[of], np.exp(y)) - xlog1py(n[of] - x[of], -np.exp(y)))

    some = np.flatnonzero(x > 0)
    middle = np.log(x[some] / n[some])
    # Below exp(constant / x) even p^x alone is too small, so that the root lies above it.
    low[some] = np.exp(bracketed(lambda y, of: gap(y, some[of]), np.minimum(constant[some] / x[some], middle), middle))
    some = np.flatnonzero(x < n)
    beyond = -np.expm1(constant[some] / (n[some] - x[some]))
    start = np.log(np.maximum(x[some], 1e-9) / n[some])
    high[some] = np.exp(bracketed(lambda y, of: gap(y, some[of]), start, np.log(beyond)))
    return low.reshape(size), high.reshape(size)


def fold(
    events_low: ArrayLike,
    events_high: ArrayLike,
    exposure_low: ArrayLike,
    exposure_high: ArrayLike,
    level: float = 0.95,
    *,
    shape: float = FOLD_SHAPE,
    rate: float = FOLD_RATE,
) -> Ends:
    """The gamma-Poisson mixture confidence sequence for rate / ceiling, where counts and exposure are known as ranges.

    The lower end comes from the fewest events in the most exposure, the upper end from the most events in the least.
    Broadcasts; exposures at least 0 (0 gives an infinite upper end). Raises ``CountOutOfRange``, ``LevelOutOfRange``.

    >>> low, high = fold(9, 10, 2.0, 2.5)
    >>> f"{float(low):.2f} to {float(high):.2f}"
    '0.98 to 12.38'
    """
    x1, x2, e1, e2 = alike(events_low, events_high, exposure_low, exposure_high)
    numbers(x2, "the most events")
    numbers(e2, "the most exposure")
    shape, rate = (number(each, "a parameter of the mixing law", 1e-9, 1e12) for each in (shape, rate))
    if np.any(~((x1 >= 0) & (x1 <= x2) & (e1 >= 0) & (e1 <= e2))):
        raise CountOutOfRange("ranges of events and exposures run upwards from zero")
    error = 1 - open_unit(level, "the confidence level")
    size = x1.shape
    low = _fold_end(x1.reshape(-1), e2.reshape(-1), error, shape, rate, upper=False)
    return low.reshape(size), _fold_end(x2.reshape(-1), e1.reshape(-1), error, shape, rate, upper=True).reshape(size)


def _fold_end(x: Floats, e: Floats, error: float, a: float, b: float, *, upper: bool) -> Floats:
    constant = a * np.log(b) + gammaln(a + x) - gammaln(a) - (a + x) * np.log(b + e) + np.log(error)
    end = np.full(x.shape, np.inf if upper else 0.0)
    some = np.flatnonzero(e > 0 if upper else (x > 0) & (e > 0))
    xs, es, cs = x[some], e[some], constant[some]

    def gap(y: Floats, of: NDArray[np.intp]) -> Floats:
        return np.asarray(cs[of] - xs[of] * y + es[of] * np.exp(y))

    middle = np.log(np.maximum(xs, 1e-9) / es)
    if not upper:
        end[some] = np.exp(bracketed(gap, np.minimum(cs / np.maximum(xs, 1), middle), middle))
        return end
    # gap grows at least as fast as E k / 2 once k is over 2 x / E, so that this is beyond the root.
    beyond = np.log((4 * xs + 4 * np.abs(cs) + 4 * xs * np.abs(np.log(np.maximum(xs, 1) / es)) + 4) / es)
    end[some] = np.exp(bracketed(gap, middle, beyond))
    return end
