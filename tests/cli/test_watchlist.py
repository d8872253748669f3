"""The manifest of a list on the command line: totals, sealing, and files that hold what they must not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from countersign.cli.main import run

HEADER = (
    "category,subject_type,seriousness,source,image_age,age_band,child,vulnerable,response,check_status,carried_over"
)
ROWS = (
    "wanted-by-court,wanted,high,custody,under-1-year,18-and-over,no,no,arrest,2026-03-02T07:00:00Z,yes",
    "missing-at-risk,missing,medium,family,1-to-5-years,under-18,yes,yes,safeguard,2026-03-02T06:30:00Z,no",
)


def told(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | bytes, *options: str, code: int = 0) -> str:
    file = tmp_path / "list.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert run(["watchlist", "totals", str(file), *options]) == code
    captured = capsys.readouterr()
    return captured.out + captured.err


def test_totals_count_and_say_no_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = json.loads(told(tmp_path, capsys, "\n".join((HEADER, *ROWS)), "--json"))
    assert (facts["size"], facts["children"], facts["vulnerable"], facts["carried_over"]) == (2, 1, 1, 1)
    assert facts["by_category"] == [
        {"category": "missing-at-risk", "subject_type": "missing", "count": 1},
        {"category": "wanted-by-court", "subject_type": "wanted", "count": 1},
    ]
    assert facts["by_check"] == [{"check": "status", "done": 2, "oldest": "2026-03-02T06:30:00Z"}]
    words = told(tmp_path, capsys, "\n".join((HEADER, *ROWS)))
    assert "2 entries, 1 of them children, 1 vulnerable" in words
    assert "carried over from the list before: 1" in words


@pytest.mark.parametrize(
    ("column", "cell", "guess"),
    [
        ("image", "face1.jpg", "an image"), ("name", "Jo Bloggs", "a name"), ("full name", "Jo Bloggs", "a name"),
        ("dob", "1990-02-03", "a date of birth"), ("date_of_birth", "1990-02-03", "a date of birth"),
        ("reference", "PNC/90/1", "a reference number"), ("pnc id", "90/1", "a reference number"),
        ("embedding", "0.1 0.2", "an embedding"), ("Category", "wanted-7", ""), ("notes", "seen at home", ""),
    ],
)  # fmt: skip
def test_a_forbidden_column_is_refused_whole_and_never_quoted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], column: str, cell: str, guess: str
) -> None:
    out = told(tmp_path, capsys, f"{HEADER},{column}\n{ROWS[0]},{cell}\n", code=2)
    assert "[watchlist-columns-forbidden]" in out
    assert "column 12" in out
    assert guess in out
    assert cell not in out


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (ROWS[0].replace("wanted-by-court", "Jo Bloggs, of 1 High Street"), "line 2"),
        (ROWS[0].replace("wanted-by-court", "Jo-Bloggs"), "column 1 (category)"),
        (ROWS[0].replace("arrest", "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"), "column 9 (response)"),
        (ROWS[0].replace(",no,no,", ",maybe,no,"), "column 7 (child)"),
        (ROWS[0].replace("T07:00:00Z", " 7 o'clock"), "column 10 (check_status)"),
        (ROWS[0] + ",more", "12 cells"),
    ],
)
def test_a_cell_that_is_not_of_its_form_is_named_and_not_quoted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], row: str, place: str
) -> None:
    out = told(tmp_path, capsys, f"{HEADER}\n{row}\n", code=2)
    assert "[watchlist-malformed]" in out
    assert place in out
    assert "Bloggs" not in out
    assert "iVBOR" not in out


@pytest.mark.parametrize("text", ["", HEADER, f"category\n{ROWS[0]}", b"\xff\xfe\x00", f"{HEADER},child\n{ROWS[0]},no"])
def test_files_that_are_no_list(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | bytes) -> None:
    assert "[watchlist-malformed]" in told(tmp_path, capsys, text, code=2)


def test_a_column_with_a_value_of_its_own_for_each_entry_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "\n".join(ROWS[0].replace(",high,", f",jo-bloggs-{number},") for number in range(25))
    out = told(tmp_path, capsys, f"{HEADER}\n{rows}\n", code=2)
    assert "column 3 (seriousness) has 25 different values" in out
    assert "bloggs" not in out


MAP = """none = ["-"]
[columns]
category = "Reason for listing"
check_status = ["Status checked", "Checked"]
[constants]
child = "no"
"""


def mapped(tmp_path: Path, text: str) -> tuple[str, str]:
    (tmp_path / "map.toml").write_text(text)
    return ("--columns", str(tmp_path / "map.toml"))


def test_a_list_with_other_headings_takes_a_map(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    header = (
        HEADER.replace("category,", "REASON  for listing,").replace("child,", "").replace("check_status", "Checked")
    )
    row = "wanted-by-court,wanted,high,custody,under-1-year,18-and-over,no,arrest,2026-07-02 08:00 Europe/London,-"
    text = f"{header}\n{row}\n"
    facts = json.loads(told(tmp_path, capsys, text, "--json", *mapped(tmp_path, MAP)))
    assert (facts["size"], facts["children"], facts["carried_over"]) == (1, 0, 0)
    assert facts["by_check"] == [{"check": "status", "done": 1, "oldest": "2026-07-02T07:00:00Z"}]
    assert "[watchlist-columns-forbidden]" in told(tmp_path, capsys, text, code=2)
    twice = text.replace("2026-07-02 08:00", "2026-10-25 01:30")
    said = told(tmp_path, capsys, twice, *mapped(tmp_path, MAP), code=2)
    assert "its clock time came twice or never" in said
    assert "01:30" not in said


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('ignore = ["name"]', "'ignore' is no key of a map of a watchlist"),
        ('[columns]\nname = "Name"', "'name', which is no column of docs/formats/deployment-watchlist.md"),
        ('[columns]\nresponse = "Reaction"', "the list has no heading 'Reaction' for response"),
        ('[constants]\nchild = "no"', "child is given a constant, and the list has a column for it"),
        ("sheets = 1", "'sheets' is no key of a map of a watchlist"),
    ],
)
def test_a_wrong_map_of_a_list(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, why: str) -> None:
    out = told(tmp_path, capsys, "\n".join((HEADER, *ROWS)), *mapped(tmp_path, text), code=2)
    assert "[wrong-column-map]" in out
    assert why in out
