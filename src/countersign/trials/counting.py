"""Counting a batch of searches: checks each row, sets faulty ones aside, and adds the rest to the accumulator.

Failures to acquire are rows with ``acquired`` false: no search took place, so they are in no FPIR, and a mated one is a
miss of the generalised FNIR (a watchlist camera that gets no usable probe raises no alert). A search that returned no
candidate, or no mate, counts below every threshold. Scores are counted in the type they are stored in.

It does not look for a search that is in the table twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from countersign.trials.counts import ARRAYS, Counts, Tail, shapes
from countersign.trials.faults import Fault, Faults
from countersign.trials.packing import CountsWrong
from countersign.trials.scheme import Scheme, Scores
from countersign.trials.source import Source
from countersign.trials.subjects import NO_LABEL, Subjects

#: Tail records gathered before they are cut back to the highest: bounds memory, and the work of sorting.
TAIL_BUFFER = 1 << 21


@dataclass(frozen=True)
class Task:
    """What a worker needs besides the rows: the scheme, the subjects, and what the table has. Sent whole to workers.

    ``enrolled`` [sizes, subjects]: who is on which watchlist; ``references``: their identifiers, in the order of
    ``Counts.entries``. ``None``: not told, so not checked. ``only``: subjects counted (``None``: all); searches of
    others are not asked for, and are counted as such.
    """

    scheme: Scheme
    subjects: Subjects
    columns: tuple[str, ...]
    site_column: str | None = None
    enrolled: NDArray[np.bool_] | None = field(default=None, repr=False)
    references: pa.Array | None = field(default=None, repr=False)
    only: NDArray[np.bool_] | None = field(default=None, repr=False)

    @staticmethod
    def needed(source: Source, site_column: str | None = None, *, entries: bool = False) -> tuple[str, ...]:
        """The columns of a search table that counting reads; ``search_id`` and all others stay unread."""
        wanted = ["subject_id", "mated", "best_nonmate_score", "mate_score", "mate_rank", "N", "acquired"]
        wanted += ["best_nonmate_reference"] if entries else []
        return (*(name for name in wanted if source.has(name)), *([site_column] if site_column else []))

    @property
    def digest(self) -> str:
        """Over everything that decides what is counted."""
        parts = [self.scheme.digest, repr(self.columns), repr(self.site_column)]
        for flags in (self.enrolled, self.only):
            parts.append("" if flags is None else hashlib.sha256(np.packbits(flags).tobytes()).hexdigest())
        return "|".join(parts)

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
            told = json.loads(head)
            faults, rows, not_asked = Faults.of_list(told["faults"]), int(told["rows"]), int(told["not_asked"])
        except (ValueError, KeyError, TypeError) as error:
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
        return Tally(
            self.counts.merge(other.counts), self.faults.merge(other.faults),
            self.rows + other.rows, self.not_asked + other.not_asked,
        )  # fmt: skip


class Counter:
    """Counts batch after batch in place; ``tally`` gives the frozen result."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._scheme = task.scheme
        self._sums = {name: np.zeros(shape, np.int64) for name, shape in shapes(task.scheme).items()}
        self._tail: list[Tail] = []
        self._held = 0
        self._cutoff = np.full(task.scheme.strata * task.scheme.groups, task.scheme.floor_cut, task.scheme.score_type)
        self._faults = Faults()
        self._rows = 0
        self._not_asked = 0

    def tally(self) -> Tally:
        """What has been counted so far."""
        tail = Tail.joined(self._tail, self._scheme).kept(self._scheme)
        counts = Counts(self._scheme, **{name: self._sums[name] for name in ARRAYS}, tail=tail)
        return Tally(counts, self._faults, self._rows, self._not_asked)

    def absorb(self, other: Tally) -> None:
        """Add a finished piece."""
        for name in ARRAYS:
            self._sums[name] += getattr(other.counts, name)
        self._keep(other.counts.tail)
        self._faults = self._faults.merge(other.faults)
        self._rows += other.rows
        self._not_asked += other.not_asked

    def add(self, name: str, first_row: int, batch: pa.RecordBatch) -> None:
        """Count a batch of the search table whose first row is ``first_row`` of the file ``name``."""
        rows = _Rows(self._task, batch)
        self._rows += batch.num_rows
        for (code, column), bad in rows.faults.items():
            count = int(np.count_nonzero(bad))
            places = tuple(int(place) + first_row for place in np.flatnonzero(bad)[:3])
            self._faults = self._faults.merge(Faults({(code, column, name): Fault(count, places)}))
        self._not_asked += rows.not_asked
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
                self._non_mated(stratum, subject, rows, chosen)

    def _bins(self, subject: NDArray[np.int32], scores: Scores, present: NDArray[np.bool_] | None) -> Any:
        """Bulk counts [groups, bins + 1]; place 0 for searches without a score."""
        scheme = self._scheme
        place = scheme.bin_of(scores)
        place += 1
        if present is not None:
            place *= present
        if scheme.groups > 1:
            place += scheme.group_of[subject] * np.int32(scheme.bins + 1)
        size = scheme.groups * (scheme.bins + 1)
        return np.bincount(place, minlength=size).reshape(scheme.groups, scheme.bins + 1)

    def _non_mated(self, stratum: int, subject: NDArray[np.int32], rows: _Rows, chosen: Any) -> None:
        scheme, sums = self._scheme, self._sums
        score = rows.take(rows.best, chosen)
        present = rows.take(rows.has_best, chosen) if rows.has_best is not None else None
        sums["nonmate_bins"][stratum] += self._bins(subject, score, present)
        lowest = min([scheme.floor_cut, *scheme.cuts.tolist()])
        cells = slice(stratum * scheme.groups, (stratum + 1) * scheme.groups)
        if lowest == scheme.floor_cut:
            lowest = min([float(self._cutoff[cells].min()), *scheme.cuts.tolist()])
        high = score >= np.asarray(lowest, scheme.score_type)
        if present is not None:
            high &= present
        places = np.flatnonzero(high)
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

    def _mated(self, stratum: int, subject: NDArray[np.int32], rows: _Rows, chosen: Any) -> None:
        scheme, sums = self._scheme, self._sums
        score = rows.take(rows.mate, chosen)
        for number, rank in enumerate(scheme.ranks):
            within = rows.within_rank(rank, chosen)
            sums["mate_bins"][number, stratum] += self._bins(subject, score, within)
            for place, cut in enumerate(scheme.cuts):
                hit = (score >= cut) & within
                sums["hits"][number, stratum, place] += np.bincount(subject[hit], minlength=scheme.subjects)

    def _keep(self, tail: Tail) -> None:
        """Add records; cut back to the highest when many are held, and from then on keep fewer."""
        if not len(tail):
            return
        self._tail.append(tail)
        self._held += len(tail)
        if self._held > TAIL_BUFFER:
            kept = Tail.joined(self._tail, self._scheme).kept(self._scheme)
            self._tail, self._held = [kept], len(kept)
            cell = kept.stratum * np.int64(self._scheme.groups) + self._scheme.group_of[kept.subject]
            full, lowest = np.bincount(cell, minlength=len(self._cutoff)), np.full(len(self._cutoff), np.inf)
            np.minimum.at(lowest, cell, kept.score)
            self._cutoff = np.where(full >= self._scheme.tail, lowest, self._cutoff).astype(self._scheme.score_type)


