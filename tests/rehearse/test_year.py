"""A rehearsed year: many deployments in one log, in the order of time."""

from __future__ import annotations

import datetime
import json
from itertools import islice
from pathlib import Path

import msgspec
import pytest

from countersign.cli.main import run
from countersign.made_up.scenario import SHIPPED, load, parse
from countersign.rehearse.play import LARGEST_LIST, mixture, set_on

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


def test_of_one_scenario_it_stands_as_it_is() -> None:
    made = parse(set_on("biased-engine", "force-a/2026-05-01-001", DAY, None).encode(), "biased-engine")
    shipped = load("biased-engine")
    assert msgspec.structs.replace(made, deployment=shipped.deployment, start=shipped.start) == shipped


@pytest.mark.parametrize(
    ("words", "said"),
    [(("corners-cut", "--of", "corners-cut"), "a scenario is one deployment"), (("year", "--of", "x"), "is none of")],
)
def test_of_goes_with_a_year_and_names_a_shipped_scenario(
    words: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["rehearse", *words, "--out", str(tmp_path / "out")]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


@pytest.mark.slow
@pytest.mark.parametrize(("of", "shown"), [("biased-engine", ["group-2"]), ("quiet-high-street", [])])
def test_the_programme_shows_the_biased_engine_and_of_a_quiet_one_nothing(
    of: str, shown: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The counts by group are of whole quarters, those of the truth, and of no single deployment."""
    out = tmp_path / "year"
    assert run(["rehearse", "year", "--of", of, "--deployments", "16", "--out", str(out)]) == 0
    capsys.readouterr()
    log = str(out / "force" / "log")
    assert run(["events", "equality", log]) == (1 if shown else 0)
    plain = capsys.readouterr().out
    assert ("MORE FALSE ALERTS ON THIS GROUP THAN EQUAL RATES ALLOW ARE SHOWN" in plain) == bool(shown)
    assert run(["events", "equality", log, "--json"]) == (1 if shown else 0)
    found = json.loads(capsys.readouterr().out)["characteristics"]["ethnicity"]
    assert [one["group"] for one in found["groups"] if one["shown"]] == shown
    # One quarter lies before the first deployment; the last of the year's own is not over when the year ends.
    assert [one["start"] for one in found["periods"]] == [
        "2025-10-01", "2026-01-01", "2026-04-01", "2026-07-01", "2026-10-01",
    ]  # fmt: skip
    assert plain.startswith("ethnicity, 2025-10-01 to 2026-12-31, 5 periods")
    scenarios = out / "force" / "scenarios"
    truths = [
        json.loads(path.read_bytes())["by_group"]
        for path in (out / "truth").glob("d-*.json")
        if load(str(scenarios / f"{path.stem}.toml")).start.startswith("2026-")
    ]
    stated = {one["group"]: one["false"] for one in found["groups"]}
    # Beside the truth stand the two false alerts of the quarter before, made up with the programme; none is unresolved.
    before = {"group-1": 1, "group-2": 1, "group-3": 0}
    assert stated == {name: sum(truth[name]["false_alerts"] for truth in truths) + before[name] for name in before}


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
    assert (first, last) == ("force-a/d-001", "force-a/d-007")
