"""What is counted, fixed before the first row is read (the scheme), and the whole-number counts under it.

A score is *at or above* a threshold (``>=``) or strictly above it (``>``), which is counted as ``s >= T'`` with T' the
next number after T in the scores' type. The bulk of the scores goes into ``bins`` of equal width between ``low`` and
``high``; a bin's lower edge is the smallest number of the type that falls into it, so counts from an edge up are exact.

The counts are a commutative monoid: any split and order of the rows give the same bytes. ``Counts.zero(scheme)`` is the
neutral element, ``a.merge(b)`` adds, ``to_bytes`` / ``from_bytes`` carry a finished piece to another process. All are
int64, with S strata (watchlist sizes x sites), P subjects, G groups, T thresholds, R ranks, B bins:

- ``completed`` [S, 2, P] and ``not_acquired`` [S, 2, P]: searches and failures to acquire, non-mated and mated;
- ``false_positives`` [S, T, P]: non-mated searches with a candidate at or above each threshold;
- ``hits`` [R, S, T, P]: mated searches whose mate is within rank R and at or above each threshold;
- ``nonmate_bins`` [S, G, B+1] and ``mate_bins`` [R, S, G, B+1]: place 0 counts searches without candidate or mate;
- ``entries`` [S, T, E]: which watchlist entries gave the best score of each false positive;
- the tail: exact best non-mate scores of non-mated searches from the floor up, at most ``scheme.tail`` a stratum and
  group (the highest; of equal ones those of the first subjects), with subject and watchlist entry.

>>> group_of = np.array([0, 0, 1], np.int32)
>>> scheme = Scheme(groups=2, subjects=3, group_of=group_of, thresholds=(0.5,), low=0.0, high=1.0, bins=4)
>>> scheme.edges.tolist(), scheme.cuts.tolist()
([-inf, 0.25, 0.5, 0.75], [0.5])
>>> zero = Counts.zero(scheme)
>>> Counts.from_bytes(zero.merge(zero).to_bytes(), scheme).to_bytes() == zero.to_bytes()
True
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from countersign.errors import WrongForm
from countersign.trials.counting.passes import CountsWrong, Layout, pack, unpack
from countersign.trials.scores.subjects import Grouping
from countersign.trials.scores.tables import Operator

#: Bins of the bulk: groups x mated x bins x 8 bytes stay in a core's own cache (measured: 65,536 bins cost 2.3 times).
BINS = 4096
#: Exact scores kept above the floor, for each group and watchlist size: bounds the memory of the tail.
TAIL = 50_000

Scores = NDArray[np.floating[Any]]


class ThresholdOutOfRange(
    WrongForm,
    code="trial-threshold-out-of-range",
    next_step="Give thresholds between the lowest and the highest score, on the scale of the score column.",
):
    """A threshold is not a number, or lies outside the range of the scores."""


@dataclass(frozen=True)
class Scheme:
    """See the module. ``group_of[i]``: group of subject i or -1. ``sites`` and ``sizes`` make the strata of a search.

    ``floor``: exact scores are kept from here up, at most ``tail`` of them a stratum and group. ``ranks``: the R of
    FNIR(N, R, T). ``references``: how many watchlist entries false alerts are attributed to (0: none).
    Raises ``ThresholdOutOfRange``, ``ValueError`` for anything else that makes no sense.
    """

    groups: int
    subjects: int
    group_of: NDArray[np.int32] = field(repr=False)
    thresholds: Sequence[float]
    low: float
    high: float
    operator: Operator = ">="
    sizes: Sequence[int] = (0,)
    sites: Sequence[str] = ("",)
    ranks: Sequence[int] = (1,)
    bins: int = BINS
    floor: float = -np.inf
    tail: int = TAIL
    references: int = 0
    score_type: Literal["float32", "float64"] = "float64"

    def __post_init__(self) -> None:
        for name in ("thresholds", "sizes", "sites", "ranks"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if not (np.isfinite(self.low) and np.isfinite(self.high) and self.low < self.high):
            raise ThresholdOutOfRange(f"scores need a range from low to high, got {self.low} to {self.high}")
        for threshold in self.thresholds:
            if not self.low <= threshold <= self.high:
                raise ThresholdOutOfRange(
                    f"threshold {threshold:g} lies outside the scores, which run from {self.low:g} to {self.high:g}"
                )
        if list(self.thresholds) != sorted(set(self.thresholds)):
            raise ThresholdOutOfRange("thresholds are given in rising order, each once")
        if self.group_of.shape != (self.subjects,) or self.group_of.max(initial=-1) >= self.groups:
            raise ValueError("group_of holds one group number a subject")
        if self.bins < 2 or self.tail < 1 or not self.ranks or min(self.ranks) < 1 or not self.sizes or not self.sites:
            raise ValueError("a scheme needs bins >= 2, tail >= 1, and at least one rank, size and site")

    @property
    def strata(self) -> int:
        """Sizes x sites; stratum = size place * sites + site place."""
        return len(self.sizes) * len(self.sites)

    @cached_property
    def cuts(self) -> Scores:
        """Thresholds in the type of the scores, such that every rule is ``score >= cut``."""
        exact = np.asarray(self.thresholds, self.score_type)
        return np.nextafter(exact, np.asarray(np.inf, self.score_type)) if self.operator == ">" else exact

    @cached_property
    def floor_cut(self) -> float:
        """The floor, in the type of the scores."""
        return float(np.asarray(self.floor, self.score_type))

    def bin_of(self, scores: Scores) -> NDArray[np.int32]:
        """The bin of each score, 0 .. bins - 1; scores outside the range fall into the first or the last bin."""
        scale = np.asarray(self.bins / (self.high - self.low), self.score_type)
        place = scores - np.asarray(self.low, self.score_type)
        place *= scale
        np.clip(place, 0, self.bins - 1, out=place)
        return cast("NDArray[np.int32]", place.astype(np.int32))

    @cached_property
    def edges(self) -> Scores:
        """The smallest score of each bin, exactly, as ``bin_of`` sorts them (the first is minus infinity)."""
        whole = np.int32 if self.score_type == "float32" else np.int64
        below = np.full(self.bins - 1, np.nextafter(np.asarray(self.low, self.score_type), -np.inf), self.score_type)
        above = np.full(self.bins - 1, np.asarray(self.high, self.score_type))
        wanted = np.arange(1, self.bins, dtype=np.int32)
        short = self.bin_of(above) < wanted
        low, high = _ordered(below, whole), _ordered(above, whole)
        while np.any(high > low + 1):
            middle = (low & high) + ((low ^ high) >> 1)  # the mean, which a sum could overflow
            reached = self.bin_of(_scores(middle, self.score_type)) >= wanted
            high, low = np.where(reached, middle, high), np.where(reached, low, middle)
        edges = _scores(high, self.score_type)
        return np.concatenate([[-np.inf], np.where(short, np.inf, edges)]).astype(self.score_type)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over everything that decides what is counted; counts of two digests do not add up."""
        parts = (
            *(self.groups, self.subjects, self.thresholds, float(self.low), float(self.high), self.operator),
            *(self.sizes, self.sites, self.ranks, self.bins, self.floor_cut, self.tail, self.references),
            self.score_type,
        )
        content = repr(parts).encode() + np.asarray(self.group_of, "<i4").tobytes()
        return hashlib.sha256(content).hexdigest()


