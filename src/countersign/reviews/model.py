"""The whole of ``review.json`` as frozen types; the JSON Schema is made from them (``tools/review_schema.py``).

A figure is never alone: a total says how many rows printed it, a rate has its counts, its intervals and the rows it
came from. Where a correction touches a figure there are two lines, ``as printed`` and ``as corrected``; elsewhere one,
``either``. Nothing infinite or undefined is written: a bound that does not exist is ``null``.

>>> import msgspec
>>> msgspec.json.encode(OneIn(None, None, 25.0))
b'{"estimate":null,"most":null,"least":25.0}'
"""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from countersign.document import RowRange, Section

#: Name and version of the form; the number rises when a reader of the old form could be misled by the new one.
SCHEMA = "countersign-review/2"

By = Literal["all", "year", "threshold", "place", "use_case", "document", "regime", "selection"]
Reading = Literal["either", "as printed", "as corrected"]


class _Value(msgspec.Struct, frozen=True):
    """A frozen value of the review."""


class Tool(_Value, frozen=True):
    """What made the review."""

    name: str
    version: str


class SourceRead(_Value, frozen=True):
    """A document that was reviewed. ``sha256`` (hex) of the file read; empty where none was."""

    id: str
    title: str
    publisher: str
    published: str
    sha256: str
    file: str
    kind: str
    address: str
    rows: int
    refused: int
    first: str | None
    last: str | None
    notes: tuple[str, ...]
    ocr_layer: bool = False


class CorrectionApplied(_Value, frozen=True):
    """A value read otherwise than printed, because the corrections file given asked for it; or, of a log, a field of
    the entry ``row`` as first stated and as a correction signed by ``who`` has it.
    """

    document: str
    row: int
    column: str
    printed: str
    read_as: str
    reason: str
    who: str


class CountRange(_Value, frozen=True):
    """A sum that takes in ``rows`` rows which print a bound ("<5", "over 35,000") or an approximate value.

    ``high`` is ``null`` where one of them has no upper bound.
    """

    low: int
    high: int | None
    rows: int


class Totals(_Value, frozen=True):
    """Sums over the rows that print each quantity; ``null`` where none does. ``printed_by``: how many rows did.

    ``rows`` are all rows, of which each covers a deployment or a period; ``deployments`` is ``null`` where a row covers
    a period and does not say how many there were. ``ranges``: the sums that bounded values touch, at both ends.

    ``unconfirmed_alerts`` are alerts nobody confirmed as true or false; ``false_alerts_at_most`` counts them all as
    false. ``hours`` is the sum of the printed durations.
    """

    deployments: int | None
    hours: float | None
    faces_seen: int | None
    alerts: int | None
    true_alerts: int | None
    false_alerts: int | None
    false_alerts_at_most: int | None
    unconfirmed_alerts: int | None
    engagements: int | None
    false_alert_engagements: int | None
    true_alert_engagements: int | None
    arrests: int | None
    other_disposal: int | None
    no_action: int | None
    watchlist_size: int | None
    printed_by: dict[str, int]
    rows: int = 1
    ranges: dict[str, CountRange] = {}
    ocr_layer: bool = False


class TotalsOf(_Value, frozen=True):
    """The totals of a scope ("2024", "threshold 0.64" ...); ``regimes`` are those its rows lie in."""

    by: By
    scope: str
    reading: Reading
    totals: Totals
    regimes: tuple[str, ...]
    rows: tuple[RowRange, ...]
    rows_listed: bool
    ocr_layer: bool = False


class OneIn(_Value, frozen=True):
    """A rate as "1 in N" with its widest interval: ``most`` is ``null`` where no largest N can be given (no event)."""

    estimate: float | None
    most: float | None
    least: float | None

    @classmethod
    def of(cls, events: int, trials: float, low: float, high: float) -> OneIn:
        """That of ``events`` in ``trials`` with the interval ``low`` to ``high``."""
        most, least = (1 / end if 0 < end < math.inf else None for end in (low, high))
        return cls(trials / events if events else None, most, least)


