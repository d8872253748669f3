"""A journal of an engine's events handed over to the log, in one batch that is appended whole or not at all.

First what goes in is planned: hours with their sealed alerts, steps that the log lacks, and a receipt. What the log
says already is not said again: an hour that stands stays as it is, and a step that a person entered is the engine's own
if both lie within a few minutes. Each hour's public count of alerts is that of the alerts here; the engine's own count
stands beside it (``system_alerts``). An hour of which the engine gave no count is entered after the close alone, with
as many faces as alerts. Moments and cameras of single alerts, and so the times of gaps, lie sealed.

Then each entry is held to the state that those before it lead to. A step that the rules refuse is left out and said to
be; an hour that they refuse stops all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from countersign.deployments.clock import clockless, hours_later, moment
from countersign.deployments.kinds import SCHEMAS, noun_of
from countersign.deployments.lifecycle import Phase
from countersign.deployments.refusals import NotTheSame
from countersign.deployments.state import Deployment
from countersign.deployments.view import View
from countersign.errors import CountersignError, NotAllowed
from countersign.events.door.journal import Gap, Journal
from countersign.events.door.line import MOMENTS, Limits
from countersign.events.door.taking import CLOCK_TOLERANCE, Shown, shown
from countersign.inputs import InputMissing
from countersign.record.keeping.log import Appended
from countersign.register.commands import LATE_AFTER_HOURS, Unsealed
from countersign.register.deployments import SchemasNotAdopted, StateOfLog, Work, view_of
from countersign.register.papers.reading import refuse_events

RECEIPT, ORDINALS, HOUR, EVENT_LOG = "live.receipt", "close.ordinals-destroyed", "live.hour", "live.event-log"
#: Steps that an engine may report and people's commands enter: those of which there is one, and the others.
ONCE = ("live.opened", "close.cancellation")
STEPS = (*ONCE, "live.suspended", "live.resumed", "live.change", "live.staffing")
#: Two accounts of a step, a person's and the engine's, are the same within this time.
SAME_STEP = timedelta(minutes=5)
#: A deployment with more hours than a week has clocks that cannot be right.
MOST_HOURS = 168
#: How many of the things left out a receipt lists; the command says all.
MOST_LEFT = 200

Facts = dict[str, Any]


class TooManyHours(
    NotAllowed,
    code="events-hours-too-many",
    next_step="Look at the clocks of the sources with `countersign events take`; nothing was entered.",
):
    """A journal's alerts and counts lie in more hours than any deployment has."""


class EventsAfterDeletion(
    NotAllowed,
    next_step="If a deletion was stated wrongly, withdraw it first (`countersign deployment withdraw`); nothing was "
    "entered.",
):
    """The log says that the deployment's alerts are deleted, and events are to be entered."""


class Planned(NamedTuple):
    """An entry to be: its kind, the time it speaks for, its public facts, and what is sealed, by label."""

    kind: str
    at: str
    facts: Facts
    contents: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Left:
    """What was not entered: the kind of entry, its time (to the hour where it is one alert's), how many, and why."""

    kind: str
    at: str
    count: int
    reason: str

    @property
    def sentence(self) -> str:
        """As it is said to people."""
        return f"not entered: {self.count:,} of {self.kind}, {self.at}: {REASONS.get(self.reason, self.reason)}"


#: Why something was left out, in words; other reasons are codes of errors.
REASONS = {
    "entered-before": "the log has that hour, with another number of alerts; `deployment correct` sets it right",
    "hour-not-over": "the engine has given no count of that hour yet",
    "in-the-future": "it lies after this moment",
    "no-period": "the engine gave no account of the period it lies in",
    "role-not-held": "the key has no role in which it may sign this",
}


@dataclass(frozen=True, slots=True)
class EnteredAlready:
    """What the log says of the deployment: alerts by hour, the facts of steps and periods, and the last receipt."""

    hours: Mapping[str, int] = field(default_factory=dict)
    steps: Mapping[str, tuple[Facts, ...]] = field(default_factory=dict)
    periods: frozenset[str] = frozenset()
    receipt: Facts | None = None
    ordinals: bool = False

    @classmethod
    def of(cls, view: View) -> EnteredAlready:
        """Read from the statements about the deployment."""
        receipt = view.last(noun_of(RECEIPT))
        names = ("limits", "events", "refused", "refused_leaks", "missing", "clocks", "found", "not_entered")
        return cls(
            {one.one("hour"): one.one("alerts") for one in view.statements("hour")},
            {kind: tuple(_facts_of(view, kind)) for kind in STEPS},
            frozenset(one.one("period_end") for one in view.statements(noun_of(EVENT_LOG))),
            None if receipt is None else {name: receipt.one(name) for name in names},
            bool(view.statements(noun_of(ORDINALS))),
        )


