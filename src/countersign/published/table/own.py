"""Countersign's own tables, read again: the open data of a public site, what `import` wrote, and the rows of a report.

Each is known by its headings. A site's row of a deployment that has not run, or was called off, is set aside. Of a
report's tables only those of rows are read: the others are computed from them.

>>> own_map(("subject", "code", "stage", "first_entry", "last_entry")).headings_of("true_alerts_unconfirmed")
('true',)
>>> own_map(("Date", "Location")) is None
True
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from countersign.published.table.columns import fold
from countersign.published.table.maps import NO_MAP, ColumnMap
from countersign.published.table.record import COLUMN_NAMES
from countersign.published.table.shapes import Grid

#: Columns by which the open data of a site is known, and those that say where a deployment stands.
_SITE_KEYS = {"subject", "code", "stage", "first entry", "last entry"}
_SITE = ColumnMap(
    columns={
        "faces_seen": "faces", "true_alerts_confirmed": "confirmed_true", "true_alerts_unconfirmed": "true",
        "false_alerts_confirmed": "confirmed_false", "false_alerts_unconfirmed": "false", "watchlist_size": "list_size",
    },
    ignore=(
        "subject", "code", "stage", "overdue", "overrides", "irregularities", "unresolved", "engagements",
        "first_entry", "last_entry",
    ),
)  # fmt: skip
#: How far a deployment has come that is over.
_OVER = {"closed", "archived", "published", "reviewed", "deleted"}
#: The headings that begin a report's table of rows, and those that only a report's computed tables have.
_ROWS = ("row", "date")
_COMPUTED = {"which rows", "events", "of", "rate"}
_REPORT = ColumnMap(ignore=("Row", "Page"))


def own_map(headings: Sequence[str]) -> ColumnMap | None:
    """The map of a table of Countersign's own that needs one, known by its headings; ``None`` for any other."""
    folded = tuple(fold(heading) for heading in headings)
    if set(folded) >= _SITE_KEYS:
        return _SITE
    return _REPORT if folded[:2] == _ROWS else None


def is_own(headings: Sequence[str]) -> bool:
    """Whether a table's cells were written by Countersign, so that those like formulas are quoted."""
    return own_map(headings) is _SITE or {"date", "place", "true_alerts_confirmed", "source"} <= {*headings} <= {
        *COLUMN_NAMES
    }


def own_tables(grids: Sequence[Grid], columns: ColumnMap) -> tuple[Sequence[Grid], ColumnMap, list[tuple[Grid, int]]]:
    """The grids to read and the map to read them by, and each row set aside: its grid and its index there."""
    named = [(grid, own_map(grid.rows[0])) for grid in grids if grid.rows]
    made = next((found for _, found in named if found is not None), None)
    if made is None or msgspec.structs.replace(columns, none=()) != NO_MAP:
        return grids, columns, []
    made = msgspec.structs.replace(made, none=columns.none)
    computed = any({fold(text) for text in grid.rows[0]} >= _COMPUTED for grid, _ in named)
    kept = [grid for grid, found in named if found is not None or not computed]
    aside = [(grid, at) for grid in kept for at in _not_over(grid)]
    without = {id(grid): [at for other, at in aside if other is grid] for grid in kept}
    return [_left(grid, without[id(grid)]) for grid in kept], made, aside


def _not_over(grid: Grid) -> list[int]:
    stages = [at for at, text in enumerate(grid.rows[0]) if fold(text) == "stage"]
    if own_map(grid.rows[0]) is not _SITE or not stages:
        return []
    return [
        at for at, row in enumerate(grid.rows) if at and (row[stages[0]] if len(row) > stages[0] else "") not in _OVER
    ]


def _left(grid: Grid, without: Sequence[int]) -> Grid:
    if not without:
        return grid
    kept = [at for at in range(len(grid.rows)) if at not in set(without)]
    rows, numbers = (tuple(items[at] for at in kept) for items in (grid.rows, grid.numbers))
    return msgspec.structs.replace(grid, rows=rows, numbers=numbers)
