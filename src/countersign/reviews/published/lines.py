"""What the packages below found, as lines of the review: sources, corrections, regimes, faults, claims, refusals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from countersign.published.table.measures import row_ranges
from countersign.published.table.record import Document, Record, Refused
from countersign.reviews.model import (
    ClaimLine,
    CorrectionApplied,
    FaultLine,
    RefusedLine,
    RegimeLine,
    SourceRead,
)  # fmt: skip
from countersign.reviews.published.counts import period
from countersign.reviews.published.evidence import Promise

if TYPE_CHECKING:
    from countersign.published.claims.claim import Claim
    from countersign.published.claims.verdicts import Judged
    from countersign.published.corrections import Correction
    from countersign.published.faults.codes import Fault
    from countersign.published.regimes import Regime

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
        correction.document, correction.row, correction.column, correction.printed, correction.read_as,
        correction.reason, correction.who,
    )  # fmt: skip


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
        rows=row_ranges(record.rows[position] for position in regime.rows),
    )


def fault_line(fault: Fault) -> FaultLine:
    """A fault as found."""
    return FaultLine(
        fault.number, fault.code, fault.document, fault.row, fault.column, fault.message, fault.details
    )  # fmt: skip


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
    """The claims that name a duty and a date: what creep is told against."""
    return tuple(
        Promise(claim.id, claim.said_by, claim.said_on, claim.statement, quantity.removeprefix(DUTY))
        for claim in claims
        for quantity in claim.quantity
        if quantity.startswith(DUTY) and claim.said_on
    )
