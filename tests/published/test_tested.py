"""Inside a regime: what was looked for, what could have been seen, and whether the error rate is one rate."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from msgspec.structs import replace
from tests.published.synthetic import Plan, synthetic_record

from countersign.published.faults.breaks.find import find_breaks
from countersign.published.read import read_source
from countersign.published.regimes import find_regimes
from countersign.published.table.record import Row
from countersign.published.tested import _in_order, error_rate, face_counts, smallest_fold

DAY = datetime.date(2024, 1, 1)


def untimed(rows: tuple[Row, ...]) -> list[Row]:
    return [replace(row, duration_minutes=None) for row in rows]


def test_a_regime_is_tested_not_tested_or_changed_and_never_plainly_comparable() -> None:
    regimes = find_regimes(record := read_source("shipped:met"), find_breaks(record))
    none, seen, moved = "not tested", "tested, no change seen", "changed"
    said = [regime.face_counts.split(" (")[0] for regime in regimes]
    assert said == [none, seen, none, none, moved, seen, moved, seen]
    assert "could have seen about a 1.3-fold one" in regimes[-1].face_counts


def test_two_false_alerts_and_then_twenty_three_are_not_pooled_without_a_word() -> None:
    regimes = find_regimes(record := read_source("shipped:met"), find_breaks(record))
    assert regimes[1].error_rate.startswith("not one rate: 2 in 354,264 faces to 19 January 2024, 23 in 136,982 after")
    assert regimes[-1].error_rate == "tested, no change seen"
    assert regimes[3].error_rate == "not tested (0 false alerts in 6 deployments)"


def test_rows_without_durations_are_tested_on_faces_per_deployment() -> None:
    assert face_counts(untimed(synthetic_record(160, 3).rows)).startswith("tested, no change seen (no durations")
    changed = face_counts(untimed(synthetic_record(160, 3, Plan(fold=5.0)).rows))
    assert changed.startswith("changed (faces per deployment in the same places, between ")


def test_equal_rates_in_clumps_are_seldom_said_to_change() -> None:
    random, said = np.random.default_rng(5), 0
    days = [DAY + datetime.timedelta(number) for number in range(60)]
    for seed in range(60):
        x = random.poisson(random.gamma(0.3, 1.0 / 0.3, 60) * 0.5)
        rows = [Row("a", n, date=days[n], faces_seen=4_000, false_alerts=int(x[n])) for n in range(60)]
        said += error_rate(rows, seed=seed).startswith("not one rate")
    assert said <= 60 * 0.05 + 3 * (60 * 0.05 * 0.95) ** 0.5


@pytest.mark.slow
def test_the_step_that_could_have_been_seen_is_seen_about_four_times_in_five() -> None:
    chosen = _in_order([r for r in synthetic_record(120, 1).rows if r.date and r.faces_seen and r.duration_minutes])
    logs = np.log([(row.faces_seen or 1) / (row.duration_minutes or 1) for row in chosen.rows])
    fold = smallest_fold(logs, chosen.towns, chosen.positions)
    seen = sum(bool(find_breaks(synthetic_record(120, seed, Plan(fold=fold)))) for seed in range(20))
    assert seen >= 13
    smaller = sum(bool(find_breaks(synthetic_record(120, seed, Plan(fold=fold**0.4)))) for seed in range(20))
    assert smaller < seen
