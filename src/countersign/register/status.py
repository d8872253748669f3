"""Where the deployments of a log stand: what may come next, what is late or out of order, what bars a step.

>>> from countersign.deployments.state import Programme
>>> overall(Programme("force-a"), "2026-03-01T09:30:00Z")["policy"] is None
True
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from countersign.deployments.fold import late_for, late_in, outstanding
from countersign.deployments.kinds import NOUNS, SCHEMAS
from countersign.deployments.lifecycle import Phase, Step, StepOutOfOrder, follow, missing_before
from countersign.deployments.limits import KIND as LIMITS
from countersign.deployments.limits import LABEL, differing
from countersign.deployments.outside.logs import OutsideLog
from countersign.deployments.outside.reader import FORCE
from countersign.deployments.state import Deployment, Programme
from countersign.deployments.view import View
from countersign.register.asking import Reader, published_state
from countersign.register.commands import GATES, TRANSITIONS
from countersign.register.deployments import standing_of, state_of
from countersign.register.opening import OpenLog, opened
from countersign.register.viewing import describe
from countersign.reviews.options import LOG_FILE
from countersign.words.lists import counted
from countersign.words.names import token

if TYPE_CHECKING:
    from countersign.rulebook.catalogue import Duty

Status = dict[str, Any]


def status_of(state: Programme, deployment: Deployment, now: str) -> Status:
    """Where one deployment stands at a moment, as ``deployment status --json`` says it."""
    return {
        "deployment": deployment.subject,
        "phase": str(deployment.phase),
        "stage": deployment.stage,
        "steps": sorted(deployment.steps),
        "compiled": deployment.compiled,
        "next": next_steps(deployment),
        "place": deployment.place,
        "windows": [{"start": window.start, "end": window.end} for window in deployment.windows],
        "late": [late._asdict() for late in late_in(state, deployment, now)],
        "irregular": [
            {"entry": wrong.entry, "kind": wrong.kind, "code": wrong.code, "why": wrong.sentence}
            for wrong in deployment.irregularities
        ],
        "entered_late": list(deployment.late),
        "overrides": len(deployment.overrides),
        "counts": {"hours": deployment.hours, "faces": deployment.faces, "alerts": deployment.alerts},
    }


def overall(state: Programme, now: str) -> Status:
    """How the force's programme stands at a moment: policy, moratoria, findings, what is late or out of order."""
    policy = state.policies.get(state.current_policy or "")
    return {
        "force": state.force,
        "as_at": now,
        "policy": None if policy is None else {"version": policy.version, "entry": policy.entry},
        "moratoria": [one.entry for one in state.standing_moratoria(now)],
        "moratoria_heard": [
            {"body": one.body, "starts_at": one.starts_at, "ends_at": one.ends_at, "ground": one.ground}
            | ({"place": {"origin": one.origin, "index": one.entry}} if one.origin else {})
            for one in state.standing_heard(now)
        ],
        "moratoria_without_effect": [one.entry for one in state.moratoria if one.stands(now) and not state.binds(one)],
        "outside_keys": None if state.outside_keys is None else len(state.outside_keys),
        "unanswered": sorted(state.unanswered()),
        "found_outside": [
            {"finding": finding.name, "about": finding.subject, "duty": finding.duty, "answer_due": finding.answer_due}
            | {"place": {"origin": finding.origin, "index": finding.entry}, "reference": reference}
            for reference, finding in state.found.items()
        ],
        "late": [one._asdict() for one in late_for(state, now)],
        "overrides": state.overrides,
        "irregular": [one.sentence for one in state.irregularities],
    }


def whose(moratorium: Mapping[str, Any]) -> str:
    """The body of a moratorium heard from outside, with the entry where it stands in a log of the body's own."""
    place = moratorium.get("place")
    body = str(moratorium["body"])
    return f"{body} (entry {place['index']} of {place['origin']})" if place else body


def at_gate(programme: Programme, view: View, gate: str, profile: str, now: str) -> Status:
    """What stands in the way of a step now: duties, and moratoria in the log and from outside it; and on whose word."""
    standing = standing_of(programme, view, gate, profile, now)
    outside = view.bearings or any(statement.origin for statement in view.each())
    return {
        "gate": gate,
        "barred_by": list(standing.unmet),
        "because": standing.unmet,
        "stopped_by": list(standing.moratoria),
        "stopped_from_outside_by": list(standing.heard),
        # Within the log nobody is outside (``View.of``); what outside bodies' own logs say stands beside it.
        **({} if outside else {"by_the_word_of": FORCE}),
    }


