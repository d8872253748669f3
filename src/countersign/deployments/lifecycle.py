"""The life cycle of a deployment as a table: which entry may come in which phase, and where it leads.

Within *authorised* the list, its approval, the notice and the briefing come in any order that their own needs allow,
and after the close so do deletion, review and publication: these are *steps*, and ``stage`` says in the words of the
College of Policing how far phase and steps have come. Counts of what happened while live are taken in any phase after
the opening: refusing them would hide what went wrong. Roles, policy and time are in ``rules``.

>>> follow(Phase.AUTHORISED, frozenset(), "live.opened")
Traceback (most recent call last):
    ...
countersign.deployments.lifecycle.StepOutOfOrder: live.opened: not before it is approved, briefed, listed, notified
>>> follow(Phase.LIVE, frozenset(), "live.suspended")
(<Phase.SUSPENDED: 'suspended'>, frozenset())
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from countersign.errors import NotAllowed
from countersign.words.names import token


class StepOutOfOrder(
    NotAllowed, next_step="See `countersign deployment status` for what comes next; nothing was written."
):
    """The entry cannot come in the phase the deployment is in, or not before other steps."""


class Phase(StrEnum):
    """Where a deployment stands; one follows another."""

    NOT_BEGUN = "not-begun"
    PROPOSED = "proposed"
    ASSESSED = "assessed"
    AUTHORISED = "authorised"
    REFUSED = "refused"
    LIVE = "live"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    ARCHIVED = "archived"


class Step(StrEnum):
    """What is done within a phase, in an order of its own."""

    LISTED = "listed"
    APPROVED = "approved"
    NOTIFIED = "notified"
    BRIEFED = "briefed"
    DELETED = "deleted"
    REVIEWED = "reviewed"
    PUBLISHED = "published"


class Move(NamedTuple):
    """From which phases, after which steps, to which phase (``None``: stays), with which step done and which undone."""

    phases: frozenset[Phase]
    after: frozenset[Step] = frozenset()
    to: Phase | None = None
    done: Step | None = None
    undone: frozenset[Step] = frozenset()


def _of(*phases: Phase) -> frozenset[Phase]:
    return frozenset(phases)


_P = Phase
_BEFORE_AUTHORITY = _of(_P.PROPOSED, _P.ASSESSED)
_RUNNING = _of(_P.LIVE, _P.SUSPENDED)
_SINCE_AUTHORITY = _of(_P.AUTHORISED, _P.CLOSED) | _RUNNING
_SINCE_OPENING = _RUNNING | {_P.CLOSED}
_SINCE_PROPOSAL = _BEFORE_AUTHORITY | _SINCE_AUTHORITY | {_P.REFUSED}
_READY = frozenset({Step.LISTED, Step.APPROVED, Step.NOTIFIED, Step.BRIEFED})

#: Kind of entry: its move. An authority's move depends on what it decides (``authority_move``).
MOVES: Mapping[str, Move] = {
    "plan.proposal": Move(_of(_P.NOT_BEGUN), to=_P.PROPOSED),
    "authorise.manifest": Move(_of(_P.AUTHORISED), done=Step.LISTED, undone=frozenset({Step.APPROVED})),
    "authorise.approval": Move(_of(_P.AUTHORISED), frozenset({Step.LISTED})),
    "authorise.limits": Move(_of(_P.AUTHORISED), frozenset({Step.LISTED}), done=Step.APPROVED),
    "authorise.list-change": Move(_of(_P.AUTHORISED) | _RUNNING, frozenset({Step.LISTED, Step.APPROVED})),
    "authorise.written": Move(_SINCE_AUTHORITY),
    "authorise.urgent-review": Move(_SINCE_AUTHORITY),
    "authorise.status-check": Move(_of(_P.AUTHORISED) | _RUNNING, frozenset({Step.LISTED})),
    "authorise.list-statement": Move(_of(_P.AUTHORISED), frozenset({Step.LISTED})),
    "authorise.image-audit": Move(_SINCE_AUTHORITY, frozenset({Step.LISTED})),
    "authorise.override": Move(_BEFORE_AUTHORITY | _SINCE_AUTHORITY),
    "open.notice": Move(_of(_P.AUTHORISED) | _RUNNING, done=Step.NOTIFIED),
    "open.notice-exemption": Move(_of(_P.AUTHORISED), done=Step.NOTIFIED),
    "brief.briefing": Move(_of(_P.AUTHORISED) | _RUNNING, done=Step.BRIEFED),
    "live.opened": Move(_of(_P.AUTHORISED), _READY, to=_P.LIVE),
    "live.suspended": Move(_of(_P.LIVE), to=_P.SUSPENDED),
    "live.resumed": Move(_of(_P.SUSPENDED), to=_P.LIVE),
    "live.hour": Move(_SINCE_OPENING),
    "live.judgements": Move(_SINCE_OPENING),
    "live.change": Move(_SINCE_OPENING),
    "live.staffing": Move(_SINCE_OPENING),
    "live.event-log": Move(_SINCE_OPENING),
    "live.receipt": Move(_SINCE_OPENING),
    "live.stop-rule-fired": Move(_SINCE_OPENING),
    "close.cancellation": Move(_BEFORE_AUTHORITY | {_P.AUTHORISED} | _RUNNING, to=_P.CLOSED),
    "close.reconciliation": Move(_of(_P.CLOSED)),
    "close.disclosures": Move(_of(_P.CLOSED)),
    "close.ordinals-destroyed": Move(_of(_P.CLOSED)),
    "delete.deletion": Move(_SINCE_OPENING | {_P.REFUSED, _P.ARCHIVED}),
    "review.deployment-review": Move(_of(_P.CLOSED), done=Step.REVIEWED),
    "publish.archived": Move(_of(_P.CLOSED, _P.REFUSED), frozenset({Step.DELETED}), to=_P.ARCHIVED),
    "publish.results": Move(_of(_P.CLOSED), done=Step.PUBLISHED),
}
_OTHERS = {
    "plan": Move(_SINCE_PROPOSAL),
    "authorise": Move(_SINCE_PROPOSAL),
    "brief": Move(_of(_P.AUTHORISED) | _RUNNING),
    "open": Move(_of(_P.AUTHORISED) | _RUNNING),
    "delete": Move(_of(_P.CLOSED, _P.REFUSED, _P.ARCHIVED)),
}
_ANYWHERE = Move(frozenset(Phase))


def authority_move(decision: str, *, urgent: bool, extends: bool) -> Move:
    """The move of an authority: an urgent one need not wait for the assessment, an extension needs one that stands."""
    if extends:
        return Move(_of(_P.AUTHORISED) | _RUNNING)
    phases = _BEFORE_AUTHORITY if urgent or decision == "refused" else _of(_P.ASSESSED)
    return Move(phases, to=_P.REFUSED if decision == "refused" else _P.AUTHORISED)


def move_of(kind: str, facts: Mapping[str, object]) -> Move:
    """The move of an entry about a deployment."""
    if kind == "authorise.authority":
        return authority_move(str(facts["decision"]), urgent="urgent" in facts, extends="extends" in facts)
    return MOVES.get(kind) or _OTHERS.get(kind.partition(".")[0], _ANYWHERE)


def follow(
    phase: Phase, steps: frozenset[Step], kind: str, facts: Mapping[str, object] | None = None
) -> tuple[Phase, frozenset[Step]]:
    """Phase and steps after an entry. Raises ``StepOutOfOrder``."""
    move = move_of(kind, facts or {})
    if phase not in move.phases:
        when = ", ".join(sorted(move.phases))
        raise StepOutOfOrder(f"{kind}: the deployment is {token(phase)}; this comes when it is {when}")
    if missing := move.after - steps:
        raise StepOutOfOrder(f"{kind}: not before it is {', '.join(sorted(missing))}")
    return moved(phase, steps, kind, move)


def missing_before(phase: Phase, steps: frozenset[Step], kind: str) -> list[str]:
    """The phase and steps that an entry of a kind still waits for, in the order of the practice.

    >>> missing_before(Phase.PROPOSED, frozenset(), "authorise.approval")
    ['authorised', 'listed']
    """
    move = move_of(kind, {"decision": "granted"})
    waits = [] if phase in move.phases else [str(min(move.phases, key=list(Phase).index))]
    return [*waits, *(str(step) for step in Step if step in move.after - steps)]


def moved(phase: Phase, steps: frozenset[Step], kind: str, move: Move) -> tuple[Phase, frozenset[Step]]:
    """Phase and steps after a move, lawful or not."""
    to = move.to or phase
    if kind == "plan.assessment" and phase is Phase.PROPOSED:
        to = Phase.ASSESSED
    done = frozenset({move.done}) if move.done else frozenset[Step]()
    return to, (steps - move.undone) | done


def stage(phase: Phase, steps: frozenset[Step]) -> str:
    """How far it has come, in the order of the practice: the last of the steps before which none is missing."""
    order: tuple[Step, ...]
    if phase is Phase.AUTHORISED:
        order = (Step.LISTED, Step.APPROVED, Step.NOTIFIED, Step.BRIEFED)
    elif phase is Phase.CLOSED:
        order = (Step.DELETED, Step.REVIEWED, Step.PUBLISHED)
    else:
        return str(phase)
    reached = str(phase)
    for step in order:
        if step not in steps:
            break
        reached = str(step)
    return reached
