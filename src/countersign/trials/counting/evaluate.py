"""Evaluate a trial: from what is asked to counts, in as few passes over the search table as the question allows.

One pass where the thresholds are given. Two where a threshold is to be found for a stated FPIR: the first keeps the
highest scores, of which the k-th largest is the exact threshold; the second counts everything there. A threshold found
on the rows that are then reported makes FPIR look lower than it is, and the report says so: ``threshold`` splits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from countersign.errors import WrongForm
from countersign.progress import Progress, silent
from countersign.trials.counting.batch import Tally, Task
from countersign.trials.counting.counts import TAIL, Counts, Scheme, ThresholdOutOfRange
from countersign.trials.counting.passes import count
from countersign.trials.scores.enrolment import Enrolment
from countersign.trials.scores.source import Source
from countersign.trials.scores.subjects import Grouping, Subjects
from countersign.trials.scores.survey import key_columns, repeated_searches, survey
from countersign.trials.scores.tables import SEARCH, ColumnMissing, Operator


class QuestionWrong(
    WrongForm,
    code="trial-question-wrong",
    next_step="Ask for at least one threshold or one FPIR, ranks from 1 up, and sizes that the table has.",
):
    """What is asked of the trial cannot be answered as asked."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. ``by``: attributes, or crossings of them, to report by. ``sizes``: empty for all that occur.
    ``thresholds`` were fixed elsewhere; ``at_fpir`` asks for the threshold of a stated FPIR on these rows. ``floor``:
    exact scores are kept from here up (``None``: from the lowest threshold up). Raises ``QuestionWrong``.
    """

    by: tuple[tuple[str, ...], ...] = ()
    thresholds: tuple[float, ...] = ()
    at_fpir: tuple[float, ...] = ()
    sizes: tuple[int, ...] = ()
    ranks: tuple[int, ...] = (1,)
    operator: Operator = ">="
    site_column: str | None = None
    floor: float | None = None
    level: float = 0.95
    score_range: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if not self.thresholds and not self.at_fpir:
            raise QuestionWrong("neither a threshold nor an FPIR is asked for")
        if any(not 0 < fpir < 1 for fpir in self.at_fpir):
            raise QuestionWrong("an FPIR asked for lies between 0 and 1")
        if not self.ranks or min(self.ranks) < 1:
            raise QuestionWrong("ranks count from 1")
        if not 0.5 <= self.level < 1:
            raise QuestionWrong(f"a confidence level lies between 0.5 and 1, got {self.level}")
        if any(not math.isfinite(threshold) for threshold in self.thresholds):
            raise ThresholdOutOfRange("a threshold is not a finite number")

    @property
    def attributes(self) -> tuple[str, ...]:
        """Every attribute asked for, once, in the order asked."""
        return tuple(dict.fromkeys(name for names in self.by for name in names))


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A trial, counted: the question, the subjects, who was enrolled, the counts, and what was set aside.

    ``base`` is the crossing of every attribute asked for, ``groupings`` what is reported by (all together first).
    ``chosen``: (watchlist size, FPIR asked for, threshold found on these rows). ``search_key``: the columns by which
    searches that stand in the table twice were looked for; empty where it has no ``search_id``.
    """

    question: Question
    subjects: Subjects
    base: Grouping
    groupings: tuple[Grouping, ...]
    task: Task
    tally: Tally
    enrolment: Enrolment | None
    chosen: tuple[tuple[int, float, float], ...]
    search_key: tuple[str, ...]

    @property
    def counts(self) -> Counts:
        """The counts."""
        return self.tally.counts

    @property
    def scheme(self) -> Scheme:
        """The scheme they were counted under."""
        return self.task.scheme

    def strata_of(self, size: int, site: str | None = None) -> list[int]:
        """The strata of a watchlist size: all sites together, or one."""
        sites = self.scheme.sites
        first = self.scheme.sizes.index(size) * len(sites)
        return list(range(first, first + len(sites))) if site is None else [first + sites.index(site)]

    def marginal(self, by_base: NDArray[np.int64], grouping: Grouping) -> NDArray[np.int64]:
        """Counts by base group, [..., base groups, bins], summed into the groups of a grouping."""
        place = [self.base.attributes.index(name) for name in grouping.attributes]
        index = {label: number for number, label in enumerate(grouping.labels)}
        out = np.zeros((*by_base.shape[:-2], len(grouping.labels), by_base.shape[-1]), np.int64)
        for number, label in enumerate(self.base.labels):
            target = index.get(tuple(label[i] for i in place))
            if target is not None:
                out[..., target, :] += by_base[..., number, :]
        return out