class _Rows:
    """The columns of a batch as arrays, with the mask of rows to set aside and what is wrong with each."""

    def __init__(self, task: Task, batch: pa.RecordBatch) -> None:
        self._task, self._batch, scheme = task, batch, task.scheme
        self.length = batch.num_rows
        self.faults: dict[tuple[str, str], NDArray[np.bool_]] = {}
        self._bad: NDArray[np.bool_] | None = None
        self._not_asked: NDArray[np.bool_] | None = None

        identity = batch["subject_id"]
        self.subject = task.subjects.places(identity)
        if self.subject.min(initial=0) < 0:
            self._fault("no-identity", "subject_id", _nulls(identity))
            self._fault("unknown-subject", "subject_id", self.subject < 0)
        unlabelled = scheme.group_of == NO_LABEL
        if unlabelled.any():
            self._fault("no-label", "subject_id", unlabelled[self.subject])

        self.mated = self._truth("mated")
        self.acquired = self._truth("acquired")
        self.best, self.has_best = self._score("best_nonmate_score")
        self.mate, self.has_mate = self._score("mate_score")
        self.rank = self._whole("mate_rank")
        self.size = self._sizes()
        self.site = self._sites()
        self.entry = self._entries()
        self._contradictions()
        if task.only is not None:
            self._leave_out(~task.only[self.subject])

    def _fault(self, code: str, column: str, bad: NDArray[np.bool_]) -> None:
        """A row counts under its first fault only."""
        if self._bad is not None:
            bad = bad & ~self._bad
        if bad.any():
            self.faults[code, column] = bad
            self._bad = bad if self._bad is None else self._bad | bad

    def _leave_out(self, out: NDArray[np.bool_]) -> None:
        """Rows that were not asked for."""
        self._not_asked = out if self._not_asked is None else self._not_asked | out

    @property
    def not_asked(self) -> int:
        """How many rows were not asked for and have no fault; a faulty row counts as that alone."""
        if self._not_asked is None:
            return 0
        return int(np.count_nonzero(self._not_asked if self._bad is None else self._not_asked & ~self._bad))

    def _column(self, name: str) -> pa.Array | None:
        return self._batch[name] if name in self._task.columns else None

    def _truth(self, name: str) -> NDArray[np.bool_] | bool:
        """The column, or one value for all rows where they agree; true where the table has no such column."""
        column = self._column(name)
        if column is None:
            return True
        if column.null_count:
            self._fault("no-truth", name, _nulls(column))
            column = column.fill_null(False)
        true = int(column.true_count)
        if true in (0, self.length):
            return bool(true == self.length)
        return np.asarray(column.to_numpy(zero_copy_only=False), bool)

    def _score(self, name: str) -> tuple[Scores, NDArray[np.bool_] | None]:
        """Scores (those not there as 0) and where there is one (``None``: everywhere)."""
        column = self._column(name)
        score_type = self._task.scheme.score_type
        if column is None or column.null_count == self.length:
            return np.zeros(self.length, score_type), np.zeros(self.length, bool)
        present = ~_nulls(column) if column.null_count else None
        values = column.fill_null(0) if present is not None else column
        scores = np.asarray(values.to_numpy(zero_copy_only=False)).astype(score_type, copy=False)
        # The sum of two ends is finite only if every score is: NaN carries through, and either infinity shows.
        if not (np.isfinite(scores.min(initial=0)) and np.isfinite(scores.max(initial=0))):
            wrong = ~np.isfinite(scores)
            self._fault("score-not-finite", name, wrong)
            scores = np.where(wrong, 0, scores).astype(score_type)
        return scores, present

    def _whole(self, name: str) -> NDArray[np.int64] | None:
        column = self._column(name)
        if column is None or column.null_count == self.length:
            return None
        values = column.fill_null(0) if column.null_count else column
        return np.asarray(values.to_numpy(zero_copy_only=False))

    def _sizes(self) -> NDArray[np.int64] | int:
        scheme = self._task.scheme
        column = self._column("N")
        if column is None:
            return 0
        values = np.asarray((column.fill_null(0) if column.null_count else column).to_numpy(zero_copy_only=False))
        first = int(values[0])
        if first in scheme.sizes and (values == first).all():
            return scheme.sizes.index(first)
        self._fault("size-missing", "N", values < 1)
        sizes = np.asarray(scheme.sizes)
        order = np.argsort(sizes)
        place = np.clip(np.searchsorted(sizes[order], values), 0, len(sizes) - 1)
        asked = sizes[order][place] == values
        if not asked.all():
            self._leave_out(~asked)
        return order[place]

    def _sites(self) -> NDArray[np.int64] | int:
        if self._task.site_column is None:
            return 0
        column = pc.cast(self._batch[self._task.site_column], pa.string())
        place = pc.index_in(column, value_set=pa.array(self._task.scheme.sites)).fill_null(-1)
        places = np.asarray(place.to_numpy(zero_copy_only=False), np.int64)
        self._fault("site-missing", self._task.site_column, places < 0)
        return np.maximum(places, 0)

    def _entries(self) -> NDArray[np.int32] | None:
        column = self._column("best_nonmate_reference")
        if column is None or self._task.references is None:
            return None
        places = Subjects(self._task.references, ()).places(column)
        self._fault("unknown-reference", "best_nonmate_reference", (places < 0) & ~_nulls(column))
        return places

    def _contradictions(self) -> None:
        mated, acquired, always = self.mated, self.acquired, np.ones(self.length, bool)
        has_best = always if self.has_best is None else self.has_best
        has_mate = always if self.has_mate is None else self.has_mate
        if acquired is not True:
            self._fault("score-without-probe", "acquired", ~(acquired & always) & (has_best | has_mate))
        if mated is not True and (self.has_mate is None or has_mate.any() or self.rank is not None):
            claimed = has_mate if self.rank is None else has_mate | (self.rank != 0)
            self._fault("mate-on-non-mated", "mate_score", claimed & ~(mated & always))
        if self.rank is not None:
            stated = ~_nulls(self._batch["mate_rank"])
            self._fault("rank-impossible", "mate_rank", stated & ((self.rank < 1) | ~has_mate))
        enrolled = self._task.enrolled
        if enrolled is not None:
            size = np.broadcast_to(np.asarray(self.size), (self.length,))
            on = enrolled[size, self.subject]
            self._fault("mate-not-enrolled", "mated", (mated & always) & ~on)
            self._fault("non-mate-enrolled", "mated", ~(mated & always) & on)

    def within_rank(self, rank: int, chosen: Any) -> NDArray[np.bool_]:
        """Where the mate is on the list within ``rank``; no rank stated: rank 1 is to score above every non-mate."""
        mate = self.take(self.mate, chosen)
        present = np.ones(len(mate), bool) if self.has_mate is None else self.take(self.has_mate, chosen)
        if self.rank is not None:
            return present & (self.take(self.rank, chosen) <= rank)
        if rank > 1:
            return present
        alone = np.zeros(len(mate), bool) if self.has_best is None else ~self.take(self.has_best, chosen)
        return present & (alone | (mate > self.take(self.best, chosen)))

    @staticmethod
    def take(values: NDArray[Any], chosen: Any) -> NDArray[Any]:
        """The chosen rows; ``None`` chooses all without a copy."""
        return values if chosen is None else values[chosen]

    def parts(self) -> Sequence[tuple[int, bool, bool, NDArray[np.intp] | None]]:
        """(stratum, mated, acquired, rows) of each kind of row that occurs; rows ``None``: all of the batch."""
        sites = len(self._task.scheme.sites)
        stratum = np.asarray(self.size) * sites + self.site
        aside = self._bad
        if self._not_asked is not None:
            aside = self._not_asked if aside is None else aside | self._not_asked
        whole = stratum.ndim == 0 and isinstance(self.mated, bool) and isinstance(self.acquired, bool)
        if whole and aside is None:
            return [(int(stratum), bool(self.mated), bool(self.acquired), None)]
        kind = np.broadcast_to(stratum * 4 + np.asarray(self.mated) * 2 + np.asarray(self.acquired), (self.length,))
        kind = kind.astype(np.int16, copy=True)
        if aside is not None:
            kind[aside] = -1
        found = np.unique(kind) if stratum.ndim else np.flatnonzero(np.bincount(kind[kind >= 0], minlength=4))
        return [(int(k) >> 2, bool(k >> 1 & 1), bool(k & 1), np.flatnonzero(kind == k)) for k in found if k >= 0]


def _nulls(column: pa.Array) -> NDArray[np.bool_]:
    return np.asarray(column.is_null().to_numpy(zero_copy_only=False), bool)
