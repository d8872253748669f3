"""A log to look into: one's own by its folder, or another's by its published files or a bundle of it.

Published files and bundles need nothing that keeps a log, so that is imported only for a log's own folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from countersign.deployments.kinds import SCHEMAS
from countersign.errors import NotReached, WrongForm
from countersign.inputs import LARGE_BYTES, read_input
from countersign.record.bundle import parse_bundle
from countersign.record.entries.entry import Entry
from countersign.record.entries.repeats import Leaves, Repeated
from countersign.record.entries.retention import Accounts
from countersign.record.entries.schema import Schema, Schemas
from countersign.record.tlog.checkpoint import SignedCheckpoint
from countersign.record.tlog.merkle import leaf_hash, verify_inclusion
from countersign.record.tlog.tilereader import TileReader
from countersign.record.tlog.tiles import CHECKPOINT_PATH, DirectorySource, TileSource
from countersign.reviews.options import LOG_FILE

if TYPE_CHECKING:
    from countersign.record.keeping.logfolder import LogFolder

#: How many entries are read at a time where all of them are gone through.
_BATCH = 8192


class LogNotHere(NotReached):
    """What was named is neither a log's folder, nor its public files, nor an address of them."""

    code = "log-not-here"
    next_step = "Name the log's folder, the folder of its published files, or their address (http://127.0.0.1:...)."


class EntryNotThere(WrongForm):
    """The log has no entry at the place asked for."""

    code = "entry-not-there"
    next_step = "Entries are counted from 0; `countersign record show LOG` shows the last ones."


@dataclass(frozen=True, slots=True)
class View:
    """A log to look into: one's own, or published files or a bundle of another, checked against the checkpoint there.

    ``places`` are those of the entries held: all of them, but for a bundle.
    """

    origin: str
    size: int
    published: int
    schemas: Schemas
    places: Sequence[int]
    read: Callable[[int, int], list[bytes]]
    accounts: Callable[[], Accounts]
    folder: LogFolder | None = None

    def entry(self, index: int) -> Entry | None:
        """The entry at a place, if there is one."""
        return Entry.parse(self.read(index, index + 1)[0]) if index < self.size else None

    def placed(self) -> Iterator[tuple[int, bytes]]:
        """The places and bytes of all entries held, in order."""
        for first in range(0, len(self.places), _BATCH):
            places = self.places[first : first + _BATCH]
            yield from zip(places, self.read(places[0], places[-1] + 1), strict=True)

    def once(self) -> Iterator[tuple[int, bytes]]:
        """The same without entries that repeat one before them: what may be counted."""
        return Leaves().once(self.placed())

    def repeated(self) -> list[Repeated]:
        """The entries held that repeat one before them; goes through all of them."""
        leaves = Leaves()
        for _ in leaves.once(self.placed()):
            pass
        return leaves.repeated


def source_of(where: str) -> TileSource:
    """The published files of a log: its folder, the folder of the files, or their address. Raises ``LogNotHere``."""
    if where.startswith(("http://", "https://")):
        from countersign.record.outside.asking import HttpSource

        return HttpSource(where)
    path = Path(where)
    published = published_in(path)
    if published is not None:
        return DirectorySource(published)
    if (path / CHECKPOINT_PATH).is_file():
        return DirectorySource(path)
    raise LogNotHere(f"{where}: no log is here ({LOG_FILE} or {CHECKPOINT_PATH} would be)")


def published_in(path: Path) -> Path | None:
    """Where the published files of the log in this folder lie; ``None`` if no log is there."""
    folder = _own(path)
    return None if folder is None else folder.place(folder.config.public)


@contextmanager
def viewed(where: str, schema_folder: Path | None) -> Iterator[View]:
    """A log by its folder, the folder of its published files, or their address. Raises ``LogNotHere``.

    Whose checkpoint it is that published files are read under is not looked at here: `record monitor` does that.
    """
    folder = _own(Path(where))
    if folder is not None:
        from countersign.register.opening import opened_in

        with opened_in(folder, reading=True) as opened:
            log = opened.log
            head, size = log.head(), log.sequencer.size()
            published = 0 if head is None else head.checkpoint.size
            yield View(
                folder.config.origin,
                size,
                published,
                log.schemas,
                range(size),
                log.sequencer.read,
                log.accounts,
                folder,
            )
        return
    source = source_of(where)
    head_there = SignedCheckpoint.parse(source.read(CHECKPOINT_PATH)).checkpoint
    reader = TileReader(source, head_there.size, head_there.root)
    schemas = known_schemas(where, schema_folder)
    yield View(
        head_there.origin,
        head_there.size,
        head_there.size,
        schemas,
        range(head_there.size),
        lambda first, stop: list(reader.entries(first, stop)),
        lambda: _accounts(enumerate(reader.entries(0, head_there.size)), schemas),
    )


def view_of_bundle(path: Path) -> View:
    """The entries of a bundle, each shown to stand under the bundle's checkpoint.

    Whose checkpoint that is, and who may sign what, is not looked at here: `verify` does that. Raises what reading and
    parsing the bundle raises, and ``InclusionFails``.
    """
    bundle = parse_bundle(read_input(path, LARGE_BYTES))
    head = bundle.checkpoint.checkpoint
    for entry in bundle.entries:
        verify_inclusion(leaf_hash(entry.data), entry.index, head.size, entry.proof, head.root)
    held = {entry.index: entry.data for entry in bundle.entries}
    schemas = Schemas.of([Schema.parse(text) for text in bundle.schemas])
    return View(
        head.origin,
        head.size,
        head.size,
        schemas,
        sorted(held),
        lambda first, stop: [held[place] for place in sorted(held) if first <= place < stop],
        lambda: _accounts(sorted(held.items()), schemas),
    )


def known_schemas(where: str, schema_folder: Path | None) -> Schemas:
    """The schemas to read a log with: those of its folder, or all that this program brings and ``schema_folder``'s."""
    folder = _own(Path(where)) if schema_folder is None else None
    if folder is not None:
        return folder.schemas()
    files = sorted(schema_folder.glob("*.json")) if schema_folder else []
    return Schemas.of([*SCHEMAS.known.values(), *(Schema.parse(read_input(file)) for file in files)])


def _own(path: Path) -> LogFolder | None:
    """The log in a folder, if there is one. Raises ``LogFolderMissing`` or ``LogConfigMalformed``."""
    if not (path / LOG_FILE).is_file():
        return None
    from countersign.record.keeping.logfolder import LogFolder

    return LogFolder.read(path)


def _accounts(entries: Iterable[tuple[int, bytes]], schemas: Schemas) -> Accounts:
    accounts = Accounts()
    for index, data in Leaves().once(entries):
        accounts.add(index, Entry.parse(data), schemas)
    return accounts
