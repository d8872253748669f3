"""Steps from one day's watchlist to the next day's, by size."""

from __future__ import annotations

import datetime

import pytest

from countersign.published.claims.context import consecutive_lists
from countersign.published.table.record import Row


def row(number: int, day: int | None, size: int | None) -> Row:
    date = None if day is None else datetime.date(2024, 5, day)
    return Row("a", number, date=date, watchlist_size=size)


def test_consecutive_lists_skip_rows_of_one_day_and_rows_without_a_size() -> None:
    rows = [row(1, 1, 10_000), row(2, 1, 10_000), row(3, 2, 10_050), row(4, 3, None), row(5, 4, 12_060),
            row(6, None, 10_000)]  # fmt: skip
    steps = consecutive_lists(rows)
    assert [(step.before.number, step.after.number) for step in steps] == [(2, 3), (3, 5)]
    assert [step.share for step in steps] == pytest.approx([0.005, 0.2])


def test_the_last_list_of_a_day_stands_beside_the_first_of_the_next() -> None:
    steps = consecutive_lists([row(1, 1, 100), row(2, 1, 200), row(3, 2, 300), row(4, 2, 400)])
    assert [(step.before.number, step.after.number) for step in steps] == [(2, 3)]
