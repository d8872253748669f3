"""From counts to a ``Rate``: its exact interval and, where clusters are known, one that allows for clumps of events.

With ``x_c`` events in ``n_c`` trials of cluster ``c`` (C clusters, X in N) the design effect is the ratio estimator's,

    V = C/(C-1) sum (x_c - p n_c)^2 / N^2,  p = X/N,   design effect = V / (p (1-p) / N).

For rare events the interval is a profile likelihood: counts of a cluster are negative binomial with mean ``p n_c`` and
a common shape ``k``, and a rate belongs to it where, for some ``k``, twice the log-likelihood falls short of its best
by at most a cut. Two things keep it honest where clusters are few:

- *the cut* moves from the square of the normal quantile to Student's on the ``M`` clusters with events,
  ``1.1 M log(1 + t^2/(M-1))`` (at least five counted), by the share of events that are not the first of their cluster;
- *the floor*: ``k`` times the effective number of clusters ``N^2 / sum n_c^2`` is at least 4, and down to 1.5 as the
  counts show clumps. Without a floor a single event would bound nothing.

Where the counts speak against a product of 3 or more (log-likelihood lower by over 1.35), there are *too few clusters
to bound* the rate: the upper end is open. At zero events the end is that for clumps of two, twice the exact one; with
up to seven it is at least that for clumps of two, as far as ``most_widened`` goes.

The interval is never narrower than the exact one, nor than Wilson's at the effective size ``N / design effect *
(z/t)^2``, the quantile moving as the cut does (Korn and Graubard, Survey Methodology 24 (1998) 193-201); where events
are not rare (over 10% of trials, and under 90%) it is that alone. Clusters are taken as independent of each other. Its
coverage is measured: docs/methods.md. Source of the law: Lawless, Can. J. Stat. 15 (1987) 209-225.

>>> f"{between([10, 0, 0, 0], [100, 100, 100, 100]).design_effect:.3f}"
'10.256'
>>> rate = proportion(10, 3_147_436)
>>> rate.exact.method, f"{rate.exact.low:.3g} {rate.exact.high:.3g}"
('clopper-pearson', '1.52e-06 5.84e-06')
>>> proportion(3, 400, clusters=([3, 0, 0, 0], [100, 100, 100, 100])).clustered.events
3
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv, gammaln, ndtri, stdtrit

from countersign.inference import binomial, poisson
from countersign.inference.checks import CountOutOfRange, Floats, counts, exposures, number, numbers, open_unit
from countersign.inference.rate import Clustered, Interval, Rate

__all__ = ["Spread", "between", "intensity", "proportion", "widened"]

#: What stands in at zero events: events in clumps of two, or the exact interval on clusters (each as one trial).
AtZero = Literal["pairs", "clusters"]

#: How the method of an interval without an upper end begins.
UNBOUNDED = "too few clusters to bound it under clumps"
#: Events are rare up to this share of trials; the negative-binomial law has no upper limit on a cluster's events.
RARE = 0.1
#: Least product of shape and effective clusters: without clumps in sight, and where the counts show them.
FLOOR, FLOOR_CLUMPED = 4.0, 1.5
#: How fast the floor falls with the clusters missing, of those that as many independent events would have reached.
FALL = 2.3
#: The product from which on the interval is meant to cover, and the log-likelihood that must speak against it.
PROMISED, AGAINST = 3.0, 1.35
#: Student's cut: its factor, and the fewest clusters with events that are counted.
STRETCH, FEWEST = 1.1, 5
#: Most times its exact one that the upper end of a run in the middle becomes, where events are independent.
AT_MOST = 1.4999
#: Clumps of two widen an upper end in full up to ``FEW`` events, not at all from ``ENOUGH`` on.
FEW, ENOUGH = 4, 8
#: In fewer clusters than these the run in the middle holds up to three events fewer than expected.
SOME = 10
#: Products of shape and clusters that are tried: from the floor up, times these; those under it (and what is promised)
#: only show whether the counts speak against it.
_FROM_FLOOR = np.concatenate([np.geomspace(1.0, 12.0, 9), np.geomspace(20.0, 4e3, 5)])
_UNDER = np.array([0.05, 0.12, 0.3, 0.6, 1.0, 1.45, PROMISED])
#: Most steps of Newton's method for an end, and the step that is the last one (its error is that, squared).
_STEPS, _LAST = 30, 1e-7


@dataclass(frozen=True, slots=True)
class Spread:
    """How much a rate varies between clusters. Built by ``between``, which leaves empty clusters out.

    ``design_effect``: the ratio estimator's variance over that of independent trials. ``times``: how often each pair of
    ``counts`` and ``sizes`` (events and trials of a cluster) occurs.

    >>> spread = between([3, 1, 0, 0], [100, 100, 100, 100])
    >>> spread.events, spread.clusters, round(spread.design_effect, 2)
    (4, 4, 2.02)
    """

    events: int
    trials: float
    clusters: int
    variance: float
    design_effect: float
    counts: Floats
    sizes: Floats
    times: Floats


def between(events_by_cluster: ArrayLike, trials_by_cluster: ArrayLike, *, binomial_trials: bool = True) -> Spread:
    """The ratio-estimator variance between clusters and its design effect (against Poisson if not ``binomial_trials``).

    Two arrays of one length, one place a cluster (empty clusters, with no trials, are left out); at least two clusters.
    The design effect is 1 where there are no events. Raises ``CountOutOfRange``.

    >>> f"{between([3, 1, 0, 0], [100, 100, 100, 100]).design_effect:.2f}"
    '2.02'
    """
    x, n = _lists(events_by_cluster, trials_by_cluster)
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
    effect = variance / independent if independent > 0 else 1.0
    return Spread(int(total), size, clusters, variance, effect, *_distinct(x, n))


def _lists(events_by_cluster: ArrayLike, trials_by_cluster: ArrayLike) -> tuple[Floats, Floats]:
    """Both as floats, checked to be lists of one length. Raises ``CountOutOfRange``."""
    x, n = (np.atleast_1d(numbers(each, "a count of a cluster")) for each in (events_by_cluster, trials_by_cluster))
    if x.shape != n.shape or x.ndim != 1:
        raise CountOutOfRange(f"events and trials by cluster are lists of one length, got {x.shape} and {n.shape}")
    return x, n


def _distinct(x: Floats, n: Floats) -> tuple[Floats, Floats, Floats]:
    """Pairs of events and trials and how often each occurs; few clusters are listed as they are."""
    if x.size <= 400:
        return x, n, np.ones(x.size)
    order = np.lexsort((x, n))
    x, n = x[order], n[order]
    first = np.flatnonzero(np.concatenate([[True], (x[1:] != x[:-1]) | (n[1:] != n[:-1])]))
    return x[first], n[first], np.diff(np.append(first, x.size)).astype(float)


def widened(
    spread: Spread, exact: Interval, *, binomial_trials: bool = True, at_zero: AtZero = "pairs", pooled: float = 0.0
) -> Clustered:
    """The clustered interval of a rate whose exact interval is ``exact``: their hull, with the design effect.

    At zero events (or all events) clumping cannot be estimated, and the method says so: ``at_zero`` says what stands in
    then, clumps of two (``pairs``) or Clopper-Pearson on the number of clusters (``clusters``), which holds however
    strongly the trials of a cluster agree. ``pooled``: a design effect known from elsewhere, which the interval then
    allows for. An upper end that cannot be bounded is 1 for a share of trials, else infinite. Raises
    ``CountOutOfRange`` for a ``pooled`` that is no number from 0 on.

    >>> spread = between([3, 1, 0, 0, 0, 1], [100] * 6)
    >>> exact = proportion(5, 600).exact
    >>> wide = widened(spread, exact).interval
    >>> f"{wide.low:.4f} to {wide.high:.4f}, beside {exact.low:.4f} to {exact.high:.4f}"
    '0.0021 to 0.0399, beside 0.0027 to 0.0193'
    """
    number(pooled, "a design effect known from elsewhere")
    if spread.events == 0 or (binomial_trials and spread.events == spread.trials):
        return _nothing_to_estimate_from(spread, exact, at_zero, binomial_trials=binomial_trials)
    share = spread.events / spread.trials
    if not binomial_trials or share <= RARE:
        interval = _profiled(spread.counts, spread, exact, 1.0 if binomial_trials else math.inf)
    elif share >= 1 - RARE:
        interval = _mirrored(_profiled(spread.sizes - spread.counts, spread, _mirrored(exact), 1.0))
    else:
        interval = exact
    effect = max(spread.design_effect, pooled)
    interval = interval.hull(_score(spread, exact, effect, binomial_trials=binomial_trials))
    if interval.method == exact.method:
        interval = replace(interval, method=f"score interval with design effect, not narrower than {exact.method}")
    bounded = not interval.method.startswith(UNBOUNDED)
    return Clustered(interval, effect, spread.clusters, spread.events, bounded)


def _mirrored(interval: Interval) -> Interval:
    return Interval(1 - interval.high, 1 - interval.low, interval.level, interval.method)


def _score(spread: Spread, exact: Interval, effect: float, *, binomial_trials: bool) -> Interval:
    """Wilson's interval (the Poisson score interval for counts in time) at the effective size."""
    half = (1 + exact.level) / 2
    z, student = float(ndtri(half)), float(stdtrit(spread.clusters - 1, half))
    hit = float(spread.times[spread.counts > 0].sum())
    often = spread.events > RARE * spread.trials and binomial_trials
    wide = (student / z) ** 2 if often else (1 + ((student / z) ** 2 - 1) * _repeats(spread.events, hit))
    size = np.asarray(spread.trials / max(1.0, effect) / wide)
    share = np.asarray(spread.events / spread.trials)
    ends = binomial.score_ends(share, size, z) if binomial_trials else poisson.score_ends(share * size, size, z)
    return Interval(float(ends[0]), float(ends[1]), exact.level, exact.method)