def ahead(programme: Programme, view: View, deployment: Deployment, profile: str, now: str) -> Status:
    """What stands in the way of each gate still to come, where what would show it is entered, and which numbers the
    force's policy does not set, each with the duties that wait for it; as ``plan check --json`` says it."""
    from countersign.rulebook.catalogue import DUTIES

    policy = programme.policy_of(deployment)
    known = json.loads(SCHEMAS.latest("programme.policy").text)["properties"]["parameters"]["items"]["properties"]
    unset = [name for name in known["name"]["enum"] if policy is None or name not in policy.parameters]
    gates = []
    for kind, gate in GATES.items():
        if _passed(deployment, gate):
            continue
        found = at_gate(programme, view, gate, profile, now)
        shown = {duty: _kinds(DUTIES[duty]) for duty in found["barred_by"] if duty in DUTIES}
        gates.append(
            found | {"comes_when": missing_before(deployment.phase, deployment.steps, kind), "shown_by": shown}
        )
    because = {duty: why for found in gates for duty, why in found["because"].items()}
    return {
        "deployment": deployment.subject,
        "stage": deployment.stage,
        "as_at": now,
        "by_the_word_of": FORCE,
        "gates": gates,
        "policy_numbers_not_set": {
            name: [duty for duty, why in because.items() if f"a figure for {token(name)}," in why] for name in unset
        },
    }


def _passed(deployment: Deployment, gate: str) -> bool:
    """Whether a step behind a gate was taken, or cannot be taken any more."""
    if deployment.phase in (Phase.REFUSED, Phase.ARCHIVED):
        return True
    taken = {"authorise": deployment.authority, "approve": deployment.limits, "open": deployment.opened_at}
    if gate == "publish":
        return Step.PUBLISHED in deployment.steps
    return taken[gate] is not None or deployment.phase is Phase.CLOSED


def _kinds(duty: Duty) -> list[str]:
    """The kinds of entry that a duty reads, in its own order."""
    nouns = dict.fromkeys(re.split(r"\W", path, maxsplit=1)[0] for path in duty.evidence)
    return [NOUNS[noun] for noun in nouns if noun in NOUNS]


@contextmanager
def standing_in(
    path: Path, reader: Reader
) -> Iterator[tuple[Programme, Callable[[str], View], tuple[OutsideLog, ...]]]:
    """The state of the log in a folder, or of a copy of its published files, the view of each subject, and the logs of
    outside bodies given beside it. Raises as ``opened``, ``state_of`` and ``published_state``."""
    if (path / LOG_FILE).exists():
        with opened(path, reading=True) as log:
            state = state_of(log, reader)
            yield state.programme, state.view, state.outside
    else:
        yield published_state(path, reader)


def next_steps(deployment: Deployment) -> list[str]:
    """The commands that would take it a step further."""
    possible = []
    for name, kind in TRANSITIONS.items():
        try:
            after = follow(deployment.phase, deployment.steps, kind, {"decision": "granted"})
        except StepOutOfOrder:
            continue
        further = after != (deployment.phase, deployment.steps)
        owed = (name == "approve" and deployment.limits is None) or (name == "delete" and outstanding(deployment))
        if further or owed:
            possible.append(name)
    return possible


#: The kinds that say where and when, in the order in which they come, and the label under which they seal it.
_PLACES = {"plan.proposal": "place", "authorise.authority": "place", LIMITS: LABEL, "open.notice": ""}


def whole_case(log: OpenLog, subject: str) -> list[str]:
    """A deployment's case for those who keep the log: every entry about it with what is sealed and still held, and
    where proposal, authority, limits and notice differ on place and time."""
    lines: list[str] = []
    places: dict[str, tuple[int, Mapping[str, Any]]] = {}
    entries = log.log.entries_of(subject)
    held = log.folder.held(entries)
    for index, entry in entries:
        draft = entry.draft
        lines += describe(index, entry, log.log.schemas.get(draft.kind, draft.schema).title)
        for label, commitment in sorted(draft.sealed.items()):
            values: list[Any] = list(held.get((index, label), {}).values())
            lines += [f"  under seal, {token(label)}: {json.dumps(value, ensure_ascii=False)}" for value in values]
            if missing := (commitment.count or 1) - len(values):
                lines.append(f"  under seal, {token(label)}: {counted(missing, 'value')} not held here any more")
            if values and label == _PLACES.get(draft.kind):
                document: Any = values[0]["place"] if draft.kind == LIMITS else values[0]
                places[draft.kind] = (index, document | {"place": document["name"]})
        if draft.kind == "open.notice":
            places[draft.kind] = (index, draft.facts)
    stated = [(kind, *places[kind]) for kind in _PLACES if kind in places]
    for (earlier, first, place), (later, second, other) in pairwise(stated):
        parts = differing(place, other)
        said = f"differs in {parts} from" if parts else "says the same place, cameras and times as"
        lines.append(f"{later} (entry {second}) {said} {earlier} (entry {first}).")
    return lines
