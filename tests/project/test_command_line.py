"""The program as a whole: its overview, its one table of exit codes, and how it meets wrong commands."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from countersign.cli import main as program
from countersign.errors import EXIT_CODES, NotReached

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_overview_names_every_command_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.run(["--help"]) == 0
    shown = capsys.readouterr().out
    for name in program.COMMANDS:
        assert f"  {name} " in shown
    for code in EXIT_CODES:
        assert f" {code}  " in shown


@pytest.mark.parametrize("name", program.COMMANDS)
def test_every_command_has_a_help_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.run([name, "--help"]) == 0
    assert f"countersign {name}" in capsys.readouterr().out.split("\n", 1)[1]


def test_a_wrong_command_is_told_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.run(["revew"]) == 2
    told = capsys.readouterr().err
    assert "revew" in told
    assert "review" in told
    assert "Traceback" not in told


def test_the_page_of_exit_codes_is_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    page = (DOCS / "exit-codes.md").read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| (\d+) \| (.+) \|$", page, re.MULTILINE))
    assert {int(code): meaning for code, meaning in table.items()} == EXIT_CODES


def test_an_error_becomes_a_sentence_and_its_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        raise NotReached("no.pdf: there is no such file", next_step="Check the path.")

    monkeypatch.setattr(program.cli, "main", fail)
    assert program.run(["review", "no.pdf"]) == 5
    told = capsys.readouterr().err
    assert told == "countersign: no.pdf: there is no such file\n  Check the path.  [not-reached]\n"


def test_a_defect_is_called_one(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(**_: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(program.cli, "main", fail)
    assert program.run(["check"]) == 70
    assert "a defect in the program: ZeroDivisionError: by zero" in capsys.readouterr().err


def test_an_interruption_leaves_with_its_own_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(program.cli, "main", fail)
    assert program.run(["check"]) == 130
    assert "interrupted" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (["check", "no-such-file.csv", "--json"], None, 5),
        (["review", "shipped:met-2024", "--claims", "shipped", "--format", "json"], "option-not-for-record", 2),
        (["review", "shipped:met-2024", "--profile", "atlantis", "--format=json"], "profile-unknown", 2),
        (["explain", "uk.no-such-duty", "--json"], None, 2),
        (["duties", "--as-of", "yesterday", "--json"], "usage", 2),
        (["revieww", "--json"], "usage", 2),
        (["deployment", "status", "no-such-folder", "--json"], None, None),
    ],
)
def test_a_program_is_refused_in_json(
    arguments: list[str], code: str | None, exit_code: int | None, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = program.run(arguments)
    told = capsys.readouterr()
    assert told.out == ""
    [line] = told.err.splitlines()
    refused = json.loads(line)
    assert list(refused) == ["error", "sentence", "next_step", "exit_code"]
    assert refused["exit_code"] == ended != 0
    assert refused["next_step"].endswith(".")
    assert refused["error"] == code or code is None
    assert ended == exit_code or exit_code is None


def test_a_person_is_refused_in_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    """After ``--`` nothing is an option, and several formats are what a person asks for."""
    for arguments in (["check", "no-such-file.csv"], ["check", "--", "--json"]):
        assert program.run(arguments) != 0
        told = capsys.readouterr().err
        assert told.startswith("countersign: ")
        assert told.rstrip().endswith("]")


def test_a_defect_and_an_interrupt_are_told_in_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for error, name, exit_code in ((RuntimeError("odd"), "defect", 70), (KeyboardInterrupt(), "interrupted", 130)):

        def broken(error: BaseException = error, **_: object) -> None:
            raise error

        monkeypatch.setattr(program.cli, "main", broken)
        assert program.run(["check", "--json"]) == exit_code
        assert json.loads(capsys.readouterr().err)["error"] == name


def test_commands_on_published_data_start_without_the_signatures_library() -> None:
    asked = (
        "import sys; import countersign.cli.compare, countersign.cli.review;"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'cryptography', 'numpy', 'pdfplumber'}))"
    )
    said = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True).stdout
    assert said.strip() == "[]"
