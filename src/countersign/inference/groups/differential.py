"""Summaries of differences between groups, never without what equality would have given at the same denominators.

With ten errors a group and fifty groups that are all alike, maximum over minimum comes out at 4.75 half of the time. So
a summary comes with its null band: the same measure on counts drawn as if all groups had one rate, given the total
(multivariate hypergeometric; multinomial beyond 1e9 trials), and the chance of one as large. Where a group has no
errors it is refused: given instead are the upper bound of that group's rate and the least ratio that the counts do
show. The formulas take rates of two groups or more along the last axis, over any leading ones, and raise
``CountOutOfRange`` otherwise. Sources: NISTIR 8429 (2022), and for the Gini of GARBE Howard et al. (2022),
arXiv:2203.05051.

>>> alike = single([12, 9, 11], [40_000, 40_000, 40_000], "max over min", generator=np.random.default_rng(1), draws=999)
>>> f"{alike.value:.2f}, of equal groups {alike.null.low:.2f} to {alike.null.high:.2f}; {alike.smallest_count}"
'1.33, of equal groups 1.10 to 3.60; 9'
>>> single([12, 0], [40_000, 40_000], "max over min", generator=np.random.default_rng(1)).at_least > 1
True
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from countersign.inference import binomial
from countersign.inference.checks import CountOutOfRange, Floats, counts, number, numbers, open_unit
from countersign.inference.groups.equality import MOST_DRAWS
from countersign.inference.rate import Interval
from countersign.inference.ratio import conditional_exact

__all__ = [
    "BoundInstead",
    "Summary",
    "gini",
    "log_deviation",
    "max_minus_min",
    "max_over_geometric_mean",
    "max_over_mean",
    "max_over_min",
    "single",
]

Single = Literal[
    "max over min", "max minus min", "max over mean", "max over geometric mean", "log deviation", "gini (garbe)"
]
#: ``garbe``: K/(K-1) MAD/(2 mean); ``standard``: MAD/(2 mean); ``nist``: MAD/mean; MAD the mean absolute difference.
Gini = Literal["garbe", "standard", "nist"]

#: NumPy draws the hypergeometric law for fewer trials than this.
HYPERGEOMETRIC = 1_000_000_000


def _rates(values: ArrayLike) -> Floats:
    rates = numbers(values, "a rate")
    if rates.ndim == 0 or rates.shape[-1] < 2:
        raise CountOutOfRange(f"a summary over groups takes rates of two groups or more, got shape {rates.shape}")
    return rates


def max_over_min(rates: ArrayLike) -> Floats:
    """max x / min x; infinite where only some rates are 0, NaN where all are.

    Raises ``CountOutOfRange``.

    >>> float(max_over_min([0.001, 0.002, 0.004]))
    4.0
    """
    x = _rates(rates)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(x.max(axis=-1) / x.min(axis=-1))


def max_minus_min(rates: ArrayLike) -> Floats:
    """max x - min x.

    Raises ``CountOutOfRange``.

    >>> float(max_minus_min([0.001, 0.002, 0.004]))
    0.003
    """
    x = _rates(rates)
    return np.asarray(x.max(axis=-1) - x.min(axis=-1))


def max_over_mean(rates: ArrayLike) -> Floats:
    """max x / mean x; NaN where all are 0.

    Raises ``CountOutOfRange``.

    >>> f"{float(max_over_mean([0.001, 0.002, 0.004])):.3f}"
    '1.714'
    """
    x = _rates(rates)
    with np.errstate(invalid="ignore"):
        return np.asarray(x.max(axis=-1) / x.mean(axis=-1))


def max_over_geometric_mean(rates: ArrayLike) -> Floats:
    """max x / (product of x)^(1/K); infinite where only some rates are 0, NaN where all are.

    Raises ``CountOutOfRange``.

    >>> f"{float(max_over_geometric_mean([0.001, 0.002, 0.004])):.3f}"
    '2.000'
    """
    x = _rates(rates)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.exp(np.log(x.max(axis=-1)) - np.log(x).mean(axis=-1)))


def log_deviation(rates: ArrayLike) -> Floats:
    """mean abs(log10(x / geometric mean)), NIST's "Vary-GeoMean"; NaN where a rate is 0.

    Raises ``CountOutOfRange``.

    >>> f"{float(log_deviation([0.001, 0.002, 0.004])):.3f}"
    '0.201'
    """
    x = _rates(rates)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log10(x)
        return np.asarray(np.abs(logs - logs.mean(axis=-1, keepdims=True)).mean(axis=-1))


def gini(rates: ArrayLike, variant: Gini = "garbe") -> Floats:
    """The Gini coefficient in the ``variant`` asked for; NaN where all rates are 0.

    "garbe" is K / (K - 1) times "standard", which is half of "nist". Raises ``CountOutOfRange``, and ``ValueError`` for
    a variant not of these.

    >>> f"{float(gini([0.001, 0.002, 0.004])):.3f}, {float(gini([0.001, 0.002, 0.004], 'standard')):.3f}"
    '0.429, 0.286'
    """
    if variant not in ("garbe", "standard", "nist"):
        raise ValueError(f'a Gini coefficient is "garbe", "standard" or "nist", not {variant!r}')
    x = np.sort(_rates(rates), axis=-1)
    k = x.shape[-1]
    # Sum of |x_i - x_j| over all pairs both ways, from ranks.
    differences = 2 * (x * (2 * np.arange(1, k + 1) - k - 1)).sum(axis=-1)
    with np.errstate(invalid="ignore"):
        relative = differences / (k * k * x.mean(axis=-1))
    factor = {"garbe": k / (k - 1) / 2, "standard": 0.5, "nist": 1.0}[variant]
    return np.asarray(relative * factor)


SINGLE: dict[Single, Callable[[ArrayLike], Floats]] = {
    "max over min": max_over_min,
    "max minus min": max_minus_min,
    "max over mean": max_over_mean,
    "max over geometric mean": max_over_geometric_mean,
    "log deviation": log_deviation,
    "gini (garbe)": gini,
}


@dataclass(frozen=True, slots=True)
class Summary:
    """A measure, its value, and its null band: the central range of the same measure under equal rates.

    ``p``: the chance, under equal rates, of a value at least as unequal (add-one Monte Carlo). ``smallest_count``: the
    fewest errors of any group. A band may end at infinity: then equal groups often give groups without errors.

    >>> chance = np.random.default_rng(1)
    >>> found = single([12, 30], [40_000, 40_000], "max over min", generator=chance, draws=999)
    >>> round(found.value, 2), found.smallest_count
    (2.5, 12)
    """

    measure: str
    value: float
    null: Interval
    null_median: float
    p: float
    smallest_count: int
    draws: int


@dataclass(frozen=True, slots=True)
class BoundInstead:
    """What is said where a group has no errors: no summary, but what the counts do show.

    ``without_errors``: the groups' places; ``upper``: the one-sided upper bound of each one's rate; ``at_least``: the
    lower bound of the ratio of the highest rate to that of those groups together, not adjusted for having been picked
    out.

    >>> found = single([0, 30], [40_000, 40_000], "max over min", generator=np.random.default_rng(1))
    >>> found.without_errors, f"{found.at_least:.1f}"
    ((0,), '9.5')
    """

    measure: str
    without_errors: tuple[int, ...]
    upper: tuple[float, ...]
    at_least: float
    level: float


def _checked(events: ArrayLike, trials: ArrayLike) -> tuple[Floats, Floats]:
    x, n = counts(events, trials)
    number(float(n.sum()), "all trials")
    if x.ndim != 1 or x.size < 2:
        raise CountOutOfRange(f"a summary over groups takes lists of two groups or more, got shape {x.shape}")
    return x, n


def _bound(x: Floats, n: Floats, measure: str, level: float) -> BoundInstead:
    none = np.flatnonzero(x == 0)
    top = int(np.argmax(x / n))
    # A two-sided interval of level 2 L - 1 has a one-sided lower end of level L.
    low, _ = conditional_exact(x[top], n[top], 0, n[none].sum(), max(2 * level - 1, 1e-12))
    bounds = binomial.upper_bound(0, n[none], level)
    return BoundInstead(measure, tuple(none.tolist()), tuple(bounds.tolist()), float(low) if x[top] else 0.0, level)


def _equal(x: Floats, n: Floats, generator: np.random.Generator, draws: int) -> Floats:
    """Rates by group in each draw, given the total number of errors, if all groups had one rate."""
    total, sizes = int(x.sum()), n.astype(np.int64)
    drawn: NDArray[np.int64]
    if sizes.sum() < HYPERGEOMETRIC:
        drawn = generator.multivariate_hypergeometric(sizes, total, size=draws, method="marginals")
    else:
        drawn = generator.multinomial(total, n / n.sum(), size=draws)
    return np.asarray(drawn / n)


def _summary(measure: str, value: float, null: Floats, smallest: int, level: float) -> Summary:
    usable = np.where(np.isnan(null), np.inf, null)
    tail = (1 - open_unit(level, "the level of the null band")) / 2
    # An order statistic, not an average of two: either may be infinite.
    low, middle, high = np.quantile(usable, [tail, 0.5, 1 - tail], method="inverted_cdf")
    slack = 1e-12 * abs(value)
    unequal = usable >= value - slack
    p = (int(unequal.sum()) + 1) / (usable.size + 1)
    band = Interval(float(low), float(high), level, f"under equal rates, {usable.size} draws")
    return Summary(measure, value, band, float(middle), p, smallest, usable.size)


def single(
    events: ArrayLike,
    trials: ArrayLike,
    measure: Single,
    *,
    generator: np.random.Generator,
    draws: int = 9_999,
    level: float = 0.95,
) -> Summary | BoundInstead:
    """A summary of one error rate over groups, with its null band; refused, with bounds instead, at a zero count.

    ``events`` and ``trials``: lists of one length, one place a group. Raises ``CountOutOfRange``, ``LevelOutOfRange``,
    and ``ValueError`` for a measure not of the list.

    >>> chance = np.random.default_rng(1)
    >>> found = single([12, 30], [40_000, 40_000], "max over min", generator=chance, draws=999)
    >>> f"{found.value:.2f}; of equal groups {found.null.low:.2f} to {found.null.high:.2f}"
    '2.50; of equal groups 1.00 to 2.00'
    """
    if measure not in SINGLE:
        raise ValueError(f"no measure {measure!r}; there are {', '.join(SINGLE)}")
    number(draws, "the number of draws", 1, MOST_DRAWS, whole=True)
    open_unit(level, "the level of the null band")
    x, n = _checked(events, trials)
    if (x == 0).any():
        return _bound(x, n, measure, level)
    formula = SINGLE[measure]
    return _summary(measure, float(formula(x / n)), formula(_equal(x, n, generator, draws)), int(x.min()), level)
