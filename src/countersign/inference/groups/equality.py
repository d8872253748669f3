"""Are rates equal? Exact tests of two and of many groups, and several hypotheses at once.

Two rates: given m = x1 + x2 events, x1 is Binomial(m, pi) with pi = ratio t1 / (ratio t1 + t2) if rate1 = ratio *
rate2. The exact two-sided p is twice the smaller tail (at most 1), so that the test rejects exactly where the
conditional interval of the same level leaves the ratio out (R's p adds up less likely outcomes, and does not agree).

K groups: given m events and equal rare rates, the counts are multinomial in proportion to the exposures; p is the
probability of all outcomes at most as likely as the one seen. Up to a million are added up, above that outcomes are
drawn and p = (b + 1) / (B + 1), which never rejects too often (Phipson and Smyth, SAGMB 9 (2010) article 39).

>>> f"{float(two_rates(8, 135, 2, 865)):.2g}"
'7.7e-06'
>>> test = equal_rates([8, 2, 0], [135, 465, 400])
>>> f"{test.p:.2g}", test.method
('2e-06', 'exact multinomial')
>>> holm([0.01, 0.04, 0.03]).tolist()
[0.03, 0.06, 0.06]
>>> e_benjamini_hochberg([100.0, 45.0, 1.0, 0.2], error=0.1).tolist()
[True, True, False, False]
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, ndtr

from countersign.inference.checks import (
    CountOutOfRange,
    Floats,
    LevelOutOfRange,
    alike,
    exposures,
    number,
    numbers,
    open_unit,
)
from countersign.inference.tails import at_least, at_most

__all__ = ["Omnibus", "e_benjamini_hochberg", "equal_rates", "holm", "two_rates"]

Alternative = Literal["two-sided", "greater", "less"]
Method = Literal["exact", "mid-p", "score"]

#: Up to this many outcomes are added up one by one.
OUTCOMES = 1_000_000
#: The most outcomes drawn.
MOST_DRAWS = 1_000_000
#: Outcomes whose log-probability differs by less than this are equally likely.
TIE = 1e-9


def two_rates(
    events1: ArrayLike,
    exposure1: ArrayLike,
    events2: ArrayLike,
    exposure2: ArrayLike,
    *,
    ratio: float = 1.0,
    alternative: Alternative = "two-sided",
    method: Method = "exact",
) -> Floats:
    """p values for rate1 = ``ratio`` * rate2 against rate1 greater, less, or either.

    Events >= 0 and exposures > 0 broadcast. ``exact`` never rejects too often; ``mid-p`` counts half of P(X = x1), for
    display; ``score`` is the normal score test, for cross-checks. No events give 1. Raises ``CountOutOfRange``. Source:
    Przyborowski and Wilenski, Biometrika 31 (1940) 313-323.

    >>> f"{float(two_rates(8, 1350, 2, 8650)):.1e}"
    '7.7e-06'
    """
    number(ratio, "the ratio of rates", above=True)
    first, second = exposures(events1, exposure1), exposures(events2, exposure2)
    x1, t1, x2, t2 = alike(*first, *second)
    total = x1 + x2
    share = ratio * t1 / (ratio * t1 + t2)
    if method == "score":
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (x1 - total * share) / np.sqrt(total * share * (1 - share))
        z = np.where(total > 0, z, 0.0)
        more, less = np.asarray(ndtr(-z)), np.asarray(ndtr(z))
    else:
        more, less = at_least(x1, total, share), at_most(x1, total, share)
        if method == "mid-p":
            own = more + less - 1
            more, less = more - own / 2, less - own / 2
    if alternative == "greater":
        return np.where(total > 0, more, 1.0)
    if alternative == "less":
        return np.where(total > 0, less, 1.0)
    return np.where(total > 0, np.minimum(1.0, 2 * np.minimum(more, less)), 1.0)


@dataclass(frozen=True, slots=True)
class Omnibus:
    """A p value for equal rates in all groups, how it was found, and from how many outcomes.

    >>> equal_rates([8, 2, 0], [135, 465, 400]).method
    'exact multinomial'
    """

    p: float
    method: str
    outcomes: int


def equal_rates(
    events: ArrayLike, exposure: ArrayLike, *, generator: np.random.Generator | None = None, draws: int = 99_999
) -> Omnibus:
    """The multinomial test that all groups have one rate, given the total number of events.

    ``events`` and ``exposure`` (> 0): lists of one length, one place a group, two groups or more. ``generator`` draws
    ``draws`` outcomes where there are over a million to count; it is needed then. Assumes independent, rare events. No
    events give p = 1. Raises ``CountOutOfRange``.

    >>> f"{equal_rates([4, 5, 3], [400, 400, 400]).p:.2f}"
    '0.93'
    """
    x, t = exposures(events, exposure)
    if x.ndim != 1 or x.size < 2:
        raise CountOutOfRange(f"the test over groups needs a list of two groups or more, got shape {x.shape}")
    total, share = int(number(float(x.sum()), "all events")), t / t.sum()
    constant = np.log(share)
    seen = float(_log_probability(x[None, :], constant)[0])
    logs = gammaln([total + x.size, x.size, total + 1])
    outcomes = math.comb(total + x.size - 1, x.size - 1) if logs[0] - logs[1] - logs[2] < 20 else OUTCOMES + 1
    if outcomes <= OUTCOMES:
        logs = _log_probability(_compositions(total, x.size), constant)
        p = float(np.exp(logs[logs <= seen + TIE] + gammaln(total + 1)).sum())
        return Omnibus(min(1.0, p), "exact multinomial", outcomes)
    number(draws, "the number of draws", 1, MOST_DRAWS, whole=True)
    if generator is None:
        raise CountOutOfRange(
            f"over {OUTCOMES:,} outcomes are too many to count out: pass a generator to draw from them"
        )
    beyond, left = 0, draws
    while left:
        batch = min(left, max(1, 4_000_000 // x.size))
        sample = generator.multinomial(total, share, size=batch).astype(np.float64)
        beyond += int((_log_probability(sample, constant) <= seen + TIE).sum())
        left -= batch
    return Omnibus((beyond + 1) / (draws + 1), f"Monte Carlo multinomial, {draws} draws", draws)


def _log_probability(counts: Floats, log_share: Floats) -> Floats:
    """The log of the multinomial probability of each row, without the constant m!."""
    return np.asarray((counts * log_share - gammaln(counts + 1)).sum(axis=1))


def _compositions(total: int, parts: int) -> Floats:
    rows: NDArray[np.int64] = np.arange(total + 1)[:, None]
    for _ in range(parts - 2):
        left = total - rows.sum(axis=1)
        repeated = np.repeat(rows, left + 1, axis=0)
        start = np.repeat(np.cumsum(left + 1) - (left + 1), left + 1)
        rows = np.column_stack([repeated, np.arange(len(repeated)) - start])
    return np.column_stack([rows, total - rows.sum(axis=1)]).astype(np.float64)


def _p_values(values: ArrayLike) -> Floats:
    return _list_of(values, "a p value", 1.0)


def _list_of(values: ArrayLike, name: str, most: float) -> Floats:
    try:
        array = np.atleast_1d(numbers(values, name, most=most))
    except CountOutOfRange as error:
        raise LevelOutOfRange(str(error), next_step=f"Check each {name.split()[1]} value given.") from None
    if array.ndim != 1:
        raise LevelOutOfRange(f"{name} stands in a list, got shape {array.shape}")
    return array


def holm(p_values: ArrayLike) -> Floats:
    """Holm's adjusted p values, in the order given: rejecting those <= a keeps the chance of any false one <= a.

    Valid under any dependence. Raises ``LevelOutOfRange``. Source: Holm, Scand. J. Stat. 6 (1979) 65-70.

    >>> holm([0.01, 0.04]).tolist()
    [0.02, 0.04]
    """
    p = _p_values(p_values)
    order = np.argsort(p, kind="stable")
    steps = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1)))
    adjusted = np.empty_like(p)
    adjusted[order] = steps
    return adjusted


def e_benjamini_hochberg(e_values: ArrayLike, *, error: float = 0.05) -> NDArray[np.bool_]:
    """Which hypotheses e-BH rejects, keeping the expected share of false rejections <= ``error`` under any dependence.

    Rejects the k largest e values for the largest k with e_(k) >= K / (error k). Raises ``LevelOutOfRange``. Source:
    Wang and Ramdas, JRSS B 84 (2022) 822-852.

    >>> e_benjamini_hochberg([80.0, 3.0]).tolist()
    [True, False]
    """
    e = _list_of(e_values, "an e value", math.inf)
    ranked = np.sort(e)[::-1]
    enough = np.flatnonzero(ranked * np.arange(1, e.size + 1) >= e.size / open_unit(error, "the false discovery rate"))
    if not enough.size:
        return np.zeros(e.size, dtype=np.bool_)
    return np.asarray(e >= ranked[enough[-1]])
