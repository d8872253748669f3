"""A deployment on the command line: from an empty folder to the archive, and each refusal with code and sentence."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.making import histories as made

from countersign.cli.main import run
from countersign.deployments.clock import hours_later
from countersign.record.keeping import keyfile
from countersign.register import commands, deployments
from countersign.surroundings import REAL, Surroundings

PEOPLE = {
    "owner": "senior-owner", "applicant": "applicant", "assessor": "assessor", "officer": "authorising-officer",
    "builder": "watchlist-builder", "press": "press-officer", "commander": "commander", "operator": "operator",
    "engineer": "engineer", "lead": "operational-lead", "recorder": "recorder",
}  # fmt: skip
LIST = (
    "category,subject_type,seriousness,source,image_age,check_status,age_band,child,vulnerable,response,carried_over\n"
    + "wanted-by-court,wanted,high,custody,under-1-year,2026-03-02T07:00:00Z,18-and-over,no,no,arrest,no\n" * 3
)


class Desk:
    """Runs commands at a moment; papers come from facts and contents."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self.capsys, self.now = home, capsys, "2026-01-01T09:00:00Z"

    def tell(self, *arguments: str, code: int = 0) -> str:
        result = run(list(arguments))
        captured = self.capsys.readouterr()
        assert result == code, f"{arguments}: {captured.out}{captured.err}"
        assert "Traceback" not in captured.err
        return captured.out + captured.err

    def paper(self, name: str, facts: dict[str, Any], sealed: dict[str, Any] | None = None) -> str:
        content = facts | ({"sealed": sealed} if sealed else {})
        (self.home / f"{name}.json").write_text(json.dumps(content))
        return f"{name}.json"

    def do(
        self, name: str, facts: dict[str, Any], who: str, at: str, sealed: dict[str, Any] | None = None, *,
        more: tuple[str, ...] = (), before: tuple[str, ...] = (), code: int = 0,
    ) -> str:  # fmt: skip
        self.now = at
        paper = self.paper(name, facts, sealed)
        return self.tell("deployment", name, "a", "d-1", *before, paper, "--key", f"{who}.key", *more, code=code)

    def gate(self, name: str, gate: str, facts: dict[str, Any], who: str, at: str, **more: Any) -> str:
        """A command that duties bar until someone signs for them: barred first, then done under an override."""
        told = self.do(name, facts, who, at, more.get("sealed"), code=4)
        assert "[duty-unmet]" in told
        reasons = told.split("signed for them: ")[1].split("\n")[0]
        duties = re.findall(r"(?:^|; )([a-z0-9.-]+) \(", reasons)
        asked = ("deployment", "status", "a", "d-1", "--gate", gate, "--json", "--at", at)
        assert sorted(json.loads(self.tell(*asked))["deployments"][0]["barred_by"]) == duties
        override = {
            "gate": gate, "duties": duties, "officer_rank": "superintendent", "reason": "evidence-follows",
            "expires_at": hours_later(at, 1),
        }  # fmt: skip
        paper = self.paper("override", override, {"reasons": {"reasons": "Entered in this test without its papers."}})
        about = ("--deployment", "d-1", "--key", "commander.key")
        self.tell("deployment", "enter", "a", "authorise.override", paper, *about)
        return self.do(name, facts, who, at, more.get("sealed"), more=more.get("more", ()))

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.tell("deployment", "status", "a", "d-1", "--json", "--at", self.now))
        one: dict[str, Any] = found["deployments"][0]
        return one | {"force": found}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log with the vocabulary and a key for each person, made once."""
    home = tmp_path_factory.mktemp("opened")
    (home / "pass").write_text("a passphrase\n")
    (home / "pass").chmod(0o600)
    (home / "list.csv").write_text(LIST)
    at = ("--at", "2026-01-01T09:00:00Z")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        cheap_keys(patch)
        patch.setenv("COUNTERSIGN_LOG_PASSPHRASE_FILE", "pass")
        for name in ("registrar", *PEOPLE):
            assert run(["key", "new", "--name", name, "--out", f"{name}.key"]) == 0
        made_for = ("--origin", "log.example/force-a", "--subject", "force-a", "--registrar", "registrar.key")
        assert run(["record", "init", "a", *made_for, *at]) == 0
        patch.delenv("COUNTERSIGN_LOG_PASSPHRASE_FILE")
        for _ in range(2):
            assert run(["deployment", "adopt", "a", "--key", "registrar.key", *at]) == 0
        for name, role in PEOPLE.items():
            assert run(["key", "register", "a", f"{name}.key", "--role", role, "--key", "registrar.key", *at]) == 0
    return home


def at_moment(now: str) -> Surroundings:
    """The machine's own random bytes, and a clock that stands still."""
    return Surroundings(lambda: datetime.datetime.fromisoformat(now), REAL.random_bytes)


