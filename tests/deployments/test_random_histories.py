"""Random commands in random order: what is taken never leads to a forbidden state, what is refused changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from tests.making import histories as made
from tests.making.histories import DOCUMENT, FORCE, KEYS, History

from countersign.deployments.fold import advance, fold
from countersign.deployments.lifecycle import Phase, Step
from countersign.deployments.rules import Act
from countersign.deployments.state import Programme
from countersign.errors import CountersignError
from countersign.record.entries.entry import Entry
from countersign.register.commands import Known, approve

TIMES = [
    *(f"2026-03-02T{hour:02d}:00:00Z" for hour in range(8, 24)),
    *(f"2026-03-{day:02d}T09:00:00Z" for day in range(3, 9)),
]  # fmt: skip
PEOPLE = ("applicant", "authorising-officer", "commander", "watchlist-builder")


def papers(history: History, at: str) -> dict[str, tuple[str, dict[str, Any], Any]]:
    """For each kind: a role, facts that would do in the right place, and contents."""
    listed = history.deployment.listed
    authority = history.deployment.authority
    limits = history.deployment.limits
    return {
        "plan.proposal": ("applicant", made.proposal(), {"place": made.place()}),
        "plan.assessment": ("assessor", made.assessment(), {}),
        "authorise.authority": ("authorising-officer", made.authority(signed_at=at), {"reasons": made.REASONS}),
        "authorise.manifest": (
            "watchlist-builder", made.manifest(built_at="2026-03-02T08:00:00Z"), {"entries": made.listed_entries()},
        ),
        "open.notice": (
            "press-officer",
            {
                "channels": ["web"], "url": "https://force-a.example/next", "published_at": at, "purpose": "arrest",
                **made.public_place(made.place()),
            },
            {},
        ),
        "open.notice-exemption": (
            "authorising-officer",
            {"reason": "critical-threat", "officer_rank": "superintendent", "approved_at": at},
            {"reasons": {"reasons": "A threat."}},
        ),
        "brief.briefing": (
            "commander",
            {"briefed_at": at, "script": made.digest("s"), "script_version": "1", "attendees": 3, "topics": []}, {},
        ),
        "live.opened": (
            "commander",
            made.opened(DOCUMENT, opened_at=at, limits=limits.digest if limits else made.digest("none")), {},
        ),
        "live.suspended": ("commander", {"suspended_at": at, "reason": "fault"}, {}),
        "live.resumed": ("commander", {"resumed_at": at, "cause_removed": True, "threshold": "0.64"}, {}),
        "live.hour": ("operator", made.hour(14, [])[0], {}),
        "close.cancellation": (
            "commander",
            {"closed_at": at, "reason": "end-of-window", "faces": 1, "alerts": 0, "engagements": 0, "incidents": 0}, {},
        ),
        "delete.deletion": ("engineer", made.deletion("watchlist", at), {}),
        "delete.hold": (
            "custodian",
            {
                "class": "cctv", "count": 1, "reason": "evidence", "legal_basis": "CPIA-1996", "owner": "custodian",
                "review_date": "2026-04-01", "disclosure_entry_made": True,
            },
            {},
        ),
        "review.deployment-review": (
            "operational-lead",
            {
                "made_at": at, "digest": made.digest("r"), "objective_met": "no", "necessary_in_hindsight": "no",
                "lessons": 0, "actions": 0,
            },
            {},
        ),
        "publish.results": ("press-officer", made.results(published_at=at), {}),
        "publish.archived": ("recorder", {"references_kept": 1}, {}),
        "programme.moratorium": (
            "moratorium-authority", {"reason": "bias", "decision": made.digest("m"), "starts_at": at}, {},
        ),
        "authorise.urgent-review": (
            "authorising-officer",
            {
                "authority": authority.entry if authority else 0, "officer_rank": "superintendent", "reviewed_at": at,
                "decision": "ended",
            },
            {},
        ),
        "authorise.list-change": (
            "authorising-officer",
            {
                "change": "remove", "count": 1, "before": listed.approved if listed and listed.approved else "0" * 64,
                "digest": made.digest("list two"), "size": 2, "changed_at": at,
            },
            {},
        ),
    }  # fmt: skip


KINDS = tuple(papers(History(), TIMES[0]))
#: Mostly the right next step, so that histories get somewhere; else anything.
ACTS = st.lists(
    st.tuples(
        st.sampled_from([*KINDS, *["next"] * 40, "authorise.approval"]),
        st.integers(0, 2),
        st.sampled_from(["right"] * 12 + list(PEOPLE)),
        st.sampled_from(["granted"] * 5 + ["refused", "urgent"]),
    ),
    min_size=10,
    max_size=40,
)
IN_ORDER = (
    "plan.proposal", "plan.assessment", "authorise.authority", "authorise.manifest", "authorise.approval",
    "open.notice", "brief.briefing", "live.opened", "live.hour", "live.suspended", "live.resumed",
    "close.cancellation", "delete.deletion", "review.deployment-review", "publish.results", "publish.archived",
)  # fmt: skip


def attempt(history: History, kind: str, at: str, who: str, decision: str) -> None:
    role, facts, contents = papers(history, at).get(kind, ("authorising-officer", {}, {}))
    if kind == "authorise.authority" and decision == "refused":
        facts["decision"] = "refused"
    if kind == "authorise.authority" and decision == "urgent":
        facts |= {"form": "oral", "urgent": {"reason": "threat-to-life", "oral_at": at}, "officer_rank": "inspector"}
    key = role if who == "right" else who
    if kind == "authorise.approval":
        listed = history.deployment.listed
        act = Act(made.SUBJECT, at, role, KEYS[key].key)
        named: dict[str, Any] = {
            "manifest": listed.entry if listed else 0, "digest": made.LIST_DIGEST, "officer_rank": "superintendent",
        }  # fmt: skip
        for one in approve(history.state, act, named, DOCUMENT, known=Known(at)):
            history.take(one, KEYS[key])
        return
    subject = FORCE if kind.startswith("programme.") else made.SUBJECT
    supplied = "outside" if kind == "programme.moratorium" else "force"
    history.do(kind, facts, role, at, contents, subject=subject, supplied_by=supplied, key=key)


def check_never(state: Programme) -> None:
    one = state.deployment(made.SUBJECT)
    authority, listed = one.authority, one.listed
    assert one.irregularities == ()
    if one.phase in (Phase.LIVE, Phase.SUSPENDED):
        assert {Step.LISTED, Step.APPROVED, Step.NOTIFIED, Step.BRIEFED} <= one.steps
        assert authority is not None
        assert authority.decision != "refused"
        assert authority.key not in one.authors
        assert one.limits is not None
        assert listed is not None
        assert listed.approved is not None
        assert listed.key not in (authority.key, one.approver)
        assert one.opened_at is not None
        assert any(span.start <= one.opened_at < span.end for span in one.windows)
    if one.phase is Phase.REFUSED:
        assert (one.opened_at, one.limits) == (None, None)
    if one.phase is Phase.ARCHIVED:
        assert Step.DELETED in one.steps
        assert one.opened_at is None or {Step.REVIEWED, Step.PUBLISHED} <= one.steps
    if one.phase is Phase.NOT_BEGUN:
        assert (one.steps, authority) == (frozenset(), None)


@settings(max_examples=300, deadline=None)
@given(ACTS)
@pytest.mark.slow
def test_no_forbidden_state_is_reached_and_refusals_change_nothing(acts: list[tuple[str, int, str, str]]) -> None:
    history = History()
    history.do("programme.policy", made.policy(), "senior-owner", "2026-01-05T09:00:00Z", subject=FORCE)
    clock, place = 0, 0
    opened_under_moratorium = False
    for kind, later, who, decision in acts:
        clock = min(clock + later, len(TIMES) - 1)
        at = TIMES[clock]
        planned = IN_ORDER[place] if kind == "next" else kind
        before, size, phase = history.state, len(history.entries), history.deployment.phase
        try:
            attempt(history, planned, at, who, decision)
        except CountersignError:
            assert history.state is before
            assert len(history.entries) == size
            continue
        if planned == IN_ORDER[place] and place < len(IN_ORDER) - 1:
            place += 1
        check_never(history.state)
        event(f"{history.deployment.phase}")
        if phase is not Phase.LIVE and history.deployment.phase is Phase.LIVE:
            opened_under_moratorium |= any(one.stands(at) for one in history.state.moratoria)
    assert not opened_under_moratorium
    again = fold(FORCE, history.entries)
    assert again == history.state
    assert Programme.parse(again.render()) == again


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_state_advanced_from_any_point_equals_the_full_fold_lawful_or_not(data: st.DataObject) -> None:
    whole = History().upto("archive").entries
    order = data.draw(st.permutations(range(len(whole))))
    kept = data.draw(st.integers(0, len(whole)))
    shuffled: list[tuple[int, Entry]] = [(index, whole[old][1]) for index, old in enumerate(order[:kept])]
    full = fold(FORCE, shuffled)
    cut = data.draw(st.integers(0, kept))
    state = Programme.parse(fold(FORCE, shuffled[:cut]).render())
    for index, entry in shuffled[cut:]:
        state = advance(state, index, entry)
    assert state == full


def test_every_step_left_out_bars_the_opening() -> None:
    for left_out in ("assess", "authorise", "notify", "list", "approve", "brief"):
        history = History()
        refused = False
        for name in made.STEPS[: made.STEPS.index("open") + 1]:
            if name == left_out:
                continue
            try:
                made._DO[name](history)
            except (CountersignError, AssertionError):
                refused = True
        assert refused
        assert history.deployment.opened_at is None, left_out
