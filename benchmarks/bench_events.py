"""Made-up crowds: passers-by a second; beside it, drawing as many plain uniform numbers with NumPy."""

from __future__ import annotations

import msgspec
import numpy as np

from benchmarks.harness import Report, median_seconds
from countersign.events.crowd import pass_by
from countersign.events.scenario import load


def simulation(report: Report) -> None:
    """Two million people past a list of 16,000."""
    scenario = msgspec.structs.replace(load("busy-interchange"), crowd_by_hour=(1_000_000.0, 1_000_000.0))
    seconds = median_seconds(lambda: pass_by(scenario, np.random.default_rng(1)))
    plain = median_seconds(lambda: np.random.default_rng(1).random(2_000_000))
    report.figure(
        "simulation", 2_000_000 / seconds, "passers-by/s", at_least=1_000_000,
        peer=f"plain uniform numbers by NumPy {2_000_000 / plain:.3g}/s",
    )  # fmt: skip


def run(report: Report) -> None:
    """All figures of events."""
    simulation(report)
