"""From counts to figures: rates of a group with an honest interval, curves over all thresholds, and watchlist entries.

- FPIR(N, T): non-mated searches with at least one candidate at or above T, over non-mated searches completed. Per
  search, over the whole watchlist: never per comparison. GFPIR has all non-mated attempts below the line.
- FNIR(N, R, T): mated searches whose mate is outside rank R or below T, over mated searches completed; GFNIR counts
  failures to acquire as misses, over all mated attempts; TPIR = 1 - GFNIR.
- FTA: attempts that gave no usable probe, over attempts. FTE: enrolments that failed, over enrolment transactions.

Intervals are clustered by subject with the watchlist held fixed, as the object that is evaluated. Without an error they
count subjects instead of searches; with one subject they are 0 to 1. Names: ISO/IEC 19795-1; ``inference.clusters``.

A curve's thresholds are the edges of the bins, where counts are exact; nothing is interpolated. It stops where one
error is left: below 1 in n a rate cannot be resolved. A handful of entries that resemble many people can make most
false positives; only the best non-mate is known, so without an entry its false positives fall *at most* by its count.

>>> rate = clustered(np.array([0, 0, 0]), np.array([5, 5, 5]))
>>> rate.events, f"{rate.exact.high:.3f} {rate.widest.high:.3f}"
(0, '0.218 0.708')
>>> curve = Curve(("a",), np.array([0.0, 0.5]), np.array([[10, 1]]), np.array([10]), np.array([[0, 2]]), np.array([8]))
>>> curve.fpir.tolist(), curve.fnir.tolist()
([[1.0, 0.1]], [[0.0, 0.25]])
>>> concentration(np.array([0, 6, 2, 0, 1, 1]))
Concentration(entries=6, causing=4, false_positives=10, half=1, largest=6)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from countersign.inference.checks import CountOutOfRange, number, wholes
from countersign.inference.clusters import between, proportion, widened
from countersign.inference.rate import Clustered, Interval, Rate
from countersign.trials.counting.counts import by_group
from countersign.trials.counting.evaluate import Evaluation
from countersign.trials.model import EntryCount
from countersign.trials.scores.subjects import Grouping

Whole = NDArray[np.int64]

#: What each measure is a share of, in words, for reports.
MEASURES: dict[str, tuple[str, str]] = {
    "fpir": ("non-mated searches with a false positive", "non-mated searches"),
    "gfpir": ("non-mated searches with a false positive", "non-mated attempts, failures to acquire included"),
    "fnir": ("mated searches without their mate", "mated searches"),
    "gfnir": ("mated attempts without their mate", "mated attempts, failures to acquire counted as misses"),
    "tpir": ("mated attempts with their mate", "mated attempts, failures to acquire counted as misses"),
    "fta": ("failures to acquire", "attempts"),
    "fte": ("failures to enrol", "enrolment transactions"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One rate of one group. ``rate`` is ``None`` where there was no trial of the kind. ``threshold`` and ``rank`` are
    ``None`` for measures that do not depend on them; ``subjects``: how many stand behind it.
    """

    measure: str
    size: int
    site: str | None
    grouping: str
    group: tuple[str, ...]
    threshold: float | None
    rank: int | None
    rate: Rate | None
    subjects: int


def clustered(events: Whole, trials: Whole, level: float = 0.95, pooled: float = 1.0) -> Rate | None:
    """The rate of ``events`` in ``trials``, both by subject; ``None`` without any trial.

    ``pooled``: design effect between the subjects of all groups. A group's own, from few errors, is often too small by
    luck just when its rate is (measured: intervals meant to hold 95% then held 90 to 93%), so the larger one is used.
    One subject: the clustered interval is 0 to 1. No event, or nothing but events: Clopper-Pearson with each subject
    counted once, as ``facts`` and Fogliato et al. (IJCV 2024) have it. Else the design effect between subjects.
    """
    events, trials = (wholes(each, "a count of a subject") for each in (events, trials))
    if events.shape != trials.shape or events.ndim != 1:
        raise CountOutOfRange(f"counts by subject are lists of one length, got {events.shape} and {trials.shape}")
    used = trials > 0
    total, searches, subjects = int(events.sum()), int(trials.sum()), int(np.count_nonzero(used))
    if searches == 0:
        return None
    rate = proportion(total, searches, level=level)
    if subjects == 1:
        alone = Interval(0.0, 1.0, level, "one subject: nothing can be said of others")
        return replace(rate, clustered=Clustered(alone, 1.0, 1, total))
    spread = between(events[used], trials[used])
    return replace(rate, clustered=widened(spread, rate.exact, at_zero="clusters", pooled=pooled))


def by_subject(
    evaluation: Evaluation, measure: str, size: int, site: str | None, threshold: int | None, rank: int | None
) -> tuple[Whole, Whole]:
    """(events, trials) of a measure by subject; ``threshold`` and ``rank`` are places in the scheme's lists."""
    counts, strata = evaluation.counts, evaluation.strata_of(size, site)
    completed, lost = counts.completed[strata].sum(axis=0), counts.not_acquired[strata].sum(axis=0)
    if measure == "fta":
        return lost.sum(axis=0), (completed + lost).sum(axis=0)
    if measure in ("fpir", "gfpir"):
        wrong = counts.false_positives[strata, threshold].sum(axis=0)
        return wrong, completed[0] if measure == "fpir" else completed[0] + lost[0]
    assert rank is not None
    hits = counts.hits[rank, strata, threshold].sum(axis=0)
    if measure == "fnir":
        return completed[1] - hits, completed[1]
    attempts = completed[1] + lost[1]
    return (hits if measure == "tpir" else attempts - hits), attempts