def cheap_keys(patch: pytest.MonkeyPatch) -> None:
    assert keyfile.seal_key.__kwdefaults__ is not None
    patch.setitem(keyfile.seal_key.__kwdefaults__, "cost", 10)
    patch.setenv("COUNTERSIGN_PASSPHRASE_FILE", "pass")


@pytest.fixture
def office(opened: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    shutil.copytree(opened, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    cheap_keys(monkeypatch)
    desk = Desk(tmp_path, capsys)
    monkeypatch.setattr(deployments, "current", lambda: at_moment(desk.now))
    capsys.readouterr()
    return desk


def to_the_list(desk: Desk) -> None:
    desk.now = "2026-01-05T09:00:00Z"
    paper = desk.paper("policy", made.policy())
    desk.tell("deployment", "enter", "a", "programme.policy", paper, "--key", "owner.key")
    case = {"objective": "Find those wanted.", "intelligence": "Sightings.", "alternatives": []}
    sealed = {"place": made.place(), "case": case}
    desk.do("propose", made.proposal(), "applicant", "2026-02-20T09:00:00Z", sealed)
    desk.do("assess", made.assessment(), "assessor", "2026-02-21T09:00:00Z")
    sealed = {"reasons": made.REASONS, "place": made.place()}
    desk.gate("authorise", "authorise", made.authority(), "officer", "2026-02-23T09:00:00Z", sealed=sealed)
    facts = {name: made.manifest()[name] for name in ("list", "digest", "built_at", "expires_at", "query")}
    told = desk.do("list", facts, "builder", "2026-03-02T08:30:00Z", before=("list.csv",))
    assert "force-a/d-1 is authorised, watchlist made." in told


TERMS = {name: value for name, value in made.terms().items() if not name.startswith("list")}
NOTICE = {
    "channels": ["web"], "url": "https://force-a.example/next", "published_at": "2026-03-02T09:30:00Z",
    "purpose": "arrest-wanted", **made.public_place(made.place()),
}  # fmt: skip


def to_the_opening(desk: Desk) -> None:
    to_the_list(desk)
    desk.gate("approve", "approve", {"officer_rank": "superintendent"} | TERMS, "officer", "2026-03-02T09:00:00Z")
    desk.do("notify", NOTICE, "press", "2026-03-02T09:30:00Z")
    briefing = {
        "briefed_at": "2026-03-02T10:00:00Z", "script": made.digest("s"), "script_version": "2", "attendees": 8,
        "topics": ["objective"],
    }  # fmt: skip
    desk.do("brief", briefing, "commander", "2026-03-02T10:00:00Z")
    opening = {name: value for name, value in made.opened(made.DOCUMENT).items() if name not in ("limits", "opened_at")}
    told = desk.gate("open", "open", opening, "commander", made.START, more=("--json",))
    assert json.loads(told.splitlines()[0])["phase"] == "live"


@pytest.mark.slow
def test_a_deployment_from_nothing_to_the_archive(office: Desk) -> None:
    to_the_opening(office)
    office.do(
        "suspend", {"suspended_at": "2026-03-02T14:00:00Z", "reason": "fault"}, "commander", "2026-03-02T14:00:00Z"
    )
    going_on = {"resumed_at": "2026-03-02T14:30:00Z", "cause_removed": True, "threshold": "0.64"}
    office.do("resume", going_on, "commander", "2026-03-02T14:30:00Z")
    closing = {
        "closed_at": made.END, "reason": "end-of-window", "faces": 800, "alerts": 1, "engagements": 1, "incidents": 0,
    }  # fmt: skip
    office.do("close", closing, "commander", made.END)
    facts, sealed = made.hour(14, [made.alert(0, "2026-03-02T14:10:00Z")])
    paper = office.paper("hour", facts, dict(sealed))
    office.tell("deployment", "enter", "a", "live.hour", paper, "--deployment", "d-1", "--key", "operator.key")
    office.now = "2026-03-04T09:00:00Z"
    assert {one["code"] for one in office.status()["late"]} == {"deletion-overdue"}
    for name in ("watchlist", "templates", "transfer-media", "alert", "cctv"):
        office.do("delete", made.deletion(name, "2026-03-04T09:00:00Z"), "engineer", "2026-03-04T09:00:00Z")
    review = {
        "made_at": "2026-03-04T10:00:00Z", "digest": made.digest("r"), "objective_met": "no",
        "necessary_in_hindsight": "not-known", "lessons": 0, "actions": 0,
    }  # fmt: skip
    office.do("review", review, "lead", "2026-03-04T10:00:00Z")
    told = office.gate("publish", "publish", made.results(), "press", "2026-03-05T09:00:00Z")
    assert "force-a/d-1 is over, results published." in told
    status = office.status()
    assert (status["late"], status["irregular"], status["counts"]["alerts"]) == ([], [], 1)
    office.now = "2026-03-06T09:00:00Z"
    paper = office.paper("archive", {"references_kept": 3})
    office.tell("deployment", "enter", "a", "publish.archived", paper, "--deployment", "d-1", "--key", "recorder.key")
    assert "force-a/d-1: over, archived" in office.tell("deployment", "status", "a")


def test_the_whole_case_is_read_with_what_is_sealed_and_what_differs(office: Desk) -> None:
    to_the_opening(office)
    said = office.tell("deployment", "case", "a", "d-1")
    assert said.count("under seal, place: ") == 2
    assert "Find those wanted." in said
    lines = [line for line in said.splitlines() if "place, cameras and times" in line]
    assert [line.split(" (entry")[0] for line in lines] == ["authorise.authority", "authorise.limits", "open.notice"]
    assert "differs in" not in said


def test_the_place_is_in_no_published_or_kept_byte_before_the_notice(office: Desk) -> None:
    to_the_list(office)
    office.gate("approve", "approve", {"officer_rank": "superintendent"} | TERMS, "officer", "2026-03-02T09:00:00Z")
    log = office.home / "a"
    outside_the_seal = [one for one in log.rglob("*") if one.is_file() and not one.name.startswith("sealed.db")]
    for needle in (b"High Street", b"12:00:00Z", b"van-1"):
        assert [one.name for one in outside_the_seal if needle in one.read_bytes()] == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"place": "Low Street"}, "not-the-same"),
        ({"unit": "van-2"}, "not-the-same"),
        ({"windows": [{"start": made.END, "end": made.START}]}, "outside-window"),
    ],
)
def test_a_notice_of_another_place_than_declared_is_refused(office: Desk, change: dict[str, Any], code: str) -> None:
    to_the_list(office)
    size = office.status()
    told = office.do("notify", NOTICE | change, "press", "2026-03-02T09:30:00Z", code=4)
    assert f"[{code}]" in told
    assert office.status() == size | {"force": office.status()["force"]}


