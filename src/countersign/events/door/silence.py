"""A camera that stops sending while the others go on, found by the order of alerts alone.

Alerts are few, so that no minute without one means anything by itself; what can be asked is how many alerts of other
cameras passed without one of this camera's. If a camera's share were the same throughout, every order of the alerts
would be equally likely. A given stretch of ``k`` alerts of the others, out of ``N`` alerts of which the camera has
``n``, then holds none of its own with probability ``C(N - k, n) / C(N, n)``; there are ``n + 1`` places for the stretch
(before, between and after its own), and as many cameras. It is said where the sum of these is at most one in a
thousand, so that at most one deployment in a thousand without a silent camera has one said (Boole's inequality). Of a
declared camera without any alert it is asked how likely that is at equal shares. A camera whose crowd went elsewhere
looks the same; this says what was counted, not why.

>>> [one.camera for one in silences(["c1", "c2"] * 10 + ["c1"] * 30, {"c1", "c2"})]
['c2']
>>> silences(["c1", "c2"] * 20, {"c1", "c2"})
[]
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

#: A stretch is said where it is less likely than this, over all cameras and places.
LEAST_LIKELY = 1 / 1000


class Silence(NamedTuple):
    """``others`` alerts of other cameras in a row without one of this: after which of all alerts, and before which.

    ``after`` is -1 where it begins with the first alert, ``before`` the number of alerts where it lasts to the end.
    ``chance`` bounds the probability of such a stretch of any camera at equal shares throughout.
    """

    camera: str
    others: int
    after: int
    before: int
    chance: float


def silences(order: Sequence[str], declared: Iterable[str]) -> list[Silence]:
    """The cameras that were silent, by the cameras of all alerts in the order of their times, each with its longest."""
    places: dict[str, list[int]] = {camera: [] for camera in sorted({*declared, *order})}
    for place, camera in enumerate(order):
        places[camera].append(place)
    result = []
    for camera, own in places.items():
        edges = [-1, *own, len(order)]
        others, after, before = max((end - start - 1, start, end) for start, end in itertools.pairwise(edges))
        chance = _chance(len(order), len(own), others, len(places))
        if chance <= LEAST_LIKELY:
            result.append(Silence(camera, others, after, before, chance))
    return result


def _chance(alerts: int, own: int, others: int, cameras: int) -> float:
    """The bound of the module's text."""
    if cameras < 2:
        return 1.0
    if not own:
        return min(1.0, cameras * (1 - 1 / cameras) ** alerts)
    log = _log_choose(alerts - others, own) - _log_choose(alerts, own)
    return min(1.0, cameras * (own + 1) * math.exp(log))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
