"""The counts that watching keeps: whatever the order of the events, and each outcome where it belongs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.events.watch.watched import Watched
from countersign.made_up.export import make
from countersign.made_up.scenario import SHIPPED, load

OUTCOMES = ("true", "confirmed-true", "false", "confirmed-false", "unresolved")

alerts = st.tuples(
    st.integers(0, 3), st.integers(0, 59), st.sampled_from(OUTCOMES), st.integers(0, 3)
).map(lambda one: ("live.hour/alerts", {
    "at": f"2026-03-07T1{one[0]}:{one[1]:02d}:00Z", "outcome": one[2], "ordinal": one[3],
}))  # fmt: skip
hours = st.tuples(st.integers(0, 3), st.integers(0, 2000), st.integers(0, 20)).map(
    lambda one: ("live.hour", {"hour": f"2026-03-07T1{one[0]}Z", "faces": one[1], "alerts": one[2]})
)
changes = st.integers(0, 3).map(
    lambda hour: ("live.change", {"changed_at": f"2026-03-07T1{hour}:30:00Z", "what": "list", "list_digest": "0" * 64})
)


def seen_of(events: list[tuple[str, dict[str, Any]]]) -> Watched:
    seen = Watched()
    for kind, content in events:
        seen.add(kind, content)
    return seen


@settings(deadline=None, max_examples=80)
@given(
    st.lists(st.one_of(alerts, changes), max_size=30),
    st.lists(hours, max_size=4, unique_by=lambda one: one[1]["hour"]),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_events_changes_nothing(
    some: list[tuple[str, dict[str, Any]]], counts: list[tuple[str, dict[str, Any]]], random: Any
) -> None:
    events = some + counts
    mixed = list(events)
    random.shuffle(mixed)
    one, other = seen_of(events), seen_of(mixed)
    assert one.hours() == other.hours()
    assert one.without_faces() == other.without_faces()
    stamps = [f"2026-03-07T1{hour}Z" for hour in range(4)]
    assert [one.stretch_of(stamp) for stamp in stamps] == [other.stretch_of(stamp) for stamp in stamps]


@settings(deadline=None, max_examples=80)
@given(st.lists(alerts, max_size=30), st.lists(hours, max_size=4, unique_by=lambda one: one[1]["hour"]))
def test_every_alert_counts_once_and_the_ranges_run_upwards(
    some: list[tuple[str, dict[str, Any]]], counts: list[tuple[str, dict[str, Any]]]
) -> None:
    seen = seen_of(some + counts)
    assert sum(hour.alerts for hour in seen.hours()) + seen.without_faces() == len(some)
    for hour in seen.hours():
        assert 0 <= hour.fewest <= hour.false <= hour.most <= hour.all_alerts


def test_a_repeat_on_one_person_is_counted_and_is_no_evidence() -> None:
    def alert(at: str, person: int) -> tuple[str, dict[str, Any]]:
        return "live.hour/alerts", {"at": at, "outcome": "false", "ordinal": person}

    seen = seen_of([
        alert("2026-03-07T11:00:00Z", 0), alert("2026-03-07T10:05:00Z", 0), alert("2026-03-07T10:06:00Z", 1),
        ("live.hour", {"hour": "2026-03-07T10Z", "faces": 9, "alerts": 2}),
        ("live.hour", {"hour": "2026-03-07T11Z", "faces": 9, "alerts": 4}),
    ])  # fmt: skip
    first, second = seen.hours()
    assert (first.false, first.repeats, second.false, second.repeats) == (2, 0, 1, 1)
    assert (second.missing, second.fewest, second.most, second.all_alerts) == (3, 0, 4, 4)


def test_an_hour_in_which_a_setting_changes_lies_in_no_stretch() -> None:
    seen = seen_of([("live.change", {"changed_at": "2026-03-07T11:30:00Z", "what": "threshold", "threshold": "0.7"})])
    assert [seen.stretch_of(f"2026-03-07T{hour}Z") for hour in (10, 11, 12)] == [0, None, 1]


@pytest.mark.parametrize("name", SHIPPED)
def test_counts_of_a_scenario_are_those_of_its_events(name: str) -> None:
    made = make(load(name), seed=5)
    events = {(event["source"], event["sequence"]): event for event in made.events}
    seen = Watched()
    for event in events.values():
        more = {"ordinal": event["sequence"]} if "subject" in event else {}
        seen.add(event["type"], event["content"] | more)
    faces = sum(event["content"]["faces"] for event in events.values() if event["type"] == "live.hour")
    assert sum(hour.faces for hour in seen.hours()) == faces
    assert seen.closed
    assert bool(seen.without_faces()) == (name == "list-left-loaded")
    assert any(hour.missing for hour in seen.hours()) == (name == "events-lost")
