"""Events held to the limits declared before the first of them: what one event shows by itself.

Each function of one event and the limits gives what it contradicts, as a short code and a sentence that holds for all
events of that code, so that they can be counted. What only shows over several events (gaps, counts, what came after the
end) is in ``journal``. A finding says what was reported; it names nobody, and drives nothing.

>>> quick = {"decision": "engage", "seconds": 0}
>>> is_quick(quick, 2)
True
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from countersign.deployments.alerts import FIRST, SECOND
from countersign.deployments.limits import digest_of
from countersign.events.door.line import ALERT, Event

#: A look at two pictures that took less than this is shorter than a person needs to see them, in whole seconds. Ours:
#: no force has published one, and the command takes another.
QUICKEST_LOOK = 2

#: What events can show against the limits, as ``words.names`` puts it, in the order of reports.
CODES = (
    "outside-window",
    "camera-undeclared",
    "threshold-below",
    "list-not-declared",
    "engine-not-declared",
    "limits-not-declared",
    "engaged-without-two",
    "decided-too-fast",
    "after-the-end",
    "in-the-future",
    "while-suspended",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """The declared limits as events are held to them, with the quickest look in seconds."""

    digest: str
    windows: tuple[tuple[str, str], ...]
    cameras: frozenset[str]
    threshold: Decimal
    list_digest: str
    engine: tuple[str, str]
    quickest: int = QUICKEST_LOOK

    @classmethod
    def of(cls, document: Mapping[str, Any], quickest: int = QUICKEST_LOOK) -> Limits:
        """The limits of a document that ``deployments.limits`` has checked."""
        place = document["place"]
        return cls(
            digest_of(dict(document)),
            tuple((window["start"], window["end"]) for window in place["windows"]),
            frozenset(camera["id"] for camera in place["cameras"]),
            Decimal(document["threshold_minimum"]),
            document["list_digest"],
            (document["engine"], document["engine_version"]),
            quickest,
        )

    def holds_moment(self, at: str) -> bool:
        """Whether a time lies in a window. An hour counts by its start, and may begin before the window does."""
        if len(at) == len("2026-03-07T10Z"):
            return any(start[:13] <= at[:13] and at[:13] + ":00:00Z" < end for start, end in self.windows)
        return any(start <= at <= end for start, end in self.windows)


def contradictions(event: Event, limits: Limits) -> Iterator[str]:
    """The codes of what an event contradicts by itself, each at most once."""
    content = event.content
    if event.type == ALERT or event.type in ("live.opened", "live.hour", "live.change", "live.resumed"):
        if not limits.holds_moment(event.at):
            yield "outside-window"
        if "threshold" in content and Decimal(content["threshold"]) < limits.threshold:
            yield "threshold-below"
    if "list_digest" in content and content["list_digest"] != limits.list_digest:
        yield "list-not-declared"
    if content.get("limits", limits.digest) != limits.digest:
        yield "limits-not-declared"
    name, version = limits.engine
    if content.get("engine", name) != name or content.get("engine_version", version) != version:
        yield "engine-not-declared"
    if event.type == ALERT:
        if content["camera"] not in limits.cameras:
            yield "camera-undeclared"
        if "engagement" in content and not _two_decided(content):
            yield "engaged-without-two"
        if any(is_quick(one, limits.quickest) for one in content["adjudications"]):
            yield "decided-too-fast"


def is_quick(adjudication: Mapping[str, Any], quickest: int) -> bool:
    """Whether a person decided in fewer than ``quickest`` seconds."""
    return bool(adjudication["seconds"] < quickest)


def _two_decided(alert: Mapping[str, Any]) -> bool:
    """Whether an operator, then an engagement officer, another person, decided to engage before the engagement."""
    started = alert["engagement"]["started_at"]
    decided = {
        role: [
            (one["decided_at"], one["person"])
            for one in alert["adjudications"]
            if one["role"] == role and one["decision"] == "engage" and one["decided_at"] <= started
        ]
        for role in (FIRST, SECOND)
    }
    return any(
        first[0] <= second[0] and first[1] != second[1] for first in decided[FIRST] for second in decided[SECOND]
    )
