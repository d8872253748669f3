"""What a check may see: the statements of the record, through the paths its duty declares and no others.

Each ``Line`` is one statement; calling it with a field gives the value or ``None``. Reading a path that the duty's
``evidence`` does not name raises ``PathNotDeclared``, a defect. Numbers come from the force's policy, else from
``data/figures.toml`` with their source; none stands in code. An engine's log, an observer and an outside body are
independent of the force; a compiler who copies the force's papers is not, whatever the entry says. Here too are
moments, days and spans as the record writes them.

>>> FIGURES["breach-notice-hours"].value, FIGURES["breach-notice-hours"].source
(Decimal('72'), 'DPA 2018 s.67')
>>> moment("2026-03-01T09:30:00Z") - moment("2026-03-01T08:30:00Z") == hours(1)
True
>>> month_after(datetime.date(2026, 1, 31)).isoformat()
'2026-02-28'
"""

from __future__ import annotations

import calendar
import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from countersign.deployments.kinds import COMPILER, NOUNS
from countersign.deployments.view import Statement, View
from countersign.errors import CountersignError


@lru_cache(maxsize=65536)
def moment(text: str) -> datetime.datetime:
    """A ``time``, ``hour`` or ``date`` of the record as a moment in UTC; a day stands for its first moment."""
    if len(text) == len("2026-03-01T09Z"):
        text = text[:-1] + ":00:00Z"
    found = datetime.datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=datetime.UTC)


def day(text: str) -> datetime.date:
    """The day of a time, hour or date of the record."""
    return datetime.date.fromisoformat(text[:10])


def hours(number: int | Decimal) -> datetime.timedelta:
    """A span of so many hours."""
    return datetime.timedelta(seconds=float(number * 3600))


def month_after(start: datetime.date, months: int = 1) -> datetime.date:
    """The same day ``months`` later, or the last of that month where it has no such day."""
    count = start.year * 12 + start.month - 1 + months
    year, month = divmod(count, 12)
    return datetime.date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def moment_of(as_at: datetime.date | datetime.datetime) -> datetime.datetime:
    """The moment a date or a moment of the asker stands for: of a date, its last second. A naive moment is UTC."""
    if not isinstance(as_at, datetime.datetime):
        return datetime.datetime(as_at.year, as_at.month, as_at.day, 23, 59, 59, tzinfo=datetime.UTC)
    return as_at if as_at.tzinfo is not None else as_at.replace(tzinfo=datetime.UTC)


#: Where the alerts of an hour lie sealed.
ALERTS = "hour.sealed.alerts[]"
INDEPENDENT = frozenset({"engine", "observer", "outside"})


class Figure(msgspec.Struct, frozen=True):
    """A number, the document that sets it, and whether that is still to be checked against the document."""

    value: Decimal
    source: str
    to_check: bool

    @property
    def cited(self) -> str:
        """The source as sentences give it, marked where it is to be checked."""
        return f"{self.source}{' [to be checked]' if self.to_check else ''}"


def _read() -> Mapping[str, Figure]:
    text = resources.files("countersign.rulebook").joinpath("data", "figures.toml").read_text(encoding="utf-8")
    return MappingProxyType(msgspec.convert(tomllib.loads(text), dict[str, Figure]))


FIGURES: Mapping[str, Figure] = _read()


class PathNotDeclared(CountersignError):
    """A check tried to read a path that the evidence of its duty does not name."""


class Unmeasured(Exception):
    """Neither the force's policy nor a source of the catalogue sets the number that a check measures by."""


