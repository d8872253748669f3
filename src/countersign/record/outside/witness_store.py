"""What a witness must never forget: the checkpoint it cosigned last for each log, in one SQLite file.

Comparing and keeping are one transaction that holds the write lock from its beginning (``BEGIN IMMEDIATE``), so that
of two requests at once, from threads or processes, one sees the other's result. The journal is written ahead and
synced at each commit (``synchronous = FULL``), before the answer goes out. A store is made once, on purpose: a
witness that finds none stops, for without its memory it could be brought to sign a second history.

>>> import tempfile
>>> from countersign.record.tlog.merkle import EMPTY_ROOT
>>> from countersign.record.tlog.note import Note, NoteSignature
>>> from countersign.record.tlog.checkpoint import Checkpoint
>>> head = Checkpoint("log.example/1", 0, EMPTY_ROOT)
>>> store = WitnessStore.create(Path(tempfile.mkdtemp()) / "witness.db")
>>> store.advance(SignedCheckpoint(head, Note(head.render(), (NoteSignature("a", b"1234", b"5"),))), print)
None
>>> store.latest("log.example/1").checkpoint == head
True
>>> store.close()
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from countersign.errors import EvidenceWrong, NotAllowed, NotReached, WrongForm
from countersign.record.store.sqlitefile import SqliteForm, transaction
from countersign.record.tlog.checkpoint import Checkpoint, SignedCheckpoint

_TABLES = """
create table latest (origin text primary key, note blob not null) strict;
create table evidence (origin text, size integer, root blob, reason text not null, note blob not null,
    primary key (origin, size, root)) strict;
"""


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


_FORM = SqliteForm(
    "witness's store", ("user_version", 1), _TABLES, WitnessStateMissing, WitnessStateExists, WitnessStateDamaged
)


class WitnessStore:
    """The store at a path; safe for several threads, and several processes may each open it."""

    def __init__(self, path: Path) -> None:
        """Open a store; raises ``WitnessStateMissing`` or ``WitnessStateDamaged``."""
        self._path = path
        self._lock = threading.Lock()
        self._connection = _FORM.open(path)

    @classmethod
    def create(cls, path: Path) -> WitnessStore:
        """Make an empty store where there is none; raises ``WitnessStateExists`` or ``WitnessStateMissing``."""
        _FORM.create(path)
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
        with self._using() as connection:
            return self._read(connection, origin)

    def all_latest(self) -> list[SignedCheckpoint]:
        """The checkpoints cosigned last, of all logs."""
        with self._using() as connection:
            rows = connection.execute("select origin from latest order by origin").fetchall()
            return [found for (origin,) in rows if (found := self._read(connection, origin)) is not None]

    def evidence(self) -> list[tuple[str, SignedCheckpoint]]:
        """Refused checkpoints that their logs have signed, each with the code of the reason."""
        with self._using() as connection:
            rows = connection.execute("select reason, note from evidence order by origin, size, root").fetchall()
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
        with self._using() as connection, transaction(connection):
            yield connection

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _FORM.faults(self._path):
            yield self._connection
