"""Synthetic records: the same for the same seed, consistent in every row, and with what a plan plants."""

from __future__ import annotations

from typing import Any

import pytest
from tests.published.synthetic import Plan, planted_between, synthetic_record

from countersign.published.table.places import place_keys


def test_the_same_arguments_give_the_same_record() -> None:
    assert synthetic_record(60, 4) == synthetic_record(60, 4)
    assert synthetic_record(60, 4) != synthetic_record(60, 5)


@pytest.mark.parametrize("rows", [0, 1, 2, 7, 300, 3000])
def test_rows_are_numbered_dated_and_consistent(rows: int) -> None:
    record = synthetic_record(rows, 1)
    assert [row.number for row in record.rows] == list(range(1, rows + 1))
    dates = [row.date for row in record.rows if row.date]
    assert dates == sorted(dates)
    assert len(dates) == rows
    for row in record.rows:
        assert row.alerts == (row.true_alerts or 0) + (row.false_alerts or 0)
        assert row.true_alerts == (row.true_alerts_confirmed or 0) + (row.true_alerts_unconfirmed or 0)
        assert (row.arrests or 0) + (row.other_disposal or 0) + (row.no_action or 0) == row.true_alerts_confirmed


def test_places_are_as_many_by_town_as_by_words() -> None:
    rows = synthetic_record(2000, 1).rows
    assert len(set(place_keys(rows, "town"))) == len(set(place_keys(rows, "words"))) == len({row.place for row in rows})


def test_a_change_of_places_leaves_none_in_common() -> None:
    plan = Plan(places_move=True, fold=3.0)
    record = synthetic_record(200, 1, plan)
    before, after = planted_between(record, plan)
    assert not {row.place for row in record.rows if row.date and row.date <= before} & {
        row.place for row in record.rows if row.date and row.date >= after
    }


@pytest.mark.parametrize("wrong", [{"fold": 0.0}, {"at": 0.0}, {"at": 1.0}, {"noise": -1.0}])
def test_a_plan_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a plan needs"):
        Plan(**wrong)
    with pytest.raises(ValueError, match="no fewer"):
        synthetic_record(-1, 1)
