"""The results of a trial: every figure, difference, answer and model that was asked for, from what was counted.

Where the evaluator stated something it is reported as stated; where not, as not stated. A ceiling is answered where, in
every group, the interval lies on one side of it; a difference, where one was found after correction for the number of
groups, or where every group's interval leaves out the ratio asked about. Anything between is *not answered*, and the
reason says what the data could have shown. Questions that no score answers need evidence from outside.

>>> Stated().trial_unit
'one row of the search table: one pass of one subject'
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from countersign.trials.counting.evaluate import Evaluation
from countersign.trials.metrics.comparisons import MakeUpWrong, PairTally, expected_of
from countersign.trials.metrics.differentials import Differential, differentials
from countersign.trials.metrics.rates import Figure, figures
from countersign.trials.model import AnswerGiven, ExpectedFpir, FileRead, Selectivity, ThresholdEvidence
from countersign.trials.plan import Plan, ResearchQuestion
from countersign.trials.report.sentences import ratio_words, share_words
from countersign.trials.scores.enrolment import Reduced


def answers(
    plan: Plan,
    figures: list[Figure],
    differentials: list[Differential],
    given: Mapping[str, tuple[str, tuple[str, ...]]],
) -> list[AnswerGiven]:
    """Every question of the plan, in its order, answered or said not to have been."""
    given_answers = []
    for question in plan.questions:
        if question.asks == "other":
            text, evidence = given.get(question.id, ("", ()))
            said = text or f"not answered: no evidence was given ({question.needs})"
            given_answers.append(_answer(question, bool(text), said, evidence))
        elif question.asks == "difference":
            given_answers.append(_difference(question, differentials))
        else:
            given_answers.append(_rates(question, figures))
    return given_answers


def _answer(question: ResearchQuestion, answered: bool, text: str, evidence: tuple[str, ...] = ()) -> AnswerGiven:
    return AnswerGiven(question.id, question.text, question.technical, answered, text, evidence)


def _rates(question: ResearchQuestion, figures: list[Figure]) -> AnswerGiven:
    mine = [
        figure
        for figure in figures
        if figure.measure == question.measure
        and figure.site is None
        and figure.grouping == ("*".join(question.by) or "all")
        and (question.threshold is None or figure.threshold == question.threshold)
        and (question.size is None or figure.size == question.size)
    ]
    shown = [(", ".join(figure.group) or "all", figure.rate) for figure in mine if figure.rate is not None]
    if not shown or len(shown) < len(mine):
        without = [", ".join(figure.group) or "all" for figure in mine if figure.rate is None]
        why = f"no search of the kind in {', '.join(without)}" if without else "this was not counted"
        return _answer(question, False, f"not answered: {why}")
    lines = [f"{name}: {share_words(rate)}" for name, rate in shown]
    if question.ceiling is None:
        return _answer(question, True, "; ".join(lines))
    over = [name for name, rate in shown if rate.widest.low > question.ceiling]
    open_ = [name for name, rate in shown if rate.widest.low <= question.ceiling < rate.widest.high]
    if over:
        names = ", ".join(over)
        return _answer(question, True, f"above {question.ceiling:g} in {names}; " + "; ".join(lines))
    if open_:
        names = ", ".join(open_)
        why = f"not answered: {question.ceiling:g} lies within the interval of {names}"
        return _answer(question, False, f"{why}; " + "; ".join(lines))
    return _answer(question, True, f"at or under {question.ceiling:g} in every group; " + "; ".join(lines))


def _difference(question: ResearchQuestion, differentials: list[Differential]) -> AnswerGiven:
    mine = [
        each
        for each in differentials
        if each.measure == question.measure
        and each.grouping == "*".join(question.by)
        and each.threshold == question.threshold
        and (question.size is None or each.size == question.size)
    ]
    if not mine or question.ratio is None:
        return _answer(
            question, False, "not answered: this was not counted, or fewer than two groups could be compared"
        )
    lines, different, left = [], [], []
    for differential in mine:
        for contrast in differential.contrasts:
            lines.append(
                f"{contrast.group}: {contrast.events} in {contrast.trials:,} against {contrast.rest_events} in "
                f"{contrast.rest_trials:,}, ratio {ratio_words(contrast.ratio, contrast.widest)}"
            )
            if contrast.p_holm <= 0.05:
                different.append(contrast.group)
            elif not (contrast.widest.low > 1 / question.ratio and contrast.widest.high < question.ratio):
                seen = contrast.detectable
                fold = "no ratio" if seen is None or seen >= 1e6 else f"{seen:.1f}-fold"
                left.append(f"{contrast.group} (could have shown {fold})")
    text = "; ".join(lines)
    if different:
        return _answer(question, True, f"rates differ for {', '.join(dict.fromkeys(different))}; {text}")
    if left:
        why = f"not answered: no difference shown, and {question.ratio:g}-fold not excluded for {', '.join(left)}"
        return _answer(question, False, f"{why}; {text}")
    return _answer(question, True, f"a ratio of {question.ratio:g} or more is excluded for every group; {text}")


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
    files: tuple[FileRead, ...] = ()
    as_of: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """All that a report is built from: ``figures`` and ``differentials`` always, the rest where it was asked for."""

    stated: Stated
    evaluation: Evaluation
    figures: tuple[Figure, ...]
    differentials: tuple[Differential, ...]
    comparisons: PairTally | None = None
    expected: tuple[ExpectedFpir, ...] = ()
    selectivity: tuple[Selectivity, ...] = ()
    plan: Plan | None = None
    answers: tuple[AnswerGiven, ...] = ()
    evidence: ThresholdEvidence | None = None


def results_of(
    evaluation: Evaluation,
    stated: Stated,
    *,
    comparisons: PairTally | None = None,
    make_ups: tuple[str, ...] = (),
    reduced: Reduced | None = None,
    plan: Plan | None = None,
    given: Mapping[str, tuple[str, tuple[str, ...]]] | None = None,
    evidence: ThresholdEvidence | None = None,
) -> Results:
    """The results. ``make_ups``: watchlists to model, "group=entries,group=entries"; they need comparison scores.
    Raises ``MakeUpWrong``.
    """
    shown, differences = list(figures(evaluation)), list(differentials(evaluation))
    expected: list[ExpectedFpir] = []
    for text in make_ups:
        if comparisons is None:
            raise MakeUpWrong("a watchlist make-up can only be modelled from comparison scores, and none were given")
        expected += expected_of(comparisons, text, evaluation.question.level)
    counted = (tuple(shown), tuple(differences), comparisons, tuple(expected))
    selectivity = () if reduced is None else _selectivity(evaluation, reduced)
    answered = () if plan is None else tuple(answers(plan, shown, differences, given or {}))
    return Results(stated, evaluation, *counted, selectivity, plan, answered, evidence)


def _selectivity(evaluation: Evaluation, reduced: Reduced) -> tuple[Selectivity, ...]:
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
                    candidates, count = int(selected[here].sum()), int(here.sum())
                    quotient = candidates / count or None if count else None
                    rows.append(Selectivity(size, threshold, grouping.label(group), candidates, count, quotient))
    return tuple(rows)
