"""Round places on a log axis: powers of ten, with 1, 3 or 1, 2, 5 between where there is room.

>>> log_ticks(1e-5, 0.2, 5)
[1e-05, 0.0001, 0.001, 0.01, 0.1]
>>> [round(1 / tick) for tick in log_ticks(1 / 50_000, 1 / 900, 5, one_in=True)]
[20000, 10000, 5000, 2000, 1000]
"""

from __future__ import annotations

import math
from collections.abc import Iterable


def log_axis(values: Iterable[float], most: int, *, one_in: bool = False) -> tuple[list[float], list[float]]:
    """The two ends of a log axis that holds all positive ``values`` with a little room, and its ticks.

    Values that lie close together get an axis that is at least fourfold, so that it has places to name.
    """
    positive = [value for value in values if value > 0] or [1.0]
    low, high = min(positive), max(positive)
    if high / low < 4:
        low, high = low / 2, high * 2
    room = (high / low) ** 0.06
    return [low / room, high * room], log_ticks(low / room, high * room, most, one_in=one_in)


def log_ticks(low: float, high: float, most: int, *, one_in: bool = False) -> list[float]:
    """At most ``most`` places from ``low`` to ``high``, rising: round themselves, or 1 in a round number.

    Both ends must be positive; the axis may span any number of decades.
    """
    ticks: list[float] = []
    for steps in ((1, 2, 5), (1, 3), (1,)):
        ticks = _round_places(low, high, steps, one_in)
        if len(ticks) <= most:
            break
    while len(ticks) > most:
        ticks = ticks[::2]
    return ticks


def _round_places(low: float, high: float, steps: tuple[int, ...], one_in: bool) -> list[float]:
    bottom, top = (1 / high, 1 / low) if one_in else (low, high)
    decades = range(math.floor(math.log10(bottom)), math.ceil(math.log10(top)) + 1)
    places = [float(f"{step}e{decade}") for decade in decades for step in steps]
    kept = [place for place in places if bottom <= place <= top]
    return sorted(1 / place for place in kept) if one_in else kept
