"""The two invented cases: one done well, with nothing in the way at any gate; one in which each duty fails in turn."""

from __future__ import annotations

import datetime
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from tools import invented_cases

from countersign.any_source import review_source
from countersign.cli.main import run
from countersign.reviews.deployment.assemble import DeploymentReview, review_case
from countersign.reviews.deployment.cases import CaseMalformed, parse_case, read_case
from countersign.reviews.options import PREFIX, path_of
from countersign.rulebook.catalogue import DUTIES, PROFILES, duties_for

WELL = f"{PREFIX}invented-well"
FAILING = f"{PREFIX}invented-failing"
FAILURES = {one.duty: one for one in parse_case(path_of(FAILING).read_bytes()).failure}


@cache
def well(profile: str) -> DeploymentReview:
    return review_case(read_case(path_of(WELL)), profile=profile)


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_done_well_no_duty_is_left_and_nothing_stands_in_the_way_of_any_step(profile: str) -> None:
    review = well(profile)
    assert {one.state for one in review.model.duties} <= {"met", "stated"}
    assert {one.state for one in review.model.gates} == {"passed with no mandatory duty outstanding"}
    assert review.evidence.deployment.irregularities == ()
    assert review.evidence.programme.irregularities == ()


def test_every_duty_has_a_failure_of_its_own_in_a_profile_where_it_counts() -> None:
    assert sorted(FAILURES) == sorted(DUTIES)
    assert {case.outcome for case in FAILURES.values()} == {"not met", "not shown"}
    for one in FAILURES.values():
        as_at = datetime.date.fromisoformat(one.as_at or "2026-04-30")
        assert DUTIES[one.duty] in duties_for(one.profile or "england-and-wales", as_at)


def test_not_shown_alone_are_those_that_nothing_stated_can_contradict() -> None:
    """Attested duties whose facts are only there or not: the signed answer says nothing, and that is all there is."""
    left = [DUTIES[one.duty] for one in FAILURES.values() if one.outcome == "not shown"]
    assert {one.kind for one in left} == {"attested"}


def test_the_case_done_well_is_what_the_tool_writes_now() -> None:
    assert path_of(WELL).read_text(encoding="utf-8") == invented_cases.done_well()


@pytest.mark.slow
def test_the_failing_case_is_what_the_tool_writes_now() -> None:
    assert path_of(FAILING).read_text(encoding="utf-8") == invented_cases.failing()


@pytest.mark.slow
@pytest.mark.parametrize("duty", sorted(FAILURES))
def test_each_duty_fails_in_turn(duty: str) -> None:
    review = review_case(read_case(path_of(f"{FAILING}/{duty}")))
    states = {one.id: one.state for one in review.model.duties}
    assert states[duty] == FAILURES[duty].outcome
    before = {one.id: one.state for one in well(FAILURES[duty].profile or "england-and-wales").model.duties}
    if not FAILURES[duty].as_at:
        worse = [one for one, state in states.items() if state.startswith("not") and not before[one].startswith("not")]
        assert duty in worse


def test_all_failures_together_leave_hardly_a_duty_standing() -> None:
    states = Counter(one.state for one in review_source(FAILING).model.duties)
    assert states["not met"] > 80
    assert states["met"] + states["stated"] < 10


def test_one_failure_is_named_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["review", f"{FAILING}/uk.scot.code", "--format", "json"]) == 0
    told = capsys.readouterr().out
    assert "An invented deployment in which each duty fails in turn: uk.scot.code" in told
    assert "One of 34 duties was not" in told
    assert "3. The Commissioner's view is against it.\n" in told
    for source, code in ((f"{FAILING}/uk.nothing", 2), (f"{WELL}/uk.auth.rank", 2), ("nothing.toml/uk.auth.rank", 5)):
        assert run(["review", source, "--format", "json"]) == code
        assert "Traceback" not in capsys.readouterr().err


def test_a_failure_of_a_case_that_holds_none() -> None:
    with pytest.raises(CaseMalformed, match=r"no failure of uk\.auth\.rank is in the case, which holds none"):
        read_case(path_of(f"{WELL}/uk.auth.rank"))
