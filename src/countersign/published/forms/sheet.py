"""Spreadsheets once unpacked: their budgets, counted on the packed parts before a library builds a cell of them.

A part that several sheets share is counted for each of them. Cells are counted by their opening tags, merged ranges by
the cells they cover. The parts are read in pieces; nothing of them is kept. Formulas are never computed: the value last
saved with the file is read, and the cells are named in the document's notes.

>>> merged_cells(b'<mergeCell ref="A1:C2"/><mergeCell ref="E5"/>')
7
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter

from countersign.errors import WrongForm
from countersign.published.files import TooLarge
from countersign.words.lists import counted

#: The most bytes a spreadsheet may unpack to, parts shared by several sheets counted for each.
MOST_UNPACKED = 64 * 1024 * 1024
#: The most files inside a spreadsheet, and the most sheets.
MOST_PARTS = 2000
MOST_SHEETS = 200
#: The most cells in all sheets together, and the most cells that merged ranges cover.
MOST_CELLS = 2_000_000
MOST_MERGED = 200_000
_PIECE = 1024 * 1024
#: No tag that is counted is longer: a piece begins with the end of the one before, so that none is cut.
_OVERLAP = 256
_CELL = re.compile(rb"<(?:[A-Za-z0-9]{1,16}:)?c[\s/>]")
_MERGED = re.compile(
    rb'<(?:[A-Za-z0-9]{1,16}:)?mergeCell\s[^<>]{0,64}?ref="'
    rb'([A-Z]{1,3})([0-9]{1,7})(?::([A-Z]{1,3})([0-9]{1,7}))?"'
)
_TARGET = re.compile(rb'Target="([^"<>]{1,256})"')


def hold_to_budgets(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse a workbook (XLSX) whose parts would unpack beyond the budgets. Raises ``TooLarge``."""
    parts = {part.filename.lower(): part for part in archive.infolist()}
    uses = Counter(dict.fromkeys(parts, 1))
    links = archive.read("xl/_rels/workbook.xml.rels") if "xl/_rels/workbook.xml.rels" in archive.namelist() else b""
    named = Counter(_part(target.decode("utf-8", "replace")) for target in _TARGET.findall(links))
    sheets = {part: count for part, count in named.items() if "worksheets/" in part}
    if sum(sheets.values()) > MOST_SHEETS:
        raise TooLarge(f"{name}: the spreadsheet has more than {MOST_SHEETS} sheets")
    uses.update({part: count - 1 for part, count in sheets.items() if part in parts})
    if sum(parts[part].file_size * count for part, count in uses.items()) > MOST_UNPACKED:
        raise TooLarge(f"{name}: the spreadsheet unpacks to more than {MOST_UNPACKED // 1024**2} MB")
    cells = merged = 0
    for part, info in parts.items():
        if "worksheets/" in part:
            more, covered = _counted(archive, info)
            cells, merged = cells + more * uses[part], merged + covered * uses[part]
            if cells > MOST_CELLS:
                raise TooLarge(f"{name}: the spreadsheet has more than {MOST_CELLS:,} cells")
            if merged > MOST_MERGED:
                raise TooLarge(f"{name}: merged ranges of the spreadsheet cover more than {MOST_MERGED:,} cells")


def merged_cells(text: bytes) -> int:
    """How many cells the merged ranges named in a sheet's XML cover."""
    total = 0
    for left, top, right, bottom in _MERGED.findall(text):
        wide = _number(right or left) - _number(left) + 1
        total += abs(wide) * abs(int(bottom or top) - int(top) + 1)
    return total


def _counted(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> tuple[int, int]:
    cells = merged = 0
    kept = b""
    with archive.open(part) as file:
        while piece := file.read(_PIECE):
            text = kept + piece
            # A tag is counted in the piece it ends in: the last one is kept for the next piece.
            cut = max(text.rfind(b"<"), len(text) - _OVERLAP, 0)
            cells += len(_CELL.findall(text[:cut]))
            merged += merged_cells(text[:cut])
            kept = text[cut:]
            if cells > MOST_CELLS or merged > MOST_MERGED:
                return cells, merged
    return cells + len(_CELL.findall(kept)), merged + merged_cells(kept)


def _part(target: str) -> str:
    return (target.lstrip("/") if target.startswith("/") else f"xl/{target.removeprefix('./')}").lower()


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


#: The most columns looked at on one sheet.
MOST_COLUMNS = 512
#: What stands in a cell whose formula has no saved value: it cannot be read, and says why.
UNSAVED = "= (a formula without a saved value)"


class BrokenSheet(WrongForm, next_step="Download it again, or open it and save the table as CSV."):
    """A spreadsheet is cut off, encrypted or damaged, so that its cells cannot be had for certain."""


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


def letters(column: int) -> str:
    """A column's letters: 1 is A, 27 is AA."""
    text = ""
    while column:
        column, digit = divmod(column - 1, 26)
        text = chr(ord("A") + digit) + text
    return text


def pictured(pictures: int) -> tuple[str, ...]:
    """A note on pictures in a file, or none."""
    if not pictures:
        return ()
    return (f"The file also holds {counted(pictures, 'picture')}; none was read.",)
