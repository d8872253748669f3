"""Regimes: every row in exactly one, split by threshold and break, the interval of a break between."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.published.synthetic import Plan, synthetic_record

from countersign.published.faults.breaks.find import find_breaks
from countersign.published.read import read_source
from countersign.published.regimes import Regime, find_regimes
from countersign.published.table.record import Document, Record, Row


@pytest.fixture(scope="module")
def met() -> Record:
    return read_source("shipped:met")


@pytest.fixture(scope="module")
def regimes(met: Record) -> tuple[Regime, ...]:
    return find_regimes(met, find_breaks(met))


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
