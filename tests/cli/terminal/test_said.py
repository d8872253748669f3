"""``--json`` of commands that print sentences: the same sentences, in one object of one form."""

from __future__ import annotations

import json
from pathlib import Path

import click
import msgspec
import pytest
from tests.cli.every_command import arguments
from tools.said_schema import Said, schema_text

from countersign.cli.main import cli, run
from countersign.cli.terminal.manual import commands_of
from countersign.cli.terminal.said import FORMAT, VERSION, WITHOUT
from countersign.errors import DEFECT, DONE, INTERRUPTED

LEAVES = [(path, one) for path, one in commands_of(cli, ()) if not isinstance(one, click.Group)]
JSON_OPTIONS = {path: [each.name for each in one.params if "--json" in each.opts] for path, one in LEAVES}
SAYING = [(path, one) for path, one in LEAVES if JSON_OPTIONS[path] == ["said_as_json"]]


def test_every_command_takes_json_once_or_says_why_not() -> None:
    lacking = {" ".join(path) for path, options in JSON_OPTIONS.items() if len(options) != 1}
    assert lacking == set(WITHOUT)
    assert len(SAYING) > 50


def test_what_is_said_is_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["draft", "new", "live.hour"]) == DONE
    printed = capsys.readouterr().out
    assert run(["draft", "new", "live.hour", "--json"]) == DONE
    said = msgspec.json.decode(capsys.readouterr().out, type=Said)
    assert said == Said(FORMAT, VERSION, "draft new", DONE, printed.splitlines())
    assert set(json.loads(schema_text())["$defs"]["Said"]["required"]) == set(Said.__struct_fields__)


def test_a_command_that_finds_something_wrong_says_its_exit_code(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "trust.policy"
    plain = run(["policy", "check", str(out)])
    assert run(["policy", "check", str(out), "--json"]) == plain
    taken = capsys.readouterr()
    assert json.loads(taken.err.splitlines()[-1])["exit_code"] == plain
    assert taken.out == ""


@pytest.mark.slow
@pytest.mark.parametrize(("path", "command"), SAYING, ids=[" ".join(path) for path, _ in SAYING])
def test_a_program_gets_an_object_or_a_refusal(
    path: tuple[str, ...],
    command: click.Command,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    given = arguments(path, command, file=str(tmp_path / "nowhere"), text="a")
    code = run([*path, "--json", *given[len(path) :]])
    taken = capsys.readouterr()
    if taken.out:
        assert msgspec.json.decode(taken.out, type=Said).exit_code == code
    else:
        assert json.loads(taken.err.splitlines()[-1])["exit_code"] == code
    assert code != 70


def test_an_interruption_that_arrives_while_a_class_is_built_is_an_interruption(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before 3.12 Python makes a ``RuntimeError`` of it, which read as a defect."""

    def interrupted(*arguments: object, **options: object) -> None:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as error:
            raise RuntimeError("Error calling __set_name__") from error

    monkeypatch.setattr(cli, "main", interrupted)
    assert run(["doctor"]) == INTERRUPTED
    assert "interrupted; nothing half-written is left" in capsys.readouterr().err


def test_any_other_error_behind_an_error_is_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object, **options: object) -> None:
        try:
            raise ValueError
        except ValueError as error:
            raise RuntimeError from error

    monkeypatch.delenv("COUNTERSIGN_TRACEBACK", raising=False)
    monkeypatch.setattr(cli, "main", broken)
    assert run(["doctor"]) == DEFECT
