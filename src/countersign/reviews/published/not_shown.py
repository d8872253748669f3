"""What is not shown: what the sources leave out, found from the rows, and what no such table can hold.

A column is *not published* where a document prints it in no row, and *left empty* in single rows. The second list is
the same for any force: it names what a reader would need in order to judge accuracy or targeting, and what a table of
counts by deployment cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from countersign.published.table.record import Document, Record, Row
from countersign.reviews.model import NotShown
from countersign.words.phrases import counted, listing
from countersign.words.wording import capital

#: Columns whose absence is told: the name in a sentence, and what its absence keeps from the reader.
TOLD: dict[str, tuple[str, str]] = {
    "duration_minutes": ("duration", "no rate per hour can be given, and faces per hour cannot be followed"),
    "watchlist_size": ("size of the watchlist", "nothing can be said of how many were sought"),
    "threshold": ("threshold setting", "which setting an alert was raised at is unknown"),
    "faces_seen": ("faces seen", "no rate per face can be given"),
    "alerts": ("alerts", "no rate per alert can be given"),
    "true_alerts": ("true alerts", "how many alerts the force counts as true is unknown"),
    "false_alerts": ("false alerts", "how many alerts the force counts as false is unknown"),
    "true_alerts_unconfirmed": (
        "alerts left unconfirmed", "false alerts cannot be bounded above: an unconfirmed alert may have been false"
    ),
    "false_alert_engagements": (
        "people engaged after a false alert", "how many people were stopped after a false alert is unknown"
    ),
    "true_alert_engagements": (
        "people engaged after a true alert", "how often an officer decided against an engagement is unknown"
    ),
    "arrests": ("arrests", "outcomes cannot be followed"),
    "other_disposal": ("other outcomes", "outcomes short of arrest cannot be followed"),
    "no_action": ("no action taken", "how often nothing followed is unknown"),
}  # fmt: skip
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
#: So many row numbers are named before the rest is only counted.
MOST_NUMBERS = 6


def not_shown(record: Record) -> tuple[NotShown, ...]:
    """The list for a record: columns never published, cells left empty, then what no such table holds."""
    rows: dict[str, list[Row]] = {document.id: [] for document in record.documents}
    for row in record.rows:
        rows[row.document].append(row)
    documents = [document for document in record.documents if rows[document.id]]
    return (
        *_never(documents, rows),
        *(line for document in documents for line in _empty(document, rows[document.id])),
        *(NotShown(what, "in any table of deployments", because) for what, because in ALWAYS),
    )


def _never(documents: Sequence[Document], rows: Mapping[str, Sequence[Row]]) -> Iterator[NotShown]:
    """A line for each column that some documents print in no row."""
    for column, (name, because) in TOLD.items():
        without = [
            document.title
            for document in documents
            if all(getattr(row, column) is None for row in rows[document.id])
        ]  # fmt: skip
        if without:
            where = "every document reviewed" if len(without) == len(documents) > 1 else listing(without)
            yield NotShown(capital(name), where, because)


def _empty(document: Document, rows: Sequence[Row]) -> Iterator[NotShown]:
    """A line for each set of rows that leave the same columns empty which the document prints elsewhere."""
    printed = [column for column in TOLD if any(getattr(row, column) is not None for row in rows)]
    found: dict[tuple[str, ...], list[int]] = {}
    for row in rows:
        empty = tuple(column for column in printed if getattr(row, column) is None)
        if empty:
            found.setdefault(empty, []).append(row.number)
    for columns, numbers in found.items():
        named = ", ".join(map(str, numbers[:MOST_NUMBERS])) + (" and more" if len(numbers) > MOST_NUMBERS else "")
        yield NotShown(
            f"{capital(listing([TOLD[column][0] for column in columns]))}, in {counted(len(numbers), 'row')}",
            f"{document.title}, row{'' if len(numbers) == 1 else 's'} {named}",
            "left empty, and in no sum or rate",
        )
