"""What of a published file does not pass the door: a leak costs its cell, never the file.

Every text of a record is looked at by itself, with its row and with its column, so that a picture cut over the cells
of a row or a column does not come through. A cell that leaks reads as withheld by us, and a note of its document says
which and why. Places may have house numbers and postcodes; a printed rate, all the digits of a quotient of its row.

>>> from countersign.published.table.record import Document, Record, Row
>>> kept = screened(Record((Document("a", "A"),), (Row("a", 1, place="ring 020 7946 0018", alerts=3),)))
>>> kept.rows[0].place, kept.rows[0].unsure["place"].reason, kept.documents[0].notes
(None, 'withheld here, as it holds a telephone number', ('Withheld here: row 1, place (a telephone number).',))
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import permutations
from operator import attrgetter

from msgspec.structs import replace

from countersign.leaks import MOST_FRACTIONS, MOST_NOISE, NUMBERS, cut_up, leak_in, noise_of, shown_or_kind
from countersign.published.table.record import COLUMNS, Document, Record, Refused, Row, Unsure

#: Cells named in one note of a document.
MOST_NAMED = 12
MOST_PLAIN = 10**8
CUT_UP = "a part of data that was cut up over its column or row"
_CELLS = tuple(column.name for column in COLUMNS if column.name != "source")
_RATE = re.compile(r"\d{1,3}[.,]\d{1,20}(?:e-\d{1,2})?%?", re.I)
_RATIO = ("false_alerts", "alerts", "faces_seen", "true_alerts", "false_alerts_confirmed")


def screened(record: Record) -> Record:
    """The record without what leaks; the same object where nothing does."""
    rows, leaks = record.rows, _leaking_cells(record.rows)
    names = {document.id: _name(document, number) for number, document in enumerate(record.documents, start=1)}
    parts = cut_up(part for kept in (*record.refused, *record.set_aside) for part in kept.printed.split(" | "))
    documents = tuple(_document(each, names, _told(each.id, rows, leaks)) for each in record.documents)
    rows = tuple(
        _row(row, names, leaks.get(index, {})) if index in leaks or names.get(row.document) != row.document else row
        for index, row in enumerate(rows)
    )
    refused, set_aside = (
        tuple(_kept(each, names, parts) for each in kept) for kept in (record.refused, record.set_aside)
    )
    made = Record(documents, rows, refused, set_aside)
    return record if made == record else made


def _leaking_cells(rows: Sequence[Row]) -> dict[int, dict[str, str]]:
    """By the position of a row, the cells that leak and why."""
    leaks: dict[int, dict[str, str]] = {}
    columns = _columns(rows)
    distinct = set().union(*columns.values())  # few texts are distinct, so each is looked at once
    leaking = {text: kind for text in distinct if (kind := leak_in(text, of_place=True)) is not None}
    noise = {text: count for text in distinct if len(text) > 7 and (count := noise_of(text))}
    broken = {text for text in distinct if _is_fraction(text)}
    parts = {name: is_part for name, texts in columns.items() if (is_part := cut_up(texts)) is not None}
    # A row holds one text of each column: what cannot add up to too much in any row is not looked for in rows.
    if sum(max((noise.get(text, 0) for text in texts), default=0) for texts in columns.values()) <= MOST_NOISE:
        noise = {}
    if sum(not broken.isdisjoint(texts) for texts in columns.values()) <= MOST_FRACTIONS:
        broken = set()
    suspect = {*leaking, *noise, *broken}
    if not suspect and not parts:
        return leaks
    texts = [_texts(row, tuple(columns)) for row in rows]
    for index, cells in enumerate(texts):
        if suspect.isdisjoint(cells.values()):
            continue
        for name, text in cells.items():
            if text in leaking:
                leaks.setdefault(index, {})[name] = leaking[text]
        noisy = {name: noise[text] for name, text in cells.items() if text in noise}
        fractions = [name for name, text in cells.items() if text in broken]
        if sum(noisy.values()) > MOST_NOISE:
            leaks.setdefault(index, {}).update({name: CUT_UP for name, noise in noisy.items() if noise})
        if len(fractions) > MOST_FRACTIONS:
            leaks.setdefault(index, {}).update(dict.fromkeys(fractions, NUMBERS))
    for name, is_part in parts.items():
        for index, cells in enumerate(texts):
            value = getattr(rows[index], name, None)
            text = cells.get(name, "" if value is None else str(value))
            if text and is_part(text) and not _is_quotient(rows[index], text):
                leaks.setdefault(index, {}).setdefault(name, CUT_UP)
    return leaks


def _columns(rows: Sequence[Row]) -> dict[str, set[str]]:
    """The distinct texts of each column that could leak."""
    columns = {
        name: {str(value) for value in set(map(attrgetter(name), rows)) if not _says_nothing(value)} for name in _CELLS
    }
    for row in rows:
        for name, text in (_texts(row, ()) if row.unsure else row.printed).items():
            columns.setdefault(name, set()).add(text)
    return {name: texts for name, texts in columns.items() if texts}


def _texts(row: Row, telling: Sequence[str]) -> dict[str, str]:
    """The cells of these columns that hold anything, and any other as printed, or what is said of it."""
    texts = {name: str(value) for name in telling if not _says_nothing(value := getattr(row, name))}
    if row.printed:
        texts.update(row.printed)
    for name, doubt in row.unsure.items():
        texts[name] = texts.get(name) or doubt.reason
    return {name: text for name, text in texts.items() if text} if "" in texts.values() else texts


def _says_nothing(value: object) -> bool:
    """Whether a value cannot leak: none, a day, or a number with fewer digits than a telephone's."""
    kind = type(value)
    return value is None or kind is date or (kind is int and -MOST_PLAIN < value < MOST_PLAIN)  # type: ignore[operator]


