"""``countersign events take``: what it says, its exit codes, its list of refused lines, and following a file."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from countersign.cli.main import run
from countersign.record import keyfile
from countersign.record.verifierkey import KeyKind, VerifierKey


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
        assert "Traceback" not in capsys.readouterr().err


def test_batches_go_from_the_van_to_the_desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = simulated(tmp_path, "corners-cut")
    assert run(arguments) == 1
    common = arguments[3:7]
    secret = Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x01")
    key = VerifierKey("van.example", KeyKind.ED25519, secret.public_key().public_bytes_raw())
    sealed = keyfile.seal_key(secret, key, b"a passphrase", salt=bytes(16), nonce=bytes(12), cost=10)
    keyfile.write_key_file(tmp_path / "van.key", sealed)
    (tmp_path / "pass").write_text("a passphrase\n")
    export = [
        "events", "export", *common, "--journal", str(tmp_path / "journal"), "--out", str(tmp_path / "batches"),
        "--key", str(tmp_path / "van.key"), "--passphrase-file", str(tmp_path / "pass"),
    ]  # fmt: skip
    capsys.readouterr()
    assert run(export) == 0
    batch = tmp_path / "batches" / "batch-000001.jsonl"
    assert capsys.readouterr().out == f"{batch}\n"
    assert run(export) == 0
    assert capsys.readouterr().out == ""
    take_in = ["events", "import", str(batch), *common, "--journal", str(tmp_path / "desk"), "--signer", key.render()]
    assert run(take_in) == 0
    assert "batch 1, 49 events new" in capsys.readouterr().out
    assert run(take_in) == 0
    assert "batch 1, 0 events new" in capsys.readouterr().out
    batch.write_bytes(batch.read_bytes().replace(b"0.64", b"0.65"))
    assert run(take_in) == 1
    assert "event-batch-wrong" in capsys.readouterr().err
