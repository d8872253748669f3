"""Grids of cells, as a spreadsheet, a page, a document or a file of records holds them, and a record made of them.

Tables are found in grids (``shapes``), read (``rows``) and put together. Hidden rows and columns are set aside and
named, and so is a sheet without a table. A table of months or years beside one of single deployments is a summary: it
is set aside and checked against their sums. Rows that stand on two sheets with the same values are read once.

>>> grid = Grid("LFR", 1, (("Date", "Location", "Alerts"), ("11/06/2024", "Dagenham", "9")), (1, 2))
>>> record = record_of([grid], About("a.xlsx", "xlsx", ""), NO_MAP)
>>> record.rows[0].place, record.rows[0].date.isoformat()
('Dagenham', '2024-06-11')
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import PurePath
from typing import NamedTuple

import msgspec

from countersign.leaks import withheld_together
from countersign.published.table.headings import (
    HEADING_WITHIN,
    MissingColumn,
    NoTable,
    UnknownColumn,
    assign,
    check_map_used,
)
from countersign.published.table.maps import NO_MAP, ColumnMap
from countersign.published.table.marks import readable
from countersign.published.table.own import own_tables
from countersign.published.table.record import COLUMNS, SUMMED, Document, Record, Refused, Row, Stated, added, fits
from countersign.published.table.rows import MOST_ROWS, Read, TooManyRows, columns_of, is_total, over_tables, read_rows
from countersign.published.table.shapes import FEWEST, Grid, Table, tables_of
from countersign.words.lists import be, counted, listing

__all__ = ["NO_MAP", "About", "Grid", "record_of"]

_SUMMARY = re.compile(r"summar|totals?\b|overview|headline|key figures", re.IGNORECASE)
#: The most places named in one note.
MOST_NAMED = 12


class About(NamedTuple):
    """What is known of a source besides its tables: its name, form and digest, a title, and notes of its reader."""

    name: str
    kind: str
    sha256: str
    title: str = ""
    notes: tuple[str, ...] = ()


class _Part(NamedTuple):
    """One table that was read, of a grid."""

    grid: Grid
    table: Table
    read: Read
    columns: frozenset[str]
    first: int
    undated: bool = False

    def place_of(self, row: Row) -> str:
        """Where a row of the table stands in the source."""
        return f"{self.grid.place}{self.table.word} {self.table.numbers[row.number - self.first]}"


def document_of(about: About, columns: ColumnMap, read: frozenset[str], stated: Iterable[Stated] = ()) -> Document:
    """The document that a source is, with the ``read`` columns; what the map says of it goes before what it says."""
    file = PurePath(about.name).name
    named = identifier(PurePath(about.name).stem), columns.title or about.title or file
    said = columns.publisher, columns.published, about.sha256, file, about.kind, columns.address
    return Document(*named, *said, read - {"source"}, tuple(dict.fromkeys(about.notes)), stated=tuple(stated))


def record_of(grids: Sequence[Grid], about: About, columns: ColumnMap) -> Record:
    """Read every grid with a table. Raises ``NoTable``, ``UnknownColumn``, ``MissingColumn`` or ``TooManyRows``."""
    document = identifier(PurePath(about.name).stem)
    notes: list[str] = list(about.notes)
    whole = grids
    grids, columns, not_over = own_tables(grids, columns)
    if len(grids) < len(whole):
        notes.append("This is a report of Countersign's own: its tables of rows were read, and no computed one.")
    grids = _one_under_another(grids)
    parts = _read_all(grids, about, columns, document, notes)
    undated = [part for part in parts if part.undated]
    parts, summaries = _summaries([part for part in parts if not part.undated])
    aside = [row for part in parts for row in part.read.set_aside]
    for grid, at in not_over:
        shown = readable(" | ".join(filter(None, grid.rows[at])))[:500]
        place = f"{grid.place}{grid.word} {grid.numbers[at]}"
        aside.append(Refused(document, grid.number, place, shown, "the deployment has not run, or was called off"))
    tables, joins = joined([(part.grid.called, part.read.rows) for part in parts])
    notes += joins
    parts = [
        part._replace(read=msgspec.structs.replace(part.read, rows=tuple(kept)))
        for part, kept in zip(parts, tables, strict=True)
    ]
    rows, copies = _once(parts)
    stated = list(over_tables([sums for part in parts for sums in part.read.stated], rows))
    for part in summaries:
        notes.append(_summary_note(part, rows))
        aside += [_aside(part, row, "it is a row of a summary") for row in part.read.rows]
        aside += part.read.set_aside
        stated += _periods(part, rows)
    for part in undated:
        notes.append(
            f"{part.grid.title} is a summary without dates: it was set aside, and held to the sums of the rows."
        )
        aside += [_aside(part, row, "it is a row of a summary") for row in part.read.rows]
        aside += part.read.set_aside
        stated.append(Stated(part.grid.title, len(rows), _sums(part), rows[0].number, rows[-1].number))
    if copies:
        notes.append(
            f"{counted(len(copies), 'row')} {be(len(copies), 'stands', 'stand')} on more than one sheet or table with "
            "the same values; each was read once."
        )
    aside += copies
    for part in (*parts, *summaries):
        notes += part.read.notes
    for grid in grids:
        if any(part.grid is grid for part in parts):
            notes += _seen(grid)
            for row, number in grid.hidden_rows:
                shown = readable(" | ".join(filter(None, row)))[:500]
                aside.append(Refused(document, grid.number, f"{grid.place}row {number}", shown, "the row is hidden"))
    columns_read = frozenset().union(*(part.columns for part in parts))
    about_document = document_of(about._replace(notes=tuple(notes)), columns, columns_read, stated)
    refused = tuple(row for part in (*parts, *summaries, *undated) for row in part.read.refused)
    return Record((about_document,), tuple(rows), refused, tuple(aside))


def _one_under_another(grids: Sequence[Grid]) -> Sequence[Grid]:
    """Forms that each stand in a table of their own, of the same labels, as one grid: their dates are of one column."""
    labels = {tuple(row[0] for row in grid.rows if row and row[0]) for grid in grids}
    narrow = all(len([text for text in row if text]) <= 2 for grid in grids for row in grid.rows)
    if len(grids) < 2 or len(labels) != 1 or len(*labels) < FEWEST or not narrow or any(grid.hidden for grid in grids):
        return grids
    rows = tuple(row for grid in grids for row in grid.rows)
    return [msgspec.structs.replace(grids[0], name="", rows=rows, numbers=tuple(range(1, len(rows) + 1)), spans=())]


def _read_all(grids: Sequence[Grid], about: About, columns: ColumnMap, document: str, notes: list[str]) -> list[_Part]:
    """Every table of every grid. A table that can't be read is fatal only where it is one of deployments."""
    parts: list[_Part] = []
    headings: list[str] = []
    failed: list[tuple[MissingColumn | UnknownColumn, Grid, Table]] = []
    first = 1
    for grid in grids:
        if not columns.takes(grid.name):
            notes.append(f"{grid.title} was left out, as the map says.")
            continue
        if grid.hidden:
            if grid.rows:
                notes.append(f"{grid.title} is hidden; it was not read.")
            continue
        tables = tables_of(grid, columns)
        if not tables and grid.rows:
            notes.append(f"{grid.title} holds no table with known headings, and was not read.")
        for table in tables:
            headings += table.headings
            try:
                part = _part(grid, table, about.name, columns, document, first)
            except (MissingColumn, UnknownColumn) as error:
                failed.append((error, grid, table))
                continue
            parts.append(part)
            first += len(part.read.rows) + len(part.read.refused) + len(part.read.set_aside)
            notes += [*table.notes]
    for reason, grid, table in failed:
        if parts and (summary := _summary(grid, table, about.name, columns, document, first, parts)) is not None:
            parts.append(summary)
            first += len(summary.read.rows) + len(summary.read.refused) + len(summary.read.set_aside)
            continue
        if not parts or _dated(table, columns):
            raise reason
        notes.append(f"{reason}; this table was not read.")
    if not parts:
        raise NoTable(_no_table(grids, about.name, columns))
    check_map_used(columns, headings, about.name)
    return parts


