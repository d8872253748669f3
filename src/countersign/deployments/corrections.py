"""Corrections: which entries stand corrected or withdrawn, by whom, since when, and which corrections do nothing.

An entry is never changed. ``correct.supersede`` names an entry and the one, of the same kind and directly before the
correction, that stands in its place; ``correct.withdraw`` names one that counts no more, which may be a correction.
Folds and figures use what stands; pages show both values with the time each came. Anyone in a role that may sign
the original may correct it, in the name of the same supplier; what an observer or an outside body supplied, its own key
alone. Decisions (authorities, approvals, moratoria, openings, policies) are not corrected but made anew, and what was
decided on is not changed afterwards: a proposal is amended before its authority.

A correction that breaks this moves nothing and is shown with the reason. Nothing is verified here.

>>> corrections_in([]).made
()
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from countersign.deployments.kinds import COMPILER, NOUNS, SCHEMAS, noun_of
from countersign.errors import NotAllowed
from countersign.record.entries.entry import Draft, Entry, Placed
from countersign.record.entries.schema import ANY_ROLE

GROUP = "correct."
#: In an entry's bytes: it may be a correction.
MARK = b'"kind":"correct.'
SUPERSEDE, WITHDRAW = "correct.supersede", "correct.withdraw"
#: Why something is corrected, in public; the text may lie sealed.
REASONS = (
    "entered-wrongly", "misread", "counted-again", "source-corrected", "wrong-deployment", "entered-twice",
    "changed-before-authority", "review-found",
)  # fmt: skip
#: Decisions and what binds others: a new one takes the place of an old one, as its own kind has it.
_MADE_ANEW = frozenset({
    "programme.policy", "programme.moratorium", "programme.moratorium-lifted", "authorise.authority",
    "authorise.written", "authorise.urgent-review", "authorise.manifest", "authorise.approval", "authorise.limits",
    "authorise.list-change", "authorise.override", "open.notice", "open.notice-exemption", "live.opened",
    "live.suspended", "live.resumed", "live.receipt", "live.stop-rule-fired", "publish.archived",
    "review.disowning",
})  # fmt: skip
#: What would begin again if it were withdrawn.
_NOT_WITHDRAWN = frozenset({"close.cancellation"})
#: Kinds that are decided on, and the kind that decides.
_DECIDED_BY: Mapping[str, str] = {
    "plan.proposal": "authorise.authority",
    "plan.assessment": "authorise.authority",
    "plan.location": "authorise.authority",
}
_OWN_KEY = frozenset({"observer", "outside"})
#: How many corrections may be withdrawn in a chain, each the one before it.
LONGEST_CHAIN = 16


class CorrectionRefused(
    NotAllowed,
    next_step="Look at `countersign record show` for what stands, then correct that; nothing was written.",
):
    """A correction names what is not there or may not be corrected so, or is signed by someone who may not."""


class Correction(NamedTuple):
    """A correction as it stands in the log: what it names and by what, and why it moves nothing, if it does not."""

    entry: int
    draft: Draft
    key: str
    fault: str | None = None

    @property
    def facts(self) -> Mapping[str, Any]:
        """Its public facts."""
        return self.draft.facts

    @property
    def target(self) -> int:
        """The entry that it corrects or withdraws."""
        return int(self.facts["entry"])

    @property
    def by(self) -> int | None:
        """The entry that stands instead; none for a withdrawal."""
        return None if self.draft.kind == WITHDRAW else int(self.facts["by"])


@dataclass(frozen=True)
class Corrections:
    """All corrections among some entries, and what they come to."""

    made: tuple[Correction, ...] = ()
    #: Entry: the one that stands in its place now, with its own place.
    instead: Mapping[int, Placed] = field(default_factory=dict)
    #: Entries that do not speak at their own place: withdrawn, superseded, or standing in for another.
    silent: frozenset[int] = frozenset()
    #: Entries and corrections that are withdrawn.
    withdrawn: frozenset[int] = frozenset()

    @property
    def faults(self) -> Mapping[int, str]:
        """Why a correction moves nothing, by its place."""
        return {made.entry: made.fault for made in self.made if made.fault is not None}

    def stands(self, made: Correction) -> bool:
        """Whether a correction is in force: neither withdrawn, nor passed over for a later one."""
        if made.fault is not None or made.entry in self.withdrawn:
            return False
        return made.by is None or (made.target in self.instead and self.instead[made.target][0] == made.by)

    def at(self, index: int, entry: Entry) -> Entry | None:
        """What counts at a place of the log when its entries are gone through in order: the entry, or the one instead
        of it as of the first one's time; ``None`` where nothing does."""
        if index in self.instead:
            _, later = self.instead[index]
            facts = {name: value for name, value in later.draft.facts.items() if name != "late"}
            facts |= {"late": entry.draft.facts["late"]} if "late" in entry.draft.facts else {}
            draft = later.draft
            spoken = Draft(draft.kind, draft.schema, draft.log, draft.subject, entry.draft.at, draft.role,
                           draft.supplied_by, facts, draft.sealed)  # fmt: skip
            return Entry(spoken, later.key, later.signature)
        return None if index in self.silent else entry

    def standing(self, entries: Iterable[Placed]) -> Iterator[Placed]:
        """The entries that speak, each with its own place, in the order of those they stand for."""
        for index, entry in entries:
            if index in self.instead:
                yield self.instead[index]
            elif index not in self.silent:
                yield index, entry


