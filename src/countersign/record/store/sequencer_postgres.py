"""The sequencer in PostgreSQL, for a force that keeps its services there: a schema of its own for each log.

Appending is exclusive by a lock on the table of entries, publishing by an advisory lock. ``synchronous_commit`` is on
for these sessions whatever the server's default. Needs psycopg 3 (``countersign[postgres]``). The sealed store never
lies here: PostgreSQL's write-ahead log keeps what was deleted.

A server that is not on this machine is asked over TLS, and its certificate must be that of its name (``sslmode =
verify-full``), unless the address or ``PGSSLMODE`` says otherwise: libpq by itself would take any server, and none.

>>> sorted(verified_address("host=db.example dbname=log").split())
['dbname=log', 'host=db.example', 'sslmode=verify-full']
>>> verified_address("host=/run/postgresql dbname=log")
'host=/run/postgresql dbname=log'
"""

from __future__ import annotations

import ipaddress
import os
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from countersign.record.store.filelock import WAIT_SECONDS, LogBusy
from countersign.record.store.sequencer import (
    Governing,
    LogStoreDamaged,
    LogStoreExists,
    LogStoreMissing,
    Waiting,
    digest_prefix,
    hold_rows,
    together,
)

_LEAVES = "create index leaf on entry (sha256(data))"
#: The first eight bytes of each entry's SHA-256, by which a row that was changed shows when it is read. Stores of 0.1
#: have no such table, and a program of 0.1 that appends leaves it behind: the next append fills it.
_NOTED = "create table if not exists noted (place bigint primary key, prefix bigint not null)"
_NOTE = (
    "insert into noted select place, ('x' || encode(substring(sha256(data) from 1 for 8), 'hex'))::bit(64)::bigint "
    "from entry where place >= (select coalesce(max(place) + 1, 0) from noted)"
)
_READ_UNNOTED = "select place, data, null from entry where place >= %s and place < %s order by place"
_READ = _READ_UNNOTED.replace("null from entry", "prefix from entry left join noted using (place)")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,50}\Z", re.ASCII)


def verified_address(conninfo: str) -> str:
    """The address with what a server outside this machine must show. Raises ``psycopg.ProgrammingError``."""
    named = conninfo_to_dict(conninfo)
    for name in ("hostaddr", "host", "service", "sslmode"):
        named.setdefault(name, os.environ.get(f"PG{name.upper()}"))
    hosts = str(named["hostaddr"] or named["host"] or "")
    outside = any(not _on_this_machine(host.strip()) for host in hosts.split(",")) or (not hosts and named["service"])
    return make_conninfo(conninfo, sslmode="verify-full") if outside and not named["sslmode"] else conninfo


