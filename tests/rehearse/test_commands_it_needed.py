"""Commands that rehearsing showed to be wanting: batches of statements, gates at every door, the programme opened."""

from __future__ import annotations

import datetime
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import Played

from countersign.cli.main import run
from countersign.record.bundle import parse_bundle
from countersign.register.deployments import Work
from countersign.surroundings import REAL, Surroundings, surrounded

NOTE = {"kind": "review.statistics", "facts": {}}
LATER = datetime.datetime(2026, 5, 1, 9, tzinfo=datetime.UTC)


@pytest.fixture
def force(quiet: Played, tmp_path: Path) -> Iterator[Path]:
    """A copy of what the force has, a month after the rehearsal ended."""
    folder = tmp_path / "force"
    shutil.copytree(quiet.out / "force", folder)
    with surrounded(Surroundings(lambda: LATER, REAL.random_bytes)):
        yield folder


def enter(force: Path, *words: str | Path, role: str) -> int:
    signed = ["--key", force / "keys" / f"{role}.key", "--passphrase-file", force / "passphrase.txt"]
    return run(["deployment", *map(str, words), *map(str, signed)])


@pytest.mark.parametrize(
    ("lines", "code", "named"),
    [
        (["{"], 2, "statements-batch-malformed"),
        ([json.dumps({**NOTE, "signature": "x"})], 2, "statements-batch-malformed"),
        ([json.dumps({"kind": "live.opened", "facts": {}})], 2, "has a command of its own"),
        ([json.dumps({**NOTE, "supplied_by": "nobody"})], 2, "statements-batch-malformed"),
        ([], 2, "statements-batch-malformed"),
    ],
)
def test_a_batch_that_is_none_is_refused_with_its_line(
    force: Path, lines: list[str], code: int, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = tmp_path / "batch.jsonl"
    batch.write_text("\n".join(lines))
    words = ("enter-batch", force / "log", batch, "--deployment", "quiet-high-street")
    assert enter(force, *words, role="engineer") == code
    assert named in capsys.readouterr().err


def test_a_batch_is_entered_whole_or_not_at_all(
    force: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tested = {"tested_at": "2026-05-01T08:30:00Z", "files_asked": 2, "files_found": 2}
    good = json.dumps({"kind": "review.retrieval-test", "facts": tested})
    bad = json.dumps({"kind": "review.retrieval-test", "facts": {**tested, "files_asked": -1}})
    batch = tmp_path / "batch.jsonl"
    words = ("enter-batch", force / "log", batch, "--deployment", "quiet-high-street")
    before = (force / "log" / "entries.db").read_bytes()
    batch.write_text(f"{good}\n{bad}\n")
    assert enter(force, *words, role="data-protection-officer") == 2
    assert f"{batch}, line 2: " in capsys.readouterr().err
    assert (force / "log" / "entries.db").read_bytes() == before
    batch.write_text(f"{good}\n{good}\n")
    assert enter(force, *words, role="data-protection-officer") == 0
    assert capsys.readouterr().out.count("kept durably") == 2


def test_no_kind_is_entered_past_its_gate_by_another_door(
    force: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Work, "unmet", lambda *_: {"uk.made-up": "nothing was shown"})
    paper = next((force / "papers").glob("*-publish-results.json"))
    words = ("enter", force / "log", "publish.results", paper, "--deployment", "quiet-high-street")
    assert enter(force, *words, role="press-officer") == 4
    assert "duty-unmet" in capsys.readouterr().err


def test_a_bundle_opens_what_the_programme_sealed_too(quiet: Played) -> None:
    bundle = parse_bundle((quiet.out / "quiet-high-street.bundle").read_bytes())
    about = {one.index: json.loads(one.data)["subject"] for one in bundle.entries}
    opened = {about[one.entry] for one in bundle.openings}
    assert opened == {"force-a", "force-a/quiet-high-street"}
