"""A deployment watched from its own record: the hours entered, held to the limits that its authority fixed.

What ``events watch`` says of an engine's journal is said here of the log, for those who keep it: what alerts turned out
to be lies sealed, and a reader without it learns the public counts alone.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from countersign.deployments.kinds import noun_of
from countersign.deployments.limits import KIND as LIMITS
from countersign.deployments.view import Statement, View
from countersign.events.door.line import ALERT
from countersign.events.watch.promised import Promised
from countersign.events.watch.watched import Watched
from countersign.events.watch.watching import How, Watch, watch
from countersign.inference.clusters import intensity
from countersign.words.intervals import rate_range, rate_words

#: The facts that watching reads of each kind.
READ = {
    "live.opened": ("opened_at", "list_digest", "threshold"),
    "live.change": ("changed_at", "what", "list_digest", "threshold"),
    "live.resumed": ("resumed_at", "threshold"),
    "live.staffing": ("since", "operators", "engagement_officers"),
    "live.suspended": ("suspended_at",),
    "close.cancellation": ("closed_at", "reason"),
}


class Entered(NamedTuple):
    """The public counts of the hours on the record, and alerts a face with its 95% interval, in words."""

    hours: tuple[dict[str, Any], ...]
    faces: int
    alerts: int
    rate: str
    interval: str


def entered_in(view: View) -> Entered:
    """What the hours on the record come to. The interval is the wider of Garwood's and the one between hours."""
    hours = tuple(
        {name: hour.one(name) for name in ("hour", "faces", "alerts")} | {"entry": hour.entry}
        for hour in sorted(_own(view, "live.hour"), key=lambda hour: str(hour.one("hour")))
    )
    faces, alerts = [hour["faces"] for hour in hours], [hour["alerts"] for hour in hours]
    if not sum(faces):
        return Entered(hours, 0, sum(alerts), "", "")
    rate = intensity(sum(alerts), sum(faces), clusters=(alerts, faces) if min(faces) else None)
    words = rate_words(rate.estimate) if rate.estimate else ""
    return Entered(hours, sum(faces), sum(alerts), words, rate_range(rate.widest.low, rate.widest.high, rate.estimate))


def watched_in(view: View) -> Watch | None:
    """What the counts on the record show against the declared limits; ``None`` where the limits are not held here."""
    limits = view.last(noun_of(LIMITS))
    document = None if limits is None else limits.one("sealed.document")
    if document is None:
        return None
    seen = Watched()
    for kind, names in READ.items():
        for statement in _own(view, kind):
            facts = {name: statement.one(name) for name in names}
            seen.add(kind, {name: value for name, value in facts.items() if value is not None})
    for hour in _own(view, "live.hour"):
        counted = hour.one("system_alerts")
        alerts = hour.one("alerts") if counted is None else counted
        seen.add("live.hour", {"hour": hour.one("hour"), "faces": hour.one("faces"), "alerts": alerts})
        for alert in hour.values("sealed.alerts[]"):
            seen.add(ALERT, alert)
    return watch(Promised.of(document), seen, How())


def _own(view: View, kind: str) -> tuple[Statement, ...]:
    return tuple(one for one in view.statements(noun_of(kind)) if one.subject == view.subject)
