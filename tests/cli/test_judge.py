"""Judgements on alerts: numbered and signed on devices, entered by the hour, matched to the engine's alerts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_deployment import Desk, at_moment, office, opened, to_the_opening
from tests.making import histories as made

from countersign.cli import judge as command
from countersign.deployments import judgements
from countersign.deployments.view import Statement
from countersign.record.entries import canonical

__all__ = ["office", "opened"]
SAID = ("--answer", "engage", "--reason", "features-agree", "--seconds", "6")


class Unit:
    """The unit's device: both officers judge at moments, with keys of their own."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def first(self, at: str, camera: str = "c1", code: int = 0, **more: str) -> str:
        self.desk.now = at
        begun = () if Path("day.ledger").exists() else ("--deployment", "force-a/d-1")
        about = ("--camera", camera, *SAID, "--key", f"{more.get('who', 'operator')}.key", "--slip", "a.slip", *begun)
        return self.desk.tell("judge", "first", "day.ledger", *about, code=code)

    def second(self, at: str, who: str = "engager", code: int = 0) -> str:
        self.desk.now = at
        self.desk.tell("judge", "second", "a.slip", *SAID, "--key", f"{who}.key", "--out", "a.second")
        return self.desk.tell("judge", "take", "day.ledger", "a.second", code=code)

    def engaged(self, at: str, *about: str, code: int = 0) -> str:
        self.desk.now = at
        return self.desk.tell("judge", "engaged", "day.ledger", *about, "--key", "engager.key", code=code)

    def enter(self, at: str, code: int = 0) -> str:
        self.desk.now = at
        return self.desk.tell("judge", "enter", "day.ledger", "a", "--key", "recorder.key", code=code)


@pytest.fixture
def unit(office: Desk, monkeypatch: pytest.MonkeyPatch) -> Unit:
    """A device with the operator's and an engagement officer's keys; the second one's is not registered yet."""
    monkeypatch.setattr(command, "current", lambda: at_moment(office.now))
    office.tell("key", "new", "--name", "engager", "--out", "engager.key")
    return Unit(office)


def lines() -> list[dict[str, Any]]:
    return [dict(line) for line in judgements.ledger_of(Path("day.ledger").read_bytes(), "day.ledger").lines]


def played(unit: Unit) -> None:
    """Number 1 judged by two, then engaged; 2 engaged after one; 3 judged by one; 4 engaged, judged by none."""
    unit.first("2026-03-02T14:10:00Z")
    unit.second("2026-03-02T14:10:20Z")
    unit.engaged("2026-03-02T14:10:40Z", "1")
    unit.first("2026-03-02T14:20:00Z")
    unit.engaged("2026-03-02T14:20:30Z", "2")
    unit.second("2026-03-02T14:20:40Z")
    unit.first("2026-03-02T14:59:50Z")
    unit.engaged("2026-03-02T15:05:00Z", "--camera", "c1")


@pytest.mark.slow
def test_the_second_officer_sees_no_answer_and_the_chain_proves_the_order(unit: Unit) -> None:
    assert "Number 1, camera c1: judged by one." in unit.first("2026-03-02T14:10:00Z")
    slip = Path("a.slip").read_bytes()
    assert not [word for word in (b"engage", b"features-agree", b"answer") if word in slip]
    assert "judged by two" in unit.second("2026-03-02T14:10:20Z")
    assert "engagement entered." in unit.engaged("2026-03-02T14:10:40Z", "1")
    told = unit.engaged("2026-03-02T14:30:00Z", "--camera", "c1")
    assert "Number 2, camera c1: engagement entered; two people had not judged it before, and that will show" in told
    assert [line["act"] for line in lines()] == ["first", "second", "engagement", "engagement"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda ledger: ledger.pop(0), "line 1: does not name"),
        (lambda ledger: ledger.pop(2), "line 3: does not name the digest of the line before it"),
        (lambda ledger: ledger[0].update(answer="reject"), "line 1: its signature"),
        (lambda ledger: ledger.reverse(), "line 1: names a line that comes after it"),
        (lambda ledger: ledger[1].update(act="first"), "line 2: its signature"),
        (lambda ledger: ledger.append(dict(ledger[2])), "line 5: number 1 has a second engagement line"),
    ],
)
def test_a_ledger_with_a_line_altered_moved_or_left_out_is_not_taken(unit: Unit, change: Any, why: str) -> None:
    unit.first("2026-03-02T14:10:00Z")
    unit.second("2026-03-02T14:10:20Z")
    unit.engaged("2026-03-02T14:10:40Z", "1")
    unit.first("2026-03-02T14:20:00Z")
    ledger = lines()
    change(ledger)
    Path("day.ledger").write_bytes(b"".join(judgements.rendered("force-a/d-1", line) for line in ledger))
    told = unit.first("2026-03-02T14:30:00Z", code=1)
    assert "[judgements-out-of-order]" in told
    assert why in told


