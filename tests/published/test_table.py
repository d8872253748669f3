"""Rows of cells to rows of a record: headings found, nothing lost, nothing guessed."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.published.table.headings import MissingColumn, UnknownColumn, assign, check_map_used, find_heading
from countersign.published.table.maps import NO_MAP, ColumnMap, parse_map
from countersign.published.table.rows import read_rows


def test_the_heading_is_the_line_with_most_known_words() -> None:
    lines = [["Deployments of the year"], ["", ""], ["Date", "Location", "Alerts"], ["01/02/24", "Camden", "3"]]
    assert find_heading(lines, NO_MAP) == (2, ("Date", "Location", "Alerts"))
    assert find_heading([["a", "b"], ["01/02/24", "3"]], NO_MAP) is None


def test_a_heading_of_two_lines_is_put_together() -> None:
    lines = [
        ["Date", "True Alerts", "", "False Alerts", "", "Outcomes", ""],
        ["", "Confirmed", "Unconfirmed", "Confirmed", "Unconfirmed", "Arrest", "No Action"],
        ["01/02/24", "1", "0", "0", "0", "1", "0"],
    ]
    found = find_heading(lines, NO_MAP)
    assert found is not None
    uses = assign(found[1], NO_MAP, "a.xlsx", "row 2").uses
    assert [use.names[0] for use in uses if use] == [
        "date", "true_alerts_confirmed", "true_alerts_unconfirmed", "false_alerts_confirmed",
        "false_alerts_unconfirmed", "arrests", "no_action",
    ]  # fmt: skip


def test_an_unknown_heading_refuses_the_table_and_names_the_nearest() -> None:
    with pytest.raises(
        UnknownColumn,
        match=r"a\.csv, line 1: heading 'faces_sen' .column 2; the nearest known is 'faces_seen'. is not known",
    ):
        assign(("date", "faces_sen"), NO_MAP, "a.csv", "line 1")
    assert assign(("date", "alerts", "Officer"), ColumnMap(ignore=("officer",)), "a.csv", "line 1").uses[2] is None


@pytest.mark.parametrize(
    ("headings", "said"),
    [
        (("place", "alerts"), "no column for the date"),
        (("date",), "beside the date"),
        (("date", "alerts", "Total Alerts"), "both stand for alerts"),
    ],
)
def test_a_missing_or_doubled_column_refuses_the_table(headings: tuple[str, ...], said: str) -> None:
    with pytest.raises(MissingColumn, match=said):
        assign(headings, NO_MAP, "a.csv", "line 1")


def test_a_map_whose_heading_is_on_no_table_is_refused() -> None:
    made = parse_map("[columns]\narrests = ['Persons arrested', 'Held']", "m")
    with pytest.raises(MissingColumn, match="'Persons arrested' for arrests"):
        check_map_used(made, ("date", "alerts"), "a.csv")
    check_map_used(made, ("date", "HELD"), "a.csv")


def test_every_unknown_heading_is_named_at_once() -> None:
    with pytest.raises(UnknownColumn, match=r"2 headings are not known: 'Officer' .* and 'Weather'"):
        assign(("date", "alerts", "Officer", "Weather"), NO_MAP, "a.csv", "line 1")


def test_a_sum_is_added_only_where_both_parts_are_printed_and_the_sum_is_not() -> None:
    headings = ("date", "true_alerts_confirmed", "true_alerts_unconfirmed")
    uses = assign(headings, NO_MAP, "a", "line 1").uses
    rows = read_rows("a", uses, [["2024-01-02", "3", "1"], ["2024-01-02", "3", ""]], place=str).rows
    assert [row.true_alerts for row in rows] == [4, None]
    assert "true_alerts" not in rows[0].printed
    # as on 10 January 2024 in the Met's record: one alert, one confirmed and one unconfirmed; nothing is mended
    uses = assign((*headings, "true_alerts"), NO_MAP, "a", "line 1").uses
    rows = read_rows("a", uses, [["2024-01-10", "1", "1", "1"]], place=str).rows
    assert rows[0].true_alerts == 1


def test_a_cell_that_cannot_be_read_costs_its_value_and_not_its_row() -> None:
    uses = assign(("date", "alerts", "faces_seen"), NO_MAP, "a", "line 1").uses
    cells = [["2024-01-02", "many", "lots"], ["", "1", "2"], ["2024-01-03", "1", "2", "3"], ["Total", "5", ""]]
    read = read_rows("a", uses, cells, place=lambda i: f"line {i + 2}")
    (row,) = read.rows
    assert {name: doubt.reason for name, doubt in row.unsure.items()} == {
        "alerts": "'many' is not a whole number",
        "faces_seen": "'lots' is not a whole number",
    }
    assert row.printed == {"alerts": "many", "faces_seen": "lots"}
    assert [(kept.place, kept.reason) for kept in read.refused] == [
        ("line 3", "date: nothing is printed"),
        ("line 4", "it has 4 cells where the heading has 3"),
    ]
    assert [kept.place for kept in read.set_aside] == ["line 5"]


CELL = st.sampled_from(["", "1", "x", "12,187", "N/A", "=1", "2024-01-02", "31/02/24", "  7 ", "0.5", "Total", "<5"])


@settings(deadline=None, max_examples=100)
@given(st.lists(st.lists(CELL, min_size=0, max_size=5), max_size=12))
def test_rows_found_are_rows_reported_refused_and_set_aside(cells: list[list[str]]) -> None:
    uses = assign(("date", "alerts", "faces_seen"), NO_MAP, "a", "line 1").uses
    read = read_rows("a", uses, cells, place=str)
    assert len(read.rows) + len(read.refused) + len(read.set_aside) == len(cells)
    places = {int(kept.place) for kept in (*read.refused, *read.set_aside)}
    assert [row.number - 1 for row in read.rows] == [index for index in range(len(cells)) if index not in places]
    for row in read.rows:
        text = cells[row.number - 1]
        assert row.date == datetime.date(2024, 1, 2)
        assert (row.alerts is None) == (text[1].strip() not in ("1", "12,187", "7"))
        assert ("alerts" in row.unsure) == (row.alerts is None and text[1].strip() not in ("", "N/A"))
