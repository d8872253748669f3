"""The shapes in which tables are printed, brought to one: a line of headings with a deployment or period a row.

- several tables one under another or side by side: each is its own;
- a table on its side, a deployment a column: turned;
- one form a deployment, labels beside values: a form a row;
- a long table, one value a row under "Measure" and "Value": a row for each run of the same other cells;
- one row an alert: counted into deployments by date and place, and nothing about a person is kept.

A value merged over several rows holds for each of them where it is a date, a place, a use case, a threshold or a size
of watchlist; a merged count is for all of them together and is given to none.

>>> rows = (("Date", "11/06/2024", "13/06/2024"), ("Location", "A", "B"), ("Alerts", "9", "7"))
>>> grid = Grid("", None, rows, (1, 2, 3))
>>> tables_of(grid, NO_MAP)[0].rows
(('11/06/2024', 'A', '9'), ('13/06/2024', 'B', '7'))
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

import msgspec

from countersign.published.table.columns import FEEDING, Use, fold
from countersign.published.table.dates import read_dates
from countersign.published.table.headings import count_known, find_heading
from countersign.published.table.maps import NO_MAP, ColumnMap
from countersign.published.table.marks import readable, visible
from countersign.published.table.record import COLUMNS
from countersign.words.lists import be, counted

__all__ = ["NO_MAP", "Grid", "Merged", "Table", "tables_of"]

_KINDS = {column.name: column.kind for column in COLUMNS}
_HELD_BY_ALL = {"watchlist_size", *(column.name for column in COLUMNS if column.kind in ("date", "text", "decimal"))}
#: Characters of the longest cell that is read (the limit of spreadsheets), and what stands in place of a longer one.
LONGEST_CELL = 32_767
TOO_LONG = f"[not read: longer than {LONGEST_CELL:,} characters]"
#: A grid of more lines than these is no form and stands on no side.
MOST_LABELS = 2000
#: The fewest known headings in one column that make a table on its side, or a form.
FEWEST = 3
_ALERT_HEADING = re.compile(
    r"(?:alert|match)(?: (?:no|number|id|ref|reference|time|outcome|result|type|status))|"
    r"(?:time of|type of) (?:alert|match)|"
    r"(?:alert )?(?:outcome|result|adjudication)|true (?:or )?false(?: alert)?|true or false(?: (?:alert|positive))?|"
    r"true false positive|alert"
)
_TRUE = re.compile(r"(?:confirmed )?true(?: (?:alert|positive|match))?|correct(?: match)?|tp", re.IGNORECASE)
_FALSE = re.compile(r"(?:confirmed )?false(?: (?:alert|positive|match))?|incorrect(?: match)?|fp", re.IGNORECASE)
_ARREST = re.compile(r"arrest(?:ed)?", re.IGNORECASE)


class Merged(NamedTuple):
    """A merged range: first and last row and column, counted from 0 on the grid."""

    top: int
    left: int
    bottom: int
    right: int


def on_grid(ranges: Iterable[Merged], numbers: Sequence[int]) -> tuple[Merged, ...]:
    """Merged ranges by a source's numbers of rows, brought to the rows of a grid; those of no kept row left out."""
    position = {number: index for index, number in enumerate(numbers)}
    return tuple(
        Merged(min(covered), merged.left, max(covered), merged.right)
        for merged in ranges
        if (covered := [position[row] for row in range(merged.top, merged.bottom + 1) if row in position])
    )