def _is_fraction(text: str) -> bool:
    plain = text.strip().lstrip("+-").rstrip("%")
    return "." in plain and plain.replace(".", "", 1).isdecimal()


def _is_quotient(row: Row, text: str) -> bool:
    """Whether a printed number is one count of its row by another, with all the digits of a spreadsheet."""
    if not _RATE.fullmatch(text.strip()):
        return False
    printed = float(text.strip().rstrip("%").replace(",", "."))
    counts = [value for name in _RATIO if isinstance(value := getattr(row, name), int) and value]
    return any(
        abs(printed - by * part / whole) <= 1e-4 * abs(printed)
        for part, whole in permutations(counts, 2)
        for by in (1, 100)
    )


def _row(row: Row, names: dict[str, str], leaks: dict[str, str]) -> Row:
    printed = {name: text for name, text in row.printed.items() if name not in leaks}
    doubts = {name: Unsure("withheld", f"withheld here, as it holds {kind}") for name, kind in leaks.items()}
    return replace(
        row,
        document=names.get(row.document, row.document), printed=printed, unsure={**row.unsure, **doubts},
        **dict.fromkeys(leaks),
    )  # fmt: skip


def _told(identifier: str, rows: Sequence[Row], leaks: dict[int, dict[str, str]]) -> list[str]:
    """The note on what was withheld of a document, if anything was."""
    named = [
        f"{f'page {row.page}, ' if row.page else ''}row {row.number}, {name.replace('_', ' ')} ({kind})"
        for index, found in sorted(leaks.items())
        if (row := rows[index]).document == identifier
        for name, kind in found.items()
    ]
    more = f"; and {len(named) - MOST_NAMED:,} more cells" if len(named) > MOST_NAMED else ""
    return [f"Withheld here: {'; '.join(named[:MOST_NAMED])}{more}."] if named else []


def _name(document: Document, number: int) -> str:
    return f"document-{number}" if leak_in(document.id) is not None else document.id


def _document(document: Document, names: dict[str, str], told: Iterable[str]) -> Document:
    notes = tuple(
        note if (kind := leak_in(note, of_place=True)) is None else f"A note was withheld here, as it holds {kind}."
        for note in document.notes
    )
    if sum(map(noise_of, notes)) > MOST_NOISE or cut_up(notes) is not None:
        notes = (f"The notes were withheld here, as they hold {CUT_UP}.",)
    texts = {
        name: shown_or_kind(text)
        for name in ("title", "publisher", "published", "file", "address", "system")
        if (text := getattr(document, name))
    }
    stated = tuple(replace(sums, place=shown_or_kind(sums.place)) for sums in document.stated)
    return replace(document, id=names[document.id], stated=stated, notes=tuple(dict.fromkeys((*notes, *told))), **texts)


def _kept(kept: Refused, names: dict[str, str], is_part: Callable[[str], bool] | None) -> Refused:
    printed = shown_or_kind(kept.printed)
    if is_part is not None and any(map(is_part, printed.split(" | "))):
        printed = f"[withheld: {CUT_UP}]"
    hidden = printed != kept.printed
    # A reason quotes what could not be read.
    reason = shown_or_kind(kept.reason)
    reason = "it could not be read" if hidden and any(mark in reason for mark in "'\"‘“") else reason
    return replace(
        kept, document=names.get(kept.document, kept.document), place=shown_or_kind(kept.place), printed=printed,
        reason=reason,
    )  # fmt: skip
