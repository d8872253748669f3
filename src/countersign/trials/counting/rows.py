"""A batch of the search table as arrays, checked: what is wrong with each row, and rows sorted by kind.

A row counts under the first fault found in it, in the order of the checks below. Columns that hold one value in the
whole batch are kept as that value, which is what most batches of a large table look like.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from countersign.trials.counting.counts import Scheme, Scores
from countersign.trials.scores.source import Source
from countersign.trials.scores.subjects import NO_LABEL, Subjects


@dataclass(frozen=True)
class Asked:
    """What a worker needs besides the rows: the scheme, the subjects, and what the table has.

    ``enrolled`` [sizes, subjects]: who is on which watchlist; ``references``: their identifiers, in the order of
    ``Counts.entries``. ``None``: not told, so not checked. ``only``: subjects counted (``None``: all); searches of
    others are not asked for, and are counted as such. ``repeated``: keys of searches that stand in the table more than
    once (``repeated_searches``); their columns are among ``columns``, and none of their rows is counted.
    """

    scheme: Scheme
    subjects: Subjects
    columns: tuple[str, ...]
    site_column: str | None = None
    enrolled: NDArray[np.bool_] | None = field(default=None, repr=False)
    references: pa.Array | None = field(default=None, repr=False)
    only: NDArray[np.bool_] | None = field(default=None, repr=False)
    repeated: pa.Table | None = field(default=None, repr=False)

    @staticmethod
    def needed(source: Source, site_column: str | None = None, *, entries: bool = False) -> tuple[str, ...]:
        """The columns of a search table that counting reads; all others stay unread."""
        wanted = ["subject_id", "mated", "best_nonmate_score", "mate_score", "mate_rank", "N", "acquired"]
        wanted += ["best_nonmate_reference"] if entries else []
        return (*(name for name in wanted if source.has(name)), *([site_column] if site_column else []))

    @property
    def constant_columns(self) -> tuple[str, ...]:
        """Columns that need not be read where they hold one value."""
        return tuple(name for name in ("mated", "acquired", "N") if name in self.columns)

    @property
    def digest(self) -> str:
        """Over everything that decides what is counted."""
        parts = [self.scheme.digest, repr(self.columns), repr(self.site_column), self.subjects.digest]
        parts.append("" if self.references is None else Subjects(self.references, ()).digest)
        parts.append("" if self.repeated is None else repr(self.repeated.to_pydict()))
        for flags in (self.enrolled, self.only):
            parts.append("" if flags is None else hashlib.sha256(np.packbits(flags).tobytes()).hexdigest())
        return "|".join(parts)


class Rows:
    """The columns of a batch as arrays, with the mask of rows to set aside and what is wrong with each."""

    def __init__(self, task: Asked, batch: pa.RecordBatch, known: Mapping[str, Any]) -> None:
        self._task, self._batch, self._known, scheme = task, batch, known, task.scheme
        self.length = batch.num_rows
        self.faults: dict[tuple[str, str], NDArray[np.bool_]] = {}
        self._bad: NDArray[np.bool_] | None = None
        self._not_asked: NDArray[np.bool_] | None = None

        self._repeats()
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
        self._not_asked = out if self._not_asked is None else self._not_asked | out

    @property
    def not_asked(self) -> int:
        """How many rows were not asked for and have no fault; a faulty row counts as that alone."""
        if self._not_asked is None:
            return 0
        return int(np.count_nonzero(self._not_asked if self._bad is None else self._not_asked & ~self._bad))

    def _repeats(self) -> None:
        """Every row of a search that stands in the table more than once."""
        keys = self._task.repeated
        if keys is None:
            return
        ids = self._batch["search_id"]
        ids = ids.cast(ids.type.value_type) if pa.types.is_dictionary(ids.type) else ids
        bad = np.array(pc.is_in(ids, value_set=keys["search_id"].combine_chunks()).to_numpy(zero_copy_only=False), bool)
        if keys.num_columns > 1 and bad.any():
            # The identifier alone may be that of another watchlist or site: the few rows left are looked at whole.
            wanted = set(zip(*(keys[name].to_pylist() for name in keys.column_names), strict=True))
            places = np.flatnonzero(bad)
            held = [
                [self._known[name]] * len(places)
                if name in self._known
                else self._batch[name].take(pa.array(places)).to_pylist()
                for name in keys.column_names
            ]
            bad[places] = [key in wanted for key in zip(*held, strict=True)]
        self._fault("search-twice", "search_id", bad)

    def _column(self, name: str) -> pa.Array | None:
        return self._batch[name] if name in self._task.columns and name not in self._known else None

    def _truth(self, name: str) -> NDArray[np.bool_] | bool:
        """The column, or one value for all rows where they agree; true where the table has no such column."""
        column = self._column(name)
        if column is None:
            return bool(self._known.get(name, True))
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
        present = None
        if column.null_count:
            present = ~_nulls(column)
            scores = np.where(present, _values(column), 0).astype(score_type, copy=False)
        else:
            scores = _values(column).astype(score_type, copy=False)
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
            size = int(self._known.get("N", scheme.sizes[0]))
            if size in scheme.sizes:
                return scheme.sizes.index(size)
            fine = size >= 1
            if fine:
                self._leave_out(np.ones(self.length, bool))
            else:
                self._fault("size-missing", "N", np.ones(self.length, bool))
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
        if max(self._task.scheme.ranks) > 1:
            unstated = always if self.rank is None else self.rank == 0
            self._fault("rank-missing", "mate_rank", unstated & has_mate & mated & acquired)
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
        stated = None if self.rank is None else self.take(self.rank, chosen)
        if stated is not None and stated.all():
            return present & (stated <= rank)
        alone = np.zeros(len(mate), bool) if self.has_best is None else ~self.take(self.has_best, chosen)
        first = alone | (mate > self.take(self.best, chosen))
        if stated is not None:
            first = np.where(stated > 0, stated <= rank, first)
        within: NDArray[np.bool_] = np.logical_and(present, first)
        return within

    @staticmethod
    def take(values: NDArray[Any], chosen: Any) -> NDArray[Any]:
        """The chosen rows; ``None`` chooses all without a copy."""
        return values if chosen is None else values[chosen]

    @property
    def plain_stratum(self) -> int | None:
        """The stratum, where the batch is of one, without fault, all acquired, mated and non-mated searches mixed."""
        if (
            self._bad is not None
            or self._not_asked is not None
            or isinstance(self.mated, bool)
            or self.acquired is not True
        ):
            return None
        stratum = np.asarray(self.size) * len(self._task.scheme.sites) + self.site
        return int(stratum) if stratum.ndim == 0 else None

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
        kinds = np.unique(kind) if stratum.ndim else np.flatnonzero(np.bincount(kind[kind >= 0], minlength=4))
        return [(int(k) >> 2, bool(k >> 1 & 1), bool(k & 1), np.flatnonzero(kind == k)) for k in kinds if k >= 0]


def _values(column: pa.Array) -> NDArray[Any]:
    """The values as stored, whatever lies under the nulls."""
    return np.frombuffer(
        column.buffers()[1], column.type.to_pandas_dtype(), len(column), column.offset * column.type.byte_width
    )


def _nulls(column: pa.Array) -> NDArray[np.bool_]:
    return np.asarray(column.is_null().to_numpy(zero_copy_only=False), bool)