def _profiled(events: Floats, spread: Spread, exact: Interval, most: float) -> Interval:
    low, high = profile_ends(events, spread.sizes, spread.times, exact.level)
    if math.isinf(high):
        method = f"{UNBOUNDED}; if independent, {exact.method}"
        return Interval(min(low, exact.low), most, exact.level, method)
    method = f"negative-binomial profile between clusters, not narrower than {exact.method}"
    least = _least_end(int(events @ spread.times), spread, exact)
    return Interval(low, min(max(high, least), most), exact.level, method).hull(exact)


def _least_end(events: int, spread: Spread, exact: Interval) -> float:
    """The upper end under clumps of two as far as ``most_widened`` goes, fading to the exact one with more events.

    A few events, each in a cluster of its own, look independent whether they are or not. Never below what no event at
    all would give.
    """
    half = (1 + exact.level) / 2
    none = 2 * -math.log(1 - half) / spread.trials
    if events >= ENOUGH:
        return max(none, exact.high)
    pairs = 2 * float(gammaincinv(events / 2 + 1, half)) / spread.trials
    clusters = spread.trials**2 / float(spread.sizes**2 @ spread.times)
    widest = min(pairs, most_widened(events, clusters, exact.level) * exact.high)
    return max(none, exact.high + min((ENOUGH - events) / (ENOUGH - FEW), 1.0) * (widest - exact.high))


