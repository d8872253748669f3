"""Each rule refuses what breaks it, by its code, and nothing by half; the same entry in a log moves nothing."""

from __future__ import annotations

from typing import Any

import pytest
from tests.making import histories as made
from tests.making.histories import DOCUMENT, END, FORCE, KEYS, START, History

from countersign.deployments import limits
from countersign.deployments.lifecycle import Phase, Step
from countersign.deployments.refusals import OutsideProposal
from countersign.deployments.rules import Act
from countersign.errors import CountersignError
from countersign.record.entries.entry import Draft, sign_entry
from countersign.register.commands import Known, approve

DAY = "2026-03-02T"
MISSING = {"category": "missing-at-risk", "subject_type": "missing", "count": 3}


def zone(*corners: tuple[int, int]) -> dict[str, Any]:
    where: dict[str, Any] = made.place()["zone"]
    return {"zone": where | {"points": [{"x": x, "y": y} for x, y in corners]}}


def windows(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"windows": [{"start": f"{DAY}{start}:00Z", "end": f"{DAY}{end}:00Z"} for start, end in pairs]}


def refused(
    history: History, code: str, kind: str, facts: dict[str, Any], role: str, at: str, contents: Any = None, **more: Any
) -> str:
    """The command is refused by this code and nothing has changed; returns the sentence."""
    before, size = history.state, len(history.entries)
    with pytest.raises(CountersignError) as caught:
        history.do(kind, facts, role, at, contents, **more)
    assert caught.value.code == code, str(caught.value)
    assert history.state is before
    assert len(history.entries) == size
    return str(caught.value)


def smuggled(history: History, kind: str, facts: dict[str, Any], role: str, at: str, key: str | None = None) -> str:
    """An entry appended without the commands: the fold notes why it moves nothing; returns the code."""
    phase, steps = history.deployment.phase, history.deployment.steps
    draft = Draft(kind, 1, made.ORIGIN, history.subject, at, role, "force", facts)
    history.append(sign_entry(draft, KEYS[key or role]))
    assert (history.deployment.phase, history.deployment.steps) == (phase, steps)
    return history.deployment.irregularities[-1].code


def test_the_whole_life_is_taken_and_says_its_stage_at_each_step() -> None:
    history, stages = History(), []
    for name in made.STEPS:
        made._DO[name](history)
        stages.append(history.deployment.stage)
    assert stages == [
        "proposed", "assessed", "authorised", "authorised", "listed", "notified", "briefed", "live", "closed",
        "deleted", "reviewed", "published", "archived",
    ]  # fmt: skip
    assert history.deployment.irregularities == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"policy": made.digest("another")}, "force-policy-missing"),
        ({"use_case": "anything-else"}, "not-in-policy"),
        ({"overt": False}, "covert-refused"),
        ({"covert_authority": True}, "covert-refused"),
    ],
)
def test_proposals_outside_the_policy(change: dict[str, Any], code: str) -> None:
    history = History()
    history.do("programme.policy", made.policy(), "senior-owner", "2026-01-05T09:00:00Z", subject=FORCE)
    facts, at = made.proposal() | change, "2026-02-20T09:00:00Z"
    refused(history, code, "plan.proposal", facts, "applicant", at, {"place": made.place()})
    assert smuggled(history, "plan.proposal", facts, "applicant", at) == code


@pytest.mark.parametrize(
    ("change", "key", "code"),
    [
        ({}, "applicant", "roles-conflict"),
        ({}, "assessor", "roles-conflict"),
        ({"officer_rank": "inspector"}, None, "rank-too-low"),
        ({"categories": ["missing-at-risk"]}, None, "not-in-policy"),
        ({"form": "oral"}, None, "not-in-policy"),
        ({"form": "oral", "urgent": {"reason": "no-time", "oral_at": "2026-02-23T09:00:00Z"}}, None, "not-in-policy"),
        ({"extends": 0}, None, "step-out-of-order"),
    ],
)
def test_authorities_that_break_a_rule(change: dict[str, Any], key: str | None, code: str) -> None:
    history = History().upto("assess")
    facts, at = made.authority(**change), "2026-02-23T09:00:00Z"
    refused(history, code, "authorise.authority", facts, "authorising-officer", at, key=key)
    assert smuggled(history, "authorise.authority", facts, "authorising-officer", at, key) == code


