"""Cells left empty in a column that the document has, dates that can be read in two ways, and dashes that mean zero.

A column that a document does not have at all is no fault of a row. A column empty in most rows is one fault of the
document; else a row is one fault, naming every column it leaves empty. A doubtful date is in no figure by date until a
map or a correction settles it. Where the sums or printed rates of its own rows show that a dash means zero, or a column
of small counts prints no zero at all, the proposal is to read it so, and both readings are given.

>>> from countersign.published.table.record import Document, Row
>>> rows = (Row("d", 1, faces_seen=5), Row("d", 2), Row("d", 3, faces_seen=7))
>>> [(fault.row, fault.column) for fault in find_gaps(Record((Document("d", "D"),), rows))]
[(2, 'faces_seen')]
>>> dash = {"false_alerts": "-"}
>>> rows = (Row("d", 1, alerts=2, true_alerts=2, printed=dash), Row("d", 2, faces_seen=100, false_alerts=1))
>>> [fault.code for fault in find_doubts(Record((Document("d", "D"),), rows))]
['dash-means-zero']
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from countersign.published.faults.codes import Fault, draft, where
from countersign.published.faults.printed_rates import read_rate
from countersign.published.faults.sums import SUMS
from countersign.published.table.record import COLUMN_NAMES, COLUMNS, Document, Record, Row, Unsure, added
from countersign.published.table.values import beyond_all
from countersign.words.intervals import one_in
from countersign.words.lists import be, counted, listing
from countersign.words.names import token
from countersign.words.numbers import count

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
        f"run over the other {counted(rows - empty, 'row')} only.",
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


#: Marks that hold no value and are often printed for zero.
DASHES = frozenset({"-", "–", "—", "--", "−", "‐", "/", "."})
#: A column whose largest count is at most this prints no zero only because it prints a mark for it.
SMALL = 20
#: The most dates named in one message.
MOST_NAMED = 5
_COUNTS = tuple(column.name for column in COLUMNS if column.kind == "count" and column.name != "watchlist_size")


def find_doubts(record: Record) -> list[Fault]:
    """A ``date-form-doubtful`` for a document with such dates, an ``unread-value`` and a ``dash-means-zero`` for each
    column with such cells.
    """
    faults: list[Fault] = []
    for document in record.documents:
        rows = [row for row in record.rows if row.document == document.id]
        faults += _dates(document, rows)
        faults += _unread(document, rows)
        faults += [fault for column in _COUNTS if (fault := _dashes(document, rows, column)) is not None]
    return faults


def _dates(document: Document, rows: Sequence[Row]) -> list[Fault]:
    doubted = [(row, doubt) for row in rows if (doubt := row.unsure.get("date")) and doubt.kind == "doubtful"]
    if not doubted:
        return []
    shown = [
        f"row {row.number}: {doubt.reason}{f' (most likely {doubt.reading})' if doubt.reading else ''}"
        for row, doubt in doubted[:MOST_NAMED]
    ]
    more = f"; and {count(len(doubted) - MOST_NAMED)} more" if len(doubted) > MOST_NAMED else ""
    alone = doubted[0][0].number if len(doubted) == 1 else None
    return [
        draft(
            "date-form-doubtful", document.id, alone, "date",
            f"{document.id}: {counted(len(doubted), 'date')} of {counted(len(rows), 'row')} {be(len(doubted))} "
            f"doubtful and in no figure by date: {'; '.join(shown)}{more}. A map or a correction settles it.",
            tuple((f"row {row.number}", doubt.reading or "not known") for row, doubt in doubted),
        )
    ]  # fmt: skip


def _unread(document: Document, rows: Sequence[Row]) -> list[Fault]:
    """An ``unread-value`` for each column with cells that cannot be read; counts beyond all people are in ``sums``."""
    by_column: dict[str, list[tuple[Row, Unsure]]] = {}
    for row in rows:
        for column, doubt in row.unsure.items():
            if doubt.kind == "unread" and not beyond_all(doubt):
                by_column.setdefault(column, []).append((row, doubt))
    faults = []
    for column, found in by_column.items():
        shown = [f"row {row.number}: {doubt.reason}" for row, doubt in found[:MOST_NAMED]]
        more = f"; and {count(len(found) - MOST_NAMED)} more" if len(found) > MOST_NAMED else ""
        alone = found[0][0].number if len(found) == 1 else None
        faults.append(
            draft(
                "unread-value", document.id, alone, column,
                f"{document.id}: {token(column)} cannot be read in {counted(len(found), 'row')} of "
                f"{count(len(rows))}, and {be(len(found), 'is', 'are')} in no figure: {'; '.join(shown)}{more}.",
                tuple((f"row {row.number}", row.printed.get(column, doubt.reading)) for row, doubt in found),
            )
        )  # fmt: skip
    return faults


def _dashes(document: Document, rows: Sequence[Row], column: str) -> Fault | None:
    marked = [row for row in rows if getattr(row, column) is None and row.printed.get(column, "").strip() in DASHES]
    if not marked:
        return None
    shown = [row for row in marked if _shown_zero(row, column)]
    sums = [stated for stated in document.stated if column in stated.counts and any(map(stated.covers, marked))]
    fit = [stated.counts[column] == added(filter(stated.covers, rows), column)[0] for stated in sums]
    if any(_shown_other(row, column) for row in marked) or not all(fit):
        return None
    values = [value for row in rows if (value := getattr(row, column)) is not None]
    unzeroed = bool(values) and 0 not in values and max(values) <= SMALL
    if not shown and not unzeroed and not fit:
        return None
    name = column.replace("_", " ")
    texts = sorted({f'"{row.printed[column].strip()}"' for row in marked})
    why = "no zero is printed in the column, though its counts are small"
    if fit:
        why = "the sum that is printed is that of the other rows"
    if shown:
        why = f"the sums or rates of {counted(len(shown), 'row')} show that it means zero"
    reading = _both_readings(rows, marked, column)
    return draft(
        "dash-means-zero", document.id, None, column,
        f"{document.id}: {listing(texts)} stands for {name} in {counted(len(marked), 'row')} of {count(len(rows))}, "
        f"and {why}. It was read as no value{reading}. A map with zero = [{', '.join(texts)}] reads it as zero.",
        (("rows with the mark", count(len(marked))), ("rows that show zero", count(len(shown)))),
    )  # fmt: skip


def _shown_zero(row: Row, column: str) -> bool:
    for whole, parts in SUMS:
        values = [getattr(row, name) for name in (whole, *parts)]
        if column in parts:
            other = parts[1] if column == parts[0] else parts[0]
            if getattr(row, whole) is not None and getattr(row, whole) == getattr(row, other):
                return True
        if column == whole and None not in values[1:] and sum(values[1:]) == 0:
            return True
    return column in ("false_alerts", "false_alerts_confirmed") and _printed_rate(row) == 0


def _shown_other(row: Row, column: str) -> bool:
    for whole, parts in SUMS:
        if column in parts:
            other = parts[1] if column == parts[0] else parts[0]
            total, rest = getattr(row, whole), getattr(row, other)
            if total is not None and rest is not None and total != rest:
                return True
        if column == whole and any((getattr(row, part) or 0) > 0 for part in parts):
            return True
    return column == "false_alerts" and (_printed_rate(row) or 0) > 0


def _printed_rate(row: Row) -> int | None:
    rate = read_rate(row.false_alert_rate_printed) if row.false_alert_rate_printed else None
    return rate.units if rate is not None and not rate.bound else None


def _both_readings(rows: Sequence[Row], marked: Sequence[Row], column: str) -> str:
    if column not in ("false_alerts", "false_alerts_confirmed"):
        return ""
    printed = [row for row in rows if getattr(row, column) is not None and row.faces_seen]
    with_zeros = [*printed, *(row for row in marked if row.faces_seen)]
    events = sum(getattr(row, column) for row in printed)
    if not events:
        return ""
    ways = [one_in(sum(row.faces_seen or 0 for row in some) / events) for some in (printed, with_zeros)]
    return f", which gives {ways[0]} faces over {counted(len(printed), 'row')}; read as zero it gives {ways[1]}"
