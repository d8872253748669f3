"""At which thresholds an FPIR ceiling holds in *every* group, with stated confidence; or how much data is still wanted.

Learn, then test (Angelopoulos, Bates, Candès, Jordan and Lei, arXiv:2110.01052): a grid of thresholds is fixed before
looking. "FPIR >= ceiling" is tested for each threshold and group; a threshold's p value is the largest of its groups'.
Testing runs from the highest threshold down and stops at the first that is not rejected (fixed sequence, no correction
needed): with probability at least ``confidence`` every threshold returned keeps the ceiling in every group.

One search of each subject is drawn by a fixed seed, which makes trials independent and the binomial test exact. It is
never done on the data then reported: ``split`` divides the *subjects* by a hash of their identifiers under a seed.

>>> evidence = holding(np.array([0.5, 0.6, 0.7]), {"a": np.full(4000, 0.4), "b": np.full(4000, 0.55)}, 0.001)
>>> evidence.holds_in_every_group_at
(0.6, 0.7)
>>> holding(np.array([0.6]), {"a": np.full(1000, 0.4)}, 0.001).wanting
(GroupWanting(group='a', threshold=0.6, subjects=1000, false_positives=0, subjects_needed=2995),)
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.special import gammaincinv

from countersign.errors import NotAllowed, WrongForm
from countersign.inference.checks import number, open_unit
from countersign.inference.tails import at_most
from countersign.trials.model import GroupWanting, ThresholdEvidence, ThresholdTested
from countersign.trials.scores.source import Source
from countersign.trials.scores.subjects import Grouping, Subjects
from countersign.trials.scores.tables import Operator

Floats = NDArray[np.float64]

#: More false positives than this will not be seen in any trial.
MOST = 10_000_000


class SplitMissing(
    NotAllowed,
    code="trial-split-missing",
    next_step="State a split: a share between 0.1 and 0.9 of the subjects for finding, and a seed.",
):
    """Thresholds were to be found on the very data that is reported."""


class GridWrong(
    WrongForm,
    code="trial-grid-wrong",
    next_step="Give rising thresholds, a ceiling between 0 and 1, and a confidence from 0.5 to under 1.",
):
    """The grid, ceiling or confidence does not make a test."""


def split(subjects: Subjects, share: float, seed: int) -> NDArray[np.bool_]:
    """Which subjects are for finding thresholds; the others are for the report. By a hash of (seed, identifier) alone.
    Raises ``SplitMissing`` for a share that leaves one side empty.
    """
    if not 0.1 <= share <= 0.9:
        raise SplitMissing(
            f"a share of {share:g} of the subjects for finding thresholds leaves one side (nearly) empty"
        )
    below = int(share * 2**64)
    return np.array(
        [
            int.from_bytes(hashlib.sha256(f"{seed}|{name}".encode()).digest()[:8], "big") < below
            for name in subjects.ids.to_pylist()
        ],
        bool,
    )


def one_search_each(
    source: Source, subjects: Subjects, chosen: NDArray[np.bool_], size: int | None, seed: int
) -> Floats:
    """For each subject, the best non-mate score of one of its non-mated searches, drawn by the seed; NaN where none.
    Minus infinity where the search drawn returned no candidate. Only subjects ``chosen`` are looked at. The draw is the
    search with the smallest hash of (seed, row number), so that it does not depend on how the table is cut up.
    """
    score = np.full(len(subjects), np.nan)
    least = np.full(len(subjects), np.iinfo(np.uint64).max, np.uint64)
    columns = [name for name in ("subject_id", "mated", "best_nonmate_score", "acquired", "N") if source.has(name)]
    files = list(dict.fromkeys(piece.name for piece in source.pieces))
    rows = {name: sum(piece.rows for piece in source.pieces if piece.name == name) for name in files}
    before = dict(zip(files, np.cumsum([0, *rows.values()]).tolist(), strict=False))
    for piece in source.pieces:
        for row, batch in piece.batches(columns):
            keep = pc.invert(batch["mated"]).fill_null(False)
            if "acquired" in columns:
                keep = pc.and_(keep, batch["acquired"].fill_null(False))
            if size is not None and "N" in columns:
                keep = pc.and_(keep, pc.equal(batch["N"], size).fill_null(False))
            place = subjects.places(batch["subject_id"])
            used = np.asarray(keep.to_numpy(zero_copy_only=False), bool) & (place >= 0)
            used &= chosen[place]
            scores = batch["best_nonmate_score"].cast(pa.float64())
            # A score that is no number is a fault of its row, which ``evaluate`` refuses or sets aside.
            used &= np.asarray(pc.is_finite(scores).fill_null(True).to_numpy(zero_copy_only=False), bool)
            best = scores.fill_null(-np.inf).to_numpy(zero_copy_only=False)
            number = np.arange(batch.num_rows, dtype=np.uint64) + np.uint64(before[piece.name] + row)
            draw = _hashed(number, seed)[used]
            who, value = place[used], best[used]
            order = np.argsort(draw)[::-1]  # the smallest is written last, and stays
            who, value, draw = who[order], value[order], draw[order]
            better = draw < least[who]
            who, value, draw = who[better], value[better], draw[better]
            least[who], score[who] = draw, value
    return score


def _hashed(number: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """SplitMix64 of each number under a seed."""
    with np.errstate(over="ignore"):
        word = number + np.uint64((seed * 0x9E3779B97F4A7C15) % 2**64)
        word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


def by_group_scores(scores: Floats, grouping: Grouping) -> dict[str, Floats]:
    """The drawn scores of each group; groups without any are there, empty."""
    return {
        grouping.label(group): scores[(grouping.codes == group) & ~np.isnan(scores)]
        for group in range(len(grouping.labels))
    }


def holding(
    grid: Floats, scores: Mapping[str, Floats], ceiling: float, confidence: float = 0.95, operator: Operator = ">="
) -> ThresholdEvidence:
    """Test a rising ``grid`` of thresholds, fixed beforehand, against an FPIR ``ceiling`` in every group.

    ``scores``: one best non-mate score a subject, by group. The p value of a group with x of n subjects at or above the
    threshold is P(X <= x) for X ~ Binomial(n, ceiling); of an empty group, 1. What is wanting is said of the lowest
    threshold that did not pass, and of the highest of the grid where none did. Raises ``GridWrong``,
    ``LevelOutOfRange``.
    """
    grid = np.asarray(grid, float)
    if grid.ndim != 1 or not grid.size or not np.isfinite(grid).all() or (np.diff(grid) <= 0).any():
        raise GridWrong("the grid is a rising list of thresholds")
    open_unit(ceiling, "the ceiling")
    if open_unit(confidence, "the confidence") < 0.5 or not scores:
        raise GridWrong(f"got a ceiling of {ceiling:g}, a confidence of {confidence:g} and {len(scores)} groups")
    names, sizes = tuple(scores), np.array([len(each) for each in scores.values()])
    side: Literal["left", "right"] = "left" if operator == ">=" else "right"
    counts = np.array([len(each) - np.searchsorted(np.sort(each), grid, side=side) for each in scores.values()])
    p = np.where(sizes[:, None] > 0, at_most(counts, np.maximum(sizes, 1)[:, None], ceiling), 1.0)
    by_name = [dict(zip(names, seen, strict=True)) for seen in counts.T.tolist()]
    tested = tuple(
        ThresholdTested(float(grid[i]), float(p[:, i].max()), names[int(p[:, i].argmax())], by_name[i])
        for i in range(len(grid))
    )
    passing = p.max(axis=0) <= 1 - confidence
    stop = int(np.argmin(passing[::-1])) if not passing.all() else len(grid)
    kept = tuple(float(value) for value in grid[len(grid) - stop :])
    wanting: list[GroupWanting] = []
    if stop < len(grid):
        place = len(grid) - stop - 1
        for group in np.flatnonzero(p[:, place] > 1 - confidence):
            x, n = int(counts[group, place]), int(sizes[group])
            more = needed(x, n, ceiling, confidence)
            wanting.append(GroupWanting(names[group], float(grid[place]), n, x, more))
    return ThresholdEvidence(
        what_this_is="evidence of an evaluator on one trial; not a setting for an engine",
        ceiling_fpir=ceiling,
        confidence=confidence,
        holds_in_every_group_at=kept,
        groups=dict(zip(names, sizes.tolist(), strict=True)),
        unit="one search of each subject, drawn by a fixed seed",
        tested=tested,
        wanting=tuple(wanting),
    )


def needed(false_positives: int, subjects: int, ceiling: float, confidence: float) -> int | None:
    """Subjects needed in all for the ceiling to be shown if the rate seen went on; ``None`` where it could not be. The
    fewest n for some x at least as large as the rate seen makes of n, with P(X <= x) <= 1 - confidence for X ~
    Binomial(n, ceiling). Raises ``CountOutOfRange``, ``LevelOutOfRange``.
    """
    number(subjects, "subjects", most=1e12, whole=True)
    number(false_positives, "false positives", 0, subjects, whole=True)
    open_unit(ceiling, "the ceiling")
    open_unit(confidence, "the confidence")
    rate = false_positives / subjects if subjects else 0.0
    if rate >= ceiling:
        return None

    def fewest(x: int) -> int:
        n = max(x + 1, int(0.99 * float(gammaincinv(x + 1, confidence)) / ceiling) - 10)  # a Poisson bound to start at
        step = 1 << max(0, n.bit_length() - 4)
        while step:
            while float(at_most(x, n, ceiling)) > 1 - confidence:
                n += step
            step, n = step // 2, n if step == 1 else max(x + 1, n - step)
        return n

    low, high = false_positives - 1, max(1, false_positives)
    if rate == 0:
        return fewest(0)
    while fewest(high) * rate > high:
        low, high = high, high * 2
        if high > MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fewest(middle) * rate <= middle else (middle, high)
    return fewest(high)
