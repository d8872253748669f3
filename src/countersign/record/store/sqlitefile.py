"""One SQLite file of the record: making it durably, opening it safely, and its faults as the file's own errors.

A file is made once, on purpose, with its rights from the first byte, a write-ahead log, its tables, and a mark that
names its kind; the folder it stands in is synced. If anything fails on the way nothing is left. One
that is opened must be there and carry the mark, and every commit is synced (``synchronous = FULL``).

>>> import tempfile
>>> tables = "create table item (name text);"
>>> form = SqliteForm("list", ("user_version", 7), tables, NotReached, NotAllowed, EvidenceWrong)
>>> path = Path(tempfile.mkdtemp()) / "list.db"
>>> form.create(path)
>>> form.open(path).close()
>>> form.create(path)  # doctest: +ELLIPSIS
Traceback (most recent call last):
    ...
countersign.errors.NotAllowed: .../list.db: there is a list already
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from countersign.errors import EvidenceWrong, NotAllowed, NotReached
from countersign.output import sync

_BESIDE = ("", "-wal", "-shm", "-journal")


class Connection(sqlite3.Connection):
    """A connection that is closed, at the latest, when nobody holds it any more."""

    def __del__(self) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class SqliteForm:
    """One kind of file: name, mark (a pragma and its value), tables, errors, rights, pragmas, and seconds to wait."""

    what: str
    mark: tuple[str, int]
    tables: str
    missing: type[NotReached]
    exists: type[NotAllowed]
    damaged: type[EvidenceWrong]
    mode: int = 0o600
    pragmas: tuple[str, ...] = ()
    wait: float = 30.0

    def create(self, path: Path) -> None:
        """Make an empty file where there is none, on the disk when this returns; raises ``exists`` or ``missing``."""
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, self.mode))
        except FileExistsError:
            raise self.exists(f"{path}: there is a {self.what} already") from None
        except OSError as error:
            raise self.missing(f"{path}: {error.strerror or error}") from None
        try:
            with self.faults(path):
                self._fill(path)
            sync(path.parent)
        except BaseException as error:
            take_away(path)
            if type(error) is OSError:
                raise self.missing(f"{path}: {error.strerror or error}") from None
            raise

    def _fill(self, path: Path) -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = full")
            name, value = self.mark
            connection.executescript(f"begin immediate; {self.tables} pragma {name} = {value}; commit;")
        finally:
            connection.close()

    def open(self, path: Path) -> sqlite3.Connection:
        """The file opened; its user keeps threads apart. Raises ``missing``, or ``damaged`` without the mark."""
        if not path.is_file():
            raise self.missing(f"{path}: there is no {self.what}")
        with self.faults(path):
            # By its address, so that it is not made if somebody takes it away meanwhile.
            address = f"{path.absolute().as_uri()}?mode=rw"
            options: dict[str, Any] = {"isolation_level": None, "check_same_thread": False, "factory": Connection}
            connection: Connection = sqlite3.connect(address, uri=True, timeout=self.wait, **options)
            try:
                name, value = self.mark
                found = connection.execute(f"pragma {name}").fetchone()[0]
                if found != value:
                    raise self.damaged(f"{path}: is not a {self.what} (its {name} is {found}, not {value})")
                for pragma in ("synchronous = full", *self.pragmas):
                    connection.execute(f"pragma {pragma}")
            except BaseException:
                connection.close()
                raise
        return connection

    @contextmanager
    def faults(self, path: Path) -> Iterator[None]:
        """What SQLite finds wrong with the file within comes as ``missing`` or ``damaged``."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise self.missing(f"{path}: {error}") from None
        except sqlite3.DatabaseError as error:
            raise self.damaged(f"{path}: {error}") from None


class SqliteStore:
    """The file of a ``form`` at a path, opened; safe for several threads, and several processes may each open it."""

    form: ClassVar[SqliteForm]

    def __init__(self, path: Path) -> None:
        """Open the file; raises ``missing`` or ``damaged`` of the form."""
        self._path = path
        self._lock = threading.RLock()
        self._connection = self.form.open(path)

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make an empty file where there is none, and open it; raises ``exists`` or ``missing`` of the form."""
        cls.form.create(path)
        return cls(path)

    def close(self) -> None:
        """Close the file; the last to close it leaves no write-ahead log."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self.form.faults(self._path):
            yield self._connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._using() as connection, transaction(connection):
            yield connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Holds the write lock from the beginning; all that is done within stands when it ends, or nothing if it raises."""
    connection.execute("begin immediate")
    try:
        yield connection
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise


def take_away(path: Path) -> None:
    """Remove a SQLite file with what SQLite laid beside it; raises ``OSError``."""
    for ending in _BESIDE:
        path.with_name(path.name + ending).unlink(missing_ok=True)
