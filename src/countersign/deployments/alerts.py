"""One alert's particulars, which are only ever sealed: held to their own order before they are.

The two who verify an alert are two people, in sequence: an operator, then an engagement officer, each with a decision
of their own. Nobody is engaged before a person has decided to engage. What breaks the form (one person in both roles,
an end before a start) is refused; what merely breaks a duty (no second person, engaged first) is taken as it happened,
and shows in the review. Subject ids of an engine become ordinals of one deployment, in the order they first come, and
the mapping is destroyed at the close.

>>> ordinals = Ordinals()
>>> [ordinals.of(name) for name in ("engine-71", "engine-9", "engine-71")]
[0, 1, 0]
>>> ordinals.destroy()
2
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from countersign.deployments.refusals import AlertOutOfOrder, RolesConflict

Alert = Mapping[str, Any]
FIRST, SECOND = "operator", "engagement-officer"


class Ordinals:
    """The mapping from an engine's subject ids to ordinals: kept in memory for one deployment, never written."""

    def __init__(self) -> None:
        self._ordinals: dict[str, int] = {}

    def of(self, subject: str) -> int:
        """The ordinal of an engine's id, the next free one for a new id."""
        return self._ordinals.setdefault(subject, len(self._ordinals))

    def destroy(self) -> int:
        """Forget the mapping; returns how many ids there were. The ordinals cannot be traced back afterwards."""
        count = len(self._ordinals)
        self._ordinals.clear()
        return count


def check_alert(alert: Alert, place: str) -> None:
    """Hold one alert to itself. Raises ``RolesConflict`` or ``AlertOutOfOrder``."""
    people: dict[str, str] = {}
    for one in alert["adjudications"]:
        role = people.setdefault(one["person"], one["role"])
        if role != one["role"]:
            raise RolesConflict(f"{place}: {one['person']} verified the alert both as {role} and as {one['role']}")
        if one["decided_at"] < alert["at"]:
            raise AlertOutOfOrder(f"{place}: a decision at {one['decided_at']} comes before the alert ({alert['at']})")
    engagement = alert.get("engagement")
    if engagement is None:
        return
    for name in ("ended_at", "released_at"):
        if engagement.get(name, engagement["started_at"]) < engagement["started_at"]:
            raise AlertOutOfOrder(f"{place}: {name} comes before the engagement's start")
    if engagement["started_at"] < alert["at"]:
        raise AlertOutOfOrder(f"{place}: the engagement starts before the alert")


def check_hour(facts: Mapping[str, Any], alerts: Sequence[Alert]) -> None:
    """Hold an hour's alerts to its public counts. Raises ``AlertOutOfOrder`` or ``RolesConflict``."""
    hour = facts["hour"]
    if len(alerts) != facts["alerts"]:
        raise AlertOutOfOrder(f"live.hour: {facts['alerts']} alerts in public, {len(alerts)} sealed")
    for number, alert in enumerate(alerts):
        place = f"live.hour: alert {number} of {hour}"
        if alert["at"][:13] != hour[:13]:
            raise AlertOutOfOrder(f"{place}: is of another hour")
        check_alert(alert, place)
    # One person may raise several alerts in an hour; what must not be is one alert twice.
    seen = Counter((alert["ordinal"], alert["at"], alert["camera"]) for alert in alerts)
    if doubled := [ordinal for (ordinal, _, _), count in seen.items() if count > 1]:
        raise AlertOutOfOrder(f"live.hour: an alert of {hour} stands twice, of the ordinal {doubled[0]}")


def check_roster(persons: Sequence[Mapping[str, Any]]) -> None:
    """Hold a roster to the separation of its roles: no one person alone both operates and engages.

    Raises ``RolesConflict``.
    """
    first = {one["person"] for one in persons if FIRST in one["roles"]}
    second = {one["person"] for one in persons if SECOND in one["roles"]}
    if len(first) == 1 and first == second:
        raise RolesConflict("brief.roster: one person is both the only operator and the only engagement officer")