class ClusteredInterval(_Value, frozen=True):
    """The interval that allows for alerts coming in clumps within deployments; never narrower than the exact one.

    ``design_effect``: variance seen between deployments over the variance if alerts were independent; ``clusters``:
    deployments it was estimated from; ``events``: events behind it. ``high`` is ``None`` where the deployments are too
    few to bound the rate; the exact interval then holds only if events are independent.
    """

    low: float
    high: float | None
    method: str
    design_effect: float
    clusters: int
    events: int


class RateRange(_Value, frozen=True):
    """A rate that takes in ``bounded`` rows which print a count as a bound or approximately, at both ends.

    ``low`` and ``high`` are the exact interval at the worse end each way: fewest events in most trials, most events in
    fewest trials. ``null`` stands where nothing bounds a value; ``rows`` are all rows used.
    """

    events_low: int
    events_high: int | None
    trials_low: float
    trials_high: float | None
    low: float
    high: float | None
    rows: int
    bounded: int


class RateLine(_Value, frozen=True):
    """One rate: ``events`` per ``trials`` (of ``unit``), exact interval ``low`` to ``high`` at ``level``.

    ``regime`` is the regime all its rows lie in; ``null`` where they lie in several, which ``crosses`` then names, and
    lines split by regime follow. ``rows`` are the rows used: those that print both counts. ``rows_listed`` is false
    where they would form too many ranges to list; scope and regime select them all the same. ``of_rows``: how many rows
    the scope has in this regime; ``range``: the rate with the rows that print a bound, where there are any.
    """

    measure: str
    by: By
    scope: str
    reading: Reading
    events: int
    trials: float
    unit: str
    estimate: float
    low: float
    high: float
    level: float
    method: str
    clustered: ClusteredInterval | None
    one_in: OneIn
    deployments: int
    rows: tuple[RowRange, ...]
    rows_listed: bool
    regime: str | None
    crosses: tuple[str, ...]
    of_rows: int | None = None
    range: RateRange | None = None
    ocr_layer: bool = False


class RegimeLine(_Value, frozen=True):
    """A stretch in which threshold and the way faces are counted did not change, as far as the rows show.

    ``face_counts`` says what was looked for and could have been seen; ``error_rate`` whether its false alerts per face
    are one rate.
    """

    id: str
    label: str
    threshold: str | None
    first: str | None
    last: str | None
    deployments: int
    per_face_comparable: bool
    why: str
    rows: tuple[RowRange, ...]
    face_counts: str = ""
    error_rate: str = ""
    ocr_layer: bool = False


class FaultLine(_Value, frozen=True):
    """A place where the data contradict themselves or arithmetic; numbered as in the report."""

    number: int
    code: str
    document: str
    row: int | None
    column: str | None
    message: str
    details: tuple[tuple[str, str], ...]
    ocr_layer: bool = False


class ClaimLine(_Value, frozen=True):
    """A public claim and what the rows say of it: verdict, reason, arithmetic, and what is missing to check it.

    ``caveats`` are the ways in which a true number misleads. ``verdict_as_printed`` and ``because_as_printed`` are
    given where the rows as printed say otherwise than as corrected.
    """

    id: str
    said_by: str
    said_on: str
    where: str
    statement: str
    verdict: str
    because: str
    arithmetic: tuple[str, ...]
    missing: tuple[str, ...]
    caveats: tuple[tuple[str, str], ...]
    may_write: str
    may_not_write: str
    verdict_as_printed: str | None
    because_as_printed: str | None
    rows: tuple[RowRange, ...]
    ocr_layer: bool = False


class Range(_Value, frozen=True):
    """An interval at ``level``; ``high`` is ``null`` where nothing bounds it from above."""

    low: float
    high: float | None
    level: float


