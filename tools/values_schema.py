"""The JSON Schema of the values that commands write under ``--json``, for those that have values of their own.

``make generate`` writes it to ``docs/formats/values.schema.json``: one definition a command, named after it. What a
command encodes from a type of the program's own is described by that type; the rest is declared here. The tests hold
every value that a command writes while they run to its declaration (``tests/conftest.py``).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal, TypeVar, cast, get_type_hints

import msgspec
from msgspec import UNSET, UnsetType

from countersign.cli import installed
from countersign.cli.main import cli
from countersign.cli.terminal.manual import commands_of
from countersign.deployments import fold
from countersign.events.door import taking
from countersign.events.watch import watched
from countersign.following.beside import AlsoHeld
from countersign.following.changes import Change
from countersign.following.overview import Held
from countersign.made_up import crowd
from countersign.published.compare import Comparison
from countersign.published.corrections import Correction
from countersign.published.faults.codes import Fault
from countersign.published.reconcile import Reconciliation
from countersign.published.table.record import Refused
from countersign.record.entries import entry, retention
from countersign.record.outside import monitor
from countersign.register.entering import Left
from countersign.releases.table import Side
from countersign.rulebook.catalogue import Duty
from countersign.rulebook.letters import Explanation


class Value(msgspec.Struct, forbid_unknown_fields=True):
    """An object of which every field is declared."""


Declared = TypeVar("Declared", bound=Value)


def like(kind: Any, **more: Any) -> Callable[[type[Declared]], type[Declared]]:
    """Gives an object the fields of a type of the program's own, every one of them there; ``more``: further fields, and
    those that are written as something else."""

    def with_fields(declared: type[Declared]) -> type[Declared]:
        fields, text = get_type_hints(kind) | more, {"__doc__": declared.__doc__}
        made = msgspec.defstruct(declared.__name__, [*fields.items()], bases=(Value,), namespace=text, module=__name__)
        return cast("type[Declared]", made)

    return with_fields


class Document(Value):
    """A document that was read."""

    id: str
    title: str
    sha256: str
    rows: int
    ocr_layer: bool


class Check(Value):
    """``check``: what was read, what was refused, and each contradiction."""

    documents: list[Document]
    refused: list[Refused]
    corrections: list[Correction]
    faults: list[Fault]


class LibraryStatus(Value):
    """``library status``: the releases held by series, items of the vault that are not what was kept, and releases
    whose bytes libraries named by ``--beside`` hold too."""

    title: str
    series: list[Held]
    wrong: list[str]
    also_held: list[AlsoHeld]


@like(Change, items=list[tuple[str, str]])
class LibraryChange(Value):
    """Of ``library changes``: a change, when it entered the library, whose, of which kind."""


class Cosigned(Value):
    """A witness that cosigned a head, and when."""

    name: str
    key: str
    time: str


class Signer(Value):
    """A key among a bundle's entries, with its role, who supplied what it signed, and how many entries."""

    key: str
    role: str
    supplied_by: str
    entries: int


@like(entry.Repeated)
class Repeated(Value):
    """An entry that stands in the log a second time."""


class Opening(Value):
    """A sealed value that a bundle opens."""

    entry: int
    label: str
    item: int | None


class Verified(Value):
    """``verify``: what a bundle, a proof or a checkpoint shows; the later fields are of bundles, proofs and heads."""

    form: Literal["bundle", "proof", "checkpoint"]
    log: str
    size: int
    own_key_alone: bool
    says: str
    log_keys: list[str]
    cosigned: list[Cosigned]
    proved: list[str]
    not_proved: list[str]
    file: str
    exit: int
    rehearsal: str | UnsetType = UNSET
    root: str | UnsetType = UNSET
    index: int | UnsetType = UNSET
    entry: str | UnsetType = UNSET
    subject: str | UnsetType = UNSET
    audience: str | UnsetType = UNSET
    audience_signed_by: str | UnsetType | None = UNSET
    entries: list[int] | UnsetType = UNSET
    repeated: list[Repeated] | UnsetType = UNSET
    openings: list[Opening] | UnsetType = UNSET
    signed: list[Signer] | UnsetType = UNSET


@like(retention.Account)
class Account(Value):
    """Sealed items of a class: ``committed == live + erased + lost``; ``held`` of the live ones are on hold."""


@like(Account, hours=int | None, months=dict[str, Account])
class ClassAccount(Value):
    """The same with the hours that the class's rule gives, and by month."""


@like(retention.Overdue, due=str)
class Overdue(Value):
    """Sealed items past the time that their class's rule gives them."""


