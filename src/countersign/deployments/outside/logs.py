"""What outside bodies say in logs of their own, set beside the record of a force.

A body's log counts if the reader's file names it and nothing shows it to be the force's: never where the force's log
registers its registrar or a key of its head, where it is opened for the force, or where it holds the force's own word
about itself. A key of it that the force's log registers too is the force's. What is left is matched: a statement
(``outside.statement``) names an entry by origin and digest, an observer's account or a statement before any entry is
known names a place and hours. Unmatched ones stay, and say so.

A finding that the force must answer and a moratorium stand there too, and bar what they bar in the force's own log. The
force answers a finding in its log, naming it by digits of the SHA-256 of its entry; only the key that imposed a
moratorium lifts it, by an entry of the same log.

An outside body bears out an entry for the duties it names, or contradicts it. Entries are ``(origin, index)``.

>>> matches_place("High Street, Borough A", ["High Street (north)", "Station Road"])
False
>>> matches_place("high street", ["High Street (north)"])
True
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from countersign.deployments.clock import hours_later
from countersign.deployments.kinds import NOUNS, noun_of
from countersign.deployments.outside.heard import HeardMoratorium
from countersign.deployments.outside.reader import SUPPLIES, BodysLog
from countersign.deployments.refusals import NotTheSame, RolesConflict
from countersign.deployments.rules import Act
from countersign.deployments.state import Finding, Programme, reference_to
from countersign.deployments.view import Bearing, Place, Statement, View
from countersign.errors import NotAllowed
from countersign.record.entries.entry import Entry, Placed, key_id
from countersign.record.entries.forms import force_of
from countersign.record.entries.keyring import key_brought
from countersign.record.entries.schema import FactsMalformed
from countersign.words.lists import listing
from countersign.words.names import supplier

STATEMENT = "outside_statement"
#: What names a place and hours.
PLACED = frozenset({"place", "first", "last"})
#: What an observer or the press saw or counted: nouns whose accounts are evidence beside the force's.
_SEEN = frozenset({"observer_count", "observer_sighting", "observer_signs"})
#: What of a body's log is evidence for duties, by the kind of body; the rest is listed, and no more.
EVIDENCE: Mapping[str, frozenset[str]] = {
    "observer": _SEEN,
    "press": _SEEN,
    "engine": frozenset({"statistics", "reconciliation", "event_log"}),
    **dict.fromkeys(("panel", "reviewer", "evaluator", "regulator", "court"), frozenset({"judgement"})),
}
FINDING, MORATORIUM, LIFTED = "finding", "moratorium", "moratorium_lifted"
#: What in a body's log bars the force, by the kind of body, beside what is evidence.
BARS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("reviewer", "evaluator"), frozenset({FINDING})),
    **dict.fromkeys(("panel", "regulator", "court"), frozenset({FINDING, MORATORIUM, LIFTED})),
}
#: What a body's own account says of a duty by itself: nothing but that it was there.
SEEN = "seen"
_SAYS = {FINDING: "found", MORATORIUM: "stops", LIFTED: "lifts"}
FORCES_KEY = "its key is registered in the force's log too, so it is the force's word"


@dataclass(frozen=True)
class OutsideLog:
    """A log read beside a record, verified under the policy that the reader's file names for it.

    ``because`` says why nothing of it counts as outside; empty where it does. ``shared``: its keys that the force's log
    registers too. ``bundled``: it was read from bundles, and not from its folder.
    """

    named: BodysLog
    size: int
    entries: tuple[tuple[int, Entry], ...] = field(repr=False)
    because: str = ""
    shared: frozenset[str] = frozenset()
    file: str = ""
    sha256: str = ""
    bundled: bool = False

    def about(self, subject: str) -> tuple[tuple[int, Entry], ...]:
        """The entries about a deployment or its force, in order."""
        subjects = (subject, force_of(subject))
        return tuple(placed for placed in self.entries if placed[1].draft.subject in subjects)


@dataclass(frozen=True)
class Said:
    """What a body says in one entry about a deployment or its force; ``matched``: whether to something on the record.

    ``says``: bears-out or contradicts, or seen where it is the body's own account. ``about`` is the entry it is about,
    once found; ``because`` says what it is matched to, or why not.
    """

    log: OutsideLog
    statement: Statement
    says: str
    matched: bool
    because: str
    about: int | None = None

    @property
    def place(self) -> Place:
        """Where the statement stands."""
        return Place(self.log.named.origin, self.statement.entry)

    @property
    def duties(self) -> tuple[str, ...]:
        """The duties that it names."""
        if self.statement.noun in ("judgement", FINDING):
            return (str(self.statement.one("duty")),)
        return tuple(self.statement.one("duties")) if self.statement.noun == STATEMENT else ()

    @property
    def ground(self) -> str:
        """How the body knows it, where it says so."""
        return str(self.statement.one("ground")) if self.statement.noun == STATEMENT else ""

    @property
    def bearing(self) -> Bearing | None:
        """How it bears on duties; ``None`` for what is unmatched or no statement on one."""
        if not self.matched or self.statement.noun != STATEMENT:
            return None
        named = self.log.named
        supplied_by, duties = SUPPLIES[named.kind], frozenset(self.duties)
        return Bearing(self.place, named.body, supplied_by, self.says, duties, self.ground, self.about)


class OfForce(NamedTuple):
    """Whose record logs are set beside: the force, all keys that its log registers, and those that sign its head."""

    name: str
    keys: frozenset[str]
    heads: frozenset[str]


class NotForThisLog(
    NotAllowed,
    next_step="Say it by an observer's entry or an outside.statement (`countersign observe`); nothing was entered.",
):
    """An entry is to go into the log of an outside body that only a force makes, or that is not about a force."""


def hold_to_body(body: str, own: str, act: Act, kind: str, facts: Mapping[str, Any], before: Sequence[Placed]) -> None:
    """Hold an entry of the log of an outside body of a kind (``own``: its short name) to what such a log may hold after
    the entries ``before``. Raises ``NotForThisLog``, ``NotTheSame``, ``RolesConflict`` and, for a statement about
    nothing, ``FactsMalformed``.
    """
    noun = noun_of(kind)
    may = {STATEMENT, *EVIDENCE[body], *BARS.get(body, ())}
    if noun not in may:
        among = listing(sorted(NOUNS[each] for each in may))
        raise NotForThisLog(f"{kind}: the log of a body of kind {body} holds {among}")
    if noun in (MORATORIUM, LIFTED) and "/" in act.subject:
        raise NotForThisLog(f"{kind}: is about a force, not about one deployment ({act.subject})")
    if force_of(act.subject) == own:
        raise NotForThisLog(f"{kind}: is about {act.subject}, the body itself; name the force or the deployment")
    if noun == STATEMENT and "about" not in facts and "/" not in act.subject and not set(facts) >= PLACED:
        raise FactsMalformed(f"{kind}: names no entry (about), no deployment, and no place, first and last hour")
    if facts.get("first", "") > facts.get("last", "~"):
        raise FactsMalformed(f"{kind}: the first hour, {facts['first']}, comes after the last, {facts['last']}")
    if noun == FINDING and any(
        entry.draft.kind == kind and entry.draft.facts["finding"] == facts["finding"] for _, entry in before
    ):
        raise NotTheSame(f"{kind}: there is a finding {facts['finding']} already")
    if noun == LIFTED:
        _check_lift(act, kind, facts["moratorium"], before)


def _check_lift(act: Act, kind: str, place: int, before: Sequence[Placed]) -> None:
    imposed = next((entry for index, entry in before if index == place), None)
    if imposed is None or (imposed.draft.kind, imposed.draft.subject) != (NOUNS[MORATORIUM], act.subject):
        raise NotTheSame(f"{kind}: entry {place} of this log is no moratorium on {act.subject}")
    if imposed.key != act.key:
        raise RolesConflict(f"{kind}: only the key that imposed it may lift it (separation of roles)")


def registered_keys(entries: Iterable[tuple[int, Entry]]) -> frozenset[str]:
    """The ids of all keys that a log ever registered, its registrar's among them."""
    keys = set[str]()
    for _, entry in entries:
        if (public_key := key_brought(entry)) is not None:
            keys |= {entry.key, key_id(public_key)}
    return frozenset(keys)


