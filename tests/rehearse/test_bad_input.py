"""What stands in a rehearsal's way: other folders, wrong scenarios, an interruption, a full disk."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from countersign.cli import made_up as command
from countersign.cli.main import run
from countersign.rehearse import play, stage


def test_a_folder_with_anything_else_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    assert run(["rehearse", "quiet-high-street", "--out", str(out)]) == 4
    assert "rehearsal-in-the-way" in capsys.readouterr().err
    assert [one.name for one in tmp_path.rglob("*")] == ["out", "thesis.txt"]


def test_a_file_is_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("years of work")
    assert run(["rehearse", "quiet-high-street", "--out", str(out)]) == 4
    assert out.read_text() == "years of work"


@pytest.mark.parametrize(
    ("content", "code", "named"),
    [(None, 5, "scenario-missing"), ("title = 1", 2, "scenario-wrong"), ("not toml", 2, "scenario-wrong")],
)
def test_a_wrong_scenario_is_a_sentence_and_leaves_nothing(
    content: str | None, code: int, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "my.toml"
    if content is not None:
        source.write_text(content)
    assert run(["rehearse", str(source), "--out", str(tmp_path / "out")]) == code
    assert named in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_deployments_go_with_a_year_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rehearse", "corners-cut", "--deployments", "3", "--out", str(tmp_path / "out")]) == 2
    assert "one deployment" in capsys.readouterr().err


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (OSError(28, "No space left on device"), 5)])
def test_stopped_on_the_way_it_leaves_the_earlier_rehearsal_and_nothing_else(
    error: BaseException, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / play.MARK).write_text('{"form": "rehearsal/1"}')
    call = stage.Stage.call

    def stopped(self: stage.Stage, *words: Any, **options: Any) -> stage.Ended:
        if self.done == 5:
            raise error
        return call(self, *words, **options)

    monkeypatch.setattr(stage.Stage, "call", stopped)
    assert run(["rehearse", "quiet-high-street", "--out", str(out)]) == code
    assert [one.name for one in tmp_path.rglob("*")] == ["out", play.MARK]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_process_told_to_end_leaves_neither_a_folder_nor_a_witness(number: signal.Signals, tmp_path: Path) -> None:
    out, part = tmp_path / "out", tmp_path / ".out.part"
    process = subprocess.Popen(
        [sys.executable, "-m", "countersign", "rehearse", "year", "--deployments", "9", "--out", str(out)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until = time.monotonic() + 60
    while not (part / "force" / "deployments").exists():
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.05)
    process.send_signal(number)
    _, told = process.communicate(timeout=60)
    assert (process.returncode, told.strip()) == (130, "countersign: interrupted; nothing half-written is left.")
    assert list(tmp_path.iterdir()) == []
    running = subprocess.run(["ps", "-eo", "args"], check=True, capture_output=True).stdout
    assert str(tmp_path).encode() not in running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("code", [0, 5, 70])
def test_whatever_a_command_makes_of_being_told_to_end_the_rehearsal_is_interrupted(
    code: int,
    number: signal.Signals,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    calls = []

    def swallowed(words: list[str]) -> int:
        calls.append(words)
        if len(calls) > 1:
            return run(words)
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(number)
        return code

    monkeypatch.setattr(command, "program", lambda: stage.Program(swallowed, ()))
    before = signal.getsignal(number)
    assert run(["rehearse", "quiet-high-street", "--out", str(tmp_path / "out")]) == 130
    assert capsys.readouterr().err.strip() == "countersign: interrupted; nothing half-written is left."
    assert len(calls) < 5, "it ends at the next step that is shown"
    assert not list(tmp_path.iterdir())
    assert signal.getsignal(number) is before


def test_a_command_that_fails_is_told_with_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "program", lambda: stage.Program(lambda words: 4, ()))
    assert run(["rehearse", "quiet-high-street", "--out", str(tmp_path / "out")]) == 70
    told = capsys.readouterr().err
    assert "rehearsal-stopped" in told
    assert "`countersign duties --jurisdiction" in told
    assert not list(tmp_path.iterdir())