def most_widened(events: int, clusters: float, level: float) -> float:
    """How many times its exact upper end a run of ``events``, each in a cluster of its own, can be given (at least 1).

    Of independent events as many as expected are the run in the middle, whose end is to stay within ``AT_MOST`` times
    the exact one. Some share a cluster by chance, look clumped and have higher ends, so that the run in the middle has
    an event fewer: it keeps the limit of the next count, in few clusters that of three more. Exact for whole numbers
    expected, from five clusters on (``tests/inference/test_clusters.py``).
    """
    number(events, "events", 1, whole=True)
    number(clusters, "the number of clusters", above=True)
    open_unit(level, "the confidence level")
    further = 0 if events == 1 else 3 if clusters < SOME else 1
    ends = gammaincinv(np.array([events, events + further]) + 1.0, (1 + level) / 2)
    return max(1.0, AT_MOST * float(ends[1] / ends[0]) * events / (events + further))


def profile_ends(events: Floats, sizes: Floats, times: Floats, level: float) -> tuple[float, float]:
    """The two ends of the negative-binomial profile interval for the rate, at least one event; infinite if unbounded.

    ``events`` in ``sizes`` trials of distinct clusters, each occurring ``times`` times (arrays of one length).
    """
    arrays = (np.asarray(each, np.float64).tobytes() for each in (events, sizes, times))
    return _ends_of(*arrays, level=level)