class Violation(Value):
    """An entry that the rules of retention would have refused."""

    entry: int
    text: str


@like(retention.FixedFinding, reading=str)
class FixedFinding(Value):
    """A finding on sealed values, fixed by an entry; ``gone`` once a value that it rests on is erased or lost."""


class RecordAccount(Value):
    """``record account``: what was committed to and what became of it."""

    classes: dict[str, ClassAccount]
    overdue: list[Overdue]
    violations: list[Violation]
    findings: list[FixedFinding]
    repeated: list[Repeated]
    missing: list[str]
    orphans: list[str]


@like(monitor.Note)
class MonitorNote(Value):
    """Something that a monitor found."""


class Monitored(Value):
    """``record monitor``, one object a look: the head that was seen, who cosigned it, and what was found."""

    size: int | None
    cosigned_by: list[str]
    notes: list[MonitorNote]


class Appended(Value):
    """An entry that was appended, and the labels that it seals."""

    entry: int
    kind: str
    title: str
    sealed: list[str]


class Entered(Value):
    """The steps of ``deployment``, ``judge enter`` and ``watchlist seal``, one object an act: what was appended."""

    log: str
    subject: str
    appended: list[Appended]
    phase: str
    stage: str


@like(Left)
class NotEntered(Value):
    """Of ``events enter``: what was left out, and why."""


class EventsEntered(Entered):
    """``events enter``: the same, with what stood in the log already and what was left out."""

    already: int
    not_entered: list[NotEntered]


class LogPlace(Value):
    """An entry of another body's log."""

    origin: str
    index: int


class PolicyStanding(Value):
    """The policy in force, and its entry."""

    version: str
    entry: int


class Heard(Value):
    """A moratorium heard from outside the log."""

    body: str
    starts_at: str
    ends_at: str | None
    ground: str
    place: LogPlace | UnsetType = UNSET


class FoundOutside(Value):
    """A finding in an outside body's own log."""

    finding: str
    about: str
    duty: str | None
    answer_due: str | None
    place: LogPlace
    reference: str


@like(fold.Late)
class Late(Value):
    """Something past its time, since when, and what set the time."""


class OutOfOrder(Value):
    """An entry that the rules would have refused."""

    entry: int
    kind: str
    code: str
    why: str


class Window(Value):
    """From when to when."""

    start: str
    end: str


class Counts(Value):
    """What the hours on the record state."""

    hours: int
    faces: int
    alerts: int


class AtGate(Value):
    """What stands in the way of a step: duties with reasons, moratoria in the log and from outside it."""

    gate: str
    barred_by: list[str]
    because: dict[str, str]
    stopped_by: list[int]
    stopped_from_outside_by: list[str]
    by_the_word_of: str | UnsetType = UNSET


class Standing(Value):
    """Where a deployment stands; with ``--gate`` what stands in the way of that step."""

    deployment: str
    phase: str
    stage: str
    steps: list[str]
    compiled: bool
    next: list[str]
    place: str | None
    windows: list[Window]
    late: list[Late]
    irregular: list[OutOfOrder]
    entered_late: list[int]
    overrides: int
    counts: Counts
    gate: str | UnsetType = UNSET
    barred_by: list[str] | UnsetType = UNSET
    because: dict[str, str] | UnsetType = UNSET
    stopped_by: list[int] | UnsetType = UNSET
    stopped_from_outside_by: list[str] | UnsetType = UNSET
    by_the_word_of: str | UnsetType = UNSET


class DeploymentStatus(Value):
    """``deployment status``: the force's programme, and each deployment."""

    force: str
    as_at: str
    policy: PolicyStanding | None
    moratoria: list[int]
    moratoria_heard: list[Heard]
    moratoria_without_effect: list[int]
    outside_keys: int | None
    unanswered: list[str]
    found_outside: list[FoundOutside]
    late: list[Late]
    overrides: int
    irregular: list[str]
    deployments: list[Standing]


class GateAhead(AtGate):
    """The same of a gate to come, with the steps before it and the kinds of entry that would show each duty."""

    comes_when: list[str] = []
    shown_by: dict[str, list[str]] = {}


class PlanCheck(Value):
    """``plan check``: what bars each later step, and the numbers that the policy does not set."""

    deployment: str
    stage: str
    as_at: str
    by_the_word_of: str
    gates: list[GateAhead]
    policy_numbers_not_set: dict[str, list[str]]


class Category(Value):
    """Entries of a category and type of subject."""

    category: str
    subject_type: str
    count: int


