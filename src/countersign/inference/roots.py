"""Roots of many functions at once, to the last digits whatever their size.

Chandrupatla's method (Advances in Engineering Software 28 (1997) 145-149): inverse quadratic interpolation where it is
safe, bisection where it is not, for whole arrays. Callers hand over a *logarithm* (of a rate or a ratio), so that the
tolerance is relative in what they want: one in a billion is found as sharply as one half. Tools that stop on an
absolute tolerance in p are wrong by factors of a hundred at these rates (see docs/methods.md).

>>> import numpy as np
>>> found = np.exp(bracketed(lambda y, of: np.exp(y) - 3e-9, np.array([-40.0]), np.array([0.0])))
>>> f"{float(found[0]):.12g}"
'3e-09'
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from countersign.inference.checks import Floats

Function = Callable[[Floats, NDArray[np.intp]], Floats]

#: Enough for bisection alone to go from the widest bracket a double allows to the last digit.
ROUNDS = 120


def bracketed(function: Function, low: Floats, high: Floats, tolerance: float = 4e-15) -> Floats:
    """The root of each element of ``function`` between ``low`` and ``high``, arrays of one shape (any, flattened).

    ``function(y, of)`` gives the values at ``y`` of the elements numbered ``of`` (an index array into the flattened
    brackets): only those not yet found are asked for. Each element changes sign over its bracket; where one does not,
    the end with the smaller absolute value is returned. ``tolerance`` is relative to the larger of 1 and the root, of
    the order of the last digits of what the root is the logarithm of.
    """
    b, a = (np.array(end, dtype=np.float64).reshape(-1) for end in (low, high))
    left = np.arange(a.size)
    fa, fb = np.array(function(a, left)), np.array(function(b, left))
    root = np.where(np.abs(fa) < np.abs(fb), a, b)
    keep = np.sign(fa) * np.sign(fb) < 0
    a, b, fa, fb, left = a[keep], b[keep], fa[keep], fb[keep], left[keep]
    t = np.full_like(a, 0.5)
    for _ in range(ROUNDS):
        if not left.size:
            break
        x = a + t * (b - a)
        fx = np.asarray(function(x, left))
        same = np.sign(fx) == np.sign(fa)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = x, fx
        nearer = np.abs(fa) < np.abs(fb)
        best = np.where(nearer, a, b)
        root[left] = best
        with np.errstate(divide="ignore", invalid="ignore"):
            limit = tolerance * np.maximum(1.0, np.abs(best)) / np.abs(b - a)
            xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
            safe = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi)
            inverse = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        keep = (limit < 0.5) & (fa != 0)
        t = np.where(safe & np.isfinite(inverse), inverse, 0.5)
        t = np.clip(t, limit, 1 - limit)
        a, b, fa, fb, left, t = a[keep], b[keep], fa[keep], fb[keep], left[keep], t[keep]
    return root.reshape(np.shape(low))
