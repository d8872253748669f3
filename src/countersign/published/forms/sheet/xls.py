"""XLS, the old binary form of Microsoft's spreadsheets, read with python-calamine: cells as last saved.

Calamine gives values and merged ranges. It says of no cell whether it holds a formula, and of no row whether it is
hidden; the document's notes say so, since a reader of the sheet may see less than was read.
"""

from __future__ import annotations

import datetime
import io

from countersign.published.files import TooLarge, digest
from countersign.published.forms.sheet.cells import MOST_COLUMNS, BrokenSheet
from countersign.published.table.columns import NO_MAP, ColumnMap
from countersign.published.table.grids import About, record_of
from countersign.published.table.record import Record
from countersign.published.table.rows import MOST_ROWS
from countersign.published.table.shapes import Grid, Merged

NOTE = "An .xls file does not say here which rows are hidden or which cells hold formulas; saved values were read."


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
    at = {index: position for position, index in enumerate(filled)}
    ranges = sheet.merged_cell_ranges or []
    return Grid(
        name=about.name,
        number=number,
        rows=tuple(rows[index] for index in filled),
        numbers=tuple(index + 1 for index in filled),
        hidden=about.visible != python_calamine.SheetVisibleEnum.Visible,
        merged=tuple(f"rows {first[0] + 1} to {last[0] + 1}, column {first[1] + 1}" for first, last in ranges),
        spans=tuple(
            Merged(min(covered), first[1], max(covered), last[1])
            for first, last in ranges
            if (covered := [at[row] for row in range(first[0], last[0] + 1) if row in at])
        ),
    )


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(sep=" ")
    if isinstance(value, datetime.timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)
