"""Intervals for the ratio of two rates, over arrays: conditional on the total for rare events, score for others.

Given m = x1 + x2 rare events, x1 is Binomial(m, share) with share / (1 - share) = ratio * t1 / t2 (trials or
exposures), so an interval for the share of x1 in m is one for the ratio: Clopper-Pearson gives the conditional exact
interval (for claims), mid-P the conditional mid-P (for display), Wilson the Poisson score interval. Where errors are
not rare (misses), ``koopman`` and ``miettinen_nurminen`` take both binomial samples, and ``mover_r`` is their check. No
log-normal ("Katz", delta) interval is used: it covers as little as 10% at three errors (docs/methods.md). No events on
one side gives an end of exactly 0 or infinity.

>>> low, high = conditional_exact(8, 1_000_000, 2, 2_147_436)
>>> f"{float(low):.6f} {float(high):.6f}"
'1.714196 83.032022'
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from countersign.inference import binomial
from countersign.inference.binomial import Ends
from countersign.inference.checks import CountOutOfRange, Floats, alike, exposures, open_unit
from countersign.inference.difference import two_samples
from countersign.inference.tails import Function, bracketed

__all__ = [
    "conditional_exact",
    "conditional_mid_p",
    "conditional_score",
    "gart_nam",
    "koopman",
    "miettinen_nurminen",
    "mover_r",
    "stratified_score",
]


def _conditional(
    share: Callable[[ArrayLike, ArrayLike, float], Ends],
    events1: ArrayLike,
    exposure1: ArrayLike,
    events2: ArrayLike,
    exposure2: ArrayLike,
    level: float,
) -> Ends:
    first, second = exposures(events1, exposure1), exposures(events2, exposure2)
    x1, t1, x2, t2 = alike(*first, *second)
    total = x1 + x2
    asked = np.maximum(total, 1)
    # The share of the other side is asked for too, since 1 - share would lose the digits of a small remainder.
    low, high = share(x1, asked, level)
    other_low, other_high = share(np.where(total > 0, x2, 0), asked, level)
    with np.errstate(divide="ignore"):
        ends = low / other_high * (t2 / t1), high / other_low * (t2 / t1)
    return np.where(total > 0, ends[0], 0.0), np.where(total > 0, ends[1], np.inf)


def conditional_exact(
    events1: ArrayLike, exposure1: ArrayLike, events2: ArrayLike, exposure2: ArrayLike, level: float = 0.95
) -> Ends:
    """The conditional exact interval for rate1 / rate2 (Clopper-Pearson on the share of events); never under ``level``.

    Events >= 0 and exposures > 0 broadcast; no events at all give (0, inf). Raises ``CountOutOfRange``,
    ``LevelOutOfRange``. Source: Lehmann and Romano, Testing Statistical Hypotheses, section 4.5.

    >>> low, high = conditional_exact(8, 1350, 2, 8650)
    >>> f"{float(low):.2f} to {float(high):.2f}"
    '5.11 to 247.75'
    """
    return _conditional(binomial.clopper_pearson, events1, exposure1, events2, exposure2, level)


def conditional_mid_p(
    events1: ArrayLike, exposure1: ArrayLike, events2: ArrayLike, exposure2: ArrayLike, level: float = 0.95
) -> Ends:
    """The conditional mid-P interval for rate1 / rate2: about ``level`` on average. As ``conditional_exact``.

    >>> low, high = conditional_mid_p(8, 1350, 2, 8650)
    >>> f"{float(low):.2f} to {float(high):.2f}"
    '5.93 to 176.67'
    """
    return _conditional(binomial.mid_p, events1, exposure1, events2, exposure2, level)


def conditional_score(
    events1: ArrayLike, exposure1: ArrayLike, events2: ArrayLike, exposure2: ArrayLike, level: float = 0.95
) -> Ends:
    """The Poisson score interval for rate1 / rate2, which is Wilson's on the share. As ``conditional_exact``.

    Source: Gu, Ng, Tang and Schucany, Biom. J. 50 (2008) 283-298.

    >>> low, high = conditional_score(8, 1350, 2, 8650)
    >>> f"{float(low):.2f} to {float(high):.2f}"
    '6.16 to 106.63'
    """
    return _conditional(lambda x, n, level: binomial.wilson(x, n, level), events1, exposure1, events2, exposure2, level)


def koopman(
    events1: ArrayLike, trials1: ArrayLike, events2: ArrayLike, trials2: ArrayLike, level: float = 0.95
) -> Ends:
    """Koopman's score interval for p1 / p2 of two binomial samples: all t with abs(Z(t)) at most the normal quantile,

    Z(t) = (p1 - t p2) / sqrt(p1~ (1-p1~)/n1 + t^2 p2~ (1-p2~)/n2), p1~ = t p2~, p2~ the smaller root of
    N t p^2 - (n1 t + x1 + n2 + x2 t) p + x1 + x2 = 0. Counts broadcast; found as a root in log t. Raises
    ``CountOutOfRange``, ``LevelOutOfRange``. Source: Koopman, Biometrics 40 (1984) 513-517.

    >>> low, high = koopman(40, 200, 25, 250)
    >>> f"{float(low):.3f} to {float(high):.3f}"
    '1.264 to 3.172'
    """
    return _scored(two_samples(events1, trials1, events2, trials2), level, corrected=False, skewness=False)


def miettinen_nurminen(
    events1: ArrayLike, trials1: ArrayLike, events2: ArrayLike, trials2: ArrayLike, level: float = 0.95
) -> Ends:
    """As ``koopman``, with the variance multiplied by N/(N-1). Source: Stat. Med. 4 (1985) 213-226.

    >>> low, high = miettinen_nurminen(40, 200, 25, 250)
    >>> f"{float(low):.3f} to {float(high):.3f}"
    '1.264 to 3.174'
    """
    return _scored(two_samples(events1, trials1, events2, trials2), level, corrected=True, skewness=False)


def gart_nam(
    events1: ArrayLike, trials1: ArrayLike, events2: ArrayLike, trials2: ArrayLike, level: float = 0.95
) -> Ends:
    """As ``koopman``, corrected for skewness: the Z solved for is s - g (Z^2 - 1) / 6, s Koopman's, g the skewness.

    g = (p1~ (1-p1~)(1-2 p1~)/n1^2 - t^3 p2~ (1-p2~)(1-2 p2~)/n2^2) / V^(3/2). Source: Gart and Nam, Biometrics 44
    (1988) 323-338.

    >>> low, high = gart_nam(40, 200, 25, 250)
    >>> f"{float(low):.3f} to {float(high):.3f}"
    '1.265 to 3.217'
    """
    return _scored(two_samples(events1, trials1, events2, trials2), level, corrected=False, skewness=True)


def stratified_score(
    events1: ArrayLike, trials1: ArrayLike, events2: ArrayLike, trials2: ArrayLike, level: float = 0.95
) -> tuple[float, float]:
    """One ratio p1 / p2 common to strata (deployments, thresholds), each with its own rates: the score interval.

    Lists of one length, one place a stratum. Z(t) = sum (S_j p_j / V_j) / sqrt(sum p_j^2 / V_j) with S_j = p1 - t p2,
    V_j Koopman's variance and p_j = p1~ in stratum j. Assumes that the ratio is the same in all. Raises
    ``CountOutOfRange``, ``LevelOutOfRange``. Source: Gart and Nam, Biometrics 44 (1988) 323-338.

    >>> low, high = stratified_score([8, 5], [1000, 400], [2, 4], [1500, 900])
    >>> f"{low:.2f} to {high:.2f}"
    '1.56 to 10.10'
    """
    shapes = {np.shape(given) for given in (events1, trials1, events2, trials2)}
    if len(shapes) > 1:
        raise CountOutOfRange(f"strata are lists of one length, got shapes {sorted(shapes)}")
    x1, n1, x2, n2, _ = two_samples(events1, trials1, events2, trials2)
    if not x1.size:
        raise CountOutOfRange("a ratio common to strata is of one stratum or more, got none")
    z = float(ndtri((1 + open_unit(level, "the confidence level")) / 2))

    def statistic(y: Floats) -> Floats:
        """Z at each of the values ``y`` of log t: strata along the second axis."""
        gap, variance, _, first = _pieces(x1, n1, x2, n2, np.exp(y)[:, None])
        held = variance > 0
        weight = np.where(held, first / np.where(held, variance, 1.0), 0.0)
        spread = (first * weight).sum(axis=1)
        # Where no stratum leaves any doubt the gap alone decides: all of each sample, or none.
        value = (gap * weight).sum(axis=1) / np.sqrt(np.where(spread > 0, spread, 1.0))
        return np.asarray(np.clip(np.where(spread > 0, value, 1e3 * np.sign(gap.sum(axis=1))), -1e3, 1e3))

    span = _span(n1.sum(), n2.sum())

    def solve(target: float) -> float:
        root = bracketed(lambda y, of: statistic(y) - target, np.array([-span]), np.array([span]))  # noqa: ARG005
        return float(np.exp(root[0]))

    return solve(z) if x1.sum() > 0 else 0.0, solve(-z) if x2.sum() > 0 else np.inf


def _span(n1: Floats, n2: Floats) -> Floats:
    """How far log t need be looked for either way: well beyond any ratio that the counts could show."""
    return np.log(n1) + np.log(n2) + 20.0


def _pieces(x1: Floats, n1: Floats, x2: Floats, n2: Floats, t: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """p1 - t p2; its variance and third moment under p1 = t p2; and p1~."""
    linear = n1 * t + x1 + n2 + x2 * t
    spread = np.maximum(linear**2 - 4 * (n1 + n2) * t * (x1 + x2), 0.0)
    second = np.clip(2 * (x1 + x2) / (linear + np.sqrt(spread)), 0.0, np.minimum(1.0, 1 / t))
    first = np.minimum(second * t, 1.0)
    one, two = first * (1 - first) / n1, t * t * second * (1 - second) / n2
    third = one * (1 - 2 * first) / n1 - t * two * (1 - 2 * second) / n2
    return x1 / n1 - t * x2 / n2, one + two, third, first


def _scored(
    samples: tuple[Floats, Floats, Floats, Floats, tuple[int, ...]], level: float, *, corrected: bool, skewness: bool
) -> Ends:
    x1, n1, x2, n2, size = samples
    z = float(ndtri((1 + open_unit(level, "the confidence level")) / 2))
    factor = (n1 + n2) / (n1 + n2 - 1) if corrected else np.ones_like(n1)

    def solve(target: float) -> Floats:
        def function(y: Floats, of: NDArray[np.intp]) -> Floats:
            gap, variance, third, _ = _pieces(x1[of], n1[of], x2[of], n2[of], np.exp(y))
            variance = variance * factor[of]
            with np.errstate(divide="ignore", invalid="ignore"):
                value = np.where(gap == 0, 0.0, gap / np.sqrt(variance))
                bend = third / (6 * variance**1.5) if skewness else 0.0
            # Z = s - bend (Z^2 - 1) has Z = target exactly where s = target + bend (target^2 - 1).
            return np.clip(value - target - bend * (target**2 - 1), -1e3, 1e3)

        span = _span(n1, n2)
        if skewness:
            return np.asarray(np.exp(bracketed(function, *_outermost(function, span, from_below=target > 0))))
        return np.exp(bracketed(function, -span, span))

    low = np.where(x1 > 0, solve(z), 0.0)
    return low.reshape(size), np.where(x2 > 0, solve(-z), np.inf).reshape(size)


def _outermost(function: Function, span: Floats, *, from_below: bool) -> tuple[Floats, Floats]:
    """Brackets of the outermost change of sign: the correction for skewness diverges where a group shows no events."""
    steps = np.linspace(-1.0, 1.0, 801) if from_below else np.linspace(1.0, -1.0, 801)
    of = np.arange(span.size)
    outer, sign = span * steps[0], np.sign(function(span * steps[0], of))
    inner, found = outer.copy(), np.zeros(span.size, dtype=np.bool_)
    for step in steps[1:]:
        changed = ~found & (np.sign(function(span * step, of)) != sign)
        inner = np.where(found, inner, span * step)
        found |= changed
        outer = np.where(found, outer, span * step)
    return outer, inner


def mover_r(
    events1: ArrayLike, trials1: ArrayLike, events2: ArrayLike, trials2: ArrayLike, level: float = 0.95
) -> Ends:
    """MOVER-R on Wilson limits l and u, for ratios of rates that are *not* rare; a check on the score intervals.

    low = l1 (2 p1 - l1) / (p1 p2 + sqrt((p1 p2)^2 - l1 u2 (2 p1 - l1)(2 p2 - u2))) and
    high = (p1 p2 + sqrt((p1 p2)^2 - u1 l2 (2 p1 - u1)(2 p2 - l2))) / (l2 (2 p2 - l2)). Shapes and errors as
    ``koopman``. Sources: Zou and Donner, Stat. Med. 27 (2008); Fagerland and Newcombe, Stat. Med. 32 (2013) 2823-2836.

    >>> low, high = mover_r(40, 200, 25, 250)
    >>> f"{float(low):.3f} to {float(high):.3f}"
    '1.261 to 3.163'
    """
    x1, n1, x2, n2, size = two_samples(events1, trials1, events2, trials2)
    (l1, u1), (l2, u2) = binomial.wilson(x1, n1, level), binomial.wilson(x2, n2, level)
    p1, p2 = x1 / n1, x2 / n2
    product = p1 * p2
    under = np.sqrt(np.maximum(product**2 - l1 * u2 * (2 * p1 - l1) * (2 * p2 - u2), 0.0))
    over = np.sqrt(np.maximum(product**2 - u1 * l2 * (2 * p1 - u1) * (2 * p2 - l2), 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(x1 == 0, 0.0, l1 * (2 * p1 - l1) / (product + under))
        high = np.where(x2 == 0, np.inf, (product + over) / (l2 * (2 * p2 - l2)))
    return low.reshape(size), high.reshape(size)
