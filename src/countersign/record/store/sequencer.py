"""The sequencer, which gives each entry its place in the log once and for good, and the index of subjects.

It holds bytes in order and knows nothing of what they say, but for a mark on those that *govern* the rest (keys, roles,
schemas), and for the head that was signed last. Two kinds hold to this protocol, and one test suite runs against both:
the one here, in one local SQLite file, and ``sequencer_postgres``. An ``Appending`` is exclusive: what was checked
against ``size`` and the governing entries still holds when the entries are written. They are durable when it ends.

The index of subjects is a cache in a SQLite file of its own; appending neither waits for it nor writes it. Before it
answers it is brought up to the store's size. It remembers how many entries it has seen and the SHA-256 of the last:
where they are not the store's, or the file is no index, it is made anew; where the file cannot be written, in memory.

>>> import tempfile
>>> from pathlib import Path
>>> store = SqliteSequencer.create(Path(tempfile.mkdtemp()) / "entries.db")
>>> with store.appending() as appending:
...     appending.add([Waiting(b'{"subject":"force-a","v":1}', True), Waiting(b'{"subject":"force-b","v":1}', False)])
0
>>> store.size(), store.read(1, 2), SubjectIndex(None).places(("force-b",), store)
(2, [b'{"subject":"force-b","v":1}'], [1])
>>> store.close()
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256
from pathlib import Path
from struct import Struct
from typing import Any, NamedTuple, Protocol

from countersign.errors import EvidenceWrong, NotAllowed, NotReached
from countersign.progress import Progress, silent
from countersign.record.entries.forms import subject_of
from countersign.record.store.filelock import WAIT_SECONDS, held
from countersign.record.store.sqlitefile import Connection, SqliteForm, SqliteStore, take_away, transaction

#: How many entries are read at a time where all of them are gone through.
BATCH = 8192


class LogStoreMissing(
    NotReached,
    next_step="Check the path or address, the permissions and the room on the disk; what was acknowledged is not lost.",
):
    """The store of the log cannot be opened, read or written."""


class LogStoreExists(NotAllowed, next_step="Use the log as it is, or name another place for a new one."):
    """There is a log already; it is never made anew over an old one."""


class LogStoreDamaged(
    EvidenceWrong,
    next_step="Stop appending; restore the latest backup beside it and compare both with the last signed checkpoint.",
):
    """The store is not one of a log, or holds what it cannot hold."""


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


def hold_rows(rows: Iterable[tuple[int, bytes, int | None]], where: str) -> None:
    """Hold entries to what was noted of their digests, if anything was. Raises ``LogStoreDamaged`` with the place."""
    for place, data, noted in rows:
        if noted is not None and noted != digest_prefix(data):
            raise LogStoreDamaged(f"{where}: entry {place} does not have the digest noted when it was added")


_TABLES = """
create table entry (place integer primary key, data blob not null, governs integer not null) strict;
create index governing on entry (place) where governs = 1;
create table head (only integer primary key check (only = 1), note blob not null) strict;
"""
#: Where entries are by the first eight bytes of their SHA-256. The first append makes and fills it: stores of 0.1
#: have none, and a program of 0.1 that appends leaves it behind.
_LEAVES = (
    "create table leaf (place integer primary key, prefix integer not null) strict",
    "create index leaf_prefix on leaf (prefix)",
)


_SIZES = "select (select coalesce(max(place) + 1, 0) from entry), (select coalesce(max(place) + 1, 0) from leaf)"
#: So few entries are looked for, and noted, one by one; more of them in one statement.
_FEW = 4


class _SqliteAppending:
    def __init__(self, connection: sqlite3.Connection, where: str) -> None:
        self._connection, self._where = connection, where
        #: The beginnings of digests of what was looked for, which is what is then added.
        self._begun: dict[bytes, int] = {}
        self.size: int
        try:
            self.size, noted = connection.execute(_SIZES).fetchone()
        except sqlite3.OperationalError:
            # No digest is noted yet, or the store cannot be read, which these find too.
            for statement in _LEAVES:
                connection.execute(statement)
            self.size, noted = connection.execute(_SIZES).fetchone()
        self._note_leaves(noted)

    def _note_leaves(self, start: int) -> None:
        for first in range(start, self.size, BATCH):
            rows = self._connection.execute(
                "select place, data from entry where place >= ? and place < ?", (first, first + BATCH)
            )
            self._connection.executemany(
                "insert into leaf values (?, ?)", [(place, digest_prefix(data)) for place, data in rows.fetchall()]
            )

    def places(self, entries: Sequence[bytes]) -> list[int | None]:
        begun = self._begun = {data: digest_prefix(data) for data in entries}
        execute = self._connection.execute
        if len(entries) < _FEW:
            found = [
                execute("select prefix from leaf where prefix = ?", (prefix,)).fetchone() for prefix in begun.values()
            ]
        else:
            listed = json.dumps([*begun.values()])
            found = execute("select prefix from json_each(?) join leaf on prefix = value", (listed,)).fetchall()
        there = {row[0] for row in found if row is not None}
        return [self._place(data) if begun[data] in there else None for data in entries]

    def _place(self, data: bytes) -> int | None:
        query = "select place from leaf join entry using (place) where prefix = ? and data = ? order by place limit 1"
        row = self._connection.execute(query, (self._begun[data], data)).fetchone()
        return None if row is None else int(row[0])

    def governing(self, start: int) -> list[Governing]:
        rows = self._connection.execute(
            "select place, data, prefix from entry join leaf using (place) where governs = 1 and place >= ? "
            "order by place",
            (start,),
        ).fetchall()
        hold_rows(((place, data, noted) for place, data, noted in rows), self._where)
        return [Governing(place, data) for place, data, _ in rows]

    def add(self, entries: Sequence[Waiting]) -> int:
        first = self.size
        rows = [(place, data, int(governs)) for place, (data, governs) in enumerate(entries, first)]
        self._connection.executemany("insert into entry values (?, ?, ?)", rows)
        self.size += len(entries)
        noted = self._begun.get
        begun = [noted(data) or digest_prefix(data) for data, _ in entries]
        if len(entries) < _FEW:
            self._connection.executemany("insert into leaf values (?, ?)", enumerate(begun, first))
        else:
            self._connection.execute(
                "insert into leaf select key + ?, value from json_each(?)", (first, json.dumps(begun))
            )
        return first


class SqliteSequencer(SqliteStore):
    """The sequencer at a path. See ``sequencer.Sequencer`` for what each method promises."""

    _errors = (LogStoreMissing, LogStoreExists, LogStoreDamaged)
    form = SqliteForm("log's store", ("application_id", 0x43534C31), _TABLES, *_errors, mode=0o640, wait=WAIT_SECONDS)

    @contextmanager
    def appending(self) -> Iterator[_SqliteAppending]:
        """See ``sequencer.Sequencer``. Waiting is for a lock on a file (``filelock``), which hands over at once."""
        with self._exclusive("appending"), self._writing() as connection:
            yield _SqliteAppending(connection, str(self._path))

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
            noted: dict[int, int] = {}
            if connection.execute("select 1 from sqlite_master where name = 'leaf'").fetchone():
                query = "select place, prefix from leaf where place >= ? and place < ?"
                noted = dict(connection.execute(query, (start, stop)).fetchall())
        entries = together(rows, start, stop, str(self._path))
        hold_rows(((place, data, noted.get(place)) for place, data in enumerate(entries, start)), str(self._path))
        return entries

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
    return int(connection.execute("select coalesce(max(place) + 1, 0) from entry").fetchone()[0])


def digest_prefix(data: bytes) -> int:
    """The first eight bytes of an entry's SHA-256, as a signed number."""
    prefix: int = _PREFIX.unpack_from(sha256(data).digest())[0]
    return prefix


_PREFIX = Struct(">q")


_INDEX_TABLES = """
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
        """The places of all entries about these subjects. Raises as the store, and ``LogStoreDamaged``."""
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
            options: dict[str, Any] = {"isolation_level": None, "check_same_thread": False, "factory": Connection}
            self._memory = sqlite3.connect(":memory:", **options)
            self._memory.executescript(_INDEX_TABLES)
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
                    for statement in filter(str.strip, _INDEX_TABLES.split(";")):
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
    try:
        take_away(path)
    except OSError:
        return False
    return True
