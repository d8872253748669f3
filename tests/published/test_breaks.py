"""Breaks within places: the shipped record's, planted ones, none where there is none; a change of places reported as
such."""

from __future__ import annotations

import datetime
from itertools import product

import pytest
from msgspec.structs import replace
from tests.published.synthetic import Plan, planted_between, synthetic_record

from countersign.published.corrections import apply_corrections, read_corrections
from countersign.published.faults.breaks import LEAST_PLACES, Break, find_breaks
from countersign.published.faults.denominator import break_faults
from countersign.published.files import shipped
from countersign.published.read import read_source
from countersign.published.regimes import find_regimes
from countersign.published.table.places import Matching, place_keys
from countersign.published.table.record import Document, Record

DATE = datetime.date


@pytest.fixture(scope="module")
def met() -> Record:
    return read_source("shipped:met")


@pytest.fixture(scope="module")
def breaks(met: Record) -> tuple[Break, ...]:
    return find_breaks(met)


def test_faces_per_hour_rise_several_fold_in_august_2024_and_not_on_25_july(breaks: tuple[Break, ...]) -> None:
    found = breaks[1]
    assert found.stands
    assert DATE(2024, 8, 1) <= found.last_before < found.first_after <= DATE(2024, 8, 31)
    assert found.last_before > DATE(2024, 7, 25)
    assert 4 <= found.fold <= 8
    assert found.fold_by_words is not None
    assert 4 <= found.fold_by_words <= 8
    assert found.places >= 15
    before, after = found.alerts_per_hour or (0, 0)
    assert before == pytest.approx(after, rel=0.1)
    assert before == pytest.approx(1.4, abs=0.1)


def test_a_smaller_step_whose_interval_reaches_february_2025(breaks: tuple[Break, ...]) -> None:
    found = breaks[2]
    assert found.stands
    assert found.last_before < DATE(2025, 2, 4) < found.first_after
    assert 1.2 < found.fold < 2 < breaks[1].fold


def test_the_fall_of_late_2023_cannot_be_told_from_a_change_of_places(breaks: tuple[Break, ...]) -> None:
    found = breaks[0]
    assert not found.stands
    assert found.last_before < DATE(2023, 12, 31) < found.first_after
    assert found.fold < 0.25
    assert found.places < LEAST_PLACES
    assert "a change of places could explain it" in found.because


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_answer_does_not_hang_on_the_seed_nor_on_the_dalston_date(
    seed: int, met: Record, breaks: tuple[Break, ...]
) -> None:
    corrected = apply_corrections(met, read_corrections(shipped("met") / "corrections.toml")).record
    for record in (met, corrected):
        found = find_breaks(record, seed=seed)
        assert [(item.kind, item.last_before, item.first_after) for item in found] == [
            (item.kind, item.last_before, item.first_after) for item in breaks
        ]


