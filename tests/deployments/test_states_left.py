"""Every state that bars a step is left by the act that its message names; a season of them leaves none behind."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace
from tests.making import histories as made
from tests.making.histories import DOCUMENT, END, FORCE, START, SUBJECT, History

from countersign.deployments import clock, lifecycle, place, refusals
from countersign.deployments.fold import late_for, late_in, outstanding
from countersign.deployments.lifecycle import Phase
from countersign.deployments.outside.heard import HeardMoratorium
from countersign.deployments.view import View
from countersign.errors import CountersignError, NotAllowed
from countersign.rulebook.gates import moratoria, standing, unanswered

DAY = "2026-03-02T"
NOON = "2026-02-23T09:00:00Z"
OFFICER = "authorising-officer"
WHY = {"reasons": {"reasons": "Why it goes ahead."}}
OUTSIDE: dict[str, Any] = {"subject": FORCE, "supplied_by": "outside"}
Step = Callable[[History], object]


class Bar(NamedTuple):
    """What is barred, by which error, how it comes to be, the act its message names, and the step taken again."""

    code: str
    upto: str
    makes: Step
    step: Step
    act: Step
    again: Step | None = None


def authorise(history: History, at: str = NOON, **changes: Any) -> None:
    history.do("authorise.authority", made.authority(signed_at=at, **changes), OFFICER, at, {"reasons": made.REASONS})


def propose(history: History, **changes: Any) -> None:
    history.do("plan.proposal", made.proposal() | changes, "applicant", NOON, {"place": made.place()})


def find(history: History, name: str = "f-1", subject: str = FORCE, due: str = "2026-02-22") -> None:
    facts = {
        "finding": name, "duty": "uk.bridges.who", "result": "not-met", "report": made.digest("r"), "answer_due": due,
    }  # fmt: skip
    history.do("review.finding", facts, "reviewer", "2026-02-22T00:00:00Z", subject=subject, supplied_by="outside")


def answer(history: History, name: str = "f-1", subject: str = FORCE, at: str = "2026-02-23T08:00:00Z") -> None:
    facts = {"finding": name, "response": "accepted", "answer": made.digest("a")}
    history.do("review.answer", facts, "senior-owner", at, subject=subject)


def dispute(history: History, subject: str = FORCE) -> None:
    facts = {"finding": "f-1", "grounds": "record-misread", "answer": made.digest("d")}
    history.do("review.dispute", facts, "senior-owner", "2026-02-23T08:00:00Z", subject=subject)


def stop(history: History, at: str = "2026-02-22T00:00:00Z") -> int:
    facts = {"reason": "regulator", "decision": made.digest("m"), "starts_at": at}
    return history.do("programme.moratorium", facts, "moratorium-authority", at, **OUTSIDE)


def lift(history: History, entry: int, lifted_at: str, at: str) -> None:
    facts = {"moratorium": entry, "decision": made.digest("l"), "lifted_at": lifted_at}
    history.do("programme.moratorium-lifted", facts, "moratorium-authority", at, **OUTSIDE)


def stop_and_lift_in_a_year(history: History) -> None:
    lift(history, stop(history), "2027-02-22T00:00:00Z", "2026-02-22T01:00:00Z")


def lift_now(history: History) -> None:
    lift(history, history.state.moratoria[-1].entry, "2026-02-23T08:00:00Z", "2026-02-23T08:00:00Z")


def hear(history: History, until: str | None = None) -> None:
    heard = HeardMoratorium("ombudsman.example", "2026-02-22T00:00:00Z", until, "OMB/1")
    history.state = replace(history.state, heard=(heard,))


def override(history: History, gate: str, *duties: str, at: str = "2026-02-23T08:00:00Z") -> None:
    facts = {
        "gate": gate, "duties": list(duties), "officer_rank": "superintendent",
        "expires_at": clock.hours_later(at, 10), "reason": "duty-disputed",
    }  # fmt: skip
    history.do("authorise.override", facts, OFFICER, at, WHY)


def notify(history: History, at: str, **where: Any) -> None:
    facts = {
        "channels": ["web"], "url": "https://force-a.example/next", "published_at": at, "purpose": "arrest-wanted",
        **made.public_place(made.place(**where)),
    }  # fmt: skip
    history.do("open.notice", facts, "press-officer", at)


def enter_policy(history: History) -> None:
    case = {"id": "search", "clause": "3.2", "categories": ["bail"], "criteria": ["hotspot"]}
    facts = made.policy(version="3.2", digest=made.digest("policy 3.2"), use_cases=[case])
    history.do("programme.policy", facts, "senior-owner", "2026-02-01T09:00:00Z", subject=FORCE)


def resume(history: History, threshold: str = "0.64", at: str = f"{DAY}15:00:00Z") -> None:
    history.do("live.resumed", {"resumed_at": at, "cause_removed": True, "threshold": threshold}, "commander", at)


def extend(history: History, at: str) -> None:
    authority = history.deployment.authority
    assert authority is not None
    authorise(history, at, extends=authority.entry)


def extend_and_notify(history: History) -> None:
    extend(history, f"{DAY}18:00:00Z")
    notify(history, f"{DAY}18:10:00Z", end=f"{DAY}19:30:00Z")


def second(history: History) -> None:
    history.subject = "force-a/d-2"
    propose(history)
    history.do("plan.assessment", made.assessment(), "assessor", NOON)
    authorise(history)


def call_off_the_first(history: History) -> None:
    history.subject = SUBJECT
    facts = {
        "closed_at": f"{DAY}11:00:00Z", "reason": "not-needed", "faces": 0, "alerts": 0, "engagements": 0,
        "incidents": 0,
    }  # fmt: skip
    history.do("close.cancellation", facts, "commander", f"{DAY}11:00:00Z")
    history.subject = "force-a/d-2"


def end_by_review(history: History) -> None:
    authority = history.deployment.authority
    assert authority is not None
    facts = {
        "authority": authority.entry, "officer_rank": "superintendent", "reviewed_at": f"{DAY}14:30:00Z",
        "decision": "ended",
    }  # fmt: skip
    history.do("authorise.urgent-review", facts, OFFICER, f"{DAY}14:30:00Z", key="commander")


def urgent(history: History) -> None:
    oral: dict[str, Any] = {"form": "oral", "urgent": {"reason": "threat-to-life", "oral_at": NOON}}
    authorise(history, **oral)
    for name in ("notify", "list", "approve", "brief", "open"):
        made._DO[name](history)
    made.suspended(history)
    end_by_review(history)


def list_again(history: History) -> None:
    fresh = made.manifest(built_at=f"{DAY}16:00:00Z", expires_at="2026-03-03T00:00:00Z")
    history.do("authorise.manifest", fresh, "watchlist-builder", f"{DAY}16:10:00Z", {"entries": made.listed_entries()})
    history.approve(f"{DAY}16:20:00Z")


def short_list(history: History) -> None:
    facts = made.manifest(expires_at=f"{DAY}12:30:00Z")
    history.do("authorise.manifest", facts, "watchlist-builder", f"{DAY}11:00:00Z", {"entries": made.listed_entries()})
    history.approve(f"{DAY}11:30:00Z")


def go_live(history: History, at: str = START, **known: Any) -> None:
    history.do("live.opened", made.opened(DOCUMENT, opened_at=at), "commander", at, **known)


def staff(history: History, **late: Any) -> None:
    facts = {"since": START, "operators": 2, "engagement_officers": 4, "explaining": 2, **late}
    history.do("live.staffing", facts, "commander", START, now="2026-03-03T09:00:00Z")


def lay_down(history: History, **where: Any) -> None:
    contents = {"reasons": made.REASONS, "place": {**made.place(), **where}}
    history.do("authorise.authority", made.authority(), OFFICER, NOON, contents, proposed=made.place())


def wide(history: History, side: int) -> None:
    zone: dict[str, Any] = made.place()["zone"]
    corners = [{"x": x, "y": y} for x, y in ((0, 0), (side, 0), (side, side), (0, side))]
    facts = {
        "channels": ["web"], "url": "https://force-a.example/next", "published_at": f"{DAY}09:00:00Z",
        "purpose": "arrest-wanted", **made.public_place(made.place()), "zone": zone | {"points": corners},
    }  # fmt: skip
    history.do("open.notice", facts, "press-officer", f"{DAY}09:00:00Z")


def nothing(_: History) -> None:
    pass


BARS: dict[str, Bar] = {
    "not assessed": Bar("step-out-of-order", "propose", nothing, authorise, made._assess),
    "no policy": Bar("force-policy-missing", "", nothing, propose, made._propose, nothing),
    "use case": Bar(
        "not-in-policy", "", lambda one: one.do("programme.policy", made.policy(), "senior-owner",
                                               "2026-01-05T09:00:00Z", subject=FORCE),
        lambda one: propose(one, use_case="search"), enter_policy,
        lambda one: propose(one, use_case="search", policy=made.digest("policy 3.2")),
    ),
    "rank": Bar(
        "rank-too-low", "assess", nothing, lambda one: authorise(one, officer_rank="inspector"), nothing, authorise,
    ),
    "one person": Bar(
        "roles-conflict", "assess", nothing,
        lambda one: one.do("authorise.authority", made.authority(), OFFICER, NOON, {"reasons": made.REASONS},
                           key="applicant"),
        nothing, authorise,
    ),
    "moratorium": Bar("moratorium-stands", "assess", stop, authorise, lift_now),
    "moratorium lifted for a later day": Bar(
        "moratorium-stands", "assess", stop_and_lift_in_a_year, authorise, lift_now,
    ),
    "moratorium heard": Bar(
        "moratorium-stands", "assess", hear, authorise, lambda one: hear(one, "2026-02-23T08:00:00Z"),
    ),
    "finding about the force": Bar("findings-unanswered", "assess", find, authorise, answer),
    "finding, disputed": Bar("findings-unanswered", "assess", find, authorise, dispute),
    "finding about another deployment": Bar(
        "findings-unanswered", "assess", lambda one: find(one, subject="force-a/d-0"), authorise,
        lambda one: answer(one, subject="force-a/d-0"),
    ),
    "finding, by an override of its name": Bar(
        "findings-unanswered", "assess", find, authorise, lambda one: override(one, "authorise", "f-1"),
    ),
    "finding, by an override of its duty": Bar(
        "findings-unanswered", "assess", find, authorise, lambda one: override(one, "authorise", "uk.bridges.who"),
    ),
    "finding answered elsewhere": Bar(
        "subject-wrong", "assess", find, lambda one: answer(one, subject=SUBJECT), nothing, answer,
    ),
    "duty": Bar(
        "duty-unmet", "brief", nothing, lambda one: go_live(one, unmet={"uk.dpa.s64.dpia": "not shown"}),
        lambda one: override(one, "open", "uk.dpa.s64.dpia", at=f"{DAY}10:30:00Z"),
    ),
    "list run out": Bar(
        "list-not-allowed", "brief", short_list, lambda one: go_live(one, f"{DAY}17:00:00Z"), list_again,
    ),
    "threshold": Bar(
        "limits-exceeded", "open", made.suspended, lambda one: resume(one, "0.61"), nothing, resume,
    ),
    "window over": Bar(
        "outside-window", "open", made.suspended, lambda one: resume(one, at=f"{DAY}18:30:00Z"),
        extend_and_notify,
    ),
    "another place": Bar(
        "outside-proposal", "assess", nothing, lambda one: lay_down(one, name="Station Square"), nothing, lay_down,
    ),
    "unit elsewhere": Bar(
        "windows-overlap", "notify", second, lambda one: notify(one, f"{DAY}11:10:00Z"), call_off_the_first,
    ),
    "authority ended": Bar(
        "not-the-same", "assess", urgent, resume, lambda one: extend(one, f"{DAY}14:45:00Z"),
    ),
    "no such hold": Bar(
        "not-the-same", "close", nothing,
        lambda one: one.do("delete.hold-released", {"hold": 3, "released_at": END, "deleted": 0}, "custodian", END),
        nothing, nothing,
    ),
    "written late": Bar(
        "clock-runs-back", "close", nothing, staff, nothing,
        lambda one: staff(one, late={"written_at": "2026-03-03T09:00:00Z", "reason": "paper-first"}),
    ),
    "zone": Bar("zone-too-large", "authorise", nothing, lambda one: wide(one, 200), nothing, lambda one: wide(one, 20)),
}  # fmt: skip
#: What has no place in the record at all, whatever is done.
NEVER = {"covert-refused"}


def begun(upto: str) -> History:
    history = History()
    return history.upto(upto) if upto else history


@pytest.mark.parametrize("name", BARS)
def test_each_state_that_bars_is_left_by_the_act_its_message_names(name: str) -> None:
    bar = BARS[name]
    history = begun(bar.upto)
    bar.makes(history)
    before = history.state
    with pytest.raises(CountersignError) as caught:
        bar.step(history)
    assert (caught.value.code, history.state) == (bar.code, before)
    assert caught.value.next_step
    bar.act(history)
    (bar.again or bar.step)(history)
    assert len(history.entries) > 0
    assert not history.deployment.irregularities


def test_a_finding_that_is_disputed_stays_and_can_still_be_answered() -> None:
    history = History().upto("assess")
    find(history)
    with pytest.raises(refusals.SubjectWrong):
        dispute(history, SUBJECT)
    dispute(history)
    with pytest.raises(refusals.NotTheSame):
        dispute(history)
    answer(history)
    finding, late = history.state.findings["f-1"], datetime.datetime.fromisoformat("2027-01-01T00:00:00Z")
    assert finding.replies == (len(history.entries) - 1, len(history.entries) - 2)
    view = View.of(history.entries, SUBJECT)
    assert unanswered(view, late) == ()
    assert unanswered(view.without(finding.replies), late) == ("f-1",)


def test_no_rule_that_bars_is_left_out() -> None:
    rules = {
        error.code
        for module in (refusals, lifecycle, clock, place)
        for error in vars(module).values()
        if isinstance(error, type) and issubclass(error, NotAllowed) and error is not NotAllowed
    }
    assert rules == {bar.code for bar in BARS.values()} | NEVER


def test_what_was_held_past_the_archive_can_still_be_deleted() -> None:
    history = History().upto("close")
    hold = {
        "class": "cctv", "count": 1, "reason": "evidence", "legal_basis": "CPIA-1996", "owner": "custodian",
        "review_date": "2026-04-01", "disclosure_entry_made": True,
    }  # fmt: skip
    entry = history.do("delete.hold", hold, "custodian", f"{DAY}19:00:00Z")
    for name in ("watchlist", "templates", "transfer-media", "alert", "cctv"):
        history.do("delete.deletion", made.deletion(name, remaining=int(name == "cctv")), "engineer", f"{DAY}20:00:00Z")
    for name in ("review", "publish", "archive"):
        made._DO[name](history)
    at = "2026-06-01T09:00:00Z"
    assert history.deployment.phase is Phase.ARCHIVED
    assert [late.code for late in late_in(history.state, history.deployment, at)] == ["hold-review-overdue"]
    history.do("delete.hold-released", {"hold": entry, "released_at": at, "deleted": 0}, "custodian", at)
    assert [late.what for late in late_in(history.state, history.deployment, at)] == ["cctv"]
    history.do("delete.deletion", made.deletion("cctv", at), "engineer", at)
    assert late_in(history.state, history.deployment, at) == ()
    assert outstanding(history.deployment) == ()


def free(history: History, subject: str, at: str) -> bool:
    """Whether neither the state nor the gate, as a reader of a bundle sees it, has anything against an authority."""
    view, moment = View.of(history.entries, subject), datetime.datetime.fromisoformat(at)
    keys = frozenset({made.KEYS["moratorium-authority"].key})
    gate = standing(view, "authorise", profile="england-and-wales", at=moment, outside_keys=keys)
    assert set(gate.unanswered) <= set(unanswered(view, moment))
    state = history.state.standing_moratoria(at) or late_for(history.state, at)
    return not (state or gate.unanswered or moratoria(view, moment, keys))


def live_on(history: History, chance: random.Random, number: int, subject: str, at: str) -> None:
    """Something happens: a finding, an answer in the right place or not, a moratorium, a lifting, a proposal."""
    history.subject = subject if "/" in subject else SUBJECT
    what = chance.randrange(5)
    if what == 0:
        find_at(history, f"f-{number}", subject, at)
    elif what == 1:
        answer(history, f"f-{chance.randrange(number + 1)}", subject, at)
    elif what == 2:
        stop(history, at)
    elif what == 3 and history.state.moratoria:
        entry = chance.choice(history.state.moratoria).entry
        lift(history, entry, clock.hours_later(at, chance.choice([0, 9000])), at)
    else:
        history.do("plan.proposal", made.proposal(), "applicant", at, {"place": made.place()})


@pytest.mark.parametrize("seed", range(12))
def test_in_a_season_lived_at_random_no_bar_outlives_its_act(seed: int) -> None:
    chance, history = random.Random(seed), History().upto("propose")
    subjects = [FORCE, *(f"force-a/d-{number}" for number in range(1, 5))]
    moment = datetime.datetime.fromisoformat("2026-02-21T00:00:00Z")
    for number in range(60):
        moment += datetime.timedelta(hours=chance.randint(1, 30))
        with suppress(CountersignError):
            live_on(history, chance, number, chance.choice(subjects), clock.time_text(moment))
    late = "2027-01-01T00:00:00Z"
    assert history.state.unanswered()
    assert not free(history, "force-a/d-9", late)
    for name, finding in history.state.unanswered().items():
        answer(history, name, finding.subject, late)
    for moratorium in history.state.standing_moratoria(late):
        lift(history, moratorium.entry, late, late)
    assert all(free(history, subject, late) for subject in [*subjects, "force-a/d-9"])


def find_at(history: History, name: str, subject: str, at: str) -> None:
    facts = {
        "finding": name, "duty": "uk.bridges.who", "result": "not-met", "report": made.digest("r"),
        "answer_due": at[:10],
    }  # fmt: skip
    history.do("review.finding", facts, "reviewer", at, subject=subject, supplied_by="outside")