def test_whoever_authorised_may_not_assess_afterwards() -> None:
    history = History().upto("authorise")
    facts, at = made.assessment(), "2026-02-25T09:00:00Z"
    refused(history, "roles-conflict", "plan.assessment", facts, "assessor", at, key="authorising-officer")
    assert smuggled(history, "plan.assessment", facts, "assessor", at, "authorising-officer") == "roles-conflict"


def test_a_refusal_owes_deletion_at_once_and_ends_in_the_archive() -> None:
    history = History().upto("assess")
    facts = made.authority(decision="refused", officer_rank="inspector")
    history.do("authorise.authority", facts, "authorising-officer", "2026-02-23T09:00:00Z", {"reasons": made.REASONS})
    assert history.deployment.stage == "refused"
    refused(history, "step-out-of-order", "publish.archived", {"references_kept": 0}, "recorder", START)
    for name in ("watchlist", "templates"):
        history.do("delete.deletion", made.deletion(name, START), "engineer", START)
    assert Step.DELETED in history.deployment.steps
    history.do("publish.archived", {"references_kept": 0}, "recorder", END)
    assert history.deployment.phase is Phase.ARCHIVED


def test_an_urgent_authority_is_oral_first_written_then_reviewed_by_another() -> None:
    history = History().upto("propose")
    at = "2026-02-23T09:00:00Z"
    urgent = {"form": "oral", "officer_rank": "inspector", "urgent": {"reason": "threat-to-life", "oral_at": at}}
    index = history.do("authorise.authority", made.authority(**urgent), "authorising-officer", at)
    authority = history.deployment.authority
    assert authority is not None
    assert (authority.written, authority.reviewed) == (False, False)
    later = "2026-02-23T12:00:00Z"
    written = {"authority": index, "reference": "WAD/2026/014a", "written_at": later}
    refused(history, "roles-conflict", "authorise.written", written, "authorising-officer", later, key="commander")
    history.do("authorise.written", written, "authorising-officer", later, {"reasons": made.REASONS})
    review = {"authority": index, "officer_rank": "superintendent", "reviewed_at": later, "decision": "confirmed"}
    refused(history, "roles-conflict", "authorise.urgent-review", review, "authorising-officer", later)
    low = review | {"officer_rank": "inspector"}
    refused(history, "rank-too-low", "authorise.urgent-review", low, "authorising-officer", later, key="commander")
    history.do("authorise.urgent-review", review, "authorising-officer", later, key="commander")
    authority = history.deployment.authority
    assert authority is not None
    assert (authority.written, authority.reviewed, authority.ended) == (True, True, False)


def test_an_extension_is_a_fresh_authority_and_a_notice_widens_the_window() -> None:
    history = History().upto("open")
    standing = history.deployment.authority
    assert standing is not None
    at = f"{DAY}17:00:00Z"
    for other in (standing.entry - 1, standing.entry + 1):
        facts = made.authority(extends=other, signed_at=at)
        refused(history, "not-the-same", "authorise.authority", facts, "authorising-officer", at)
    facts = made.authority(extends=standing.entry, signed_at=at)
    history.do("authorise.authority", facts, "authorising-officer", at)
    assert history.deployment.phase is Phase.LIVE
    again = history.deployment.authority
    assert again is not None
    assert again.extensions == 1
    notice = {
        "channels": ["web"], "url": "https://force-a.example/next", "published_at": at, "purpose": "arrest-wanted",
        **made.public_place(made.place(end=f"{DAY}19:30:00Z")),
    }  # fmt: skip
    history.do("open.notice", notice, "press-officer", at)
    assert history.deployment.windows[-1].end == f"{DAY}19:30:00Z"


def test_conditions_are_counted_and_a_moratorium_stops_authority_list_opening_and_going_on() -> None:
    history = History().upto("assess")
    facts = {"reason": "regulator", "decision": made.digest("m"), "starts_at": "2026-02-22T00:00:00Z"}
    given: dict[str, Any] = {"subject": FORCE, "supplied_by": "outside"}
    index = history.do("programme.moratorium", facts, "moratorium-authority", "2026-02-22T00:00:00Z", **given)
    at = "2026-02-23T09:00:00Z"
    conditions = [{"type": "smaller-zone", "digest": made.digest("c")}]
    narrowed = made.authority(decision="granted-with-conditions", conditions=conditions)
    refused(history, "moratorium-stands", "authorise.authority", narrowed, "authorising-officer", at)
    lifting = {"moratorium": index, "decision": made.digest("l"), "lifted_at": "2026-02-22T12:00:00Z"}
    when = "2026-02-22T12:00:00Z"
    refused(
        history, "roles-conflict", "programme.moratorium-lifted", lifting, "moratorium-authority", when,
        key="senior-owner", **given,
    )  # fmt: skip
    history.do("programme.moratorium-lifted", lifting, "moratorium-authority", when, **given)
    history.do("authorise.authority", narrowed, "authorising-officer", at, {"reasons": made.REASONS})
    authority = history.deployment.authority
    assert authority is not None
    assert authority.conditions == 1
    for name in ("notify", "list", "approve", "brief"):
        made._DO[name](history)
    again = facts | {"starts_at": f"{DAY}11:00:00Z"}
    history.do("programme.moratorium", again, "moratorium-authority", f"{DAY}11:00:00Z", **given)
    refused(history, "moratorium-stands", "live.opened", made.opened(DOCUMENT), "commander", START)


