"""CSV as forces and people save it: any usual encoding, delimiter and line end, titles above and notes below the table.

The encoding is told by a byte order mark, else UTF-8, else Windows-1252; the delimiter is the one of comma, semicolon,
tab and bar under which most headings are known. A row is refused with its line where it has too many or too few cells.
It guesses no heading: an unknown one refuses the file.

>>> record = read_csv(b"Date;Location;Alerts\\r\\n06/04/23;Camden;1\\r\\n", "a.csv")
>>> record.rows[0].place, record.documents[0].columns == {"date", "place", "alerts"}
('Camden', True)
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from countersign.errors import WrongForm
from countersign.published.files import UnknownForm, digest
from countersign.published.table.grids import About, document_of, identifier, record_of
from countersign.published.table.headings import HEADING_WITHIN, Uses, assign, count_known, find_heading
from countersign.published.table.maps import NO_MAP, ColumnMap
from countersign.published.table.marks import readable
from countersign.published.table.own import is_own
from countersign.published.table.record import Document, Record
from countersign.published.table.rows import MOST_ROWS, Read, TooManyRows, columns_of, read_rows
from countersign.published.table.shapes import Grid, labels_of
from countersign.words.hidden import read_cell

#: No table of deployments is near this; a line of millions of commas is told at once.
MOST_COLUMNS = 1000
_DELIMITERS = (",", ";", "\t", "|")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
#: An apostrophe that may open a cell: most files hold none, and need no look at each of their cells.
_OPENS_QUOTED = re.compile("'(?<=[\"\r\n,;\t|]')")
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class BrokenTable(
    WrongForm, next_step="Correct quotation marks and commas at that line, or save the table again as CSV."
):
    """A CSV file breaks its own quoting, or one of its lines has far more cells than any table."""


class Lines(msgspec.Struct, frozen=True):
    """The lines of a CSV that hold anything: cells, and the number of the line each ended on."""

    cells: list[list[str]]
    numbers: list[int]


def decode(content: bytes, name: str) -> tuple[str, str]:
    """The text of a file and the name of the encoding it was read in. Raises ``UnknownForm`` if it is no text."""
    marked = next((encoding for mark, encoding in _BYTE_ORDER_MARKS if content.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if found := _CONTROL.search(text):
            line = text.count("\n", 0, found.start()) + 1
            raise UnknownForm(f"{name}, line {line}: there is a control character, so this is no text file")
        return text, encoding
    raise UnknownForm(f"{name}: this is no text in UTF-8, UTF-16 or Windows-1252, nor any other form that is read")


def split(text: str, delimiter: str, name: str, limit: int) -> Lines:
    """Cut text into cells, at most ``limit`` lines. Raises ``BrokenTable`` with the line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    cells: list[list[str]] = []
    numbers: list[int] = []
    try:
        for row in reader:
            if len(row) > MOST_COLUMNS:
                raise BrokenTable(f"{name}, line {reader.line_num}: there are more than {MOST_COLUMNS:,} columns")
            if any(row):
                cells.append(row)
                numbers.append(reader.line_num)
                if len(cells) >= limit:
                    break
    except csv.Error as error:
        raise BrokenTable(f"{name}, line {reader.line_num}: {error}") from error
    return Lines(cells, numbers)


def sniff(text: str, name: str, columns: ColumnMap) -> str:
    """The delimiter under which most headings are known, in a line or as labels; the comma where none tells."""
    best, most = ",", 0
    for delimiter in _DELIMITERS:
        try:
            opening = split(text, delimiter, name, HEADING_WITHIN).cells
        except BrokenTable:
            continue
        found = find_heading(opening, columns)
        known = count_known(found[1], columns) if found else 0
        known = max(known, labels_of(opening, columns, found[1] if found else ())[0])
        if known > most:
            best, most = delimiter, known
    return best


