"""A fault in published data: what one is, and the codes it may have.

A fault says that a record contradicts itself, misses something, or cannot be read as it is printed; never why.

>>> CODES["rate-truncated"]
'the force rounded its error rate down'
>>> draft("missing-value", "met-2025", 3, "faces_seen", "Row 3 prints no faces seen.").number
0
"""

from __future__ import annotations

import msgspec

from countersign.published.table.record import Row
from countersign.words.dates import day

#: Every code with its meaning in a line; the order is that in which faults are numbered.
CODES: dict[str, str] = {
    "denominator-break": "the way faces are counted changed, or cannot be told from a change of places",
    "date-out-of-order": "a date stands out of the order of its rows: a likely misprint",
    "date-form-doubtful": "a date can be read in two ways, so it is in no figure by date",
    "dash-means-zero": "a mark that holds no value stands where zero is meant",
    "sum-mismatch": "counts that should add up do not",
    "identical-columns": "two columns are equal in every row, so they are not separate counts",
    "rate-wrong": "a printed rate is neither the rounded nor the cut value of its own row",
    "pooled-count": "a printed rate fits the sum of two rows and not its own row",
    "rate-truncated": "the force rounded its error rate down",
    "outlier": "a value lies far from its neighbours by a robust score",
    "missing-value": "a cell is empty in a column the document has",
    "unread-value": "a cell holds something that cannot be read for certain, so it is in no figure",
    "impossible-value": "a value cannot be what its column says",
    "duplicate-row": "a row is printed twice",
    "revised-value": "a later release prints another value, row or no row at all",
}


Details = tuple[tuple[str, str], ...]


class Fault(msgspec.Struct, frozen=True):
    """One fault. ``document`` is a ``Document.id``; ``row`` a ``Row.number`` of it, ``None`` for the whole document.

    ``column`` is ``None`` where it concerns no single column. ``details``: pairs of label and text. ``number`` counts
    from 1 in one review; 0 is a draft. Raises ``ValueError`` for a code not in ``CODES`` or a message that is no
    sentence.
    """

    number: int
    code: str
    document: str
    row: int | None
    column: str | None
    message: str
    details: Details = ()

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"{self.code!r} is not the code of a fault")
        if not self.message.endswith("."):
            raise ValueError("the message of a fault is a full sentence and ends in a full stop")


def draft(code: str, document: str, row: int | None, column: str | None, message: str, details: Details = ()) -> Fault:
    """A fault not yet numbered."""
    return Fault(0, code, document, row, column, message, details)


def where(row: Row) -> str:
    """Where a row stands, to begin a sentence with.

    >>> import datetime
    >>> where(Row(document="met-2025", number=3, date=datetime.date(2025, 1, 10), place="Powis St, Woolwich"))
    'met-2025, row 3 (10 January 2025, Powis St, Woolwich)'
    """
    date = "no date" if row.date is None else day(row.date)
    page = "" if row.page is None else f", page {row.page}"
    return f"{row.document}{page}, row {row.number} ({date}, {row.place or 'no place'})"
