"""A log as a whole: made with the entry that opens it, given further kinds of entry, copied, and put back.

A backup is the entries in one SQLite file, whichever store the log has, with the head signed last; a private key is not
in it. Putting back goes into an empty store, from a backup or from the published tiles, and only if the entries hold
all that the second place says was signed: an older backup is refused, so that there is never a second history.

>>> import tempfile
>>> one, two = (SqliteSequencer.create(Path(tempfile.mkdtemp()) / "entries.db") for _ in range(2))
>>> with one.appending() as appending:
...     _ = appending.add([Waiting(b"{}", False)])
>>> put_back(two, lambda: iter(one.read(0, 1)), 1, None)
1
>>> two.read(0, 1)
[b'{}']
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from countersign.errors import CountersignError
from countersign.inputs import read_input
from countersign.output import write_whole
from countersign.record.entries.entry import Draft, Entry, EntrySigner
from countersign.record.entries.keyring import GOVERNING, OWN, opening_facts
from countersign.record.entries.schema import Schema, SchemaMalformed, Schemas
from countersign.record.keeping import keyfile
from countersign.record.keeping.log import Appended
from countersign.record.keeping.logfolder import CONFIG, LogConfig, LogFolder, LogFolderExists
from countersign.record.store.publication import HistoryConflict, SecondPlace
from countersign.record.store.sequencer import BATCH, LogStoreExists, Sequencer, SqliteSequencer, Waiting
from countersign.record.tlog.checkpoint import Checkpoint, SignedCheckpoint, verify_note
from countersign.record.tlog.tilereader import TileReader
from countersign.record.tlog.tiles import CHECKPOINT_PATH, DirectorySource, TileBuilder
from countersign.register.keys import Passphrase, made_key, public_key
from countersign.register.opening import Doing, OpenLog, opened, opened_in


@dataclass(frozen=True, slots=True)
class Places:
    """Where the parts of a new log lie; those that are ``None`` lie in its folder (the second place beside it).
    ``body``: of which kind the body is whose log it is, where that is none of a force.
    """

    second_place: Path | None = None
    sealed: Path | None = None
    public: Path | None = None
    postgres_log: str | None = None
    body: str = ""

    def config(self, path: Path, origin: str, subject: str) -> LogConfig:
        """What ``log.toml`` will say. Raises ``LogConfigMalformed``."""
        beside = f"../{path.absolute().name}.last-checkpoint"
        return LogConfig(
            origin,
            subject,
            "postgres" if self.postgres_log else "sqlite",
            postgres_log=self.postgres_log or "",
            second_place=str(self.second_place.absolute()) if self.second_place else beside,
            sealed=str(self.sealed.absolute()) if self.sealed else "sealed.db",
            public=str(self.public.absolute()) if self.public else "public",
            body=self.body,
        )


def make_log(
    path: Path, config: LogConfig, schemas: Schemas, registrar: EntrySigner, opened_at: str, passphrase: Passphrase
) -> keyfile.PrivateKey:
    """Make a log in a new folder, whole or not at all; returns its key. Raises ``LogFolderExists`` and as its parts."""
    made, sealed_key = made_key(config.origin, passphrase)
    facts = opening_facts(registrar, schemas)
    draft = Draft("record.log-opened", 1, config.origin, config.subject, opened_at, "registrar", "force", facts)

    def fill(folder: LogFolder) -> None:
        for schema in schemas.known.values():
            if schema.kind not in {kind for kind, _ in OWN.known}:
                _keep_schema(folder, schema)
        keyfile.write_key_file(folder.key_path, sealed_key)
        write_whole(path / "log.vkey", f"{made.key.render()}\n".encode())
        with opened_in(folder) as log:
            log.log.append(draft, registrar)

    LogFolder.create(path, config, fill=fill)
    return made


def refuse_second(path: Path) -> None:
    """Raises ``LogFolderExists`` where there is a log in the folder already."""
    if (path / CONFIG).exists():
        raise LogFolderExists(f"{path / CONFIG}: there is a log here already")


def adopt(log: OpenLog, doing: Doing, schema: Schema) -> Appended:
    """Adopt a schema: a further kind of entry, or a new version of one; signed by the registrar."""
    Schemas.of([*log.log.schemas.known.values(), schema])
    signer = doing.key()
    _keep_schema(log.folder, schema)
    facts = {"kind": schema.kind, "version": schema.version, "digest": schema.digest}
    [appended] = log.append([log.unsealed(doing, signer, "record.schema-adopted", facts)], signer)
    return appended


def further_schemas(own: Schemas, files: Sequence[Path]) -> Schemas:
    """Schemas with those of files beside them. Raises ``InputMissing`` or ``SchemaMalformed``."""
    return Schemas.of([*own.known.values(), *(further_schema(file) for file in files)])


def further_schema(path: Path) -> Schema:
    """The schema in a file; none for the record's own kinds. Raises ``InputMissing`` or ``SchemaMalformed``."""
    schema = Schema.parse(read_input(path))
    if schema.kind.startswith("record.") and (schema.kind, schema.version) not in OWN.known:
        raise SchemaMalformed(f"{path}: {schema.name} would be a kind of the record itself, which has its own schemas")
    return schema


