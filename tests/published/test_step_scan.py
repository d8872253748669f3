"""Ranks within strata, weights, the chance by shuffling, and the interval of a step's date."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from countersign.published.faults.step_scan import (
    Floats,
    Integers,
    date_step,
    on_both_sides,
    partition,
    rank_scores,
    scan,
    weights,
)


def made(seed: int, size: int = 120, places: int = 10, step: float = 0.0) -> tuple[Floats, Integers]:
    generator = np.random.default_rng(seed)
    strata = generator.integers(0, places, size)
    strata[:places] = np.arange(places)
    values = generator.normal(0, 0.3, size) + generator.normal(0, 2, places)[strata]
    return values + step * (np.arange(size) >= size // 2), strata


def test_rank_scores_are_scipy_s_mid_ranks_by_stratum() -> None:
    values, strata = np.round(made(1)[0], 1), made(1)[1]
    scores = rank_scores(values, strata)
    for stratum in np.unique(strata):
        inside = strata == stratum
        size = inside.sum()
        ranks = stats.rankdata(values[inside])
        assert scores[inside] == pytest.approx((ranks - (size + 1) / 2) / np.sqrt(size * (size + 1) / 12))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 4), min_size=2, max_size=40))
def test_weights_and_strata_on_both_sides_by_counting(codes: list[int]) -> None:
    strata = np.unique(np.array(codes), return_inverse=True)[1]
    weight, both = weights(strata), on_both_sides(strata)
    for position in range(len(strata)):
        expected, bridging = 0.0, 0
        for stratum in range(strata.max() + 1):
            before = int((strata[: position + 1] == stratum).sum())
            after = int((strata[position + 1 :] == stratum).sum())
            expected += before * after / (before + after)
            bridging += before > 0 and after > 0
        assert weight[position] == pytest.approx(expected, abs=1e-9)
        assert both[position] == bridging


def test_the_gain_of_one_position_is_the_stratified_rank_test() -> None:
    # With one position and no ties the gain is the square of van Elteren's statistic: chi-squared on one degree.
    values, strata = made(2)
    position = len(values) // 2
    gain = np.cumsum(rank_scores(values, strata))[position] ** 2 / weights(strata)[position]
    total = variance = 0.0
    for stratum in np.unique(strata):
        inside = strata == stratum
        size = inside.sum()
        early = (np.arange(len(values)) <= position) & inside
        scale = np.sqrt(size * (size + 1) / 12)
        ranks = stats.rankdata(values[inside])[early[inside]]
        total += float((ranks - (size + 1) / 2).sum()) / scale
        variance += early.sum() * (size - early.sum()) / size
    assert gain == pytest.approx(total**2 / variance)


def test_a_step_is_found_and_dated() -> None:
    values, strata = made(3, step=0.8)
    found = scan(values, strata, np.arange(10, 110), np.random.default_rng(0))
    assert found is not None
    assert found.chance == 0.001
    assert found.of_several
    assert not found.local
    dated = date_step(values, strata, np.arange(10, 110))
    assert dated is not None
    assert dated.earliest <= 59 <= dated.latest
    assert dated.latest - dated.earliest < 20


def test_chance_is_rarely_small_without_a_step() -> None:
    found = [
        scan(*made(seed, size=60), np.arange(5, 55), np.random.default_rng(seed), chance_at_most=0.1) is not None
        for seed in range(200)
    ]
    # 200 draws at one in ten: 20 expected; 99.9% lie below 35 (binomial).
    assert 6 <= sum(found) <= 34


def test_fewer_independent_values_make_the_interval_wider() -> None:
    values, strata = made(3, step=0.5)
    positions = np.arange(10, 110)
    narrow, wide = date_step(values, strata, positions), date_step(values, strata, positions, 30)
    assert narrow is not None
    assert wide is not None
    assert wide.earliest <= narrow.earliest <= narrow.latest <= wide.latest


def test_what_cannot_be_weighed_gives_nothing() -> None:
    generator = np.random.default_rng(0)
    apart = np.arange(30)
    assert scan(np.arange(30.0), apart, np.arange(29), generator) is None
    assert date_step(np.arange(30.0), apart, np.arange(29)) is None
    one = np.zeros(30, dtype=np.int64)
    assert scan(np.ones(30), one, np.arange(29), generator) is None
    assert scan(np.arange(30.0), one, np.array([], dtype=np.int64), generator) is None


def test_a_single_stratum_does_not_hold_a_step_alone() -> None:
    values = np.r_[np.zeros(20), np.ones(20)] + np.linspace(0, 0.1, 40)
    found = scan(values, np.zeros(40, dtype=np.int64), np.arange(5, 35), np.random.default_rng(0))
    assert found is not None
    assert not found.of_several


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_scale_does_not_matter(scale: float) -> None:
    values, strata = made(4, step=0.6)
    positions = np.arange(10, 110)
    assert date_step(values * scale, strata, positions) == date_step(values, strata, positions)


def test_a_partition_finds_what_goes_up_and_comes_back() -> None:
    values, strata = made(5, size=180)
    values[70:110] += 0.8
    assert partition(values, strata, np.arange(10, 170), 20) == pytest.approx([69, 109], abs=3)
    assert partition(made(5, size=180)[0], strata, np.arange(10, 170), 20) == []


def test_a_partition_is_the_best_over_all_splits() -> None:
    values, strata = made(6, size=60, places=1, step=1.0)
    values -= values.mean()
    (found,) = partition(values, strata, np.arange(5, 55), 5)
    costs = [values[: at + 1].var() * (at + 1) + values[at + 1 :].var() * (59 - at) for at in range(5, 55)]
    assert found == 5 + int(np.argmin(costs))


def test_steps_of_several_strata_each_its_own_size_are_local() -> None:
    values, strata = made(7, size=160, places=8)
    values += np.where(strata % 2, 0.7, -0.7) * (np.arange(160) >= 80)
    found = scan(values, strata, np.arange(20, 140), np.random.default_rng(0))
    assert found is not None
    assert found.local
    assert abs(found.position - 79) <= 5
