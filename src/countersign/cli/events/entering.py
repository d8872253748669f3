"""``countersign events enter``: a journal handed over to the log, in one batch that is appended whole or not at all."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from countersign.cli.deploying import Desk, SchemasNotAdopted, view_of
from countersign.deployments.clock import clockless, hours_later
from countersign.deployments.fold import advance_facts
from countersign.deployments.kinds import SCHEMAS
from countersign.deployments.lifecycle import Phase
from countersign.deployments.refusals import NotTheSame
from countersign.deployments.rules.entries import Act
from countersign.deployments.state import Deployment
from countersign.errors import DONE, EVIDENCE_WRONG, CountersignError, NotAllowed
from countersign.events.door.taking import shown
from countersign.register import commands, entering
from countersign.register.commands import Unsealed
from countersign.register.entering import EnteredAlready, EventsAfterDeletion, Left, Planned
from countersign.register.made_up import refuse_events

if TYPE_CHECKING:
    from countersign.events.door.journal import Journal
    from countersign.events.door.limits_held import Limits

#: In which role a key signs that holds several: what an engine reports is an engineer's to enter, before others.
ROLES = ("engineer", "recorder", "operator")


class NoRole(NotAllowed):
    """The key holds no role in which it may sign an entry of this kind."""

    code = "role-not-held"
    next_step = (
        "Register a key with the role (`countersign key register`), or sign with one that has it; nothing was entered."
    )


class Work:
    """Entries in the making: each is held to the state that those before it lead to."""

    def __init__(self, desk: Desk, subject: str, profile: str) -> None:
        self._desk, self._subject, self._profile = desk, subject, profile
        self.state = desk.state
        self.made: list[Unsealed] = []

    @property
    def deployment(self) -> Deployment:
        """The deployment as it stands after what is made so far."""
        return self.state.deployment(self._subject)

    def make(self, planned: Planned) -> None:
        """Hold an entry to schema, order and rules. Raises what ``commands.enter`` raises, or ``NoRole``."""
        kind, desk = planned.kind, self._desk
        schema = SCHEMAS.latest(kind)
        supplier = "engine" if "engine" in schema.suppliers else "force"
        act = Act(self._subject, planned.at, self._role(kind), desk.signer.key, supplier)
        facts = planned.facts
        if not clockless(kind) and (
            act.at < self.deployment.clock or desk.now > hours_later(act.at, commands.LATE_AFTER_HOURS)
        ):
            facts = facts | {"late": {"written_at": desk.now, "reason": "received-late"}}
        known = desk.known(unmet=desk.unmet(self._subject, kind, self._profile))
        self.made.append(commands.enter(self.state, act, kind, facts, planned.contents, known=known))
        self.state = advance_facts(self.state, self.state.last + 1, act, kind, facts)

    def _role(self, kind: str) -> str:
        roles = SCHEMAS.latest(kind).roles
        held = self._desk.log.keyring().keys.get(self._desk.signer.key)
        given = self._desk.doing.role
        mine = {given} if given is not None else held.roles if held is not None else frozenset()
        fitting = sorted(roles & mine, key=lambda role: (role not in ROLES, role != ROLES[0], role))
        if not fitting:
            raise NoRole(f"{kind}: is for {', '.join(sorted(roles))}, and the key {self._desk.signer.key[:16]}… is not")
        return fitting[0]


def enter_events(desk: Desk, subject: str, journal: Journal, limits: Limits, profile: str) -> int:
    """Plan, append and report; returns the exit code. Raises the error of the rule broken; then nothing was written."""
    _check(desk, desk.state.deployment(subject), journal, limits)
    already = EnteredAlready.of(view_of(desk.folder, desk.log, subject))
    work = Work(desk, subject, profile)
    steps = entering.steps(journal, already)
    left: list[Left] = []
    for one in steps.entries:
        try:
            work.make(one)
        except CountersignError as error:
            left.append(Left(one.kind, one.at, 1, error.code))
    closed = work.deployment.phase is Phase.CLOSED
    plan = entering.counts(journal, already, desk.at, closed=closed)
    left += plan.left
    for one in plan.entries:
        work.make(one)
    found = shown(journal, limits, desk.now)
    receipt = entering.receipt(journal, limits, found, left, desk.at)
    if entering.is_news(receipt, already):
        work.make(receipt)
    if closed and not already.ordinals and journal.ordinals():
        work.make(entering.ordinals_destroyed(journal, desk.at))
    _append(desk, subject, work, steps.already + plan.already, left)
    return EVIDENCE_WRONG if left else DONE


def _check(desk: Desk, deployment: Deployment, journal: Journal, limits: Limits) -> None:
    refuse_events(journal.made_up(), desk.folder.config.origin)
    if (entering.RECEIPT, 1) not in desk.log.schemas.known:
        raise SchemasNotAdopted(f"{desk.folder.path}: this log has not adopted {entering.RECEIPT}")
    if deployment.limits is None:
        raise NotTheSame(f"the log declares no limits of {deployment.subject}")
    if deployment.limits.digest != limits.digest:
        raise NotTheSame(f"these are not the limits that the log declares of {deployment.subject}")
    if "alert" in deployment.deletions or deployment.phase is Phase.ARCHIVED:
        when = deployment.deletions["alert"].at if "alert" in deployment.deletions else "its archiving"
        raise EventsAfterDeletion(f"the alerts of {deployment.subject} are deleted since {when}, by the log")


def _append(desk: Desk, subject: str, work: Work, already: int, left: list[Left]) -> None:
    also = {"already": already, "not_entered": [asdict(one) for one in left]}
    if work.made:
        desk.append(*work.made, also=also)
    elif desk.doing.as_json:
        state = {"phase": str(work.deployment.phase), "stage": work.deployment.stage}
        click.echo(json.dumps({"log": desk.folder.config.origin, "subject": subject, "appended": [], **state, **also}))
    if desk.doing.as_json:
        return
    if not work.made:
        click.echo("All of it is in the log already; nothing was appended.")
    elif already:
        click.echo(f"{already:,} were in the log already, and stay as they are.")
    for one in left:
        click.echo(one.sentence)


def journal_there(path: Path) -> Path:
    """The path of a journal that is to be read, not begun. Raises ``InputMissing``."""
    from countersign.inputs import InputMissing

    if not path.is_file():
        raise InputMissing(f"{path}: {'is a folder' if path.is_dir() else 'no such file'}")
    return path
