"""Speed of inference: a million intervals, a million monitor updates, and what SciPy and statsmodels take."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.harness import Report, median_seconds, peak_mb

MILLION = 1_000_000


def _updates(start: Any, step: Callable[[Any, int], Any], count: int = MILLION) -> float:
    """Seconds for ``count`` updates one by one, each a new value."""
    watch, begun = start, time.process_time()
    for number in range(count):
        watch = step(watch, number)
    return time.process_time() - begun


@dataclass(frozen=True)
class Plain:
    """The yardstick of monitors: a value that counts, each update a new one."""

    looks: int = 0
    alerts: int = 0
    groups: int = 0
    chance: float = 0.5


def _late_over_early(start: Any, late: Any, step: Callable[[Any, int], Any]) -> float:
    """Cost of an update after a million observations over that of a first one (least of 20 rounds of 500 each)."""
    rounds = [(_updates(start, step, 500), _updates(late, step, 500)) for _ in range(20)]
    return min(late for _, late in rounds) / min(early for early, _ in rounds)


def run(report: Report) -> None:
    """Print the figures; the promises are those of the specification."""
    from countersign.inference import binomial, ratio
    from countersign.inference.monitors.ceiling import Ceiling
    from countersign.inference.monitors.detection import Change
    from countersign.inference.monitors.labels import Labels
    from countersign.inference.monitors.twosample import TwoSample

    generator = np.random.default_rng(1)
    events = generator.integers(0, 101, MILLION)
    trials = np.round(10 ** generator.uniform(4, 9, MILLION))

    ours = median_seconds(lambda: binomial.clopper_pearson(events, trials), runs=3)
    scipy, peers = _peers(events, trials)
    report.ratio(
        "a million Clopper-Pearson intervals, 0 to 100 events, 1e4 to 1e9 trials", ours, scipy, "SciPy betaincinv",
        at_most=0.5, peer=peers,
    )  # fmt: skip
    for name, method in (("mid-P", binomial.mid_p), ("Wilson", binomial.wilson), ("Jeffreys", binomial.jeffreys)):
        part = MILLION // 10 if name == "mid-P" else MILLION
        seconds = median_seconds(lambda m=method, k=part: m(events[:k], trials[:k]), runs=1)  # type: ignore[misc]
        report.figure(f"{part:,} {name} intervals", seconds, "s")
    one, two = events[:100_000], events[-100_000:]
    exact = median_seconds(lambda: ratio.conditional_exact(one, 1e6, two, 2e6), runs=1)
    report.figure("100,000 conditional exact ratios", exact, "s")
    scored = median_seconds(lambda: ratio.koopman(one, 1_000_000, two, 2_000_000), runs=1)
    report.figure("100,000 Koopman ratios", scored, "s")

    # Ten false alerts in a million looks for the ceiling, as in a year of faces; for labels every update is a false
    # alert, one in seven on the group.
    alert_at = set(range(0, MILLION, MILLION // 10))
    steps: dict[str, tuple[Any, Callable[[Any, int], Any]]] = {
        "ceiling": (Ceiling(), lambda w, k: w.observe(3, 1 if k in alert_at else 0, ceiling=1e-6)),
        "group labels": (Labels(), lambda w, k: w.observe(k % 7 == 0, share=0.15)),
        "two samples": (TwoSample(), lambda w, k: w.observe(0, 1, k % 50 == 0, 1)),
        "change": (Change(), lambda w, k: w.observe(3, 1 if k in alert_at else 0, ceiling=1e-6)),
    }
    plain = _updates(Plain(), lambda value, _: replace(value, looks=value.looks + 1))
    for name, (start, step) in steps.items():
        seconds = _updates(start, step)
        report.ratio(
            f"a million updates of the {name} monitor, one by one, each a new value", seconds, plain,
            "dataclasses.replace as often", at_most=6,
        )  # fmt: skip
        late = step(start, 1)
        for _ in range(20):
            late = late.merge(late)
        ratio_late = _late_over_early(start, late, step)
        report.figure(f"{name} monitor: an update after a million over a first one", ratio_late, "times", at_most=2)
    alerts = np.isin(np.arange(MILLION), list(alert_at)).astype(float)
    many = median_seconds(lambda: Ceiling().observe_many(3.0, 3.0, alerts, alerts, 1e-6), runs=3)
    report.figure("a million updates of the ceiling monitor in one call", many, "s")
    labels = (np.arange(MILLION) % 7 == 0).astype(int)
    many = median_seconds(lambda: Labels().observe_many(labels, 0.15), runs=3)
    report.figure("a million updates of the label monitor in one call", many, "s")

    report.figure("peak memory of the bench so far", peak_mb(), "MB")


def _peers(events: np.ndarray[Any, Any], trials: np.ndarray[Any, Any]) -> tuple[float, str]:
    """What the same intervals cost elsewhere, where it is installed: seconds of SciPy, and the others in words."""
    from scipy.special import betaincinv
    from scipy.stats import binomtest

    plain = median_seconds(
        lambda: (
            betaincinv(np.maximum(events, 1), trials - events + 1, 0.025),
            betaincinv(events + 1, trials - events, 0.975),
        ),
        runs=1,
        warm=0,
    )
    pairs = list(zip(events[:200].tolist(), trials[:200].astype(int).tolist(), strict=True))
    single = median_seconds(lambda: [binomtest(x, n).proportion_ci(method="exact") for x, n in pairs], runs=1)
    text = f"SciPy binomtest {single / 200 * MILLION:,.0f} s for a million"
    try:
        from statsmodels.stats.proportion import proportion_confint
    except ImportError:
        return plain, text + "; statsmodels is not installed"
    seconds = median_seconds(lambda: proportion_confint(events, trials, method="beta"), runs=1, warm=0)
    return plain, text + f"; statsmodels {seconds:.2f} s"
