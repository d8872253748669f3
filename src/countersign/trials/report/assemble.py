"""The results of a trial: every figure, difference, answer and model that was asked for, from what was counted.

Where the evaluator stated something it is reported as stated; where not, as not stated.

>>> Stated().trial_unit
'one row of the search table: one pass of one subject'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from countersign.trials.counting.evaluate import Evaluation
from countersign.trials.metrics.comparisons import PairTally
from countersign.trials.metrics.composition import MakeUp, MakeUpWrong, expected_of
from countersign.trials.metrics.differentials import Differential, differentials
from countersign.trials.metrics.rates import Figure, figures
from countersign.trials.metrics.threshold import Evidence
from countersign.trials.plan import Plan
from countersign.trials.report.answers import Answer, answers
from countersign.trials.scores.enrolment import Reduced
from countersign.trials.scores.source import InputFile


@dataclass(frozen=True, slots=True)
class Stated:
    """What only the evaluator can say about a trial; empty where not told, and reported as not told."""

    title: str = "Accuracy trial"
    engine: str = ""
    engine_version: str = ""
    trial_unit: str = "one row of the search table: one pass of one subject"
    threshold_origin: str = ""
    list_length: int | None = None
    by_origin: str = ""
    files: tuple[InputFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """All that a report is built from: ``figures`` and ``differentials`` always, the rest where it was asked for."""

    stated: Stated
    evaluation: Evaluation
    figures: tuple[Figure, ...]
    differentials: tuple[Differential, ...]
    comparisons: PairTally | None = None
    expected: tuple[MakeUp, ...] = ()
    selectivity: tuple[tuple[int, float, str, int, int], ...] = ()
    plan: Plan | None = None
    answers: tuple[Answer, ...] = ()
    evidence: Evidence | None = None


def results_of(
    evaluation: Evaluation,
    stated: Stated,
    *,
    comparisons: PairTally | None = None,
    make_ups: tuple[str, ...] = (),
    reduced: Reduced | None = None,
    plan: Plan | None = None,
    given: Mapping[str, tuple[str, tuple[str, ...]]] | None = None,
    evidence: Evidence | None = None,
) -> Results:
    """The results. ``make_ups``: watchlists to model, "group=entries,group=entries"; they need comparison scores.

    Raises ``MakeUpWrong``.
    """
    shown, differences = list(figures(evaluation)), list(differentials(evaluation))
    expected: list[MakeUp] = []
    for text in make_ups:
        if comparisons is None:
            raise MakeUpWrong("a watchlist make-up can only be modelled from comparison scores, and none were given")
        expected += expected_of(comparisons, text, evaluation.question.level)
    return Results(
        stated,
        evaluation,
        tuple(shown),
        tuple(differences),
        comparisons,
        tuple(expected),
        () if reduced is None else _selectivity(evaluation, reduced),
        plan,
        () if plan is None else tuple(answers(plan, shown, differences, given or {})),
        evidence,
    )


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
    rows = []
    for size in scheme.sizes:
        for threshold in scheme.thresholds:
            selected = reduced.selected(threshold, scheme.operator)
            for grouping in evaluation.groupings:
                for group in range(len(grouping.labels)):
                    here = nonmated & (sizes == size) & (subject >= 0)
                    here &= grouping.codes[subject] == group
                    label = grouping.label(group)
                    rows.append((size, threshold, label, int(selected[here].sum()), int(here.sum())))
    return tuple(rows)