class Grid(msgspec.Struct, frozen=True):
    """One sheet or table. ``rows``: texts of cells; ``numbers``: each row's number in the source, from 1.

    ``merged``, ``formulas``, ``comments`` and ``hidden_parts`` name ranges, cells, and rows or columns, in the source's
    own notation; ``spans`` are the merged ranges by position in ``rows``. ``hidden_rows`` are not among ``rows``.
    """

    name: str
    number: int | None
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    kind: str = "sheet"
    hidden: bool = False
    formulas: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    spans: tuple[Merged, ...] = ()
    hidden_parts: tuple[str, ...] = ()
    hidden_rows: tuple[tuple[tuple[str, ...], int], ...] = ()
    comments: tuple[str, ...] = ()
    keep_printed: bool = True
    serials_from_1904: bool = False
    word: str = "row"
    strict_width: bool = False

    @property
    def place(self) -> str:
        """Where it stands, to begin a place with; empty for a source of one grid."""
        return f"{self.kind} {self.name!r}, " if self.name else ""

    def __post_init__(self) -> None:
        """A cell too long to be any value is not looked at further, whatever form it came in."""
        if any(len(cell) > LONGEST_CELL for row in self.rows for cell in row):
            rows = (tuple(TOO_LONG if len(cell) > LONGEST_CELL else cell for cell in row) for row in self.rows)
            msgspec.structs.force_setattr(self, "rows", tuple(rows))

    @property
    def called(self) -> str:
        """Its name, within a sentence."""
        return f"{self.kind} {self.name!r}" if self.name else f"the {self.kind}"

    @property
    def title(self) -> str:
        """Its name, to begin a sentence with."""
        return f"{self.called[:1].upper()}{self.called[1:]}"


