"""The crowd against closed forms: expected counts per group, the product over the list's groups, conservation."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, poisson

from countersign.made_up.crowd import expected, pass_by
from countersign.made_up.scenario import SHIPPED, Engine, List, Scenario, load


def two_sided(count: int, mean: float) -> float:
    """How often a Poisson count lies as far out as this one, doubled from the nearer tail."""
    return float(2 * min(poisson.cdf(count, mean), poisson.sf(count - 1, mean)))


def changed(scenario: Scenario, **parts: object) -> Scenario:
    return msgspec.structs.replace(scenario, **parts)


def test_simulated_rates_come_back_to_the_published_ones() -> None:
    base = load("quiet-high-street")
    listing = List(size=10_000, listed_passing=9_000.0)
    at_point = changed(
        base, crowd_by_hour=(900_000.0, 900_000.0), list=listing, engine=Engine(declared="0.60", threshold="0.60")
    )
    walk = pass_by(at_point, np.random.default_rng(9))
    others = int((walk.captured - walk.listed_captured).sum())
    false_alerts = int(walk.false_alerts.sum())
    assert binomtest(false_alerts, others, 1 / 6000).pvalue > 1e-4
    searched = int(walk.listed_captured.sum())
    assert binomtest(int(walk.true_alerts.sum()), searched, 0.89).pvalue > 1e-4


@pytest.mark.parametrize("name", SHIPPED)
def test_counts_of_many_deployments_fit_the_closed_form(name: str) -> None:
    scenario, random, runs = load(name), np.random.default_rng(10), 40
    walks = [pass_by(scenario, random) for _ in range(runs)]
    means = expected(scenario)
    for number, group in enumerate(scenario.groups):
        total = sum(int(walk.false_alerts[:, number].sum()) for walk in walks)
        faces = sum(int((walk.captured - walk.listed_captured)[:, number].sum()) for walk in walks)
        assert two_sided(faces, runs * means[group.name][0]) > 1e-4
        assert two_sided(total, runs * means[group.name][1]) > 1e-4


def test_a_list_of_ones_own_group_finds_more_of_it_and_the_product_says_how_much() -> None:
    base = load("busy-interchange")
    shares = {"group-1": 0.2, "group-2": 0.7, "group-3": 0.1}
    scenario = changed(
        base, crowd_by_hour=(1_000_000.0,), engine=Engine(threshold="0.56"),
        list=List(size=10_000, shares=shares, across=0.1),
    )  # fmt: skip
    walk = pass_by(scenario, np.random.default_rng(11))
    for number, group in enumerate(scenario.groups):
        law, like = scenario.law, round(10_000 * shares[group.name])
        none = (1 - law.false_match(0.56)) ** like * (1 - 0.1 * law.false_match(0.56)) ** (10_000 - like)
        faces, alerts = int(walk.captured[:, number].sum()), int(walk.false_alerts[:, number].sum())
        assert scenario.false_alert_chance(group, 0.56) == pytest.approx(1 - none, rel=1e-6)
        assert binomtest(alerts, faces, 1 - none).pvalue > 1e-4


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), name=st.sampled_from(SHIPPED))
def test_nobody_is_lost_or_counted_twice(seed: int, name: str) -> None:
    walk = pass_by(load(name), np.random.default_rng(seed))
    assert (walk.captured <= walk.passed).all()
    assert (walk.listed <= walk.passed).all()
    assert (walk.listed_captured <= walk.listed).all()
    assert (walk.true_alerts <= walk.listed_captured).all()
    assert (walk.true_alerts + walk.false_alerts <= walk.captured).all()
    assert len(walk.scores) == len(walk.right) == int((walk.true_alerts + walk.false_alerts).sum())
    assert int(walk.right.sum()) == int(walk.true_alerts.sum())
    assert (walk.scores >= float(load(name).engine.threshold)).all()


def test_a_higher_threshold_raises_fewer_alerts_among_the_same_people() -> None:
    scenario = load("misconfigured-threshold")
    low, high = (pass_by(scenario, np.random.default_rng(12), threshold) for threshold in (0.56, 0.64))
    assert (high.passed == low.passed).all()
    assert (high.false_alerts <= low.false_alerts).all()
    assert set(high.scores) <= set(low.scores)