def test_findings_stand_against_the_next_authority_until_answered_or_overridden() -> None:
    history = History().upto("assess")
    when = "2026-02-22T00:00:00Z"
    finding = {
        "finding": "f-1", "duty": "uk.bridges.who", "result": "not-met", "report": made.digest("r"),
        "answer_due": "2026-02-22",
    }  # fmt: skip
    history.do("review.finding", finding, "reviewer", when, subject=FORCE, supplied_by="outside")
    later = finding | {"finding": "f-2", "answer_due": "2026-02-23"}
    history.do("review.finding", later, "reviewer", when, subject=FORCE, supplied_by="outside")
    at, facts = "2026-02-23T09:00:00Z", made.authority()
    said = refused(history, "findings-unanswered", "authorise.authority", facts, "authorising-officer", at)
    assert said.endswith("not answered by their day: f-1 (about force-a)")
    override = {
        "gate": "authorise", "duties": ["f-1"], "officer_rank": "superintendent", "expires_at": "2026-02-23T12:00:00Z",
        "reason": "duty-disputed",
    }  # fmt: skip
    reasons = {"reasons": {"reasons": "Why it goes ahead."}}
    long = override | {"expires_at": "2026-02-27T00:00:00Z"}
    refused(history, "not-in-policy", "authorise.override", long, "authorising-officer", at, reasons)
    history.do("authorise.override", override, "authorising-officer", "2026-02-23T08:00:00Z", reasons)
    history.plan("authorise.authority", facts, "authorising-officer", at)
    late = "2026-02-23T12:00:00Z"
    refused(history, "findings-unanswered", "authorise.authority", facts, "authorising-officer", late)
    answer = {"finding": "f-1", "response": "accepted", "answer": made.digest("a")}
    history.do("review.answer", answer, "senior-owner", late, subject=FORCE)
    refused(history, "not-the-same", "review.answer", answer, "senior-owner", late, subject=FORCE)
    history.do("authorise.authority", facts, "authorising-officer", late)
    assert history.state.overrides == 1


@pytest.mark.parametrize(
    ("change", "key", "code"),
    [
        ({"size": 4}, None, "list-not-allowed"),
        ({"built_at": "2026-03-02T09:00:00Z"}, None, "list-not-allowed"),
        ({"expires_at": "2026-03-02T07:00:00Z"}, None, "list-not-allowed"),
        ({"by_category": [MISSING]}, None, "list-not-allowed"),
        ({}, "authorising-officer", "roles-conflict"),
    ],
)
def test_lists_that_break_a_rule(change: dict[str, Any], key: str | None, code: str) -> None:
    history = History().upto("notify")
    facts, at = made.manifest(**change), f"{DAY}08:30:00Z"
    contents = {"entries": made.listed_entries()}
    refused(history, code, "authorise.manifest", facts, "watchlist-builder", at, contents, key=key)
    assert smuggled(history, "authorise.manifest", facts, "watchlist-builder", at, key) == code


@pytest.mark.parametrize("limit", [2, 3])
def test_a_list_may_be_as_long_as_the_authority_says_and_no_longer(limit: int) -> None:
    history = History().upto("assess")
    facts = made.authority(list_maximum=limit)
    history.do("authorise.authority", facts, "authorising-officer", "2026-02-23T09:00:00Z", {"reasons": made.REASONS})
    contents = {"entries": made.listed_entries()}
    if limit == 3:
        history.do("authorise.manifest", made.manifest(), "watchlist-builder", f"{DAY}08:30:00Z", contents)
    else:
        refused(
            history, "list-not-allowed", "authorise.manifest", made.manifest(), "watchlist-builder", f"{DAY}08:30:00Z",
            contents,
        )  # fmt: skip


