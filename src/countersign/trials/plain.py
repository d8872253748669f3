"""A first look: how many scores of each group reach a threshold, from two columns, without subjects.

For looking at a large table before it is evaluated, or when it has no identities yet. Exact counts, at the speed at
which the columns can be read; the intervals take every row as independent, which repeat passes are not, and say so.
Figures for a report come from ``evaluate``.

>>> from countersign.trials.scores.source import in_memory
>>> table = pa.table({"group": ["a", "b", "a"], "score": [0.9, 0.2, 0.4]})
>>> found = first_look(in_memory(table), "group", "score", 0.5)
>>> found.groups, found.above.tolist(), found.rows.tolist()
(('a', 'b'), [1, 0], [2, 1])
"""

from __future__ import annotations

import os
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from countersign.inference.estimate import proportion
from countersign.inference.rate import Rate
from countersign.trials.design.scheme import BINS, Operator, Scheme, ThresholdOutOfRange
from countersign.trials.metrics.curves import Curve
from countersign.trials.scores.source import Piece, Source
from countersign.trials.scores.tables import ColumnMissing, ColumnWrong

Whole = NDArray[np.int64]

#: Rows looked at together: their columns stay in a core's own cache.
BLOCK = 1 << 18
#: Rows of two 8-bit columns looked at together: enough that 65,536 places to count in are little beside them.
PAIRED = 1 << 20


@dataclass(frozen=True, slots=True)
class FirstLook:
    """Rows of each group, and how many of them reach the threshold."""

    groups: tuple[str, ...]
    above: Whole
    rows: Whole

    def rate(self, group: int, level: float = 0.95) -> Rate:
        """The rate of a group with its exact interval, which takes rows as independent."""
        return proportion(int(self.above[group]), int(self.rows[group]), level=level)


def first_look(
    source: Source,
    group: str,
    score: str,
    threshold: float,
    operator: Operator = ">=",
    executor: Executor | None = None,
) -> FirstLook:
    """Count by group. Rows without a group or a score are counted under neither.

    Raises ``ColumnMissing``, ``ColumnWrong`` (a score that is NaN), ``ThresholdOutOfRange``, ``TableUnreadable``.
    """
    if missing := [name for name in (group, score) if not source.has(name)]:
        raise ColumnMissing(
            f"{source.names[0]}: no column {', '.join(missing)}; it has {', '.join(source.schema.names)}"
        )
    if not np.isfinite(threshold):
        raise ThresholdOutOfRange("a threshold is not a finite number")
    own = ThreadPoolExecutor(os.cpu_count()) if executor is None else None
    pool = executor or own
    assert pool is not None
    try:
        waiting = [pool.submit(_look, piece, group, score, threshold, operator) for piece in source.pieces]
        parts = [future.result() for future in waiting]
    finally:
        if own is not None:
            own.shutdown()
    names = sorted(frozenset().union(*parts))
    sums = np.array([np.sum([part.get(name, (0, 0)) for part in parts], axis=0) for name in names]).reshape(-1, 2)
    return FirstLook(tuple(names), sums[:, 0], sums[:, 1])


@dataclass(frozen=True, slots=True)
class FirstCurve:
    """FPIR and FNIR counts by group at the edges of the bins, and the exact scores above the floor, highest first."""

    curve: Curve
    tails: tuple[NDArray[Any], ...]


