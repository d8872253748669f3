"""The rows of a record as arrays, one a quantity, and the scopes they are summed over.

What a row contributes (``published.table.measures.value``) is a float array over rows, NaN where the row does not print
the quantity; sums of counts are exact below 2**53. Durations are in whole minutes. A *dimension* (year, threshold,
place, use case, document, regime) gives each row the code of its scope, or -1. Places are taken as printed, apart from
case and spaces; two spellings of one place are two places here.

>>> from countersign.published.table.record import Row
>>> counts = Counts((Row("a", 1, alerts=3), Row("a", 2)))
>>> counts.of("alerts").tolist(), counts.printed("alerts").tolist()
([3.0, nan], [True, False])
>>> import datetime
>>> dimension = dimensions((Row("a", 1, date=datetime.date(2024, 5, 1)), Row("a", 2)), {})[1]
>>> dimension.by, dimension.scopes, dimension.codes.tolist()
('year', ('2024',), [0, -1])
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from countersign.document import RowRange
from countersign.published.table.measures import COLUMN_QUANTITIES, Measure, bounds, value
from countersign.published.table.record import Row
from countersign.reviews.model import By

#: More ranges than this are not listed with a figure: its scope selects the rows, and nobody reads that many.
MOST_RANGES = 100


class Counts:
    """The rows of a record and, made when first asked for, an array for each quantity.

    ``systems``: by document, a number for its system; no rate is made over two systems.
    """

    def __init__(self, rows: Sequence[Row], systems: Mapping[str, int] | None = None) -> None:
        self.rows = rows
        self.number = np.fromiter((row.number for row in rows), np.int64, len(rows))
        self._documents = list(dict.fromkeys(row.document for row in rows))
        codes = {document: code for code, document in enumerate(self._documents)}
        self.document = np.fromiter((codes[row.document] for row in rows), np.int64, len(rows))
        self.system = np.array([(systems or {}).get(row.document, 0) for row in rows], np.int64)
        self._arrays: dict[str, NDArray[np.float64]] = {}
        self._both: dict[str, NDArray[np.bool_]] = {}
        self._bounds: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
        #: Positions of rows that print a value as a bound or approximately.
        doubted = ((position, row.unsure.values()) for position, row in enumerate(rows) if row.unsure)
        self.bounded_rows = [position for position, doubts in doubted if any(each.low is not None for each in doubts)]

    def of(self, quantity: str) -> NDArray[np.float64]:
        """What each row contributes; NaN where it does not print it. Raises ``KeyError`` for an unknown quantity."""
        if quantity not in self._arrays:
            if quantity == "hours":
                self._arrays[quantity] = self.of("duration_minutes") / 60
            else:
                read = getattr if quantity in COLUMN_QUANTITIES else value
                self._arrays[quantity] = _array((read(row, quantity) for row in self.rows), len(self.rows))
        return self._arrays[quantity]

    def bounds(self, quantity: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What each row contributes at least and at most: NaN where not known, infinite where nothing bounds it."""
        if quantity not in self._bounds:
            low, high = self.of(quantity).copy(), self.of(quantity).copy()
            for position in self.bounded_rows:
                if (found := bounds(self.rows[position], quantity)) is not None:
                    low[position], high[position] = found[0], np.inf if found[1] is None else found[1]
            self._bounds[quantity] = (low, high)
        return self._bounds[quantity]

    def printed(self, quantity: str) -> NDArray[np.bool_]:
        """Which rows print the quantity."""
        return ~np.isnan(self.of(quantity))

    def both(self, measure: Measure) -> NDArray[np.bool_]:
        """Which rows a rate of a measure may use: as ``table.measures.both``, those that cannot be left out."""
        if measure.name not in self._both:
            printed = self.printed(measure.numerator) & self.printed(measure.denominator)
            events, trials = self.of(measure.numerator), self.of(measure.denominator)
            impossible = events > trials if measure.of_part else (events > 0) & (trials == 0)
            if measure.of_false:
                impossible |= self.of("false_alerts") > self.of("alerts")
            self._both[measure.name] = printed & ~impossible
        return self._both[measure.name]

    def ranges(self, positions: NDArray[np.int64]) -> tuple[RowRange, ...] | None:
        """Rows at these positions as ranges by document and number; ``None`` if more than ``MOST_RANGES``."""
        if len(positions) == 0:
            return ()
        order = np.lexsort((self.number[positions], self.document[positions]))
        document, number = self.document[positions][order], self.number[positions][order]
        starts = np.flatnonzero(np.r_[True, (np.diff(document) != 0) | (np.diff(number) > 1)])
        if len(starts) > MOST_RANGES:
            return None
        ends = np.r_[starts[1:], len(number)] - 1
        return tuple(
            RowRange(self._documents[document[start]], int(number[start]), int(number[end]))
            for start, end in zip(starts, ends, strict=True)
        )


def _array(values: Iterable[object], length: int) -> NDArray[np.float64]:
    return np.fromiter((np.nan if v is None else float(v) for v in values), np.float64, length)  # type: ignore[arg-type]


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
        value = key(row)
        if value is None:
            continue
        if value not in known:
            known[value] = len(known)
            names[value] = " ".join(shown(row).split()) if shown else name(value)
        codes[position] = known[value]
    if not ordered:
        return Dimension(by, tuple(names[value] for value in known), codes)
    # Sorted, so that the order of the rows in the file leaves the review as it is.
    order = sorted(known)
    rank = np.full(len(known) + 1, -1, np.int64)
    for new, value in enumerate(order):
        rank[known[value]] = new
    return Dimension(by, tuple(names[value] for value in order), rank[codes])


def period(rows: Sequence[Row]) -> tuple[datetime.date | None, datetime.date | None]:
    """The first and last day that the rows cover; ``None`` where no row prints a date."""
    dates = [row.date for row in rows if row.date is not None]
    ends = [row.date_to or row.date for row in rows if row.date is not None]
    return (min(dates), max(ends)) if dates else (None, None)
