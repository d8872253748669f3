"""How much has to be seen: faces to show a ceiling, false alerts to see a difference, and how long a monitor takes.

All are for independent events; multiply by the design effect where events come in clumps. The smallest ratio that the
counts at hand could have shown is ``exposure.detectable_ratio``.

>>> int(faces_for_ceiling(1 / 6000)), int(faces_for_ceiling(1e-6, alerts_allowed=3))
(17975, 7753657)
>>> alerts_for_ratio(3.0, share=0.135)
45
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincinv, ndtri

from countersign.inference.checks import CountOutOfRange, Floats, open_unit
from countersign.inference.monitors.evidence import log_e_above
from countersign.inference.monitors.labels import RATIOS
from countersign.inference.tails import at_least

#: A difference that takes more false alerts than this is not one that watching will show.
MOST = 200_000


def faces_for_ceiling(ceiling: ArrayLike, alerts_allowed: ArrayLike = 0, level: float = 0.95) -> Floats:
    """Faces after which, with at most ``alerts_allowed`` false alerts, the upper bound is at most ``ceiling``.

    q(level; 2x + 2) / 2 / ceiling (a chi-square quantile; one-sided), rounded up: a little more than the binomial
    bound needs. Broadcasts. Raises ``CountOutOfRange``, ``LevelOutOfRange``.
    """
    rate, x = np.broadcast_arrays(np.asarray(ceiling, dtype=np.float64), np.asarray(alerts_allowed, dtype=np.float64))
    if np.any(~((rate > 0) & (rate < 1) & (x >= 0))):
        raise CountOutOfRange("a ceiling lies between 0 and 1, and the alerts allowed are at least 0")
    return np.asarray(np.ceil(gammaincinv(x + 1, open_unit(level, "the confidence level")) / rate))


def power(alerts: ArrayLike, ratio: float, share: float, *, error: float = 0.025) -> Floats:
    """The chance that the exact one-sided test of equal rates at ``error`` sees a ``ratio`` (> 1) in ``alerts`` alerts.

    ``share``: the group's share of exposure. The test rejects at the least count c with P(X >= c) <= error under the
    share; the power is P(X >= c) under ratio * share / (1 - share + ratio * share).
    """
    m = np.atleast_1d(np.asarray(alerts, dtype=np.float64))
    s = open_unit(share, "the share of exposure")
    open_unit(error, "the error probability")
    if not ratio > 1 or np.any((m < 0) | (m != np.floor(m))):
        raise CountOutOfRange(f"a ratio of more than 1 and whole numbers of alerts are needed, got {ratio}")
    pi = ratio * s / (1 - s + ratio * s)
    low, high = np.zeros_like(m), m + 1
    while np.any(low < high):  # bisection over counts: the least c with P(X >= c) <= error
        middle = np.floor((low + high) / 2)
        enough = at_least(middle, m, s) <= error
        low, high = np.where(enough, low, middle + 1), np.where(enough, middle, high)
    return at_least(low, m, pi).reshape(np.shape(alerts))


def alerts_for_ratio(ratio: float, share: float, *, power_asked: float = 0.8, error: float = 0.025) -> int:
    """The number of false alerts from which on the exact one-sided test sees a ``ratio`` with ``power_asked``.

    The power of an exact test goes up in a saw; a lower number may do by luck, one more alert would then be too few
    again. The normal approximation says where to look. Raises ``CountOutOfRange`` if more than 200,000 would be needed,
    ``LevelOutOfRange``.
    """
    quantiles = float(ndtri(open_unit(power_asked, "the power")) - ndtri(open_unit(error, "the error probability")))
    s = open_unit(share, "the share of exposure")
    if not ratio > 1:
        raise CountOutOfRange(f"a ratio is more than 1, got {ratio}")
    pi = ratio * s / (1 - s + ratio * s)
    about = quantiles**2 * max(pi * (1 - pi), s * (1 - s)) / (pi - s) ** 2
    if about > MOST:
        raise CountOutOfRange(f"over {MOST:,} false alerts would be needed to see a ratio of {ratio}")
    # Far enough up for the teeth of the saw to have passed, and down to where power surely falls short.
    first, last = 1 if about < 1_000 else int(about / 2), int(3 * about) + 200
    short = np.flatnonzero(power(np.arange(first, last), ratio, share, error=error) < power_asked)
    return first + int(short[-1]) + 1 if short.size else first


def least_alerts_to_reject(share: float, *, error: float = 0.025) -> int:
    """The least number of alerts, all on one group of this share, that rejects equal rates: share^m <= error."""
    s = open_unit(share, "the share of exposure")
    return math.ceil(math.log(open_unit(error, "the error probability")) / math.log(s) - 1e-12)


@dataclass(frozen=True, slots=True)
class Times:
    """How long a monitor took in simulated runs: median, the time by which 80 % were done, and runs not done at all.

    Times are infinite where fewer than that share of runs were done by the ``horizon``. ``unit`` says what is counted.
    """

    median: float
    eighty: float
    unfinished: int
    runs: int
    horizon: float
    unit: str


def _times(found: Floats, horizon: float, unit: str) -> Times:
    done = np.sort(found)
    median, eighty = (float(done[math.ceil(share * done.size) - 1]) for share in (0.5, 0.8))
    return Times(median, eighty, int(np.isinf(done).sum()), done.size, horizon, unit)


def label_times(
    ratio: float,
    share: float,
    *,
    generator: np.random.Generator,
    runs: int = 2_000,
    horizon: int = 400,
    asked: float = 20.0,
) -> Times:
    """After how many false alerts ``labels.Labels`` shows a true ``ratio`` at a constant ``share``: by simulation.

    At ``ratio`` 1 the finished runs are false: at most runs / ``asked`` on average, however long the horizon.
    """
    pi = ratio * share / (1 - share + ratio * share)
    gain, cost = np.log(RATIOS), np.log1p(open_unit(share, "the share of exposure") * (RATIOS - 1))
    found = np.full(runs, np.inf)
    for first in range(0, runs, 200):
        hits = np.cumsum(generator.random((min(200, runs - first), horizon)) < pi, axis=1)
        terms = hits[:, :, None] * gain - np.arange(1, horizon + 1)[None, :, None] * cost
        top = terms.max(axis=2)
        logs = top + np.log(np.exp(terms - top[:, :, None]).mean(axis=2))
        over = logs >= math.log(asked)
        found[first : first + 200] = np.where(over.any(axis=1), over.argmax(axis=1) + 1.0, np.inf)
    return _times(found, float(horizon), "false alerts")


def ceiling_times(
    fold: float, *, generator: np.random.Generator, runs: int = 2_000, horizon: float = 100.0, asked: float = 20.0
) -> Times:
    """After how much exposure (faces times ceiling) ``ceiling.Ceiling`` shows a true ``fold`` of it: by simulation.

    ``fold`` 1 gives the chance of a false one within the horizon, at most 1 / ``asked``.
    """
    if not fold > 0:
        raise CountOutOfRange(f"a rate over its ceiling is above 0, got {fold}")
    count = int(fold * horizon + 10 * math.sqrt(fold * horizon) + 20)
    found = np.full(runs, np.inf)
    for first in range(0, runs, 200):
        at = np.cumsum(generator.exponential(1 / fold, (min(200, runs - first), count)), axis=1)
        events = np.broadcast_to(np.arange(1.0, count + 1), at.shape)
        surplus = events > at  # elsewhere the evidence is below 1
        logs = np.full(at.shape, -np.inf)
        logs[surplus] = log_e_above(events[surplus], at[surplus])
        over = (logs >= math.log(asked)) & (at <= horizon)
        place = over.argmax(axis=1)
        found[first : first + 200] = np.where(over.any(axis=1), at[np.arange(len(at)), place], np.inf)
    return _times(found, horizon, "faces times ceiling")
