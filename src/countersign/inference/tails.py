"""Binomial tails, quantiles and roots of many functions at once that keep their digits at rates of one in a billion.

SciPy's ``betainc`` forms ``1 - p`` in double precision, so ``(1-p)^n`` loses about ``n * 1e-16`` of relative accuracy.
For rare events the beta law is a gamma law plus a correction: with ``N = b + (a-1)/2`` and ``z = N p / (1 - p/2)``,

    I_p(a, b) = P(a, z) + z^(a-1) e^-z / Gamma(a) * z (2 z^2 - (a-1) z - (a^2-1)) / (24 N^2) + O(N^-4),

``P`` the regularised lower gamma function (Bol'shev, Theory Probab. Appl. 8 (1963) 176-177, with its next term). It is
used where ``a`` and ``z`` are under a thousandth of ``N``: what is left out is below 1e-11.

>>> f"{float(at_least(10, 3_147_436, 1e-6)):.10f}"
'0.0015637995'
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaincc, betaincinv, gammainc, gammaincc, gammaincinv, gammaln, xlogy

from countersign.inference.checks import MOST, CountOutOfRange, Floats, alike

__all__ = ["at_least", "at_most"]

#: Below this share of N the gamma expansion is the more accurate of the two.
RARE = 1e-3
#: Quantiles are looked up by their count where there are many more counts than values of them.
TABLE = 20_000


def _correction(a: Floats, centre: Floats, z: Floats) -> Floats:
    """Relative shift of ``z`` that turns the gamma quantile into the beta quantile."""
    return (2 * z * z - (a - 1) * z - (a * a - 1)) / (24 * centre * centre)


def _beta(a: Floats, b: Floats, p: Floats, *, upper: bool) -> Floats:
    centre = b + (a - 1) / 2
    z = centre * p / (1 - p / 2)
    rare = (np.maximum(a, z) < RARE * centre) & (p > 0)
    value = np.asarray((betaincc if upper else betainc)(a, b, p), dtype=np.float64)
    if rare.any():
        shape, n, at = a[rare], centre[rare], z[rare]
        bump = np.exp(xlogy(shape, at) - at - gammaln(shape)) * _correction(shape, n, at)
        value[rare] = gammaincc(shape, at) - bump if upper else gammainc(shape, at) + bump
    return value


def _shaped(*values: ArrayLike) -> tuple[Floats, Floats, Floats, tuple[int, ...]]:
    arrays = alike(*values)
    first, second, third = (np.atleast_1d(array) for array in arrays)
    if arrays[0].size:
        finite = math.isfinite(float(first.sum()) + float(second.sum()))
        if not (finite and float(third.min()) >= 0 and float(third.max()) <= 1 and float(second.max()) <= MOST):
            raise CountOutOfRange(f"events and trials are numbers to {MOST:.16g}, and chances from 0 to 1")
    return first, second, third, arrays[0].shape


def at_most(events: ArrayLike, trials: ArrayLike, p: ArrayLike) -> Floats:
    """P(X <= events) for X binomial; arrays broadcast, ``events`` may be -1 (giving 0).

    Raises ``CountOutOfRange``.

    >>> f"{float(at_most(2, 100, 0.05)):.4f}"
    '0.1183'
    """
    x, n, rate, shape = _shaped(events, trials, p)
    inside = (x >= 0) & (x < n)
    value = np.where(x < 0, 0.0, 1.0)
    value[inside] = _beta(x[inside] + 1, n[inside] - x[inside], rate[inside], upper=True)
    return value.reshape(shape)


def at_least(events: ArrayLike, trials: ArrayLike, p: ArrayLike) -> Floats:
    """P(X >= events) for X binomial; arrays broadcast, ``events`` may be ``trials + 1`` (giving 0).

    Raises ``CountOutOfRange``.

    >>> f"{float(at_least(3, 100, 0.05)):.4f}"
    '0.8817'
    """
    x, n, rate, shape = _shaped(events, trials, p)
    inside = (x >= 1) & (x <= n)
    value = np.where(x > n, 0.0, 1.0)
    value[inside] = _beta(x[inside], n[inside] - x[inside] + 1, rate[inside], upper=False)
    return value.reshape(shape)


def gamma_quantile(shape: Floats, q: float) -> Floats:
    """The ``q`` quantile of the gamma law of each ``shape`` (whole or half numbers are looked up once each)."""
    doubled = shape * 2
    if shape.size > TABLE and doubled.max() < TABLE and np.array_equal(doubled, np.floor(doubled)):
        table = gammaincinv(np.maximum(np.arange(int(doubled.max()) + 1), 1) / 2, q)
        return np.asarray(table[doubled.astype(np.intp)])
    return np.asarray(gammaincinv(shape, q))


def beta_quantile(a: Floats, b: Floats, q: float) -> Floats:
    """The ``q`` quantile of Beta(a, b) for arrays a, b > 0 of one shape."""
    shape, other = np.atleast_1d(a), np.atleast_1d(b)
    centre = other + (shape - 1) / 2
    gamma = gamma_quantile(shape, q)
    rare = np.maximum(shape, gamma) < RARE * centre
    z = gamma * (1 - _correction(shape, centre, gamma))
    value = z / (centre + z / 2)
    if not rare.all():
        value[~rare] = betaincinv(shape[~rare], other[~rare], q)
    return value.reshape(np.shape(a))


Function = Callable[[Floats, NDArray[np.intp]], Floats]

#: Enough for bisection alone to go from the widest bracket a double allows to the last digit.
ROUNDS = 120


def bracketed(function: Function, low: Floats, high: Floats, tolerance: float = 4e-15) -> Floats:
    """The root of each element of ``function`` between ``low`` and ``high``, arrays of one shape, by Chandrupatla's
    method.

    ``function(y, of)`` gives the values at ``y`` of the elements numbered ``of`` (into the flattened brackets), those
    not yet found. Where an element does not change sign over its bracket, the end with the smaller absolute value is
    returned. ``tolerance`` is relative to the larger of 1 and the root: callers hand over a *logarithm* (of a rate or a
    ratio), so that one in a billion is found as sharply as one half. Source: Advances in Engineering Software 28 (1997)
    145-149.

    >>> found = np.exp(bracketed(lambda y, of: np.exp(y) - 3e-9, np.array([-40.0]), np.array([0.0])))
    >>> f"{float(found[0]):.12g}"
    '3e-09'
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
