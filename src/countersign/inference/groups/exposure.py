"""What a share of errors says when nobody has published how often each group was exposed.

``events`` of ``of`` errors fell on one group. If it made up a share s of all exposed and errors were equally likely for
everyone, events ~ Binomial(of, s): the shares at which equal rates are *not* rejected are the Clopper-Pearson interval
of events / of, whose lower end is the tipping point. Given a share, the same identity gives the rate ratio:
odds(share of errors) / odds(share of exposure).

Where a random sample of the faces that passed was counted (an audit sample), false alerts are cases and sampled faces
controls; the odds ratio of [[x, m-x], [y, k-y]] then *is* the ratio of rates (incidence-density sampling: Miettinen,
Am. J. Epidemiol. 103 (1976) 226-235). Given both margins the first cell follows Fisher's noncentral hypergeometric law,
weights C(n1, x) C(n2, t-x) r^x for an odds ratio r; each end of the interval is the r at which a tail is (1 - level)/2.

Assumes independent errors, correct labels, and a sample that saw each passing face with equal chance. It does not say
why rates differ (engine, watchlist, camera position).

>>> kept = shares_not_rejected(8, 10)
>>> f"{kept.low:.3f} to {kept.high:.3f}; of five groups: {shares_not_rejected(8, 10, looked_at=5).low:.2f}"
'0.444 to 0.975; of five groups: 0.35'
>>> estimate, interval = case_control_ratio(8, 10, 135, 500)
>>> f"{estimate:.1f} ({interval.low:.1f} to {interval.high:.0f})"
'10.8 (2.1 to 105)'
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaincinv

from countersign.inference.binomial import Ends, clopper_pearson
from countersign.inference.checks import CountOutOfRange, Floats, LevelOutOfRange, number, open_unit, shown
from countersign.inference.difference import two_samples
from countersign.inference.poisson import garwood
from countersign.inference.rate import Interval
from countersign.inference.tails import bracketed

__all__ = [
    "case_control_ratio",
    "conditional_odds_ratio",
    "detectable_ratio",
    "rate_over_shares",
    "ratio_at_share",
    "ratio_over_shares",
    "shares_not_rejected",
]

Conditional = Literal["exact", "mid-p"]

#: Cells held in memory at once: tables by possible values of their first cell.
CELLS = 1_000_000


def shares_not_rejected(events: int, of: int, *, level: float = 0.95, looked_at: int = 1) -> Interval:
    """The exposure shares at which equal rates are not rejected, two-sided, at ``level`` over all ``looked_at`` groups.

    ``events`` of ``of`` errors, 0 <= events <= of, of >= 1. ``looked_at`` >= 1: groups among which this one was picked
    after looking, allowed for by level 1 - (1 - level) / looked_at (Bonferroni; Dunn, JASA 56 (1961)). Raises
    ``CountOutOfRange``, ``LevelOutOfRange``.

    >>> found = shares_not_rejected(8, 10)
    >>> f"{found.low:.3f} to {found.high:.3f}"
    '0.444 to 0.975'
    """
    number(looked_at, "the number of groups looked at", 1, whole=True)
    number(events, "events", 0, number(of, "all errors", 1, whole=True), whole=True)
    low, high = clopper_pearson(events, of, 1 - (1 - open_unit(level, "the confidence level")) / looked_at)
    method = "clopper-pearson" if looked_at == 1 else f"clopper-pearson, Bonferroni over {looked_at} groups"
    return Interval(float(low), float(high), level, method)


def ratio_at_share(events: int, of: int, share: float, *, level: float = 0.95) -> tuple[float, Interval]:
    """Rate ratio of a group to the rest if it were ``share`` of those exposed: estimate, conditional exact interval.

    ``share`` lies strictly between 0 and 1. Estimate and upper end are infinite where no error fell on the rest. Raises
    ``CountOutOfRange``, ``LevelOutOfRange``. Source: Lehmann and Romano, Testing Statistical Hypotheses, section 4.5.

    >>> ratio, interval = ratio_at_share(8, 10, 0.135)
    >>> f"{ratio:.1f} ({interval.low:.1f} to {interval.high:.0f})"
    '25.6 (5.1 to 248)'
    """
    open_unit(share, "a share of those exposed")
    number(events, "events", 0, number(of, "all errors", 1, whole=True), whole=True)
    shares = (events / of, *map(float, clopper_pearson(events, of, level)))
    estimate, low, high = (_odds(each) / _odds(share) for each in shares)
    return estimate, Interval(low, high, level, "conditional exact (Clopper-Pearson on the share)")


def ratio_over_shares(
    events: int, of: int, share_low: float, share_high: float, *, level: float = 0.95
) -> tuple[tuple[float, float], Interval]:
    """The rate ratio of a group to the rest where its share of exposure is only known to lie in a range.

    Returns the lowest and highest estimate over the range, and the union of the intervals at both ends: the ratio falls
    as the share grows, so it covers with ``level`` whatever share is true ("partially identified": Imbens and Manski,
    Econometrica 72 (2004)). Raises ``CountOutOfRange``, ``LevelOutOfRange``.

    >>> (low, high), interval = ratio_over_shares(8, 10, 0.1, 0.2)
    >>> f"{low:.0f} to {high:.0f}, not under {interval.low:.1f}"
    '16 to 36, not under 3.2'
    """
    _upwards(share_low, share_high)
    most, upper = ratio_at_share(events, of, share_low, level=level)
    least, lower = ratio_at_share(events, of, share_high, level=level)
    return (least, most), lower.hull(upper, "conditional exact, union over the range of shares")


def rate_over_shares(
    events: int, exposure: float, share_low: float, share_high: float, *, level: float = 0.95
) -> Interval:
    """A group's rate where only the whole ``exposure`` and a range for the group's share of it are known.

    Union of Garwood's intervals of ``events`` in share * exposure. Raises ``CountOutOfRange``, ``LevelOutOfRange``.

    >>> found = rate_over_shares(8, 100_000, 0.10, 0.20)
    >>> f"{found.low:.1e} to {found.high:.1e}"
    '1.7e-04 to 1.6e-03'
    """
    _upwards(share_low, share_high)
    number(events, "events", whole=True)
    number(exposure, "the exposure", above=True)
    low, high = (float(end) for end in garwood(events, exposure, level))
    method = "garwood, union over the range of shares of exposure"
    return Interval(low / share_high, high / share_low, level, method)


def detectable_ratio(of: int, share: float, *, level: float = 0.95, power: float = 0.8) -> float:
    """The smallest true ratio above one that ``of`` errors would have shown with probability ``power``.

    "Shown": the exact test rejects upwards, one-sided at (1 - level) / 2. With c the smallest count rejected, the ratio
    solves P(X >= c) = power for X ~ Binomial(of, pi): pi is a beta quantile. Infinite where even all ``of`` errors in
    the group would not have been enough. Raises ``CountOutOfRange``, ``LevelOutOfRange``.

    >>> f"{detectable_ratio(45, 0.135):.1f}"
    '2.9'
    """
    open_unit(share, "a share of those exposed")
    open_unit(power, "the power")
    open_unit(level, "the confidence level")
    of = int(number(of, "all errors", 1, whole=True))
    least, most = 1, of + 1  # the least count rejected lies between, by bisection: no list of counts is held
    while least < most:
        middle = (least + most) // 2
        rejected = float(betainc(middle, of - middle + 1, share)) <= (1 - level) / 2
        least, most = (least, middle) if rejected else (middle + 1, most)
    return math.inf if least > of else _odds(float(betaincinv(least, of - least + 1, power))) / _odds(share)


def _upwards(share_low: float, share_high: float) -> None:
    """Raises ``LevelOutOfRange`` unless both are shares and the second is not under the first."""
    if open_unit(share_low, "a share of those exposed") > open_unit(share_high, "a share of those exposed"):
        raise LevelOutOfRange(f"a range of shares runs upwards, got {shown(share_low)} to {shown(share_high)}")


def _odds(share: float) -> float:
    return math.inf if share >= 1 else share / (1 - share)


def _log_weights(n1: Floats, n2: Floats, t: Floats) -> tuple[Floats, Floats]:
    """Possible first cells (tables by values, padded) and the logarithm of their weights at an odds ratio of 1."""
    start, stop = np.maximum(0.0, t - n2), np.minimum(n1, t)
    width = int((stop - start).max()) + 1
    if width > CELLS:
        raise CountOutOfRange(f"a table with {width} possible first cells is too large for the conditional interval")
    cell = start[:, None] + np.arange(width, dtype=np.float64)
    before = cell[:, :-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        left = (before + 1) * (n2[:, None] - t[:, None] + before + 1)
        growth = np.log((n1[:, None] - before) * (t[:, None] - before)) - np.log(left)
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

    Counts broadcast. A first cell at its least gives a lower end of 0, at its most an infinite upper end. Raises
    ``CountOutOfRange`` (a cell with over a million possible values too), ``LevelOutOfRange``. Source: Cornfield (1956);
    Agresti, Categorical Data Analysis, section 16.6.

    >>> low, high = conditional_odds_ratio(8, 10, 135, 500)
    >>> f"{float(low):.1f} to {float(high):.1f}"
    '2.1 to 105.2'
    """
    x1, n1, x2, n2, size = two_samples(events1, trials1, events2, trials2)
    tail = (1 - open_unit(level, "the confidence level")) / 2
    low, high = np.zeros(x1.size), np.full(x1.size, np.inf)
    if not x1.size:
        return low.reshape(size), high.reshape(size)
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

    Returns the cross-product estimate (infinite or NaN where a cell is empty) and the conditional interval. Raises as
    ``conditional_odds_ratio``.

    >>> ratio, interval = case_control_ratio(8, 10, 100, 500)
    >>> f"{ratio:.0f} ({interval.low:.1f} to {interval.high:.0f})"
    '16 (3.1 to 156)'
    """
    for events, of in ((errors_in_group, errors), (audited_in_group, audited)):
        number(events, "those of the group", 0, number(of, "those counted", 1, whole=True), whole=True)
    low, high = conditional_odds_ratio(errors_in_group, errors, audited_in_group, audited, level, method=method)
    over, under = errors_in_group * (audited - audited_in_group), (errors - errors_in_group) * audited_in_group
    estimate = over / under if under else (math.inf if over else math.nan)
    return estimate, Interval(float(low), float(high), level, f"conditional {method} odds ratio, audit sample")