def _dated(table: Table, columns: ColumnMap) -> bool:
    """Whether a table has a column of dates, so that leaving it out would lose deployments."""
    uses = [columns.use_of(text) for text in table.headings if not columns.ignores(text)]
    return any(use is not None and "date" in use.names for use in uses)


def _no_table(grids: Sequence[Grid], name: str, columns: ColumnMap) -> str:
    """Why there is no table, in a sentence that is true of these grids."""
    filled = [grid for grid in grids if grid.rows and not grid.hidden]
    if not filled:
        hidden = any(grid.rows for grid in grids)
        return f"{name}: {'all that it holds is on hidden sheets' if hidden else 'nothing is printed in it'}"
    known = {
        text for grid in filled for row in grid.rows[:HEADING_WITHIN] for text in row if text and columns.use_of(text)
    }
    first = [text for text in filled[0].rows[0] if text.strip()][:6]
    withheld = withheld_together(first)
    begins = ", ".join(repr(readable(text)[:40]) for text in (first if withheld is None else [withheld]))
    if len(known) >= 2:
        found = listing([repr(readable(text)[:40]) for text in sorted(known)[:6]])
        return f"{name}: headings are known ({found}), but not with a date among them on one line or in one column"
    named = [repr(grid.name) for grid in filled if grid.name]
    where = f"; it has {listing(named[:8])}" if named else ""
    return f"{name}: none of its first lines holds two headings that are known; the first holds {begins}{where}"


