"""A point of a brief before it is ranked, the numbers it prints, and the rule that ranks points.

A point gets three marks from 0 to 1, which are added up (``RULE``, printed with every brief). *Size* is the share of
the record's rows, alerts or claims that it is about. *Certainty* is 1 for a count, 0.95 for a 95% interval or 1 less
the chance of a test, and 0.85 where labels it rests on have no stated source. *Contradiction* is 1 where the point
goes against what the force says or prints. The points with most marks come first, at most ``MOST_POINTS``.

>>> draft = Draft("a", "title", "text", size=0.5, certainty=1.0)
>>> ranked([draft, Draft("b", "title", "text", size=0.2, certainty=0.95, contradicts=True)])[0].anchor
'b'
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from countersign.document import RowRange
from countersign.reviews.model import By, TotalsOf
from countersign.reviews.published.evidence import Evidence

#: The most points a brief makes.
MOST_POINTS = 6
RULE = (
    "Points are ranked by the sum of three marks from 0 to 1. Size: the share of rows, alerts or claims concerned. "
    "Certainty: 1 for a count, less for an estimate. Contradiction: 1 where it goes against what the force says."
)


class Number(NamedTuple):
    """A number a brief prints: its ``text``, ``what`` it counts, the place ``behind`` it, and its source rows."""

    text: str
    what: str
    behind: str
    rows: tuple[RowRange, ...] = ()


class Numbers:
    """Collects the numbers of a text while it is written: called with a number, it gives its text."""

    def __init__(self) -> None:
        self.listed: list[Number] = []

    def __call__(self, text: str, what: str, behind: str, rows: tuple[RowRange, ...] = ()) -> str:
        """Note a number and give its text."""
        self.listed.append(Number(text, what, behind, rows))
        return text


@dataclass(frozen=True, slots=True)
class Draft:
    """A point before it is ranked, with its three marks from 0 to 1 (``contradicts`` counts as 1)."""

    anchor: str
    title: str
    text: str
    numbers: tuple[Number, ...] = field(default=())
    size: float = 0.0
    certainty: float = 1.0
    contradicts: bool = False

    @property
    def marks(self) -> float:
        """The sum of the three marks."""
        return self.size + self.certainty + self.contradicts


def ranked(drafts: Sequence[Draft]) -> list[Draft]:
    """The points of a brief by ``RULE``; of equal marks the earlier stays first."""
    return sorted(drafts, key=lambda draft: -draft.marks)[:MOST_POINTS]


def totals_line(evidence: Evidence, by: By, scope: str) -> TotalsOf:
    """The totals of a scope as they are read."""
    lines = (line for line in evidence.totals_by if (line.by, line.scope) == (by, scope))
    return next(line for line in lines if line.reading != "as printed")