def why_forces(log: OutsideLog, of: OfForce, head: frozenset[str]) -> str:
    """Why a log is the force's own, whatever the reader's file says; empty where nothing shows it. ``head``: the ids of
    the keys that signed the log's head.
    """
    force = of.name
    if force not in log.named.forces:
        return f"the reader's file does not name {force} among the forces that it is about"
    for _, entry in log.entries:
        draft = entry.draft
        if draft.kind == "record.log-opened":
            if force_of(draft.subject) == force:
                return f"it was opened as a log of {force} itself, and a force's other logs are never outside"
            if entry.key in of.keys:
                return "its registrar is registered in the force's log, so it is the force's"
        elif force_of(draft.subject) == force and draft.supplied_by == "force":
            return f"it holds the word of {force} about itself, so it is another log of the force"
    if head & (of.keys | of.heads):
        return "the key that signs its head is the force's"
    return ""


@dataclass(frozen=True)
class Setting:
    """What statements are matched to: the log's origin, the deployment, its places and the spans it was live or
    announced for, and the place of each entry about it or its force by the SHA-256 of the entry's bytes.
    """

    origin: str
    subject: str
    places: tuple[str, ...]
    spans: tuple[tuple[str, str], ...]
    digests: Mapping[str, int]

    @classmethod
    def of(cls, view: View, origin: str, entries: Iterable[tuple[int, Entry]]) -> Setting:
        """From the view of a deployment and the entries about it and its force."""
        notices, opened, closed = (view.statements(noun) for noun in ("notice", "opened", "cancellation"))
        places = [
            str(place)
            for path in ("notice.place", "opened.place.place", "results.place")
            for place in values(view, path)
        ]
        spans = [(str(window["start"]), str(window["end"])) for one in notices for window in one.one("windows") or ()]
        begins, ends = (
            sorted(str(one.one(name)) for one in of) for of, name in ((opened, "opened_at"), (closed, "closed_at"))
        )
        if begins:
            spans.append((begins[0], ends[-1] if ends else hours_later(begins[0], 1)))
        spans += [_hours(str(hour), str(hour)) for hour in values(view, "hour.hour")]
        return cls(
            origin,
            view.subject,
            tuple(dict.fromkeys(places)),
            tuple(dict.fromkeys(spans)),
            {sha256(entry.render()).hexdigest(): index for index, entry in entries},
        )

    def at_place(self, place: str | None, first: str | None, last: str | None) -> tuple[bool, str]:
        """Whether a place and hours are this deployment's, and in words what they are matched to, or why not."""
        if place is None or first is None or last is None:
            return False, "it names neither an entry nor a place and hours"
        if not matches_place(place, self.places):
            return False, "no place on this record is the one that it names"
        begins, ends = _hours(first, last)
        if not any(begins < end and start < ends for start, end in self.spans):
            return False, "nothing on this record was live or announced in the hours that it names"
        return True, "its place and hours are this deployment's"


