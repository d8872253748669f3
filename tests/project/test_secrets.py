"""What comes from under seal is written for its owner alone, and no writer widens what stands there."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from countersign.cli.terminal.signing import PassphraseExposed, ask_passphrase
from countersign.events.door.journal import Journal
from countersign.output import umask, write_all, write_whole

pytestmark = pytest.mark.skipif(os.name == "nt", reason="files have no such rights there")


@pytest.fixture(params=[0o022, 0o027, 0o077, 0o000])
def masked(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_umask_is_honoured(tmp_path: Path, masked: int) -> None:
    assert umask() == masked
    assert mode(write_whole(tmp_path / "public", b"")) == 0o644 & ~masked
    assert mode(write_whole(tmp_path / "secret", b"", secret=True)) == 0o600 & ~masked


@pytest.mark.parametrize("secret", [False, True])
@pytest.mark.parametrize("before", [0o600, 0o640, 0o644, 0o666, 0o400])
def test_rights_never_widen(tmp_path: Path, before: int, secret: bool) -> None:
    target = tmp_path / "a"
    target.write_bytes(b"old")
    target.chmod(before)
    write_all(tmp_path, {"a": b"new"}, secret=secret)
    assert mode(target) == (before & (0o600 if secret else 0o644)) | 0o600
    assert target.read_bytes() == b"new"


def test_a_journal_and_what_stands_beside_it(tmp_path: Path, masked: int) -> None:
    with Journal.open(tmp_path / "j", "force-a/d-1", "0" * 64):
        for path in tmp_path.iterdir():
            assert not mode(path) & 0o077, path.name


@pytest.mark.parametrize("rights", [0o640, 0o604, 0o660, 0o610, 0o644])
def test_an_exposed_passphrase_is_refused(tmp_path: Path, rights: int) -> None:
    (tmp_path / "pass").write_text("a passphrase\n")
    (tmp_path / "pass").chmod(rights)
    with pytest.raises(PassphraseExposed, match="others on this machine"):
        ask_passphrase(tmp_path / "pass", "the log")
    (tmp_path / "pass").chmod(0o600)
    assert ask_passphrase(tmp_path / "pass", "the log") == b"a passphrase"


def test_a_pipe_has_no_rights_to_hold_it_to() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"a passphrase\n")
    os.close(writing)
    assert ask_passphrase(Path(f"/dev/fd/{reading}"), "the log") == b"a passphrase"
    os.close(reading)
