"""Watching a rate against a ceiling while it runs, where the ceiling changes and the faces are only known as a range.

State: false alerts (fewest and most, as unresolved alerts count either way) and exposure, the sum over faces of the
ceiling that held (least and most). Evidence that the rate is above it is ``evidence.log_e_above`` of the fewest alerts
in the most exposure; the worse ends are watched too, and "nothing shown" is said only where neither shows an excess. It
stays valid while one keeps looking, and costs the same at the millionth face. An alert that is resolved later is not
taken back: fold the deployments again.

Hypothesis: given all that went before, each face raises a false alert with probability at most the ceiling. Clumps of
alerts (one person who raises several) break that: count moments of people, not alerts, or declare the most alerts that
one such moment raises as ``clump``. Counts and exposure are then in clumps, and nothing else changes: with S alerts in
a clump, S at most c, E[k^(S/c)] <= 1 + (k-1) E[S] / c, so the same evidence holds for alerts / c in exposure / c.

>>> watch = Ceiling().observe((90_000, 110_000), 0, ceiling=1e-6)
>>> watch.reading(fold=10).sentence
'nothing shown; a 10-fold excess over the ceiling would be seen after about 410,000 more faces'
>>> watch.observe(3_000_000, (9, 10), ceiling=1e-6).reading().shown
False
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from countersign.inference.checks import MOST, CountOutOfRange, Floats, alike, number, shown
from countersign.inference.monitors import sequence
from countersign.inference.monitors.evidence import Reading, about, e_value, log_e_above, log_e_above_surplus
from countersign.inference.rate import Interval

__all__ = ["Ceiling"]

#: Clumps are counted whole, down; sums of parts of one may fall short by so much.
WHOLE = 1e-9
#: A number, or a range of numbers from its least to its most.
Range = float | tuple[float, float]


def look(faces: Range, false_alerts: Range, ceiling: float) -> tuple[float, float, float, float]:
    """Least and most faces, fewest and most false alerts of one observation. Raises ``CountOutOfRange``."""
    try:
        least, most = faces if isinstance(faces, tuple) else (faces, faces)
        fewest, all_of = false_alerts if isinstance(false_alerts, tuple) else (false_alerts, false_alerts)
        fine = 0 <= least <= most <= MOST and 0 <= fewest <= all_of <= MOST and 0 < ceiling < 1
    except (TypeError, ValueError):
        fine = False
    if not fine:
        what = f"faces {shown(faces)}, false alerts {shown(false_alerts)}, ceiling {shown(ceiling)}"
        upwards = f"ranges run upwards from zero to {MOST:.16g} and a ceiling lies between 0 and 1"
        raise CountOutOfRange(f"{what}: {upwards}")
    return least, most, fewest, all_of


def set_up(asked: float, clump: float, *state: float) -> None:
    """Raises ``CountOutOfRange`` unless a monitor can ask for such evidence, for such clumps, and its counts so far
    (``state``) are numbers from 0.
    """
    try:
        fine = 1 < asked < math.inf and 1 <= clump < math.inf
    except (TypeError, ValueError):
        fine = False
    if not fine:
        number(asked, "the e value, or the looks, asked for", 1.0, above=True)
        number(clump, "the most alerts of a clump", 1.0)
    for counted in state:
        if not 0 <= counted < math.inf:
            raise CountOutOfRange(f"the counts of a monitor are numbers from 0, got {', '.join(map(shown, state))}")


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A monitor of a false-alert rate against a ceiling. ``asked``: the e value at which an excess counts as shown.

    ``asked`` = 20 rejects wrongly, ever, with probability at most 1/20, if events of at most ``clump`` alerts come
    apart from each other. The other fields are the state, alerts and exposure in clumps; leave them.

    >>> watch = Ceiling().observe(200_000, 9, ceiling=1e-5)
    >>> watch.reading().shown, round(watch.fold().low, 1)
    (True, 1.2)
    """

    asked: float = 20.0
    alerts_low: float = 0.0
    alerts_high: float = 0.0
    exposure_low: float = 0.0
    exposure_high: float = 0.0
    faces_high: float = 0.0
    log_highest: float = 0.0
    log_highest_worse: float = 0.0
    clump: float = 1.0

    def __post_init__(self) -> None:
        state = self.alerts_low, self.alerts_high, self.exposure_low, self.exposure_high, self.faces_high
        set_up(self.asked, self.clump, *state)

    def observe(self, faces: Range, false_alerts: Range, *, ceiling: float) -> Ceiling:
        """The monitor after ``faces`` passed (a number or a range) and raised ``false_alerts``, under ``ceiling``.

        ``ceiling`` (false alerts per face, above 0) is the one promised before. Raises ``CountOutOfRange`` where a
        range runs downwards or below zero, or alerts outnumber all faces so far.
        """
        least, most, fewest, all_of = look(faces, false_alerts, ceiling)
        fewest, all_of, chance = fewest / self.clump, all_of / self.clump, ceiling / self.clump
        if self.alerts_low + fewest > self.faces_high + most:
            raise CountOutOfRange(f"{self.alerts_low + fewest:g} false alerts from {self.faces_high + most:g} faces")
        alerts, exposure = self.alerts_low + fewest, self.exposure_high + most * chance
        more, less = self.alerts_high + all_of, self.exposure_low + least * chance
        highest, worse = self.log_highest, self.log_highest_worse
        # Without a new alert the evidence falls.
        if all_of:
            worse = _raised(worse, more, less)
            if fewest:
                highest = _raised(highest, alerts, exposure)
        return Ceiling(self.asked, alerts, more, less, exposure, self.faces_high + most, highest, worse, self.clump)

    def observe_many(
        self,
        faces_low: ArrayLike,
        faces_high: ArrayLike,
        alerts_low: ArrayLike,
        alerts_high: ArrayLike,
        ceilings: ArrayLike,
    ) -> Ceiling:
        """The monitor after many observations in a row, as by as many calls of ``observe``; arrays broadcast."""
        least, most, fewest, all_of, ceiling = alike(faces_low, faces_high, alerts_low, alerts_high, ceilings)
        fine = (least >= 0) & (least <= most) & (fewest >= 0) & (fewest <= all_of) & (ceiling > 0) & (ceiling < 1)
        if not (fine & (most <= MOST) & (all_of <= MOST)).all():
            upwards = f"faces and false alerts run upwards from zero to {MOST:.16g}"
            raise CountOutOfRange(f"{upwards}, and ceilings lie between 0 and 1")

        fewest, all_of, ceiling = fewest / self.clump, all_of / self.clump, ceiling / self.clump

        def after(start: float, steps: Floats) -> Floats:
            return np.cumsum(np.concatenate([[start], steps.reshape(-1)]))[1:]

        alerts, exposure = after(self.alerts_low, fewest), after(self.exposure_high, most * ceiling)
        more, less = after(self.alerts_high, all_of), after(self.exposure_low, least * ceiling)
        if not alerts.size:
            return self
        passed = after(self.faces_high, most)
        if np.any(alerts > passed):
            raise CountOutOfRange("more false alerts than faces")
        highest = _highest(self.log_highest, alerts, exposure, fewest.reshape(-1) > 0)
        worse = _highest(self.log_highest_worse, more, less, all_of.reshape(-1) > 0)
        counts = float(alerts[-1]), float(more[-1]), float(less[-1]), float(exposure[-1]), float(passed[-1])
        return Ceiling(self.asked, *counts, highest, worse, self.clump)

    def merge(self, other: Ceiling) -> Ceiling:
        """Both monitors as one over all their faces, in any order; the highest evidence starts again from the merged
        state.

        Raises ``CountOutOfRange`` where they ask for different evidence.
        """
        if (self.asked, self.clump) != (other.asked, other.clump):
            raise CountOutOfRange(f"monitors that ask for {self.asked:g} and {other.asked:g} do not merge")
        names = ("alerts_low", "alerts_high", "exposure_low", "exposure_high", "faces_high")
        merged = Ceiling(
            self.asked, **{name: getattr(self, name) + getattr(other, name) for name in names}, clump=self.clump
        )
        worse = _log_e(merged.alerts_high, merged.exposure_low)
        return replace(merged, log_highest=max(0.0, merged.log_evidence), log_highest_worse=max(0.0, worse))

    @property
    def log_evidence(self) -> float:
        """log e value now against "the rate was never above the ceiling", at the ends least favourable to rejecting."""
        return _log_e(self.alerts_low, self.exposure_high)

    def fold(self, level: float = 0.95) -> Interval:
        """Rate over ceiling: the confidence sequence, valid at all times at once, over both ranges."""
        low, high = sequence.fold(self.alerts_low, self.alerts_high, self.exposure_low, self.exposure_high, level)
        method = "confidence sequence, gamma-Poisson mixture, ends of the ranges"
        return Interval(float(low), float(high), level, method)

    def faces_until_seen(self, fold: float) -> float:
        """How many more faces until an excess of ``fold`` (> 1) would be seen, were alerts to come as evenly as it
        predicts.

        Takes the mean ceiling per face so far; infinite before any face. In simulation it was enough in 55 to 75% of
        runs.
        """
        number(fold, "an excess", 1.0, above=True)
        if not self.exposure_high:
            return math.inf
        asked = math.log(self.asked)
        if self.log_highest >= asked:
            return 0.0

        def seen(more: int) -> bool:
            alerts, exposure = self.alerts_low + more, self.exposure_high + more / fold
            return alerts > exposure and _log_e(alerts, exposure) >= asked

        high = 1
        while not seen(high):
            high *= 2
        low = high // 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if seen(middle) else (middle, high)
        return high / fold / self.exposure_high * self.faces_high

    @property
    def supposing(self) -> str:
        """Under what the evidence holds, to end a sentence with."""
        return ", if false alerts come apart" + (f" but for clumps of at most {self.clump:g}" if self.clump > 1 else "")

    def reading(self, fold: float = 3.0) -> Reading:
        """What it says now; ``fold``: the excess whose time until seen is given while nothing is shown.

        ``shown`` is so at every end of both ranges; an excess at the worse ends only is said, and never "nothing
        shown".
        """
        asked = math.log(self.asked)
        shown = self.log_highest >= asked
        if shown:
            least = f"the rate is at least {self.fold().low:.2g} times the ceiling"
            sentence = f"more false alerts than the ceiling allows have been shown: {least}{self.supposing}"
        elif self.log_highest_worse >= asked:
            sentence = (
                "more false alerts than the ceiling allows have been shown if all unresolved alerts were false and the "
                "faces were the fewest, and not at the other ends"
            )
        elif not self.exposure_high:
            sentence = "nothing shown; no face has been counted yet"
        else:
            more = f"{about(self.faces_until_seen(fold))} more faces"
            sentence = f"nothing shown; a {fold:g}-fold excess over the ceiling would be seen after about {more}"
        return Reading(shown, e_value(self.log_evidence), e_value(self.log_highest), self.asked, sentence)


def _log_e(alerts: float, exposure: float) -> float:
    """``log_e_above``; alerts out of no exposure are beyond any ceiling, and nothing out of nothing says nothing."""
    if not exposure:
        return math.inf if alerts else 0.0
    alerts = math.floor(alerts + WHOLE)
    if alerts >= 2 and alerts > exposure:
        return float(log_e_above_surplus(alerts, exposure))
    return float(log_e_above(alerts, exposure))


def _raised(highest: float, alerts: float, exposure: float) -> float:
    """The highest evidence after a new alert, worked out only where its bound x log(x/E) - x + E would raise it."""
    if exposure and (alerts <= exposure or alerts * math.log(alerts / exposure) - alerts + exposure <= highest):
        return highest
    return max(highest, _log_e(alerts, exposure))


def _highest(highest: float, alerts: Floats, exposure: Floats, new: NDArray[np.bool_]) -> float:
    if np.any(new & (exposure == 0)):
        return math.inf
    alerts = np.floor(alerts + WHOLE)
    raised = new & (alerts > exposure)
    return max(highest, float(log_e_above(alerts[raised], exposure[raised]).max())) if raised.any() else highest