def values(view: View, path: str) -> tuple[Any, ...]:
    """The values at a path."""
    return tuple(evidence.value for evidence in view.get(path))


def matches_place(place: str, known: Sequence[str]) -> bool:
    """Whether a place is one of those known: the same words, or all words of the one among those of the other."""
    words = set(_WORDS.findall(place.casefold()))
    return bool(words) and any(words <= other or other <= words for other in _sets(known))


_WORDS = re.compile(r"\w+")


def _sets(places: Sequence[str]) -> list[set[str]]:
    return [words for place in places if (words := set(_WORDS.findall(place.casefold())))]


def _hours(first: str, last: str) -> tuple[str, str]:
    """From the start of one hour to the end of another, as moments."""
    return f"{first[:-1]}:00:00Z", hours_later(f"{last[:-1]}:00:00Z", 1)


def said_about(setting: Setting, logs: Sequence[OutsideLog], as_at: str | None) -> tuple[Said, ...]:
    """What logs that count as outside say of a deployment and its force up to a moment, log by log, in order."""
    return tuple(
        _said(log, statement, setting)
        for log in logs
        if not log.because
        for statement in View.of(log.about(setting.subject), setting.subject, as_at=as_at).each()
    )


def _said(log: OutsideLog, statement: Statement, setting: Setting) -> Said:
    is_statement = statement.noun == STATEMENT
    says = str(statement.one("says")) if is_statement else _SAYS.get(statement.noun, SEEN)
    if statement.key in log.shared:
        return Said(log, statement, says, False, FORCES_KEY)
    if statement.supplied_by != SUPPLIES[log.named.kind]:
        supplies = supplier(SUPPLIES[log.named.kind])
        because = (
            f"it calls itself evidence of {supplier(statement.supplied_by)}, and this log gives that of {supplies}"
        )
        return Said(log, statement, says, False, because)
    about = statement.one("about") if is_statement else None
    if about is not None:
        index = setting.digests.get(about["digest"]) if about["origin"] == setting.origin else None
        if index is not None:
            return Said(log, statement, says, True, f"it names entry {index}", index)
        where = (
            "this record"
            if about["origin"] == setting.origin
            else f"the log {about['origin']}, which is not read here,"
        )
        return Said(log, statement, says, False, f"no entry of {where} has the digest that it names")
    if statement.subject == setting.subject:
        return Said(log, statement, says, True, "it names this deployment")
    place, first, last = named_place(statement)
    if place is None and not is_statement and statement.noun not in _SEEN:
        return Said(log, statement, says, True, "it names this force")
    return Said(log, statement, says, *setting.at_place(place, first, last))


