"""Releases are added whole or not at all, in their order, and what is read of them stands apart from their bytes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.making.libraries import Shelf, rows

from countersign.following.library import Desk
from countersign.output import CannotWrite
from countersign.releases.vault import Vault

FIRST = rows("2026-01-05,High Street,1000,5,1,1,2", "2026-01-12,High Street,1200,6,0,0,1")


def _files(folder: Path) -> dict[str, bytes]:
    """All that the library holds, but for what SQLite and locks leave."""
    skipped = (".lock", ".appending", ".publishing", "-wal", "-shm", "index")
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(skipped)
    }


def test_a_release_is_kept_read_and_entered(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    assert shelf.add("Force A", FIRST, "2026-02-01", "--from", "https://force-a.example/lfr") == 0
    [release] = shelf.library.state.releases
    assert (release.force, release.published, release.fetched) == ("force-a", "2026-02-01", "2026-03-01T09:00:00Z")
    assert shelf.library.vault.get(release.digest) == FIRST.encode()
    assert "2 rows; 5 to 12 January 2026" in capsys.readouterr().out
    entries = b"".join((shelf.folder / "log" / "entries.db").read_bytes() for _ in range(1))
    assert b"force-a.example" not in entries
    assert shelf.library.addresses() == {release.digest: "https://force-a.example/lfr"}
    assert shelf.run("status", "--all", "--bytes") == 0
    said = capsys.readouterr().out
    assert "Force A (force-a)" in said
    assert "20 days after its last day" in said


def test_the_same_bytes_are_not_added_twice(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    assert (shelf.add("force-a", FIRST), shelf.add("force-a", FIRST)) == (0, 0)
    assert "Already held" in capsys.readouterr().out
    assert len(shelf.library.state.releases) == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("force-a", "2026-01-20"), 4, "before the last one, of 1 February 2026"),
        (("force-a", "2026-03-02"), 4, "published on 2 March 2026, which is after today"),
        (("force-x", ""), 2, "no force of the list"),
        (("force-a", "", "--series", "Fixed Cameras"), 4, "'Fixed Cameras' is no short name"),
        (("force-a", "", "--period", "2026"), 4, "'2026' is no period"),
        (("force-a", "", "--period", "2026-02-01..2026-01-01"), 4, "ends before it begins"),
        (("force-a", "", "--map", "no.toml"), 5, "no.toml"),
    ],
)
def test_what_does_not_fit_is_one_sentence_and_nothing_is_added(
    shelf: Shelf, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, said: str
) -> None:
    assert shelf.add("force-a", FIRST, "2026-02-01") == 0
    before = _files(shelf.folder)
    capsys.readouterr()
    assert shelf.add(words[0], rows("2026-01-19,High Street,900,3,0,0,0"), *words[1:]) == code
    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) == 2
    assert _files(shelf.folder) == before


def test_a_release_that_was_missed_takes_its_place(shelf: Shelf) -> None:
    assert shelf.add("force-a", FIRST, "2026-02-01") == 0
    older = rows("2025-12-05,High Street,1000,5,1,1,2")
    assert shelf.add("force-a", older, "2026-01-02", "--earlier") == 0
    assert [release.published for release in sorted(shelf.library.state.releases, key=lambda each: each.ordered)] == [
        "2026-01-02", "2026-02-01",
    ]  # fmt: skip


def test_a_map_that_no_longer_fits_leaves_the_release_without_a_reading(
    shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    layout = shelf.home / "theirs.toml"
    layout.write_text('[columns]\ndate = "When"\nplace = "Where"\nalerts = "Hits"\n')
    assert shelf.add("force-a", "When,Where,Hits\n2026-01-05,A,3\n", "2026-02-01", "--map", str(layout)) == 0
    capsys.readouterr()
    assert shelf.add("force-a", "When,Where,Strikes\n2026-01-05,A,3\n2026-02-05,B,4\n", "2026-03-01") == 0
    said = capsys.readouterr().out
    assert "Kept, and its reading is missing: theirs: " in said
    assert "heading 'Strikes' (column 3" in said
    [_, last] = shelf.library.state.releases
    assert shelf.library.reading(last) is not None
    assert shelf.library.vault.holds(last.digest)
    layout = shelf.home / "newer.toml"
    layout.write_text('[columns]\ndate = "When"\nplace = "Where"\nalerts = "Strikes"\n')
    (shelf.folder / "maps" / "force-a" / "newer.toml").write_bytes(layout.read_bytes())
    assert shelf.run("read", "force-a") == 0
    assert "2 rows" in capsys.readouterr().out
    [_, last] = shelf.library.state.releases
    reading = shelf.library.reading(last)
    assert reading is not None
    assert (reading.map_name, len(shelf.library.state.readings["force-a", last.digest])) == ("newer", 2)
    assert shelf.run("read") == 0
    assert "Nothing is read otherwise." in capsys.readouterr().out


def test_a_full_disk_leaves_the_old_state_whole(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shelf.add("force-a", FIRST, "2026-02-01") == 0
    before = _files(shelf.folder)

    def full(*_: object) -> str:
        raise CannotWrite("readings: No space left on device")

    capsys.readouterr()
    monkeypatch.setattr("countersign.releases.kept.Readings.keep", full)
    assert shelf.add("force-a", rows("2026-02-19,High Street,900,3,0,0,0"), "2026-03-01") == 5
    assert "No space left on device" in capsys.readouterr().err
    assert _files(shelf.folder) == before


def test_what_a_killed_command_left_is_no_release_and_is_swept(shelf: Shelf) -> None:
    left = shelf.library.vault.put(b"killed before its entry")
    assert shelf.add("force-a", FIRST, "2026-02-01") == 0
    assert not shelf.library.vault.holds(left)
    assert shelf.library.vault.holds(shelf.library.state.releases[0].digest)


@pytest.mark.slow
def test_a_command_that_is_killed_anywhere_leaves_a_library_that_goes_on(shelf: Shelf) -> None:
    """Forked, and killed at each of its writes in turn: what follows finds a whole library."""
    assert shelf.add("force-a", FIRST, "2026-02-01") == 0
    second = rows("2026-02-19,High Street,900,3,0,0,0")
    for number in range(40):
        if not (child := os.fork()):
            done = iter(range(number))

            def fsync(handle: int, left: Iterator[int] = done, real: Callable[[int], None] = os.fsync) -> None:
                if next(left, None) is None:
                    os._exit(9)
                real(handle)

            os.fsync = fsync  # type: ignore[assignment]
            os._exit(shelf.add("force-a", second, "2026-03-01"))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        state = shelf.library.state
        assert len(state.releases) in (1, 2)
        assert all(shelf.library.vault.holds(release.digest) for release in state.releases)
        if code == 0:
            break
    else:
        pytest.fail("it was killed every time")
    assert number > 3
    assert shelf.add("force-b", second, "2026-03-01") == 0
    assert shelf.run("status", "--bytes") == 0


def test_erasing_is_an_entry_and_the_bytes_are_gone(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    assert shelf.add("force-a", FIRST, "2026-02-01") == 0
    [release] = shelf.library.state.releases
    assert shelf.run("erase", release.digest[:12], "--reason", "personal-data") == 0
    assert shelf.library.state.erased == {release.digest: "personal-data"}
    assert not shelf.library.vault.holds(release.digest)
    assert shelf.run("status", "--bytes") == 0
    assert shelf.run("erase", release.digest[:12], "--reason", "personal-data") == 4
    assert shelf.run("erase", "abc", "--reason", "not-needed") == 4
    assert shelf.add("force-a", FIRST, "2026-02-01") == 4
    assert "were held and erased" in capsys.readouterr().err


def test_a_flipped_bit_anywhere_is_named_with_exit_code_1(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    theirs = shelf.home / "theirs.toml"
    theirs.write_text('[columns]\ndate = "Day"\nplace = "Where"\nalerts = "Hits"\n')
    assert shelf.add("force-a", FIRST, "2026-02-01") == 0
    assert shelf.add("force-b", "Day,Where,Hits\n2026-01-05,Park,3\n", "2026-02-01", "--map", str(theirs)) == 0
    assert shelf.run("status", "--bytes") == 0
    files = [path for part in ("vault", "readings") for path in (shelf.folder / part).rglob("*") if path.is_file()]
    # Two releases, the map of one, and a reading of each.
    assert len(files) == 5
    for file in files:
        whole = file.read_bytes()
        file.write_bytes(bytes([*whole[:7], whole[7] ^ 4, *whole[8:]]))
        capsys.readouterr()
        assert shelf.run("status", "--bytes") == 1, file
        assert "Not what was kept: " in capsys.readouterr().out
        file.unlink()
        assert shelf.run("status", "--bytes") == 1, file
        file.write_bytes(whole)
    assert shelf.run("status", "--bytes") == 0


def test_folders_that_are_no_library(shelf: Shelf, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shelf.run("init", str(shelf.folder), "--origin", "library.example/log") == 4
    other = Shelf(tmp_path)
    (shelf.folder / "library.toml").write_text('version = 2\ntitle = "A"\n')
    assert other.run("status") == 2
    (shelf.folder / "library.toml").write_text("version = 1\n")
    assert other.run("status") == 2
    (shelf.folder / "library.toml").unlink()
    assert other.run("status") == 5
    told = capsys.readouterr().err
    assert "is not empty" in told
    assert "is no library" in told


def test_vaults_are_left_alone_by_a_failing_append(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> list[int]:
        raise CannotWrite("entries.db: disk I/O error")

    monkeypatch.setattr(Desk, "enter", fails)
    assert shelf.add("force-a", FIRST, "2026-02-01") == 5
    assert not list(Vault(shelf.folder / "vault").names())
