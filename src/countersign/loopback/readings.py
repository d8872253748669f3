"""One file at a time read in a child process, in a private folder that is gone afterwards; the outcome held in memory.

A house is this process's folder under the system's folder for temporary files, readable by its user alone; a room in it
belongs to one reading. That of a killed program is removed when the next one starts, known by the lock that a living
program holds on its house. A reading is finished only after its room is gone. At most ``MOST_HELD`` outcomes are held,
each for ``HOLD_SECONDS``, under a random name that nobody can guess.

>>> house = House.build()
>>> with house.room() as room:
...     room.is_dir()
True
>>> room.exists(), house.remove(), house.path.exists()
(False, None, False)
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import sys
import tempfile
import threading
import time
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import IO

import msgspec

from countersign.errors import NotAllowed, NotReached
from countersign.leaks import leak_in
from countersign.loopback.reading import RESULTS, Asked, Note, Outcome, TooMuchToRead, refused

if sys.platform != "win32":
    import fcntl

PREFIX = "countersign-open-"
#: A house younger than this many seconds is not swept: its program may not hold its lock yet.
YOUNG = 60.0
#: Longest name of a file, in characters, that is kept for the report.
LONGEST_NAME = 100


class NoRoom(
    NotReached,
    code="open-no-room",
    next_step="Make room on the disk that holds the folder for temporary files, then try again.",
):
    """The private folder for reading a file could not be made or written."""


@dataclass(frozen=True)
class House:
    """The folder of this process; ``held`` is the handle whose lock says that the process lives."""

    path: Path
    held: int | None

    @classmethod
    def build(cls) -> House:
        """Make the folder, and remove those that killed programs left. Raises ``NoRoom``."""
        try:
            path = Path(tempfile.mkdtemp(prefix=PREFIX))
        except OSError as error:
            reason = error.strerror or error
            raise NoRoom(f"{tempfile.gettempdir()}: no private folder could be made: {reason}") from None
        house = cls(path, _lock(path))
        _sweep(path.parent)
        return house

    @contextmanager
    def room(self) -> Iterator[Path]:
        """A folder for one reading, which is gone afterwards with all that lies in it. Raises ``NoRoom``."""
        try:
            path = Path(tempfile.mkdtemp(dir=self.path))
        except OSError as error:
            raise NoRoom(f"{self.path}: no room for a reading: {error.strerror or error}") from None
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def remove(self) -> None:
        """Remove the folder, and let go of it."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self.held is not None:
            os.close(self.held)


def safe_name(given: str) -> str:
    """A file's name as a browser gives it, made into one that names a file here and nothing else.

    >>> safe_name("C:\\\\fakepath\\\\Grid 2024.pdf"), safe_name("../../.ssh/id"), safe_name("a/..")
    ('Grid 2024.pdf', 'id', 'file')
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    plain = re.sub(r"[^\w .()+-]", "_", last).strip(" .-")
    stem, dot, suffix = plain[-LONGEST_NAME:].strip(" .-").rpartition(".")
    return f"{stem}{dot}{suffix}" if (stem or suffix) and leak_in(plain) is None else "file"


def _lock(path: Path) -> int | None:
    if sys.platform == "win32":
        return None
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _sweep(folder: Path) -> None:
    for left in folder.glob(f"{PREFIX}*"):
        with suppress(OSError):
            state = left.lstat()
            if left.is_symlink() or not left.is_dir() or time.time() - state.st_mtime < YOUNG:
                continue
            if sys.platform != "win32" and state.st_uid != os.getuid():
                continue
            handle = _lock(left)
            if handle is not None:
                shutil.rmtree(left, ignore_errors=True)
                os.close(handle)


#: A reading is ended after this many seconds.
MOST_SECONDS = 300.0
#: How long what came of a reading is held, in seconds, and of how many readings.
HOLD_SECONDS = 1800.0
MOST_HELD = 5
#: In a room: the folder with the file, and the folder with the results.
GIVEN, OUT = "given", "out"

_LONGEST_LINE = 1024 * 1024
#: What of the environment a child gets. No passphrase, no setting of another command.
_PASSED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "HOME")


class Occupied(
    NotAllowed, code="open-occupied", next_step="Wait until the other file is read, then give this one again."
):
    """A file is given while another is being read."""


class Reading:
    """One file's reading: its notes as they come, then its outcome and the files of the report."""

    def __init__(self, name: str) -> None:
        self.id, self.name = secrets.token_urlsafe(16), name
        self.ended: float | None = None
        self.outcome: Outcome | None = None
        self.files: Mapping[str, bytes] = {}
        self._notes: list[str] = []
        self._changed = threading.Condition()

    def note(self, text: str) -> None:
        """Say what is being done."""
        with self._changed:
            self._notes.append(text)
            self._changed.notify_all()

    def finish(self, outcome: Outcome, files: Mapping[str, bytes], moment: float) -> None:
        """Say what came of it; once."""
        with self._changed:
            self.outcome, self.files, self.ended = outcome, files, moment
            self._changed.notify_all()

    def follow(self, patience: float) -> Iterator[str]:
        """The notes as they come, an empty one after each ``patience`` seconds of silence, until it is finished."""
        given = 0
        while True:
            with self._changed:
                if self.outcome is None and len(self._notes) == given:
                    self._changed.wait(patience)
                fresh, finished = self._notes[given:], self.outcome is not None
            given += len(fresh)
            if finished:
                return
            yield from fresh or [""]