def test_an_authority_that_names_no_place_is_refused_and_a_refusal_need_not(office: Desk) -> None:
    to_the_list(office)
    second = ("deployment", "propose", "a", "d-2", "propose.json", "--key", "applicant.key")
    office.now = "2026-03-03T09:00:00Z"
    office.paper("propose", made.proposal(), {"place": made.place()})
    office.tell(*second)
    bare = ("deployment", "authorise", "a", "d-2", "bare.json", "--key", "officer.key")
    urgent = {"reason": "threat-to-life", "oral_at": office.now}
    office.paper("bare", made.authority(signed_at=office.now, urgent=urgent), {"reasons": made.REASONS})
    assert "sealed.place is missing: an authority names place, cameras and windows" in office.tell(*bare, code=2)
    office.paper("bare", made.authority(signed_at=office.now, decision="refused"), {"reasons": made.REASONS})
    assert "force-a/d-2 is refused" in office.tell(*bare)


def test_a_notice_is_held_to_the_proposal_where_an_authority_of_an_old_log_names_no_place(
    office: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as old:
        old.setattr(commands, "_check_authorised", lambda *_: None)
        gate, bare = office.gate, {"reasons": made.REASONS}
        old.setattr(office, "gate", lambda *given, **more: gate(*given, **(more | {"sealed": bare})))
        to_the_list(office)
    told = office.do("notify", NOTICE | {"place": "High Street, south end"}, "press", "2026-03-02T09:30:00Z", code=4)
    assert "open.notice: differs in place from the place that was proposed or authorised under seal" in told
    office.do("notify", NOTICE, "press", "2026-03-02T09:30:00Z")


def test_a_place_that_is_not_held_any_more_lets_no_notice_through(
    office: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_the_list(office)
    monkeypatch.setattr(deployments.Work, "sealed_in", lambda *_: None)
    told = office.do("notify", NOTICE, "press", "2026-03-02T09:30:00Z", code=4)
    assert "is not held here any more, so nothing can be held to it; propose the deployment anew" in told


def test_a_notice_that_corrects_another_says_which_and_in_what(office: Desk) -> None:
    to_the_list(office)
    office.do("notify", NOTICE, "press", "2026-03-02T09:30:00Z")
    again = NOTICE | {"url": "https://force-a.example/moved", "published_at": "2026-03-02T09:40:00Z"}
    told = office.do("notify", again, "press", "2026-03-02T09:40:00Z", code=4)
    entry = int(told.split("the notice of entry ")[1].split()[0])
    assert f'in url without saying so (corrects = {{ entry = {entry}, fields = ["url"] }})' in told
    for fields in (["url", "place"], ["purpose"]):
        wrong = again | {"corrects": {"entry": entry, "fields": fields}}
        told = office.do("notify", wrong, "press", "2026-03-02T09:40:00Z", code=4)
        assert f"the notice that stands is entry {entry}, and this one differs in url" in told
    said = again | {"corrects": {"entry": entry, "fields": ["url"]}}
    office.do("notify", said, "press", "2026-03-02T09:40:00Z")
    told = office.do("notify", said, "press", "2026-03-02T09:40:00Z", code=4)
    assert f"the notice that stands is entry {entry + 1}, and this one differs in nothing" in told


def test_an_approval_declares_no_other_place_than_was_authorised(office: Desk) -> None:
    to_the_list(office)
    terms = {"officer_rank": "superintendent"} | TERMS
    sealed = {"place": made.place("Low Street")}
    told = office.do("approve", terms, "officer", "2026-03-02T09:00:00Z", sealed, code=4)
    assert "[outside-proposal]" in told


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ('{"a": 0.5}', "paper-malformed", "decimals are strings"),
        ("[1]", "paper-malformed", "a table of facts"),
        ("{", "paper-malformed", "not JSON"),
        ("\x89PNG", "paper-malformed", "is not text in UTF-8"),
        ('{"reference": "data:image/png;base64,iVBORw0KGgo"}', "leak-at-the-door", "the data of an image"),
    ],
)
def test_papers_that_are_none(office: Desk, text: str, code: str, says: str) -> None:
    (office.home / "bad.json").write_text(text, encoding="latin-1")
    told = office.tell("deployment", "propose", "a", "d-1", "bad.json", "--key", "applicant.key", code=2)
    assert f"[{code}]" in told
    assert says in told


