"""The sequencer in one local SQLite file: write-ahead log, synced at every commit (``synchronous = FULL``).

>>> import tempfile
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
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from countersign.record.store.filelock import held
from countersign.record.store.sequencer import (
    WAIT_SECONDS,
    Governing,
    LogStoreDamaged,
    LogStoreExists,
    LogStoreMissing,
    Waiting,
    together,
)
from countersign.record.store.sqlitefile import SqliteForm, transaction

_TABLES = """
create table entry (place integer primary key, data blob not null, governs integer not null) strict;
create index governing on entry (place) where governs = 1;
create table head (only integer primary key check (only = 1), note blob not null) strict;
"""
_FORM = SqliteForm(
    "log's store", ("application_id", 0x43534C31), _TABLES, LogStoreMissing, LogStoreExists, LogStoreDamaged,
    mode=0o640, wait=WAIT_SECONDS,
)  # fmt: skip


class SqliteAppending:
    """The exclusive right to append to one SQLite file, within its transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.size = _size(connection)

    def governing(self, start: int) -> list[Governing]:
        """See ``sequencer.Appending``."""
        rows = self._connection.execute(
            "select place, data from entry where governs = 1 and place >= ? order by place", (start,)
        )
        return [Governing(*row) for row in rows]

    def add(self, entries: Sequence[Waiting]) -> int:
        """See ``sequencer.Appending``."""
        first = self.size
        self._connection.executemany(
            "insert into entry values (?, ?, ?)",
            [(first + number, data, int(governs)) for number, (data, governs) in enumerate(entries)],
        )
        self.size += len(entries)
        return first


class SqliteSequencer:
    """The sequencer at a path. See ``sequencer.Sequencer`` for what each method promises."""

    def __init__(self, path: Path) -> None:
        """Open a store; raises ``LogStoreMissing`` or ``LogStoreDamaged``."""
        self._path = path
        self._lock = threading.RLock()
        self._connection = _FORM.open(path)

    @classmethod
    def create(cls, path: Path) -> SqliteSequencer:
        """Make an empty store where there is none; raises ``LogStoreExists`` or ``LogStoreMissing``."""
        _FORM.create(path)
        return cls(path)

    @contextmanager
    def appending(self) -> Iterator[SqliteAppending]:
        """See ``sequencer.Sequencer``. Waiting is for a lock on a file (``filelock``), which hands over at once."""
        with self._exclusive("appending"), self._using() as connection, transaction(connection):
            yield SqliteAppending(connection)

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

    def close(self) -> None:
        """See ``sequencer.Sequencer``."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _FORM.faults(self._path):
            yield self._connection


def _size(connection: sqlite3.Connection) -> int:
    found: int = connection.execute("select coalesce(max(place) + 1, 0) from entry").fetchone()[0]
    return found
