"""A journal of an engine's events handed over to the log, in one batch that is appended whole or not at all.

What is planned is that of ``journal``; here each entry is held to the state that those before it lead to, and all of
them are appended together. A step that the rules refuse is left out and said to be; an hour that they refuse stops all.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from countersign.deployments.clock import clockless, hours_later
from countersign.deployments.kinds import SCHEMAS
from countersign.deployments.lifecycle import Phase
from countersign.deployments.refusals import NotTheSame
from countersign.deployments.state import Deployment
from countersign.errors import CountersignError
from countersign.events.door.taking import shown
from countersign.inputs import InputMissing
from countersign.record.keeping.log import Appended
from countersign.register import journal as planning
from countersign.register.commands import LATE_AFTER_HOURS, Unsealed
from countersign.register.deployments import SchemasNotAdopted, StateOfLog, Work, view_of
from countersign.register.journal import EnteredAlready, EventsAfterDeletion, Left, Planned
from countersign.register.papers import refuse_events

if TYPE_CHECKING:
    from countersign.events.door.journal import Journal
    from countersign.events.door.limits_held import Limits

#: In which role a key signs that holds several: what an engine reports is an engineer's to enter, before others.
ROLES = ("engineer", "operator", "recorder")
FIRED = "live.stop-rule-fired"


@dataclass(frozen=True, slots=True)
class Entered:
    """What came of a journal: entries made and appended, the state, how many stood in the log, what was left out."""

    made: list[Unsealed]
    appended: list[Appended]
    state: StateOfLog
    already: int
    left: list[Left]


def enter_events(work: Work, subject: str, journal: Journal, limits: Limits, profile: str) -> Entered:
    """Plan a journal's entries and append them. Raises the error of the rule broken; then nothing was written."""
    _check(work, subject, journal, limits)
    already = EnteredAlready.of(view_of(work.open, subject))
    now, made, left = work.at, [], []
    steps = planning.steps(journal, already)
    for planned in steps.entries:
        try:
            entry = _entry(work, subject, planned, profile)
        except CountersignError as error:
            left.append(Left(planned.kind, planned.at, 1, error.code))
            continue
        made.append(entry)
        work = work.after(entry)
    closed = work.programme.deployment(subject).phase is Phase.CLOSED
    plan = planning.counts(journal, already, now, closed=closed)
    left += plan.left
    rest = list(plan.entries)
    receipt = planning.receipt(journal, limits, shown(journal, limits, work.now), left, now)
    if planning.is_news(receipt, already):
        rest.append(receipt)
    if closed and not already.ordinals and journal.ordinals():
        rest.append(planning.ordinals_destroyed(journal, now))
    for planned in rest:
        made.append(_entry(work, subject, planned, profile))
        work = work.after(made[-1])
    appended, state = work.append(*made) if made else ([], work.state)
    return Entered(made, appended, state, steps.already + plan.already, left)


def enter_firing(
    work: Work, subject: str, facts: dict[str, Any], contents: dict[str, Any], made_up: int
) -> Unsealed | None:
    """The entry of a stop rule that fired; ``None`` if one of the same rule under the same limits stands in the log.

    Raises ``MadeUp`` where ``made_up`` of the events are, and as ``Work.entry``.
    """
    refuse_events(made_up, work.open.origin)
    stated = view_of(work.open, subject).statements("stop_rule_fired")
    rule = (facts["limits"], contents["firing"]["when"])
    if any((statement.one("limits"), statement.one("sealed.firing.when")) == rule for statement in stated):
        return None
    return work.entry(subject, FIRED, facts, contents)


def journal_there(path: Path) -> Path:
    """The path of a journal that is to be read, not begun. Raises ``InputMissing``."""
    if not path.is_file():
        raise InputMissing(f"{path}: {'is a folder' if path.is_dir() else 'no such file'}")
    return path


def _check(work: Work, subject: str, journal: Journal, limits: Limits) -> None:
    deployment: Deployment = work.programme.deployment(subject)
    refuse_events(journal.made_up(), work.open.origin)
    if (planning.RECEIPT, 1) not in work.open.log.schemas.known:
        raise SchemasNotAdopted(f"{work.open.folder.path}: this log has not adopted {planning.RECEIPT}")
    if deployment.limits is None:
        raise NotTheSame(f"the log declares no limits of {subject}")
    if deployment.limits.digest != limits.digest:
        raise NotTheSame(f"these are not the limits that the log declares of {subject}")
    if "alert" in deployment.deletions or deployment.phase is Phase.ARCHIVED:
        when = deployment.deletions["alert"].at if "alert" in deployment.deletions else "its archiving"
        raise EventsAfterDeletion(f"the alerts of {subject} are deleted since {when}, by the log")


def _entry(work: Work, subject: str, planned: Planned, profile: str) -> Unsealed:
    """A planned entry, from the engine where its kind may be, and late where it comes late."""
    supplier = "engine" if "engine" in SCHEMAS.latest(planned.kind).suppliers else "force"
    out_of_order = planned.at < work.programme.deployment(subject).clock
    late = not clockless(planned.kind) and (out_of_order or work.now > hours_later(planned.at, LATE_AFTER_HOURS))
    doing = work.as_(supplied_by=supplier, late="received-late" if late else None)
    return doing.entry(subject, planned.kind, planned.facts, planned.contents, profile=profile, at=planned.at)
