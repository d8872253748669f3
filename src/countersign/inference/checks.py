"""What every count, exposure and level must satisfy before a formula touches it, and the errors when it does not.

>>> events, trials = counts([1, 2], 10)
>>> events.tolist(), trials.tolist()
([1.0, 2.0], [10.0, 10.0])
>>> counts(11, 10)
Traceback (most recent call last):
countersign.inference.checks.CountOutOfRange: 11 events in 10 trials: events lie between 0 and trials
"""

from __future__ import annotations

import math
from typing import Any

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


#: The greatest count, and exposure: beyond it a double does not hold every whole number (2^53).
MOST = 9_007_199_254_740_992.0


def number(
    value: Any, name: str, least: float = 0.0, most: float = MOST, *, above: bool = False, whole: bool = False
) -> float:
    """``value``, one number from ``least`` (or ``above`` it) to ``most``, ``whole`` or not.

    Raises ``CountOutOfRange`` with ``name``, the value and what is allowed.
    """
    try:
        given = math.nan if isinstance(value, str) or getattr(value, "ndim", 0) > 0 else float(value)
    except (TypeError, ValueError, OverflowError):
        given = math.nan
    if (least < given if above else least <= given) and given <= most and (not whole or given == math.floor(given)):
        return given
    kind = "a whole number" if whole else "a number"
    bounds = f"{'above' if above else 'from'} {least:.16g} to {most:.16g}"
    raise CountOutOfRange(f"{name} is {kind} {bounds}, got {shown(value)}")


def numbers(
    values: ArrayLike, name: str, least: float = 0.0, most: float = MOST, *, above: bool = False, whole: bool = False
) -> Floats:
    """``values`` as floats, each as ``number`` asks. Raises ``CountOutOfRange``."""
    array = _floats(values, name)
    wrong = ~((array > least if above else array >= least) & (array <= most))
    if whole:
        wrong |= array != np.floor(array)
    if wrong.any():
        number(_first(wrong, array)[0], name, least, most, above=above, whole=whole)
    return array


def wholes(values: ArrayLike, name: str) -> NDArray[np.int64]:
    """``values`` as whole numbers from 0; what is whole already is only looked at. Raises ``CountOutOfRange``."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "iu" and values.min(initial=0) >= 0:
        number(int(values.max(initial=0)), name)
        return values.astype(np.int64, copy=False)
    return numbers(values, name, whole=True).astype(np.int64)


def shown(value: Any) -> str:
    """A number, a range or a list as a message gives it; long runs of digits would be withheld as encoded data."""
    if isinstance(value, tuple) and len(value) == 2:
        return " to ".join(map(shown, value))
    if np.ndim(value):
        return f"a list of {np.size(value)}"
    return f"{value:.10g}" if isinstance(value, int | float | np.number) else repr(value)


def _floats(values: ArrayLike, name: str) -> Floats:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise CountOutOfRange(f"{name} are numbers, got {type(values).__name__}") from None


def alike(*given: ArrayLike) -> tuple[Floats, ...]:
    """``given`` as floats of one shape: each of the same length, or one alone. Raises ``CountOutOfRange``."""
    arrays = [_floats(values, "counts") for values in given]
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
    bad = ~((x >= 0) & (x <= n) & (n >= 1) & (n <= MOST)) | (x != np.floor(x)) | (n != np.floor(n))
    if bad.any():
        wrong, of = _first(bad, x, n)
        reason = f"both are whole, and there are 1 to {MOST:.16g} trials"
        if wrong > of:
            reason = "events lie between 0 and trials"
        raise CountOutOfRange(f"{wrong:g} events in {of:g} trials: {reason}")
    return x, n


def exposures(events: ArrayLike, exposure: ArrayLike) -> tuple[Floats, Floats]:
    """``events`` (whole, >= 0) and ``exposure`` (> 0) as floats of one shape. Raises ``CountOutOfRange``."""
    x, t = alike(events, exposure)
    bad = ~((x >= 0) & (x <= MOST) & (t > 0) & (t <= MOST)) | (x != np.floor(x))
    if bad.any():
        wrong, of = _first(bad, x, t)
        reason = f"events are whole, exposure is above zero, and neither is over {MOST:.16g}"
        raise CountOutOfRange(f"{wrong:g} events in an exposure of {of:g}: {reason}")
    return x, t


def open_unit(value: float, name: str) -> float:
    """``value``, strictly between 0 and 1. Raises ``LevelOutOfRange`` with ``name`` otherwise (NaN included)."""
    try:
        return number(value, name, 0.0, math.nextafter(1.0, 0.0), above=True)
    except CountOutOfRange:
        raise LevelOutOfRange(f"{name} lies strictly between 0 and 1, got {shown(value)}") from None


def open_units(values: ArrayLike, name: str) -> Floats:
    """``values`` as floats, each strictly between 0 and 1. Raises ``LevelOutOfRange`` with ``name`` otherwise."""
    array = _floats(values, name)
    wrong = ~((array > 0) & (array < 1))
    if wrong.any():
        open_unit(_first(wrong, array)[0], name)
    return array