def copy_log(path: Path, out: Path, *, with_sealed: bool) -> tuple[str, int]:
    """Copy entries and settings, and sealed values if asked; name and how many. Raises ``LogFolderExists``."""
    folder = LogFolder.read(path)
    if out.exists():
        raise LogFolderExists(f"{out}: is there already")
    with opened(path, reading=True) as log:
        out.mkdir(mode=0o750, parents=True)
        size = back_up(log.log.sequencer, out / "entries.db")
    if with_sealed:
        with closing(folder.sealed()) as store:
            store.backup_to(out / "sealed.db")
    for file in (folder.path / "schemas").glob("*.json"):
        write_whole(out / "schemas" / file.name, file.read_bytes())
    write_whole(out / CONFIG, folder.config.render().encode())
    return folder.config.origin, size


def restore_log(path: Path, source: Path) -> tuple[str, int]:
    """Put entries back from a backup or the published files; name and how many. Raises as ``put_back``."""
    folder = LogFolder.read(path)
    note = SecondPlace(folder.place(folder.config.second_place)).read()
    last = None if note is None else SignedCheckpoint.parse(note)
    if last is not None:
        # The public part of the key stands in its file in the clear.
        keyfile.read_key_file(folder.key_path)
        verify_note(last.note, [public_key(str(folder.key_path))])
    target = folder.create_sequencer()
    signed = last.checkpoint if last else None
    try:
        if (source / CHECKPOINT_PATH).is_file():
            head = SignedCheckpoint.parse(read_input(source / CHECKPOINT_PATH)).checkpoint
            reader = TileReader(DirectorySource(source), head.size, head.root)
            size = put_back(target, lambda: reader.entries(0, head.size), head.size, signed)
        else:
            with closing(SqliteSequencer(source / "entries.db")) as kept:
                size = kept.size()
                put_back(target, lambda: stored(kept, size), size, signed)
    except BaseException:
        target.close()
        if folder.config.store == "sqlite":
            for left in folder.path.glob(f"{folder.config.entries}*"):
                left.unlink()
        raise
    target.close()
    return folder.config.origin, size


def _keep_schema(folder: LogFolder, schema: Schema) -> None:
    write_whole(folder.path / "schemas" / f"{schema.kind}.{schema.version}.json", schema.text)


def back_up(sequencer: Sequencer, target: Path) -> int:
    """Copy all entries there are now, and the head, to a new file; returns how many. Raises ``LogStoreExists``."""
    head, size = sequencer.head(), sequencer.size()
    with closing(SqliteSequencer.create(target)) as copy:
        put_back(copy, lambda: stored(sequencer, size), size, None)
        if head is not None:
            copy.keep_head(head)
    return size


def stored(sequencer: Sequencer, size: int) -> Iterator[bytes]:
    """The first ``size`` entries of a store, in order."""
    for start in range(0, size, BATCH):
        yield from sequencer.read(start, min(start + BATCH, size))


def put_back(sequencer: Sequencer, entries: Callable[[], Iterator[bytes]], size: int, last: Checkpoint | None) -> int:
    """Put ``size`` entries into an empty store, all or none. Raises ``LogStoreExists``, ``HistoryConflict``."""
    if sequencer.size():
        raise LogStoreExists(f"the store has {sequencer.size()} entries already")
    if last is not None:
        if last.size > size:
            raise HistoryConflict(f"{last.size} entries were signed, but there are only {size} to put back")
        builder = TileBuilder()
        builder.extend(islice(entries(), last.size))
        if builder.root() != last.root:
            raise HistoryConflict(f"the first {last.size} entries to put back are not those that were signed")
    with sequencer.appending() as appending:
        given = entries()
        while batch := list(islice(given, BATCH)):
            appending.add([Waiting(data, _governs(data)) for data in batch])
    return size


def _governs(data: bytes) -> bool:
    try:
        return Entry.parse(data).draft.kind in GOVERNING
    except CountersignError:
        return False
