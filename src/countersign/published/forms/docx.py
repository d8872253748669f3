"""Tables of DOCX documents, read with python-docx: merged cells carried down, text around the tables left alone.

Text that a reader does not see (hidden, struck out by tracked changes) is no part of a cell. Lines of "label: value"
outside tables, as forms have them, are read as a table of two columns where no table is known.
"""

from __future__ import annotations

import io
import re
from typing import Any

from countersign.errors import WrongForm
from countersign.published.files import digest
from countersign.published.forms.sheet import BrokenSheet, pictured, unpackable
from countersign.published.table.grids import About, record_of
from countersign.published.table.maps import NO_MAP, ColumnMap
from countersign.published.table.marks import raised
from countersign.published.table.record import Record
from countersign.published.table.shapes import Grid, Merged

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LABEL = re.compile(r"\s*([A-Z][^:\t]{1,60}?)\s*[:\t]\s*(\S.*)")


class BrokenDocument(WrongForm, next_step="Download it again, or open it and save it as PDF."):
    """A text document is cut off, encrypted or damaged, so that its tables cannot be had for certain."""


def read_docx(content: bytes, name: str, *, columns: ColumnMap = NO_MAP) -> Record:
    """Read a document. Raises ``BrokenDocument``, ``TooLarge``, and what ``record_of`` raises."""
    grids, title, pictures = grids_of_docx(content, name)
    return record_of(grids, About(name, "docx", digest(content), title, pictured(pictures)), columns)


def grids_of_docx(content: bytes, name: str) -> tuple[list[Grid], str, int]:
    """The tables of a document, its title, and how many pictures. Raises ``BrokenDocument`` or ``TooLarge``."""
    import docx

    try:
        with unpackable(content, name) as archive:
            pictures = sum(1 for part in archive.namelist() if part.startswith("word/media/"))
        document = docx.Document(io.BytesIO(content))
    except BrokenSheet as error:
        raise BrokenDocument(str(error).replace("spreadsheet", "document")) from error
    except WrongForm:
        raise
    except Exception as error:  # python-docx and zipfile raise many kinds for a damaged file
        raise BrokenDocument(f"{name}: the document is damaged ({type(error).__name__})") from error
    found = document.element.body.iter(f"{_W}tbl")
    tables = [table for table in found if not any(True for _ in table.iterancestors(f"{_W}tbl"))]
    grids = [_grid(table, number, len(tables)) for number, table in enumerate(tables, start=1)]
    lines = [_text(paragraph) for paragraph in document.element.body if paragraph.tag == f"{_W}p"]
    pairs = [found for line in lines if (found := _LABEL.fullmatch(line))]
    if len(pairs) >= 3:
        rows = tuple((pair[1], pair[2]) for pair in pairs)
        grids.append(Grid("labelled lines", None, rows, tuple(range(1, len(rows) + 1)), kind="text"))
    title = next((line for line in lines if line), "") if tables else ""
    return [grid for grid in grids if grid.rows], title[:200], pictures


def _grid(table: Any, number: int, tables: int) -> Grid:
    rows: list[dict[int, str]] = []
    began: dict[int, tuple[int, int]] = {}
    spans: list[Merged] = []
    for at, row in enumerate(table.iterchildren(f"{_W}tr")):
        cells: dict[int, str] = {}
        column = _stated(row, f"{_W}trPr/{_W}gridBefore", 0)
        for cell in row.iterchildren(f"{_W}tc", f"{_W}sdt"):
            cell = cell if cell.tag == f"{_W}tc" else next(cell.iter(f"{_W}tc"), cell)
            wide = max(1, _stated(cell, f"{_W}tcPr/{_W}gridSpan", 1))
            merge = cell.find(f"{_W}tcPr/{_W}vMerge")
            if merge is not None and merge.get(f"{_W}val", "continue") == "continue" and column in began:
                began[column] = (began[column][0], at)
            else:
                _close(began, column, spans)
                if merge is not None:
                    began[column] = (at, at)
                cells[column] = " ".join(text for paragraph in cell.iter(f"{_W}p") if (text := _text(paragraph)))
            column += wide
        rows.append(cells)
    for column in list(began):
        _close(began, column, spans)
    width = max((max(cells, default=-1) for cells in rows), default=-1) + 1
    return Grid(
        name=str(number) if tables > 1 else "",
        number=number if tables > 1 else None,
        rows=tuple(tuple(cells.get(column, "") for column in range(width)) for cells in rows),
        numbers=tuple(range(1, len(rows) + 1)),
        kind="table",
        spans=tuple(spans),
        merged=tuple(f"row {span.top + 1}, column {span.left + 1}" for span in spans),
    )


def _close(began: dict[int, tuple[int, int]], column: int, spans: list[Merged]) -> None:
    if (found := began.pop(column, None)) is not None and found[1] > found[0]:
        spans.append(Merged(found[0], column, found[1], column))


def _stated(element: Any, path: str, default: int) -> int:
    """A number of columns that a row or cell states, at most 1000."""
    found = element.find(path)
    text = found.get(f"{_W}val", "") if found is not None else ""
    return min(int(text), 1000) if text.isdecimal() else default


def _text(paragraph: Any) -> str:
    """The text that a reader sees: without hidden runs and deletions that are only marked."""
    pieces: list[str] = []
    for element in paragraph.iter(f"{_W}t", f"{_W}tab", f"{_W}br"):
        run = next(element.iterancestors(f"{_W}r"), None)
        hidden = run is not None and run.find(f"{_W}rPr/{_W}vanish") is not None
        above = run is not None and run.find(f"{_W}rPr/{_W}vertAlign[@{_W}val='superscript']") is not None
        if above and element.tag == f"{_W}t":
            pieces.append(raised(element.text or ""))
        elif not hidden:
            pieces.append(element.text or "" if element.tag == f"{_W}t" else "\t" if element.tag == f"{_W}tab" else " ")
    return " ".join(part for part in re.sub(r"[ \u00a0\n]+", " ", "".join(pieces)).split(" ") if part)
