"""Regimes: every row in exactly one, split by threshold and break, the interval of a break between."""

from __future__ import annotations

import datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy.special import xlogy
from tests.published.synthetic import Plan, synthetic_record

from countersign.published.faults.breaks import find_breaks
from countersign.published.read import read_source
from countersign.published.regimes import (
    Regime,
    _gains,
    _in_order,
    error_rate,
    face_counts,
    find_regimes,
    smallest_fold,
)
from countersign.published.table.record import Document, Record, Row


@pytest.fixture(scope="module")
def met() -> Record:
    return read_source("shipped:met")


@pytest.fixture(scope="module")
def regimes(met: Record) -> tuple[Regime, ...]:
    return find_regimes(met, find_breaks(met))


@pytest.mark.slow
def test_regimes_of_the_shipped_record(regimes: tuple[Regime, ...]) -> None:
    assert [(regime.threshold, len(regime.rows), regime.per_face_comparable) for regime in regimes] == [
        (None, 9, True),
        (Decimal("0.6"), 112, True),
        (Decimal("0.62"), 10, True),
        (Decimal("0.64"), 6, True),
        (Decimal("0.64"), 4, False),
        (Decimal("0.64"), 55, True),
        (Decimal("0.64"), 34, False),
        (Decimal("0.64"), 94, True),
    ]
    assert [regime.id for regime in regimes] == [f"r{number}" for number in range(1, 9)]


def test_the_misprinted_date_does_not_stretch_its_regime(met: Record, regimes: tuple[Regime, ...]) -> None:
    regime = regimes[2]
    assert (regime.first, regime.last) == (datetime.date(2024, 7, 11), datetime.date(2024, 7, 23))
    assert any(met.rows[index].place == "Dalston" for index in regime.rows)


def test_why_says_what_could_not_be_looked_for_and_what_is_open(regimes: tuple[Regime, ...]) -> None:
    assert regimes[0].face_counts == "not tested (8 rows with date, place and faces; 40 are needed)"
    assert regimes[4].face_counts.startswith("changed")
    assert "fall 5.7-fold" in regimes[1].why
    assert "cannot be told from a change of places" in regimes[1].why
    assert "may be counted either way" in regimes[4].why
    assert "between two ways of counting faces" in regimes[4].label


@pytest.mark.parametrize("plan", [Plan(), Plan(fold=4.0), Plan(fold=1.6, noise=0.5)])
def test_every_row_is_in_exactly_one_regime(plan: Plan) -> None:
    record = synthetic_record(240, 6, plan)
    found = find_breaks(record)
    regimes = find_regimes(record, found)
    assert sorted(index for regime in regimes for index in regime.rows) == list(range(240))
    for item in found:
        for regime in regimes:
            dates = [record.rows[index].date for index in regime.rows]
            crosses = any(date and date <= item.last_before for date in dates) and any(
                date and date >= item.first_after for date in dates
            )
            assert not (crosses and regime.per_face_comparable and item.stands)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(["0.6", "0.62", "0.64", None]), min_size=1, max_size=25))
def test_without_breaks_regimes_are_the_thresholds(thresholds: list[str | None]) -> None:
    day = datetime.date(2024, 1, 1)
    rows = tuple(
        Row("d", number, date=day + datetime.timedelta(number), threshold=None if text is None else Decimal(text))
        for number, text in enumerate(thresholds, start=1)
    )
    regimes = find_regimes(Record((Document("d", "D"),), rows), ())
    assert len(regimes) == len(set(thresholds))
    for regime in regimes:
        assert {rows[index].threshold for index in regime.rows} == {regime.threshold}


def test_rows_without_dates_follow_the_printed_order() -> None:
    record = synthetic_record(240, 1, Plan(fold=4.0))
    rows = tuple(replace(row, date=None) if row.number == 200 else row for row in record.rows)
    undated = replace(record, rows=rows)
    regimes = find_regimes(undated, find_breaks(undated))
    (home,) = [regime for regime in regimes if 199 in regime.rows]
    assert 198 in home.rows
    nothing = Record((Document("d", "D"),), (Row("d", 1),))
    assert [(regime.first, regime.rows) for regime in find_regimes(nothing, ())] == [(None, (0,))]
    assert find_regimes(Record((), ()), ()) == ()


DAY = datetime.date(2024, 1, 1)


def untimed(rows: tuple[Row, ...]) -> list[Row]:
    return [replace(row, duration_minutes=None) for row in rows]


