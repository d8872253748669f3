"""Time-uniform boundaries: mixture bounds of Howard et al., their interval for a proportion, and Wald's two limits.

For a sum S with variance process V the boundary u(V) is exceeded, ever, with probability at most ``error``. The mixing
law is set by ``v_opt``, the V at which the boundary is to be tight. They are kept for work on bounded scores and as a
check on ``sequence``, whose intervals for a rare rate are what figures use.

Source: Howard, Ramdas, McAuliffe and Sekhon, Ann. Stat. 49 (2021) 1055-1080, propositions 5 to 8; Wald, Ann. Math.
Stat. 16 (1945) 117-186.

>>> f"{normal_mixture(100.0, error=0.05, v_opt=100.0):.3f}"
'30.352'
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.special import betainc, betaln, gammaincc, gammaln

from countersign.inference.checks import CountOutOfRange, Floats, counts, open_unit
from countersign.inference.roots import bracketed


def _best_rate(v_opt: float, error: float) -> float:
    """The normal mixture's parameter that makes its boundary tight at ``v_opt`` (their equation for rho)."""
    if not v_opt > 0:
        raise CountOutOfRange(f"a variance to be tight at is above zero, got {v_opt}")
    return v_opt / (2 * math.log(1 / error) + math.log1p(2 * math.log(1 / error)))


def normal_mixture(v: float, *, error: float, v_opt: float) -> float:
    """The two-sided normal mixture boundary sqrt((v + r)(log(1 + v/r) + 2 log(1/error))) for sub-Gaussian sums."""
    r = _best_rate(v_opt, open_unit(error, "the error probability"))
    return math.sqrt((v + r) * (math.log1p(v / r) + 2 * math.log(1 / error)))


def gamma_poisson_mixture(v: float, *, error: float, v_opt: float, c: float) -> float:
    """The one-sided gamma-Poisson mixture boundary, for sub-Poisson sums of scale ``c`` > 0 (counts and the like)."""
    r = _best_rate(v_opt, 2 * open_unit(error, "the error probability"))
    shape, spread = r / c**2, (v + r) / c**2
    constant = shape * math.log(shape) - float(gammaln(shape) + np.log(gammaincc(shape, shape))) + v / c**2

    def log_martingale(s: Floats) -> Floats:
        total = s / c + spread
        return np.asarray(
            constant + gammaln(total) + np.log(gammaincc(total, spread)) - total * math.log(spread), dtype=np.float64
        )

    return _upper_root(log_martingale, error, v)


def beta_binomial_mixture(v: float, *, error: float, v_opt: float, g: float, h: float) -> float:
    """The one-sided beta-binomial mixture boundary, for steps between -``g`` and ``h`` (both > 0)."""
    rho = _best_rate(v_opt, 2 * open_unit(error, "the error probability"))
    r, cut = max(rho - g * h, 1e-3 * g * h), h / (g + h)
    lead = float(_log_beta(np.asarray(r / (g * (g + h))), np.asarray(r / (h * (g + h))), cut))

    def log_martingale(s: Floats) -> Floats:
        return _beta_binomial(s, v, g, h, r, cut) - lead

    top = np.array([v / g * (1 - 1e-12)])
    if float(log_martingale(top)[0]) < math.log(1 / error):
        return v / g
    found = bracketed(lambda y, of: log_martingale(np.exp(y)) + math.log(error), np.log(top) - 60, np.log(top))  # noqa: ARG005
    return float(np.exp(found[0]))


def _log_beta(a: Floats, b: Floats, cut: float) -> Floats:
    return np.asarray(betaln(a, b) + (np.log(betainc(a, b, cut)) if cut < 1 else 0.0))


def _beta_binomial(
    s: Floats, v: float | Floats, g: float | Floats, h: float | Floats, r: float | Floats, cut: float
) -> Floats:
    spread = g + h
    return np.asarray(
        v / (g * h) * np.log(spread)
        - (v + h * s) / (h * spread) * np.log(g)
        - (v - g * s) / (g * spread) * np.log(h)
        + _log_beta(np.asarray((r + v - g * s) / (g * spread)), np.asarray((r + v + h * s) / (h * spread)), cut)
    )


def _upper_root(log_martingale: Callable[[Floats], Floats], error: float, start: float) -> float:
    top = max(start, 1.0)
    while float(log_martingale(np.array([top]))[0]) < math.log(1 / error):
        top *= 2
    low, high = np.array([math.log(top) - 60.0]), np.array([math.log(top)])
    found = bracketed(lambda y, of: log_martingale(np.exp(y)) + math.log(error), low, high)  # noqa: ARG005
    return float(np.exp(found[0]))


def bernoulli_interval(events: int, trials: int, *, error: float, tight_at: float) -> tuple[float, float]:
    """The confidence sequence of the sub-Bernoulli beta-binomial mixture, tight after ``tight_at`` trials.

    Each p is judged by a mixture of its own, made for p(1-p). Raises ``CountOutOfRange``, ``LevelOutOfRange``.
    """
    x, n = (float(a) for a in counts(events, trials))
    log_asked = math.log(1 / open_unit(error, "the error probability"))

    def gap(p: Floats) -> Floats:
        g, h = p, 1 - p
        rho = tight_at * p * h / (2 * log_opt + math.log1p(2 * log_opt))
        r = np.maximum(rho - g * h, 1e-3 * g * h)
        lead = betaln(r / g, r / h)
        return _beta_binomial((x / n - p) * n, p * h * n, g, h, r, 1.0) - lead - log_asked

    log_opt = math.log(1 / 0.05)
    middle = np.array([np.clip(x / n, 1e-300, 1 - 1e-16)])
    low = high = np.array([0.0])
    if x > 0:
        low = np.exp(bracketed(lambda y, of: gap(np.exp(y)), np.log(middle) - 60, np.log(middle)))  # noqa: ARG005
    if x < n:
        top = np.array([1 - 1e-16])
        # In log p from the estimate up; at no events from far below it.
        start = np.log(middle) if x else np.log([1 / n]) - 60
        high = np.exp(bracketed(lambda y, of: gap(np.exp(y)), start, np.log(top)))  # noqa: ARG005
    return float(low[0]), float(high[0]) if x < n else 1.0


def wald_limits(error: float, miss: float) -> tuple[float, float]:
    """Wald's limits for the likelihood ratio of one rate against one other: upper (1-miss)/error, lower miss/(1-error).

    For one alternative only; a rate in between is told apart badly. Raises ``LevelOutOfRange``.
    """
    a, b = open_unit(error, "the error probability"), open_unit(miss, "the miss probability")
    return (1 - b) / a, b / (1 - a)
