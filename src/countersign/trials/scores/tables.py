"""The columns of the tables a trial is read from, what each may hold, and what may be wrong with a row.

The *search table* has one row a search (ISO/IEC 19795-1: one probe against the whole watchlist); *candidate lists* are
reduced to it. The *comparison table* has one row a comparison score. The forms, with examples, are in ``docs/formats``.
By default any fault refuses the whole evaluation, naming file, column, row and count of each kind; asked to set rows
aside, the report says how many went and why.

>>> SEARCH["mated"].required, SEARCH["mate_rank"].required
(True, False)
>>> faults = Faults().add("score-not-finite", "mate_score", "a.parquet", 7, 2)
>>> faults.merge(faults).total, faults.sentences()[0]
(4, 'a.parquet: column mate_score, row 7: a score is NaN or infinite (in 2 rows)')
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from countersign.errors import EvidenceWrong, NotAllowed, NotReached, WrongForm

Kind = Literal["identifier", "truth", "score", "whole", "text"]
#: The decision rule of a score and a threshold.
Operator = Literal[">=", ">"]


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """What a column may hold. ``required``: without it the table is refused."""

    kind: Kind
    required: bool
    meaning: str


SEARCH: dict[str, ColumnRule] = {
    "search_id": ColumnRule("identifier", False, "which search this row is; one standing in two rows is not counted"),
    "subject_id": ColumnRule("identifier", True, "the subject who presented the probe; pseudonymous, never a name"),
    "mated": ColumnRule("truth", True, "whether the subject is on the watchlist searched"),
    "best_nonmate_score": ColumnRule("score", True, "highest score of a reference of another subject; empty: none"),
    "mate_score": ColumnRule("score", False, "score of the subject's own reference; empty: not on the list"),
    "mate_rank": ColumnRule("whole", False, "1 + the number of non-mates scoring at least the mate's score"),
    "N": ColumnRule("whole", False, "number of references on the watchlist searched"),
    "acquired": ColumnRule("truth", False, "false: no usable probe came of this pass, so no search was made"),
    "best_nonmate_reference": ColumnRule("identifier", False, "which reference gave the best non-mate score"),
}

COMPARISON: dict[str, ColumnRule] = {
    "probe_subject_id": ColumnRule("identifier", True, "subject of the probe"),
    "reference_subject_id": ColumnRule("identifier", True, "subject of the reference"),
    "score": ColumnRule("score", True, "comparison score: higher is more alike"),
}

CANDIDATE: dict[str, ColumnRule] = {
    "search_id": ColumnRule("identifier", True, "the search that returned this candidate"),
    "reference_id": ColumnRule("identifier", True, "the reference returned"),
    "score": ColumnRule("score", True, "its score"),
    "rank": ColumnRule("whole", False, "its place on the list, counted from 1; checked against the scores"),
}

PROBE: dict[str, ColumnRule] = {
    "search_id": ColumnRule("identifier", True, "the search"),
    "subject_id": SEARCH["subject_id"],
    "mated": SEARCH["mated"],
    "N": SEARCH["N"],
    "acquired": SEARCH["acquired"],
}

SUBJECT: dict[str, ColumnRule] = {"subject_id": ColumnRule("identifier", True, "one row a subject")}

ENROLMENT: dict[str, ColumnRule] = {
    "reference_id": ColumnRule("identifier", True, "the reference; one row an enrolment transaction"),
    "subject_id": ColumnRule("identifier", True, "whose it is"),
    "enrolled": ColumnRule("truth", False, "false: a failure to enrol"),
    "N": ColumnRule("whole", False, "the watchlist, named by its size; empty: on every one"),
}

#: How a group label may have been obtained; the column ``<attribute>_obtained`` of the subjects table holds one.
OBTAINED = ("self-declared", "official", "perceived", "measured")


class TableNotReached(
    NotReached, code="trial-table-not-reached", next_step="Check the path, and that the file may be read."
):
    """A table is not there, or may not be read."""


class TableUnreadable(
    WrongForm,
    code="trial-table-unreadable",
    next_step="Check that the file is whole (compare its size with the sender's) and is Parquet, Arrow or CSV.",
):
    """A file is there and is no table that can be read: another format than its name says, or cut short."""


class TableTooLarge(
    WrongForm,
    code="trial-table-too-large",
    next_step="Give the table of scores alone, in parts if need be; docs/errors/trials.md says how large one may be.",
):
    """A table would take far more memory or time than scores of its size do: packed beyond reason, or too long."""


class TableEmpty(
    WrongForm,
    code="trial-table-empty",
    next_step="Give the table that holds the trial's rows; an empty one shows nothing.",
):
    """A table has no rows."""


class ColumnMissing(
    WrongForm,
    code="trial-column-missing",
    next_step="Add or rename the column as docs/formats says, or give a map of another tool's columns (--map).",
):
    """A column that the table must have is not there."""


class ColumnWrong(
    WrongForm,
    code="trial-column-wrong",
    next_step="Write the column in the type that docs/formats gives, then run again.",
):
    """A column holds another kind of value than it must: text where scores are expected, for one."""


class TableHoldsTemplates(
    NotAllowed,
    code="trial-templates-refused",
    next_step="Leave out every column of lists or bytes; a trial is read from scores, counts and labels alone.",
):
    """A column holds lists or bytes, as images and templates do; nothing of the file is read."""


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


class RowsFaulty(
    EvidenceWrong,
    code="trial-rows-faulty",
    next_step="Correct the rows named, or evaluate with --set-aside: faulty rows are then counted apart and reported.",
):
    """Rows of a trial's tables contradict themselves or the trial's design; the message counts and places each kind."""


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