def first_curves(
    scores: NDArray[Any],
    groups: NDArray[np.uint8],
    mated: NDArray[np.bool_],
    *,
    low: float,
    high: float,
    floor: float,
    bins: int = BINS,
    executor: Executor | None = None,
) -> FirstCurve:
    """The curves of every group from arrays of one length: a mated row's score is its mate's, another's its best
    non-mate's. Exact at every edge of the bins, and exact everywhere above ``floor`` for rows that are not mated.

    Raises ``ThresholdOutOfRange`` for a range that is none or scores that are not finite.
    """
    count = int(groups.max(initial=0)) + 1
    kind: Literal["float32", "float64"] = "float32" if scores.dtype == np.float32 else "float64"
    none = np.empty(0, np.int32)
    scheme = Scheme(
        groups=count, subjects=0, group_of=none, thresholds=(), low=low, high=high, bins=bins, score_type=kind
    )
    if not (np.isfinite(scores.min(initial=0)) and np.isfinite(scores.max(initial=0))):
        raise ThresholdOutOfRange("a score is NaN or infinite")
    own = ThreadPoolExecutor(os.cpu_count()) if executor is None else None
    pool = executor or own
    assert pool is not None
    step = -(-len(scores) // (2 * (os.cpu_count() or 1))) or 1
    try:
        waiting = [
            pool.submit(_bins, scheme, scores[first : first + step], groups[first : first + step],
                        mated[first : first + step], floor)
            for first in range(0, len(scores), step)
        ]  # fmt: skip
        parts = [future.result() for future in waiting]
    finally:
        if own is not None:
            own.shutdown()
    sums = np.sum([part[0] for part in parts], axis=0, initial=0).reshape(count, 2, bins)
    above, whose = (np.concatenate([part[place] for part in parts]) for place in (1, 2))
    over = sums[:, :, ::-1].cumsum(axis=2)[:, :, ::-1]
    labels = tuple(str(group) for group in range(count))
    curve = Curve(labels, scheme.edges, over[:, 0], over[:, 0, 0], over[:, 1, :1] - over[:, 1], over[:, 1, 0])
    return FirstCurve(curve, tuple(np.sort(above[whose == group])[::-1] for group in range(count)))


def _bins(
    scheme: Scheme, scores: NDArray[Any], groups: NDArray[np.uint8], mated: NDArray[np.bool_], floor: float
) -> tuple[Whole, NDArray[Any], NDArray[np.uint8]]:
    size = scheme.groups * 2 * scheme.bins
    sums = np.zeros(size, np.int64)
    tails: list[tuple[NDArray[Any], NDArray[np.uint8]]] = [(scores[:0], groups[:0])]
    cut = scores.dtype.type(floor)
    for first in range(0, len(scores), BLOCK):
        here = slice(first, first + BLOCK)
        score, group, mate = scores[here], groups[here], mated[here]
        cell = (group.astype(np.uint16) * np.uint16(2) + mate).astype(np.int32)
        cell *= np.int32(scheme.bins)
        cell += scheme.bin_of(score)
        sums += np.bincount(cell, minlength=size)
        high = np.flatnonzero(score >= cut)
        high = high[~mate[high]]
        tails.append((score[high], group[high]))
    return sums, np.concatenate([each[0] for each in tails]), np.concatenate([each[1] for each in tails])


def _look(piece: Piece, group: str, score: str, threshold: float, operator: Operator) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for row, batch in piece.batches([group, score], PAIRED):
        column, labels = batch[score], batch[group]
        if column.null_count or labels.null_count:
            batch = batch.drop_null()
            column, labels = batch[score], batch[group]
        scores = column.to_numpy(zero_copy_only=False)
        if np.isnan(scores.min(initial=0)):
            first = row + int(np.argmax(np.isnan(scores)))
            raise ColumnWrong(f"{piece.name}: column {score}, row {first:,}: a score is NaN")
        names, codes = _codes(labels)
        above, rows = count_above(scores, codes, threshold, operator)
        for place in np.flatnonzero(rows):
            known = found.get(names[place], (0, 0))
            found[names[place]] = (known[0] + int(above[place]), known[1] + int(rows[place]))
    return found


def _codes(labels: pa.Array) -> tuple[list[str], NDArray[Any]]:
    if labels.type == pa.uint8():
        return [str(place) for place in range(256)], labels.to_numpy()
    if not pa.types.is_dictionary(labels.type):
        labels = labels.dictionary_encode()
    codes = labels.indices.to_numpy()
    names = [str(value) for value in labels.dictionary.to_pylist()]
    return names, codes.astype(np.uint8) if len(names) <= 256 else codes


def count_above(
    scores: NDArray[Any], groups: NDArray[Any], threshold: float, operator: Operator = ">="
) -> tuple[Whole, Whole]:
    """(scores at or above the threshold, all scores) of each group, from arrays of one length; 256 places for uint8.

    Two 8-bit groups are counted as one 16-bit number, which halves the work.
    """
    if groups.dtype != np.uint8:
        length = int(groups.max(initial=0)) + 1
        return np.bincount(groups[_reaching(scores, threshold, operator)], minlength=length), np.bincount(groups)
    above, rows = np.zeros(256, np.int64), np.zeros(256, np.int64)
    pairs = np.zeros(1 << 16, np.int64)
    for first in range(0, len(scores), PAIRED):
        here = groups[first : first + PAIRED]
        above += np.bincount(here[_reaching(scores[first : first + PAIRED], threshold, operator)], minlength=256)
        even = len(here) - len(here) % 2
        pairs += np.bincount(here[:even].view(np.uint16), minlength=1 << 16)
        rows += np.bincount(here[even:], minlength=256)
    square = pairs.reshape(256, 256)
    return above, rows + square.sum(axis=0) + square.sum(axis=1)


def _reaching(scores: NDArray[Any], threshold: float, operator: Operator) -> NDArray[np.bool_]:
    cut = scores.dtype.type(threshold)
    return np.asarray(scores >= cut if operator == ">=" else scores > cut)
