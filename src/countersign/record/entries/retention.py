"""Retention accounts: what was committed to and what became of it, counted again by anyone from the log alone.

For each class of sealed values: committed = live + erased + declared lost, with holds within live. What is live, not
held and past the time its class's rule gives it is overdue. Unlawful moves are violations, each named: erasing what was
never committed to, what is gone already, or what is held; a stated account that does not come out. A finding is fixed
while what it rests on is live; after that it reads "as found before erasure". An erasure is only ever its signer's
statement: this counts statements, it does not look at disks. A million entries may each seal, so commitments stand in
plain arrays; only where fates or holds differ within one are there runs.

>>> committed = Committed()
>>> committed.add(CommittedTo(7, "list", "watchlist", 1_772_355_600, 10))
>>> committed.cut(7, "list", 4)
>>> [(run.first, run.last, run.state) for run in committed.runs(7, "list")]
[(0, 3, 'live'), (4, 9, 'live')]
"""

from __future__ import annotations

import datetime
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from countersign.errors import EvidenceWrong
from countersign.record.entries.entry import Draft, Entry
from countersign.record.entries.schema import Schemas

LIVE, ERASED, LOST = "live", "erased", "lost"
_STATES = (LIVE, ERASED, LOST)


@dataclass(slots=True)
class Run:
    """Items ``first`` to ``last`` of one commitment that share one fate."""

    first: int
    last: int
    state: str = LIVE
    holds: frozenset[int] = frozenset()

    @property
    def count(self) -> int:
        """How many items."""
        return self.last - self.first + 1


class CommittedTo(NamedTuple):
    """One commitment: its entry and label, the class and time (POSIX seconds) of its entry, its items."""

    entry: int
    label: str
    retention_class: str
    time: int
    items: int


@dataclass(slots=True)
class _Row:
    entries: array[int] = field(default_factory=lambda: array("Q"))
    times: array[int] = field(default_factory=lambda: array("q"))
    counts: array[int] = field(default_factory=lambda: array("I"))
    classes: array[int] = field(default_factory=lambda: array("H"))
    states: array[int] = field(default_factory=lambda: array("B"))

    def place(self, entry: int) -> int:
        at = bisect_left(self.entries, entry)
        if at == len(self.entries) or self.entries[at] != entry:
            raise KeyError(entry)
        return at


@dataclass(slots=True)
class Committed:
    """All commitments; iterating gives them by label, in the order of the log."""

    _rows: dict[str, _Row] = field(default_factory=dict)
    _classes: list[str] = field(default_factory=list)
    _split: dict[tuple[int, str], list[Run]] = field(default_factory=dict)

    def add(self, committed: CommittedTo) -> None:
        """One more commitment; entries come in order."""
        entry, label, retention_class, time, count = committed
        if retention_class not in self._classes:
            self._classes.append(retention_class)
        row = self._rows.setdefault(label, _Row())
        row.entries.append(entry)
        row.times.append(time)
        row.counts.append(count)
        row.classes.append(self._classes.index(retention_class))
        row.states.append(0)

    def among(self, entries: Set[int]) -> Committed:
        """What these entries committed to."""
        found = Committed(_classes=self._classes)
        places = sorted(entries)
        for label, row in self._rows.items():
            kept = found._rows[label] = _Row()
            for entry in places:
                if (entry, label) in self:
                    at = row.place(entry)
                    for name in _Row.__slots__:
                        getattr(kept, name).append(getattr(row, name)[at])
        found._split = {key: runs for key, runs in self._split.items() if key[0] in entries}
        return found

    def __contains__(self, key: tuple[int, str]) -> bool:
        entry, label = key
        try:
            self._rows[label].place(entry)
        except KeyError:
            return False
        return True

    def __iter__(self) -> Iterator[CommittedTo]:
        for label, row in self._rows.items():
            for entry, time, count, number in zip(row.entries, row.times, row.counts, row.classes, strict=True):
                yield CommittedTo(entry, label, self._classes[number], time, count)

    def count(self, entry: int, label: str) -> int:
        """How many items the commitment has; raises ``KeyError``."""
        row = self._rows[label]
        return row.counts[row.place(entry)]

    def runs(self, entry: int, label: str) -> list[Run]:
        """Its items in runs of one fate; raises ``KeyError``. To change one, ``cut`` first and ``settle`` after."""
        split = self._split.get((entry, label))
        if split is not None:
            return split
        row = self._rows[label]
        at = row.place(entry)
        return [Run(0, row.counts[at] - 1, _STATES[row.states[at]])]

    def cut(self, entry: int, label: str, at: int) -> None:
        """Split the run that holds item ``at`` so that one begins there; after that its runs may be changed."""
        runs = self._split.setdefault((entry, label), self.runs(entry, label))
        for place, run in enumerate(runs):
            if run.first < at <= run.last:
                runs[place : place + 1] = [
                    Run(run.first, at - 1, run.state, run.holds),
                    Run(at, run.last, run.state, run.holds),
                ]
                return

    def settle(self, entry: int, label: str) -> None:
        """Keep in one byte what has come to one fate again."""
        runs = self._split.get((entry, label))
        if runs and all(run.state == runs[0].state and not run.holds for run in runs):
            row = self._rows[label]
            row.states[row.place(entry)] = _STATES.index(runs[0].state)
            del self._split[entry, label]


