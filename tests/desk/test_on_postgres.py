"""A desk whose database is PostgreSQL, over a log that PostgreSQL keeps: from the first link to an entry."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.desk.conftest import begun_log
from tests.record.conftest import postgres

from countersign.desk.conf import settings_of
from countersign.desk.folder import Desk, DeskMalformed, read_settings
from countersign.register.logs import Places

__all__ = ["postgres"]
#: A desk is one to a process: this one signs in, enters, seals, signs elsewhere and appends, and prints what it sees.
JOURNEY = """
import json, re, sys
from pathlib import Path
from countersign.desk.conf import ready
from countersign.desk.folder import read_desk
from countersign.desk.serve import link_key, code_now
desk = read_desk(Path(sys.argv[1]))
ready(desk)
from django.db import connection
from django.test import Client
from tests.desk.conftest import line_of
from tests.desk.test_entering import proposal, sealed_draft, signed
from countersign.surroundings import REAL, surrounded
client, password = Client(headers={"host": "localhost"}), "a long enough password"
link = link_key(desk, "applicant", line_of("applicant"))
begun = client.post(link, {"password": password, "again": password}).status_code
client.post("/sign-in/", {"login": "applicant", "password": password})
client.post("/again/", {"password": password})
secret = re.search("Secret: <code>([A-Z2-7]+)<", client.get("/second/app/").content.decode())[1]
client.post("/second/app/", {"code": code_now(secret)})
name = sealed_draft(client, proposal())
client.post("/again/", {"password": password})
answer = client.post(f"/drafts/{name}/append/", {"signed": signed(client, name, "applicant").decode()})
shown = client.get(answer.headers["Location"]).content.decode()
print(json.dumps([connection.vendor, begun, client.get("/health/").status_code, "A deployment is proposed" in shown]))
"""


@pytest.mark.slow
def test_from_the_first_link_to_an_entry(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERSIGN_POSTGRES", postgres)
    log = begun_log(tmp_path / "a", Places(postgres_log="desk_over"))
    words = [sys.executable, "-c", "from countersign.cli.main import main; main()", "desk", "init"]
    given = ["--log", str(log), "--database", postgres]
    made_here = subprocess.run([*words, str(tmp_path / "desk"), *given], capture_output=True, text=True, check=True)
    assert "/begin/" in made_here.stdout
    assert not (tmp_path / "desk" / "desk.db").exists()
    assert (tmp_path / "desk" / "desk.toml").stat().st_mode & 0o777 == 0o600
    journey = subprocess.run(
        [sys.executable, "-c", JOURNEY, str(tmp_path / "desk")], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert journey.returncode == 0, journey.stderr
    assert json.loads(journey.stdout) == ["postgresql", 302, 200, True]
    away = [*given[:-1], "postgresql:///none?host=/nowhere"]
    refused = subprocess.run([*words, str(tmp_path / "no"), *away], capture_output=True, text=True, check=False)
    assert (refused.returncode, "desk-database-away" in refused.stderr) == (5, True), refused.stderr
    assert list((tmp_path / "no").iterdir()) == []


def options(address: str) -> dict[str, object]:
    text = f'form = "countersign-desk/1"\nlog = "a"\ndatabase = {json.dumps(address)}\n'
    found = settings_of(Desk(Path(), read_settings(text.encode(), "desk.toml")))
    kept: dict[str, object] = found["DATABASES"]["default"]["OPTIONS"]
    return kept


def test_a_server_elsewhere_shows_its_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGSSLMODE", raising=False)
    monkeypatch.setattr(Desk, "secret", "x")
    assert options("postgresql://db.example/desk")["sslmode"] == "verify-full"
    assert "sslmode" not in options("postgresql:///desk?host=/run/postgresql")
    for wrong in ("postgresql://db.example", "nothing of the kind"):
        with pytest.raises(DeskMalformed):
            options(wrong)
