"""The Poisson bootstrap by subject: resamples that add up over any split of the data, in any order, bit for bit.

Each replicate gives every subject a weight that is Poisson(1), computed from (seed, replicate, subject) alone by a hash
(SplitMix64, Steele, Lea and Flood, OOPSLA 2014). A piece of the data needs no other piece to know its weights, so sums
over pieces merge by addition. Subjects, not searches, are resampled: passes of one person stay together. The watchlist
is fixed: resampling it would shrink it to 63 % distinct entries and make a maximum over it too small.

Intervals from few errors cover too little whatever the bootstrap: at zero errors, and for claims, use the exact ones.
The ``percentile`` interval here is for curves and for ratios of sums over many errors (Chamandy et al., 2012).

>>> sums = resampled(np.array([7, 9], dtype=np.uint64), np.array([[1, 10], [0, 12]]), replicates=3, seed=1)
>>> sums.values.shape, sums.merge(sums).values.tolist() == (2 * sums.values).tolist()
((3, 2), True)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from countersign.inference.checks import CountOutOfRange, open_unit
from countersign.inference.rate import Interval

Words = NDArray[np.uint64]
Integers = NDArray[np.int64]

#: Poisson(1) exceeds this with probability 1e-15 or so: no weight is larger.
LARGEST = 17
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_CUTS = (np.cumsum(np.exp(-1.0 - gammaln(np.arange(LARGEST) + 1.0))) * 2.0**53).astype(np.uint64)
#: The weight by the top 16 bits of the hash, and where those bits do not decide it (a cut lies among them).
_BY_TOP = np.searchsorted(_CUTS, np.arange(1 << 16, dtype=np.uint64) << np.uint64(37), side="right").astype(np.uint8)
_UNDECIDED = np.zeros(1 << 16, dtype=np.bool_)
_UNDECIDED[(_CUTS >> np.uint64(37)).clip(max=(1 << 16) - 1)] = True


def _mixed(word: Words) -> Words:
    """SplitMix64's finaliser: every bit of the outcome depends on every bit of ``word``."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


def weights(subjects: Words, replicate: int, seed: int) -> NDArray[np.uint8]:
    """The Poisson(1) weight of each subject (its number, uint64) in one replicate; the same wherever it is asked."""
    with np.errstate(over="ignore"):
        key = _mixed(np.array([seed], dtype=np.uint64) * _GOLDEN + np.uint64(replicate))
        word = _mixed(_mixed(subjects + _GOLDEN) ^ key)
    top = (word >> np.uint64(48)).astype(np.intp)
    weight = _BY_TOP[top]
    unsure = np.flatnonzero(_UNDECIDED[top])
    weight[unsure] = np.searchsorted(_CUTS, word[unsure] >> np.uint64(11), side="right").astype(np.uint8)
    return weight


@dataclass(frozen=True, slots=True)
class Resampled:
    """Weighted sums, replicates by columns, of one seed; those of two pieces add up. Built by ``resampled``."""

    values: Integers
    seed: int

    def merge(self, other: Resampled) -> Resampled:
        """The sums over both pieces; commutative and exact. Raises ``CountOutOfRange`` where shape or seed differ."""
        if self.seed != other.seed or self.values.shape != other.values.shape:
            raise CountOutOfRange("resampled sums of different seeds or shapes do not add up")
        return Resampled(self.values + other.values, self.seed)

    def ratio(self, above: int, below: int, level: float = 0.95) -> Interval:
        """The percentile interval of column ``above`` over column ``below``, leaving out replicates without the latter.

        Raises ``CountOutOfRange`` where no replicate has one.
        """
        over, under = self.values[:, above], self.values[:, below]
        if not (under > 0).any():
            raise CountOutOfRange("no replicate has a denominator")
        tail = (1 - open_unit(level, "the confidence level")) / 2
        low, high = np.quantile(over[under > 0] / under[under > 0], [tail, 1 - tail])
        return Interval(float(low), float(high), level, f"Poisson bootstrap by subject, {len(over)} replicates")


def resampled(subjects: Words, values: NDArray[np.integer], *, replicates: int, seed: int) -> Resampled:
    """Weighted sums of ``values`` (subjects by columns, whole numbers; one line a subject or more) in each replicate.

    Exact: sums are whole numbers below 2^53. Memory: one block of replicates at a time. Raises ``CountOutOfRange``.
    """
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or len(table) != len(subjects):
        raise CountOutOfRange(f"one line of values a subject is needed, got {table.shape} for {len(subjects)} subjects")
    if float(np.abs(table).sum()) * LARGEST >= 2.0**53:
        raise CountOutOfRange("the sums would leave the whole numbers that are exact in floating point (2^53)")
    sums = np.empty((replicates, table.shape[1]), dtype=np.int64)
    ids = np.asarray(subjects, dtype=np.uint64)
    block = max(1, 4_000_000 // max(1, len(ids)))
    for first in range(0, replicates, block):
        here = range(first, min(first + block, replicates))
        weight = np.stack([weights(ids, replicate, seed) for replicate in here]).astype(np.float64)
        sums[first : here.stop] = weight @ table
    return Resampled(sums, seed)
