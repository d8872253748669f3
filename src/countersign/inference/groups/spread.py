"""The formulas behind single-number summaries of differences between groups: rates in, a number out.

For recomputing what others printed and for ``differential``, which alone may be shown to people: a summary without its
null band says nothing, since every one of them is an order statistic of noise at small counts (docs/methods.md). All
work along the last axis, over any leading ones.

Measures of one rate x over K groups: maximum over minimum, maximum minus minimum, maximum over mean, maximum over
geometric mean, mean |log10(x / geometric mean)| (NIST FRTE demographic tables), and three forms of the Gini
coefficient that are often mixed up. Measures of a false-match and a miss rate: FDR (de Freitas Pereira and Marcel,
2020), the inequity rate (Grother 2021) and GARBE (Howard et al., arXiv:2203.05051).

>>> f"{float(gini([1e-5, 1e-5, 4e-5])):.3f} {float(gini([1e-5, 1e-5, 4e-5], 'nist')):.3f}"
'0.500 0.667'
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from countersign.inference.checks import CountOutOfRange, Floats

#: ``garbe``: K/(K-1) MAD/(2 mean); ``standard``: MAD/(2 mean); ``nist``: MAD/mean; MAD the mean absolute difference.
Gini = Literal["garbe", "standard", "nist"]


def _rates(values: ArrayLike) -> Floats:
    rates = np.asarray(values, dtype=np.float64)
    if rates.ndim == 0 or rates.shape[-1] < 2 or not (rates >= 0).all():
        raise CountOutOfRange("a summary over groups takes rates of at least 0 of two groups or more")
    return rates


def max_over_min(rates: ArrayLike) -> Floats:
    """max x / min x; infinite where only some rates are 0, NaN where all are."""
    x = _rates(rates)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(x.max(axis=-1) / x.min(axis=-1))


def max_minus_min(rates: ArrayLike) -> Floats:
    """max x - min x."""
    x = _rates(rates)
    return np.asarray(x.max(axis=-1) - x.min(axis=-1))


def max_over_mean(rates: ArrayLike) -> Floats:
    """max x / mean x; NaN where all are 0."""
    x = _rates(rates)
    with np.errstate(invalid="ignore"):
        return np.asarray(x.max(axis=-1) / x.mean(axis=-1))


def max_over_geometric_mean(rates: ArrayLike) -> Floats:
    """max x / (product of x)^(1/K); infinite where only some rates are 0, NaN where all are."""
    x = _rates(rates)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.exp(np.log(x.max(axis=-1)) - np.log(x).mean(axis=-1)))


def log_deviation(rates: ArrayLike) -> Floats:
    """mean |log10(x / geometric mean)|, NIST's "Vary-GeoMean"; NaN where a rate is 0."""
    x = _rates(rates)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log10(x)
        return np.asarray(np.abs(logs - logs.mean(axis=-1, keepdims=True)).mean(axis=-1))


def gini(rates: ArrayLike, variant: Gini = "garbe") -> Floats:
    """The Gini coefficient in the ``variant`` asked for; NaN where all rates are 0."""
    x = np.sort(_rates(rates), axis=-1)
    k = x.shape[-1]
    # Sum of |x_i - x_j| over all pairs both ways, from ranks.
    differences = 2 * (x * (2 * np.arange(1, k + 1) - k - 1)).sum(axis=-1)
    with np.errstate(invalid="ignore"):
        relative = differences / (k * k * x.mean(axis=-1))
    factor = {"garbe": k / (k - 1) / 2, "standard": 0.5, "nist": 1.0}[variant]
    return np.asarray(relative * factor)


def garbe(false_matches: ArrayLike, misses: ArrayLike, alpha: float = 0.5) -> Floats:
    """alpha G(false matches) + (1 - alpha) G(misses), G the ``garbe`` Gini; 0 where groups agree."""
    return np.asarray(alpha * gini(false_matches) + (1 - alpha) * gini(misses))


def fairness_discrepancy(false_matches: ArrayLike, misses: ArrayLike, alpha: float = 0.5) -> Floats:
    """FDR: 1 - (alpha (max - min of false matches) + (1 - alpha) (max - min of misses)); 1 where groups agree.

    Blind at rates of one in a million: a thousandfold difference there leaves it at 0.9995.
    """
    return np.asarray(1 - (alpha * max_minus_min(false_matches) + (1 - alpha) * max_minus_min(misses)))


def inequity_rate(false_matches: ArrayLike, misses: ArrayLike, alpha: float = 0.5) -> Floats:
    """(max/min of false matches)^alpha (max/min of misses)^(1 - alpha); 1 where groups agree."""
    return np.asarray(max_over_min(false_matches) ** alpha * max_over_min(misses) ** (1 - alpha))
