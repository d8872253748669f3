"""The stage of a rehearsal: the clock, bytes from a seed, the cast, commands, and the outside witness's process.

Each command is run by the ``Program`` handed in, as people would run it; what it printed is kept, with the moment
and the exit code, in ``commands.txt``. Whatever is random (keys, salts, nonces, openings) is the SHAKE-256 of the seed
and of how often bytes were asked for before, so the same scenario and seed give the same bytes. Key files are sealed at
the lowest cost, under a passphrase that lies beside them: they are for nothing else.

The outside witness is the ordinary ``countersign witness serve`` with its own key and state, asked over
loopback alone, or, on a host without a loopback interface, ``witness cosign`` on files that are carried to it. Only its
clock is the rehearsal's, read from a file whenever it cosigns. Its process ends when its parent does: its standard
input is then at its end.

>>> Bytes("quiet-high-street 0")(4) == Bytes("quiet-high-street 0")(4) != Bytes("quiet-high-street 1")(4)
True
"""

from __future__ import annotations

import datetime
import io
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from hashlib import shake_256
from pathlib import Path
from urllib.parse import urlsplit

from countersign.errors import DONE, INTERRUPTED, CountersignError
from countersign.progress import Progress
from countersign.surroundings import REAL, Surroundings, surrounded

#: The lowest cost of scrypt that a key file may have, as a power of two.
KEY_COST = 10
COMMANDS = "commands.txt"


class RehearsalStopped(
    CountersignError, next_step="Report it with the scenario and the seed; nothing of the rehearsal was left."
):
    """A command of a rehearsal did not end as it should: a defect, with what the command said."""


class Bytes:
    """Bytes that look random and are the same for the same seed, asked for in the same order."""

    def __init__(self, seed: str) -> None:
        self._seed, self._asked = seed, 0

    def __call__(self, count: int) -> bytes:
        """The next ``count`` bytes."""
        self._asked += 1
        return shake_256(f"countersign-rehearsal/v1\n{self._seed}\n{self._asked}".encode()).digest(count)


class _Heard(io.TextIOWrapper):
    """A standard stream that is kept: commands write text to it, and bytes to its buffer."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    def text(self) -> str:
        """All that was written."""
        self.flush()
        assert isinstance(self.buffer, io.BytesIO)
        return self.buffer.getvalue().decode("utf-8")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and what it printed on standard output and on standard error."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Program:
    """The command line: ``run`` gives a command's exit code; ``outside`` starts one in a process of its own.
    ``outside`` is followed by the file that holds the clock, then by the words of the command.
    """

    run: Callable[[list[str]], int]
    outside: tuple[str, ...]


@dataclass(slots=True)
class Stage:
    """Where a rehearsal takes place: its folder, its moment, what was done so far, of how many ``steps`` about."""

    root: Path
    seed: str
    now: datetime.datetime
    progress: Progress
    program: Program
    steps: int = 0
    done: int = 0
    lines: list[str] = field(default_factory=list)

    @contextmanager
    def playing(self) -> Iterator[None]:
        """Within, commands take this stage's clock and bytes; the witness's process reads the clock from a file."""
        with surrounded(Surroundings(lambda: self.now, Bytes(self.seed), KEY_COST)):
            yield

    def at(self, moment: datetime.datetime) -> None:
        """Move the clock. It never runs back."""
        if moment < self.now:
            raise RehearsalStopped(f"the rehearsal's clock would run back from {self.now} to {moment}")
        self.now = moment

    def call(
        self, *words: str | Path, ends_with: Sequence[int] = (DONE,), doing: str = "", quiet: bool = False
    ) -> Ended:
        """Run one command. Raises ``RehearsalStopped`` if it ends with another code than it may. ``quiet``: it only
        looks something up, and is left out of the transcript.
        """
        self.done += 1
        if doing or not self.done % 4:
            self.progress(doing or f"countersign {words[0]}", self.done, self.steps or None)
        out, err = _Heard(), _Heard()
        with redirect_stdout(out), redirect_stderr(err):
            code = self.program.run([str(word) for word in words])
        ended = Ended(code, out.text(), err.text())
        if code == INTERRUPTED:
            raise KeyboardInterrupt
        if not quiet:
            self._note(words, ended)
        if code not in ends_with:
            line = shlex.join(str(word) for word in words)
            raise RehearsalStopped(
                f"`countersign {self._plain(line)}` ended with {code}: {self._plain(ended.err).strip()}"
            )
        return ended

    def _note(self, words: tuple[str | Path, ...], ended: Ended) -> None:
        line = shlex.join(str(word) for word in words)
        moment = self.now.strftime("%Y-%m-%d %H:%M:%S")
        self.lines.append(f"[{moment} UTC] countersign {self._plain(line)}")
        self.lines += [f"    {self._plain(text)}" for text in (ended.out + ended.err).splitlines() if text.strip()]
        if ended.code != DONE:
            self.lines.append(f"    (exit code {ended.code})")

    def _plain(self, text: str) -> str:
        """Without the folder of the rehearsal, which is another on each machine."""
        return text.replace(f"{self.root}/", "")

    def transcript(self) -> bytes:
        """All commands so far, with what they said."""
        return ("\n".join(self.lines) + "\n").encode()


#: How long the process may take to say where it listens, and to end, in seconds.
PATIENCE = 60.0
_SAYS = " listens on "


@contextmanager
def witness_process(program: Program, clock: Path, state: Path, policy: Path, passphrase: Path) -> Iterator[str | None]:
    """Start the witness and give its address, ``None`` where this host has no loopback; stop it in the end."""
    words: list[str | Path] = ["witness", "serve", "--state", state, "--policy", policy, "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(
        _command(program, clock, *words, "--passphrase-file", passphrase),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        address = line.partition(_SAYS)[2].strip()
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
    """Run one command of the witness in a process of its own, on a file that is carried to it. Raises
    ``RehearsalStopped``.
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
