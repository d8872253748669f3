"""One alert's particulars: two people, in order; ordinals that cannot be traced back."""

from __future__ import annotations

from typing import Any

import pytest
from tests.making import histories as made

from countersign.deployments.alerts import check_alert, check_hour, check_roster
from countersign.errors import CountersignError

AT = "2026-03-02T14:10:00Z"


def code_of(**changes: Any) -> str | None:
    try:
        check_alert(made.alert(0, AT) | changes, "alert 0")
    except CountersignError as error:
        return error.code
    return None


def decision(person: str, role: str, at: str = AT) -> dict[str, Any]:
    return made.alert(0, at)["adjudications"][0] | {"person": person, "role": role}  # type: ignore[no-any-return]


def engagement(**changes: Any) -> dict[str, Any]:
    return {
        "started_at": AT, "person": "p2", "identity_method": "name-check", "result": "same-person", "leaflet": True,
        "reason": "alert", "result_action": "arrest",
    } | changes  # fmt: skip


def test_the_two_who_verify_differ() -> None:
    assert code_of() is None
    both = [decision("p1", "operator"), decision("p1", "engagement-officer")]
    assert code_of(adjudications=both) == "roles-conflict"
    assert code_of(adjudications=[decision("p1", "operator"), decision("p1", "operator")]) is None


def test_times_that_contradict_each_other() -> None:
    assert code_of(adjudications=[decision("p1", "operator", "2026-03-02T14:09:59Z")]) == "alert-out-of-order"
    assert code_of(engagement=engagement()) is None
    assert code_of(engagement=engagement(started_at="2026-03-02T14:09:59Z")) == "alert-out-of-order"
    assert code_of(engagement=engagement(released_at="2026-03-02T14:09:00Z")) == "alert-out-of-order"


def test_a_duty_broken_is_taken_as_it_happened() -> None:
    """Nobody decided before the engagement: a finding for the review, not a reason to keep it out of the record."""
    assert code_of(adjudications=[], engagement=engagement()) is None


def test_an_hour_seals_what_it_counts() -> None:
    facts, _ = made.hour(14, [])
    alerts = [made.alert(0, AT), made.alert(1, AT)]
    check_hour(facts | {"alerts": 2}, alerts)
    for wrong in ([alerts[0]], [alerts[0], alerts[0]], [alerts[0], made.alert(1, "2026-03-02T15:00:00Z")]):
        with pytest.raises(CountersignError):
            check_hour(facts | {"alerts": 2}, wrong)


def test_one_person_may_raise_several_alerts_in_an_hour_and_an_alert_stands_once() -> None:
    """Ordinals are of people seen; an alert is told apart by ordinal, moment and camera, and counts as one each."""
    facts, _ = made.hour(14, [])
    twice = [made.alert(0, AT), made.alert(0, "2026-03-02T14:40:00Z"), made.alert(0, AT, camera="c2")]
    check_hour(facts | {"alerts": 3}, twice)
    with pytest.raises(CountersignError, match="stands twice, of the ordinal 0"):
        check_hour(facts | {"alerts": 2}, [made.alert(0, AT), made.alert(0, AT, outcome="false")])


def test_one_person_is_not_the_only_operator_and_the_only_engagement_officer() -> None:
    alone = [{"person": "p1", "roles": ["operator", "engagement-officer"]}]
    with pytest.raises(CountersignError, match="both the only operator"):
        check_roster(alone)
    check_roster([*alone, {"person": "p2", "roles": ["engagement-officer"]}])
