"""A log's folder as a whole: make it with the entry that opens the log, copy it, and put its entries back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from countersign.cli.logs import folder_argument, moment, open_private, opened_for, opened_log, publish
from countersign.cli.record.key import new_key, public_key
from countersign.cli.terminal.passphrase import passphrase_option
from countersign.deployments.kinds import SCHEMAS
from countersign.inputs import read_input
from countersign.output import write_whole
from countersign.record.entries.entry import Draft, EntrySigner
from countersign.record.entries.kinds import OWN, opening_facts
from countersign.record.entries.schema import Schema, SchemaMalformed, Schemas
from countersign.record.keeping.backup import back_up, put_back, stored
from countersign.record.keeping.keyfile import read_key_file, write_key_file
from countersign.record.keeping.logfolder import CONFIG, LogConfig, LogFolder, LogFolderExists
from countersign.record.store.secondplace import SecondPlace
from countersign.record.store.sequencer_sqlite import SqliteSequencer
from countersign.record.tlog.checkpoint import SignedCheckpoint
from countersign.record.tlog.cosignature import NoteSigner, verify_note
from countersign.record.tlog.tilereader import TileReader
from countersign.record.tlog.tiles import CHECKPOINT_PATH, DirectorySource
from countersign.words.lists import counted


@click.command()
@click.argument("log_folder", metavar="LOG", type=click.Path(path_type=Path, file_okay=False))
@click.option("--origin", required=True, help="The log's public name for good, like log.example/force-a.")
@click.option("--subject", required=True, help="Whose log it is, as a short name: force-a.")
@click.option(
    "--registrar",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The private key file of the registrar, who signs the first entry (from `key new`).",
)
@passphrase_option
@click.option(
    "--log-passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="COUNTERSIGN_LOG_PASSPHRASE_FILE",
    help="The passphrase for the log's own new key, likewise.",
)
@click.option(
    "--schema",
    "schema_files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A schema file of a further kind of entry; may be repeated.",
)
@click.option(
    "--schemas",
    "vocabulary",
    type=click.Choice(["deployments", "record"]),
    default="deployments",
    show_default=True,
    help="The kinds of entry to start with: those of deployments too, or the record's own alone.",
)
@click.option(
    "--postgres",
    "postgres_log",
    help="Keep the entries in PostgreSQL, under this name; the address is taken "
    "from the environment variable COUNTERSIGN_POSTGRES.",
)
@click.option(
    "--second-place",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the last signed checkpoint is kept too: best on another disk. Beside the folder by default.",
)
@click.option(
    "--sealed",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where sealed values are kept: best on an encrypted disk that no backup copies.",
)
@click.option("--public", type=click.Path(path_type=Path, file_okay=False), help="Where the published files go.")
@click.option("--at", metavar="TIME", help="When the log was opened, in UTC; now by default.")
def init(
    log_folder: Path,
    origin: str,
    subject: str,
    registrar: Path,
    passphrase_file: Path | None,
    log_passphrase_file: Path | None,
    schema_files: tuple[Path, ...],
    vocabulary: str,
    postgres_log: str | None,
    second_place: Path | None,
    sealed: Path | None,
    public: Path | None,
    at: str | None,
) -> None:
    """Make a log in a new folder: its key, its stores, and the entry that opens it.

    \b
    Example:
      countersign record init force-a --origin log.example/force-a --subject force-a --registrar registrar.key
    """  # fmt: skip
    beside = f"../{log_folder.absolute().name}.last-checkpoint"
    config = LogConfig(
        origin, subject, "postgres" if postgres_log else "sqlite", postgres_log=postgres_log or "",
        second_place=str(second_place.absolute()) if second_place else beside,
        sealed=str(sealed.absolute()) if sealed else "sealed.db",
        public=str(public.absolute()) if public else "public",
    )  # fmt: skip
    if (log_folder / CONFIG).exists():
        raise LogFolderExists(f"{log_folder / CONFIG}: there is a log here already")
    start = SCHEMAS if vocabulary == "deployments" else OWN
    schemas = Schemas.of([*start.known.values(), *(further_schema(file) for file in schema_files)])
    opened_at = moment(at)
    # All that is secret is asked for before anything is made.
    signer = EntrySigner(open_private(registrar, passphrase_file).secret)
    made, sealed_key = new_key(origin, log_passphrase_file)
    facts = opening_facts(signer, schemas)
    draft = Draft("record.log-opened", 1, origin, subject, opened_at, "registrar", "force", facts)

    def fill(folder: LogFolder) -> None:
        for schema in schemas.known.values():
            if schema.kind not in {kind for kind, _ in OWN.known}:
                keep_schema(folder, schema)
        write_key_file(folder.key_path, sealed_key)
        write_whole(log_folder / "log.vkey", f"{made.key.render()}\n".encode())
        with opened_log(folder, None) as log:
            log.append(draft, signer)

    folder = LogFolder.create(log_folder, config, fill=fill)
    click.echo(f"{origin} is open, in {log_folder}, with {counted(len(schemas.known), 'schema')}.")
    click.echo(made.key.render())
    with opened_for(folder, NoteSigner(origin, made.secret)) as log:
        publish(folder, log)


@click.command()
@folder_argument
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="A new folder for it.")
@click.option("--with-sealed", is_flag=True, help="Copy sealed values too: erased later, they live on here.")
def backup(log_folder: Path, out: Path, with_sealed: bool) -> None:
    """Copy a log's entries and settings to a folder; neither private keys nor, unless asked for, sealed values.

    \b
    Example:
      countersign record backup force-a --out backup-2026-03-01
    """
    folder = LogFolder.read(log_folder)
    if out.exists():
        raise LogFolderExists(f"{out}: is there already")
    out.mkdir(mode=0o750, parents=True)
    with opened_log(folder) as log:
        size = back_up(log.sequencer, out / "entries.db")
    if with_sealed:
        store = folder.sealed()
        try:
            store.backup_to(out / "sealed.db")
        finally:
            store.close()
    for file in (folder.path / "schemas").glob("*.json"):
        write_whole(out / "schemas" / file.name, file.read_bytes())
    write_whole(out / CONFIG, folder.config.render().encode())
    click.echo(f"{counted(size, 'entry')} of {folder.config.origin} copied to {out}")


@click.command()
@folder_argument
@click.option(
    "--from",
    "source",
    required=True,
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A backup's folder, or the folder of the published files.",
)
def restore(log_folder: Path, source: Path) -> None:
    """Put entries back into a log whose store is gone, and only if they hold all that was signed.

    The log's folder keeps its log.toml, its key and its second place; move a damaged entries.db away first. What came
    after the backup is in the published files: restore from those.

    \b
    Example:
      mv force-a/entries.db force-a/entries.damaged
      countersign record restore force-a --from force-a/public
    """  # fmt: skip
    folder = LogFolder.read(log_folder)
    note = SecondPlace(folder.place(folder.config.second_place)).read()
    last = None if note is None else SignedCheckpoint.parse(note)
    if last is not None:
        # The public part of the key stands in its file in the clear.
        read_key_file(folder.key_path)
        verify_note(last.note, [public_key(str(folder.key_path))])
    target = folder.create_sequencer()
    try:
        if (source / CHECKPOINT_PATH).is_file():
            head = SignedCheckpoint.parse(read_input(source / CHECKPOINT_PATH)).checkpoint
            reader = TileReader(DirectorySource(source), head.size, head.root)

            def published() -> Iterator[bytes]:
                return reader.entries(0, head.size)

            size = put_back(target, published, head.size, last.checkpoint if last else None)
        else:
            kept = SqliteSequencer(source / "entries.db")
            try:
                size = kept.size()
                put_back(target, lambda: stored(kept, size), size, last.checkpoint if last else None)
            finally:
                kept.close()
    except BaseException:
        target.close()
        if folder.config.store == "sqlite":
            for left in folder.path.glob(f"{folder.config.entries}*"):
                left.unlink()
        raise
    target.close()
    are = "is" if size == 1 else "are"
    click.echo(
        f"{counted(size, 'entry')} of {folder.config.origin} {are} back; run `countersign record publish {log_folder}`"
    )


def keep_schema(folder: LogFolder, schema: Schema) -> None:
    """Keep a schema's text in the log's folder. Raises ``CannotWrite``."""
    write_whole(folder.path / "schemas" / f"{schema.kind}.{schema.version}.json", schema.text)


def further_schema(path: Path) -> Schema:
    """The schema in a file; none for the record's own kinds. Raises ``InputMissing`` or ``SchemaMalformed``."""
    schema = Schema.parse(read_input(path))
    if schema.kind.startswith("record.") and (schema.kind, schema.version) not in OWN.known:
        raise SchemaMalformed(f"{path}: {schema.name} would be a kind of the record itself, which has its own schemas")
    return schema
