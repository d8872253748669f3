"""``countersign deployment enter-batch``: many statements of one signer, appended together or not at all.

A batch is JSON Lines: an object a line with ``kind``, ``facts``, and, where needed, ``sealed``, ``role`` and
``supplied_by``. Each line is held to the state that the lines before it lead to. What stands behind a gate (authority,
approval, opening, results) is entered by its own command, which asks the duties first.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from countersign.cli.deploying import Desk, Doing, desk, doing_options
from countersign.cli.logs import folder_argument
from countersign.deployments.fold import advance_facts
from countersign.errors import CountersignError, WrongForm
from countersign.inputs import read_input
from countersign.record.entries import canonical
from countersign.record.entries.schema import SUPPLIERS
from countersign.register import commands
from countersign.register.commands import GATES, Unsealed
from countersign.register.made_up import refuse_made_up

#: Lines of a batch at most.
MOST_LINES = 1000
_FIELDS = {"kind": str, "facts": dict, "sealed": dict, "role": str, "supplied_by": str}


class BatchMalformed(WrongForm):
    """A line of a batch of statements is not of its form, or is of a kind that a command of its own enters."""

    code = "statements-batch-malformed"
    next_step = "Correct that line; nothing of the batch was entered."


@click.command("enter-batch")
@folder_argument
@click.argument("batch", metavar="BATCH.jsonl", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--deployment", help="The deployment they are about; without it, about the force.")
@doing_options
def enter_batch(log_folder: Path, batch: Path, deployment: str | None, doing: Doing) -> None:
    """Enter several statements of one signer at once: all of them, or none.

    BATCH.jsonl has an object a line: kind, facts, and where needed sealed, role and supplied_by. Steps behind a gate
    (authorise, approve, open, publish) have commands of their own.

    \b
    Example:
      countersign deployment enter-batch force-a morning.jsonl --deployment d-1 --key commander.key
    """
    content = read_input(batch)
    refuse_made_up(content, str(batch))
    lines = read_batch(content, str(batch))
    with desk(log_folder, doing) as at:
        force = at.folder.config.subject
        subject = force if deployment is None else f"{force}/{deployment}"
        at.append(*made(at, subject, lines, str(batch)))


def made(at: Desk, subject: str, lines: list[dict[str, Any]], place: str) -> list[Unsealed]:
    """The entries of a batch, held to what those before lead to. Raises as ``commands.enter``, with its line."""
    state, found = at.state, []
    for number, line in enumerate(lines, 1):
        kind = line["kind"]
        doing = replace(
            at.doing, role=line.get("role", at.doing.role), supplied_by=line.get("supplied_by", at.doing.supplied_by)
        )
        try:
            act = replace(at, doing=doing).act(subject, kind)
            one = commands.enter(state, act, kind, at.facts(line["facts"]), line.get("sealed", {}), known=at.known())
        except CountersignError as error:
            error.args = (f"{place}, line {number}: {error}", *error.args[1:])
            raise
        state = advance_facts(state, state.last + 1, act, kind, one.facts)
        found.append(one)
    return found


def read_batch(content: bytes, place: str) -> list[dict[str, Any]]:
    """The lines of a batch, in order. Raises ``BatchMalformed`` with the line."""
    lines = [one for one in content.split(b"\n") if one.strip()]
    if not lines or len(lines) > MOST_LINES:
        raise BatchMalformed(f"{place}: has {len(lines):,} lines, not 1 to {MOST_LINES:,}")
    return [_line(one, f"{place}, line {number}") for number, one in enumerate(lines, 1)]


def _line(data: bytes, place: str) -> dict[str, Any]:
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BatchMalformed(f"{place}: not JSON: {error}") from None
    if not isinstance(raw, dict) or not {"kind", "facts"} <= set(raw) <= set(_FIELDS):
        raise BatchMalformed(f"{place}: is not an object with kind and facts, and maybe sealed, role, supplied_by")
    for name, value in raw.items():
        if not isinstance(value, _FIELDS[name]):
            raise BatchMalformed(f"{place}: {name} is not of its form")
    if raw.get("supplied_by", SUPPLIERS[0]) not in SUPPLIERS:
        raise BatchMalformed(f"{place}: supplied_by is none of {', '.join(SUPPLIERS)}")
    if raw["kind"] in GATES:
        raise BatchMalformed(f"{place}: {raw['kind']} stands behind a gate and has a command of its own")
    try:
        canonical.check(raw["facts"], "facts")
        canonical.check(raw.get("sealed", {}), "sealed")
    except canonical.NotCanonical as error:
        raise BatchMalformed(f"{place}: {error}") from None
    return raw