def test_what_does_not_fit_is_refused_and_the_ledger_stays(unit: Unit) -> None:
    unit.first("2026-03-02T14:10:00Z")
    before = Path("day.ledger").read_bytes()
    assert "both judgements on number 1 are by one key" in unit.second("2026-03-02T14:10:20Z", "operator", code=1)
    assert "the ledger has no number 7" in unit.engaged("2026-03-02T14:10:40Z", "7", code=2)
    assert "entered with its camera" in unit.engaged("2026-03-02T14:10:40Z", code=2)
    assert "before a line before it" in unit.first("2026-03-02T14:00:00Z", code=1)
    Path("a.second").write_bytes(Path("a.second").read_bytes()[:-20])
    assert "[judgement-malformed]" in unit.desk.tell("judge", "take", "day.ledger", "a.second", code=2)
    Path("a.slip").write_bytes(canonical.render({"format": "countersign-slip/9"}))
    asked = ("judge", "second", "a.slip", *SAID, "--key", "engager.key", "--out", "b.second")
    assert "is no slip" in unit.desk.tell(*asked, code=2)
    about = ("--camera", "c1", *SAID, "--key", "operator.key")
    assert "begin one with --deployment" in unit.desk.tell("judge", "first", "other.ledger", *about, code=2)
    assert "is of force-a/d-1" in unit.desk.tell(
        "judge", "first", "day.ledger", "--deployment", "force-a/d-2", *about, code=2
    )
    assert Path("day.ledger").read_bytes() == before


