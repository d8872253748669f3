"""Tests of equal rates: against SciPy, their size by enumeration, and their order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import barnard_exact, binom, binomtest, boschloo_exact, fisher_exact

from countersign.inference.checks import CountOutOfRange
from countersign.inference.groups.equality import two_rates
from countersign.inference.groups.unconditional import TableTooLarge, barnard, boschloo


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 50), st.integers(0, 50), st.floats(0.01, 50))
def test_one_sided_p_values_are_the_binomial_tests(x1: int, x2: int, relative: float) -> None:
    if x1 + x2 == 0:
        return
    share = relative / (1 + relative)
    for side in ("greater", "less"):
        expected = binomtest(x1, x1 + x2, share, alternative=side).pvalue
        assert float(two_rates(x1, relative, x2, 1.0, alternative=side)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("share", [0.05, 0.135, 0.5])
@pytest.mark.parametrize("total", [3, 10, 60])
def test_the_exact_test_never_rejects_too_often_and_mid_p_does_so_rarely(share: float, total: int) -> None:
    x = np.arange(total + 1)
    mass = binom.pmf(x, total, share)
    for level in (0.01, 0.05, 0.2):
        exact = two_rates(x, share, total - x, 1 - share)
        assert mass[exact <= level].sum() <= level + 1e-12
        middle = two_rates(x, share, total - x, 1 - share, method="mid-p")
        assert np.all(middle <= exact)
        assert mass[middle <= level].sum() <= 2 * level


def test_no_events_say_nothing_and_groups_can_be_named_either_way() -> None:
    for method in ("exact", "mid-p", "score"):
        assert float(two_rates(0, 3.0, 0, 5.0, method=method)) == 1
        one = two_rates([8, 3], [1.0, 2.0], [2, 9], 2.5, method=method)
        other = two_rates([2, 9], 2.5, [8, 3], [1.0, 2.0], method=method)
        assert one == pytest.approx(other, rel=1e-9)
    with pytest.raises(CountOutOfRange, match="ratio"):
        two_rates(1, 1.0, 1, 1.0, ratio=0.0)


@pytest.mark.parametrize(("x1", "n1", "x2", "n2"), [(7, 12, 8, 17), (2, 10, 7, 9), (0, 5, 6, 10), (15, 30, 10, 40)])
def test_unconditional_tests_agree_with_scipys_on_a_finer_grid(x1: int, n1: int, x2: int, n2: int) -> None:
    table = [[x1, x2], [n1 - x1, n2 - x2]]
    for side in ("less", "greater"):
        theirs = boschloo_exact(table, alternative=side, n=256).pvalue
        assert boschloo(x1, n1, x2, n2, alternative=side) == pytest.approx(theirs, rel=2e-5)
    assert barnard(x1, n1, x2, n2) == pytest.approx(barnard_exact(table, n=256).pvalue, rel=2e-5)


def test_boschloo_is_never_weaker_than_fisher_and_keeps_its_size() -> None:
    n1, n2 = 7, 9
    p = np.array([[boschloo(a, n1, b, n2, alternative="less") for b in range(n2 + 1)] for a in range(n1 + 1)])
    for a in range(n1 + 1):
        for b in range(n2 + 1):
            fisher = fisher_exact(np.array([[a, b], [n1 - a, n2 - b]]), alternative="less").pvalue
            assert p[a, b] <= fisher * (1 + 1e-9)
    for rate in np.linspace(0.02, 0.98, 25):
        mass = np.outer(binom.pmf(np.arange(n1 + 1), n1, rate), binom.pmf(np.arange(n2 + 1), n2, rate))
        assert mass[p <= 0.05].sum() <= 0.05 + 1e-9


def test_naming_the_groups_the_other_way_changes_the_side_and_nothing_else() -> None:
    for test in (boschloo, barnard):
        assert test(2, 10, 7, 9) == pytest.approx(test(7, 9, 2, 10), rel=1e-9)
        less, greater = test(2, 10, 7, 9, alternative="less"), test(7, 9, 2, 10, alternative="greater")
        assert less == pytest.approx(greater, rel=1e-9)


@pytest.mark.parametrize("test", [boschloo, barnard])
def test_large_tables_are_refused_and_the_way_out_is_named(test: Callable[[int, int, int, int], float]) -> None:
    with pytest.raises(TableTooLarge, match="1000000 and 2147436 trials") as caught:
        test(8, 1_000_000, 2, 2_147_436)
    assert "two_rates" in caught.value.next_step
    with pytest.raises(CountOutOfRange):
        test(8, 7, 2, 10)