class Readings:
    """The reading under way, and those that are held."""

    def __init__(self, house: House, *, seconds: float = MOST_SECONDS, hold: float = HOLD_SECONDS) -> None:
        self._house, self._seconds, self._hold = house, seconds, hold
        self._guard = threading.Lock()
        self._occupied = threading.Lock()
        self._held: dict[str, Reading] = {}
        self._child: Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._stopped = False

    @property
    def busy(self) -> bool:
        """Whether a file is being taken in or read."""
        return self._occupied.locked()

    @contextmanager
    def place(self) -> Iterator[tuple[Path, ExitStack]]:
        """The place for a reading: a room, and the stack to hand to ``start``. Raises ``Occupied`` and ``NoRoom``."""
        if not self._occupied.acquire(blocking=False):
            raise Occupied("another file is being read; one is read at a time")
        with ExitStack() as stack:
            stack.callback(self._occupied.release)
            room = stack.enter_context(self._house.room())
            (room / GIVEN).mkdir()
            yield room, stack

    def start(self, asked: Asked, room: Path, stack: ExitStack) -> Reading:
        """Read the file in a room, in a thread and a process of its own; then give the place up."""
        reading = Reading(asked.name)
        with self._guard:
            self._held[reading.id] = reading
            for oldest in list(self._held)[:-MOST_HELD]:
                del self._held[oldest]
        self._thread = threading.Thread(target=self._run, args=(reading, asked, room, stack.pop_all()), daemon=True)
        self._thread.start()
        return reading

    def find(self, name: str) -> Reading | None:
        """The reading of this name, if it is still held."""
        self.tidy()
        with self._guard:
            return self._held.get(name)

    def forget(self, name: str) -> None:
        """Drop what came of a reading."""
        with self._guard:
            self._held.pop(name, None)

    def tidy(self) -> None:
        """Drop what has been held for long enough."""
        with self._guard:
            for name, reading in list(self._held.items()):
                if reading.ended is not None and time.monotonic() - reading.ended >= self._hold:
                    del self._held[name]

    def stop(self) -> None:
        """End the reading under way, drop all that is held, and remove the house."""
        with self._guard:
            self._stopped = True
            if self._child is not None:
                self._child.kill()
        if self._thread is not None:
            self._thread.join(10)
        self._held.clear()
        self._house.remove()

    def _run(self, reading: Reading, asked: Asked, room: Path, stack: ExitStack) -> None:
        outcome, files = refused(TooMuchToRead(f"{asked.name}: the reading ended before the report was ready")), {}
        try:
            with stack:
                outcome = self._ask(reading, asked, room)
                if outcome.code is None:
                    files = {name: path.read_bytes() for name in RESULTS if (path := room / OUT / name).is_file()}
        finally:
            reading.finish(outcome, files, time.monotonic())

    def _ask(self, reading: Reading, asked: Asked, room: Path) -> Outcome:
        late = threading.Event()
        with self._guard:
            if self._stopped:
                return refused(TooMuchToRead(f"{asked.name}: the program was stopped before it was read"))
            child = self._child = _child(room)

        def end() -> None:
            late.set()
            child.kill()

        timer = threading.Timer(self._seconds, end)
        timer.start()
        outcome: Outcome | None = None
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            with suppress(BrokenPipeError):
                child.stdin.write(msgspec.json.encode(asked) + b"\n")
                child.stdin.flush()
            outcome = _listen(child.stdout, reading)
        finally:
            timer.cancel()
            child.kill()
            with self._guard:
                self._child = None
            with suppress(OSError):
                child.communicate()
        if outcome is not None:
            return outcome
        if late.is_set():
            return refused(TooMuchToRead(f"{asked.name}: reading it takes longer than {self._seconds:,.0f} seconds"))
        return refused(TooMuchToRead(f"{asked.name}: reading it takes more memory or time than a reading may use"))


def _listen(channel: IO[bytes], reading: Reading) -> Outcome | None:
    while line := channel.readline(_LONGEST_LINE):
        try:
            said = msgspec.json.decode(line, type=Note | Outcome)
        except msgspec.DecodeError:
            return None
        if isinstance(said, Outcome):
            return said
        reading.note(said.text)
    return None


def _child(room: Path) -> Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if name in _PASSED}
    environment |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(room))
    # -P: nothing is imported from the folder the file lies in, whatever the file is called.
    command = [sys.executable, "-P", "-m", "countersign.loopback.reading"]
    folder = room / GIVEN
    return Popen(command, cwd=folder, env=environment, start_new_session=True, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
