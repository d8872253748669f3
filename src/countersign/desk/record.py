"""What pages show of the log: what waits for a person, a deployment's tasks by phase, their duties and reasons.

Nothing here is decided: gates, order and lateness come from ``register.status``, duties from the rulebook.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from countersign.deployments.clock import moment
from countersign.deployments.kinds import COMPILER, KINDS, NOUNS, SCHEMAS
from countersign.deployments.lifecycle import StepOutOfOrder, follow
from countersign.deployments.state import Deployment
from countersign.desk.folder import Desk
from countersign.desk.form import rows_of
from countersign.desk.people import Person
from countersign.inputs import read_input
from countersign.record.entries.forms import name_of
from countersign.record.entries.schema import ANY_ROLE, Schema
from countersign.record.tlog.policy import Policy
from countersign.register import drafts
from countersign.register.asking import Reader
from countersign.register.commands import GATES, TRANSITIONS
from countersign.register.deployments import StateOfLog, state_of, view_of
from countersign.register.opening import OpenLog, opened
from countersign.register.papers.form import form_of
from countersign.register.status import next_steps, overall, status_of, whole_case
from countersign.rulebook.catalogue import DUTIES
from countersign.rulebook.conditions.results import Result
from countersign.rulebook.duties import evaluate
from countersign.surroundings import current
from countersign.words.facts import late_words
from countersign.words.lists import capital
from countersign.words.names import stage_name, token

#: The groups of kinds in the order of the practice, as a heading each; then those about the force.
PHASES: Mapping[str, str] = {
    "plan": "Plan",
    "authorise": "Authorise",
    "open": "Tell the public",
    "brief": "Brief",
    "live": "Live",
    "close": "Close",
    "delete": "Delete",
    "review": "Review",
    "publish": "Publish",
}
PROGRAMME: Mapping[str, str] = {"programme": "The programme", "review": "Review", "publish": "Publish"}
#: Kinds that are entered by the hour from an engine's export, or with the approval, and have no form of their own.
WITHOUT_FORM = frozenset({"live.hour", "live.judgements", "authorise.limits", "authorise.manifest"})
#: Who may sign one of these may open a deployment's case, with what is sealed in it.
CASE = ("plan.proposal", "authorise.authority", "authorise.override")
#: From this many of the last deployments a form can be copied.
LATELY = 5
#: Results of a duty that leave something to do.
OPEN = ("not met", "not shown")


@dataclass(frozen=True, slots=True)
class Task:
    """A kind of entry about a deployment or the force: where it stands, who may do it, and the duties it serves."""

    kind: str
    title: str
    roles: tuple[str, ...]
    mine: bool
    entries: tuple[int, ...]
    barred: str
    next: bool
    duties: tuple[Result, ...]

    @property
    def open(self) -> bool:
        """Whether order allows it now."""
        return not self.barred

    @property
    def unsettled(self) -> tuple[Result, ...]:
        """The duties that it serves which are not met or not shown."""
        return tuple(result for result in self.duties if result.outcome in OPEN)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that a person may do now: why, and by when where something says so."""

    title: str
    about: str
    why: str
    kind: str = ""
    draft: str = ""
    duty: str = ""
    by: str = ""


