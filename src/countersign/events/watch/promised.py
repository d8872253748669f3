"""What a deployment's limits promise about false alerts: ceilings, stop rules and hours, read for watching.

The three measures of a ceiling each count false alerts against something of the same hours: faces, alerts, or hours.
A monitor takes chances below 1, so that hours go in as seconds.

>>> Own("false-alerts-per-hour", Decimal("2")).per_unit
3600.0
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from countersign.deployments.clock import moment
from countersign.deployments.limits import digest_of
from countersign.events.watch.watched import Hour

#: Measure: what it counts false alerts against, in words.
UNITS = {"false-alerts-per-face": "faces", "false-alerts-per-alert": "alerts", "false-alerts-per-hour": "hours"}


@dataclass(frozen=True, slots=True)
class Own:
    """A ceiling the force set itself. ``unit``: what it counts against; ``per_unit``: how many trials one of it is."""

    measure: str
    at_most: Decimal
    clause: str = ""

    @property
    def unit(self) -> str:
        """Faces, alerts or hours."""
        return UNITS[self.measure]

    @property
    def one(self) -> str:
        """A face, an alert or an hour, without its article."""
        return self.unit.removesuffix("s")

    @property
    def per_unit(self) -> float:
        """Trials of the monitor in one unit: seconds of an hour, else one."""
        return 3600.0 if self.unit == "hours" else 1.0

    @property
    def chance(self) -> float:
        """The ceiling for one trial of the monitor."""
        return float(self.at_most) / self.per_unit

    def exposure(self, hour: Hour) -> int:
        """Units in an hour."""
        return {"faces": hour.faces, "alerts": hour.all_alerts, "hours": 1}[self.unit]

    def bound(self, exposure: float) -> int:
        """The most false alerts that are no more than the ceiling allows, exactly."""
        return int(Fraction(self.at_most) * Fraction(exposure))


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the stop rule, as promised."""

    when: str
    action: str
    value: Decimal | None = None

    @property
    def named(self) -> str:
        """For people: when, with which value, what then."""
        return f"{self.when}{'' if self.value is None else f' {self.value}'}: {self.action}"


@dataclass(frozen=True, slots=True)
class Promised:
    """The limits as watching reads them; ``hours``: those of the declared windows, like ``2026-03-07T10``."""

    deployment: str
    digest: str
    list_size: int
    list_digest: str
    threshold: Decimal
    ceilings: tuple[Own, ...]
    rules: tuple[Rule, ...]
    hours: tuple[str, ...]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Promised:
        """The promises of a document that ``deployments.limits`` has checked."""
        hours = {hour for window in document["place"]["windows"] for hour in _hours(window["start"], window["end"])}
        return cls(
            document["deployment"],
            digest_of(dict(document)),
            document["list_size"],
            document["list_digest"],
            Decimal(document["threshold_minimum"]),
            tuple(Own(limit["measure"], Decimal(limit["at_most"]), limit["clause"]) for limit in document["ceilings"]),
            tuple(
                Rule(limit["when"], limit["action"], Decimal(limit["value"]) if "value" in limit else None)
                for limit in document["stop_rule"]
            ),
            tuple(sorted(hours)),
        )


def _hours(start: str, end: str) -> list[str]:
    at, hours = moment(start).replace(minute=0, second=0), []
    while at < moment(end):
        hours.append(at.strftime("%Y-%m-%dT%H"))
        at += timedelta(hours=1)
    return hours
