"""What counts by group show: the three published ones by figures of the facts, and what holds for any count."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.document import Chart, Finding, Table, WritePair
from countersign.inference.ratio import conditional_exact
from countersign.published.files import shipped
from countersign.published.group_blocks import groups_blocks
from countersign.published.group_counts import (
    LADDER,
    Baseline,
    GroupCount,
    GroupStudy,
    exclusion_sentence,
    read_baselines,
    read_groups,
    study,
)


def count(events: int, of: int, **more: object) -> GroupCount:
    return GroupCount(event="false_alerts", attribute="ethnicity", group="Black", count=events, of=of, **more)  # type: ignore[arg-type]


def baseline(share: float, low: float | None = None, high: float | None = None) -> Baseline:
    return Baseline(attribute="ethnicity", group="Black", share=share, what=f"share {share}", source="s",
                    low=low or share, high=high or share)  # fmt: skip


def shipped_studies() -> tuple[GroupStudy, ...]:
    met = shipped("met")
    return study(read_groups(met / "groups.csv"), baselines=read_baselines(met / "baselines.csv"))


def test_the_three_published_counts() -> None:
    # Facts file statistics-uncertainty, section 5: 8/10 0.444 and 0.35 for five groups; NPL 7/7 0.590.
    black, npl, essex = shipped_studies()
    assert black.share.low == pytest.approx(0.443904537692)
    assert black.picked is not None
    assert (black.looked_at, round(black.picked.low, 2)) == (5, 0.35)
    sentence = exclusion_sentence(black)
    assert "under 44.3%" in sentence
    assert "under 35.1%" in sentence
    assert "independent and labels as right" in sentence
    assert "does not separate the engine from the watchlist" in sentence
    assert npl.share.low == pytest.approx(0.590, abs=5e-4)
    assert "under 59%" in exclusion_sentence(npl)
    (own,) = essex.baselines
    assert own.baseline.share == 0.24
    assert not own.rejected
    assert own.ratio == pytest.approx((4 / 2) / (0.24 / 0.76))
    assert own.interval.low < 1 < own.interval.high
    assert black.published_ratio is None
    assert any("how many of those who passed" in item.casefold() for item in black.unknown)
    assert any("recorded, by whom" in item for item in black.unknown)
    assert not any("recorded, by whom" in item for item in essex.unknown)


def test_one_wrong_label_weakens_what_is_rejected() -> None:
    black = shipped_studies()[0]
    # Clopper-Pearson of 7 in 10, lower end (R binom.test(7, 10)): 0.3475.
    assert black.one_label_wrong.low == pytest.approx(0.3475, abs=5e-5)
    assert study([count(0, 5)])[0].one_label_wrong.low == 0


def test_baselines_stand_side_by_side_in_the_order_given() -> None:
    brought = [baseline(0.5), baseline(0.135), baseline(0.3, 0.1, 0.4)]
    (studied,) = study([count(8, 10)], baselines=[*brought, msgspec_other()])
    assert [line.baseline for line in studied.baselines] == brought
    assert [line.rejected for line in studied.baselines] == [False, True, True]
    assert [line.rejected_picked for line in studied.baselines] == [False, True, False]
    assert [line.rejected_one_label_wrong for line in studied.baselines] == [False, True, False]


def msgspec_other() -> Baseline:
    return Baseline(attribute="gender", group="Women", share=0.5, what="w", source="s", low=0.5, high=0.5)


def test_a_range_gives_the_union_of_its_ends() -> None:
    (studied,) = study([count(8, 10)], baselines=[baseline(0.3, 0.1, 0.4), baseline(0.1), baseline(0.4)])
    spread, low, high = studied.baselines
    assert spread.interval.low == high.interval.low
    assert spread.interval.high == low.interval.high


def test_a_published_exposure_gives_the_ratio_of_rates() -> None:
    (studied,) = study([count(8, 10, faces=1_000_000, faces_of=3_147_436)])
    assert studied.published_ratio is not None
    ends = conditional_exact(8, 1_000_000, 2, 2_147_436)
    assert studied.published_ratio.interval.low == pytest.approx(float(ends[0]))
    assert studied.published_ratio.interval.high == pytest.approx(float(ends[1]))
    assert studied.published_ratio.rejected
    assert not any("no rate and no ratio" in item for item in studied.unknown)


def test_the_smallest_detectable_ratio_is_given_for_each_share_or_a_ladder() -> None:
    assert [share for share, _ in study([count(8, 10)])[0].detectable] == list(LADDER)
    (studied,) = study([count(8, 10)], baselines=[baseline(0.135), baseline(0.7)])
    (first, ratio), (_, none) = studied.detectable
    # Section 8 of the same file: 8 events show a ratio of 10 at 13.5%, 20 events a ratio of 5.
    assert first == 0.135
    assert 5 < ratio < 10
    assert math.isinf(none)  # at 70%, eleven of eleven would be needed
    assert "none" in studied.baselines[1].sentence


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 40).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))), st.floats(0.02, 0.98))
def test_a_share_is_rejected_exactly_where_its_ratio_interval_leaves_out_one(
    pair: tuple[int, int], share: float
) -> None:
    (studied,) = study([count(*pair)], baselines=[baseline(share)])
    (line,) = studied.baselines
    assert line.rejected == (not line.interval.low <= 1 <= line.interval.high)
    assert (line.rejected_picked or False) <= line.rejected
    assert line.ratio is not None
    assert line.interval.low <= line.ratio <= line.interval.high


def test_the_blocks_tell_every_count_with_a_chart_and_a_table() -> None:
    studies = shipped_studies()
    blocks = groups_blocks(studies)
    (chart,) = [block for block in blocks if isinstance(block, Chart)]
    assert chart.kind == "intervals"
    assert [mark.estimate for mark in chart.marks] == [0.8, 1.0, pytest.approx(4 / 6)]
    assert "8 of 10" in chart.alternative
    assert len(chart.table.rows) == 3
    findings = [block for block in blocks if isinstance(block, Finding)]
    assert [finding.status for finding in findings] == ["counted"] * 3
    pairs = [block for block in blocks if isinstance(block, WritePair)]
    assert len(pairs) == 3
    assert "4 times as likely" in pairs[0].may_not
    assert "under" not in pairs[0].may_not
    tables = {block.anchor: block for block in blocks if isinstance(block, Table)}
    assert len(tables["groups-baselines"].rows) == 1
    assert len(tables["groups-detectable"].rows) == 2 * len(LADDER) + 1
    anchors = [block.anchor for block in blocks if isinstance(block, Finding | Table | Chart)]
    assert len(anchors) == len(set(anchors))


def test_a_count_that_rejects_nothing_says_so() -> None:
    (studied,) = study([count(1, 2)])
    assert studied.share.low > 0
    (one,) = study([GroupCount(event="stops", attribute="gender", group="Women", count=0, of=1)])
    assert one.looked_at is None
    assert "never affected" in next(block for block in groups_blocks((one,)) if isinstance(block, WritePair)).may_not
    assert one.picked is None
    assert "under" not in exclusion_sentence(one)
    assert "over 97.5%" in exclusion_sentence(one)