def _part(grid: Grid, table: Table, name: str, columns: ColumnMap, document: str, first: int) -> _Part:
    headed = assign(table.headings, columns, name, table.place)
    if len(table.rows) > MOST_ROWS:
        raise TooManyRows(f"{name}: the table has more than {MOST_ROWS:,} rows")
    read = read_rows(
        document,
        headed.uses,
        table.rows,
        place=lambda index: f"{grid.place}{table.word} {table.numbers[index]}",
        page=lambda _: grid.number,
        columns=columns,
        keep_printed=grid.keep_printed,
        first=first,
        serials_from_1904=grid.serials_from_1904,
    )
    read = msgspec.structs.replace(read, notes=(*headed.notes, *read.notes))
    return _Part(grid, table, read, columns_of(headed.uses, columns), first)


def _summary(
    grid: Grid, table: Table, name: str, columns: ColumnMap, document: str, first: int, parts: Sequence[_Part]
) -> _Part | None:
    """A table without a date that adds up the rows of others: of periods that the map leaves out, or of all of them."""
    rows = [row for part in parts for row in part.read.rows]
    days = [row.date.isoformat() for row in rows if row.date is not None]
    whole = msgspec.structs.replace(columns, ignore=())
    dated = msgspec.structs.replace(whole, constants={**columns.constants, "date": min(days, default="2000-01-01")})
    for read_by in (whole, dated):
        try:
            part = _part(grid, table, name, read_by, document, first)
        except (MissingColumn, UnknownColumn):
            continue
        if read_by is whole and part.read.rows and all(row.period for row in part.read.rows):
            return part
        sums = _sums(part)
        agree = any(fits(value, *added(rows, name)) and value > 1 for name, value in sums.items())
        if read_by is dated and sums and (agree or _SUMMARY.search(grid.name)):
            return part._replace(undated=True)
    return None


def _sums(part: _Part) -> dict[str, int]:
    """What a table without dates adds up in each column; its rows of totals only where it has no other."""
    rows = [row for row in part.read.rows if not is_total(row.place or row.area or "")] or part.read.rows
    columns = {name: [getattr(row, name) for row in rows] for name in SUMMED}
    return {name: sum(values) for name, values in columns.items() if values and None not in values}


def _summaries(parts: Sequence[_Part]) -> tuple[list[_Part], list[_Part]]:
    """The tables of single deployments, and the summaries beside them; all are kept where there is but one kind."""
    single = [part for part in parts if any(not row.period for row in part.read.rows)]
    periods = [part for part in parts if part.read.rows and all(row.period for row in part.read.rows)]
    if not single or not periods:
        return list(parts), []
    return [part for part in parts if part not in periods], periods


def _summary_note(summary: _Part, rows: Sequence[Row]) -> str:
    """A sentence on a summary: what of it agrees with the sums of the rows, and what does not."""
    differ: list[str] = []
    agree: list[str] = []
    for name in ("deployments", *(name for name in SUMMED if name != "deployments")):
        stated = [value for row in summary.read.rows if (value := getattr(row, name)) is not None]
        counts = [1 if name == "deployments" else getattr(row, name) for row in rows]
        if not stated or any(value is None for value in counts):
            continue
        words = name.replace("_", " ")
        if sum(stated) == sum(counts):
            agree.append(words)
        else:
            differ.append(f"{words} ({sum(stated):,}, the rows {sum(counts):,})")
    said = f"{summary.grid.title} is a summary by period, and was set aside"
    if differ:
        return f"{said}; it does not agree with the sum of the rows in {listing(differ)}."
    return f"{said}; it agrees with the sum of the rows in {listing(agree)}." if agree else f"{said}."


def _periods(summary: _Part, rows: Sequence[Row]) -> Iterable[Stated]:
    """What a summary prints of each period, where every row has a date to be found by."""
    if any(row.date is None for row in rows):
        return
    for row in summary.read.rows:
        counts = {name: value for name in SUMMED if (value := getattr(row, name)) is not None}
        said = Stated(summary.place_of(row), 0, counts, start=row.date, end=row.date_to or row.date)
        yield msgspec.structs.replace(said, rows_covered=sum(map(said.covers, rows)))


def _aside(part: _Part, row: Row, reason: str) -> Refused:
    shown = readable(" | ".join(row.printed.values()))[:500]
    return Refused(row.document, row.page, part.place_of(row), shown, reason)


