"""The two values every figure is made of: an interval with its level and method, and a rate with its counts.

>>> Rate(events=0, trials=100, exact=Interval(0.0, 0.04, 0.95, "clopper-pearson")).one_in
(None, inf, 25.0)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from countersign.inference.checks import CountOutOfRange, LevelOutOfRange, number, open_unit, shown

__all__ = ["Clustered", "Interval", "Rate"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A range that covers the true value with probability ``level`` under ``method`` and its assumptions.

    Ends are in the unit of the quantity (for a rate: events per trial), ``low <= high``; either may be infinite,
    neither NaN. Raises ``CountOutOfRange``, ``LevelOutOfRange``.

    >>> interval = Interval(0.01, 0.04, 0.95, "wilson")
    >>> interval.width, interval.hull(Interval(0.02, 0.05, 0.95, "score")).high
    (0.03, 0.05)
    """

    low: float
    high: float
    level: float
    method: str

    def __post_init__(self) -> None:
        if math.isnan(self.low) or math.isnan(self.high) or self.low > self.high:
            raise CountOutOfRange(f"an interval needs low <= high, got {shown(self.low)} and {shown(self.high)}")
        open_unit(self.level, "the confidence level")

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    @property
    def width(self) -> float:
        """``high - low``."""
        return self.high - self.low

    def hull(self, other: Interval, method: str | None = None) -> Interval:
        """The smallest interval that holds both; levels must agree. Raises ``LevelOutOfRange`` where they do not."""
        if self.level != other.level:
            raise LevelOutOfRange(f"intervals of levels {self.level} and {other.level} do not combine")
        return Interval(min(self.low, other.low), max(self.high, other.high), self.level, method or self.method)


@dataclass(frozen=True, slots=True)
class Clustered:
    """What allowing for clumps of events does to a rate's interval.

    ``design_effect``: estimated variance over that under independence, from ``clusters`` (deployments, subjects) with
    ``events``. ``bounded`` is false where they are too few to bound the rate: the interval reaches to 1 or without end.

    >>> Clustered(Interval(0.0, 0.04, 0.95, "profile"), design_effect=1.8, clusters=12, events=5).clusters
    12
    """

    interval: Interval
    design_effect: float
    clusters: int
    events: int
    bounded: bool = True


@dataclass(frozen=True, slots=True)
class Rate:
    """``events`` in ``trials`` with an exact interval, and the clustered one where clusters are known.

    Raises ``CountOutOfRange`` if a count is negative or beyond all, or a clustered interval is narrower than the exact
    one. ``events`` may exceed ``trials`` only for rates per hour or per deployment.

    >>> rate = Rate(events=5, trials=400, exact=Interval(0.0041, 0.029, 0.95, "clopper-pearson"))
    >>> rate.estimate, rate.one_in[0]
    (0.0125, 80.0)
    """

    events: int
    trials: float
    exact: Interval
    clustered: Clustered | None = None

    def __post_init__(self) -> None:
        number(self.events, "the events of a rate", whole=True)
        number(self.trials, "the trials of a rate", above=True)
        if self.clustered is not None:
            inner, outer = self.exact, self.clustered.interval
            if outer.low > inner.low or outer.high < inner.high:
                raise CountOutOfRange("a clustered interval may not be narrower than the exact one")

    @property
    def estimate(self) -> float:
        """``events / trials``."""
        return self.events / self.trials

    @property
    def widest(self) -> Interval:
        """The interval to print: the clustered one where there is one, else the exact one."""
        return self.exact if self.clustered is None else self.clustered.interval

    @property
    def one_in(self) -> tuple[float | None, float, float]:
        """The rate as "1 in N": estimate (``None`` at zero events), then the largest and smallest N not excluded."""
        interval = self.widest
        estimate = None if self.events == 0 else self.trials / self.events
        largest = math.inf if interval.low == 0 else 1 / interval.low
        return estimate, largest, math.inf if interval.high == 0 else 1 / interval.high