def _facts_of(view: View, kind: str) -> Iterator[Facts]:
    name = MOMENTS[kind]
    for statement in view.statements(noun_of(kind)):
        yield {name: statement.one(name)} | ({"what": statement.one("what")} if kind == "live.change" else {})


@dataclass(slots=True)
class Plan:
    """What is to be entered, what the log has already (how many entries), and what is left out."""

    entries: list[Planned] = field(default_factory=list)
    already: int = 0
    left: list[Left] = field(default_factory=list)


def planned_steps(journal: Journal, already: EnteredAlready) -> Plan:
    """The steps that the engine reports and the log lacks, by their time."""
    plan = Plan()
    for kind in STEPS:
        standing = list(already.steps.get(kind, ()))
        for content in journal.of_type(kind):
            same = next((one for one in standing if kind in ONCE or _is_same(one, content, MOMENTS[kind])), None)
            if same is None:
                plan.entries.append(Planned(kind, content[MOMENTS[kind]], content, {}))
                standing += [content] if kind in ONCE else []
            else:
                plan.already += 1
                if kind not in ONCE:
                    standing.remove(same)
    plan.entries.sort(key=lambda one: one.at)
    return plan


def _is_same(entered: Facts, reported: Facts, name: str) -> bool:
    apart = abs(moment(entered[name]) - moment(reported[name]))
    return entered.get("what") == reported.get("what") and apart <= SAME_STEP


def planned_counts(journal: Journal, already: EnteredAlready, now: str, *, closed: bool) -> Plan:
    """The hours with their alerts, and the periods of the engine's event log. Raises ``TooManyHours``."""
    plan = Plan()
    counted = {one["hour"]: one for one in journal.of_type(HOUR)}
    alerts: dict[str, list[Facts]] = defaultdict(list)
    for alert in journal.of_type("live.hour/alerts"):
        alerts[f"{alert['at'][:13]}Z"].append(alert)
    hours = sorted(set(counted) | set(alerts))
    if len(hours) > MOST_HOURS:
        raise TooManyHours(f"the events lie in {len(hours):,} different hours, more than a week has ({MOST_HOURS})")
    for hour in hours:
        _hour(plan, hour, counted.get(hour), alerts.get(hour, []), already, now, closed=closed)
    _periods(plan, journal, already)
    return plan


def _hour(
    plan: Plan, hour: str, said: Facts | None, alerts: list[Facts], already: EnteredAlready, now: str, *, closed: bool
) -> None:
    start = f"{hour[:13]}:00:00Z"
    standing = already.hours.get(hour)
    if standing is not None:
        if standing == len(alerts):
            plan.already += 1
        else:
            plan.left.append(Left(HOUR, start, abs(len(alerts) - standing), "entered-before"))
        return
    if start > now or (said is None and not closed):
        plan.left.append(Left(HOUR, start, len(alerts), "in-the-future" if start > now else "hour-not-over"))
        return
    facts: Facts = {"hour": hour, "faces": len(alerts)} if said is None else {"system_alerts": said["alerts"]} | said
    facts["alerts"] = len(alerts)
    plan.entries.append(Planned(HOUR, min(hours_later(start, 1), now), facts, {"alerts": alerts} if alerts else {}))


def _periods(plan: Plan, journal: Journal, already: EnteredAlready) -> None:
    items = journal.of_type(f"{EVENT_LOG}/events")
    for facts in journal.of_type(EVENT_LOG):
        inside = [one for one in items if facts["period_start"] <= one["at"] <= facts["period_end"]]
        items = [one for one in items if one not in inside]
        if facts["period_end"] in already.periods:
            plan.already += 1
        else:
            plan.entries.append(Planned(EVENT_LOG, facts["period_end"], facts, {"events": inside} if inside else {}))
    if items:
        plan.left.append(Left(EVENT_LOG, f"{items[0]['at'][:13]}:00:00Z", len(items), "no-period"))


