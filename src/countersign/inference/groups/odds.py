"""The conditional exact interval for an odds ratio, and the ratio of false-alert rates from an audit sample.

Given both margins of a 2 x 2 table the first cell follows Fisher's noncentral hypergeometric law, weights
C(n1, x) C(n2, t-x) r^x for an odds ratio r; each end of the interval is the r at which a tail is (1 - level)/2 (the
tail with half of P(X = x) for mid-P). Weights come as running products of ratios, not from factorials, so millions of
trials keep their digits; tails are roots in log r.

An audit sample: label a random sample of the faces that passed. False alerts are cases, audited faces controls, sampled
while the exposure ran; the odds ratio of [[x, m-x], [y, k-y]] then *is* the ratio of rates, with no need for totals or
for rare events (incidence-density sampling: Miettinen, Am. J. Epidemiol. 103 (1976) 226-235). It assumes that the audit
saw each passing face with equal chance, and that labels in both are given in the same way.

>>> estimate, interval = case_control_ratio(8, 10, 135, 500)
>>> f"{estimate:.1f} ({interval.low:.1f} to {interval.high:.0f})"
'10.8 (2.1 to 105)'
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from countersign.inference.binomial import Ends
from countersign.inference.checks import CountOutOfRange, Floats, open_unit
from countersign.inference.difference import two_samples
from countersign.inference.rate import Interval
from countersign.inference.roots import bracketed

Conditional = Literal["exact", "mid-p"]

#: Cells held in memory at once: tables by possible values of their first cell.
CELLS = 1_000_000


def _log_weights(n1: Floats, n2: Floats, t: Floats) -> tuple[Floats, Floats]:
    """Possible first cells (tables by values, padded) and the logarithm of their weights at an odds ratio of 1."""
    start, stop = np.maximum(0.0, t - n2), np.minimum(n1, t)
    width = int((stop - start).max()) + 1
    if width > CELLS:
        raise CountOutOfRange(f"a table with {width} possible first cells is too large for the conditional interval")
    cell = start[:, None] + np.arange(width, dtype=np.float64)
    before = cell[:, :-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.log((n1[:, None] - before) * (t[:, None] - before)) - np.log(
            (before + 1) * (n2[:, None] - t[:, None] + before + 1)
        )
    inside = cell <= stop[:, None]
    growth = np.where(inside[:, 1:], growth, 0.0)
    weight = np.concatenate([np.zeros((len(t), 1)), np.cumsum(growth, axis=1)], axis=1)
    return cell, np.where(inside, weight, -np.inf)


def conditional_odds_ratio(
    events1: ArrayLike,
    trials1: ArrayLike,
    events2: ArrayLike,
    trials2: ArrayLike,
    level: float = 0.95,
    *,
    method: Conditional = "exact",
) -> Ends:
    """The conditional interval for (odds of sample 1) / (odds of sample 2): exact (never under ``level``) or mid-P.

    Counts broadcast. A first cell at its least gives a lower end of 0, at its most an upper end of infinity. Raises
    ``CountOutOfRange`` (a cell with over a million possible values too), ``LevelOutOfRange``. Source: Cornfield (1956);
    Fisher's law as in Agresti, Categorical Data Analysis, section 16.6.
    """
    x1, n1, x2, n2, size = two_samples(events1, trials1, events2, trials2)
    tail = (1 - open_unit(level, "the confidence level")) / 2
    low, high = np.zeros(x1.size), np.full(x1.size, np.inf)
    width = int(np.minimum.reduce([n1, n2, x1 + x2, n1 + n2 - x1 - x2]).max()) + 1
    step = max(1, CELLS // width)
    for first in range(0, x1.size, step):
        part = slice(first, first + step)
        low[part], high[part] = _ends(x1[part], n1[part], x2[part], n2[part], tail, 1.0 if method == "exact" else 0.5)
    return low.reshape(size), high.reshape(size)


def _ends(x1: Floats, n1: Floats, x2: Floats, n2: Floats, tail: float, own: float) -> Ends:
    cell, weight = _log_weights(n1, n2, x1 + x2)
    at = cell == x1[:, None]
    above, below = cell > x1[:, None], cell < x1[:, None]

    def probability(y: Floats, of: NDArray[np.intp], side: NDArray[np.bool_]) -> Floats:
        """P(strictly on the side) + ``own`` P(X = x) at an odds ratio of exp(y)."""
        terms = weight[of] + y[:, None] * (cell[of] - x1[of, None])
        terms = np.exp(terms - terms.max(axis=1, keepdims=True))
        chosen = np.where(side[of], terms, 0.0).sum(axis=1) + own * np.where(at[of], terms, 0.0).sum(axis=1)
        return np.asarray(chosen / terms.sum(axis=1))

    span = 2 * np.log(n1) + 2 * np.log(n2) + 80.0
    most = np.max(np.where(np.isfinite(weight), cell, -np.inf), axis=1)
    low = np.exp(bracketed(lambda y, of: probability(y, of, above) - tail, -span, span))
    high = np.exp(bracketed(lambda y, of: probability(y, of, below) - tail, -span, span))
    return np.where(x1 == cell[:, 0], 0.0, low), np.where(x1 == most, np.inf, high)


def case_control_ratio(
    errors_in_group: int,
    errors: int,
    audited_in_group: int,
    audited: int,
    level: float = 0.95,
    *,
    method: Conditional = "exact",
) -> tuple[float, Interval]:
    """Rate of a group over that of the rest, from errors as cases and a random audit of passing faces as controls.

    ``errors_in_group`` of ``errors``, ``audited_in_group`` of ``audited``. Returns the cross-product estimate (infinite
    or NaN where a cell is empty) and the conditional interval. Raises as ``conditional_odds_ratio``.
    """
    low, high = conditional_odds_ratio(errors_in_group, errors, audited_in_group, audited, level, method=method)
    over, under = errors_in_group * (audited - audited_in_group), (errors - errors_in_group) * audited_in_group
    estimate = over / under if under else (math.inf if over else math.nan)
    return estimate, Interval(float(low), float(high), level, f"conditional {method} odds ratio, audit sample")
