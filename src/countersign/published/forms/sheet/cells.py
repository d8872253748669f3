"""Spreadsheets (XLSX and ODS) once unpacked: sheets of cells as text, with what a person would not see told.

``sheet_xlsx`` and ``sheet_ods`` make ``Sheet`` values; here their tables are found and read by the same rules as any
other. Formulas are never computed: the value that was last saved with the file is read, and the cells are named in the
document's notes; a formula without a saved value leaves its row refused. Hidden rows, columns and sheets are read too,
and reported, as are merged cells.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import PurePath

import msgspec

from countersign.errors import WrongForm
from countersign.published.files import TooLarge, digest
from countersign.published.forms.csv import identifier
from countersign.published.forms.sheet.bounds import MOST_PARTS, MOST_UNPACKED
from countersign.published.table.columns import ColumnMap
from countersign.published.table.record import Document, Record, Refused, Row
from countersign.published.table.table import (
    HEADING_WITHIN,
    MOST_ROWS,
    NoTable,
    TooManyRows,
    assign,
    columns_of,
    find_heading,
    read_rows,
)
from countersign.published.table.values import readable
from countersign.words.lists import counted

#: The most columns looked at on one sheet.
MOST_COLUMNS = 256
#: The most places named in one note.
MOST_NAMED = 12


class BrokenSheet(WrongForm):
    """A spreadsheet is cut off, encrypted or damaged, so that its cells cannot be had for certain."""

    code = "broken-sheet"
    next_step = "Download it again, or open it and save the table as CSV."


class Sheet(msgspec.Struct, frozen=True):
    """One sheet. ``rows``: texts of cells; ``numbers``: each row's number on the sheet, from 1.

    ``formulas``, ``merged`` and ``hidden`` name cells, ranges, and rows or columns, in the sheet's own notation.
    """

    name: str
    number: int
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    hidden_sheet: bool = False
    formulas: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


def unpackable(content: bytes, name: str) -> zipfile.ZipFile:
    """The archive of a spreadsheet, after its stated sizes were checked. Raises ``TooLarge`` or ``BrokenSheet``.

    ``zipfile`` gives no more bytes of a part than its stated size, so the stated sizes are a true bound.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BrokenSheet(f"{name}: the spreadsheet is cut off or damaged: {error}") from error
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise TooLarge(f"{name}: the spreadsheet unpacks to more than {MOST_UNPACKED // 1024**2} MB")
    if any(part.flag_bits & 1 for part in parts):
        raise BrokenSheet(f"{name}: the spreadsheet is encrypted", next_step="Save it without its password.")
    return archive


def record_of(
    sheets: Sequence[Sheet], content: bytes, name: str, kind: str, columns: ColumnMap, pictures: int
) -> Record:
    """Read every sheet that holds a table with known headings; the others are named in the notes.

    Raises ``NoTable``, ``UnknownColumn``, ``MissingColumn`` or ``TooManyRows``.
    """
    document = identifier(PurePath(name).stem)
    rows: list[Row] = []
    refused: list[Refused] = []
    found: set[str] = set()
    notes: list[str] = []
    for sheet in sheets:
        at = find_heading(sheet.rows, columns)
        if at is None:
            if sheet.rows:
                notes.append(f"Sheet {sheet.name!r} holds no table with known headings, and was not read.")
            continue
        read, failed = _read(document, sheet, at[0], at[1], columns, name, len(rows) + len(refused), notes, found)
        rows += read
        refused += failed
        notes += _told(sheet)
    if not found:
        names = ", ".join(repr(sheet.name) for sheet in sheets[:5])
        raise NoTable(f"{name}: no sheet holds two known headings in its first {HEADING_WITHIN} rows; sheets: {names}")
    if pictures:
        notes.append(f"The file also holds {pictures} pictures; none was read.")
    about = Document(
        id=document,
        title=columns.title or PurePath(name).name,
        publisher=columns.publisher,
        published=columns.published,
        sha256=digest(content),
        file=PurePath(name).name,
        kind=kind,
        address=columns.address,
        columns=frozenset(found) - {"source"},
        notes=tuple(notes),
    )
    return Record((about,), tuple(rows), tuple(refused))


def _read(
    document: str, sheet: Sheet, at: int, headings: tuple[str, ...], columns: ColumnMap, name: str, before: int,
    notes: list[str], found: set[str],
) -> tuple[list[Row], list[Refused]]:  # fmt: skip
    uses = assign(headings, columns, name, f"sheet {sheet.name!r}, row {sheet.numbers[at]}")
    found |= columns_of(uses, columns)
    width = len(uses)
    body: list[Sequence[str]] = []
    numbers: list[int] = []
    for row, number in zip(sheet.rows[at + 1 :], sheet.numbers[at + 1 :], strict=True):
        filled = [text for text in row if text.strip()]
        if not filled:
            continue
        if len(filled) == 1 and row[0].strip() and width > 2:
            notes.append(f"Sheet {sheet.name!r}, row {number}, beside the table: {readable(filled[0])[:300]}")
            continue
        body.append((*row, *[""] * (width - len(row))))
        numbers.append(number)
    if len(body) > MOST_ROWS:
        raise TooManyRows(f"{name}, sheet {sheet.name!r}: the table has more than {MOST_ROWS:,} rows")
    return read_rows(
        document,
        uses,
        body,
        place=lambda index: f"sheet {sheet.name!r}, row {numbers[index]}",
        page=lambda _: sheet.number,
        columns=columns,
        keep_printed=True,
        first=before + 1,
    )


def _told(sheet: Sheet) -> list[str]:
    """What a reader of the sheet would not see, in sentences."""
    where = f"Sheet {sheet.name!r}"
    told = [f"{where} is hidden; it was read."] if sheet.hidden_sheet else []
    for places, one, many, said in (
        (sheet.formulas, "cell holds a formula", "cells hold formulas",
         "the values last saved were read, and none was computed"),
        (sheet.merged, "range of cells is merged", "ranges of cells are merged",
         "each value was read in the first cell of its range"),
        (sheet.hidden, "row or column is hidden", "rows or columns are hidden", "what is hidden was read"),
    ):  # fmt: skip
        if places:
            named = ", ".join(places[:MOST_NAMED]) + (" and others" if len(places) > MOST_NAMED else "")
            told.append(f"{where}: {counted(len(places), one, many)} ({named}); {said}.")
    return told
