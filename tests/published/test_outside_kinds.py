"""The kinds that random tables of an outsider found: each a small table of its own, with what is right."""

from __future__ import annotations

import datetime
import io
from pathlib import Path

import openpyxl
import pytest

from countersign.published.mapping import judged
from countersign.published.read import read_source
from countersign.published.table.columns import known_heading
from countersign.published.table.headings import UnknownColumn


def _csv(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "table.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _xlsx(tmp_path: Path, heading: str, shown: str, days: list[datetime.date]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([heading, "Deployments", "Alerts"])
    for day in days:
        sheet.append([day, 4, 9])
        sheet.cell(sheet.max_row, 1).number_format = shown
    content = io.BytesIO()
    book.save(content)
    path = tmp_path / "book.xlsx"
    path.write_bytes(content.getvalue())
    return path


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u2009", "\u202f", "\u2007"])
def test_any_space_parts_thousands(tmp_path: Path, space: str) -> None:
    lines = f"11/06/2024,A,9{space}573", f"13/06/2024,B,c. 85{space}000"
    exact, about = read_source(_csv(tmp_path, "Date,Location,Faces seen", *lines)).rows
    assert exact.faces_seen == 9573
    assert (about.unsure["faces_seen"].low, about.unsure["faces_seen"].high) == (84_000, 86_000)


@pytest.mark.parametrize(
    ("heading", "shown", "ends"),
    [
        ("Month", "mmm-yy", ["2024-01-31", "2024-02-29"]),
        ("Reporting period", "[$-809]mmmm\\ yyyy", ["2024-01-31", "2024-02-29"]),
        ("Month of deployment", "dd/mm/yyyy", ["2024-01-31", "2024-02-29"]),
        ("Period", "dd/mm/yyyy", ["2024-01-31", "2024-02-29"]),
        ("Date", "dd/mm/yyyy", ["None", "None"]),
    ],
)
def test_a_month_is_a_month_where_the_sheet_or_its_heading_shows_one(
    tmp_path: Path, heading: str, shown: str, ends: list[str]
) -> None:
    days = [datetime.date(2024, 1, 1), datetime.date(2024, 2, 1)]
    assert [str(row.date_to) for row in read_source(_xlsx(tmp_path, heading, shown, days)).rows] == ends


@pytest.mark.parametrize(
    "text", ["18.03.2023 (Saturday)", "18/03/2023, Sat", "(Sat) 18 March 2023", "18/03/2023 [Sat]"]
)
def test_a_weekday_stands_before_or_behind_and_in_brackets(tmp_path: Path, text: str) -> None:
    (row,) = read_source(_csv(tmp_path, "Date;Location;Alerts", f"{text};A;3")).rows
    assert str(row.date) == "2023-03-18"


def test_a_wrong_weekday_behind_a_date_is_doubted(tmp_path: Path) -> None:
    (row,) = read_source(_csv(tmp_path, "Date,Location,Alerts", "18 March 2023 (Friday),A,3")).rows
    assert row.unsure["date"].kind == "doubtful"


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Date deployed", "date"), ("Date of LFR operation", "date"), ("Month of deployment", "date"),
        ("Time ended", "end_time"), ("Time started", "start_time"), ("Deployment location", "place"),
        ("Deployments in month", "deployments"), ("Number of deployments this quarter", "deployments"),
        ("Duration of LFR deployment (hours)", "duration_minutes"), ("Date finished", "date_to"),
    ],
)  # fmt: skip
def test_a_heading_is_known_by_what_it_is_about(heading: str, column: str) -> None:
    use = known_heading(heading)
    assert use is not None
    assert use.names == (column,)


@pytest.mark.parametrize(
    ("heading", "values"),
    [
        ("Arrest rate (%)", ["3", "0", "4.5"]), ("Cameras used", ["2", "3"]), ("Number of officers", ["12", "9"]),
        ("Cost per alert (£)", ["120", "80"]), ("Alerts per 1,000 faces", ["1", "2"]), ("Vans", ["1", "2"]),
    ],
)  # fmt: skip
def test_no_rate_cost_or_other_noun_is_proposed_for_a_count(heading: str, values: list[str]) -> None:
    assert judged(heading, values, set()).column == ""