def evaluate(
    source: Source,
    subjects: Subjects,
    question: Question,
    executor: Executor | None = None,
    *,
    enrolment: Enrolment | None = None,
    only: NDArray[np.bool_] | None = None,
    set_aside: bool = False,
    folder: Path | None = None,
    progress: Progress = silent,
) -> Evaluation:
    """Count a search table. ``executor``: any of ``concurrent.futures``, or a Dask client's; threads by default.

    ``only``: subjects to report on (the other half of a split). ``set_aside``: count faulty rows apart instead of
    refusing. ``folder`` keeps finished pieces. The answer depends on the rows alone, never on the executor or on how
    the rows were cut up.

    Raises ``ColumnMissing``, ``ColumnWrong``, ``TableUnreadable``, ``TableEmpty``, ``RowsFaulty``,
    ``ThresholdOutOfRange``, ``GroupsOutnumberSubjects``, ``QuestionWrong``, ``WorkerLost``.
    """
    source.need(SEARCH)
    if max(question.ranks) > 1 and not source.has("mate_rank"):
        raise ColumnMissing(f"{source.names[0]}: no column mate_rank, which ranks above 1 need")
    groupings = (subjects.crossing(()), *(subjects.grouping(names) for names in question.by))
    base = subjects.crossing(question.attributes)
    task = _task(source, subjects, question, base, executor, enrolment=enrolment, only=only)
    scheme = task.scheme

    def counted(what: Task) -> Tally:
        tally: Tally = count(source, what, executor, folder=folder, progress=progress)
        if not set_aside:
            tally.faults.refuse()
        return tally

    chosen: tuple[tuple[int, float, float], ...] = ()
    if question.at_fpir:
        most = max(TAIL, math.floor(max(question.at_fpir) * source.rows) + 1)
        first = counted(replace(task, scheme=replace(scheme, thresholds=(), tail=most)))
        chosen = tuple(
            (size, fpir, threshold_at(first.counts, size, fpir)) for size in scheme.sizes for fpir in question.at_fpir
        )
        thresholds = tuple(sorted({*scheme.thresholds, *(threshold for _, _, threshold in chosen)}))
        low, high = _reaching(scheme.low, scheme.high, thresholds)
        scheme = replace(scheme, thresholds=thresholds, low=low, high=high)
    floor = min(scheme.thresholds) if question.floor is None else min(question.floor, *scheme.thresholds)
    task = replace(task, scheme=replace(scheme, floor=floor))
    key = key_columns(source, question.site_column)
    return Evaluation(question, subjects, base, groupings, task, counted(task), enrolment, chosen, key)


def _task(
    source: Source,
    subjects: Subjects,
    question: Question,
    base: Grouping,
    executor: Executor | None,
    *,
    enrolment: Enrolment | None,
    only: NDArray[np.bool_] | None,
) -> Task:
    """What is to be counted: the scheme, from the question and a survey of the table, and the columns it needs."""
    surveyed = survey(source, question.site_column, executor)
    low, high = question.score_range or (surveyed.low, surveyed.high)
    low, high = _reaching(low, high, question.thresholds)
    sizes = question.sizes or surveyed.sizes
    if unknown := sorted(set(sizes) - set(surveyed.sizes)):
        raise QuestionWrong(
            f"{source.names[0]}: no search against a watchlist of {', '.join(map(str, unknown))}; "
            f"there are: {', '.join(map(str, surveyed.sizes))}"
        )
    listed = enrolment if source.has("best_nonmate_reference") else None
    scheme = Scheme(
        groups=len(base.labels),
        subjects=len(subjects),
        group_of=base.codes,
        thresholds=tuple(sorted(set(question.thresholds))),
        low=low,
        high=high,
        operator=question.operator,
        sizes=sizes,
        sites=surveyed.sites,
        ranks=question.ranks,
        score_type=surveyed.score_type,
        references=0 if listed is None else len(listed.references),
    )
    repeated = repeated_searches(source, question.site_column, executor)
    needed = Task.needed(source, question.site_column, entries=listed is not None)
    if repeated is not None:
        needed = tuple(dict.fromkeys((*needed, *repeated.column_names)))
    enrolled = None if enrolment is None else enrolment.on_list(subjects, sizes)
    references = None if listed is None else listed.references
    return Task(scheme, subjects, needed, question.site_column, enrolled, references, only, repeated)


def _reaching(low: float, high: float, thresholds: Sequence[float]) -> tuple[float, float]:
    """The range of the bins: that of the scores, stretched to hold the thresholds. One far outside is a mistake."""
    width = high - low
    for threshold in thresholds:
        if not low - width <= threshold <= high + width:
            raise ThresholdOutOfRange(
                f"threshold {threshold:g} lies far outside the scores, which run from {low:g} to {high:g}"
            )
    return min([low, *thresholds]), max([high, *thresholds])


def threshold_at(counts: Counts, size: int, fpir: float) -> float:
    """The lowest threshold with at most ``fpir`` of the non-mated searches having a candidate there or above, exactly.

    From the tail: with n searches and k = floor(fpir n), the smallest kept score above the (k+1)-th largest; where no
    score lies above it, the next number of the score's type. Raises ``QuestionWrong`` where n is too small (k = 0: the
    FPIR asked for is under 1/n and cannot be resolved) or the tail does not reach that deep.
    """
    scheme = counts.scheme
    sites = len(scheme.sites)
    first = scheme.sizes.index(size) * sites
    strata = slice(first, first + sites)
    searches = int(counts.completed[strata, 0].sum())
    allowed = math.floor(Fraction(str(fpir)) * searches)  # a product of floats may fall just short
    if allowed < 1:
        raise QuestionWrong(f"an FPIR of {fpir:g} cannot be resolved by {searches:,} non-mated searches (N = {size})")
    chosen = (counts.tail.stratum >= first) & (counts.tail.stratum < first + sites)
    score = np.sort(counts.tail.score[chosen])[::-1]
    if len(score) <= allowed and np.isfinite(scheme.floor):
        raise QuestionWrong(f"exact scores are kept from {scheme.floor:g} up only, too few for an FPIR of {fpir:g}")
    if not len(score):
        return scheme.high
    # Fewer scores than allowed errors: the other searches returned no candidate, and the lowest score will do.
    above = score[score > score[allowed]] if len(score) > allowed else score
    threshold = above[-1] if len(above) else np.nextafter(score[0], np.asarray(np.inf, score.dtype))
    if scheme.operator == ">":
        threshold = np.nextafter(threshold, np.asarray(-np.inf, score.dtype))
    return float(threshold)
