"""``countersign deployment status``: where a deployment stands, what may come next, what is late or out of order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from countersign.cli.deploying import folded, outside_of, policy_option, profile_option, standing_at, subject_of
from countersign.cli.deployment.moratorium import heard_by, moratorium_option
from countersign.cli.logs import at_option, folder_argument, moment, opened_log
from countersign.deployments.fold import outstanding
from countersign.deployments.lateness import late_for, late_in
from countersign.deployments.lifecycle import StepOutOfOrder, follow
from countersign.deployments.state import Deployment, Programme
from countersign.record.keeping.logfolder import LogFolder
from countersign.register import commands


@click.command()
@folder_argument
@click.argument("deployment", metavar="[DEPLOYMENT]", required=False)
@click.option("--json", "as_json", is_flag=True, help="In JSON, for a program.")
@click.option(
    "--gate", type=click.Choice(["authorise", "approve", "open", "publish"]),
    help="Also name the duties that bar this step now; DEPLOYMENT must be given.",
)  # fmt: skip
@profile_option
@policy_option
@moratorium_option
@at_option
def status(
    log_folder: Path, deployment: str | None, as_json: bool, gate: str | None, profile: str, policy_file: Path | None,
    moratorium_files: tuple[Path, ...], at: str | None,
) -> None:  # fmt: skip
    """Say where a deployment stands, what may come next, what is late and what was out of order.

    \b
    Example:
      countersign deployment status force-a
      countersign deployment status force-a d-1 --gate open --json
    """
    if gate is not None and deployment is None:
        raise click.UsageError("--gate asks about one DEPLOYMENT; name it.")
    folder = LogFolder.read(log_folder)
    now = moment(at)
    heard = heard_by(folder, policy_file, moratorium_files)
    at_gate: dict[str, Any] = {}
    with opened_log(folder) as log:
        state, _ = folded(folder, log, outside_of(folder, policy_file))
        state = replace(state, heard=heard)
        if gate is not None:
            standing = standing_at(folder, log, state, subject_of(folder, deployment or ""), gate, profile, now)
            at_gate = {"gate": gate, "barred_by": list(standing.unmet), "stopped_by": list(standing.moratoria)}
            at_gate["stopped_from_outside_by"] = list(standing.heard)
    if deployment is None:
        subjects = sorted(state.deployments)
    else:
        subjects = [subject_of(folder, deployment)]
    found = [_status(state, state.deployment(subject), now) for subject in subjects]
    if gate is not None:
        found[0] |= at_gate
    overall = _overall(state, now)
    if as_json:
        click.echo(json.dumps(overall | {"deployments": found}))
        return
    for line in _overall_lines(overall):
        click.echo(line)
    for one in found:
        for line in _lines(one):
            click.echo(line)


def _next(deployment: Deployment) -> list[str]:
    """The commands that would take it a step further."""
    possible = []
    for name, kind in commands.TRANSITIONS.items():
        try:
            after = follow(deployment.phase, deployment.steps, kind, {"decision": "granted"})
        except StepOutOfOrder:
            continue
        further = after != (deployment.phase, deployment.steps)
        owed = (name == "approve" and deployment.limits is None) or (name == "delete" and outstanding(deployment))
        if further or owed:
            possible.append(name)
    return possible


def _status(state: Programme, deployment: Deployment, now: str) -> dict[str, Any]:
    return {
        "deployment": deployment.subject,
        "phase": str(deployment.phase),
        "stage": deployment.stage,
        "steps": sorted(deployment.steps),
        "compiled": deployment.compiled,
        "next": _next(deployment),
        "place": deployment.place,
        "windows": [{"start": one.start, "end": one.end} for one in deployment.windows],
        "late": [one._asdict() for one in late_in(state, deployment, now)],
        "irregular": [
            {"entry": one.entry, "kind": one.kind, "code": one.code, "why": one.sentence}
            for one in deployment.irregularities
        ],
        "entered_late": list(deployment.late),
        "overrides": len(deployment.overrides),
        "counts": {"hours": deployment.hours, "faces": deployment.faces, "alerts": deployment.alerts},
    }


def _overall(state: Programme, now: str) -> dict[str, Any]:
    policy = state.policies.get(state.current_policy or "")
    return {
        "force": state.force,
        "as_at": now,
        "policy": None if policy is None else {"version": policy.version, "entry": policy.entry},
        "moratoria": [one.entry for one in state.standing_moratoria(now)],
        "moratoria_heard": [
            {"body": one.body, "starts_at": one.starts_at, "ends_at": one.ends_at, "ground": one.ground}
            for one in state.standing_heard(now)
        ],
        "moratoria_without_effect": [one.entry for one in state.moratoria if one.stands(now) and not state.binds(one)],
        "outside_keys": None if state.outside_keys is None else len(state.outside_keys),
        "unanswered": sorted(state.unanswered()),
        "late": [one._asdict() for one in late_for(state, now)],
        "overrides": state.overrides,
        "irregular": [one.sentence for one in state.irregularities],
    }


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
    lines = [f"{one['deployment']}: {one['stage'].replace('-', ' ')}{steps}"]
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
