"""The evidence of a review, gathered once: record, scopes, regimes, figures, faults, claims and groups.

A *stretch* is a part of the record that is set beside others: a regime, or a year where there is one regime. A regime
inside the interval of a break's date is left out: its rows may be counted either way.
"""

from __future__ import annotations

import datetime
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from countersign.document import Block
from countersign.published.faults.breaks import Break
from countersign.published.table.record import Document, Record
from countersign.reviews import model
from countersign.reviews.model import By, Reading
from countersign.reviews.published.counts import Counts, Dimension
from countersign.reviews.published.figures import Scope
from countersign.words.dates import months, span

if TYPE_CHECKING:
    from countersign.published.claims.claim import Claim
    from countersign.published.group_counts import GroupStudy


@dataclass(frozen=True)
class Promise:
    """A dated public promise that creep is set against: who said what, when, and of which duty."""

    id: str
    said_by: str
    said_on: str
    statement: str
    duty: str


def largest(step: Break) -> float:
    """The size of a step by the matching of places that makes it larger (further from 1)."""
    sizes = [step.fold] if step.fold_by_words is None else [step.fold, step.fold_by_words]
    return max(sizes, key=lambda size: abs(math.log(size)))


def short_label(line: model.RegimeLine) -> str:
    """A regime in a few words: "threshold 0.64, fixed cameras, October 2025 to March 2026"."""
    if line.first is None or line.last is None:
        return line.label
    first, last = (datetime.date.fromisoformat(day) for day in (line.first, line.last))
    return f"{line.label.partition(f', {span(first, last)}')[0]}, {months(first, last)}"


@dataclass(frozen=True)
class Evidence:
    """All that the sections draw on. ``record`` is read with the corrections given; ``printed`` as it was printed.

    ``scopes`` are those of ``record``. ``totals_by`` and ``rates`` hold a line for each reading where the two differ.
    """

    record: Record
    printed: Record
    counts: Counts
    scopes: Mapping[By, list[Scope]]
    regimes: Dimension
    regime_lines: tuple[model.RegimeLine, ...]
    totals_by: tuple[model.TotalsOf, ...]
    rates: tuple[model.RateLine, ...]
    corrections: tuple[model.CorrectionApplied, ...] = ()
    faults: tuple[model.FaultLine, ...] = ()
    claims: tuple[model.ClaimLine, ...] = ()
    claim_blocks: tuple[Block, ...] = ()
    group_blocks: tuple[Block, ...] = ()
    group_studies: tuple[GroupStudy, ...] = ()
    audits: tuple[model.AuditLine, ...] = ()
    promises: tuple[Promise, ...] = ()
    breaks: tuple[Break, ...] = ()
    sources: tuple[model.SourceRead, ...] = ()
    seed: int = 0
    as_of: str | None = None

    @cached_property
    def publisher(self) -> str:
        """The publishers named by the documents; empty where none is."""
        return " and ".join(dict.fromkeys(document.publisher for document in self.documents if document.publisher))

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents reviewed."""
        return self.record.documents

    @cached_property
    def whole(self) -> model.Totals:
        """The totals of all rows."""
        return next(line.totals for line in self.totals_by if line.by == "all" and line.reading != "as printed")

    @cached_property
    def labels(self) -> dict[str, str]:
        """A name for each regime in words, by id: a short one, or the whole where two would be called the same."""
        short = {line.id: short_label(line) for line in self.regime_lines}
        times = Counter(short.values())
        return {line.id: short[line.id] if times[short[line.id]] == 1 else line.label for line in self.regime_lines}

    @cached_property
    def scales(self) -> dict[str, float]:
        """How many times as many faces an hour each regime counts as the first: the product of the steps."""
        standing = [step for step in self.breaks if step.stands]
        return {
            line.id: math.prod(
                largest(step) for step in standing if line.first and line.first >= step.first_after.isoformat()
            )
            for line in self.regime_lines
            if not line.face_counts.startswith("changed")
        }

    @cached_property
    def years(self) -> list[str]:
        """The years that have rows, in order."""
        return [scope.name for scope in self.scopes["year"]]

    def totals(self, by: By, scope: str, reading: Reading = "as corrected") -> model.Totals | None:
        """The totals of a scope in a reading; a scope that no correction touches reads the same in both."""
        lines = (line for line in self.totals_by if (line.by, line.scope) == (by, scope))
        return next((line.totals for line in lines if line.reading in ("either", reading)), None)

    def rate(
        self,
        measure: str,
        by: By,
        scope: str,
        *,
        regime: str | None = None,
        reading: Reading = "as corrected",
    ) -> model.RateLine | None:
        """The line that spans a scope; of its part in ``regime``, if one is named. ``None``: none, or two systems."""
        lines = [line for line in self.lines(by, scope, measure) if line.reading in ("either", reading)]
        lines = [line for line in lines if regime is None or line.regime == regime]
        best = max(lines, key=lambda line: (bool(line.crosses), line.reading == reading), default=None)
        if best is None or best.crosses or regime is not None:
            return best
        return None if len({line.regime for line in lines}) > 1 else best

    @cached_property
    def _by_scope(self) -> dict[tuple[str, str, str], list[model.RateLine]]:
        lines: dict[tuple[str, str, str], list[model.RateLine]] = {}
        for line in self.rates:
            lines.setdefault((line.by, line.scope, line.measure), []).append(line)
        return lines

    def lines(self, by: By, scope: str, measure: str) -> list[model.RateLine]:
        """All lines of a scope and measure in both readings, each span before its parts by regime."""
        return self._by_scope.get((by, scope, measure), [])


#: The latest stretches compared; more would be a list nobody reads.
MOST_STRETCHES = 8


class Stretch(NamedTuple):
    """A scope that is compared; ``scale``: how many times as many faces an hour it counts as the first regime."""

    by: By
    scope: str
    label: str
    scale: float


def stretches(evidence: Evidence) -> list[Stretch]:
    """The regimes in order, those that count faces in two ways left out; the years where there is one regime."""
    if len(evidence.regime_lines) > 1:
        labels = evidence.labels
        return [Stretch("regime", name, labels[name], scale) for name, scale in evidence.scales.items()]
    return [Stretch("year", scope.name, scope.name, 1.0) for scope in evidence.scopes["year"]]


def latest_stretches(evidence: Evidence) -> list[Stretch]:
    """The last ``MOST_STRETCHES`` of ``stretches``."""
    return stretches(evidence)[-MOST_STRETCHES:]


def promises_of(claims: Iterable[Claim]) -> tuple[Promise, ...]:
    """The claims that name a duty and a date: what creep is set against."""
    return tuple(
        Promise(claim.id, claim.said_by, claim.said_on, claim.statement, quantity.removeprefix("duty:"))
        for claim in claims
        for quantity in claim.quantity
        if quantity.startswith("duty:") and claim.said_on
    )
