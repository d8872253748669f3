"""``countersign forecast``: each line of it, and its JSON, say that nothing was measured."""

from __future__ import annotations

import json

import pytest

from countersign.cli.main import run


def test_every_line_carries_the_stamp(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["forecast", "quiet-high-street", "--runs", "20"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + 3 + 1 + 12
    assert all(line.endswith("[assumed, not measured]") for line in lines)


def test_json_has_the_stamp_runs_and_seed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["forecast", "biased-engine", "--runs", "5", "--seed", "3", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["stamp"], made["runs"], made["seed"]) == ("assumed, not measured", 5, 3)
    assert [one["group"] for one in made["groups"]] == ["group-1", "group-2", "group-3"]