def test_each_line_is_verified_once_while_its_bytes_stay_and_again_when_they_do_not(
    unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[int] = []
    check = judgements._check_signature

    def seen(subject: str, line: judgements.Line, where: str) -> None:
        verified.append(line["number"])
        check(subject, line, where)

    monkeypatch.setattr(judgements, "_check_signature", seen)
    for number in range(1, 13):
        unit.first(f"2026-03-02T14:{number:02}:00Z")
    assert verified == [*range(1, 13)]
    # The same bytes without the last newline, or with one line altered, are another file: all of it is checked.
    ledger = Path("day.ledger")
    ledger.write_bytes(ledger.read_bytes()[:-1])
    unit.second("2026-03-02T14:12:20Z")
    assert len(verified) == 25
    assert len(lines()) == 13
    ledger.write_bytes(ledger.read_bytes().replace(b'"camera":"c1"', b'"camera":"c2"', 1))
    assert "line 1: its signature" in unit.engaged("2026-03-02T14:13:00Z", "1", code=1)


@pytest.mark.slow
def test_hours_are_entered_once_matched_and_only_counts_are_public(unit: Unit) -> None:
    desk = unit.desk
    to_the_opening(desk)
    played(unit)
    told = unit.enter("2026-03-02T15:30:00Z", code=4)
    assert "[judge-not-registered]" in told
    asked = ("--role", "engagement-officer", "--key", "registrar.key", "--at", desk.now)
    desk.tell("key", "register", "a", "engager.key", *asked)
    assert told != unit.enter("2026-03-02T15:30:00Z")
    assert "is on the record" in unit.enter("2026-03-02T15:31:00Z")
    unit.enter("2026-03-02T16:01:00Z")
    shown = " ".join(desk.tell("record", "show", "a").split())
    counts = ("hour 2026-03-02T14Z", "numbered 3", "judged by two 1", "engagements 2", "engaged without two 1")
    assert all(words in shown for words in counts)
    public = [file for file in (desk.home / "a").rglob("*") if file.is_file() and "sealed.db" not in file.name]
    public = [file for file in public if file.parent.name != "schemas"]
    assert not [file for file in public if b"features-agree" in file.read_bytes()]
    facts, sealed = made.hour(14, [made.alert(0, "2026-03-02T14:09:50Z"), made.alert(1, "2026-03-02T14:40:00Z")])
    paper = desk.paper("hour", facts, dict(sealed))
    desk.tell("deployment", "enter", "a", "live.hour", paper, "--deployment", "d-1", "--key", "operator.key")
    told = desk.tell("judge", "match", "a", "d-1")
    assert "1 number matched; 3 without an alert, 1 alert without a number." in told
    paper = desk.paper("again", {"hour": "2026-03-02T14Z", **dict.fromkeys(judgements.COUNTED, 0)})
    about = ("--deployment", "d-1", "--key", "recorder.key")
    assert "on the record already" in desk.tell("deployment", "enter", "a", "live.judgements", paper, *about, code=4)


def as_reviewed(desk: Desk) -> tuple[Any, str]:
    """The duty on two officers' views and the text of the evidence, by the log's folder as it is now."""
    desk.tell("review", "a", "--deployment", "d-1", "--as-of", "2026-03-04", "--format", "json,html", "--out", "out")
    found = json.loads(Path("out/review.json").read_bytes())
    [duty] = [each for each in found["duties"] if each["id"] == "uk.live.two-stage"]
    return duty, Path("out/evidence.html").read_text()


@pytest.mark.slow
@pytest.mark.parametrize(("result", "state"), [("met", "stated"), ("not-met", "not met"), ("", "not shown")])
def test_after_erasure_the_counts_stay_and_the_duty_reads_as_it_was_found_before(
    unit: Unit, result: str, state: str
) -> None:
    desk = unit.desk
    to_the_opening(desk)
    unit.first("2026-03-02T14:10:00Z")
    unit.second("2026-03-02T14:10:20Z")
    unit.engaged("2026-03-02T14:10:40Z", "1")
    desk.now = "2026-03-02T15:10:00Z"
    register = ("--key", "registrar.key", "--at", "2026-03-02T14:50:00Z")
    desk.tell("key", "register", "a", "engager.key", "--role", "engagement-officer", *register)
    desk.tell("key", "new", "--name", "custodian", "--out", "custodian.key")
    desk.tell("key", "register", "a", "custodian.key", "--role", "custodian", *register)
    place = unit.enter(desk.now).split("entry ")[1].split(":")[0]
    facts, sealed = made.hour(14, [made.alert(0, "2026-03-02T14:09:50Z")])
    paper = desk.paper("hour", facts, dict(sealed))
    told = desk.tell("deployment", "enter", "a", "live.hour", paper, "--deployment", "d-1", "--key", "operator.key")
    hour = told.split("entry ")[1].split(":")[0]
    held = [f"{place}:judgements", f"{hour}:alerts"]
    keeps = ("--key", "custodian.key", "--at", "2026-03-02T15:20:00Z")
    if result:
        finding = ("--finding", "uk.live.two-stage", "--result", result, "--check", "read-by-hand.1")
        fixed = desk.tell("record", "fix", "a", held[0], *finding, "--role", "custodian", *keeps)
        by = fixed.split("entry ")[1].split(":")[0]
    desk.tell("record", "erase", "a", *held, *keeps)
    assert b"features-agree" not in Path("a/sealed.db").read_bytes()
    desk.tell("record", "publish", "a", "--log-passphrase-file", "pass")
    duty, page = as_reviewed(desk)
    assert duty["state"] == state
    assert "judgements on alerts, by the hour" in page
    assert "The judgements of 1 hour are not open to this reader: only the counts are." in page
    if result:
        words = result.replace("-", " ")
        assert duty["because"].endswith(f"s found before erasure: {words} (entry {by})")
        assert f"As found before erasure: uk.live.two-stage {words} (entry {by})." in page
    else:
        assert "As found before erasure" not in page


@pytest.mark.slow
def test_an_engagement_after_its_hour_was_entered_is_entered_all_the_same(unit: Unit) -> None:
    desk = unit.desk
    to_the_opening(desk)
    asked = ("--role", "engagement-officer", "--key", "registrar.key", "--at", "2026-03-02T14:00:00Z")
    desk.tell("key", "register", "a", "engager.key", *asked)
    unit.first("2026-03-02T14:59:00Z")
    unit.second("2026-03-02T14:59:20Z")
    unit.enter("2026-03-02T15:01:00Z")
    unit.engaged("2026-03-02T15:02:00Z", "1")
    told = unit.enter("2026-03-02T15:03:00Z")
    assert "live.judgements" in desk.tell("record", "show", "a")
    assert "judgements" in told
    assert "is on the record" in unit.enter("2026-03-02T15:04:00Z")
    shown = " ".join(desk.tell("deployment", "case", "a", "d-1").split())
    assert "engagements 1 engaged without two 0" in shown
    assert desk.status()["irregular"] == []
    # Nothing of it waits for the next hour, and a number in the next hour is entered once.
    unit.first("2026-03-02T15:30:00Z")
    unit.enter("2026-03-02T16:01:00Z")
    assert "is on the record" in unit.enter("2026-03-02T16:02:00Z")


def test_lines_left_out_between_hours_are_found_though_each_hour_is_sound(unit: Unit) -> None:
    unit.first("2026-03-02T14:10:00Z")
    unit.first("2026-03-02T14:20:00Z")
    unit.second("2026-03-02T14:20:20Z")
    unit.first("2026-03-02T15:05:00Z")
    whole = lines()

    def stated(*kept: int) -> list[Any]:
        made_of = judgements.by_hour([whole[place] for place in kept])
        return [hour_of(hour, part) for hour, part in made_of.items()]

    assert judgements.left_out_of(stated(0, 1, 2, 3)) is None
    assert judgements.left_out_of(stated(1, 2, 3)) == "the line before one of number 2 is left out"
    assert judgements.left_out_of(stated(0, 3)) == "the line before one of number 3 is left out"
    assert judgements.left_out_of(stated(0, 1, 3)) == "the line before one of number 3 is left out"
    again = [*stated(0, 1, 2, 3), *stated(3)]
    assert judgements.left_out_of(again) == "numbers 3 and 3 follow the same line"
    for hour in stated(0, 3):
        assert judgements.fault_in(hour) is None


def hour_of(hour: str, part: Any) -> Statement:
    """An hour's entry as a statement, opened."""
    said = ("judgements", 0, "force-a/d-1", "2026-03-02T16:00:00Z", "recorder", "0" * 64, "force", False)
    return Statement(*said, ("judgements",), judgements.hour_facts(hour, part), {"judgements": dict(enumerate(part))})
