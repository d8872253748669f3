"""How long a monitor takes, by simulation: what the tests of its promises count."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countersign.inference.monitors.evidence import log_e_above
from countersign.inference.monitors.labels import RATIOS

Floats = NDArray[np.float64]


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
    gain, cost = np.log(RATIOS), np.log1p(share * (RATIOS - 1))
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
