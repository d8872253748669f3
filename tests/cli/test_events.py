"""``countersign events take``: what it says, its exit codes, its list of refused lines, and following a file."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from countersign.cli.main import run
from countersign.events.door.journal import Journal
from countersign.record.keeping import keyfile
from countersign.record.tlog.encoding import KeyKind, VerifierKey


def simulated(folder: Path, scenario: str) -> list[str]:
    """The arguments that take a made-up export of this scenario."""
    file = folder / "export.jsonl"
    assert run(["simulate", scenario, "--seed", "3", "--out", str(file)]) == 0
    return [
        "events", "take", str(file), "--deployment", f"force-a/{scenario}", "--limits", f"{file}.limits.json",
        "--journal", str(folder / "journal"),
    ]  # fmt: skip


def test_a_quiet_street_ends_with_nothing_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = simulated(tmp_path, "quiet-high-street")
    assert run(arguments) == 0
    assert "Nothing in these events contradicts the declared limits." in capsys.readouterr().out
    assert (tmp_path / "journal.refused.jsonl").read_bytes() == b""
    assert run(arguments) == 0
    assert "0 events new" in capsys.readouterr().out


def test_lost_events_are_said_in_a_sentence_and_in_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = simulated(tmp_path, "events-lost")
    assert run(arguments) == 1
    assert "missing from camera-" in capsys.readouterr().out
    assert run([*arguments, "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert {one["code"] for one in said["found"]} == {"gap", "count-differs", "clock-off", "camera-silent"}
    assert said["taken"]["new"] == 0


def test_a_refused_line_is_listed_without_its_content_and_the_rest_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = simulated(tmp_path, "quiet-high-street")
    file = tmp_path / "export.jsonl"
    file.write_bytes(file.read_bytes() + b'{"source":"camera-1","sequence":99,"name":"Jane Public"}\n{"cut')
    assert run(arguments) == 1
    text = (tmp_path / "journal.refused.jsonl").read_text()
    refused = [json.loads(line) for line in text.splitlines()]
    assert [(one["source"], one["field"]) for one in refused] == [("camera-1", "name"), (None, "the line")]
    assert "Jane" not in text
    assert "2 refused" in capsys.readouterr().out


def test_a_file_is_followed_until_the_close(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = simulated(tmp_path, "quiet-high-street")
    file = tmp_path / "export.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole[:700])

    def grow() -> None:
        time.sleep(0.2)
        with file.open("ab") as stream:
            stream.write(whole[700:])

    writer = threading.Thread(target=grow)
    writer.start()
    assert run([*arguments, "--follow"]) == 0
    writer.join()
    count = len(whole.splitlines())
    assert f"{count} events new" in capsys.readouterr().out


class Pauses:
    """What happens to a followed file while the receiver pauses: one thing a pause, then the person interrupts."""

    def __init__(self, *happens: Callable[[], object]) -> None:
        self.happens = iter(happens)

    def __call__(self, seconds: float) -> None:
        happening = next(self.happens, None)
        if happening is None:
            raise KeyboardInterrupt
        happening()


def grows(file: Path, data: bytes) -> Callable[[], object]:
    def grow() -> None:
        with file.open("ab") as stream:
            stream.write(data)

    return grow


def test_following_is_interrupted_begun_again_and_ends_with_the_close(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file grows within a line, is rotated while nobody follows it, and holds the close at last."""
    arguments = simulated(tmp_path, "corners-cut")
    file = tmp_path / "export.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    assert b"close.cancellation" in lines[-1]
    file.write_bytes(b"".join(lines[:10]) + lines[10][:40])
    monkeypatch.setattr(
        "countersign.cli.events.command.time.sleep", Pauses(grows(file, lines[10][40:] + lines[11][:5]))
    )
    assert run([*arguments, "--follow"]) == 1
    assert "11 lines: 11 events new, 0 here already, 0 refused" in capsys.readouterr().out

    def rotates() -> None:
        file.rename(tmp_path / "export.jsonl.1")
        file.write_bytes(b"".join(lines[30:]))

    rest = grows(file, lines[11][5:] + b"".join(lines[12:30])[:-1])
    monkeypatch.setattr("countersign.cli.events.command.time.sleep", Pauses(rest, rotates))
    assert run([*arguments, "--follow"]) == 1
    told = capsys.readouterr().out
    assert f"{len(lines)} lines: {len(lines) - 11} events new, 11 here already, 0 refused" in told
    whole = tmp_path / "whole"
    whole.mkdir()
    assert run(simulated(whole, "corners-cut")) == 1
    about = ("force-a/corners-cut", sha256((tmp_path / "export.jsonl.limits.json").read_bytes()).hexdigest())
    with Journal.open(tmp_path / "journal", *about) as followed, Journal.open(whole / "journal", *about) as taken:
        assert list(followed.bodies()) == list(taken.bodies())


