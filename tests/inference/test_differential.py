"""Summaries over groups: formulas, null bands, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.inference.checks import CountOutOfRange
from countersign.inference.groups import differential
from countersign.inference.groups.differential import SINGLE, BoundInstead, Single, Summary, single
from countersign.inference.ratio import conditional_exact

RATES = st.lists(st.floats(1e-9, 0.5), min_size=2, max_size=12)


@settings(deadline=None, max_examples=60)
@given(RATES)
def test_the_gini_by_all_pairs_in_its_three_forms(rates: list[float]) -> None:
    x = np.array(rates)
    k, pairs = x.size, np.abs(x[:, None] - x).sum()
    standard = pairs / (2 * k * k * x.mean())
    assert float(differential.gini(x, "standard")) == pytest.approx(standard, rel=1e-9, abs=1e-12)
    assert float(differential.gini(x)) == pytest.approx(standard * k / (k - 1), rel=1e-9, abs=1e-12)
    assert float(differential.gini(x, "nist")) == pytest.approx(2 * standard, rel=1e-9, abs=1e-12)
    assert -1e-12 <= float(differential.gini(x)) <= 1 + 1e-12


@settings(deadline=None, max_examples=60)
@given(RATES, st.randoms())
def test_naming_groups_otherwise_and_scaling_rates_change_nothing(rates: list[float], random: object) -> None:
    x = np.array(rates)
    turned = x[np.random.default_rng(x.size).permutation(x.size)]
    for formula in SINGLE.values():
        assert float(formula(turned)) == pytest.approx(float(formula(x)), rel=1e-9, abs=1e-12)
    for formula in (
        differential.max_over_min,
        differential.max_over_geometric_mean,
        differential.gini,
        differential.log_deviation,
    ):
        assert float(formula(x * 1e-3)) == pytest.approx(float(formula(x)), rel=1e-6, abs=1e-9)


def test_equal_groups_give_the_ideal_and_zeros_are_not_hidden() -> None:
    alike = [1e-6] * 5
    assert float(differential.max_over_min(alike)) == 1
    assert float(differential.gini(alike)) == pytest.approx(0, abs=1e-12)
    assert float(differential.max_over_min([0, 1e-6])) == np.inf
    assert float(differential.max_over_geometric_mean([0, 1e-6])) == np.inf
    assert np.isnan(float(differential.gini([0, 0])))
    for wrong in ([1e-6], 0.5, [-0.1, 0.2], [float("nan"), 0.1]):
        with pytest.raises(CountOutOfRange):
            differential.max_over_min(wrong)


def test_null_bands_are_those_of_the_facts() -> None:
    # Facts "statistics-metrics" section 3.2 (20,000 data sets, equal rates, unconditional): K = 8, 10 errors each:
    # median max/min 2.5, 95% 4.75; 100 each: 1.33, 1.54; Gini 10 each: mean .178; K = 50: median max/min 4.75.
    trials = 1_000_000
    for k, errors, median in ((8, 10, 2.5), (8, 100, 1.33), (50, 10, 4.75)):
        found = single([errors] * k, [trials] * k, "max over min", generator=np.random.default_rng(1), draws=2_000)
        assert isinstance(found, Summary)
        assert found.null_median == pytest.approx(median, rel=0.15)
        assert found.value == 1
        assert found.p == 1
        assert found.smallest_count == errors
    gini = single([10] * 8, [trials] * 8, "gini (garbe)", generator=np.random.default_rng(1), draws=2_000)
    assert isinstance(gini, Summary)
    assert gini.null_median == pytest.approx(0.178, rel=0.1)


@pytest.mark.parametrize("measure", SINGLE)
def test_a_planted_difference_stands_out_and_equality_does_not(measure: Single) -> None:
    trials = [500_000, 300_000, 200_000]
    planted = single([15, 9, 60], trials, measure, generator=np.random.default_rng(1), draws=999)
    assert isinstance(planted, Summary)
    assert planted.p == 1 / 1000
    assert planted.value > planted.null.high
    generator = np.random.default_rng(2)
    p = []
    for _ in range(120):
        events = np.maximum(1, generator.multinomial(60, np.array(trials) / 1e6))
        found = single(events, trials, measure, generator=generator, draws=199)
        assert isinstance(found, Summary)
        p.append(found.p)
    assert np.mean(np.array(p) <= 0.1) <= 0.1 + 3 * np.sqrt(0.09 / 120)


def test_a_group_without_errors_is_refused_with_its_bound_instead() -> None:
    for measure in SINGLE:
        found = single([12, 0, 3, 0], [40_000] * 4, measure, generator=np.random.default_rng(1))
        assert isinstance(found, BoundInstead)
        assert found.without_errors == (1, 3)
        assert found.upper == pytest.approx([3 / 40_000] * 2, rel=0.01)
        assert found.at_least == pytest.approx(float(conditional_exact(12, 40_000, 0, 80_000, 0.9)[0]), rel=1e-12)
    nothing = single([0, 0], [10, 10], "max over min", generator=np.random.default_rng(1))
    assert isinstance(nothing, BoundInstead)
    assert nothing.at_least == 0


def test_more_trials_than_numpy_draws_from_are_drawn_otherwise_and_alike() -> None:
    big = single([20, 30], [10**9, 10**9], "max over min", generator=np.random.default_rng(1), draws=4_000)
    small = single([20, 30], [10**8, 10**8], "max over min", generator=np.random.default_rng(2), draws=4_000)
    assert isinstance(big, Summary)
    assert isinstance(small, Summary)
    assert big.null.high == pytest.approx(small.null.high, rel=0.05)
    with pytest.raises(ValueError, match="no measure"):
        single([1, 2], [3, 4], "worst", generator=np.random.default_rng(1))  # type: ignore[arg-type]
    with pytest.raises(CountOutOfRange):
        single([1], [3], "max over min", generator=np.random.default_rng(1))