def _on_this_machine(host: str) -> bool:
    """Whether it names a socket (a path, an abstract name, or nothing) or a loopback address."""
    if host in ("", "localhost") or host.startswith(("/", "@")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _PostgresAppending:
    def __init__(self, cursor: psycopg.Cursor, where: str) -> None:
        self._cursor, self._where = cursor, where
        row = cursor.execute("select coalesce(max(place) + 1, 0) from entry").fetchone()
        self.size: int = row[0] if row else 0
        # Logs of 0.1 have no such index.
        if cursor.execute("select to_regclass('leaf')::text").fetchone() == (None,):
            cursor.execute(_LEAVES)
        cursor.execute(_NOTED)
        cursor.execute(_NOTE)

    def governing(self, start: int) -> list[Governing]:
        rows = self._cursor.execute(
            "select place, data, prefix from entry left join noted using (place) where governs and place >= %s "
            "order by place",
            (start,),
        ).fetchall()
        hold_rows(rows, self._where)
        return [Governing(place, bytes(data)) for place, data, _ in rows]

    def places(self, entries: Sequence[bytes]) -> list[int | None]:
        rows = self._cursor.execute(
            "select number, min(place) from unnest(%s::bytea[]) with ordinality as given (bytes, number) "
            "join entry on sha256(entry.data) = sha256(given.bytes) and entry.data = given.bytes group by number",
            (list(entries),),
        )
        there: dict[int, int] = dict(rows.fetchall())
        return [there.get(number) for number, _ in enumerate(entries, 1)]

    def add(self, entries: Sequence[Waiting]) -> int:
        first = self.size
        with self._cursor.copy("copy entry (place, data, governs) from stdin") as copy:
            for number, (data, governs) in enumerate(entries):
                copy.write_row((first + number, data, governs))
        with self._cursor.copy("copy noted (place, prefix) from stdin") as copy:
            for number, (data, _) in enumerate(entries):
                copy.write_row((first + number, digest_prefix(data)))
        self.size += len(entries)
        return first


class PostgresSequencer:
    """The sequencer of the log ``name`` at a server. See ``sequencer.Sequencer`` for what each method promises."""

    def __init__(self, conninfo: str, name: str) -> None:
        """Connect; raises ``LogStoreMissing`` or ``LogStoreDamaged``. The address is in no message."""
        self._conninfo, self._name, self._where = conninfo, name, f"the PostgreSQL log {name}"
        self._lock = threading.RLock()
        self._connection: psycopg.Connection | None = None
        self._notes = False
        with self._using() as connection:
            row = connection.execute("select to_regclass('entry')::text, to_regclass('head')::text").fetchone()
        if row is None or None in row:
            self.close()
            raise LogStoreMissing(f"{self._where}: there is no such log")

    @classmethod
    def create(cls, conninfo: str, name: str) -> PostgresSequencer:
        """Make the tables of a new log; raises ``LogStoreExists`` or ``LogStoreMissing``."""
        if not _NAME.match(name):
            raise LogStoreDamaged(f"{name!r} cannot name a log in PostgreSQL: letters, digits and underscores")
        schema = sql.Identifier(f"countersign_{name}")
        try:
            with psycopg.connect(verified_address(conninfo), connect_timeout=10) as connection:
                connection.execute(sql.SQL("create schema {}").format(schema))
                connection.execute(sql.SQL("set local search_path to {}").format(schema))
                connection.execute(
                    "create table entry (place bigint primary key, data bytea not null, governs boolean not null)"
                )
                connection.execute("create index governing on entry (place) where governs")
                connection.execute(_LEAVES)
                connection.execute(_NOTED)
                connection.execute("create table head (single boolean primary key check (single), note bytea not null)")
        except psycopg.errors.DuplicateSchema:
            raise LogStoreExists(f"the PostgreSQL log {name}: there is one already") from None
        except psycopg.Error as error:
            raise LogStoreMissing(f"the PostgreSQL log {name}: {_reason(error)}") from None
        return cls(conninfo, name)

    @staticmethod
    def discard(conninfo: str, name: str) -> None:
        """Take away the tables of a log that has just been made and was never used. Raises ``LogStoreMissing``."""
        try:
            with psycopg.connect(verified_address(conninfo), connect_timeout=10) as connection:
                connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(f"countersign_{name}")))
        except psycopg.Error as error:
            raise LogStoreMissing(f"the PostgreSQL log {name}: {_reason(error)}") from None

    @contextmanager
    def appending(self) -> Iterator[_PostgresAppending]:
        """See ``sequencer.Sequencer``."""
        with self._using() as connection, connection.transaction(), connection.cursor() as cursor:
            cursor.execute("lock table entry in share row exclusive mode")
            yield _PostgresAppending(cursor, self._where)

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """See ``sequencer.Sequencer``. On a connection of its own, so that it keeps nobody from appending."""
        try:
            with self._connect() as connection:
                connection.execute("select pg_advisory_lock(hashtext(%s))", (f"countersign/{self._name}",))
                yield
        except psycopg.errors.LockNotAvailable:
            raise LogBusy(f"{self._where}: others have been publishing for {WAIT_SECONDS:g} seconds") from None
        except psycopg.Error as error:
            raise LogStoreMissing(f"{self._where}: {_reason(error)}") from None

    def size(self) -> int:
        """See ``sequencer.Sequencer``."""
        with self._using() as connection:
            row = connection.execute("select coalesce(max(place) + 1, 0) from entry").fetchone()
        return int(row[0]) if row else 0

    def read(self, start: int, stop: int) -> list[bytes]:
        """See ``sequencer.Sequencer``."""
        with self._using() as connection:
            self._notes = self._notes or connection.execute("select to_regclass('noted')::text").fetchone() != (None,)
            query = _READ if self._notes else _READ_UNNOTED
            rows = connection.execute(query, (start, stop)).fetchall()
        entries = together([(place, data) for place, data, _ in rows], start, stop, self._where)
        hold_rows(((place, data, noted) for (place, _, noted), data in zip(rows, entries, strict=True)), self._where)
        return entries

    def head(self) -> bytes | None:
        """See ``sequencer.Sequencer``."""
        with self._using() as connection:
            row = connection.execute("select note from head").fetchone()
        return None if row is None else bytes(row[0])

    def keep_head(self, note: bytes) -> None:
        """See ``sequencer.Sequencer``."""
        with self._using() as connection:
            connection.execute(
                "insert into head values (true, %s) on conflict (single) do update set note = excluded.note", (note,)
            )

    def close(self) -> None:
        """See ``sequencer.Sequencer``."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _connect(self) -> psycopg.Connection:
        schema = sql.Identifier(f"countersign_{self._name}")
        connection = psycopg.connect(verified_address(self._conninfo), connect_timeout=10, autocommit=True)
        connection.execute(sql.SQL("set search_path to {}").format(schema))
        connection.execute("set synchronous_commit = on")
        connection.execute(sql.SQL("set lock_timeout = {}").format(sql.Literal(int(WAIT_SECONDS * 1000))))
        return connection

    @contextmanager
    def _using(self) -> Iterator[psycopg.Connection]:
        with self._lock:
            try:
                if self._connection is None or self._connection.closed or self._connection.broken:
                    self._connection = self._connect()
                yield self._connection
            except psycopg.errors.LockNotAvailable:
                raise LogBusy(f"{self._where}: others have been appending for {WAIT_SECONDS:g} seconds") from None
            except psycopg.errors.UniqueViolation as error:
                raise LogStoreDamaged(f"{self._where}: {_reason(error)}") from None
            except psycopg.Error as error:
                raise LogStoreMissing(f"{self._where}: {_reason(error)}") from None


def _reason(error: psycopg.Error) -> str:
    return (error.diag.message_primary or str(error) or type(error).__name__).splitlines()[0]
