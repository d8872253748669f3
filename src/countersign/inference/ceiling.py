"""Watching a rate against a ceiling while it runs, where the ceiling changes and the faces are only known as a range.

State: false alerts (fewest and most, as unresolved alerts count either way) and exposure, the sum over faces of the
ceiling that held (least and most, at the ends of the face count). Evidence that the rate is above the ceiling is
``evidence.log_e_above`` of the fewest alerts in the most exposure, so that no choice within the ranges could make it
smaller; the confidence sequence for rate / ceiling takes the wider end on each side. All of it stays valid while one
keeps looking. The state is six sums and the highest evidence so far: an update costs the same at the millionth face.

Hypothesis: given all that went before, each face raises a false alert with probability at most the ceiling. Clumps of
alerts (one face seen again and again) break that; count tracks of people, not frames.

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
from numpy.typing import ArrayLike

from countersign.inference import sequence
from countersign.inference.checks import CountOutOfRange, Floats
from countersign.inference.evidence import (
    Reading,
    about,
    log_e_above,
    log_e_above_surplus,
    log_e_below,
)
from countersign.inference.rate import Interval

#: A number, or a range of numbers from its least to its most.
Range = float | tuple[float, float]


def look(faces: Range, false_alerts: Range, ceiling: float) -> tuple[float, float, float, float]:
    """Least and most faces, fewest and most false alerts of one observation. Raises ``CountOutOfRange``."""
    least, most = faces if isinstance(faces, tuple) else (faces, faces)
    fewest, all_of = false_alerts if isinstance(false_alerts, tuple) else (false_alerts, false_alerts)
    if not (0 <= least <= most < math.inf and 0 <= fewest <= all_of and 0 < ceiling < 1):
        what = f"faces {faces}, false alerts {false_alerts}, ceiling {ceiling}"
        raise CountOutOfRange(f"{what}: ranges run upwards from zero and a ceiling lies between 0 and 1")
    return least, most, fewest, all_of


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A monitor of a false-alert rate against a ceiling. ``asked``: the e value at which an excess counts as shown.

    ``asked`` = 20 rejects wrongly, ever, with probability at most 1/20. The other fields are the state; leave them.
    """

    asked: float = 20.0
    alerts_low: float = 0.0
    alerts_high: float = 0.0
    exposure_low: float = 0.0
    exposure_high: float = 0.0
    faces_high: float = 0.0
    log_highest: float = 0.0

    def observe(self, faces: Range, false_alerts: Range, *, ceiling: float) -> Ceiling:
        """The monitor after ``faces`` passed (a number or a range) and raised ``false_alerts``, under ``ceiling``.

        ``ceiling`` (false alerts per face, above 0) is the one promised before these faces passed. Raises
        ``CountOutOfRange`` where a range runs downwards or below zero, or alerts outnumber all faces so far.
        """
        least, most, fewest, all_of = look(faces, false_alerts, ceiling)
        if self.alerts_low + fewest > self.faces_high + most:
            raise CountOutOfRange(f"{self.alerts_low + fewest:g} false alerts from {self.faces_high + most:g} faces")
        alerts, exposure = self.alerts_low + fewest, self.exposure_high + most * ceiling
        highest = self.log_highest
        # Without a new alert the evidence falls; with one it stays under its bound x log(x/E) - x + E.
        if fewest and alerts > exposure and alerts * math.log(alerts / exposure) - alerts + exposure > highest:
            found = log_e_above_surplus(alerts, exposure) if alerts >= 2 else log_e_above(alerts, exposure)
            highest = max(highest, float(found))
        return Ceiling(
            self.asked,
            alerts,
            self.alerts_high + all_of,
            self.exposure_low + least * ceiling,
            exposure,
            self.faces_high + most,
            highest,
        )

    def observe_many(
        self,
        faces_low: ArrayLike,
        faces_high: ArrayLike,
        alerts_low: ArrayLike,
        alerts_high: ArrayLike,
        ceilings: ArrayLike,
    ) -> Ceiling:
        """The monitor after many observations in a row, as by as many calls of ``observe``; arrays broadcast."""
        given = (faces_low, faces_high, alerts_low, alerts_high, ceilings)
        least, most, fewest, all_of, ceiling = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in given))
        fine = (least >= 0) & (least <= most) & (fewest >= 0) & (fewest <= all_of) & (ceiling > 0) & (ceiling < 1)
        if not fine.all() or not np.isfinite(most).all():
            raise CountOutOfRange("faces and false alerts run upwards from zero, and ceilings lie between 0 and 1")

        def after(start: float, steps: Floats) -> Floats:
            return np.cumsum(np.concatenate([[start], steps.reshape(-1)]))[1:]

        alerts, exposure = after(self.alerts_low, fewest), after(self.exposure_high, most * ceiling)
        if not alerts.size:
            return self
        passed = after(self.faces_high, most)
        if np.any(alerts > passed):
            raise CountOutOfRange("more false alerts than faces")
        new = (fewest.reshape(-1) > 0) & (alerts > exposure)
        highest = max(self.log_highest, float(log_e_above(alerts[new], exposure[new]).max())) if new.any() else None
        return Ceiling(
            self.asked,
            float(alerts[-1]),
            float(after(self.alerts_high, all_of)[-1]),
            float(after(self.exposure_low, least * ceiling)[-1]),
            float(exposure[-1]),
            float(passed[-1]),
            self.log_highest if highest is None else highest,
        )

    def merge(self, other: Ceiling) -> Ceiling:
        """Both monitors as one over all their faces, in any order.

        The highest evidence starts again from the merged state: the peak of a part would be a second chance to reject.
        Raises ``CountOutOfRange`` where they ask for different evidence.
        """
        if self.asked != other.asked:
            raise CountOutOfRange(f"monitors that ask for {self.asked:g} and {other.asked:g} do not merge")
        merged = Ceiling(
            self.asked,
            self.alerts_low + other.alerts_low,
            self.alerts_high + other.alerts_high,
            self.exposure_low + other.exposure_low,
            self.exposure_high + other.exposure_high,
            self.faces_high + other.faces_high,
        )
        return replace(merged, log_highest=max(0.0, merged.log_evidence))

    @property
    def log_evidence(self) -> float:
        """log e value now against "the rate was never above the ceiling", at the ends least favourable to rejecting."""
        return float(log_e_above(self.alerts_low, self.exposure_high)) if self.exposure_high else 0.0

    @property
    def log_evidence_below(self) -> float:
        """log e value now against "the rate was never below the ceiling", at the ends least favourable to that.

        A number to print, not a state: a ceiling of one in a thousand is passed by five thousand faces.
        """
        return float(log_e_below(self.alerts_high, self.exposure_low)) if self.exposure_low else 0.0

    def fold(self, level: float = 0.95) -> Interval:
        """Rate over ceiling: the confidence sequence, valid at all times at once, over both ranges."""
        low, high = sequence.fold(self.alerts_low, self.alerts_high, self.exposure_low, self.exposure_high, level)
        return Interval(
            float(low), float(high), level, "confidence sequence, gamma-Poisson mixture, ends of the ranges"
        )

    def faces_until_seen(self, fold: float) -> float:
        """How many more faces until an excess of ``fold`` (> 1) would be seen, were alerts to come as it predicts.

        Takes the mean ceiling per face so far; infinite before any face. Alerts are supposed to come as evenly as their
        rate says, which in simulation was enough in 55 to 75 % of runs: a forecast, not a promise.
        """
        if not fold > 1:
            raise CountOutOfRange(f"an excess is more than 1-fold, got {fold}")
        if not self.exposure_high:
            return math.inf
        asked = math.log(self.asked)
        if self.log_highest >= asked:
            return 0.0

        def seen(more: int) -> bool:
            alerts, exposure = self.alerts_low + more, self.exposure_high + more / fold
            return alerts > exposure and float(log_e_above(alerts, exposure)) >= asked

        high = 1
        while not seen(high):
            high *= 2
        low = high // 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if seen(middle) else (middle, high)
        return high / fold / self.exposure_high * self.faces_high

    def reading(self, fold: float = 3.0) -> Reading:
        """What it says now; ``fold``: the excess whose time until seen is told while nothing is shown."""
        shown = self.log_highest >= math.log(self.asked)
        if shown:
            sentence = (
                "more false alerts than the ceiling allows have been shown: "
                f"the rate is at least {self.fold().low:.2g} times the ceiling"
            )
        elif not self.exposure_high:
            sentence = "nothing shown; no face has been counted yet"
        else:
            sentence = (
                f"nothing shown; a {fold:g}-fold excess over the ceiling would be seen after about "
                f"{about(self.faces_until_seen(fold))} more faces"
            )
        return Reading(shown, math.exp(self.log_evidence), math.exp(self.log_highest), self.asked, sentence)