@lru_cache(maxsize=4096)
def _ends_of(*arrays: bytes, level: float) -> tuple[float, float]:
    """``profile_ends`` of arrays as bytes: half the scopes of a record hold the same rows as another."""
    events, sizes, times = map(np.frombuffer, arrays)
    total, size = float(events @ times), float(sizes @ times)
    clusters = size**2 / float(sizes**2 @ times)
    cut, floor = _cut_and_floor(events, sizes, times, level)
    products = np.concatenate([_UNDER, floor * _FROM_FLOOR])
    law = _NegativeBinomial(events, sizes, times, products / clusters)
    best = np.full(products.size, math.log(total / size))
    for _ in range(4):
        _, slope, bend = law.at(best)
        best = best + np.clip(slope / bend, -1.0, 1.0)
    values = law.at(best)[0]
    unbounded = values.max() - values[products >= PROMISED].max() > AGAINST
    inside = np.arange(products.size) >= _UNDER.size
    target = values[inside].max() - cut / 2
    # Fitted rates weigh clusters alike; what is asked is events over trials, so the ends are moved to that.
    centre = total / size / math.exp(best[inside][int(values[inside].argmax())])
    low, high = law.only(inside & (values > target)).ends(best[inside & (values > target)], target)
    return centre * math.exp(low), math.inf if unbounded else centre * math.exp(high)


def _cut_and_floor(events: Floats, sizes: Floats, times: Floats, level: float) -> tuple[float, float]:
    total, size = float(events @ times), float(sizes @ times)
    hit = float(times[events > 0].sum())
    expected = float(-np.expm1(total * np.log1p(-np.minimum(sizes / size, 1 - 1e-12))) @ times)
    half = (1 + level) / 2
    counted = min(max(hit, FEWEST), max(float(times.sum()), 2.0))
    student = STRETCH * counted * math.log1p(float(stdtrit(counted - 1, half)) ** 2 / (counted - 1))
    normal = float(ndtri(half)) ** 2
    cut = normal + (student - normal) * _repeats(total, hit)
    clumped = min(max(FALL * (1 - hit / max(expected, 1.0)), 0.0), 1.0)
    return cut, FLOOR + (FLOOR_CLUMPED - FLOOR) * clumped


def _repeats(total: float, hit: float) -> float:
    """The share of events that are not the first of their cluster, drawn towards none where events are few."""
    return (total - hit) / (total + 2)


class _NegativeBinomial:
    """The log-likelihood of a rate for each of several shapes, up to a constant that is the same for all."""

    def __init__(self, events: Floats, sizes: Floats, times: Floats, shapes: Floats) -> None:
        self._events, self._sizes, self._times, self.shapes = events, sizes, times, shapes
        some = events > 0
        x, weight, k = events[some], times[some], shapes[:, None]
        self._own = (gammaln(x + k) - gammaln(k) - x * np.log(k)) @ weight
        self._total = float(events @ times)
        self._weight = (events + k) * times

    def only(self, chosen: NDArray[np.bool_ | np.intp]) -> _NegativeBinomial:
        part = object.__new__(_NegativeBinomial)
        part._events, part._sizes, part._times, part._total = self._events, self._sizes, self._times, self._total
        part.shapes, part._own, part._weight = self.shapes[chosen], self._own[chosen], self._weight[chosen]
        return part

    def at(self, logs: Floats) -> tuple[Floats, Floats, Floats]:
        """Value, slope and (negative) bend at the logarithm of a rate for each shape."""
        odds = (np.exp(logs) / self.shapes)[:, None] * self._sizes
        share = odds / (1 + odds)
        value = self._own + self._total * logs - np.einsum("ij,ij->i", self._weight, np.log1p(odds))
        slope = self._total - np.einsum("ij,ij->i", self._weight, share)
        return value, slope, np.einsum("ij,ij->i", self._weight, share * (1 - share))

    def ends(self, best: Floats, target: float) -> tuple[float, float]:
        """The least and the greatest place at which a value falls to ``target``; ``best`` is where each is highest.

        Newton's method, both sides at once, from where a parabola would fall to it. Values are concave: after one step
        all are outside, and from there they only ever come nearer.
        """
        value, _, bend = self.at(best)
        away = np.sqrt(2 * (value - target) / bend)
        both, logs = self.only(np.tile(np.arange(best.size), 2)), np.concatenate([best - away, best + away])
        for _ in range(_STEPS):
            value, slope, _ = both.at(logs)
            step = (value - target) / slope
            logs = logs - step
            if np.abs(step).max() < _LAST:
                break
        return float(logs[: best.size].min()), float(logs[best.size :].max())