class Checks(Value):
    """A check of the entries: how many had it, and the oldest."""

    check: str
    done: int
    oldest: str


class Images(Value):
    """Where the images of a list stand."""

    with_legal_basis: int
    not_police: int
    not_police_approved: int
    unconvicted: int
    unconvicted_reviewed: int
    below_quality: int | UnsetType = UNSET


class Totals(Value):
    """``watchlist totals``: the totals of a list that an ``authorise.manifest`` makes public."""

    size: int
    by_category: list[Category]
    by_seriousness: list[dict[str, str | int]]
    by_source: list[dict[str, str | int]]
    by_image_age: list[dict[str, str | int]]
    by_response: list[dict[str, str | int]]
    by_age_band: list[dict[str, str | int]]
    by_check: list[Checks]
    children: int
    vulnerable: int
    images: Images
    carried_over: int | UnsetType = UNSET


@like(entry.Draft, v=int, key=str, sig=str, facts=dict[str, Any], sealed=dict[str, dict[str, str | int]])
class Entry(Value):
    """``record show``, one object a line: an entry as it stands in the log (docs/formats/record-entries.md)."""


class Interface(Value):
    """Network interfaces of one kind."""

    kind: str
    up: bool
    addresses: int
    count: int


class Isolation(Value):
    """``isolation check``: the facts of an ``isolation.statement``."""

    host: str
    checked_at: str
    interfaces: list[Interface]
    default_routes: int
    name_servers: int
    configuration: str


class Between(Value):
    """An interval and how it was made; an infinite end is null."""

    low: float
    high: float | None
    level: float
    method: str


class EqualityPeriod(Value):
    """A period with counts by group, and the entry that states them."""

    start: str
    end: str
    entry: int


class Years(Value):
    """How many years more it would take to see a fold."""

    fold: float
    years: float | None
    low: float
    high: float | None


class GroupWatched(Value):
    """False alerts of a group over the periods, beside its share of faces."""

    group: str
    false: int
    of: int
    share_of_faces: tuple[float, float] | None
    share_of_false_alerts: Between
    ratio: tuple[float, float | None] | None
    evidence: float | None
    asked: float
    shown: bool
    greatest_share_at_which_shown: float | None
    years_more: list[Years]
    sentence: str


class Characteristic(Value):
    """The groups of one characteristic."""

    periods: list[EqualityPeriod]
    groups: list[GroupWatched]


class Equality(Value):
    """``events equality``: by characteristic; ``left_out`` counts entries of one deployment alone."""

    characteristics: dict[str, Characteristic]
    left_out: int


class Exported(Value):
    """``events export``: the batches of a journal, and the files that were written."""

    deployment: str
    batches: int
    written: list[str]


class Batch(Value):
    """A batch that was taken, and how many of its events were new."""

    file: str
    batch: int
    new: int


class Imported(Value):
    """``events import``: what was taken, and the numbers of batches that are missing."""

    deployment: str
    taken: list[Batch]
    missing: list[int]


@like(taking.Taken)
class Taken(Value):
    """What became of the lines: ``lines = new + again + refused``."""


class RefusedLine(Value):
    """A line that was refused, without its content."""

    file: str
    line: int
    source: str | None
    sequence: int | None
    field: str
    reason: str
    code: str


class Source(Value):
    """A source of events, how many came, and how far its clock runs ahead, in seconds."""

    source: str
    events: int
    clock_ahead: int | None


@like(taking.Shown)
class Found(Value):
    """Events that contradict the declared limits."""


class EventsTaken(Value):
    """``events take``: what came of an engine's export."""

    deployment: str
    taken: Taken
    refused: list[RefusedLine]
    sources: list[Source]
    found: list[Found]
    made_up: int


@like(watched.Hour, missing=int, fewest=int, most=int)
class Hour(Value):
    """An hour's counts; ``fewest`` and ``most`` faces as far as gaps leave them open."""


class WatchLine(Value):
    """A monitor: counted, how sure, and what it shows."""

    name: str
    against: str
    count: str
    interval: str
    sentence: str
    shown: bool
    shown_if_worse: bool
    evidence: float | None
    fold: Between | None


class StopRule(Value):
    """A rule for stopping, whether it fired, and the chance of a false stop that it was declared with."""

    when: str
    action: str
    value: str | None
    fired: str | None
    fired_if_worse: str | None
    chance_of_a_false_stop: float | None
    sentence: str


