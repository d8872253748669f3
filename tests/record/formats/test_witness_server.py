"""The witness as a process of its own, with a state directory of its own, asked over the loopback address."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from countersign.cli.main import run
from countersign.record.outside import witness_server
from countersign.record.outside.witness import AddCheckpoint, Answer
from countersign.record.outside.witness_server import CannotListen, WitnessServer
from countersign.record.tlog.checkpoint import NoteSignature, sign_checkpoint, verify_signature
from countersign.record.tlog.encoding import VerifierKey
from countersign.record.tlog.merkle import consistency_proof

if TYPE_CHECKING:
    MemoryLog = Any

Maker = Callable[..., "MemoryLog"]


class Process:
    """A witness that was started, and how to ask it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "countersign", "witness", "serve", "--state", str(self.folder / "witness"),
             "--policy", str(self.folder / "logs.policy"), "--passphrase-file", str(self.folder / "passphrase"),
             "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert " listens on http://127.0.0.1:" in line, line
        self.port = int(line.rsplit(":", 1)[1])

    def ask(self, data: bytes) -> tuple[int, str | None, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", "/add-checkpoint", body=data)
            answer = connection.getresponse()
            return answer.status, answer.getheader("Content-Type"), answer.read()
        finally:
            connection.close()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=10)
        self._close()

    def stop(self) -> tuple[int, str, str]:
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err

    def _close(self) -> None:
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


@pytest.fixture
def log(new_log: Maker) -> MemoryLog:
    return new_log(60)


@pytest.fixture
def folder(tmp_path: Path, log: MemoryLog, capsys: pytest.CaptureFixture[str]) -> tuple[Path, VerifierKey]:
    (tmp_path / "passphrase").write_text("correct horse\n")
    (tmp_path / "passphrase").chmod(0o600)
    (tmp_path / "logs.policy").write_bytes(log.policy().render())
    code = run(["witness", "new", "--name", "w.example", "--state", str(tmp_path / "witness"),
                "--passphrase-file", str(tmp_path / "passphrase")])  # fmt: skip
    assert code == 0
    return tmp_path, VerifierKey.parse(capsys.readouterr().out.strip())


@pytest.fixture
def process(folder: tuple[Path, VerifierKey]) -> Iterator[Process]:
    process = Process(folder[0])
    yield process
    if process.process.poll() is None:
        process.kill()


def request(log: MemoryLog, old: int, new: int) -> bytes:
    proof = tuple(consistency_proof(log.tree, old, new))
    return AddCheckpoint(old, proof, sign_checkpoint(log.checkpoint(new), log.signer)).render()


@pytest.mark.slow
def test_it_answers_keeps_its_memory_through_a_kill_and_stops_when_told(
    process: Process, folder: tuple[Path, VerifierKey], log: MemoryLog
) -> None:
    key = folder[1]
    status, kind, body = process.ask(request(log, 0, 7))
    assert (status, kind) == (200, "text/plain; charset=utf-8")
    line = NoteSignature.parse(body.decode().rstrip("\n"))
    assert (verify_signature(log.checkpoint(7).render(), line, key).time or 0) > 1_700_000_000
    assert process.ask(request(log, 0, 7)) == (409, "text/x.tlog.size", b"7\n")
    other = log.fork(0).grow(b"other %d" % number for number in range(60))
    for size in (7, 20, 33):
        # kill -9 right after an answer: what was cosigned is remembered, and no other history is cosigned.
        if size > 7:
            assert process.ask(request(log, {20: 7, 33: 20}[size], size))[0] == 200
        process.kill()
        process.start()
        assert process.ask(request(other, 0, 60)) == (409, "text/x.tlog.size", b"%d\n" % size)
        assert process.ask(request(other, size, 60))[0] == 422
        assert process.ask(request(other, size, size))[0] == 409
    code, out, err = process.stop()
    assert code == 0
    assert "has stopped" in out
    assert "Traceback" not in err


