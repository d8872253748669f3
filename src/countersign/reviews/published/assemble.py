"""From sources to the review of what was published: read, correct, find breaks, regimes and faults, judge, assemble.

``review_published`` reads files; ``review_record`` is pure: the same record, options and seed give the same bytes.

>>> result = review_published(["shipped:met"])
>>> result.model.totals.deployments, result.model.totals.false_alerts
(324, 46)
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from countersign.document import Section, line_of
from countersign.progress import Progress, silent
from countersign.published.table.measures import Selection, row_ranges
from countersign.published.table.record import Document, Record
from countersign.reviews import model
from countersign.reviews.duties import row_duties
from countersign.reviews.options import Options
from countersign.reviews.published.brief.page import brief_of
from countersign.reviews.published.counts import period
from countersign.reviews.published.creep import creep
from countersign.reviews.published.evidence import Evidence, promises_of
from countersign.reviews.published.figures import LEVEL, Scope, both_ways, rates, totals_of
from countersign.reviews.published.findings import (
    claims_section,
    every_row,
    faults_section,
    groups_section,
    method_of,
    method_section,
    not_shown,
    sources_section,
)
from countersign.reviews.published.first_page import first_page
from countersign.reviews.published.recognised import marked
from countersign.reviews.published.sensitivity import conclusions, sensitivity
from countersign.reviews.published.sentences import five_sentences
from countersign.reviews.published.tables import accuracy
from countersign.reviews.result import TOOL, Part, ReviewResult, finish
from countersign.words.names import named

if TYPE_CHECKING:
    from countersign.published.audit_samples import AuditCount, AuditStudy
    from countersign.published.claims.claim import Claim
    from countersign.published.claims.verdict import Judged
    from countersign.published.corrections import Correction
    from countersign.published.group_counts import Baseline, GroupCount
    from countersign.published.regimes import Regime

SUBTITLE = "An independent review of the figures, with the source rows behind every figure"


@dataclass(frozen=True, slots=True)
class Given:
    """What is set beside a record, as read: public claims, counts by group with baselines, people counted,
    and corrections.
    """

    claims: Sequence[Claim] = ()
    groups: Sequence[GroupCount] = ()
    baselines: Sequence[Baseline] = ()
    audit: Sequence[AuditCount] = ()
    corrections: Sequence[Correction] = ()


@dataclass(frozen=True, repr=False)
class PublishedReview(ReviewResult[Evidence]):
    """A finished review of what was published."""

    def select(
        self, selection: Selection, name: str = "selection"
    ) -> tuple[model.TotalsOf, tuple[model.RateLine, ...]]:
        """Totals and rates of any selection of rows, as the record is read; split by regime where it crosses one."""
        evidence = self.evidence
        positions = np.array([i for i, row in enumerate(evidence.record.rows) if selection.holds(row)], np.int64)
        inside = np.unique(evidence.regimes.codes[positions])
        scope = Scope("selection", name, positions, tuple(evidence.regimes.scopes[i] for i in inside if i >= 0))
        totals = next(totals_of(evidence.counts, [scope], "either"))
        return totals, tuple(rates(evidence.counts, [scope], evidence.regimes))


def review_published(
    sources: Sequence[str | Path], options: Options = Options(), *, progress: Progress = silent
) -> PublishedReview:
    """Review PDFs, spreadsheets, CSVs, data packages, or a shipped record ("shipped:met").

    Raises the errors of what it reads and of ``review_record``.
    """
    from countersign.published.read import read_sources, with_rows

    record = with_rows(
        read_sources(list(sources), columns=options.columns, ocr_layer=options.ocr_layer, progress=progress)
    )
    given = _read_given(sources, options)
    day, again = options.as_of, options.line(sources)
    return review_record(record, given, as_of=day, seed=options.seed, row=options.row, again=again, progress=progress)


def _read_given(sources: Sequence[str | Path], options: Options) -> Given:
    """The files named in the options, read; each package is imported only where its file is given."""
    from countersign.published.files import beside

    listed, given = list(sources), Given()

    def path(named: str | Path, shipped: str) -> Path:
        return beside(named, shipped, listed)

    if options.claims is not None:
        from countersign.published.claims.file import read_claims

        given = replace(given, claims=read_claims(path(options.claims, "claims.toml")))
    if options.groups is not None or options.baselines is not None:
        from countersign.published.group_counts import read_baselines, read_groups

        groups = () if options.groups is None else read_groups(path(options.groups, "groups.csv"))
        baselines = () if options.baselines is None else read_baselines(path(options.baselines, "baselines.csv"))
        given = replace(given, groups=groups, baselines=baselines)
    if options.audit is not None:
        from countersign.published.audit_samples import read_audit

        given = replace(given, audit=read_audit(path(options.audit, "audit.csv")))
    if options.corrections is not None:
        from countersign.published.corrections import read_corrections

        given = replace(given, corrections=read_corrections(path(options.corrections, "corrections.toml")))
    return given


def review_record(
    record: Record,
    given: Given = Given(),
    *,
    as_of: datetime.date | None = None,
    seed: int = 0,
    row: str | None = None,
    again: str = "countersign review SOURCE",
    progress: Progress = silent,
) -> PublishedReview:
    """Review a record already read. ``row`` names the row whose duties are answered; ``again`` is the command that does
    the same from the sources.

    Raises an error of ``published.corrections`` for one that does not fit a row, and ``RowNotThere``.
    """
    evidence = _gather(record, given, as_of, seed, progress)
    missing, drawn = not_shown(evidence.record), conclusions(evidence, LEVEL)
    progress("answering the duties", 0, None)
    duties, duties_section = row_duties(evidence.record, row, as_of)
    refused = tuple(line_of(model.RefusedLine, refused) for refused in record.refused)
    summary, method = five_sentences(evidence, missing), method_of(evidence, LEVEL)
    progress("writing the report", 0, None)
    brief = brief_of(evidence, missing)
    findings = Findings(evidence, missing, drawn, summary, method, refused, duties, duties_section, brief.figures)
    layers = frozenset(document.id for document in record.documents if document.ocr_layer)
    made = finish(PublishedReview, evidence, findings, PARTS, _model, brief.document, SUBTITLE, again)
    return marked(made, layers)


@dataclass(frozen=True, slots=True)
class Findings:
    """The evidence with what follows from it: all that the report is made of."""

    evidence: Evidence
    not_shown: tuple[model.NotShown, ...]
    conclusions: tuple[model.Conclusion, ...]
    summary: tuple[str, ...]
    method: model.Method
    refused: tuple[model.RefusedLine, ...]
    duties: tuple[model.Duty, ...]
    duties_section: Section
    figures: Section


#: The report's sections, in order.
PARTS: tuple[Part[Findings], ...] = (
    lambda review: first_page(review.evidence, review.summary, review.not_shown),
    lambda review: review.figures,
    lambda review: accuracy(review.evidence),
    lambda review: groups_section(review.evidence),
    lambda review: claims_section(review.evidence),
    lambda review: creep(review.evidence),
    lambda review: faults_section(review.evidence),
    lambda review: sensitivity(review.evidence, review.conclusions),
    lambda review: review.duties_section,
    lambda review: method_section(review.method),
    lambda review: sources_section(review.evidence, review.refused),
    lambda review: every_row(review.evidence),
)


def _model(findings: Findings, sections: tuple[Section, ...]) -> model.Review:
    evidence = findings.evidence
    by = f"{named(evidence.publisher)} published" if evidence.publisher else "was published"
    title = f"Live facial recognition: what {by}"
    whole = {"totals": evidence.whole, "regimes": evidence.regime_lines, "promises": (), "sections": sections}
    return line_of(model.Review, findings, evidence, schema=model.SCHEMA, tool=TOOL, title=title, **whole)


def _gather(record: Record, given: Given, as_of: datetime.date | None, seed: int, progress: Progress) -> Evidence:
    from countersign.published.faults.breaks import find_breaks
    from countersign.published.faults.detect import find_faults
    from countersign.published.regimes import find_regimes

    read = record
    applied: tuple[model.CorrectionApplied, ...] = ()
    if given.corrections:
        from countersign.published.corrections import apply_corrections

        corrected = apply_corrections(record, given.corrections)
        read, applied = corrected.record, tuple(line_of(model.CorrectionApplied, item) for item in corrected.applied)
    progress("looking for changes in how faces are counted", 0, None)
    breaks = find_breaks(read, seed=seed)
    regimes = find_regimes(read, breaks)
    regime_of = {position: regime.id for regime in regimes for position in regime.rows}
    progress("computing figures", 0, None)
    figures = both_ways(read, record, regime_of)
    progress("looking for faults", 0, None)
    # Faults are those of what was printed; steps figures in a corrected record may lie elsewhere.
    faults = find_faults(record, seed=seed, breaks=None if applied else breaks)
    lines = tuple(_regime_line(regime, read) for regime in regimes)
    sums = figures.counts, figures.scopes, figures.regimes, lines, figures.totals_by, figures.rates
    said = applied, tuple(line_of(model.FaultLine, fault) for fault in faults)
    sources = tuple(_source_line(document, record) for document in record.documents)
    day, made = None if as_of is None else as_of.isoformat(), promises_of(given.claims)
    figured = Evidence(read, record, *sums, *said, promises=made, breaks=breaks, sources=sources, seed=seed, as_of=day)
    return _judged(figured, given, regimes, progress)


def _judged(evidence: Evidence, given: Given, regimes: Sequence[Regime], progress: Progress) -> Evidence:
    if given.groups:
        from countersign.published.group_blocks import groups_blocks
        from countersign.published.group_counts import study

        progress("studying counts by group", 0, None)
        studies = study(given.groups, baselines=given.baselines)
        evidence = replace(evidence, group_studies=studies, group_blocks=groups_blocks(studies))
    audits: tuple[AuditStudy, ...] = ()
    if given.audit:
        from countersign.published.audit_blocks import audit_blocks
        from countersign.published.audit_samples import audit_studies

        publishers = sorted({document.publisher for document in evidence.documents if document.publisher})
        audits = audit_studies(given.groups, given.audit, publishers)
        blocks = (*evidence.group_blocks, *audit_blocks(audits, given=True))
        evidence = replace(evidence, group_blocks=blocks, audits=tuple(map(_audit_line, audits)))
    if given.claims:
        from countersign.published.claims.judge import claims_blocks, judge

        progress("checking claims", 0, None)
        counts: dict[str, Any] = {"groups": given.groups, "baselines": given.baselines, "audits": audits}
        counts["printed"] = evidence.printed if evidence.corrections else None
        judged = judge(given.claims, evidence.record, regimes=regimes, **counts)
        evidence = replace(evidence, claims=tuple(map(_claim_line, judged)), claim_blocks=claims_blocks(judged))
    return evidence


def _source_line(document: Document, record: Record) -> model.SourceRead:
    rows = [row for row in record.rows if row.document == document.id]
    refused = sum(refused.document == document.id for refused in record.refused)
    first, last = (None if date is None else date.isoformat() for date in period(rows))
    return line_of(model.SourceRead, document, rows=len(rows), refused=refused, first=first, last=last)


def _regime_line(regime: Regime, record: Record) -> model.RegimeLine:
    first, last = (None if date is None else date.isoformat() for date in (regime.first, regime.last))
    threshold = None if regime.threshold is None else str(regime.threshold)
    rows = row_ranges(record.rows[position] for position in regime.rows)
    spans = {"first": first, "last": last, "deployments": len(regime.rows), "rows": rows}
    return line_of(model.RegimeLine, regime, threshold=threshold, per_face_comparable=regime.tested, **spans)


def _audit_line(studied: AuditStudy) -> model.AuditLine:
    group = studied.group
    first, last = (None if date is None else date.isoformat() for date in (group.period_from, group.period_to))
    ranges = {
        name: model.Range(interval.low, interval.high if math.isfinite(interval.high) else None, interval.level)
        for name in ("share", "interval", "over_shares")
        for interval in (getattr(studied, name),)
    }
    ratio = studied.ratio if math.isfinite(studied.ratio) else None
    named = {"event": group.event, "group": group.group, "first": first, "last": last, "ratio": ratio}
    return line_of(model.AuditLine, studied, group, **named, **ranges)


def _claim_line(judged: Judged) -> model.ClaimLine:
    return line_of(
        model.ClaimLine, judged, judged.claim, caveats=tuple((item.kind, item.text) for item in judged.caveats)
    )
