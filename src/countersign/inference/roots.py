"""Roots of many functions at once, to the last digits whatever their size.

Chandrupatla's method (Advances in Engineering Software 28 (1997) 145-149): inverse quadratic interpolation where it is
safe, bisection where it is not, for whole arrays. Callers hand over a *logarithm* (of a rate or a ratio), so that the
tolerance is relative in what they want: one in a billion is found as sharply as one half. Tools that stop on an
absolute tolerance in p are wrong by factors of a hundred at these rates (see docs/methods.md).

>>> import numpy as np
>>> f"{float(np.exp(bracketed(lambda y: np.exp(y) - 3e-9, np.array([-40.0]), np.array([0.0])))[0]):.12g}"
'3e-09'
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from countersign.inference.checks import Floats

#: Enough for bisection alone to go from the widest bracket a double allows to the last digit.
ROUNDS = 120


def bracketed(function: Callable[[Floats], Floats], low: Floats, high: Floats, tolerance: float = 4e-15) -> Floats:
    """The root of each element of ``function`` between ``low`` and ``high``, arrays of one shape.

    ``function`` maps such an array to one of the same shape, and each element changes sign over its bracket (where it
    does not, the end with the smaller absolute value is returned). ``tolerance`` is relative to the larger of 1 and the
    root, hence of the order of the last digits of what the root is the logarithm of.
    """
    a, b = np.array(high, dtype=np.float64), np.array(low, dtype=np.float64)
    fa, fb = np.array(function(a)), np.array(function(b))
    c, fc = a.copy(), fa.copy()
    t = np.full_like(a, 0.5)
    for _ in range(ROUNDS):
        x = a + t * (b - a)
        fx = function(x)
        same = np.sign(fx) == np.sign(fa)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = x, fx
        best = np.where(np.abs(fa) < np.abs(fb), a, b)
        margin = tolerance * np.maximum(1.0, np.abs(best))
        with np.errstate(divide="ignore", invalid="ignore"):
            limit = margin / np.abs(b - a)
            done = (limit > 0.5) | (fa == 0) | (fb == 0) | ~np.isfinite(limit)
            if done.all():
                break
            xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
            safe = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi)
            inverse = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        t = np.where(safe & np.isfinite(inverse), inverse, 0.5)
        t = np.clip(t, np.minimum(limit, 0.5), np.maximum(1 - limit, 0.5))
        t = np.where(done, 0.0, t)
    return np.where(np.abs(fa) < np.abs(fb), a, b)