def receipt_of(journal: Journal, limits: Limits, findings: Iterable[Shown], left: Iterable[Left], now: str) -> Planned:
    """What was taken, in counts; per source and gap under seal."""
    gaps, sources = journal.gaps(), journal.sources()
    missing: Counter[str] = Counter()
    for gap in gaps:
        missing[gap.source] += gap.missing
    codes: Counter[str] = Counter()
    for finding in findings:
        codes[finding.code] += finding.count
    refused = journal.refused()
    facts: Facts = {
        "taken_at": now,
        "limits": limits.digest,
        "events": journal.count(),
        "refused": len(refused),
        "refused_leaks": sum(one["code"] == "event-leak-refused" for one in refused),
        "missing": [{"source": source, "count": count} for source, count in sorted(missing.items())],
        "clocks": [
            {"source": source, "seconds": abs(ahead), "off": "ahead" if ahead > 0 else "behind"}
            for source, _, ahead in sources
            if ahead is not None and abs(ahead) > CLOCK_TOLERANCE
        ],
        "found": [{"code": code, "count": count} for code, count in sorted(codes.items())],
        "not_entered": [asdict(one) for one in left][:MOST_LEFT],
    }
    contents: dict[str, Any] = {
        "sources": [{"source": source, "events": count, "missing": missing[source]} for source, count, _ in sources],
        "gaps": [_gap(one) for one in gaps],
    }
    return Planned(RECEIPT, now, facts, {label: items for label, items in contents.items() if items})


def _gap(gap: Gap) -> Facts:
    facts: Facts = {"source": gap.source, "missing": gap.missing, "after": gap.after, "before": gap.before}
    times = {"after_at": gap.after_at, "before_at": gap.before_at}
    return facts | {name: at for name, at in times.items() if at is not None}


def is_news(made: Planned, already: EnteredAlready) -> bool:
    """Whether a receipt says anything that the last one in the log does not."""
    return {name: value for name, value in made.facts.items() if name != "taken_at"} != already.receipt


def ordinals_destroyed(journal: Journal, now: str) -> Planned:
    """That the engine's ids are gone: their mapping to ordinals was in memory while events were taken, nowhere else."""
    facts: Facts = {"destroyed_at": now, "ordinals": journal.ordinals(), "method": "never-kept"}
    return Planned(ORDINALS, now, facts, {})


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
    steps = planned_steps(journal, already)
    for planned in steps.entries:
        try:
            entry = _entry(work, subject, planned, profile)
        except CountersignError as error:
            left.append(Left(planned.kind, planned.at, 1, error.code))
            continue
        made.append(entry)
        work = work.after(entry)
    closed = work.programme.deployment(subject).phase is Phase.CLOSED
    plan = planned_counts(journal, already, now, closed=closed)
    left += plan.left
    rest = list(plan.entries)
    receipt = receipt_of(journal, limits, shown(journal, limits, work.now), left, now)
    if is_news(receipt, already):
        rest.append(receipt)
    if closed and not already.ordinals and journal.ordinals():
        rest.append(ordinals_destroyed(journal, now))
    for planned in rest:
        made.append(_entry(work, subject, planned, profile))
        work = work.after(made[-1])
    appended, state = work.append(*made) if made else ([], work.state)
    return Entered(made, appended, state, steps.already + plan.already, left)


def enter_firing(
    work: Work, subject: str, facts: dict[str, Any], contents: dict[str, Any], made_up: int
) -> Unsealed | None:
    """The entry of a stop rule that fired, if none of it stands there. Raises ``MadeUp``, and as ``Work.entry``."""
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
    if (RECEIPT, 1) not in work.open.log.schemas.known:
        raise SchemasNotAdopted(f"{work.open.folder.path}: this log has not adopted {RECEIPT}")
    if deployment.limits is None:
        raise NotTheSame(f"the log declares no limits of {subject}")
    if deployment.limits.digest != limits.digest:
        raise NotTheSame(f"these are not the limits that the log declares of {subject}")
    if "alert" in deployment.deletions or deployment.phase is Phase.ARCHIVED:
        when = deployment.deletions["alert"].at if "alert" in deployment.deletions else "its archiving"
        raise EventsAfterDeletion(f"the alerts of {subject} are deleted since {when}, by the log")


def _entry(work: Work, subject: str, planned: Planned, profile: str) -> Unsealed:
    supplier = "engine" if "engine" in SCHEMAS.latest(planned.kind).suppliers else "force"
    out_of_order = planned.at < work.programme.deployment(subject).clock
    late = not clockless(planned.kind) and (out_of_order or work.now > hours_later(planned.at, LATE_AFTER_HOURS))
    doing = work.as_(supplied_by=supplier, late="received-late" if late else None)
    return doing.entry(subject, planned.kind, planned.facts, planned.contents, profile=profile, at=planned.at)
