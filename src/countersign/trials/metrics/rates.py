"""From counts to rates: FPIR, FNIR, TPIR, FTA and FTE of a group, each with its counts and an honest interval.

- FPIR(N, T): non-mated searches with at least one candidate at or above T, over non-mated searches completed. Per
  search, over the whole watchlist: never per comparison.
- FNIR(N, R, T): mated searches whose mate is outside rank R or below T, over mated searches completed; GFNIR counts
  failures to acquire as misses, over all mated attempts; TPIR = 1 - GFNIR: a camera that got no usable probe raised no
  alert. GFPIR has all non-mated attempts below the line.
- FTA: attempts that gave no usable probe, over attempts. FTE: enrolments that failed, over enrolment transactions.

Searches of one subject are alike, so intervals are clustered by subject, with the watchlist held fixed, as the object
that is evaluated (resampling it would shrink it: the maximum over fewer entries is lower). Where there is no error the
clumping cannot be seen, and the interval counts subjects instead of searches; with one subject it is everything from
0 to 1. Names: ISO/IEC 19795-1; clustering: ``inference.clusters``.

>>> rate = clustered(np.array([0, 0, 0]), np.array([5, 5, 5]))
>>> rate.events, f"{rate.exact.high:.3f} {rate.widest.high:.3f}"
(0, '0.218 0.708')
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from countersign.inference.clusters import between, widened
from countersign.inference.estimate import proportion
from countersign.inference.rate import Clustered, Interval, Rate
from countersign.trials.counting.evaluate import Evaluation
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
    used = trials > 0
    total, searches, subjects = int(events.sum()), int(trials.sum()), int(np.count_nonzero(used))
    if searches == 0:
        return None
    rate = proportion(total, searches, level=level)
    if subjects == 1:
        alone = Interval(0.0, 1.0, level, "one subject: nothing can be said of others")
        return replace(rate, clustered=Clustered(alone, 1.0, 1, total))
    spread = between(events[used], trials[used])
    spread = replace(spread, design_effect=max(spread.design_effect, pooled))
    return replace(rate, clustered=widened(spread, rate.exact, at_zero="clusters"))


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
            continue  # not recorded: said once in the report, never shown as nought
        events, trials = by_subject(evaluation, measure, size, site, threshold, rank)
        used = (trials > 0) & (grouping.codes >= 0)
        mixed = np.count_nonzero(used) > 1 and 0 < events[used].sum() < trials[used].sum()
        pooled = between(events[used], trials[used]).design_effect if mixed else 1.0
        for group, label in enumerate(grouping.labels):
            members = grouping.codes == group
            rate = clustered(events[members], trials[members], level, pooled)
            yield Figure(
                measure, size, site, grouping.name, label,
                None if threshold is None else scheme.thresholds[threshold],
                None if rank is None else scheme.ranks[rank],
                rate, int(np.count_nonzero(trials[members])),
            )  # fmt: skip
    if evaluation.enrolment is not None and site is None:
        transactions = evaluation.enrolment.transactions(evaluation.subjects, grouping, size)
        for group, label in enumerate(grouping.labels):
            members = grouping.codes == group
            rate = clustered(transactions[members, 1], transactions[members, 0], level)
            yield Figure(
                "fte", size, None, grouping.name, label, None, None, rate, int((transactions[members, 0] > 0).sum())
            )
