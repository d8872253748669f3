"""What is late, to the second, by the policy's own number and clause; and what a silent policy leaves open."""

from __future__ import annotations

import pytest
from tests.making import histories as made
from tests.making.histories import END, FORCE, History, hours_later

from countersign.deployments.fold import late_for, late_in


def codes(history: History, now: str) -> list[tuple[str, str]]:
    return [(one.code, one.what) for one in late_in(history.state, history.deployment, now)]


def test_a_window_over_and_still_open() -> None:
    history = History().upto("open")
    assert codes(history, "2026-03-02T17:59:59Z") == []
    assert codes(history, END) == []
    [late] = late_in(history.state, history.deployment, "2026-03-02T18:00:01Z")
    assert (late.code, late.since) == ("window-over", END)


@pytest.mark.parametrize(
    ("after_hours", "expected"),
    [
        (24, []),
        (24.001, ["watchlist", "templates", "transfer-media", "alert"]),
        (31 * 24 + 0.001, ["watchlist", "templates", "transfer-media", "alert", "cctv"]),
    ],
)
def test_deletions_by_class_and_clause(after_hours: float, expected: list[str]) -> None:
    history = History().upto("close")
    late = late_in(history.state, history.deployment, hours_later(END, after_hours))
    overdue = [one for one in late if one.code == "deletion-overdue"]
    assert [one.what for one in overdue] == expected
    if overdue:
        assert overdue[0].by == "list-delete-hours 24 (8.3)"


def test_a_hold_keeps_what_it_names_until_its_own_day() -> None:
    history = History().upto("close")
    hold = {
        "class": "cctv", "count": 2, "reason": "evidence", "legal_basis": "CPIA-1996", "owner": "custodian",
        "review_date": "2026-04-20", "disclosure_entry_made": True,
    }  # fmt: skip
    at = "2026-03-02T20:00:00Z"
    for name in ("watchlist", "templates", "transfer-media", "alert"):
        history.do("delete.deletion", made.deletion(name, at), "engineer", at)
    history.do("delete.deletion", made.deletion("cctv", at, remaining=2), "engineer", at)
    assert "deleted" not in history.deployment.steps
    index = history.do("delete.hold", hold, "custodian", at)
    assert "deleted" in history.deployment.steps
    held = ("hold-review-overdue", f"2 of cctv held by entry {index}")
    assert held not in codes(history, "2026-04-20T23:59:59Z")
    assert held in codes(history, "2026-04-21T00:00:00Z")


def test_review_and_publication() -> None:
    history = History().upto("delete")
    assert codes(history, hours_later(END, 5 * 24)) == []
    assert codes(history, hours_later(END, 5 * 24 + 0.001)) == [("publication-overdue", "the results")]
    assert codes(history, hours_later(END, 32 * 24)) == [
        ("publication-overdue", "the results"), ("review-overdue", "the force's review"),
    ]  # fmt: skip


def test_an_urgent_authority_not_written_and_not_reviewed() -> None:
    history = History().upto("propose")
    at = "2026-02-23T09:00:00Z"
    urgent = {"form": "oral", "officer_rank": "inspector", "urgent": {"reason": "threat-to-life", "oral_at": at}}
    history.do("authorise.authority", made.authority(**urgent), "authorising-officer", at)
    assert codes(history, hours_later(at, 12)) == []
    assert [code for code, _ in codes(history, hours_later(at, 25))] == ["written-overdue", "urgent-review-overdue"]


def test_a_policy_without_a_number_makes_nothing_late_by_it() -> None:
    history = History()
    history.do("programme.policy", made.policy(parameters=[]), "senior-owner", "2026-01-05T09:00:00Z", subject=FORCE)
    history.do("plan.proposal", made.proposal(), "applicant", "2026-02-20T09:00:00Z", {"place": made.place()})
    for name in made.STEPS[1 : made.STEPS.index("close") + 1]:
        made._DO[name](history)
    assert codes(history, "2029-01-01T00:00:00Z") == []


def test_a_refusal_owes_deletion_from_its_first_second() -> None:
    history = History().upto("assess")
    at = "2026-02-23T09:00:00Z"
    history.do("authorise.authority", made.authority(decision="refused"), "authorising-officer", at)
    assert codes(history, "2026-02-23T09:00:01Z") == [
        ("deletion-overdue", "watchlist after a refusal"), ("deletion-overdue", "templates after a refusal"),
    ]  # fmt: skip


def test_answers_to_findings_are_late_for_the_force() -> None:
    history = History().upto("assess")
    finding = {
        "finding": "f-1", "duty": "uk.bridges.who", "result": "not-met", "report": made.digest("r"),
        "answer_due": "2026-03-22",
    }  # fmt: skip
    at = "2026-02-22T00:00:00Z"
    history.do("review.finding", finding, "reviewer", at, subject=FORCE, supplied_by="outside")
    assert late_for(history.state, "2026-03-22T23:00:00Z") == ()
    assert [one.code for one in late_for(history.state, "2026-03-23T00:00:00Z")] == ["answer-overdue"]
