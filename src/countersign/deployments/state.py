"""The folded state of a programme and its deployments: values that do not change, and their one JSON form.

A state is what the public facts of the entries so far come to. It can always be built again from the log, so it may be
kept or thrown away. Times are texts (``2026-03-01T09:00:00Z``), which order as moments do; amounts are decimal texts.

>>> state = Programme("force-a")
>>> Programme.parse(state.render()) == state
True
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from countersign.deployments.lifecycle import Phase, Step, stage
from countersign.deployments.outside.heard import HeardMoratorium
from countersign.errors import WrongForm

VERSION = 3
#: Ranks of police officers in England and Wales, lowest first.
RANKS = (
    "constable",
    "sergeant",
    "inspector",
    "chief-inspector",
    "superintendent",
    "chief-superintendent",
    "assistant-chief-constable",
    "deputy-chief-constable",
    "chief-constable",
)


class StateMalformed(WrongForm, next_step="Throw the kept state away; it is built again from the log."):
    """A kept state is not one of this version."""


class Parameter(msgspec.Struct, frozen=True):
    """A number of the force's own policy, with the clause it stands in and where the force took it from."""

    value: str
    clause: str
    source: str

    @property
    def number(self) -> Decimal:
        """The number."""
        return Decimal(self.value)


class UseCase(msgspec.Struct, frozen=True):
    """A permitted use: which categories may be listed and which criteria a place must meet for it."""

    categories: frozenset[str]
    criteria: frozenset[str]


class Policy(msgspec.Struct, frozen=True):
    """A version of the force's policy as it stands in entry ``entry``."""

    entry: int
    digest: str
    version: str
    published_at: str | None
    categories: frozenset[str]
    criteria: frozenset[str]
    use_cases: dict[str, UseCase]
    parameters: dict[str, Parameter]
    thresholds: dict[str, str]
    minimum_rank: str | None = None
    urgent_minimum_rank: str | None = None
    urgent_reasons: frozenset[str] = frozenset()


class Span(msgspec.Struct, frozen=True):
    """From a moment to another."""

    start: str
    end: str


class Authority(msgspec.Struct, frozen=True):
    """The authority that stands, by entry; ``ended`` by a review or ``withdrawn`` with the close."""

    entry: int
    key: str
    decision: str
    signed_at: str
    form: str
    urgent_since: str | None = None
    conditions: int = 0
    threshold_minimum: str | None = None
    list_maximum: int | None = None
    categories: frozenset[str] = frozenset()
    written: bool = True
    reviewed: bool = True
    ended: bool = False
    extensions: int = 0


class Listed(msgspec.Struct, frozen=True):
    """The watchlist's manifest that stands; ``approved`` is the digest the officer approved last."""

    entry: int
    key: str
    name: str
    digest: str
    built_at: str
    expires_at: str
    size: int
    approved: str | None = None


class Limits(msgspec.Struct, frozen=True):
    """The declared limits that stand, as far as they are public."""

    entry: int
    digest: str
    engine_version: str
    threshold_minimum: str


class Override(msgspec.Struct, frozen=True):
    """A signed going-ahead against duties, until a moment."""

    entry: int
    gate: str
    duties: frozenset[str]
    expires_at: str


class Hold(msgspec.Struct, frozen=True):
    """Items of a class that are kept longer, and when that is looked at again."""

    entry: int
    retention_class: str
    count: int
    review_date: str


class Deleted(msgspec.Struct, frozen=True):
    """The last statement on deleting a class: when, and how many it says remain."""

    entry: int
    at: str
    remaining: int


class Irregularity(msgspec.Struct, frozen=True):
    """An entry that the rules would have refused: it is shown, and moved nothing."""

    entry: int
    kind: str
    code: str
    sentence: str


#: In this role the registrar registers a body that may impose a moratorium.
MORATORIUM_ROLE = "moratorium-authority"


class Moratorium(msgspec.Struct, frozen=True):
    """A moratorium, from a moment until another, or until it is lifted by the key that imposed it."""

    entry: int
    key: str
    role: str
    starts_at: str
    ends_at: str | None
    lifted_at: str | None = None

    def stands(self, at: str) -> bool:
        """Whether it stands at a moment."""
        return self.starts_at <= at and not self.over(at)

    def over(self, at: str) -> bool:
        """Whether it has ended or was lifted at a moment."""
        return any(end is not None and end <= at for end in (self.ends_at, self.lifted_at))


class Finding(msgspec.Struct, frozen=True):
    """A reviewer's finding that the force must answer; ``origin`` is empty where it stands in the force's own log, else
    its ``name`` there is not enough, and ``reference`` names it (``reference_to``).
    """

    entry: int
    duty: str
    subject: str
    answer_due: str
    answered_by: int | None = None
    disputed_by: int | None = None
    name: str = ""
    origin: str = ""
    reference: str = ""

    @property
    def place(self) -> str:
        """The entry it stands in, with the log where that is another's."""
        return f"entry {self.entry} of {self.origin}" if self.origin else f"entry {self.entry}"

    @property
    def called(self) -> str:
        """Its name in another's log, with the place: two logs may give two findings one name."""
        return f"{self.name} ({self.place})"

    @property
    def replies(self) -> tuple[int, ...]:
        """The entries in which the force answered or disputed it."""
        return tuple(entry for entry in (self.answered_by, self.disputed_by) if entry is not None)


