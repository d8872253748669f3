"""From counts to a ``Rate``: one rate with its exact interval and, where clusters are known, the clustered one.

>>> rate = proportion(10, 3_147_436)
>>> rate.exact.method, f"{rate.exact.low:.3g} {rate.exact.high:.3g}"
('clopper-pearson', '1.52e-06 5.84e-06')
>>> proportion(3, 400, clusters=([3, 0, 0, 0], [100, 100, 100, 100])).clustered.events
3
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from countersign.inference import binomial, poisson
from countersign.inference.checks import CountOutOfRange, Floats
from countersign.inference.clusters import AtZero, between, widened
from countersign.inference.rate import Interval, Rate

Method = Literal["clopper-pearson", "mid-p", "wilson", "jeffreys"]

PROPORTIONS: dict[Method, Callable[[int, int, float], tuple[Floats, Floats]]] = {
    "clopper-pearson": binomial.clopper_pearson,
    "mid-p": binomial.mid_p,
    "wilson": binomial.wilson,
    "jeffreys": binomial.jeffreys,
}


def _same(events: float, trials: float, found_events: float, found_trials: float) -> None:
    if found_events != events or abs(found_trials - trials) > 1e-9 * trials:
        raise CountOutOfRange(
            f"the clusters hold {found_events:g} events in {found_trials:g}, the rate {events:g} in {trials:g}"
        )


def proportion(
    events: int,
    trials: int,
    *,
    level: float = 0.95,
    method: Method = "clopper-pearson",
    clusters: tuple[ArrayLike, ArrayLike] | None = None,
    at_zero: AtZero = "pairs",
) -> Rate:
    """``events`` in ``trials`` as a ``Rate``; ``clusters`` is (events by cluster, trials by cluster), whose sums agree.

    The clustered interval is that of ``clusters.widened``, never narrower than the ``method``'s own. Fewer than two
    clusters with trials give none; ``at_zero`` says what stands in where there are no events to estimate clumping from.
    Raises ``CountOutOfRange``, ``LevelOutOfRange``, and ``ValueError`` for a method not of the list. Sources: see
    ``binomial`` and ``clusters``.
    """
    if method not in PROPORTIONS:
        raise ValueError(f"no method {method!r} for a proportion; there are {', '.join(PROPORTIONS)}")
    low, high = PROPORTIONS[method](events, trials, level)
    exact = Interval(float(low), float(high), level, method)
    return _rate(events, trials, exact, clusters, at_zero, binomial_trials=True)


def intensity(
    events: int, exposure: float, *, level: float = 0.95, clusters: tuple[ArrayLike, ArrayLike] | None = None
) -> Rate:
    """``events`` in an ``exposure`` (hours, deployments, faces) as a ``Rate`` with Garwood's exact interval.

    ``clusters`` is (events by cluster, exposure by cluster). Events may outnumber the exposure. Errors as
    ``proportion``.
    """
    low, high = poisson.garwood(events, exposure, level)
    exact = Interval(float(low), float(high), level, "garwood")
    return _rate(events, exposure, exact, clusters, "pairs", binomial_trials=False)


def _rate(
    events: int,
    trials: float,
    exact: Interval,
    clusters: tuple[ArrayLike, ArrayLike] | None,
    at_zero: AtZero,
    *,
    binomial_trials: bool,
) -> Rate:
    if clusters is None:
        return Rate(events, trials, exact)
    if np.count_nonzero(np.asarray(clusters[1], dtype=np.float64)) < 2:
        return Rate(events, trials, exact)
    spread = between(*clusters, binomial_trials=binomial_trials)
    _same(events, trials, spread.events, spread.trials)
    return Rate(events, trials, exact, widened(spread, exact, binomial_trials=binomial_trials, at_zero=at_zero))
