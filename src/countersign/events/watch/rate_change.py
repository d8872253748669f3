"""Has the rate of alerts changed? Each declared hour is compared with all before it, and with earlier deployments.

For an hour with x alerts in n faces after X in N, equal rates put each of the x + X alerts on the hour with chance
n / (n + N): the conditional exact test (``equality.two_rates``), valid whatever the rate is. The declared hours share
an error of 1 in 20 between them, so that the chance that any hour is ever wrongly said to differ is at most that. All
alerts count, true or false. Stretches between changes of threshold, list or engine are never compared with each other.

>>> from countersign.events.watch.watched import Hour
>>> hours = [Hour(f"2026-03-07T1{n}Z", 1000, alerts, alerts, 0, 0, 0) for n, alerts in enumerate((2, 3, 30))]
>>> change = compare([(hour, 0) for hour in hours], planned=3)
>>> change.hour, change.shown
('2026-03-07T12Z', True)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from countersign.events.watch.watched import Hour
from countersign.inference.groups.equality import two_rates
from countersign.inference.ratio import conditional_exact

ERROR = 0.05


@dataclass(frozen=True, slots=True)
class Change:
    """The hour that differs most from what came before it, with the interval of the ratio of the two rates.

    ``error``: the p value that an hour must reach; the interval is of that level. ``until``: faces of one hour after
    which a rise to ``fold`` times the earlier rate would be seen, infinite where no number would do.
    """

    hour: str
    alerts: int
    faces: int
    earlier_alerts: int
    earlier_faces: int
    p: float
    error: float
    low: float
    high: float
    fold: float
    until: float

    @property
    def shown(self) -> bool:
        """Whether the hour's rate is shown to differ."""
        return self.p <= self.error


def compare(
    hours: Sequence[tuple[Hour, int | None]], *, planned: int, earlier: tuple[int, int] = (0, 0), fold: float = 3.0
) -> Change | None:
    """The declared hour that differs most from those before it in its stretch; ``None`` where there is none to compare.

    ``hours``: in order of time, each with its stretch (``None``: a change falls in it). ``earlier``: alerts and faces
    of earlier deployments under the settings of the first stretch. ``planned``: how many hours are declared.
    """
    error = ERROR / max(1, planned)
    pools: dict[int, tuple[int, int]] = {0: earlier}
    compared: list[tuple[float, Hour, tuple[int, int]]] = []
    for hour, stretch in hours:
        if stretch is None or not hour.faces:
            continue
        alerts, faces = pools.get(stretch, (0, 0))
        if faces:
            p = float(two_rates(hour.all_alerts, hour.faces, alerts, faces))
            compared.append((p, hour, (alerts, faces)))
        pools[stretch] = alerts + hour.all_alerts, faces + hour.faces
    if not compared:
        return None
    p, hour, (alerts, faces) = min(compared, key=lambda entry: entry[0])
    low, high = conditional_exact(hour.all_alerts, hour.faces, alerts, faces, 1 - error)
    stretch = next(place for entry, place in reversed(hours) if place is not None and entry.faces)
    until = _until(pools[stretch], fold, error)
    return Change(hour.hour, hour.all_alerts, hour.faces, alerts, faces, p, error, float(low), float(high), fold, until)


def _until(pool: tuple[int, int], fold: float, error: float) -> float:
    """Faces of one further hour after which ``fold`` times the pool's rate would be seen, coming as it predicts."""
    alerts, faces = pool
    if not alerts:
        return math.inf

    def seen(count: int) -> bool:
        return float(two_rates(count, count * faces / (fold * alerts), alerts, faces)) <= error

    high = 1
    while not seen(high):
        if high > 1_000_000:
            return math.inf
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if seen(middle) else (middle, high)
    return high * faces / (fold * alerts)
