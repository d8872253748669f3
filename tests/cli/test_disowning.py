"""Disowning: a key's holder says which entries are not theirs; nobody else can, and no duty rests on them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.cli.test_deployment import TERMS, Desk, office, opened, to_the_list
from tests.making import histories as made

from countersign.register.opening import opened as opened_log

__all__ = ["office", "opened"]
WHY = ("--reason", "key-misused")


@pytest.fixture
def signed(office: Desk) -> Desk:
    """The force's policy, entry 12, under the owner's key."""
    office.now = "2026-01-05T09:00:00Z"
    paper = office.paper("policy", made.policy())
    office.tell("deployment", "enter", "a", "programme.policy", paper, "--key", "owner.key")
    return office


def disown(desk: Desk, entry: int, who: str = "owner", code: int = 0) -> str:
    return desk.tell("deployment", "disown", "a", str(entry), *WHY, "--key", f"{who}.key", code=code)


def size(desk: Desk) -> int:
    with opened_log(desk.home / "a", reading=True) as log:
        return log.log.sequencer.size()


@pytest.mark.slow
def test_its_holder_disowns_an_entry_and_signed_by_shows_it(signed: Desk) -> None:
    at = size(signed) - 1
    assert "An entry is disowned" in disown(signed, at)
    told = signed.tell("record", "signed-by", "a", "owner.key")
    assert f"; disowned by entry {at + 1} (somebody else used the key)" in told
    assert signed.status()["force"]["irregular"] == []


@pytest.mark.parametrize(
    ("entry", "who", "said"),
    [
        (12, "applicant", "its holder alone disowns it, with that key or its successor"),
        (0, "registrar", "entry 0 opened the log and cannot be disowned"),
        (99, "owner", "entry 99 is not in the log"),
    ],
)
def test_nobody_else_disowns_it_and_not_everything_can_be(signed: Desk, entry: int, who: str, said: str) -> None:
    before = size(signed)
    told = disown(signed, entry, who, code=4)
    assert "[disowning-refused]" in told
    assert said in told
    assert size(signed) == before


def test_once_only_not_the_disowning_itself_and_by_other_bytes(signed: Desk) -> None:
    disown(signed, 12)
    assert "entry 12 is disowned already, by entry 13" in disown(signed, 12, code=4)
    assert "entry 13 is a disowning itself" in disown(signed, 13, code=4)
    assert "is not corrected, a new one is entered" in signed.tell(
        "deployment", "withdraw", "a", "13", "--reason", "entered-twice", "--key", "owner.key", code=4
    )
    paper = signed.paper("other", {"entry": 11, "entry_digest": made.digest("x"), "reason": "not-known"})
    told = signed.tell("deployment", "enter", "a", "review.disowning", paper, "--key", "owner.key", code=4)
    assert "entry_digest is not the digest of entry 11" in told


def test_the_key_that_took_over_disowns_what_the_old_one_signed(signed: Desk) -> None:
    signed.tell("key", "new", "--name", "next", "--out", "next.key")
    at = ("--at", signed.now)
    signed.tell("key", "rotate", "a", "--key", "owner.key", "--new", "next.key", "--new-passphrase-file", "pass", *at)
    assert "[signer-refused]" in disown(signed, 12, code=4)
    assert "An entry is disowned" in disown(signed, 12, "next")


@pytest.mark.slow
def test_a_report_shows_what_is_disowned(signed: Desk) -> None:
    sealed = {"place": made.place(), "case": {"objective": "A.", "intelligence": "B.", "alternatives": []}}
    signed.do("propose", made.proposal(), "applicant", "2026-02-20T09:00:00Z", sealed)
    disown(signed, 13, "applicant")
    signed.tell("record", "publish", "a", "--log-passphrase-file", "pass")
    signed.tell("review", "a", "--deployment", "d-1", "--out", "report", "--format", "json")
    review = json.loads(Path("report/review.json").read_text())
    assert any(said.startswith("1 entry is disowned by the holder") for said in review["summary"])
    [findings] = [section for section in review["sections"] if section["id"] == "findings"]
    said = "Entry 13 (plan.proposal, signed as applicant) is disowned by the holder of the key that signed it"
    assert any(said in block.get("text", "") for block in findings["blocks"])


@pytest.mark.slow
def test_no_gate_is_passed_by_an_override_that_its_signer_disowns(office: Desk) -> None:
    to_the_list(office)
    facts = {"officer_rank": "superintendent"} | TERMS
    told = office.do("approve", facts, "officer", "2026-03-02T09:00:00Z", code=4)
    duties = re.findall(r"(?:^|; )([a-z0-9.-]+) \(", told.split("signed for them: ")[1].split("\n")[0])
    override = {"gate": "approve", "duties": duties, "officer_rank": "superintendent", "reason": "evidence-follows"}
    override["expires_at"] = "2026-03-02T10:00:00Z"
    paper = office.paper("override", override, {"reasons": {"reasons": "Entered in this test without its papers."}})
    about = ("--deployment", "d-1", "--key", "commander.key")
    office.tell("deployment", "enter", "a", "authorise.override", paper, *about)
    disown(office, size(office) - 1, "commander")
    assert "[duty-unmet]" in office.do("approve", facts, "officer", "2026-03-02T09:00:00Z", code=4)
