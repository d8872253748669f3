"""Drafts: prepared by the keeper, signed on the signer's own machine, appended with every rule asked again."""

from __future__ import annotations

import json
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_deployment import Desk, at_moment, office, opened
from tests.making import histories as made
from tests.register.test_draft_plays import played

from countersign.cli import draft as command
from countersign.deployments.kinds import SCHEMAS
from countersign.record.entries.entry import Draft, key_id
from countersign.record.entries.schema import FactsMalformed
from countersign.record.keeping.logfolder import LogFolder
from countersign.register import drafts
from countersign.register.keys import public_key
from countersign.register.opening import opened as opened_log
from countersign.register.papers.reading import AnswerWrong, answered
from countersign.register.papers.templates import template

__all__ = ["office", "opened"]
CASE = {"objective": "Find those wanted.", "intelligence": "Sightings.", "alternatives": []}


@pytest.fixture
def desk(office: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The office with the force's policy on the record, and its clock for drafts too."""
    for module in (drafts, command):
        monkeypatch.setattr(module, "current", lambda: at_moment(office.now))
    office.now = "2026-01-05T09:00:00Z"
    paper = office.paper("policy", made.policy())
    office.tell("deployment", "enter", "a", "programme.policy", paper, "--key", "owner.key")
    office.now = "2026-02-20T09:00:00Z"
    return office


def key_of(name: str) -> str:
    """The first digits of the id of a person's key."""
    return key_id(public_key(f"{name}.key").public_key)[:12]


def seal(desk: Desk, kind: str, facts: dict[str, Any], who: str, sealed: dict[str, Any] | None = None) -> str:
    paper = desk.paper("paper", facts, sealed)
    about = ("--deployment", "d-1", "--for", key_of(who))
    assert "Nothing bars it" in desk.tell("draft", "check", "a", kind, paper, *about)
    return desk.tell("draft", "seal", "a", kind, paper, *about, "--out", "a.draft")


def sign(desk: Desk, who: str, code: int = 0) -> str:
    return desk.tell("draft", "sign", "a.draft", "--key", f"{who}.key", "--yes", "--out", "a.signed", code=code)


def propose(desk: Desk) -> str:
    return seal(desk, "plan.proposal", made.proposal(), "applicant", {"place": made.place(), "case": CASE})


def size(desk: Desk) -> int:
    with opened_log(desk.home / "a", reading=True) as log:
        return log.log.sequencer.size()


def orphans(desk: Desk) -> str:
    return desk.tell("record", "orphans", "a")


@pytest.mark.slow
def test_an_act_is_drafted_signed_elsewhere_and_appended(desk: Desk) -> None:
    said = propose(desk)
    assert "kept until 2026-02-23T09:00:00Z: a.draft" in said
    assert stat.S_IMODE(Path("a.draft").stat().st_mode) == 0o600
    kept = [file.read_bytes() for file in (desk.home / "a" / "drafts").iterdir()]
    assert len(kept) == 1
    assert b"High Street" not in kept[0]
    assert orphans(desk) == "Every sealed value is named by an entry.\n"
    desk.now = "2026-02-20T11:00:00Z"
    shown = sign(desk, "applicant")
    assert "High Street" in shown
    assert "Signed at 2026-02-20T11:00:00Z" in shown
    assert "under seal, case:" in shown
    told = desk.tell("draft", "append", "a", "a.signed")
    assert "A deployment is proposed; kept durably in log.example/force-a" in told
    assert desk.tell("draft", "append", "a", "a.signed").split(":")[0] == told.split(":")[0]
    assert desk.tell("draft", "list", "a") == "No draft is waiting.\n"
    status = desk.status()
    assert status["stage"] == "proposed"
    assert orphans(desk) == "Every sealed value is named by an entry.\n"


def test_times_are_given_as_clocks_show_them_and_the_policy_is_the_one_on_the_record(desk: Desk) -> None:
    facts = made.proposal() | {"submitted_at": "2026-02-20 08:55 Europe/London"}
    del facts["policy"]
    place = made.place(start="2026-07-02 12:00 Europe/London", end="2026-07-02 18:00 Europe/London")
    seal(desk, "plan.proposal", facts, "applicant", {"place": place, "case": CASE})
    shown = desk.tell("draft", "show", "a.draft")
    assert "2026-02-20T08:55:00Z" in shown.split("submitted at")[1].splitlines()[0]
    assert '"start": "2026-07-02T11:00:00Z"' in shown
    assert made.digest("policy 3.1")[:16] in shown
    paper = desk.paper("paper", facts | {"submitted_at": "2026-10-25 01:30 Europe/London"})
    about = ("--deployment", "d-1", "--for", key_of("applicant"))
    said = desk.tell("draft", "check", "a", "plan.proposal", paper, *about, code=2)
    assert "[local-time-wrong]" in said
    assert "paper.json: submitted_at: '2026-10-25 01:30 Europe/London': clocks in Europe/London were put back" in said
    said = desk.tell(
        "draft", "check", "a", "plan.proposal", paper, *about, "--at", "2026-03-29 01:30 Europe/London", code=2
    )
    assert "so it never came" in said


def test_a_paper_names_files_whose_digests_are_computed(desk: Desk) -> None:
    Path("papers").mkdir()
    Path("papers/case.pdf").write_bytes(b"the case")
    facts = made.proposal() | {
        "intelligence_case": {"digest": {"sha256_of": "case.pdf"}, "date": "2026-02-18", "grading": "b2"}
    }
    paper = desk.paper("papers/paper", facts, {"place": made.place(), "case": CASE})
    about = ("--deployment", "d-1", "--for", key_of("applicant"))
    desk.tell("draft", "seal", "a", "plan.proposal", paper, *about, "--out", "a.draft")
    assert made.digest("the case") in Path("a.draft").read_text()
    Path("papers/case.pdf").unlink()
    assert "[input-missing]" in desk.tell("draft", "check", "a", "plan.proposal", paper, *about, code=5)
    Path("papers/case.pdf").write_bytes(b'{"stamp": "assumed, not measured"}')
    assert "[made-up-no-evidence]" in desk.tell("draft", "check", "a", "plan.proposal", paper, *about, code=4)


def test_an_attestation_takes_texts_alone_and_publishes_no_digest_of_a_text_by_itself(desk: Desk) -> None:
    propose(desk)
    sign(desk, "applicant")
    desk.tell("draft", "append", "a", "a.signed")
    texts = {"intelligence": "They were seen there on three market days.", "objective": "To find five wanted people."}
    answers = [{"question": name, "text": text} for name, text in texts.items()]
    seal(desk, "review.attestation", {"duty": "uk.plan.purpose"}, "applicant", {"answers": {"answers": answers}})
    sign(desk, "applicant")
    signed = Path("a.signed").read_text()
    assert '"schema":2' in signed
    assert not any(made.digest(text) in signed for text in texts.values())
    assert "kept durably" in desk.tell("draft", "append", "a", "a.signed")


def test_two_entries_of_one_act_and_a_state_that_moved_in_between(desk: Desk) -> None:
    propose(desk)
    sign(desk, "applicant")
    # Somebody else appends before the signed draft comes back: every rule is asked again, and it still holds.
    other = desk.paper("other", made.policy(version="3"))
    desk.now = "2026-02-20T09:30:00Z"
    desk.tell("deployment", "enter", "a", "programme.policy", other, "--key", "owner.key")
    desk.tell("draft", "append", "a", "a.signed")
    # The same act in other bytes: the rules refuse a second proposal, and nothing is appended.
    paper = desk.paper("paper", made.proposal(), {"place": made.place(), "case": CASE})
    about = ("--deployment", "d-1", "--for", key_of("applicant"))
    assert "[step-out-of-order]" in desk.tell("draft", "check", "a", "plan.proposal", paper, *about, code=4)


def test_a_refusal_when_appending_leaves_the_draft_waiting(desk: Desk) -> None:
    propose(desk)
    sign(desk, "applicant")
    desk.now = "2026-02-21T09:00:00Z"
    told = desk.tell("draft", "append", "a", "a.signed", code=4)
    assert "does not say that it is late" in told
    assert "plan.proposal about force-a/d-1" in desk.tell("draft", "list", "a")


@pytest.mark.parametrize(
    ("change", "code", "exit_code"),
    [
        (lambda raw: raw["entries"][0]["values"][0].update(content="another"), "draft-altered", 1),
        (lambda raw: raw["entries"][0]["values"].pop(), "draft-altered", 1),
        (lambda raw: raw["entries"][0]["values"][0].update(label=["case"]), "draft-malformed", 2),
        (lambda raw: raw["entries"][0]["entry"]["facts"].pop("use_case"), "draft-malformed", 2),
        (lambda raw: raw.update(size=0), "draft-malformed", 2),
        (lambda raw: raw.update(size=10**30), "draft-malformed", 2),
        (lambda raw: raw.update(expires_at="tomorrow"), "draft-malformed", 2),
        (lambda raw: raw.update(expires_at="2026-02-20T08:00:00Z"), "draft-gone", 5),
        (lambda raw: raw.update(log="log.example/force-b"), "draft-malformed", 2),
        (lambda raw: raw.update(format="countersign-draft/2"), "draft-malformed", 2),
        (lambda raw: raw["entries"].clear(), "draft-malformed", 2),
        (lambda raw: raw["entries"][0]["entry"].update(sig="x"), "draft-malformed", 2),
    ],
)
def test_a_draft_that_was_changed_is_not_signed(desk: Desk, change: Any, code: str, exit_code: int) -> None:
    propose(desk)
    raw = json.loads(Path("a.draft").read_bytes())
    change(raw)
    Path("a.draft").write_text(json.dumps(raw))
    told = sign(desk, "applicant", code=exit_code)
    assert f"[{code}]" in told
    assert told.startswith("countersign: a.draft: ") or code == "draft-gone"
    assert not Path("a.signed").exists()


def _damages(raw: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """A draft with each of its parts left out, and with each of other forms in its place."""
    for name, part in raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ():
        forms: tuple[Any, ...] = (None, -1, 10**30, 1.5, "", "é", [], {}, [[]])
        others = [(form, (*path, name)) for form in forms if form != part]
        others += [(changed, where) for where, changed in _damages(part, (*path, name))]
        for other, where in others:
            copied = raw.copy()
            copied[name] = other
            yield where, copied
        if isinstance(raw, dict):
            yield (*path, name), {known: kept for known, kept in raw.items() if known != name}


@pytest.mark.slow
def test_every_part_of_a_draft_that_is_damaged_is_named_or_is_what_the_entry_says(desk: Desk) -> None:
    propose(desk)
    data = Path("a.draft").read_bytes()
    whole = drafts.read_draft(data, "a.draft")
    refused = []
    for where, raw in _damages(json.loads(data)):
        try:
            read = drafts.read_draft(json.dumps(raw).encode(), "a.draft")
        except (drafts.DraftMalformed, drafts.DraftAltered) as error:
            refused.append(str(error))
        else:
            # Another entry that its schema takes: the signer is shown it, and the keeper doesn't append it.
            assert read.name != whole.name or where[0] in ("size", "expires_at", "profile", "at_fixed"), where
    assert len(refused) > 400
    assert all(said.startswith("a.draft: ") and "\n" not in said for said in refused)
    for length in range(0, len(data) - 2, 97):
        with pytest.raises(drafts.DraftMalformed, match=r"^a\.draft: is not JSON"):
            drafts.read_draft(data[:length], "a.draft")


def test_a_draft_cut_off_or_for_another_key_is_not_signed(desk: Desk) -> None:
    propose(desk)
    assert "[draft-not-ours]" in sign(desk, "assessor", code=4)
    data = Path("a.draft").read_bytes()
    Path("a.draft").write_bytes(data[: len(data) // 2])
    assert "is not JSON" in sign(desk, "applicant", code=2)


def test_a_draft_that_nobody_signed_is_not_appended(desk: Desk) -> None:
    propose(desk)
    before = size(desk)
    told = desk.tell("draft", "append", "a", "a.draft", code=2)
    assert "a.draft, line 1: is no signed entry (what `countersign draft sign` writes is appended)" in told
    assert size(desk) == before


def test_entries_changed_before_signing_are_not_those_that_wait(desk: Desk) -> None:
    propose(desk)
    raw = json.loads(Path("a.draft").read_bytes())
    raw["entries"][0]["entry"]["facts"]["use_case"] = "other-use"
    Path("a.draft").write_text(json.dumps(raw))
    desk.tell("draft", "sign", "a.draft", "--key", "applicant.key", "--yes", "--out", "a.signed")
    before = size(desk)
    told = desk.tell("draft", "append", "a", "a.signed", code=5)
    assert "[draft-gone]" in told
    assert "that says the same is pending here: it differs in facts.use_case from the draft " in told
    assert size(desk) == before


def test_nothing_stays_sealed_of_a_draft_that_the_schema_refuses_at_the_last(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise FactsMalformed("refused")

    monkeypatch.setattr(Draft, "check", refuse)
    paper = desk.paper("paper", made.proposal(), {"place": made.place(), "case": CASE})
    about = ("--deployment", "d-1", "--for", key_of("applicant"), "--out", "a.draft")
    assert "[facts-malformed]" in desk.tell("draft", "seal", "a", "plan.proposal", paper, *about, code=2)
    assert not Path("a.draft").exists()
    assert orphans(desk) == "Every sealed value is named by an entry.\n"


def test_everything_a_key_signed_is_listed(desk: Desk) -> None:
    propose(desk)
    sign(desk, "applicant")
    desk.tell("draft", "append", "a", "a.signed")
    for named in ("applicant.key", key_of("applicant")):
        lines = desk.tell("record", "signed-by", "a", named).splitlines()
        assert "plan.proposal about force-a/d-1, at 2026-02-20T09:00:00Z, as applicant" in lines[0]
        assert lines[1].endswith("held here, by 1 key")
    assert "0 entries of the" in desk.tell("record", "signed-by", "a", "ab" * 8)
    assert "too short" in desk.tell("record", "signed-by", "a", "abc", code=2)


def test_two_clocks_may_differ_by_two_minutes_and_no_more(desk: Desk) -> None:
    propose(desk)
    desk.now = "2026-02-20T09:02:00Z"
    sign(desk, "applicant")
    desk.now = "2026-02-20T09:00:00Z"
    desk.tell("draft", "append", "a", "a.signed")
    # Signed by a slower device two minutes before, and appended after: in order all the same.
    for at, code in (("2026-02-20T08:59:59Z", 4), ("2026-02-20T09:00:00Z", 0)):
        desk.now = "2026-02-20T09:05:00Z"
        paper = desk.paper("case", made.assessment())
        asked = ("deployment", "assess", "a", "d-1", paper, "--key", "assessor.key", "--at", at)
        assert ("[clock-runs-back]" in desk.tell(*asked, code=code)) is (code == 4)


def test_what_is_discarded_or_runs_out_is_erased(desk: Desk) -> None:
    name = propose(desk).split()[1]
    sign(desk, "applicant")
    assert desk.tell("draft", "discard", "a", name) == f"Discarded: {name}\n"
    assert "[draft-gone]" in desk.tell("draft", "append", "a", "a.signed", code=5)
    assert "[draft-gone]" in desk.tell("draft", "discard", "a", name, code=5)
    again = propose(desk).split()[1]
    desk.now = "2026-02-24T09:00:00Z"
    paper = desk.paper("paper", made.proposal(), {"place": made.place(), "case": CASE})
    told = desk.tell("draft", "check", "a", "plan.proposal", paper, "--deployment", "d-1", "--for", key_of("applicant"))
    assert f"Draft {again} ran out without a signature; what it had sealed is erased." in told
    assert desk.tell("draft", "list", "a") == "No draft is waiting.\n"
    assert b"High Street" not in (desk.home / "a" / "sealed.db").read_bytes()


def test_a_damaged_draft_stops_nothing_but_what_would_take_its_values_for_nobodys(desk: Desk) -> None:
    name = propose(desk).split()[1]
    sign(desk, "applicant")
    file = desk.home / "a" / "drafts" / f"{name}.json"
    cut, other = file.with_name(f"{'ab' * 8}.json"), file.with_name("other.json")
    whole = file.read_bytes()
    cut.write_bytes(whole[: len(whole) // 2])
    other.write_bytes(b"[]")
    paper = desk.paper("paper", made.proposal(), {"place": made.place(), "case": CASE})
    about = ("a", "plan.proposal", paper, "--deployment", "d-1", "--for", key_of("applicant"))
    for call in (("list", "a"), ("check", *about), ("seal", *about, "--out", "b.draft")):
        told = desk.tell("draft", *call)
        assert f"a/drafts/{cut.name}: is not JSON" in told, call
        assert "a/drafts/other.json: is not a draft" in told, call
    assert name in desk.tell("draft", "list", "a")
    # Nothing is taken for an orphan while nobody can say what the damaged draft has sealed.
    assert f"a/drafts/{cut.name}: is not JSON" in desk.tell("record", "orphans", "a", code=2)
    assert f"Discarded: {cut.stem}" in desk.tell("draft", "discard", "a", cut.stem, other.stem)
    assert not cut.exists()
    assert orphans(desk) == "Every sealed value is named by an entry.\n"
    desk.tell("draft", "append", "a", "a.signed")


def test_a_check_opens_the_log_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    read = LogFolder.read

    def counted(path: Path, *more: Any) -> LogFolder:
        calls.append(path)
        return read(path, *more)

    monkeypatch.setattr(LogFolder, "read", counted)
    paper = desk.paper("paper", made.proposal(), {"place": made.place(), "case": CASE})
    about = ("--deployment", "d-1", "--for", key_of("applicant"))
    desk.tell("draft", "check", "a", "plan.proposal", paper, *about)
    assert len(calls) == 1


def test_what_an_entry_names_outlives_the_draft_it_came_from(desk: Desk) -> None:
    name = propose(desk).split()[1]
    sign(desk, "applicant")
    waiting = desk.home / "a" / "drafts" / f"{name}.json"
    kept = waiting.read_bytes()
    desk.tell("draft", "append", "a", "a.signed")
    # As a crash leaves it: the entry stands in the log, and its draft is still there.
    waiting.write_bytes(kept)
    desk.now = "2026-02-24T09:00:00Z"
    other = desk.paper("other", made.policy(version="3"))
    about = ("a", "programme.policy", other, "--for", key_of("owner"))
    assert "ran out" not in desk.tell("draft", "check", *about)
    assert "High Street" in desk.tell("draft", "new", "plan.proposal", "--log", "a", "--from", "d-1")
    assert not waiting.exists()
    waiting.write_bytes(kept)
    desk.tell("draft", "append", "a", "a.signed")
    assert not waiting.exists()


def test_a_discard_cut_short_is_taken_up_again(desk: Desk) -> None:
    name = propose(desk).split()[1]
    waiting = desk.home / "a" / "drafts" / f"{name}.json"
    kept = waiting.read_bytes()
    desk.tell("draft", "discard", "a", name)
    # As a crash leaves it: what was sealed is erased, and the draft is still there.
    waiting.write_bytes(kept)
    assert name in desk.tell("draft", "list", "a")
    assert desk.tell("draft", "discard", "a", name) == f"Discarded: {name}\n"


def test_a_random_play_of_drafts_with_crashes(opened: Path, tmp_path: Path) -> None:
    # Two hundred are run with the long tests (tests/register/test_draft_plays.py).
    assert played(opened, tmp_path, range(1))[1] >= 1


def test_a_draft_that_cannot_be_written_leaves_nothing_sealed(desk: Desk) -> None:
    paper = desk.paper("paper", made.proposal(), {"place": made.place(), "case": CASE})
    about = ("--deployment", "d-1", "--for", key_of("applicant"), "--out", "no/such/folder/a.draft")
    Path("no").write_text("a file where the folder would be")
    desk.tell("draft", "seal", "a", "plan.proposal", paper, *about, code=5)
    assert desk.tell("draft", "list", "a") == "No draft is waiting.\n"
    assert orphans(desk) == "Every sealed value is named by an entry.\n"


def test_a_kind_misspelt_is_answered_with_the_nearest(desk: Desk) -> None:
    assert "the nearest are live.hour" in desk.tell("draft", "new", "live.hours", code=2)


def test_a_deployment_is_copied_with_single_answers_and_nothing_is_written_by_hand(desk: Desk) -> None:
    propose(desk)
    sign(desk, "applicant")
    desk.tell("draft", "append", "a", "a.signed")
    Path("case.pdf").write_bytes(b"the intelligence, on paper")
    answers = (
        "reference=LFR/2026/015",
        "units=2",
        "overt=yes",
        "alternatives=patrol,custody-check",
        "intelligence_case.digest=file:case.pdf",
        "sealed.place.windows.0.start=2026-07-02 12:00 Europe/London",
        "sealed.place.windows.0.end=2026-07-02 18:00 Europe/London",
    )
    sets = [part for answer in answers for part in ("--set", answer)]
    about = ("--from", "d-1", "--deployment", "d-2", "--for", key_of("applicant"))
    desk.tell("draft", "seal", "a", "plan.proposal", *about, *sets, "--out", "b.draft")
    drafted = json.loads(Path("b.draft").read_bytes())["entries"][0]
    facts = drafted["entry"]["facts"]
    assert (facts["reference"], facts["units"], facts["overt"]) == ("LFR/2026/015", 2, True)
    assert facts["alternatives"] == ["patrol", "custody-check"]
    assert facts["intelligence_case"]["digest"] == made.digest("the intelligence, on paper")
    [place] = [value["content"] for value in drafted["values"] if value["label"] == "place"]
    assert place["windows"] == [{"start": "2026-07-02T11:00:00Z", "end": "2026-07-02T17:00:00Z"}]
    # From a draft, and from a template of the force's; the moment follows the signature.
    for source in ("b.draft", "template.toml"):
        Path("template.toml").write_text('units = 3\nlegitimate_aim = ""\n[sealed.case]\nobjective = "To find them."\n')
        text = desk.tell("draft", "new", "plan.proposal", "--from", source)
        assert ("units = 2" in text, "units = 3" in text) == ((True, False) if source == "b.draft" else (False, True))
        assert "submitted_at: the moment that the entry speaks for" in text
    desk.now = "2026-02-20T11:30:00Z"
    desk.tell("draft", "sign", "b.draft", "--key", "applicant.key", "--yes", "--out", "b.signed")
    assert Path("b.signed").read_text().count("2026-02-20T11:30:00Z") == 2
    desk.tell("draft", "append", "a", "b.signed")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("units", "an answer is FIELD=VALUE"),
        ("unit=1", "there is no field 'unit' there; the nearest are units"),
        ("units=many", "'many' is no whole number"),
        ("overt=perhaps", "'perhaps' is no yes or no"),
        ("sealed.place.windows.1.start=x", "the list has 0 items; they are numbered from 0"),
        ("reference.x=1", "reference holds one value"),
        ("sealed.map.x=1", "there is no field 'map' there"),
    ],
)
def test_an_answer_that_fits_no_field_is_refused(answer: str, why: str) -> None:
    schema = SCHEMAS.latest("plan.proposal")
    with pytest.raises(AnswerWrong, match=why):
        answered(schema, {"reference": "r"}, {}, [answer])


def test_a_paper_copied_from_the_last_entry_says_the_same(desk: Desk) -> None:
    propose(desk)
    sign(desk, "applicant")
    desk.tell("draft", "append", "a", "a.signed")
    text = desk.tell("draft", "new", "plan.proposal", "--log", "a", "--from", "d-1")
    paper = tomllib.loads(text)
    sealed = paper.pop("sealed")
    assert paper == {name: value for name, value in made.proposal().items() if name not in ("policy", "submitted_at")}
    assert sealed == {"place": made.place(), "case": CASE}
    assert template(SCHEMAS.latest("plan.proposal")).startswith("# ")


def test_what_bars_each_step_to_come_is_said_before_the_day(desk: Desk) -> None:
    propose(desk)
    sign(desk, "applicant")
    desk.tell("draft", "append", "a", "a.signed")
    said = desk.tell("plan", "check", "a", "d-1", "--at", desk.now)
    gates = ("authorise", "approve", "open", "publish")
    parts = [said.index(f"\n{gate}: comes when the deployment is ") for gate in gates]
    assert parts == sorted(parts)
    assert "open: comes when the deployment is authorised, listed, approved, notified and briefed" in said
    assert "uk.plan.alternatives (bars approve, open and publish too): " in said
    assert said.count("uk.plan.alternatives") == 1
    assert "no assessment is on the record. Entered as plan.assessment or review.attestation." in said
    assert "the force's policy sets no status check hours; uk.wl.status-current cannot be answered without it" in said
    found = json.loads(desk.tell("plan", "check", "a", "d-1", "--json", "--at", desk.now))
    assert [gate["gate"] for gate in found["gates"]] == list(gates)
    for gate in found["gates"]:
        assert set(gate["because"]) == set(gate["barred_by"]) == set(gate["shown_by"])
        assert all(gate["because"].values())
        assert all(gate["shown_by"].values())
        asked = ("deployment", "status", "a", "d-1", "--gate", gate["gate"], "--json", "--at", desk.now)
        assert json.loads(desk.tell(*asked))["deployments"][0]["because"] == gate["because"]
    assert found["policy_numbers_not_set"]["status-check-hours"] == ["uk.wl.status-current"]
    assert "notice-hours" in found["policy_numbers_not_set"]
    assert "Invalid value for '--gate'" in desk.tell("deployment", "status", "a", "d-1", "--gate", "all", code=2)
