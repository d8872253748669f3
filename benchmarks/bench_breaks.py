"""Faults in published data: how fast they are found, and the power and false finds of the detector of breaks.

Power is measured on simulated records (``tests.published.synthetic``) of each kind in ``PLANS``, seeds from
``FIRST_SEED`` on, beside two others on the same records: PELT (``ruptures.KernelCPD``, linear: least squares, penalty
``7 log n``) and the most probable parting of a Bayesian model (normal levels, known spread, a step at each row with
chance ``2 / n``; Fearnhead, Statistics and Computing 16 (2006) 203-213). Both are given faces per hour on logarithms,
less the mean of the place, over the robust spread of moves within places. ``python -m benchmarks.bench_breaks`` prints
the table of ``docs/formats/faults.md``."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

import numpy as np
from msgspec import to_builtins
from msgspec.structs import replace
from tests.published.synthetic import Plan, planted_between, synthetic_record

from benchmarks.harness import Report, loads, paired
from countersign.published.faults.breaks import LEAST_ROWS, Break, find_breaks
from countersign.published.faults.detect import find_faults
from countersign.published.faults.step_scan import Floats
from countersign.published.read import read_source
from countersign.published.table.places import place_keys
from countersign.published.table.record import Record

#: Records of each kind, and the seed of the first: nothing was tuned on these.
RECORDS, FIRST_SEED = 100, 100_000
Edge = tuple[date, date]

#: A find counts within so many days of the planted date.
NEAR_DAYS = 28


@dataclass(frozen=True)
class Power:
    """What was found in simulated records of one kind, as counts of records, and medians of what was found."""

    records: int
    found: int
    named: int
    covered: int
    false_finds: int
    false_named: int
    open_shifts: int
    width_days: float
    fold: float


def planted(record: Record, plan: Plan) -> list[Edge]:
    """The days on either side of each planted step."""
    if plan.fold == 1 or plan.places_move:
        return []
    return [planted_between(record, replace(plan, at=at, until=1.0)) for at in (plan.at, plan.until) if at < 1]


def power(rows: int, plan: Plan, records: int, *, places: int | None = None, first: int = FIRST_SEED) -> Power:
    """Look for breaks in records of one plan.

    ``found``: records in which every planted step has a standing break whose interval holds its date or whose best date
    is within four weeks of it; ``named``: the same of steps that no season explains; ``covered``: the interval holds
    every date; ``false_finds``, ``false_named``: records with any other; ``open_shifts``: with a shift reported as
    explicable by a change of places.
    """
    counts = dict.fromkeys(("found", "named", "covered", "false_finds", "false_named", "open_shifts"), 0)
    widths, folds = [], []
    for seed in range(first, first + records):
        record = synthetic_record(rows, seed, plan, places=places)
        breaks = find_breaks(record, seed=seed)
        edges = planted(record, plan)
        holds = {
            (step, edge)
            for step in breaks
            for edge in edges
            if step.last_before <= edge[0] and edge[1] <= step.first_after
        }
        hits = holds | {
            (step, edge) for step in breaks for edge in edges if abs((step.best_after - edge[1]).days) <= NEAR_DAYS
        }
        standing = [step for step in breaks if step.stands]
        false = [step for step in standing if step not in {hit for hit, _ in hits}]

        named = [step for step in standing if step.named]
        counts["found"] += _all_of(hits, standing, edges)
        counts["named"] += _all_of(hits, named, edges)
        counts["covered"] += _all_of(holds, standing, edges)
        counts["false_finds"] += bool(false)
        counts["false_named"] += any(step.named for step in false)
        counts["open_shifts"] += any(step.kind == "places-could-explain" for step in breaks)
        right = [step for step in standing if step not in false]
        widths += [(step.first_after - step.last_before).days for step in right[:1]]
        folds += [step.fold for step in right[:1]]
    middle = [median(values) if values else math.nan for values in (widths, folds)]
    return Power(records, *counts.values(), *middle)


def _all_of(pairs: set[tuple[Break, Edge]], steps: Sequence[Break], edges: Sequence[Edge]) -> bool:
    return bool(edges) and all(any((step, edge) in pairs for step in steps) for edge in edges)


def pelt(values: Floats) -> list[int]:
    """First rows of the stretches by PELT of ``ruptures``."""
    from ruptures import KernelCPD

    found = KernelCPD(kernel="linear", min_size=LEAST_ROWS).fit(values[:, None]).predict(pen=7 * math.log(len(values)))
    return [int(at) for at in found[:-1]]


def bayesian(values: Floats) -> list[int]:
    """First rows of the stretches of the most probable parting: level normal about 0 with spread 3, errors with 1."""
    count, chance = len(values), 2 / len(values)
    sums, squares = (np.concatenate(([0.0], np.cumsum(part))) for part in (values, values**2))
    best, came = np.full(count + 1, -np.inf), np.zeros(count + 1, dtype=int)
    best[0] = 0.0
    for end in range(LEAST_ROWS, count + 1):
        start = np.arange(0, end - LEAST_ROWS + 1)
        size, total = (end - start).astype(float), sums[end] - sums[start]
        fit = -0.5 * (squares[end] - squares[start] - 9 * total**2 / (1 + 9 * size)) - 0.5 * np.log1p(9 * size)
        score = best[start] + fit + np.where(start > 0, math.log(chance / (1 - chance)), 0.0)
        came[end], best[end] = int(score.argmax()), score.max()
    parts, at = [], int(came[count])
    while at:
        parts.append(at)
        at = int(came[at])
    return parts[::-1]


def peer_power(
    rows: int, plan: Plan, records: int, detect: Callable[[Floats], list[int]], *, places: int | None = None
) -> tuple[int, int]:
    """Records in which a peer finds every planted step within four weeks, and those with any other find."""
    found = false = 0
    for seed in range(FIRST_SEED, FIRST_SEED + records):
        record = synthetic_record(rows, seed, plan, places=places)
        days = [row.date for row in record.rows if row.date is not None]
        dates = [days[at] for at in detect(_signal(record))]
        edges = [after for _, after in planted(record, plan)]
        near = [[abs((day - edge).days) <= NEAR_DAYS for day in dates] for edge in edges]
        found += bool(edges) and all(any(line) for line in near)
        false += any(not any(line[at] for line in near) for at in range(len(dates)))
    return found, false


def _signal(record: Record) -> Floats:
    logs = np.log([(row.faces_seen or 1) / (row.duration_minutes or 1) for row in record.rows])
    towns = np.unique([str(key) for key in place_keys(record.rows, "town")], return_inverse=True)[1]
    means = np.bincount(towns, logs) / np.bincount(towns)
    order = np.lexsort((np.arange(len(logs)), towns))
    moves = np.diff(logs[order])[towns[order][1:] == towns[order][:-1]]
    return np.asarray((logs - means[towns]) / (1.4826 * np.median(np.abs(moves)) / math.sqrt(2)))


PLANS: tuple[tuple[str, int, Plan], ...] = (
    ("twice as high for 3 months and back, 324 rows", 324, Plan(fold=2.0, at=0.35, until=0.65)),
    ("threefold for 2 months and back, 180 rows, noise 0.5", 180, Plan(fold=3.0, at=0.35, until=0.65, noise=0.5)),
    ("threefold in half of the places, 180 rows", 180, Plan(fold=3.0, of_places=0.5)),
    ("the same, noise 0.5", 180, Plan(fold=3.0, of_places=0.5, noise=0.5)),
    ("step of 2 in a season of 20%, 324 rows", 324, Plan(fold=2.0, season=0.2)),
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
    large = synthetic_record(100_000, 0, Plan(fold=2.0))
    for name, record, at_most, runs in (
        ("the shipped record", met, 100, 5),
        ("100,000 synthetic rows with a step", large, 20, 1),
    ):
        texts = [json.dumps(to_builtins(row), default=str).encode() for row in record.rows]
        times = paired(lambda record=record: find_faults(record), loads(texts), runs)  # type: ignore[misc]
        report.ratio(f"faults of {name}", *times, "json.loads of the same rows", at_most=at_most)
    for name, rows, plan in PLANS:
        measured = power(rows, plan, RECORDS)
        beside = (
            f"{measured.named} named; {measured.covered} covered by the interval; {measured.false_finds} records with "
            f"a false find, {measured.false_named} with a named one; {measured.open_shifts} with an open shift; median "
            f"interval {measured.width_days:.0f} days, fold {measured.fold:.2f}"
        )
        report.figure(f"breaks: {name}: found", measured.found, f"of {measured.records} records", peer=beside)


def table(plans: Sequence[tuple[str, int, Plan]] = PLANS, records: int = RECORDS) -> None:
    """Print the table of power and false finds, a line as each is measured."""
    print("| planted | found | named | covered | false finds | named ones | open | PELT | false | Bayesian | false |")
    print(f"| --- |{' ---: |' * 10}")
    for name, rows, plan in plans:
        own = power(rows, plan, records)
        peers = [peer_power(rows, plan, records, detect) for detect in (pelt, bayesian)]
        steps = bool(planted(synthetic_record(rows, 0, plan), plan))
        cells: list[int | str] = [own.found, own.named, own.covered] if steps else ["-", "-", "-"]
        cells += [own.false_finds, own.false_named, own.open_shifts]
        cells += [value for found, false in peers for value in (found if steps else "-", false)]
        print(f"| {name} | {' | '.join(map(str, cells))} |", flush=True)


if __name__ == "__main__":
    table()
