"""Cells left empty in a column that the document has.

A column that a document does not have at all is not a fault of a row: what was not published is told elsewhere (not
shown). A column empty in most rows is told once for the document, with how many rows lack it; else a row is told
once, naming every column it leaves empty. Columns are those the reader found (``Document.columns``), or, where it
says none, those with a value in any row.

>>> from countersign.published.table.record import Document, Row
>>> rows = (Row("d", 1, faces_seen=5), Row("d", 2), Row("d", 3, faces_seen=7))
>>> [(fault.row, fault.column) for fault in find_gaps(Record((Document("d", "D"),), rows))]
[(2, 'faces_seen')]
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from countersign.published.faults.codes import Fault, draft, where
from countersign.published.table.record import COLUMN_NAMES, Document, Record, Row
from countersign.words.lists import be, counted, listing
from countersign.words.names import token

#: A column is told of once for the document from this share of empty cells on.
MOSTLY = 0.5
_ASKED = tuple(name for name in COLUMN_NAMES if name not in ("source", "area", "date_to", "deployments"))


def find_gaps(record: Record) -> list[Fault]:
    """A ``missing-value`` for each row with empty cells, and for each column that is mostly empty."""
    faults: list[Fault] = []
    for document in record.documents:
        rows = [row for row in record.rows if row.document == document.id]
        if rows:
            faults += _of_document(document, rows)
    return faults


def _of_document(document: Document, rows: Sequence[Row]) -> list[Fault]:
    columns = zip(*map(attrgetter(*_ASKED), rows), strict=True)
    empty = {name: values.count(None) for name, values in zip(_ASKED, columns, strict=True)}
    for row in rows:
        for name in row.unsure:
            if name in empty and getattr(row, name) is None:
                empty[name] -= 1  # something is printed there; it is no empty cell
    has = [name for name in _ASKED if (name in document.columns if document.columns else empty[name] < len(rows))]
    mostly = [name for name in has if empty[name] > MOSTLY * len(rows)]
    faults = [_column(document, name, empty[name], len(rows)) for name in mostly]
    asked = [name for name in has if name not in mostly and empty[name]]
    for row in rows if asked else ():
        lacking = [name for name in asked if getattr(row, name) is None and name not in row.unsure]
        if lacking:
            faults.append(_row(row, lacking))
    return faults


def _column(document: Document, name: str, empty: int, rows: int) -> Fault:
    return draft(
        "missing-value", document.id, None, name,
        f"{document.id}: {name.replace('_', ' ')} is left empty in {empty:,} of {counted(rows, 'row')}; sums over it "
        f"run over the other {rows - empty:,} only.",
        (("empty", f"{empty:,}"), ("rows", f"{rows:,}")),
    )  # fmt: skip


def _row(row: Row, lacking: Sequence[str]) -> Fault:
    names = listing([token(name) for name in lacking])
    printed = sorted({text for name in lacking if (text := row.printed.get(name, "").strip())})
    said = f" ({listing([repr(text) for text in printed])} is printed there)" if printed else ""
    return draft(
        "missing-value", row.document, row.number, lacking[0] if len(lacking) == 1 else None,
        f"{where(row)}: no value is given for {names}{said}; the row is left out of every figure that needs "
        f"{be(len(lacking), 'it', 'them')}.",
        (("empty", names),),
    )  # fmt: skip
