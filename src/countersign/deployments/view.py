"""What was stated about one deployment and its force, up to a moment: statements by noun, values by path.

A path is ``<noun>.<field>``, deeper with dots, with ``[]`` for each item of a list: ``test_report.groups[].group``.
What lies sealed comes under ``sealed.<label>`` where its opening is at hand: ``hour.sealed.alerts[].score``. Each value
comes with its entry and who supplied it; each path read goes to ``recorder``, so that a test can show what a check
reads. What came later corrects nothing by itself; a *late* statement says so. What a correction put in an entry's place
stands where that did, with its own entry and the time it came; what was withdrawn is left out.

>>> view = View.of([], "force-a/d-1")
>>> view.get("policy.published_at")
()
>>> view.get("policy.publised_at")
Traceback (most recent call last):
    ...
countersign.deployments.view.PathUnknown: policy.publised_at: no entry of the kind programme.policy has this
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from countersign.deployments.clock import ClockRunsBack, advance_clock
from countersign.deployments.corrections import corrections_in
from countersign.deployments.disowning import Disowning, disowned_in
from countersign.deployments.kinds import NOUNS, SCHEMAS, noun_of
from countersign.errors import WrongForm
from countersign.record.entries.canonical import Value
from countersign.record.entries.forms import force_of

if TYPE_CHECKING:
    from countersign.deployments.outside.reader import Reader

    # Entries bring the signatures' library; a published row has no entries and is read without it.
    from countersign.record.entries.entry import Entry

Recorder = Callable[[str], None]
#: Sealed contents at hand: by entry and label, each item by its place in the set (0 for one value).
Opened = Mapping[tuple[int, str], Mapping[int, Value]]
NOTHING_OPENED: Opened = {}


class PathUnknown(WrongForm, next_step="See docs/formats/deployment-vocabulary.md for the nouns and their fields."):
    """A path names a noun or a field that no kind of entry has."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A value at a path: the entry it stands in, its places in lists, who supplied it and for when it speaks."""

    value: Any
    entry: int
    supplied_by: str
    at: str
    path: str
    places: tuple[int, ...] = ()


class AsFound(NamedTuple):
    """A finding on a sealed value, by the entry that fixed it before the value was erased, and who supplied that."""

    entry: int
    result: str
    supplied_by: str


class Place(NamedTuple):
    """An entry of any log: the log's origin, and the entry's place in it."""

    origin: str
    entry: int

    def __str__(self) -> str:
        return f"entry {self.entry} of {self.origin}"


class Bearing(NamedTuple):
    """What an outside body's statement says of duties: it bears out, or contradicts, what the force stated.

    ``entry``: the entry of this record that it is about, ``None`` where it names a place and hours alone.
    """

    place: Place
    body: str
    supplied_by: str
    says: str
    duties: frozenset[str]
    ground: str
    entry: int | None


@dataclass(frozen=True, slots=True)
class Statement:
    """One entry as a statement; ``sealed`` names the labels it committed to, opened here or not. ``origin`` is empty
    for an entry of the record's own log, else the outside body's log it stands in.
    """

    noun: str
    entry: int
    subject: str
    at: str
    role: str
    key: str
    supplied_by: str
    late: bool
    sealed: tuple[str, ...]
    _facts: Mapping[str, Any] = field(repr=False)
    _opened: Mapping[str, Mapping[int, Value]] = field(repr=False, default_factory=dict)
    _recorder: Recorder | None = field(repr=False, compare=False, default=None)
    #: By sealed label and finding, what was fixed of it before the value was erased.
    as_found: Mapping[tuple[str, str], AsFound] = field(repr=False, default_factory=dict)
    #: The entry it stands instead of, by a correction.
    corrects: int | None = None
    origin: str = ""

    @property
    def place(self) -> int | Place:
        """The entry's place in the record's own log, or with its origin in another."""
        return Place(self.origin, self.entry) if self.origin else self.entry

    def get(self, path: str) -> tuple[Evidence, ...]:
        """The values at a path within this statement, its noun left out (``published_at``). Raises ``PathUnknown``."""
        full = self._read(path)
        return tuple(
            Evidence(value, self.entry, self.supplied_by, self.at, full, places)
            for places, value in self._values(path.split("."))
        )

    def values(self, path: str) -> list[Any]:
        """The values at a path alone, for some hundred thousand alerts. Raises ``PathUnknown``."""
        self._read(path)
        return [value for _, value in self._values(path.split("."))]

    def _read(self, path: str) -> str:
        """The whole path, held to the schemas and handed to the recorder."""
        full = f"{self.noun}.{path}"
        check_path(full)
        if self._recorder is not None:
            self._recorder(full)
        return full

    def one(self, path: str) -> Any:
        """The one value at a path, or ``None`` where it was not stated. Raises ``PathUnknown``."""
        if path in _fields(self.noun):
            # A plain field, read some hundred thousand times for a deployment: the same as below, without the walk.
            if self._recorder is not None:
                self._recorder(f"{self.noun}.{path}")
            return self._facts.get(path)
        found = self.get(path)
        return found[0].value if found else None

    def _values(self, steps: list[str]) -> Iterator[tuple[tuple[int, ...], Any]]:
        if steps[0] != "sealed":
            yield from _walk(self._facts, steps, ())
            return
        label, many = steps[1].removesuffix("[]"), steps[1].endswith("[]")
        opened = self._opened.get(label, {})
        for place in sorted(opened):
            yield from _walk(opened[place], steps[2:], (place,) if many else ())


