"""Dates out of order, in rising and falling tables, and the misprints proposed."""

from __future__ import annotations

import datetime
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.errors import CountersignError
from countersign.published.faults.dates import find_date_faults, out_of_order
from countersign.published.forms.csv import read_csv
from countersign.published.table.record import Document, Record, Row

DATE = datetime.date


def record(*dates: datetime.date | None) -> Record:
    rows = tuple(Row("d", number, date=date, place="P") for number, date in enumerate(dates, start=1))
    return Record((Document("d", "D"),), rows)


def in_order(count: int = 20) -> list[datetime.date]:
    return [DATE(2024, 3, 1) + datetime.timedelta(2 * step) for step in range(count)]


@pytest.mark.parametrize(
    ("printed", "meant"),
    [
        (DATE(2023, 3, 21), DATE(2024, 3, 21)),  # another year
        (DATE(2024, 12, 3), None),  # 3 December: no single slip lies within two days of 21 March
        (DATE(2024, 6, 21), DATE(2024, 3, 21)),  # another month
        (DATE(2024, 3, 12), DATE(2024, 3, 21)),  # digits exchanged
        (DATE(2019, 8, 8), None),  # no single slip
    ],
)
def test_slips_of_the_pen(printed: datetime.date, meant: datetime.date | None) -> None:
    dates: list[datetime.date | None] = [*in_order()]
    dates[10] = printed
    assert out_of_order(record(*dates)) == ((10, meant),)
    (fault,) = find_date_faults(record(*dates))
    assert ("likely" in fault.message) == (meant is not None)
    assert fault.row == 11


def test_day_and_month_exchanged() -> None:
    dates = [DATE(2024, 5, 1) + datetime.timedelta(step) for step in range(20)]
    dates[7] = DATE(2024, 8, 5)  # 8 May, written the American way
    assert out_of_order(record(*dates)) == ((7, DATE(2024, 5, 8)),)


def test_a_falling_table_is_in_order_too() -> None:
    dates: list[datetime.date | None] = list(reversed(in_order()))
    assert out_of_order(record(*dates)) == ()
    dates[5] = DATE(2025, 3, 29)
    assert out_of_order(record(*dates)) == ((5, DATE(2024, 3, 29)),)


def test_a_table_in_no_order_has_no_row_out_of_it() -> None:
    dates = in_order(10)
    assert out_of_order(record(*dates[5:], *dates[:5])) == ()


def test_rows_without_a_date_do_not_disturb() -> None:
    dates: list[datetime.date | None] = [*in_order()]
    dates[3] = None
    assert out_of_order(record(*dates)) == ()
    assert out_of_order(record()) == ()


def test_documents_are_judged_apart() -> None:
    early, late = in_order(), [date.replace(year=2020) for date in in_order()]
    rows = [Row("a", number, date=date) for number, date in enumerate(early, start=1)]
    rows += [Row("b", number, date=date) for number, date in enumerate(late, start=1)]
    assert out_of_order(Record((Document("a", "A"), Document("b", "B")), tuple(rows))) == ()


@settings(deadline=None, max_examples=60)
@given(st.lists(st.dates(DATE(2020, 1, 1), DATE(2025, 1, 1)), max_size=30))
def test_any_sorted_table_is_in_order_whichever_way(dates: list[datetime.date]) -> None:
    assert out_of_order(record(*sorted(dates))) == ()
    assert out_of_order(record(*sorted(dates, reverse=True))) == ()


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 39), st.dates(DATE(2010, 1, 1), DATE(2030, 1, 1)))
def test_one_wrong_date_never_accuses_another_row(position: int, wrong: datetime.date) -> None:
    dates: list[datetime.date | None] = [*in_order(40)]
    dates[position] = wrong
    found = out_of_order(record(*dates))
    assert len(found) <= 1
    for index, meant in found:
        assert index in (position - 1, position, position + 1)
        assert meant is None or index != position or meant != wrong


def test_a_cell_of_20000_commas_is_no_date_and_takes_no_time() -> None:
    begun = time.process_time()
    with suppress(CountersignError):
        read_csv(b'Date,Location,Faces,Alerts\n"' + b"," * 20_000 + b'",Camden,1000,5\n', "a.csv")
    assert time.process_time() - begun < 1
