"""How much has to be seen: faces to show a ceiling, false alerts to see a difference, and how long a monitor takes.

All are for independent events; multiply by the design effect where events come in clumps. The smallest ratio that the
counts at hand could have shown is ``exposure.detectable_ratio``. The test is the exact conditional one (Przyborowski
and Wilenski, Biometrika 31 (1940) 313-323), the bound Garwood's (``poisson``).

>>> int(faces_for_ceiling(1 / 6000)), int(faces_for_ceiling(1e-6, alerts_allowed=3))
(17975, 7753657)
>>> alerts_for_ratio(3.0, share=0.135)
45
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincinv, ndtri

from countersign.inference.checks import CountOutOfRange, Floats, alike, number, numbers, open_unit, open_units
from countersign.inference.tails import at_least

__all__ = ["alerts_for_ratio", "faces_for_ceiling", "power"]

#: A difference that takes more false alerts than this is not one that watching will show.
MOST = 200_000


def faces_for_ceiling(ceiling: ArrayLike, alerts_allowed: ArrayLike = 0, level: float = 0.95) -> Floats:
    """Faces after which, with at most ``alerts_allowed`` false alerts, the upper bound is at most ``ceiling``.

    q(level; 2x + 2) / 2 / ceiling (a chi-square quantile; one-sided), rounded up: a little more than the binomial
    bound needs. Broadcasts. Raises ``CountOutOfRange``, ``LevelOutOfRange``.

    >>> int(faces_for_ceiling(1 / 1000)), int(faces_for_ceiling(1 / 1000, alerts_allowed=2))
    (2996, 6296)
    """
    rate, x = alike(ceiling, alerts_allowed)
    open_units(rate, "a ceiling")
    numbers(x, "alerts allowed")
    return np.asarray(np.ceil(gammaincinv(x + 1, open_unit(level, "the confidence level")) / rate))


def power(alerts: ArrayLike, ratio: float, share: float, *, error: float = 0.025) -> Floats:
    """The chance that the exact one-sided test of equal rates at ``error`` sees a ``ratio`` (> 1) in ``alerts`` alerts.

    ``share``: the group's share of exposure. The test rejects at the least count c with P(X >= c) <= error under it;
    the power is P(X >= c) under ratio * share / (1 - share + ratio * share). Broadcasts over ``alerts``. Raises
    ``CountOutOfRange``, ``LevelOutOfRange``.

    >>> f"{float(power(45, 3.0, 0.135)):.2f}"
    '0.82'
    """
    m = np.atleast_1d(numbers(alerts, "alerts", whole=True))
    s = open_unit(share, "the share of exposure")
    open_unit(error, "the error probability")
    ratio = number(ratio, "the ratio", 1.0, above=True)
    pi = ratio * s / (1 - s + ratio * s)
    low, high = np.zeros_like(m), m + 1
    while np.any(low < high):  # bisection over counts: the least c with P(X >= c) <= error
        middle = np.floor((low + high) / 2)
        enough = at_least(middle, m, s) <= error
        low, high = np.where(enough, low, middle + 1), np.where(enough, middle, high)
    return at_least(low, m, pi).reshape(np.shape(alerts))


def alerts_for_ratio(ratio: float, share: float, *, power_asked: float = 0.8, error: float = 0.025) -> int:
    """The number of false alerts from which on the exact one-sided test sees a ``ratio`` with ``power_asked``.

    The power of an exact test goes up in a saw: a lower number may do by luck. Raises ``CountOutOfRange`` if more than
    200,000 would be needed, ``LevelOutOfRange``.

    >>> alerts_for_ratio(2.0, 0.3), alerts_for_ratio(5.0, 0.3)
    (77, 17)
    """
    quantiles = float(ndtri(open_unit(power_asked, "the power")) - ndtri(open_unit(error, "the error probability")))
    s = open_unit(share, "the share of exposure")
    ratio = number(ratio, "the ratio", 1.0, above=True)
    pi = ratio * s / (1 - s + ratio * s)
    about = quantiles**2 * max(pi * (1 - pi), s * (1 - s)) / (pi - s) ** 2
    if about > MOST:
        raise CountOutOfRange(f"over {MOST:,} false alerts would be needed to see a ratio of {ratio}")
    # Far enough up for the teeth of the saw to have passed, and down to where power surely falls short.
    first, last = 1 if about < 1_000 else int(about / 2), int(3 * about) + 200
    short = np.flatnonzero(power(np.arange(first, last), ratio, share, error=error) < power_asked)
    return first + int(short[-1]) + 1 if short.size else first
