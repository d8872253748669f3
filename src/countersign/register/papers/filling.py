"""What a paper may leave out: fields that the clock, the record, the policy or a sum gives; and what a copy keeps.

``schemas/declarations.toml`` says of each such field where its value comes from; every other field is asked. A value
that a paper gives stands, and is held to the rules like any other.

>>> source_of("plan.proposal", "policy"), source_of("plan.proposal", "units"), source_of("live.opened", "opened_at")
('policy', 'asked', 'clock')
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any, Protocol

from countersign.deployments.kinds import beside_schemas
from countersign.deployments.limits import KIND as LIMITS
from countersign.deployments.state import Programme
from countersign.record.entries.entry import Placed
from countersign.record.entries.schema import Schema

#: Facts of an approval's paper that stand in the limits it releases, and not in the approval.
TERMS = ("engine", "engine_version", "threshold_minimum", "ceilings", "stop_rule")
#: Kinds that name under seal the place that is to be made public.
DECLARES = frozenset({"plan.proposal", "authorise.authority", LIMITS})
Facts = dict[str, Any]


class Recorded(Protocol):
    """What of a log a paper is filled in from: ``register.deployments.Work``."""

    @property
    def programme(self) -> Programme:
        """The state of the force and its deployments."""

    @property
    def at(self) -> str:
        """The time that entries speak for."""

    def declared(self, subject: str, kind: str, among: Collection[str]) -> dict[str, Any] | None:
        """The place sealed in the last entry of these kinds that holds one."""

    def regular(self, subject: str, kinds: Collection[str]) -> list[Placed]:
        """The entries of these kinds about a deployment that kept order and rules."""


@cache
def declarations() -> Mapping[str, Mapping[str, Any]]:
    """By where a value comes from (``clock``, ``record``, ``policy``, ``computed``): kind, and its fields or field."""
    return beside_schemas("declarations")


def source_of(kind: str, name: str) -> str:
    """Where the value of a field or sealed label comes from: ``asked``, or a part of ``declarations``."""
    for source, kinds in declarations().items():
        named = kinds.get(kind, ())
        if name == named or (not isinstance(named, str) and name in named):
            return source
    return "asked"


def clock_of(kind: str) -> str | None:
    """The field of a kind that says when it happened, where the time the entry speaks for fills it."""
    return declarations()["clock"].get(kind)


def filled(
    work: Recorded, subject: str, kind: str, facts: Facts, contents: Mapping[str, Any], *, drafted: bool
) -> tuple[Facts, Facts]:
    """Facts and contents of a paper with what it leaves out. ``drafted``: the signer is shown all of it before signing,
    so an authority may take the place proposed. Raises ``NotTheSame`` where the place is not held."""
    given: Facts = {"policy": work.programme.current_policy} if source_of(kind, "policy") == "policy" else {}
    if (name := clock_of(kind)) is not None:
        given[name] = work.at
    if kind in _FROM_RECORD:
        given |= _FROM_RECORD[kind](work, subject)
    sealed = dict(contents)
    if drafted and kind == "authorise.authority" and facts.get("decision") != "refused" and "place" not in sealed:
        place = work.declared(subject, kind, ("plan.proposal",))
        sealed |= {} if place is None else {"place": place}
    return {**{name: value for name, value in given.items() if value is not None}, **facts}, sealed


def _last(work: Recorded, subject: str, kind: str) -> Facts:
    """The facts of the last entry of a kind about a deployment that kept order and rules."""
    entries = work.regular(subject, (kind,))
    return dict(entries[-1][1].draft.facts) if entries else {}


def _authorised(work: Recorded, subject: str) -> Facts:
    return {"application": _last(work, subject, "plan.proposal").get("reference")}


def _noticed(work: Recorded, subject: str) -> Facts:
    declared = work.declared(subject, "open.notice", DECLARES) or {}
    place = declared.get("place", declared)
    return {("place" if name == "name" else name): value for name, value in place.items()}


def _opened(work: Recorded, subject: str) -> Facts:
    limits, standing = _last(work, subject, LIMITS), work.programme.deployment(subject)
    if standing.limits is None or standing.listed is None:
        return {}
    named = {name: limits.get(name) for name in ("engine", "engine_version")}
    return {"limits": standing.limits.digest, "list_digest": standing.listed.digest, **named}


def _published(work: Recorded, subject: str) -> Facts:
    notice, closed = _last(work, subject, "open.notice"), _last(work, subject, "close.cancellation")
    opened, authority = _last(work, subject, "live.opened"), _last(work, subject, "authorise.authority")
    day = opened.get("opened_at")
    return {
        **{name: closed.get(name) for name in ("faces", "alerts", "engagements")},
        **{name: notice.get(name) for name in ("place", "purpose")},
        "date": None if day is None else day[:10],
        "list_size": _last(work, subject, "authorise.manifest").get("size"),
        "categories": authority.get("categories"),
        "threshold": opened.get("threshold"),
    }


_FROM_RECORD: Mapping[str, Callable[[Recorded, str], Facts]] = {
    "authorise.authority": _authorised,
    "live.opened": _opened,
    "open.notice": _noticed,
    "publish.results": _published,
}


def copied(schema: Schema, facts: Mapping[str, Any], sealed: Mapping[str, Any]) -> tuple[Facts, Facts]:
    """Of an entry's facts and contents what its like can say again: not lateness, nor what is filled in anew."""
    kept = {name: value for name, value in facts.items() if name != "late" and source_of(schema.kind, name) == "asked"}
    return kept, {label: value for label, value in sealed.items() if source_of(schema.kind, label) == "asked"}