def _nothing_to_estimate_from(spread: Spread, exact: Interval, at_zero: AtZero, *, binomial_trials: bool) -> Clustered:
    what = "no events" if spread.events == 0 else "nothing but events"
    if at_zero == "pairs":
        none = spread.events == 0
        far = 2 * (exact.high if none else 1 - exact.low)
        far = min(far, 1.0) if binomial_trials else far
        low, high = (exact.low, far) if none else (1 - far, exact.high)
        method = f"{exact.method} for clumps of two ({what}, so that clumping cannot be estimated)"
        return Clustered(Interval(low, high, exact.level, method), 1.0, spread.clusters, spread.events)
    ends = binomial.clopper_pearson(spread.clusters if spread.events else 0, spread.clusters, exact.level)
    method = f"clopper-pearson on {spread.clusters} clusters ({what}, so that clumping cannot be estimated)"
    interval = Interval(float(ends[0]), float(ends[1]), exact.level, method).hull(exact)
    return Clustered(interval, spread.trials / spread.clusters, spread.clusters, spread.events)


Method = Literal["clopper-pearson", "mid-p", "wilson", "jeffreys"]

PROPORTIONS: dict[Method, Callable[[int, int, float], tuple[Floats, Floats]]] = {
    "clopper-pearson": binomial.clopper_pearson,
    "mid-p": binomial.mid_p,
    "wilson": binomial.wilson,
    "jeffreys": binomial.jeffreys,
}


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

    The clustered interval is that of ``widened``; fewer than two clusters with trials give none. Raises
    ``CountOutOfRange``, ``LevelOutOfRange``, and ``ValueError`` for a method not of the list.

    >>> rate = proportion(5, 600, clusters=([3, 1, 0, 0, 0, 1], [100] * 6))
    >>> f"{rate.estimate:.4f}: {rate.exact.high:.4f} if independent, {rate.widest.high:.4f} by cluster"
    '0.0083: 0.0193 if independent, 0.0399 by cluster'
    """
    if method not in PROPORTIONS:
        raise ValueError(f"no method {method!r} for a proportion; there are {', '.join(PROPORTIONS)}")
    number(events, "events", whole=True)
    number(trials, "trials", 1, whole=True)
    low, high = PROPORTIONS[method](events, trials, level)
    exact = Interval(float(low), float(high), level, method)
    return _rate(events, trials, exact, clusters, at_zero, binomial_trials=True)


def intensity(
    events: int, exposure: float, *, level: float = 0.95, clusters: tuple[ArrayLike, ArrayLike] | None = None
) -> Rate:
    """``events`` in an ``exposure`` (hours, deployments, faces) as a ``Rate`` with Garwood's exact interval.

    ``clusters`` is (events by cluster, exposure by cluster). Errors as ``proportion``.

    >>> rate = intensity(4, 120.0)
    >>> f"{rate.estimate:.4f} ({rate.exact.low:.4f} to {rate.exact.high:.4f}) an hour"
    '0.0333 (0.0091 to 0.0853) an hour'
    """
    number(events, "events", whole=True)
    number(exposure, "the exposure", above=True)
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
    try:
        by_cluster = tuple(clusters)
    except TypeError:
        by_cluster = ()
    if len(by_cluster) != 2:
        raise CountOutOfRange("clusters are two lists, events by cluster and trials by cluster")
    x, n = _lists(*by_cluster)
    if x.sum() != events or abs(n.sum() - trials) > 1e-9 * trials:
        held = f"{x.sum():g} events in {n.sum():g}"
        raise CountOutOfRange(f"the clusters hold {held}, the rate {events:g} in {trials:g}")
    if np.count_nonzero(n) < 2:
        return Rate(events, trials, exact)
    spread = between(x, n, binomial_trials=binomial_trials)
    return Rate(events, trials, exact, widened(spread, exact, binomial_trials=binomial_trials, at_zero=at_zero))
