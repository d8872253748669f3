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

import math
from collections.abc import Callable
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


#: What must be left of a gain without the stratum that adds most: chance reaches it at a given date 1 time in 40; and
#: of the strata's own gains, in their spread.
WITHOUT_ONE, WITHOUT_ONE_LOCAL = 5.0, 2.0
#: Of a partition: the penalty of a stretch over ``log n``, the most positions tried, how far out a value counts, and
#: how often levels and stretches are fitted in turn.
PENALTY, MOST_EDGES, CLIPPED, REFITS = 7.0, 500, 5.0, 2


@dataclass(frozen=True, slots=True)
class Step:
    """The best step by ranks. ``position`` is the index of the last value before it.

    ``chance`` is from ``shuffles`` shuffles; ``of_several``: it stands without the stratum that adds most; ``local``:
    it was found as a step of some strata and not as one common to all.
    """

    position: int
    chance: float
    shuffles: int
    of_several: bool
    local: bool = False


class Dated(NamedTuple):
    """Best position of a step and the ends of its interval: ``earliest <= position <= latest``."""

    position: int
    earliest: int
    latest: int


def scan(
    values: Floats, strata: Integers, positions: Integers, generator: np.random.Generator, chance_at_most: float = 0.01
) -> Step | None:
    """The best step among ``positions`` (each the index of the last value before it), or ``None``.

    ``None`` where no step can lie, or where chance gives one as large more often than ``chance_at_most``: neither one
    common to all strata nor, in ``several`` of them, one of each its own size. ``values`` are in order of time,
    ``strata`` their codes from 0, both of length ``n``; ``positions`` lie in ``[0, n - 2]``.
    """
    ranked = _rank(values, strata, positions)
    if ranked is None:
        return None
    chance, shuffles = _chance(ranked, generator, _common, chance_at_most)
    chance_at_most = max(chance_at_most, 1 / (1 + shuffles))
    best = int(ranked.positions[np.argmax(_common(ranked, ranked.scores[ranked.grouped][None, :])[0])])
    of_several = _without_one(ranked, best)[0] >= WITHOUT_ONE
    if chance <= chance_at_most and of_several:
        return Step(best, chance, shuffles, True)
    apart = int(ranked.positions[np.argmax(_local(ranked, ranked.scores[ranked.grouped][None, :])[0])])
    if _without_one(ranked, apart)[1] >= WITHOUT_ONE_LOCAL:
        local, shuffles = _chance(ranked, generator, _local, chance_at_most)
        if local <= max(chance_at_most, 1 / (1 + shuffles)):
            return Step(apart, local, shuffles, True, local=True)
    return Step(best, chance, shuffles, False) if chance <= chance_at_most else None


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Rank scores; ``grouped``: their order by strata; ``own``: ``b a / n`` of its stratum after each, in that order.

    At each position: ``weight`` of a common step, and ``both``, how many strata lie on both sides.
    """

    scores: Floats
    strata: Integers
    positions: Integers
    grouped: Integers
    own: Floats
    weight: Floats
    both: Floats


def _rank(values: Floats, strata: Integers, positions: Integers) -> _Ranked | None:
    if not len(positions):
        return None
    scores, weight = rank_scores(values, strata), weights(strata)
    positions = positions[weight[positions] > 0]
    if not len(positions) or not scores.any():
        return None
    grouped = np.argsort(strata, kind="stable")
    sizes = np.bincount(strata)
    size = sizes[strata[grouped]].astype(float)
    seen = np.arange(len(strata)) - _starts(sizes)[strata[grouped]] + 1
    both = on_both_sides(strata)[positions].astype(float)
    return _Ranked(scores, strata, positions, grouped, seen * (size - seen) / size, weight[positions], both)


def _common(ranked: _Ranked, scores: Floats) -> Floats:
    """The gains of a common step at each position, for lines of scores in order of strata."""
    by_time = np.empty_like(scores)
    by_time[:, ranked.grouped] = scores
    return np.asarray(np.cumsum(by_time, axis=1)[:, ranked.positions] ** 2 / ranked.weight)


def _local(ranked: _Ranked, scores: Floats) -> Floats:
    """The sum of the gains of strata each with its own step, less their number, over the spread of that.

    The scores of a stratum add up to 0, so that running sums start anew at each.
    """
    own = np.where(ranked.own > 0, np.cumsum(scores, axis=1) ** 2 / np.maximum(ranked.own, 1e-9), 0.0)
    by_time = np.empty_like(scores)
    by_time[:, ranked.grouped] = np.diff(own, axis=1, prepend=0.0)
    return np.asarray((np.cumsum(by_time, axis=1)[:, ranked.positions] - ranked.both) / np.sqrt(2 * ranked.both))


def date_step(values: Floats, strata: Integers, positions: Integers, independent: int | None = None) -> Dated | None:
    """Where among ``positions`` a step in ``values`` lies, with its 95% interval; ``None`` where none can.

    ``values`` are in order of time, ``strata`` their codes from 0. ``independent``: how many of the values count as
    independent of each other (all, unless told); fewer make the interval wider.
    """
    ranked = _rank(values, strata, positions)
    if ranked is None:
        return None
    squares = float(ranked.scores @ ranked.scores)
    gains = _common(ranked, ranked.scores[ranked.grouped][None, :])[0]
    left = np.maximum(squares - gains, 1e-9 * squares)
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


def partition(values: Floats, strata: Integers, positions: Integers, least: int) -> list[int]:
    """Positions that part ``values`` best into stretches of one level each, above the levels of their strata.

    The sum of squares about the levels, over the square of the spread, plus ``PENALTY log n`` for each stretch, is
    least, with at least ``least`` values a stretch: what PELT finds (Killick, Fearnhead and Eckley, JASA 107 (2012)
    1590-1598), here over at most ``MOST_EDGES`` positions. Levels of the strata are fitted again beside the stretches.
    """
    count, sizes = len(values), np.maximum(np.bincount(strata), 1)
    several = sizes[strata] > 1
    if not len(positions) or several.sum() <= 2 * least:
        return []
    order = np.lexsort((np.arange(count), strata))
    moves = np.diff(values[order])[strata[order][1:] == strata[order][:-1]]
    spread = 1.4826 * float(np.median(np.abs(moves))) / math.sqrt(2)
    if spread <= 0:
        return []
    edges = np.concatenate(([0], positions[:: -(-len(positions) // MOST_EDGES)] + 1, [count]))
    offset, parts = np.zeros(count), []
    for _ in range(REFITS):
        level = np.bincount(strata, values - offset) / sizes
        away = np.where(several, values - level[strata], 0.0) / spread
        middle = float(np.median(away[several]))
        away = np.clip(away, middle - CLIPPED, middle + CLIPPED) * several
        parts = _parted(away, several.astype(float), edges, least)
        piece = np.searchsorted(parts, np.arange(count), side="right")
        held = np.maximum(np.bincount(piece, several), 1)
        offset = (np.bincount(piece, (values - level[strata]) * several) / held)[piece]
    return [part - 1 for part in parts]


def _parted(away: Floats, kept: Floats, edges: Integers, least: int) -> list[int]:
    """First index of each stretch but the first, by optimal partition over ``edges``."""
    squares, sums, sizes = (np.concatenate(([0.0], np.cumsum(part)))[edges] for part in (away**2, away, kept))
    penalty = PENALTY * math.log(len(away))
    best, came = np.full(len(edges), np.inf), np.zeros(len(edges), dtype=np.int64)
    best[0] = -penalty
    for end in range(1, len(edges)):
        fits = np.flatnonzero(edges[:end] <= edges[end] - least)
        if len(fits):
            total = (sums[end] - sums[fits]) ** 2 / np.maximum(sizes[end] - sizes[fits], 1)
            cost = best[fits] + squares[end] - squares[fits] - total + penalty
            came[end], best[end] = fits[int(cost.argmin())], cost.min()
    parts, at = [], int(came[-1])
    while at:
        parts.append(int(edges[at]))
        at = int(came[at])
    return parts[::-1]


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


def _chance(
    ranked: _Ranked,
    generator: np.random.Generator,
    gains: Callable[[_Ranked, Floats], Floats],
    chance_at_most: float,
) -> tuple[float, int]:
    """Chance of ``gains`` as large as those seen, and shuffles made: enough for ``chance_at_most``, if rows are few."""
    count = len(ranked.strata)
    strata, scores = ranked.strata[ranked.grouped].astype(float), ranked.scores[ranked.grouped]
    seen = float(gains(ranked, scores[None, :]).max()) * (1 - 1e-9)
    wanted = max(FEWEST_SHUFFLES, min(max(SHUFFLES, math.ceil(1 / chance_at_most) - 1), SHUFFLED_VALUES // count))
    batch = max(1, min(wanted, 64_000 // count + 1))
    made = beaten = 0
    while made < wanted and beaten < ENOUGH_BEATEN:
        size = min(batch, wanted - made)
        shuffled = scores[np.argsort(generator.random((size, count)) + strata, axis=1)]
        made += size
        beaten += int((gains(ranked, shuffled).max(axis=1) >= seen).sum())
    return (1 + beaten) / (1 + made), made


def _without_one(ranked: _Ranked, position: int) -> tuple[float, float]:
    """The smallest gain of a common step, and of the strata's own steps, at a position without any one stratum.

    0 where only one lies on both sides.
    """
    weight, after = own_steps(ranked.scores, ranked.strata, position)
    if len(weight) < 2:
        return 0.0, 0.0
    common = (after.sum() - after) ** 2 / (weight.sum() - weight)
    own = after**2 / weight
    others = len(own) - 1
    return float(common.min()), float((own.sum() - own.max() - others) / math.sqrt(2 * others))


def own_steps(scores: Floats, strata: Integers, position: int) -> tuple[Floats, Floats]:
    """``b a / n`` and the sum of the scores after ``position``, of each stratum that lies on both sides."""
    sizes = np.bincount(strata).astype(float)
    before = np.bincount(strata[: position + 1], minlength=len(sizes)).astype(float)
    weight = before * (sizes - before) / sizes
    after = np.bincount(strata[position + 1 :], scores[position + 1 :], minlength=len(sizes))
    both = weight > 0
    return weight[both], after[both]


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
