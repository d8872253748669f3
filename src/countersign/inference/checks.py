"""What every count, exposure and level must satisfy before a formula touches it, and the errors when it does not.

>>> events, trials = counts([1, 2], 10)
>>> events.tolist(), trials.tolist()
([1.0, 2.0], [10.0, 10.0])
>>> counts(11, 10)
Traceback (most recent call last):
countersign.inference.checks.CountOutOfRange: 11 events in 10 trials: events lie between 0 and trials
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from countersign.errors import WrongForm

Floats = NDArray[np.float64]


class CountOutOfRange(
    WrongForm,
    code="inference-count-out-of-range",
    next_step="Check the counts: whole numbers, 0 <= events <= trials, at least one trial, exposure above zero.",
):
    """A count or an exposure that cannot be: negative, not whole, not finite, or more events than trials."""


class LevelOutOfRange(
    WrongForm,
    code="inference-level-out-of-range",
    next_step="Give a number strictly between 0 and 1, such as 0.95 for a level or 0.05 for an error probability.",
):
    """A confidence level, an error probability or a share that does not lie where it must."""


def alike(*given: ArrayLike) -> tuple[Floats, ...]:
    """``given`` as floats of one shape: each of the same length, or one alone. Raises ``CountOutOfRange``."""
    arrays = [np.asarray(values, dtype=np.float64) for values in given]
    try:
        return tuple(np.broadcast_arrays(*arrays))
    except ValueError:
        shapes = ", ".join(str(array.shape) for array in arrays)
        raise CountOutOfRange(f"counts are of one length or one alone, got shapes {shapes}") from None


def _first(bad: NDArray[np.bool_], *arrays: Floats) -> tuple[float, ...]:
    place = np.flatnonzero(bad)[0]
    return tuple(float(array.reshape(-1)[place]) for array in arrays)


def counts(events: ArrayLike, trials: ArrayLike) -> tuple[Floats, Floats]:
    """``events`` and ``trials`` as floats of one shape. Raises ``CountOutOfRange`` naming the first wrong pair."""
    x, n = alike(events, trials)
    bad = ~((x >= 0) & (x <= n) & (n >= 1) & np.isfinite(n)) | (x != np.floor(x)) | (n != np.floor(n))
    if bad.any():
        wrong, of = _first(bad, x, n)
        reason = "events lie between 0 and trials" if wrong > of else "both are whole, and there is at least one trial"
        raise CountOutOfRange(f"{wrong:g} events in {of:g} trials: {reason}")
    return x, n


def exposures(events: ArrayLike, exposure: ArrayLike) -> tuple[Floats, Floats]:
    """``events`` (whole, >= 0) and ``exposure`` (> 0) as floats of one shape. Raises ``CountOutOfRange``."""
    x, t = alike(events, exposure)
    bad = ~((x >= 0) & np.isfinite(x) & (t > 0) & np.isfinite(t)) | (x != np.floor(x))
    if bad.any():
        wrong, of = _first(bad, x, t)
        raise CountOutOfRange(f"{wrong:g} events in an exposure of {of:g}: events are whole and exposure is above zero")
    return x, t


def open_unit(value: float, name: str) -> float:
    """``value``, strictly between 0 and 1. Raises ``LevelOutOfRange`` with ``name`` otherwise (NaN included)."""
    if not 0.0 < value < 1.0:
        raise LevelOutOfRange(f"{name} lies strictly between 0 and 1, got {value!r}")
    return float(value)