@pytest.mark.slow
def test_killed_at_random_moments_it_forgets_nothing_it_has_cosigned(process: Process, log: MemoryLog) -> None:
    import random
    import threading
    import time

    rng = random.Random(11)
    log.grow(b"entry %d" % number for number in range(60, 4000))
    acknowledged = 0
    for _ in range(25):
        killer = threading.Timer(rng.uniform(0.02, 0.3), process.process.kill)
        killer.start()
        asked = acknowledged
        try:
            while True:
                asked = acknowledged + 1
                status, _, body = process.ask(request(log, acknowledged, asked))
                if status == 409:
                    # An answer may be lost on its way after it was kept: then the witness is one ahead, never behind.
                    assert int(body) == asked
                elif status != 200:
                    pytest.fail(f"{status}: {body!r}")
                acknowledged = asked
                time.sleep(0)
        except (OSError, http.client.HTTPException):
            pass
        killer.join()
        process.kill()
        process.start()
        status, kind, body = process.ask(request(log, 3999, 3999))
        assert (status, kind) == (409, "text/x.tlog.size")
        assert acknowledged <= int(body) <= asked
        acknowledged = int(body)
    assert acknowledged > 25
    assert process.stop()[0] == 0


@pytest.mark.slow
def test_bad_requests_get_an_answer_and_do_no_harm(process: Process, log: MemoryLog) -> None:
    assert process.ask(b"")[0] == 400
    assert process.ask(os.urandom(5000))[0] == 400
    connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=10)
    for method, path, headers, status in (
        ("GET", "/add-checkpoint", {}, 404),
        ("POST", "/other", {"Content-Length": "0"}, 404),
        ("POST", "/add-checkpoint", {"Content-Length": "99999999"}, 413),
        ("POST", "/add-checkpoint", {"Content-Length": "-1"}, 411),
        ("POST", "/add-checkpoint", {"Content-Length": "x"}, 411),
        ("POST", "/add-checkpoint", {"Transfer-Encoding": "chunked"}, 411),
        ("DELETE", "/add-checkpoint", {}, 501),
    ):
        connection.putrequest(method, path)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        assert connection.getresponse().status == status
        connection.close()
    with socket.create_connection(("127.0.0.1", process.port)) as half:
        half.sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nold 0")
    with socket.create_connection(("127.0.0.1", process.port)) as noise:
        noise.sendall(b"\x00\xff\r\n\r\n")
    assert process.ask(request(log, 0, 60))[0] == 200
    code, _, err = process.stop()
    assert code == 0
    assert "Traceback" not in err


def test_connections_are_kept_alive(process: Process, log: MemoryLog) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=10)
    for old, new in ((0, 7), (7, 20), (20, 60)):
        connection.request("POST", "/add-checkpoint", body=request(log, old, new))
        answer = connection.getresponse()
        assert (answer.status, answer.will_close) == (200, False)
        answer.read()
    connection.close()


def test_an_address_that_is_taken_is_said() -> None:
    with WitnessServer(lambda data: Answer(200, "text/plain", data), "127.0.0.1", 0) as server:
        port = int(server.address.rsplit(":", 1)[1])
        with pytest.raises(CannotListen, match=str(port)):
            WitnessServer(lambda data: Answer(200, "text/plain", data), "127.0.0.1", port)


def test_a_request_is_carried_there_and_back_as_a_file(
    folder: tuple[Path, VerifierKey], log: MemoryLog, capsys: pytest.CaptureFixture[str]
) -> None:
    path, key = folder
    (path / "request").write_bytes(request(log, 0, 7))
    command = ["witness", "cosign", str(path / "request"), "--out", str(path / "answer")]
    command += ["--state", str(path / "witness"), "--policy", str(path / "logs.policy")]
    command += ["--passphrase-file", str(path / "passphrase")]
    assert run(command) == 0
    assert "has cosigned log.example/1 at 7 entries" in capsys.readouterr().out
    line = NoteSignature.parse((path / "answer").read_text().rstrip("\n"))
    assert verify_signature(log.checkpoint(7).render(), line, key).key == key
    (path / "answer").unlink()
    assert run(command) == 4
    assert "has cosigned 7 entries, not 0" in capsys.readouterr().err
    assert not (path / "answer").exists()
    other = log.fork(0).grow(b"other %d" % number for number in range(60))
    (path / "request").write_bytes(request(other, 7, 7))
    assert run(command) == 1
    assert "[split-view]" in capsys.readouterr().err
    assert run(["witness", "show", "--state", str(path / "witness")]) == 0
    shown = capsys.readouterr().out
    assert "log.example/1: 7 entries cosigned last" in shown
    assert "refused at 7 entries [split-view]" in shown
    (path / "request").unlink()
    assert run(command) == 5


