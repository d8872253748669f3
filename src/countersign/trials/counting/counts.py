"""The accumulator: whole-number counts of a trial, a commutative monoid: any split and order give the same bytes.

``Counts.zero(scheme)`` is the neutral element, ``a.merge(b)`` adds, ``to_bytes`` / ``from_bytes`` carry a finished
piece to another process or a file; ``counting.Counter`` adds batches of rows. What it holds, all int64, with S strata
(watchlist sizes x sites), P subjects, G groups, T thresholds, R ranks, B bins:

- ``completed`` [S, 2, P] and ``not_acquired`` [S, 2, P]: searches and failures to acquire, non-mated and mated, by
  subject: the row sums that clustered intervals need, and by adding up subjects the denominators of every group;
- ``false_positives`` [S, T, P]: non-mated searches with a candidate at or above each threshold;
- ``hits`` [R, S, T, P]: mated searches whose mate is within rank R and at or above each threshold;
- ``nonmate_bins`` [S, G, B+1] and ``mate_bins`` [R, S, G, B+1]: the bulk of the scores; place 0 counts searches that
  returned no candidate, or no mate within rank R;
- ``entries`` [S, T, E]: which watchlist entries gave the best score of each false positive;
- the tail: exact best non-mate scores of non-mated searches from the floor up, at most ``scheme.tail`` a stratum and
  group (the highest; of equal ones those of the first subjects), with subject and watchlist entry.

>>> scheme = Scheme(groups=1, subjects=2, group_of=np.zeros(2, np.int32), thresholds=(0.5,), low=0, high=1, bins=4)
>>> zero = Counts.zero(scheme)
>>> Counts.from_bytes(zero.merge(zero).to_bytes(), scheme).to_bytes() == zero.to_bytes()
True
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from countersign.trials.counting.packing import CountsWrong, Layout, pack, unpack
from countersign.trials.design.scheme import Scheme, Scores
from countersign.trials.scores.subjects import Grouping

NAME = b"countersign-trial-counts 1"
Whole = NDArray[np.int64]

ARRAYS = ("completed", "not_acquired", "false_positives", "hits", "nonmate_bins", "mate_bins", "entries")


@dataclass(frozen=True, slots=True)
class Tail:
    """Exact scores, highest first; ties by subject, then entry. Arrays of one length; ``entry`` -1: not known."""

    stratum: NDArray[np.int32]
    subject: NDArray[np.int32]
    score: Scores
    entry: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.score)

    def take(self, places: NDArray[np.intp] | NDArray[np.bool_]) -> Tail:
        """These records, in this order."""
        return Tail(self.stratum[places], self.subject[places], self.score[places], self.entry[places])

    def kept(self, scheme: Scheme) -> Tail:
        """The canonical tail: sorted, and only the highest ``scheme.tail`` of each stratum and group."""
        cell = self.stratum * np.int64(scheme.groups) + scheme.group_of[self.subject]
        order = np.lexsort((self.entry, self.subject, -self.score, cell))
        cell = cell[order]
        starts = np.searchsorted(cell, cell, side="left")
        return self.take(order[np.arange(len(order)) - starts < scheme.tail])

    @staticmethod
    def joined(parts: list[Tail], scheme: Scheme) -> Tail:
        """All records of several tails, not yet canonical."""
        if not parts:
            none = np.empty(0, np.int32)
            return Tail(none, none, np.empty(0, scheme.score_type), none)
        return Tail(
            np.concatenate([part.stratum for part in parts]),
            np.concatenate([part.subject for part in parts]),
            np.concatenate([part.score for part in parts]),
            np.concatenate([part.entry for part in parts]),
        )


def shapes(scheme: Scheme) -> dict[str, tuple[int, ...]]:
    """The shape of each array under this scheme."""
    s, p, g, t, r = scheme.strata, scheme.subjects, scheme.groups, len(scheme.thresholds), len(scheme.ranks)
    return {
        "completed": (s, 2, p),
        "not_acquired": (s, 2, p),
        "false_positives": (s, t, p),
        "hits": (r, s, t, p),
        "nonmate_bins": (s, g, scheme.bins + 1),
        "mate_bins": (r, s, g, scheme.bins + 1),
        "entries": (s, t, scheme.references),
    }


@dataclass(frozen=True, slots=True)
class Counts:
    """See the module. Two of one scheme add up in any order."""

    scheme: Scheme
    completed: Whole
    not_acquired: Whole
    false_positives: Whole
    hits: Whole
    nonmate_bins: Whole
    mate_bins: Whole
    entries: Whole
    tail: Tail

    @staticmethod
    def zero(scheme: Scheme) -> Counts:
        """Nothing counted yet: the neutral element."""
        arrays = {name: np.zeros(shape, np.int64) for name, shape in shapes(scheme).items()}
        return Counts(scheme, **arrays, tail=Tail.joined([], scheme))

    def merge(self, other: Counts) -> Counts:
        """Both together. Raises ``CountsWrong`` where the schemes differ."""
        if self.scheme.digest != other.scheme.digest:
            raise CountsWrong("counts of two schemes do not add up")
        sums = {name: getattr(self, name) + getattr(other, name) for name in ARRAYS}
        return replace(self, **sums, tail=Tail.joined([self.tail, other.tail], self.scheme).kept(self.scheme))

    def to_bytes(self) -> bytes:
        """The same bytes for the same rows, however they were cut up, in whatever order."""
        tail = self.tail.kept(self.scheme)
        arrays = [getattr(self, name).astype("<i8", copy=False) for name in ARRAYS]
        arrays += [column.astype("<i4", copy=False) for column in (tail.stratum, tail.subject, tail.entry)]
        arrays += [tail.score.astype(_score_type(self.scheme), copy=False)]
        return pack(NAME, {"scheme": self.scheme.digest, "tail": len(tail)}, arrays)

    @staticmethod
    def from_bytes(content: bytes, scheme: Scheme) -> Counts:
        """The inverse of ``to_bytes``. Raises ``CountsWrong`` for another scheme, or bytes missing or left over."""

        def layout(head: dict[str, Any]) -> Layout:
            if head["scheme"] != scheme.digest:
                raise CountsWrong("these counts were made under another scheme")
            length = (int(head["tail"]),)
            wide = [("<i8", shape) for shape in shapes(scheme).values()]
            return [*wide, ("<i4", length), ("<i4", length), ("<i4", length), (_score_type(scheme), length)]

        _, arrays = unpack(content, NAME, layout)
        stratum, subject, entry, score = arrays[len(ARRAYS) :]
        return Counts(scheme, **dict(zip(ARRAYS, arrays, strict=False)), tail=Tail(stratum, subject, score, entry))


def _score_type(scheme: Scheme) -> str:
    return "<f4" if scheme.score_type == "float32" else "<f8"


def by_group(per_subject: Whole, grouping: Grouping) -> Whole:
    """Sums over the subjects of each group, along the last axis. Subjects without a label are in none."""
    order = np.argsort(grouping.codes, kind="stable")
    starts = np.searchsorted(grouping.codes[order], np.arange(len(grouping.labels)))
    flat = per_subject.reshape(-1, per_subject.shape[-1])[:, order]
    out = np.zeros((flat.shape[0], len(grouping.labels)), np.int64)
    if len(starts):
        out[:] = np.add.reduceat(flat, starts, axis=1)
    return out.reshape(*per_subject.shape[:-1], len(grouping.labels))
