"""A rehearsed year: many deployments in one log, in the order of time."""

from __future__ import annotations

import datetime
import json
from itertools import islice
from pathlib import Path

import pytest

from countersign.cli.main import run
from countersign.events.scenario import SHIPPED, parse
from countersign.rehearse.year import DAYS, LARGEST_LIST, mixture, set_on

DAY = datetime.datetime(2026, 5, 1, 10, tzinfo=datetime.UTC)


def test_most_are_quiet_and_each_scenario_comes_up() -> None:
    names = list(islice(mixture(), 250))
    assert names.count("quiet-high-street") == 200
    assert set(names) == set(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_scenario_set_on_another_day_is_still_one(name: str) -> None:
    made = parse(set_on(name, "force-a/2026-05-01-001", DAY, 0.5).encode(), name)
    assert made.deployment == "force-a/2026-05-01-001"
    assert made.start == "2026-05-01T10:00:00Z"
    assert made.list.size <= LARGEST_LIST


@pytest.mark.slow
def test_a_small_year_stands_in_one_log_and_on_one_site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "year"
    assert run(["rehearse", "year", "--deployments", "7", "--out", str(out)]) == 0
    assert "A year of 7 deployments" in capsys.readouterr().out
    summary = json.loads((out / "rehearsal.json").read_bytes())
    assert len(summary["deployments"]) == 7
    assert len(list((out / "truth").iterdir())) == 7
    data = json.loads((out / "site" / "data" / "deployments.json").read_bytes())
    assert len(data if isinstance(data, list) else data["deployments"]) == 7
    told = (out / "commands.txt").read_text(encoding="utf-8")
    assert "all entries count" in told  # what the monitor from outside says
    moments = [line[1:20] for line in told.splitlines() if line.startswith("[")]
    assert moments == sorted(moments)
    first, last = sorted(summary["deployments"])[0], sorted(summary["deployments"])[-1]
    assert first.startswith("force-a/2026-03-07")
    assert last > f"force-a/{2027 if DAYS > 300 else 2026}-01"
