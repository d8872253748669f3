"""The checks by duty: a check takes a ``Look`` and gives the points that decide the duty.

>>> sorted(CHECKS) == sorted(set(CHECKS))
True
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from countersign.rulebook.look import Look
from countersign.rulebook.points import Point

Check = Callable[[Look], Sequence[Point]]

CHECKS: dict[str, Check] = {}


def check(duty: str) -> Callable[[Check], Check]:
    """Register the check of a duty; a duty has one."""

    def register(function: Check) -> Check:
        if duty in CHECKS:
            raise AssertionError(f"{duty} has two checks")
        CHECKS[duty] = function
        return function

    return register
