"""Look for a step in a series within strata: by ranks, its chance found by shuffling, and an interval for its date.

Given values in order of time, each in a stratum (a place), are those after some position higher or lower *within the
same strata*? *Whether* (``scan``): each value is replaced by its mid-rank in its stratum, centred, over
``sqrt(n (n + 1) / 12)``. With ``S`` the sum of the scores after a position and ``V = sum b a / n`` over strata (rows
before, after, in all), the gain of a step there is ``S^2 / V``. The chance is the share of shuffles within strata whose
largest gain is at least the one seen, so the search over positions is allowed for.

*When* (``date_step``): by the likelihood of a level for each stratum and one common step, errors as Student's t with
``FREEDOM`` degrees of freedom, since a change may take hold row by row. Positions whose likelihood ratio against the
best is at most ``INTERVAL_CUT`` are in the interval (Hansen, Econometrica 68 (2000) 575-603: ``-2 log(1 -
sqrt(0.95))``). Its coverage: ``docs/formats/faults.md``. It does not model seasons or slow drift.

>>> import numpy as np
>>> low, high = np.arange(20.0), np.arange(20.0) + 30
>>> values, strata = np.r_[low, high], np.tile([0, 1], 20)
>>> positions = np.arange(5, 35)
>>> found = scan(values, strata, positions, np.random.default_rng(0))
>>> (found.position, found.chance <= 0.01)
(19, True)
>>> date_step(values, strata, positions)
Dated(position=19, earliest=18, latest=20)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Likelihood-ratio cut for a 95% interval of a threshold (Hansen 2000, table I).
INTERVAL_CUT = 7.35
#: Positions are dated where ranks leave them this many times ``INTERVAL_CUT``.
DATING_WIDTH = 3.0
#: Degrees of freedom of the errors when a step is dated.
FREEDOM = 6.0
#: Rounds of reweighting in that fit at most; it stops once the spread moves by less than ``SETTLED`` of itself.
REWEIGHTINGS = 40
SETTLED = 1e-4
#: Shuffles: this many, fewer when rows are very many, so that the work stays below ``SHUFFLED_VALUES``.
SHUFFLES = 999
FEWEST_SHUFFLES = 99
SHUFFLED_VALUES = 6_000_000
#: Once this many shuffles have beaten what was seen, shuffling stops (Besag, Clifford 1991).
ENOUGH_BEATEN = 20


@dataclass(frozen=True, slots=True)
class Step:
    """The best step by ranks. ``position`` is the index of the last value before it.

    ``chance`` is from ``shuffles`` shuffles; ``without_one`` the gain left without the stratum that adds most,
    ``beaten_at`` the gain that one shuffle in a hundred reaches: a step with less hangs on a single stratum.
    """

    position: int
    chance: float
    shuffles: int
    without_one: float
    beaten_at: float


class Dated(NamedTuple):
    """Best position of a step and the ends of its interval: ``earliest <= position <= latest``."""

    position: int
    earliest: int
    latest: int


def scan(
    values: Floats, strata: Integers, positions: Integers, generator: np.random.Generator, chance_at_most: float = 0.01
) -> Step | None:
    """The best step among ``positions`` (each the index of the last value before it), or ``None``.

    ``None`` where no step can lie, or where chance gives one as large more often than ``chance_at_most``. ``values``
    are in order of time, ``strata`` their codes from 0, both of length ``n``; ``positions`` lie in ``[0, n - 2]``.
    """
    ranked = _rank(values, strata, positions)
    if ranked is None:
        return None
    chance, shuffles, beaten_at = _chance(ranked, strata, generator)
    if chance > chance_at_most:
        return None
    without_one = _gain_without_one(ranked.scores, strata, ranked.best)
    return Step(ranked.best, chance, shuffles, without_one, beaten_at)


@dataclass(frozen=True, slots=True)
class _Ranked:
    scores: Floats
    positions: Integers
    weight: Floats
    gains: Floats
    best: int


def _rank(values: Floats, strata: Integers, positions: Integers) -> _Ranked | None:
    if not len(positions):
        return None
    scores, weight = rank_scores(values, strata), weights(strata)
    positions = positions[weight[positions] > 0]
    if not len(positions) or not scores.any():
        return None
    gains = np.cumsum(scores)[positions] ** 2 / weight[positions]
    return _Ranked(scores, positions, weight[positions], gains, int(positions[np.argmax(gains)]))


def date_step(values: Floats, strata: Integers, positions: Integers, independent: int | None = None) -> Dated | None:
    """Where among ``positions`` a step in ``values`` lies, with its 95% interval; ``None`` where none can.

    ``values`` are in order of time, ``strata`` their codes from 0. ``independent``: how many of the values count as
    independent of each other (all, unless told); fewer make the interval wider.
    """
    ranked = _rank(values, strata, positions)
    if ranked is None:
        return None
    squares = float(ranked.scores @ ranked.scores)
    left = np.maximum(squares - ranked.gains, 1e-9 * squares)
    positions = ranked.positions[len(values) * np.log(left / left.min()) <= DATING_WIDTH * INTERVAL_CUT]
    sizes = np.bincount(strata)
    several = sizes[strata] > 1  # a value alone in its stratum fits any step
    values, again = values[several], np.unique(strata[several], return_inverse=True)[1]
    shift = np.cumsum(several) - 1  # the last kept value up to each index
    count = len(values) if independent is None else min(independent, len(values))
    free = max(1, count - len(np.unique(again)) - 1)
    fits = np.array([_likelihood(values, again, int(shift[position]), free) for position in positions])
    best = int(np.argmax(fits))
    inside = positions[2 * (fits[best] - fits) <= INTERVAL_CUT]
    return Dated(int(positions[best]), int(inside.min()), int(inside.max()))


def rank_scores(values: Floats, strata: Integers) -> Floats:
    """Mid-ranks within strata, centred on 0 and over ``sqrt(n (n + 1) / 12)``, ``n`` the stratum's size."""
    order = np.lexsort((values, strata))
    sizes = np.bincount(strata)
    in_order, of_stratum = values[order], strata[order]
    fresh = np.ones(len(values), dtype=bool)
    fresh[1:] = (in_order[1:] != in_order[:-1]) | (of_stratum[1:] != of_stratum[:-1])
    tie = np.cumsum(fresh) - 1
    rank = np.arange(len(values)) - _starts(sizes)[of_stratum] + 1.0
    middle = (np.bincount(tie, rank) / np.bincount(tie))[tie]
    size = sizes[of_stratum]
    scores = np.empty(len(values))
    scores[order] = (middle - (size + 1) / 2) / np.sqrt(size * (size + 1) / 12)
    return scores


