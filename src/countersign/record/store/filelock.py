"""A lock on a file, shared among threads and processes, that is waited for only so long.

``flock`` hands over at once and lets go when a process ends, but cannot be told how long to wait. So a lock that is
taken is waited for in a thread of its own; a caller that gives up leaves that thread to hand the lock back when it
comes. SQLite's own waiting sleeps between its tries, so that one busy writer would keep out all others. Windows has no
``flock``: there the file's first byte is locked (``msvcrt.locking``), always exclusively, with a sleep between tries.

>>> import tempfile
>>> path = Path(tempfile.mkdtemp()) / "store.appending"
>>> with locked(path, 1):
...     with locked(path, 0.01):
...         pass
Traceback (most recent call last):
    ...
countersign.record.store.filelock.LockTaken
"""

from __future__ import annotations

import importlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from countersign.errors import NotReached

try:
    import fcntl
except ModuleNotFoundError:
    HAS_FLOCK = False
else:
    HAS_FLOCK = True

#: How long work on a log waits for the others before it gives up, in seconds.
WAIT_SECONDS = 60.0
#: Where there is no ``flock``: how long to sleep between tries, in seconds.
TRY_AGAIN_SECONDS = 0.02


class LogBusy(
    NotReached,
    next_step="See what else works on this log (a long import, a stopped process) and run the command again; nothing "
    "was written.",
):
    """Somebody else has been appending, publishing or erasing for as long as one waits."""


class LockTaken(Exception):
    """Somebody else has held the lock all the time that was waited; callers say what for."""


@contextmanager
def locked(path: Path, seconds: float, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock on a file, alone or ``shared``; raises ``LockTaken`` after ``seconds``, and ``OSError``."""
    handle = _locked(path, seconds, shared=shared)
    # Closing lets go of either kind of lock.
    try:
        yield
    finally:
        os.close(handle)


@contextmanager
def held(
    path: Path, doing: str, seconds: float, unreachable: type[NotReached], *, shared: bool = False
) -> Iterator[None]:
    """As ``locked``, while ``doing`` something to a log: raises ``LogBusy``, or ``unreachable`` for a file not had."""
    try:
        handle = _locked(path, seconds, shared=shared)
    except LockTaken:
        raise LogBusy(f"{path}: others have been {doing} for {seconds:g} seconds") from None
    except OSError as error:
        raise unreachable(f"{path}: {error.strerror or error}") from None
    try:
        yield
    finally:
        os.close(handle)


def _locked(path: Path, seconds: float, *, shared: bool) -> int:
    handle = os.open(path, os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), 0o640)
    if HAS_FLOCK:
        _take(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, seconds)
    else:
        _take_first_byte(handle, seconds)
    return handle


def _take(handle: int, wanted: int, seconds: float) -> None:
    """Take the lock by ``flock``. Whatever is raised, the handle is closed or will be."""
    try:
        fcntl.flock(handle, wanted | fcntl.LOCK_NB)
    except BlockingIOError:
        _wait(handle, wanted, seconds)
    except BaseException:
        os.close(handle)
        raise


def _take_first_byte(handle: int, seconds: float) -> None:
    """Take the lock on the file's first byte, as Windows has it. Whatever is raised, the handle is closed."""
    msvcrt: Any = importlib.import_module("msvcrt")
    ends = time.monotonic() + seconds
    try:
        while True:
            try:
                msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
                return
            except OSError:
                if time.monotonic() >= ends:
                    raise LockTaken from None
            time.sleep(TRY_AGAIN_SECONDS)
    except BaseException:
        os.close(handle)
        raise


def _wait(handle: int, wanted: int, seconds: float) -> None:
    """Wait for the lock; on ``LockTaken`` the handle belongs to the thread that still waits, which closes it."""
    guard, got = threading.Lock(), threading.Event()
    given_up = False

    def wait() -> None:
        fcntl.flock(handle, wanted)
        with guard:
            if given_up:
                os.close(handle)
            else:
                got.set()

    threading.Thread(target=wait, name="waiting for a lock", daemon=True).start()
    try:
        got.wait(seconds)
    finally:
        with guard:
            given_up = not got.is_set()
    if given_up:
        raise LockTaken
