"""The locks carry hashes for every requirement, and no address, path or index of anybody's machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
REQUIREMENT = re.compile(r"^[a-z0-9][a-z0-9._-]*(\[[a-z0-9,_-]+\])?==\S+( ; [^\\]+)? \\$")


def test_there_are_locks_for_running_developing_benches_and_the_tools_of_others() -> None:
    assert [path.name for path in LOCKS] == ["bench.lock", "dev.lock", "peers.lock", "run.lock"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_line_is_a_requirement_or_its_hash(lock: Path) -> None:
    lines = lock.read_text(encoding="utf-8").splitlines()
    requirements = [line for line in lines if not line.startswith("    --hash=sha256:")]
    assert len(requirements) > 10
    for line in requirements:
        assert REQUIREMENT.match(line), f"{lock.name}: {line}"
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line in requirements:
            assert re.match(r"^    --hash=sha256:[0-9a-f]{64}", following), f"{lock.name}: {line} has no hash"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_no_lock_names_an_address_or_a_path(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert not re.search(r"://|--(index|extra|find|trusted)|file:|(^|\s)/\w|@ ", text, re.MULTILINE)


def test_the_run_lock_is_part_of_the_others() -> None:
    def pins(name: str) -> set[str]:
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        return {line.split(" ")[0] for line in text.splitlines() if "==" in line and not line.startswith(" ")}

    assert pins("run.lock") <= pins("dev.lock") <= pins("bench.lock")
    assert pins("dev.lock") <= pins("peers.lock")