@dataclass(frozen=True, slots=True)
class View:
    """The statements about ``subject`` (``force/deployment`` or a force) and its force, by noun, in the log's order."""

    subject: str
    _statements: Mapping[str, tuple[Statement, ...]] = field(repr=False)
    _recorder: Recorder | None = field(repr=False, compare=False, default=None)
    #: What outside bodies bear out or contradict, duty by duty.
    bearings: tuple[Bearing, ...] = ()
    #: Entries that the holder of the key that signed them has disowned.
    disowned: Mapping[int, Disowning] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        entries: Iterable[tuple[int, Entry]],
        subject: str,
        *,
        as_at: str | None = None,
        opened: Opened = NOTHING_OPENED,
        reader: Reader | None = None,
    ) -> View:
        """The view over entries with their places in the log; with ``as_at`` only of those that speak for no later.

        ``reader`` says who is outside: anyone it does not name is the force, whatever an entry says of itself. Without
        one (``None``) entries are taken at their word, as those are that the reader has compiled or made up.

        Entries of other subjects and kinds are passed over. Nothing is verified here.
        """
        force = force_of(subject)
        found: dict[str, list[Statement]] = {}
        clocks: dict[str, str] = {}
        fates = _Fates()
        placed = list(entries)
        corrected = corrections_in(each for each in placed if as_at is None or each[1].draft.at <= as_at)
        original = {by: target for target, (by, _) in corrected.instead.items()}
        for index, entry in placed:
            draft = entry.draft
            if as_at is None or draft.at <= as_at:
                supplied_by = draft.supplied_by if reader is None else reader.supplier_of(entry)
                fates.add(index, draft.kind, draft.facts, supplied_by)
            if draft.subject not in (subject, force) or noun_of(draft.kind) not in NOUNS:
                continue
            late = "late" in draft.facts
            try:
                clocks[draft.subject] = advance_clock(clocks.get(draft.subject, ""), draft.kind, draft.at, draft.facts)
            except ClockRunsBack:
                late = True
            if (as_at is not None and draft.at > as_at) or (index in corrected.silent and index not in original):
                continue
            contents = {label: opened[index, label] for label in draft.sealed if (index, label) in opened}
            noun = noun_of(draft.kind)
            found.setdefault(noun, []).append(
                Statement(
                    noun,
                    index,
                    draft.subject,
                    draft.at,
                    draft.role,
                    entry.key,
                    draft.supplied_by if reader is None else reader.supplier_of(entry),
                    late,
                    tuple(sorted(draft.sealed)),
                    draft.facts,
                    contents,
                    as_found=fates.of(index),
                    corrects=original.get(index),
                )
            )
        for statements in found.values() if original else ():
            statements.sort(key=lambda one: one.entry if one.corrects is None else one.corrects)
        disowned = disowned_in(each for each in placed if as_at is None or each[1].draft.at <= as_at).entries
        return cls(subject, {noun: tuple(statements) for noun, statements in found.items()}, disowned=disowned)

    @property
    def force(self) -> str:
        """The subject's force."""
        return force_of(self.subject)

    def recording(self, recorder: Recorder) -> View:
        """The same view, with every path read handed to ``recorder``."""
        return replace(self, _recorder=recorder)

    def each(self) -> tuple[Statement, ...]:
        """All statements, in the order of their places."""
        return tuple(sorted((one for of in self._statements.values() for one in of), key=lambda one: one.entry))

    def beside(self, statements: Iterable[Statement], bearings: Iterable[Bearing]) -> View:
        """The view with statements of outside bodies' logs before its own of each noun, and what they bear on."""
        found = dict(self._statements)
        for statement in reversed([*statements]):
            found[statement.noun] = (statement, *found.get(statement.noun, ()))
        return replace(self, _statements=found, bearings=(*self.bearings, *bearings))

    def without(self, entries: Iterable[int]) -> View:
        """The view with these entries left out: for showing that less evidence never betters a finding."""
        left_out = frozenset(entries)
        kept = {
            noun: tuple(one for one in statements if one.origin or one.entry not in left_out)
            for noun, statements in self._statements.items()
        }
        disowned = {entry: disowning for entry, disowning in self.disowned.items() if disowning.by not in left_out}
        return replace(self, _statements=kept, disowned=disowned)

    def entries(self) -> tuple[int, ...]:
        """The places of all statements of the record's own log, in order."""
        return tuple(one.entry for one in self.each() if not one.origin)

    def statements(self, noun: str) -> tuple[Statement, ...]:
        """All statements of a noun, in the log's order; the noun alone is recorded as read. Raises ``PathUnknown``."""
        if noun not in NOUNS:
            raise PathUnknown(f"{noun}: no kind of entry is read under this noun")
        if self._recorder is not None:
            self._recorder(noun)
        found = self._statements.get(noun, ())
        return tuple(replace(one, _recorder=self._recorder) for one in found) if self._recorder else found

    def last(self, noun: str) -> Statement | None:
        """The statement of a noun that stands last in the log."""
        found = self.statements(noun)
        return found[-1] if found else None

    def get(self, path: str) -> tuple[Evidence, ...]:
        """All values at a path, over all statements of its noun. Raises ``PathUnknown``."""
        check_path(path)
        noun, _, rest = path.partition(".")
        return tuple(evidence for one in self.statements(noun) for evidence in one.get(rest))


