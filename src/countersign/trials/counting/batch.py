"""Counting a batch of searches: checks each row, sets faulty ones aside, and adds the rest to the counts.

Failures to acquire (``acquired`` false) are in no FPIR, and a mated one is a miss of the generalised FNIR. A search
that returned no candidate, or no mate, counts below every threshold. Scores are counted in the type they are stored in.

Numba was measured and left out: it counts in 2.5 ns a row what NumPy counts in 4.7, but reading a row takes 10.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from countersign.trials.counting.counts import ARRAYS, Counts, Scheme, Scores, Tail, shapes
from countersign.trials.counting.passes import CountsWrong
from countersign.trials.counting.rows import Asked, Rows
from countersign.trials.scores.tables import Fault, Faults

#: Tail records gathered before they are cut back to the highest: bounds memory, and the work of sorting.
TAIL_BUFFER = 1 << 20


@dataclass(frozen=True)
class Task(Asked):
    """What a worker is sent: what is asked of the rows, how to count them, and how a finished piece is kept."""

    def counter(self) -> Counter:
        """A counter at zero."""
        return Counter(self)

    def pack(self, tally: Tally) -> bytes:
        """A finished piece: a line of what was set aside, then the counts."""
        head = {"rows": tally.rows, "not_asked": tally.not_asked, "faults": tally.faults.to_list()}
        return json.dumps(head).encode() + b"\n" + tally.counts.to_bytes()

    def unpack(self, content: bytes) -> Tally:
        """The inverse of ``pack``. Raises ``CountsWrong``."""
        head, _, counts = content.partition(b"\n")
        try:
            kept = json.loads(head)
            faults, rows, not_asked = Faults.of_list(kept["faults"]), int(kept["rows"]), int(kept["not_asked"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise CountsWrong("the head of a finished piece cannot be read") from error
        return Tally(Counts.from_bytes(counts, self.scheme), faults, rows, not_asked)


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts, what was set aside, and rows left out because their watchlist size or subject was not asked for."""

    counts: Counts
    faults: Faults
    rows: int
    not_asked: int

    @staticmethod
    def zero(scheme: Scheme) -> Tally:
        """Nothing read yet."""
        return Tally(Counts.zero(scheme), Faults(), 0, 0)

    def merge(self, other: Tally) -> Tally:
        """Both together, in any order."""
        counts, faults = self.counts.merge(other.counts), self.faults.merge(other.faults)
        return Tally(counts, faults, self.rows + other.rows, self.not_asked + other.not_asked)


