"""Exact intervals for one proportion.

>>> low, high = clopper_pearson(10, 3_147_436)
>>> f"{float(low):.4g} {float(high):.4g}"
'1.524e-06 5.843e-06'
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv


def clopper_pearson(
    events: ArrayLike, trials: ArrayLike, level: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The Clopper-Pearson interval [B(a/2; x, n-x+1), B(1-a/2; x+1, n-x)], a = 1 - level (beta quantiles).

    ``events`` and ``trials`` are integer arrays that broadcast, 0 <= events <= trials, trials >= 1; returns the two
    ends, events per trial, in the broadcast shape. Covers with probability at least ``level`` for independent trials.
    Raises ``ValueError`` for counts out of range. Source: Clopper and Pearson, Biometrika 26 (1934) 404-413.
    """
    x, n = np.broadcast_arrays(np.asarray(events, dtype=np.float64), np.asarray(trials, dtype=np.float64))
    if np.any(x < 0) or np.any(x > n) or np.any(n < 1):
        raise ValueError("an exact interval needs 0 <= events <= trials and trials >= 1")
    tail = (1 - level) / 2
    low = np.where(x == 0, 0.0, betaincinv(np.maximum(x, 1), n - x + 1, tail))
    high = np.where(x == n, 1.0, betaincinv(x + 1, np.maximum(n - x, 1), 1 - tail))
    return low, high