def test_an_image_is_refused_in_facts_and_under_the_seal(office: Desk) -> None:
    office.now = "2026-01-05T09:00:00Z"
    office.tell("deployment", "enter", "a", "programme.policy", office.paper("p", made.policy()), "--key", "owner.key")
    picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    facts = made.proposal() | {"reference": picture[:60]}
    sealed = {"place": made.place(), "case": {"objective": picture, "intelligence": "x", "alternatives": []}}
    assert "[leak-at-the-door]" in office.do("propose", facts, "applicant", "2026-02-20T09:00:00Z", sealed, code=2)
    assert "[leak-at-the-door]" in office.do(
        "propose", made.proposal(), "applicant", "2026-02-20T09:00:00Z", sealed, code=2
    )
    kept = b"".join(one.read_bytes() for one in (office.home / "a").rglob("*") if one.is_file())
    assert picture.encode() not in kept


def test_bare_times_of_toml_and_late_entries(office: Desk) -> None:
    (office.home / "minutes.toml").write_text(
        f'board = "lfr-board"\ndate = 2026-01-10\nminutes = "{made.digest("m")}"\n', encoding="utf-8"
    )
    office.now = "2026-01-20T09:00:00Z"
    entering = ("deployment", "enter", "a", "programme.board-minutes", "minutes.toml", "--key", "owner.key")
    told = office.tell(*entering, "--at", "2026-01-10T12:00:00Z", code=4)
    assert "[clock-runs-back]" in told
    assert "does not say that it is late" in told
    office.tell(*entering, "--at", "2026-01-10T12:00:00Z", "--late", "omitted")


