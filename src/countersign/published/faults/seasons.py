"""Which steps a season cannot explain: a yearly curve is fitted beside them, after they were found without it.

The search for steps knows no season, and must not: a curve fitted while looking moves the date of a real step. So each
step that was found is classified afterwards. The values are levels of the strata, the steps, and ``HARMONICS`` waves of
the year, by least squares with residuals clipped at ``CLIPPED`` spreads (Huber, Robust Statistics, 1981, 7.8). Steps
whose squared t statistic stays below ``BEYOND`` are dropped one by one, the weakest first. One that is left is beyond
the season; one that is dropped is a *step or season*. In a record of less than a year a curve can take the place of
almost any small step.

>>> import numpy as np
>>> days = np.arange(0.0, 730.0, 2.0)
>>> wave, strata = 0.2 * np.sin(days / 365.25 * 2 * np.pi), np.arange(365) % 9
>>> noise = np.random.default_rng(0).normal(0, 0.3, 365)
>>> beyond_season(wave + noise, days, strata, [90, 180])
[False, False]
>>> beyond_season(wave + noise + 0.6 * (days > 300), days, strata, [150])
[True]
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from countersign.published.faults.step_scan import Floats, Integers

#: Waves of the year that make a season; what a squared t statistic must reach; where residuals are clipped, and how
#: often the fit is repeated.
HARMONICS, BEYOND, CLIPPED, REFITS = 1, 12.0, 3.0, 4
YEAR = 365.25


def beyond_season(values: Floats, days: Floats, strata: Integers, positions: Sequence[int]) -> list[bool]:
    """For each of ``positions`` (the last value before a step), whether the step stands beside a fitted season.

    ``values`` lie in order of time at ``days``, each in a stratum (codes from 0); all of length ``n``.
    """
    angles = 2 * np.pi / YEAR * np.outer(days, np.arange(1, HARMONICS + 1))
    season = np.hstack([np.sin(angles), np.cos(angles)])
    index = np.arange(len(values))
    left = list(range(len(positions)))
    while left:
        steps = np.column_stack([index > positions[at] for at in left]).astype(float)
        squares = _squared_t(values, np.hstack([steps, season]), strata, len(left))
        weakest = int(squares.argmin())
        if squares[weakest] >= BEYOND:
            break
        left.pop(weakest)
    return [at in left for at in range(len(positions))]


def _squared_t(values: Floats, columns: Floats, strata: Integers, count: int) -> Floats:
    """Squared t statistics of the first ``count`` of ``columns``, beside a level for each stratum."""
    sizes = np.bincount(strata)

    def within(column: Floats) -> Floats:
        return np.asarray(column - (np.bincount(strata, column) / sizes)[strata])

    design = np.column_stack([within(column) for column in columns.T])
    inverse = np.linalg.pinv(design.T @ design)
    free = max(1, len(values) - int((sizes > 0).sum()) - columns.shape[1])
    clipped, spread, fit = values, 1.0, np.zeros(columns.shape[1])
    for _ in range(REFITS):
        centred = within(clipped)
        fit = inverse @ (design.T @ centred)
        level = clipped - centred + design @ fit
        residual = values - level
        spread = 1.4826 * float(np.median(np.abs(residual))) * np.sqrt(len(values) / free)
        clipped = level + np.clip(residual, -CLIPPED * spread, CLIPPED * spread)
    scale = max(spread**2, 1e-18) * np.maximum(np.diag(inverse)[:count], 1e-12)
    return np.asarray(fit[:count] ** 2 / scale)
