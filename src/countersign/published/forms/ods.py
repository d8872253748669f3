"""ODS (OpenDocument) spreadsheets, by a small reader of ``content.xml``: cells as they show, formulas never computed.

Repeated cells and rows are written out only within limits, and empty ones at the end not at all: a sheet of a million
repeated empty rows is a few bytes, and stays so. External entities and document types are refused (defusedxml).
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element, ParseError  # the types only: parsing is done by defusedxml

from countersign.published.files import TooLarge, digest
from countersign.published.forms.sheet import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_SHEETS,
    UNSAVED,
    BrokenSheet,
    letters,
    pictured,
    unpackable,
)
from countersign.published.table.grids import About, record_of
from countersign.published.table.maps import NO_MAP, ColumnMap
from countersign.published.table.marks import raised
from countersign.published.table.record import Record
from countersign.published.table.rows import MOST_ROWS
from countersign.published.table.shapes import Grid, Merged, on_grid

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_MANIFEST_ENCRYPTED = b"encryption-data"
_MERGED = "merged cells"


def read_ods(content: bytes, name: str, *, columns: ColumnMap = NO_MAP) -> Record:
    """Read a spreadsheet. Raises ``BrokenSheet``, ``TooLarge``, and what ``record_of`` raises."""
    grids, pictures = grids_of_ods(content, name)
    return record_of(grids, About(name, "ods", digest(content), notes=pictured(pictures)), columns)


def grids_of_ods(content: bytes, name: str) -> tuple[list[Grid], int]:
    """The sheets of a spreadsheet, and how many pictures it holds. Raises ``BrokenSheet`` or ``TooLarge``."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    with unpackable(content, name) as archive:
        try:
            names = archive.namelist()
            if "META-INF/manifest.xml" in names and _MANIFEST_ENCRYPTED in archive.read("META-INF/manifest.xml"):
                raise BrokenSheet(f"{name}: the spreadsheet is encrypted", next_step="Save it without its password.")
            root: Element = fromstring(archive.read("content.xml"), forbid_dtd=True)
        except (zipfile.BadZipFile, zlib.error, OSError, KeyError, NotImplementedError, EOFError) as error:
            raise BrokenSheet(f"{name}: the spreadsheet is cut off or damaged: {error}") from error
        except (ParseError, DefusedXmlException, ValueError, RecursionError) as error:
            if isinstance(error, BrokenSheet):
                raise
            raise BrokenSheet(f"{name}: the spreadsheet's content is not XML of its form: {error}") from error
    above = _raised_styles(root)
    for part in root.iter(f"{_TEXT}span"):
        if part.get(f"{_TEXT}style-name") in above:
            part.text = raised(part.text or "")
    pictures = sum(1 for part in names if part.startswith("Pictures/"))
    hidden = _hidden_styles(root)
    tables = root.findall(f"{_OFFICE}body/{_OFFICE}spreadsheet/{_TABLE}table")
    if len(tables) > MOST_SHEETS:
        raise TooLarge(f"{name}: the spreadsheet has more than {MOST_SHEETS} sheets")
    grids, left = [], MOST_CELLS
    for number, table in enumerate(tables, start=1):
        grids.append(_sheet(table, number, hidden, name, left))
        left -= sum(map(len, grids[-1].rows))
    return grids, pictures


def _hidden_styles(root: Element) -> frozenset[str]:
    return frozenset(
        style.get(f"{_STYLE}name", "")
        for style in root.iter(f"{_STYLE}style")
        for properties in style.findall(f"{_STYLE}table-properties")
        if properties.get(f"{_TABLE}display") == "false"
    )


def _raised_styles(root: Element) -> frozenset[str]:
    return frozenset(
        style.get(f"{_STYLE}name", "")
        for style in root.iter(f"{_STYLE}style")
        for properties in style.findall(f"{_STYLE}text-properties")
        if re.match(r"super|[1-9]", properties.get(f"{_STYLE}text-position", ""))
    )


