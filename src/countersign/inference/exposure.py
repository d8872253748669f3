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
from countersign.inference.rate import Interval


def shares_not_rejected(events: int, of: int, *, level: float = 0.95, looked_at: int = 1) -> Interval:
    """The exposure shares at which equal rates are not rejected, two-sided, at ``level`` over all ``looked_at`` groups.

    ``events`` of ``of`` errors, 0 <= events <= of, of >= 1; ``looked_at`` >= 1 groups among which this one was picked
    after looking. The returned interval carries ``level`` (the family's), and says in its method what was allowed for.
    Raises ``ValueError``. Sources: Clopper and Pearson, Biometrika 26 (1934); Dunn, JASA 56 (1961), for the allowance.
    """
    if looked_at < 1:
        raise ValueError(f"at least one group was looked at, got {looked_at}")
    low, high = clopper_pearson(events, of, 1 - (1 - level) / looked_at)
    method = "clopper-pearson" if looked_at == 1 else f"clopper-pearson, Bonferroni over {looked_at} groups"
    return Interval(float(low), float(high), level, method)


def ratio_at_share(events: int, of: int, share: float, *, level: float = 0.95) -> tuple[float, Interval]:
    """Rate ratio of a group to the rest if it were ``share`` of those exposed: estimate, conditional exact interval.

    ``share`` lies strictly between 0 and 1. The estimate is infinite where no error fell on the rest, and the upper
    end with it. Raises ``ValueError``. Source: the conditional identity, as in Lehmann and Romano, Testing Statistical
    Hypotheses, section 4.5 (two Poisson rates).
    """
    _check_share(share)
    low, high = clopper_pearson(events, of, level)
    estimate = _odds(events / of) / _odds(share)
    ends = (_odds(float(low)) / _odds(share), _odds(float(high)) / _odds(share))
    return estimate, Interval(ends[0], ends[1], level, "conditional exact (Clopper-Pearson on the share)")


def detectable_ratio(of: int, share: float, *, level: float = 0.95, power: float = 0.8) -> float:
    """The smallest true ratio above one that ``of`` errors would have shown with probability ``power``.

    "Shown": the exact two-sided test of equal rates at ``level`` rejects upwards, so one-sided at (1 - level) / 2. With
    c the smallest count rejected, the ratio solves P(X >= c) = power for X ~ Binomial(of, pi): pi is a beta quantile.
    Infinite where even all ``of`` errors in the group would not have been enough. Raises ``ValueError``.
    """
    _check_share(share)
    if of < 1 or not 0 < power < 1 or not 0 < level < 1:
        raise ValueError(f"needs at least one error, and level and power between 0 and 1; got {of}, {level}, {power}")
    counts = np.arange(1, of + 1)
    rejected = np.flatnonzero(betainc(counts, of - counts + 1, share) <= (1 - level) / 2)
    if rejected.size == 0:
        return math.inf
    critical = int(counts[rejected[0]])
    return _odds(float(betaincinv(critical, of - critical + 1, power))) / _odds(share)


def _odds(share: float) -> float:
    return math.inf if share >= 1 else share / (1 - share)


def _check_share(share: float) -> None:
    if not 0 < share < 1:
        raise ValueError(f"a share of those exposed lies strictly between 0 and 1, got {share}")
