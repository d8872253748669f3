"""Exposure shares rejected, ratios at a share, and the smallest ratio that could have been seen."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from countersign.inference.groups.exposure import detectable_ratio, ratio_at_share, shares_not_rejected


def test_tipping_points_of_the_three_published_counts() -> None:
    # Facts file "statistics-uncertainty" section 5 (computed there): 8/10 two-sided 0.443904537692; 7/7 0.590.
    assert shares_not_rejected(8, 10).low == pytest.approx(0.443904537692, abs=1e-10)
    assert shares_not_rejected(7, 7).low == pytest.approx(0.590, abs=5e-4)
    assert shares_not_rejected(8, 10, looked_at=5).low == pytest.approx(0.35, abs=5e-3)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 60).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))), st.floats(0.01, 0.99))
def test_a_share_is_kept_exactly_where_the_two_one_sided_exact_tests_keep_it(
    counts: tuple[int, int], share: float
) -> None:
    events, of = counts
    kept = share in shares_not_rejected(events, of)
    smaller_tail = min(binom.sf(events - 1, of, share), binom.cdf(events, of, share))
    if abs(smaller_tail - 0.025) > 1e-9:
        assert kept == (smaller_tail > 0.025)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 30), st.integers(1, 10), st.integers(1, 10))
def test_allowing_for_more_groups_never_rejects_more(events: int, fewer: int, more: int) -> None:
    fewer, more = sorted((fewer, more))
    narrow, wide = (shares_not_rejected(events, 30, looked_at=groups) for groups in (fewer, more))
    assert wide.low <= narrow.low <= narrow.high <= wide.high


def test_the_ratio_at_a_share_is_the_vector_for_two_rates() -> None:
    # Vector rare-cond-exact: 8 in 1,000,000 against 2 in 2,147,436, conditional exact 1.71419594191 to 83.0320218292.
    estimate, interval = ratio_at_share(8, 10, 1_000_000 / 3_147_436)
    assert estimate == pytest.approx(8 / 1_000_000 / (2 / 2_147_436))
    assert (interval.low, interval.high) == pytest.approx((1.71419594191, 83.0320218292), rel=1e-9)


def test_no_error_on_the_rest_gives_an_infinite_estimate_and_upper_end() -> None:
    estimate, interval = ratio_at_share(7, 7, 0.4)
    assert math.isinf(estimate)
    assert math.isinf(interval.high)
    assert interval.low > 1


@pytest.mark.parametrize(
    ("share", "ratio", "errors"),
    # Facts file "statistics-uncertainty" section 8: errors needed for 80% power, one-sided .025, exact.
    [(0.05, 2, 269), (0.05, 3, 90), (0.05, 5, 37), (0.05, 10, 15), (0.135, 2, 125), (0.135, 3, 45), (0.135, 5, 20),
     (0.135, 10, 8), (0.30, 2, 77), (0.30, 3, 30), (0.30, 5, 17), (0.30, 10, 10), (0.50, 2, 77), (0.50, 3, 35),
     (0.50, 5, 17), (0.50, 10, 12)],
)  # fmt: skip
def test_detectable_ratio_agrees_with_the_table_of_errors_needed(share: float, ratio: float, errors: int) -> None:
    assert detectable_ratio(errors, share) <= ratio
    critical = next(
        count for count in range(1, errors + 1) if binomtest(count, errors, share, "greater").pvalue <= 0.025
    )
    reached = binom.sf(critical - 1, errors, ratio * share / (1 - share + ratio * share))
    assert reached >= 0.8


@pytest.mark.parametrize(("share", "enough"), [(0.135, 2), (0.3, 4), (0.5, 6), (0.7, 11)])
def test_fewer_errors_than_this_could_show_nothing_at_all(share: float, enough: int) -> None:
    # Same section: smallest number at which "all in one group" can be significant at .025.
    assert math.isinf(detectable_ratio(enough - 1, share))
    assert math.isfinite(detectable_ratio(enough, share))


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 1.2, math.nan])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        ratio_at_share(8, 10, share)
    with pytest.raises(ValueError, match="share"):
        detectable_ratio(10, share)


def test_no_group_looked_at_is_refused() -> None:
    with pytest.raises(ValueError, match="group"):
        shares_not_rejected(8, 10, looked_at=0)