def test_serial_numbers_of_days_and_dates_are_no_minutes_and_no_place() -> None:
    assert judged("Time deployed on", ["45032", "45040"], set()).column != "duration_minutes"
    assert judged("Venue or day", ["3 May 2024", "4 May 2024"], set()).column != "place"


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_a_table_on_its_side_is_cut_by_any_mark(tmp_path: Path, mark: str) -> None:
    cells = ["Date deployed", '"June 12, 2023"', '"June 24, 2023"'], ["Venue", "A", "B"], ["Alerts", "3", "4"]
    rows = read_source(_csv(tmp_path, *(mark.join(line) for line in cells))).rows
    assert [(str(row.date), row.place, row.alerts) for row in rows] == [("2023-06-12", "A", 3), ("2023-06-24", "B", 4)]


def test_an_unknown_label_of_a_form_is_named_and_no_value_is_taken_for_a_heading(tmp_path: Path) -> None:
    form = "Visited on,12 June 2024", "Venue,Reading", "Watchlist size,9000", "Number of alerts,14"
    with pytest.raises(UnknownColumn, match="'Visited on'"):
        read_source(_csv(tmp_path, *form))


def test_a_start_without_an_end_is_named(tmp_path: Path) -> None:
    record = read_source(_csv(tmp_path, "Date,Start,Location,Alerts", "11/06/2024,10:00,A,3"))
    assert any("'Start' was not read: none gives the end" in note for note in record.documents[0].notes)


def test_a_summary_beside_unread_dates_is_not_counted_twice(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    detail, summary = book.active, book.create_sheet("Summary")
    assert detail is not None
    for line in (["Date", "Location", "Alerts"], ["the first", "A", 3], ["the second", "B", 4]):
        detail.append(line)
    for line in (["Month", "Deployments", "Alerts"], ["June 2024", 2, 7]):
        summary.append(line)
    book.save(tmp_path / "book.xlsx")
    record = read_source(tmp_path / "book.xlsx")
    assert [row.alerts for row in record.rows] == [3, 4]
    assert [kept.reason for kept in record.set_aside] == ["it is a row of a summary"]


def test_words_for_withheld_and_for_nothing_yet(tmp_path: Path) -> None:
    lines = "11/06/2024,A,3,Not disclosed", "12/06/2024,B,4,Not yet known"
    withheld, nothing = read_source(_csv(tmp_path, "Date,Location,Alerts,Arrests", *lines)).rows
    assert withheld.unsure["arrests"].kind == "withheld"
    assert (nothing.arrests, dict(nothing.unsure)) == (None, {})


def test_a_heading_over_two_rows_is_known_in_either_order(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        "<html><body><table><tr><th rowspan=2>Date<th rowspan=2>Location<th colspan=2>Alerts<tr><th>True<th>False"
        "<tr><td>11 June 2024<td>A<td>3<td>0<tr><td>12 June 2024<td>B<td>4<td>1</table></body></html>",
        encoding="utf-8",
    )
    record = read_source(path)
    assert [(row.alerts, row.true_alerts, row.false_alerts) for row in record.rows] == [(None, 3, 0), (None, 4, 1)]
    assert not record.refused


def test_marks_ranges_and_hours_of_other_spellings(tmp_path: Path) -> None:
    lines = (
        "22nd to 23rd of September 2024;A;30-40k;Not yet published;7,25",
        "24 September 2024;B;c. 1.2k;Refused under s.31;6.5",
    )
    first, second = read_source(_csv(tmp_path, "Date;Location;Faces seen;Arrests;Duration (hours)", *lines)).rows
    assert (str(first.date), str(first.date_to)) == ("2024-09-22", "2024-09-23")
    assert (first.unsure["faces_seen"].low, first.unsure["faces_seen"].high) == (30_000, 40_000)
    assert (first.duration_minutes, second.duration_minutes) == (435, 390)
    assert "arrests" not in first.unsure
    assert second.unsure["arrests"].kind == "withheld"


def test_the_dates_of_forms_in_tables_of_their_own_are_of_one_column(tmp_path: Path) -> None:
    forms = "".join(
        f"<table><tr><td>Date<td>{date}<tr><td>Location<td>{place}<tr><td>Alerts<td>3</table>"
        for date, place in (("06/13/2024", "A"), ("07/09/2024", "B"), ("07/28/2024", "C"))
    )
    path = tmp_path / "forms.html"
    path.write_text(f"<html><body>{forms}</body></html>", encoding="utf-8")
    assert [str(row.date) for row in read_source(path).rows] == ["2024-06-13", "2024-07-09", "2024-07-28"]
