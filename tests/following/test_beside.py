"""Which releases another library's log names with the same digest, and by what cosigned day."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.making.libraries import Shelf, made, rows
from tests.making.logs import private

from countersign.record.tlog.checkpoint import Cosigner, SignedCheckpoint

SAME, OURS, THEIRS = (rows(f"2026-01-0{day},High Street,1000,5,1,1,2") for day in (5, 6, 7))
WITNESS = Cosigner("overseer.example/witness", private("overseer"))


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """The published log of another library, which holds one release of ours too."""
    home = tmp_path / "theirs"
    home.mkdir()
    other = made(home)
    assert other.add("force-a", THEIRS, "2026-01-10") == 0
    assert other.add("force-a", SAME, "2026-02-02") == 0
    return other.folder / "log" / "public"


def cosigned(public: Path, seconds: int = 1_772_500_000) -> None:
    head = SignedCheckpoint.parse((public / "checkpoint").read_bytes())
    (public / "checkpoint").write_bytes(head.note.adding(WITNESS.cosign(head.checkpoint, seconds)).render())


def policy(folder: Path, public: Path, *, quorum: str = "none") -> Path:
    key = (public.parent / "log.vkey").read_text().strip()
    file = folder / "trust.policy"
    file.write_text(f"log {key}\nwitness overseer {WITNESS.key.render()}\nquorum {quorum}\n")
    return file


def beside(shelf: Shelf, public: Path, trusted: Path, *more: str) -> int:
    return shelf.run("status", "--beside", str(public), "--policy", str(trusted), *more)


def test_what_another_library_holds_too_is_said_with_its_own_day_or_the_cosigned_one(
    shelf: Shelf, theirs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.add("force-a", OURS, "2026-01-11")
    shelf.add("force-a", SAME, "2026-02-01")
    trusted = policy(tmp_path, theirs)
    capsys.readouterr()
    assert beside(shelf, theirs, trusted) == 0
    said = capsys.readouterr().out
    assert "1 of 2 releases also held by another library named" in said
    assert "since 1 March 2026 by its own word, as no witness has cosigned its head" in said
    assert "there as published on 2 February 2026" in said
    cosigned(theirs)
    trusted = policy(tmp_path, theirs, quorum="overseer")
    assert beside(shelf, theirs, trusted, "--json") == 0
    [found] = json.loads(capsys.readouterr().out)["also_held"]
    assert found["release"]["published"] == "2026-02-01"
    assert "by 3 March 2026, cosigned by overseer" in found["said"]


def test_what_does_not_hold_under_the_policy_is_not_taken(
    shelf: Shelf, theirs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.add("force-a", SAME, "2026-02-01")
    assert beside(shelf, theirs, policy(tmp_path, theirs, quorum="overseer")) == 1
    assert beside(shelf, theirs, policy(tmp_path, shelf.folder / "log" / "public")) == 1
    trusted = policy(tmp_path, theirs)
    for name in ("missing", "empty"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        assert beside(shelf, tmp_path / name, trusted) == 5
    capsys.readouterr()
    assert shelf.run("status", "--beside", str(theirs)) == 2
    assert "--beside needs --policy" in capsys.readouterr().err
    for entries in (path for path in theirs.glob("tile/entries/**/*") if path.is_file()):
        data = bytearray(entries.read_bytes())
        data[len(data) // 2] ^= 1
        entries.write_bytes(data)
    assert beside(shelf, theirs, trusted) == 1
    assert "Traceback" not in capsys.readouterr().err
