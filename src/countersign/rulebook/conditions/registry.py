"""The checks by duty: a check takes a ``Look`` and gives the points that decide the duty.

>>> sorted(CHECKS) == sorted(set(CHECKS))
True
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps

from countersign.rulebook.conditions.look import Look, Unmeasured
from countersign.rulebook.conditions.points import Point, lacking

Check = Callable[[Look], Sequence[Point]]

CHECKS: dict[str, Check] = {}


def check(duty: str) -> Callable[[Check], Check]:
    """Register the check of a duty; a duty has one. Where a check has no number to measure by, nothing is shown."""

    def register(function: Check) -> Check:
        @wraps(function)
        def measured(look: Look) -> Sequence[Point]:
            try:
                return function(look)
            except Unmeasured as missing:
                name = str(missing).replace("-", " ")
                return (
                    lacking(f"no policy on the record sets a figure for {name}, and no source of the catalogue does"),
                )

        if duty in CHECKS:
            raise AssertionError(f"{duty} has two checks")
        CHECKS[duty] = measured
        return measured

    return register