def test_a_list_of_another_deployment_is_not_used_again() -> None:
    history = History().upto("archive")
    history.subject = "force-a/d-2"
    case = {"place": made.place()}
    history.do("plan.proposal", made.proposal(), "applicant", "2026-05-01T09:00:00Z", case)
    history.do("plan.assessment", made.assessment(), "assessor", "2026-05-02T09:00:00Z")
    history.do("authorise.authority", made.authority(), "authorising-officer", "2026-05-03T09:00:00Z")
    facts = made.manifest(built_at="2026-05-04T08:00:00Z", expires_at="2026-05-05T08:00:00Z")
    contents = {"entries": made.listed_entries()}
    refused(
        history, "list-not-allowed", "authorise.manifest", facts, "watchlist-builder", "2026-05-04T09:00:00Z", contents
    )


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"threshold_minimum": "0.61"}, "limits-exceeded"),
        ({"threshold_minimum": "0.59", "engine_version": "engine/4.0"}, "limits-exceeded"),
        ({"ceilings": [{"measure": "false-alerts-per-face", "at_most": "0.002", "clause": "x"}]}, "limits-exceeded"),
        ({"list_digest": made.digest("other")}, "not-the-same"),
        ({"list_size": 4}, "not-the-same"),
    ],
)
def test_limits_laxer_than_policy_or_authority_release_nothing(terms: dict[str, Any], code: str) -> None:
    history = History().upto("list")
    document = limits.limits_document(made.SUBJECT, bytes(32), made.place(), made.terms(**terms))
    before = history.state
    with pytest.raises(CountersignError) as caught:
        history.approve(document=document)
    assert caught.value.code == code
    assert history.state is before
    assert history.deployment.limits is None


@pytest.mark.parametrize(
    ("key", "facts", "code"),
    [
        ("watchlist-builder", {}, "roles-conflict"),
        ("applicant", {}, "roles-conflict"),
        ("authorising-officer", {"officer_rank": "sergeant"}, "rank-too-low"),
        ("authorising-officer", {"digest": made.digest("other")}, "not-the-same"),
        ("authorising-officer", {"manifest": 0}, "not-the-same"),
    ],
)
def test_approvals_that_break_a_rule_release_nothing(key: str, facts: dict[str, Any], code: str) -> None:
    history = History().upto("list")
    listed = history.deployment.listed
    assert listed is not None
    named: dict[str, Any] = {"manifest": listed.entry, "digest": listed.digest, "officer_rank": "superintendent"}
    named |= facts
    act = Act(made.SUBJECT, f"{DAY}09:00:00Z", "authorising-officer", KEYS[key].key)
    with pytest.raises(CountersignError) as caught:
        approve(history.state, act, named, DOCUMENT, known=Known(f"{DAY}09:00:00Z"))
    assert caught.value.code == code


def test_a_new_list_takes_the_approval_back() -> None:
    history = History().upto("brief")
    at = f"{DAY}10:30:00Z"
    facts = made.manifest(digest=made.digest("list two"), built_at=at)
    history.do("authorise.manifest", facts, "watchlist-builder", at, {"entries": made.listed_entries()})
    assert Step.APPROVED not in history.deployment.steps
    assert history.deployment.limits is None
    refused(history, "step-out-of-order", "live.opened", made.opened(DOCUMENT), "commander", START)


@pytest.mark.parametrize(
    ("change", "at", "code"),
    [
        ({"limits": made.digest("x")}, START, "not-the-same"),
        ({"list_digest": made.digest("x")}, START, "not-the-same"),
        ({"engine_version": "engine/4.1"}, START, "not-the-same"),
        ({"threshold": "0.61"}, START, "limits-exceeded"),
        ({"threshold": "0.62"}, START, None),
        ({}, f"{DAY}11:59:59Z", "outside-window"),
        ({}, END, "outside-window"),
        ({}, f"{DAY}17:59:59Z", None),
        ({}, f"{DAY}20:00:00Z", "list-not-allowed"),
    ],
)
def test_openings_at_the_edges_of_what_was_declared(change: dict[str, Any], at: str, code: str | None) -> None:
    history = History().upto("brief")
    facts = made.opened(DOCUMENT, **change)
    if code is None:
        history.do("live.opened", facts, "commander", at)
        assert history.deployment.phase is Phase.LIVE
    else:
        refused(history, code, "live.opened", facts, "commander", at)
        assert smuggled(history, "live.opened", facts, "commander", at) == code


