"""Every commitment of a log and what became of its items, in a few bytes each: a million entries may each seal.

For each label the places of its commitments stand in a row, with their times, counts and classes beside them, in plain
arrays. A commitment whose items all share one fate is one byte more; only where fates or holds differ are there runs.

>>> committed = Committed()
>>> committed.add(7, "list", "watchlist", 1_772_355_600, 10)
>>> committed.cut(7, "list", 4)
>>> [(run.first, run.last, run.state) for run in committed.runs(7, "list")]
[(0, 3, 'live'), (4, 9, 'live')]
>>> [one.retention_class for one in committed]
['watchlist']
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from typing import NamedTuple

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
    """The commitments under one label, in the order of the log."""

    entries: array[int] = field(default_factory=lambda: array("Q"))
    times: array[int] = field(default_factory=lambda: array("q"))
    counts: array[int] = field(default_factory=lambda: array("I"))
    classes: array[int] = field(default_factory=lambda: array("H"))
    states: array[int] = field(default_factory=lambda: array("B"))

    def place(self, entry: int) -> int:
        """Where the commitment of this entry stands; raises ``KeyError``."""
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

    def add(self, entry: int, label: str, retention_class: str, time: int, count: int) -> None:
        """One more commitment; entries come in order."""
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