@dataclass(slots=True)
class _Fates:
    """What was found of sealed values before they were erased, by entry; only a lawful erasure is asked about."""

    _fixed: dict[tuple[int, str, str], AsFound] = field(default_factory=dict)
    _holds: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    _erased: set[tuple[int, str]] = field(default_factory=set)
    _found: defaultdict[int, dict[tuple[str, str], AsFound]] = field(default_factory=lambda: defaultdict(dict))

    def of(self, entry: int) -> Mapping[tuple[str, str], AsFound]:
        """By label and finding, of the values of an entry; it fills as later entries are added."""
        return self._found[entry]

    def add(self, index: int, kind: str, facts: Mapping[str, Any], supplied_by: str) -> None:
        if kind == "record.finding-fixed":
            for used in facts["used"]:
                if (used["entry"], used["label"]) not in self._erased:
                    key = (used["entry"], used["label"], facts["finding"])
                    self._fixed[key] = AsFound(index, facts["result"], supplied_by)
        elif kind == "record.held":
            self._holds[index] = [(item["entry"], item["label"]) for item in facts["items"]]
        elif kind == "record.released":
            self._holds.pop(facts["hold"], None)
        elif kind == "record.erased":
            held = {item for items in self._holds.values() for item in items}
            self._erased |= {(item["entry"], item["label"]) for item in facts["items"]} - held
            for (entry, label, finding), found in self._fixed.items():
                if (entry, label) in self._erased:
                    self._found[entry][label, finding] = found


@cache
def _fields(noun: str) -> frozenset[str]:
    """The public fields of a noun's entries."""
    kind = NOUNS.get(noun)
    return frozenset() if kind is None else frozenset(json.loads(SCHEMAS.latest(kind).text)["properties"])


@cache
def check_path(path: str) -> None:
    """Hold a path to the schemas. Raises ``PathUnknown``."""
    noun, _, rest = path.partition(".")
    kind = NOUNS.get(noun)
    if kind is None:
        raise PathUnknown(f"{path}: no kind of entry is read under the noun {noun}")
    raw: dict[str, Any] = json.loads(SCHEMAS.latest(kind).text)
    steps = rest.split(".") if rest else []
    if len(steps) > 1 and steps[0] == "sealed":
        sealed = raw["x-sealed"].get(steps[1].removesuffix("[]"))
        if sealed is None or (sealed.get("set") is True) != steps[1].endswith("[]"):
            raise PathUnknown(f"{path}: entries of the kind {kind} seal nothing so")
        raw, steps = sealed["content"], steps[2:]
    for step in steps:
        name = step.removesuffix("[]")
        raw = raw.get("properties", {}).get(name, {})
        if not raw or (step.endswith("[]") and raw["type"] != "array"):
            raise PathUnknown(f"{path}: no entry of the kind {kind} has this")
        raw = raw["items"] if step.endswith("[]") else raw


def _walk(value: Any, steps: Sequence[str], places: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Any]]:
    if not steps:
        yield places, value
        return
    name = steps[0].removesuffix("[]")
    if not isinstance(value, Mapping) or name not in value:
        return
    if not steps[0].endswith("[]"):
        yield from _walk(value[name], steps[1:], places)
        return
    for number, item in enumerate(value[name]):
        yield from _walk(item, steps[1:], (*places, number))