def test_a_key_without_the_role_and_one_with_two(office: Desk) -> None:
    office.now = "2026-02-20T09:00:00Z"
    paper = office.paper("p", made.proposal(), {"place": made.place()})
    told = office.tell("deployment", "propose", "a", "d-1", paper, "--key", "press.key", code=4)
    assert "[role-not-held]" in told
    told = office.tell(
        "deployment", "propose", "a", "d-1", paper, "--key", "press.key", "--role", "press-officer", code=4
    )
    assert "is not for the role press-officer" in told


def test_nothing_is_appended_when_the_log_moved_in_between(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    to_the_list(office)
    earlier = deployments.state_of
    monkeypatch.setattr(deployments, "state_of", lambda *a: replace(earlier(*a), size=earlier(*a).size - 1))
    told = office.do("notify", NOTICE, "press", "2026-03-02T09:30:00Z", code=4)
    assert "[log-moved]" in told


def test_a_log_without_the_vocabulary_says_so(office: Desk) -> None:
    for file in (office.home / "a" / "schemas").iterdir():
        file.unlink()
    office.now = "2026-02-20T09:00:00Z"
    paper = office.paper("p", made.proposal())
    told = office.tell("deployment", "propose", "a", "d-1", paper, "--key", "applicant.key", code=5)
    assert "[vocabulary-not-adopted]" in told


@pytest.mark.parametrize(
    ("kind", "code"),
    [("plan.nothing", "schema-unknown"), ("plan.proposal.2", "schema-unknown"), ("../plan", "schema-unknown")],
)
def test_kinds_that_are_not_in_the_vocabulary(office: Desk, kind: str, code: str) -> None:
    paper = office.paper("p", {"anything": 1})
    entering = ("deployment", "enter", "a", kind, paper, "--deployment", "d-1", "--key", "applicant.key")
    assert f"[{code}]" in office.tell(*entering, code=2)
    assert f"[{code}]" in office.tell(*entering, "--role", "applicant", code=2)


def test_status_in_words(office: Desk) -> None:
    to_the_opening(office)
    told = office.tell("deployment", "status", "a", "--at", "2026-03-03T09:00:00Z")
    assert "force-a, as at 2026-03-03T09:00:00Z: policy 3.1 (entry " in told
    assert "force-a/d-1: live (done: approved, briefed, listed, notified)" in told
    assert "High Street, north end, 2026-03-02T12:00:00Z to 2026-03-02T18:00:00Z" in told
    assert "LATE since 2026-03-02T18:00:00Z: no window covers this moment and it is not closed [the notice]" in told
    assert "next: suspend, close" in told
    assert "3 overrides so far" in told


@pytest.mark.parametrize(
    ("change", "code", "exit_code", "says"),
    [
        ({"zone": [(0, 0), (20, 10), (20, 0), (0, 10)]}, "zone-crosses-itself", 2, "sealed: the zone crosses itself"),
        ({"zone": [(0, 0), (200, 0), (200, 100), (0, 100)]}, "zone-too-large", 4, "20000 m², more than 2000 (8."),
        ({"windows": [(made.END, made.START)]}, "outside-window", 4, "not after it starts"),
        ({"windows": [("2026-03-02T08:00:00Z", made.END)]}, "outside-window", 4, "a window of 10 hours, more than 8"),
        ({"windows": [(made.START, made.END), ("2026-03-02T17:00:00Z", "2026-03-02T19:00:00Z")]}, "windows-overlap", 4,
         "overlap"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["propose", "authorise"])
def test_a_place_under_seal_is_held_to_form_and_policy_before_it_is_sealed(
    office: Desk, name: str, change: dict[str, Any], code: str, exit_code: int, says: str
) -> None:
    office.now = "2026-01-05T09:00:00Z"
    office.tell("deployment", "enter", "a", "programme.policy", office.paper("p", made.policy()), "--key", "owner.key")
    where = made.place()
    if "zone" in change:
        where["zone"] |= {"points": [{"x": x, "y": y} for x, y in change["zone"]]}
    else:
        where["windows"] = [{"start": start, "end": end} for start, end in change["windows"]]
    case = {"objective": "Find those wanted.", "intelligence": "Sightings.", "alternatives": []}
    at = "2026-02-20T09:00:00Z"
    if name == "propose":
        told = office.do("propose", made.proposal(), "applicant", at, {"place": where, "case": case}, code=exit_code)
    else:
        office.do("propose", made.proposal(), "applicant", at, {"place": made.place(), "case": case})
        urgent = made.authority(
            form="oral", officer_rank="inspector", urgent={"reason": "threat-to-life", "oral_at": at}
        )
        barred = json.loads(office.tell("deployment", "status", "a", "d-1", "--gate", "authorise", "--json"))
        override = {
            "gate": "authorise", "duties": barred["deployments"][0]["barred_by"], "officer_rank": "superintendent",
            "reason": "evidence-follows", "expires_at": "2026-02-20T10:00:00Z",
        }  # fmt: skip
        paper = office.paper("override", override, {"reasons": {"reasons": "Entered in this test without papers."}})
        about = ("--deployment", "d-1", "--key", "commander.key")
        office.tell("deployment", "enter", "a", "authorise.override", paper, *about)
        sealed = {"reasons": made.REASONS, "place": where}
        told = office.do("authorise", urgent, "officer", at, sealed, code=exit_code)
    assert f"[{code}]" in told
    assert says in told
    assert office.status()["phase"] == ("not-begun" if name == "propose" else "proposed")


@pytest.mark.parametrize("name", ["D 1", "../x", "d/1", "", "x" * 80])
def test_a_name_that_no_deployment_can_have(office: Desk, name: str) -> None:
    paper = office.paper("p", made.proposal(), {"place": made.place()})
    told = office.tell("deployment", "propose", "a", name, paper, "--key", "applicant.key", code=2)
    assert "[deployment-name-malformed]" in told
    assert "[deployment-name-malformed]" in office.tell("deployment", "status", "a", name, code=2)


def test_a_manifest_whose_digest_or_totals_are_not_the_lists(office: Desk) -> None:
    to_the_list(office)
    facts = {name: made.manifest()[name] for name in ("list", "built_at", "expires_at", "query")}
    own = hashlib.sha256((office.home / "list.csv").read_bytes()).hexdigest()
    at = "2026-03-02T08:40:00Z"
    told = office.do("list", facts | {"digest": own}, "builder", at, before=("list.csv",), code=2)
    assert "[watchlist-malformed]" in told
    assert "list.json: digest is that of list.csv" in told
    entries = made.listed_entries()
    for wrong, code in ((entries[:2], 4), ([*entries[:2], entries[2] | {"child": True}], 4), (entries, 0)):
        paper = office.paper("manifest", made.manifest(built_at="2026-03-02T08:10:00Z"), {"entries": wrong})
        entering = ("deployment", "enter", "a", "authorise.manifest", paper, "--deployment", "d-1")
        told = office.tell(*entering, "--key", "builder.key", code=code)
        assert ("[not-the-same]" in told) == (code == 4)


def test_a_step_at_the_wrong_time_says_what_comes_when(office: Desk) -> None:
    told = office.do("suspend", {"suspended_at": made.START, "reason": "fault"}, "commander", made.START, code=4)
    assert "live.suspended: the deployment is not begun; this comes when it is live" in told
    assert "[step-out-of-order]" in told


def test_what_a_compiler_entered_says_so(office: Desk) -> None:
    at = ("--at", "2026-01-01T09:00:00Z")
    office.tell("key", "new", "--name", "compiler", "--out", "compiler.key")
    office.tell("key", "register", "a", "compiler.key", "--role", "compiler", "--key", "registrar.key", *at)
    office.do("open", made.opened(made.DOCUMENT), "compiler", made.START)
    told = office.tell("deployment", "status", "a", "d-1", "--at", made.START)
    assert "force-a/d-1: live" in told
    assert "entered from papers by a compiler, in part or whole" in told


def test_a_longer_window_of_a_new_authority_is_announced_while_live(office: Desk) -> None:
    to_the_opening(office)
    at, longer = "2026-03-02T17:00:00Z", made.place(end="2026-03-02T19:30:00Z")
    notice = NOTICE | made.public_place(longer) | {"published_at": at}
    assert "[not-the-same]" in office.do("notify", notice, "press", at, code=4)
    [standing] = [line for line in office.tell("record", "show", "a").splitlines() if "authorise.authority" in line]
    facts = made.authority(extends=int(standing.split()[1].rstrip(":")), signed_at=at)
    office.gate("authorise", "authorise", facts, "officer", at, sealed={"reasons": made.REASONS, "place": longer})
    told = office.do("notify", notice, "press", at, code=4)
    before = int(told.split("the notice of entry ")[1].split()[0])
    notice |= {"corrects": {"entry": before, "fields": ["windows"]}}
    office.do("notify", notice, "press", at)
    assert office.status()["windows"][-1]["end"] == "2026-03-02T19:30:00Z"
    elsewhere = notice | {"place": "Station Square"}
    assert "[not-the-same]" in office.do("notify", elsewhere, "press", at, code=4)


def test_published_files_say_where_a_deployment_stands_and_whose_word_that_is(office: Desk) -> None:
    to_the_list(office)
    office.tell("record", "publish", "a", "--log-passphrase-file", "pass")
    shutil.copytree(office.home / "a" / "public", office.home / "copy")
    asked = ("d-1", "--gate", "open", "--at", "2026-03-02T09:00:00Z")
    of_log, of_copy = (office.tell("deployment", "status", where, *asked) for where in ("a", "copy"))
    assert of_copy.splitlines()[:3] == of_log.splitlines()[:3]
    for said in (of_log, of_copy):
        assert "the step open is looked at by the word of the force alone" in said
    assert json.loads(office.tell("deployment", "status", "copy", "--json"))["force"] == "force-a"


def test_what_is_sealed_without_a_retention_rule_is_said_at_once(office: Desk) -> None:
    office.now = "2026-01-05T09:00:00Z"
    office.tell("deployment", "enter", "a", "programme.policy", office.paper("p", made.policy()), "--key", "owner.key")
    sealed = {"place": made.place()}
    told = office.do("propose", made.proposal(), "applicant", "2026-02-20T09:00:00Z", sealed)
    assert "Sealed without a retention rule: place and window before the notice (plan-place)." in told
    rule = ("record", "rule", "a", "plan-place", "720", "--document", "p.json", "--key", "registrar.key")
    office.tell(*rule, "--role", "registrar")
    office.paper("again", made.proposal(), sealed)
    office.now = "2026-02-21T09:00:00Z"
    again = office.tell("deployment", "propose", "a", "d-2", "again.json", "--key", "applicant.key")
    assert "retention rule" not in again
