"""A log to look into: one's own by its folder, or another's by its published files, in a folder or at an address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from countersign.cli.logs import opened_log
from countersign.errors import NotReached
from countersign.inputs import read_input
from countersign.record.entries.entry import Entry
from countersign.record.entries.retention import Accounts
from countersign.record.entries.schema import Schema, Schemas
from countersign.record.keeping.logfolder import CONFIG, LogFolder
from countersign.record.outside.httpsource import HttpSource
from countersign.record.tlog.checkpoint import SignedCheckpoint
from countersign.record.tlog.tilereader import TileReader
from countersign.record.tlog.tiles import CHECKPOINT_PATH, DirectorySource, TileSource

where_argument = click.argument("where", metavar="LOG|PUBLISHED")
schemas_option = click.option(
    "--schema", "schema_folder", type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="For published files: a folder with schema files beside the record's own.",
)  # fmt: skip


class LogNotHere(NotReached):
    """What was named is neither a log's folder, nor its public files, nor an address of them."""

    code = "log-not-here"
    next_step = "Name the log's folder, the folder of its published files, or their address (http://127.0.0.1:...)."


def source_of(where: str) -> TileSource:
    """The published files of a log: its folder, the folder of the files, or their address. Raises ``LogNotHere``."""
    if where.startswith(("http://", "https://")):
        return HttpSource(where)
    path = Path(where)
    if (path / CONFIG).is_file():
        return LogFolder.read(path).tiles().source
    if (path / CHECKPOINT_PATH).is_file():
        return DirectorySource(path)
    raise LogNotHere(f"{where}: no log is here ({CONFIG} or {CHECKPOINT_PATH} would be)")


@dataclass(frozen=True, slots=True)
class View:
    """A log to look into: one's own, or the published files of another, checked against the checkpoint there."""

    origin: str
    size: int
    published: int
    schemas: Schemas
    read: Callable[[int, int], list[bytes]]
    accounts: Callable[[], Accounts]
    folder: LogFolder | None = None

    def entry(self, index: int) -> Entry | None:
        """The entry at a place, if there is one."""
        return Entry.parse(self.read(index, index + 1)[0]) if index < self.size else None


@contextmanager
def viewed(where: str, schema_folder: Path | None) -> Iterator[View]:
    """A log by its folder, the folder of its published files, or their address. Raises ``LogNotHere``.

    Whose checkpoint it is that published files are read under is not looked at here: `record monitor` does that.
    """
    path = Path(where)
    if (path / CONFIG).is_file():
        folder = LogFolder.read(path)
        with opened_log(folder) as log:
            head = log.head()
            published = 0 if head is None else head.checkpoint.size
            size = log.sequencer.size()
            yield View(folder.config.origin, size, published, log.schemas, log.sequencer.read, log.accounts, folder)
        return
    source = source_of(where)
    given = SignedCheckpoint.parse(source.read(CHECKPOINT_PATH)).checkpoint
    reader = TileReader(source, given.size, given.root)
    schemas = known_schemas(where, schema_folder)

    def counted() -> Accounts:
        accounts = Accounts()
        for index, data in enumerate(reader.entries(0, given.size)):
            accounts.add(index, Entry.parse(data), schemas)
        return accounts

    yield View(
        given.origin, given.size, given.size, schemas, lambda first, stop: list(reader.entries(first, stop)), counted
    )


def known_schemas(where: str, schema_folder: Path | None) -> Schemas:
    """The schemas to read a log with: those of its folder, or the record's own and those in ``schema_folder``."""
    path = Path(where)
    if schema_folder is None and (path / CONFIG).is_file():
        return LogFolder.read(path).schemas()
    files = sorted(schema_folder.glob("*.json")) if schema_folder else []
    return Schemas.of([*own_schemas().known.values(), *(Schema.parse(read_input(file)) for file in files)])


def own_schemas() -> Schemas:
    """All kinds of entry this program brings: the record's own and those of deployments."""
    from countersign.deployments.kinds import SCHEMAS

    return SCHEMAS
