"""A published record in memory: documents, the rows found in them with their printed text, and what was refused.

Columns are those of ``docs/formats/columns.md``. A value that was not printed is ``None``, never zero. A ``Row`` keeps
page and printed text of every value, so that each figure can be traced to ink. Nothing here corrects anything.

>>> COLUMNS[0].name, COLUMNS[0].kind
('date', 'date')
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, NamedTuple

import msgspec

Kind = Literal["date", "text", "count", "minutes", "decimal", "percent"]


class ColumnSpec(NamedTuple):
    """A column: its name, what kind of value it holds, and what it means in the field's words."""

    name: str
    kind: Kind
    meaning: str


COLUMNS: tuple[ColumnSpec, ...] = (
    ColumnSpec("date", "date", "day of the deployment, ISO 8601"),
    ColumnSpec("place", "text", "place as printed"),
    ColumnSpec("area", "text", "borough or district as printed"),
    ColumnSpec("use_case", "text", "use case as printed"),
    ColumnSpec("duration_minutes", "minutes", "duration in whole minutes"),
    ColumnSpec("watchlist_size", "count", "entries on the watchlist"),
    ColumnSpec("threshold", "decimal", "minimum threshold setting of the engine"),
    ColumnSpec("faces_seen", "count", "faces seen: the force's own estimate"),
    ColumnSpec("alerts", "count", "total alerts"),
    ColumnSpec("true_alerts_confirmed", "count", "true alerts, confirmed"),
    ColumnSpec("true_alerts_unconfirmed", "count", "true alerts, unconfirmed (the force counts them as true)"),
    ColumnSpec("true_alerts", "count", "true alerts as the force counts them: confirmed and unconfirmed"),
    ColumnSpec("false_alerts_confirmed", "count", "false alerts, confirmed"),
    ColumnSpec("false_alerts_unconfirmed", "count", "false alerts, unconfirmed"),
    ColumnSpec("false_alerts", "count", "false alerts: confirmed and unconfirmed"),
    ColumnSpec("false_alert_rate_printed", "percent", "false alert rate exactly as printed"),
    ColumnSpec("false_alert_engagements", "count", "people engaged after a false alert"),
    ColumnSpec("true_alert_engagements", "count", "people engaged after a true alert"),
    ColumnSpec("arrests", "count", "outcome: arrest"),
    ColumnSpec("other_disposal", "count", "outcome: other"),
    ColumnSpec("no_action", "count", "outcome: no action"),
    ColumnSpec("source", "text", "the document the row was printed in"),
)
COLUMN_NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)


class Row(msgspec.Struct, frozen=True):
    """One deployment as printed. ``document`` is a ``Document.id``; ``number`` counts its rows from 1 in printed order.

    ``printed`` holds the text of a cell as it stood in the source where it differs from the plain value (for PDF and
    spreadsheet sources, of every cell), by column name. ``page`` is a PDF page or sheet row's sheet number, from 1.
    """

    document: str
    number: int
    date: datetime.date | None = None
    place: str | None = None
    area: str | None = None
    use_case: str | None = None
    duration_minutes: int | None = None
    watchlist_size: int | None = None
    threshold: Decimal | None = None
    faces_seen: int | None = None
    alerts: int | None = None
    true_alerts_confirmed: int | None = None
    true_alerts_unconfirmed: int | None = None
    true_alerts: int | None = None
    false_alerts_confirmed: int | None = None
    false_alerts_unconfirmed: int | None = None
    false_alerts: int | None = None
    false_alert_rate_printed: str | None = None
    false_alert_engagements: int | None = None
    true_alert_engagements: int | None = None
    arrests: int | None = None
    other_disposal: int | None = None
    no_action: int | None = None
    page: int | None = None
    printed: Mapping[str, str] = {}


class Refused(msgspec.Struct, frozen=True):
    """A row or cell that could not be read, kept aside: where it stood, what it said, and why it was not taken."""

    document: str
    page: int | None
    place: str
    printed: str
    reason: str


class Document(msgspec.Struct, frozen=True):
    """One published document. ``id`` is short and stable; ``published`` is ISO or empty; ``sha256`` of the file read.

    ``columns`` are the columns this document has at all, as opposed to cells left empty. ``notes`` are footnotes and
    remarks of the reader ("3 hidden rows were read").
    """

    id: str
    title: str
    publisher: str = ""
    published: str = ""
    sha256: str = ""
    file: str = ""
    kind: str = ""
    address: str = ""
    columns: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


class Record(msgspec.Struct, frozen=True):
    """Everything read from one or more published documents, rows in the order printed."""

    documents: tuple[Document, ...]
    rows: tuple[Row, ...]
    refused: tuple[Refused, ...] = ()

    def document(self, identifier: str) -> Document:
        """The document with this id. Raises ``KeyError``."""
        for document in self.documents:
            if document.id == identifier:
                return document
        raise KeyError(identifier)
