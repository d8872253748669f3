"""The crowd of a made-up deployment walks past, each person a group and a score; a forecast from many such crowds.

In each hour a Poisson number of people passes, in groups by their shares, and a Poisson number of those on the list. A
captured person is searched once: the best score of all others on the list, a listed person's own score, the higher of
the two. Kept are counts by hour and group, and the scores of alerts; ``expected`` is what they should come to, in
closed form. A forecast keeps the counts of many deployments: a mean, and the range between the 2.5th and 97.5th
percentile of the runs, the spread from one to the next. Every figure is assumed, not measured; it is no evidence.

>>> from countersign.made_up.scenario import load
>>> walk = pass_by(load("quiet-high-street"), np.random.default_rng(1))
>>> walk.passed.shape == walk.false_alerts.shape, bool((walk.captured <= walk.passed).all())
(True, True)
>>> made = forecast(load("quiet-high-street"), runs=20, seed=1)
>>> made.stamp, made.groups[0].group, len(made.table)
('assumed, not measured', 'group-1', 12)
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from countersign.made_up.scenario import STAMP, Floats, Group, Scenario, ScenarioWrong
from countersign.progress import Progress, silent

Counts = NDArray[np.int64]
#: Passers-by drawn at once: bounds the memory of an hour, and keeps it in the processor's cache.
BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Walk:
    """What happened: counts of shape (hours, groups), and one row an alert in the order of hour and group. ``passed``
    includes the ``listed``; ``captured`` and ``listed_captured`` were searched. A false alert is one that names an
    entry other than the person's own, listed or not.
    """

    passed: Counts
    captured: Counts
    listed: Counts
    listed_captured: Counts
    true_alerts: Counts
    false_alerts: Counts
    hours: Counts
    groups: Counts
    scores: Floats
    right: NDArray[np.bool_]


def pass_by(scenario: Scenario, random: np.random.Generator, threshold: float | None = None) -> Walk:
    """One deployment's crowd, the same for the same state of ``random``. ``threshold``: that in use, if not given."""
    alert_at = float(scenario.engine.threshold) if threshold is None else threshold
    groups, flow = scenario.groups, np.asarray(scenario.crowd_by_hour)
    share = np.array([group.share for group in groups])
    lost = np.array([group.capture_failure for group in groups])
    listed_mean = np.outer(flow / flow.sum(), share) * scenario.list.listed_passing
    listed = random.poisson(listed_mean)
    others = random.poisson(np.outer(flow, share) - listed_mean)
    listed_captured, others_captured = random.binomial(listed, 1 - lost), random.binomial(others, 1 - lost)
    true_alerts, false_alerts = np.zeros_like(listed), np.zeros_like(listed)
    rows: list[tuple[int, int, Floats, NDArray[np.bool_]]] = []
    for hour, place in np.ndindex(*listed.shape):
        scores, right = _search(
            scenario,
            groups[place],
            int(others_captured[hour, place]),
            int(listed_captured[hour, place]),
            alert_at,
            random,
        )
        true_alerts[hour, place] = int(right.sum())
        false_alerts[hour, place] = len(right) - int(right.sum())
        if len(scores):
            rows.append((hour, place, scores, right))
    return Walk(
        passed=others + listed,
        captured=others_captured + listed_captured,
        listed=listed,
        listed_captured=listed_captured,
        true_alerts=true_alerts,
        false_alerts=false_alerts,
        hours=np.concatenate([np.full(len(scores), hour) for hour, _, scores, _ in rows] or [np.zeros(0, np.int64)]),
        groups=np.concatenate([np.full(len(scores), place) for _, place, scores, _ in rows] or [np.zeros(0, np.int64)]),
        scores=np.concatenate([scores for _, _, scores, _ in rows] or [np.zeros(0)]),
        right=np.concatenate([right for *_, right in rows] or [np.zeros(0, np.bool_)]),
    )


def _search(
    scenario: Scenario, group: Group, others: int, listed: int, threshold: float, random: np.random.Generator
) -> tuple[Floats, NDArray[np.bool_]]:
    """The alerts among ``others`` and ``listed`` captured people of a group: their scores, and whether they are right.
    A listed person is compared with one entry fewer of the others: their own is apart.
    """
    found_scores, found_right = [np.zeros(0)], [np.zeros(0, np.bool_)]
    for start in range(0, others, BLOCK):
        best = _best_other(scenario, group, min(BLOCK, others - start), 0, random)
        alerts = best[best >= threshold]
        found_scores.append(alerts)
        found_right.append(np.zeros(len(alerts), np.bool_))
    if listed:
        own = scenario.law.own(random, listed, scenario.found(group))
        best = _best_other(scenario, group, listed, 1, random)
        higher = np.maximum(own, best)
        alerts_at = higher >= threshold
        found_scores.append(higher[alerts_at])
        found_right.append((own >= best)[alerts_at])
    return np.concatenate(found_scores), np.concatenate(found_right)


def _best_other(scenario: Scenario, group: Group, count: int, fewer: int, random: np.random.Generator) -> Floats:
    law, across = scenario.law, scenario.list.across
    like = scenario.entries_like(group)
    unlike = scenario.list.size - like
    if like:
        like -= fewer
    elif unlike:
        unlike -= fewer
    if across == 1.0:
        return law.best_of(random, count, like + unlike, group.nonmate_ratio)
    within = law.best_of(random, count, like, group.nonmate_ratio)
    if across == 0.0:
        return within
    return np.maximum(within, law.best_of(random, count, unlike, group.nonmate_ratio * across))


def expected(
    scenario: Scenario, threshold: float | None = None, list_size: int | None = None
) -> dict[str, tuple[float, float]]:
    """By group, the expected captured people who are not listed, and the false alerts among them, in closed form.
    ``threshold`` and ``list_size`` are the scenario's own, if not given. False alerts of listed people (their own score
    lower than another's) are rarer by far and left out.
    """
    at = float(scenario.engine.threshold) if threshold is None else threshold
    unlisted = sum(scenario.crowd_by_hour) - scenario.list.listed_passing
    result = {}
    for group in scenario.groups:
        captured = unlisted * group.share * (1 - group.capture_failure)
        result[group.name] = captured, captured * scenario.false_alert_chance(group, at, list_size)
    return result


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
            group.name,
            float(counts[:, number].mean()),
            float(low[number]),
            float(high[number]),
            means[group.name][1],
            means[group.name][0],
        )
        for number, group in enumerate(scenario.groups)
    )
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