class CaseEntry(NamedTuple):
    """An entry of a case: its place, title, time and role, and what it says and seals, as questions and answers."""

    place: int
    title: str
    at: str
    role: str
    rows: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Looked:
    """The log as it stands now, for the pages of one request."""

    desk: Desk
    state: StateOfLog
    now: str

    @property
    def log(self) -> OpenLog:
        """The log."""
        return self.state.open

    @property
    def force(self) -> str:
        """The force whose log it is."""
        return self.log.folder.config.subject

    def deployment(self, name: str) -> Deployment | None:
        """A deployment by its own name."""
        return self.state.programme.deployments.get(f"{self.force}/{name}")

    def overall(self) -> dict[str, Any]:
        """How the programme stands, as ``deployment status`` says it, what is late in words."""
        return _in_words(overall(self.state.programme, self.now))

    def statuses(self) -> list[dict[str, Any]]:
        """How each deployment stands, the latest first."""
        known = self.state.programme.deployments
        ordered = sorted(known.values(), key=lambda deployment: deployment.clock, reverse=True)
        return [self.status(deployment) for deployment in ordered]

    def status(self, deployment: Deployment) -> dict[str, Any]:
        """How a deployment stands, what is late in words."""
        return _in_words(status_of(self.state.programme, deployment, self.now))

    def lately(self, kind: str, but: str) -> list[str]:
        """The names of the last deployments with an entry of a kind, from which a form can be copied."""
        known = sorted(self.state.programme.deployments.values(), key=lambda deployment: deployment.clock)[-LATELY:]
        names = {deployment.subject: name_of(deployment.subject) for deployment in reversed(known)}
        having = {entry.draft.subject for _, entry in self.log.log.entries_of(*names) if entry.draft.kind == kind}
        return [name for subject, name in names.items() if subject in having and name != but]

    def case(self, subject: str) -> list[CaseEntry]:
        """Every entry about a deployment with what is sealed and still held, for those who may open it."""
        entries, made = self.log.log.entries_of(subject), []
        held = self.log.folder.held(entries)
        for index, entry in entries:
            schema = self.log.log.schemas.get(entry.draft.kind, entry.draft.schema)
            fields = {field.path: field for field in form_of(schema).fields}
            rows = [
                row
                for name, value in entry.draft.facts.items()
                if name in fields
                for row in rows_of(fields[name], value)
            ]
            for label, commitment in sorted(entry.draft.sealed.items()):
                values: list[Any] = list(held.get((index, label), {}).values())
                if len(values) < (commitment.count or 1):
                    rows.append((f"Under seal, {token(label)}", "not held here any more"))
                elif (field := fields.get(f"sealed.{label}")) is not None:
                    rows += rows_of(field, values[0] if commitment.count is None else values)
            made.append(CaseEntry(index, schema.title, entry.draft.at, entry.draft.role, rows))
        return made

    def differences(self, subject: str) -> list[str]:
        """Where proposal, authority, limits and notice say the same of place and time, and where they differ."""
        return [line for line in whole_case(self.log, subject) if not line.startswith((" ", "entry "))]

    def results(self, subject: str) -> tuple[Result, ...]:
        """Every duty about a subject, as the record answers it now."""
        view = view_of(self.log, subject)
        return evaluate(view, profile=self.desk.settings.profile, as_at=moment(self.now))

    def tasks(self, subject: str, person: Person) -> dict[str, list[Task]]:
        """The tasks about a deployment, or the force, by phase, in the order of the practice."""
        about_force = subject == self.force
        deployment = None if about_force else self.state.programme.deployment(subject)
        done: dict[str, list[int]] = {}
        for index, entry in self.log.log.entries_of(subject):
            done.setdefault(entry.draft.kind, []).append(index)
        served: dict[str, list[Result]] = {}
        for result in self.results(subject):
            if (result.duty.scope == "programme") == about_force:
                for kind in kinds_for(result):
                    served.setdefault(kind, []).append(result)
        steps = () if deployment is None else {TRANSITIONS[name] for name in next_steps(deployment)}
        return {
            heading: [
                self._task(schema, deployment, person, done.get(schema.kind, ()), steps, served.get(schema.kind, ()))
                for schema in forms_in(group, about_force=about_force)
            ]
            for group, heading in (PROGRAMME if about_force else PHASES).items()
        }

    def _task(
        self,
        schema: Schema,
        deployment: Deployment | None,
        person: Person,
        entries: Collection[int],
        steps: Collection[str],
        duties: Collection[Result],
    ) -> Task:
        roles = roles_of(schema)
        barred = "" if deployment is None else out_of_order(deployment, schema.kind)
        mine, following = bool(person.roles.intersection(roles)), schema.kind in steps and not barred
        return Task(schema.kind, schema.title, roles, mine, tuple(entries), barred, following, tuple(duties))

    def waiting(self, person: Person) -> list[Waiting]:
        """What a person may do now: sign a draft, take a deployment a step further, show what the next gate asks,
        answer a finding."""
        return [*self._drafts(person), *self._steps(person), *self._answers(person)]

    def _drafts(self, person: Person) -> Iterator[Waiting]:
        for draft in drafts.pending(self.log.folder)[0]:
            said = draft.entries[0].entry
            if said.key in person.keys:
                title = f"Read and sign: {SCHEMAS.get(said.draft.kind, said.draft.schema).title}"
                why = "It was prepared for your key, and nobody else can sign it."
                yield Waiting(title, said.draft.subject, why, draft=draft.name, by=draft.expires_at)

    def _steps(self, person: Person) -> Iterator[Waiting]:
        for deployment in self.state.programme.deployments.values():
            by = deployment.windows[0].start if deployment.windows else ""
            for name in next_steps(deployment):
                schema = SCHEMAS.latest(TRANSITIONS[name])
                if person.roles & schema.roles and schema.kind not in WITHOUT_FORM:
                    why = f"It is {stage_name(deployment.stage)}; this may come next."
                    yield Waiting(schema.title, deployment.subject, why, schema.kind, by=by)
            yield from self._evidence(deployment, person, by)

    def _evidence(self, deployment: Deployment, person: Person, by: str) -> Iterator[Waiting]:
        """What the next gate still asks for that this person may state."""
        passed = (deployment.authority, deployment.limits, deployment.opened_at, deployment.published_at)
        gate = next((gate for gate, there in zip(GATES.values(), passed, strict=True) if there is None), None)
        if gate is None or deployment.ended_at is not None:
            return
        standing = self.state.standing(deployment.subject, gate, self.desk.settings.profile, self.now)
        for result in standing.barring:
            for kind in kinds_for(result):
                schema = SCHEMAS.latest(kind)
                fits = person.roles & schema.roles and not out_of_order(deployment, kind)
                if fits and kind not in WITHOUT_FORM and kind not in TRANSITIONS.values():
                    why = f"{result.duty.title}, before the step {gate}: {result.because}."
                    yield Waiting(schema.title, deployment.subject, why, kind, duty=result.duty.id, by=by)

    def _answers(self, person: Person) -> Iterator[Waiting]:
        schema = SCHEMAS.latest("review.answer")
        if person.roles & schema.roles:
            for name, finding in self.state.programme.unanswered().items():
                why = f"The finding {name} ({DUTIES[finding.duty].title}) waits for the force's answer."
                yield Waiting(schema.title, self.force, why, schema.kind, by=f"{finding.answer_due}T23:59:59Z")


