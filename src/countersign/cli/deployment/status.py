"""``countersign deployment status``: where a deployment stands, what may come next, what is late or out of order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from countersign.cli.terminal.options import (
    at_option,
    folder_argument,
    moratorium_option,
    outside_option,
    profile_option,
)
from countersign.cli.terminal.say import echo, echo_json
from countersign.cli.terminal.signing import reader
from countersign.register.deployments import state_of
from countersign.register.opening import opened
from countersign.register.status import at_gate, overall, status_of
from countersign.surroundings import current
from countersign.words.names import stage_name


@click.command()
@folder_argument
@click.argument("deployment", metavar="[DEPLOYMENT]", required=False)
@click.option("--json", "as_json", is_flag=True, help="In JSON, for a program.")
@click.option(
    "--gate",
    type=click.Choice(["authorise", "approve", "open", "publish"]),
    help="Also name the duties that bar this step now; DEPLOYMENT must be given.",
)
@profile_option
@outside_option
@moratorium_option
@at_option
def status(
    log_folder: Path,
    deployment: str | None,
    as_json: bool,
    gate: str | None,
    profile: str,
    policy_file: Path | None,
    moratorium_files: tuple[Path, ...],
    at: str | None,
) -> None:
    """Say where a deployment stands, what may come next, what is late and what was out of order.

    \b
    Example:
      countersign deployment status force-a
      countersign deployment status force-a d-1 --gate open --json
    """
    if gate is not None and deployment is None:
        raise click.UsageError("--gate asks about one DEPLOYMENT; name it.")
    now = at or current().time_text()
    with opened(log_folder, reading=True) as log:
        state = state_of(log, reader(policy_file, moratorium_files))
        programme = state.programme
        subjects = sorted(programme.deployments) if deployment is None else [state.subject(deployment)]
        barred = {} if gate is None else at_gate(state, subjects[0], gate, profile, now)
    statuses = [status_of(programme, programme.deployment(subject), now) for subject in subjects]
    if gate is not None:
        statuses[0] |= barred
    force = overall(programme, now)
    if as_json:
        echo_json(json.dumps(force | {"deployments": statuses}))
        return
    for line in _overall_lines(force):
        echo(line)
    for each in statuses:
        for line in _lines(each):
            echo(line)


def _overall_lines(overall: dict[str, Any]) -> list[str]:
    policy = overall["policy"]
    stated = f"policy {policy['version']} (entry {policy['entry']})" if policy else "no policy on the record"
    lines = [f"{overall['force']}, as at {overall['as_at']}: {stated}; {overall['overrides']} overrides so far."]
    lines += [f"  A moratorium stands (entry {one}); no authority can be given." for one in overall["moratoria"]]
    lines += [
        f"  A moratorium of {one['body']}, heard from outside the log, stands since {one['starts_at']}; "
        f"no authority can be given (ground: {one['ground']})."
        for one in overall["moratoria_heard"]
    ]
    by = "registered in the log for that" if overall["outside_keys"] is None else "an outside key of the trust policy"
    lines += [
        f"  The moratorium of entry {one} stops nothing: its key is not {by}."
        for one in overall["moratoria_without_effect"]
    ]
    lines += [f"  Finding {one} is not answered." for one in overall["unanswered"]]
    lines += [f"  LATE since {one['since']}: {one['what']} [{one['by']}]" for one in overall["late"]]
    return lines + [f"  Out of order: {one}" for one in overall["irregular"]]


def _lines(one: dict[str, Any]) -> list[str]:
    steps = f" (done: {', '.join(one['steps'])})" if one["steps"] else ""
    lines = [f"{one['deployment']}: {stage_name(one['stage'])}{steps}"]
    if one["compiled"]:
        lines.append("  entered from papers by a compiler, in part or whole: no order and no rule was held to there")
    for window in one["windows"]:
        lines.append(f"  {one['place']}, {window['start']} to {window['end']}")
    counts = one["counts"]
    if counts["hours"]:
        lines.append(f"  {counts['faces']:,} faces and {counts['alerts']:,} alerts in {counts['hours']} hours stated")
    lines.append(f"  next: {', '.join(one['next']) or 'nothing'}")
    lines += [f"  the step {one['gate']} is barred by {duty}" for duty in one.get("barred_by", ())]
    lines += [
        f"  the step {one['gate']} is stopped by the moratorium of entry {at}" for at in one.get("stopped_by", ())
    ]
    lines += [
        f"  the step {one['gate']} is stopped by the moratorium of {body}, heard from outside the log"
        for body in one.get("stopped_from_outside_by", ())
    ]
    lines += [f"  LATE since {late['since']}: {late['what']} [{late['by']}]" for late in one["late"]]
    lines += [f"  Entered late: entry {index}" for index in one["entered_late"]]
    return lines + [f"  Out of order: entry {bad['entry']}, {bad['why']} [{bad['code']}]" for bad in one["irregular"]]
