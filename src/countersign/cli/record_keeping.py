"""Keeping a log: make it, append to it, adopt schemas, publish it, look into it, copy it and put it back."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from countersign.cli.inputs import LARGE_BYTES, read_input, read_standard_input
from countersign.cli.key import new_key
from countersign.cli.logs import (
    Signing,
    append,
    counted,
    finish_pending,
    folder_argument,
    log_signer,
    moment,
    open_private,
    opened_log,
    own_schemas,
    publish,
    report,
    schemas_option,
    sealed_values,
    signing_options,
    viewed,
    where_argument,
)
from countersign.errors import WrongForm
from countersign.output import write_whole
from countersign.record import canonical
from countersign.record.backup import back_up, put_back, stored
from countersign.record.checkpoint import SignedCheckpoint
from countersign.record.cosignature import NoteSigner, verify_note
from countersign.record.entry import Draft, Entry, EntrySigner
from countersign.record.keyfile import read_key_file, write_key_file
from countersign.record.kinds import OWN
from countersign.record.log import opening_facts
from countersign.record.logfolder import CONFIG, LogConfig, LogFolder, LogFolderExists
from countersign.record.publisher import Publisher
from countersign.record.retention import Accounts
from countersign.record.schema import SUPPLIERS, FactsMalformed, Schema, SchemaMalformed, Schemas, SchemaUnknown
from countersign.record.secondplace import SecondPlace
from countersign.record.sequencer_sqlite import SqliteSequencer
from countersign.record.tilereader import TileReader
from countersign.record.tiles import CHECKPOINT_PATH, DirectorySource
from countersign.record.words import describe

#: How many entries `record show` prints if nobody says which.
LAST_SHOWN = 10


class EntryNotThere(WrongForm):
    """The log has no entry at the place asked for."""

    code = "entry-not-there"
    next_step = "Entries are counted from 0; `countersign record show LOG` shows the last ones."


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
@click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="COUNTERSIGN_PASSPHRASE_FILE",
    help="The registrar's passphrase, on the first line of this file.",
)
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
    start = own_schemas() if vocabulary == "deployments" else OWN
    schemas = Schemas.of([*start.known.values(), *(_further_schema(file) for file in schema_files)])
    opened_at = moment(at)
    # All that is secret is asked for before anything is made.
    signer = EntrySigner(open_private(registrar, passphrase_file).secret)
    made, sealed_key = new_key(origin, log_passphrase_file)
    facts = opening_facts(signer, schemas)
    draft = Draft("record.log-opened", 1, origin, subject, opened_at, "registrar", "force", facts)

    def fill(folder: LogFolder) -> None:
        for schema in schemas.known.values():
            if schema.kind not in {kind for kind, _ in OWN.known}:
                _keep_schema(folder, schema)
        write_key_file(folder.key_path, sealed_key)
        write_whole(log_folder / "log.vkey", f"{made.key.render()}\n".encode())
        with opened_log(folder, None) as log:
            log.append(draft, signer)

    folder = LogFolder.create(log_folder, config, fill=fill)
    click.echo(f"{origin} is open, in {log_folder}, with {counted(len(schemas.known), 'schema')}.")
    click.echo(made.key.render())
    log = folder.log(NoteSigner(origin, made.secret))
    try:
        publish(folder, log)
    finally:
        log.sequencer.close()


@click.command(name="append")
@folder_argument
@click.option("--kind", required=True, help="The kind of entry: record.retention-rule, for one.")
@click.option("--role", required=True, help="The role in which the key signs.")
@click.option(
    "--facts",
    "facts_file",
    required=True,
    type=click.Path(path_type=Path, allow_dash=True),
    help="A JSON file with the public facts; - for standard input.",
)
@click.option("--subject", help="What it is about: force or force/deployment; the log's own subject by default.")
@click.option("--supplied-by", type=click.Choice(SUPPLIERS), default="force", show_default=True)
@click.option(
    "--seal",
    "singles",
    multiple=True,
    metavar="LABEL=FILE",
    help="Seal the content of a file under a label; only a commitment enters the log.",
)
@click.option(
    "--seal-set", "sets", multiple=True, metavar="LABEL=FILE", help="Seal each line of a file as one item of a set."
)
@signing_options
def append_entry(
    log_folder: Path,
    kind: str,
    role: str,
    facts_file: Path,
    subject: str | None,
    supplied_by: str,
    singles: tuple[str, ...],
    sets: tuple[str, ...],
    signing: Signing,
) -> None:
    """Append one entry. It is durable when this says so; it is published with the next checkpoint.

    \b
    Example:
      countersign record append force-a --kind record.retention-rule --role custodian --key custodian.key \\
          --facts rule.json
    """  # fmt: skip
    folder = LogFolder.read(log_folder)
    data = read_standard_input() if str(facts_file) == "-" else read_input(facts_file)
    try:
        facts: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FactsMalformed(f"{facts_file}: not JSON: {error}") from None
    if not isinstance(facts, dict):
        raise FactsMalformed(f"{facts_file}: the facts are one object")
    canonical.check(facts, "facts")
    with opened_log(folder, signing.log_passphrase_file, writing=True) as log:
        schema = log.schemas.latest(kind)
        schema.check(facts)
        one = {label: read_input(path, LARGE_BYTES) for label, path in map(_labelled, singles)}
        many = {label: _lines_of(path) for label, path in map(_labelled, sets)}
        for label in (*one, *many):
            if label not in schema.sealed:
                raise FactsMalformed(f"{schema.name}: sealed.{label} is not a label of this kind of entry")
            if not (one.get(label) or many.get(label)):
                raise FactsMalformed(f"{schema.name}: there is nothing to seal under {label}")
        signer = signing.signer()
        with sealed_values(
            folder,
            {label: (schema.sealed[label].retention_class, content) for label, content in one.items()},
            {label: (schema.sealed[label].retention_class, contents) for label, contents in many.items()},
        ) as sealed:
            append(folder, log, signing, kind, role, facts, sealed=sealed, subject=subject, supplied_by=supplied_by,
                   signer=signer)  # fmt: skip


@click.command(name="append-signed")
@folder_argument
@click.argument("entry_file", metavar="ENTRY", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--log-passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="COUNTERSIGN_LOG_PASSPHRASE_FILE",
    help="Publish at once, with the log's own key.",
)
def append_signed(log_folder: Path, entry_file: Path, log_passphrase_file: Path | None) -> None:
    """Append an entry that was signed elsewhere, on a machine that keeps its key to itself.

    \b
    Example:
      countersign record append-signed force-a signed-entry.json
    """  # fmt: skip
    folder = LogFolder.read(log_folder)
    entry = Entry.parse(read_input(entry_file))
    with opened_log(folder, log_passphrase_file, writing=True) as log:
        report(folder, log, Signing(entry_file, None, None, log_passphrase_file), log.append_signed(entry))


@click.command()
@folder_argument
@click.argument("schema_file", metavar="SCHEMA", type=click.Path(path_type=Path, dir_okay=False))
@signing_options
def adopt(log_folder: Path, schema_file: Path, signing: Signing) -> None:
    """Adopt a schema: a further kind of entry, or a new version of one; signed by the registrar.

    \b
    Example:
      countersign record adopt force-a deployment.opened.1.json --key registrar.key
    """
    folder = LogFolder.read(log_folder)
    schema = _further_schema(schema_file)
    Schemas.of([*folder.schemas().known.values(), schema])
    facts = {"kind": schema.kind, "version": schema.version, "digest": schema.digest}
    with opened_log(folder, signing.log_passphrase_file, writing=True) as log:
        signer = signing.signer()
        _keep_schema(folder, schema)
        append(folder, log, signing, "record.schema-adopted", "registrar", facts, signer=signer)


@click.command(name="publish")
@folder_argument
@click.option(
    "--log-passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="COUNTERSIGN_LOG_PASSPHRASE_FILE",
    help="The passphrase of the log's own key, on its first line.",
)
@click.option("--follow", is_flag=True, help="Go on publishing, at most a second after each append, until stopped.")
def publish_log(log_folder: Path, log_passphrase_file: Path | None, follow: bool) -> None:
    """Write the tiles of all entries and sign their checkpoint with the log's own key.

    \b
    Example:
      countersign record publish force-a
      countersign record publish force-a --follow --log-passphrase-file log.pass
    """  # fmt: skip
    folder = LogFolder.read(log_folder)
    log = folder.log(log_signer(folder, log_passphrase_file))
    try:
        if folder.intent.path.exists():
            finish_pending(folder, log)
        publish(folder, log)
        if follow:
            click.echo("publishing as entries come in; Ctrl-C ends it")
            with Publisher(log) as publisher:
                told = None
                while True:
                    time.sleep(1)
                    if publisher.failure is not None and str(publisher.failure) != told:
                        told = str(publisher.failure)
                        click.echo(f"countersign: {told}; trying again", err=True)
    finally:
        log.sequencer.close()


@click.command()
@where_argument
@click.argument("which", required=False, metavar="[ENTRY|FIRST-LAST]")
@schemas_option
@click.option("--json", "as_json", is_flag=True, help="The entries as they stand in the log, one a line.")
def show(where: str, which: str | None, schema_folder: Path | None, as_json: bool) -> None:
    """Print entries in words: one, a range, or the last ten; and how far the log is published.

    Published files are checked against the checkpoint that lies with them; whose it is, `record monitor` checks.

    \b
    Example:
      countersign record show force-a
      countersign record show force-a 3-7
      countersign record show www/log 4 --json
    """
    with viewed(where, schema_folder) as log:
        first, last = _range(which, log.size)
        entries = log.read(first, last + 1)
        if as_json:
            for data in entries:
                click.echo(data.decode())
            return
        for index, data in enumerate(entries, first):
            entry = Entry.parse(data)
            try:
                title = log.schemas.get(entry.draft.kind, entry.draft.schema).title
            except SchemaUnknown:
                title = "Of a kind this program has no schema for"
            note = f", {_reading(log.accounts(), index)}" if entry.draft.kind == "record.finding-fixed" else ""
            click.echo("\n".join(describe(index, entry, title, note)))
        if which is None:
            published = f"published up to {log.published}" if log.published else "nothing is published yet"
            click.echo(f"{log.origin}: {counted(log.size, 'entry')}; {published}")


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
        key = _public_key(folder)
        verify_note(last.note, [key])
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


def _public_key(folder: LogFolder) -> Any:
    from countersign.cli.key import public_key

    read_key_file(folder.key_path)
    return public_key(str(folder.key_path))


def _keep_schema(folder: LogFolder, schema: Schema) -> None:
    write_whole(folder.path / "schemas" / f"{schema.kind}.{schema.version}.json", schema.text)


def _further_schema(path: Path) -> Schema:
    """The schema in a file; none for the record's own kinds. Raises ``InputMissing`` or ``SchemaMalformed``."""
    schema = Schema.parse(read_input(path))
    if schema.kind.startswith("record.") and (schema.kind, schema.version) not in OWN.known:
        raise SchemaMalformed(f"{path}: {schema.name} would be a kind of the record itself, which has its own schemas")
    return schema


def _labelled(text: str) -> tuple[str, Path]:
    label, equals, path = text.partition("=")
    if not equals or not path:
        raise click.BadParameter(f"{text!r} is not LABEL=FILE", param_hint="--seal")
    return label, Path(path)


def _lines_of(path: Path) -> list[bytes]:
    return [line for line in read_input(path, LARGE_BYTES).split(b"\n") if line]


def _range(which: str | None, size: int) -> tuple[int, int]:
    if which is None:
        return max(0, size - LAST_SHOWN), size - 1
    first, dash, last = which.partition("-")
    if not (first.isascii() and first.isdigit()) or (dash and not (last.isascii() and last.isdigit())):
        raise click.BadParameter(f"{which!r} is neither an entry's number nor two with a dash between")
    ends = int(first), int(last) if dash else int(first)
    if not ends[0] <= ends[1] < size:
        raise EntryNotThere(f"{which}: the log has the entries 0 to {size - 1}" if size else "the log has no entries")
    return ends


def _reading(accounts: Accounts, index: int) -> str:
    return next((one.reading for one in accounts.findings() if one.entry == index), "not counted")


COMMANDS = (init, append_entry, append_signed, adopt, publish_log, show, backup, restore)
