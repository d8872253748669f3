"""A force's own PDF, as published: every row of its tables with page and printed text, and a list of what was refused.

Words and rules come from ``page``, headings and cells from ``headings``, rows from ``rows``; values are read as
everywhere (``table``). Text beside the tables (titles, footnotes, other tables) is kept as notes of the document. Forms
of labels and values, and tables on their side, are read as a grid of the phrases on the pages. Rows found = rows
reported + rows refused. It reads no picture: a scanned page is refused and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import PurePath

import msgspec

from countersign.errors import WrongForm
from countersign.progress import Progress, silent
from countersign.published.files import digest
from countersign.published.forms.pdf.headings import Headings, Line, lines_of
from countersign.published.forms.pdf.page import SCANNED, Page, pages
from countersign.published.forms.pdf.rows import Beside, PrintedRow, TableReader
from countersign.published.table.grids import About, document_of, identifier, joined, record_of
from countersign.published.table.headings import NoTable
from countersign.published.table.maps import NO_MAP, ColumnMap
from countersign.published.table.record import Record, Refused, Row
from countersign.published.table.rows import Read, columns_of, over_tables, read_rows
from countersign.published.table.shapes import Grid, tables_of

#: What may be done besides where a scan has a layer of recognised text.
WITH_LAYER = "Or read that layer with --ocr-layer: every figure is then marked."
#: The longest note kept of the text beside the tables of one page.
LONGEST_NOTE = 2000


class ScannedPdf(
    WrongForm,
    next_step="Ask the force for the table as text. Or recognise its text with a tool of your choice, check every "
    "figure against the picture by eye, and give the CSV.",
):
    """A PDF holds pictures of pages and no text."""


def read_with_layer(content: bytes, name: str, *, columns: ColumnMap = NO_MAP, progress: Progress = silent) -> Record:
    """Read a PDF, of a page that is a scan the text recognised under it. Raises what ``read_pdf`` raises."""
    return read_pdf(content, name, columns=columns, progress=progress, ocr_layer=True)


def read_pdf(
    content: bytes, name: str, *, columns: ColumnMap = NO_MAP, progress: Progress = silent, ocr_layer: bool = False
) -> Record:
    """Read a PDF. Raises ``BrokenPdf``, ``EncryptedPdf``, ``TooLarge``, ``ScannedPdf`` or ``NoTable``."""
    record, layer = _read_pages(content, name, columns, progress, ocr_layer)
    if not layer:
        return record
    documents = tuple(msgspec.structs.replace(document, ocr_layer=True) for document in record.documents)
    return msgspec.structs.replace(record, documents=documents)


def _read_pages(
    content: bytes, name: str, columns: ColumnMap, progress: Progress, ocr_layer: bool
) -> tuple[Record, bool]:
    """The record, and whether any page of it was read from an OCR layer."""
    reader = TableReader(columns)
    scans: list[int] = []
    opened: list[Page] = []
    for page in pages(content, name, progress, ocr_layer):
        opened.append(page)
        if not page.words and page.pictures >= SCANNED:
            scans.append(page.number)
        reader.read(page)
    layer = any(page.layer for page in opened)
    printed = reader.rows()
    notes = [note for page in opened for note in page.notes] + reader.notes
    labelled = _labelled(opened, content, name, columns, notes) if len(printed) <= 1 else None
    if labelled is not None:
        return labelled, layer
    if not printed:
        _raise_without_rows(name, reader, scans, opened)
    document = identifier(PurePath(name).stem)
    read = _joined(_read(document, printed, columns), printed)
    scanned = tuple(
        Refused(document, number, f"page {number}", "", "the page is a picture without text") for number in scans
    )
    first: dict[int, PrintedRow] = {}
    for row in printed:
        first.setdefault(id(row.headings), row)
    kinds = list(first.values())
    said = (*notes, *read.notes, *_notes(kinds, reader.beside))
    about = About(name, "pdf", digest(content), _title(opened[0]), said)
    held = frozenset().union(*(columns_of(row.headings.uses, columns) for row in kinds))
    made = document_of(about, columns, held, over_tables(read.stated, read.rows))
    record = Record((made,), read.rows, (*read.refused, *scanned), read.set_aside)
    return record, layer


def _labelled(
    opened: Sequence[Page], content: bytes, name: str, columns: ColumnMap, notes: Sequence[str]
) -> Record | None:
    """Forms of labels and values, and tables on their side: read as a grid of the phrases on the pages."""
    grid = grid_of(opened)
    if not any(table.word in ("column", "form") for table in tables_of(grid, columns)):
        return None
    return record_of([grid], About(name, "pdf", digest(content), _title(opened[0]), tuple(notes)), columns)


def _raise_without_rows(name: str, reader: TableReader, scans: Sequence[int], opened: Sequence[Page]) -> None:
    opening = opened[0]
    unseen = next((page for page in opened if page.unseen), None)
    if scans:
        layer = " (a layer of text that no reader sees lies under it, and may say something else)" if unseen else ""
        raise ScannedPdf(
            f"{name}, page {scans[0]}: the page is a picture without text{layer}, and no other page has a table",
            next_step=f"{ScannedPdf.next_step} {WITH_LAYER}" if unseen else ScannedPdf.next_step,
        )
    if not any(page.words for page in opened) and not reader.beside:
        raise NoTable(f"{name}: no page holds any text")
    dated = f"; {reader.unheaded} lines with a date stand under no known heading" if reader.unheaded else ""
    begins = " ".join(word.text for word in opening.words[:12])
    raise NoTable(f"{name}: no page holds a table with headings that are known{dated}; page 1 begins {begins[:100]!r}")


def _read(document: str, printed: Sequence[PrintedRow], columns: ColumnMap) -> Read:
    """Read runs of rows under the same headings; a row in doubt is refused with its reason."""
    runs = groupby(range(len(printed)), key=lambda index: id(printed[index].headings))
    return Read.together([_read_run(document, printed, list(run), columns) for _, run in runs])


def _read_run(document: str, printed: Sequence[PrintedRow], run: Sequence[int], columns: ColumnMap) -> Read:
    headings = printed[run[0]].headings
    certain = [index for index in run if not printed[index].cells.doubt]
    doubted = tuple(
        Refused(document, found.page, f"row {index + 1}", found.text[:500], found.cells.doubt)
        for index in run
        if (found := printed[index]).cells.doubt
    )
    read = read_rows(
        document,
        headings.uses,
        [_texts(printed[index], headings) for index in certain],
        place=lambda at: f"row {certain[at] + 1}",
        page=lambda at: printed[certain[at]].page,
        columns=columns,
        keep_printed=True,
    )
    rows = []
    for row in read.rows:
        index = certain[row.number - 1]
        over = {
            name: text
            for leaf, text in printed[index].cells.over.items()
            if (use := headings.leaves[leaf].use) is not None
            for name in use.names
        }
        rows.append(msgspec.structs.replace(row, number=index + 1, printed={**row.printed, **over}))
    numbers = {row.number: certain[row.number - 1] + 1 for row in read.rows}
    stated = tuple(
        msgspec.structs.replace(sums, first_row=numbers[sums.first_row], last_row=numbers[sums.last_row])
        for sums in (() if doubted else read.stated)
        if sums.first_row is not None and sums.last_row is not None
    )
    return Read(tuple(rows), (*doubted, *read.refused), read.set_aside, read.notes, stated)


def _joined(read: Read, printed: Sequence[PrintedRow]) -> Read:
    """The rows of tables that print other columns of the same rows put together, those of a page or of several."""
    tables: dict[tuple[int, int], list[Row]] = {}
    for row in read.rows:
        found = printed[row.number - 1]
        tables.setdefault((found.page, id(found.headings)), []).append(row)
    kept, notes = joined([(f"page {page}", rows) for (page, _), rows in tables.items()])
    rows = sorted((row for table in kept for row in table), key=lambda row: row.number)
    return msgspec.structs.replace(read, rows=tuple(rows), notes=(*notes, *read.notes))


def _texts(row: PrintedRow, headings: Headings) -> list[str]:
    """The cells' texts; a date broken over two lines is put together again."""
    dated = headings.position("date")
    return [
        text.replace(" ", "") if index == dated and any(mark in text for mark in "/.-") else text
        for index, text in enumerate(row.cells.texts)
    ]