class Line(NamedTuple):
    """One statement as a check sees it; ``line("field")`` is the value of a declared field, ``None`` if not stated."""

    statement: Statement
    declared: frozenset[str]

    def __call__(self, field: str) -> Any:
        """The value of a field. Raises ``PathNotDeclared``."""
        if field not in self.declared:
            raise PathNotDeclared(f"{self.statement.noun}.{field} is not among the evidence of this duty")
        return self.statement.one(field)

    def time(self, field: str) -> datetime.datetime | None:
        """The moment a field states. Raises ``PathNotDeclared``."""
        found = self(field)
        return None if found is None else moment(found)

    @property
    def entry(self) -> int:
        """Its place in the log."""
        return self.statement.entry

    @property
    def origin(self) -> str:
        """The outside body's log it stands in; empty for the record's own."""
        return self.statement.origin

    @property
    def independent(self) -> bool:
        """Whether it comes from someone other than the force, and not by way of a copy of the force's papers."""
        return self.statement.supplied_by in INDEPENDENT and self.statement.role != COMPILER


class Alert(NamedTuple):
    """One alert as opened to this reader: its parts by name, those the duty declares, the hour's line it lies in."""

    line: Line
    parts: Mapping[str, Any]
    declared: frozenset[str]

    def __call__(self, part: str) -> Any:
        """A part of the alert, ``None`` if not stated. Raises ``PathNotDeclared``."""
        _, parts, declared = self
        if part not in declared:
            raise PathNotDeclared(f"{ALERTS}.{part} is not among the evidence of this duty")
        return parts.get(part)


