"""``countersign simulate``: export, limits and truth in three files, the same bytes for the same seed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from countersign.cli.main import run


def test_three_files_come_out_the_same_for_the_same_seed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("one", "two"):
        assert run(["simulate", "corners-cut", "--seed", "7", "--out", str(tmp_path / name / "export.jsonl")]) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 8
    assert said[3].endswith(" events and all that comes of them: assumed, not measured")
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == ["export.jsonl", "export.jsonl.limits.json", "export.jsonl.truth.json"]
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_every_line_of_the_export_is_stamped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "export.jsonl"
    assert run(["simulate", "corners-cut", "--out", str(out), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    events = [json.loads(line) for line in out.read_bytes().splitlines()]
    assert (said["stamp"], said["events"]) == ("assumed, not measured", len(events))
    assert {event["stamp"] for event in events} == {"assumed, not measured"}


def test_without_a_file_the_truth_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", "quiet-high-street"]) == 0
    assert json.loads(capsys.readouterr().out)["stamp"] == "assumed, not measured"


def test_an_unknown_scenario_is_a_sentence_with_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", "nowhere"]) == 5
    said = capsys.readouterr().err
    assert "scenario-missing" in said
    assert "quiet-high-street" in said
