"""The columns of the tables a trial is read from, and what each may hold: one place for readers, checks and writers.

The *search table* has one row a search (ISO/IEC 19795-1: one probe against the whole watchlist); open-set rates need no
more. The *candidate lists* are reduced to it. The *comparison table* has one row a comparison score. The *subjects
table* says to which groups a subject belongs and how that label was obtained; the *enrolment table* who is on which
watchlist. The documented forms, with examples, are under ``docs/formats``.

>>> SEARCH["mated"].required, SEARCH["mate_rank"].required
(True, False)
>>> OBTAINED
('self-declared', 'official', 'perceived', 'measured')
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from countersign.errors import NotAllowed, NotReached, WrongForm

Kind = Literal["identifier", "truth", "score", "whole", "text"]


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

SUBJECT: dict[str, ColumnRule] = {
    "subject_id": ColumnRule("identifier", True, "one row a subject"),
}

ENROLMENT: dict[str, ColumnRule] = {
    "reference_id": ColumnRule("identifier", True, "the reference; one row an enrolment transaction"),
    "subject_id": ColumnRule("identifier", True, "whose it is"),
    "enrolled": ColumnRule("truth", False, "false: a failure to enrol"),
    "N": ColumnRule("whole", False, "the watchlist, named by its size; empty: on every one"),
}

#: How a group label may have been obtained; the column ``<attribute>_obtained`` of the subjects table holds one.
OBTAINED = ("self-declared", "official", "perceived", "measured")


class TableNotReached(NotReached):
    """A table is not there, or may not be read."""

    code = "trial-table-not-reached"
    next_step = "Check the path, and that the file may be read."


class TableUnreadable(WrongForm):
    """A file is there and is no table that can be read: another format than its name says, or cut short."""

    code = "trial-table-unreadable"
    next_step = "Check that the file is whole (compare its size with the sender's) and is Parquet, Arrow or CSV."


class TableEmpty(WrongForm):
    """A table has no rows."""

    code = "trial-table-empty"
    next_step = "Give the table that holds the trial's rows; an empty one shows nothing."


class ColumnMissing(WrongForm):
    """A column that the table must have is not there."""

    code = "trial-column-missing"
    next_step = "Add or rename the column as docs/formats says; names are matched exactly."


class ColumnWrong(WrongForm):
    """A column holds another kind of value than it must: text where scores are expected, for one."""

    code = "trial-column-wrong"
    next_step = "Write the column in the type that docs/formats gives, then run again."


class TableHoldsTemplates(NotAllowed):
    """A column holds lists or bytes, as images and templates do; nothing of the file is read."""

    code = "trial-templates-refused"
    next_step = "Leave out every column of lists or bytes; a trial is read from scores, counts and labels alone."
