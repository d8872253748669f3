"""Trials whose truth is known: intervals hold it as often as they say, and a planted difference shows as planned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from countersign.inference.design import alerts_for_ratio
from countersign.made_up.trials import Design, Group, simulate, truth
from countersign.trials.counting.evaluate import Question, evaluate
from countersign.trials.metrics.differentials import differentials
from countersign.trials.metrics.rates import figures
from countersign.trials.metrics.threshold import by_group_scores, holding, one_search_each
from countersign.trials.scores.source import in_memory
from countersign.trials.scores.subjects import from_table

QUIET = Design((Group("a", 300), Group("b", 300, nonmate_ratio=2.0, not_acquired=0.1)), passes=12, alike=0.6)


@pytest.mark.parametrize("law", ["beta", "gumbel"])
def test_truth_is_what_a_large_simulation_gives(law: str) -> None:
    design = Design((Group("a", 20_000, 1.0, -0.3, 0.1),), passes=2, alike=0.0, law=law, seed=1)  # type: ignore[arg-type]
    true = truth(design, 0.6)["a"]
    frame = simulate(design).searches.to_pandas()
    found = frame[frame.acquired]
    non, mated = found[~found.mated], found[found.mated]
    hits = (mated.mate_score >= 0.6) & (mated.mate_rank == 1)
    for share, expected, size in (
        ((non.best_nonmate_score >= 0.6).mean(), true.fpir, len(non)),
        (1 - hits.mean(), true.fnir, len(mated)),
        (1 - hits.sum() / frame.mated.sum(), true.gfnir, int(frame.mated.sum())),
        (1 - frame.acquired.mean(), true.fta, len(frame)),
    ):
        assert abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / size)


def covered(design: Design, runs: int, thresholds: tuple[float, ...]) -> dict[tuple[str, float], tuple[int, int, int]]:
    """(measure, threshold): how often the clustered and the exact interval held the truth, and how often it could."""
    true = {threshold: truth(design, threshold) for threshold in thresholds}
    held: dict[tuple[str, float], tuple[int, int, int]] = {}
    for seed in range(runs):
        trial = simulate(replace(design, seed=seed))
        people = from_table(trial.subjects, ("group",), ())
        found = evaluate(in_memory(trial.searches), people, Question(by=(("group",),), thresholds=thresholds))
        for figure in figures(found):
            if figure.rate is None or not figure.group or figure.measure not in ("fpir", "fnir", "gfnir", "fta"):
                continue
            threshold = figure.threshold if figure.threshold is not None else thresholds[0]
            value = getattr(true[threshold][figure.group[0]], figure.measure)
            clustered, exact, of = held.get((figure.measure, threshold), (0, 0, 0))
            held[figure.measure, threshold] = (
                clustered + (value in figure.rate.widest), exact + (value in figure.rate.exact), of + 1,
            )  # fmt: skip
    return held


@pytest.mark.slow
def test_intervals_hold_the_truth_at_the_stated_rate() -> None:
    held = covered(QUIET, 300, (0.55, 0.6))
    for (measure, threshold), (clustered, _, of) in held.items():
        # within two points of what is stated, and three standard errors of the simulation
        least = 0.93 - 3 * np.sqrt(0.95 * 0.05 / of)
        assert clustered / of >= least, f"{measure} at {threshold}: {clustered} of {of}"
    clustered, exact, of = held["fpir", 0.55]
    assert exact < clustered, (
        "the exact interval, which takes passes of one subject as independent, holds it less often"
    )


@pytest.mark.slow
def test_a_planted_three_fold_difference_is_found_about_as_often_as_planned() -> None:
    share = 0.135
    errors = alerts_for_ratio(3.0, share)
    design = Design((Group("minor", 405, nonmate_ratio=3.0), Group("rest", 2595)), passes=2, mated_share=0.0, alike=0.0)
    fpir = truth(design, 0.6)["rest"].fpir
    expected = fpir * (405 * 2 * 3 + 2595 * 2)
    design = replace(design, passes=2 * errors / expected)
    found = 0
    runs = 200
    for seed in range(runs):
        trial = simulate(replace(design, seed=seed))
        people = from_table(trial.subjects, ("group",), ())
        shown = evaluate(in_memory(trial.searches), people, Question(by=(("group",),), thresholds=(0.6,)))
        first = next(each for each in differentials(shown) if each.measure == "fpir")
        contrast = next(each for each in first.contrasts if each.group == "minor")
        found += contrast.p <= 0.05 and (contrast.ratio is None or contrast.ratio > 1)
    # planned: 0.8 given exactly so many errors; their number varies here, which costs a little
    assert 0.66 <= found / runs <= 0.9, f"found in {found} of {runs}"


@pytest.mark.slow
def test_equal_groups_are_not_told_apart_more_often_than_stated() -> None:
    design = Design((Group("a", 150), Group("b", 150), Group("c", 300)), passes=10, mated_share=0.0, alike=0.6)
    wrong = 0
    runs = 200
    for seed in range(runs):
        trial = simulate(replace(design, seed=seed))
        people = from_table(trial.subjects, ("group",), ())
        shown = evaluate(in_memory(trial.searches), people, Question(by=(("group",),), thresholds=(0.55,)))
        first = next(each for each in differentials(shown) if each.measure == "fpir")
        wrong += any(contrast.p_holm <= 0.05 for contrast in first.contrasts)
    assert wrong / runs <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs), f"{wrong} of {runs}"


@pytest.mark.slow
def test_no_threshold_is_returned_that_breaks_the_ceiling_more_often_than_stated() -> None:
    design = Design((Group("a", 1500), Group("b", 1500, nonmate_ratio=3.0)), passes=2, mated_share=0.0, alike=0.8)
    grid = np.linspace(0.5, 0.7, 41)
    true = [max(each.fpir for each in truth(design, float(threshold)).values()) for threshold in grid]
    broken, shown, runs = 0, 0, 200
    for seed in range(runs):
        trial = simulate(replace(design, seed=seed))
        people = from_table(trial.subjects, ("group",), ())
        everyone = np.ones(len(people), bool)
        scores = one_search_each(in_memory(trial.searches), people, everyone, 1000, seed)
        evidence = holding(grid, by_group_scores(scores, people.grouping(("group",))), 0.01)
        broken += any(true[int(np.argmin(abs(grid - each)))] > 0.01 for each in evidence.holds_in_every_group_at)
        shown += bool(evidence.holds_in_every_group_at)
    assert broken / runs <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
    assert shown / runs > 0.9
