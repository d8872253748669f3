"""In a published file a leak costs its cell, never the file, and is seen nowhere."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.plants import FLOATS, PLANTS, PNG, Plant, seen_again, text_of_all
from tests.published.forms_made import HEADINGS, as_csv, as_docx, as_html, as_json, as_xlsx, table

from countersign.cli.main import run
from countersign.published.read import read_source

#: 300 rows over which a picture or a template is cut.
LONG = 300
CUT = {
    "base64": [base64.b64encode(PNG).decode()[at : at + 6] for at in range(0, 6 * LONG, 6)],
    "long base64": [base64.b64encode(PNG * 3).decode()[at : at + 32] for at in range(0, 32 * 180, 32)],
    "hexadecimal": [PNG.hex()[at : at + 8] for at in range(0, 8 * LONG, 8)],
    "letters": ["".join(chr(97 + int(digit, 16)) for digit in PNG.hex())[at : at + 9] for at in range(0, 9 * LONG, 9)],
    "floats": list(FLOATS),
}
FORMS: dict[str, Callable[[list[list[str]]], bytes]] = {
    "csv": as_csv, "json": as_json, "html": as_html, "docx": as_docx, "xlsx": lambda rows: as_xlsx({"LFR": rows}),
}  # fmt: skip


def _said(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, review: bool = False) -> str:
    """All that every command that reads a source prints and writes."""
    out = tmp_path / "out"
    calls = [
        ["check", str(source), "--json"], ["import", str(source), "--out", str(out / "package")],
        ["map", str(source), "--no-ask", "--out", str(out / "map.toml")], ["compare", str(source), str(source)],
        ["reconcile", str(source), str(source), "--all"], ["reconcile", str(source), str(source), "--json"],
    ]  # fmt: skip
    if review:
        calls.append(["review", str(source), "--out", str(out / "review"), "--format", "html,json,txt"])
    out.mkdir(exist_ok=True)
    for call in calls:
        assert run(call) != 70, call
    said = capsys.readouterr()
    return f"{said.out}\n{said.err}\n{text_of_all(out)}"


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_a_leak_costs_its_cell(plant: Plant, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "source.csv"
    for heading in ("Location", "Total alerts", "Faces seen", "Duration"):
        source.write_bytes(as_csv(table(**{heading.replace(" ", "_"): [plant.text, "3", "4h", "5"]})))
        said = _said(source, tmp_path, capsys)
        assert seen_again(plant, said) == [], heading
    record = read_source(source)
    assert len(record.rows) == 4
    assert "withheld here, as it holds" in record.rows[0].unsure["duration_minutes"].reason
    assert any(note.startswith("Withheld here: row 1, duration minutes (") for note in record.documents[0].notes)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_a_leak_beside_the_table(plant: Plant, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for at, rows in enumerate((
        [[plant.text], *table()], [[*HEADINGS, plant.text], *([*row, "x"] for row in table()[1:])],
        [*table(), ["Total", plant.text]], [*table(), [plant.text, plant.text]],
        table(Date=[plant.text, "11/06/2024"]), [[plant.text, plant.text], ["a", "b"]],
    )):  # fmt: skip
        source = tmp_path / f"source-{at}.csv"
        source.write_bytes(as_csv(rows))
        assert seen_again(plant, _said(source, tmp_path, capsys)) == [], at


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_every_form_of_file(form: str, plant: Plant, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / f"source.{form}"
    rows = table(Location=[plant.text, "Ilford"], Total_alerts=["3", plant.text])
    source.write_bytes(FORMS[form](rows))
    assert seen_again(plant, _said(source, tmp_path, capsys, review=True)) == []


@pytest.mark.slow
@pytest.mark.parametrize("how", CUT)
def test_what_is_cut_over_a_column(how: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cells = CUT[how]
    for heading in ("Location", "Total alerts") if how != "floats" else ("Location", "Total alerts", "Threshold"):
        source = tmp_path / "source.csv"
        source.write_bytes(as_csv(table(**{heading.replace(" ", "_"): cells})))
        said = _said(source, tmp_path, capsys)
        assert [cell for cell in cells if len(cell) > 5 and cell in said][:3] == [], heading


def test_what_is_cut_over_a_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "source.csv"
    parts = dict(zip((each.replace(" ", "_") for each in HEADINGS[1:]), CUT["long base64"], strict=False))
    source.write_bytes(as_csv(table(**{heading: [part, "3"] for heading, part in parts.items()})))
    said = _said(source, tmp_path, capsys)
    assert [part for part in parts.values() if part[:12] in said] == []


@pytest.mark.slow
def test_a_picture_within_a_page_is_never_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "page.html"
    data = base64.b64encode(PNG).decode()
    source.write_bytes(as_html(table(), f'<h1>LFR</h1><img alt="x" src="data:image/png;base64,{data}">'))
    said = _said(source, tmp_path, capsys, review=True)
    assert seen_again(PLANTS[0], said) == []
    assert not read_source(source).documents[0].notes


def test_the_digits_of_a_spreadsheet_are_no_leak(tmp_path: Path) -> None:
    source = tmp_path / "source.csv"
    faces, alerts = list(range(1_000, 1_060)), [at % 7 for at in range(60)]
    source.write_bytes(
        as_csv(table(
            Location=["12 High Street, Ilford", "O2 Arena", "E8 3DL"], Faces_seen=[f"{each}" for each in faces],
            False_alerts=[f"{each}" for each in alerts], Total_alerts=["9"],
            False_alert_rate=[f"{each / face}" for each, face in zip(alerts, faces, strict=True)],
        ))
    )  # fmt: skip
    record = read_source(source)
    assert len(record.rows) == 60
    assert not any("Withheld" in note for note in record.documents[0].notes)
    assert {row.place for row in record.rows} == {"12 High Street, Ilford", "O2 Arena", "E8 3DL"}


def test_nothing_that_ships_is_withheld() -> None:
    for name in ("met", "met-later", "btp", "thames-valley", "essex", "south-wales"):
        record = read_source(f"shipped:{name}")
        assert "ithheld here" not in repr(record.documents)