#: Entries of these kinds are lawful or not by the accounts before them.
MOVING = frozenset(
    {"record.erased", "record.lost", "record.held", "record.released", "record.account-stated", "record.finding-fixed"}
)


class RetentionBroken(
    EvidenceWrong, next_step="Ask the log's custodian how this entry came about; the account is counted without it."
):
    """An entry on erasure, loss or holds contradicts those before it; the message names how."""


class Account(NamedTuple):
    """Items of a class: ``committed == live + erased + lost``; ``held`` of the live ones are on hold."""

    committed: int
    live: int
    erased: int
    lost: int
    held: int


class Overdue(NamedTuple):
    """Items of one commitment that are live, not held, and past the time their class's rule gives them."""

    entry: int
    label: str
    retention_class: str
    items: int
    due: datetime.datetime


class FixedFinding(NamedTuple):
    """A finding on sealed values, fixed by entry ``entry``; ``gone`` once a value it rests on is erased or lost."""

    entry: int
    finding: str
    result: str
    check: str
    gone: bool

    @property
    def reading(self) -> str:
        """The words that go with the result."""
        return "as found before erasure" if self.gone else "as found"


class Rule(NamedTuple):
    """How many hours a class is kept, and the entry that said so."""

    hours: int
    entry: int


class _Part(NamedTuple):
    entry: int
    label: str
    first: int
    last: int
    runs: list[Run]

    def __str__(self) -> str:
        return f"items {self.first} to {self.last} of {self.label} in entry {self.entry}"


def commitments(index: int, draft: Draft, schemas: Schemas) -> Iterator[CommittedTo]:
    """What an entry committed to."""
    if draft.sealed:
        labels = schemas.get(draft.kind, draft.schema).sealed
        at = int(datetime.datetime.fromisoformat(draft.at).timestamp())
        for label, commitment in draft.sealed.items():
            says = labels[label]
            yield CommittedTo(index, says.label, says.retention_class, at, commitment.count or 1)