class AuditLine(_Value, frozen=True):
    """A count by group beside people counted passing by one body: ``count`` of ``of``, ``in_group`` of ``known``.

    ``share``: of the group among them; ``ratio`` of its rate to that of the rest (``null`` where none can be formed or
    it has no end) with its ``interval``, and ``over_shares`` with the whole range of the share; ``evidence``: the e
    value against equal rates; ``rejected``: whether these are, ``null`` where the sample settles nothing.
    """

    event: str
    attribute: str
    group: str
    count: int
    of: int
    first: str | None
    last: str | None
    counted_by: str
    labels: str
    sampling: str
    days: int
    in_group: int
    known: int
    unknown: int
    share: Range
    ratio: float | None
    interval: Range
    over_shares: Range
    evidence: float
    rejected: bool | None


class NotShown(_Value, frozen=True):
    """Something a reader would want and the sources do not give; ``where``: in which document, or in any such table."""

    what: str
    where: str
    because: str


class RefusedLine(_Value, frozen=True):
    """A row or cell that could not be read and is in no figure."""

    document: str
    page: int | None
    place: str
    printed: str
    reason: str


Survives = Literal["yes", "in part", "no", "nothing to survive", "cannot be told"]


class Conclusion(_Value, frozen=True):
    """A comparison of two regimes or years, under each way of counting: "fewer", "more" or "not told apart".

    ``survives``: whether the rates that need no face count say the same as the rate per face.
    """

    text: str
    under: dict[str, str]
    survives: Survives
    ocr_layer: bool = False


class Method(_Value, frozen=True):
    """How the figures were made, so that they can be made again."""

    level: float
    intervals: dict[str, str]
    seed: int
    versions: dict[str, str]
    notes: tuple[str, ...]


class OutsideLog(_Value, frozen=True):
    """A log set beside the deployment's own: whose it is by the reader's file, and whether it counts as outside.

    ``outside`` is false where the reader's file does not name it or it is the force's own; ``because`` says why.
    ``entries``: those about this deployment and its force.
    """

    origin: str
    body: str
    kind: str
    forces: tuple[str, ...]
    size: int
    entries: int
    outside: bool
    because: str = ""


class LogPlace(_Value, frozen=True):
    """An entry of any log: the log's origin, and the entry's place in it."""

    origin: str
    index: int


class OutsideStatement(_Value, frozen=True):
    """What an outside body says in an entry of its own log, at ``place``.

    ``says`` is bears-out or contradicts (of the entry ``about`` or a duty), or seen (an observer's own account).
    ``matched``: whether it is about something on this record; ``because`` says to what, or why not. ``seen_at``,
    ``first`` and ``last`` are the place and hours that it names, empty where it names an entry.
    """

    place: LogPlace
    body: str
    kind: str
    says: str
    at: str
    matched: bool
    because: str
    entry_kind: str = ""
    duties: tuple[str, ...] = ()
    about: LogPlace | None = None
    ground: str = ""
    seen_at: str = ""
    first: str = ""
    last: str = ""


class OutsideWord(_Value, frozen=True):
    """That an outside body's statement bears on a duty: whose, where, and whether it bears out or contradicts."""

    place: LogPlace
    body: str
    says: str


class Duty(_Value, frozen=True):
    """A duty of the rulebook and what the evidence shows of it: ``state`` is met, stated, not met or not shown.

    ``entries`` are places in the log (none for a published row), ``rows`` the same as ranges of rows of this report. Of
    other sources beside the log, those of the one numbered n begin at (n - 1) times 100,000,000,000. ``asked``: the
    questions left open. ``of`` says which deployment or row it is answered for, empty for a deployment's
    own review. ``outside``: what outside bodies say of it in logs of their own.
    """

    id: str
    state: str
    because: str
    requirement: str = ""
    sources: str = ""
    in_force: str = ""
    phase: str = ""
    severity: str = ""
    layer: str = ""
    kind: str = ""
    entries: tuple[int, ...] = ()
    supplied_by: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    rows: tuple[RowRange, ...] = ()
    of: str = ""
    outside: tuple[OutsideWord, ...] = ()


