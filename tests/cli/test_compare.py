"""``countersign compare`` as a person runs it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.published.synthetic import synthetic_record

from countersign.cli.main import run
from countersign.errors import DONE, EVIDENCE_WRONG, NOT_REACHED, WRONG_FORM
from countersign.published.forms.package import write_package


@pytest.fixture
def releases(tmp_path: Path) -> tuple[str, str]:
    record = synthetic_record(60, 1)
    rows = [replace(row, arrests=(row.arrests or 0) + 1) if row.number == 7 else row for row in record.rows[:-2]]
    del rows[3]
    later = replace(record, rows=tuple(replace(row, number=number) for number, row in enumerate(rows, start=1)))
    old, new = write_package(record, tmp_path / "old"), write_package(later, tmp_path / "new")
    return str(old), str(new)


def test_the_same_release(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", "shipped:met", "shipped:met"]) == DONE
    assert "The two releases agree in all 324 rows." in capsys.readouterr().out


def test_what_differs(releases: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", *releases]) == EVIDENCE_WRONG
    said = capsys.readouterr().out
    assert "0 rows added, 3 taken out, 1 value altered in 1 row and 56 rows unchanged." in said
    assert "Values altered (1)" in said
    assert re.search(r": arrests ([0-9]+) → ([0-9]+)$", said, re.MULTILINE)
    assert "Rows taken out (3): in the earlier release only" in said


def test_a_page_holds_all_that_differs(releases: tuple[str, str], tmp_path: Path, capsys: Any) -> None:
    page = tmp_path / "differences.html"
    assert run(["compare", *releases, "--html", str(page)]) == EVIDENCE_WRONG
    assert f"Written: {page}" in capsys.readouterr().out
    text = page.read_text(encoding="utf-8")
    assert text.index("3 taken out") < text.rindex("Rows taken out: 3")
    assert "Values altered: 1" in text
    assert run(["check", "shipped:met", "--html", str(page)]) == EVIDENCE_WRONG
    text = page.read_text(encoding="utf-8")
    assert "32 faults of 9 kinds in 324 rows." in text
    assert "Metropolitan Police Service · 11 February 2020 to 11 July 2025 · Read on " in text
    assert len(re.findall(r'<th scope="row"[^>]*>[0-9]+</th>', text)) == 32
    seen = tmp_path / "seen.csv"
    seen.write_text("date,place,who\n2024-05-02,Kingston upon Nowhere,a newspaper\n")
    assert run(["reconcile", "shipped:met", str(seen), "--html", str(page)]) == EVIDENCE_WRONG
    assert "Kingston upon Nowhere: held by seen (a newspaper)" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("command", [["compare", "a.csv"], ["check"], ["reconcile", "b.csv"]])
def test_a_page_never_takes_the_place_of_a_source(command: list[str], tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    text = "Date,Location,Alerts\n1 May 2024,A,5\n"
    Path("a.csv").write_text(text)
    Path("b.csv").write_text(text)
    assert run([*command, "a.csv", "--html", "./a.csv"]) == WRONG_FORM
    assert run([*command, "a.csv", "--html", "."]) == WRONG_FORM
    assert run([*command, "a.csv", "--html", "page.html", "--json"]) == WRONG_FORM
    assert Path("a.csv").read_text() == text
    assert not Path("page.html").exists()


def test_one_row_is_told_as_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = tmp_path / "a.csv", tmp_path / "b.csv"
    one.write_text("Date,Location,Alerts\n1 May 2024,A,5\n")
    two.write_text("Date,Location,Alerts\n1 May 2024,A,5\n2 May 2024,A,5\n")
    run(["compare", str(one), str(one)])
    run(["compare", str(one), str(two)])
    said = capsys.readouterr().out
    assert "The two releases agree in their one row." in said
    assert "1 row added (2 May 2024), 0 taken out" in said


def test_json(releases: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", *releases, "--json"]) == EVIDENCE_WRONG
    written = json.loads(capsys.readouterr().out)
    assert (len(written["removed"]), len(written["added"]), written["unchanged"]) == (3, 0, 56)
    assert {fault["code"] for fault in written["faults"]} == {"revised-value"}


def test_the_shared_csv_and_the_shipped_package_are_one_record(shared: Path) -> None:
    assert run(["compare", str(shared / "facts" / "met-deployments.csv"), "shipped:met"]) == DONE


def test_a_release_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", "shipped:met", str(tmp_path / "absent.pdf")]) == NOT_REACHED
    assert capsys.readouterr().out == ""
