"""A forecast from a scenario: how many false alerts, by group, and what list size and threshold do to them.

Many deployments are made up and their counts kept: a mean, and the range between the 2.5th and 97.5th hundredth of the
runs, which is the spread from one deployment to the next, not the doubt about the assumptions. Beside it stands what
the closed form gives. The table over list sizes and thresholds is closed form alone. Every figure is assumed, not
measured; a forecast is no evidence, and no kind of entry takes one.

>>> from countersign.made_up.scenario import load
>>> made = forecast(load("quiet-high-street"), runs=20, seed=1)
>>> made.stamp, made.groups[0].group, len(made.table)
('assumed, not measured', 'group-1', 12)
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from countersign.made_up.crowd import expected, pass_by
from countersign.made_up.scenario import STAMP, Scenario, ScenarioWrong
from countersign.progress import Progress, silent

#: The share of the runs between the ends of a range.
LEVEL = 0.95
MOST_RUNS = 1_000_000
#: What is set beside the scenario's own list size and threshold.
SIZE_STEPS = (Decimal("0.1"), Decimal(1), Decimal(2))
THRESHOLD_STEPS = (Decimal("-0.04"), Decimal("-0.02"), Decimal(0), Decimal("0.02"))


@dataclass(frozen=True, slots=True)
class GroupForecast:
    """False alerts of a deployment in one group: mean of the runs, range of the runs, and the closed form's mean."""

    group: str
    mean: float
    low: float
    high: float
    closed_form: float
    faces: float
    stamp: str = STAMP


@dataclass(frozen=True, slots=True)
class Step:
    """Expected false alerts of a deployment with another list size and threshold, in closed form, by group."""

    list_size: int
    threshold: str
    false_alerts: dict[str, float]
    stamp: str = STAMP

    @property
    def total(self) -> float:
        """Of all groups."""
        return sum(self.false_alerts.values())


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the runs gave, stamped."""

    title: str
    runs: int
    seed: int
    groups: tuple[GroupForecast, ...]
    table: tuple[Step, ...]
    stamp: str = STAMP


def forecast(scenario: Scenario, runs: int, seed: int, progress: Progress = silent) -> Forecast:
    """A forecast from ``runs`` made-up deployments. Raises ``ScenarioWrong`` for no runs or too many."""
    if not 1 <= runs <= MOST_RUNS:
        raise ScenarioWrong(f"a forecast takes 1 to {MOST_RUNS:,} runs, not {runs:,}")
    random = np.random.default_rng(seed)
    counts = np.empty((runs, len(scenario.groups)))
    for run in range(runs):
        counts[run] = pass_by(scenario, random).false_alerts.sum(axis=0)
        progress("making up deployments", run + 1, runs)
    low, high = np.quantile(counts, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0, method="inverted_cdf")
    means = expected(scenario)
    groups = tuple(
        GroupForecast(
            group.name, float(counts[:, number].mean()), float(low[number]), float(high[number]),
            means[group.name][1], means[group.name][0],
        )
        for number, group in enumerate(scenario.groups)
    )  # fmt: skip
    return Forecast(scenario.title, runs, seed, groups, _table(scenario))


def _table(scenario: Scenario) -> tuple[Step, ...]:
    base = Decimal(scenario.engine.threshold)
    return tuple(
        Step(
            size, str(threshold), {name: mean for name, (_, mean) in expected(scenario, float(threshold), size).items()}
        )
        for size in dict.fromkeys(int(scenario.list.size * step) for step in SIZE_STEPS)
        for threshold in (base + step for step in THRESHOLD_STEPS)
        if 0 < threshold < 1
    )
