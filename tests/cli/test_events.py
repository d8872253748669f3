"""``countersign events take``: what it says, its exit codes, its list of refused lines, and following a file."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from countersign.cli.main import run


def simulated(folder: Path, scenario: str) -> list[str]:
    """The arguments that take a made-up export of this scenario."""
    file = folder / "export.jsonl"
    assert run(["simulate", scenario, "--seed", "3", "--out", str(file)]) == 0
    return [
        "events", "take", str(file), "--deployment", f"force-a/{scenario}", "--limits", f"{file}.limits.json",
        "--journal", str(folder / "journal"),
    ]  # fmt: skip


def test_a_quiet_street_ends_with_nothing_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = simulated(tmp_path, "quiet-high-street")
    assert run(arguments) == 0
    assert "Nothing in these events contradicts the declared limits." in capsys.readouterr().out
    assert (tmp_path / "journal.refused.jsonl").read_bytes() == b""
    assert run(arguments) == 0
    assert "0 events new" in capsys.readouterr().out


def test_lost_events_are_said_in_a_sentence_and_in_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = simulated(tmp_path, "events-lost")
    assert run(arguments) == 1
    assert "missing from camera-" in capsys.readouterr().out
    assert run([*arguments, "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert {one["code"] for one in said["found"]} == {"gap", "count-differs", "clock-off"}
    assert said["taken"]["new"] == 0


def test_a_refused_line_is_listed_without_its_content_and_the_rest_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = simulated(tmp_path, "quiet-high-street")
    file = tmp_path / "export.jsonl"
    file.write_bytes(file.read_bytes() + b'{"source":"camera-1","sequence":99,"name":"Jane Public"}\n{"cut')
    assert run(arguments) == 1
    text = (tmp_path / "journal.refused.jsonl").read_text()
    refused = [json.loads(line) for line in text.splitlines()]
    assert [(one["source"], one["field"]) for one in refused] == [("camera-1", "name"), (None, "the line")]
    assert "Jane" not in text
    assert "2 refused" in capsys.readouterr().out


def test_a_file_is_followed_until_the_close(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = simulated(tmp_path, "quiet-high-street")
    file = tmp_path / "export.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole[:700])

    def grow() -> None:
        time.sleep(0.2)
        with file.open("ab") as stream:
            stream.write(whole[700:])

    writer = threading.Thread(target=grow)
    writer.start()
    assert run([*arguments, "--follow"]) == 0
    writer.join()
    count = len(whole.splitlines())
    assert f"{count} events new" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (("--deployment", "force-a/elsewhere"), 4, "not-the-same"),
        (("--limits", "nowhere.json"), 5, "nowhere.json"),
        (("--columns", "nowhere.toml", "--follow"), 2, "--follow takes JSON Lines"),
    ],
)
def test_bad_input_is_a_sentence_and_a_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, ...], code: int, said: str
) -> None:
    arguments = simulated(tmp_path, "quiet-high-street")
    assert run([*arguments, *change]) == code
    assert said in capsys.readouterr().err


def test_limits_that_are_no_limits_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = simulated(tmp_path, "quiet-high-street")
    for wrong in ("[]", '{"a":1}', "not JSON"):
        (tmp_path / "wrong.json").write_text(wrong)
        assert run([*arguments, "--limits", str(tmp_path / "wrong.json")]) == 2
        assert "Traceback" not in capsys.readouterr().err
