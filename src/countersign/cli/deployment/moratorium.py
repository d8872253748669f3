"""``countersign deployment moratorium``: sign a moratorium that needs no place in the force's log, and hear one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from countersign.cli.logs import moment, open_private
from countersign.cli.terminal.passphrase import passphrase_option
from countersign.deployments.heard import OPEN, HeardMoratorium, hear, signed_moratorium, text
from countersign.errors import CountersignError
from countersign.inputs import read_input
from countersign.output import write_whole
from countersign.record.keeping.logfolder import LogFolder
from countersign.record.tlog.cosignature import NoteSigner

moratorium_option = click.option(
    "--moratorium", "moratorium_files", metavar="NOTE", multiple=True, type=click.Path(path_type=Path, dir_okay=False),
    help="A moratorium that a body published outside the log, as a note signed by an outside key of --policy; may be "
    "given several times. Nothing of it enters the log.",
)  # fmt: skip


def heard_by(
    folder: LogFolder, policy_file: Path | None, moratorium_files: Sequence[Path]
) -> tuple[HeardMoratorium, ...]:
    """The moratoria of these notes. Raises as ``hear``, with the path, ``InputMissing``, or a usage error."""
    if not moratorium_files:
        return ()
    if policy_file is None:
        raise click.UsageError("--moratorium needs --policy: whose moratorium counts is for your trust policy to say.")
    from countersign.cli.record.policy import read_policy

    policy = read_policy(policy_file)
    found = []
    for path in moratorium_files:
        data = read_input(path)
        try:
            found.append(hear(data, policy, folder.config.origin, folder.config.subject))
        except CountersignError as error:
            error.args = (f"{path}: {error}", *error.args[1:])
            raise
    return tuple(found)


@click.command()
@click.argument("force")
@click.option("--from", "starts_at", metavar="TIME", help="From when, in UTC (2026-03-01T09:30:00Z); now by default.")
@click.option("--until", "ends_at", metavar="TIME|open", required=True, help="Until when; open where no end is set.")
@click.option("--ground", required=True, help="Where the decision is found: its digest, address or reference.")
@click.option(
    "--key", "key_file", required=True, type=click.Path(path_type=Path, dir_okay=False),
    help="The body's private key file, from `countersign key new`; a witness's key signs checkpoints alone.",
)  # fmt: skip
@passphrase_option
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The note to publish.")
def moratorium(
    force: str, starts_at: str | None, ends_at: str, ground: str, key_file: Path, passphrase_file: Path | None,
    out: Path,
) -> None:  # fmt: skip
    """Sign a moratorium as a note, by a body that stands outside the force and its log.

    It stops the commands of whoever passes it with --moratorium and a trust policy that names the body's key, and
    no others: publish it, and the key.

    \b
    Example:
      countersign deployment moratorium force-a --until open --ground OMB/2026/14 --key ombudsman.key --out stop.note
    """
    said = text(force, moment(starts_at), None if ends_at == OPEN else ends_at, ground)
    opened = open_private(key_file, passphrase_file)
    signer = NoteSigner(opened.key.name, opened.secret)
    write_whole(out, signed_moratorium(said, signer).render())
    click.echo(said, nl=False)
    click.echo(f"Signed in {out}. It binds those whose trust policy has this line:\nlog {signer.key.render()}")
