"""The sequencer: what gives each entry its place in the log, once and for good, however many processes append at once.

It holds bytes in order and knows nothing of what they say, but for a mark on those that *govern* the rest (keys, roles,
schemas), so that whoever appends can catch up on them quickly, and for the head that was signed last. Two kinds hold to
this protocol, one test suite runs against both: ``sequencer_sqlite`` and ``sequencer_postgres``. ``log`` puts it
together with keys, tiles and checkpoints.

An ``Appending`` is exclusive: from its beginning to its end nobody else appends, so that what was checked against
``size`` and the governing entries still holds when the entries are written. They are durable when it ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from countersign.errors import EvidenceWrong, NotAllowed, NotReached

#: How long an append waits for the others before it gives up, in seconds.
WAIT_SECONDS = 60.0
#: How many entries are read at a time where all of them are gone through.
BATCH = 8192


class LogStoreMissing(NotReached):
    """The store of the log cannot be opened, read or written."""

    code = "log-store-missing"
    next_step = (
        "Check the path or address, the permissions and the room on the disk; what was acknowledged is not lost."
    )


class LogBusy(NotReached):
    """Somebody else has been appending, publishing or erasing for as long as one waits."""

    code = "log-busy"
    next_step = (
        "See what else works on this log (a long import, a stopped process) and run the command again; nothing was "
        "written."
    )


class LogStoreExists(NotAllowed):
    """There is a log already; it is never made anew over an old one."""

    code = "log-store-exists"
    next_step = "Use the log as it is, or name another place for a new one."


class LogStoreDamaged(EvidenceWrong):
    """The store is not one of a log, or holds what it cannot hold."""

    code = "log-store-damaged"
    next_step = "Stop appending; restore the latest backup beside it and compare both with the last signed checkpoint."


class Waiting(NamedTuple):
    """An entry to be given a place: its bytes, and whether it governs those after it."""

    data: bytes
    governs: bool


class Governing(NamedTuple):
    """An entry that governs those after it, and its place."""

    place: int
    data: bytes


class Appending(Protocol):
    """The exclusive right to append, within ``Sequencer.appending``."""

    size: int

    def governing(self, start: int) -> list[Governing]:
        """The governing entries from index ``start`` on, in order."""

    def add(self, entries: Sequence[Waiting]) -> int:
        """Give these entries the next places, in order; returns the first. Durable when the context ends."""


class Sequencer(Protocol):
    """Entries in order; safe for several threads and processes. Every method may raise ``LogStoreMissing``."""

    def appending(self) -> AbstractContextManager[Appending]:
        """Exclusive among all who append; what was added is durable when it ends, or not there if it raises."""

    def publishing(self) -> AbstractContextManager[None]:
        """Exclusive among all who publish; does not keep anybody from appending."""

    def size(self) -> int:
        """How many entries there are."""

    def read(self, start: int, stop: int) -> list[bytes]:
        """The entries from ``start`` up to ``stop``; raises ``LogStoreDamaged`` if one of them is not there."""

    def head(self) -> bytes | None:
        """The note signed last, as kept here."""

    def keep_head(self, note: bytes) -> None:
        """Keep the note signed last, durably."""

    def close(self) -> None:
        """Let go of files and connections."""


def together(rows: Sequence[tuple[int, bytes]], start: int, stop: int, where: str) -> list[bytes]:
    """The entries of rows read in order, of which none may be missing. Raises ``LogStoreDamaged``."""
    if [place for place, _ in rows] != list(range(start, stop)):
        raise LogStoreDamaged(f"{where}: entries {start} to {stop - 1} are not all there")
    return [bytes(data) for _, data in rows]
