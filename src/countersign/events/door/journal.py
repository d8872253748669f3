"""The receiving journal: each event once, durably, with what it contradicts; a file of SQLite on the stand-alone host.

An event is known by its source and its number. What comes again changes nothing; what comes again with another content
is refused. Events go in by transactions (write-ahead log, synchronous FULL), so that after a power cut whole
transactions stand and the file is simply taken again from its start. Subject ids live in memory alone: where a file is
taken again, the ordinals already given come back from the events themselves. Deleted pages are overwritten.

>>> import tempfile
>>> with Journal.open(Path(tempfile.mkdtemp()) / "journal", "force-a/d-1", "00" * 32) as journal:
...     journal.sources()
[]
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from countersign.deployments.clock import moment
from countersign.errors import NotAllowed, NotReached
from countersign.events.door.line import ALERT, Event, EventRefused
from countersign.output import SECRET_MODE
from countersign.record.entries import canonical
from countersign.surroundings import ASSUMED
from countersign.words.lists import counted

_TABLES = """
CREATE TABLE IF NOT EXISTS about (deployment TEXT NOT NULL, limits TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS taken (
    source TEXT NOT NULL, sequence INTEGER NOT NULL, type TEXT NOT NULL, at TEXT NOT NULL, sent_at TEXT NOT NULL,
    ahead INTEGER, ordinal INTEGER, digest BLOB NOT NULL, body BLOB NOT NULL, PRIMARY KEY (source, sequence)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS found (
    code TEXT NOT NULL, source TEXT NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (code, source, sequence)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refused (
    file TEXT NOT NULL, line INTEGER NOT NULL, source TEXT, sequence INTEGER, field TEXT NOT NULL, reason TEXT NOT NULL,
    code TEXT NOT NULL, PRIMARY KEY (file, line)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS handed (
    source TEXT NOT NULL, sequence INTEGER NOT NULL, batch INTEGER NOT NULL, PRIMARY KEY (source, sequence)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS received (batch INTEGER PRIMARY KEY, digest BLOB NOT NULL);
"""


class JournalElsewhere(
    NotAllowed, next_step="Give each deployment a journal of its own, and the limits it was begun with."
):
    """A journal is of another deployment, or was begun under other limits."""


class JournalUnreachable(
    NotReached,
    next_step="Check the path, the permissions and the room on the disk; what was taken before still stands.",
):
    """A journal cannot be opened or written."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Events that never came: ``missing`` of them, between two numbers (0: before the first) and their times."""

    source: str
    missing: int
    after: int
    before: int
    after_at: str | None
    before_at: str | None

    @property
    def sentence(self) -> str:
        """As it is said to people."""
        start = f"number {self.after} ({self.after_at or 'refused'})" if self.after else "the start"
        end = f"number {self.before} ({self.before_at or 'refused'})"
        return f"{counted(self.missing, 'event')} missing from {self.source} between {start} and {end}"


class Journal:
    """An open journal; ``open`` makes one."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._ordinals: dict[str, int] = {}
        highest = database.execute("SELECT max(ordinal) FROM taken").fetchone()[0]
        self._again = highest is not None
        self._next = 0 if highest is None else int(highest) + 1

    @classmethod
    @contextmanager
    def open(cls, path: Path, deployment: str, limits: str) -> Iterator[Journal]:
        """The journal at ``path``, begun if need be. Raises ``JournalElsewhere`` or ``JournalUnreachable``."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # SQLite gives the files beside it the rights of the journal itself.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, SECRET_MODE))
            database = sqlite3.connect(path, isolation_level=None)
        except (sqlite3.Error, OSError) as error:
            raise JournalUnreachable(f"{path}: {error}") from None
        try:
            # Of a new journal: an event has a thousand bytes, and some dozen stand on a page of this size.
            for pragma in ("page_size=16384", "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
                database.execute(f"PRAGMA {pragma}")
            database.executescript(_TABLES)
            begun = database.execute("SELECT deployment, limits FROM about").fetchone()
            if begun is None:
                database.execute("INSERT INTO about VALUES (?, ?)", (deployment, limits))
            elif begun != (deployment, limits):
                raise JournalElsewhere(f"{path}: was begun for {begun[0]} under the limits {begun[1][:16]}…")
            yield cls(database)
        except sqlite3.Error as error:
            raise JournalUnreachable(f"{path}: {error}") from None
        finally:
            database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything within stands durably afterwards, or nothing does."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            # Where the disk is full, SQLite has gone back by itself.
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def take(self, event: Event) -> bool:
        """Enter an event; ``False`` where it is here already. Raises ``EventRefused`` where its number is another's."""
        ordinal = None if event.subject is None else self._ordinal(event)
        return self.receive(event, ordinal)

    def receive(self, event: Event, ordinal: int | None) -> bool:
        """Enter an event that another journal took, with its ordinal there; as ``take``."""
        content = event.content if ordinal is None else event.content | {"ordinal": ordinal}
        body: dict[str, Any] = {"source": event.source, "sequence": event.sequence, "sent_at": event.sent_at}
        body |= {"type": event.type, "content": content}
        if event.stamp is not None:
            body["stamp"] = event.stamp
        ahead = None
        if event.logged_at is not None:
            body["logged_at"] = event.logged_at
            ahead = int((datetime.fromisoformat(event.sent_at) - moment(event.logged_at)).total_seconds())
        data = canonical.render_checked(body)
        digest = sha256(data).digest()
        row = (event.source, event.sequence, event.type, event.at, event.sent_at, ahead, ordinal, digest, data)
        if self._database.execute("INSERT OR IGNORE INTO taken VALUES (?,?,?,?,?,?,?,?,?)", row).rowcount:
            return True
        known = self._database.execute(
            "SELECT digest FROM taken WHERE source = ? AND sequence = ?", (event.source, event.sequence)
        ).fetchone()
        if known[0] != digest:
            raise EventRefused("sequence", "another event of this source has this number already")
        return False

    def _ordinal(self, event: Event) -> int:
        subject = str(event.subject)
        given = self._ordinals.get(subject)
        if given is not None:
            return given
        if self._again:
            known = self._database.execute(
                "SELECT ordinal FROM taken WHERE source = ? AND sequence = ?", (event.source, event.sequence)
            ).fetchone()
            if known is not None and known[0] is not None:
                self._ordinals[subject] = int(known[0])
                return int(known[0])
        self._ordinals[subject] = self._next
        self._next += 1
        return self._next - 1

    def number_batch(self) -> int:
        """Give all events that were in no batch yet the next number; returns the highest number there is."""
        highest = int(self._database.execute("SELECT coalesce(max(batch), 0) FROM handed").fetchone()[0])
        added = self._database.execute(
            "INSERT INTO handed SELECT source, sequence, ? FROM taken"
            " WHERE (source, sequence) NOT IN (SELECT source, sequence FROM handed)",
            (highest + 1,),
        ).rowcount
        return highest + 1 if added else highest

    def batch(self, number: int) -> list[bytes]:
        """The events of a batch, by source and number."""
        rows = self._database.execute(
            "SELECT body FROM taken JOIN handed USING (source, sequence) WHERE batch = ? ORDER BY source, sequence",
            (number,),
        )
        return [body for (body,) in rows]

    def mark_received(self, number: int, digest: bytes) -> bytes:
        """Enter that a batch came; returns the digest under which its number came first."""
        self._database.execute("INSERT OR IGNORE INTO received VALUES (?, ?)", (number, digest))
        row = self._database.execute("SELECT digest FROM received WHERE batch = ?", (number,)).fetchone()
        return bytes(row[0])

    def batches_missing(self) -> list[int]:
        """The numbers of batches before the last that never came."""
        came = {number for (number,) in self._database.execute("SELECT batch FROM received")}
        return sorted(set(range(1, max(came, default=0))) - came)

    def find(self, rows: Iterable[tuple[str, str, int]]) -> None:
        """Enter that events contradict the limits: the code, the source and its number of each."""
        self._database.executemany("INSERT OR IGNORE INTO found VALUES (?,?,?)", rows)

    def refuse(self, file: str, line: int, whose: tuple[str, int] | None, error: EventRefused) -> None:
        """Enter a refused line without its content; where another file of that name has one there, it gets a number."""
        source, sequence = whose or (None, None)
        refused = (source, sequence, error.field, error.reason, error.code)
        known, name, files = self._refused_at(file, line), file, 1
        while known is not None and known != refused:
            files += 1
            name = f"{file} ({files})"
            known = self._refused_at(name, line)
        if known is None:
            self._database.execute("INSERT INTO refused VALUES (?,?,?,?,?,?,?)", (name, line, *refused))

    def _refused_at(self, file: str, line: int) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._database.execute(
            "SELECT source, sequence, field, reason, code FROM refused WHERE file = ? AND line = ?", (file, line)
        ).fetchone()
        return row

    def count(self) -> int:
        """How many events stand in it."""
        return int(self._database.execute("SELECT count(*) FROM taken").fetchone()[0])

    def made_up(self) -> int:
        """How many of them are stamped as made up."""
        mark = f'"stamp":"{ASSUMED}"'.encode()
        return int(self._database.execute("SELECT count(*) FROM taken WHERE instr(body, ?)", (mark,)).fetchone()[0])

    def ordinals(self) -> int:
        """How many ordinals were given to subjects."""
        return int(self._database.execute("SELECT count(DISTINCT ordinal) FROM taken").fetchone()[0])

    def bodies(self) -> Iterator[bytes]:
        """The events as they stand, in canonical form, by source and number."""
        for (body,) in self._database.execute("SELECT body FROM taken ORDER BY source, sequence"):
            yield body

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """The contents of the events of a type, by their time."""
        rows = self._database.execute("SELECT body FROM taken WHERE type = ? ORDER BY at, source, sequence", (kind,))
        values = [canonical.parse(body) for (body,) in rows]
        return [value["content"] for value in values if isinstance(value, dict) and isinstance(value["content"], dict)]

    def version(self) -> int:
        """A number that changes when another process has written to the journal."""
        return int(self._database.execute("PRAGMA data_version").fetchone()[0])

    def unseen(self, kinds: Sequence[str], known: set[tuple[str, int]]) -> Iterator[tuple[str, bytes]]:
        """Type and body of the events of these types that are not yet ``known``, which then holds them too."""
        marks = ", ".join("?" * len(kinds))
        rows = self._database.execute(
            f"SELECT source, sequence, type, body FROM taken WHERE type IN ({marks})",  # noqa: S608
            tuple(kinds),
        )
        for source, sequence, kind, body in rows:
            if (source, sequence) not in known:
                known.add((source, sequence))
                yield kind, body

    def sources(self) -> list[tuple[str, int, int | None]]:
        """Each source, how many of its events stand, and how far its clock is ahead: the median, in seconds."""
        result: list[tuple[str, int, int | None]] = []
        for source, number in self._database.execute("SELECT source, count(*) FROM taken GROUP BY source").fetchall():
            ahead = self._database.execute(
                "SELECT ahead FROM taken WHERE source = ? AND ahead IS NOT NULL ORDER BY ahead LIMIT 1 OFFSET"
                " (SELECT count(ahead) / 2 FROM taken WHERE source = ?)",
                (source, source),
            ).fetchone()
            result.append((source, number, None if ahead is None else int(ahead[0])))
        return result

    def gaps(self) -> list[Gap]:
        """The numbers that never came, by source; a refused event is not missing. What follows the last is not seen."""
        rows = self._database.execute(
            "WITH came AS (SELECT source, sequence, sent_at FROM taken UNION SELECT source, sequence, NULL FROM refused"
            " WHERE sequence IS NOT NULL AND (source, sequence) NOT IN (SELECT source, sequence FROM taken)),"
            " pairs AS (SELECT source, sequence, sent_at, lag(sequence, 1, 0) OVER by_number AS previous,"
            " lag(sent_at) OVER by_number AS previous_at FROM came WINDOW by_number AS (PARTITION BY source ORDER BY"
            " sequence)) SELECT source, sequence - previous - 1, previous, sequence, previous_at, sent_at FROM pairs"
            " WHERE sequence > previous + 1 ORDER BY source, sequence"
        )
        return [Gap(*row) for row in rows]

    def refused(self) -> list[dict[str, Any]]:
        """The refused lines, in order, without their content."""
        names = ("file", "line", "source", "sequence", "field", "reason", "code")
        rows = self._database.execute(f"SELECT {', '.join(names)} FROM refused ORDER BY file, line")  # noqa: S608
        return [dict(zip(names, row, strict=True)) for row in rows]

    def found(self) -> dict[str, int]:
        """How many events contradict the limits, by code."""
        return dict(self._database.execute("SELECT code, count(*) FROM found GROUP BY code").fetchall())

    def alerts_by_hour(self) -> dict[str, int]:
        """Alerts that stand here, by the hour they were raised in."""
        rows = self._database.execute(
            "SELECT substr(at, 1, 13) || 'Z', count(*) FROM taken WHERE type = ? GROUP BY 1", (ALERT,)
        )
        return dict(rows.fetchall())

    def alert_cameras(self) -> list[tuple[str, str]]:
        """When each alert was raised and before which camera, by time."""
        rows = self._database.execute(
            "SELECT at, json_extract(CAST(body AS TEXT), '$.content.camera') FROM taken WHERE type = ?"
            " ORDER BY at, source, sequence",
            (ALERT,),
        )
        return rows.fetchall()

    def find_later(self, code: str, now: str) -> None:
        """Enter a contradiction for all events sent after ``now``."""
        self._database.execute(
            "INSERT OR IGNORE INTO found SELECT ?, source, sequence FROM taken WHERE sent_at > ?", (code, now)
        )

    def find_alerts_between(self, code: str, start: str, end: str | None) -> None:
        """Enter a contradiction for all alerts after ``start``, up to ``end`` (``None``: for good)."""
        self._database.execute(
            "INSERT OR IGNORE INTO found SELECT ?, source, sequence FROM taken WHERE type = ? AND at > ?"
            " AND (? IS NULL OR at < ?)",
            (code, ALERT, start, end, end),
        )
