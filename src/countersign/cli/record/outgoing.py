"""What leaves a log, and following one from outside: proofs, bundles, cosignatures, tiles, a monitor."""

from __future__ import annotations

import datetime
import json
import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import click

from countersign.cli.terminal.options import (
    FILE,
    FOLDER,
    Moment,
    folder_argument,
    option,
    policy_option,
    read_policy,
    schemas_option,
)
from countersign.cli.terminal.say import echo, echo_json, progress_shown
from countersign.cli.terminal.signing import Signing, opened_log, passphrase_option, report
from countersign.errors import EVIDENCE_WRONG, CountersignError, NotAllowed
from countersign.inputs import read_input
from countersign.output import write_whole
from countersign.record.outside.monitor import Look, MonitorState, look
from countersign.record.tlog.checkpoint import SignedCheckpoint
from countersign.register import handing
from countersign.register.opening import opened
from countersign.register.viewing import known_schemas, source_of
from countersign.surroundings import current
from countersign.words.lists import counted

_out = option("--out", "The file to write.", FILE, required=True)


class OpeningsUnsigned(
    NotAllowed, next_step="Give --key (a custodian's) and --expires: handing out openings is an entry of its own."
):
    """Openings are to be handed out, but nobody signs for it."""


@click.command()
@folder_argument
@click.argument("entry", type=click.IntRange(min=0))
@_out
@option("--size", "Under the checkpoint of this many entries.", click.IntRange(min=1))
def prove(log_folder: Path, entry: int, out: Path, size: int | None) -> None:
    """Write a proof that an entry is in the log (C2SP tlog-proof), with the entry inside; it verifies offline.

    The newest checkpoint that a witness has cosigned is taken, or the head if there is none.

    \b
    Example:
      countersign record prove force-a 7 --out entry-7.proof
      countersign verify entry-7.proof --policy trust.policy
    """
    with opened(log_folder, reading=True) as log:
        proof = handing.prove(log, entry, size)
    write_whole(out, proof.render())
    entries = counted(proof.checkpoint.checkpoint.size, "entry")
    echo(f"{out}: entry {entry} under the checkpoint of {entries}, {_cosigned(proof.checkpoint)}")