def test_a_list_older_than_the_policy_allows_does_not_open() -> None:
    history = History().upto("notify")
    facts = made.manifest(built_at="2026-03-01T11:59:59Z", expires_at="2026-03-03T20:00:00Z")
    contents = {"entries": made.listed_entries()}
    history.do("authorise.manifest", facts, "watchlist-builder", f"{DAY}08:30:00Z", contents)
    history.approve()
    made._DO["brief"](history)
    said = refused(history, "list-not-allowed", "live.opened", made.opened(DOCUMENT), "commander", START)
    assert "older than 24 hours (8.1)" in said


def test_a_duty_that_bars_the_opening_needs_a_signed_override_that_has_not_expired() -> None:
    history = History().upto("brief")
    facts = made.opened(DOCUMENT)
    said = refused(
        history,
        "duty-unmet",
        "live.opened",
        facts,
        "commander",
        START,
        unmet={"uk.dpa.s64.dpia": "not shown"},
    )
    assert "uk.dpa.s64.dpia" in said
    override = {
        "gate": "open", "duties": ["uk.dpa.s64.dpia"], "officer_rank": "superintendent", "expires_at": START,
        "reason": "evidence-follows",
    }  # fmt: skip
    reasons = {"reasons": {"reasons": "Why."}}
    history.do("authorise.override", override, "authorising-officer", f"{DAY}11:00:00Z", reasons)
    refused(
        history,
        "duty-unmet",
        "live.opened",
        facts,
        "commander",
        START,
        unmet={"uk.dpa.s64.dpia": "not shown"},
    )
    longer = override | {"expires_at": END}
    history.do("authorise.override", longer, "authorising-officer", f"{DAY}11:00:00Z", reasons)
    history.do("live.opened", facts, "commander", START, unmet={"uk.dpa.s64.dpia": "not shown"})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (zone((0, 0), (20, 10), (20, 0), (0, 10)), "zone-crosses-itself"),
        (zone((0, 0), (200, 0), (200, 11), (0, 11)), "zone-too-large"),
        (windows(("12:00", "12:00")), "outside-window"),
        (windows(("12:00", "21:00")), "outside-window"),
        (windows(("12:00", "18:00"), ("17:00", "19:00")), "windows-overlap"),
    ],
)
def test_notices_with_a_zone_or_window_that_cannot_be(change: dict[str, Any], code: str) -> None:
    history = History().upto("authorise")
    at = "2026-02-27T09:00:00Z"
    facts = {
        "channels": ["web"], "url": "https://force-a.example/next", "published_at": at, "purpose": "arrest-wanted",
        **made.public_place(made.place()), **change,
    }  # fmt: skip
    refused(history, code, "open.notice", facts, "press-officer", at)


@pytest.mark.parametrize(
    ("unit", "start", "clash"),
    [("van-1", "17:59:59", True), ("van-1", "18:00:00", False), ("van-2", "12:00:00", False)],
)
def test_one_unit_is_not_in_two_places_at_once(unit: str, start: str, clash: bool) -> None:
    history = History().upto("notify")
    history.subject = "force-a/d-2"
    case = {"place": made.place()}
    history.do("plan.proposal", made.proposal(), "applicant", "2026-02-24T09:00:00Z", case)
    history.do("plan.assessment", made.assessment(), "assessor", "2026-02-25T09:00:00Z")
    history.do("authorise.authority", made.authority(), "authorising-officer", "2026-02-26T09:00:00Z")
    at = "2026-02-27T09:00:00Z"
    where = made.place(start=f"{DAY}{start}Z", end=f"{DAY}19:00:00Z", unit=unit)
    facts = {
        "channels": ["web"], "url": "https://force-a.example/next", "published_at": at, "purpose": "arrest-wanted",
        **made.public_place(where),
    }  # fmt: skip
    if clash:
        refused(history, "windows-overlap", "open.notice", facts, "press-officer", at)
    else:
        history.do("open.notice", facts, "press-officer", at)


