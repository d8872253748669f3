"""``countersign check`` as a person runs it: grouped faults, cut lists, JSON, corrections, exit codes, bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.published.synthetic import synthetic_record

from countersign.cli.main import run
from countersign.errors import DONE, EVIDENCE_WRONG, NOT_REACHED, WRONG_FORM
from countersign.published.forms.package import write_package


def test_the_shipped_record(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "shipped:met"]) == EVIDENCE_WRONG
    said = capsys.readouterr()
    assert said.err == ""
    assert "32 faults of 9 kinds in 324 rows." in said.out
    assert "rate-truncated (12): the force rounded its error rate down" in said.out
    assert "… 7 more; --all shows them" in said.out
    assert "11 July 2024 would be in order, so that a misprint is likely" in said.out
    assert "\x1b[" not in said.out, "no colour where there is no terminal"


def test_all_shows_every_fault_on_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "shipped:met", "--all"]) == EVIDENCE_WRONG
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("  ") for line in lines) == 32


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "shipped:met", "--json"]) == EVIDENCE_WRONG
    written = json.loads(capsys.readouterr().out)
    assert [document["rows"] for document in written["documents"]] == [9, 203, 112]
    assert [fault["number"] for fault in written["faults"]] == list(range(1, 33))
    (date,) = [fault for fault in written["faults"] if fault["code"] == "date-out-of-order"]
    assert (date["document"], date["row"], date["column"]) == ("met-2023-2024", 113, "date")
    assert written["corrections"] == []


def test_corrections_are_named_and_end_the_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "shipped:met", "--corrections", "shipped"]) == EVIDENCE_WRONG
    said = capsys.readouterr().out
    assert "Corrected: met-2023-2024, row 113, date: printed 11/07/23, read as 2024-07-11" in said
    assert "date-out-of-order" not in said


def test_a_record_without_a_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_package(synthetic_record(120, 1), tmp_path / "package")
    assert run(["check", str(folder)]) == DONE
    assert "No fault found. That is no evidence that the figures are right" in capsys.readouterr().out
    assert run(["check", str(folder), "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)["faults"] == []


def test_rows_that_could_not_be_read_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("date,place,alerts\n2024-01-02,Kingston,3\n,,many\n")
    run(["check", str(tmp_path / "a.csv")])
    assert "1 row or cell could not be read and is not checked" in capsys.readouterr().out


def test_another_force_by_its_map(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("When,Hits,Right,Wrong\n06/04/23,3,1,1\n")
    (tmp_path / "map.toml").write_text(
        '[columns]\ndate = "When"\nalerts = "Hits"\ntrue_alerts = "Right"\nfalse_alerts = "Wrong"\n'
    )
    arguments = ["check", str(tmp_path / "a.csv"), "--columns", str(tmp_path / "map.toml")]
    assert run(arguments) == EVIDENCE_WRONG
    assert "alerts are 3, but true alerts (1) and false alerts (1) add up to 2" in capsys.readouterr().out


@pytest.mark.parametrize("case", ["picture", "absent", "corrections absent", "corrections unfounded", "no source"])
def test_bad_input_is_one_sentence(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    (tmp_path / "c.toml").write_text(
        '[[correction]]\ndocument = "met-2025"\nrow = 1\ncolumn = "alerts"\nprinted = "no"\nread_as = "3"\n'
        'reason = "r"\nwho = "w"\n'
    )
    arguments, code = {
        "picture": ([str(tmp_path / "a.csv")], WRONG_FORM),
        "absent": ([str(tmp_path / "b.csv")], NOT_REACHED),
        "corrections absent": (["shipped:met", "--corrections", str(tmp_path / "b.toml")], NOT_REACHED),
        "corrections unfounded": (["shipped:met", "--corrections", str(tmp_path / "c.toml")], WRONG_FORM),
        "no source": ([], WRONG_FORM),
    }[case]
    assert run(["check", *arguments]) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
