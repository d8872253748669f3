"""The scopes a record is summed over: all rows, and those of each year, threshold, place, use case, document, regime.

A *dimension* gives each row the code of its scope, or -1 where the row does not print what the dimension asks. Places
are taken as printed, apart from case and spaces; two spellings of one place are two places here.

>>> from countersign.published.table.record import Row
>>> import datetime
>>> dimension = dimensions((Row("a", 1, date=datetime.date(2024, 5, 1)), Row("a", 2)), {})[1]
>>> dimension.by, dimension.scopes, dimension.codes.tolist()
('year', ('2024',), [0, -1])
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from countersign.published.table.record import Row
from countersign.reviews.model import By


class Dimension(NamedTuple):
    """``codes``: for each row the index into ``scopes``, -1 for none."""

    by: By
    scopes: tuple[str, ...]
    codes: NDArray[np.int64]


def dimensions(rows: Sequence[Row], regime_of: Mapping[int, str]) -> tuple[Dimension, ...]:
    """All dimensions of a record, the whole of it first. ``regime_of``: by position of the row, its regime's id."""
    return (
        Dimension("all", ("all rows",), np.zeros(len(rows), np.int64)),
        _dimension("year", rows, lambda row: None if row.date is None else row.date.year, str),
        _dimension("threshold", rows, lambda row: row.threshold, lambda value: f"threshold {value}"),
        _dimension("document", rows, lambda row: row.document, str, ordered=False),
        regime_dimension(len(rows), regime_of),
        _dimension("use_case", rows, lambda row: _tidy(row.use_case), str, shown=lambda row: str(row.use_case)),
        _dimension("place", rows, lambda row: _tidy(row.place), str, shown=lambda row: str(row.place)),
    )


def regime_dimension(length: int, regime_of: Mapping[int, str]) -> Dimension:
    """The dimension of regimes, in the order of their first row."""
    codes = np.full(length, -1, np.int64)
    known: dict[str, int] = {}
    for position in sorted(regime_of):
        codes[position] = known.setdefault(regime_of[position], len(known))
    return Dimension("regime", tuple(known), codes)


def _tidy(text: str | None) -> str | None:
    return " ".join(text.split()).casefold() if text else None


def _dimension(
    by: By,
    rows: Sequence[Row],
    key: Callable[[Row], Hashable | None],
    name: Callable[[Any], str],
    *,
    shown: Callable[[Row], str] | None = None,
    ordered: bool = True,
) -> Dimension:
    codes = np.full(len(rows), -1, np.int64)
    known: dict[Any, int] = {}
    names: dict[Any, str] = {}
    for position, row in enumerate(rows):
        found = key(row)
        if found is None:
            continue
        if found not in known:
            known[found] = len(known)
            names[found] = " ".join(shown(row).split()) if shown else name(found)
        codes[position] = known[found]
    if not ordered:
        return Dimension(by, tuple(names[found] for found in known), codes)
    # Sorted, so that the order of the rows in the file leaves the review as it is.
    order = sorted(known)
    rank = np.full(len(known) + 1, -1, np.int64)
    for new, found in enumerate(order):
        rank[known[found]] = new
    return Dimension(by, tuple(names[found] for found in order), rank[codes])


def period(rows: Sequence[Row]) -> tuple[datetime.date | None, datetime.date | None]:
    """The first and last date printed; ``None`` where no row prints one."""
    dates = [row.date for row in rows if row.date is not None]
    return (min(dates), max(dates)) if dates else (None, None)
