"""Locks on a file: by ``flock``, and where there is none by the first byte of the file, as Windows has it."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType

import pytest

from countersign.errors import NotReached
from countersign.record.store import filelock as own_filelock


class Msvcrt(ModuleType):
    """``msvcrt`` with file locks as Windows has them: exclusive, and gone when the handle is closed."""

    LK_NBLCK = 2

    def locking(self, handle: int, mode: int, count: int) -> None:
        assert (mode, count) == (self.LK_NBLCK, 1)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.fixture(params=["flock", "first byte"])
def filelock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    if request.param == "flock":
        return own_filelock
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", Msvcrt("msvcrt"))
    monkeypatch.delattr(os, "O_CLOEXEC")
    # A second copy of the module: the one that others have imported stays as it is.
    spec = importlib.util.spec_from_file_location("filelock_on_windows", own_filelock.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert not module.HAS_FLOCK
    return module


def test_a_lock_keeps_others_out_until_it_is_let_go(filelock: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "store.appending"
    with filelock.locked(path, 1), pytest.raises(filelock.LockTaken), filelock.locked(path, 0.05):
        pass
    with filelock.locked(path, 0.05):
        pass


def test_a_lock_that_is_waited_for_is_had_once_it_is_free(filelock: ModuleType, tmp_path: Path) -> None:
    path, order = tmp_path / "store.appending", []
    with ExitStack() as first:
        first.enter_context(filelock.locked(path, 1))

        def second() -> None:
            with filelock.locked(path, 10):
                order.append("second")

        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.1)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def test_a_taken_lock_says_what_others_are_doing(filelock: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "sealing.lock"
    busy = pytest.raises(filelock.LogBusy, match=r"others have been sealing for 0\.05 seconds")
    with filelock.locked(path, 1), busy, filelock.held(path, "sealing", 0.05, NotReached):
        pass


def handles() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_no_handle_is_left_open(filelock: ModuleType, tmp_path: Path) -> None:
    before = handles()
    path = tmp_path / "store.appending"
    with filelock.locked(path, 1):
        for _ in range(5):
            with pytest.raises(filelock.LockTaken), filelock.locked(path, 0.01):
                pass
    # A thread that still waits for a `flock` closes its handle once it comes.
    for _ in range(100):
        if handles() == before:
            return
        threading.Event().wait(0.02)
    raise AssertionError("a handle was left open")


def test_shared_locks_go_together_only_where_there_is_flock(filelock: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "sealing.lock"
    with filelock.locked(path, 1, shared=True):
        if filelock.HAS_FLOCK:
            with filelock.locked(path, 0.05, shared=True):
                pass
        with pytest.raises(filelock.LockTaken), filelock.locked(path, 0.05):
            pass
