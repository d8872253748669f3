"""Keeping a log: append to it, adopt schemas, publish it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from countersign.cli.keeping import kept, report
from countersign.cli.logs import (
    Signing,
    folder_argument,
    log_passphrase_option,
    log_signer,
    opened_for,
    opened_log,
    publish,
    signing_options,
)
from countersign.cli.record.folder import further_schema, keep_schema
from countersign.inputs import LARGE_BYTES, read_input, read_standard_input
from countersign.record.entries import canonical
from countersign.record.entries.entry import Entry
from countersign.record.entries.schema import SUPPLIERS, FactsMalformed, Schemas
from countersign.record.keeping.logfolder import LogFolder
from countersign.record.keeping.publisher import Publisher
from countersign.register.made_up import refuse_made_up


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
    data = read_standard_input() if str(facts_file) == "-" else read_input(facts_file)
    refuse_made_up(data, str(facts_file))
    try:
        facts: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FactsMalformed(f"{facts_file}: not JSON: {error}") from None
    if not isinstance(facts, dict):
        raise FactsMalformed(f"{facts_file}: the facts are one object")
    canonical.check(facts, "facts")
    with kept(log_folder, signing) as keeping:
        schema = keeping.log.schemas.latest(kind)
        schema.check(facts)
        one = {label: read_input(path, LARGE_BYTES) for label, path in map(_labelled, singles)}
        many = {label: _lines_of(path) for label, path in map(_labelled, sets)}
        for label in (*one, *many):
            if label not in schema.sealed:
                raise FactsMalformed(f"{schema.name}: sealed.{label} is not a label of this kind of entry")
            if not (one.get(label) or many.get(label)):
                raise FactsMalformed(f"{schema.name}: there is nothing to seal under {label}")
        keeping.append(
            kind, role, facts, subject=subject, supplied_by=supplied_by,
            singles={label: (schema.sealed[label].retention_class, content) for label, content in one.items()},
            sets={label: (schema.sealed[label].retention_class, contents) for label, contents in many.items()},
        )  # fmt: skip


@click.command(name="append-signed")
@folder_argument
@click.argument("entry_file", metavar="ENTRY", type=click.Path(path_type=Path, dir_okay=False))
@log_passphrase_option
def append_signed(log_folder: Path, entry_file: Path, log_passphrase_file: Path | None) -> None:
    """Append an entry that was signed elsewhere, on a machine that keeps its key to itself.

    \b
    Example:
      countersign record append-signed force-a signed-entry.json
    """  # fmt: skip
    folder = LogFolder.read(log_folder)
    entry = Entry.parse(read_input(entry_file))
    with opened_log(folder, log_passphrase_file, writing=True) as log:
        report(folder, log, log.append_signed(entry), publishing=log_passphrase_file is not None)


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
    schema = further_schema(schema_file)
    facts = {"kind": schema.kind, "version": schema.version, "digest": schema.digest}
    with kept(log_folder, signing) as keeping:
        Schemas.of([*keeping.log.schemas.known.values(), schema])
        signer = signing.signer()
        keep_schema(keeping.folder, schema)
        keeping.append("record.schema-adopted", "registrar", facts, signer=signer)


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
    with opened_for(folder, log_signer(folder, log_passphrase_file), writing=True) as log:
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


def _labelled(text: str) -> tuple[str, Path]:
    label, equals, path = text.partition("=")
    if not equals or not path:
        raise click.BadParameter(f"{text!r} is not LABEL=FILE", param_hint="--seal")
    return label, Path(path)


def _lines_of(path: Path) -> list[bytes]:
    return [line for line in read_input(path, LARGE_BYTES).split(b"\n") if line]
