"""What leaves a log: proofs, bundles, cosignatures, tiles."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import click

from countersign.cli.keeping import Keeping
from countersign.cli.logs import Signing, folder_argument, opened_log
from countersign.cli.record.policy import policy_option, read_policy
from countersign.cli.terminal.passphrase import passphrase_option
from countersign.cli.terminal.shown import progress_shown
from countersign.errors import NotAllowed, NotReached
from countersign.inputs import read_input
from countersign.output import write_whole
from countersign.record.bundle import Bundle
from countersign.record.keeping.bundling import make_bundle
from countersign.record.keeping.log import Log
from countersign.record.keeping.logfolder import LogFolder
from countersign.record.outside.witness import AddCheckpoint, add_answer
from countersign.record.outside.witness_client import ask_witness
from countersign.record.store.tilestore import TileDirectory
from countersign.record.tlog.audit import audit_log
from countersign.record.tlog.checkpoint import SignedCheckpoint
from countersign.record.tlog.cosignature import CosignatureFails
from countersign.record.tlog.merkle import consistency_proof, inclusion_proof
from countersign.record.tlog.policy import Policy
from countersign.record.tlog.proof import LogProof
from countersign.record.tlog.tilereader import TileReader
from countersign.record.tlog.tiles import all_tiles, bundle_path, tile_path
from countersign.register.viewing import EntryNotThere
from countersign.words.lists import counted

_out = click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The file to write.")


class NotPublished(NotReached):
    """The log has no checkpoint yet that holds what is asked for."""

    code = "not-published"
    next_step = "Publish the log first (`countersign record publish LOG`)."


class OpeningsUnsigned(NotAllowed):
    """Openings are to be handed out, but nobody signs for it."""

    code = "openings-unsigned"
    next_step = "Give --key (a custodian's) and --expires: handing out openings is an entry of its own."


def checkpoint_for(folder: LogFolder, log: Log, least: int, size: int | None = None) -> SignedCheckpoint:
    """The checkpoint to prove under: of ``size`` if given, else the newest cosigned one, else the head.

    It must hold ``least`` entries. Raises ``NotPublished``.
    """
    head = log.head()
    known = folder.kept_checkpoints() + ([] if head is None else [head])
    fitting = [one for one in known if one.checkpoint.size >= least and size in (None, one.checkpoint.size)]
    if not fitting:
        what = (
            f"of {counted(size or 0, 'entry')} is kept" if size is not None else f"holds {counted(least, 'entry')} yet"
        )
        raise NotPublished(f"{folder.path}: no checkpoint {what}")
    cosigned = [one for one in fitting if len(one.note.signatures) > 1]
    return max(cosigned or fitting, key=lambda one: (one.checkpoint.size, len(one.note.signatures)))


@click.command()
@folder_argument
@click.argument("entry", type=click.IntRange(min=0))
@_out
@click.option("--size", type=click.IntRange(min=1), help="Under the checkpoint of this many entries.")
def prove(log_folder: Path, entry: int, out: Path, size: int | None) -> None:
    """Write a proof that an entry is in the log (C2SP tlog-proof), with the entry inside; it verifies offline.

    The newest checkpoint that a witness has cosigned is taken, or the head if there is none.

    \b
    Example:
      countersign record prove force-a 7 --out entry-7.proof
      countersign verify entry-7.proof --policy trust.policy
    """
    folder = LogFolder.read(log_folder)
    with opened_log(folder) as log:
        if entry >= log.sequencer.size():
            raise EntryNotThere(f"{entry}: the log has {counted(log.sequencer.size(), 'entry')}")
        signed = checkpoint_for(folder, log, entry + 1, size)
        head = signed.checkpoint
        reader = TileReader(log.tiles.source, head.size, head.root)
        proof = LogProof(entry, tuple(inclusion_proof(reader, entry, head.size)), signed, reader.entry(entry))
        folder.keep_checkpoint(signed)
    write_whole(out, proof.render())
    click.echo(f"{out}: entry {entry} under the checkpoint of {counted(head.size, 'entry')}, {_cosigned(signed)}")


@click.command(name="bundle")
@folder_argument
@click.option("--subject", required=True, help="What it is about: force or force/deployment.")
@click.option("--audience", required=True, help="Whom it is for, as a short token.")
@_out
@click.option("--size", type=click.IntRange(min=1), help="Under the checkpoint of this many entries.")
@click.option(
    "--open",
    "labels",
    multiple=True,
    metavar="LABEL",
    help="Lay sealed values under this label open to the audience; may be repeated.",
)
@click.option("--expires", metavar="DATE", help="Until when the audience may keep the openings: 2026-12-31.")
@click.option(
    "--key",
    "key_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="With --open: the private key file of the custodian, who signs for handing them out.",
)
@passphrase_option
@click.option("--at", metavar="TIME", help="When they were handed out, in UTC; now by default.")
def bundle(
    log_folder: Path,
    subject: str,
    audience: str,
    out: Path,
    size: int | None,
    labels: tuple[str, ...],
    expires: str | None,
    key_file: Path | None,
    passphrase_file: Path | None,
    at: str | None,
) -> None:
    """Write what a reviewer takes away of one subject: entries, proofs, checkpoint, schemas, and openings if asked for.

    Under the same checkpoint the same request gives the same bytes. Handing out openings is an entry of its own, with
    the SHA-256 of the bundle; asking again for the same bundle adds none.

    \b
    Example:
      countersign record bundle force-a --subject force-a/d-1 --audience ethics-panel --out d-1.bundle
      countersign record bundle force-a --subject force-a/d-1 --audience ombudsman --open reasons \\
          --expires 2026-12-31 --key custodian.key --out d-1-open.bundle
    """  # fmt: skip
    folder = LogFolder.read(log_folder)
    if labels and (key_file is None or expires is None):
        raise OpeningsUnsigned("openings are asked for, but nobody signs for handing them out")
    with opened_log(folder, writing=True) as log, progress_shown() as progress:
        signed = checkpoint_for(folder, log, 1, size)
        store = folder.sealed() if labels else None
        try:
            made = make_bundle(
                log.tiles.source, signed, log.schemas, subject, audience, labels=frozenset(labels),
                opener=store.open_many if store else None, progress=progress,
            )  # fmt: skip
        finally:
            if store:
                store.close()
        data = made.render()
        folder.keep_checkpoint(signed)
        if made.openings and key_file is not None:
            _hand_out(Keeping(folder, log, Signing(key_file, passphrase_file, at, None)), made, data, expires)
    write_whole(out, data)
    click.echo(
        f"{out}: {counted(len(made.entries), 'entry')} of {subject} and what governs them, "
        f"{counted(len(made.openings), 'opening')}, "
        f"under the checkpoint of {counted(signed.checkpoint.size, 'entry')}, {_cosigned(signed)}"
    )
    click.echo(f"the same again: --size {signed.checkpoint.size}", err=True)


def _hand_out(keeping: Keeping, made: Bundle, data: bytes, expires: str | None) -> None:
    digest = sha256(data).hexdigest()
    facts = {"audience": made.audience, "count": len(made.openings), "expires_on": expires, "bundle": digest}
    log, handed = keeping.log, "record.openings-handed"
    for start in range(made.checkpoint.checkpoint.size, log.sequencer.size(), 1000):
        for entry in log.entries(start, min(start + 1000, log.sequencer.size())):
            if entry.draft.kind == handed and entry.draft.facts == facts:
                return
    keeping.append(handed, "custodian", facts, subject=made.subject)


@click.command()
@folder_argument
@policy_option
@click.option(
    "--request",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the request to this file, to be carried to a witness; see --old.",
)
@click.option(
    "--old",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="With --request: how many entries that witness has cosigned last.",
)
@click.option(
    "--answer",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Take the answer that was carried back from a witness.",
)
def cosign(log_folder: Path, policy_file: Path, request: Path | None, old: int, answer: Path | None) -> int:
    """Have the witnesses of a policy cosign the log's head: over HTTP where the policy has addresses, or by files.

    \b
    Example:
      countersign record cosign force-a --policy trust.policy
      countersign record cosign force-a --policy trust.policy --request request.txt --old 120
      countersign record cosign force-a --policy trust.policy --answer answer.txt
    """  # fmt: skip
    folder = LogFolder.read(log_folder)
    policy = read_policy(policy_file)
    refused = 0
    with opened_log(folder) as log:
        head = log.head()
        if head is None:
            raise NotPublished(f"{folder.path}: the log has no checkpoint yet")
        reader = TileReader(log.tiles.source, head.checkpoint.size, head.checkpoint.root)
        size = head.checkpoint.size

        def proof_from(first: int) -> list[bytes]:
            return consistency_proof(reader, first, size)

        if request is not None:
            proof = tuple(proof_from(old)) if 0 < old < size else ()
            write_whole(request, AddCheckpoint(old, proof, head).render())
            folder.keep_checkpoint(head)
            click.echo(f"{request}: to be carried to the witness, whose answer `--answer FILE` takes")
            return 0
        signed = head
        if answer is not None:
            signed = _answered(folder, head, read_input(answer), policy)
        else:
            asked = [witness for witness in policy.witnesses if witness.url]
            if not asked:
                raise click.UsageError("no witness of the policy has an address: use --request and --answer")
            for witness in asked:
                try:
                    signed = ask_witness(str(witness.url), signed, [witness.key], proof_from)
                    click.echo(f"{witness.name}: has cosigned {counted(size, 'entry')}")
                except (NotReached, NotAllowed) as error:
                    refused = error.exit_code
                    click.echo(f"{witness.name}: {error}", err=True)
        if signed.checkpoint == head.checkpoint and signed != head:
            log.keep_cosigned(signed)
        folder.keep_checkpoint(signed)
    click.echo(f"{folder.config.origin} at {counted(signed.checkpoint.size, 'entry')}, {_cosigned(signed)}")
    return refused


def _answered(folder: LogFolder, head: SignedCheckpoint, answer: bytes, policy: Policy) -> SignedCheckpoint:
    """The checkpoint that was carried to the witness, with its answer: the head, or an earlier one that was kept."""
    keys = [witness.key for witness in policy.witnesses]
    for signed in (head, *reversed(folder.kept_checkpoints())):
        try:
            return add_answer(signed, answer, keys)
        except CosignatureFails:
            continue
    return add_answer(head, answer, keys)


@click.command(name="export-tiles")
@folder_argument
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder to write to.")
def export_tiles(log_folder: Path, out: Path) -> None:
    """Copy the published files (C2SP tlog-tiles) to another folder, checked, the checkpoint last: for a web server.

    \b
    Example:
      countersign record export-tiles force-a --out www/log
    """
    folder = LogFolder.read(log_folder)
    source = folder.tiles().source
    with opened_log(folder) as log:
        head = log.head()
    if head is None:
        raise NotPublished(f"{folder.path}: the log has no checkpoint yet")
    size = head.checkpoint.size
    target = TileDirectory(out)
    with progress_shown() as progress:
        audit_log(source, size, head.checkpoint.root, progress=progress)
        paths = [tile_path(tile) for tile in all_tiles(size)]
        paths += [bundle_path(number, min(256, size - 256 * number)) for number in range(-(-size // 256))]
        for start in range(0, len(paths), 512):
            progress("copying files", start, len(paths))
            target.write({path: source.read(path) for path in paths[start : start + 512]})
        target.publish(head.render())
    click.echo(f"{counted(len(paths), 'file')} of {counted(size, 'entry')} in {out}")


def _cosigned(signed: SignedCheckpoint) -> str:
    count = len(signed.note.signatures) - 1
    return f"cosigned by {count}" if count else "cosigned by nobody"