@pytest.mark.parametrize("matching", ["words", "town"])
def test_the_two_halves_of_2024_by_either_matching(met: Record, matching: Matching) -> None:
    # Counted without the detector: rows of 2024 as corrected, in places that have rows in both halves.
    rows = [
        row
        for row in met.rows
        if row.date and (row.date.year == 2024 or row.place == "Dalston") and row.document != "met-2025"
    ]
    places: dict[str | None, tuple[list[float], list[float]]] = {}
    alerts: tuple[list[int], list[int]] = ([], [])
    hours: tuple[list[float], list[float]] = ([], [])
    for row, key in zip(rows, place_keys(rows, matching), strict=True):
        assert row.date is not None
        late = int(row.date.month > 6)
        places.setdefault(key, ([], []))[late].append((row.faces_seen or 0) / (row.duration_minutes or 1) * 60)
        hours[late].append((row.duration_minutes or 0) / 60)
        alerts[late].append(row.alerts or 0)
    folds = sorted(
        (sum(late) / len(late)) / (sum(early) / len(early)) for early, late in places.values() if early and late
    )
    assert len(folds) >= 12
    assert 4 <= folds[len(folds) // 2] <= 8
    first, second = (sum(alerts[half]) / sum(hours[half]) for half in (0, 1))
    assert first == pytest.approx(second, rel=0.1)


def test_the_threshold_is_left_out(met: Record, breaks: tuple[Break, ...]) -> None:
    rows = tuple(replace(row, threshold=None) for row in met.rows)
    assert find_breaks(replace(met, rows=rows)) == breaks


@pytest.mark.parametrize(("fold", "seed"), [*product([4.0, 0.3], [1, 2])])
def test_a_planted_break_is_found_at_its_date(fold: float, seed: int) -> None:
    plan = Plan(fold=fold, at=0.6)
    record = synthetic_record(240, seed, plan)
    (found,) = find_breaks(record)
    before, after = planted_between(record, plan)
    assert found.stands
    assert found.last_before <= before < after <= found.first_after
    assert found.fold == pytest.approx(fold, rel=0.25)
    assert record.rows[found.first_row].date == found.best_after


def test_a_change_of_places_is_reported_as_such() -> None:
    (found,) = find_breaks(synthetic_record(240, 3, Plan(fold=5.0, places_move=True)))
    assert not found.stands
    assert found.fold > 2
    assert "a change of places could explain it" in found.because


@pytest.mark.parametrize(("rows", "places", "seed"), [(240, 6, 4), (1600, 24, 3)])
def test_a_step_at_one_place_is_that_place_s_own(rows: int, places: int, seed: int) -> None:
    record = synthetic_record(rows, seed, places=places)
    keys = place_keys(record.rows, "town")
    busiest = max(set(keys), key=keys.count)
    changed = tuple(
        replace(row, faces_seen=(row.faces_seen or 0) * 30) if key == busiest and row.number > rows // 2 else row
        for row, key in zip(record.rows, keys, strict=True)
    )
    stepped = replace(record, rows=changed)
    breaks = find_breaks(stepped)
    assert not any(found.stands for found in breaks)
    (found,) = (item for item in breaks if item.kind == "one-place")
    assert place_keys([record.rows[found.first_row]], "town") == [busiest]
    assert f"at {found.place} alone rise" in break_faults(stepped, [found])[0].message


def hits(found: Break, before: datetime.date, after: datetime.date) -> bool:
    return (found.last_before <= before and after <= found.first_after) or abs((found.best_after - after).days) <= 28


def edges(record: Record, plan: Plan) -> list[tuple[datetime.date, datetime.date]]:
    return [planted_between(record, replace(plan, at=at, until=1.0)) for at in (plan.at, plan.until) if at < 1]


@pytest.mark.parametrize("seed", range(11, 17))
def test_what_goes_up_and_comes_back_is_two_steps(seed: int) -> None:
    plan = Plan(fold=2.0, at=0.35, until=0.65)
    record = synthetic_record(240, seed, plan)
    found = [item for item in find_breaks(record) if item.named]
    assert [any(hits(item, *edge) for item in found) for edge in edges(record, plan)] == [True, True]


@pytest.mark.parametrize("seed", range(11, 19))
def test_threefold_in_half_of_the_places_is_found_and_said_to_differ(seed: int) -> None:
    plan = Plan(fold=3.0, of_places=0.5)
    record = synthetic_record(180, seed, plan, places=10)
    (found, *_) = (item for item in find_breaks(record) if hits(item, *edges(record, plan)[0]))
    assert found.named
    assert found.among is not None
    assert found.among[0] < 1.7 < 2.2 < found.among[1]


@pytest.mark.parametrize("seed", range(21, 27))
def test_a_season_of_a_fifth_is_no_named_step(seed: int) -> None:
    found = find_breaks(synthetic_record(324, seed, Plan(season=0.2)))
    assert {item.kind for item in found} == {"step-or-season"}
    assert "step or a season" in break_faults(synthetic_record(324, seed, Plan(season=0.2)), found)[0].message


def test_a_step_of_twofold_in_a_season_is_named() -> None:
    plan = Plan(season=0.2, fold=2.0)
    record = synthetic_record(324, 31, plan)
    assert any(hits(item, *edges(record, plan)[0]) for item in find_breaks(record) if item.named)


def test_each_system_is_looked_at_apart() -> None:
    vans, cameras = synthetic_record(180, 1), synthetic_record(180, 2, Plan(fold=4.0))
    fixed = Document("fixed", "Fixed cameras", system="fixed cameras", columns=cameras.documents[0].columns)
    rows = (*vans.rows, *(replace(row, document="fixed") for row in cameras.rows))
    (found,) = find_breaks(Record((*vans.documents, fixed), rows))
    assert found.system == "fixed cameras"
    assert {
        regime.per_face_comparable
        for regime in find_regimes(Record((*vans.documents, fixed), rows), [found])
        if "fixed" not in regime.label
    } == {True}


@pytest.mark.parametrize("rows", [0, 1, 3, 25])
def test_too_few_rows_show_no_break_within_places(rows: int) -> None:
    assert not any(found.stands for found in find_breaks(synthetic_record(rows, 1, Plan(fold=9.0))))


def test_rows_that_lack_something_are_left_out() -> None:
    record = synthetic_record(240, 1, Plan(fold=4.0))
    holed = tuple(
        replace(row, **{("date", "place", "faces_seen", "duration_minutes", "alerts")[row.number % 5]: None})
        if row.number % 3 == 0
        else replace(row, faces_seen=0)
        if row.number == 7
        else row
        for row in record.rows
    )
    (found,) = find_breaks(replace(record, rows=holed))
    assert found.stands
    no_alerts = tuple(replace(row, alerts=None) for row in record.rows)
    assert find_breaks(replace(record, rows=no_alerts))[0].alerts_per_hour is None


@pytest.mark.slow
def test_power_and_false_finds_on_many_records() -> None:
    from benchmarks.bench_breaks import power

    none = power(180, Plan(), 1000, first=0)
    assert none.false_finds <= 6  # one in version 0.1, and one more in 200
    planted = power(180, Plan(fold=1.5), 1000, first=0)
    assert planted.found >= 950
    assert planted.covered >= 0.95 * planted.found
    assert planted.false_finds <= 8  # three in version 0.1, and one more in 200
    assert planted.false_named <= 2
    assert power(324, Plan(season=0.2), 1000, first=0).false_named <= 50
    assert power(324, Plan(season=0.2, fold=2.0), 200, first=0).named >= 190
    assert power(180, Plan(fold=3.0, of_places=0.5), 200, first=0).found >= 196
    assert power(324, Plan(fold=2.0, at=0.35, until=0.65), 200, first=0).found >= 190
