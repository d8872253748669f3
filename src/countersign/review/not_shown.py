"""What is not shown: what the sources leave out, found from the rows, and what no such table can hold.

A column is *not published* where a document prints it in no row, and *in part* where some rows are empty. The second
list is the same for any force: it names what a reader would need in order to judge accuracy or targeting, and what a
table of counts by deployment cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterator

from countersign.published.rows import COLUMNS, Document, Record
from countersign.review.model import NotShown
from countersign.review.wording import be, counted, listing

#: Columns whose absence is told, with what it keeps from the reader.
TOLD: dict[str, str] = {
    "duration_minutes": "no rate per hour can be given, and faces per hour cannot be followed",
    "watchlist_size": "nothing can be said of the size of the lists",
    "threshold": "which setting an alert was raised at is unknown",
    "faces_seen": "no rate per face can be given",
    "alerts": "no rate per alert can be given",
    "true_alerts": "how many alerts the force counts as true is unknown",
    "false_alerts": "how many alerts the force counts as false is unknown",
    "true_alerts_unconfirmed": "how many alerts nobody confirmed is unknown, so false alerts cannot be bounded above",
    "false_alert_engagements": "how many people were stopped after a false alert is unknown",
    "true_alert_engagements": "how often an officer decided against an engagement is unknown",
    "arrests": "outcomes cannot be followed",
    "other_disposal": "outcomes other than arrest cannot be followed",
    "no_action": "how often nothing followed is unknown",
}
ALWAYS: tuple[tuple[str, str], ...] = (
    ("People on the watchlist who passed unnoticed (missed matches)",
     "a table of alerts holds none of them, so nothing can be said about how many were found of those who came by"),
    ("Who passed the camera, by sex, age or ethnicity",
     "without it no rate by group exists, only shares of alerts"),
    ("Who was on the watchlist, for which reasons, and how many were on several lists",
     "only the size is printed, so list entries are not people"),
    ("How many different people were seen",
     "faces seen is the force's estimate of faces, and one person may be counted many times"),
    ("Where exactly the camera looked, what signs stood there and what people were told",
     "this needs someone who was there"),
    ("What officers decided, and why, at each alert", "only outcomes are printed"),
    ("Which engine and version was used", "a change of engine would not show"),
)  # fmt: skip


def not_shown(record: Record) -> tuple[NotShown, ...]:
    """The list for a record: by column of the documents, then what no such table holds."""
    found = [line for column, because in TOLD.items() for line in _of_column(record, column, because)]
    found += [NotShown(what, "in any table of deployments", because) for what, because in ALWAYS]
    return tuple(found)


def _of_column(record: Record, column: str, because: str) -> Iterator[NotShown]:
    meaning = next(spec.meaning for spec in COLUMNS if spec.name == column).split(":")[0]
    absent: list[Document] = []
    for document in record.documents:
        rows = [row for row in record.rows if row.document == document.id]
        empty = [row for row in rows if getattr(row, column) is None]
        if not rows:
            continue
        if len(empty) == len(rows):
            absent.append(document)
        elif empty:
            numbers = ", ".join(str(row.number) for row in empty[:5]) + (" ..." if len(empty) > 5 else "")
            yield NotShown(
                f"{_capital(meaning)}, in {counted(len(empty), 'row')}", f"{document.title}, row {numbers}",
                f"{because}, for {be(len(empty), 'this row', 'these rows')}",
            )  # fmt: skip
    if absent:
        titles = listing([document.title for document in absent])
        where = "any document reviewed" if len(absent) == len(record.documents) and len(absent) > 1 else titles
        yield NotShown(_capital(meaning), where, because)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
