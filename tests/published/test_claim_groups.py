"""Claims about groups: matched to one published count, a share on the number, no difference never shown."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from countersign.published.claims.claim import Claim
from countersign.published.claims.judge import judge
from countersign.published.group_counts import Baseline, GroupCount
from countersign.published.table.record import Record

NOTHING = Record((), ())


def count(events: int, of: int, **more: object) -> GroupCount:
    fields: dict[str, object] = {"event": "false_alerts", "attribute": "ethnicity", "group": "Black"}
    return GroupCount(**(fields | {"count": events, "of": of, "label_source": "study records"} | more))  # type: ignore[arg-type]


def share(value: str, relation: str = "equals", **more: object) -> Claim:
    return Claim(id="c", statement="s", quantity=("share_of_false_alerts:ethnicity=Black",), relation=relation,
                 value=(Decimal(value),), **more)  # type: ignore[arg-type]  # fmt: skip


def no_difference(**more: object) -> Claim:
    return Claim(id="c", statement="s", quantity=("ratio_of_false_alert_rates:ethnicity",), relation="no_difference",
                 **more)  # type: ignore[arg-type]  # fmt: skip


def baseline(known: float) -> Baseline:
    return Baseline(attribute="ethnicity", group="Black", share=known, low=known, high=known, what="w", source="s")


@pytest.mark.parametrize(
    ("claim", "group", "verdict"),
    [
        (share("0.8"), count(8, 10), "holds"),
        (share("0.8"), count(8, 10, label_source="not stated"), "holds only as stated"),
        (share("0.80"), count(8, 10), "holds"),
        (share("0.81"), count(8, 10), "does not hold"),
        (share("0.66"), count(4, 6), "does not hold"),
        (share("0.67"), count(4, 6), "holds"),
        (share("0.4", "at_least"), count(8, 10), "holds"),
        (share("0.5", "at_least"), count(8, 10), "neither shown nor refuted"),
        (share("0.99", "at_least"), count(8, 10), "does not hold"),
        (share("0.3", "at_most"), count(8, 10), "does not hold"),
        (share("0.98", "at_most"), count(8, 10), "holds"),
        (share("1"), count(7, 7), "holds"),
        (share("0.2"), count(0, 10, most=4), "neither shown nor refuted"),
        (share("0.5"), count(0, 10, most=4), "does not hold"),
        (share("0.3"), count(298, 1000, most=302), "holds"),
        (share("0.5", "at_most"), count(0, 100, most=4), "holds"),
        (share("0.5", "at_most"), count(0, 10, most=4), "neither shown nor refuted"),
        (share("0.5", "at_least"), count(9, 10, most=10), "holds"),
        (share("0.05", "at_least"), count(0, 10, most=4), "neither shown nor refuted"),
    ],
)  # fmt: skip
def test_a_share_is_judged_on_the_number_or_on_the_interval(claim: Claim, group: GroupCount, verdict: str) -> None:
    one = judge([claim], NOTHING, groups=[group])[0]
    assert one.verdict == verdict
    assert one.missing  # the exposure, always


def test_no_difference_is_refuted_or_open_but_never_shown() -> None:
    group = count(8, 10)
    given = {known: judge([no_difference()], NOTHING, groups=[group], baselines=[baseline(known)])[0].verdict
             for known in (0.135, 0.44, 0.45, 0.8)}  # fmt: skip
    assert given == {0.135: "does not hold", 0.44: "does not hold", 0.45: "neither shown nor refuted",
                     0.8: "neither shown nor refuted"}  # fmt: skip
    none = judge([no_difference()], NOTHING, groups=[group])[0]
    assert none.verdict == "cannot be checked"
    assert "share of the group ‘Black’ among those exposed" in none.missing[0]
    assert "smallest difference" in none.missing[1]
    both = judge([no_difference()], NOTHING, groups=[group], baselines=[baseline(0.135), baseline(0.5)])[0]
    assert both.verdict == "cannot be checked"


def test_a_claim_is_matched_by_event_attribute_group_threshold_force_and_period() -> None:
    day = datetime.date(2024, 6, 1)
    right = count(8, 10, force="Met", event="false_positives at threshold 0.60", period_from=day, period_to=day)
    others = [
        count(1, 2, attribute="gender", force="Met"), count(1, 2, group="White", force="Met"),
        count(1, 2, event="arrests", force="Met"), count(1, 2, force="Essex", event="false_alerts at threshold 0.60"),
        count(1, 2, force="Met", event="false_alerts at threshold 0.64"), count(1, 2, force="Met"),
    ]  # fmt: skip
    asked = share("0.8", threshold=Decimal("0.6"), force="Met", date_from=day, date_to=day)
    assert judge([asked], NOTHING, groups=[*others, right])[0].verdict == "holds"
    later = share("0.8", threshold=Decimal("0.6"), force="Met", date_from=day + datetime.timedelta(days=1))
    assert judge([later], NOTHING, groups=[*others, right])[0].verdict == "cannot be checked"


def test_several_counts_that_fit_are_named_and_none_is_picked() -> None:
    one = judge([share("0.8")], NOTHING, groups=[count(8, 10, force="Met"), count(4, 6, force="Essex")])[0]
    assert one.verdict == "cannot be checked"
    assert "8 of 10 (Met)" in one.because
    assert "4 of 6 (Essex)" in one.because
    assert judge([share("0.8")], NOTHING)[0].missing == (
        "counts of these events by group, with how the labels were obtained",
    )
