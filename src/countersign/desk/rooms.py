"""The private folder in which a file lies while it is read: made for one, removed after, swept up after a kill.

A house is this process's folder under the system's folder for temporary files, readable by its user alone; a room in it
belongs to one reading and goes with it. The house goes when the program ends; that of a killed program is removed when
the next one starts, known by the lock that a living program holds on its house.

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
import shutil
import sys
import tempfile
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from countersign.errors import NotReached

if sys.platform != "win32":
    import fcntl

PREFIX = "countersign-open-"
#: A house younger than this many seconds is not swept: its program may not hold its lock yet.
YOUNG = 60.0
#: Longest name of a file, in characters, that is kept for the report.
LONGEST_NAME = 100


class NoRoom(NotReached):
    """The private folder for reading a file could not be made or written."""

    code = "open-no-room"
    next_step = "Make room on the disk that holds the folder for temporary files, then try again."


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
    return f"{stem}{dot}{suffix}" if stem or suffix else "file"


def _lock(path: Path) -> int | None:
    """Hold the lock on a folder, if nobody does and the system has such locks."""
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
