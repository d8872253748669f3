"""A published row as a view: what was printed stands as the force's own statement, what was not printed is absent.

So a row goes through the same rulebook as a record, and most duties come out *not shown*: the report then says what to
ask for. Only what a row can say is put in: the day, the place, counts, list size, threshold, and the window's length.
Nothing is worked out from it, and nothing is corrected. The row's number stands where an entry's place in a log would.

>>> import datetime
>>> from countersign.published.table.record import Row
>>> view = view_of_row(Row("met-2024", 3, date=datetime.date(2024, 5, 1), faces_seen=9000, false_alerts=1), "met/row-3")
>>> view.get("results.faces")[0].value, view.get("results.alerts"), view.get("policy.digest")
(9000, (), ())
"""

from __future__ import annotations

from typing import Any

from countersign.deployments.view import Statement, View
from countersign.published.table.record import Row

#: Column of a row: field of ``publish.results``. Totals of true and false alerts are used where the parts are not
# printed.
FIELDS = {
    "place": "place", "use_case": "purpose", "watchlist_size": "list_size", "faces_seen": "faces", "alerts": "alerts",
    "true_alerts_confirmed": "confirmed_true", "false_alerts_confirmed": "confirmed_false", "arrests": "arrests",
}  # fmt: skip


def facts_of_row(row: Row) -> dict[str, Any]:
    """The facts a row states, in the words of the vocabulary; a cell that was not printed gives no field."""
    facts: dict[str, Any] = {}
    for column, field in FIELDS.items():
        value = getattr(row, column)
        if value is not None:
            facts[field] = value
    if row.date is not None:
        facts["date"] = row.date.isoformat()
    if row.threshold is not None:
        facts["threshold"] = format(row.threshold, "f")
    # Unconfirmed alerts, whichever way the force counts them, were never resolved: both readings are weighed.
    parts = (row.true_alerts_unconfirmed, row.false_alerts_unconfirmed)
    if None not in parts:
        facts["unresolved"] = sum(part for part in parts if part is not None)
    if row.false_alerts is not None and row.false_alerts_confirmed is None:
        facts["false"] = row.false_alerts
    if row.true_alerts is not None and row.true_alerts_confirmed is None:
        facts["true"] = row.true_alerts
    if row.false_alert_engagements is not None and row.true_alert_engagements is not None:
        facts["engagements"] = row.false_alert_engagements + row.true_alert_engagements
    return facts


def view_of_row(row: Row, subject: str) -> View:
    """The view of one published row under a subject ``force/deployment``, as the force's own word."""
    at = "" if row.date is None else f"{row.date.isoformat()}T00:00:00Z"
    statement = Statement(
        "results", row.number, subject, at, "press-officer", "", "force", False, (), facts_of_row(row), {}
    )
    return View(subject, {"results": (statement,)})