class Watched(Value):
    """``events watch``, one object a look: the hours so far, the monitors, the stop rule."""

    deployment: str
    events: int
    closed: bool
    made_up: int
    hours: list[Hour]
    lines: list[WatchLine]
    stop_rule: list[StopRule]
    notes: list[str]


class Group(Value):
    """What truly passed, by the scenario."""

    passed: int
    captured: int
    listed: int
    listed_captured: int
    true_alerts: int
    false_alerts: int


class Simulated(Value):
    """``simulate``: with ``--out`` what was written, else what truly happened in the made-up crowd."""

    stamp: str
    events: int | UnsetType = UNSET
    written: list[str] | UnsetType = UNSET
    scenario: str | UnsetType = UNSET
    seed: int | UnsetType = UNSET
    by_group: dict[str, Group] | UnsetType = UNSET
    expected_false_alerts: dict[str, float] | UnsetType = UNSET
    after_end: int | UnsetType = UNSET
    one_verification: int | UnsetType = UNSET
    hurried: int | UnsetType = UNSET
    unresolved: int | UnsetType = UNSET
    sent: dict[str, int] | UnsetType = UNSET
    lost: dict[str, int] | UnsetType = UNSET
    lost_sequences: dict[str, list[int]] | UnsetType = UNSET
    doubled: int | UnsetType = UNSET
    silent_camera: str | UnsetType | None = UNSET


@like(crowd.GroupForecast)
class GroupForecast(Value):
    """False alerts of a group over the runs, beside the expected number in closed form."""


@like(crowd.Step)
class ForecastStep(Value):
    """Expected false alerts by group at another list size and threshold."""


@like(crowd.Forecast, groups=list[GroupForecast], table=list[ForecastStep])
class Forecast(Value):
    """``forecast``: what made-up deployments gave."""


@like(installed.Part)
class Part(Value):
    """A part of the installation, whether it is there, which one, and what refuses without it."""


class Doctor(Value):
    """``doctor``: what this installation has and lacks."""

    parts: list[Part]


class Rehearsed(Value):
    """``rehearse``: what was played, and how its log ended; of a year alone how many entries it has."""

    form: str
    says: str
    scenario: str
    deployment: str
    log: str
    ended: str
    seed: int | UnsetType = UNSET
    events: Any = UNSET
    findings: Any = UNSET
    duties: dict[str, list[str]] | UnsetType = UNSET
    counts: dict[str, int] | UnsetType = UNSET
    entries: int | UnsetType = UNSET


#: What each command writes that has values of its own.
VALUES: dict[str, Any] = {
    "check": Check,
    "compare": Comparison,
    "reconcile": Reconciliation,
    "library status": LibraryStatus,
    "library changes": list[LibraryChange],
    "library table": list[Side],
    "verify": Verified,
    "record account": RecordAccount,
    "record monitor": Monitored,
    "record show": Entry,
    "deployment status": DeploymentStatus,
    "plan check": PlanCheck,
    "judge enter": Entered,
    "watchlist seal": Entered,
    "watchlist totals": Totals,
    "isolation check": Isolation,
    "duties": list[Duty],
    "explain": Explanation,
    "events enter": EventsEntered,
    "events equality": Equality,
    "events export": Exported,
    "events import": Imported,
    "events take": EventsTaken,
    "events watch": Watched,
    "simulate": Simulated,
    "rehearse": Rehearsed,
    "forecast": Forecast,
    "doctor": Doctor,
}
#: Steps of a deployment all write the same.
VALUES |= {
    " ".join(path): Entered
    for path, command in commands_of(cli, ())
    if path[:1] == ("deployment",)
    and path[1:] != ("status",)
    and any(option.name == "as_json" for option in command.params)
}


def held(command: str, text: str | bytes) -> None:
    """Hold what a command wrote to its declaration. Raises ``msgspec.ValidationError`` with the place, ``KeyError`` for
    a command without one.
    """
    msgspec.json.decode(text, type=VALUES[command])


def schema_text() -> str:
    """The schema (draft 2020-12) as it is written to the file."""
    names = list(VALUES)
    found, parts = msgspec.json.schema_components([VALUES[name] for name in names], ref_template="#/$defs/{name}")
    commands = dict(zip(names, found, strict=True))
    said = "What each command writes under --json, under its name: refer to #/properties/commands/properties/NAME."
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "countersign:values/1",
        "description": said,
    }
    whole = {"type": "object", "properties": {"commands": {"type": "object", "properties": commands}}}
    return json.dumps(head | whole | {"$defs": dict(sorted(parts.items()))}, indent=1) + "\n"
