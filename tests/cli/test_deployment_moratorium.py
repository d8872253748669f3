"""A moratorium on the command line: an outside key of the trust policy stops the force, another does not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.cli.test_deployment import Desk, office, opened
from tests.making import histories as made

__all__ = ["office", "opened"]

REGISTERED = ("--at", "2026-01-02T09:00:00Z")
SEALED = {"reasons": made.REASONS, "place": made.place()}
IMPOSED = {"reason": "oversight", "decision": made.digest("d"), "starts_at": "2026-02-22T09:00:00Z"}


def body(desk: Desk, name: str, *, role: str = "moratorium-authority") -> str:
    """A body's key, made and registered; what a trust policy names it by."""
    printed = desk.tell("key", "new", "--name", f"{name}.example", "--out", f"{name}.key").splitlines()[0]
    desk.tell("key", "register", "a", f"{name}.key", "--role", role, "--key", "registrar.key", *REGISTERED)
    return printed


def trust(desk: Desk, *lines: str) -> tuple[str, str]:
    """A policy with the log's own key and these lines, as an option."""
    log = next(line for line in (desk.home / "a" / "log.key").read_text().splitlines() if line.startswith("key "))
    (desk.home / "trust.policy").write_text("".join(f"{one}\n" for one in (f"log {log[4:]}", *lines, "quorum none")))
    return "--policy", "trust.policy"


def impose(desk: Desk, who: str, *, at: str = "2026-02-22T09:00:00Z") -> int:
    desk.now = at
    paper = desk.paper("stop", IMPOSED)
    told = desk.tell("deployment", "enter", "a", "programme.moratorium", paper, "--key", f"{who}.key",
                     "--supplied-by", "outside")  # fmt: skip
    return int(told.split(":")[0].removeprefix("entry "))


def assessed(desk: Desk) -> Desk:
    desk.now = "2026-01-05T09:00:00Z"
    paper = desk.paper("policy", made.policy())
    desk.tell("deployment", "enter", "a", "programme.policy", paper, "--key", "owner.key")
    case = {"objective": "Find those wanted.", "intelligence": "Sightings.", "alternatives": []}
    sealed = {"place": made.place(), "case": case}
    desk.do("propose", made.proposal(), "applicant", "2026-02-20T09:00:00Z", sealed)
    desk.do("assess", made.assessment(), "assessor", "2026-02-21T09:00:00Z")
    return desk


def authorise(desk: Desk, *policy: str) -> str:
    """Authorised under an override of the duties; the first words of what was told."""
    at = "2026-02-23T09:00:00Z"
    desk.now = at
    asked = ("deployment", "status", "a", "d-1", "--gate", "authorise", "--json", "--at", at, *policy)
    duties = json.loads(desk.tell(*asked))["deployments"][0]["barred_by"]
    if duties:
        override = {
            "gate": "authorise", "duties": duties, "officer_rank": "superintendent", "reason": "evidence-follows",
            "expires_at": "2026-02-23T10:00:00Z",
        }  # fmt: skip
        paper = desk.paper("override", override, {"reasons": {"reasons": "Entered in this test without its papers."}})
        desk.tell(
            "deployment", "enter", "a", "authorise.override", paper, "--deployment", "d-1", "--key", "commander.key"
        )
    paper = desk.paper("authority", made.authority(), SEALED)
    from countersign.cli.main import run

    run(["deployment", "authorise", "a", "d-1", paper, "--key", "officer.key", *policy])
    captured = desk.capsys.readouterr()
    assert "Traceback" not in captured.err
    return captured.out + captured.err


def overall(desk: Desk, *policy: str) -> dict[str, Any]:
    told = desk.tell("deployment", "status", "a", "--json", "--at", "2026-02-23T09:00:00Z", *policy)
    found: dict[str, Any] = json.loads(told)
    return found


def test_an_outside_key_of_the_policy_stops_authority_until_it_lifts(office: Desk) -> None:
    policy = trust(office, f"log {body(office, 'ombudsman')}")
    entry = impose(assessed(office), "ombudsman")
    told = authorise(office, *policy)
    assert "[moratorium-stands]" in told
    assert f"the moratorium of entry {entry} has stood since 2026-02-22T09:00:00Z" in told
    asked = ("deployment", "status", "a", "d-1", "--gate", "authorise", "--at", "2026-02-23T09:00:00Z", *policy)
    told = office.tell(*asked)
    assert f"A moratorium stands (entry {entry}); no authority can be given." in told
    assert f"the step authorise is stopped by the moratorium of entry {entry}" in told
    lifted = {"moratorium": entry, "decision": made.digest("l"), "lifted_at": "2026-02-23T08:00:00Z"}
    office.now = "2026-02-23T08:00:00Z"
    paper = office.paper("lifted", lifted)
    lifting = ("deployment", "enter", "a", "programme.moratorium-lifted", paper, "--supplied-by", "outside")
    assert "[role-not-held]" in office.tell(*lifting, "--key", "officer.key", code=4)
    office.tell(*lifting, "--key", "ombudsman.key")
    assert "force-a/d-1 is authorised." in authorise(office, *policy)


def test_a_key_that_the_policy_does_not_name_stops_nothing_and_is_shown(office: Desk) -> None:
    policy = trust(office, f"log {body(office, 'ombudsman')}")
    body(office, "friend")
    entry = impose(assessed(office), "friend")
    assert overall(office)["moratoria"] == [entry]
    under = overall(office, *policy)
    assert (under["moratoria"], under["moratoria_without_effect"], under["outside_keys"]) == ([], [entry], 1)
    told = office.tell("deployment", "status", "a", "--at", "2026-02-23T09:00:00Z", *policy)
    assert f"The moratorium of entry {entry} stops nothing: its key is not an outside key of the trust policy." in told
    assert "force-a/d-1 is authorised." in authorise(office, *policy)


def test_without_a_policy_the_registered_role_stops_and_a_compilers_copy_does_not(office: Desk) -> None:
    body(office, "compiler", role="compiler")
    entry = impose(assessed(office), "compiler")
    told = office.tell("deployment", "status", "a", "--at", "2026-02-23T09:00:00Z")
    assert f"The moratorium of entry {entry} stops nothing: its key is not registered in the log for that." in told
    body(office, "ombudsman")
    second = impose(office, "ombudsman")
    assert overall(office)["moratoria"] == [second]
    lifted = {"moratorium": second, "decision": made.digest("l"), "lifted_at": "2026-02-22T10:00:00Z"}
    office.now = "2026-02-22T10:00:00Z"
    paper = office.paper("lifted", lifted)
    office.tell("deployment", "enter", "a", "programme.moratorium-lifted", paper, "--key", "compiler.key",
                "--supplied-by", "outside")  # fmt: skip
    assert overall(office)["moratoria"] == [second]
    assert "[moratorium-stands]" in authorise(office)


@pytest.mark.parametrize(
    ("text", "code"), [(None, "policy-missing"), ("log nothing\nquorum none\n", "policy-malformed")]
)
def test_a_policy_that_is_none(office: Desk, text: str | None, code: str) -> None:
    if text is not None:
        (office.home / "trust.policy").write_text(text)
    told = office.tell("deployment", "status", "a", "--policy", "trust.policy", code=5 if text is None else 2)
    assert f"[{code}]" in told
    assert "trust.policy" in told