NONE = Corrections()


def corrections_in(entries: Iterable[Placed]) -> Corrections:
    """What the corrections among entries come to. Give all entries about the subjects in question, or those that
    ``concerns`` chooses, in the log's order."""
    placed = list(entries)
    if not any(entry.draft.kind.startswith(GROUP) for _, entry in placed):
        return NONE
    return _Reading(dict(placed)).read()


def concerns(data: bytes) -> bool:
    """Whether an entry's bytes are wanted to judge corrections by, besides the entries that these name."""
    return MARK in data or any(f'"kind":"{kind}"'.encode() in data for kind in _DECIDED_BY.values())


def named_in(entries: Iterable[Placed]) -> frozenset[int]:
    """The places that corrections name."""
    made = [entry.draft.facts for _, entry in entries if entry.draft.kind.startswith(GROUP)]
    return frozenset(int(str(facts[name])) for facts in made for name in ("entry", "by") if name in facts)


def standing(entries: Iterable[Placed]) -> tuple[Placed, ...]:
    """The entries that speak, corrected; all of them where nothing was corrected."""
    placed = list(entries)
    return tuple(corrections_in(placed).standing(placed))


class _Reading:
    """Goes through corrections in the log's order, and holds what stands after each."""

    def __init__(self, entries: Mapping[int, Entry]) -> None:
        self.entries = entries
        self.made: dict[int, Correction] = {}
        #: Entry, or correction: the withdrawal that stands against it.
        self.withdrawn: dict[int, int] = {}
        #: Entry that stands instead: the correction that brought it.
        self.brought: dict[int, int] = {}
        self.superseding: dict[int, list[int]] = {}
        self.depth: dict[int, int] = {}
        self.decided: dict[tuple[str, str], int] = {}

    def read(self) -> Corrections:
        for index in sorted(self.entries):
            entry = self.entries[index]
            if entry.draft.kind in _DECIDED_BY.values():
                self.decided.setdefault((entry.draft.subject, entry.draft.kind), index)
            if not entry.draft.kind.startswith(GROUP):
                continue
            fault = next(self._faults(index, entry), None)
            made = self.made[index] = Correction(index, entry.draft, entry.key, fault)
            if fault is None:
                self._take(made)
        return self._outcome()

    def _take(self, made: Correction) -> None:
        self.depth[made.entry] = 1 + self.depth.get(made.target, 0)
        if made.by is not None:
            self.brought[made.by] = made.entry
            self.superseding.setdefault(made.target, []).append(made.entry)
            return
        # A withdrawal undone brings back what it took away, and so on down the chain.
        self.withdrawn[made.target] = made.entry
        below, standing = self.made.get(made.target), False
        while below is not None and below.by is None:
            if standing:
                self.withdrawn[below.target] = below.entry
            else:
                self.withdrawn.pop(below.target, None)
            below, standing = self.made.get(below.target), not standing

    def _outcome(self) -> Corrections:
        instead: dict[int, Placed] = {}
        for target, made in self.superseding.items():
            left = [self.made[index] for index in made if index not in self.withdrawn]
            by = left[-1].by if left and target not in self.withdrawn else None
            if by is not None:
                instead[target] = by, self.entries[by]
        undone = self.withdrawn.keys() & self.made.keys()
        silent = (self.withdrawn.keys() - undone) | self.brought.keys() | instead.keys()
        return Corrections(tuple(self.made.values()), instead, frozenset(silent), frozenset(self.withdrawn))

    def _faults(self, index: int, entry: Entry) -> Iterator[str]:
        """Why a correction moves nothing, the first reason first."""
        draft = entry.draft
        target = int(str(draft.facts["entry"]))
        named = self.entries.get(target)
        if target >= index:
            yield f"entry {target} does not come before it"
        if named is None:
            yield f"entry {target} is not among the entries about {draft.subject}"
            return
        if named.draft.subject != draft.subject:
            yield f"entry {target} is about {named.draft.subject}, not about {draft.subject}"
        yield from self._of_kind(draft.kind, target, named)
        original = self._original(target)
        decides = self.decided.get((draft.subject, _DECIDED_BY.get(original.draft.kind, "")))
        if decides is not None and decides < index:
            yield f"{original.draft.kind} was decided on in entry {decides} and is not changed afterwards"
        yield from _signed_by(draft, entry.key, original)
        if target in self.withdrawn:
            yield f"entry {target} is withdrawn by entry {self.withdrawn[target]}"
        if draft.kind == SUPERSEDE:
            yield from self._replaced(index, draft, entry.key, named)

    def _of_kind(self, kind: str, target: int, named: Entry) -> Iterator[str]:
        if target in self.brought:
            corrected = self.made[self.brought[target]].target
            yield f"entry {target} stands instead of entry {corrected}; correct that one, or withdraw its correction"
        made = self.made.get(target)
        if made is not None:
            if kind == SUPERSEDE:
                yield f"entry {target} is a correction: withdraw it, or correct entry {made.target} again"
            if made.fault is not None:
                yield f"entry {target} is a correction that moves nothing"
            if self.depth[target] >= LONGEST_CHAIN:
                yield f"entry {target} is the last of {LONGEST_CHAIN} corrections of one another"
            return
        name = named.draft.kind
        if NOUNS.get(noun_of(name)) != name:
            yield f"{name} is no statement on deployments and is not corrected"
        if name in _MADE_ANEW:
            yield f"{name} is a decision or binds others: it is not corrected, a new one is entered"
        if name in _NOT_WITHDRAWN and kind == WITHDRAW:
            yield f"{name} is not withdrawn; it can be superseded"

    def _original(self, target: int) -> Entry:
        """The entry at the end of a chain of corrections."""
        made = self.made.get(target)
        while made is not None:
            target, made = made.target, self.made.get(made.target)
        return self.entries[target]

    def _replaced(self, index: int, draft: Draft, key: str, named: Entry) -> Iterator[str]:
        by = int(str(draft.facts["by"]))
        later = self.entries.get(by)
        if by != index - 1 or later is None:
            yield f"entry {by} is not the one directly before it"
            return
        wanted = (named.draft.kind, draft.subject, draft.role, draft.supplied_by, key)
        if (later.draft.kind, later.draft.subject, later.draft.role, later.draft.supplied_by, later.key) != wanted:
            yield f"entry {by} is not of the same kind, about the same and signed in the same way"


