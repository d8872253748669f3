"""Sums within a row, and values that cannot be."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.published.forms_made import as_csv, as_xlsx
from tests.published.synthetic import synthetic_record

from countersign.published.faults.gaps import find_doubts
from countersign.published.faults.sums import find_impossible_values, find_stated_sums, find_sum_faults
from countersign.published.forms.package import read_package, write_package
from countersign.published.read import read_source
from countersign.published.table.record import Document, Record, Row


def record(published: str = "", **values: object) -> Record:
    return Record((Document("d", "D", published=published),), (Row("d", 1, **values),))  # type: ignore[arg-type]


@settings(deadline=None, max_examples=80)
@given(*[st.integers(0, 30)] * 7)
def test_a_mismatch_is_found_exactly_where_a_sum_does_not_come_out(
    confirmed: int, unconfirmed: int, true: int, false_confirmed: int, false_unconfirmed: int, false: int, alerts: int
) -> None:
    made = record(
        true_alerts_confirmed=confirmed, true_alerts_unconfirmed=unconfirmed, true_alerts=true,
        false_alerts_confirmed=false_confirmed, false_alerts_unconfirmed=false_unconfirmed, false_alerts=false,
        alerts=alerts,
    )  # fmt: skip
    expected = {
        column
        for column, right in (
            ("true_alerts", confirmed + unconfirmed == true),
            ("false_alerts", false_confirmed + false_unconfirmed == false),
            ("alerts", true + false == alerts),
        )
        if not right
    }
    assert {fault.column for fault in find_sum_faults(made)} == expected


def test_a_sum_with_a_part_missing_is_not_asked() -> None:
    assert find_sum_faults(record(alerts=3, true_alerts=1)) == []


def test_more_outcomes_than_alerts() -> None:
    made = record(alerts=3, arrests=2, other_disposal=1, no_action=1)
    (fault,) = find_sum_faults(made)
    assert "arrests 2, other disposal 1 and no action 1) add up to 4, more than the 3 alerts" in fault.message


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("faces_seen", -1),
        ("duration_minutes", 0),
        ("duration_minutes", 1441),
        ("threshold", Decimal("6.4")),
        ("threshold", Decimal(0)),
        ("alerts", 11),  # of ten faces
        ("arrests", 6),  # of five alerts
        ("false_alert_engagements", 2),  # after one false alert
        ("true_alert_engagements", 5),  # after four true alerts
        ("date", datetime.date(2025, 1, 12)),  # the document is of 11 January 2025
    ],
)
def test_what_cannot_be(column: str, value: object) -> None:
    values: dict[str, object] = {"faces_seen": 10, "alerts": 5, "true_alerts": 4, "false_alerts": 1}
    made = record("2025-01-11", **(values | {column: value}))
    assert column in {fault.column for fault in find_impossible_values(made)}


def test_what_can_be_is_not_told() -> None:
    made = record("2025-01-11", date=datetime.date(2025, 1, 11), threshold=Decimal(1), duration_minutes=1440,
                  faces_seen=0, alerts=0, arrests=0)  # fmt: skip
    assert find_impossible_values(made) == []
    assert find_impossible_values(record("January 2025", date=datetime.date(2030, 1, 1))) == []
    assert find_impossible_values(synthetic_record(200, 1)) == []


def test_ten_quintillion_faces_cannot_be() -> None:
    found = find_impossible_values(Record((Document("d", "D"),), (Row("d", 1, faces_seen=10**19),)))
    assert [(fault.code, fault.column) for fault in found] == [("impossible-value", "faces_seen")]
    assert "no deployment counts more than 100,000,000" in found[0].message


HEAD = ["Date", "Location", "Faces seen", "Alerts", "Arrests"]
JUNE = [["11/06/2024", "Dagenham", "1461", "9", "6"], ["13/06/2024", "Haringey", "1589", "7", "3"]]
LABELS = ("June total", "July total", "Grand total")
JULY = [["02/07/2024", "Ilford", "1388", "10", "8"]]


def _read(tmp_path: Path, content: bytes, name: str, map_: str = "") -> Record:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "map.toml").write_text(map_, encoding="utf-8")
    return read_source(tmp_path / name, columns=tmp_path / "map.toml" if map_ else None)


def _found(record: Record) -> list[tuple[str | None, dict[str, str]]]:
    return [(fault.column, dict(fault.details)) for fault in find_stated_sums(record)]


def _totals(alerts: str, label: str = "Total", head: Sequence[str] = HEAD) -> bytes:
    return as_csv([head, *JUNE, *JULY, [label, "", "", alerts, "17"]])


def test_a_row_of_totals_is_held_to_its_rows(tmp_path: Path) -> None:
    assert _found(_read(tmp_path, _totals("26"), "right.csv")) == []
    made = _read(tmp_path, _totals("62"), "wrong.csv")
    assert _found(made) == [("alerts", {"printed": "62", "added up": "26", "rows": "3"})]
    assert _found(read_package(write_package(made, tmp_path / "package"))) == _found(made)
    assert _found(_read(tmp_path, _totals("9", "Average"), "mean.csv")) == []
    assert _found(_read(tmp_path, _totals("62", "Year to date"), "to-date.csv")) == []


def test_subtotals_and_a_grand_total_are_each_held_to_their_rows(tmp_path: Path) -> None:
    def table(june: str, july: str, all_: str) -> bytes:
        ends = ([label, "", "", number, ""] for label, number in zip(LABELS, (june, july, all_), strict=True))
        first, second, last = ends
        return as_csv([HEAD, *JUNE, first, *JULY, second, last])

    assert _found(_read(tmp_path, table("16", "10", "26"), "right.csv")) == []
    assert [details["printed"] for _, details in _found(_read(tmp_path, table("61", "10", "26"), "a.csv"))] == ["61"]
    assert [details["printed"] for _, details in _found(_read(tmp_path, table("16", "10", "62"), "b.csv"))] == ["62"]


@pytest.mark.slow
def test_a_total_on_the_last_sheet_may_be_of_all_sheets(tmp_path: Path) -> None:
    total = ["Total", "", "", "26", "17"]
    right = as_xlsx({"June": [HEAD, *JUNE], "July": [HEAD, *JULY, total]})
    assert _found(_read(tmp_path, right, "right.xlsx")) == []
    wrong = as_xlsx({"June": [HEAD, *JUNE], "July": [HEAD, *JULY, ["Total", "", "", "62", "17"]]})
    assert [column for column, _ in _found(_read(tmp_path, wrong, "wrong.xlsx"))] == ["alerts"]


def test_bounds_and_empty_cells_leave_a_total_room(tmp_path: Path) -> None:
    rows = [HEAD, *JUNE, ["02/07/2024", "Ilford", "1388", "<5", ""]]
    for alerts, arrests, found in (("18", "40", []), ("21", "9", ["alerts"]), ("16", "8", ["arrests"])):
        made = _read(tmp_path, as_csv([*rows, ["Total", "", "", alerts, arrests]]), "bounds.csv")
        assert [column for column, _ in _found(made)] == found


@pytest.mark.parametrize("map_", ["", 'ignore = ["Month", "Deployments"]\n'])
def test_a_summary_is_held_to_the_rows_of_each_month(tmp_path: Path, map_: str) -> None:
    summary = [
        ["Month", "Deployments", "Alerts", "Arrests"],
        ["June 2024", "2", "14", "9"],
        ["July 2024", "1", "10", "8"],
    ]
    made = _read(tmp_path, as_xlsx({"Summary": summary, "All": [HEAD, *JUNE, *JULY]}), "book.xlsx", map_)
    assert len(made.rows) == 3
    assert [aside.place for aside in made.set_aside] == ["sheet 'Summary', row 2", "sheet 'Summary', row 3"]
    (fault,) = find_stated_sums(made)
    assert (
        "sheet 'Summary', row 2: alerts of 1 to 30 June 2024 are printed as 14, but the 2 rows add up to 16"
        in fault.message
    )


def test_a_total_shows_that_a_dash_means_zero(tmp_path: Path) -> None:
    rows = [["11/06/2024", "A", "90", "30", "25"], ["12/06/2024", "B", "90", "40", "-"]]
    for total, codes in (("25", ["dash-means-zero"]), ("31", [])):
        made = _read(tmp_path, as_csv([HEAD, *rows, ["Total", "", "180", "70", total]]), "dash.csv")
        assert [fault.code for fault in find_doubts(made)] == codes


@pytest.mark.slow
def test_a_summary_without_dates_is_held_to_all_rows(tmp_path: Path) -> None:
    def book(name: str, *rows: list[str]) -> bytes:
        return as_xlsx({name: [["Borough", "Deployments", "Alerts"], *map(list, rows)], "All": [HEAD, *JUNE, *JULY]})

    places = ["Dagenham", "1", "9"], ["Haringey", "1", "7"], ["Ilford", "1", "10"]
    right = _read(tmp_path, book("By borough", *places, ["Total", "3", "26"]), "right.xlsx")
    assert (len(right.rows), len(right.set_aside), _found(right)) == (3, 4, [])
    wrong = _read(tmp_path, book("By borough", *places[:2], ["Ilford", "1", "100"]), "wrong.xlsx")
    assert [(column, details["printed"]) for column, details in _found(wrong)] == [("alerts", "116")]
    other = _read(tmp_path, book("Other forces", ["Essex", "22", "173"]), "other.xlsx")
    assert _found(other) == []
    assert any("was not read" in note for note in other.documents[0].notes)
