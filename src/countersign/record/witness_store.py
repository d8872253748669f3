"""What a witness must never forget: the checkpoint it cosigned last for each log, in one SQLite file.

Comparing and keeping are one transaction that holds the write lock from its beginning (``BEGIN IMMEDIATE``), so that
of two requests at once, from threads or processes, one sees the other's result. The journal is written ahead and
synced at each commit (``synchronous = FULL``), before the answer goes out. A store is made once, on purpose: a
witness that finds none stops, for without its memory it could be brought to sign a second history.

>>> import tempfile
>>> from countersign.record.merkle import EMPTY_ROOT
>>> from countersign.record.note import Note, NoteSignature
>>> from countersign.record.checkpoint import Checkpoint
>>> head = Checkpoint("log.example/1", 0, EMPTY_ROOT)
>>> store = WitnessStore.create(Path(tempfile.mkdtemp()) / "witness.db")
>>> store.advance(SignedCheckpoint(head, Note(head.render(), (NoteSignature("a", b"1234", b"5"),))), print)
None
>>> store.latest("log.example/1").checkpoint == head
True
>>> store.close()
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from countersign.errors import EvidenceWrong, NotAllowed, NotReached, WrongForm
from countersign.record.checkpoint import Checkpoint, SignedCheckpoint

_SCHEMA = """
create table latest (origin text primary key, note blob not null) strict;
create table evidence (origin text, size integer, root blob, reason text not null, note blob not null,
    primary key (origin, size, root)) strict;
pragma user_version = 1;
"""
_VERSION = 1
_WAIT_SECONDS = 30


class WitnessStateMissing(NotReached):
    """The witness's store cannot be opened or written."""

    code = "witness-state-missing"
    next_step = (
        "Find the store; if it is lost, retire this witness's key and make a new witness (countersign witness new)."
    )


class WitnessStateExists(NotAllowed):
    """A witness's store is there already and is not made anew."""

    code = "witness-state-exists"
    next_step = "Serve from the directory as it is, or name another one for a new witness."


class WitnessStateDamaged(EvidenceWrong):
    """The witness's store is not one, or holds what it cannot hold."""

    code = "witness-state-damaged"
    next_step = "Do not serve from it: retire this witness's key and make a new witness."


class WitnessStore:
    """The store at a path; safe for several threads, and several processes may each open it."""

    def __init__(self, path: Path) -> None:
        """Open a store; raises ``WitnessStateMissing`` or ``WitnessStateDamaged``."""
        self._path = path
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(
                f"file:{_quoted(path)}?mode=rw", uri=True, timeout=_WAIT_SECONDS, isolation_level=None,
                check_same_thread=False,
            )  # fmt: skip
            version = self._connection.execute("pragma user_version").fetchone()[0]
            self._connection.execute("pragma synchronous = full")
        except sqlite3.OperationalError as error:
            raise WitnessStateMissing(f"{path}: {error}") from None
        except sqlite3.DatabaseError as error:
            raise WitnessStateDamaged(f"{path}: {error}") from None
        if version != _VERSION:
            self._connection.close()
            raise WitnessStateDamaged(f"{path}: the store has the version {version}, not {_VERSION}")

    @classmethod
    def create(cls, path: Path) -> WitnessStore:
        """Make an empty store where there is none; raises ``WitnessStateExists`` or ``WitnessStateMissing``."""
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            raise WitnessStateExists(f"{path}: there is a witness's store already") from None
        except OSError as error:
            raise WitnessStateMissing(f"{path}: {error.strerror or error}") from None
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = full")
            connection.executescript(f"begin immediate; {_SCHEMA} commit;")
        finally:
            connection.close()
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return cls(path)

    def advance(self, signed: SignedCheckpoint, check: Callable[[Checkpoint | None], None]) -> None:
        """In one durable step: ``check`` the last checkpoint of this origin, then keep ``signed`` (see ``witness``)."""
        origin = signed.checkpoint.origin
        with self._writing() as connection:
            latest = self._read(connection, origin)
            check(None if latest is None else latest.checkpoint)
            connection.execute("insert or replace into latest values (?, ?)", (origin, signed.render()))

    def keep_evidence(self, signed: SignedCheckpoint, reason: str) -> None:
        """Keep a refused checkpoint that its log has signed, once for each size and root."""
        head = signed.checkpoint
        with self._writing() as connection:
            connection.execute(
                "insert or ignore into evidence values (?, ?, ?, ?, ?)",
                (head.origin, head.size, head.root, reason, signed.render()),
            )

    def latest(self, origin: str) -> SignedCheckpoint | None:
        """The checkpoint cosigned last for this origin, as it was sent."""
        with self._lock:
            return self._read(self._connection, origin)

    def all_latest(self) -> list[SignedCheckpoint]:
        """The checkpoints cosigned last, of all logs."""
        with self._lock:
            rows = self._connection.execute("select origin from latest order by origin").fetchall()
            return [found for (origin,) in rows if (found := self._read(self._connection, origin)) is not None]

    def evidence(self) -> list[tuple[str, SignedCheckpoint]]:
        """Refused checkpoints that their logs have signed, each with the code of the reason."""
        with self._lock:
            rows = self._connection.execute("select reason, note from evidence order by origin, size, root").fetchall()
        return [(reason, SignedCheckpoint.parse(note)) for reason, note in rows]

    def close(self) -> None:
        """Close the file; what was acknowledged is on the disk already."""
        with self._lock:
            self._connection.close()

    def _read(self, connection: sqlite3.Connection, origin: str) -> SignedCheckpoint | None:
        row = connection.execute("select note from latest where origin = ?", (origin,)).fetchone()
        try:
            return None if row is None else SignedCheckpoint.parse(row[0])
        except WrongForm as error:
            raise WitnessStateDamaged(f"{self._path}: {origin}: {error}") from None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._connection.execute("begin immediate")
                try:
                    yield self._connection
                    self._connection.execute("commit")
                except BaseException:
                    if self._connection.in_transaction:
                        self._connection.execute("rollback")
                    raise
            except sqlite3.Error as error:
                raise WitnessStateMissing(f"{self._path}: {error}") from None


def _quoted(path: Path) -> str:
    return str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
