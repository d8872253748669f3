"""The fold: what state the entries of a force's log come to, one entry at a time.

``advance`` takes the state and the next entry and gives the next state; ``fold`` does so for all. An entry that breaks
order or rules is kept as an irregularity, with the sentence by which a command would have refused it, and moves
nothing; a late one is noted. Entries on keys, schemas and retention pass by, as do those of other forces. A kept state
advanced by the entries since equals the state folded from the start. Nothing is verified here: give it entries that
were.

Lateness follows from the state: deletions, reviews, publications and answers past their time, a window over and the
system still on. Each time limit is a parameter of the force's own policy and is shown with its clause; where the policy
states none, nothing is late by it. A refusal calls for deletion at once, and a hold, an override's duty or a finding
names its own day. The moment is an argument, so that lateness as at any day can be shown.

>>> advance(Programme("force-a"), 3, None).last
3
>>> late_in(Programme("force-a"), Deployment("force-a/d-1"), "2026-03-01T10:00:00Z")
()
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from countersign.deployments import clock as clocks
from countersign.deployments.clock import hours_later
from countersign.deployments.corrections import NONE, CorrectionRefused, Corrections, corrections_in
from countersign.deployments.kinds import COMPILER, NOUNS, noun_of
from countersign.deployments.lifecycle import Phase, Step, move_of, moved
from countersign.deployments.place import spans
from countersign.deployments.rules import OUTSIDE_FINDING, Act, check
from countersign.deployments.state import (
    Authority,
    Deleted,
    Deployment,
    Finding,
    Hold,
    Irregularity,
    Limits,
    Listed,
    Moratorium,
    Override,
    Parameter,
    Policy,
    Programme,
    UseCase,
)
from countersign.errors import CountersignError, EvidenceWrong
from countersign.record.entries.entry import Entry
from countersign.record.entries.forms import force_of

Facts = Mapping[str, Any]
Change = dict[str, Any]

_WRITTEN = frozenset({"plan.proposal", "plan.assessment"})
_LISTED = ("watchlist", "templates", "transfer-media")
_OPENED = ("alert", "cctv")


class EntryOutOfOrder(
    EvidenceWrong, next_step="Fold the log from its first entry on; a kept state can be thrown away."
):
    """An entry is folded in before one that stands earlier in the log, or twice."""


def fold(force: str, entries: Iterable[tuple[int, Entry]], *, outside_keys: frozenset[str] | None = None) -> Programme:
    """The state after all these entries, given with their places in the log. ``outside_keys`` are those of the reader's
    trust policy, by which moratoria bind. Raises ``EntryOutOfOrder``.
    """
    state = Programme(force, outside_keys)
    placed = list(entries)
    corrected = corrections_in(placed)
    for index, entry in placed:
        state = advance(state, index, entry, corrected)
    return state


def advance(state: Programme, index: int, entry: Entry | None, corrected: Corrections = NONE) -> Programme:
    """The state after one more entry (``None`` for one that is not about this force), by all ``corrected`` in the log:
    a correction changes what stood before it, so that a state without it is folded again. Raises ``EntryOutOfOrder``.
    """
    if index <= state.last:
        raise EntryOutOfOrder(f"entry {index} comes after entry {state.last} was folded in")
    state = replace(state, last=index)
    spoken = None if entry is None else corrected.at(index, entry)
    if entry is None or spoken is None:
        return state
    draft = spoken.draft
    if force_of(draft.subject) != state.force or noun_of(draft.kind) not in NOUNS:
        return state
    act = Act(draft.subject, draft.at, draft.role, spoken.key, draft.supplied_by)
    if index in corrected.faults:
        return _irregular(state, act, Irregularity(index, draft.kind, CorrectionRefused.code, corrected.faults[index]))
    after = advance_facts(state, index, act, draft.kind, draft.facts)
    if spoken.key != entry.key and draft.kind in _WRITTEN:
        # The author of what was corrected is an author of it still, and may not decide on it.
        deployment = after.deployment(draft.subject)
        wrote = {draft.subject: replace(deployment, authors=deployment.authors | {entry.key})}
        after = replace(after, deployments=after.deployments | wrote)
    return after


def advance_facts(state: Programme, index: int, act: Act, kind: str, facts: Facts) -> Programme:
    """The state after what an entry at this place would say; for entries that are not signed yet."""
    try:
        check(state, act, kind, facts)
    except CountersignError as error:
        return _irregular(state, act, Irregularity(index, kind, error.code, str(error)))
    deployment = state.deployment(act.subject) if "/" in act.subject else None
    change = _ON_PROGRAMME.get(kind)
    if change is not None:
        state = replace(state, **change(state, index, act, facts))
    late = (index,) if "late" in facts else ()
    if deployment is None:
        clock = clocks.advance_clock(state.clock, kind, act.at, facts)
        return replace(state, clock=clock, late=state.late + late)
    after = _advance_deployment(deployment, index, act, kind, facts, late)
    return replace(state, deployments=state.deployments | {deployment.subject: after})


def _irregular(state: Programme, act: Act, what: Irregularity) -> Programme:
    if "/" not in act.subject:
        return replace(state, irregularities=(*state.irregularities, what))
    deployment = state.deployment(act.subject)
    after = replace(deployment, entries=deployment.entries + 1, irregularities=(*deployment.irregularities, what))
    return replace(state, deployments=state.deployments | {act.subject: after})


def _advance_deployment(
    deployment: Deployment, index: int, act: Act, kind: str, facts: Facts, late: tuple[int, ...]
) -> Deployment:
    phase, steps = moved(deployment.phase, deployment.steps, kind, move_of(kind, facts))
    clock = clocks.advance_clock(deployment.clock, kind, act.at, facts)
    changes: Change = {"phase": phase, "steps": steps, "clock": clock, "entries": deployment.entries + 1}
    if late:
        changes["late"] = deployment.late + late
    if act.role == COMPILER:
        changes["compiled"] = True
    change = _ON_DEPLOYMENT.get(kind)
    if change is not None:
        changes |= change(deployment, index, act, facts)
    after = replace(deployment, **changes)
    if kind in _TOUCHES_DELETION and not outstanding(after):
        after = replace(after, steps=after.steps | {Step.DELETED})
    return after


def outstanding(deployment: Deployment) -> tuple[str, ...]:
    """The classes of data that a deployment still owes a deletion for: not deleted whole, and not held. A refusal owes
    the list and its templates; a close what was loaded, and after an opening also alerts and video.
    """
    owed: tuple[str, ...] = ()
    if deployment.phase is Phase.REFUSED:
        owed = _LISTED[:2]
    elif deployment.phase in (Phase.CLOSED, Phase.ARCHIVED):
        owed = (_LISTED if deployment.listed or deployment.opened_at else ()) + (
            _OPENED if deployment.opened_at else ()
        )
    held: dict[str, int] = {}
    for hold in deployment.holds:
        held[hold.retention_class] = held.get(hold.retention_class, 0) + hold.count
    return tuple(
        one for one in owed if one not in deployment.deletions or deployment.deletions[one].remaining > held.get(one, 0)
    )


_TOUCHES_DELETION = frozenset({"delete.deletion", "delete.hold", "delete.hold-released", "close.cancellation"})


def _policy(state: Programme, index: int, _: Act, facts: Facts) -> Change:
    authorisation = facts.get("authorisation", {})
    policy = Policy(
        index,
        facts["digest"],
        facts["version"],
        facts.get("published_at"),
        frozenset(one["id"] for one in facts["watchlist_categories"]),
        frozenset(one["id"] for one in facts["location_criteria"]),
        {one["id"]: UseCase(frozenset(one["categories"]), frozenset(one["criteria"])) for one in facts["use_cases"]},
        {one["name"]: Parameter(one["value"], one["clause"], one["source"]) for one in facts["parameters"]},
        {one["engine_version"]: one["minimum"] for one in facts["thresholds"]},
        authorisation.get("minimum_rank"),
        authorisation.get("urgent_minimum_rank"),
        frozenset(authorisation.get("urgent_reasons", ())),
    )
    return {"policies": state.policies | {policy.digest: policy}, "current_policy": policy.digest}


def _moratorium(state: Programme, index: int, act: Act, facts: Facts) -> Change:
    new = Moratorium(index, act.key, act.role, facts["starts_at"], facts.get("ends_at"))
    return {"moratoria": (*state.moratoria, new)}


def _lifted(state: Programme, _: int, act: Act, facts: Facts) -> Change:
    # By its own key alone, whatever the role: a compiler's copy lifts nothing that another imposed.
    own = (facts["moratorium"], act.key)
    return {
        "moratoria": tuple(
            replace(one, lifted_at=min(one.lifted_at or facts["lifted_at"], facts["lifted_at"]))
            if (one.entry, one.key) == own
            else one
            for one in state.moratoria
        )
    }


def _finding(state: Programme, index: int, act: Act, facts: Facts) -> Change:
    new = Finding(index, facts["duty"], act.subject, facts["answer_due"])
    return {"findings": state.findings | {facts["finding"]: new}}


def _replied(state: Programme, act: Act, facts: Facts, by: str, index: int) -> Change:
    name = facts["finding"]
    found = state.findings.get(name)
    if found is None and OUTSIDE_FINDING.fullmatch(name):
        return {by: getattr(state, by) | {name: index}}
    if found is None or act.subject not in (found.subject, state.force):
        return {}
    return {"findings": state.findings | {name: replace(found, **{f"{by}_by": index})}}


_ON_PROGRAMME: Mapping[str, Callable[[Programme, int, Act, Facts], Change]] = {
    "programme.policy": _policy,
    "programme.moratorium": _moratorium,
    "programme.moratorium-lifted": _lifted,
    "review.finding": _finding,
    "review.answer": lambda state, index, act, facts: _replied(state, act, facts, "answered", index),
    "review.dispute": lambda state, index, act, facts: _replied(state, act, facts, "disputed", index),
    "authorise.manifest": lambda state, _, act, facts: {"lists": state.lists | {facts["list"]: act.subject}},
    "authorise.override": lambda state, _, __, ___: {"overrides": state.overrides + 1},
}


def _wrote(deployment: Deployment, act: Act) -> Change:
    return {"authors": deployment.authors | {act.key}}


def _authorised(deployment: Deployment, index: int, act: Act, facts: Facts) -> Change:
    before, urgent = deployment.authority, facts.get("urgent")
    if facts["decision"] == "refused" and before is not None:
        return {}
    authority = Authority(
        index,
        act.key,
        facts["decision"],
        facts["signed_at"],
        facts["form"],
        urgent["oral_at"] if urgent else None,
        len(facts["conditions"]),
        facts.get("threshold_minimum"),
        facts.get("list_maximum"),
        frozenset(facts["categories"]),
        written=facts["form"] == "written",
        reviewed=urgent is None,
        extensions=before.extensions + 1 if before and "extends" in facts else 0,
    )
    changes: Change = {"authority": authority}
    if facts["decision"] == "refused":
        changes["ended_at"] = facts["signed_at"]
    return changes


def _urgent_reviewed(deployment: Deployment, _: int, __: Act, facts: Facts) -> Change:
    if deployment.authority is None:
        return {}
    return {"authority": replace(deployment.authority, reviewed=True, ended=facts["decision"] == "ended")}


def _listed(_: Deployment, index: int, act: Act, facts: Facts) -> Change:
    new = Listed(index, act.key, facts["list"], facts["digest"], facts["built_at"], facts["expires_at"], facts["size"])
    return {"listed": new, "approver": None, "limits_approved": None, "limits": None}


def _approved(deployment: Deployment, _: int, act: Act, facts: Facts) -> Change:
    if deployment.listed is None:
        return {}
    return {
        "listed": replace(deployment.listed, approved=facts["digest"]),
        "approver": act.key,
        "limits_approved": facts["limits"],
    }


def _list_changed(deployment: Deployment, _: int, __: Act, facts: Facts) -> Change:
    if deployment.listed is None:
        return {}
    return {"listed": replace(deployment.listed, approved=facts["digest"], size=facts["size"])}


def _noticed(_: Deployment, __: int, ___: Act, facts: Facts) -> Change:
    return {"place": facts["place"], "unit": facts["unit"], "windows": spans(facts["windows"], "open.notice")}


def _opened(deployment: Deployment, index: int, act: Act, facts: Facts) -> Change:
    place = facts.get("place")
    changes: Change = {"opened_at": facts["opened_at"]}
    return changes | (_noticed(deployment, index, act, place) if place and not deployment.windows else {})


_ON_DEPLOYMENT: Mapping[str, Callable[[Deployment, int, Act, Facts], Change]] = {
    "plan.proposal": lambda deployment, _, act, facts: (
        _wrote(deployment, act) | {"policy": facts["policy"], "use_case": facts["use_case"]}
    ),
    "plan.assessment": lambda deployment, _, act, __: _wrote(deployment, act),
    "authorise.authority": _authorised,
    "authorise.written": lambda deployment, _, __, ___: (
        {"authority": replace(deployment.authority, written=True)} if deployment.authority else {}
    ),
    "authorise.urgent-review": _urgent_reviewed,
    "authorise.manifest": _listed,
    "authorise.approval": _approved,
    "authorise.limits": lambda _, index, __, facts: {
        "limits": Limits(index, facts["digest"], facts["engine_version"], facts["threshold_minimum"])
    },
    "authorise.list-change": _list_changed,
    "authorise.override": lambda deployment, index, _, facts: {
        "overrides": (
            *deployment.overrides,
            Override(index, facts["gate"], frozenset(facts["duties"]), facts["expires_at"]),
        )
    },
    "open.notice": _noticed,
    "open.notice-exemption": lambda _, __, ___, ____: {"exempt": True},
    "live.opened": _opened,
    "live.suspended": lambda deployment, _, __, ___: {"suspensions": deployment.suspensions + 1},
    "live.judgements": lambda deployment, _, __, facts: {"judged": (*deployment.judged, facts["hour"])},
    "live.hour": lambda deployment, _, __, facts: {
        "hours": deployment.hours + 1,
        "faces": deployment.faces + facts["faces"],
        "alerts": deployment.alerts + facts["alerts"],
    },
    "close.cancellation": lambda _, __, ___, facts: {"ended_at": facts["closed_at"]},
    "delete.deletion": lambda deployment, index, _, facts: {
        "deletions": deployment.deletions | {facts["class"]: Deleted(index, facts["deleted_at"], facts["remaining"])}
    },
    "delete.hold": lambda deployment, index, _, facts: {
        "holds": (*deployment.holds, Hold(index, facts["class"], facts["count"], facts["review_date"]))
    },
    "delete.hold-released": lambda deployment, _, __, facts: {
        "holds": tuple(hold for hold in deployment.holds if hold.entry != facts["hold"])
    },
    "review.deployment-review": lambda _, __, ___, facts: {"reviewed_at": facts["made_at"]},
    "publish.results": lambda _, __, ___, facts: {"published_at": facts["published_at"]},
}


_CLASS_LIMITS = {
    "watchlist": ("list-delete-hours", 1),
    "templates": ("list-delete-hours", 1),
    "transfer-media": ("media-delete-hours", 1),
    "alert": ("alert-hours", 1),
    "cctv": ("cctv-days", 24),
}


class Late(NamedTuple):
    """Something past its time: a code, what it is, since when, and the clause (or entry) that set the time."""

    code: str
    what: str
    since: str
    by: str


def late_in(programme: Programme, deployment: Deployment, now: str) -> tuple[Late, ...]:
    """All that is late about a deployment at a moment (a time as in entries)."""
    found = (*_still_open(deployment, now), *_deletions(programme, deployment), *_papers(programme, deployment))
    return tuple(sorted((one for one in found if one.since < now), key=lambda one: one.since))


def late_for(programme: Programme, now: str) -> tuple[Late, ...]:
    """What is late about the programme itself: answers to findings, whichever deployment they are about."""
    due = ((name, one, f"{one.answer_due}T23:59:59Z") for name, one in programme.unanswered().items())
    return tuple(
        Late("answer-overdue", f"the finding {name} on {one.duty} is not answered", when, one.place)
        for name, one, when in due
        if when < now
    )


def _still_open(deployment: Deployment, now: str) -> Iterator[Late]:
    if deployment.phase not in (Phase.LIVE, Phase.SUSPENDED):
        return
    if deployment.windows:
        passed = [one.end for one in deployment.windows if one.end <= now]
        if not any(one.start <= now < one.end for one in deployment.windows):
            since = passed[-1] if passed else deployment.opened_at or now
            yield Late("window-over", "no window covers this moment and it is not closed", since, "the notice")
    authority = deployment.authority
    if authority is not None and authority.ended:
        yield Late("authority-ended", "its authority was ended and it is not closed", deployment.clock, "its review")


def _deletions(programme: Programme, deployment: Deployment) -> Iterator[Late]:
    ended = deployment.ended_at
    if ended is None:
        return
    for name in outstanding(deployment):
        if deployment.phase is Phase.REFUSED:
            yield Late("deletion-overdue", f"{name} after a refusal", ended, "at once")
            continue
        parameter, scale = _CLASS_LIMITS[name]
        yield from _past(programme, deployment, parameter, "deletion-overdue", name, ended, scale)
    for hold in deployment.holds:
        yield Late(
            "hold-review-overdue",
            f"{hold.count} of {hold.retention_class} held by entry {hold.entry}",
            f"{hold.review_date}T23:59:59Z",
            f"entry {hold.entry}",
        )


def _papers(programme: Programme, deployment: Deployment) -> Iterator[Late]:
    authority, ended = deployment.authority, deployment.ended_at
    if authority is not None and authority.urgent_since is not None:
        since = authority.urgent_since
        if not authority.written:
            yield from _past(
                programme, deployment, "written-after-hours", "written-overdue", "the written authority", since
            )
        if not authority.reviewed:
            yield from _past(
                programme, deployment, "urgent-review-hours", "urgent-review-overdue", "the review of urgency", since
            )
    if ended is None or deployment.opened_at is None:
        return
    if deployment.reviewed_at is None:
        yield from _past(programme, deployment, "review-days", "review-overdue", "the force's review", ended, 24)
    if deployment.published_at is None:
        yield from _past(programme, deployment, "publish-days", "publication-overdue", "the results", ended, 24)


def _past(
    programme: Programme, deployment: Deployment, name: str, code: str, what: str, since: str, scale: int = 1
) -> Iterator[Late]:
    limit = limit_of(programme, deployment, name)
    if limit is not None:
        due = hours_later(since, float(limit.number) * scale)
        yield Late(code, what, due, f"{name} {limit.value} ({limit.clause})")


def limit_of(programme: Programme, deployment: Deployment, name: str) -> Parameter | None:
    """A parameter of the policy the deployment was proposed under."""
    policy = programme.policy_of(deployment)
    return None if policy is None else policy.parameters.get(name)
