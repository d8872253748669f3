"""A moratorium from outside the log: a note signed by a key of the trust policy that the registrar never registered."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.test_deployment import Desk, office, opened
from tests.cli.test_deployment_moratorium import assessed, authorise, overall, trust

__all__ = ["office", "opened"]

FROM = "2026-02-22T09:00:00Z"
NOTE = ("--moratorium", "stop.note")


def outsider(desk: Desk, name: str = "ombudsman") -> str:
    """A body's key, made and never registered; the policy's line for it."""
    printed = desk.tell("key", "new", "--name", f"{name}.example", "--out", f"{name}.key").splitlines()[0]
    return f"log {printed}"


def sign(desk: Desk, *, by: str = "ombudsman", force: str = "force-a", until: str = "open", code: int = 0) -> str:
    return desk.tell(
        "deployment", "moratorium", force, "--from", FROM, "--until", until, "--ground", "OMB/2026/14",
        "--key", f"{by}.key", "--out", "stop.note", code=code,
    )  # fmt: skip


@pytest.mark.slow
def test_a_note_of_an_outside_key_stops_authority_though_the_registrar_registered_nobody(office: Desk) -> None:
    line = outsider(office)
    policy = trust(office, line)
    assert line in sign(office)
    told = authorise(assessed(office), *policy, *NOTE)
    assert "[moratorium-stands]" in told
    assert f"the moratorium of ombudsman.example, heard from outside the log, has stood since {FROM}" in told
    assert overall(office, *policy)["moratoria"] == []
    assert overall(office, *policy)["moratoria_heard"] == []
    heard = {"body": "ombudsman.example", "starts_at": FROM, "ends_at": None, "ground": "OMB/2026/14"}
    assert overall(office, *policy, *NOTE)["moratoria_heard"] == [heard]
    at = "2026-02-23T09:00:00Z"
    told = office.tell("deployment", "status", "a", "d-1", "--gate", "authorise", "--at", at, *policy, *NOTE)
    assert f"A moratorium of ombudsman.example, heard from outside the log, stands since {FROM}" in told
    assert "the step authorise is stopped by the moratorium of ombudsman.example" in told
    # Whoever does not pass it is not held by it, as the document says.
    assert "force-a/d-1 is authorised." in authorise(office, *policy)


def test_a_note_goes_when_its_time_is_over(office: Desk) -> None:
    policy = trust(office, outsider(office))
    sign(office, until="2026-02-23T09:00:00Z")
    assert "force-a/d-1 is authorised." in authorise(assessed(office), *policy, *NOTE)
    sign(office, until="2026-02-23T09:00:01Z")
    assert len(overall(office, *policy, *NOTE)["moratoria_heard"]) == 1


def test_a_note_for_another_force_by_another_key_or_altered_is_refused(office: Desk) -> None:
    policy = trust(office, outsider(office))
    asked = ("deployment", "status", "a", *policy, *NOTE)
    sign(office, force="force-b")
    told = office.tell(*asked, code=4)
    assert "[subject-wrong]" in told
    assert "stop.note: the moratorium is for force-b, not for force-a" in told
    outsider(office, "friend")
    sign(office, by="friend")
    told = office.tell(*asked, code=1)
    assert "[moratorium-unproved]" in told
    assert "signed in the name of friend.example, by none of the outside keys" in told
    sign(office)
    note = Path(office.home / "stop.note")
    note.write_bytes(note.read_bytes().replace(b"2026/14", b"2026/15"))
    told = office.tell(*asked, code=1)
    assert "[moratorium-unproved]" in told
    assert "the signature of ombudsman.example does not belong to this text" in told


def test_the_logs_own_key_is_no_outside_key(office: Desk) -> None:
    policy = trust(office)
    office.tell(
        "deployment", "moratorium", "force-a", "--until", "open", "--ground", "x", "--key", "a/log.key",
        "--out", "stop.note",
    )  # fmt: skip
    assert "[moratorium-unproved]" in office.tell("deployment", "status", "a", *policy, *NOTE, code=1)


def test_a_note_needs_a_policy_a_file_and_its_form(office: Desk) -> None:
    policy = trust(office, outsider(office))
    assert "--moratorium needs --policy" in office.tell("deployment", "status", "a", *NOTE, code=2)
    assert "[input-missing]" in office.tell("deployment", "status", "a", *policy, *NOTE, code=5)
    Path(office.home / "stop.note").write_text("no note")
    told = office.tell("deployment", "status", "a", *policy, *NOTE, code=2)
    assert "[note-malformed]" in told
    assert "stop.note" in told


@pytest.mark.parametrize(("until", "said"), [("soon", "is not a time"), (FROM, "not after it begins")])
def test_a_note_that_cannot_be_signed(office: Desk, until: str, said: str) -> None:
    outsider(office)
    told = sign(office, until=until, code=2)
    assert "[moratorium-malformed]" in told
    assert said in told
    assert not Path(office.home / "stop.note").exists()
