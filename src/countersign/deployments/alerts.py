"""One alert's particulars, which are only ever sealed: held to their own order before they are.

The two who verify an alert are two people, in sequence: an operator, then an engagement officer, each with a decision
of their own. Nobody is engaged before a person has decided to engage. What breaks the form (one person in both roles,
an end before a start) is refused; what merely breaks a duty (no second person, engaged first) is taken as it happened,
and shows in the review. Subject ids of an engine are ordinals here; ``events.journal`` gives them out.

>>> check_roster([{"person": "p1", "roles": ["operator"]}, {"person": "p2", "roles": ["engagement-officer"]}])
>>> check_roster([{"person": "p1", "roles": ["operator", "engagement-officer"]}])
Traceback (most recent call last):
    ...
countersign.deployments.refusals.RolesConflict: brief.roster: one person is both the only operator and the only \
engagement officer
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from countersign.deployments.refusals import AlertOutOfOrder, RolesConflict

Alert = Mapping[str, Any]
FIRST, SECOND = "operator", "engagement-officer"


def check_alert(alert: Alert, place: str) -> None:
    """Hold one alert to itself. Raises ``RolesConflict`` or ``AlertOutOfOrder``."""
    people: dict[str, str] = {}
    for judgement in alert["adjudications"]:
        role = people.setdefault(judgement["person"], judgement["role"])
        if role != judgement["role"]:
            raise RolesConflict(
                f"{place}: {judgement['person']} verified the alert both as {role} and as {judgement['role']}"
            )
        if judgement["decided_at"] < alert["at"]:
            raise AlertOutOfOrder(
                f"{place}: a decision at {judgement['decided_at']} comes before the alert ({alert['at']})"
            )
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
    """Hold a roster to the separation of its roles: no one person alone both operates and engages. Raises
    ``RolesConflict``.
    """
    first = {one["person"] for one in persons if FIRST in one["roles"]}
    second = {one["person"] for one in persons if SECOND in one["roles"]}
    if len(first) == 1 and first == second:
        raise RolesConflict("brief.roster: one person is both the only operator and the only engagement officer")
