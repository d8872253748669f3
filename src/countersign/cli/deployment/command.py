"""``countersign deployment``: a deployment's life on the record, one command a transition, for people and programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from countersign.cli.deploying import (
    Desk,
    Doing,
    desk,
    doing_options,
    profile_option,
    read_paper,
    subject_of,
)
from countersign.cli.deployment.batch import enter_batch
from countersign.cli.deployment.moratorium import moratorium
from countersign.cli.deployment.status import status
from countersign.cli.logs import Signing, folder_argument, opened_log, signing_options
from countersign.deployments import limits
from countersign.deployments.kinds import KINDS
from countersign.deployments.refusals import NotTheSame
from countersign.deployments.state import Deployment
from countersign.output import write_all, write_whole
from countersign.record.entries import canonical
from countersign.record.entries.entry import Draft
from countersign.record.keeping.log import prepare
from countersign.record.keeping.logfolder import LogFolder
from countersign.register import commands
from countersign.surroundings import current

_deployment = click.argument("deployment", metavar="DEPLOYMENT")
_paper = click.argument("paper", metavar="PAPER", type=click.Path(path_type=Path, dir_okay=False))

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


def _subject(desk_: Desk, deployment: str) -> str:
    return subject_of(desk_.folder, deployment)


def _add_plain(name: str, text: str) -> None:
    kind = commands.TRANSITIONS[name]

    def run(log_folder: Path, deployment: str, paper: Path, doing: Doing, profile: str = "") -> None:
        facts, contents = read_paper(paper)
        with desk(log_folder, doing) as at:
            subject = _subject(at, deployment)
            act = at.act(subject, kind)
            # A refusal is never barred: only what goes ahead is.
            unmet = () if facts.get("decision") == "refused" else at.unmet(subject, kind, profile)
            known = at.known(unmet=unmet, proposed=at.proposed(subject, kind))
            at.append(commands.enter(at.state, act, kind, at.facts(facts), contents, known=known))

    run.__name__ = name
    run.__doc__ = f"{text}\n\n\b\nExample:\n  countersign deployment {name} force-a d-1 {name}.toml --key signer.key\n"
    made = doing_options(run)
    if kind in commands.GATES:
        made = profile_option(made)
    command.command(name=name)(folder_argument(_deployment(_paper(made))))


for _name, _text in _PLAIN.items():
    _add_plain(_name, _text)


@command.command()
@folder_argument
@click.argument("kind")
@_paper
@click.option("--deployment", help="The deployment it is about; without it, about the force.")
@profile_option
@doing_options
def enter(log_folder: Path, kind: str, paper: Path, deployment: str | None, profile: str, doing: Doing) -> None:
    """Enter a statement of any other kind: a document, a roster, signs, an hour's counts, an observer's count.

    \b
    Example:
      countersign deployment enter force-a programme.dpia dpia.toml --key dpo.key
      countersign deployment enter force-a live.hour 14h.json --deployment d-1 --key operator.key
    """
    facts, contents = read_paper(paper)
    with desk(log_folder, doing) as at:
        subject = at.folder.config.subject if deployment is None else _subject(at, deployment)
        act = at.act(subject, kind)
        # The same gates as for the commands: no kind is entered past them by another door.
        known = at.known(unmet=at.unmet(subject, kind, profile), proposed=at.proposed(subject, kind))
        at.append(commands.enter(at.state, act, kind, at.facts(facts), contents, known=known))


@command.command(name="list")
@folder_argument
@_deployment
@click.argument("list_file", metavar="LIST.csv", type=click.Path(path_type=Path, dir_okay=False))
@_paper
@doing_options
def list_(log_folder: Path, deployment: str, list_file: Path, paper: Path, doing: Doing) -> None:
    """Enter the manifest of a watchlist: totals in public, each entry sealed. PAPER says when it was built and so on.

    \b
    Example:
      countersign deployment list force-a d-1 list.csv manifest.toml --key builder.key
    """
    from countersign.cli.deployment.watchlist import seal_list

    with desk(log_folder, doing) as at:
        at.append(seal_list(at, _subject(at, deployment), list_file, paper))


@command.command()
@folder_argument
@_deployment
@_paper
@click.option(
    "--limits-out", type=click.Path(path_type=Path, dir_okay=False),
    help="Write the declared limits here too, for the host that takes the engine's events. They name the place.",
)  # fmt: skip
@profile_option
@doing_options
def approve(
    log_folder: Path, deployment: str, paper: Path, limits_out: Path | None, profile: str, doing: Doing
) -> None:
    """Approve the list by its digest, which releases the declared limits; both are entered together, or neither.

    PAPER: officer_rank, engine, engine_version, threshold_minimum, ceilings and stop_rule. The list is the one that
    stands; place, window and cameras are those sealed with the authority.

    \b
    Example:
      countersign deployment approve force-a d-1 limits.toml --key officer.key
    """
    facts, contents = read_paper(paper)
    with desk(log_folder, doing) as at:
        subject = _subject(at, deployment)
        standing = at.state.deployment(subject)
        listed, authority = standing.listed, standing.authority
        if listed is None or authority is None:
            raise NotTheSame(f"authorise.approval: {subject} has no list or no authority yet")
        place = contents.get("place") or at.opened(authority.entry, "place")
        if place is None:
            raise NotTheSame("authorise.approval: the authority sealed no place; give it in the paper, under sealed")
        rank = facts.pop("officer_rank", "")
        terms = {"list": listed.name, "list_digest": listed.digest, "list_size": listed.size, **facts}
        document = limits.limits_document(subject, current().random_bytes(32), place, terms)
        approval = at.facts({"manifest": listed.entry, "digest": listed.digest, "officer_rank": rank})
        act = at.act(subject, "authorise.approval")
        known = at.known(unmet=at.unmet(subject, "authorise.approval", profile))
        at.append(*commands.approve(at.state, act, approval, document, known=known))
    if limits_out is not None:
        write_whole(limits_out, canonical.render(document))


@command.command()
@folder_argument
@_deployment
@_paper
@doing_options
def notify(log_folder: Path, deployment: str, paper: Path, doing: Doing) -> None:
    """Tell the public: from here on place and window are public. They must be those that were declared under seal.

    \b
    Example:
      countersign deployment notify force-a d-1 notice.toml --key press.key
    """
    facts, contents = read_paper(paper)
    with desk(log_folder, doing) as at:
        subject = _subject(at, deployment)
        act = at.act(subject, "open.notice")
        known = at.known(_declared(at, at.state.deployment(subject)))
        at.append(commands.enter(at.state, act, "open.notice", at.facts(facts), contents, known=known))


@command.command(name="open")
@folder_argument
@_deployment
@_paper
@profile_option
@doing_options
def open_(log_folder: Path, deployment: str, paper: Path, profile: str, doing: Doing) -> None:
    """Go live: with the list, engine, threshold and limits that were approved, within the window.

    \b
    Example:
      countersign deployment open force-a d-1 opening.toml --key commander.key
    """
    facts, contents = read_paper(paper)
    with desk(log_folder, doing) as at:
        subject = _subject(at, deployment)
        standing = at.state.deployment(subject)
        if standing.limits is not None and standing.listed is not None:
            facts.setdefault("limits", standing.limits.digest)
            facts.setdefault("opened_at", at.at)
        act = at.act(subject, "live.opened")
        known = at.known(_declared(at, standing), at.unmet(subject, "live.opened", profile))
        at.append(commands.enter(at.state, act, "live.opened", at.facts(facts), contents, known=known))


command.add_command(status)
command.add_command(enter_batch)
command.add_command(moratorium)


@command.command()
@folder_argument
@signing_options
def adopt(log_folder: Path, signing: Signing) -> None:
    """Adopt the vocabulary of deployments: every kind of entry, byte for byte; by the registrar, once a log.

    \b
    Example:
      countersign deployment adopt force-a --key registrar.key
    """
    folder = LogFolder.read(log_folder)
    signer = signing.signer()
    write_all(folder.path / "schemas", {f"{one.kind}.{one.version}.json": one.text for one in KINDS})
    with opened_log(folder, signing.log_passphrase_file, writing=True) as log:
        known = log.keyring().schemas
        new = [one for one in KINDS if (one.kind, one.version) not in known]
        prepared = []
        for one in new:
            facts: dict[str, Any] = {"kind": one.kind, "version": one.version, "digest": one.digest}
            draft = Draft(
                "record.schema-adopted", 1, folder.config.origin, folder.config.subject, signing.moment(), "registrar",
                "force", facts,
            )  # fmt: skip
            prepared.append(prepare(draft, signer, log.schemas))
        if prepared:
            log.append_prepared(prepared)
        if signing.log_passphrase_file is not None:
            log.publish()
    click.echo(f"{len(new)} kinds of entry adopted; {len(KINDS) - len(new)} were adopted before.")


def _declared(at: Desk, deployment: Deployment) -> dict[str, Any] | None:
    """What was declared under seal of the place: in the limits, or before them in the authority."""
    if deployment.limits is not None:
        document: dict[str, Any] | None = at.opened(deployment.limits.entry, limits.LABEL)
        return document
    if deployment.authority is not None:
        place = at.opened(deployment.authority.entry, "place")
        return None if place is None else {"place": place}
    return None
