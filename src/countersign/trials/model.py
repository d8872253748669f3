"""The whole of ``trial.json`` as frozen types: what a reader may rely on, in the order in which it is written.

The minimum record comes first, then every figure with counts and intervals. Field names follow the vocabulary of
ISO/IEC 19795-1 and the fields that ISO/IEC 29120-1 reports (FPIR, FNIR, FTA, FTE, threshold, rank, N); the form itself
is ours: conformance with either is not claimed. An estimate is ``null`` where no error was seen: a rate of zero is
never printed. Infinite ends of intervals are ``null``, and so is N where the search table does not state it.

The JSON Schema in ``report/schema/trial-1.json`` is made from these types, and a test keeps the two equal.

>>> print(to_json({"estimate": None}).decode().replace("\\n", ""))
{ "estimate": null}
>>> read(b'{"form": "another"}')
Traceback (most recent call last):
    ...
ValueError: not of the form "countersign trial report 1"
"""

from __future__ import annotations

import json
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

#: Name and version of the form; the number rises when a reader of the old form could be misled by the new one.
FORM = "countersign trial report 1"


class _Value(msgspec.Struct, frozen=True):
    """A frozen value of the report."""


class Summary(_Value, frozen=True):
    """The sentences the report opens with, for one watchlist size and threshold."""

    size: int | None = msgspec.field(name="N")
    threshold: float
    sentences: tuple[str, ...]


class FileRead(_Value, frozen=True):
    """A file the figures came from: what it was used as, its name without its folder, its length and SHA-256 (hex)."""

    used_as: str
    name: str
    bytes: int
    sha256: str


class ThresholdForFpir(_Value, frozen=True):
    """A threshold that was found on the rows reported here, for a stated FPIR."""

    size: int | None = msgspec.field(name="N")
    fpir: float
    threshold: float


class Watchlist(_Value, frozen=True):
    """A watchlist by its size. Its entries by group are there where an enrolment table was given."""

    size: int | None = msgspec.field(name="N")
    composition: dict[str, int] | UnsetType = UNSET
    entries_without_known_group: int | UnsetType = UNSET


class GroupCount(_Value, frozen=True):
    """Subjects, searches and failures to acquire of one group."""

    group: str
    subjects: int
    nonmated_searches: int
    mated_searches: int
    failures_to_acquire: int


class GroupCounts(_Value, frozen=True):
    """The groups of an attribute, of a crossing ("ethnicity*sex"), or all together ("all")."""

    by: str
    groups: tuple[GroupCount, ...]
    subjects_without_label: int


class Rows(_Value, frozen=True):
    """Rows of the search table: read = counted + not asked for + set aside."""

    read: int
    counted: int
    not_asked_for: int
    set_aside: int
    repeated_searches: str
    set_aside_reasons: tuple[str, ...]


class Record(_Value, frozen=True):
    """The minimum record of a trial: what was tried, on whom, under which rules, from which files.

    What only the evaluator can say stands as stated; where it was not, it is ``null`` or "not told".
    """

    title: str
    engine: str | None
    engine_version: str | None
    trial_unit: str
    decision_rule: str
    thresholds: tuple[float, ...]
    threshold_origin: str
    thresholds_for_fpir: tuple[ThresholdForFpir, ...]
    ranks: tuple[int, ...]
    list_length: int | None
    watchlists: tuple[Watchlist, ...]
    sites: tuple[str, ...]
    subjects: int
    groups: tuple[GroupCounts, ...]
    reported_by: str
    labels_obtained: dict[str, tuple[str, ...]]
    failures_to_acquire_recorded: bool
    failures_to_acquire: str
    enrolment_recorded: bool
    interval_level: float
    clustering: str
    multiplicity: str
    curve: str
    rows: Rows
    files: tuple[FileRead, ...]


class IntervalEnds(_Value, frozen=True):
    """An interval at a confidence level, and the method by which it was found."""

    low: float | None
    high: float | None
    level: float
    method: str


class CountedRate(_Value, frozen=True):
    """Events in trials. ``interval`` allows for searches of one subject being alike and is never narrower than exact.

    ``in_words`` is what to print. Without any trial of the kind there is no interval.
    """

    events: int
    trials: int
    estimate: float | None
    in_words: str
    interval: IntervalEnds | UnsetType = UNSET
    exact_interval: IntervalEnds | UnsetType = UNSET
    design_effect: float | UnsetType | None = UNSET
    clusters: int | UnsetType | None = UNSET


