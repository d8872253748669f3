"""One test of equal rates over K groups at once: exact multinomial where outcomes can be counted out, else Monte Carlo.

Given m events in all, and equal rare rates, the counts by group are multinomial with probabilities in proportion to the
exposures. The p value is the probability of all outcomes that are at most as likely as the one seen. There are
C(m + K - 1, K - 1) outcomes; up to a million are added up, above that outcomes are drawn and p = (b + 1) / (B + 1),
which never rejects too often (Phipson and Smyth, SAGMB 9 (2010) article 39).

>>> test = equal_rates([8, 2, 0], [135, 465, 400])
>>> f"{test.p:.2g}", test.method
('2e-06', 'exact multinomial')
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from countersign.inference.checks import CountOutOfRange, Floats, exposures

#: Up to so many outcomes are added up one by one.
OUTCOMES = 1_000_000
#: Outcomes whose log-probability differs by less than this are equally likely.
TIE = 1e-9


@dataclass(frozen=True, slots=True)
class Omnibus:
    """A p value for equal rates in all groups, how it was found, and from how many outcomes."""

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
    """
    x, t = exposures(events, exposure)
    if x.ndim != 1 or x.size < 2:
        raise CountOutOfRange(f"the test over groups needs a list of two groups or more, got shape {x.shape}")
    total, share = int(x.sum()), t / t.sum()
    constant = np.log(share)
    seen = float(_log_probability(x[None, :], constant)[0])
    outcomes = math.comb(total + x.size - 1, x.size - 1)
    if outcomes <= OUTCOMES:
        logs = _log_probability(_compositions(total, x.size), constant)
        p = float(np.exp(logs[logs <= seen + TIE] + gammaln(total + 1)).sum())
        return Omnibus(min(1.0, p), "exact multinomial", outcomes)
    if generator is None:
        raise CountOutOfRange(f"{outcomes} outcomes are too many to count out: pass a generator to draw from them")
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
    """All ways to write ``total`` as ``parts`` ordered non-negative whole numbers, one a row."""
    rows: NDArray[np.int64] = np.arange(total + 1)[:, None]
    for _ in range(parts - 2):
        left = total - rows.sum(axis=1)
        repeated = np.repeat(rows, left + 1, axis=0)
        start = np.repeat(np.cumsum(left + 1) - (left + 1), left + 1)
        rows = np.column_stack([repeated, np.arange(len(repeated)) - start])
    return np.column_stack([rows, total - rows.sum(axis=1)]).astype(np.float64)
