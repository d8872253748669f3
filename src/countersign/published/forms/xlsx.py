"""XLSX (Office Open XML, Transitional and Strict) and the older XLS: cells as last saved, formulas never computed.

XLSX is read with openpyxl. Dates are written as ISO 8601, durations as hours and minutes, percentages with the decimals
of their format, all other numbers in full. Strict files are read under the Transitional names for the same parts.

XLS is read with python-calamine, which says of no cell whether it holds a formula, and of no row whether it is hidden;
the document's notes say so, since a reader of the sheet may see less than was read.
"""

from __future__ import annotations

import datetime
import io
import re
import warnings
import zipfile
from decimal import Decimal
from typing import Any

from countersign.errors import WrongForm
from countersign.published.files import TooLarge, digest
from countersign.published.forms.sheet import (
    MOST_COLUMNS,
    UNSAVED,
    BrokenSheet,
    hold_to_budgets,
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

_PERCENT = re.compile(r"0(?:\.(0+))?%")
#: How a typed date reads where its format shows no day: as its month or year.
_LENGTH = {"my": "%Y-%m", "y": "%Y"}
_STRICT = b"http://purl.oclc.org/ooxml/"
_NAMES = (
    (b"http://purl.oclc.org/ooxml/spreadsheetml/", b"http://schemas.openxmlformats.org/spreadsheetml/2006/"),
    (b"http://purl.oclc.org/ooxml/officeDocument/", b"http://schemas.openxmlformats.org/officeDocument/2006/"),
    (b"http://purl.oclc.org/ooxml/drawingml/", b"http://schemas.openxmlformats.org/drawingml/2006/"),
)


def read_xlsx(content: bytes, name: str, *, columns: ColumnMap = NO_MAP) -> Record:
    """Read a spreadsheet. Raises ``BrokenSheet``, ``TooLarge``, and what ``record_of`` raises."""
    grids, pictures = grids_of_xlsx(content, name)
    return record_of(grids, About(name, "xlsx", digest(content), notes=pictured(pictures)), columns)


def grids_of_xlsx(content: bytes, name: str) -> tuple[list[Grid], int]:
    """The sheets of a spreadsheet, and how many pictures it holds. Raises ``BrokenSheet`` or ``TooLarge``."""
    with unpackable(content, name) as archive:
        pictures = sum(1 for part in archive.namelist() if part.startswith("xl/media/"))
        try:
            hold_to_budgets(archive, name)
            strict = _STRICT in archive.read("xl/workbook.xml")
            content = _transitional(archive) if strict else content
        except (WrongForm, MemoryError):
            raise
        except Exception as error:  # zipfile raises many kinds for damaged archives, ValueError for a bad offset
            raise BrokenSheet(f"{name}: the spreadsheet is cut off or damaged: {error}") from error
    try:
        return _sheets(content, name), pictures
    except (WrongForm, MemoryError):
        raise
    except Exception as error:
        raise BrokenSheet(f"{name}: the spreadsheet is damaged ({type(error).__name__})") from error


def _transitional(archive: zipfile.ZipFile) -> bytes:
    """A Strict file under the Transitional names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for part in archive.infolist():
            written = archive.read(part.filename)
            if part.filename.endswith((".xml", ".rels")):
                for strict, usual in _NAMES:
                    written = written.replace(strict, usual)
                written = written.replace(b' conformance="strict"', b"")
            made.writestr(part.filename, written)
    return out.getvalue()


def _sheets(content: bytes, name: str) -> list[Grid]:
    written = _book(content, values=False)
    formulas = {
        sheet.title: tuple(cell.coordinate for cell in sheet._cells.values() if cell.data_type == "f")
        for sheet in written.worksheets
    }
    saved = _book(content, values=True) if any(formulas.values()) else written
    from_1904 = saved.epoch.year == 1904
    return [
        _sheet(sheet, number, formulas.get(sheet.title, ()), name, from_1904)
        for number, sheet in enumerate(saved.worksheets, start=1)
    ]


def _book(content: bytes, *, values: bool) -> Any:
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # parts that openpyxl leaves out (charts, extensions) hold no cells
        return openpyxl.load_workbook(io.BytesIO(content), data_only=values, keep_links=False, rich_text=True)


def _sheet(sheet: Any, number: int, formulas: tuple[str, ...], name: str, from_1904: bool) -> Grid:
    by_row, comments = _cells(sheet, set(formulas), name)
    hidden_columns = _hidden_columns(sheet)
    hidden = {key for key, row in sheet.row_dimensions.items() if row.hidden and key in by_row}
    numbers = tuple(key for key in sorted(by_row) if key not in hidden)
    texts = {
        row: tuple("" if at in hidden_columns else by_row[row].get(at, "") for at in range(1, max(by_row[row]) + 1))
        for row in by_row
    }
    merged = sheet.merged_cells.ranges
    ranges = (Merged(span.min_row, span.min_col - 1, span.max_row, span.max_col - 1) for span in merged)
    return Grid(
        name=sheet.title,
        number=number,
        rows=tuple(texts[row] for row in numbers),
        numbers=numbers,
        hidden=sheet.sheet_state != "visible",
        formulas=formulas,
        merged=tuple(sorted(map(str, merged))),
        spans=on_grid(ranges, numbers),
        hidden_parts=(
            *(f"row {key}" for key in sorted(hidden)),
            *(f"column {letters(at)}" for at in sorted(hidden_columns)),
        ),
        hidden_rows=tuple((texts[row], row) for row in sorted(hidden)),
        comments=tuple(comments),
        serials_from_1904=from_1904,
    )


def _cells(sheet: Any, unsaved: set[str], name: str) -> tuple[dict[int, dict[int, str]], list[str]]:
    """The texts of a sheet by row and column, only of cells that exist: a far cell makes no million empty ones."""
    by_row: dict[int, dict[int, str]] = {}
    comments: list[str] = []
    for cell in sheet._cells.values():
        text = _text(cell.value, str(cell.number_format))
        if not text and cell.coordinate in unsaved:
            text = UNSAVED
        if getattr(cell, "comment", None) is not None:
            comments.append(cell.coordinate)
        if text:
            if cell.column > MOST_COLUMNS:
                raise TooLarge(f"{name}, sheet {sheet.title!r}, cell {cell.coordinate}: beyond {MOST_COLUMNS} columns")
            by_row.setdefault(cell.row, {})[cell.column] = text
    if len(by_row) > 2 * MOST_ROWS:
        raise TooLarge(f"{name}, sheet {sheet.title!r}: the sheet has {len(by_row):,} rows")
    return by_row, comments


def _hidden_columns(sheet: Any) -> set[int]:
    """The numbers of hidden columns; a range of them is kept under its first."""
    return {
        at
        for described in sheet.column_dimensions.values()
        if described.hidden
        for at in range(described.min or 1, min(described.max or 1, MOST_COLUMNS) + 1)
    }


def _text(value: object, shown_as: str = "") -> str:
    """A cell's value as text; without its format a float is written as it stands."""
    if value is None:
        return ""
    if isinstance(value, list):  # runs of text, some of them raised
        return "".join(raised(str(part)) if _is_raised(part) else str(part) for part in value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.date) and (form := _LENGTH.get("".join(_shown(shown_as)))):
        return value.strftime(form)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(sep=" ")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if isinstance(value, float) and not shown_as:
        return str(int(value)) if value.is_integer() else repr(value)
    return _number(value, shown_as) if isinstance(value, int | float) else str(value)


def _is_raised(part: object) -> bool:
    font = getattr(part, "font", None)
    return font is not None and font.vertAlign == "superscript"


def _shown(shown_as: str) -> list[str]:
    """The parts of a date that a format shows, in alphabetical order: d, h, m, s and y; no quoted or bracketed text."""
    plain = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.|;.*', "", shown_as.casefold())
    return sorted(set(plain) & set("dhmsy"))


def _number(value: int | float, shown_as: str) -> str:
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        return str(value)
    if found := _PERCENT.fullmatch(shown_as):
        return f"{number * 100:.{len(found[1] or '')}f}%"
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


NOTE = (
    "An .xls file does not say here which rows are hidden, which figures are raised or which cells hold formulas; "
    "saved values were read."
)


def read_xls(content: bytes, name: str, *, columns: ColumnMap = NO_MAP) -> Record:
    """Read a spreadsheet. Raises ``BrokenSheet``, ``TooLarge``, and what ``record_of`` raises."""
    return record_of(grids_of_xls(content, name), About(name, "xls", digest(content), notes=(NOTE,)), columns)


def grids_of_xls(content: bytes, name: str) -> list[Grid]:
    """The sheets of a spreadsheet. Raises ``BrokenSheet`` or ``TooLarge``."""
    import python_calamine

    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            return [
                _grid(book.get_sheet_by_name(about.name), about, number, name)
                for number, about in enumerate(book.sheets_metadata, start=1)
                if about.typ == python_calamine.SheetTypeEnum.WorkSheet
            ]
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise BrokenSheet(f"{name}: the spreadsheet is damaged or of another old form: {error}") from error


def _grid(sheet: object, about: object, number: int, name: str) -> Grid:
    import python_calamine

    assert isinstance(sheet, python_calamine.CalamineSheet)
    assert isinstance(about, python_calamine.SheetMetadata)
    if sheet.total_height > 2 * MOST_ROWS or sheet.total_width > MOST_COLUMNS:
        raise TooLarge(f"{name}, sheet {about.name!r}: {sheet.total_height:,} rows of {sheet.total_width:,} cells")
    rows = [tuple(_text(value) for value in row) for row in sheet.to_python(skip_empty_area=False)]
    filled = [index for index, row in enumerate(rows) if any(row)]
    ranges = sheet.merged_cell_ranges or []
    return Grid(
        name=about.name,
        number=number,
        rows=tuple(rows[index] for index in filled),
        numbers=tuple(index + 1 for index in filled),
        hidden=about.visible != python_calamine.SheetVisibleEnum.Visible,
        merged=tuple(f"rows {first[0] + 1} to {last[0] + 1}, column {first[1] + 1}" for first, last in ranges),
        spans=on_grid((Merged(*first, *last) for first, last in ranges), filled),
    )
