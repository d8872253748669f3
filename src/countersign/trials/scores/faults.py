"""Rows that cannot be counted: what is wrong with them, how many, and where; set aside on request, never in silence.

A row with a fault is not counted. By default any fault refuses the whole evaluation, naming file, column, row and
count of each kind; asked to set rows aside, the evaluation goes on and the report says how many went and why.

>>> faults = Faults().add("score-not-finite", "mate_score", "a.parquet", 7, 2)
>>> faults.merge(faults).total, faults.sentences()[0]
(4, 'a.parquet: column mate_score, row 7: a score is NaN or infinite (in 2 rows)')
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from countersign.errors import EvidenceWrong

#: What may be wrong with a row: code, and the words for it.
WORDS: dict[str, str] = {
    "search-twice": "a search that stands in the table more than once",
    "no-identity": "a probe without the identity of its subject",
    "unknown-subject": "a subject that the subjects table does not have",
    "no-label": "a subject without a group label",
    "no-truth": "it is not said whether the search is mated",
    "score-not-finite": "a score is NaN or infinite",
    "score-without-probe": "a score of a search that was not acquired",
    "mate-on-non-mated": "a mate score or rank of a non-mated search",
    "rank-impossible": "a mate rank under 1, or a rank without a score",
    "rank-missing": "a mate score without its rank, which ranks above 1 need",
    "size-missing": "no watchlist size, or one under 1",
    "site-missing": "no site or deployment",
    "mate-not-enrolled": "a mated search whose mate is not enrolled",
    "non-mate-enrolled": "a non-mated search of a subject who is on the watchlist",
    "unknown-reference": "a reference that the enrolment table does not have",
}

#: Places remembered for each kind of fault.
PLACES = 3


class RowsFaulty(EvidenceWrong):
    """Rows of a trial's tables contradict themselves or the trial's design; the message counts and places each kind."""

    code = "trial-rows-faulty"
    next_step = "Correct the rows named, or evaluate with --set-aside: faulty rows are then counted apart and reported."


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault in one column of one file: rows it concerns, and the first of them."""

    count: int
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Faults:
    """All faults, by (code, column, file). Merging adds, and keeps the lowest row numbers: any order, same result."""

    kinds: Mapping[tuple[str, str, str], Fault] = field(default_factory=dict)

    def add(self, code: str, column: str, name: str, row: int, count: int = 1) -> Faults:
        """With ``count`` more rows of a kind, the first of them ``row``."""
        return self.merge(Faults({(code, column, name): Fault(count, (row,))}))

    def merge(self, other: Faults) -> Faults:
        """Both together."""
        kinds = dict(self.kinds)
        for key, fault in other.kinds.items():
            known = kinds.get(key, Fault(0, ()))
            kinds[key] = Fault(known.count + fault.count, tuple(sorted({*known.rows, *fault.rows})[:PLACES]))
        return Faults(kinds)

    @property
    def total(self) -> int:
        """Rows set aside. A row with several faults counts once, under the first of ``WORDS``."""
        return sum(fault.count for fault in self.kinds.values())

    def sentences(self) -> list[str]:
        """One sentence a kind, column and file, in a fixed order."""
        return [
            f"{name}: column {column}, row {fault.rows[0]:,}: {WORDS[code]} (in {fault.count:,} "
            f"row{'s' if fault.count != 1 else ''})"
            for (code, column, name), fault in sorted(self.kinds.items())
        ]

    def to_list(self) -> list[list[Any]]:
        """As plain lists, in a fixed order."""
        return [[*key, fault.count, list(fault.rows)] for key, fault in sorted(self.kinds.items())]

    @staticmethod
    def of_list(kinds: list[list[Any]]) -> Faults:
        """The inverse of ``to_list``."""
        return Faults({(c, k, n): Fault(int(number), tuple(rows)) for c, k, n, number, rows in kinds})

    def refuse(self) -> None:
        """Raises ``RowsFaulty`` if there is any."""
        if self.total:
            raise RowsFaulty("; ".join(self.sentences()))
