"""Verifying, looking into a log from outside and reviewing work where there is no ``fcntl``, as on Windows.

Each command runs in a process of its own in which ``fcntl`` cannot be imported and the flags of ``os.open`` that
Windows lacks are gone. What verifies must not import what keeps a log either.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests" / "fixtures" / "v0.1"
BUNDLE, POLICY, PUBLISHED = FIXTURES / "bundles/court.bundle", FIXTURES / "trust.policy", FIXTURES / "site/log"

AS_ON_WINDOWS = """
import os, sys
sys.modules["fcntl"] = None
for name in ("O_NONBLOCK", "O_CLOEXEC", "O_NOFOLLOW", "O_DIRECTORY"):
    delattr(os, name)
from countersign.cli.main import run
code = run(sys.argv[1:])
keeps = ("countersign.record.store.", "countersign.record.keeping.")
kept = sorted(name for name in sys.modules if name.startswith(keeps))
print("keeping:", *kept, file=sys.stderr)
sys.exit(code)
"""


def started(folder: Path, *words: str | Path) -> tuple[str, list[str]]:
    """Run a command, which must end with 0; returns what it printed, and the modules imported that keep a log."""
    process = subprocess.run(
        [sys.executable, "-c", AS_ON_WINDOWS, *map(str, words)], capture_output=True, text=True, timeout=240,
        cwd=folder, check=False,
    )  # fmt: skip
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout, process.stderr.splitlines()[-1].split()[1:]


def test_fcntl_is_truly_missing_there(tmp_path: Path) -> None:
    code = AS_ON_WINDOWS + "\nimport fcntl"
    process = subprocess.run(
        [sys.executable, "-c", code.replace("sys.exit(code)", ""), "--version"], capture_output=True, text=True,
        cwd=tmp_path, check=False,
    )  # fmt: skip
    assert "ModuleNotFoundError: import of fcntl halted" in process.stderr


@pytest.mark.parametrize("file", ["bundles/court.bundle", "bundles/entry-7.proof", "site/log/checkpoint"])
def test_verify(tmp_path: Path, file: str) -> None:
    said, keeping = started(tmp_path, "verify", FIXTURES / file, "--policy", POLICY)
    assert "Unaltered since signed by rehearsal.invalid/force-a" in said
    assert keeping == []


def test_record_show_of_published_files(tmp_path: Path) -> None:
    said, keeping = started(tmp_path, "record", "show", PUBLISHED)
    assert said.splitlines()[-1] == "rehearsal.invalid/force-a: 161 entries; published up to 161"
    assert keeping == []


def test_record_show_of_a_bundle(tmp_path: Path) -> None:
    said, keeping = started(tmp_path, "record", "show", BUNDLE, "7")
    of_published, _ = started(tmp_path, "record", "show", PUBLISHED, "7")
    assert said == of_published
    assert said.startswith("entry 7: ")
    assert keeping == []


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (("shipped:met",), None),
        ((BUNDLE, "--policy", POLICY), "bundle"),
        (("shipped:bridges-2017-12-21",), "case"),
        ((PUBLISHED, "--policy", POLICY, "--deployment", "quiet-high-street"), "published log"),
    ],
    ids=["file", "bundle", "case", "published files"],
)
def test_review(tmp_path: Path, source: tuple[str | Path, ...], kind: str | None) -> None:
    _, keeping = started(tmp_path, "review", *source, "--format", "json", "--out", "review", "--as-of", "2026-04-02")
    review = json.loads((tmp_path / "review/review.json").read_bytes())
    assert kind in (None, review["sources"][0]["kind"])
    assert keeping == []
