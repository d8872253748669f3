"""The evidence of a review, gathered once: record, scopes, regimes, figures, faults, claims and groups.

What the packages below found becomes lines of the review. Every section of the report is a function of this value. A
*stretch* is a part of the record that is set beside others: a regime, or a year where there is only one regime. A
regime whose rows may be counted either way (it lies inside the interval of a break's date) is left out: no figure per
face of it can be compared with another.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from countersign.document import Block
from countersign.published.faults.breaks.find import Break
from countersign.published.table.measures import row_ranges
from countersign.published.table.record import Document, Record, Refused
from countersign.reviews.model import (
    By,
    ClaimLine,
    CorrectionApplied,
    FaultLine,
    RateLine,
    Reading,
    RefusedLine,
    RegimeLine,
    SourceRead,
    Totals,
    TotalsOf,
)
from countersign.reviews.published.counts import Counts, Dimension, period
from countersign.reviews.published.figures import Scope
from countersign.words.dates import months

if TYPE_CHECKING:
    from countersign.published.claims.claim import Claim
    from countersign.published.claims.verdicts import Judged
    from countersign.published.corrections import Correction
    from countersign.published.faults.codes import Fault
    from countersign.published.regimes import Regime


@dataclass(frozen=True)
class Promise:
    """A dated public promise that creep is set against: who said what, when, and of which duty."""

    id: str
    said_by: str
    said_on: str
    statement: str
    duty: str


def largest(step: Break) -> float:
    """The size of a step by whichever matching of places makes it larger (further from 1)."""
    sizes = [step.fold] if step.fold_by_words is None else [step.fold, step.fold_by_words]
    return max(sizes, key=lambda size: abs(math.log(size)))


def short_label(line: RegimeLine) -> str:
    """A regime in a few words: "r5: threshold 0.64, August to November 2024"."""
    setting = "no threshold" if line.threshold is None else f"threshold {line.threshold}"
    if line.first is None or line.last is None:
        return f"{line.id}: {setting}"
    first, last = (datetime.date.fromisoformat(day) for day in (line.first, line.last))
    return f"{line.id}: {setting}, {months(first, last)}"


@dataclass(frozen=True)
class Evidence:
    """All that the sections draw on. ``record`` is read with the corrections given; ``printed`` as it was printed.

    ``scopes`` are those of ``record`` by dimension. ``totals_by`` and ``rates`` hold a line for each reading where a
    correction makes the two differ.
    """

    record: Record
    printed: Record
    counts: Counts
    scopes: Mapping[By, list[Scope]]
    regimes: Dimension
    regime_lines: tuple[RegimeLine, ...]
    totals_by: tuple[TotalsOf, ...]
    rates: tuple[RateLine, ...]
    corrections: tuple[CorrectionApplied, ...] = ()
    faults: tuple[FaultLine, ...] = ()
    claims: tuple[ClaimLine, ...] = ()
    claim_blocks: tuple[Block, ...] = ()
    group_blocks: tuple[Block, ...] = ()
    promises: tuple[Promise, ...] = ()
    breaks: tuple[Break, ...] = ()
    sources: tuple[SourceRead, ...] = ()
    seed: int = 0
    as_of: str | None = None

    @cached_property
    def publisher(self) -> str:
        """The publishers named by the documents; empty where none is."""
        names = list(dict.fromkeys(document.publisher for document in self.record.documents if document.publisher))
        return " and ".join(names)

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents reviewed."""
        return self.record.documents

    @cached_property
    def whole(self) -> Totals:
        """The totals of all rows."""
        return next(line.totals for line in self.totals_by if line.by == "all" and line.reading != "as printed")

    @cached_property
    def labels(self) -> dict[str, str]:
        """A short name for each regime, by id: the id, its threshold and its months; the table of regimes says more."""
        return {line.id: short_label(line) for line in self.regime_lines}

    @cached_property
    def scales(self) -> dict[str, float]:
        """How many times as many faces an hour each regime counts as the first: the product of the steps before it.

        A regime inside the interval of a step's date may be counted either way, and has no scale.
        """
        standing = [step for step in self.breaks if step.stands]
        return {
            line.id: math.prod(
                largest(step) for step in standing if line.first and line.first >= step.first_after.isoformat()
            )
            for line in self.regime_lines
            if line.per_face_comparable
        }

    @cached_property
    def years(self) -> list[str]:
        """The years that have rows, in order, as the record is read."""
        return [scope.name for scope in self.scopes["year"]]

    def totals(self, by: By, scope: str, reading: Reading = "as corrected") -> Totals | None:
        """The totals of a scope in a reading; a scope that no correction touches reads the same in both."""
        for line in self.totals_by:
            if line.by == by and line.scope == scope and line.reading in ("either", reading):
                return line.totals
        return None

    def rate(
        self, measure: str, by: By, scope: str, *, regime: str | None = None, reading: Reading = "as corrected"
    ) -> RateLine | None:
        """The line of a scope; ``regime`` asks for the part in that regime, else whichever line spans the scope.

        ``None`` where none spans it: no rate is made over two systems, such as vans and fixed cameras.
        """
        lines = [
            line
            for line in self.lines(by, scope, measure)
            if line.reading in ("either", reading) and (regime is None or line.regime == regime)
        ]
        best = max(lines, key=lambda line: (bool(line.crosses), line.reading == reading), default=None)
        if best is None or best.crosses or regime is not None:
            return best
        return None if len({line.regime for line in lines}) > 1 else best

    @cached_property
    def _by_scope(self) -> dict[tuple[str, str, str], list[RateLine]]:
        found: dict[tuple[str, str, str], list[RateLine]] = {}
        for line in self.rates:
            found.setdefault((line.by, line.scope, line.measure), []).append(line)
        return found

    def lines(self, by: By, scope: str, measure: str) -> list[RateLine]:
        """All lines of a scope and measure: both readings, the span first and then its parts by regime."""
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
    """The regimes in order; the years where there are fewer than two regimes to compare."""
    comparable = [line for line in evidence.regime_lines if line.per_face_comparable]
    if len(evidence.regime_lines) > 1:
        return [Stretch("regime", line.id, evidence.labels[line.id], evidence.scales[line.id]) for line in comparable]
    return [Stretch("year", scope.name, scope.name, 1.0) for scope in evidence.scopes["year"]]