@dataclass(slots=True)
class Accounts:
    """The fold: ``add`` each entry of a log in order. ``violations`` holds what was unlawful, by entry."""

    sealed: Committed = field(default_factory=Committed)
    rules: dict[str, Rule] = field(default_factory=dict)
    violations: list[tuple[int, str]] = field(default_factory=list)
    _holds: dict[int, list[tuple[int, str, int]]] = field(default_factory=dict)
    _fixed: dict[int, Mapping[str, Any]] = field(default_factory=dict)

    def add(self, index: int, entry: Entry, schemas: Schemas) -> None:
        """Count one more entry, lawful or not; an unlawful move is listed in ``violations`` and changes nothing."""
        try:
            self.apply(index, entry, schemas)
        except RetentionBroken as error:
            self.violations.append((index, str(error)))

    def apply(self, index: int, entry: Entry, schemas: Schemas) -> None:
        """Count one more entry. Raises ``RetentionBroken`` for an unlawful move, and has then changed nothing."""
        draft = entry.draft
        facts: Mapping[str, Any] = draft.facts
        if draft.kind in ("record.erased", "record.lost"):
            self._move(index, facts["items"], ERASED if draft.kind == "record.erased" else LOST)
        elif draft.kind == "record.held":
            self._hold(index, facts["items"])
        elif draft.kind == "record.released":
            self._release(index, facts["hold"])
        elif draft.kind == "record.retention-rule":
            self.rules[facts["class"]] = Rule(facts["hours"], index)
        elif draft.kind == "record.account-stated":
            self._compare(index, facts)
        elif draft.kind == "record.finding-fixed":
            self._fix(index, facts)
        for committed in commitments(index, draft, schemas):
            self.sealed.add(committed)

    def among(self, entries: Iterable[int]) -> Accounts:
        """The accounts of what these entries committed to, with their violations. To read, not to add to."""
        chosen = frozenset(entries)
        broken = [(index, message) for index, message in self.violations if index in chosen]
        fixed = {index: facts for index, facts in self._fixed.items() if index in chosen}
        return Accounts(self.sealed.among(chosen), self.rules, broken, self._holds, fixed)

    def of(self, retention_class: str, *, month: str | None = None) -> Account:
        """The account of a class; with ``month`` (``2026-03``) only of what was committed to in that month."""
        counts = {LIVE: 0, ERASED: 0, LOST: 0}
        held = 0
        for entry, label, of_class, time, _ in self.sealed:
            if of_class == retention_class and (month is None or _month(time) == month):
                for run in self.sealed.runs(entry, label):
                    counts[run.state] += run.count
                    held += run.count if run.holds else 0
        return Account(sum(counts.values()), counts[LIVE], counts[ERASED], counts[LOST], held)

    def classes(self) -> list[str]:
        """Every class that has a rule or a sealed value, in order."""
        return sorted({committed.retention_class for committed in self.sealed} | set(self.rules))

    def months(self, retention_class: str) -> list[str]:
        """The months in which values of a class were committed to, in order."""
        return sorted({_month(time) for _, _, of_class, time, _ in self.sealed if of_class == retention_class})

    def overdue(self, now: datetime.datetime) -> list[Overdue]:
        """What is live, not held and past its time at ``now`` (with a zone). A class without a rule has no due time."""
        overdue = []
        for entry, label, retention_class, time, _ in self.sealed:
            rule = self.rules.get(retention_class)
            if rule is not None and (due := time + rule.hours * 3600) < now.timestamp():
                runs = [run for run in self.sealed.runs(entry, label) if run.state == LIVE and not run.holds]
                if runs:
                    items = sum(run.count for run in runs)
                    overdue.append(Overdue(entry, label, retention_class, items, _moment(due)))
        return sorted(overdue)

    def findings(self) -> list[FixedFinding]:
        """The findings fixed so far, in order, each with whether what it rests on is still there."""
        findings = []
        for index, facts in self._fixed.items():
            gone = any(run.state != LIVE for part in self._parts(index, facts["used"]) for run in part.runs)
            findings.append(FixedFinding(index, facts["finding"], facts["result"], facts["check"], gone))
        return findings

    def states(self, index: int, label: str) -> Iterator[tuple[int, int, str, bool]]:
        """First item, last item, state and whether held, for each run of one commitment. Raises ``KeyError``."""
        for run in self.sealed.runs(index, label):
            yield run.first, run.last, run.state, bool(run.holds)

    def _move(self, index: int, items: list[dict[str, Any]], state: str) -> None:
        for part in self._parts(index, items):
            for run in part.runs:
                if run.state != LIVE:
                    raise RetentionBroken(f"entry {index}: {part} are {run.state} already")
                if run.holds and state == ERASED:
                    held = f"are held by entry {min(run.holds)} and may not be erased"
                    raise RetentionBroken(f"entry {index}: {part} {held}")
        for part in self._parts(index, items, cut=True):
            for run in part.runs:
                run.state, run.holds = state, frozenset()
            self.sealed.settle(part.entry, part.label)

    def _hold(self, index: int, items: list[dict[str, Any]]) -> None:
        for part in self._parts(index, items):
            if any(run.state != LIVE for run in part.runs):
                raise RetentionBroken(f"entry {index}: {part} are gone and cannot be held")
        parts = list(self._parts(index, items, cut=True))
        for run in (run for part in parts for run in part.runs):
            run.holds |= {index}
        self._holds[index] = [(part.entry, part.label, part.first) for part in parts]

    def _release(self, index: int, hold: int) -> None:
        held = self._holds.pop(hold, None)
        if held is None:
            raise RetentionBroken(f"entry {index}: entry {hold} is not a hold that still stands")
        for entry, label, first in held:
            self.sealed.cut(entry, label, first)
            for run in self.sealed.runs(entry, label):
                run.holds -= {hold}
            self.sealed.settle(entry, label)

    def _fix(self, index: int, facts: Mapping[str, Any]) -> None:
        if facts["tree_size"] > index:
            size = f"{facts['tree_size']} entries"
            raise RetentionBroken(f"entry {index}: fixes a finding over {size}, which are not there")
        for part in self._parts(index, facts["used"]):
            if any(run.state != LIVE for run in part.runs):
                raise RetentionBroken(f"entry {index}: {part} are gone; no finding on them can be fixed any more")
        self._fixed[index] = facts

    def _compare(self, index: int, facts: Mapping[str, Any]) -> None:
        if facts["tree_size"] != index:
            raise RetentionBroken(f"entry {index}: states an account over {facts['tree_size']} entries, not {index}")
        counted = self.of(facts["class"])
        stated = Account(*(facts[name] for name in Account._fields))
        if stated != counted:
            given = f"({_words(stated)}) is not what the log gives ({_words(counted)})"
            raise RetentionBroken(f"entry {index}: the account stated for {facts['class']} {given}")

    def _parts(self, index: int, items: Iterable[dict[str, Any]], *, cut: bool = False) -> Iterator[_Part]:
        seen: set[tuple[int, str]] = set()
        for item in items:
            entry, label = item["entry"], item["label"]
            if (entry, label) in seen:
                raise RetentionBroken(f"entry {index}: names {label} of entry {entry} twice")
            seen.add((entry, label))
            if (entry, label) not in self.sealed:
                raise RetentionBroken(f"entry {index}: entry {entry} committed to nothing under {label}")
            before, count = -1, self.sealed.count(entry, label)
            for first, last in ((named["first"], named["last"]) for named in item["ranges"]):
                part = _Part(entry, label, first, last, [])
                if not before < first <= last < count:
                    wrong = f"are out of order, overlap, or were never committed to (it has {count})"
                    raise RetentionBroken(f"entry {index}: {part} {wrong}")
                before = last
                if cut:
                    self.sealed.cut(entry, label, first)
                    self.sealed.cut(entry, label, last + 1)
                runs = self.sealed.runs(entry, label)
                yield part._replace(runs=[run for run in runs if run.first <= last and run.last >= first])


def _moment(seconds: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _month(seconds: int) -> str:
    return _moment(seconds).strftime("%Y-%m")


def _words(account: Account) -> str:
    return ", ".join(f"{count} {name}" for name, count in zip(Account._fields, account, strict=True))
