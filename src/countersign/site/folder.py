"""A folder that is replaced whole or not at all, whatever happens on the way.

The new one is filled under a name of its own beside the old one (``.site.<letters>.new``), synced, and the two names
are exchanged in one step of the system (``renameat2`` with ``RENAME_EXCHANGE`` on Linux), so that at every moment a
whole folder stands at the name. Where the system cannot do that there are two renames, and the next run mends what lay
between. What a killed run left beside is cleared by the next; a lock (``.site.lock``, which stays) keeps two runs from
replacing the same folder at once.

>>> import tempfile
>>> home = Path(tempfile.mkdtemp())
>>> with replacing(home / "site") as staging:
...     _ = (staging / "a.txt").write_text("whole")
>>> (home / "site" / "a.txt").read_text(), sorted(one.name for one in home.iterdir())
('whole', ['.site.lock', 'site'])
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from countersign.errors import NotAllowed
from countersign.output import CannotWrite, sync
from countersign.record.store.filelock import LockTaken, locked

_HERE = -100  # AT_FDCWD: paths are taken from the process's own folder.
_EXCHANGE = 2  # RENAME_EXCHANGE of renameat2(2).


class SiteBeingWritten(NotAllowed):
    """Another run is replacing the same folder."""

    code = "site-being-written"
    next_step = "Wait until the other run is done, and run the command again; nothing was changed."


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """An empty folder to fill; when the block ends without an error it stands at ``folder`` in place of the old one.

    A symbolic link at ``folder`` is followed, and what it leads to is replaced. Raises ``SiteBeingWritten``,
    ``CannotWrite`` for what the disk refuses, and whatever the block raises; the old folder is then as it was.
    """
    try:
        whole = folder.resolve()
        whole.parent.mkdir(parents=True, exist_ok=True)
        lock = whole.with_name(f".{whole.name}.lock")
        try:
            with locked(lock, 0.2):
                _mend(whole)
                staging = Path(tempfile.mkdtemp(prefix=f".{whole.name}.", suffix=".new", dir=whole.parent))
                try:
                    yield staging
                    staging.chmod(0o755)
                    os.sync()
                    _swap(staging, whole)
                finally:
                    shutil.rmtree(staging, ignore_errors=True)
        except LockTaken:
            raise SiteBeingWritten(f"{folder}: another run is writing it") from None
    except OSError as error:
        if isinstance(error, CannotWrite) or not isinstance(error.errno, int):
            raise
        raise CannotWrite(f"{folder}: could not be written: {error.strerror or error}") from error


def _mend(whole: Path) -> None:
    """Undo what runs that were killed left: the lock is held, so nobody is at work on any of it."""
    aside = _aside(whole)
    if aside.exists() and not whole.exists():
        aside.rename(whole)
    for left in (aside, *whole.parent.glob(f".{whole.name}.*.new")):
        shutil.rmtree(left, ignore_errors=True)


def _aside(whole: Path) -> Path:
    return whole.with_name(f".{whole.name}.old")


def _swap(staging: Path, whole: Path) -> None:
    if not whole.exists():
        staging.rename(whole)
    elif not exchanged(staging, whole):
        aside = _aside(whole)
        whole.rename(aside)
        try:
            staging.rename(whole)
        except OSError:
            aside.rename(whole)
            raise
        shutil.rmtree(aside, ignore_errors=True)
    with suppress(OSError):
        sync(whole.parent)


def exchanged(one: Path, two: Path) -> bool:
    """Give each of two paths the other's name in one step. False where this system or disk has no such step."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    if rename(_HERE, os.fsencode(one), _HERE, os.fsencode(two), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(number, os.strerror(number), str(two))
