"""The commands on a deployment, on a log kept by a real PostgreSQL server: the same life, state and refusals."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.cli import test_deployment as life
from tests.cli.test_deployment import PEOPLE, Desk, at_moment, cheap_keys, opened
from tests.making import histories as made
from tests.record.conftest import postgres

from countersign.cli.main import run
from countersign.register import deployments

__all__ = ["opened", "postgres"]
FIRST = ("--at", "2026-01-01T09:00:00Z")


@pytest.fixture
def office(
    opened: Path, postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    """The keys of the other tests, and a log of its own on the server."""
    shutil.copytree(opened, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("a", "a.*"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COUNTERSIGN_POSTGRES", postgres)
    cheap_keys(monkeypatch)
    desk = Desk(tmp_path, capsys)
    monkeypatch.setattr(deployments, "current", lambda: at_moment(desk.now))
    with monkeypatch.context() as patch:
        patch.setenv("COUNTERSIGN_LOG_PASSPHRASE_FILE", "pass")
        named = ("--origin", "log.example/force-a", "--subject", "force-a", "--registrar", "registrar.key")
        assert run(["record", "init", "a", *named, "--postgres", "deployments", *FIRST]) == 0
    assert run(["deployment", "adopt", "a", "--key", "registrar.key", *FIRST]) == 0
    for name, role in PEOPLE.items():
        assert run(["key", "register", "a", f"{name}.key", "--role", role, "--key", "registrar.key", *FIRST]) == 0
    capsys.readouterr()
    return desk


@pytest.mark.slow
def test_a_life_up_to_the_opening_and_what_is_refused(office: Desk) -> None:
    life.to_the_opening(office)
    assert "[step-out-of-order]" in office.do(
        "resume", {"resumed_at": made.START, "cause_removed": True, "threshold": "0.64"}, "commander", made.START,
        code=4,
    )  # fmt: skip
    facts, sealed = made.hour(12, [made.alert(0, "2026-03-02T12:10:00Z")])
    paper = office.paper("hour", facts, dict(sealed))
    office.tell("deployment", "enter", "a", "live.hour", paper, "--deployment", "d-1", "--key", "operator.key")
    status = office.status()
    assert (status["phase"], status["counts"]["alerts"], status["irregular"]) == ("live", 1, [])
    kept = json.loads((office.home / "a" / "deployments.state").read_bytes().partition(b"\n")[0])["size"]
    (office.home / "a" / "deployments.state").unlink()
    assert office.status() == status
    assert json.loads((office.home / "a" / "deployments.state").read_bytes().partition(b"\n")[0])["size"] == kept
