"""What a published table does show that bears on a promise it cannot prove: plain counts, set beside the words.

A claim names them under ``beside``: ``use_cases`` (how many distinct use cases, beside "specific"),
``watchlist_changes`` (how far lists of consecutive deployment days differ in size, beside "bespoke"), and
``printed:<column>`` (in how many rows a column is published at all). Counts only; no test and no verdict follows.

>>> from countersign.published.table.record import Row
>>> tell("use_cases", [Row("a", 1, use_case="Crime Hotspot"), Row("a", 2, use_case="Crime Hotspot")])
'1 distinct use case is printed: "Crime Hotspot" in 2 rows.'
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

from countersign.published.claims.list_steps import consecutive_lists
from countersign.published.claims.scope import extent
from countersign.published.table.record import COLUMN_NAMES, Row
from countersign.words.phrases import counted, listing, per_cent, whole

#: Lists of two days count as hardly changed in size below this share of the earlier one.
HARDLY = 0.01
_PRINTED = "printed:"


def _use_cases(rows: Sequence[Row]) -> str:
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.use_case is not None:
            found.setdefault(row.use_case, []).append(row)
    if not found:
        return "No use case is printed."
    values = listing([f'"{value}" in {extent(of)}' for value, of in found.items()])
    verb = "is" if len(found) == 1 else "are"
    return f"{counted(len(found), 'distinct use case')} {verb} printed: {values}."


def _watchlist_changes(rows: Sequence[Row]) -> str:
    changes = [step.share for step in consecutive_lists(rows)]
    if not changes:
        return "No two consecutive deployment days print the size of their watchlist."
    hardly = sum(change < HARDLY for change in changes)
    return (
        f"From one deployment day to the next the watchlist changed in size by less than {per_cent(HARDLY)} in "
        f"{whole(hardly)} of {whole(len(changes))} steps (half of all steps: less than "
        f"{per_cent(statistics.median(changes), 'up')}). Size is not make-up: which entries changed is not published."
    )


def _printed(rows: Sequence[Row], column: str) -> str:
    have = [row for row in rows if getattr(row, column) is not None]
    name = column.replace("_", " ")
    if not have:
        return f"The column {name} is printed in none of {counted(len(rows), 'row')}."
    return f"The column {name} is printed in {extent(have)} of {whole(len(rows))}."


#: Name: how it is told from the rows a claim is about.
BESIDE: dict[str, Callable[[Sequence[Row]], str]] = {
    "use_cases": _use_cases,
    "watchlist_changes": _watchlist_changes,
}


def known_beside(name: str) -> bool:
    """Whether there is such a count."""
    column = name.removeprefix(_PRINTED)
    return name in BESIDE or (name != column and column in COLUMN_NAMES and column != "source")


def tell(name: str, rows: Sequence[Row]) -> str:
    """One sentence of plain counts. Raises ``KeyError`` for a name that is not known."""
    if name in BESIDE:
        return BESIDE[name](rows)
    if not known_beside(name):
        raise KeyError(name)
    return _printed(rows, name.removeprefix(_PRINTED))