def reference_to(digest: str) -> str:
    """How an entry of a force's log names an entry of another log, in a field for a word: 30 digits of its SHA-256.

    >>> reference_to("0123456789abcdef" * 4)
    '0123456789abcde-f0123456789abcd'
    """
    return f"{digest[:15]}-{digest[15:30]}"


class Deployment(msgspec.Struct, frozen=True):
    """One deployment, as its public facts give it."""

    subject: str
    phase: Phase = Phase.NOT_BEGUN
    steps: frozenset[Step] = frozenset()
    clock: str = ""
    entries: int = 0
    compiled: bool = False
    policy: str | None = None
    use_case: str | None = None
    authors: frozenset[str] = frozenset()
    authority: Authority | None = None
    listed: Listed | None = None
    approver: str | None = None
    limits_approved: str | None = None
    limits: Limits | None = None
    place: str | None = None
    unit: str | None = None
    windows: tuple[Span, ...] = ()
    exempt: bool = False
    opened_at: str | None = None
    ended_at: str | None = None
    suspensions: int = 0
    hours: int = 0
    faces: int = 0
    alerts: int = 0
    #: The hours whose judgements are on the record.
    judged: tuple[str, ...] = ()
    deletions: dict[str, Deleted] = {}
    holds: tuple[Hold, ...] = ()
    reviewed_at: str | None = None
    published_at: str | None = None
    overrides: tuple[Override, ...] = ()
    late: tuple[int, ...] = ()
    irregularities: tuple[Irregularity, ...] = ()

    @property
    def stage(self) -> str:
        """How far it has come, in the words of the practice."""
        return stage(self.phase, self.steps)


class Programme(msgspec.Struct, frozen=True):
    """A force's programme: its policies, what outsiders laid on it, and its deployments, after entry ``last``."""

    force: str
    #: Ids of the outside keys that the reader's trust policy names; ``None`` where no policy was given.
    outside_keys: frozenset[str] | None = None
    last: int = -1
    clock: str = ""
    policies: dict[str, Policy] = {}
    current_policy: str | None = None
    lists: dict[str, str] = {}
    moratoria: tuple[Moratorium, ...] = ()
    findings: dict[str, Finding] = {}
    deployments: dict[str, Deployment] = {}
    overrides: int = 0
    late: tuple[int, ...] = ()
    irregularities: tuple[Irregularity, ...] = ()
    #: The entries of the force's replies to findings in outside bodies' logs, by the finding's ``reference``.
    answered: dict[str, int] = {}
    disputed: dict[str, int] = {}
    #: Heard from outside the log for the command at hand; folding an entry adds none, and none is kept. ``found`` are
    #: findings that outside bodies made in logs of their own, by ``reference``.
    heard: tuple[HeardMoratorium, ...] = ()
    found: dict[str, Finding] = {}
    version: int = VERSION

    def deployment(self, subject: str) -> Deployment:
        """The state of a deployment; one not begun for a subject without entries."""
        return self.deployments.get(subject) or Deployment(subject)

    def policy_of(self, deployment: Deployment) -> Policy | None:
        """The version of the policy the deployment was proposed under, or the current one before that."""
        digest = deployment.policy or self.current_policy
        return None if digest is None else self.policies.get(digest)

    def binds(self, moratorium: Moratorium) -> bool:
        """Whether a moratorium stops anything: signed by an outside key of the policy, or without one in its role."""
        if self.outside_keys is None:
            return moratorium.role == MORATORIUM_ROLE
        return moratorium.key in self.outside_keys

    def standing_moratoria(self, at: str) -> tuple[Moratorium, ...]:
        """The entered moratoria that bind and stand at a moment."""
        return tuple(one for one in self.moratoria if one.stands(at) and self.binds(one))

    def standing_heard(self, at: str) -> tuple[HeardMoratorium, ...]:
        """The moratoria heard from outside the log that stand at a moment."""
        return tuple(one for one in self.heard if one.stands(at))

    def found_outside(self) -> dict[str, Finding]:
        """The findings of outside bodies' logs by their names and places, with what the force replied to them."""
        return {
            finding.called: msgspec.structs.replace(
                finding, answered_by=self.answered.get(reference), disputed_by=self.disputed.get(reference)
            )
            for reference, finding in self.found.items()
        }

    def unanswered(self) -> dict[str, Finding]:
        """The findings, here and in outside bodies' logs, that the force has neither answered nor disputed."""
        return {name: one for name, one in (self.findings | self.found_outside()).items() if not one.replies}

    def render(self) -> bytes:
        """The state's one byte string."""
        return msgspec.json.encode(self, order="deterministic")

    @classmethod
    def parse(cls, data: bytes) -> Programme:
        """The state of these bytes. Raises ``StateMalformed``."""
        try:
            state = msgspec.json.decode(data, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise StateMalformed(f"the kept state is not of its form: {error}") from None
        if state.version != VERSION:
            raise StateMalformed(f"the kept state is of version {state.version}; this program reads {VERSION}")
        return state
