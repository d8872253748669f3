"""Two releases: nothing differs from itself, each planted difference is found once, and moved rows are recognised."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.published.synthetic import synthetic_record

from countersign.published.compare import compare, pair, summary
from countersign.published.read import read_source
from countersign.published.table.record import Record, Row


@pytest.fixture(scope="module")
def met() -> Record:
    return read_source("shipped:met")


def with_rows(record: Record, rows: list[Row]) -> Record:
    return replace(record, rows=tuple(replace(row, number=number) for number, row in enumerate(rows, start=1)))


def test_a_release_is_the_same_as_itself(met: Record) -> None:
    found = compare(met, met)
    assert found.same
    assert found.unchanged == 324
    assert found.faults == ()
    assert summary(found) == "The two releases agree in all 324 rows."


def test_a_value_revised(met: Record) -> None:
    rows = list(met.rows)
    rows[300] = replace(rows[300], faces_seen=9999, alerts=None)
    found = compare(met, replace(met, rows=tuple(rows)))
    (item,) = found.altered
    assert [(change.column, change.before, change.after) for change in item.changes] == [
        ("faces_seen", str(met.rows[300].faces_seen), "9999"),
        ("alerts", str(met.rows[300].alerts), ""),
    ]
    assert [fault.code for fault in found.faults] == ["revised-value", "revised-value"]
    assert "prints no" not in found.faults[1].message
    assert f"the earlier release ({rows[300].document}, row {rows[300].number}) prints" in found.faults[1].message
    assert found.unchanged == 323


def test_rows_added_and_taken_out(met: Record) -> None:
    later = with_rows(met, list(met.rows[:-3]))
    found = compare(later, met)
    assert [row.number for row in found.added] == [row.number for row in met.rows[-3:]]
    assert not found.removed
    assert not found.altered
    back = compare(met, later)
    assert len(back.removed) == 3
    assert {fault.details for fault in back.faults} == {(("row", "taken out"),)}
    assert "3 rows added (9 July 2025 to 11 July 2025)" in summary(found)


@pytest.mark.parametrize(
    ("change", "matched_by"),
    [
        ({"date": datetime.date(2024, 7, 11)}, "place and counts, another date"),
        ({"place": "Dalston High St"}, "date and town"),
        ({"place": "Kingsland"}, "date and counts, another place"),
    ],
)
def test_a_row_whose_date_or_place_was_corrected_is_recognised(
    met: Record, change: dict[str, object], matched_by: str
) -> None:
    (index,) = [at for at, row in enumerate(met.rows) if row.place == "Dalston"]
    rows = list(met.rows)
    rows[index] = replace(rows[index], **change)
    found = compare(met, replace(met, rows=tuple(rows)))
    (item,) = found.altered
    assert item.matched_by == matched_by
    assert [edit.column for edit in item.changes] == list(change)
    assert not found.added
    assert not found.removed


def test_several_rows_of_one_day_and_place_are_paired_by_their_values(met: Record) -> None:
    day = datetime.date(2024, 8, 22)
    several = [row for row in met.rows if row.date == day and row.place == "Westminster"]
    assert len(several) == 4
    others = [row for row in met.rows if row not in several]
    found = compare(with_rows(met, [*others, *several]), with_rows(met, [*others, *reversed(several)]))
    assert found.same


def test_the_same_value_printed_otherwise_is_no_revision() -> None:
    record = synthetic_record(30, 1)
    rows = tuple(
        replace(row, threshold=Decimal("0.640"), use_case="Crime  Hotspot", false_alert_rate_printed="0.0%")
        if row.false_alert_rate_printed == "0%" else row
        for row in record.rows
    )  # fmt: skip
    assert compare(record, replace(record, rows=rows)).same
    revised = tuple(replace(row, false_alert_rate_printed="<0.1%") for row in record.rows)
    assert len(compare(record, replace(record, rows=revised)).altered) == 30


def test_a_column_of_one_release_only_is_named_once(met: Record) -> None:
    without = replace(met, rows=tuple(replace(row, threshold=None) for row in met.rows))
    found = compare(without, met)
    assert found.same
    assert (found.columns_added, found.columns_removed) == (("threshold",), ())


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, 39), unique=True, max_size=12), st.lists(st.integers(0, 39), unique=True, max_size=12))
def test_every_row_is_matched_added_or_removed_and_never_twice(left_out: list[int], left_in: list[int]) -> None:
    record = synthetic_record(40, 2)
    old = [row for at, row in enumerate(record.rows) if at not in left_out]
    new = [row for at, row in enumerate(record.rows) if at not in left_in]
    pairs = pair(old, new)
    assert len({first for first, _, _ in pairs}) == len(pairs) == len({second for _, second, _ in pairs})
    found = compare(replace(record, rows=tuple(old)), replace(record, rows=tuple(new)))
    assert {row.number for row in found.removed} == {at + 1 for at in set(left_in) - set(left_out)}
    assert {row.number for row in found.added} == {at + 1 for at in set(left_out) - set(left_in)}
    assert found.unchanged + len(found.altered) + len(found.removed) == len(old)
    assert found.unchanged + len(found.altered) + len(found.added) == len(new)


def test_rows_with_few_counts_are_not_taken_for_one_another() -> None:
    day = datetime.date(2024, 5, 1)
    old = [Row("a", 1, date=day, place="Kingston", alerts=0)]
    new = [Row("b", 1, date=day + datetime.timedelta(7), place="Kingston", alerts=0)]
    assert pair(old, new) == []
    assert pair([], new) == []


def test_bounds_and_withheld_values_are_compared_as_they_are_printed(tmp_path: Path) -> None:
    def release(name: str, *cells: str) -> Record:
        lines = [f"{day:02}/06/2024,Place {day},100,{cell}" for day, cell in enumerate(cells, start=1)]
        (tmp_path / name).write_text("\n".join(["Date,Location,Faces seen,Arrests", *lines, ""]), encoding="utf-8")
        return read_source(tmp_path / name)

    old = release("old.csv", "<5", "<5", "Withheld", "c. 40", "", "7")
    new = release("new.csv", "<3", "4", "3", "40 approx", "<5", "<10")
    changes = [change for item in compare(old, new).altered for change in item.changes]
    assert [(change.before, change.after) for change in changes] == [
        ("<5", "<3"), ("<5", "4"), ("Withheld", "3"), ("", "<5"), ("7", "<10")
    ]  # fmt: skip
