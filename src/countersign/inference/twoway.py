"""Clustered rates of comparisons, where one probe subject and one watchlist entry both recur: sums of rows and columns.

With residuals e = errors - p * comparisons summed over rows R_i (probe subjects, P of them), columns C_j (G) and cells,

    V = (sum R_i^2 P/(P-1) + sum C_j^2 G/(G-1) - sum e_ij^2) / n^2,   n_eff = p (1-p) / V, at most n,

then Wilson's interval at n_eff (z / t)^2, t Student's quantile with min(P, G) - 1 degrees of freedom (Cameron, Gelbach
and Miller, J. Bus. Econ. Stat. 29 (2011) 238-249; Fogliato, Patil and Perona, IJCV 2024). Only whole sums are needed,
merged by addition, equal to the bit under any split that splits no cell. At zero errors: Clopper-Pearson on the smaller
of P and G. It is for comparison error rates (FMR, FNMR); for searches against a watchlist cluster by subject only.

>>> errors = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 0], [0, 0, 0]])
>>> rate = TwoWay.of_matrix(errors, np.ones_like(errors)).rate()
>>> rate.events, rate.clustered.clusters
(3, 4)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from countersign.inference.binomial import clopper_pearson, score_ends
from countersign.inference.checks import CountOutOfRange, open_unit
from countersign.inference.rate import Clustered, Interval, Rate

__all__ = ["Margin", "TwoWay"]

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Margin:
    """Errors and comparisons by key (subject or entry number), keys ascending and distinct.

    >>> margin = Margin.of(np.array([7, 7, 9]), np.array([1, 0, 0]), np.array([1, 1, 1]))
    >>> margin.keys.tolist(), margin.errors.tolist(), margin.comparisons.tolist()
    ([7, 9], [1, 0], [2, 1])
    """

    keys: Integers
    errors: Integers
    comparisons: Integers

    @classmethod
    def of(cls, keys: Integers, errors: Integers, comparisons: Integers) -> Margin:
        """Add up what belongs to one key."""
        distinct, place = np.unique(keys, return_inverse=True)
        sums = np.zeros((2, distinct.size), dtype=np.int64)
        np.add.at(sums[0], place, errors)
        np.add.at(sums[1], place, comparisons)
        return cls(distinct, sums[0], sums[1])

    def merge(self, other: Margin) -> Margin:
        """The margin over both pieces."""
        names = ("keys", "errors", "comparisons")
        return Margin.of(*(np.concatenate([getattr(self, name), getattr(other, name)]) for name in names))

    def squares(self, p: float) -> float:
        """The sum of squared residuals times C/(C-1), of two clusters or more."""
        residual = self.errors - p * self.comparisons
        return self.keys.size / (self.keys.size - 1) * float(residual @ residual)


@dataclass(frozen=True, slots=True)
class TwoWay:
    """Row and column sums of errors and comparisons, and the cells' sums of squares; a commutative monoid of integers.

    ``errors_squared``, ``errors_comparisons`` and ``comparisons_squared`` are sums over cells.

    >>> pairs = TwoWay.of_matrix(np.eye(4, dtype=np.int64), np.ones((4, 4), np.int64))
    >>> f"{pairs.rate().widest.high:.2f}"
    '0.63'
    """

    rows: Margin
    columns: Margin
    errors_squared: int
    errors_comparisons: int
    comparisons_squared: int

    @classmethod
    def of_cells(cls, rows: Integers, columns: Integers, errors: Integers, comparisons: Integers) -> TwoWay:
        """From cells: row key, column key, errors, comparisons; a (row, column) pair given twice is added up first.

        All cells of one pair must be in one piece: pieces split *between* pairs merge exactly. Raises
        ``CountOutOfRange`` where errors exceed comparisons or are below zero.
        """
        given = (rows, columns, errors, comparisons)
        rows, columns, errors, comparisons = (np.asarray(array, dtype=np.int64) for array in given)
        if (errors < 0).any() or (errors > comparisons).any():
            raise CountOutOfRange("a cell has errors below zero or above its comparisons")
        pairs, place = np.unique(np.stack([rows, columns]), axis=1, return_inverse=True)
        x = np.bincount(place.reshape(-1), errors, pairs.shape[1]).astype(np.int64)
        n = np.bincount(place.reshape(-1), comparisons, pairs.shape[1]).astype(np.int64)
        return cls(Margin.of(pairs[0], x, n), Margin.of(pairs[1], x, n), int(x @ x), int(x @ n), int(n @ n))

    @classmethod
    def of_matrix(cls, errors: NDArray[np.integer], comparisons: NDArray[np.integer]) -> TwoWay:
        """From whole matrices, probes by entries, all in this piece; rows and columns without comparisons go."""
        x, n = (np.asarray(matrix, dtype=np.int64) for matrix in (errors, comparisons))
        if x.shape != n.shape or x.ndim != 2 or (x < 0).any() or (x > n).any():
            raise CountOutOfRange("two matrices of one shape are needed, with 0 <= errors <= comparisons in every cell")
        margins = []
        for axis in (1, 0):
            keys = np.flatnonzero(n.sum(axis=axis))
            margins.append(Margin(keys, x.sum(axis=axis)[keys], n.sum(axis=axis)[keys]))
        return cls(margins[0], margins[1], int((x * x).sum()), int((x * n).sum()), int((n * n).sum()))

    def merge(self, other: TwoWay) -> TwoWay:
        """The sums over both pieces, in any order."""
        names = ("errors_squared", "errors_comparisons", "comparisons_squared")
        sums = {name: getattr(self, name) + getattr(other, name) for name in names}
        return TwoWay(self.rows.merge(other.rows), self.columns.merge(other.columns), **sums)

    def rate(self, level: float = 0.95) -> Rate:
        """The rate with Clopper-Pearson's interval and the two-way clustered one, whose ``clusters`` counts rows.

        Raises ``CountOutOfRange`` without comparisons, ``LevelOutOfRange``.
        """
        x, n = int(self.rows.errors.sum()), int(self.rows.comparisons.sum())
        low, high = clopper_pearson(x, n, level)
        exact = Interval(float(low), float(high), open_unit(level, "the confidence level"), "clopper-pearson")
        rows, columns = self.rows.keys.size, self.columns.keys.size
        fewer = min(rows, columns)
        if fewer < 2:
            alone = Interval(0.0, 1.0, level, "a single row or column: nothing is known of others")
            return Rate(x, n, exact, Clustered(alone, float(n), rows, x))
        if x in (0, n):
            why = "no errors" if x == 0 else "nothing but errors"
            low, high = clopper_pearson(fewer if x else 0, fewer, level)
            method = f"clopper-pearson on {fewer} clusters ({why}, so that clumping cannot be estimated)"
            interval = Interval(float(low), float(high), level, method).hull(exact)
            return Rate(x, n, exact, Clustered(interval, n / fewer, rows, x))
        p = x / n
        cells = self.errors_squared - 2 * p * self.errors_comparisons + p * p * self.comparisons_squared
        # The difference of sums can fall below the variance of independent trials, or below zero, by chance alone.
        variance = max((self.rows.squares(p) + self.columns.squares(p) - cells) / n**2, 0.0)
        effect = variance * n / (p * (1 - p))
        z, student = float(ndtri((1 + level) / 2)), float(stdtrit(fewer - 1, (1 + level) / 2))
        ends = score_ends(np.asarray(p), np.asarray(n / max(1.0, effect) * (z / student) ** 2), z)
        method = f"wilson with two-way cluster variance, {rows} rows by {columns} columns, not narrower than exact"
        interval = Interval(float(ends[0]), float(ends[1]), level, method).hull(exact)
        return Rate(x, n, exact, Clustered(interval, effect, rows, x))