@click.command(name="bundle")
@folder_argument
@option("--subject", "What it is about: force or force/deployment.", required=True)
@option("--audience", "Whom it is for, as a short token.", required=True)
@_out
@option("--size", "Under the checkpoint of this many entries.", click.IntRange(min=1))
@option(
    "--open labels",
    "Lay sealed values under this label open to the audience; may be repeated.",
    multiple=True,
    metavar="LABEL",
)
@option("--expires", "Until when the audience may keep the openings: 2026-12-31.", metavar="DATE")
@option(
    "--key key_file",
    "The private key file of the custodian, who signs for whom it is and what it holds; with --open it is needed.",
    FILE,
)
@passphrase_option
@option("--at", "When they were handed out, in UTC; now by default.", Moment(), metavar="TIME")
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
    """
    if labels and (key_file is None or expires is None):
        raise OpeningsUnsigned("openings are asked for, but nobody signs for handing them out")
    doing = None if key_file is None else Signing(key_file, passphrase_file, at, None).doing("custodian")
    asked = handing.ForReviewer(subject, audience, frozenset(labels), expires)
    with opened_log(log_folder) as log, progress_shown() as progress:
        made, data, handed = handing.bundle(log, asked, doing, progress, size)
        if handed is not None:
            report(log, handed, publishing=False)
    write_whole(out, data, secret=bool(made.openings))
    under = made.checkpoint.checkpoint.size
    echo(
        f"{out}: {counted(len(made.entries), 'entry')} of {subject} and what governs them, "
        f"{counted(len(made.openings), 'opening')}, "
        f"under the checkpoint of {counted(under, 'entry')}, {_cosigned(made.checkpoint)}"
    )
    echo(f"the same again: --size {under}", err=True)


@click.command()
@folder_argument
@policy_option
@option("--request", "Write the request to this file, to be carried to a witness; see --old.", FILE)
@option("--old", "With --request: how many entries that witness has cosigned last.", click.IntRange(min=0), default=0)
@option("--answer", "Take the answer that was carried back from a witness.", FILE)
def cosign(log_folder: Path, policy_file: Path, request: Path | None, old: int, answer: Path | None) -> int:
    """Have the witnesses of a policy cosign the log's head: over HTTP where the policy has addresses, or by files.

    \b
    Example:
      countersign record cosign force-a --policy trust.policy
      countersign record cosign force-a --policy trust.policy --request request.txt --old 120
      countersign record cosign force-a --policy trust.policy --answer answer.txt
    """
    policy, refusals = read_policy(policy_file), []
    with opened(log_folder, reading=True) as log:
        head = handing.Head.of(log)
        size = counted(head.signed.checkpoint.size, "entry")
        if request is not None:
            write_whole(request, head.request(old))
            echo(f"{request}: to be carried to the witness, whose answer `--answer FILE` takes")
            return 0
        if answer is not None:
            signed = head.answered(read_input(answer), policy)
        elif not any(witness.url for witness in policy.witnesses):
            raise click.UsageError("no witness of the policy has an address: use --request and --answer")
        else:

            def said(name: str, error: CountersignError | None) -> None:
                if error is not None:
                    refusals.append(error.exit_code)
                echo(f"{name}: {error or f'has cosigned {size}'}", err=error is not None)

            signed = head.asked(policy, said)
        origin = log.origin
    echo(f"{origin} at {counted(signed.checkpoint.size, 'entry')}, {_cosigned(signed)}")
    return refusals[-1] if refusals else 0


@click.command(name="export-tiles")
@folder_argument
@option("--out", "The folder to write to.", FOLDER, required=True)
def export_tiles(log_folder: Path, out: Path) -> None:
    """Copy the published files (C2SP tlog-tiles) to another folder, checked, the checkpoint last: for a web server.

    \b
    Example:
      countersign record export-tiles force-a --out www/log
    """
    with opened(log_folder, reading=True) as log, progress_shown() as progress:
        files, size = handing.export_tiles(log, out, progress)
    echo(f"{counted(files, 'file')} of {counted(size, 'entry')} in {out}")


@click.command()
@click.argument("where", metavar="LOG|ADDRESS")
@policy_option
@option("--state state_file", "The monitor's own memory of this log; made if it is not there.", FILE, required=True)
@schemas_option
@option("--keep kept", "Keep files of an address in this folder, and ask again only for what changed.", FOLDER)
@option("--stale-after", "A head older than this is stale.", click.IntRange(min=1), default=24, metavar="HOURS")
@option("--follow", "Look again and again, until stopped.", click.IntRange(min=1), metavar="SECONDS")
@option("--processes", kind=click.IntRange(min=1), default=os.cpu_count() or 1, show_default="one for each core")
@option("--at", "Look as at this time, in UTC; now by default.", Moment(), metavar="TIME")
@option("--json as_json", is_flag=True)
def monitor(
    where: str,
    policy_file: Path,
    state_file: Path,
    schema_folder: Path | None,
    kept: Path | None,
    stale_after: int,
    follow: int | None,
    processes: int,
    at: str | None,
    as_json: bool,
) -> int:
    """Follow a log from outside: check all of it again, and name what it did wrong.

    LOG is a log's folder, the folder of its published files, or their address (HTTP or HTTPS). Of another program's
    log head, growth and hashes are checked. Exit code 1 if anything
    is wrong: split view, rollback, stale head, missing or altered tile, altered entry, an entry that does not count.
    Times that no cosigned checkpoint bears out, and values overdue for erasure, are listed.

    \b
    Example:
      countersign record monitor www/log --policy trust.policy --state force-a.seen
      countersign record monitor http://127.0.0.1:8080/log --policy trust.policy --state force-a.seen --follow 600
      countersign record monitor https://force-a.example/log --policy trust.policy --state force-a.seen --keep files
    """
    source, policy, schemas = source_of(where, kept), read_policy(policy_file), known_schemas(where, schema_folder)
    executor = ProcessPoolExecutor(processes, mp_context=get_context("spawn")) if processes > 1 else None
    worst, seconds = 0, stale_after * 3600
    try:
        while True:
            state = MonitorState.parse(read_input(state_file)) if state_file.exists() else None
            now = int(datetime.datetime.fromisoformat(at or current().time_text()).timestamp())
            with progress_shown() as progress:
                found = look(
                    source, policy, schemas, state, now, stale_after=seconds, executor=executor, progress=progress
                )
            if found.state is not None:
                write_whole(state_file, found.state.render())
            _say(found, as_json)
            worst = EVIDENCE_WRONG if found.faults else worst
            if follow is None:
                return worst
            time.sleep(follow)
    finally:
        if executor is not None:
            executor.shutdown()


def _say(found: Look, as_json: bool) -> None:
    head = found.head
    if as_json:
        said: dict[str, Any] = {
            "size": None if head is None else head.checkpoint.size,
            "cosigned_by": [] if head is None else [one.name for one in head.cosignatures],
            "notes": [note._asdict() for note in found.notes],
        }
        echo_json(json.dumps(said))
        return
    for note in found.notes:
        echo(f"{'FAULT ' if note.fault else 'notice'}  {note.code}: {note.text}")
    if head is not None and found.reading is not None:
        names = ", ".join(one.name for one in head.cosignatures) or "nobody outside"
        wrong = len(found.reading.wrong)
        outcome = "all entries count" if not wrong else f"{counted(wrong, 'thing')} wrong"
        size = counted(head.checkpoint.size, "entry")
        echo(f"{head.checkpoint.origin}: {size} checked, {outcome}; cosigned by {names}")


def _cosigned(signed: SignedCheckpoint) -> str:
    count = len(signed.note.signatures) - 1
    return f"cosigned by {count}" if count else "cosigned by nobody"
