"""From sources to a review: read, correct, find breaks, regimes and faults, judge claims, study groups, assemble.

``review_source`` reads files and calls ``review_record``, which is pure: the same record, options and seed give the
same review, byte for byte.

>>> result = review_source("shipped:met")
>>> result.model.totals.deployments, result.model.totals.false_alerts
(324, 46)
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from countersign import __version__
from countersign.document import Document, Section
from countersign.progress import Progress, silent
from countersign.published.table.record import Record
from countersign.reviews.model import SCHEMA, CorrectionApplied, Review, Tool
from countersign.reviews.published.accuracy import accuracy
from countersign.reviews.published.creep import creep
from countersign.reviews.published.evidence import Evidence
from countersign.reviews.published.figures import LEVEL, both_ways
from countersign.reviews.published.findings import claims_section, faults_section, groups_section, not_shown
from countersign.reviews.published.first_page import first_page
from countersign.reviews.published.lines import (
    applied_line,
    claim_line,
    fault_line,
    promises_of,
    refused_line,
    regime_line,
    source_line,
)  # fmt: skip
from countersign.reviews.published.method import every_row, method_of, method_section, sources_section
from countersign.reviews.published.sensitivity import conclusions, sensitivity
from countersign.reviews.published.sentences import five_sentences
from countersign.reviews.result import ReviewResult
from countersign.words.wording import named

if TYPE_CHECKING:
    from countersign.published.claims.claim import Claim
    from countersign.published.corrections import Correction
    from countersign.published.groups.counts import Baseline, GroupCount


def review_source(
    source: str | Path | Sequence[str | Path],
    *,
    claims: str | Path | None = None,
    groups: str | Path | None = None,
    baselines: str | Path | None = None,
    corrections: str | Path | None = None,
    columns: Path | None = None,
    as_of: datetime.date | None = None,
    seed: int = 0,
    row: str | None = None,
    progress: Progress = silent,
) -> ReviewResult:
    """Review one source or several: a PDF, spreadsheet, CSV, data package, or a shipped record ("shipped:met").

    ``claims``, ``groups``, ``baselines`` and ``corrections`` are files (``docs/formats``), or the word "shipped" for
    those that come with the shipped record; none is used unless given. ``columns`` maps another force's headings.
    ``as_of`` is printed and changes no figure. ``seed`` is that of every random step. ``row`` names the row whose
    duties are answered ("met-2023-2024:113"; the latest if none is named). Raises the errors of what it reads.
    """
    from countersign.published.read import read_sources, with_rows
    from countersign.published.shipped import beside

    listed = [source] if isinstance(source, str | Path) else list(source)
    record = with_rows(read_sources(listed, columns=columns, progress=progress))
    given_claims: tuple[Claim, ...] = ()
    given_groups: tuple[GroupCount, ...] = ()
    given_baselines: tuple[Baseline, ...] = ()
    given_corrections: tuple[Correction, ...] = ()
    if claims is not None:
        from countersign.published.claims.file import read_claims

        given_claims = read_claims(beside(claims, "claims.toml", listed))
    if groups is not None:
        from countersign.published.groups.counts import read_groups

        given_groups = read_groups(beside(groups, "groups.csv", listed))
    if baselines is not None:
        from countersign.published.groups.counts import read_baselines

        given_baselines = read_baselines(beside(baselines, "baselines.csv", listed))
    if corrections is not None:
        from countersign.published.corrections import read_corrections

        given_corrections = read_corrections(beside(corrections, "corrections.toml", listed))
    return review_record(
        record,
        claims=given_claims,
        groups=given_groups,
        baselines=given_baselines,
        corrections=given_corrections,
        as_of=as_of,
        seed=seed,
        row=row,
        progress=progress,
    )


def review_record(
    record: Record,
    *,
    claims: Sequence[Claim] = (),
    groups: Sequence[GroupCount] = (),
    baselines: Sequence[Baseline] = (),
    corrections: Sequence[Correction] = (),
    as_of: datetime.date | None = None,
    seed: int = 0,
    row: str | None = None,
    progress: Progress = silent,
) -> ReviewResult:
    """Review a record already read. Raises an error of ``published.corrections`` for one that does not fit a row, and
    ``RowNotThere``.
    """
    from countersign.reviews.duties import row_duties

    evidence = _gather(record, claims, groups, baselines, corrections, as_of, seed, progress)
    missing = not_shown(evidence.record)
    drawn = conclusions(evidence, LEVEL)
    sentences = five_sentences(evidence, missing)
    method = method_of(evidence, LEVEL)
    refused = tuple(map(refused_line, record.refused))
    progress("answering the duties", 0, None)
    duties, duties_told = row_duties(evidence.record, row, as_of)
    progress("writing the report", 0, None)
    sections: tuple[Section, ...] = (
        first_page(evidence, sentences, missing),
        accuracy(evidence),
        groups_section(evidence),
        claims_section(evidence),
        creep(evidence),
        faults_section(evidence),
        sensitivity(evidence, drawn),
        duties_told,
        method_section(method),
        sources_section(evidence, refused),
        every_row(evidence),
    )
    title = "Live facial recognition: what was published"
    if evidence.publisher:
        title = f"Live facial recognition: what {named(evidence.publisher)} published"
    model = Review(
        schema=SCHEMA,
        tool=Tool("countersign", __version__),
        as_of=evidence.as_of,
        title=title,
        summary=sentences,
        sources=evidence.sources,
        corrections=evidence.corrections,
        totals=evidence.whole,
        totals_by=evidence.totals_by,
        rates=evidence.rates,
        regimes=evidence.regime_lines,
        faults=evidence.faults,
        claims=evidence.claims,
        duties=duties,
        promises=(),
        not_shown=missing,
        refused=refused,
        conclusions=drawn,
        method=method,
        sections=sections,
    )
    subtitle = "An independent review of the figures, with the rows each stands on"
    return ReviewResult(model, Document(title, subtitle, "en-GB", sections), evidence)


def _gather(
    record: Record,
    claims: Sequence[Claim],
    groups: Sequence[GroupCount],
    baselines: Sequence[Baseline],
    corrections: Sequence[Correction],
    as_of: datetime.date | None,
    seed: int,
    progress: Progress,
) -> Evidence:
    from countersign.published.faults.breaks.find import find_breaks
    from countersign.published.faults.detect import find_faults
    from countersign.published.regimes import find_regimes

    read = record
    applied: tuple[CorrectionApplied, ...] = ()
    if corrections:
        from countersign.published.corrections import apply_corrections

        corrected = apply_corrections(record, corrections)
        read, applied = corrected.record, tuple(map(applied_line, corrected.applied))
    progress("looking for changes in how faces are counted", 0, None)
    breaks = find_breaks(read, seed=seed)
    regimes = find_regimes(read, breaks)
    regime_of = {position: regime.id for regime in regimes for position in regime.rows}
    progress("computing figures", 0, None)
    found = both_ways(read, record, regime_of)
    progress("looking for faults", 0, None)
    # Faults are those of what was printed; steps found in a corrected record may lie elsewhere.
    faults = find_faults(record, seed=seed, breaks=None if applied else breaks)
    evidence = Evidence(
        record=read,
        printed=record,
        counts=found.counts,
        scopes=found.scopes,
        regimes=found.regimes,
        regime_lines=tuple(regime_line(regime, read) for regime in regimes),
        totals_by=found.totals_by,
        rates=found.rates,
        corrections=applied,
        faults=tuple(map(fault_line, faults)),
        promises=promises_of(claims),
        breaks=breaks,
        sources=tuple(source_line(document, record) for document in record.documents),
        seed=seed,
        as_of=None if as_of is None else as_of.isoformat(),
    )
    if groups:
        from countersign.published.groups.blocks import groups_blocks, study

        progress("studying counts by group", 0, None)
        evidence = replace(evidence, group_blocks=groups_blocks(study(groups, baselines=baselines)))
    if claims:
        from countersign.published.claims.judge import claims_blocks, judge

        progress("checking claims", 0, None)
        judged = judge(
            claims, read, regimes=regimes, groups=groups, baselines=baselines, printed=record if applied else None
        )
        evidence = replace(evidence, claims=tuple(map(claim_line, judged)), claim_blocks=claims_blocks(judged))
    return evidence