class TestQuestion(_Value, frozen=True):
    """A question under one of the three tests of the Convention, and what the record shows that bears on it.

    ``outcomes`` counts the ``duties`` that bear on it by state; ``not_counted`` bear on it and do not count under the
    profile. There is no answer: that is for a reviewer, the force and a court.
    """

    __test__ = False

    test: str
    articles: tuple[str, ...]
    question: str
    outcomes: dict[str, int]
    duties: tuple[str, ...]
    not_counted: tuple[str, ...]
    entries: tuple[int, ...]


class GateLine(_Value, frozen=True):
    """A gate: how it was passed, by which entry and when, and what stood in the way just before.

    ``entry`` and ``at`` are ``null`` for one not passed on this record, which is asked as at the review's moment.
    ``barring`` are outstanding duties without an override; ``overridden`` those with one; ``sealed`` those that the
    record answers in statements this reader may not open.
    """

    gate: str
    means: str
    state: str
    entry: int | None
    at: str | None
    barring: tuple[str, ...]
    overridden: tuple[str, ...]
    unanswered: tuple[str, ...]
    moratoria: tuple[int, ...]
    sealed: tuple[str, ...] = ()


class OverrideLine(_Value, frozen=True):
    """A signed going-ahead against duties: for which gate, until when, and whether it has run out by then."""

    entry: int
    gate: str
    duties: tuple[str, ...]
    expires_at: str
    expired: bool
    role: str


class NextAuthority(_Value, frozen=True):
    """What stands against the force's next authority as at the review: findings without an answer, moratoria.

    A finding in an outside body's log stands with its place ("f-1 (entry 4 of panel.example/log)"). ``moratoria`` are
    places; those of the log numbered n among ``outside_logs`` that were read begin at (n + m) times 100,000,000,000, m
    being the number of other sources beside the log.
    """

    unanswered: tuple[str, ...]
    moratoria: tuple[int, ...]


class AlikeLine(_Value, frozen=True):
    """An answer much like an earlier deployment's to the same question: the share in common, and what to ask.

    ``share`` is the share of the answer's stretches of five words that also stand in the earlier one.
    """

    duty: str
    question: str
    entry: int
    earlier: str
    earlier_entry: int
    share: float
    asks: str


class EnteredBy(_Value, frozen=True):
    """How many entries about the deployment and its force were signed in a role, and who supplied the evidence."""

    role: str
    supplied_by: str
    entries: int
    keys: int


class Promise(_Value, frozen=True):
    """A promise made before a deployment and what the record shows of it: ``state`` is as promised, not as promised or
    not shown; ``promised`` says what, ``entries`` where both stand in the log.
    """

    id: str
    state: str
    because: str
    promised: str = ""
    entries: tuple[int, ...] = ()


class Review(_Value, frozen=True):
    """The review of one or more sources, whole: what is drawn, and what it was drawn from."""

    schema: str
    tool: Tool
    as_of: str | None
    title: str
    summary: tuple[str, ...]
    sources: tuple[SourceRead, ...]
    corrections: tuple[CorrectionApplied, ...]
    totals: Totals
    totals_by: tuple[TotalsOf, ...]
    rates: tuple[RateLine, ...]
    regimes: tuple[RegimeLine, ...]
    faults: tuple[FaultLine, ...]
    claims: tuple[ClaimLine, ...]
    duties: tuple[Duty, ...]
    promises: tuple[Promise, ...]
    not_shown: tuple[NotShown, ...]
    refused: tuple[RefusedLine, ...]
    conclusions: tuple[Conclusion, ...]
    method: Method
    sections: tuple[Section, ...]
    brief: tuple[Section, ...] = ()
    three_tests: tuple[TestQuestion, ...] = ()
    gates: tuple[GateLine, ...] = ()
    overrides: tuple[OverrideLine, ...] = ()
    next_authority: NextAuthority | None = None
    alike: tuple[AlikeLine, ...] = ()
    entered: tuple[EnteredBy, ...] = ()
    audits: tuple[AuditLine, ...] = ()
    outside_logs: tuple[OutsideLog, ...] = ()
    outside: tuple[OutsideStatement, ...] = ()