@pytest.mark.slow
def test_a_regime_is_tested_not_tested_or_changed_and_never_plainly_comparable() -> None:
    regimes = find_regimes(record := read_source("shipped:met"), find_breaks(record))
    none, seen, moved = "not tested", "tested, no change seen", "changed"
    said = [regime.face_counts.split(" (")[0] for regime in regimes]
    assert said == [none, seen, none, none, moved, seen, moved, seen]
    assert "could have seen about a 1.2-fold one" in regimes[-1].face_counts
    assert [regime.tested for regime in regimes] == [name == seen for name in said]


def test_two_false_alerts_and_then_twenty_three_are_not_pooled_without_a_word() -> None:
    regimes = find_regimes(record := read_source("shipped:met"), find_breaks(record))
    assert regimes[1].error_rate.startswith("not one rate: 2 in 354,264 faces to 19 January 2024, 23 in 136,982 after")
    few = "6 false alerts in 94 deployments: too few to see even a 10-fold change"
    assert regimes[-1].error_rate == f"not tested ({few})"
    assert regimes[3].error_rate == "not tested (0 false alerts in 6 deployments)"


def test_rows_without_durations_are_tested_on_faces_per_deployment() -> None:
    assert face_counts(untimed(synthetic_record(160, 3).rows)).startswith("tested, no change seen (no durations")
    rows = untimed(synthetic_record(160, 3, Plan(fold=5.0)).rows)
    changed = face_counts(rows)
    assert changed.startswith("changed (faces per deployment in the same places, between ")
    (regime,) = find_regimes(Record((Document("synthetic", "Made up"),), tuple(rows)), ())
    assert (regime.face_counts, regime.tested, regime.per_face_comparable) == (changed, False, False)


def stepped(fold: float, seed: int, deployments: int = 60) -> list[Row]:
    """160 false alerts expected, in the second half of the deployments ``fold`` times as many as in the first."""
    half = np.arange(deployments) < deployments // 2
    mean = 160 / deployments * np.where(half, 2 / (1 + fold), 2 * fold / (1 + fold))
    x = np.random.default_rng(seed).poisson(mean)
    days = [DAY + datetime.timedelta(number) for number in range(deployments)]
    return [Row("a", n, date=days[n], faces_seen=4_000, false_alerts=int(x[n])) for n in range(deployments)]


def test_an_error_rate_that_did_not_change_names_the_step_that_would_have_been_seen() -> None:
    said = error_rate(stepped(1.0, 4))
    assert said == "tested, no change seen (could have seen about a 1.8-fold one)"
    assert error_rate(stepped(1.9, 4)).startswith("not one rate")


@pytest.mark.slow
def test_the_step_of_an_error_rate_that_is_named_is_seen_at_least_four_times_in_five() -> None:
    seen = sum(error_rate(stepped(1.9, seed), seed=seed).startswith("not one rate") for seed in range(60))
    assert 45 <= seen < 60
    smaller = sum(error_rate(stepped(1.3, seed), seed=seed).startswith("not one rate") for seed in range(60))
    assert smaller < 30


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


def test_a_place_with_daily_rows_and_no_durations_is_a_regime_of_its_own() -> None:
    vans = synthetic_record(60, 3)
    start = datetime.date(2021, 1, 5)
    daily = tuple(
        Row("synthetic", 100 + day, date=start + datetime.timedelta(days=day), place="North End", faces_seen=9000,
            alerts=2, threshold=Decimal("0.64"))
        for day in range(40)
    )  # fmt: skip
    record = Record(vans.documents, (*vans.rows, *daily))
    van, fixed = find_regimes(record, ())
    assert (len(van.rows), len(fixed.rows)) == (60, 40)
    assert "fixed cameras at North End" in fixed.label
    assert "rows for nearly every day and none with a duration" in fixed.why
    weekly = tuple(replace(row, date=start + datetime.timedelta(weeks=row.number - 100)) for row in daily)
    assert len(find_regimes(Record(vans.documents, (*vans.rows, *weekly)), ())) == 1


def test_the_gain_of_a_split_is_the_likelihood_ratio_also_where_a_side_has_no_event() -> None:
    events, faces = np.array([[0.0, 0.0, 3.0, 1.0], [2.0, 0.0, 0.0, 0.0]]), np.array([[50.0, 10.0, 20.0, 40.0]] * 2)
    found = _gains(events, faces)
    for line, split in np.ndindex(2, 3):
        sides = [
            (events[line, part].sum(), faces[line, part].sum()) for part in (slice(split + 1), slice(split + 1, None))
        ]
        whole = events[line].sum() / faces[line].sum()
        assert found[line, split] == pytest.approx(2 * sum(xlogy(x, x / (whole * n)) for x, n in sides))