def figures(evaluation: Evaluation) -> Iterator[Figure]:
    """Every figure asked for: by size, site, grouping and group; threshold and rank where the measure has them."""
    question, scheme = evaluation.question, evaluation.scheme
    sites: list[str | None] = [None, *(scheme.sites if question.site_column else ())]
    for size in scheme.sizes:
        for site in sites:
            for grouping in evaluation.groupings:
                yield from _of(evaluation, size, site, grouping)


def _of(evaluation: Evaluation, size: int, site: str | None, grouping: Grouping) -> Iterator[Figure]:
    scheme, level = evaluation.scheme, evaluation.question.level
    wanted: list[tuple[str, int | None, int | None]] = [("fta", None, None)]
    for place in range(len(scheme.thresholds)):
        wanted += [(name, place, None) for name in ("fpir", "gfpir")]
        wanted += [(name, place, at) for at in range(len(scheme.ranks)) for name in ("fnir", "gfnir", "tpir")]
    for measure, threshold, rank in wanted:
        if measure == "fta" and "acquired" not in evaluation.task.columns:
            continue  # not recorded: said once in the report, never shown as zero
        events, trials = by_subject(evaluation, measure, size, site, threshold, rank)
        used = (trials > 0) & (grouping.codes >= 0)
        mixed = np.count_nonzero(used) > 1 and 0 < events[used].sum() < trials[used].sum()
        pooled = between(events[used], trials[used]).design_effect if mixed else 1.0
        for group, label in enumerate(grouping.labels):
            members = grouping.codes == group
            rate = clustered(events[members], trials[members], level, pooled)
            at = None if threshold is None else scheme.thresholds[threshold]
            within = None if rank is None else scheme.ranks[rank]
            subjects = int(np.count_nonzero(trials[members]))
            yield Figure(measure, size, site, grouping.name, label, at, within, rate, subjects)
    if evaluation.enrolment is not None and site is None:
        transactions = evaluation.enrolment.transactions(evaluation.subjects, grouping, size)
        for group, label in enumerate(grouping.labels):
            members = grouping.codes == group
            rate = clustered(transactions[members, 1], transactions[members, 0], level)
            subjects = int((transactions[members, 0] > 0).sum())
            yield Figure("fte", size, None, grouping.name, label, None, None, rate, subjects)


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
    steps = []
    for place in range(len(grouping.labels)):
        mine = here & (group == place)
        score = counts.tail.score[mine]
        cell = counts.tail.stratum[mine] * np.int64(scheme.groups) + scheme.group_of[counts.tail.subject[mine]]
        for part in np.unique(cell):
            of_part = score[cell == part]
            if len(of_part) >= scheme.tail:  # ties at the cut may have been left out: exact strictly above it
                keep = score > of_part.min()
                score, cell = score[keep], cell[keep]
        scores, times = np.unique(score, return_counts=True)
        label = grouping.label(place)
        steps.append(Steps(label, scores[::-1], np.cumsum(times[::-1]), int(nonmated[place])))
    return tuple(steps)


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


@dataclass(frozen=True, slots=True)
class Concentration:
    """``causing`` of ``entries`` gave all ``false_positives``; ``half`` of them gave half; ``largest``: one's count."""

    entries: int
    causing: int
    false_positives: int
    half: int
    largest: int


def concentration(by_entry: NDArray[np.int64]) -> Concentration:
    """How false positives spread over the entries of a watchlist. Raises ``CountOutOfRange``."""
    counts = wholes(by_entry, "the false positives of an entry")
    if counts.ndim != 1:
        raise CountOutOfRange(f"false positives are a list, a place an entry, got shape {counts.shape}")
    number(float(counts.sum()), "all false positives")
    falling = np.sort(counts)[::-1]
    total = int(falling.sum())
    half = int(np.searchsorted(np.cumsum(falling), total / 2) + 1) if total else 0
    return Concentration(len(falling), int((falling > 0).sum()), total, half, int(falling[0]) if len(falling) else 0)


def causing(evaluation: Evaluation, size: int, threshold: int, grouping: Grouping, most: int = 10) -> list[EntryCount]:
    """The entries with the most false positives at a threshold (its place in the scheme), at most ``most`` of them."""
    enrolment = evaluation.enrolment
    if enrolment is None or not evaluation.scheme.references:
        return []
    counts = evaluation.counts.entries[evaluation.strata_of(size), threshold].sum(axis=0)
    subject_of = np.full(len(enrolment.references), -1, np.int32)
    subject_of[enrolment.reference] = evaluation.subjects.places(enrolment.subject_ids)
    entries = []
    for place in np.lexsort((np.arange(len(counts)), -counts))[:most]:
        if counts[place] == 0:
            break
        subject = subject_of[place]
        group = grouping.codes[subject] if subject >= 0 else -1
        label = grouping.label(int(group)) if group >= 0 else "not known"
        entries.append(EntryCount(str(enrolment.references[int(place)].as_py()), label, int(counts[place])))
    return entries
