"""Bounded counts in totals and measures: the truth always lies between both ends."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.published.table.measures import bounds, total
from countersign.published.table.record import Row, Unsure


@st.composite
def printed(draw: st.DrawFn) -> tuple[int, Row]:
    """A count and a row that prints it: exactly, as a bound on either side, as a range, or withheld."""
    value = draw(st.integers(0, 10_000))
    below, above = draw(st.integers(0, 50)), draw(st.integers(0, 50))
    kind = draw(st.sampled_from(["exact", "range", "below", "over", "withheld"]))
    if kind == "exact":
        return value, Row("a", 1, alerts=value)
    if kind == "withheld":
        return 0, Row("a", 1, unsure={"alerts": Unsure("withheld", "it is withheld")})
    low = 0 if kind == "below" else max(0, value - below)
    high = None if kind == "over" else value + above
    return value, Row("a", 1, unsure={"alerts": Unsure("bounded", "it is bounded", low, high)})


@settings(deadline=None)
@given(st.lists(printed(), min_size=1, max_size=20))
def test_the_sum_lies_between_both_ends(listed: list[tuple[int, Row]]) -> None:
    found = total([row for _, row in listed], "alerts")
    truth = sum(value for value, _ in listed)
    known = any(row.alerts is not None or bounds(row, "alerts") for _, row in listed)
    assert (found.low is None) == (not known)
    if known:
        assert found.low is not None
        assert found.low <= truth
        unbounded = any((ends := bounds(row, "alerts")) and ends[1] is None for _, row in listed)
        assert (found.high is None) == unbounded
        assert found.high is None or truth <= found.high
    assert found.bounded == sum(bounds(row, "alerts") is not None for _, row in listed)


def test_a_sum_of_columns_has_the_ends_of_both() -> None:
    row = Row("a", 1, true_alerts_unconfirmed=2, unsure={"false_alerts": Unsure("bounded", "it is", 0, 4)})
    assert bounds(row, "false_alerts_at_most") == (2, 6)
    assert bounds(Row("a", 1, alerts=3), "alerts") is None