class Alerts(NamedTuple):
    """The alerts asked for, how many are open in all, how many the public hours count, and the lines of the hours."""

    these: tuple[Alert, ...]
    opened: int
    counted: int
    hours: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment the checks measure from, and the lines that state it (none where the asker supposes it)."""

    at: datetime.datetime
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """A number duties are measured by, who sets it, and the line of the policy if that does."""

    value: Decimal
    source: str
    lines: tuple[Line, ...] = ()


@cache
def noun_of_programme(noun: str) -> bool:
    """Whether statements of a noun are about the force's programme, and so hold for many deployments. Not the
    catalogue's own version: whether it is looked at again is asked of today.
    """
    return NOUNS.get(noun, "").startswith("programme.") and noun != "rulepack"


@cache
def _fields_of(allowed: frozenset[str], start: str) -> frozenset[str]:
    """What is declared below a noun or a path."""
    return frozenset(path.removeprefix(f"{start}.") for path in allowed if path.startswith(f"{start}."))


@cache
def _read_from_lines(allowed: frozenset[str], noun: str) -> frozenset[str]:
    """What is declared below a noun, but for the parts of alerts, which are read from alerts and not from lines."""
    return frozenset(path for path in _fields_of(allowed, noun) if not f"{noun}.{path}".startswith(ALERTS))


@dataclass(slots=True)
class Shared:
    """What the duties of one view share: its lines, and its alerts, each with the place of its hour."""

    lines: dict[tuple[str, frozenset[str]], tuple[Line, ...]] = field(default_factory=dict)
    alerts: list[tuple[int, Any]] | None = None
    counted: int = 0
    #: Those that state a part, by its name.
    stating: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    by_parts: dict[tuple[frozenset[str], str], tuple[Alert, ...]] = field(default_factory=dict)
    began: tuple[datetime.datetime, ...] | None = None
    #: Moments not yet past on which an answer turned: until the first of them the same entries give the same answers.
    dues: list[datetime.datetime] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Look:
    """A view through the declared paths of one duty, as at a moment; ``supposed`` is an opening that is being asked
    for."""

    view: View
    allowed: frozenset[str]
    as_at: datetime.datetime
    supposed: datetime.datetime | None = None
    shared: Shared = field(default_factory=lambda: Shared(), repr=False, compare=False)

    def passed(self, due: datetime.date | datetime.datetime) -> bool:
        """Whether a moment, or the whole of a day, is past; one that is not is noted, since the answer turns on it."""
        end = moment_of(due)
        if self.as_at > end:
            return True
        self.shared.dues.append(end)
        return False

    def lines(self, noun: str) -> tuple[Line, ...]:
        """All statements of a noun, in the order of the log. Raises ``PathNotDeclared``."""
        if not _fields_of(self.allowed, noun) and noun not in self.allowed:
            raise PathNotDeclared(f"{noun} is not among the evidence of this duty")
        declared = _read_from_lines(self.allowed, noun)
        statements = self.view.statements(noun)
        # Many duties read the same fields of as many thousand hours: they get the same lines.
        found = self.shared.lines.get((noun, declared))
        if found is None:
            found = self.shared.lines[noun, declared] = tuple([Line(statement, declared) for statement in statements])
        return found

    def current(self, noun: str) -> tuple[Line, ...]:
        """The latest statement of a noun from the force, and the latest from each other supplier that made one.

        Of a programme's document that is the version in force when the cameras were first switched on, where there was
        one: a later version neither breaks nor mends what was done before it.
        """
        began = self._began() if noun_of_programme(noun) else None
        last: dict[str, Line] = {}
        for line in sorted(self.lines(noun), key=lambda line: (line.statement.at, line.entry)):
            before = last.get(line.statement.supplied_by)
            if (
                began is not None
                and before is not None
                and moment(before.statement.at) <= began < moment(line.statement.at)
            ):
                continue
            last[line.statement.supplied_by] = line
        return tuple(last.values())

    def _began(self) -> datetime.datetime | None:
        """When use began, by the times of the entries alone; what a gate supposes if the record does not say."""
        if self.shared.began is None:
            entries = self.view.recording(lambda _: None)
            uses = entries.statements("opened") or (*entries.statements("hour"), *entries.statements("cancellation"))
            self.shared.began = tuple(moment(use.at) for use in uses)
        return min(self.shared.began, default=self.supposed)

    def opening(self) -> Moment | None:
        """When the cameras were first switched on, by the earliest account; what a gate supposes if there is none."""
        opened = self.lines("opened")
        if not opened:
            return None if self.supposed is None else Moment(self.supposed)
        return Moment(min(moment(line("opened_at")) for line in opened), opened)

    def closing(self) -> Moment | None:
        """When the deployment ended, by the latest account."""
        closed = self.lines("cancellation")
        if not closed:
            return None
        return Moment(max(moment(line("closed_at")) for line in closed), closed)

    def alerts(self, stating: str = "") -> Alerts:
        """The alerts opened to this reader, or those that are ``stating`` a part. Raises ``PathNotDeclared``."""
        hours, shared = self.lines("hour"), self.shared
        declared = frozenset(path.partition(".")[0] for path in _fields_of(self.allowed, ALERTS))
        if stating and stating not in declared:
            raise PathNotDeclared(f"{ALERTS}.{stating} is not among the evidence of this duty")
        if shared.alerts is None:
            shared.alerts = [
                (place, alert) for place, line in enumerate(hours) for alert in line.statement.values("sealed.alerts[]")
            ]
            shared.counted = sum(line("alerts") for line in hours)
        if stating and stating not in shared.stating:
            shared.stating[stating] = [each for each in shared.alerts if each[1].get(stating)]
        # As with lines: duties that declare the same parts get the same alerts, read through the same hours.
        key = declared | {f"hour.{name}" for name in _read_from_lines(self.allowed, "hour")}, stating
        found = shared.by_parts.get(key)
        if found is None:
            # ``Alert(...)`` would say the same, and take twice the time for some hundred thousand.
            make, chosen = tuple.__new__, shared.stating[stating] if stating else shared.alerts
            found = tuple([make(Alert, (hours[place], parts, declared)) for place, parts in chosen])
            shared.by_parts[key] = found
        return Alerts(found, len(shared.alerts), shared.counted, hours)

    def figure(self, name: str) -> Measure:
        """A number a duty is measured by: the force's own where its policy sets one, else one the catalogue can cite.
        Raises ``Unmeasured`` where there is neither: then the duty is not shown (``declare.check``).
        """
        for line in reversed(self.current("policy")):
            for parameter in line("parameters") or ():
                if parameter["name"] == name:
                    return Measure(Decimal(parameter["value"]), "the force's policy", (line,))
        if name not in FIGURES:
            raise Unmeasured(name)
        return Measure(FIGURES[name].value, FIGURES[name].cited)


def statutory(name: str) -> int:
    """A number that statute sets, which no policy can change, from ``data/figures.toml``."""
    return int(FIGURES[name].value)
