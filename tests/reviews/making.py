"""Small records for the tests of this package, each value as given or as on an ordinary deployment."""

from __future__ import annotations

import datetime
from decimal import Decimal

from countersign.published.table.record import Document, Record, Row


def made_row(number: int, day: str | None = "2024-05-01", document: str = "a", **values: object) -> Row:
    """A row of a made record, with ordinary values unless others are given (``None`` leaves one out)."""
    usual: dict[str, object] = {
        "place": "Hill St",
        "use_case": "1",
        "duration_minutes": 300,
        "watchlist_size": 10_000,
        "threshold": Decimal("0.60"),
        "faces_seen": 5_000,
        "alerts": 5,
        "true_alerts_confirmed": 4,
        "true_alerts_unconfirmed": 0,
        "true_alerts": 4,
        "false_alerts": 1,
        "arrests": 2,
    }
    chosen = {name: value for name, value in (usual | values).items() if value is not None}
    date = None if day is None else datetime.date.fromisoformat(day)
    return Row(document, number, date=date, **chosen)  # type: ignore[arg-type]


def made_record(*rows: Row) -> Record:
    """A record of these rows; each document prints the columns that one of its rows has."""
    names = list(dict.fromkeys(row.document for row in rows))
    columns = {
        name: frozenset(
            column
            for row in rows
            if row.document == name
            for column in row.__struct_fields__
            if getattr(row, column) is not None
        )
        for name in names
    }
    return Record(tuple(Document(name, f"Document {name}", "A Force", columns=columns[name]) for name in names), rows)
