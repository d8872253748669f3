"""Commands: one for each transition. Each gives the entries to append, unsigned and unsealed, or a refusal.

A command reads the folded state, the facts and contents given, and the moment of writing; it writes nothing. What it
returns has been held to schema, order and rules. Contents to be sealed come back with their labels and retention
classes. An approval and the limits it releases are refused or returned together.

>>> TRANSITIONS["open"]
'live.opened'
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from countersign.deployments import alerts, judgements, limits, watchlist
from countersign.deployments.clock import TOLERANCE_SECONDS, ClockRunsBack, clockless, hours_later
from countersign.deployments.fold import advance_facts
from countersign.deployments.kinds import COMPILER, SCHEMAS
from countersign.deployments.outside.logs import hold_to_body
from countersign.deployments.place import check_place, check_within
from countersign.deployments.refusals import DutyUnmet, NotTheSame, SubjectWrong
from countersign.deployments.rules import Act, check, waived_duties
from countersign.deployments.state import Programme
from countersign.record.entries import canonical
from countersign.record.entries.entry import Commitment, Draft, Facts, Placed
from countersign.record.entries.forms import name_of
from countersign.record.entries.schema import ANY_ROLE, FactsMalformed, Schema, Schemas
from countersign.surroundings import current

#: The command of each transition, and the kind of entry it makes.
TRANSITIONS: Mapping[str, str] = {
    "propose": "plan.proposal",
    "assess": "plan.assessment",
    "authorise": "authorise.authority",
    "list": "authorise.manifest",
    "approve": "authorise.approval",
    "notify": "open.notice",
    "brief": "brief.briefing",
    "open": "live.opened",
    "suspend": "live.suspended",
    "resume": "live.resumed",
    "close": "close.cancellation",
    "delete": "delete.deletion",
    "review": "review.deployment-review",
    "answer": "review.answer",
    "dispute": "review.dispute",
    "publish": "publish.results",
}
#: Which gate each command stands behind (the rulebook says which duties bar it).
GATES: Mapping[str, str] = {
    "authorise.authority": "authorise",
    "authorise.approval": "approve",
    "live.opened": "open",
    "publish.results": "publish",
}

#: Kinds that make the place public.
PUBLIC_PLACE = frozenset({"open.notice", "live.opened"})
#: Kinds that seal the place they are for, where it is known.
_PLACED = frozenset({"plan.proposal", "authorise.authority"})
#: An entry written longer after its time than this says that it is late.
LATE_AFTER_HOURS = 1

Contents = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Raw:
    """Contents to seal as they are, and not as a JSON value: one, or the items of a set."""

    parts: tuple[bytes, ...] = field(repr=False)
    is_set: bool = False


@dataclass(frozen=True, slots=True)
class Unsealed:
    """An entry to be: its act, kind and facts, and by label the contents to seal: JSON values, or ``Raw``."""

    act: Act
    schema: Schema
    facts: Facts
    contents: Contents = field(default_factory=dict, repr=False)

    def draft(self, log: str, commitments: Mapping[str, Commitment]) -> Draft:
        """The draft of an entry in a log, with the commitments its contents were sealed under."""
        kind, version, act = self.schema.kind, self.schema.version, self.act
        return Draft(kind, version, log, act.subject, act.at, act.role, act.supplied_by, self.facts, commitments)

    def sealing(self) -> dict[str, tuple[str, list[bytes], bool]]:
        """What to seal, by label: retention class, contents as bytes (canonical JSON), and whether they are a set."""
        made = {}
        for label, value in self.contents.items():
            sealed = self.schema.sealed[label]
            if isinstance(value, Raw):
                made[label] = (sealed.retention_class, list(value.parts), value.is_set)
                continue
            parts = value if sealed.is_set and isinstance(value, list) else [value]
            made[label] = (sealed.retention_class, [canonical.render(part) for part in parts], sealed.is_set)
        return made


@dataclass(frozen=True, slots=True)
class Known:
    """What a command may know beside the public state: the time, duties that bar it, limits and place declared, the
    notice that stands, and the schemas that the log has adopted."""

    now: str
    unmet: Mapping[str, str] = field(default_factory=dict)
    declared: Mapping[str, Any] | None = field(default=None, repr=False)
    proposed: Mapping[str, Any] | None = field(default=None, repr=False)
    #: The notice that stands: its entry and what it says.
    notice: tuple[int, Mapping[str, Any]] | None = None
    #: The kind of body outside any force whose log it is; empty for a force's. ``before``: all entries of that log.
    body: str = ""
    before: Sequence[Placed] = ()
    schemas: Schemas = SCHEMAS
    #: Entries disowned by the holder of the key that signed them.
    disowned: Collection[int] = frozenset()


def enter(
    programme: Programme,
    act: Act,
    kind: str,
    facts: Facts,
    contents: Contents | None = None,
    *,
    known: Known,
    anew: bool = True,
) -> Unsealed:
    """One entry of any kind, held to schema, order and rules. ``anew``: it takes no other's place; one that corrects
    another is held to order and rules where that stands. Raises as ``Draft.check``, or a ``NotAllowed``.
    """
    contents = dict(contents or {})
    schema = known.schemas.latest(kind)
    if act.role not in schema.roles and ANY_ROLE not in schema.roles:
        raise FactsMalformed(f"{schema.name}: is not for the role {act.role} ({', '.join(sorted(schema.roles))})")
    schema.check(facts)
    _check_contents(schema, contents)
    _check_now(act, kind, facts.get("late"), known.now)
    if known.body:
        hold_to_body(known.body, programme.force, act, kind, facts, known.before)
    elif anew:
        check(programme, act, kind, facts)
    if act.role != COMPILER:
        _check_place(programme, act, kind, facts, contents)
        if kind == "authorise.authority":
            _check_authorised(facts, contents, known.proposed)
        _check_gate(programme, act, kind, known)
        if kind == "plan.proposal":
            _check_name(act.subject, contents["place"])
        if kind == "review.attestation":
            _check_answers(facts, contents)
        if known.body:
            _check_duties(facts.get("duties", [facts["duty"]] if "duty" in facts else []))
        if facts.get("outcome") in ("partly", "refused") and "refusal_reason" not in facts:
            raise FactsMalformed(
                f"{kind}: refusal_reason is missing: what is refused, in part too, is refused with one"
            )
        if kind == watchlist.KIND and watchlist.LABEL in contents:
            watchlist.check_totals(facts, contents[watchlist.LABEL])
    if anew or contents:
        # What was sealed with the entry corrected may be erased by now; its counts can be set right all the same.
        _check_sealed(act, kind, facts, contents, known)
    return Unsealed(act, schema, facts, contents)


def attested(schema: Schema, facts: Facts, contents: Contents) -> tuple[dict[str, Any], Contents]:
    """The facts of an attestation whose paper gives the texts alone, and its contents, with a fresh nonce where its
    version seals one. Raises ``FactsMalformed`` for contents of another form."""
    from countersign.rulebook.signed import answer_digest

    sealed = contents["answers"]
    if schema.version > 1 and isinstance(sealed, dict):
        sealed = {"nonce": current().random_bytes(32).hex()} | sealed
    schema.sealed["answers"].check(sealed, f"{schema.name}: sealed.answers")
    public = [
        {
            "question": item["question"],
            "digest": answer_digest(item["question"], item["text"], sealed.get("nonce")),
            "characters": len(item["text"]),
        }
        for item in sealed["answers"]
    ]
    return {**facts, "answers": public}, {**contents, "answers": sealed}


def approve(
    programme: Programme, act: Act, facts: Facts, document: Mapping[str, Any], *, known: Known
) -> tuple[Unsealed, Unsealed]:
    """The approval of the list, by ``facts`` without ``limits``, and the limits it releases. Raises as ``enter``."""
    limits.check_document(document)
    if document["deployment"] != act.subject:
        raise NotTheSame(f"authorise.limits: the document is about {document['deployment']}, not {act.subject}")
    public = limits.public_facts(document)
    approval = enter(programme, act, "authorise.approval", {**facts, "limits": public["digest"]}, known=known)
    after = advance_facts(programme, programme.last + 1, act, "authorise.approval", approval.facts)
    released = enter(after, act, limits.KIND, public, {limits.LABEL: dict(document)}, known=known)
    return approval, released


def _check_now(act: Act, kind: str, late: Any, now: str) -> None:
    """An entry speaks for no time to come, and says that it is late if it is written long after its time."""
    if act.at > hours_later(now, TOLERANCE_SECONDS / 3600):
        raise ClockRunsBack(f"{kind}: speaks for {act.at}, which is still to come ({now} now)")
    if late is not None and late["written_at"] > now:
        raise ClockRunsBack(f"{kind}: says it was written at {late['written_at']}, which is still to come")
    if late is None and act.role != COMPILER and not clockless(kind) and now > hours_later(act.at, LATE_AFTER_HOURS):
        raise ClockRunsBack(f"{kind}: speaks for {act.at}, is written at {now}, and does not say that it is late")


def _check_contents(schema: Schema, contents: Contents) -> None:
    for label, value in contents.items():
        sealed = schema.sealed.get(label)
        if sealed is None:
            raise FactsMalformed(f"{schema.name}: sealed.{label} is not a label of this kind of entry")
        if sealed.is_set and (not isinstance(value, list) or not value):
            raise FactsMalformed(f"{schema.name}: sealed.{label} is a list of one item or more")
        for number, part in enumerate(value if sealed.is_set and isinstance(value, list) else [value]):
            canonical.check(part, f"sealed.{label}")
            sealed.check(part, f"{schema.name}: sealed.{label}" + (f"[{number}]" if sealed.is_set else ""))
    for label, sealed in schema.sealed.items():
        if sealed.required and label not in contents:
            raise FactsMalformed(f"{schema.name}: sealed.{label} is missing")


def _check_gate(programme: Programme, act: Act, kind: str, known: Known) -> None:
    gate, unmet = GATES.get(kind), known.unmet
    if gate is None or not unmet:
        return
    standing = sorted(set(unmet) - waived_duties(programme.deployment(act.subject), gate, act.at, known.disowned))
    if standing:
        # The first of several reasons: `countersign explain` and the review give all.
        why = (f"{name} ({unmet[name].split('; ')[0].rstrip('.')})" for name in standing)
        raise DutyUnmet(f"{kind}: not met or not shown, and nobody has signed for them: {'; '.join(why)}")


def _check_place(programme: Programme, act: Act, kind: str, facts: Facts, contents: Contents) -> None:
    """A place that is proposed or authorised under seal is held to what its notice will be held to."""
    place = contents.get("place")
    if kind not in _PLACED or place is None:
        return
    deployment = programme.deployment(act.subject)
    check_place(programme, replace(deployment, policy=facts.get("policy", deployment.policy)), place, f"{kind}: sealed")


#: A year and month, or days and months between hyphens, as dates are written in names.
_DATED = re.compile(
    r"(?:19|20)[0-9]{2}-?(?:0[1-9]|1[0-2])(?:-?(?:0[1-9]|[12][0-9]|3[01]))?(?![0-9])"
    r"|\b[0-9]{1,2}-[0-9]{1,2}-(?:[0-9]{2}){1,2}\b"
)


def _check_name(subject: str, place: Any) -> None:
    """The name of a deployment is public at once; place and day are not before the notice. Raises ``SubjectWrong``."""
    name = name_of(subject)
    digits = re.sub("[^0-9]", "", name)
    days = [window["start"][5:7] + window["start"][8:10] for window in place["windows"]]
    dated = _DATED.search(name) or any(day in digits or day[2:] + day[:2] in digits for day in days)
    words = [word for word in re.findall(r"[^\W\d_]{4,}", place["name"].casefold()) if word in name]
    if dated or words:
        what = f"the place ({', '.join(words)})" if words else "a date"
        raise SubjectWrong(
            f"plan.proposal: {name} says {what}, and a deployment's name is public before its notice; number it, as in "
            "d-17"
        )


def _check_authorised(facts: Facts, contents: Contents, proposed: Mapping[str, Any] | None) -> None:
    """An authority that is given names place, cameras and windows, those proposed or less; a refusal its reasons."""
    if facts["decision"] == "refused":
        if "reasons" not in contents:
            raise FactsMalformed("authorise.authority: sealed.reasons is missing: a refusal carries its reasons")
        return
    place = contents.get("place")
    if place is None:
        raise FactsMalformed(
            "authorise.authority: sealed.place is missing: an authority names place, cameras and windows; they may be "
            "those that were proposed"
        )
    if proposed is not None:
        # An extension is a fresh authority for more time; the place stays what was weighed.
        check_within(place, proposed, "authorise.authority: sealed", longer="extends" in facts)


def _check_duties(names: Any) -> None:
    """The duties that a statement names are in the catalogue. Raises ``DutyUnknown``."""
    from countersign.rulebook.catalogue import duty

    for name in names:
        duty(name)


def _check_answers(facts: Any, contents: Any) -> None:
    """An attestation answers each question of its duty, under seal, and its digests are those of the answers."""
    from countersign.rulebook.catalogue import duty
    from countersign.rulebook.signed import answer_digest

    questions = sorted(question.id for question in duty(facts["duty"]).questions)
    given = sorted((item["question"], item["digest"], item["characters"]) for item in facts["answers"])
    if [question for question, _, _ in given] != questions:
        raise FactsMalformed(
            f"review.attestation: {facts['duty']} asks, each once: {', '.join(questions) or 'nothing'}"
        )
    sealed = contents.get("answers", {"answers": []})
    nonce = sealed.get("nonce")
    if given != sorted(
        (item["question"], answer_digest(item["question"], item["text"], nonce), len(item["text"]))
        for item in sealed["answers"]
    ):
        raise FactsMalformed("review.attestation: sealed.answers does not hold the texts whose digests are given")


def _check_sealed(act: Act, kind: str, facts: Facts, contents: Contents, known: Known) -> None:
    """What binds public facts to contents, which only a holder of the contents can see, and a notice to the last."""
    given: Any = contents
    public: Any = facts if kind == "open.notice" else facts.get("place")
    if kind in PUBLIC_PLACE and known.declared is not None and public is not None:
        limits.check_notice_against(known.declared, public, kind)
    if kind == "open.notice" and known.notice is not None:
        limits.check_correction(known.notice, facts)
    if kind == "live.hour":
        alerts.check_hour(facts, given.get("alerts", ()))
    elif kind == judgements.KIND:
        judgements.check_hour(act.subject, facts, given.get(judgements.LABEL, ()))
    elif kind == "brief.roster":
        alerts.check_roster(given["persons"])
    elif kind == limits.KIND and limits.digest_of(given[limits.LABEL]) != facts["digest"]:
        raise NotTheSame("authorise.limits: the digest is not that of the document sealed")
