"""``countersign open`` as a program: stopped, killed, idle; and the limits of the child that reads."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.loopback.client import TABLE, as_form, form

from countersign.cli.main import run
from countersign.loopback import door

Program = tuple["subprocess.Popen[str]", str]
LONG = b"date,place,faces_seen,alerts\n" + b"".join(
    b"2024-%02d-%02d,Place %d,%d,%d\n" % (1 + i % 12, 1 + i % 28, i, 9000 + i, i % 9) for i in range(20_000)
)


ROOT = Path(__file__).resolve().parents[2]
OPEN = ("-m", "countersign", "open", "--no-browser")


def started(temporary: Path, words: tuple[str, ...] = OPEN) -> Program:
    program = subprocess.Popen(
        [sys.executable, *words],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1,
        env=os.environ | {"TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert program.stdout is not None
    lines = (re.search(r"http://127\.0\.0\.1:\d+/[\w-]+/", line) for line in program.stdout)
    return program, next(found[0] for found in lines if found)


def give(address: str, content: bytes) -> None:
    from urllib.request import Request, urlopen

    token = re.search(rb'name="token" value="([^"]+)"', urlopen(address).read())
    assert token
    named = {name.replace("_", "-"): value for name, value in as_form().items()}
    body = form(("token", None, token[1]), ("file", "a.csv", content))
    urlopen(Request(address + "read", body, named)).close()


def until(holds: Callable[[], bool], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "never came true"
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
@pytest.mark.parametrize(
    "number",
    [signal.SIGKILL, *(pytest.param(each, marks=pytest.mark.slow) for each in (signal.SIGINT, signal.SIGTERM))],
)
def test_stopped_or_killed_in_the_middle_of_a_reading_nothing_of_the_file_is_left(
    tmp_path: Path, number: signal.Signals
) -> None:
    program, address = started(tmp_path)
    give(address, LONG)
    until(lambda: any(tmp_path.glob("countersign-open-*/*/given/a.csv")))
    time.sleep(0.5)
    program.send_signal(number)
    said, _ = program.communicate(timeout=20)
    until(lambda: not any(path.is_file() for path in tmp_path.rglob("*")))
    assert "a.csv" not in said
    assert "Traceback" not in said
    if number is signal.SIGKILL:  # the child saw its parent go; the empty house is swept at the next start
        assert program.returncode == -signal.SIGKILL
        until(lambda: [path.name[:16] for path in tmp_path.rglob("*")] == ["countersign-open"])
    else:
        assert program.returncode == 0
        assert "Nothing is left of what was given." in said
        assert list(tmp_path.iterdir()) == []


def test_it_ends_by_itself_when_nobody_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "_TICK", 0.01)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    addresses: list[str] = []
    assert door.serve(0, addresses.append, idle=0.05).startswith("nobody asked")
    assert addresses[0].startswith("http://127.0.0.1:")


def test_a_port_that_is_taken_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert run(["open", "--no-browser", "--port", str(taken.getsockname()[1])]) == 5
    told = capsys.readouterr().err
    assert "open-cannot-listen" in told
    assert "Traceback" not in told


@pytest.mark.skipif(sys.platform != "linux", reason="the limits are those of Linux")
def test_the_child_has_no_more_memory_than_it_may_use() -> None:
    greedy = (
        "from countersign.loopback import reading as r; r.limit(r.MOST_MEMORY, r.MOST_SECONDS, r.LARGEST_WRITTEN);"
        "bytearray(r.MOST_MEMORY + 1)"
    )
    ended = subprocess.run([sys.executable, "-c", greedy], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.strip().endswith("MemoryError")


def test_a_child_told_of_no_memory_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from countersign import any_source
    from countersign.loopback.reading import Asked, outcome_of
    from countersign.progress import silent

    def exhausted(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_bytes(TABLE)
    monkeypatch.setattr(any_source, "review", exhausted)
    said = outcome_of(Asked("a.csv"), silent)
    assert said.code == "open-too-much"
    assert "more memory" in said.title


@pytest.mark.slow
def test_a_child_that_is_done_ends_without_a_word_on_standard_error(tmp_path: Path) -> None:
    given = tmp_path / "room" / "given"
    given.mkdir(parents=True)
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "countersign.loopback.reading"], cwd=given,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdin.write(b'{"name":"missing.csv"}\n')
    child.stdin.flush()
    assert b'"no-such-source"' in child.stdout.read()
    assert (child.wait(10), child.stderr.read()) == (0, b"")
    for channel in (child.stdin, child.stdout, child.stderr):
        channel.close()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_the_demo_is_served_beside_the_page(tmp_path: Path) -> None:
    from urllib.parse import urlsplit
    from urllib.request import urlopen

    (tmp_path / "demo" / "met").mkdir(parents=True)
    (tmp_path / "demo" / "met" / "review.html").write_text("<title>The report</title>")
    words = (str(ROOT / "tools" / "demo_serve.py"), "--out", str(tmp_path / "demo"))
    program, address = started(tmp_path, words)
    assert (
        f'href="{urlsplit(address).path}beside/met/review.html">The report (met)</a>'
        in urlopen(address).read().decode()
    )
    assert urlopen(address + "beside/met/review.html").read() == b"<title>The report</title>"
    program.send_signal(signal.SIGINT)
    program.communicate(timeout=20)
    assert program.returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_a_child_without_a_parent_removes_the_room_and_ends(tmp_path: Path) -> None:
    given = tmp_path / "room" / "given"
    given.mkdir(parents=True)
    (given / "a.csv").write_bytes(LONG)
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "countersign.loopback.reading"], cwd=given,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    _, errors = child.communicate(b'{"name":"a.csv"}\n', timeout=30)
    assert errors == b""
    assert not (tmp_path / "room").exists()