def weights(strata: Integers) -> Floats:
    """``V`` after each index: the sum over strata of rows before times rows after over rows in all."""
    sizes = np.bincount(strata)
    order = np.argsort(strata, kind="stable")
    seen = np.empty(len(strata))
    seen[order] = np.arange(len(strata)) - _starts(sizes)[strata[order]]
    size = sizes[strata]
    summed: Floats = np.cumsum((size - 2 * seen - 1) / size)
    return np.where(summed < 1e-9, 0.0, summed)


def on_both_sides(strata: Integers) -> Integers:
    """How many strata have values up to each index and after it."""
    change = np.zeros(len(strata) + 1, dtype=np.int64)
    first = np.unique(strata, return_index=True)[1]
    last = len(strata) - 1 - np.unique(strata[::-1], return_index=True)[1]
    np.add.at(change, first, 1)
    np.add.at(change, last, -1)
    return np.cumsum(change)[:-1]


def _starts(sizes: Integers) -> Integers:
    return np.concatenate(([0], np.cumsum(sizes)[:-1]))


def _chance(ranked: _Ranked, strata: Integers, generator: np.random.Generator) -> tuple[float, int, float]:
    """Chance, shuffles made, and the gain that one shuffle in a hundred reaches."""
    count, seen = len(strata), float(ranked.gains.max())
    wanted = max(FEWEST_SHUFFLES, min(SHUFFLES, SHUFFLED_VALUES // count))
    batch = max(1, min(wanted, 64_000 // count + 1))
    order = np.argsort(strata, kind="stable")
    grouped, scores_grouped = strata[order].astype(float), ranked.scores[order]
    largest: list[Floats] = []
    made = beaten = 0
    while made < wanted and beaten < ENOUGH_BEATEN:
        size = min(batch, wanted - made)
        keys = generator.random((size, count)) + grouped
        shuffled = np.empty((size, count))
        shuffled[:, order] = scores_grouped[np.argsort(keys, axis=1)]
        gains = (np.cumsum(shuffled, axis=1)[:, ranked.positions] ** 2 / ranked.weight).max(axis=1)
        largest.append(gains)
        made += size
        beaten += int((gains >= seen * (1 - 1e-9)).sum())
    return (1 + beaten) / (1 + made), made, float(np.quantile(np.concatenate(largest), 0.99))


def _gain_without_one(scores: Floats, strata: Integers, position: int) -> float:
    """The smallest gain at a position when any one stratum is left out; 0 when only one lies on both sides."""
    sizes = np.bincount(strata).astype(float)
    before = np.bincount(strata[: position + 1], minlength=len(sizes)).astype(float)
    weight = before * (sizes - before) / sizes
    after = np.bincount(strata[position + 1 :], scores[position + 1 :], minlength=len(sizes))
    both = weight > 0
    if both.sum() < 2:
        return 0.0
    left_weight = weight.sum() - weight[both]
    return float(((after[both].sum() - after[both]) ** 2 / left_weight).min())


def _likelihood(values: Floats, strata: Integers, position: int, free: int) -> float:
    """Log-likelihood of a level for each stratum and one step after ``position``, scaled to ``free`` degrees of
    freedom.

    Its scale is fitted by iterative reweighting (Lange, Little and Taylor 1989).
    """
    count = len(values)
    after = (np.arange(count) > position).astype(float)
    weight, spread, residual = np.ones(count), 1.0, values
    for _ in range(REWEIGHTINGS):
        total = np.bincount(strata, weight)
        centred = values - (np.bincount(strata, weight * values) / total)[strata]
        lever = after - (np.bincount(strata, weight * after) / total)[strata]
        weighed = weight * lever
        about = float(weighed @ lever)
        residual = centred - (float(weighed @ centred) / about if about > 1e-12 else 0.0) * lever
        before, spread = spread, max(float(weight @ residual**2) / count, 1e-18)
        if abs(spread - before) < SETTLED * spread:
            break
        weight = (FREEDOM + 1) / (FREEDOM + residual**2 / spread)
    tails = float(np.log1p(residual**2 / (FREEDOM * spread)).sum())
    return (-count / 2 * float(np.log(spread)) - (FREEDOM + 1) / 2 * tails) * free / count
