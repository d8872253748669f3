"""What the record shows beside a promise it cannot prove, and the judgement of a claim about a duty.

A claim names plain counts under ``beside``: ``use_cases``, ``watchlist_changes`` (how far lists of consecutive
deployment days differ in size), and ``printed:<column>`` (in how many rows a column is published). Counts only. The
last list of a day stands beside the first of the next day; two lists of one size may hold different people.

>>> import datetime
>>> describe_beside("use_cases", [Row("a", 1, use_case="Crime Hotspot"), Row("a", 2, use_case="Crime Hotspot")])
'1 distinct use case is printed: "Crime Hotspot" in 2 rows.'
>>> first = Row("a", 1, date=datetime.date(2024, 5, 1), watchlist_size=100)
>>> second = Row("a", 2, date=datetime.date(2024, 5, 3), watchlist_size=99)
>>> [step.share for step in consecutive_lists([first, second])]
[0.01]
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from countersign.published.claims.claim import Claim
from countersign.published.claims.rows import extent
from countersign.published.claims.verdict import Part
from countersign.published.table.measures import row_ranges
from countersign.published.table.record import COLUMN_NAMES, Record, Row
from countersign.words.dates import dated
from countersign.words.lists import be, counted, listing
from countersign.words.names import token
from countersign.words.numbers import count, percent


class ListStep(NamedTuple):
    """Two lists used on consecutive days with deployments; each prints a size above zero."""

    before: Row
    after: Row

    @property
    def share(self) -> float:
        """Difference of the sizes over the former size."""
        first, second = self.before.watchlist_size or 0, self.after.watchlist_size or 0
        return abs(second - first) / first


def consecutive_lists(rows: Sequence[Row]) -> list[ListStep]:
    """The last list of each day beside the first of the next day with a deployment, where both sizes are printed."""
    sized = [row for row in rows if row.date is not None and row.watchlist_size]
    dated = sorted(sized, key=lambda row: (row.date, row.document, row.number))
    return [ListStep(a, b) for a, b in pairwise(dated) if a.date != b.date]


#: Lists of two days count as hardly changed in size below this share of the earlier one.
HARDLY = 0.01
_PRINTED = "printed:"


def _use_cases(rows: Sequence[Row]) -> str:
    by_use: dict[str, list[Row]] = {}
    for row in rows:
        if row.use_case is not None:
            by_use.setdefault(row.use_case, []).append(row)
    if not by_use:
        return "No use case is printed."
    values = listing([f'"{value}" in {extent(of)}' for value, of in by_use.items()])
    return f"{counted(len(by_use), 'distinct use case')} {be(len(by_use))} printed: {values}."


def _watchlist_changes(rows: Sequence[Row]) -> str:
    changes = [step.share for step in consecutive_lists(rows)]
    if not changes:
        return "No two consecutive deployment days print the size of their watchlist."
    hardly = sum(change < HARDLY for change in changes)
    return (
        f"From one deployment day to the next the watchlist changed in size by less than {percent(HARDLY)} in "
        f"{count(hardly)} of {count(len(changes))} steps (half of all steps: less than "
        f"{percent(statistics.median(changes), 'up')}). Size is not make-up: which entries changed is not published."
    )


def _printed(rows: Sequence[Row], column: str) -> str:
    have = [row for row in rows if getattr(row, column) is not None]
    where = f"{extent(have)} of {count(len(rows))}" if have else f"none of {counted(len(rows), 'row')}"
    return f"The column {token(column)} is printed in {where}."


#: Name: how it is said of the rows a claim is about.
BESIDE: dict[str, Callable[[Sequence[Row]], str]] = {"use_cases": _use_cases, "watchlist_changes": _watchlist_changes}


def known_beside(name: str) -> bool:
    """Whether there is such a count."""
    column = name.removeprefix(_PRINTED)
    return name in BESIDE or (name != column and column in COLUMN_NAMES and column != "source")


def describe_beside(name: str, rows: Sequence[Row]) -> str:
    """One sentence of plain counts. Raises ``KeyError`` for a name that is not known."""
    if name in BESIDE:
        return BESIDE[name](rows)
    if not known_beside(name):
        raise KeyError(name)
    return _printed(rows, name.removeprefix(_PRINTED))


#: What is missing where the claim itself does not say.
NEEDED = "evidence of the duty itself: a table of counts shows results, not how a deployment was planned or run"


def judge_duty(claim: Claim, record: Record) -> Part:
    """A claim that something was done as a duty asks."""
    rows = claim.selection.of(record.rows)
    shown = tuple(describe_beside(name, rows) for name in claim.beside)
    said = f" ({dated(claim.said_on)})" if claim.said_on else ""
    return Part(
        "cannot be checked",
        "a table of results cannot show it" + (f". What the record does show: {' '.join(shown)}" if shown else ""),
        shown,
        row_ranges(rows) if shown else (),
        claim.needs or (NEEDED,),
        may_write=f"{claim.said_by or 'The force'} said so{said}; what has been published does not show it either way",
    )
