"""Which places of a log's store are about which subject: a kept index, so that one subject's entries are found at once.

It is a cache in a SQLite file of its own beside the store; appending neither waits for it nor writes it. Before it
answers it is brought up to the store's size. It remembers how many entries it has seen and the SHA-256 of the last:
where they are not the store's, or the file is no index, it is made anew; where the file cannot be written, in memory.

>>> import tempfile
>>> from countersign.record.store.sequencer import SqliteSequencer, Waiting
>>> store = SqliteSequencer.create(Path(tempfile.mkdtemp()) / "entries.db")
>>> with store.appending() as appending:
...     texts = [b'{"subject":"force-a","v":1}', b'{"subject":"force-a/d-1","v":1}', b'{"subject":"force-a","v":1}']
...     _ = appending.add([Waiting(text, False) for text in texts])
>>> SubjectIndex(None).places(("force-a",), store)
[0, 2]
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from countersign.progress import Progress, silent
from countersign.record.entries.forms import subject_of
from countersign.record.store.filelock import WAIT_SECONDS
from countersign.record.store.sequencer import BATCH, LogStoreDamaged, Sequencer
from countersign.record.store.sqlitefile import Connection, take_away, transaction

_TABLES = """
create table about (subject text not null, place integer not null, primary key (subject, place)) strict, without rowid;
create table seen (only integer primary key check (only = 1), size integer not null, last blob not null) strict;
insert into seen values (1, 0, x'');
"""
_APPLICATION = 0x43535831


class SubjectIndex:
    """The index kept at ``path``, or in memory for ``None``. Not for several threads at once; several processes may."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._memory: sqlite3.Connection | None = None

    def places(self, subjects: Sequence[str], store: Sequencer, *, progress: Progress = silent) -> list[int]:
        """The places, in order, of all entries of the store that are about one of these subjects. Raises what reading
        the store raises, and ``LogStoreDamaged`` for bytes in it that are no entry."""
        for attempt in range(2):
            if self._path is None:
                break
            try:
                with _opened(self._path) as connection:
                    return _places(connection, subjects, store, progress)
            except sqlite3.OperationalError:
                break  # No room, no right to write, or others at it for a minute: do without the file.
            except sqlite3.DatabaseError:
                if attempt == 0 and not _thrown_away(self._path):
                    break
        self._path = None
        if self._memory is None:
            self._memory = sqlite3.connect(
                ":memory:", isolation_level=None, check_same_thread=False, factory=Connection
            )
            self._memory.executescript(_TABLES)
        return _places(self._memory, subjects, store, progress)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
    try:
        connection.execute("pragma journal_mode = wal")
        # What a power cut takes from it is read again from the store.
        connection.execute("pragma synchronous = normal")
        application = connection.execute("pragma application_id").fetchone()[0]
        if application != _APPLICATION:
            with transaction(connection):
                if connection.execute("select count(*) from sqlite_schema").fetchone()[0] == 0:
                    for statement in filter(str.strip, _TABLES.split(";")):
                        connection.execute(statement)
                    connection.execute(f"pragma application_id = {_APPLICATION}")
                elif connection.execute("pragma application_id").fetchone()[0] != _APPLICATION:
                    raise sqlite3.DatabaseError("is no index of subjects")
        yield connection
    finally:
        connection.close()


def _places(connection: sqlite3.Connection, subjects: Sequence[str], store: Sequencer, progress: Progress) -> list[int]:
    if not _up_to_date(connection, store):
        with transaction(connection):
            _catch_up(connection, store, progress)
    found: list[int] = []
    for subject in dict.fromkeys(subjects):
        found += [place for (place,) in connection.execute("select place from about where subject = ?", (subject,))]
    return sorted(found)


def _seen(connection: sqlite3.Connection) -> tuple[int, bytes]:
    size, last = connection.execute("select size, last from seen").fetchone()
    return size, last


def _fits(store: Sequencer, seen: int, last: bytes) -> bool:
    return seen == 0 or (seen <= store.size() and sha256(store.read(seen - 1, seen)[0]).digest() == last)


def _up_to_date(connection: sqlite3.Connection, store: Sequencer) -> bool:
    seen, last = _seen(connection)
    return seen == store.size() and _fits(store, seen, last)


def _catch_up(connection: sqlite3.Connection, store: Sequencer, progress: Progress) -> None:
    """Read what the store has beyond the index; all of it if the index is of another history."""
    seen, last = _seen(connection)
    if not _fits(store, seen, last):
        connection.execute("delete from about")
        seen = 0
    size = store.size()
    for start in range(seen, size, BATCH):
        progress("finding what entries are about", start, size)
        batch = store.read(start, min(start + BATCH, size))
        try:
            about = [(subject_of(data), place) for place, data in enumerate(batch, start)]
        except ValueError:
            raise LogStoreDamaged(f"entries {start} to {start + len(batch) - 1} are not all entries") from None
        connection.executemany("insert into about values (?, ?)", about)
        last = sha256(batch[-1]).digest()
    connection.execute("update seen set size = ?, last = ?", (size, last))


def _thrown_away(path: Path) -> bool:
    """Take away a file that is no index, with what SQLite laid beside it; ``False`` where it may not be."""
    try:
        take_away(path)
    except OSError:
        return False
    return True