class Counter:
    """Counts batch after batch in place; ``tally`` gives the frozen result."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._scheme = task.scheme
        self._sums = {name: np.zeros(shape, np.int64) for name, shape in shapes(task.scheme).items()}
        self._offset = task.scheme.group_of * np.int32(task.scheme.bins + 1) + np.int32(1)
        self._tail: list[Tail] = []
        self._held, self._limit = 0, TAIL_BUFFER
        self._cutoff = np.full(task.scheme.strata * task.scheme.groups, task.scheme.floor_cut, task.scheme.score_type)
        self._faults = Faults()
        self._rows = 0
        self._not_asked = 0

    def tally(self) -> Tally:
        """What has been counted so far."""
        return self._tally(Tail.joined(self._tail, self._scheme).kept(self._scheme))

    def piece(self) -> Tally:
        """As ``tally``, with the tail still in any order and perhaps too long: for a sum that goes on elsewhere."""
        return self._tally(Tail.joined(self._tail, self._scheme))

    def _tally(self, tail: Tail) -> Tally:
        counts = Counts(self._scheme, **{name: self._sums[name] for name in ARRAYS}, tail=tail)
        return Tally(counts, self._faults, self._rows, self._not_asked)

    def absorb(self, other: Tally) -> None:
        """Add a finished piece."""
        for name in ARRAYS:
            self._sums[name] += getattr(other.counts, name)
        tail = other.counts.tail
        cell = tail.stratum * np.int64(self._scheme.groups) + self._scheme.group_of[tail.subject]
        self._keep(tail.take(tail.score >= self._cutoff[cell]))
        self._faults = self._faults.merge(other.faults)
        self._rows += other.rows
        self._not_asked += other.not_asked

    def add(
        self, name: str, first_row: int, batch: pa.RecordBatch, known: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        """Count a batch of the search table whose first row is ``first_row`` of the file ``name``. ``known``: columns
        left out of the batch because each row has this value.
        """
        rows = Rows(self._task, batch, known)
        self._rows += batch.num_rows
        for (code, column), bad in rows.faults.items():
            count = int(np.count_nonzero(bad))
            places = tuple(int(place) + first_row for place in np.flatnonzero(bad)[:3])
            self._faults = self._faults.merge(Faults({(code, column, name): Fault(count, places)}))
        self._not_asked += rows.not_asked
        if rows.plain_stratum is not None:
            self._mixed(rows.plain_stratum, rows)
            return
        for stratum, mated, acquired, chosen in rows.parts():
            subject = rows.take(rows.subject, chosen)
            per_subject = np.bincount(subject, minlength=self._scheme.subjects)
            if not acquired:
                self._sums["not_acquired"][stratum, int(mated)] += per_subject
                continue
            self._sums["completed"][stratum, int(mated)] += per_subject
            if mated:
                self._mated(stratum, subject, rows, chosen)
            else:
                self._sums["nonmate_bins"][stratum] += self._best_bins(subject, rows, chosen)
                self._above(stratum, subject, rows, chosen)

    def _mixed(self, stratum: int, rows: Rows) -> None:
        """A batch of one stratum, all acquired and without fault: all rows are counted as if non-mated, and the mated
        ones taken off again. Counts are the same as those of ``parts``; rows are not copied apart.
        """
        chosen = np.flatnonzero(rows.mated)
        subject, mated = rows.subject, rows.subject[chosen]
        per_mated = np.bincount(mated, minlength=self._scheme.subjects)
        self._sums["completed"][stratum, 0] += np.bincount(subject, minlength=self._scheme.subjects) - per_mated
        self._sums["completed"][stratum, 1] += per_mated
        off = self._best_bins(mated, rows, chosen)
        self._sums["nonmate_bins"][stratum] += self._best_bins(subject, rows, None) - off
        self._above(stratum, subject, rows, None, leaving_out=rows.mated)
        self._mated(stratum, mated, rows, chosen)

    def _best_bins(self, subject: NDArray[np.int32], rows: Rows, chosen: Any) -> Any:
        present = None if rows.has_best is None else rows.take(rows.has_best, chosen)
        return self._bins(subject, rows.take(rows.best, chosen), present)

    def _bins(self, subject: NDArray[np.int32], scores: Scores, present: NDArray[np.bool_] | None) -> Any:
        """Bulk counts [groups, bins + 1]; place 0 for searches without a score."""
        scheme = self._scheme
        place = scheme.bin_of(scores)
        if present is not None:
            place += 1
            place *= present
            place -= 1
        place += self._offset.take(subject)
        size = scheme.groups * (scheme.bins + 1)
        return np.bincount(place, minlength=size).reshape(scheme.groups, scheme.bins + 1)

    def _above(
        self, stratum: int, subject: NDArray[np.int32], rows: Rows, chosen: Any, leaving_out: Any = None
    ) -> None:
        """False positives and the tail: only scores from the floor or the lowest threshold up are looked at."""
        scheme, sums = self._scheme, self._sums
        score = rows.take(rows.best, chosen)
        lowest = min([scheme.floor_cut, *scheme.cuts.tolist()])
        cells = slice(stratum * scheme.groups, (stratum + 1) * scheme.groups)
        if lowest == scheme.floor_cut:
            lowest = min([float(self._cutoff[cells].min()), *scheme.cuts.tolist()])
        high = score >= np.asarray(lowest, scheme.score_type)
        if rows.has_best is not None:
            high &= rows.take(rows.has_best, chosen)
        places = np.flatnonzero(high)
        if leaving_out is not None:
            places = places[~leaving_out[places]]
        subject, score = subject[places], score[places]
        entry = rows.take(rows.entry, chosen)[places] if rows.entry is not None else np.full(len(places), -1, np.int32)
        for number, cut in enumerate(scheme.cuts):
            above = score >= cut
            sums["false_positives"][stratum, number] += np.bincount(subject[above], minlength=scheme.subjects)
            if scheme.references:
                known = entry[above]
                sums["entries"][stratum, number] += np.bincount(known[known >= 0], minlength=scheme.references)
        kept = score >= self._cutoff[cells][scheme.group_of[subject]]
        self._keep(Tail(np.full(int(kept.sum()), stratum, np.int32), subject[kept], score[kept], entry[kept]))

    def _mated(self, stratum: int, subject: NDArray[np.int32], rows: Rows, chosen: Any) -> None:
        scheme, sums = self._scheme, self._sums
        score = rows.take(rows.mate, chosen)
        for number, rank in enumerate(scheme.ranks):
            within = rows.within_rank(rank, chosen)
            sums["mate_bins"][number, stratum] += self._bins(subject, score, within)
            for place, cut in enumerate(scheme.cuts):
                hit = (score >= cut) & within
                sums["hits"][number, stratum, place] += np.bincount(subject[hit], minlength=scheme.subjects)

    def _keep(self, tail: Tail) -> None:
        """Add records; when many are held, raise each cell's cut-off to its highest ``tail``, and keep fewer."""
        if not len(tail):
            return
        self._tail.append(tail)
        self._held += len(tail)
        if self._held <= self._limit:
            return
        held, most = Tail.joined(self._tail, self._scheme), self._scheme.tail
        cell = held.stratum * np.int64(self._scheme.groups) + self._scheme.group_of[held.subject]
        for place in np.flatnonzero(np.bincount(cell) > most):
            score = held.score[cell == place]
            self._cutoff[place] = np.partition(score, len(score) - most)[len(score) - most]
        held = held.take(held.score >= self._cutoff[cell])
        if len(held) > 1.5 * most * len(self._cutoff):  # many scores tie at a cut-off: the order of subjects decides
            held = held.kept(self._scheme)
        self._tail, self._held = [held], len(held)
        self._limit = max(TAIL_BUFFER, 2 * len(held))
