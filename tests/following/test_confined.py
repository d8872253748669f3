"""A library on a disk that fills up, and fetching where no address exists but the one that is named.

Both run in namespaces of their own (``unshare``): a small tmpfs is the disk, and the network has one address.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.making.libraries import Shelf, rows

from countersign.following.fetching import fetch
from countersign.following.library import at_desk
from countersign.following.visiting import Visitor

FIRST, SECOND = rows("2026-01-05,High Street,1000,5,1,1,2"), rows("2026-02-19,High Street,900,3,0,0,0")
HERE = Path(__file__).parents[2]
#: Documentation's own addresses (RFC 5737): the first is the only one of the network.
NAMED, OTHER, PORT = "198.51.100.7", "198.51.100.8", 8099


def confined(rights: str, commands: str, what: str, home: Path, need: Callable[[str], None]) -> list[dict[str, object]]:
    """What this module writes when it is run in namespaces of its own, after some commands."""
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, rights, "sh", "-c", commands], check=False).returncode:
        need(f"permission to run unshare {rights} with {commands.split(maxsplit=1)[0]}")
    script = f'{commands} && exec "{sys.executable}" -m tests.following.test_confined {what} "{home}"'
    done = subprocess.run(
        [str(unshare), rights, "sh", "-c", script], cwd=HERE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.slow
def test_a_disk_that_fills_up_at_any_write_leaves_the_old_state_or_the_new_one_whole(
    shelf: Shelf, need: Callable[[str], None]
) -> None:
    assert shelf.add("force-a", FIRST, "2026-02-01") == 0
    disk = shelf.home / "disk"
    disk.mkdir()
    found = confined("-rm", f"mount -t tmpfs -o size=4m none '{disk}'", "disk", shelf.home, need)
    *failed, last = found
    assert last["code"] == 0
    assert len(failed) > 5
    said = set()
    for each in failed:
        assert each["code"] == 5, each
        assert each["sound"] == 0, each
        assert each["releases"] == (2 if "what was entered is kept" in str(each["said"]) else 1), each
        said.add(str(each["said"]).split("[")[-1])
    assert said == {"cannot-write]", "log-store-missing]", "entered-not-published]"}


@pytest.mark.slow
def test_fetching_works_where_only_the_named_address_exists(shelf: Shelf, need: Callable[[str], None]) -> None:
    only = f"ip link set lo up && ip addr add {NAMED}/32 dev lo && ip addr del 127.0.0.1/8 dev lo"
    [named, other] = confined("-rn", only, "network", shelf.home, need)
    assert named == {"outcome": "new", "asked": ["/robots.txt", "/lfr.csv"]}
    assert other["outcome"] == "not-served"
    assert len(shelf.library.state.releases) == 1


def _disk(home: Path) -> None:
    """Add a release on a disk with ever more room, until there is enough; a line for each try."""
    disk, code, free = home / "disk", 1, 0
    while code:
        for left in disk.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        shutil.copytree(home, disk, dirs_exist_ok=True, ignore=lambda *_: ["disk"])
        shelf = Shelf(disk)
        (disk / "new.csv").write_text(SECOND)
        ballast = disk / "ballast"
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(4096)):
                pass
        with ballast.open("r+b") as file:
            file.truncate(max(0, ballast.stat().st_size - free))
        with contextlib.redirect_stderr(error := io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            code = shelf.run("add", "force-a", str(disk / "new.csv"), "--published", "2026-03-01")
            ballast.unlink()
            sound = shelf.run("status", "--bytes")
        said = " ".join(error.getvalue().split())
        print(json.dumps({"code": code, "said": said, "sound": sound, "releases": len(shelf.library.state.releases)}))
        free += 8192


def _network(home: Path) -> None:
    """Fetch from the one address that there is, and from another; a line for each."""
    from tests.following.test_fetching import Server, sent

    server = Server(NAMED, PORT)
    server.answers["/lfr.csv"] = sent(FIRST.encode())
    shelf = Shelf(home)
    for address in (NAMED, OTHER):
        text = f'[grid]\nforce = "force-a"\naddress = "http://{address}:{PORT}/lfr.csv"\nprivate = ["{address}"]\n'
        (shelf.folder / "sources.toml").write_text(text)
        with at_desk(shelf.library, lambda _: b"a passphrase") as desk:
            [visited] = fetch(desk, visitor=lambda source: Visitor(frozenset(source.private), pause=0, stalled=2))
        print(json.dumps({"outcome": visited.outcome, "asked": [path for path, _ in server.asked]}))


if __name__ == "__main__":
    {"disk": _disk, "network": _network}[sys.argv[1]](Path(sys.argv[2]))