def test_two_refused_lines_in_one_place_of_two_files_of_one_name_are_both_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = simulated(tmp_path, "quiet-high-street")
    for _ in range(2):
        for number in (70, 71):
            line = b'{"source":"camera-1","sequence":%d,"portrait":1}\n' % number
            (tmp_path / "export.jsonl").write_bytes(line)
            assert run(arguments) == 1
    refused = [json.loads(line) for line in (tmp_path / "journal.refused.jsonl").read_text().splitlines()]
    assert [(one["file"], one["sequence"]) for one in refused] == [("export.jsonl", 70), ("export.jsonl (2)", 71)]
    assert "2: portrait: not a field of an event (first: export.jsonl, line 1)" in capsys.readouterr().out


def test_exports_cut_short_joined_or_in_other_encodings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What can be read is taken, whatever stands beside it; what cannot be is said in a sentence."""
    arguments = simulated(tmp_path, "busy-interchange")
    file = tmp_path / "export.jsonl"
    whole = file.read_bytes()
    lines = whole.splitlines(keepends=True)
    count = len(lines)
    for number, (data, new, again, refused, said) in enumerate([
        (whole[:-40], count - 1, 0, 1, "cut short"),
        (whole + whole, count, count, 0, f"{count} here already"),
        (whole[:-1] + whole, count, count - 2, 1, "something else beside it"),
        (b"\xef\xbb\xbf" + whole.replace(b"\n", b"\r\n"), count, 0, 0, "new"),
        (whole + '{"source":"café"}\n'.encode("latin-1"), count, 0, 1, "not text in UTF-8"),
        (lines[0] + b"x" * 300_000 + b"\n" + b"".join(lines[1:]), count, 0, 1, "longer than 65,535 bytes"),
        (b"", 0, 0, 0, "no lines with anything in them"),
        (b"\n \n", 0, 0, 0, "no lines with anything in them"),
    ]):  # fmt: skip
        file.write_bytes(data)
        run([*arguments[:-1], str(tmp_path / f"journal-{number}")])
        told = capsys.readouterr()
        wanted = f"{new + again + refused} lines: {new} events new, {again} here already, {refused} refused"
        assert wanted in told.out, number
        assert said in told.out, number
        assert told.err == "", number


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_an_export_in_utf_16_is_refused_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], encoding: str
) -> None:
    arguments = simulated(tmp_path, "quiet-high-street")
    file = tmp_path / "export.jsonl"
    file.write_bytes(file.read_text().encode(encoding))
    assert run(arguments) == 2
    assert "[event-file-wrong]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (("--deployment", "force-a/elsewhere"), 4, "not-the-same"),
        (("--limits", "nowhere.json"), 5, "nowhere.json"),
        (("--columns", "nowhere.toml", "--follow"), 2, "--follow takes JSON Lines"),
    ],
)
def test_bad_input_is_a_sentence_and_a_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, ...], code: int, said: str
) -> None:
    arguments = simulated(tmp_path, "quiet-high-street")
    assert run([*arguments, *change]) == code
    assert said in capsys.readouterr().err


def test_limits_that_are_no_limits_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = simulated(tmp_path, "quiet-high-street")
    for wrong in ("[]", '{"a":1}', "not JSON"):
        (tmp_path / "wrong.json").write_text(wrong)
        assert run([*arguments, "--limits", str(tmp_path / "wrong.json")]) == 2
        said = capsys.readouterr().err
        assert "Traceback" not in said
        assert "wrong.json: is not a document of declared limits" in said


def test_batches_go_from_the_van_to_the_desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = simulated(tmp_path, "corners-cut")
    assert run(arguments) == 1
    common = arguments[3:7]
    secret = Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x01")
    key = VerifierKey("van.example", KeyKind.ED25519, secret.public_key().public_bytes_raw())
    sealed = keyfile.seal_key(secret, key, b"a passphrase", salt=bytes(16), nonce=bytes(12), cost=10)
    keyfile.write_key_file(tmp_path / "van.key", sealed)
    (tmp_path / "pass").write_text("a passphrase\n")
    (tmp_path / "pass").chmod(0o600)
    export = [
        "events", "export", *common, "--journal", str(tmp_path / "journal"), "--out", str(tmp_path / "batches"),
        "--key", str(tmp_path / "van.key"), "--passphrase-file", str(tmp_path / "pass"),
    ]  # fmt: skip
    capsys.readouterr()
    assert run(export) == 0
    batch = tmp_path / "batches" / "batch-000001.jsonl"
    assert capsys.readouterr().out == f"{batch}\n"
    assert run(export) == 0
    assert "has all batches of it" in capsys.readouterr().out
    take_in = ["events", "import", str(batch), *common, "--journal", str(tmp_path / "desk"), "--signer", key.render()]
    assert run(take_in) == 0
    assert "batch 1, 49 events new" in capsys.readouterr().out
    assert run(take_in) == 0
    assert "batch 1, 0 events new" in capsys.readouterr().out
    assert run([*export, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["written"] == []
    assert run([*take_in, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["taken"] == [{"file": str(batch), "batch": 1, "new": 0}]
    batch.write_bytes(batch.read_bytes().replace(b"0.64", b"0.65"))
    assert run(take_in) == 1
    assert "event-batch-wrong" in capsys.readouterr().err
