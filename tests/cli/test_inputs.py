"""Files named on the command line: never read beyond their limit, and each fault said in a sentence."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
from pathlib import Path

import pytest

from countersign import inputs
from countersign.cli.main import run
from countersign.cli.terminal.signing import PassphraseMissing, ask_passphrase
from countersign.errors import CountersignError
from countersign.inputs import (
    SMALL_BYTES,
    InputMissing,
    InputTooLarge,
    digest_of_input,
    read_input,
    read_standard_input,
)
from countersign.published.files import NoSuchSource, read_bytes
from countersign.published.read import read_source
from countersign.published.strict_csv import CsvNotRead, read_lines


def test_a_file_is_read_whole_up_to_its_limit_and_no_further(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "_PIECE", 7)
    path = tmp_path / "some"
    for size in (0, 1, 6, 7, 8, 21, 22):
        path.write_bytes(bytes(range(size)))
        assert read_input(path, 22) == bytes(range(size))
    path.write_bytes(bytes(23))
    with pytest.raises(InputTooLarge, match="some: is longer than the 22 bytes"):
        read_input(path, 22)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes in folders are those of POSIX")
@pytest.mark.parametrize("lay", ["pipe", "device"])
def test_a_pipe_or_a_device_keeps_nobody_waiting(lay: str, tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    laid = package / "table.csv"
    if lay == "pipe":
        os.mkfifo(laid)
    else:
        laid.symlink_to("/dev/zero")
    for read in (read_input, digest_of_input):
        with pytest.raises(InputMissing, match=r"table.csv: is a pipe, a socket or a device, not a file"):
            read(laid)
    with pytest.raises(NoSuchSource, match="is a pipe, a socket or a device, not a file"):
        read_bytes(laid)
    with pytest.raises(CsvNotRead, match="is a pipe, a socket or a device, not a file"):
        read_lines(laid, ["date"])
    resource = {"name": "t", "path": "table.csv"}
    (package / "datapackage.json").write_text(json.dumps({"name": "p", "resources": [resource]}))
    with pytest.raises(CountersignError):
        read_source(package)


def test_a_file_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match="Is a directory"):
        read_input(tmp_path)
    with pytest.raises(InputMissing, match="No such file"):
        digest_of_input(tmp_path / "none")


def test_standard_input_is_held_to_the_limit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for given in (b"{}", bytes(40)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
        assert read_standard_input(40) == given
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(bytes(41))))
    with pytest.raises(InputTooLarge, match="standard input: is longer"):
        read_standard_input(40)


def test_a_documents_digest_needs_no_limit(tmp_path: Path) -> None:
    path = tmp_path / "policy.pdf"
    path.write_bytes(b"%PDF" + bytes(3 << 20))
    assert digest_of_input(path) == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "command",
    [
        ["policy", "check", "LARGE"],
        ["verify", "SMALL", "--policy", "LARGE"],
        ["key", "register", "no-log", "LARGE", "--role", "operator", "--key", "none"],
        ["record", "append-signed", "LOG", "LARGE"],
    ],
)
def test_commands_refuse_a_file_that_is_too_large_for_what_it_should_be(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    large, small, log = tmp_path / "large", tmp_path / "small", tmp_path / "log"
    with large.open("wb") as file:
        os.truncate(file.fileno(), SMALL_BYTES + 1)
    small.write_bytes(b"{}")
    log.mkdir()
    (log / "log.toml").write_text('version = 1\norigin = "log.example/a"\nsubject = "a"\nstore = "sqlite"\n')
    places = {"LARGE": str(large), "SMALL": str(small), "LOG": str(log), "no-log": str(log)}
    assert run([places.get(word, word) for word in command]) == 2
    told = capsys.readouterr().err
    assert "[input-too-large]" in told
    assert "large: is longer than the 16,777,216 bytes" in told


def test_a_passphrase_is_the_first_line_and_no_endless_one(tmp_path: Path) -> None:
    path = tmp_path / "pass"
    path.write_bytes(b"correct horse\r\nsecond line")
    path.chmod(0o600)
    assert ask_passphrase(path, "a key") == b"correct horse"
    with pytest.raises(PassphraseMissing, match="too long to be a passphrase"):
        ask_passphrase(Path("/dev/zero"), "a key")