def may_open_cases(person: Person) -> bool:
    """Whether a person's roles are among those for whom cases are made."""
    return any(person.roles.intersection(roles_of(SCHEMAS.latest(kind))) for kind in CASE)


def reader_of(desk: Desk) -> Reader:
    """Whose moratoria bind, by the policy that the desk's settings name."""
    file = desk.file(desk.settings.policy)
    return Reader(None if file is None else Policy.parse(read_input(file)))


@contextmanager
def looked_into(desk: Desk) -> Iterator[Looked]:
    """The log of a desk, opened to look into. Raises as ``opened`` and ``state_of``."""
    with opened(desk.log, reading=True) as log:
        yield Looked(desk, state_of(log, reader_of(desk)), current().time_text())


def _in_words(status: dict[str, Any]) -> dict[str, Any]:
    late = [{**item, "words": capital(late_words(item["code"], item["what"]))} for item in status["late"]]
    return {**status, "late": late}


def forms_in(group: str, *, about_force: bool) -> list[Schema]:
    """The newest version of each kind of a group that people enter by a form."""
    newest = {schema.kind: schema for schema in KINDS if schema.kind.startswith(f"{group}.")}
    wide = {"publish.annual-report", "publish.eu-annual-return", "review.effectiveness", "review.disparity"}
    if group in ("review", "publish"):
        newest = {kind: schema for kind, schema in newest.items() if (kind in wide) == about_force}
    steps = list(TRANSITIONS.values())
    kinds = [kind for kind, schema in newest.items() if kind not in WITHOUT_FORM and roles_of(schema)]
    return [newest[kind] for kind in sorted(kinds, key=lambda kind: kind not in steps)]


def roles_of(schema: Schema) -> tuple[str, ...]:
    """The roles that sign a kind in a force's own log."""
    return tuple(sorted(schema.roles - {COMPILER, ANY_ROLE}))


def out_of_order(deployment: Deployment, kind: str) -> str:
    """Why order does not allow an entry of a kind now; nothing where it does."""
    try:
        follow(deployment.phase, deployment.steps, kind, {"decision": "granted"})
    except StepOutOfOrder as error:
        return str(error).partition(": ")[2]
    return ""


def kinds_for(result: Result) -> list[str]:
    """The kinds of entry whose fields a duty reads."""
    nouns = dict.fromkeys(path.partition(".")[0].removesuffix("[]") for path in result.duty.evidence)
    kinds = [NOUNS[noun] for noun in nouns if noun in NOUNS]
    return ["review.attestation", *kinds] if result.duty.kind == "attested" else kinds