def test_what_stands_in_the_way_is_said_without_a_traceback(
    folder: tuple[Path, VerifierKey], capsys: pytest.CaptureFixture[str]
) -> None:
    path, _ = folder
    serve = ["witness", "serve", "--policy", str(path / "logs.policy"), "--listen", "127.0.0.1:0"]
    secret = ["--passphrase-file", str(path / "passphrase")]
    again = ["witness", "new", "--name", "w.example", "--state", str(path / "witness"), *secret]
    assert run(again) == 4
    (path / "wrong").write_text("another\n")
    (path / "empty").write_text("\n")
    (path / "wrong").chmod(0o600)
    (path / "empty").chmod(0o600)
    assert run([*serve, "--state", str(path / "none"), *secret]) == 5
    assert run([*serve, "--state", str(path / "witness"), "--passphrase-file", str(path / "wrong")]) == 4
    assert run([*serve, "--state", str(path / "witness"), "--passphrase-file", str(path / "empty")]) == 5
    assert run([*serve, "--state", str(path / "witness"), "--passphrase-file", str(path / "absent")]) == 5
    assert run(["witness", "new", "--name", "a b", "--state", str(path / "x"), *secret]) == 2
    for address in ("localhost", "127.0.0.1:99999", "127.0.0.1:٣", ":1"):
        assert run([*serve[:-1], address, "--state", str(path / "witness"), *secret]) == 2
    (path / "witness" / "witness.key").chmod(0o644)
    assert run([*serve, "--state", str(path / "witness"), *secret]) == 4
    shown = capsys.readouterr().err
    for code in ("witness-state-exists", "key-file-missing", "wrong-passphrase", "passphrase-missing",
                 "verifier-key-malformed", "key-file-exposed"):  # fmt: skip
        assert f"[{code}]" in shown
    assert "Traceback" not in shown
    assert "correct horse" not in shown


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a witness that gives a connection one second, a head 2,000 bytes, and has two places."""
    monkeypatch.setattr(witness_server, "CONNECTION_SECONDS", 1.0)
    monkeypatch.setattr(witness_server, "MAXIMUM_HEAD_BYTES", 2000)
    monkeypatch.setattr(witness_server, "MOST_CONNECTIONS", 2)

    def answer(data: bytes) -> Answer:
        if data == b"break":
            raise RuntimeError("what the store said")
        return Answer(200, "text/plain", data)

    with WitnessServer(answer, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield int(server.server_address[1])
        server.shutdown()
        thread.join()


def asked(connection: socket.socket, body: bytes = b"note") -> bytes:
    connection.sendall(b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    answer = b""
    while not answer.endswith(body) and (part := connection.recv(4096)):
        answer += part
    return answer


def ended(connection: socket.socket, within: float) -> bool:
    connection.settimeout(within)
    try:
        while connection.recv(4096):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


def served_again(port: int) -> bool:
    """Whether a whole request is answered twice on one connection, once the places of those before are free."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with suppress(ConnectionError), socket.create_connection(("127.0.0.1", port)) as whole:
            if asked(whole).endswith(b"note") and asked(whole).endswith(b"note"):
                return True
        time.sleep(0.1)
    return False


@pytest.mark.slow
def test_a_slow_or_endless_head_ends_soon_and_without_a_traceback(
    listening: int, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_connection(("127.0.0.1", listening)) as slow:
        begun = time.monotonic()
        with suppress(ConnectionError):
            for _ in range(40):
                slow.sendall(b"X")
                time.sleep(0.05)
        assert ended(slow, 1.0)
        assert time.monotonic() - begun < 4
    with socket.create_connection(("127.0.0.1", listening)) as long:
        with suppress(ConnectionError):
            long.sendall(b"POST /add-checkpoint HTTP/1.1\r\n" + (b"X-Padding: " + b"1" * 90 + b"\r\n") * 30)
        assert ended(long, 0.8)
    with socket.create_connection(("127.0.0.1", listening)) as broken, suppress(ConnectionError):
        assert asked(broken, b"break") == b""
    assert served_again(listening)
    said = "".join(capfd.readouterr())
    assert "Traceback" not in said
    assert "what the store said" not in said


def test_connections_beyond_the_places_are_closed(listening: int) -> None:
    held = [socket.create_connection(("127.0.0.1", listening)) for _ in range(2)]
    for connection in held:
        assert asked(connection).endswith(b"note")
    with socket.create_connection(("127.0.0.1", listening)) as third:
        assert ended(third, 0.5)
    for connection in held:
        connection.close()