def _ordered(scores: Scores, whole: Any) -> NDArray[Any]:
    """Whole numbers in the order of the floats they stand for (the sign-magnitude bits, folded)."""
    bits = scores.view(whole).astype(np.int64)
    smallest = np.int64(np.iinfo(whole).min)
    return cast("NDArray[Any]", np.where(bits >= 0, bits, smallest - bits))


def _scores(ordered: NDArray[Any], score_type: str) -> Scores:
    whole = np.int32 if score_type == "float32" else np.int64
    smallest = np.int64(np.iinfo(whole).min)
    bits = np.where(ordered >= 0, ordered, smallest - ordered)
    return cast("Scores", bits.astype(whole).view(score_type))


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
        columns = ("stratum", "subject", "score", "entry")
        return Tail(*(np.concatenate([getattr(part, name) for part in parts]) for name in columns))


def shapes(scheme: Scheme) -> dict[str, tuple[int, ...]]:
    """The shape of each array under this scheme."""
    s, p, g, t, r = scheme.strata, scheme.subjects, scheme.groups, len(scheme.thresholds), len(scheme.ranks)
    facts: dict[str, tuple[int, ...]] = {"completed": (s, 2, p), "not_acquired": (s, 2, p)}
    facts |= {"false_positives": (s, t, p), "hits": (r, s, t, p), "nonmate_bins": (s, g, scheme.bins + 1)}
    return facts | {"mate_bins": (r, s, g, scheme.bins + 1), "entries": (s, t, scheme.references)}


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
