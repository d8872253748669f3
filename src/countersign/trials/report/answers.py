"""A plan's questions against what was counted: each is answered, with the figures it rests on, or was not answered.

A ceiling is answered where, in every group, the interval lies on one side of it; a difference, where one was found
after correction for the number of groups, or where every group's interval leaves out the ratio asked about. Anything
between is *not answered*, and the reason says what the data could have shown. Questions that no score answers are
answered by evidence from outside, named in a file of answers; without it they were not answered. Nothing is judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from countersign.trials.metrics.differentials import Differential
from countersign.trials.metrics.rates import Figure
from countersign.trials.plan import Plan, ResearchQuestion
from countersign.trials.report.sentences import ratio_words, share_words


@dataclass(frozen=True, slots=True)
class Answer:
    """One question of the plan, whether it was answered, the answer or the reason why not, and its evidence."""

    question: ResearchQuestion
    answered: bool
    text: str
    evidence: tuple[str, ...] = ()


def answers(
    plan: Plan,
    figures: list[Figure],
    differentials: list[Differential],
    given: Mapping[str, tuple[str, tuple[str, ...]]],
) -> list[Answer]:
    """Every question of the plan, in its order, answered or said not to have been."""
    given_answers = []
    for question in plan.questions:
        if question.asks == "other":
            text, evidence = given.get(question.id, ("", ()))
            given_answers.append(
                Answer(
                    question, bool(text), text or f"not answered: no evidence was given ({question.needs})", evidence
                )
            )
        elif question.asks == "difference":
            given_answers.append(_difference(question, differentials))
        else:
            given_answers.append(_rates(question, figures))
    return given_answers


def _rates(question: ResearchQuestion, figures: list[Figure]) -> Answer:
    mine = [
        figure
        for figure in figures
        if figure.measure == question.measure
        and figure.site is None
        and figure.grouping == ("*".join(question.by) or "all")
        and (question.threshold is None or figure.threshold == question.threshold)
        and (question.size is None or figure.size == question.size)
    ]
    shown = [figure for figure in mine if figure.rate is not None]
    if not shown or len(shown) < len(mine):
        without = [", ".join(figure.group) or "all" for figure in mine if figure.rate is None]
        why = f"no search of the kind in {', '.join(without)}" if without else "this was not counted"
        return Answer(question, False, f"not answered: {why}")
    lines = [
        f"{', '.join(figure.group) or 'all'}: {share_words(figure.rate)}" for figure in shown if figure.rate is not None
    ]
    if question.ceiling is None:
        return Answer(question, True, "; ".join(lines))
    over = [figure for figure in shown if figure.rate is not None and figure.rate.widest.low > question.ceiling]
    open_ = [
        figure
        for figure in shown
        if figure.rate is not None and figure.rate.widest.low <= question.ceiling < figure.rate.widest.high
    ]
    if over:
        names = ", ".join(", ".join(figure.group) or "all" for figure in over)
        return Answer(question, True, f"above {question.ceiling:g} in {names}; " + "; ".join(lines))
    if open_:
        names = ", ".join(", ".join(figure.group) or "all" for figure in open_)
        return Answer(
            question,
            False,
            f"not answered: {question.ceiling:g} lies within the interval of {names}; " + "; ".join(lines),
        )
    return Answer(question, True, f"at or under {question.ceiling:g} in every group; " + "; ".join(lines))


def _difference(question: ResearchQuestion, differentials: list[Differential]) -> Answer:
    mine = [
        each
        for each in differentials
        if each.measure == question.measure
        and each.grouping == "*".join(question.by)
        and each.threshold == question.threshold
        and (question.size is None or each.size == question.size)
    ]
    if not mine or question.ratio is None:
        return Answer(question, False, "not answered: this was not counted, or fewer than two groups could be compared")
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
                left.append(
                    contrast.group
                    + (
                        f" (could have shown {contrast.detectable:.1f}-fold)"
                        if contrast.detectable is not None and contrast.detectable < 1e6
                        else " (could have shown no ratio)"
                    )
                )
    text = "; ".join(lines)
    if different:
        return Answer(question, True, f"rates differ for {', '.join(dict.fromkeys(different))}; {text}")
    if left:
        why = f"not answered: no difference shown, and {question.ratio:g}-fold not excluded for {', '.join(left)}"
        return Answer(question, False, f"{why}; {text}")
    return Answer(question, True, f"a ratio of {question.ratio:g} or more is excluded for every group; {text}")
