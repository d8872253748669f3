"""Has the rate of false alerts risen? An e-CUSUM over a grid of rises, with a stated rate of false alarms.

For a rise to k times the ceiling, each look multiplies the evidence of a start at that look or before by
k^x exp(-(k-1) E), x the alerts and E the exposure since the last look; the best start is kept,

    M_k <- max(1, M_k) k^x exp(-(k-1) E),

and an alarm comes when the mean of M_k over the grid reaches ``looks_asked``. While the rate is never above the
ceiling, false alarms come on average at most once in ``looks_asked`` calls of ``observe`` (Shin, Ramdas and Rinaldo,
2023, arXiv:2203.03532, theorem 2.4; Lorden 1971 for one k). That is weaker than what ``ceiling`` gives; in exchange a
late rise is seen as fast as an early one. Alerts of one person in a row are a clump: ``clump`` says how many at most,
and both counts are kept in clumps (``ceiling``). Exposure as a range counts at its most, alerts at their fewest.

>>> watch = Change(looks_asked=1000)
>>> for alerts in (0, 0, 1, 2, 3, 4):
...     watch = watch.observe(10_000, alerts, ceiling=1e-5)
>>> watch.alarm_at
5
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from countersign.inference.checks import CountOutOfRange, Floats, alike, number, numbers, open_units
from countersign.inference.monitors.ceiling import Range, look, set_up
from countersign.inference.monitors.evidence import Reading, about, e_value, first_crossing, mixed

__all__ = ["Change"]

#: The rises betted on, each with the same stake.
RISES = np.array([1.5, 2.0, 3.0, 5.0, 10.0, 30.0])
_LOG_RISES = np.log(RISES)
_LOG_STAKES = np.full(RISES.size, -math.log(RISES.size))
_NO_START = np.full(RISES.size, -np.inf)
_ABOVE_ONE = RISES - 1
for _constant in (RISES, _LOG_RISES, _LOG_STAKES, _NO_START, _ABOVE_ONE):
    _constant.flags.writeable = False


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A monitor for a rise above the ceiling. ``looks_asked``: at most one false alarm in this many looks, on average.

    ``alarm_at`` is the look of the first alarm, if any. The other fields are the state: ``best`` is log M_k for each
    rise.

    >>> watch = Change(looks_asked=100)
    >>> watch = watch.observe(10_000, 0, ceiling=1e-5).observe(10_000, 6, ceiling=1e-5)
    >>> watch.alarm_at
    2
    """

    looks_asked: float = 10_000.0
    looks: int = 0
    alarm_at: int | None = None
    faces: float = 0.0
    exposure: float = 0.0
    alerts: float = 0.0
    best: Floats = field(default_factory=lambda: _NO_START)
    clump: float = 1.0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Change):
            return NotImplemented
        mine = (self.looks_asked, self.clump, self.looks, self.alarm_at, self.faces, self.exposure, self.alerts)
        theirs = (
            other.looks_asked,
            other.clump,
            other.looks,
            other.alarm_at,
            other.faces,
            other.exposure,
            other.alerts,
        )
        return mine == theirs and np.array_equal(self.best, other.best)

    __hash__ = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.best.flags.writeable = False
        set_up(self.looks_asked, self.clump, self.faces, self.exposure, self.alerts)

    def observe(self, faces: Range, false_alerts: Range, *, ceiling: float) -> Change:
        """The monitor after one look: ``faces`` passed, ``false_alerts`` came (numbers or ranges), under ``ceiling``.

        Raises ``CountOutOfRange`` where a range runs downwards or below zero.
        """
        _, most, fewest, _ = look(faces, false_alerts, ceiling)
        exposure, fewest = most * ceiling / self.clump, fewest / self.clump
        best = np.maximum(self.best, 0.0) - exposure * _ABOVE_ONE
        if fewest:
            best += fewest * _LOG_RISES
        looks, alarm = self.looks + 1, self.alarm_at
        # Only alerts raise the evidence.
        if alarm is None and fewest and mixed(best, _LOG_STAKES) >= math.log(self.looks_asked):
            alarm = looks
        return Change(
            self.looks_asked,
            looks,
            alarm,
            self.faces + most,
            self.exposure + exposure,
            self.alerts + fewest,
            best,
            self.clump,
        )

    def observe_many(self, faces: ArrayLike, false_alerts: ArrayLike, ceilings: ArrayLike) -> Change:
        """The monitor after many looks in a row, as by as many calls of ``observe``; most faces, fewest alerts.

        Arrays broadcast. With W the running sum of the log factors, log M_k is the largest rise of W so far. Raises
        ``CountOutOfRange``.
        """
        passed, alerts, ceiling = (values.reshape(-1) for values in alike(faces, false_alerts, ceilings))
        numbers(passed, "faces")
        numbers(alerts, "false alerts")
        open_units(ceiling, "a ceiling")
        if not passed.size:
            return self
        exposure, alerts = passed * ceiling / self.clump, alerts / self.clump
        walk = np.cumsum(np.outer(alerts, _LOG_RISES) - np.outer(exposure, _ABOVE_ONE), axis=0)
        start = np.vstack([np.zeros(RISES.size) - np.maximum(self.best, 0.0), walk[:-1]])
        best = walk - np.minimum.accumulate(start, axis=0)
        looks, alarm = self.looks + passed.size, self.alarm_at
        if alarm is None:
            terms = best[alerts > 0] + _LOG_STAKES
            top = terms.max(axis=1, initial=-np.inf)
            reached = top + np.log(np.exp(terms - top[:, None]).sum(axis=1)) >= math.log(self.looks_asked)
            hits = np.flatnonzero(alerts > 0)[reached]
            alarm = self.looks + int(hits[0]) + 1 if hits.size else None
        seen = self.faces + float(passed.sum())
        spent, came = self.exposure + float(exposure.sum()), self.alerts + float(alerts.sum())
        return Change(self.looks_asked, looks, alarm, seen, spent, came, best[-1].copy(), self.clump)

    def merge(self, later: Change) -> Change:
        """This stretch followed by a ``later`` one watched apart: the state is that of one watch over both.

        Associative, and not commutative. An alarm inside ``later`` that only the stretch before would have brought on
        is raised at its end. Raises ``CountOutOfRange`` where they ask for different things.
        """
        if (self.looks_asked, self.clump) != (later.looks_asked, later.clump):
            raise CountOutOfRange("monitors that ask for different numbers of looks do not merge")
        whole = later.alerts * _LOG_RISES - later.exposure * _ABOVE_ONE
        best = np.maximum(np.maximum(self.best, 0.0) + whole, later.best) if later.looks else self.best
        looks, alarm = self.looks + later.looks, self.alarm_at
        if alarm is None and later.alarm_at is not None:
            alarm = self.looks + later.alarm_at
        if alarm is None and looks and mixed(best, _LOG_STAKES) >= math.log(self.looks_asked):
            alarm = looks
        sums = self.faces + later.faces, self.exposure + later.exposure, self.alerts + later.alerts
        return Change(self.looks_asked, looks, alarm, *sums, best, self.clump)

    @property
    def log_evidence(self) -> float:
        """log of the mean over rises, now; minus infinity before the first look."""
        return mixed(self.best, _LOG_STAKES)

    def faces_until_seen(self, fold: float) -> float:
        """How many more faces until a rise to ``fold`` times the ceiling, starting now, would be seen, about."""
        number(fold, "a rise", 1.0, above=True)
        if not self.exposure:
            return math.inf
        growth = fold * _LOG_RISES - _ABOVE_ONE
        more = first_crossing(np.maximum(self.best, 0.0), growth, _LOG_STAKES, math.log(self.looks_asked))
        return more / self.exposure * self.faces

    def reading(self, fold: float = 3.0) -> Reading:
        """What it says now; ``fold``: the rise whose time until seen is given while nothing is shown."""
        shown = self.alarm_at is not None
        if shown:
            sentence = (
                f"a rise above the ceiling has been shown at look {self.alarm_at}; without one, an alarm comes at most "
                f"once in {self.looks_asked:,.0f} looks on average"
            )
        elif not self.exposure:
            sentence = "nothing shown; no face has been counted yet"
        else:
            more = f"{about(self.faces_until_seen(fold))} more faces"
            sentence = f"nothing shown; a rise to {fold:g} times the ceiling would be seen after about {more}"
        evidence = e_value(self.log_evidence)
        return Reading(shown, evidence, max(evidence, self.looks_asked if shown else 0.0), self.looks_asked, sentence)
