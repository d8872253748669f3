"""All faults of a record, found by one detector after another and numbered in a stable order.

The order is that of ``CODES``, then of documents, then of rows. A fault states a contradiction, a gap or a change in
what was printed; it changes nothing and says nothing about why. That none is found is no evidence that figures are
right.

>>> from countersign.published.read import read_source
>>> [fault.code for fault in find_faults(read_source("shipped:south-wales"))]
['missing-value']
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from countersign.published.faults.breaks import Break, find_breaks
from countersign.published.faults.codes import CODES, Fault
from countersign.published.faults.dates import find_date_faults
from countersign.published.faults.denominator import break_faults
from countersign.published.faults.gaps import find_doubts, find_gaps
from countersign.published.faults.outliers import find_outliers
from countersign.published.faults.printed_rates import find_rate_faults
from countersign.published.faults.sums import (
    find_identical_columns,
    find_impossible_values,
    find_repeated_rows,
    find_stated_sums,
    find_sum_faults,
)
from countersign.published.table.record import Record

__all__ = ["CODES", "DETECTORS", "Fault", "find_faults", "numbered"]

#: Every detector that needs the record alone; breaks and what rests on them come beside.
DETECTORS: tuple[Callable[[Record], list[Fault]], ...] = (
    *(find_date_faults, find_doubts, find_sum_faults, find_stated_sums, find_identical_columns),
    *(find_rate_faults, find_gaps, find_impossible_values, find_repeated_rows),
)


def find_faults(record: Record, *, seed: int = 0, breaks: Sequence[Break] | None = None) -> tuple[Fault, ...]:
    """All faults of a record, numbered from 1. ``breaks`` saves finding them again; ``seed`` is for their shuffles."""
    steps = find_breaks(record, seed=seed) if breaks is None else breaks
    faults = [*break_faults(record, steps), *find_outliers(record, steps)]
    for detector in DETECTORS:
        faults += detector(record)
    return numbered(record, faults)


def numbered(record: Record, faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Faults in stable order, numbered from 1."""
    codes = {code: place for place, code in enumerate(CODES)}
    documents = {document.id: place for place, document in enumerate(record.documents)}

    def place(fault: Fault) -> tuple[int, int, int, str]:
        return codes[fault.code], documents.get(fault.document, len(documents)), fault.row or 0, fault.column or ""

    return tuple(replace(fault, number=number) for number, fault in enumerate(sorted(faults, key=place), start=1))