def _once(parts: Sequence[_Part]) -> tuple[list[Row], list[Refused]]:
    """The rows, those of a later table with the same values as one of an earlier table set aside."""
    if len(parts) == 1:
        return list(parts[0].read.rows), []
    rows: list[Row] = []
    copies: list[Refused] = []
    seen: dict[tuple[object, ...], int] = {}
    for number, part in enumerate(parts):
        for row in part.read.rows:
            key = same_row(row)
            if key is not None and seen.setdefault(key, number) != number:
                copies.append(_aside(part, row, "the same row stands on an earlier sheet or table"))
            else:
                rows.append(row)
    return rows, copies


def joined(tables: Sequence[tuple[str, Sequence[Row]]]) -> tuple[list[list[Row]], tuple[str, ...]]:
    """Tables that print other columns of the same rows put together, by date and place, with sentences on them.

    Each table is its name and its rows. Two are joined where no column has values in both, and their rows come in the
    same order, or each date and place stands once in either and most of the shorter table's are in the longer.
    """
    kept = [list(rows) for _, rows in tables]
    notes: list[str] = []
    for at, later in combinations(range(len(tables)), 2):
        first, second = kept[at], kept[later]
        pairs = _pairs(first, second)
        if not pairs or _filled(first) & _filled(second):
            continue
        kept[at] = [_together(row, second[pairs[index]]) if index in pairs else row for index, row in enumerate(first)]
        kept[later] = [row for index, row in enumerate(second) if index not in set(pairs.values())]
        whole = len(pairs) == len(first)
        of = counted(len(pairs), "row") if whole else f"{len(pairs):,} of {counted(len(first), 'row')}"
        names = tables[at][0], tables[later][0]
        both = f"two tables of {names[0]}" if names[0] == names[1] else " and ".join(names)
        notes.append(
            f"{both[:1].upper()}{both[1:]} print other columns of the same {of}; they were joined by date and place."
        )
    return kept, tuple(notes)


def _pairs(first: Sequence[Row], second: Sequence[Row]) -> dict[int, int]:
    """The positions of the same deployments in two tables; empty where they are not the same for certain."""
    if len(first) >= 2 and _keys(first) == _keys(second):
        return {index: index for index in range(len(first))}
    ours, theirs = (
        {
            (row.date, " ".join(row.place.casefold().split())): index
            for index, row in enumerate(rows)
            if row.date is not None and row.place is not None
        }
        for rows in (first, second)
    )
    common = [key for key in ours if key in theirs]
    if (len(ours), len(theirs)) != (len(first), len(second)) or 2 * len(common) <= min(len(first), len(second)):
        return {}
    return {ours[key]: theirs[key] for key in common} if len(common) >= 2 else {}


def _keys(rows: Sequence[Row]) -> list[tuple[object, ...]]:
    return [(row.date, row.place, row.printed.get("date", "")) for row in rows]


_KEYS = ("date", "date_to", "place", "area", "use_case")
_VALUES = tuple(column.name for column in COLUMNS if column.name not in (*_KEYS, "source"))


def _filled(rows: Sequence[Row]) -> set[str]:
    return {name for row in rows for name in _VALUES if getattr(row, name) is not None or name in row.unsure}


def _together(row: Row, other: Row) -> Row:
    values = {name: value for name in _VALUES if (value := getattr(other, name)) is not None}
    return msgspec.structs.replace(
        row, **values, printed={**other.printed, **row.printed}, unsure={**other.unsure, **row.unsure}
    )


def same_row(row: Row) -> tuple[object, ...] | None:
    """What a row is known by: its date, place and counts; ``None`` where too little is printed to know it by."""
    counts = tuple(getattr(row, name) for name in SUMMED)
    if row.date is None or row.place is None or sum(value is not None for value in counts) < 2:
        return None
    return (row.date, " ".join(row.place.casefold().split()), *counts)


def _seen(grid: Grid) -> Iterable[str]:
    """What a reader of the sheet would not see, in sentences."""
    for places, one, many, said in (
        (grid.formulas, "cell holds a formula", "cells hold formulas",
         "the values last saved were read, and none was computed"),
        (tuple(grid.merged), "range of cells is merged", "ranges of cells are merged",
         "each value holds for all rows of its range"),
        (grid.hidden_parts, "row or column is hidden", "rows or columns are hidden", "what is hidden was not read"),
        (grid.comments, "cell has a comment", "cells have comments", "none was read"),
    ):  # fmt: skip
        if places:
            named = ", ".join(places[:MOST_NAMED]) + (" and others" if len(places) > MOST_NAMED else "")
            yield f"{grid.title}: {counted(len(places), one, many)} ({named}); {said}."


def identifier(text: str) -> str:
    """A short stable id made of a title or a file's stem.

    >>> identifier("MPS LFR Deployments 2020-2022 (published 20 Nov 2023)")
    'mps-lfr-deployments-2020-2022-published-20-nov-2023'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")[:60].strip("-") or "document"
