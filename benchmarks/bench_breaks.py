"""Faults in published data: how fast they are found, and the power and false finds of the detector of breaks.

Power is measured on simulated records (``tests.published.synthetic``): with a planted step in how faces are
counted, with none, with a change of places instead, and with streets that are really busier. Figures and date:
``docs/formats/faults.md``."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median

from tests.published.synthetic import Plan, planted_between, synthetic_record

from benchmarks.harness import Report
from countersign.published.faults.breaks import find_breaks
from countersign.published.faults.detect import find_faults
from countersign.published.read import read_source

#: Seeds of the simulated records run from 0.
RECORDS = 1000


@dataclass(frozen=True)
class Power:
    """What was found in simulated records of one kind, as counts of records, and medians of what was found."""

    records: int
    found: int
    covered: int
    false_finds: int
    open_shifts: int
    width_days: float
    fold: float


def power(rows: int, plan: Plan, records: int) -> Power:
    """Look for breaks in records of one plan, seeds 0 onwards.

    ``found``: records with a standing break whose interval holds the planted date or whose best date is within four
    weeks of it; ``covered``: the interval holds it; ``false_finds``: records with any other standing break;
    ``open_shifts``: records with a shift reported as explicable by a change of places.
    """
    planted = plan.fold != 1 and not plan.places_move
    found = covered = false_finds = open_shifts = 0
    widths, folds = [], []
    for seed in range(records):
        record = synthetic_record(rows, seed, plan)
        breaks = find_breaks(record, seed=seed)
        before, after = planted_between(record, plan)
        holds = [item for item in breaks if item.stands and item.last_before <= before and after <= item.first_after]
        near = [item for item in breaks if item.stands and abs((item.best_after - after).days) <= 28]
        hits = (holds or near) if planted else []
        found += bool(hits)
        covered += bool(holds) if planted else 0
        false_finds += (
            any(item.stands and item not in (*holds, *near) for item in breaks)
            if planted
            else any(item.stands for item in breaks)
        )
        open_shifts += any(not item.stands for item in breaks)
        widths += [(item.first_after - item.last_before).days for item in hits[:1]]
        folds += [item.fold for item in hits[:1]]
    return Power(
        records, found, covered, false_finds, open_shifts,
        median(widths) if widths else float("nan"), median(folds) if folds else float("nan"),
    )  # fmt: skip


PLANS: tuple[tuple[str, int, Plan], ...] = (
    ("no step, 180 rows", 180, Plan()),
    ("no step, 324 rows, noise 0.5", 324, Plan(noise=0.5)),
    ("no step, other places 4 times as busy, 180 rows", 180, Plan(fold=4.0, places_move=True)),
    ("no step, a season of 20% up and down, 324 rows", 324, Plan(season=0.2)),
    ("step of 1.25, 180 rows", 180, Plan(fold=1.25)),
    ("step of 1.5, 180 rows", 180, Plan(fold=1.5)),
    ("step of 1.5, 80 rows", 80, Plan(fold=1.5)),
    ("step of 2, 180 rows, noise 0.5", 180, Plan(fold=2.0, noise=0.5)),
    ("step of 5, 324 rows, noise 0.5", 324, Plan(fold=5.0, at=0.6, noise=0.5)),
    ("fall to a fifth, 324 rows, noise 0.5", 324, Plan(fold=0.2, at=0.4, noise=0.5)),
)


def run(report: Report) -> None:
    """Time the detectors, then measure power and false finds on ``RECORDS`` records of each kind."""
    met = read_source("shipped:met")
    find_faults(met)
    start = time.perf_counter()
    found = find_faults(met)
    report.figure(f"faults of the shipped record ({len(found)} found)", time.perf_counter() - start, "s", at_most=0.3)
    large = synthetic_record(100_000, 0, Plan(fold=2.0))
    start = time.perf_counter()
    find_faults(large)
    report.figure("faults of 100,000 synthetic rows with a step", time.perf_counter() - start, "s", at_most=7.0)
    for name, rows, plan in PLANS:
        measured = power(rows, plan, RECORDS)
        told = (
            f"{measured.covered} covered by the interval; {measured.false_finds} records with a false find; "
            f"{measured.open_shifts} with an open shift; median interval {measured.width_days:.0f} days, "
            f"fold {measured.fold:.2f}"
        )
        report.figure(f"breaks: {name}: found", measured.found, f"of {measured.records} records", peer=told)
