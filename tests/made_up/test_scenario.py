"""Scenarios: the shipped ones read, and what contradicts itself is refused with the sentence that says how."""

from __future__ import annotations

from pathlib import Path

import pytest
from scipy.special import ndtr

from countersign.made_up.scenario import SHIPPED, ScenarioMissing, ScenarioWrong, load, parse

GOOD = """
title = "A test"
deployment = "force-a/d-1"
start = "2026-03-07T10:00:00Z"
crowd_by_hour = [100, 200]
[list]
size = 100
listed_passing = 2
[[groups]]
name = "a"
share = 0.75
[[groups]]
name = "b"
share = 0.25
"""


@pytest.mark.parametrize("name", SHIPPED)
def test_each_shipped_scenario_reads_and_is_set_from_the_published_figures(name: str) -> None:
    scenario = load(name)
    plain = next(group for group in scenario.groups if group.nonmate_ratio == 1)
    assert scenario.false_alert_chance(plain, 0.60, 10_000) == pytest.approx(1 / 6000, rel=1e-9)
    listed = ndtr((scenario.law.own_mean(scenario.found(plain)) - 0.60) / scenario.law.spread)
    assert listed == pytest.approx(0.89)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("share = 0.25", "share = 0.5", "add up to 1.25, not 1"),
        ("share = 0.25", "share = -0.25", "the share of b is -0.25"),
        ('name = "b"', 'name = "a"', "two groups have one name"),
        ("listed_passing = 2", "listed_passing = 101", "101 listed people are expected to pass, and the list has 100"),
        ("size = 100", "size = 0", "2 listed people"),
        ("crowd_by_hour = [100, 200]", "crowd_by_hour = [0, 0]", "nobody is expected to pass"),
        ("crowd_by_hour = [100, 200]", "crowd_by_hour = []", "1 to 24 hours"),
        ("10:00:00Z", "10:30:00Z", "a full hour"),
        ("size = 100", "size = 100\nshares = {c = 1.0}", "a group that is not in the crowd"),
        ("size = 100", "size = 100\nshares = {a = 0.5}", "the shares of the list add up to 0.5"),
        ("force-a/d-1", "force-a", "not force/deployment"),
        ("[list]", '[engine]\nthreshold = "1.2"\n[list]', "a decimal in quotation marks"),
        ("[list]", "[engine]\nfalse_alert_one_in = 0.5\n[list]", "above 1"),
        ("[list]", "[conduct]\noperators = 0\n[list]", "nobody operates the system"),
        ("[list]", "[conduct]\nofficers = 0\n[list]", "set second_left_out = 1"),
        ("[list]", "[faults]\nlost = nan\n[list]", "faults.lost is nan"),
        ("[list]", "[faults]\nunheard = 1\n[list]", "unheard"),
        ("crowd_by_hour = [100, 200]", "crowd_by_hour = [1, nan]", "an hour's crowd"),
        ('title = "A test"', "title = ", "Invalid value"),
    ],
)
def test_a_scenario_that_contradicts_itself_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(ScenarioWrong) as refused:
        parse(GOOD.replace(old, new, 1).encode(), "test.toml")
    assert said in str(refused.value)
    assert str(refused.value).startswith("test.toml: ")


def test_the_good_one_is_taken_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "test.toml"
    file.write_text(GOOD)
    assert [group.name for group in load(str(file)).groups] == ["a", "b"]


def test_bytes_that_are_no_text_and_files_too_large_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioWrong):
        parse(b"\xff\xfe", "test.toml")
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * (1 << 18) + b"#")
    with pytest.raises(ScenarioWrong, match="larger than"):
        load(str(large))


def test_a_missing_scenario_is_told_with_the_shipped_names() -> None:
    with pytest.raises(ScenarioMissing, match="quiet-high-street"):
        load("no-such-street")