class GroupFigure(_Value, frozen=True):
    """A rate (as ``CountedRate``) of one group, by attribute, at one watchlist size, threshold and rank.

    ``site`` is ``null`` for all sites together, ``group`` empty for all groups together.
    """

    measure: str
    size: int | None = msgspec.field(name="N")
    site: str | None
    group: dict[str, str]
    threshold: float | None
    rank: int | None
    subjects: int
    events: int
    trials: int
    estimate: float | None
    in_words: str
    interval: IntervalEnds | UnsetType = UNSET
    exact_interval: IntervalEnds | UnsetType = UNSET
    design_effect: float | UnsetType | None = UNSET
    clusters: int | UnsetType | None = UNSET


class Omnibus(_Value, frozen=True):
    """One test over all groups at once."""

    p: float
    method: str


class GroupSummary(_Value, frozen=True):
    """A summary over groups with the band that equal rates would give; or, with a group without errors, a bound."""

    summary: str
    value: float | None
    groups_without_errors: tuple[str, ...] | UnsetType = UNSET
    ratio_of_highest_to_them_not_under: float | UnsetType = UNSET
    under_equal_rates: IntervalEnds | UnsetType = UNSET
    p: float | UnsetType = UNSET
    smallest_count: int | UnsetType = UNSET


class GroupContrast(_Value, frozen=True):
    """One group against all others together; ``ratio`` is ``null`` where the others have no error."""

    group: str
    events: int
    trials: int
    rest_events: int
    rest_trials: int
    ratio: float | None
    in_words: str
    interval: IntervalEnds
    shown_interval: IntervalEnds
    exact_interval: IntervalEnds
    p: float
    p_holm: float
    smallest_ratio_that_could_be_shown: float | None


class GroupDifference(_Value, frozen=True):
    """How groups differ in one measure at one threshold, and what these counts could not have shown."""

    measure: str
    size: int | None = msgspec.field(name="N")
    by: str
    threshold: float
    rank: int | None
    smallest_count: int
    omnibus: Omnibus
    design_effect: float
    groups_left_out: tuple[str, ...]
    summaries: tuple[GroupSummary, ...]
    group_against_the_rest: tuple[GroupContrast, ...]


class Selectivity(_Value, frozen=True):
    """Non-mate candidates at or above the threshold in the non-mated searches of a group, and their quotient."""

    size: int | None = msgspec.field(name="N")
    threshold: float
    group: str
    candidates: int
    searches: int
    selectivity: float | None


class GroupCurve(_Value, frozen=True):
    """Counts of a group over all thresholds, and above the floor at each score; ``null`` is a threshold below all."""

    size: int | None = msgspec.field(name="N")
    by: str
    group: str
    nonmated_searches: int
    mated_searches: int
    thresholds: tuple[float | None, ...]
    false_positives: tuple[int, ...]
    misses: tuple[int, ...]
    smallest_rate_resolved: float | None
    tail_thresholds: tuple[float, ...]
    tail_false_positives: tuple[int, ...]


class EntryCount(_Value, frozen=True):
    """A watchlist entry by its number in the enrolment table, and the false positives it caused."""

    reference_id: str
    group: str
    false_positives: int


class WatchlistEntries(_Value, frozen=True):
    """How the false positives at one threshold spread over the entries of a watchlist."""

    size: int | None = msgspec.field(name="N")
    threshold: float
    entries: int
    entries_causing_any: int
    false_positives_attributed: int
    entries_causing_half: int
    largest: tuple[EntryCount, ...]


class ComparisonRates(_Value, frozen=True):
    """FMR and FNMR of one group of probes: rates of comparisons, not of searches."""

    threshold: float
    probe_group: str
    fmr: CountedRate
    fnmr: CountedRate


class PairRate(_Value, frozen=True):
    """FMR of probes of one group against references of another."""

    threshold: float
    probe_group: str
    reference_group: str
    fmr: CountedRate


