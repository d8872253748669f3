"""Omnibus tests, and several hypotheses at once."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, false_discovery_control, multinomial

from countersign.inference.checks import CountOutOfRange, LevelOutOfRange
from countersign.inference.groups import equality
from countersign.inference.groups.equality import e_benjamini_hochberg, equal_rates, holm


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 30), st.integers(0, 30), st.floats(0.05, 20))
def test_two_groups_are_the_binomial_test_of_less_likely_outcomes(x1: int, x2: int, relative: float) -> None:
    if x1 + x2:
        expected = binomtest(x1, x1 + x2, relative / (1 + relative)).pvalue
        assert equal_rates([x1, x2], [relative, 1.0]).p == pytest.approx(expected, rel=1e-7)


def test_three_groups_against_all_outcomes_one_by_one() -> None:
    share = np.array([0.5, 0.3, 0.2])
    law = multinomial(9, share)
    seen = law.pmf([1, 3, 5])
    every = [(a, b, 9 - a - b) for a, b in itertools.product(range(10), repeat=2) if a + b <= 9]
    expected = sum(p for p in (law.pmf(outcome) for outcome in every) if p <= seen * (1 + 1e-9))
    found = equal_rates([1, 3, 5], share * 1e6)
    assert found.p == pytest.approx(expected, rel=1e-9)
    assert (found.method, found.outcomes) == ("exact multinomial", len(every))


def test_drawn_outcomes_agree_with_counted_ones_and_never_give_zero() -> None:
    events, exposure = [9, 4, 6, 2, 5], [1.0, 1.2, 0.8, 1.0, 1.5]
    exact = equal_rates(events, exposure).p
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(equality, "OUTCOMES", 10)
        with pytest.raises(CountOutOfRange, match="generator"):
            equal_rates(events, exposure)
        drawn = equal_rates(events, exposure, generator=np.random.default_rng(5), draws=40_000)
        again = equal_rates(events, exposure, generator=np.random.default_rng(5), draws=40_000)
        least = equal_rates([60, 0, 0, 0, 0], exposure, generator=np.random.default_rng(5), draws=999)
    assert drawn.p == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 40_000))
    assert drawn == again
    assert least.p == 1 / 1000


def test_the_exact_omnibus_test_keeps_its_size_and_ignores_the_order_of_groups() -> None:
    share, total = np.array([0.6, 0.3, 0.1]), 12
    every = np.array([(a, b, total - a - b) for a in range(total + 1) for b in range(total + 1 - a)])
    p = np.array([equal_rates(one, share).p for one in every])
    mass = multinomial(total, share).pmf(every)
    for level in (0.01, 0.05, 0.2):
        assert mass[p <= level].sum() <= level + 1e-9
    assert equal_rates([5, 1, 6], share).p == pytest.approx(equal_rates([6, 5, 1], share[[2, 0, 1]]).p, rel=1e-12)
    assert equal_rates([0, 0, 0], share).p == 1


@pytest.mark.parametrize("events", [[3], [[3, 4], [5, 6]]])
def test_less_than_a_list_of_two_groups_is_refused(events: list[Any]) -> None:
    with pytest.raises(CountOutOfRange, match="list"):
        equal_rates(events, np.ones(np.shape(events)))


P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@settings(deadline=None, max_examples=60)
@given(P_VALUES)
def test_holm_is_closed_bonferroni(p: list[float]) -> None:
    values = np.array(p[:7])
    adjusted = holm(values)
    for place in range(values.size):
        sets = (
            chosen
            for size in range(1, values.size + 1)
            for chosen in itertools.combinations(range(values.size), size)
            if place in chosen
        )
        closed = max(min(1.0, len(chosen) * values[list(chosen)].min()) for chosen in sets)
        assert adjusted[place] == pytest.approx(closed, rel=1e-12)


@settings(deadline=None, max_examples=60)
@given(P_VALUES, st.randoms())
def test_the_order_of_hypotheses_does_not_matter(p: list[float], random: object) -> None:
    order = np.random.default_rng(len(p)).permutation(len(p))
    assert np.allclose(holm(np.array(p)[order]), holm(p)[order])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(1e-9, 1e6), min_size=1, max_size=12))
def test_e_bh_is_bh_on_inverse_e_values(e: list[float]) -> None:
    p = np.minimum(1.0, 1 / np.array(e))
    expected = false_discovery_control(p) <= 0.1
    near = np.abs(false_discovery_control(p) - 0.1) < 1e-9
    assert np.all((e_benjamini_hochberg(e, error=0.1) == expected) | near)


def test_what_is_no_p_value_is_refused() -> None:
    for wrong in ([0.5, 1.5], [-0.1], [float("nan")], [[0.1, 0.2]]):
        with pytest.raises(LevelOutOfRange):
            holm(wrong)
    with pytest.raises(LevelOutOfRange):
        e_benjamini_hochberg([-1.0])
