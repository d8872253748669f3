"""Putting a report together: every figure, comparison, answer and model that was asked for, from what was counted.

>>> make_up_of("a=300,b=200", Grouping(("g",), (("a",), ("b",)), np.zeros(0, np.int32)))
(300, 200)
>>> make_up_of("a, f=300", Grouping(("g", "sex"), (("a", "f"),), np.zeros(0, np.int32)))
(300,)
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from countersign.trials.counting.evaluate import Evaluation
from countersign.trials.metrics.comparisons import PairTally
from countersign.trials.metrics.composition import MakeUp, MakeUpWrong, expected_fpir
from countersign.trials.metrics.differentials import differentials
from countersign.trials.metrics.rates import figures
from countersign.trials.metrics.threshold import Evidence
from countersign.trials.plan import Plan
from countersign.trials.report.answers import answers
from countersign.trials.report.record import Told
from countersign.trials.report.report import Report
from countersign.trials.scores.enrolment import Reduced
from countersign.trials.scores.subjects import Grouping

#: One "group=entries" of a make-up; the name of a crossed group holds commas itself ("Asian, female").
PART = re.compile(r"\s*([^=]*?)\s*=\s*([^,=]*?)\s*(?:,|$)")


def report_on(
    evaluation: Evaluation,
    told: Told,
    *,
    comparisons: PairTally | None = None,
    make_ups: tuple[str, ...] = (),
    reduced: Reduced | None = None,
    plan: Plan | None = None,
    given: Mapping[str, tuple[str, tuple[str, ...]]] | None = None,
    evidence: Evidence | None = None,
) -> Report:
    """The report. ``make_ups``: watchlists to model, "group=entries,group=entries"; they need comparison scores.

    Raises ``MakeUpWrong``.
    """
    shown, differences = list(figures(evaluation)), list(differentials(evaluation))
    expected: list[MakeUp] = []
    for text in make_ups:
        if comparisons is None:
            raise MakeUpWrong("a watchlist make-up can only be modelled from comparison scores, and none were given")
        expected += expected_of(comparisons, text, evaluation.question.level)
    return Report(
        told, evaluation, tuple(shown), tuple(differences), comparisons, tuple(expected),
        () if reduced is None else _selectivity(evaluation, reduced), plan,
        () if plan is None else tuple(answers(plan, shown, differences, given or {})), evidence,
    )  # fmt: skip


def make_up_of(text: str, grouping: Grouping) -> tuple[int, ...]:
    """Entries of each group, from "group=entries,group=entries"; groups not named have none. Raises ``MakeUpWrong``."""
    named = {}
    if (left := PART.sub("", text).strip()) or not text.strip():
        raise MakeUpWrong(f"{left!r} is not of the form group=entries")
    for name, number in PART.findall(text):
        if not name or not number.isdecimal():
            raise MakeUpWrong(f"{name!r} with {number!r} entries is not of the form group=entries")
        named[name] = int(number)
    labels = [grouping.label(group) for group in range(len(grouping.labels))]
    if unknown := sorted(set(named) - set(labels)):
        raise MakeUpWrong(f"no group {', '.join(unknown)} among those compared; there are: {', '.join(labels)}")
    return tuple(named.get(label, 0) for label in labels)


def expected_of(tally: PairTally, text: str, level: float) -> list[MakeUp]:
    """What FPIR to expect of a make-up, at each threshold counted. Raises ``MakeUpWrong``."""
    counts, task = tally.counts, tally.counts.task
    entries = make_up_of(text, task.grouping)
    labels = [task.grouping.label(group) for group in range(len(entries))]
    found = []
    for place, threshold in enumerate(task.thresholds):

        def interval(g: int, h: int, each: float, place: int = place) -> tuple[float, float]:
            rate = counts.false_match(place, g, h, each)
            assert rate is not None
            return rate.widest.low, rate.widest.high

        by_group = expected_fpir(*counts.matches_by_pair(place), np.array(entries), level, interval)
        found.append(MakeUp(threshold, tuple(zip(labels, entries, strict=True)), tuple(by_group)))
    return found


def _selectivity(evaluation: Evaluation, reduced: Reduced) -> tuple[tuple[int, float, str, int, int], ...]:
    """(N, threshold, group, non-mate candidates there or above, non-mated searches): SEL is their quotient."""
    searches, scheme = reduced.searches, evaluation.scheme
    subject = evaluation.subjects.places(searches["subject_id"].combine_chunks())
    nonmated = ~np.asarray(searches["mated"].combine_chunks().fill_null(True).to_numpy(zero_copy_only=False), bool)
    if "acquired" in searches.column_names:
        acquired = searches["acquired"].combine_chunks().fill_null(False).to_numpy(zero_copy_only=False)
        nonmated &= np.asarray(acquired, bool)
    sizes = np.zeros(searches.num_rows, np.int64)
    if "N" in searches.column_names:
        sizes = np.asarray(searches["N"].combine_chunks().fill_null(0).to_numpy(zero_copy_only=False))
    found = []
    for size in scheme.sizes:
        for threshold in scheme.thresholds:
            selected = reduced.selected(threshold, scheme.operator)
            for grouping in evaluation.groupings:
                for group in range(len(grouping.labels)):
                    here = nonmated & (sizes == size) & (subject >= 0)
                    here &= grouping.codes[subject] == group
                    label = grouping.label(group)
                    found.append((size, threshold, label, int(selected[here].sum()), int(here.sum())))
    return tuple(found)