def _notes(kinds: Sequence[PrintedRow], beside: Sequence[Beside]) -> Iterator[str]:
    """The headings that were not known, from the first row under each set, and the text beside the tables."""
    for row in kinds:
        for leaf in row.headings.leaves:
            if leaf.use is None and not leaf.ignored:
                yield f"Page {row.page}: the column headed {leaf.text!r} is not known, and was not read."
    texts: dict[int, list[str]] = {}
    for line in beside:
        texts.setdefault(line.page, []).append(line.text)
    for page, lines in texts.items():
        yield f"Page {page}, beside the table: {' '.join(lines)[:LONGEST_NOTE]}"


def _title(opening: Page) -> str:
    """The largest words of the first page, if clearly larger than the rest; a line that comes again is said once."""
    heights = sorted(word.bottom - word.top for word in opening.words)
    tallest = heights[-1] if heights else 0.0
    if not heights or tallest < 1.3 * heights[len(heights) // 2]:
        return ""
    large = [word for word in opening.words if word.bottom - word.top > 0.9 * tallest]
    return " ".join(dict.fromkeys(line.text for line in lines_of(large, opening.down)))[:200]


def grid_of(pages: Sequence[Page]) -> Grid:
    """All lines of all pages as rows of a grid; ``number`` is the first page."""
    rows: list[tuple[str, ...]] = []
    for page in pages:
        lines = lines_of(page.words, page.down)
        columns = _columns(lines)
        rows += [_cells(line, columns) for line in lines]
    return Grid("", pages[0].number, tuple(rows), tuple(range(1, len(rows) + 1)), kind="page", word="line")


def _columns(lines: Sequence[Line]) -> list[tuple[float, float]]:
    """The extents of columns: phrases of lines with several, joined where they overlap."""
    extents = sorted((phrase.x0, phrase.x1) for line in lines if len(line.phrases) > 1 for phrase in line.phrases)
    columns: list[tuple[float, float]] = []
    for x0, x1 in extents:
        if columns and x0 < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], x1))
        else:
            columns.append((x0, x1))
    return columns


def _cells(line: Line, columns: Sequence[tuple[float, float]]) -> tuple[str, ...]:
    if len(line.phrases) < 2 or not columns:
        return (line.text,)
    cells = [""] * len(columns)
    for phrase in line.phrases:
        at = next(index for index, (x0, x1) in enumerate(columns) if x0 <= phrase.x0 and phrase.x1 <= x1)
        cells[at] = f"{cells[at]} {phrase.text}".strip()
    return tuple(cells)
