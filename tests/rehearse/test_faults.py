"""Each shipped scenario's planted fault is found when it is rehearsed: by a code of its events, or by a duty."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from countersign.cli.main import run

#: Scenario: codes of the events, duties not met, duties not shown. All of them, and no other.
EXPECTED: dict[str, tuple[set[str], set[str], set[str]]] = {
    "busy-interchange": (set(), set(), set()),
    "biased-engine": (set(), {"uk.psed.bias-evidence", "uk.plan.non-discrimination"}, set()),
    "misconfigured-threshold": ({"threshold-below"}, set(), {"uk.accuracy.false-alert-ceiling"}),
    "list-left-loaded": (
        {"outside-window", "after-the-end"},
        {"uk.auth.scope-bound", "uk.close.reconcile", "uk.delete.watchlist-24h", "uk.accuracy.false-alert-ceiling"},
        {"uk.plan.resourcing", "uk.live.alert-log", "uk.live.nonmatch-delete", "uk.delete.proof"},
    ),
    "corners-cut": (
        {"engaged-without-two", "decided-too-fast"},
        {"uk.live.two-stage", "uk.live.adjudication-reasons"},
        set(),
    ),
    "events-lost": (
        {"gap", "count-differs", "camera-silent", "clock-off"},
        {"uk.live.alert-log", "uk.close.reconcile", "uk.live.nonmatch-delete", "uk.accuracy.metrics"},
        set(),
    ),
}
#: Where a mandatory duty of the deployment's own stays open, so that its results are barred.
BARRED = ("biased-engine", "list-left-loaded", "events-lost")


def told_of(out: Path) -> str:
    return (out / "commands.txt").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("scenario", EXPECTED)
def test_the_planted_fault_is_found_and_nothing_else(scenario: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(["rehearse", scenario, "--out", str(out)]) == 0
    summary = json.loads((out / "rehearsal.json").read_bytes())
    events, against, unshown = EXPECTED[scenario]
    assert set(summary["events"]) == events
    assert set(summary["duties"]["not met"]) == against
    assert set(summary["duties"]["not shown"]) == unshown
    # The report names them too, and no promise reads as kept that the engine's own events contradict.
    review = json.loads((out / "report" / "review.json").read_bytes())
    assert all(f'"{code}"' in json.dumps(review["sections"]) for code in events)
    broken = {one["id"] for one in review["promises"] if one["state"] == "not as promised"}
    assert ("threshold" in broken) == ("threshold-below" in events)
    assert ("delete-watchlist" in broken) == ("uk.delete.watchlist-24h" in against)
    stopped = scenario == "busy-interchange"
    assert ("deployment suspend" in told_of(out), "deployment resume" in told_of(out)) == (stopped, stopped)
    # Where alerts stay unresolved, the report counts them both ways; as many as there truly were.
    unresolved = json.loads((out / "truth.json").read_bytes())["unresolved"]
    assert (unresolved > 0) == (scenario == "corners-cut")
    assert (review["totals"]["unconfirmed_alerts"] or 0) == unresolved
    # The reviewer raised each; where a mandatory one bars publication, an officer signed for going ahead.
    assert set(summary["findings"].values()) == against | unshown
    assert ("authorise.override" in told_of(out)) == (scenario in BARRED)


@pytest.mark.slow
def test_a_scenario_of_ones_own_is_played_with_what_it_lacks(tmp_path: Path) -> None:
    scenario = tmp_path / "alone.toml"
    scenario.write_text(
        'title = "Nobody engages"\ndeployment = "force-a/nobody"\nstart = "2026-03-07T10:00:00Z"\n'
        'crowd_by_hour = [10]\ngroups = [{ name = "g", share = 1 }]\n[list]\nsize = 5\n'
        "[conduct]\nofficers = 0\nsecond_left_out = 1\n"
    )
    assert run(["rehearse", str(scenario), "--out", str(tmp_path / "out")]) == 0
    summary = json.loads((tmp_path / "out" / "rehearsal.json").read_bytes())
    assert {"uk.brief.roles", "uk.plan.resourcing"} <= set(summary["duties"]["not met"])


@pytest.mark.slow
def test_it_is_played_without_any_network_by_files_carried_to_the_witness(
    tmp_path: Path, need: Callable[[str], None]
) -> None:
    probe = subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True)
    if probe.returncode:
        need("permission to make a network namespace")
    out = tmp_path / "out"
    ended = subprocess.run(
        ["unshare", "--net", sys.executable, "-m", "countersign", "rehearse", "quiet-high-street", "--out", str(out)],
        check=False, capture_output=True, text=True, timeout=170,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "--answer witness/answer.txt" in (out / "commands.txt").read_text(encoding="utf-8")
    assert run(["verify", str(out / "quiet-high-street.bundle"), "--policy", str(out / "trust.policy")]) == 0
