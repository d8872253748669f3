"""The exact interval for a rate in time: events in a known exposure, no upper limit on their number.

>>> low, high = garwood(0, 10.0)
>>> f"{float(low)} {float(high):.4f}"
'0.0 0.3689'
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv


def garwood(
    events: ArrayLike, exposure: ArrayLike, level: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Garwood's interval [q(a/2; 2x)/2, q(1-a/2; 2x+2)/2] / exposure, a = 1 - level (chi-square quantiles).

    ``events`` >= 0 and ``exposure`` > 0 broadcast; returns the two ends, events per unit of exposure. Covers with
    probability at least ``level`` for a Poisson count. Raises ``ValueError``. Source: Garwood, Biometrika 28 (1936).
    """
    x, t = np.broadcast_arrays(np.asarray(events, dtype=np.float64), np.asarray(exposure, dtype=np.float64))
    if np.any(x < 0) or np.any(~(t > 0)):
        raise ValueError("an interval for a rate in time needs events >= 0 and exposure > 0")
    tail = (1 - level) / 2
    low = np.where(x == 0, 0.0, gammaincinv(np.maximum(x, 1), tail))
    return low / t, gammaincinv(x + 1, 1 - tail) / t
