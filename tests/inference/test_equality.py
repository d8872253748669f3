"""Tests of equal rates: against SciPy, their size by enumeration, and their order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from countersign.inference.checks import CountOutOfRange
from countersign.inference.groups.equality import two_rates


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