class Table(NamedTuple):
    """One table in the usual shape: headings, rows of as many cells, the number of each row, and notes on it."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    place: str
    notes: tuple[str, ...] = ()
    word: str = "row"


def tables_of(grid: Grid, columns: ColumnMap) -> list[Table]:
    """Every table of a grid with known headings."""
    grid = msgspec.structs.replace(grid, rows=_tidied(grid.rows))
    heading = find_heading(grid.rows, columns)
    across = count_known(heading[1], columns) if heading else 0
    labels, position = labels_of(grid.rows, columns, heading[1] if heading else ())
    if labels >= FEWEST and labels > across:
        return _from_labels(grid, columns, position)
    if heading is None:
        return []
    tables: list[Table] = []
    for start, headings, end in _stacked(grid, heading, columns):
        for table in _beside(grid, start, headings, end, columns):
            table = _filled_down(table, grid, start, columns)
            even = _evened(table)
            table = _pivoted(even, columns) or _by_alert(even, columns) or table
            tables.append(_narrowed(table, grid))
    above = [f"Text above the table: {readable(' '.join(row))[:300]}" for row in grid.rows[: heading[0]] if any(row)]
    above = [note for note in above if note not in _heading_text(tables)]
    if tables and above:
        tables[0] = tables[0]._replace(notes=(*above, *tables[0].notes))
    return tables


def _tidied(rows: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """Texts without blanks around them and without characters that take no room; most grids have neither."""
    joined = "\n".join(["\n".join(row) for row in rows])
    if joined.isascii() and not any(mark in f"\n{joined}\n" for mark in (" \n", "\n ", "\t", "\r")):
        return rows
    tidy = {text: visible(text).strip() for text in set(chain.from_iterable(rows))}  # few texts are distinct
    if all(text == plain for text, plain in tidy.items()):
        return rows
    return tuple(tuple(map(tidy.__getitem__, row)) for row in rows)


def _heading_text(tables: Sequence[Table]) -> set[str]:
    return {f"Text above the table: {readable(' '.join(table.headings))[:300]}" for table in tables}


def labels_of(rows: Sequence[Sequence[str]], columns: ColumnMap, headings: Sequence[str]) -> tuple[int, int]:
    """How many distinct known headings stand one under another in one of the first two columns, and in which.

    ``headings``: those of a line, if there is one: where the date is among them, it must be among the labels too.
    """
    best = (0, 0)
    dated = any((use := columns.use_of(text)) and use.names[0] == "date" for text in headings if text)
    if len(rows) > MOST_LABELS:
        return best
    for position in (0, 1):
        texts = {fold(row[position]): row[position].rstrip(":") for row in rows if len(row) > position + 1}
        uses = [
            use for text in texts.values() if (use := columns.use_of(text)) and use.names[0] not in ("measure", "value")
        ]
        named = {use.names[0] for use in uses}
        if len(named) > best[0] and (named & {"date", "start_time"} or not dated):
            best = (len(named), position)
    return best


def _from_labels(grid: Grid, columns: ColumnMap, position: int) -> list[Table]:
    """Tables on their side, and forms: a block ends where one of its known labels comes again."""
    blocks: list[dict[str, tuple[str, list[str], int]]] = []
    current: dict[str, tuple[str, list[str], int]] = {}
    unknown: list[str] = []
    for row, number in zip(grid.rows, grid.numbers, strict=True):
        label = row[position].rstrip(":").strip() if len(row) > position else ""
        values = list(row[position + 1 :])
        if not label:
            continue
        if columns.use_of(label) is None or columns.ignores(label):
            if any(values) and not columns.ignores(label):
                unknown.append(label)
            continue
        if fold(label) in current:
            blocks.append(current)
            current = {}
        current[fold(label)] = (label, values, number)
    blocks.append(current)
    order = list(dict.fromkeys(key for block in blocks for key in block))
    headings = tuple(next(block[key][0] for block in blocks if key in block) for key in order)
    dated = any((use := columns.use_of(text)) and use.names[0] in ("date", "start_time") for text in headings)
    if not dated and "date" not in columns.constants and unknown:  # one of these may be the date: all are named
        headings, unknown = (*headings, *dict.fromkeys(unknown)), []
    rows: list[tuple[str, ...]] = []
    numbers: list[int] = []
    for block in blocks:
        width = max((len(values) for _, values, _ in block.values()), default=0)
        for at in range(width):
            cells = tuple(_at(block[key][1], at) if key in block else "" for key in order)
            if any(cells):
                rows.append(cells)
                numbers.append(at + 1 if len(blocks) == 1 else len(numbers) + 1)
    notes = ["The table stands on its side, a deployment a column; it was turned." if len(blocks) == 1 else
             f"{counted(len(blocks), 'form')} of one deployment each were read as rows."]  # fmt: skip
    if unknown:
        named = ", ".join(repr(readable(text)[:60]) for text in dict.fromkeys(unknown))
        notes.append(f"These labels are not known, and their values were not read: {named[:600]}.")
    if len(headings) < 2 or not rows:
        return []
    word = "column" if len(blocks) == 1 else "form"
    return [Table(headings, tuple(rows), tuple(numbers), f"{grid.place}labels", tuple(notes), word)]


def _at(values: Sequence[str], at: int) -> str:
    return values[at] if at < len(values) else ""


def _stacked(
    grid: Grid, heading: tuple[int, tuple[str, ...]], columns: ColumnMap
) -> list[tuple[int, tuple[str, ...], int]]:
    """Each run of rows under one line of headings: the first row under it, the headings, and the row after the last."""
    runs: list[tuple[int, tuple[str, ...], int]] = []
    start, headings = heading[0] + 1, heading[1]
    for index in range(start, len(grid.rows)):
        row = grid.rows[index]
        if row and row[0][-1:].isdecimal():
            continue  # a date or a number: no heading
        filled = [text for text in row if text]
        if len(filled) < 2 or not all(columns.use_of(text) or columns.ignores(text) for text in filled[:2]):
            continue
        if count_known(row, columns) * 2 >= len(filled) and count_known(row, columns) >= min(3, len(filled)):
            runs.append((start, headings, index))
            again = tuple(fold(text) for text in row if text) == tuple(fold(text) for text in headings if text)
            headings = headings if again else _trimmed(row)
            start = index + 1
    runs.append((start, headings, len(grid.rows)))
    return runs


def _trimmed(row: Sequence[str]) -> tuple[str, ...]:
    cells = list(row)
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _beside(grid: Grid, start: int, headings: tuple[str, ...], end: int, columns: ColumnMap) -> list[Table]:
    """The tables that stand side by side under one line of headings, with their rows; usually one."""
    ranges = _ranges(headings, columns)
    place = f"{grid.place}{grid.word} {grid.numbers[start - 1]}"
    tables = []
    for number, (left, right) in enumerate(ranges, start=1):
        width = right - left
        rows, numbers, notes = [], [], []
        for row, at in zip(grid.rows[start:end], grid.numbers[start:end], strict=True):
            cells = tuple(row[left:right]) if len(ranges) > 1 or not grid.strict_width else tuple(row)
            if not any(cells):
                continue
            if cells[0] and width > 2 and not any(cells[1:]) and not _is_date(cells[0], columns):
                notes.append(f"{_opened(grid)} {at}, beside the table: {readable(cells[0])[:300]}")
                continue
            if not grid.strict_width or len(ranges) > 1:
                cells = (*cells, *[""] * (width - len(cells)))
                if right == len(headings) and (far := [text for text in row[right:] if text]):
                    notes.append(f"{_opened(grid)} {at}, beyond the table: {readable(' '.join(far))[:300]}")
            rows.append(cells)
            numbers.append(at)
        if len(ranges) > 1:
            notes.insert(0, f"{counted(len(ranges), 'table')} stand side by side; this is number {number}.")
        tables.append(Table(headings[left:right], tuple(rows), tuple(numbers), place, tuple(notes), grid.word))
    return tables


def _opened(grid: Grid) -> str:
    where = f"{grid.place}{grid.word}"
    return where[:1].upper() + where[1:]


def _is_date(text: str, columns: ColumnMap) -> bool:
    return read_dates([text], columns.forms)[text].date is not None


def _ranges(headings: Sequence[str], columns: ColumnMap) -> list[tuple[int, int]]:
    """From and to which heading each table runs: a second date column begins a second table where headings repeat."""
    names = [use.names[0] if (use := columns.use_of(text)) and not columns.ignores(text) else "" for text in headings]
    folded = [fold(text) for text in headings]
    if names.count("date") < 2:
        return [(0, len(headings))]
    first = next(text for text in folded if text)
    starts = [at for at, text in enumerate(folded) if text == first]
    if len(starts) < 2 or names[starts[0] : starts[1]].count("date") != 1:
        return [(0, len(headings))]
    return list(zip(starts, [*starts[1:], len(headings)], strict=True))


def _filled_down(table: Table, grid: Grid, start: int, columns: ColumnMap) -> Table:
    """Give a value merged over several rows to each of them, where it can hold for each."""
    if not grid.spans:
        return table
    at_row = {number: index for index, number in enumerate(table.numbers)}
    rows = [list(row) for row in table.rows]
    carried = 0
    for span in grid.spans:
        if span.bottom <= span.top or span.bottom < start or span.left >= len(table.headings):
            continue
        covered = [
            at_row[grid.numbers[index]]
            for index in range(span.top, span.bottom + 1)
            if index < len(grid.numbers) and grid.numbers[index] in at_row
        ]
        use = columns.use_of(table.headings[span.left])
        if len(covered) < 2 or use is None:
            continue
        text = rows[covered[0]][span.left]
        holds = held_by_all(use)
        for index in covered:
            rows[index][span.left] = text if holds or not text else f"{text} for {len(covered)} rows together"
        carried += len(covered) - 1
    if not carried:
        return table
    note = f"{counted(carried, 'value')} printed once for several rows {be(carried, 'was', 'were')} carried down."
    return table._replace(rows=tuple(tuple(row) for row in rows), notes=(*table.notes, note))


def held_by_all(use: Use) -> bool:
    """Whether a value printed once can hold for each of several rows: a date or place does, a count does not."""
    return all(name in _HELD_BY_ALL or name in FEEDING for name in use.names)


def _evened(table: Table) -> Table:
    """The table with rows of as many cells as it has headings."""
    width = len(table.headings)
    if all(len(row) == width for row in table.rows):
        return table
    return table._replace(rows=tuple((*row, *[""] * (width - len(row)))[:width] for row in table.rows))


def _pivoted(table: Table, columns: ColumnMap) -> Table | None:
    """A long table with a row for each run of the same other cells, or ``None`` where it is no long table."""
    names = [use.names[0] if (use := columns.use_of(text)) else "" for text in table.headings]
    if names.count("measure") != 1 or names.count("value") != 1:
        return None
    measure, value = names.index("measure"), names.index("value")
    others = [at for at in range(len(names)) if at not in (measure, value)]
    known = {row[measure] for row in table.rows if columns.use_of(row[measure]) or columns.ignores(row[measure])}
    if not known or "date" not in names:
        return None
    groups: list[tuple[tuple[str, ...], dict[str, str], int]] = []
    place: dict[tuple[str, ...], int] = {}
    for row, number in zip(table.rows, table.numbers, strict=True):
        key = tuple(row[at] for at in others)
        label = row[measure]
        if key not in place or label in groups[place[key]][1]:
            place[key] = len(groups)
            groups.append((key, {}, number))
        groups[place[key]][1][label] = row[value]
    labels = tuple(dict.fromkeys(label for _, values, _ in groups for label in values if not columns.ignores(label)))
    note = f"The table prints one value a row; {counted(len(groups), 'deployment')} were put together from it."
    headings = (*(table.headings[at] for at in others), *labels)
    rows = tuple((*key, *(values.get(label, "") for label in labels)) for key, values, _ in groups)
    numbers = tuple(number for _, _, number in groups)
    return Table(headings, rows, numbers, table.place, (*table.notes, note), table.word)


def _by_alert(table: Table, columns: ColumnMap) -> Table | None:
    """A table of one row an alert, counted by date and place; ``None`` where it is none. No other cell is kept."""
    uses = [columns.use_of(text) for text in table.headings]
    names = [use.names[0] if use else "" for use in uses]
    marked = [at for at, text in enumerate(table.headings) if _ALERT_HEADING.fullmatch(fold(text))]
    counts = [name for name in names if name and name not in FEEDING and _KINDS[name] == "count"]
    if "date" not in names or not marked or not table.rows:
        return None
    outcomes = [at for at in range(len(names)) if _says_true_or_false(table, at)]
    if not outcomes and any(at not in marked for at, name in enumerate(names) if name in counts):
        return None
    numbered = [at for at in marked if re.search(r"\b(?:no|number|id|ref|reference|time)\b", fold(table.headings[at]))]
    if not outcomes and not numbered:
        return None
    keys = [at for at, name in enumerate(names) if name in ("date", "place", "area")]
    arrests = [
        at for at in range(len(names)) if any(_ARREST.fullmatch(row[at]) for row in table.rows) and at not in outcomes
    ]
    groups: dict[tuple[str, ...], list[int]] = {}
    for index, row in enumerate(table.rows):
        groups.setdefault(tuple(row[at] for at in keys), []).append(index)
    headings = [*(table.headings[at] for at in keys), "alerts"]
    headings += ["true alerts", "false alerts"] if outcomes else []
    headings += ["arrests"] if arrests else []
    rows = [_counted(table, key, indices, outcomes, arrests) for key, indices in groups.items()]
    note = (
        f"The table prints one row an alert; {counted(len(table.rows), 'alert')} were counted into "
        f"{counted(len(groups), 'deployment')} by date and place, and nothing else of a row was kept."
    )
    numbers = tuple(table.numbers[indices[0]] for indices in groups.values())
    return Table(tuple(headings), tuple(rows), numbers, table.place, (*table.notes, note), table.word)


def _says_true_or_false(table: Table, at: int) -> bool:
    filled = [row[at] for row in table.rows if row[at]]
    said = [text for text in filled if _TRUE.fullmatch(text) or _FALSE.fullmatch(text)]
    return len(said) * 2 > len(filled) > 0


def _counted(
    table: Table, key: tuple[str, ...], indices: Sequence[int], outcomes: Sequence[int], arrests: Sequence[int]
) -> tuple[str, ...]:
    cells = [*key, str(len(indices))]
    if outcomes:
        texts = [table.rows[index][outcomes[0]] for index in indices]
        true = sum(_TRUE.fullmatch(text) is not None for text in texts)
        false = sum(_FALSE.fullmatch(text) is not None for text in texts)
        left = len(texts) - true - false
        cells += [f"{sure} to {sure + left}" if left else str(sure) for sure in (true, false)]
    if arrests:
        cells.append(str(sum(_ARREST.fullmatch(table.rows[index][arrests[0]]) is not None for index in indices)))
    return tuple(cells)


def _narrowed(table: Table, grid: Grid) -> Table:
    """The table without columns that have neither heading nor cells."""
    if grid.strict_width:
        return table
    keep = [at for at, text in enumerate(table.headings) if text or any(row[at] for row in table.rows if at < len(row))]
    if len(keep) == len(table.headings):
        return table
    return table._replace(
        headings=tuple(table.headings[at] for at in keep),
        rows=tuple(tuple(row[at] for at in keep) for row in table.rows),
    )
