"""``countersign plan``: what would bar the later steps of a deployment, known before the day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from countersign.cli.terminal.options import (
    at_option,
    folder_argument,
    option,
    profile_option,
)
from countersign.cli.terminal.say import echo, echo_json
from countersign.cli.terminal.signing import reader_options, say_outside
from countersign.register.asking import Reader
from countersign.register.deployments import subject_of
from countersign.register.status import ahead, standing_in
from countersign.surroundings import current
from countersign.words.hidden import on_one_line
from countersign.words.lists import listing
from countersign.words.names import stage_name, supplier, token


@click.group(name="plan")
def command() -> None:
    """What would bar the later steps of a deployment, known before the day.

    \b
    Example:
      countersign plan check force-a d-1
    """


@command.command()
@folder_argument
@click.argument("deployment", metavar="DEPLOYMENT")
@option("--json as_json", "In JSON, for a program.", is_flag=True)
@profile_option
@reader_options
@at_option
def check(
    log_folder: Path,
    deployment: str,
    as_json: bool,
    profile: str,
    asked: Reader,
    at: str | None,
) -> None:
    """List what would bar each later step of a deployment: steps before it, duties, findings, moratoria, and numbers
    that the force's policy does not set.

    Duties are asked as if each step were taken now (or --at), so what only the day can show, such as hours and
    deletions, is listed too. A duty stands once, at the first step that it bars. LOG is a log's folder or a copy of
    its published files.

    \b
    Example:
      countersign plan check force-a d-1
      countersign plan check force-a d-1 --at "2026-07-25 12:00 Europe/London" --json
    """
    now = at or current().time_text()
    with standing_in(log_folder, asked) as (programme, view, outside):
        say_outside(outside)
        subject = subject_of(programme.force, deployment)
        found = ahead(programme, view(subject), programme.deployment(subject), profile, now)
    if as_json:
        echo_json(json.dumps(found))
        return
    for line in _lines(found):
        echo(on_one_line(line))


def _lines(found: dict[str, Any]) -> Iterator[str]:
    word = supplier(found["by_the_word_of"])
    yield f"{found['deployment']}: {stage_name(found['stage'])}. What bars its later steps, as at {found['as_at']}:"
    yield f"(by the word of {word} alone)"
    said = set[str]()
    for gate in found["gates"]:
        wanted = [token(step) for step in gate["comes_when"]]
        yield f"{gate['gate']}" + (f": comes when the deployment is {listing(wanted)}" if wanted else "")
        yield from (f"  the moratorium of entry {entry} stops it" for entry in gate["stopped_by"])
        yield from (
            f"  the moratorium of {body}, heard from outside, stops it" for body in gate["stopped_from_outside_by"]
        )
        for duty, why in gate["because"].items():
            if duty not in said:
                also = [later["gate"] for later in found["gates"] if duty in later["because"] and later is not gate]
                shown = gate["shown_by"].get(duty)
                way = f" Entered as {listing(shown, 'or')}." if shown else ""
                yield f"  {duty}{f' (bars {listing(also)} too)' if also else ''}: {why}.{way}"
                said.add(duty)
        if not gate["because"]:
            yield "  no duty bars it"
    if not found["gates"]:
        yield "no step that a duty bars is still to come"
    unset = found["policy_numbers_not_set"]
    for name in (name for name in unset if unset[name]):
        yield f"the force's policy sets no {token(name)}; {listing(unset[name])} cannot be answered without it"
    if others := [token(name) for name in unset if not unset[name]]:
        yield f"the force's policy sets no {listing(others, 'and no')}"