def _signed_by(draft: Draft, key: str, original: Entry) -> Iterator[str]:
    schema = SCHEMAS.known.get((original.draft.kind, original.draft.schema))
    roles = frozenset[str]() if schema is None else schema.roles
    if draft.role not in roles and ANY_ROLE not in roles:
        yield f"{draft.role} may not sign {original.draft.kind} ({', '.join(sorted(roles))})"
    if draft.supplied_by != original.draft.supplied_by:
        yield f"comes from {draft.supplied_by}, and what it corrects from {original.draft.supplied_by}"
    if original.draft.supplied_by in _OWN_KEY and original.draft.role != COMPILER and key != original.key:
        yield "what someone outside the force supplied is corrected by the key that signed it"


class Changed(NamedTuple):
    """A field that a correction changed: its value before and after (``None``: not stated)."""

    name: str
    before: Any
    after: Any


def changed(made: Correction, entry_at: Callable[[int], Entry]) -> tuple[Changed, ...]:
    """The public fields in which the entry named and the one instead of it differ; none for a withdrawal."""
    if made.by is None:
        return ()
    before, after = entry_at(made.target).draft.facts, entry_at(made.by).draft.facts
    names = [name for name in {**before, **after} if name != "late" and before.get(name) != after.get(name)]
    return tuple(Changed(name, before.get(name), after.get(name)) for name in names)
