"""Keeping a log: make it, append to it, adopt schemas, publish it, copy it, and put its entries back."""

from __future__ import annotations

import time
from pathlib import Path

import click

from countersign.cli.terminal.options import FILE, FOLDER, Moment, folder_argument, option
from countersign.cli.terminal.say import echo
from countersign.cli.terminal.signing import (
    Signing,
    append_one,
    ask_passphrase,
    give_receipts,
    log_key,
    log_passphrase_option,
    open_private,
    opened_log,
    passphrase_of_log,
    passphrase_option,
    report,
    say_published,
    signing_options,
)
from countersign.deployments.kinds import SCHEMAS
from countersign.deployments.outside.reader import SUPPLIES
from countersign.door import hold
from countersign.inputs import LARGE_BYTES, json_of, read_input, read_standard_input
from countersign.record.entries import canonical
from countersign.record.entries.entry import Entry, EntrySigner
from countersign.record.entries.keyring import OWN
from countersign.record.entries.schema import SUPPLIERS, FactsMalformed, Schema
from countersign.record.tlog.checkpoint import NoteSigner
from countersign.register import logs
from countersign.register.commands import Raw
from countersign.register.papers.reading import refuse_made_up
from countersign.surroundings import current
from countersign.words.lists import be, counted


@click.command()
@click.argument("log_folder", metavar="LOG", type=FOLDER)
@option("--origin", "The log's public name for good, like log.example/force-a.", required=True)
@option("--subject", "Whose log it is, as a short name: force-a.", required=True)
@option(
    "--body",
    "It is the log of a body outside any force, of this kind; --subject is then the body's own short name.",
    click.Choice([*SUPPLIES]),
)
@option(
    "--registrar",
    "The private key file of the registrar, who signs the first entry (from `key new`).",
    FILE,
    required=True,
)
@passphrase_option
@passphrase_of_log("The passphrase for the log's own new key, likewise.")
@option("--schema schema_files", "A schema file of a further kind of entry; may be repeated.", FILE, multiple=True)
@option(
    "--schemas vocabulary",
    "The kinds of entry to start with: those of deployments too, or the record's own alone.",
    click.Choice(["deployments", "record"]),
    default="deployments",
)
@option(
    "--postgres postgres_log",
    "Keep the entries in PostgreSQL, under this name; the address is taken "
    "from the environment variable COUNTERSIGN_POSTGRES.",
)
@option(
    "--second-place",
    "Where the last signed checkpoint is kept too: best on another disk. Beside the folder by default.",
    FILE,
)
@option("--sealed", "Where sealed values are kept: best on an encrypted disk that no backup copies.", FILE)
@option("--public", "Where the published files go.", FOLDER)
@option("--at", "When the log was opened, in UTC; now by default.", Moment(), metavar="TIME")
def init(
    log_folder: Path,
    origin: str,
    subject: str,
    body: str | None,
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
    Examples:
      countersign record init force-a --origin log.example/force-a --subject force-a --registrar registrar.key
      countersign record init panel --origin panel.example/log --subject panel-a --body panel --registrar panel.key
    """
    places = logs.Places(second_place, sealed, public, postgres_log, body or "")
    config = places.config(log_folder, origin, subject)
    logs.refuse_second(log_folder)
    schemas = logs.further_schemas(SCHEMAS if vocabulary == "deployments" else OWN, schema_files)
    opened_at = at or current().time_text()
    # All that is secret is asked for before anything is made.
    signer = EntrySigner(open_private(registrar, passphrase_file).secret)
    made = logs.make_log(
        log_folder, config, schemas, signer, opened_at, lambda name: ask_passphrase(log_passphrase_file, name, new=True)
    )
    echo(f"{origin} is open, in {log_folder}, with {counted(len(schemas.known), 'schema')}.")
    echo(made.key.render())
    with opened_log(log_folder, key=lambda *_: NoteSigner(origin, made.secret)) as log:
        say_published(log, log.publish())


@click.command(name="append")
@folder_argument
@option("--kind", "The kind of entry: record.retention-rule, for one.", required=True)
@option("--role", "The role in which the key signs.", required=True)
@option(
    "--facts facts_file",
    "A JSON file with the public facts; - for standard input.",
    click.Path(path_type=Path, allow_dash=True),
    required=True,
)
@option("--subject", "What it is about: force or force/deployment; the log's own subject by default.")
@option("--supplied-by", kind=click.Choice(SUPPLIERS), default="force")
@option(
    "--seal singles",
    "Seal the content of a file under a label; only a commitment enters the log.",
    multiple=True,
    metavar="LABEL=FILE",
)
@option("--seal-set sets", "Seal each line of a file as one item of a set.", multiple=True, metavar="LABEL=FILE")
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
    """
    data = read_standard_input() if str(facts_file) == "-" else read_input(facts_file)
    refuse_made_up(data, str(facts_file))
    facts = json_of(data, str(facts_file), FactsMalformed)
    if not isinstance(facts, dict):
        raise FactsMalformed(f"{facts_file}: the facts are one object")
    canonical.check(hold("paper", facts, str(facts_file)), "facts")
    with opened_log(log_folder, signing.log_passphrase_file) as log:
        schema = log.log.schemas.latest(kind)
        schema.check(facts)
        contents = {label: Raw((read_input(path, LARGE_BYTES),)) for label, path in map(_labelled, singles)}
        for label, path in map(_labelled, sets):
            contents[label] = Raw(tuple(filter(None, read_input(path, LARGE_BYTES).split(b"\n"))), is_set=True)
        _check_labels(schema, contents)
        appended = log.enter(signing.doing(role, supplied_by), kind, facts, contents=contents, subject=subject)
        report(log, appended, publishing=signing.publishing)


@click.command(name="append-signed")
@folder_argument
@click.argument("entry_file", metavar="ENTRY", type=FILE)
@log_passphrase_option
def append_signed(log_folder: Path, entry_file: Path, log_passphrase_file: Path | None) -> None:
    """Append an entry that was signed elsewhere, on a machine that keeps its key to itself; answers with a receipt.

    \b
    Example:
      countersign record append-signed force-a signed-entry.json
    """
    entry = Entry.parse(read_input(entry_file))
    with opened_log(log_folder, log_passphrase_file) as log:
        [appended] = log.log.append_signed(entry)
        report(log, appended, publishing=log_passphrase_file is not None)
        give_receipts(log, [appended], entry_file)


@click.command()
@folder_argument
@click.argument("schema_file", metavar="SCHEMA", type=FILE)
@signing_options
def adopt(log_folder: Path, schema_file: Path, signing: Signing) -> None:
    """Adopt a schema: a further kind of entry, or a new version of one; signed by the registrar.

    \b
    Example:
      countersign record adopt force-a deployment.opened.1.json --key registrar.key
    """
    schema = logs.further_schema(schema_file)
    append_one(log_folder, signing, lambda log: logs.adopt(log, signing.doing("registrar"), schema))


@click.command(name="publish")
@folder_argument
@passphrase_of_log("The passphrase of the log's own key, on its first line.")
@option("--follow", "Go on publishing, at most a second after each append, until stopped.", is_flag=True)
def publish_log(log_folder: Path, log_passphrase_file: Path | None, follow: bool) -> None:
    """Write the tiles of all entries and sign their checkpoint with the log's own key.

    \b
    Example:
      countersign record publish force-a
      countersign record publish force-a --follow --log-passphrase-file log.pass
    """
    with opened_log(log_folder, key=log_key(log_passphrase_file)) as log:
        say_published(log, log.publish())
        if follow:
            echo("publishing as entries come in; Ctrl-C ends it")
            with log.publishing() as publisher:
                said = None
                while True:
                    time.sleep(1)
                    if publisher.failure is not None and str(publisher.failure) != said:
                        said = str(publisher.failure)
                        echo(f"countersign: {said}; trying again", err=True)


@click.command()
@folder_argument
@option("--out", "A new folder for it.", FOLDER, required=True)
@option("--with-sealed", "Copy sealed values too: erased later, they live on here.", is_flag=True)
def backup(log_folder: Path, out: Path, with_sealed: bool) -> None:
    """Copy a log's entries and settings to a folder; neither private keys nor, unless asked for, sealed values.

    \b
    Example:
      countersign record backup force-a --out backup-2026-03-01
    """
    origin, size = logs.copy_log(log_folder, out, with_sealed=with_sealed)
    echo(f"{counted(size, 'entry')} of {origin} copied to {out}")


@click.command()
@folder_argument
@option(
    "--from source",
    "A backup's folder, or the folder of the published files.",
    click.Path(path_type=Path, file_okay=False, exists=True),
    required=True,
)
def restore(log_folder: Path, source: Path) -> None:
    """Put entries back into a log whose store is gone, and only if they hold all that was signed.

    The log's folder keeps its log.toml, its key and its second place; move a damaged entries.db away first. What came
    after the backup is in the published files: restore from those.

    \b
    Example:
      mv force-a/entries.db force-a/entries.damaged
      countersign record restore force-a --from force-a/public
    """
    origin, size = logs.restore_log(log_folder, source)
    echo(f"{counted(size, 'entry')} of {origin} {be(size)} back; run `countersign record publish {log_folder}`")


def _labelled(text: str) -> tuple[str, Path]:
    label, equals, path = text.partition("=")
    if not equals or not path:
        raise click.BadParameter(f"{text!r} is not LABEL=FILE", param_hint="--seal")
    return label, Path(path)


def _check_labels(schema: Schema, contents: dict[str, Raw]) -> None:
    for label, raw in contents.items():
        if label not in schema.sealed:
            raise FactsMalformed(f"{schema.name}: sealed.{label} is not a label of this kind of entry")
        if not any(raw.parts):
            raise FactsMalformed(f"{schema.name}: there is nothing to seal under {label}")
