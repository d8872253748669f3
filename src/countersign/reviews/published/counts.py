"""The counts of a record as arrays, one a quantity, so that every scope is summed in one pass.

What a row contributes is defined in ``countersign.published.table.measures.value`` and nowhere else; here it is only
laid out: a float array over rows, NaN where the row does not print the quantity. Sums of counts are exact (whole
numbers below 2**53). Durations are kept in whole minutes, hours made from their sum.

>>> from countersign.published.table.record import Row
>>> counts = Counts((Row("a", 1, alerts=3), Row("a", 2)))
>>> counts.of("alerts").tolist(), counts.printed("alerts").tolist()
([3.0, nan], [True, False])
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from countersign.document import RowRange
from countersign.published.table.measures import COLUMN_QUANTITIES, Measure, value
from countersign.published.table.record import Row

#: More ranges than this are not listed with a figure: its scope selects the rows, and no one reads so many.
MOST_RANGES = 100


class Counts:
    """The rows of a record and, made when first asked for, an array for each quantity."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.number = np.fromiter((row.number for row in rows), np.int64, len(rows))
        self._documents = list(dict.fromkeys(row.document for row in rows))
        codes = {document: code for code, document in enumerate(self._documents)}
        self.document = np.fromiter((codes[row.document] for row in rows), np.int64, len(rows))
        self._arrays: dict[str, NDArray[np.float64]] = {}
        self._both: dict[str, NDArray[np.bool_]] = {}

    def of(self, quantity: str) -> NDArray[np.float64]:
        """What each row contributes; NaN where it does not print it. Raises ``KeyError`` for an unknown quantity."""
        if quantity not in self._arrays:
            if quantity == "hours":
                self._arrays[quantity] = self.of("duration_minutes") / 60
            elif quantity in COLUMN_QUANTITIES:
                self._arrays[quantity] = _array((getattr(row, quantity) for row in self.rows), len(self.rows))
            else:
                self._arrays[quantity] = _array((value(row, quantity) for row in self.rows), len(self.rows))
        return self._arrays[quantity]

    def printed(self, quantity: str) -> NDArray[np.bool_]:
        """Which rows print the quantity."""
        return ~np.isnan(self.of(quantity))

    def both(self, measure: Measure) -> NDArray[np.bool_]:
        """Which rows print numerator and denominator of a measure: the only ones its rate may use."""
        if measure.name not in self._both:
            self._both[measure.name] = self.printed(measure.numerator) & self.printed(measure.denominator)
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
