"""The sequencer: what gives each entry its place in the log, once and for good, however many processes append at once.

It holds bytes in order and knows nothing of what they say, but for a mark on those that *govern* the rest (keys, roles,
schemas), and for the head that was signed last. Two kinds hold to this protocol, and one test suite runs against both:
the one here, in one local SQLite file, and ``sequencer_postgres``. An ``Appending`` is exclusive: what was checked
against ``size`` and the governing entries still holds when the entries are written. They are durable when it ends.

>>> import tempfile
>>> from pathlib import Path
>>> sequencer = SqliteSequencer.create(Path(tempfile.mkdtemp()) / "entries.db")
>>> with sequencer.appending() as appending:
...     appending.add([Waiting(b"one", True), Waiting(b"two", False)])
0
>>> sequencer.size(), sequencer.read(1, 2)
(2, [b'two'])
>>> sequencer.close()
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256
from typing import NamedTuple, Protocol

from countersign.errors import EvidenceWrong, NotAllowed, NotReached
from countersign.record.store.filelock import WAIT_SECONDS, held
from countersign.record.store.sqlitefile import SqliteForm, SqliteStore

#: How many entries are read at a time where all of them are gone through.
BATCH = 8192


class LogStoreMissing(NotReached):
    """The store of the log cannot be opened, read or written."""

    code = "log-store-missing"
    next_step = (
        "Check the path or address, the permissions and the room on the disk; what was acknowledged is not lost."
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

    def places(self, entries: Sequence[bytes]) -> list[int | None]:
        """For each of these, the first place where exactly these bytes stand already, or ``None``."""

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


_TABLES = """
create table entry (place integer primary key, data blob not null, governs integer not null) strict;
create index governing on entry (place) where governs = 1;
create table head (only integer primary key check (only = 1), note blob not null) strict;
"""
#: Where entries are by the first eight bytes of their SHA-256. The first append makes and fills it: stores of 0.1
#: have none, and a program of 0.1 that appends leaves it behind.
_LEAVES = (
    "create table if not exists leaf (place integer primary key, prefix integer not null) strict",
    "create index if not exists leaf_prefix on leaf (prefix)",
)


class _SqliteAppending:
    """The exclusive right to append to one SQLite file, within its transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.size = _size(connection)
        for statement in _LEAVES:
            connection.execute(statement)
        self._note_leaves(connection.execute("select coalesce(max(place) + 1, 0) from leaf").fetchone()[0])

    def _note_leaves(self, start: int) -> None:
        """Fill in the leaves from index ``start`` on."""
        for first in range(start, self.size, BATCH):
            rows = self._connection.execute(
                "select place, data from entry where place >= ? and place < ?", (first, first + BATCH)
            )
            self._connection.executemany(
                "insert into leaf values (?, ?)", [(place, _prefix(data)) for place, data in rows.fetchall()]
            )

    def places(self, entries: Sequence[bytes]) -> list[int | None]:
        return [self._place(data) for data in entries]

    def _place(self, data: bytes) -> int | None:
        rows = self._connection.execute(
            "select place from leaf join entry using (place) where prefix = ? and data = ? order by place limit 1",
            (_prefix(data), data),
        ).fetchone()
        return None if rows is None else int(rows[0])

    def governing(self, start: int) -> list[Governing]:
        rows = self._connection.execute(
            "select place, data from entry where governs = 1 and place >= ? order by place", (start,)
        )
        return [Governing(*row) for row in rows]

    def add(self, entries: Sequence[Waiting]) -> int:
        first = self.size
        self._connection.executemany(
            "insert into entry values (?, ?, ?)",
            [(first + number, data, int(governs)) for number, (data, governs) in enumerate(entries)],
        )
        self.size += len(entries)
        self._connection.executemany(
            "insert into leaf values (?, ?)",
            [(first + number, _prefix(waiting.data)) for number, waiting in enumerate(entries)],
        )
        return first


class SqliteSequencer(SqliteStore):
    """The sequencer at a path. See ``sequencer.Sequencer`` for what each method promises."""

    form = SqliteForm(
        "log's store",
        ("application_id", 0x43534C31),
        _TABLES,
        LogStoreMissing,
        LogStoreExists,
        LogStoreDamaged,
        mode=0o640,
        wait=WAIT_SECONDS,
    )

    @contextmanager
    def appending(self) -> Iterator[_SqliteAppending]:
        """See ``sequencer.Sequencer``. Waiting is for a lock on a file (``filelock``), which hands over at once."""
        with self._exclusive("appending"), self._writing() as connection:
            yield _SqliteAppending(connection)

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """See ``sequencer.Sequencer``."""
        with self._exclusive("publishing"):
            yield

    def _exclusive(self, what: str) -> AbstractContextManager[None]:
        """Exclusive among all threads and processes that do ``what``; let go when the process ends, however it does."""
        return held(self._path.with_name(f"{self._path.name}.{what}"), what, WAIT_SECONDS, LogStoreMissing)

    def size(self) -> int:
        """See ``sequencer.Sequencer``."""
        with self._using() as connection:
            return _size(connection)

    def read(self, start: int, stop: int) -> list[bytes]:
        """See ``sequencer.Sequencer``."""
        with self._using() as connection:
            rows = connection.execute(
                "select place, data from entry where place >= ? and place < ? order by place", (start, stop)
            ).fetchall()
        return together(rows, start, stop, str(self._path))

    def head(self) -> bytes | None:
        """See ``sequencer.Sequencer``."""
        with self._using() as connection:
            row = connection.execute("select note from head").fetchone()
        return None if row is None else bytes(row[0])

    def keep_head(self, note: bytes) -> None:
        """See ``sequencer.Sequencer``."""
        with self._using() as connection:
            connection.execute("insert or replace into head values (1, ?)", (note,))


def _size(connection: sqlite3.Connection) -> int:
    size: int = connection.execute("select coalesce(max(place) + 1, 0) from entry").fetchone()[0]
    return size


def _prefix(data: bytes) -> int:
    """The first eight bytes of the SHA-256, as SQLite holds an integer."""
    return int.from_bytes(sha256(data).digest()[:8], "big", signed=True)
