"""Following a log from outside: all of it checked again and again, and what it did wrong named."""

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

from countersign.cli.logs import moment
from countersign.cli.record.policy import policy_option, read_policy
from countersign.cli.terminal.options import schemas_option
from countersign.cli.terminal.shown import progress_shown
from countersign.errors import EVIDENCE_WRONG
from countersign.inputs import read_input
from countersign.output import write_whole
from countersign.record.outside.monitor import Look, MonitorState, look
from countersign.register.viewing import known_schemas, source_of
from countersign.words.lists import counted


@click.command()
@click.argument("where", metavar="LOG|ADDRESS")
@policy_option
@click.option(
    "--state",
    "state_file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The monitor's own memory of this log; made if it is not there.",
)
@schemas_option
@click.option(
    "--stale-after",
    default=24,
    show_default=True,
    type=click.IntRange(min=1),
    metavar="HOURS",
    help="A head older than this is stale.",
)
@click.option("--follow", type=click.IntRange(min=1), metavar="SECONDS", help="Look again and again, until stopped.")
@click.option("--processes", type=click.IntRange(min=1), default=os.cpu_count() or 1, show_default="one for each core")
@click.option("--at", metavar="TIME", help="Look as at this time, in UTC; now by default.")
@click.option("--json", "as_json", is_flag=True)
def monitor(
    where: str,
    policy_file: Path,
    state_file: Path,
    schema_folder: Path | None,
    stale_after: int,
    follow: int | None,
    processes: int,
    at: str | None,
    as_json: bool,
) -> int:
    """Follow a log from outside: check all of it again, and name what it did wrong.

    LOG is a log's folder, the folder of its published files, or their address on this machine. Exit code 1 if anything
    is wrong: split view, rollback, stale head, missing or altered tile, altered entry, an entry that does not count.
    Times that no cosigned checkpoint bears out, and values overdue for erasure, are listed.

    \b
    Example:
      countersign record monitor www/log --policy trust.policy --state force-a.seen
      countersign record monitor http://127.0.0.1:8080/log --policy trust.policy --state force-a.seen --follow 600
    """  # fmt: skip
    source, policy, schemas = source_of(where), read_policy(policy_file), known_schemas(where, schema_folder)
    executor = None
    if processes > 1:
        executor = ProcessPoolExecutor(processes, mp_context=get_context("spawn"))
    worst = 0
    try:
        while True:
            state = MonitorState.parse(read_input(state_file)) if state_file.exists() else None
            now = int(datetime.datetime.fromisoformat(moment(at)).timestamp())
            with progress_shown() as progress:
                found = look(
                    source, policy, schemas, state, now, stale_after=stale_after * 3600, executor=executor,
                    progress=progress,
                )  # fmt: skip
            if found.state is not None:
                write_whole(state_file, found.state.render())
            _tell(found, as_json)
            worst = EVIDENCE_WRONG if found.faults else worst
            if follow is None:
                return worst
            time.sleep(follow)
    finally:
        if executor is not None:
            executor.shutdown()


def _tell(found: Look, as_json: bool) -> None:
    head = found.head
    if as_json:
        told: dict[str, Any] = {
            "size": None if head is None else head.checkpoint.size,
            "cosigned_by": [] if head is None else [one.name for one in head.cosignatures],
            "notes": [note._asdict() for note in found.notes],
        }
        click.echo(json.dumps(told))
        return
    for note in found.notes:
        click.echo(f"{'FAULT ' if note.fault else 'notice'}  {note.code}: {note.text}")
    if head is not None and found.reading is not None:
        names = ", ".join(one.name for one in head.cosignatures) or "nobody outside"
        wrong = len(found.reading.wrong)
        outcome = "all entries count" if not wrong else f"{counted(wrong, 'thing')} wrong"
        size = counted(head.checkpoint.size, "entry")
        click.echo(f"{head.checkpoint.origin}: {size} checked, {outcome}; cosigned by {names}")
