"""The laws from which a made-up engine's scores are drawn, with the rates they imply in closed form.

A comparison of two different people reaches ``t`` with probability ``FMR(t) = fmr * 10^((point - t) / tenfold)``, at
most 1: an exponential tail, set from one published point. The best of ``N`` such scores has the distribution ``F^N``;
it is drawn by putting ``U^(1/N)`` into the inverse of ``F``, one draw a passer-by, and reaches ``t`` with probability
``1 - (1 - FMR(t))^N``, about ``N FMR(t)`` (NISTIR 8429, annex B, eq. 32). A listed person's own score is normal, placed
so that the published share reaches the point. Real engines may follow neither law: whatever comes of it is assumed.

>>> law = Law.published(point=0.60, false_positive=1 / 6000, list_size=10_000, tenfold=0.05)
>>> round(1 / law.any_reaches(0.60, 10_000)), round(1 / law.any_reaches(0.60, 1_000))
(6000, 59995)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Law:
    """Laws of scores around a published ``point``. ``tenfold``: the rise in score by which false matches fall tenfold.

    ``fmr``: the chance that two different people reach ``point``; ``spread``: the standard deviation of a listed
    person's own score. A ``ratio`` in the methods multiplies the chance of a false match.
    """

    point: float
    fmr: float
    tenfold: float
    spread: float = 0.08

    @classmethod
    def published(
        cls, *, point: float, false_positive: float, list_size: int, tenfold: float, spread: float = 0.08
    ) -> Law:
        """The law under which a share ``false_positive`` of passers-by reaches ``point`` on a list of ``list_size``."""
        return cls(point, -math.expm1(math.log1p(-false_positive) / list_size), tenfold, spread)

    def false_match(self, threshold: float, ratio: float = 1.0) -> float:
        """The chance that one comparison of two different people reaches ``threshold``."""
        return min(1.0, ratio * self.fmr * 10 ** ((self.point - threshold) / self.tenfold))

    def any_reaches(self, threshold: float, entries: int, ratio: float = 1.0) -> float:
        """The chance that the best of ``entries`` comparisons of different people reaches ``threshold``."""
        single = self.false_match(threshold, ratio)
        if single >= 1.0:
            return 1.0 if entries else 0.0
        return -math.expm1(entries * math.log1p(-single))

    def best_of(self, random: np.random.Generator, count: int, entries: int, ratio: float = 1.0) -> Floats:
        """``count`` draws of the best of ``entries`` scores of different people; minus infinity for an empty list."""
        if not entries:
            return np.full(count, -np.inf)
        scale = self.tenfold / math.log(10)
        lowest = self.point + scale * math.log(ratio * self.fmr)
        # -log U is exponential, so 1 - U^(1/N) = -expm1(-exponential / N): exact where the tail is thinnest.
        beyond = -np.expm1(random.standard_exponential(count) / -entries)
        return np.asarray(lowest - scale * np.log(np.maximum(beyond, np.finfo(np.float64).tiny)))

    def own_mean(self, found: float) -> float:
        """The mean of a listed person's own scores of which a share ``found`` reaches the point."""
        from scipy.special import ndtri

        return self.point + self.spread * float(ndtri(found))

    def own(self, random: np.random.Generator, count: int, found: float) -> Floats:
        """``count`` draws of a listed person's own score."""
        return random.normal(self.own_mean(found), self.spread, count)
