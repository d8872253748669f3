"""The fold: what state the entries of a force's log come to, one entry at a time.

``advance`` takes the state and the next entry and gives the next state; ``fold`` does so for all. An entry that breaks
order or rules is kept as an irregularity, with the sentence by which a command would have refused it, and moves
nothing; a late one is noted. Entries on keys, schemas and retention pass by, as do those of other forces. A kept state
advanced by the entries since equals the state folded from the start. Nothing is verified here: give it entries that
were.

>>> advance(Programme("force-a"), 3, None).last
3
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from countersign.deployments import clock as clocks
from countersign.deployments.kinds import COMPILER, NOUNS, noun_of
from countersign.deployments.lifecycle import Phase, Step, move_of, moved
from countersign.deployments.place import spans
from countersign.deployments.rules import Act, check
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

_LISTED = ("watchlist", "templates", "transfer-media")
_OPENED = ("alert", "cctv")


class EntryOutOfOrder(EvidenceWrong):
    """An entry is folded in before one that stands earlier in the log, or twice."""

    code = "entry-out-of-order"
    next_step = "Fold the log from its first entry on; a kept state can be thrown away."


def fold(force: str, entries: Iterable[tuple[int, Entry]], *, outside_keys: frozenset[str] | None = None) -> Programme:
    """The state after all these entries, given with their places in the log. ``outside_keys`` are those of the reader's
    trust policy, by which moratoria bind. Raises ``EntryOutOfOrder``.
    """
    state = Programme(force, outside_keys)
    for index, entry in entries:
        state = advance(state, index, entry)
    return state


def advance(state: Programme, index: int, entry: Entry | None) -> Programme:
    """The state after one more entry (``None`` for one that is not about this force). Raises ``EntryOutOfOrder``."""
    if index <= state.last:
        raise EntryOutOfOrder(f"entry {index} comes after entry {state.last} was folded in")
    state = replace(state, last=index)
    if entry is None:
        return state
    draft = entry.draft
    if force_of(draft.subject) != state.force or noun_of(draft.kind) not in NOUNS:
        return state
    act = Act(draft.subject, draft.at, draft.role, entry.key, draft.supplied_by)
    return advance_facts(state, index, act, draft.kind, draft.facts)


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
            replace(one, lifted_at=facts["lifted_at"]) if (one.entry, one.key) == own else one
            for one in state.moratoria
        )
    }


def _finding(state: Programme, index: int, act: Act, facts: Facts) -> Change:
    new = Finding(index, facts["duty"], act.subject, facts["answer_due"])
    return {"findings": state.findings | {facts["finding"]: new}}


def _answer(state: Programme, index: int, _: Act, facts: Facts) -> Change:
    found = state.findings.get(facts["finding"])
    if found is None:
        return {}
    return {"findings": state.findings | {facts["finding"]: replace(found, answered_by=index)}}


def _list_used(state: Programme, _: int, act: Act, facts: Facts) -> Change:
    return {"lists": state.lists | {facts["list"]: act.subject}}


def _overridden(state: Programme, _: int, __: Act, ___: Facts) -> Change:
    return {"overrides": state.overrides + 1}


_ON_PROGRAMME: Mapping[str, Callable[[Programme, int, Act, Facts], Change]] = {
    "programme.policy": _policy,
    "programme.moratorium": _moratorium,
    "programme.moratorium-lifted": _lifted,
    "review.finding": _finding,
    "review.answer": _answer,
    "authorise.manifest": _list_used,
    "authorise.override": _overridden,
}


def _proposed(deployment: Deployment, _: int, act: Act, facts: Facts) -> Change:
    return _wrote(deployment, act) | {"policy": facts["policy"], "use_case": facts["use_case"]}


def _wrote(deployment: Deployment, act: Act) -> Change:
    return {"authors": deployment.authors | {act.key}}


def _assessed(deployment: Deployment, _: int, act: Act, __: Facts) -> Change:
    return _wrote(deployment, act)


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


def _written(deployment: Deployment, _: int, __: Act, ___: Facts) -> Change:
    return {"authority": replace(deployment.authority, written=True)} if deployment.authority else {}


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


def _limited(_: Deployment, index: int, __: Act, facts: Facts) -> Change:
    return {"limits": Limits(index, facts["digest"], facts["engine_version"], facts["threshold_minimum"])}


def _list_changed(deployment: Deployment, _: int, __: Act, facts: Facts) -> Change:
    if deployment.listed is None:
        return {}
    return {"listed": replace(deployment.listed, approved=facts["digest"], size=facts["size"])}


def _gone_ahead(deployment: Deployment, index: int, _: Act, facts: Facts) -> Change:
    new = Override(index, facts["gate"], frozenset(facts["duties"]), facts["expires_at"])
    return {"overrides": (*deployment.overrides, new)}


def _noticed(_: Deployment, __: int, ___: Act, facts: Facts) -> Change:
    return {"place": facts["place"], "unit": facts["unit"], "windows": spans(facts["windows"], "open.notice")}


def _exempted(_: Deployment, __: int, ___: Act, ____: Facts) -> Change:
    return {"exempt": True}


def _opened(deployment: Deployment, index: int, act: Act, facts: Facts) -> Change:
    place = facts.get("place")
    changes: Change = {"opened_at": facts["opened_at"]}
    return changes | (_noticed(deployment, index, act, place) if place and not deployment.windows else {})


def _suspended(deployment: Deployment, _: int, __: Act, ___: Facts) -> Change:
    return {"suspensions": deployment.suspensions + 1}


def _counted(deployment: Deployment, _: int, __: Act, facts: Facts) -> Change:
    return {
        "hours": deployment.hours + 1,
        "faces": deployment.faces + facts["faces"],
        "alerts": deployment.alerts + facts["alerts"],
    }


def _closed(_: Deployment, __: int, ___: Act, facts: Facts) -> Change:
    return {"ended_at": facts["closed_at"]}


def _deleted(deployment: Deployment, index: int, _: Act, facts: Facts) -> Change:
    new = Deleted(index, facts["deleted_at"], facts["remaining"])
    return {"deletions": deployment.deletions | {facts["class"]: new}}


def _held(deployment: Deployment, index: int, _: Act, facts: Facts) -> Change:
    return {"holds": (*deployment.holds, Hold(index, facts["class"], facts["count"], facts["review_date"]))}


def _released(deployment: Deployment, _: int, __: Act, facts: Facts) -> Change:
    return {"holds": tuple(one for one in deployment.holds if one.entry != facts["hold"])}


def _reviewed(_: Deployment, __: int, ___: Act, facts: Facts) -> Change:
    return {"reviewed_at": facts["made_at"]}


def _published(_: Deployment, __: int, ___: Act, facts: Facts) -> Change:
    return {"published_at": facts["published_at"]}


_ON_DEPLOYMENT: Mapping[str, Callable[[Deployment, int, Act, Facts], Change]] = {
    "plan.proposal": _proposed,
    "plan.assessment": _assessed,
    "authorise.authority": _authorised,
    "authorise.written": _written,
    "authorise.urgent-review": _urgent_reviewed,
    "authorise.manifest": _listed,
    "authorise.approval": _approved,
    "authorise.limits": _limited,
    "authorise.list-change": _list_changed,
    "authorise.override": _gone_ahead,
    "open.notice": _noticed,
    "open.notice-exemption": _exempted,
    "live.opened": _opened,
    "live.suspended": _suspended,
    "live.hour": _counted,
    "close.cancellation": _closed,
    "delete.deletion": _deleted,
    "delete.hold": _held,
    "delete.hold-released": _released,
    "review.deployment-review": _reviewed,
    "publish.results": _published,
}
