"""Maps that make themselves: what is proposed, what a second run changes, and where the source is read."""

from __future__ import annotations

import datetime
import tomllib
from pathlib import Path

import openpyxl
import pytest

from countersign.cli.main import run
from countersign.published import mapping
from countersign.published.apart import ReadingTooMuch
from countersign.published.mapping import judged, propose, render
from countersign.published.read import read_source
from countersign.published.table.maps import parse_map

FIRST = [
    "Ref No.", "Date of Operation", "Day", "Force area / BCU", "Ward", "Location of LFR van", "Postcode",
    "Operation name", "Gold commander", "Authorising rank", "Reason for use", "Start", "Finish",
    "Time deployed (hh:mm)", "Number of cameras", "Watchlist volume", "Watchlist - missing", "Watchlist - wanted",
    "Date watchlist created", "Similarity setting", "No. of faces passing cameras", "Potential matches flagged",
    "Alerts confirmed as correct", "Alerts confirmed as incorrect", "False alert rate (%)", "People stopped",
    "Arrests made", "Arrests - warrant", "Arrests - recall", "Other outcomes", "No further action", "Complaints",
    "Leaflets handed out", "Cost (£)", "Weather", "Comments",
]  # fmt: skip
SECOND = [
    "Unique ref", "Deployment date", "Weekday", "BCU", "Ward name", "Deployment site", "Post code", "Op name", "Gold",
    "Authorised by", "Purpose of deployment", "Start time", "End time", "Duration", "Cameras",
    "Size of watchlist (images)", "of which missing", "of which wanted", "Watchlist date", "Threshold used",
    "Faces scanned (est.)", "Alerts generated", "True alerts", "False alerts", "FAR %", "Engagements", "Total arrests",
    "Warrant", "Recall", "Other disposals", "NFA", "Complaints received", "Leaflets", "Cost £", "Weather conditions",
    "Notes",
]  # fmt: skip


def _line(day: datetime.date, number: int) -> list[object]:
    return [
        f"LFR/{number}", day, f"{day:%A}", "Central", "Abbey", "High Street", "SW1 1AA", f"Op {number}", "Ch Supt A",
        "Supt", "Serious crime", datetime.time(10), datetime.time(15, number % 60), f"05:{number % 60:02}", 2, 9000, 12,
        8900, day - datetime.timedelta(1), 0.64, 4000 + number, 5, 4, 1, "0.02%", 4, 2, 1, 1, 0, 1, 0, 120, 1200, "Dry",
        "",
    ]  # fmt: skip


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """Two years under other headings, 36 columns each, a table beside them and a sheet of notes."""
    book = openpyxl.Workbook()
    for year, headings in ((2023, FIRST), (2024, SECOND)):
        sheet = book.create_sheet(str(year))
        sheet.append(headings)
        for number in range(5):
            sheet.append(_line(datetime.date(year, 1, 9) + datetime.timedelta(2 * number), number))
    book.create_sheet("Notes").append(["Figures are provisional."])
    del book["Sheet"]
    path = tmp_path / "log.xlsx"
    book.save(path)
    return path


@pytest.mark.slow
def test_two_runs_read_a_workbook_of_several_sheets_and_36_columns(workbook: Path, tmp_path: Path) -> None:
    made = tmp_path / "MAP.toml"
    assert run(["map", str(workbook), "--no-ask", "--out", str(made)]) == 0
    record = read_source(workbook, columns=made)
    assert len(record.rows) == 10
    assert not record.refused
    for row in record.rows:
        assert (row.alerts, row.arrests, row.watchlist_size, row.date_to) == (5, 2, 9000, None)
        assert row.place == "High Street"
        assert row.faces_seen is not None
        assert row.faces_seen >= 4000
        assert row.duration_minutes is not None


@pytest.mark.slow
def test_a_second_run_changes_nothing_that_a_person_decided(workbook: Path, tmp_path: Path) -> None:
    made = tmp_path / "MAP.toml"
    decided = 'alerts = "Potential matches flagged"  # ours\nignore = ["People stopped"]\n'
    lines = decided.splitlines()
    text = f"{lines[1]}\n[columns]\n{lines[0]}\n"
    made.write_text(text, encoding="utf-8")
    for _ in range(3):
        assert run(["map", str(workbook), "--no-ask", "--out", str(made)]) == 0
    after = made.read_text(encoding="utf-8")
    assert after.startswith(text)
    assert tomllib.loads(after) == tomllib.loads(text)
    assert after.count('"Reason for use"') == 1, "a heading not named yet is listed once, however often it runs"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('title = "T"\n[columns]\nalerts = "Hits"  # ours\n', {"alerts": ["Hits", "Matches flagged"]}),
        ("[columns]\nalerts = 'Hits'\n", {"alerts": ["Hits", "Matches flagged"]}),
        ('[columns]\nalerts = ["Hits", "Pings"]\n', {"alerts": ["Matches flagged", "Hits", "Pings"]}),
        ('title = "T"\n[constants]\nplace = "A"\n', {"alerts": "Matches flagged"}),
        ('ignore = ["Gold"]\n[columns]\ndate = "Day"\n', {"alerts": "Matches flagged", "date": "Day"}),
    ],
)
def test_answers_stand_beside_what_was_decided(before: str, after: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("Date,Location,Matches flagged,Officer mood\n11/06/2024,A,3,glad\n", encoding="utf-8")
    answers: dict[str, str] = {"Matches flagged": "alerts", "Officer mood": "ignore"}
    proposal = propose([path], parse_map(before, "map.toml"))
    answered = proposal.answered(lambda question, _: next(said for text, said in answers.items() if text in question))
    made = parse_map(render(answered, before), "map.toml")
    assert made.columns == after
    assert "Officer mood" in made.ignore
    assert set(parse_map(before, "map.toml").ignore) <= set(made.ignore)


@pytest.mark.parametrize("heading", ["Date watchlist created", "Watchlist date", "Date of arrest (alert)"])
def test_another_date_is_not_proposed_for_that_of_a_deployment(heading: str) -> None:
    assert judged(heading, ["2024-01-08", "2024-01-10"], set()).column not in ("date", "date_to")


def test_a_map_is_made_from_a_table_on_its_side(tmp_path: Path) -> None:
    path = tmp_path / "turned.csv"
    lines = "Visited on,12 June 2024,14 June 2024", "Venue,Reading,Ilford", "Watchlist size,9000,9100", "Alerts,14,2"
    path.write_text("\n".join(lines), encoding="utf-8")
    proposal = propose([path])
    assert {heading.text: heading.column for heading in proposal.headings} == {
        "Visited on": "date", "Venue": "place", "Watchlist size": "watchlist_size", "Alerts": "alerts"
    }  # fmt: skip


def test_a_map_reads_in_the_child_process(workbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("parsed in this process")

    monkeypatch.setattr(mapping, "grids_of_xlsx", refused)
    assert propose([workbook]).headings
    monkeypatch.setattr("countersign.published.apart.CHILD", ["false"])
    with pytest.raises(ReadingTooMuch):
        propose([workbook])
