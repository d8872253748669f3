"""``countersign deployment``: a deployment's life on the record, one command a transition, for people and programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from countersign.cli.deployment.correcting import correct, disown, withdraw
from countersign.cli.terminal.options import (
    FILE,
    Moment,
    at_option,
    folder_argument,
    list_columns_option,
    option,
    profile_option,
)
from countersign.cli.terminal.say import echo, echo_json, echo_lines
from countersign.cli.terminal.signing import (
    Making,
    Signing,
    append_and_report,
    making_options,
    open_private,
    opened_log,
    passphrase_option,
    reader_options,
    say_outside,
    signing_options,
    working,
)
from countersign.deployments.clock import utc_of
from countersign.deployments.kinds import KINDS
from countersign.deployments.outside.heard import OPEN, signed_moratorium, text
from countersign.output import write_whole
from countersign.record.entries import canonical
from countersign.record.tlog.checkpoint import NoteSigner
from countersign.register.asking import Reader
from countersign.register.commands import GATES, TRANSITIONS
from countersign.register.deployments import (
    adopt_vocabulary,
    subject_of,
    write_vocabulary,
)
from countersign.register.opening import Doing, opened
from countersign.register.papers.reading import batch_entries, read_batch, read_paper
from countersign.register.status import at_gate, overall, standing_in, status_of, whole_case, whose
from countersign.surroundings import current
from countersign.words.hidden import on_one_line
from countersign.words.names import stage_name, supplier


@click.command()
@folder_argument
@click.argument("deployment", metavar="[DEPLOYMENT]", required=False)
@option("--json as_json", "In JSON, for a program.", is_flag=True)
@option(
    "--gate",
    "Also say what bars this step now, and why; of each step to come `countersign plan check` says it. DEPLOYMENT must "
    "be given.",
    click.Choice([*GATES.values()]),
)
@profile_option
@reader_options
@at_option
def status(
    log_folder: Path,
    deployment: str | None,
    as_json: bool,
    gate: str | None,
    profile: str,
    asked: Reader,
    at: str | None,
) -> None:
    """Say where a deployment stands, what may come next, what is late and what was out of order.

    LOG is a log's folder or a copy of its published files, in which what is sealed stays so.

    \b
    Example:
      countersign deployment status force-a
      countersign deployment status force-a d-1 --gate open --json
    """
    if gate is not None and deployment is None:
        raise click.UsageError("--gate asks about one DEPLOYMENT; name it.")
    now = at or current().time_text()
    with standing_in(log_folder, asked) as (programme, view, outside):
        say_outside(outside)
        everything = sorted(programme.deployments)
        subjects = everything if deployment is None else [subject_of(programme.force, deployment)]
        barred = {} if gate is None else at_gate(programme, view(subjects[0]), gate, profile, now)
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
        f"  A moratorium of {whose(one)}, heard from outside the log, stands since {one['starts_at']}; "
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
    lines += _gate_lines(one) if "gate" in one else []
    lines += [f"  LATE since {late['since']}: {late['what']} [{late['by']}]" for late in one["late"]]
    lines += [f"  Entered late: entry {index}" for index in one["entered_late"]]
    return lines + [f"  Out of order: entry {bad['entry']}, {bad['why']} [{bad['code']}]" for bad in one["irregular"]]


def _gate_lines(one: dict[str, Any]) -> list[str]:
    """What stands in the way of one step."""
    step = f"  the step {one['gate']}"
    lines = [f"{step} is looked at by the word of {supplier(one['by_the_word_of'])} alone"]
    lines += [f"{step} is barred by {duty}: {why}" for duty, why in one["because"].items()]
    lines += [f"{step} is stopped by the moratorium of entry {at}" for at in one["stopped_by"]]
    from_outside = one["stopped_from_outside_by"]
    return lines + [
        f"{step} is stopped by the moratorium of {body}, heard from outside the log" for body in from_outside
    ]


_deployment = click.argument("deployment", metavar="DEPLOYMENT")
_paper = click.argument("paper", metavar="PAPER", type=FILE)

#: Transition: what it does, and how its help begins.
_PLAIN: dict[str, str] = {
    "propose": "Propose a deployment: use case and aim in public, objective, place and window sealed.",
    "assess": "State what was weighed: necessity, less intrusive means, proportionality, rights.",
    "authorise": "Grant an authority, grant it with conditions, refuse it, or extend one; by the authorising officer.",
    "brief": "State that staff were briefed, with which script, how many.",
    "suspend": "Stop the system for now.",
    "resume": "Go on after a stop, within window and authority.",
    "close": "End the deployment: time, reason and counts.",
    "delete": "State that data of a class were deleted.",
    "review": "State the force's own review of the deployment.",
    "answer": "Answer a reviewer's finding.",
    "dispute": "Dispute a reviewer's finding: the grounds stand beside it, and it stays.",
    "publish": "State that the results were published, as they stand there.",
}


@click.group(name="deployment")
def command() -> None:
    """A deployment's whole life on the record, from the proposal to the last deletion.

    Each command checks order, role, separation of roles, the force's own policy and time against the log, and appends
    a signed entry or refuses with the reason. A mandatory duty of the deployment's own that is not met or not shown
    bars authority, approval, opening and publication, unless an override that is signed, reasoned and runs out names
    it (`enter authorise.override`). PAPER is a TOML or JSON file with the facts of the entry and, in a table
    named sealed, what is kept under seal. Nothing here drives an engine.

    \b
    Example:
      countersign deployment adopt force-a --key registrar.key
      countersign deployment enter force-a programme.policy policy.toml --key owner.key
      countersign deployment propose force-a d-1 proposal.toml --key applicant.key
      countersign deployment status force-a d-1
    """


@command.command()
@folder_argument
@_deployment
def case(log_folder: Path, deployment: str) -> None:
    """Print the whole case of a deployment, for those who may open the log's folder: every entry, what is sealed and
    still held, and where proposal, authority, limits and notice differ.

    \b
    Example:
      countersign deployment case force-a d-1
    """
    with opened(log_folder, reading=True) as log:
        for line in whole_case(log, subject_of(log.folder.config.subject, deployment)):
            echo(on_one_line(line))


def _add_plain(name: str, text: str) -> None:
    kind = TRANSITIONS[name]

    def run(log_folder: Path, deployment: str, paper: Path, making: Making, profile: str = "") -> None:
        _enter(log_folder, kind, paper, deployment, profile, making)

    run.__name__ = name
    run.__doc__ = f"{text}\n\n\b\nExample:\n  countersign deployment {name} force-a d-1 {name}.toml --key signer.key\n"
    made = making_options(run)
    if kind in GATES:
        made = profile_option(made)
    command.command(name=name)(folder_argument(_deployment(_paper(made))))


def _enter(log_folder: Path, kind: str, paper: Path, deployment: str | None, profile: str, making: Making) -> None:
    facts, contents = read_paper(paper)
    with working(log_folder, making) as work:
        made = work.entry(work.state.subject(deployment), kind, facts, contents, profile=profile)
        append_and_report(work, [made], making)


for _name, _text in _PLAIN.items():
    _add_plain(_name, _text)


@command.command()
@folder_argument
@click.argument("kind")
@_paper
@option("--deployment", "The deployment it is about; without it, about the force.")
@profile_option
@making_options
def enter(log_folder: Path, kind: str, paper: Path, deployment: str | None, profile: str, making: Making) -> None:
    """Enter a statement of any other kind: a document, a roster, signs, an hour's counts, an observer's count.

    \b
    Example:
      countersign deployment enter force-a programme.dpia dpia.toml --key dpo.key
      countersign deployment enter force-a live.hour 14h.json --deployment d-1 --key operator.key
    """
    # The same gates as for the commands: no kind is entered past them by another door.
    _enter(log_folder, kind, paper, deployment, profile, making)


@command.command(name="list")
@folder_argument
@_deployment
@click.argument("list_file", metavar="LIST.csv", type=FILE)
@_paper
@list_columns_option
@making_options
def list_(
    log_folder: Path, deployment: str, list_file: Path, paper: Path, columns: Path | None, making: Making
) -> None:
    """Enter the manifest of a watchlist: totals in public, each entry sealed. PAPER says when it was built and so on.

    \b
    Example:
      countersign deployment list force-a d-1 list.csv manifest.toml --key builder.key
    """
    facts, contents = read_paper(paper)
    with working(log_folder, making) as work:
        made = work.manifest(work.state.subject(deployment), list_file, facts, contents, str(paper), columns)
        append_and_report(work, [made], making)


@command.command()
@folder_argument
@_deployment
@_paper
@option(
    "--limits-out",
    "Write the declared limits here too, for the host that takes the engine's events. They name the place.",
    FILE,
)
@profile_option
@making_options
def approve(
    log_folder: Path, deployment: str, paper: Path, limits_out: Path | None, profile: str, making: Making
) -> None:
    """Approve the list by its digest, which releases the declared limits; both are entered together, or neither.

    PAPER: officer_rank, engine, engine_version, threshold_minimum, ceilings and stop_rule. The list is the one that
    stands; place, window and cameras are those sealed with the authority.

    \b
    Example:
      countersign deployment approve force-a d-1 limits.toml --key officer.key
    """
    facts, contents = read_paper(paper)
    with working(log_folder, making) as work:
        made, document = work.approval(work.state.subject(deployment), facts, contents, profile)
        append_and_report(work, made, making)
    if limits_out is not None:
        write_whole(limits_out, canonical.render(document))


@command.command()
@folder_argument
@_deployment
@_paper
@making_options
def notify(log_folder: Path, deployment: str, paper: Path, making: Making) -> None:
    """Tell the public: from here on place and window are public. They must be those that were declared under seal.

    \b
    Example:
      countersign deployment notify force-a d-1 notice.toml --key press.key
    """
    _enter(log_folder, "open.notice", paper, deployment, "", making)


@command.command(name="open")
@folder_argument
@_deployment
@_paper
@profile_option
@making_options
def open_(log_folder: Path, deployment: str, paper: Path, profile: str, making: Making) -> None:
    """Go live: with the list, engine, threshold and limits that were approved, within the window.

    \b
    Example:
      countersign deployment open force-a d-1 opening.toml --key commander.key
    """
    _enter(log_folder, "live.opened", paper, deployment, profile, making)


@command.command(name="enter-batch")
@folder_argument
@click.argument("batch", metavar="BATCH.jsonl", type=FILE)
@option("--deployment", "The deployment they are about; without it, about the force.")
@making_options
def enter_batch(log_folder: Path, batch: Path, deployment: str | None, making: Making) -> None:
    """Enter several statements of one signer at once: all of them, or none.

    BATCH.jsonl has an object a line: kind, facts, and where needed sealed, role and supplied_by. Steps behind a gate
    (authorise, approve, open, publish) have commands of their own.

    \b
    Example:
      countersign deployment enter-batch force-a morning.jsonl --deployment d-1 --key commander.key
    """
    lines = read_batch(batch)
    with working(log_folder, making) as work:
        made = batch_entries(work, work.state.subject(deployment), lines, str(batch))
        append_and_report(work, made, making)


for _other in (status, correct, withdraw, disown):
    command.add_command(_other)


@command.command()
@click.argument("force")
@option("--from starts_at", "From when, in UTC (2026-03-01T09:30:00Z); now by default.", Moment(), metavar="TIME")
@option("--until ends_at", "Until when; open where no end is set.", metavar="TIME|open", required=True)
@option("--ground", "Where the decision is found: its digest, address or reference.", required=True)
@option(
    "--key key_file",
    "The body's private key file, from `countersign key new`; a witness's key signs checkpoints alone.",
    FILE,
    required=True,
)
@passphrase_option
@option("--out", "The note to publish.", FILE, required=True)
def moratorium(
    force: str,
    starts_at: str | None,
    ends_at: str,
    ground: str,
    key_file: Path,
    passphrase_file: Path | None,
    out: Path,
) -> None:
    """Sign a moratorium as a note, by a body that stands outside the force and its log.

    It stops the commands of anyone who passes it with --moratorium and a trust policy that names the body's key, and
    no others: publish it, and the key.

    \b
    Example:
      countersign deployment moratorium force-a --until open --ground OMB/2026/14 --key ombudsman.key --out stop.note
    """
    note = text(force, starts_at or current().time_text(), None if ends_at == OPEN else utc_of(ends_at), ground)
    opened = open_private(key_file, passphrase_file)
    signer = NoteSigner(opened.key.name, opened.secret)
    write_whole(out, signed_moratorium(note, signer).render())
    echo_lines(note, nl=False)
    echo(f"Signed in {out}. It binds those whose trust policy has this line:")
    echo(f"log {signer.key.render()}")


@command.command()
@folder_argument
@signing_options
def adopt(log_folder: Path, signing: Signing) -> None:
    """Adopt the vocabulary of deployments: every kind of entry, byte for byte; by the registrar, once a log.

    \b
    Example:
      countersign deployment adopt force-a --key registrar.key
    """
    signer = signing.signer()
    doing = Doing(lambda: signer, signing.at, "registrar")
    write_vocabulary(log_folder)
    with opened_log(log_folder, signing.log_passphrase_file) as log:
        new = len(adopt_vocabulary(log, doing))
        if signing.publishing:
            log.publish()
    echo(f"{new} kinds of entry adopted; {len(KINDS) - new} were adopted before.")
