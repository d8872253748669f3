"""XLSX (Office Open XML) spreadsheets, read with openpyxl: cells as text, formulas never computed.

A number is written as its cell shows it where that matters: dates as ISO 8601, durations as hours and minutes,
percentages with the decimals of their format. All other numbers are written in full.
"""

from __future__ import annotations

import datetime
import re
import warnings
import zipfile
import zlib
from decimal import Decimal
from typing import Any

from countersign.errors import WrongForm
from countersign.published.files import TooLarge
from countersign.published.forms.sheet.bounds import hold_to_budgets
from countersign.published.forms.sheet.cells import MOST_COLUMNS, BrokenSheet, Sheet, record_of, unpackable
from countersign.published.table.columns import NO_MAP, ColumnMap
from countersign.published.table.record import Record
from countersign.published.table.table import MOST_ROWS

#: What stands in a cell whose formula has no saved value: it cannot be read, and says why.
UNSAVED = "= (a formula without a saved value)"

_PERCENT = re.compile(r"0(?:\.(0+))?%")


def read_xlsx(content: bytes, name: str, *, columns: ColumnMap = NO_MAP) -> Record:
    """Read a spreadsheet. Raises ``BrokenSheet``, ``TooLarge``, and what ``sheet.record_of`` raises."""
    with unpackable(content, name) as archive:
        pictures = sum(1 for part in archive.namelist() if part.startswith("xl/media/"))
        try:
            hold_to_budgets(archive, name)
        except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, EOFError) as error:
            raise BrokenSheet(f"{name}: the spreadsheet is cut off or damaged: {error}") from error
    try:
        sheets = _sheets(content, name)
    except (WrongForm, MemoryError):
        raise
    except Exception as error:
        raise BrokenSheet(f"{name}: the spreadsheet is damaged ({type(error).__name__})") from error
    return record_of(sheets, content, name, "xlsx", columns, pictures)


def _sheets(content: bytes, name: str) -> list[Sheet]:
    written = _book(content, values=False)
    formulas = {
        sheet.title: tuple(cell.coordinate for cell in sheet._cells.values() if cell.data_type == "f")
        for sheet in written.worksheets
    }
    saved = _book(content, values=True) if any(formulas.values()) else written
    return [
        _sheet(sheet, number, formulas.get(sheet.title, ()), name)
        for number, sheet in enumerate(saved.worksheets, start=1)
    ]


def _book(content: bytes, *, values: bool) -> Any:
    import io

    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # parts that openpyxl leaves out (charts, extensions) hold no cells
        return openpyxl.load_workbook(io.BytesIO(content), data_only=values, keep_links=False)


def _sheet(sheet: Any, number: int, formulas: tuple[str, ...], name: str) -> Sheet:
    by_row: dict[int, dict[int, str]] = {}
    unsaved = set(formulas)
    for cell in sheet._cells.values():  # only cells that exist, so that a far cell makes no million empty ones
        text = _text(cell)
        if not text and cell.coordinate in unsaved:
            text = UNSAVED
        if text:
            if cell.column > MOST_COLUMNS:
                raise TooLarge(f"{name}, sheet {sheet.title!r}, cell {cell.coordinate}: beyond {MOST_COLUMNS} columns")
            by_row.setdefault(cell.row, {})[cell.column] = text
    if len(by_row) > 2 * MOST_ROWS:
        raise TooLarge(f"{name}, sheet {sheet.title!r}: the sheet has {len(by_row):,} rows")
    numbers = tuple(sorted(by_row))
    hidden_rows = [f"row {key}" for key, row in sheet.row_dimensions.items() if row.hidden and key in by_row]
    hidden_columns = [f"column {key}" for key, column in sheet.column_dimensions.items() if column.hidden]
    return Sheet(
        name=sheet.title,
        number=number,
        rows=tuple(
            tuple(by_row[row].get(column, "") for column in range(1, max(by_row[row]) + 1)) for row in numbers
        ),
        numbers=numbers,
        hidden_sheet=sheet.sheet_state != "visible",
        formulas=formulas,
        merged=tuple(sorted(str(merged) for merged in sheet.merged_cells.ranges)),
        hidden=(*hidden_rows, *hidden_columns),
    )  # fmt: skip


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.time):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if isinstance(value, int | float):
        return _number(value, str(cell.number_format))
    return str(value)


def _number(value: int | float, shown_as: str) -> str:
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        return str(value)
    if found := _PERCENT.fullmatch(shown_as):
        return f"{number * 100:.{len(found[1] or '')}f}%"
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