def read_csv(
    content: bytes, name: str, *, columns: ColumnMap = NO_MAP, described: Sequence[Document] = (), kind: str = "csv"
) -> Record:
    """Read a CSV file; its ``source`` column may name ``described`` documents by id or title. Raises ``UnknownForm``,
    ``BrokenTable``, ``NoTable``, ``UnknownColumn``, ``MissingColumn`` or ``TooManyRows``.
    """
    text, encoding = decode(content, name)
    delimiter = sniff(text, name, columns)
    lines = split(text, delimiter, name, MOST_ROWS + HEADING_WITHIN + 1)
    quoted = text.startswith("'") or _OPENS_QUOTED.search(text) is not None
    if quoted and (kind == "package" or (lines.cells and is_own(lines.cells[0]))):
        lines = Lines([[read_cell(cell) for cell in row] for row in lines.cells], lines.numbers)
    notes = ["The file is not UTF-8; it was read as Windows-1252."] if encoding == "cp1252" else []
    if len(lines.cells) > MOST_ROWS + HEADING_WITHIN:
        raise TooManyRows(f"{name}: the table has more than {MOST_ROWS:,} rows")
    found = find_heading(lines.cells, columns)
    uses = [columns.use_of(heading) for heading in found[1]] if found else []
    about = About(name, kind, digest(content), notes=tuple(notes))
    if found is not None and any(use and "source" in use.names for use in uses):
        return _by_source(lines, found, about, columns, described)
    rows, numbers = tuple(map(tuple, lines.cells)), tuple(lines.numbers)
    grid = Grid("", None, rows, numbers, kind="file", word="line", keep_printed=False, strict_width=True)
    return record_of([grid], about, columns)


def _by_source(
    lines: Lines, found: tuple[int, tuple[str, ...]], about: About, columns: ColumnMap, described: Sequence[Document]
) -> Record:
    """One document for each text of the ``source`` column: those described first, then in order of appearance."""
    at, headings = found
    uses = assign(headings, columns, about.name, f"line {lines.numbers[at]}").uses
    position = next(index for index, use in enumerate(uses) if use and "source" in use.names)
    file = document_of(about, columns, columns_of(uses, columns))
    known = {d.title: d for d in described} | {d.id: d for d in described}
    documents = {document.id: document for document in described}
    groups: dict[str, tuple[list[Sequence[str]], list[int]]] = {named: ([], []) for named in documents}
    made: dict[str, str] = {}
    for row, number in zip(lines.cells[at + 1 :], lines.numbers[at + 1 :], strict=True):
        title = row[position].strip() if len(row) > position else ""
        if title in known:
            named = known[title].id
        elif title in made:
            named = made[title]
        else:
            named = identifier(title) if title else file.id
            while named in groups:
                named += "-2"
            made[title] = named
        cells, places = groups.setdefault(named, ([], []))
        cells.append(row)
        places.append(number)
    for title, named in made.items():
        has = _filled(uses, groups[named][0]) | frozenset(columns.constants)
        documents[named] = replace(file, id=named, title=readable(title) or file.title, columns=has - {"source"})
    settled = bool(described)
    read = [_rows(named, uses, cells, places, columns, settled) for named, (cells, places) in groups.items()]
    together = Read.together(read)
    return Record(tuple(documents.values()), together.rows, together.refused, together.set_aside)


def _rows(
    document: str, uses: Uses, body: Sequence[Sequence[str]], numbers: Sequence[int], columns: ColumnMap, settled: bool
) -> Read:
    return read_rows(
        document, uses, body, place=lambda index: f"line {numbers[index]}", columns=columns, settled=settled
    )


def _filled(uses: Uses, body: Sequence[Sequence[str]]) -> frozenset[str]:
    """The columns that hold anything in these rows: the others were not printed in this document."""
    return frozenset(
        name
        for index, use in enumerate(uses)
        if use and any(len(row) > index and row[index] for row in body)
        for name in use.names
    )
