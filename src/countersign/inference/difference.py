"""Intervals for the difference of two proportions p1 - p2, over arrays: score intervals, Newcombe's, and a paired one.

Score: with p2~ the maximum-likelihood p2 under p1 - p2 = d (a root of a cubic) and p1~ = p2~ + d,

    Z(d) = (p1 - p2 - d) / sqrt(c (p1~ (1-p1~)/n1 + p2~ (1-p2~)/n2)),  c = N/(N-1) for Miettinen-Nurminen, 1 for Mee,

and the interval is all d with abs(Z) at most the normal quantile. The outer root is found in asinh(d N), so that
differences of one in a million keep their digits; other packages get the cubic wrong (docs/methods.md). A difference of
rare rates says little by itself: use ``ratio`` beside it. None of these allows for clumps of events.

>>> low, high = miettinen_nurminen(5, 56, 0, 29)
>>> f"{float(low):.4f} {float(high):.4f}"
'-0.0326 0.1933'
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from countersign.inference.binomial import Ends, wilson
from countersign.inference.checks import CountOutOfRange, Floats, alike, counts, numbers, open_unit
from countersign.inference.tails import bracketed

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
    """
    given = (both, first_only, second_only, neither)
    cells = alike(*given)
    for cell, name in zip(cells, ("both", "first only", "second only", "neither"), strict=True):
        numbers(cell, f"a paired count ({name})", whole=True)
    if np.any(sum(cells) < 1):
        raise CountOutOfRange("paired counts are whole, none is below zero, and there is at least one pair")
    z = float(ndtri((1 + open_unit(level, "the confidence level")) / 2))
    b, c = cells[1].reshape(-1), cells[2].reshape(-1)
    n = np.asarray(sum(cells)).reshape(-1)
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

    return solve(1.0).reshape(cells[0].shape), solve(-1.0).reshape(cells[0].shape)
