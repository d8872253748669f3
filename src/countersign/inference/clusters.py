"""What clumps of events do to a rate: design effects between clusters, and intervals that allow for them.

One-way, between deployments or subjects: with ``x_c`` events in ``n_c`` trials of cluster ``c`` (C clusters, X in N),

    V = C/(C-1) sum (x_c - p n_c)^2 / N^2,  p = X/N            (the ratio estimator's variance)
    design effect = V / (p (1-p) / N),  effective size = N / max(1, design effect) * (z / t)^2

with ``t`` the quantile of Student's law with C - 1 degrees of freedom, and Wilson's interval at the effective size
(Korn and Graubard, Survey Methodology 24 (1998) 193-201; Fogliato, Patil and Perona, IJCV 2024, arXiv:2306.01198). It
assumes that clusters are independent of each other, whatever happens inside them. The result is the hull with the exact
interval: never narrower. Clumping cannot be estimated from no event, so at zero events there is a fall-back, and the
method says which.

>>> f"{between([10, 0, 0, 0], [100, 100, 100, 100]).design_effect:.3f}"
'10.256'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtrit

from countersign.inference import binomial, poisson
from countersign.inference.checks import CountOutOfRange, counts, exposures
from countersign.inference.rate import Clustered, Interval

#: What stands in at zero events: the exact interval on trials, or on clusters (as if a cluster were one trial).
AtZero = Literal["exact", "clusters"]


@dataclass(frozen=True, slots=True)
class Spread:
    """How much a rate varies between clusters: sums enough for the interval. Built by ``between``."""

    events: int
    trials: float
    clusters: int
    variance: float
    design_effect: float

    @property
    def effective_size(self) -> float:
        """``trials`` over the design effect, at most ``trials``."""
        return self.trials / max(1.0, self.design_effect)


def between(events_by_cluster: ArrayLike, trials_by_cluster: ArrayLike, *, binomial_trials: bool = True) -> Spread:
    """The ratio-estimator variance between clusters and its design effect (against Poisson if not ``binomial_trials``).

    Two arrays of one length, one place a cluster (empty clusters, with no trials, are left out); at least two clusters.
    The design effect is 1 where there are no events. Raises ``CountOutOfRange``.
    """
    x, n = np.atleast_1d(np.asarray(events_by_cluster, float)), np.atleast_1d(np.asarray(trials_by_cluster, float))
    if x.shape != n.shape or x.ndim != 1:
        raise CountOutOfRange(f"events and trials by cluster are lists of one length, got {x.shape} and {n.shape}")
    if np.any((n == 0) & (x > 0)):
        raise CountOutOfRange("a cluster has events and no trials")
    used = n != 0
    x, n = (counts if binomial_trials else exposures)(x[used], n[used])
    if x.size < 2:
        raise CountOutOfRange(f"the spread between clusters needs two clusters or more, got {x.size}")
    total, size, clusters = float(x.sum()), float(n.sum()), x.size
    rate = total / size
    variance = clusters / (clusters - 1) * float(((x - rate * n) ** 2).sum()) / size**2
    independent = rate * (1 - rate if binomial_trials else 1) / size
    return Spread(int(total), size, clusters, variance, variance / independent if independent > 0 else 1.0)


def _student_over_normal(level: float, degrees: int) -> float:
    half = (1 + level) / 2
    return float(stdtrit(degrees, half)) / float(ndtri(half))


def widened(spread: Spread, exact: Interval, *, binomial_trials: bool = True, at_zero: AtZero = "exact") -> Clustered:
    """The clustered interval of a rate whose exact interval is ``exact``: their hull, with the design effect.

    At zero events (or all events) clumping cannot be estimated, and the method says so. ``at_zero`` says what stands in
    then: ``exact`` keeps the exact interval; ``clusters`` takes Clopper-Pearson on the number of clusters, as if each
    were one trial, which holds however strongly the trials of a cluster agree (subjects with many comparisons).
    """
    if spread.events == 0 or (binomial_trials and spread.events == spread.trials):
        return _nothing_to_estimate_from(spread, exact, at_zero)
    z = float(ndtri((1 + exact.level) / 2))
    shrunk = spread.effective_size / _student_over_normal(exact.level, spread.clusters - 1) ** 2
    rate = spread.events / spread.trials
    if binomial_trials:
        low, high = binomial.score_ends(np.asarray(rate), np.asarray(shrunk), z)
        name = "wilson"
    else:
        low, high = poisson.score_ends(np.asarray(rate * shrunk), np.asarray(shrunk), z)
        name = "poisson score"
    method = f"{name} with design effect between clusters, not narrower than {exact.method}"
    interval = Interval(float(low), float(high), exact.level, method).hull(exact)
    return Clustered(interval, spread.design_effect, spread.clusters, spread.events)


def _nothing_to_estimate_from(spread: Spread, exact: Interval, at_zero: AtZero) -> Clustered:
    what = "no events" if spread.events == 0 else "nothing but events"
    if at_zero == "exact":
        method = f"{exact.method} ({what}, so that clumping cannot be estimated)"
        return Clustered(Interval(exact.low, exact.high, exact.level, method), 1.0, spread.clusters, spread.events)
    low, high = binomial.clopper_pearson(spread.clusters if spread.events else 0, spread.clusters, exact.level)
    method = f"clopper-pearson on {spread.clusters} clusters ({what}, so that clumping cannot be estimated)"
    interval = Interval(float(low), float(high), exact.level, method).hull(exact)
    return Clustered(interval, spread.trials / spread.clusters, spread.clusters, spread.events)
