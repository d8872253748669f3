"""What of a journal goes into the log: hours with their sealed alerts, steps that the log lacks, and a receipt.

Entries are planned here and checked, signed and appended elsewhere. What the log says already is not said again: an
hour that stands stays as it is, and a step that a person entered is the engine's own if both lie within a few minutes.
Each hour's public count of alerts is that of the alerts here, which lie sealed with it; the engine's own count stands
beside it (``system_alerts``). An hour of which the engine gave no count is entered after the close alone, with as many
faces as alerts, since there were no fewer. Moments and cameras of single alerts, and so the times of gaps, lie sealed.

>>> EnteredAlready().hours
{}
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from countersign.deployments.clock import hours_later, moment
from countersign.deployments.kinds import noun_of
from countersign.deployments.view import View
from countersign.errors import NotAllowed
from countersign.events.door.journal import Gap, Journal
from countersign.events.door.limits_held import Limits
from countersign.events.door.line import MOMENTS
from countersign.events.door.taking import CLOCK_TOLERANCE, Shown

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


class TooManyHours(NotAllowed):
    """A journal's alerts and counts lie in more hours than any deployment has."""

    code = "events-hours-too-many"
    next_step = "Look at the clocks of the sources with `countersign events take`; nothing was entered."


class EventsAfterDeletion(NotAllowed):
    """The log says that the deployment's alerts are deleted, and events are to be entered."""

    code = "events-after-deletion"
    next_step = "Look at the deployment with `countersign deployment status`; nothing was entered."


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
    "entered-before": "the log has that hour already, with another number of alerts",
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


def steps(journal: Journal, already: EnteredAlready) -> Plan:
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


def counts(journal: Journal, already: EnteredAlready, now: str, *, closed: bool) -> Plan:
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


def receipt(journal: Journal, limits: Limits, found: Iterable[Shown], left: Iterable[Left], now: str) -> Planned:
    """What was taken, in counts; per source and gap under seal."""
    gaps, sources = journal.gaps(), journal.sources()
    missing: Counter[str] = Counter()
    for gap in gaps:
        missing[gap.source] += gap.missing
    codes: Counter[str] = Counter()
    for one in found:
        codes[one.code] += one.count
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
