"""What a share of errors says when nobody has published how often each group was exposed.

``events`` of ``of`` errors fell on one group. If the group made up a share s of all those exposed and errors were
equally likely for everyone, then events ~ Binomial(of, s), given ``of``. So the shares at which equal rates are *not*
rejected are the Clopper-Pearson interval of events / of; every share outside it is rejected. Its lower end is the
tipping point. Where the group was picked after looking at ``looked_at`` groups, level 1 - (1 - level) / looked_at is
used (Bonferroni). Given a share, the same identity turns the interval of the share into that of the rate ratio:
ratio = odds(share of errors) / odds(share of exposure).

Assumes independent errors and correct labels. It does not tell why rates differ (engine, watchlist, camera position).

>>> kept = shares_not_rejected(8, 10)
>>> f"{kept.low:.3f} to {kept.high:.3f}; of five groups: {shares_not_rejected(8, 10, looked_at=5).low:.2f}"
'0.444 to 0.975; of five groups: 0.35'
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import betainc, betaincinv

from countersign.inference.binomial import clopper_pearson
from countersign.inference.checks import CountOutOfRange, LevelOutOfRange, open_unit
from countersign.inference.poisson import garwood
from countersign.inference.rate import Interval


def shares_not_rejected(events: int, of: int, *, level: float = 0.95, looked_at: int = 1) -> Interval:
    """The exposure shares at which equal rates are not rejected, two-sided, at ``level`` over all ``looked_at`` groups.

    ``events`` of ``of`` errors, 0 <= events <= of, of >= 1; ``looked_at`` >= 1 groups among which this one was picked
    after looking. The returned interval carries ``level`` (the family's), and says in its method what was allowed for.
    Raises ``CountOutOfRange``, ``LevelOutOfRange``. Sources: Clopper and Pearson, Biometrika 26 (1934); Dunn, JASA 56
    (1961), for the allowance.
    """
    if looked_at < 1:
        raise CountOutOfRange(f"at least one group was looked at, got {looked_at}")
    low, high = clopper_pearson(events, of, 1 - (1 - level) / looked_at)
    method = "clopper-pearson" if looked_at == 1 else f"clopper-pearson, Bonferroni over {looked_at} groups"
    return Interval(float(low), float(high), level, method)


def ratio_at_share(events: int, of: int, share: float, *, level: float = 0.95) -> tuple[float, Interval]:
    """Rate ratio of a group to the rest if it were ``share`` of those exposed: estimate, conditional exact interval.

    ``share`` lies strictly between 0 and 1. The estimate is infinite where no error fell on the rest, and the upper
    end with it. Raises ``CountOutOfRange``, ``LevelOutOfRange``. Source: the conditional identity, as in Lehmann and
    Romano, Testing Statistical Hypotheses, section 4.5 (two Poisson rates).
    """
    open_unit(share, "a share of those exposed")
    low, high = clopper_pearson(events, of, level)
    estimate = _odds(events / of) / _odds(share)
    ends = (_odds(float(low)) / _odds(share), _odds(float(high)) / _odds(share))
    return estimate, Interval(ends[0], ends[1], level, "conditional exact (Clopper-Pearson on the share)")


def ratio_over_shares(
    events: int, of: int, share_low: float, share_high: float, *, level: float = 0.95
) -> tuple[tuple[float, float], Interval]:
    """The rate ratio of a group to the rest where its share of exposure is only known to lie in a range.

    Returns the lowest and highest estimate over the range, and the union of the conditional exact intervals at both
    ends: the ratio falls as the share grows, so the union covers with ``level`` whatever share in the range is true. No
    point of the range is preferred: the ratio is "partially identified".
    Raises ``CountOutOfRange``, ``LevelOutOfRange``. Source: Imbens and Manski, Econometrica 72 (2004), here by plain
    monotonicity.

    >>> (low, high), interval = ratio_over_shares(8, 10, 0.1, 0.2)
    >>> f"{low:.0f} to {high:.0f}, not under {interval.low:.1f}"
    '16 to 36, not under 3.2'
    """
    if not share_low <= share_high:
        raise LevelOutOfRange(f"a range of shares runs upwards, got {share_low} to {share_high}")
    most, upper = ratio_at_share(events, of, share_low, level=level)
    least, lower = ratio_at_share(events, of, share_high, level=level)
    return (least, most), lower.hull(upper, "conditional exact, union over the range of shares")


def rate_over_shares(
    events: int, exposure: float, share_low: float, share_high: float, *, level: float = 0.95
) -> Interval:
    """A group's rate where only the whole ``exposure`` and a range for the group's share of it are known.

    Union of Garwood's intervals of ``events`` in share * exposure: [low / (share_high exposure), high / (share_low
    exposure)]. Raises ``CountOutOfRange``, ``LevelOutOfRange``.
    """
    open_unit(share_low, "a share of those exposed")
    open_unit(share_high, "a share of those exposed")
    if share_low > share_high:
        raise LevelOutOfRange(f"a range of shares runs upwards, got {share_low} to {share_high}")
    low, high = garwood(events, exposure, level)
    return Interval(
        float(low) / share_high, float(high) / share_low, level, "garwood, union over the range of shares of exposure"
    )


def detectable_ratio(of: int, share: float, *, level: float = 0.95, power: float = 0.8) -> float:
    """The smallest true ratio above one that ``of`` errors would have shown with probability ``power``.

    "Shown": the exact two-sided test of equal rates at ``level`` rejects upwards, so one-sided at (1 - level) / 2. With
    c the smallest count rejected, the ratio solves P(X >= c) = power for X ~ Binomial(of, pi): pi is a beta quantile.
    Infinite where even all ``of`` errors in the group would not have been enough. Raises ``CountOutOfRange``,
    ``LevelOutOfRange``.
    """
    open_unit(share, "a share of those exposed")
    if of < 1 or not 0 < power < 1 or not 0 < level < 1:
        raise CountOutOfRange(f"needs at least one error, and level and power in (0, 1); got {of}, {level}, {power}")
    counts = np.arange(1, of + 1)
    rejected = np.flatnonzero(betainc(counts, of - counts + 1, share) <= (1 - level) / 2)
    if rejected.size == 0:
        return math.inf
    critical = int(counts[rejected[0]])
    return _odds(float(betaincinv(critical, of - critical + 1, power))) / _odds(share)


def _odds(share: float) -> float:
    return math.inf if share >= 1 else share / (1 - share)
