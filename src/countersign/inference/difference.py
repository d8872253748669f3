"""Intervals for the difference of two proportions p1 - p2, over arrays: score intervals, Newcombe's, and a paired one.

Score: with p2~ the maximum-likelihood p2 under p1 - p2 = d (a root of a cubic) and p1~ = p2~ + d,

    Z(d) = (p1 - p2 - d) / sqrt(c (p1~ (1-p1~)/n1 + p2~ (1-p2~)/n2)),  c = N/(N-1) for Miettinen-Nurminen, 1 for Mee,

and the interval is all d with abs(Z) at most the normal quantile. The outer root is found in asinh(d N), so that
differences of one in a million keep their digits; other packages get the cubic wrong (docs/methods.md). A difference of
rare rates says little by itself: use ``ratio`` beside it. None but ``paired`` allows for clumps of events.

>>> low, high = miettinen_nurminen(5, 56, 0, 29)
>>> f"{float(low):.4f} {float(high):.4f}"
'-0.0326 0.1933'
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, ndtri

from countersign.inference.binomial import Ends, wilson
from countersign.inference.checks import CountOutOfRange, Floats, alike, counts, number, numbers, open_unit, wholes
from countersign.inference.rate import Interval
from countersign.inference.tails import bracketed

__all__ = ["Paired", "miettinen_nurminen", "newcombe", "paired", "tango"]

#: The longest step of Newton's method that can be an improvement of the closed form.
NEWTON = 1e-7


def miettinen_nurminen(
    events1: ArrayLike,
    trials1: ArrayLike,
    events2: ArrayLike,
    trials2: ArrayLike,
    level: float = 0.95,
    *,
    corrected: bool = True,
) -> Ends:
    """The score interval for p1 - p2; ``corrected=False`` leaves N/(N-1) out, which gives Mee's interval.

    Counts broadcast. Returns the two ends, within [-1, 1]. Raises ``CountOutOfRange``, ``LevelOutOfRange``. Sources:
    Miettinen and Nurminen, Stat. Med. 4 (1985) 213-226; Mee, Biometrics 40 (1984) 1175-1176.

    >>> low, high = miettinen_nurminen(8, 400, 2, 400)
    >>> f"{float(low):.4f} to {float(high):.4f}"
    '-0.0005 to 0.0346'
    """
    x1, n1, x2, n2, size = two_samples(events1, trials1, events2, trials2)
    z = float(ndtri((1 + open_unit(level, "the confidence level")) / 2))
    estimate, total = x1 / n1 - x2 / n2, n1 + n2
    factor = total / (total - 1) if corrected else np.ones_like(total)

    def statistic(d: Floats, of: NDArray[np.intp]) -> Floats:
        second = restricted_rate(x1[of], n1[of], x2[of], n2[of], d)
        first = np.clip(second + d, 0.0, 1.0)
        variance = factor[of] * (first * (1 - first) / n1[of] + second * (1 - second) / n2[of])
        gap = estimate[of] - d
        with np.errstate(divide="ignore", invalid="ignore"):
            value = gap / np.sqrt(variance)
        return np.where(gap == 0, 0.0, value)

    middle = np.arcsinh(estimate * total)
    end = np.arcsinh(total)

    def solve(sign: float) -> Floats:
        def function(y: Floats, of: NDArray[np.intp]) -> Floats:
            return np.clip(statistic(np.clip(np.sinh(y) / total[of], -1.0, 1.0), of) - sign * z, -1e3, 1e3)

        low, high = (-end, middle) if sign > 0 else (middle, end)
        return _within_one(np.sinh(bracketed(function, low, high)) / total)

    return solve(1.0).reshape(size), solve(-1.0).reshape(size)


def _within_one(d: Floats) -> Floats:
    return np.where(np.abs(d) > 1 - 1e-15, np.sign(d), d)


def two_samples(
    events1: ArrayLike, trials1: ArrayLike, events2: ArrayLike, trials2: ArrayLike
) -> tuple[Floats, Floats, Floats, Floats, tuple[int, ...]]:
    """The four counts checked, broadcast and flattened, and the shape to give back."""
    first, second = counts(events1, trials1), counts(events2, trials2)
    arrays = alike(*first, *second)
    x1, n1, x2, n2 = (array.reshape(-1) for array in arrays)
    return x1, n1, x2, n2, arrays[0].shape


def restricted_rate(x1: Floats, n1: Floats, x2: Floats, n2: Floats, d: Floats) -> Floats:
    """The maximum-likelihood p2 given p1 - p2 = d: the root in [max(0, -d), min(1, 1-d)] of the score cubic.

    N p^3 + ((n1 + 2 n2) d - N - x) p^2 + ((n2 d - N - 2 x2) d + x) p + x2 d (1 - d) = 0, x = x1 + x2.
    """
    n, x = n1 + n2, x1 + x2
    a = n
    b = (n1 + 2 * n2) * d - n - x
    c = (n2 * d - n - 2 * x2) * d + x
    e = x2 * d * (1 - d)
    shift = b / (3 * a)
    q = shift**3 - b * c / (6 * a * a) + e / (2 * a)
    p = np.where(q < 0, -1.0, 1.0) * np.sqrt(np.maximum(shift**2 - c / (3 * a), 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = np.where(p == 0, 0.0, q / p**3)
    angle = (np.pi + np.arccos(np.clip(cosine, -1.0, 1.0))) / 3
    root = 2 * p * np.cos(angle) - shift
    low, high = np.maximum(0.0, -d), np.minimum(1.0, 1.0 - d)
    root = np.clip(root, low, high)
    for _ in range(3):  # the closed form is right to 1e-16 of 1, not of a rate of 1e-6
        slope = (3 * a * root + 2 * b) * root + c
        with np.errstate(divide="ignore", invalid="ignore"):
            step = (((a * root + b) * root + c) * root + e) / slope
        # Where two roots all but meet, slope and value are both rounding; the closed form is right to 1e-8 there.
        better = root - np.where(np.abs(step) < NEWTON, step, 0.0)
        root = np.where((better >= low) & (better <= high), better, root)
    return np.asarray(root)


def newcombe(
    events1: ArrayLike, trials1: ArrayLike, events2: ArrayLike, trials2: ArrayLike, level: float = 0.95
) -> Ends:
    """Newcombe's hybrid: d - sqrt((p1-l1)^2 + (u2-p2)^2) to d + sqrt((u1-p1)^2 + (p2-l2)^2), Wilson limits l and u.

    Shapes and errors as ``miettinen_nurminen``. Source: Newcombe, Stat. Med. 17 (1998) 873-890, method 10.

    >>> low, high = newcombe(8, 400, 2, 400)
    >>> f"{float(low):.4f} to {float(high):.4f}"
    '-0.0013 to 0.0343'
    """
    x1, n1, x2, n2, size = two_samples(events1, trials1, events2, trials2)
    (l1, u1), (l2, u2) = wilson(x1, n1, level), wilson(x2, n2, level)
    p1, p2 = x1 / n1, x2 / n2
    low = p1 - p2 - np.hypot(p1 - l1, u2 - p2)
    high = p1 - p2 + np.hypot(u1 - p1, p2 - l2)
    return low.reshape(size), high.reshape(size)


def tango(
    both: ArrayLike, first_only: ArrayLike, second_only: ArrayLike, neither: ArrayLike, level: float = 0.95
) -> Ends:
    """Tango's score interval for p1 - p2 on the *same* probes (two thresholds, two engines), from the paired counts.

    With b = ``first_only``, c = ``second_only`` of n pairs, Z(d) = (b - c - n d) / sqrt(n (2 q + d (1 - d))), q the
    larger root of 2 n q^2 + (-b - c + (2 n - b + c) d) q - c d (1 - d) = 0: the maximum-likelihood share of
    ``second_only`` under d. Raises ``CountOutOfRange``, ``LevelOutOfRange``. Source: Tango, Stat. Med. 17 (1998)
    891-908.

    >>> low, high = tango(4, 9, 3, 184)
    >>> f"{float(low):.4f} to {float(high):.4f}"
    '-0.0046 to 0.0705'
    """
    given = (both, first_only, second_only, neither)
    cells = alike(*given)
    for cell, name in zip(cells, ("both", "first only", "second only", "neither"), strict=True):
        numbers(cell, f"a paired count ({name})", whole=True)
    if np.any(sum(cells) < 1):
        raise CountOutOfRange("paired counts are whole, none is below zero, and there is at least one pair")
    b, c, n = (each.reshape(-1) for each in (cells[1], cells[2], np.asarray(sum(cells))))
    low, high = _tango(b, c, n, level)
    return low.reshape(cells[0].shape), high.reshape(cells[0].shape)


def _tango(b: Floats, c: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    z = float(ndtri((1 + open_unit(level, "the confidence level")) / 2))
    estimate = (b - c) / n

    def solve(sign: float) -> Floats:
        def function(y: Floats, of: NDArray[np.intp]) -> Floats:
            d = np.clip(np.sinh(y) / n[of], -1.0, 1.0)
            linear = -b[of] - c[of] + (2 * n[of] - b[of] + c[of]) * d
            constant = -c[of] * d * (1 - d)
            q = (np.sqrt(np.maximum(linear**2 - 8 * n[of] * constant, 0.0)) - linear) / (4 * n[of])
            gap = b[of] - c[of] - n[of] * d
            variance = n[of] * np.maximum(2 * q + d * (1 - d), 0.0)
            with np.errstate(divide="ignore", invalid="ignore"):
                value = gap / np.sqrt(variance)
            return np.clip(np.where(gap == 0, 0.0, value) - sign * z, -1e3, 1e3)

        middle, end = np.arcsinh(estimate * n), np.arcsinh(n)
        low, high = (-end, middle) if sign > 0 else (middle, end)
        return _within_one(np.sinh(bracketed(function, low, high)) / n)

    return solve(1.0), solve(-1.0)


@dataclass(frozen=True, slots=True)
class Paired:
    """Two systems on the same trials, by cluster. ``first_only``: by how many events the first had more in the clusters
    where it had more; ``second_only`` likewise. ``leaning``: clusters in which the first, and the second, had more.
    ``estimate`` and ``interval``: first minus second, as a share of ``trials``. ``p``: of the exact sign test, each
    cluster once. ``detectable``: the difference that these counts would have shown with probability 0.8.

    >>> found = paired([1, 1, 0, 0], [0, 0, 1, 0], [10, 10, 10, 10])
    >>> found.first, found.second, found.leaning
    (2, 1, (2, 1))
    """

    first: int
    second: int
    trials: int
    clusters: int
    first_only: int
    second_only: int
    leaning: tuple[int, int]
    design_effect: float
    estimate: float
    interval: Interval
    p: float
    detectable: float


def paired(
    first_events: ArrayLike, second_events: ArrayLike, trials: ArrayLike, level: float = 0.95, *, pooled: float = 1.0
) -> Paired:
    """The difference of two systems' rates on the *same* trials, from counts by cluster (one place a cluster).

    Tango's score interval at counts over the design effect D, with u = events of the first less those of the second,

        D = C/(C-1) sum (u_c - d n_c)^2 / (sum abs(u_c) - N d^2),  at least 1 and at least ``pooled``,

    so that what a cluster's trials share widens it (Yang, Sun and Hardin, Stat. Med. 31 (2012) 3237-3248, whose
    adjustment is of this kind; our estimate of D). A difference of rare rates says little by itself: see the counts.
    Raises ``CountOutOfRange``, ``LevelOutOfRange``.

    >>> found = paired([1, 1, 0, 0], [0, 0, 1, 0], [10, 10, 10, 10])
    >>> found.first_only, found.second_only, round(found.estimate, 4), found.p
    (2, 1, 0.025, 1.0)
    """
    x, y, n = (wholes(np.atleast_1d(each), "a count of a cluster") for each in (first_events, second_events, trials))
    if x.ndim != 1 or not x.shape == y.shape == n.shape:
        raise CountOutOfRange(f"counts by cluster are lists of one length, got {x.shape}, {y.shape} and {n.shape}")
    if np.any((x > n) | (y > n)):
        raise CountOutOfRange("a cluster has more events than trials")
    used = n > 0
    x, y, n = x[used], y[used], n[used]
    if x.size < 2:
        raise CountOutOfRange(f"a paired difference needs two clusters or more, got {x.size}")
    u, total, clusters = x - y, int(n.sum()), int(x.size)
    ahead, behind = int(u[u > 0].sum()), -int(u[u < 0].sum())
    estimate = (ahead - behind) / total
    independent = ahead + behind - total * estimate**2
    spread = clusters / (clusters - 1) * float(((u - estimate * n) ** 2).sum())
    effect = max(1.0, number(pooled, "a design effect"), spread / independent if independent > 0 else 1.0)
    b, c, of = (np.array([each / effect]) for each in (ahead, behind, total))
    low, high = _tango(b, c, of, level)
    leaning = int(np.count_nonzero(u > 0)), int(np.count_nonzero(u < 0))
    p = min(1.0, 2 * float(bdtr(min(leaning), sum(leaning), 0.5))) if any(leaning) else 1.0
    reach = float(ndtri((1 + level) / 2) + ndtri(0.8)) * math.sqrt(max(ahead + behind, 1) * effect) / total
    interval = Interval(
        float(low[0]), float(high[0]), level, f"Tango score at counts over the design effect {effect:.2f}"
    )
    events = int(x.sum()), int(y.sum())
    return Paired(*events, total, clusters, ahead, behind, leaning, effect, estimate, interval, p, min(reach, 1.0))
