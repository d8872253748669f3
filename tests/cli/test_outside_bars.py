"""A panel's finding and moratorium in a log of its own bar the force as if they stood in its own, and are answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_deployment import Desk, at_moment, office, opened
from tests.cli.test_deployment_moratorium import SEALED, assessed, authorise
from tests.cli.test_receipts import entries, published_by_a_forger
from tests.making import histories as made

from countersign.cli import draft, observe
from countersign.register import drafts, opening

__all__ = ["office", "opened"]
pytestmark = pytest.mark.slow

AT = ("--at", "2026-01-02T09:00:00Z")
BESIDE = ("--reader", "reader.toml", "--beside", "panel/public")
NOW = "2026-02-23T09:00:00Z"


@pytest.fixture
def panel(office: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The force's desk, and beside it the log of an ethics panel with its own keys."""
    monkeypatch.setenv("COUNTERSIGN_LOG_PASSPHRASE_FILE", "pass")
    for module in (draft, drafts, observe, opening):
        monkeypatch.setattr(module, "current", lambda: at_moment(office.now))
    begin(office, "panel")
    Path("report.pdf").write_text("The panel's report.")
    return office


def begin(desk: Desk, name: str, *, subject: str = "panel-a", body: str = "panel", made_by: str = "") -> None:
    """A log of a body, its reader's file, and a key that may find and stop."""
    for key in (f"{name}-registrar", name):
        desk.tell("key", "new", "--name", key, "--out", f"{key}.key")
    registrar = made_by or f"{name}-registrar"
    named = ("--origin", f"{name}.example/log", "--subject", subject, "--body", body)
    desk.tell("record", "init", name, *named, "--registrar", f"{registrar}.key", *AT)
    roles = ("--role", "ethics-body", "--role", "moratorium-authority")
    desk.tell("key", "register", name, f"{name}.key", *roles, "--key", f"{registrar}.key", *AT)
    desk.tell("policy", "new", "--log", Path(name, "log.vkey").read_text().strip(), "--out", f"{name}.policy")
    desk.tell("policy", "reader", "--log", "Borough ethics panel", body, "force-a", f"{name}.policy", "--out", "r.toml")
    Path("r.toml").rename("reader.toml")


def says(desk: Desk, *words: str, log: str = "panel", at: str = "2026-02-01T09:00:00Z", code: int = 0) -> str:
    """A draft of the panel's, signed and appended."""
    before, desk.now = desk.now, at
    told = desk.tell("observe", words[0], log, *words[1:], "--out", "a.draft", code=code)
    if not code:
        desk.tell("draft", "sign", "a.draft", "--key", f"{log}.key", "--yes", "--out", "a.signed")
        told = desk.tell("draft", "append", log, "a.signed")
    desk.now = before
    return told


FINDING: tuple[str, ...] = (
    "finding",
    "--name",
    "f-1",
    "--duty",
    "uk.open.signage",
    "--result",
    "not-met",
    "--report",
    "report.pdf",
)
FINDING += ("--answer-due", "2026-02-20")
STOP = ("moratorium", "--about", "force-a", "--reason", "oversight", "--decision", "report.pdf")