def test_without_notice_for_a_critical_threat_place_and_window_come_with_the_opening() -> None:
    history = History().upto("authorise")
    for name in ("list", "approve", "brief"):
        made._DO[name](history)
    exempt = {"reason": "critical-threat", "officer_rank": "superintendent", "approved_at": f"{DAY}10:30:00Z"}
    reasons = {"reasons": {"reasons": "A threat."}}
    at = f"{DAY}10:30:00Z"
    kind, role = "open.notice-exemption", "authorising-officer"
    refused(history, "roles-conflict", kind, exempt, role, at, reasons, key="applicant")
    history.do("open.notice-exemption", exempt, "authorising-officer", at, reasons)
    refused(history, "outside-window", "live.opened", made.opened(DOCUMENT), "commander", START)
    other = made.opened(DOCUMENT, place=made.public_place(made.place("Low Street")))
    refused(history, "not-the-same", "live.opened", other, "commander", START, declared=DOCUMENT)
    facts = made.opened(DOCUMENT, place=made.public_place(made.place()))
    history.do("live.opened", facts, "commander", START, declared=DOCUMENT)
    assert history.deployment.windows[0].end == END


def test_clocks_do_not_run_backwards_and_late_entries_show_as_late() -> None:
    history = History().upto("close")
    facts = {"since": START, "operators": 2, "engagement_officers": 4, "explaining": 2}
    refused(history, "clock-runs-back", "live.staffing", facts, "commander", START)
    late = facts | {"late": {"written_at": "2026-03-03T09:00:00Z", "reason": "paper-first"}}
    now = "2026-03-03T09:00:00Z"
    index = history.do("live.staffing", late, "commander", START, now=now)
    assert history.deployment.late == (index,)
    refused(history, "clock-runs-back", "live.staffing", late, "commander", START, now=END)
    future = facts | {"since": "2026-03-04T09:00:00Z"}
    refused(history, "clock-runs-back", "live.staffing", future, "commander", "2026-03-04T09:00:00Z", now=now)


@pytest.mark.parametrize(
    ("subject", "kind"),
    [("force-a/d-1", "programme.board-minutes"), ("force-a", "plan.cia"), ("force-b/d-1", "observer.sighting")],
)
def test_entries_about_the_wrong_subject(subject: str, kind: str) -> None:
    papers: dict[str, dict[str, Any]] = {
        "programme.board-minutes": {"board": "b", "date": "2026-01-01", "minutes": made.digest("m")},
        "plan.cia": {
            "reference": "r", "created_at": START, "reviewed_at": [], "digest": made.digest("c"), "issues": 0,
            "actions": 0,
        },
        "observer.sighting": {
            "place": "High Street", "first": "2026-03-02T14Z", "last": "2026-03-02T15Z", "signs": "none",
        },
    }  # fmt: skip
    role = {"programme.board-minutes": "senior-owner", "plan.cia": "applicant", "observer.sighting": "observer"}[kind]
    supplied = "observer" if role == "observer" else "force"
    refused(History(), "subject-wrong", kind, papers[kind], role, START, subject=subject, supplied_by=supplied)


def test_what_a_compiler_enters_from_papers_is_taken_in_any_order() -> None:
    history = History()
    history.do("live.opened", made.opened(DOCUMENT), "compiler", START)
    assert history.deployment.phase is Phase.LIVE
    assert history.deployment.compiled
    assert history.deployment.irregularities == ()


def test_what_happened_outside_the_window_is_still_taken() -> None:
    history = History().upto("open")
    facts, contents = made.hour(21, [])
    history.do("live.hour", facts, "operator", START, contents)
    assert history.deployment.faces == 800


def _place(**changes: Any) -> dict[str, Any]:
    return {**made.place(), **changes}


def _shifted(by: int) -> dict[str, Any]:
    zone = made.place()["zone"]
    return {**zone, "points": [{"x": one["x"] + by, "y": one["y"]} for one in zone["points"]]}


@pytest.mark.parametrize(
    "wider",
    [
        {"windows": [{"start": "2026-03-02T17:30:00Z", "end": "2026-03-02T18:30:00Z"}]},
        {"zone": _shifted(1)},
        {"cameras": [{**made.place()["cameras"][0], "x": made.place()["cameras"][0]["x"] + 1}]},
        {"unit": "van-9"},
        {"name": "Station Square"},
    ],
)
def test_an_authority_for_more_than_was_proposed_is_refused_and_for_less_is_not(wider: dict[str, Any]) -> None:
    history = History().upto("assess")
    at = "2026-02-23T09:00:00Z"

    def plan(place: dict[str, Any]) -> None:
        history.plan(
            "authorise.authority", made.authority(), "authorising-officer", at,
            {"reasons": made.REASONS, "place": place}, proposed=made.place(),
        )  # fmt: skip

    plan(_place())
    plan(_place(windows=[{"start": made.START, "end": "2026-03-02T15:00:00Z"}]))
    with pytest.raises(OutsideProposal):
        plan(_place(**wider))
