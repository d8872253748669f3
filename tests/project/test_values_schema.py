"""What commands write under ``--json``: each with values of its own declares them, and writes what it declares."""

from __future__ import annotations

import json

import msgspec
import pytest
from tools.source import ROOT
from tools.values_schema import VALUES, held

from countersign.cli.main import cli, run
from countersign.cli.terminal.manual import commands_of

OLD = ROOT / "tests/fixtures/v0.1"


def test_every_command_with_values_of_its_own_declares_them() -> None:
    own = {
        " ".join(path)
        for path, command in commands_of(cli, ())
        if any(option.name == "as_json" for option in command.params)
    }
    assert own - VALUES.keys() == set()
    assert VALUES.keys() - own == set()


#: Those whose whole value is declared here; the others' types are the program's own.
STRICT = {name for name, kind in VALUES.items() if getattr(kind, "__module__", "") == "tools.values_schema"}
#: A command line for each way of being asked that needs nothing made first.
LINES = [
    "check shipped:met",
    "duties",
    "explain uk.bridges.who",
    "doctor",
    "simulate quiet-high-street",
    "forecast quiet-high-street --runs 5",
    f"verify {OLD}/bundles/court.bundle --policy {OLD}/trust.policy",
    f"verify {OLD}/bundles/entry-7.proof --policy {OLD}/trust.policy",
    f"record account {OLD}/force/log/public",
    f"record show {OLD}/force/log/public 4",
    f"deployment status {OLD}/force/log/public",
]


@pytest.mark.parametrize("words", LINES, ids=lambda words: words.replace(f"{ROOT}/", ""))
def test_what_is_written_is_what_is_declared(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    command, text = written(words, capsys)
    held(command, text)
    value = json.loads(text)
    wrong = value | {"another": 1} if command in STRICT else ["another"]
    with pytest.raises(msgspec.ValidationError):
        held(command, json.dumps(wrong))


def test_what_tests_write_is_held_to_it() -> None:
    """The hook of ``conftest.py`` looks: a value that is not declared ends as a defect."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(VALUES, "doctor", VALUES["explain"])
        assert run(["doctor", "--json"]) == 70


def written(words: str, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """The command of a line, and what it writes."""
    parts = words.split()
    command = " ".join(parts[:2]) if " ".join(parts[:2]) in VALUES else parts[0]
    assert run([*parts, "--json"]) in (0, 1)
    return command, capsys.readouterr().out
