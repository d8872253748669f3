"""What watching keeps of a deployment's events: counts by the hour, in whatever order the events come.

An event costs the same at the millionth. An hour counts once the engine's own count of its faces and alerts
(``live.hour``) has come. Of its alerts the *false* are those adjudicated so; the *unresolved*, and those the engine
counts and that are not here (*missing*), may be either. *Repeats* are false alerts on someone who had one before: they
are counted, and no bet is placed on them.

>>> seen = Watched()
>>> seen.add("live.hour", {"hour": "2026-03-07T10Z", "faces": 900, "alerts": 2})
>>> seen.hours()[0].missing
2
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from countersign.events.door.journal import Journal
from countersign.events.door.line import ALERT

#: Types of event that watching looks at.
KINDS: tuple[str, ...] = (ALERT, "live.hour", "live.opened", "live.change", "live.resumed", "live.staffing")
KINDS += ("live.suspended", "close.cancellation")
FALSE = frozenset({"false", "confirmed-false"})
UNRESOLVED = "unresolved"
_HOUR = len("2026-03-07T10")


class Hour(NamedTuple):
    """An hour's counts. ``said``: alerts by the engine's count; ``alerts``: those here, and of these the false.

    ``again``: alerts, true or false, on someone who had one before in this hour.
    """

    hour: str
    faces: int
    said: int
    alerts: int
    false: int
    unresolved: int
    repeats: int
    again: int = 0

    @property
    def missing(self) -> int:
        """Alerts that the engine counts and that are not here."""
        return max(0, self.said - self.alerts)

    @property
    def fewest(self) -> int:
        """False alerts if every unresolved and missing one was true, repeats left out."""
        return self.false - self.repeats

    @property
    def most(self) -> int:
        """False alerts if every unresolved and missing one was false."""
        return self.false + self.unresolved + self.missing

    @property
    def all_alerts(self) -> int:
        """Alerts of the hour, here or counted by the engine, whichever are more."""
        return self.alerts + self.missing

    @property
    def people(self) -> int:
        """People-moments: all alerts of the hour, those on one person counted once."""
        return self.all_alerts - self.again


@dataclass(slots=True)
class Watched:
    """The counts, and what else bears on them: openings, changes, staffing, stops.

    ``events``: how many were added; ``made_up``: how many of them were stamped as made up.
    """

    events: int = 0
    made_up: int = 0
    opened: list[dict[str, Any]] = field(default_factory=list)
    changes: list[tuple[str, str]] = field(default_factory=list)
    lists: list[tuple[str, str]] = field(default_factory=list)
    thresholds: list[tuple[str, str]] = field(default_factory=list)
    staffing: list[tuple[str, int, int]] = field(default_factory=list)
    suspended: list[str] = field(default_factory=list)
    closed: list[tuple[str, str]] = field(default_factory=list)
    _counts: dict[str, list[int]] = field(default_factory=dict)
    _people: dict[str, set[int]] = field(default_factory=dict)
    _first: dict[int, str] = field(default_factory=dict)
    _said: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, kind: str, content: Mapping[str, Any], *, made_up: bool = False) -> None:
        """Take in one event of the journal; each is added once (the journal sees to that)."""
        self.events += 1
        self.made_up += made_up
        if kind == ALERT:
            self._add_alert(content)
        elif kind == "live.hour":
            self._said[content["hour"][:_HOUR]] = content["faces"], content["alerts"]
        elif kind == "live.staffing":
            self.staffing.append((content["since"], content["operators"], content["engagement_officers"]))
        elif kind == "live.suspended":
            self.suspended.append(content["suspended_at"])
        elif kind == "close.cancellation":
            self.closed.append((content["closed_at"], content["reason"]))
        elif kind in ("live.opened", "live.change", "live.resumed"):
            self._add_setting(kind, content)

    def _add_alert(self, alert: Mapping[str, Any]) -> None:
        hour = alert["at"][:_HOUR]
        counts = self._counts.setdefault(hour, [0, 0, 0])
        counts[0] += 1
        self._people.setdefault(hour, set()).add(alert["ordinal"])
        outcome = alert["outcome"]
        if outcome == UNRESOLVED:
            counts[2] += 1
        elif outcome in FALSE:
            counts[1] += 1
            person = alert["ordinal"]
            first = self._first.get(person)
            if first is None or alert["at"] < first:
                self._first[person] = alert["at"]

    def _add_setting(self, kind: str, content: Mapping[str, Any]) -> None:
        at = content[{"live.opened": "opened_at", "live.change": "changed_at", "live.resumed": "resumed_at"}[kind]]
        if kind == "live.opened":
            self.opened.append(dict(content))
        if kind == "live.change" and content["what"] in ("threshold", "list", "engine"):
            self.changes.append((at, content["what"]))
        if "list_digest" in content:
            self.lists.append((at, content["list_digest"]))
        if "threshold" in content:
            self.thresholds.append((at, content["threshold"]))

    def hours(self) -> tuple[Hour, ...]:
        """The hours whose count of faces has come, in order of time."""
        people: dict[str, int] = {}
        for at in self._first.values():
            people[at[:_HOUR]] = people.get(at[:_HOUR], 0) + 1
        hours_seen = []
        for hour, (faces, said) in sorted(self._said.items()):
            alerts, false, unresolved = self._counts.get(hour, (0, 0, 0))
            again = alerts - len(self._people.get(hour, ()))
            repeats = false - people.get(hour, 0)
            hours_seen.append(Hour(f"{hour}Z", faces, said, alerts, false, unresolved, repeats, again))
        return tuple(hours_seen)

    def without_faces(self) -> int:
        """Alerts in hours of which no count of faces has come."""
        return sum(counts[0] for hour, counts in self._counts.items() if hour not in self._said)

    def stretch_of(self, hour: str) -> int | None:
        """Which stretch between changes of threshold, list or engine an hour lies in; ``None`` if one falls in it."""
        changes = sorted(at for at, _ in self.changes)
        before = bisect_right(changes, hour[:_HOUR] + ":00:00Z")
        return before if before == bisect_right(changes, hour[:_HOUR] + ":59:59Z") else None


@dataclass(slots=True)
class Follower:
    """A journal, and what was seen of it so far."""

    journal: Journal
    seen: Watched = field(default_factory=Watched)
    _known: set[tuple[str, int]] = field(default_factory=set)
    _version: int | None = None

    def catch_up(self) -> bool:
        """Take in what is new; ``False`` where nobody has written since the last time."""
        version = self.journal.version()
        if version == self._version:
            return False
        self._version = version
        for kind, body in self.journal.unseen(KINDS, self._known):
            event = msgspec.json.decode(body)
            self.seen.add(kind, event["content"], made_up="stamp" in event)
        return True
