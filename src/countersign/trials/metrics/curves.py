"""FPIR and FNIR over all thresholds, by group: exact at every edge of the bins, and at every score of the tail.

In the bulk the thresholds are the edges of the bins (4,096 unless asked otherwise), and the counts there are exact; no
value is interpolated between them. Above the floor every best non-mate score is kept, so that FPIR is exact at any
threshold there. A DET curve stops where one error is left: below 1 in n a rate cannot be resolved, and n is given.

>>> curve = Curve(("a",), np.array([0.0, 0.5]), np.array([[10, 1]]), np.array([10]), np.array([[0, 2]]), np.array([8]))
>>> curve.fpir.tolist(), curve.fnir.tolist()
([[1.0, 0.1]], [[0.0, 0.25]])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countersign.trials.counting.counts import by_group
from countersign.trials.counting.evaluate import Evaluation
from countersign.trials.scores.subjects import Grouping

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Curve:
    """Counts at each threshold, by group: [groups, thresholds] false positives of ``nonmated`` searches and misses of
    ``mated`` ones (acquired searches only). Rates are NaN where a group has no search of the kind.
    """

    groups: tuple[str, ...]
    thresholds: NDArray[np.floating]
    false_positives: Whole
    nonmated: Whole
    misses: Whole
    mated: Whole

    @property
    def fpir(self) -> NDArray[np.float64]:
        """FPIR(N, T) [groups, thresholds]."""
        return _over(self.false_positives, self.nonmated)

    @property
    def fnir(self) -> NDArray[np.float64]:
        """FNIR(N, R, T) [groups, thresholds], of acquired searches."""
        return _over(self.misses, self.mated)


def _over(events: Whole, trials: Whole) -> NDArray[np.float64]:
    out = np.full(events.shape, np.nan)
    np.divide(events, trials[:, None], out=out, where=trials[:, None] > 0)
    return out


def curve(evaluation: Evaluation, size: int, grouping: Grouping, rank: int = 0) -> Curve:
    """The curve of a watchlist size, at the lower edge of every bin (the first: everything is above it)."""
    scheme, counts, strata = evaluation.scheme, evaluation.counts, evaluation.strata_of(size)
    nonmates = evaluation.marginal(counts.nonmate_bins[strata].sum(axis=0), grouping)
    mates = evaluation.marginal(counts.mate_bins[rank, strata].sum(axis=0), grouping)
    edges = scheme.edges
    if scheme.operator == ">":  # strictly above the number before an edge is the same as at or above the edge
        edges = np.nextafter(edges, np.asarray(-np.inf, edges.dtype))
    labels = tuple(grouping.label(group) for group in range(len(grouping.labels)))
    mated = mates.sum(axis=1)
    hits = _from_above(mates[:, 1:])
    return Curve(labels, edges, _from_above(nonmates[:, 1:]), nonmates.sum(axis=1), mated[:, None] - hits, mated)


def _from_above(bins: Whole) -> Whole:
    return np.ascontiguousarray(bins[:, ::-1].cumsum(axis=1)[:, ::-1])


@dataclass(frozen=True, slots=True)
class Steps:
    """FPIR in the tail, exactly: at ``scores[i]`` (falling) ``above[i]`` non-mated searches are at or above it."""

    group: str
    scores: NDArray[np.floating]
    above: Whole
    nonmated: int


def tail(evaluation: Evaluation, size: int, grouping: Grouping) -> tuple[Steps, ...]:
    """The exact steps of each group, down to the floor, or to where the tail of one of its parts was cut off."""
    counts, scheme = evaluation.counts, evaluation.scheme
    strata = evaluation.strata_of(size)
    here = np.isin(counts.tail.stratum, strata)
    group = grouping.codes[counts.tail.subject]
    nonmated = by_group(counts.completed[strata, 0].sum(axis=0), grouping)
    found = []
    for number in range(len(grouping.labels)):
        mine = here & (group == number)
        score = counts.tail.score[mine]
        cell = counts.tail.stratum[mine] * np.int64(scheme.groups) + scheme.group_of[counts.tail.subject[mine]]
        for part in np.unique(cell):
            of_part = score[cell == part]
            if len(of_part) >= scheme.tail:  # ties at the cut may have been left out: exact strictly above it
                keep = score > of_part.min()
                score, cell = score[keep], cell[keep]
        scores, times = np.unique(score, return_counts=True)
        label = grouping.label(number)
        found.append(Steps(label, scores[::-1], np.cumsum(times[::-1]), int(nonmated[number])))
    return tuple(found)


def thinned(curve: Curve, group: int, points: int = 60) -> NDArray[np.intp]:
    """Places of a curve to draw for one group: spread evenly over the logarithm of FPIR, from 1 down to one error."""
    errors = curve.false_positives[group]
    if not len(errors) or errors[0] == 0:
        return np.array([0], np.intp)
    wanted = np.geomspace(errors[0], 1, points)
    # errors fall with the threshold: the first place with at most each wanted count, while errors remain
    places = np.unique(np.searchsorted(-errors, -wanted, side="left"))
    kept = (places < len(errors)) & (errors[np.minimum(places, len(errors) - 1)] > 0)
    return np.asarray(places[kept], np.intp)