class Comparisons(_Value, frozen=True):
    """What comparison scores give, by group of the probe and by pair of groups."""

    comparisons: int
    set_aside: tuple[str, ...]
    by: str
    clustering: str
    rates: tuple[ComparisonRates, ...]
    by_pair: tuple[PairRate, ...]


class ExpectedOfGroup(_Value, frozen=True):
    """The modelled FPIR of one group of probes; ``estimate`` is ``null`` where no comparison matched falsely."""

    group: str
    estimate: float | None
    low: float
    high: float


class ExpectedFpir(_Value, frozen=True):
    """A model of the FPIR of a stated watchlist, with its label; not a measurement."""

    threshold: float
    make_up: dict[str, int]
    label: str
    by_group: tuple[ExpectedOfGroup, ...]


class ThresholdTested(_Value, frozen=True):
    """One threshold of the grid: the largest p value over the groups, and false positives among subjects by group."""

    threshold: float
    p: float
    largest_p_in: str
    false_positives: dict[str, int]


class GroupWanting(_Value, frozen=True):
    """A group that holds a threshold back; ``subjects_needed`` is ``null`` where more subjects would not help."""

    group: str
    threshold: float
    subjects: int
    false_positives: int
    subjects_needed: int | None


class ThresholdEvidence(_Value, frozen=True):
    """At which thresholds an FPIR ceiling was shown to hold in every group, on subjects set apart."""

    what_this_is: str
    ceiling_fpir: float
    confidence: float
    holds_in_every_group_at: tuple[float, ...]
    groups: dict[str, int]
    unit: str
    tested: tuple[ThresholdTested, ...]
    wanting: tuple[GroupWanting, ...]


class RightsAssessment(_Value, frozen=True):
    """The assessment of the effect on rights, and the day it was done."""

    document: str
    done: str


class PlannedQuestion(_Value, frozen=True):
    """A question of the plan."""

    id: str
    text: str
    technical: bool
    asks: Literal["rate", "ceiling", "difference", "other"]


class PlanStated(_Value, frozen=True):
    """The plan made before the trial. Protocol and data set are there where the plan names them."""

    title: str
    kind: Literal["street", "engine"]
    start: str
    end: str
    stopping_rule: str
    trial_unit: str
    rights_assessment: RightsAssessment
    engine: str | None
    engine_version: str | None
    questions: tuple[PlannedQuestion, ...]
    protocol: str | UnsetType = UNSET
    data_set: str | UnsetType = UNSET
    data_set_version: str | UnsetType = UNSET


class AnswerGiven(_Value, frozen=True):
    """A question of the plan, whether it was answered, the answer or the reason why not, and its evidence."""

    id: str
    question: str
    technical: bool
    answered: bool
    answer: str
    evidence: tuple[str, ...]


class TrialReport(_Value, frozen=True):
    """The whole report of a trial."""

    form: str
    made_by: str
    summary: tuple[Summary, ...]
    record: Record
    figures: tuple[GroupFigure, ...]
    differentials: tuple[GroupDifference, ...]
    selectivity: tuple[Selectivity, ...]
    curves: tuple[GroupCurve, ...]
    watchlist_entries: tuple[WatchlistEntries, ...]
    comparisons: Comparisons | None
    expected_fpir: tuple[ExpectedFpir, ...]
    threshold_evidence: ThresholdEvidence | None
    plan: PlanStated | None
    answers: tuple[AnswerGiven, ...]


def values(part: msgspec.Struct) -> dict[str, Any]:
    """A part of the report as JSON values, by name."""
    named: dict[str, Any] = msgspec.to_builtins(part)
    return named


def to_json(content: msgspec.Struct | dict[str, Any]) -> bytes:
    """Strict JSON, indented, in UTF-8, with a line's end."""
    plain = msgspec.to_builtins(content)
    return (json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def read(content: bytes) -> TrialReport:
    """A report from its JSON; names it does not know are passed over.

    Raises ``ValueError`` for another form, or for content that is not JSON of these types.
    """
    try:
        form = msgspec.json.decode(content, type=_Form).form
        if form != FORM:
            raise ValueError(f'not of the form "{FORM}"')
        return msgspec.json.decode(content, type=TrialReport)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"not a trial's report: {error}") from None


class _Form(_Value, frozen=True):
    """The name of the form alone."""

    form: str
