"""Files written whole or not at all, and nothing of a killed writer left for good."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from countersign.output import STALE_SECONDS, CannotWrite, sweep, write_all, write_whole


def leftover(folder: Path, name: str, *, old: bool = True) -> Path:
    path = folder / name
    path.write_bytes(b"half")
    age = STALE_SECONDS + 60 if old else STALE_SECONDS - 60
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def names(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir()}


def test_a_killed_writers_file_goes_when_the_same_target_is_written_an_hour_later(tmp_path: Path) -> None:
    script = (
        "import os, pathlib, sys; from countersign import output\n"
        "output.os.fsync = lambda handle: os.kill(os.getpid(), 9)\n"
        "output.write_whole(pathlib.Path(sys.argv[1]) / 'state.txt', b'half')"
    )
    assert subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False).returncode == -9
    [part] = tmp_path.iterdir()
    write_whole(tmp_path / "state.txt", b"whole")
    assert names(tmp_path) == {part.name, "state.txt"}, "it may still be being written"
    os.utime(part, (0, 0))
    write_whole(tmp_path / "state.txt", b"whole again")
    assert names(tmp_path) == {"state.txt"}


def test_only_stale_files_of_the_same_targets_go(tmp_path: Path) -> None:
    gone = [leftover(tmp_path, ".a.json.x1_z5678.part"), leftover(tmp_path, ".b (1).json.abcdefgh.part")]
    kept = [
        leftover(tmp_path, ".a.json.12345678.part", old=False),
        leftover(tmp_path, ".c.json.12345678.part"),
        leftover(tmp_path, ".a.json.part"),
        leftover(tmp_path, "a.json.12345678.part"),
        leftover(tmp_path, ".a.json.UPPERCAS.part"),
        leftover(tmp_path, ".aXjson.12345678.part"),
    ]
    (tmp_path / ".a.json.87654321.part").mkdir()
    write_all(tmp_path, {"a.json": b"1", "b (1).json": b"2"})
    assert not any(one.exists() for one in gone)
    assert all(one.exists() for one in kept)
    assert (tmp_path / ".a.json.87654321.part").is_dir()


def test_a_folder_of_its_own_is_swept_of_all_of_them(tmp_path: Path) -> None:
    leftover(tmp_path, ".4711.12345678.part")
    kept = leftover(tmp_path, ".4711.87654321.part", old=False)
    (tmp_path / "4711").write_bytes(b"whole")
    sweep(tmp_path)
    assert names(tmp_path) == {"4711", kept.name}
    sweep(tmp_path / "none")


def test_what_cannot_be_written_leaves_the_old_and_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_all(tmp_path, {"a": b"old", "b": b"old"})

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotWrite, match="No space left on device"):
        write_all(tmp_path, {"a": b"new", "b": b"new"})
    assert names(tmp_path) == {"a", "b"}
    assert (tmp_path / "a").read_bytes() == b"old"
