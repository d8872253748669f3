"""The outside witness of a rehearsal: a process of its own, with its own key and state, asked over loopback alone.

It is the ordinary ``countersign witness serve``, or, on a host without a loopback interface, ``witness cosign`` on
files that are carried to it; only its clock is the rehearsal's, read from a file whenever it
cosigns. The process ends when whoever started it goes: its standard input is then at its end.
"""

from __future__ import annotations

import datetime
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from countersign.rehearse.stage import Program, RehearsalStopped
from countersign.surroundings import REAL, Surroundings, surrounded

#: How long the process may take to say where it listens, and to end, in seconds.
PATIENCE = 60.0
_SAYS = " listens on "


@contextmanager
def witness_process(program: Program, clock: Path, state: Path, policy: Path, passphrase: Path) -> Iterator[str | None]:
    """Start the witness and give its address, ``None`` where this host has no loopback; stop it in the end."""
    words: list[str | Path] = ["witness", "serve", "--state", state, "--policy", policy, "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(
        _command(program, clock, *words, "--passphrase-file", passphrase),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        told = process.stdout.readline()
        address = told.partition(_SAYS)[2].strip()
        yield address if _reached(address) else None
    finally:
        process.stdin.close()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _reached(address: str) -> bool:
    """Whether it answers: a host may let one listen on a loopback interface that is down."""
    place = urlsplit(address)
    if place.hostname is None or place.port is None:
        return False
    try:
        socket.create_connection((place.hostname, place.port), PATIENCE).close()
    except OSError:
        return False
    return True


def carried(program: Program, clock: Path, *words: str | Path) -> None:
    """Run one command of the witness in a process of its own, on a file that is carried to it.

    Raises ``RehearsalStopped``.
    """
    ended = subprocess.run(
        _command(program, clock, *words), check=False, capture_output=True, text=True, stdin=subprocess.PIPE
    )
    if ended.returncode:
        raise RehearsalStopped(f"the outside witness ended with {ended.returncode}: {ended.stderr.strip()}")


def _command(program: Program, clock: Path, *words: str | Path) -> list[str]:
    return [*program.outside, str(clock), *map(str, words)]


def run_outside(words: list[str], run: Callable[[list[str]], int]) -> int:
    """Run a command of the witness under the clock of the file named first, until standard input ends."""
    clock = Path(words[0])

    def moment() -> datetime.datetime:
        return datetime.datetime.fromisoformat(clock.read_text(encoding="ascii"))

    def end_with_parent() -> None:
        sys.stdin.read()
        os.kill(os.getpid(), signal.SIGTERM)

    if "serve" in words:
        threading.Thread(target=end_with_parent, daemon=True).start()
    with surrounded(Surroundings(moment, REAL.random_bytes)):
        return run(words[1:])
