"""Small CSV files read strictly: known columns only, every cell of one type, every complaint with its line and column.

For the hand-made files beside a record (counts by group, baselines, people counted). UTF-8 with or without a byte order
mark, comma between cells, Unix or Windows line ends. A decimal comma, a thousands comma or a formula is not read as a
number but refused, since guessing would change the figure. The large tables of deployments have a reader of their own.

>>> Line("a.csv", 2, {"count": "8"}).whole("count")
8
"""

from __future__ import annotations

import csv
import datetime
import difflib
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from countersign.door import hold, hold_column
from countersign.errors import NotReached, WrongForm
from countersign.inputs import open_file
from countersign.published.table.marks import Forms, Unreadable
from countersign.published.table.record import Unsure
from countersign.published.table.values import read_count

#: A hand-made file is small; a larger one is another file than was meant.
MAX_BYTES = 4_000_000
_WHOLE = re.compile(r"0|[1-9][0-9]{0,17}")
_SHARE = re.compile(r"0?\.[0-9]{1,17}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class CsvMalformed(
    WrongForm,
    next_step="Put the named line right; the columns and their types are in docs/formats/groups.md and audit.md.",
):
    """A small CSV file has unknown or missing columns, or a cell of the wrong type."""


class CsvNotRead(NotReached):
    """A small CSV file could not be opened."""


class Line(NamedTuple):
    """One line of such a file, its cells by column name."""

    file: str
    number: int
    cells: Mapping[str, str]

    @property
    def place(self) -> str:
        """File and line, for messages."""
        return f"{self.file}, line {self.number}"

    def text(self, column: str, *, required: bool = True) -> str:
        """The cell's text without the blanks around it. Raises ``CsvMalformed`` where it is required and empty."""
        found = self.cells.get(column, "").strip()
        if required and not found:
            raise CsvMalformed(f"{self.place}, column {column!r}: is empty")
        return found

    def whole(self, column: str) -> int:
        """A whole number in plain digits. Raises ``CsvMalformed``."""
        found = self.text(column)
        if _WHOLE.fullmatch(found) is None:
            raise CsvMalformed(f"{self.place}, column {column!r}: {found!r} is not a whole number in plain digits")
        return int(found)

    def whole_or_none(self, column: str) -> int | None:
        """A whole number, or ``None`` where the cell is empty or the file has no such column."""
        return self.whole(column) if self.text(column, required=False) else None

    def bounds(self, column: str, of: int) -> tuple[int, int]:
        """The fewest and the most of ``of`` that a count says: "8", "<5", "1 to 4". Raises ``CsvMalformed``."""
        found = self.text(column)
        if _WHOLE.fullmatch(found):
            return int(found), int(found)
        try:
            read = read_count(found, column, Forms())
        except Unreadable as error:
            raise CsvMalformed(f"{self.place}, column {column!r}: {error}") from error
        if not isinstance(read, Unsure) or read.low is None:
            fits = "is not a whole number in plain digits, nor a bound such as '<5' or '1 to 4'"
            raise CsvMalformed(f"{self.place}, column {column!r}: {found!r} {fits}")
        return read.low, of if read.high is None else read.high

    def share(self, column: str) -> float:
        """A share between 0 and 1 with a decimal point, such as 0.135. Raises ``CsvMalformed``."""
        found = self.text(column)
        if _SHARE.fullmatch(found) is None:
            raise CsvMalformed(
                f"{self.place}, column {column!r}: {found!r} is not a share between 0 and 1 with a decimal point"
            )
        return float(found)

    def share_or_none(self, column: str) -> float | None:
        """A share, or ``None`` where the cell is empty or the file has no such column."""
        return self.share(column) if self.text(column, required=False) else None

    def date(self, column: str) -> datetime.date | None:
        """An ISO date, or ``None`` where the cell is empty. Raises ``CsvMalformed`` for a day that never was."""
        found = self.text(column, required=False)
        if not found:
            return None
        try:
            if _DATE.fullmatch(found) is None:
                raise ValueError(found)
            return datetime.date.fromisoformat(found)
        except ValueError as error:
            raise CsvMalformed(f"{self.place}, column {column!r}: {found!r} is not a date (YYYY-MM-DD)") from error


def nearest(word: str, known: Sequence[str]) -> str:
    """ " (did you mean ...?)" with the closest known word, or nothing where none is close."""
    close = difflib.get_close_matches(word, known, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def read_text(path: Path, *, malformed: type[WrongForm], not_read: type[NotReached]) -> str:
    """A small UTF-8 text file, whole. Raises the error classes given: too large, not text, or not to be had."""
    try:
        with open_file(path) as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise not_read(f"{path}: cannot be read: {error.strerror or error}") from error
    if len(content) > MAX_BYTES:
        raise malformed(f"{path}: is larger than {MAX_BYTES:,} bytes, so hardly a file written by hand")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise malformed(f"{path}: is not UTF-8 text (byte {error.start + 1} cannot be read)") from error
    if "\0" in text:
        raise malformed(f"{path}: is not a text file")
    return text


def read_lines(path: Path, required: Sequence[str], optional: Sequence[str] = ()) -> tuple[Line, ...]:
    """All lines of the file below its header. Raises ``CsvNotRead`` or ``CsvMalformed``; no line is dropped."""
    text = read_text(path, malformed=CsvMalformed, not_read=CsvNotRead)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(path, header, required, optional)
        lines = []
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise CsvMalformed(f"{path}, line {reader.line_num}: has {len(cells)} cells, the header {len(header)}")
            line = Line(str(path), reader.line_num, dict(zip(header, cells, strict=True)))
            lines.append(line._replace(cells=hold("groups", line.cells, line.place)))
    except csv.Error as error:
        raise CsvMalformed(f"{path}, line {reader.line_num}: is not CSV: {error}") from error
    if not lines:
        raise CsvMalformed(f"{path}: has a header and no line below it")
    for name in header:
        hold_column((line.cells[name] for line in lines), f"{path}, column {name!r}")
    return tuple(lines)


def _check_header(path: Path, header: Sequence[str], required: Sequence[str], optional: Sequence[str]) -> None:
    if not any(header):
        raise CsvMalformed(f"{path}: is empty; its first line must name the columns {', '.join(required)}")
    known = (*required, *optional)
    for name in header:
        if name not in known:
            raise CsvMalformed(f"{path}, line 1: unknown column {name!r}{nearest(name, known)}")
        if header.count(name) > 1:
            raise CsvMalformed(f"{path}, line 1: column {name!r} stands there twice")
    missing = [name for name in required if name not in header]
    if missing:
        raise CsvMalformed(f"{path}, line 1: column {missing[0]!r} is missing")
