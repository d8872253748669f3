"""From rows of cells, as text, to a record's rows: find the heading, read column by column, keep aside what fails.

Every reader (PDF, spreadsheet, CSV, data package) ends here, so that a value is read by the same rule wherever it was
printed. A row with one cell that cannot be read is refused whole and listed: rows found = rows reported + rows refused.
Where a source prints confirmed and unconfirmed alerts but not their sum, the sum is added (``derived``): it is the
force's own way of counting. Nothing else is computed.

>>> uses = assign(("Date", "Alerts"), NO_MAP, "a.csv", "row 1")
>>> rows, refused = read_rows("a", uses, [["6/4/23", "1"], ["7/4/23", "x"]], place=lambda i: f"row {i + 2}")
>>> rows[0].date.isoformat(), rows[0].alerts, refused[0].place
('2023-04-06', 1, 'row 3')
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from countersign.errors import WrongForm
from countersign.published.table.columns import NO_MAP, ColumnMap, Use, nearest_heading
from countersign.published.table.record import COLUMN_NAMES, COLUMNS, Refused, Row
from countersign.published.table.values import Unreadable, Value, parser, plain, readable

#: The most rows read from one source; the largest force would need centuries to publish as many deployments.
MOST_ROWS = 250_000
#: A heading must stand among this many first lines.
HEADING_WITHIN = 40
#: Sums added where both parts are printed and the sum is not.
SUMS: dict[str, tuple[str, str]] = {
    "true_alerts": ("true_alerts_confirmed", "true_alerts_unconfirmed"),
    "false_alerts": ("false_alerts_confirmed", "false_alerts_unconfirmed"),
}

_KINDS = {column.name: column.kind for column in COLUMNS}
_FIELDS = tuple(name for name in COLUMN_NAMES if name != "source")


class UnknownColumn(WrongForm):
    """A table has a heading that neither Countersign nor the column map knows; silence would lose its values."""

    code = "unknown-column"
    next_step = "Correct the heading, or give --columns MAP.toml that maps it or lists it under `ignore`."


class MissingColumn(WrongForm):
    """A table lacks a column without which its rows mean nothing, or has one column twice."""

    code = "missing-column"
    next_step = "Give --columns MAP.toml with the heading of that column, or a constant for it."


class NoTable(WrongForm):
    """A source holds no table with headings that Countersign knows."""

    code = "no-table"
    next_step = "Check that this is the file you meant; give --columns MAP.toml if its headings are another force's."


class TooManyRows(WrongForm):
    """A source holds more rows than are read at once."""

    code = "too-many-rows"
    next_step = "Split it, for example by year, and give the parts one after another."


#: What each column of cells stands for; ``None``: left out.
Uses = tuple[Use | None, ...]


def find_heading(lines: Sequence[Sequence[str]], columns: ColumnMap) -> tuple[int, tuple[str, ...]] | None:
    """The line that holds the headings: the one of the first lines with most known ones, two or half of its own.

    Where a heading is known only together with the one that spans it on the line above ("True Alerts" over
    "Confirmed"), the two are joined. Returns the line's index and its headings, or ``None``.
    """
    best: tuple[int, int, tuple[str, ...]] | None = None
    for index, line in enumerate(lines[:HEADING_WITHIN]):
        above = lines[index - 1] if index else ()
        headings = _joined(above, line, columns)
        known = sum(1 for heading in headings if heading and columns.use_of(heading) is not None)
        filled = sum(1 for heading in headings if heading)
        if (known >= 2 or known * 2 >= filled >= 2) and (best is None or known > best[0]):
            best = (known, index, headings)
    return None if best is None else (best[1], best[2])


def _joined(above: Sequence[str], line: Sequence[str], columns: ColumnMap) -> tuple[str, ...]:
    headings, spanning = [], ""
    for position in range(max(len(line), len(above))):
        upper = above[position].strip() if position < len(above) else ""
        lower = line[position].strip() if position < len(line) else ""
        spanning = upper or spanning
        both = f"{spanning} {lower}".strip()
        if lower and columns.use_of(both) is not None and both != lower:
            headings.append(both)
        elif not lower and upper and columns.use_of(upper) is not None:
            headings.append(upper)  # a heading merged over both lines
        else:
            headings.append(lower)
    while headings and not headings[-1]:
        headings.pop()
    return tuple(headings)


def assign(headings: Sequence[str], columns: ColumnMap, name: str, place: str) -> Uses:
    """What each heading stands for. ``name`` and ``place`` are used in messages.

    Raises ``UnknownColumn`` naming the nearest known heading, or ``MissingColumn`` where there is no date, nothing
    beside it, one column twice, or a mapped heading that is not there.
    """
    uses: list[Use | None] = []
    seen: dict[str, str] = {}
    for position, heading in enumerate(headings, start=1):
        use = columns.use_of(heading) if heading and not columns.ignores(heading) else None
        uses.append(use)
        if use is None and heading and not columns.ignores(heading):
            nearest = nearest_heading(heading)
            hint = f"; the nearest known is {nearest!r}" if nearest else ""
            raise UnknownColumn(f"{name}, {place}, column {position}: heading {heading[:80]!r} is not known{hint}")
        for column in use.names if use else ():
            if column in seen:
                raise MissingColumn(
                    f"{name}, {place}: headings {seen[column]!r} and {heading!r} both stand for {column}",
                    next_step="Rename one, or give --columns MAP.toml that lists one under `ignore`.",
                )
            seen[column] = heading
    for column, heading in columns.columns.items():
        if column not in seen:
            raise MissingColumn(f"{name}, {place}: the map's heading {heading!r} for {column} is not there")
    if "date" not in seen and "date" not in columns.constants:
        shown = ", ".join(repr(heading[:40]) for heading in headings[:8] if heading)
        raise MissingColumn(f"{name}, {place}: there is no column for the date among the headings {shown}")
    if len(seen) < 2:
        raise MissingColumn(f"{name}, {place}: there is no known column beside the date")
    return tuple(uses)


def read_rows(
    document: str,
    uses: Uses,
    cells: Sequence[Sequence[str]],
    *,
    place: Callable[[int], str],
    columns: ColumnMap = NO_MAP,
    page: Callable[[int], int | None] = lambda _: None,
    keep_printed: bool = False,
    first: int = 1,
) -> tuple[list[Row], list[Refused]]:
    """Read rows of cells under the given uses; ``place`` and ``page`` tell where the row of an index stood.

    ``keep_printed``: keep the text of every cell, not only of those whose text differs from the plain value. Rows are
    numbered from ``first`` in the order found, refused ones included. A row with fewer or more cells than ``uses``, or
    with a cell that cannot be read, is refused with the reason.
    """
    bad: dict[int, list[str]] = {}
    width = len(uses)
    even = [row if len(row) == width else _evened(row, width, index, bad) for index, row in enumerate(cells)]
    values: dict[str, list[Any]] = {}
    printed: dict[int, dict[str, str]] = {}
    for use, texts in zip(uses, zip(*even, strict=True), strict=True) if even else ():
        if use is None:
            continue
        for name in use.names:
            values[name] = _read_column(name, use, texts, columns, bad, printed, keep_printed)
    for name, value in columns.constant_values().items():
        values.setdefault(name, [value] * len(even))
    if len(even) > len(bad) and "date" in values:
        for index, date in enumerate(values["date"]):
            if date is None and index not in bad:
                bad[index] = ["date: nothing is printed"]
    _add_sums(values)
    nothing: list[Any] = [None] * len(even)
    fields = zip(*(values.get(name, nothing) for name in _FIELDS), strict=True)
    none: Mapping[str, str] = {}
    rows: list[Row] = []
    refused: list[Refused] = []
    for index, found in enumerate(fields):
        if index in bad:
            shown = readable(" | ".join(text for text in cells[index] if text.strip()))[:500]
            refused.append(Refused(document, page(index), place(index), shown, "; ".join(bad[index])))
        else:
            rows.append(Row(document, first + index, *found, page(index), printed.get(index, none)))  # type: ignore[call-arg]
    return rows, refused


def _evened(row: Sequence[str], width: int, index: int, bad: dict[int, list[str]]) -> Sequence[str]:
    if len(row) < width or any(text.strip() for text in row[width:]):
        bad[index] = [f"it has {len(row)} cells where the heading has {width}"]
    return [*row[:width], *[""] * (width - len(row))]


def _read_column(
    name: str, use: Use, texts: Sequence[str], columns: ColumnMap, bad: dict[int, list[str]],
    printed: dict[int, dict[str, str]], keep_printed: bool,
) -> list[Value]:  # fmt: skip
    forms = columns.forms
    if name == "duration_minutes" and use.duration:
        forms = type(forms)(forms.dates, forms.decimal, use.duration)
    read = parser(_KINDS[name], forms)
    known: dict[str, Value] = {}
    reasons: dict[str, str] = {}
    differing: set[str] = set()
    for text in set(texts):  # few texts are distinct, so each is read once
        try:
            known[text] = read(text)
        except Unreadable as error:
            known[text], reasons[text] = None, str(error)
        if text.strip() and (keep_printed or plain(known[text]) != text):
            differing.add(text)
    if reasons:
        for index, text in enumerate(texts):
            if text in reasons:
                bad.setdefault(index, []).append(f"{name}: {reasons[text]}")
    if differing:
        for index, text in enumerate(texts):
            if text in differing:
                printed.setdefault(index, {})[name] = text.strip()
    return [known[text] for text in texts]


def _add_sums(values: dict[str, list[Any]]) -> None:
    for name, (one, other) in SUMS.items():
        if name not in values and one in values and other in values:
            values[name] = [
                None if a is None or b is None else a + b for a, b in zip(values[one], values[other], strict=True)
            ]


def columns_of(uses: Uses, columns: ColumnMap) -> frozenset[str]:
    """The columns a document has at all: printed under a heading, or given as a constant."""
    return frozenset(name for use in uses if use for name in use.names) | frozenset(columns.constants)
