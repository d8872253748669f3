"""The sealed store: contents and openings behind the log's commitments, in one local SQLite file that truly forgets.

It is always local SQLite, also when the log is in PostgreSQL, whose write-ahead log would keep what was deleted.
Deleted bytes are overwritten (``secure_delete``) and the file is written anew from what is live, since SQLite leaves
stale copies of rows in the gaps of pages; an erasure is acknowledged only after the write-ahead log was truncated with
no reader left. What lies below files (a disk's spare blocks, snapshots of the host) is outside its reach: keep the
store on an encrypted disk whose key can be destroyed, and out of all backups but ``backup_to``.

Items are found by commitment, or by a set's root and their place in it. The commitments of a set's items stay when an
item is erased: they reveal nothing, and the items that remain are proved with them. Openings come in as arguments.

>>> import tempfile
>>> store = SealedStore.create(Path(tempfile.mkdtemp()) / "sealed.db")
>>> sealed = store.seal("reasons", "papers", 1, b"because", bytes(32))
>>> store.open(sealed).content
b'because'
>>> store.erase([(sealed, [(0, 0)])]), store.holds(sealed)
(1, 0)
>>> store.close()
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from countersign.errors import EvidenceWrong, NotAllowed, NotReached
from countersign.output import CannotWrite
from countersign.record.entries.commitment import SealedSet, commit
from countersign.record.entries.entry import Commitment
from countersign.record.store.sqlitefile import SqliteForm, SqliteStore

_TABLES = """
create table item (
    commitment blob not null, position integer not null, label text not null, class text not null,
    version integer not null, content blob not null, opening blob not null,
    primary key (commitment, position)) strict;
create table leaf (root blob not null, position integer not null, commitment blob not null,
    primary key (root, position)) strict, without rowid;
