"""Corrections: values of a published record that are read otherwise than printed, each with its reason and who says so.

A correction names document, row and column, what is printed there and what is read instead. It is applied only when
given, and only where the printed text is the one it states: a correction of something that is not there is refused.
What is printed stays in the record beside the value that is read. The form is in ``docs/formats/corrections.md``.

>>> from countersign.published.read import read_source
>>> from countersign.published.files import shipped
>>> corrected = apply_corrections(read_source("shipped:met"), read_corrections(shipped("met") / "corrections.toml"))
>>> sum(row.date.year == 2024 for row in corrected.record.rows if row.date)
180
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from countersign.door import hold
from countersign.errors import NotReached, WrongForm
from countersign.inputs import toml_of
from countersign.published.strict_csv import nearest, read_text
from countersign.published.table.marks import Forms, Unreadable
from countersign.published.table.record import COLUMNS, Kind, Record, Row
from countersign.published.table.values import parser, plain

_NEEDED = ("document", "row", "column", "printed", "read_as", "reason", "who")
_KEYS = (*_NEEDED, "sha256")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_KIND_OF: dict[str, Kind] = {column.name: column.kind for column in COLUMNS if column.name != "source"}


class CorrectionsMalformed(
    WrongForm, next_step="Put the named correction right; docs/formats/corrections.md shows the form with an example."
):
    """A corrections file is not TOML, has unknown or missing keys, or a value that its column cannot hold."""


class CorrectionsNotRead(NotReached):
    """A corrections file could not be opened."""


class CorrectionUnfounded(
    WrongForm,
    next_step="Compare the correction with the published document; correct only what is printed as you state it.",
):
    """A correction does not fit the record: no such document or row, or something else is printed there."""


class Correction(msgspec.Struct, frozen=True):
    """One value read otherwise than printed. ``read_as`` is text as it would be printed; empty reads no value at all.

    ``sha256`` (hex, may be empty): that of the published file, whatever id it has. Raises ``CorrectionsMalformed``.
    """

    document: str
    row: int
    column: str
    printed: str
    read_as: str
    reason: str
    who: str
    sha256: str = ""

    def __post_init__(self) -> None:
        if self.column not in _KIND_OF:
            raise CorrectionsMalformed(
                f"{self.place}: there is no column {self.column!r}{nearest(self.column, tuple(_KIND_OF))}"
            )
        if not self.reason.strip() or not self.who.strip():
            raise CorrectionsMalformed(f"{self.place}: says no reason, or not whose it is")
        if self.sha256 and not _SHA256.fullmatch(self.sha256):
            raise CorrectionsMalformed(f"{self.place}: sha256 is not 64 digits of 0 to 9 and a to f")
        try:
            parser(_KIND_OF[self.column], Forms())(self.read_as)
        except Unreadable as error:
            raise CorrectionsMalformed(f"{self.place}: {self.read_as!r} cannot be read: {error}") from error

    @property
    def place(self) -> str:
        """Which value it concerns, for messages."""
        return f"correction of {self.document}, row {self.row}, column {self.column}"


class Corrected(msgspec.Struct, frozen=True):
    """A record read with corrections, and those that were applied, in order."""

    record: Record
    applied: tuple[Correction, ...]


def read_corrections(path: Path) -> tuple[Correction, ...]:
    """All corrections of a file, in order. Raises ``CorrectionsNotRead`` or ``CorrectionsMalformed`` with the place."""
    text = read_text(path, malformed=CorrectionsMalformed, not_read=CorrectionsNotRead)
    tables = hold("corrections", toml_of(text, str(path), CorrectionsMalformed), str(path))
    for key in tables:
        if key != "correction":
            raise CorrectionsMalformed(f"{path}: unknown key {key!r}; a file holds [[correction]] tables only")
    listed = tables.get("correction", [])
    if not isinstance(listed, list) or not listed or not all(isinstance(table, Mapping) for table in listed):
        raise CorrectionsMalformed(f"{path}: holds no [[correction]] table")
    return tuple(_correction(f"{path}, correction {number}", table) for number, table in enumerate(listed, start=1))


def _correction(place: str, table: Mapping[str, Any]) -> Correction:
    for key in table:
        if key not in _KEYS:
            raise CorrectionsMalformed(f"{place}: unknown key {key!r}{nearest(key, _KEYS)}")
    for key in _NEEDED:
        if key not in table:
            raise CorrectionsMalformed(f"{place}: key {key!r} is missing")
    for key in table:
        wanted: type = int if key == "row" else str
        if not isinstance(table[key], wanted) or isinstance(table[key], bool):
            kind = "a whole number" if key == "row" else "text in quotation marks"
            raise CorrectionsMalformed(f"{place}, key {key!r}: {table[key]!r} is not {kind}")
    try:
        return Correction(**table)
    except CorrectionsMalformed as error:
        raise CorrectionsMalformed(f"{place}: {error}") from error


def apply_corrections(record: Record, corrections: Iterable[Correction]) -> Corrected:
    """The record with each correction's value read instead; printed texts stay. Raises ``CorrectionUnfounded``."""
    positions = {(row.document, row.number): index for index, row in enumerate(record.rows)}
    rows = list(record.rows)
    applied: list[Correction] = []
    seen: set[tuple[str, int, str]] = set()
    for given in corrections:
        correction = _found(record, given)
        cell = (correction.document, correction.row, correction.column)
        if cell in seen:
            raise CorrectionUnfounded(f"{correction.place}: two corrections concern this value")
        seen.add(cell)
        index = positions.get(cell[:2])
        if index is None:
            raise CorrectionUnfounded(_no_such_row(record, correction))
        _check_printed(record.rows[index], correction)
        value = parser(_KIND_OF[correction.column], Forms())(correction.read_as)
        unsure = {name: doubt for name, doubt in rows[index].unsure.items() if name != correction.column}
        rows[index] = replace(rows[index], **{correction.column: value}, unsure=unsure)
        applied.append(correction)
    return Corrected(replace(record, rows=tuple(rows)), tuple(applied))


def _found(record: Record, correction: Correction) -> Correction:
    """The correction under the id by which its document was read here: by id, else by the file's digest."""
    if not correction.sha256 or any(document.id == correction.document for document in record.documents):
        return correction
    ids = (document.id for document in record.documents if document.sha256 == correction.sha256)
    return replace(correction, document=next(ids, correction.document))


def _no_such_row(record: Record, correction: Correction) -> str:
    known = [document.id for document in record.documents]
    if correction.document not in known:
        return f"{correction.place}: this document was not read; those read are {', '.join(known) or 'none'}"
    count = sum(row.document == correction.document for row in record.rows)
    return f"{correction.place}: the document has rows 1 to {count}"


def _check_printed(row: Row, correction: Correction) -> None:
    value = plain(getattr(row, correction.column))
    printed = row.printed.get(correction.column, value)
    stated = " ".join(correction.printed.split())
    if stated not in (" ".join(printed.split()), value):
        raise CorrectionUnfounded(f"{correction.place}: states that {stated!r} is printed, but {printed!r} is")