def _sheet(table: Element, number: int, hidden_styles: frozenset[str], name: str, left: int) -> Grid:
    """A table as a grid of at most ``left`` cells, repeated ones written out."""
    title = table.get(f"{_TABLE}name", f"sheet {number}")
    where = f"{name}, sheet {title!r}"
    hidden_columns = _hidden_columns(table, where)
    rows: list[tuple[str, ...]] = []
    numbers: list[int] = []
    unseen: list[tuple[tuple[str, ...], int]] = []
    formulas: list[str] = []
    merged: dict[tuple[int, int], tuple[int, int]] = {}
    hidden: list[str] = []
    at = 1
    for row in _within(table, "table-row", ("table-header-rows", "table-row-group", "table-rows")):
        repeated = _repeated(row, "rows", where)
        cells = _cells(row, at, where, formulas, merged)
        cells = tuple("" if column in hidden_columns else text for column, text in enumerate(cells, start=1))
        if row.get(f"{_TABLE}visibility", "visible") != "visible":
            hidden.append(f"row {at}" if repeated == 1 else f"rows {at} to {at + repeated - 1}")
            unseen += [(cells, at)] if any(cells) else []
        elif cells:
            if len(rows) + repeated > 2 * MOST_ROWS:
                raise TooLarge(f"{where}: the sheet has more than {2 * MOST_ROWS:,} rows")
            left -= len(cells) * repeated
            if left < 0:
                raise TooLarge(f"{name}: the spreadsheet has more than {MOST_CELLS:,} cells")
            rows += [cells] * repeated
            numbers += range(at, at + repeated)
        at += repeated
    ranges = (Merged(row, at - 1, row + high - 1, at + wide - 2) for (row, at), (high, wide) in merged.items())
    return Grid(
        name=title,
        number=number,
        rows=tuple(rows),
        numbers=tuple(numbers),
        hidden=table.get(f"{_TABLE}style-name", "") in hidden_styles,
        formulas=tuple(formulas),
        merged=tuple(f"{letters(column)}{row}" for row, column in merged),
        spans=on_grid(ranges, numbers),
        hidden_parts=(*hidden, *(f"column {letters(column)}" for column in sorted(hidden_columns))),
        hidden_rows=tuple(unseen),
    )


def _hidden_columns(table: Element, where: str) -> set[int]:
    hidden: set[int] = set()
    column = 1
    for described in _within(table, "table-column", ("table-header-columns", "table-column-group", "table-columns")):
        repeated = _repeated(described, "columns", where)
        if described.get(f"{_TABLE}visibility", "visible") != "visible":
            hidden |= set(range(column, min(column + repeated, MOST_COLUMNS + 1)))
        column += repeated
    return hidden


def _within(element: Element, wanted: str, groups: Iterable[str]) -> Iterator[Element]:
    """Children of this name, also inside the groups by which a sheet may bundle them."""
    bundles = {f"{_TABLE}{group}" for group in groups}
    for child in element:
        if child.tag == f"{_TABLE}{wanted}":
            yield child
        elif child.tag in bundles:
            yield from _within(child, wanted, groups)


def _cells(
    row: Element, at: int, where: str, formulas: list[str], merged: dict[tuple[int, int], tuple[int, int]]
) -> tuple[str, ...]:
    texts: list[str] = []
    column = 1
    for cell in row:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        repeated = _repeated(cell, "columns", where)
        text = "" if cell.tag.endswith("covered-table-cell") else _shown(cell)
        place = f"{letters(column)}{at}"
        if cell.get(f"{_TABLE}formula") is not None:
            formulas.append(place)
            text = text or UNSAVED
        spans = cell.get(f"{_TABLE}number-columns-spanned", "1"), cell.get(f"{_TABLE}number-rows-spanned", "1")
        if spans != ("1", "1"):
            merged[at, column] = (_whole(spans[1], 6, _MERGED, where), _whole(spans[0], 6, _MERGED, where))
        if text:
            if column + repeated - 1 > MOST_COLUMNS:
                raise TooLarge(f"{where}, cell {place}: beyond {MOST_COLUMNS} columns")
            texts += [""] * (column - 1 - len(texts)) + [text] * repeated
        column += repeated
    return tuple(texts)


def _shown(cell: Element) -> str:
    """The text of a cell as it shows, or its plain value where that is safer: dates and durations."""
    kind = cell.get(f"{_OFFICE}value-type", "")
    if kind == "date":
        return cell.get(f"{_OFFICE}date-value", "").removesuffix("T00:00:00")
    if kind in ("float", "currency"):
        return cell.get(f"{_OFFICE}value", "")
    lines = ("".join(_letters_of(paragraph)) for paragraph in cell.findall(f"{_TEXT}p"))
    return "\n".join(lines).strip()


def _letters_of(paragraph: Element) -> Iterator[str]:
    """The text of a paragraph, runs of spaces written out; footnotes and remarks are left out."""
    yield paragraph.text or ""
    for child in paragraph:
        if child.tag == f"{_TEXT}s":
            yield " "
        elif child.tag != f"{_OFFICE}annotation":
            yield from _letters_of(child)
        yield child.tail or ""


def _repeated(element: Element, what: str, where: str) -> int:
    return _whole(element.get(f"{_TABLE}number-{what}-repeated", "1"), 8, f"repeated {what}", where, 1)


def _whole(text: str, digits: int, what: str, where: str, least: int = 0) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= digits) or int(text) < least:
        raise BrokenSheet(f"{where}: {text[:20]!r} is not a number of {what}")
    return int(text)
