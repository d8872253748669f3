"""A published record in memory: documents, the rows found in them with their printed text, and what was refused.

Columns are those of ``docs/formats/columns.md``. A value that was not printed is ``None``, never zero. A ``Row`` keeps
page and printed text of every value, so that each figure can be traced to ink. Nothing here corrects anything.

>>> COLUMNS[0].name, COLUMNS[0].kind
('date', 'date')
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Literal, NamedTuple

import msgspec

#: A row over more days than these covers a period of deployments, unless it says how many there were.
LONGEST_DAYS = 14

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
    ColumnSpec("date_to", "date", "last day, where a row covers several days, a month, a quarter or a year"),
    ColumnSpec("deployments", "count", "how many deployments the row covers, where it is printed"),
    ColumnSpec("source", "text", "the document the row was printed in"),
)
COLUMN_NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)
#: The columns whose values add up over rows.
SUMMED: tuple[str, ...] = tuple(
    column.name for column in COLUMNS if column.kind == "count" and column.name != "watchlist_size"
)


Certainty = Literal["bounded", "approximate", "withheld", "unread", "doubtful"]


class Unsure(msgspec.Struct, frozen=True):
    """A printed value that is not one exact value; the column itself then holds ``None``.

    ``bounded`` ("<5", "over 35,000") and ``approximate`` ("c. 35,000") have ``low`` and ``high``, both inclusive;
    ``high`` is ``None`` where nothing bounds it. ``withheld``, ``unread`` and ``doubtful`` values have neither.
    ``reason`` is a clause; ``reading`` is what a doubtful or unread text most likely means, as plain text, or empty.
    """

    kind: Certainty
    reason: str
    low: int | None = None
    high: int | None = None
    reading: str = ""


class Row(msgspec.Struct, frozen=True):
    """One printed row: a deployment, or a period of them. ``number`` counts a document's rows from 1 in printed order.

    ``document`` is a ``Document.id``. ``printed`` holds the text of a cell as it stood in the source where it differs
    from the plain value (for PDF and spreadsheet sources, of every cell), by column name. ``unsure`` holds, by column
    name, what is known of values that are not exact. ``page`` is a PDF page or a sheet's number, from 1. A row of a
    single day has no ``date_to``; where a row covers a period, ``date`` is its first day, or ``None`` where only its
    end is printed.
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
    date_to: datetime.date | None = None
    deployments: int | None = None
    page: int | None = None
    printed: Mapping[str, str] = {}
    unsure: Mapping[str, Unsure] = {}

    @property
    def period(self) -> bool:
        """Whether the row covers more than a deployment of some days: a month, a quarter, a year, or a stated count."""
        if self.deployments is not None and self.deployments != 1:
            return True
        if self.date_to is None:
            return False
        return self.date is None or (self.date_to - self.date).days >= LONGEST_DAYS


class Refused(msgspec.Struct, frozen=True):
    """A row or cell that could not be read, kept aside: where it stood, what it said, and why it was not taken."""

    document: str
    page: int | None
    place: str
    printed: str
    reason: str


class Stated(msgspec.Struct, frozen=True):
    """What a document itself prints as the sum of ``rows_covered`` of its rows: in a row of totals or in a summary.

    ``counts``: by column; ``deployments`` is how many rows there are. The rows are those numbered ``first_row`` to
    ``last_row``, or, where these are ``None``, those dated ``start`` to ``end``.
    """

    place: str
    rows_covered: int
    counts: Mapping[str, int]
    first_row: int | None = None
    last_row: int | None = None
    start: datetime.date | None = None
    end: datetime.date | None = None

    def covers(self, row: Row) -> bool:
        """Whether a row of the document is among those added up."""
        if self.first_row is not None and self.last_row is not None:
            return self.first_row <= row.number <= self.last_row
        return None not in (row.date, self.start, self.end) and self.start <= row.date <= self.end  # type: ignore[operator]


class Document(msgspec.Struct, frozen=True):
    """One published document. ``id`` is short and stable; ``published`` is ISO or empty; ``sha256`` of the file read.

    ``columns`` are the columns this document has at all, as opposed to cells left empty. ``notes`` are footnotes and
    remarks of the reader ("3 hidden rows were not read"). ``system`` names another system than the usual, such as
    cameras fixed in a street: its rows are a regime of their own. ``ocr_layer``: its text is a layer that a program
    recognised under a scan, read because somebody asked for it. ``stated``: sums that it prints itself.
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
    system: str = ""
    ocr_layer: bool = False
    stated: tuple[Stated, ...] = ()


def added(rows: Iterable[Row], column: str) -> tuple[int, int | None]:
    """The least and the most that a column can add up to, ``None`` where nothing bounds it; a row counts once.

    >>> small = Unsure("bounded", "'<5' is printed", 0, 4)
    >>> added((Row("d", 1, alerts=3), Row("d", 2, unsure={"alerts": small})), "alerts")
    (3, 7)
    """
    low, high, bounded = 0, 0, True
    for row in rows:
        value, doubt = getattr(row, column), row.unsure.get(column)
        if value is None and doubt is None and column == "deployments":
            value = 1
        if value is not None:
            low, high = low + value, high + value
        elif doubt is not None and doubt.high is not None:
            low, high = low + (doubt.low or 0), high + doubt.high
        else:
            low, bounded = low + (doubt.low or 0 if doubt is not None else 0), False
    return low, high if bounded else None


def fits(value: int, low: int, high: int | None) -> bool:
    """Whether a value lies between two ends, the upper of which may be open."""
    return low <= value and (high is None or value <= high)


class Record(msgspec.Struct, frozen=True):
    """Everything read from one or more published documents, rows in the order printed.

    Rows found are rows reported, rows refused, and rows set aside: totals, summaries, and rows printed elsewhere too.
    """

    documents: tuple[Document, ...]
    rows: tuple[Row, ...]
    refused: tuple[Refused, ...] = ()
    set_aside: tuple[Refused, ...] = ()

    def document(self, identifier: str) -> Document:
        """The document with this id. Raises ``KeyError``."""
        for document in self.documents:
            if document.id == identifier:
                return document
        raise KeyError(identifier)
