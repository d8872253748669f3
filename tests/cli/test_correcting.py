"""Corrections on the command line: an hour, a proposal, what was erased meanwhile; both values in report and page."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_deployment import Desk, office, opened, to_the_opening
from tests.cli.test_entering import Van, closed, exported
from tests.making import histories as made

__all__ = ["office", "opened"]

LATER = "2026-03-02T19:00:00Z"
CLOSED = {
    "closed_at": made.END,
    "reason": "end-of-window",
    "faces": 11754,
    "alerts": 1,
    "engagements": 0,
    "incidents": 0,
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept") / "live"


@pytest.fixture
def live(office: Desk, kept: Path) -> Desk:
    """A deployment that is live; brought there once."""
    if kept.exists():
        shutil.copytree(kept, office.home, dirs_exist_ok=True)
    else:
        to_the_opening(office)
        shutil.copytree(office.home, kept)
    return office


def hour(desk: Desk, faces: int = 3094) -> int:
    facts, contents = made.hour(14, [made.alert(0, "2026-03-02T14:10:00Z")], faces)
    desk.now = "2026-03-02T15:00:00Z"
    paper = desk.paper("hour", facts, dict(contents))
    return entered(desk.tell("deployment", "enter", "a", "live.hour", paper, "--deployment", "d-1", "--key",
                             "operator.key", "--json"))  # fmt: skip


def entered(said: str) -> int:
    return int(json.loads(said.splitlines()[0])["appended"][-1]["entry"])


def correct(desk: Desk, entry: int, who: str = "operator", code: int = 0, **facts: Any) -> str:
    paper = desk.paper("right", facts)
    reason = ("--reason", "counted-again", "--key", f"{who}.key", "--json")
    return desk.tell("deployment", "correct", "a", f"{entry}", paper, *reason, code=code)


@pytest.mark.slow
def test_an_hour_that_was_entered_wrongly_is_set_right_and_both_counts_are_shown(live: Desk) -> None:
    entry = hour(live)
    live.do("close", CLOSED, "commander", made.END)
    live.now = LATER
    assert live.status()["counts"] == {"hours": 1, "faces": 3094, "alerts": 1}
    assert "role-not-held" in correct(live, entry, "press", 4, faces=11754)
    correction = entered(correct(live, entry, faces=11754))
    assert live.status()["counts"] == {"hours": 1, "faces": 11754, "alerts": 1}
    assert "correction-refused" in correct(live, entry, code=4, faces=11754)
    why = live.paper("why", {"reasons": "The count of the second camera was left out."})
    withdrawn = ("deployment", "withdraw", "a", f"{correction}", "--reason", "review-found", "--reasons", why)
    said = live.tell(*withdrawn, "--key", "operator.key", "--json")
    assert json.loads(said.splitlines()[0])["appended"][0]["sealed"] == ["reasons"]
    assert live.status()["counts"]["faces"] == 3094
    live.now = "2026-03-02T19:00:01Z"
    correct(live, entry, faces=11754)
    shown(live, entry)


def shown(desk: Desk, entry: int) -> None:
    """The report and the public page give both values and when the later one came."""
    desk.tell("record", "publish", "a", "--log-passphrase-file", "pass")
    desk.tell("review", "a", "--deployment", "d-1", "--out", "report")
    review = json.loads((desk.home / "report" / "review.json").read_text())
    [line] = review["corrections"]
    assert (line["row"], line["column"], line["printed"], line["read_as"]) == (entry, "faces", "3,094", "11,754")
    assert review["totals"]["faces_seen"] == 11754
    said = "1 entry was corrected or withdrawn after being entered; both values stand under Findings."
    assert said in review["summary"]
    page = (desk.home / "report" / "evidence.html").read_text()
    assert "Entries that were corrected or withdrawn" in page
    desk.tell("publish", "a", "--out", "site", "--at", desk.now)
    [deployment] = [path for path in (desk.home / "site").glob("*/index.html") if "d-1" in path.read_text()
                    and "corrected" in path.read_text() and "first 3,094, then 11,754" in path.read_text()]  # fmt: skip
    assert "2 March 2026" in deployment.read_text()


def test_a_proposal_is_amended_before_the_authority_and_keeps_what_is_sealed(office: Desk) -> None:
    office.now = "2026-01-05T09:00:00Z"
    office.tell("deployment", "enter", "a", "programme.policy", office.paper("policy", made.policy()), "--key",
                "owner.key")  # fmt: skip
    sealed = {"place": made.place("Hihg Street")}
    entry = entered(office.do("propose", made.proposal(), "applicant", "2026-02-20T09:00:00Z", sealed,
                              more=("--json",)))  # fmt: skip
    paper = office.paper("right", {"units": 2}, {"place": made.place()})
    told = office.tell("deployment", "correct", "a", f"{entry}", paper, "--reason", "entered-wrongly", "--key",
                       "applicant.key", "--json")  # fmt: skip
    assert json.loads(told.splitlines()[0])["stage"] == "proposed"
    office.do("assess", made.assessment(), "assessor", "2026-02-21T09:00:00Z")
    taken = ("deployment", "withdraw", "a", f"{entry}", "--reason", "wrong-deployment", "--key", "applicant.key")
    said = office.tell(*taken, code=4)
    assert f"entry {entry + 3} would break a rule: plan.assessment: the deployment is not begun" in said
    office.gate("authorise", "authorise", made.authority(), "officer", "2026-02-23T09:00:00Z",
                sealed={"reasons": made.REASONS, "place": made.place()})  # fmt: skip
    assert "was decided on in entry" in correct(office, entry, "applicant", 4, units=3)


@pytest.mark.slow
def test_an_hour_is_set_right_after_its_alerts_were_erased(live: Desk) -> None:
    entry = hour(live)
    live.now = LATER
    [key] = [line.split()[0] for line in live.tell("key", "list", "a").splitlines() if line.endswith("recorder")]
    live.tell("key", "grant", "a", key, "--role", "custodian", "--key", "registrar.key", "--at", LATER)
    live.tell("record", "erase", "a", f"{entry}:alerts", "--method", "secure-delete", "--key", "recorder.key",
                "--at", LATER)  # fmt: skip
    correct(live, entry, faces=11754)
    assert live.status()["counts"] == {"hours": 1, "faces": 11754, "alerts": 1}


def test_corrections_have_one_way_in(office: Desk) -> None:
    office.now = "2026-01-05T09:00:00Z"
    paper = office.paper("raw", {"entry": 3, "reason": "misread"})
    raw = ("deployment", "enter", "a", "correct.withdraw", paper, "--deployment", "d-1", "--key", "operator.key")
    assert "[correction-refused]" in office.tell(*raw, code=4)
    for index, says in ((9000, "is not in the log"), (0, "is no statement on deployments")):
        taken = ("deployment", "withdraw", "a", f"{index}", "--reason", "misread", "--key", "operator.key")
        assert says in office.tell(*taken, code=4)


@pytest.mark.slow
def test_events_are_entered_after_a_deletion_that_was_stated_wrongly_is_withdrawn(live: Desk) -> None:
    van = Van(live)
    van.take(exported())
    closed(van)
    live.do("delete", made.deletion("alert", LATER), "engineer", LATER)
    said = van.enter(code=4)
    assert "[events-after-deletion]" in said
    assert "countersign deployment withdraw" in said
    entry = van.entries() - 1
    taken = ("deployment", "withdraw", "a", f"{entry}", "--reason", "entered-wrongly", "--key", "engineer.key")
    live.tell(*taken)
    van.enter(code=1)
    assert live.status()["counts"]["alerts"] == 3
