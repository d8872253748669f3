"""The laws of made-up scores against closed forms: published points, the binomial, and N times FMR."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import binomtest, kstest

from countersign.made_up.scenario import Law

#: NPL 2023 for the Metropolitan Police: at 0.60, one false alert in 6,000 faces on a list of 10,000; 89% found.
NPL = Law.published(point=0.60, false_positive=1 / 6000, list_size=10_000, tenfold=0.05)


def test_the_published_point_comes_back_and_scales_with_the_list() -> None:
    assert NPL.any_reaches(0.60, 10_000) == pytest.approx(1 / 6000, rel=1e-12)
    # NPL's own second figure: 1 in 60,000 at a list of 1,000.
    assert NPL.any_reaches(0.60, 1_000) == pytest.approx(1 / 60_000, rel=1e-3)
    assert ndtr((NPL.own_mean(0.89) - 0.60) / NPL.spread) == pytest.approx(0.89, abs=1e-12)


@pytest.mark.parametrize("entries", [1, 500, 10_000, 200_000])
@pytest.mark.parametrize("ratio", [0.5, 1.0, 8.0])
def test_the_best_of_n_is_about_n_times_fmr_and_never_above(entries: int, ratio: float) -> None:
    sum_of_chances = entries * NPL.false_match(0.64, ratio)
    chance = NPL.any_reaches(0.64, entries, ratio)
    assert sum_of_chances * (1 - sum_of_chances / 2) <= chance <= sum_of_chances * (1 + 1e-12)
    assert chance == pytest.approx(1 - (1 - NPL.false_match(0.64, ratio)) ** entries, rel=1e-6)


@pytest.mark.parametrize(("entries", "ratio"), [(10_000, 1.0), (10_000, 8.0), (1_000, 30.0)])
def test_drawn_scores_reach_the_threshold_as_often_as_the_binomial_says(entries: int, ratio: float) -> None:
    drawn = NPL.best_of(np.random.default_rng(6), 1_000_000, entries, ratio)
    reached = int((drawn >= 0.60).sum())
    assert binomtest(reached, len(drawn), NPL.any_reaches(0.60, entries, ratio)).pvalue > 1e-4


def test_the_whole_distribution_of_the_best_is_the_nth_power() -> None:
    drawn = NPL.best_of(np.random.default_rng(7), 20_000, 300)

    # Under the law, F^300 of the draws is uniform.
    powers = [(1 - NPL.false_match(float(score))) ** 300 for score in drawn]
    assert kstest(powers, "uniform").pvalue > 1e-3


def test_own_scores_are_found_as_often_as_published() -> None:
    drawn = NPL.own(np.random.default_rng(8), 200_000, 0.89)
    assert binomtest(int((drawn >= 0.60).sum()), len(drawn), 0.89).pvalue > 1e-4


def test_an_empty_list_matches_nobody() -> None:
    assert NPL.any_reaches(0.0, 0) == 0.0
    assert set(NPL.best_of(np.random.default_rng(0), 5, 0)) == {-math.inf}


def test_far_below_the_point_everything_matches() -> None:
    assert NPL.false_match(0.0) == 1.0
    assert NPL.any_reaches(0.0, 3) == 1.0
