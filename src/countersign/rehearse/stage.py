"""The stage of a rehearsal: a clock that is set by hand, bytes from a seed, and commands run as people would run them.

Each command is run by the ``Program`` handed in, as people would run it; what it printed is kept, with the moment
and the exit code, in ``commands.txt``. Whatever is random (keys, salts, nonces, openings) is the SHAKE-256 of the seed
and of how often was asked before, so that the same scenario and seed give the same bytes. Key
files are sealed at the lowest cost, under a passphrase that lies beside them: they are for nothing else.

>>> Bytes("quiet-high-street 0")(4) == Bytes("quiet-high-street 0")(4) != Bytes("quiet-high-street 1")(4)
True
"""

from __future__ import annotations

import datetime
import io
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from hashlib import shake_256
from pathlib import Path

from countersign.errors import DONE, INTERRUPTED, CountersignError
from countersign.progress import Progress
from countersign.surroundings import Surroundings, surrounded

#: The lowest cost of scrypt that a key file may have, as a power of two.
KEY_COST = 10
COMMANDS = "commands.txt"


class RehearsalStopped(CountersignError):
    """A command of a rehearsal did not end as it should: a defect, with what the command said."""

    code = "rehearsal-stopped"
    next_step = "Report it with the scenario and the seed; nothing of the rehearsal was left."


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
    told: list[str] = field(default_factory=list)

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
        self, *words: str | Path, ends_with: tuple[int, ...] = (DONE,), doing: str = "", quiet: bool = False
    ) -> Ended:
        """Run one command. Raises ``RehearsalStopped`` if it ends with another code than it may.

        ``quiet``: it only looks something up, and is left out of the transcript.
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
            self._tell(words, ended)
        if code not in ends_with:
            line = shlex.join(str(word) for word in words)
            raise RehearsalStopped(
                f"`countersign {self._plain(line)}` ended with {code}: {self._plain(ended.err).strip()}"
            )
        return ended

    def _tell(self, words: tuple[str | Path, ...], ended: Ended) -> None:
        line = shlex.join(str(word) for word in words)
        moment = self.now.strftime("%Y-%m-%d %H:%M:%S")
        self.told.append(f"[{moment} UTC] countersign {self._plain(line)}")
        self.told += [f"    {self._plain(text)}" for text in (ended.out + ended.err).splitlines() if text.strip()]
        if ended.code != DONE:
            self.told.append(f"    (exit code {ended.code})")

    def _plain(self, text: str) -> str:
        """Without the folder of the rehearsal, which is another on each machine."""
        return text.replace(f"{self.root}/", "")

    def transcript(self) -> bytes:
        """All commands so far, with what they said."""
        return ("\n".join(self.told) + "\n").encode()