def latest_stretches(evidence: Evidence) -> list[Stretch]:
    """The last ``MOST_STRETCHES`` of ``stretches``."""
    return stretches(evidence)[-MOST_STRETCHES:]


#: How a claim's quantity names a duty.
DUTY = "duty:"


def source_line(document: Document, record: Record) -> SourceRead:
    """A document with how many of its rows were read and refused, and the dates they span."""
    rows = [row for row in record.rows if row.document == document.id]
    first, last = period(rows)
    return SourceRead(
        id=document.id,
        title=document.title,
        publisher=document.publisher,
        published=document.published,
        sha256=document.sha256,
        file=document.file,
        kind=document.kind,
        address=document.address,
        rows=len(rows),
        refused=sum(refused.document == document.id for refused in record.refused),
        first=None if first is None else first.isoformat(),
        last=None if last is None else last.isoformat(),
        notes=document.notes,
    )


def refused_line(refused: Refused) -> RefusedLine:
    """A row or cell kept aside."""
    return RefusedLine(refused.document, refused.page, refused.place, refused.printed, refused.reason)


def applied_line(correction: Correction) -> CorrectionApplied:
    """A correction that was applied."""
    return CorrectionApplied(
        correction.document,
        correction.row,
        correction.column,
        correction.printed,
        correction.read_as,
        correction.reason,
        correction.who,
    )


def regime_line(regime: Regime, record: Record) -> RegimeLine:
    """A regime with its rows as ranges."""
    return RegimeLine(
        id=regime.id,
        label=regime.label,
        threshold=None if regime.threshold is None else str(regime.threshold),
        first=None if regime.first is None else regime.first.isoformat(),
        last=None if regime.last is None else regime.last.isoformat(),
        deployments=len(regime.rows),
        per_face_comparable=regime.per_face_comparable,
        why=regime.why,
        face_counts=regime.face_counts,
        error_rate=regime.error_rate,
        rows=row_ranges(record.rows[position] for position in regime.rows),
    )


def fault_line(fault: Fault) -> FaultLine:
    """A fault as found."""
    return FaultLine(fault.number, fault.code, fault.document, fault.row, fault.column, fault.message, fault.details)


def claim_line(judged: Judged) -> ClaimLine:
    """A claim with its verdict."""
    claim = judged.claim
    return ClaimLine(
        id=claim.id,
        said_by=claim.said_by,
        said_on=claim.said_on,
        where=claim.where,
        statement=claim.statement,
        verdict=judged.verdict,
        because=judged.because,
        arithmetic=judged.arithmetic,
        missing=judged.missing,
        caveats=tuple((caveat.kind, caveat.text) for caveat in judged.caveats),
        may_write=judged.may_write,
        may_not_write=judged.may_not_write,
        verdict_as_printed=judged.verdict_as_printed,
        because_as_printed=judged.because_as_printed,
        rows=judged.rows,
    )


def promises_of(claims: Iterable[Claim]) -> tuple[Promise, ...]:
    """The claims that name a duty and a date: what creep is set against."""
    return tuple(
        Promise(claim.id, claim.said_by, claim.said_on, claim.statement, quantity.removeprefix(DUTY))
        for claim in claims
        for quantity in claim.quantity
        if quantity.startswith(DUTY) and claim.said_on
    )