def named_place(statement: Statement) -> tuple[str | None, str | None, str | None]:
    """The place and the first and last hour that a statement names, each ``None`` where it names none."""
    if statement.noun == "observer_count":
        return statement.one("place"), statement.one("hour"), statement.one("hour")
    if statement.noun in (STATEMENT, "observer_sighting"):
        return statement.one("place"), statement.one("first"), statement.one("last")
    return None, None, None


def barring_in(
    logs: Sequence[OutsideLog], force: str, as_at: str | None = None
) -> tuple[tuple[HeardMoratorium, ...], dict[str, Finding]]:
    """The moratoria on a force that stand in logs that count as outside, as at a moment, and the findings about it and
    its deployments, by reference: what bars it as if it stood in its own log."""
    imposed: list[tuple[str, HeardMoratorium]] = []
    found: dict[str, Finding] = {}
    for log, index, entry in _barring(logs, force, as_at):
        facts: Mapping[str, Any] = entry.draft.facts
        named = log.named
        noun = noun_of(entry.draft.kind)
        if noun == FINDING:
            reference = reference_to(sha256(entry.render()).hexdigest())
            said = {"name": facts["finding"], "origin": named.origin, "reference": reference}
            about = (index, facts["duty"], entry.draft.subject, facts["answer_due"], None, None)
            found[reference] = Finding(*about, **said)
        elif noun == MORATORIUM:
            ground = facts.get("url", f"sha256:{facts['decision']}")
            times = (facts["starts_at"], facts.get("ends_at"))
            imposed.append((entry.key, HeardMoratorium(named.body, *times, ground, named.origin, index)))
        else:
            lifted, at = (entry.key, named.origin, facts["moratorium"]), facts["lifted_at"]
            imposed = [
                (key, msgspec.structs.replace(each, ends_at=min(each.ends_at or at, at)))
                if (key, each.origin, each.entry) == lifted
                else (key, each)
                for key, each in imposed
            ]
    return tuple(each for _, each in imposed), found


def _barring(logs: Sequence[OutsideLog], force: str, as_at: str | None) -> Iterator[tuple[OutsideLog, int, Entry]]:
    for log in logs:
        for index, entry in () if log.because else log.entries:
            draft = entry.draft
            if force_of(draft.subject) != force or noun_of(draft.kind) not in BARS.get(log.named.kind, ()):
                continue
            if entry.key in log.shared or draft.supplied_by != SUPPLIES[log.named.kind]:
                continue
            if as_at is None or draft.at <= as_at:
                yield log, index, entry


def weighed(programme: Programme, logs: Sequence[OutsideLog], as_at: str | None = None) -> Programme:
    """The state with what bars the force in logs of outside bodies."""
    moratoria, found = barring_in(logs, programme.force, as_at)
    return msgspec.structs.replace(programme, heard=(*programme.heard, *moratoria), found=found)


def set_beside(view: View, said: Sequence[Said]) -> View:
    """The view with what outside bodies saw and judged as evidence, and what they bear out or contradict."""
    evidence = [
        replace(each.statement, origin=each.log.named.origin)
        for each in said
        if each.matched and each.statement.noun in EVIDENCE[each.log.named.kind]
    ]
    return view.beside(evidence, [bearing for each in said if (bearing := each.bearing) is not None])