def status(desk: Desk, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(desk.tell("deployment", "status", "a", "--json", "--at", NOW, *more))
    return found


def answer(desk: Desk, *more: str, kind: str = "answer", name: str = "f-1", code: int = 0) -> str:
    facts = {"finding": name, "answer": made.digest("a")}
    facts |= {"response": "accepted"} if kind == "answer" else {"grounds": "method"}
    paper = desk.paper(kind, facts)
    return desk.tell("deployment", kind, "a", "d-1", paper, "--key", "owner.key", *more, code=code)


def overridden(desk: Desk) -> None:
    """Signed for every duty that bars the authority by the force's own log."""
    desk.now = NOW
    asked = ("deployment", "status", "a", "d-1", "--gate", "authorise", "--json", "--at", NOW)
    facts = {
        "gate": "authorise", "duties": json.loads(desk.tell(*asked))["deployments"][0]["barred_by"],
        "officer_rank": "superintendent", "reason": "evidence-follows", "expires_at": "2026-02-23T10:00:00Z",
    }  # fmt: skip
    paper = desk.paper("override", facts, {"reasons": {"reasons": "Entered in this test without its papers."}})
    desk.tell("deployment", "enter", "a", "authorise.override", paper, "--deployment", "d-1", "--key", "commander.key")


def authorising(desk: Desk, *more: str, code: int = 0) -> str:
    paper = desk.paper("authority", made.authority(), SEALED)
    return desk.tell("deployment", "authorise", "a", "d-1", paper, "--key", "officer.key", *more, code=code)


def test_an_unanswered_finding_of_a_panel_stands_against_the_next_authority_until_it_is_answered(panel: Desk) -> None:
    says(panel, *FINDING, "--about", "force-a/d-1")
    assessed(panel)
    called = "f-1 (entry 2 of panel.example/log)"
    asked = ("deployment", "status", "a", "d-1", "--gate", "authorise", "--at", NOW)
    told = panel.tell(*asked, *BESIDE)
    assert f": the force has not answered {called}" in told
    assert f"Finding {called} is not answered." in told
    assert f"LATE since 2026-02-20T23:59:59Z: the finding {called} on uk.open.signage is not answered [entry 2" in told
    assert called not in panel.tell(*asked)
    overridden(panel)
    assert f"not answered by their day: {called} (about force-a/d-1)" in authorising(panel, *BESIDE, code=4)
    # The force answers in its own log, by the name; its entry names digits of the SHA-256 of the panel's.
    panel.now = NOW
    answer(panel, *BESIDE)
    reference = status(panel, *BESIDE)["found_outside"][0]["reference"]
    assert reference in panel.tell("record", "show", "a")
    assert called not in panel.tell(*asked, *BESIDE)
    assert "is no finding that waits for an answer" in answer(panel, name=reference, code=4)
    answer(panel, *BESIDE, kind="dispute")
    assert status(panel, *BESIDE)["unanswered"] == []
    assert status(panel)["irregular"] == []
    assert "force-a/d-1 is authorised." in authorising(panel, *BESIDE)
    # The published files say the same.
    panel.tell("record", "publish", "a")
    assert status(panel, *BESIDE) == json.loads(
        panel.tell("deployment", "status", "a/public", "--json", "--at", NOW, *BESIDE)
    )


def test_a_moratorium_in_a_panels_log_stops_authority_until_its_key_lifts_it(panel: Desk) -> None:
    says(panel, *STOP, "--from", "2026-02-22T09:00:00Z")
    told = authorise(assessed(panel), *BESIDE)
    assert "[moratorium-stands]" in told
    assert "the moratorium of Borough ethics panel (entry 2 of panel.example/log), heard from outside the log" in told
    [heard] = status(panel, *BESIDE)["moratoria_heard"]
    assert heard["place"] == {"origin": "panel.example/log", "index": 2}
    asked = ("deployment", "status", "a", "d-1", "--gate", "authorise", "--at", NOW, *BESIDE)
    assert "is stopped by the moratorium of Borough ethics panel (entry 2 of panel" in panel.tell(*asked)
    lifted = ("lift", "2", "--about", "force-a", "--decision", "report.pdf")
    assert "entry 1 of this log is no moratorium on force-a" in says(panel, "lift", "1", *lifted[2:], code=4)
    assert "is no moratorium on force-b" in says(panel, "lift", "2", "--about", "force-b", *lifted[4:], code=4)
    panel.tell("key", "new", "--name", "other", "--out", "other.key")
    role = ("--role", "moratorium-authority", "--key", "panel-registrar.key", "--at", "2026-02-22T10:00:00Z")
    other = panel.tell("key", "register", "panel", "other.key", *role).split("key id ")[1][:12]
    assert "only the key that imposed it may lift it" in says(panel, *lifted, "--for", other, code=4)
    key = panel.tell("key", "list", "panel")
    mine = next(line for line in key.splitlines() if "ethics-body" in line).split()[0][:12]
    says(panel, *lifted, "--for", mine, at="2026-02-22T11:00:00Z")
    assert status(panel, *BESIDE)["moratoria_heard"] == []
    assert "force-a/d-1 is authorised." in authorise(panel, *BESIDE)


def test_two_logs_may_give_two_findings_one_name_and_the_answer_says_which(panel: Desk) -> None:
    says(panel, *FINDING, "--about", "force-a/d-1")
    assert "there is a finding f-1 already" in says(panel, *FINDING, "--about", "force-a", code=4)
    assessed(panel)
    panel.tell("key", "new", "--name", "reviewer", "--out", "reviewer.key")
    panel.tell("key", "register", "a", "reviewer.key", "--role", "reviewer", "--key", "registrar.key", *AT)
    own = {"finding": "f-1", "duty": "uk.open.signage", "result": "not-met", "report": made.digest("r")}
    panel.now = "2026-02-22T09:00:00Z"
    paper = panel.paper("own", own | {"answer_due": "2026-02-20"})
    about = ("--deployment", "d-1", "--key", "reviewer.key", "--supplied-by", "outside")
    panel.tell("deployment", "enter", "a", "review.finding", paper, *about)
    panel.now = NOW
    told = answer(panel, *BESIDE, code=4)
    assert "f-1 may be f-1 of this log or f-1 (entry 2 of panel.example/log); name the one by its reference" in told
    reference = status(panel, *BESIDE)["found_outside"][0]["reference"]
    answer(panel, name=reference)
    assert status(panel, *BESIDE)["unanswered"] == ["f-1"]
    answer(panel, *BESIDE)
    assert status(panel, *BESIDE)["unanswered"] == []


def barred(desk: Desk, *more: str) -> bool:
    told = status(desk, *BESIDE, *more)
    return bool(told["moratoria_heard"] or told["unanswered"])


def test_no_log_of_the_forces_own_bars_or_frees_it_and_the_command_says_why(panel: Desk) -> None:
    """A force's second log, a log whose registrar the force registers, a key registered in both, a lying reader's file:
    never outside."""
    says(panel, *STOP)
    says(panel, *FINDING, "--about", "force-a")
    assert barred(panel)
    # A log opened for the force itself, named as a panel's.
    begin(panel, "second", subject="force-a")
    told = panel.tell("deployment", "status", "a", "--at", NOW, "--reader", "reader.toml", "--beside", "second/public")
    assert "second.example/log does not count as outside: it was opened as a log of force-a itself" in told
    # A log whose registrar the force's own registers.
    begin(panel, "third", made_by="registrar")
    for words in (STOP, (*FINDING, "--about", "force-a")):
        says(panel, *words, log="third")
    told = panel.tell("deployment", "status", "a", "--at", NOW, "--reader", "reader.toml", "--beside", "third/public")
    assert "its registrar is registered in the force's log" in told
    assert "stands" not in told
    assert "is not answered" not in told
    # A log that the reader's file does not name, or names with another key.
    told = panel.tell("deployment", "status", "a", *BESIDE, code=4)
    assert "[log-not-named]" in told
    assert "panel/public: the reader's file does not name panel.example/log" in told
    text = Path("reader.toml").read_text().replace("third.example", "panel.example")
    Path("reader.toml").write_text(text)
    assert "Borough ethics panel" in panel.tell("deployment", "status", "a", *BESIDE, code=2)
    # A key that the force's log registers too.
    begin(panel, "fourth")
    says(panel, *STOP, log="fourth")
    beside = ("--reader", "reader.toml", "--beside", "fourth/public")
    assert len(status(panel, *beside)["moratoria_heard"]) == 1
    panel.tell("key", "register", "a", "fourth.key", "--role", "reviewer", "--key", "registrar.key", *AT)
    assert status(panel, *beside)["moratoria_heard"] == []


def test_a_keeper_of_a_panels_log_that_forges_withholds_or_replaces_a_members_word_is_named(panel: Desk) -> None:
    says(panel, *FINDING, "--about", "force-a")
    genuine = entries(panel, "panel")
    forged = json.loads(genuine[2])
    forged["facts"]["answer_due"] = "2029-01-01"
    data = [*genuine[:2], json.dumps(forged, separators=(",", ":"), ensure_ascii=False, sort_keys=True).encode()]
    published_by_a_forger(panel, data, "www", "panel")
    told = panel.tell("record", "signed-by", "www", "panel.key", code=1)
    assert "FORGED: its signature is not by that key as the log registered it" in told
    proof = ("record", "receipt", "a-2.tlog-proof", "www", "--policy", "panel.policy")
    assert "[receipt-displaced]" in panel.tell(*proof, code=1)
    # Whoever reads the log beside the force's does not take it, and is told whose it is.
    asked = ("deployment", "status", "a", "--at", NOW, "--reader", "reader.toml", "--beside", "www")
    told = panel.tell(*asked, code=1)
    assert "[entry-signature-fails]" in told
    assert "Borough ethics panel" in told
    published_by_a_forger(panel, genuine[:2], "www", "panel")
    assert "[receipt-withheld]" in panel.tell(*proof, code=1)
    assert "FORGED" not in panel.tell("record", "signed-by", "panel", "panel.key")
    altered = Path("a.signed").read_bytes().replace(b"2026-02-20", b"2029-01-01")
    Path("b.signed").write_bytes(altered)
    assert "[entry-signature-fails]" in panel.tell("draft", "append", "panel", "b.signed", code=1)


@pytest.mark.parametrize(
    ("body", "words", "said"),
    [
        ("observer", STOP, "the log of a body of kind observer holds"),
        ("reviewer", STOP, "the log of a body of kind reviewer holds"),
        ("panel", ("moratorium", "--about", "force-a/d-1", *STOP[3:]), "is about a force, not about one deployment"),
        ("panel", (*FINDING[:4], "uk.no.such", *FINDING[5:], "--about", "force-a"), "no duty"),
        ("panel", (*FINDING, "--about", "panel-a"), "the body itself"),
    ],
)
def test_what_a_body_may_not_say_is_refused(panel: Desk, body: str, words: tuple[str, ...], said: str) -> None:
    begin(panel, "other", body=body)
    told = panel.tell("observe", words[0], "other", *words[1:], "--out", "b.draft", code=2 if "no duty" in said else 4)
    assert said in told
    assert not Path("b.draft").exists()


def test_a_log_beside_needs_a_readers_file(panel: Desk) -> None:
    assert "--beside needs --reader" in panel.tell("deployment", "status", "a", *BESIDE[2:], code=2)