"""


class SealedStoreMissing(
    NotReached,
    next_step="Check the path, the permissions and the room on the disk; `countersign record init` makes a store.",
):
    """The sealed store cannot be opened, read or written."""


class SealedStoreExists(NotAllowed, next_step="Use the store as it is, or name another path."):
    """There is a sealed store already; it is never made anew over an old one."""


class SealedStoreDamaged(
    EvidenceWrong, next_step="Declare what cannot be opened any more as lost (record.lost); do not write to this file."
):
    """The file is not a sealed store, or holds what it cannot hold."""


class NotHeld(
    NotReached,
    next_step="See the log: if it was erased there is an entry that says so; if not, it must be declared lost.",
):
    """The sealed store does not hold the item asked for: never sealed here, or erased."""


class ErasureUnfinished(
    NotReached,
    next_step="End whatever else reads the sealed store, make room on its disk, then erase again to finish it.",
):
    """Items were deleted, but a reader holds the old pages or there is no room to write anew: not acknowledged."""


@dataclass(frozen=True, slots=True)
class SealedItem:
    """A content and its opening, with the proof of its place where it is one of a set."""

    label: str
    version: int
    content: bytes = field(repr=False)
    opening: bytes = field(repr=False)
    proof: tuple[bytes, ...] = ()


class SealedStore(SqliteStore):
    """The store at a path; errors as in ``form``."""

    _errors = (SealedStoreMissing, SealedStoreExists, SealedStoreDamaged)
    _pragmas = ("secure_delete = on", "temp_store = memory")
    form = SqliteForm("sealed store", ("application_id", 0x43535631), _TABLES, *_errors, pragmas=_pragmas)

    def seal(self, label: str, retention_class: str, version: int, content: bytes, opening: bytes) -> Commitment:
        """Keep one content with its fresh opening; returns the commitment for an entry. Durable when it returns."""
        commitment = commit(label, version, content, opening)
        with self._writing() as connection:
            connection.execute(
                "insert into item values (?, 0, ?, ?, ?, ?, ?)",
                (commitment, label, retention_class, version, content, opening),
            )
        return Commitment(commitment)

    def seal_set(
        self, label: str, retention_class: str, version: int, contents: Sequence[bytes], openings: Sequence[bytes]
    ) -> Commitment:
        """Keep contents with their fresh openings; root and count. Raises ``ValueError`` for an empty list."""
        if not contents:
            raise ValueError("a sealed set has at least one item")
        commitments = [commit(label, version, *item) for item in zip(contents, openings, strict=True)]
        root = SealedSet(commitments).root
        items = (
            (root, place, label, retention_class, version, *item)
            for place, item in enumerate(zip(contents, openings, strict=True))
        )
        with self._writing() as connection:
            connection.executemany("insert into item values (?, ?, ?, ?, ?, ?, ?)", items)
            connection.executemany(
                "insert into leaf values (?, ?, ?)", ((root, place, leaf) for place, leaf in enumerate(commitments))
            )
        return Commitment(root, len(contents))

    def open(self, commitment: Commitment, position: int = 0) -> SealedItem:
        """The item behind a commitment, with its proof if it is one of a set. Raises ``NotHeld``."""
        [item] = self.open_many(commitment, [position])
        return item

    def open_many(self, commitment: Commitment, positions: Iterable[int]) -> list[SealedItem]:
        """Items of one commitment, in the order asked for. Raises ``NotHeld`` for the first that is not there."""
        with self._using() as connection:
            sealed: SealedSet | None = None
            if commitment.count is not None:
                leaves = connection.execute(
                    "select commitment from leaf where root = ? order by position", (commitment.digest,)
                ).fetchall()
                sealed = SealedSet([leaf for (leaf,) in leaves])
                if sealed.count != commitment.count:
                    raise NotHeld(f"the set {commitment.digest.hex()[:16]}… is not in this sealed store")
            items = []
            for position in positions:
                row = connection.execute(
                    "select label, version, content, opening from item where commitment = ? and position = ?",
                    (commitment.digest, position),
                ).fetchone()
                if row is None:
                    raise NotHeld(f"item {position} of {commitment.digest.hex()[:16]}… is not in this sealed store")
                label, version, content, opening = row
                proof = tuple(sealed.prove(position)) if sealed else ()
                items.append(SealedItem(label, version, content, opening, proof))
        return items

    def contents(self, commitment: Commitment) -> dict[int, bytes]:
        """The contents still here of a commitment's items, by position; erased items are left out. Makes no proof."""
        with self._using() as connection:
            query = "select position, content from item where commitment = ? order by position"
            return dict(connection.execute(query, (commitment.digest,)))

    def holds(self, commitment: Commitment) -> int:
        """How many items of this commitment are here."""
        with self._using() as connection:
            row = connection.execute("select count(*) from item where commitment = ?", (commitment.digest,)).fetchone()
        return int(row[0])

    def count(self, retention_class: str) -> int:
        """How many items of this retention class are here."""
        with self._using() as connection:
            row = connection.execute("select count(*) from item where class = ?", (retention_class,)).fetchone()
        return int(row[0])

    def erase(self, items: Iterable[tuple[Commitment, Iterable[tuple[int, int]]]]) -> int:
        """Destroy contents and openings: ranges of items, both ends included, by commitment. Returns how many were.
        Items that are gone already are passed over, so that an unfinished erasure can be made again. When it returns,
        no byte of them is in any file of the store. Raises ``ErasureUnfinished`` if a reader kept the old pages."""
        erased = 0
        with self._writing() as connection:
            for commitment, ranges in items:
                for first, last in ranges:
                    erased += connection.execute(
                        "delete from item where commitment = ? and position between ? and ?",
                        (commitment.digest, first, last),
                    ).rowcount
        with self._using() as connection:
            try:
                connection.execute("vacuum")
                busy, in_log, _ = connection.execute("pragma wal_checkpoint(truncate)").fetchone()
            except sqlite3.OperationalError as error:
                raise ErasureUnfinished(f"{self._path}: items are deleted, but not their bytes: {error}") from None
        if busy or in_log > 0:
            raise ErasureUnfinished(f"{self._path}: {erased} items were deleted, but the store is being read elsewhere")
        return erased

    def kept(self) -> list[tuple[bytes, str, int]]:
        """Commitment (or a set's root), label and number of items, for all that is here."""
        with self._using() as connection:
            return connection.execute(
                "select commitment, label, count(*) from item group by commitment, label order by min(rowid)"
            ).fetchall()

    def backup_to(self, path: Path) -> None:
        """A copy of what is live now, without anything erased. Raises ``SealedStoreExists`` or ``CannotWrite``."""
        if path.exists():
            raise SealedStoreExists(f"{path}: there is a file already")
        try:
            with self._using() as connection:
                connection.execute("vacuum into ?", (str(path),))
            path.chmod(0o600)
        except (SealedStoreMissing, OSError) as error:
            path.unlink(missing_ok=True)
            raise CannotWrite(f"{path}: the backup could not be written: {error}") from None
