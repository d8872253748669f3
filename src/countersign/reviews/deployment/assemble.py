"""From a record to the review of one deployment: the view and its duties, the figures, and the report's sections.

``review_deployment`` is pure: the same record, options and moment give the same report, byte for byte. The moment is
that of the record's last entry unless one is given. ``review_deployment_source`` reads a bundle, a log's folder, its
published files or a case file first.

>>> PROFILE
'england-and-wales'
"""

from __future__ import annotations

import datetime
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from countersign import __version__
from countersign.deployments.clock import time_text
from countersign.deployments.kinds import NOUNS
from countersign.deployments.view import Statement, View
from countersign.document import Document, Items, Section
from countersign.progress import Progress, silent
from countersign.published.table.record import Row
from countersign.record.tlog.policy import Policy
from countersign.reviews.deployment.across import alike_section, compared, programme_section, since_last_section
from countersign.reviews.deployment.beside import deletions_section, findings_section, observers_section
from countersign.reviews.deployment.cases import BuiltCase, read_case
from countersign.reviews.deployment.checking import checking_section, entries_section
from countersign.reviews.deployment.duties import convention_section, duties_section, duty_line, not_shown_of, questions
from countersign.reviews.deployment.evidence import FORCE, DeploymentEvidence, gather
from countersign.reviews.deployment.figures import LEVEL, decision_section, figures_section, rates
from countersign.reviews.deployment.first import entered, first_page, summary_of, warnings
from countersign.reviews.deployment.gates import gates_of, gates_section, next_authority, overrides_of
from countersign.reviews.deployment.promises import promises_of, promises_section, told_of_events
from countersign.reviews.deployment.record import DeploymentRecord, RecordsDiffer, read_bundles, read_log
from countersign.reviews.duties import row_statement
from countersign.reviews.model import (
    SCHEMA,
    Method,
    Review,
    SourceRead,
    Tool,
    Totals,
)
from countersign.reviews.source_kind import CASE_SUFFIX
from countersign.rulebook.evaluate import evaluate

if TYPE_CHECKING:
    import pandas

#: Where nothing else is asked for.
PROFILE = "england-and-wales"
_NOTES = (
    "A duty is met, stated, not met or not shown; outcomes are counted and never added up into one.",
    "Stated is the force's word alone. Met needs an engine's log, an observer, an outside body, or arithmetic.",
    "Accounts of the same counts are set side by side and never merged.",
    "An interval is exact (Clopper-Pearson; Garwood in time) and takes alerts as independent; one deployment is one "
    "cluster, so clumping cannot be seen in it.",
    "No date or time of making is written: the same record, options and version give the same file, byte for byte.",
)


@dataclass(frozen=True)
class DeploymentReview:
    """A finished review of one deployment: ``model`` is the whole of ``review.json``, ``document`` what is drawn."""

    model: Review
    document: Document
    evidence: DeploymentEvidence

    def json(self) -> bytes:
        """``review.json``: UTF-8, one line, the same bytes for the same record, options and version."""
        return msgspec.json.encode(self.model) + b"\n"

    @property
    def rates(self) -> pandas.DataFrame:
        """``model.rates`` as a data frame. Raises ``PandasMissing``."""
        from countersign.reviews.result import rates_frame

        return rates_frame(self.model.rates)


def review_deployment_source(
    source: Path | Sequence[Path],
    *,
    deployment: str | None = None,
    policy: Policy | None = None,
    profile: str | None = None,
    as_of: datetime.date | None = None,
    progress: Progress = silent,
) -> DeploymentReview:
    """Review one deployment from its record: bundles, a log's folder or published files, or a case file.

    Raises ``PolicyNeeded`` for a bundle without a policy, ``RecordsDiffer``, ``DeploymentMissing``, ``ProfileUnknown``,
    and what reading and verifying raises.
    """
    paths = [source] if isinstance(source, Path) else list(source)
    alone = next((one for one in paths if one.is_dir() or one.suffix == CASE_SUFFIX), None)
    if alone is not None and len(paths) > 1:
        raise RecordsDiffer(
            f"{alone}: a log's folder or a case file is reviewed alone; only bundles are read several together"
        )
    if CASE_SUFFIX in (paths[0].suffix, paths[0].parent.suffix):
        built = read_case(paths[0])
        return review_case(built, profile=profile, as_of=as_of)
    if paths[0].is_dir():
        record = read_log(paths[0], policy, deployment, progress=progress)
    else:
        record = read_bundles(paths, policy, progress=progress)
    return review_deployment(record, record.subject(deployment), profile=profile or PROFILE, as_of=as_of)


def review_case(
    built: BuiltCase, *, profile: str | None = None, as_of: datetime.date | None = None
) -> DeploymentReview:
    """Review a case as at its own day and by its own profile, unless others are given."""
    case = built.case
    titles = {one.id: one.title for one in case.source}
    sources = {
        index: titles[one.source] + (f", {one.where}" if one.where else "") for index, one in built.places.items()
    }
    return review_deployment(
        built.record,
        f"{case.force}/{case.deployment}",
        profile=profile or case.profile or PROFILE,
        as_of=as_of or datetime.date.fromisoformat(case.as_at),
        sources=sources,
        title=case.title,
        standard=case.standard,
        invented=case.invented,
        row=None if case.row is None else (case.row.as_printed(), titles[case.row.source] + f", {case.row.where}"),
        row_by=FORCE if case.row is None else case.row.supplied_by,
    )


def review_deployment(
    record: DeploymentRecord,
    subject: str,
    *,
    profile: str = PROFILE,
    as_of: datetime.date | None = None,
    sources: Mapping[int, str] | None = None,
    title: str = "",
    standard: str = "",
    invented: bool = False,
    row: tuple[Row, str] | None = None,
    row_by: str = FORCE,
) -> DeploymentReview:
    """Review a deployment from verified entries, and a row with its source, supplied by ``row_by``.

    What the row bears on is answered as the force's word either way. Raises ``ProfileUnknown``.
    """
    moment = _moment(record, as_of)
    view: View = record.view(subject, time_text(moment))
    if row is not None:
        view = _beside(view, row_statement(row[0], subject, record.trust.size))
        sources = {**(sources or {}), record.trust.size: row[1]}
    results = evaluate(view, profile=profile, as_at=moment)
    evidence = gather(
        record,
        subject,
        results,
        view,
        as_at=moment,
        profile=profile,
        sources=sources or {},
        standard=standard,
        invented=invented,
        row=None if row is None else row[0],
        row_by=row_by,
    )
    lines, promises = rates(evidence), promises_of(evidence)
    gates, overrides, similar, makers = (
        gates_of(evidence),
        overrides_of(evidence),
        compared(evidence),
        entered(evidence),
    )
    ahead = next_authority(evidence)
    told = (
        *summary_of(evidence, lines, promises, gates, makers, ahead, similar.sentence),
        *told_of_events(evidence),
    )
    first = warnings(evidence, makers)
    summary = (*first, *told)
    named = title or f"Live facial recognition: the deployment {subject}"
    sections = (
        first_page(evidence, first, told),
        promises_section(evidence, promises),
        figures_section(evidence, lines),
        decision_section(evidence),
        deletions_section(evidence),
        gates_section(evidence, gates, overrides, ahead),
        convention_section(results),
        duties_section(evidence),
        observers_section(evidence),
        findings_section(evidence),
        since_last_section(evidence),
        *([] if (again := alike_section(similar)) is None else [again]),
        programme_section(evidence),
        checking_section(evidence, makers),
        Section("method", "Method", (Items(_NOTES),)),
        entries_section(evidence),
    )
    model = Review(
        schema=SCHEMA,
        tool=Tool("countersign", __version__),
        as_of=evidence.as_at[:10],
        title=named,
        summary=summary,
        sources=_sources(evidence),
        corrections=(),
        totals=_totals(evidence),
        totals_by=(),
        rates=lines,
        regimes=(),
        faults=(),
        claims=(),
        duties=tuple(duty_line(one) for one in results),
        promises=promises,
        not_shown=not_shown_of(results),
        refused=(),
        conclusions=(),
        method=_method(),
        sections=sections,
        three_tests=questions(results),
        gates=gates,
        overrides=overrides,
        next_authority=ahead,
        alike=similar.lines,
        entered=makers,
    )
    subtitle = "An independent review of one deployment, with the entries each line stands on"
    return DeploymentReview(model, Document(named, subtitle, "en-GB", sections), evidence)


def _beside(view: View, stated: Statement) -> View:
    """The view with one more statement of its noun."""
    statements = {noun: found for noun in NOUNS if (found := view.statements(noun))}
    return View(view.subject, {**statements, stated.noun: (*statements.get(stated.noun, ()), stated)})


def _moment(record: DeploymentRecord, as_of: datetime.date | None) -> datetime.datetime:
    if as_of is not None:
        return datetime.datetime.combine(as_of, datetime.time(23, 59, 59), datetime.UTC)
    last = max((entry.draft.at for _, entry in record.entries), default="1970-01-01T00:00:00Z")
    return datetime.datetime.fromisoformat(last)


def _sources(evidence: DeploymentEvidence) -> tuple[SourceRead, ...]:
    """The files read; of several bundles each one, and all of them hold the entries of the one log."""
    found, days = evidence.record.entries, evidence.record.days
    return tuple(
        SourceRead(
            "log",
            evidence.record.trust.origin,
            evidence.force,
            "",
            origin.sha256,
            origin.file,
            origin.kind,
            "",
            len(found),
            0,
            days[0] if days else None,
            days[-1] if days else None,
            evidence.record.trust.not_proved,
        )
        for origin in (evidence.record.origin, *evidence.record.beside)
    )


def _totals(evidence: DeploymentEvidence) -> Totals:
    def of(*names: str) -> int | None:
        account = evidence.having(*names)
        return None if account is None else sum(account.counts[name] for name in names)

    hours = evidence.deployment.hours
    given = {
        "faces_seen": of("faces"),
        "alerts": of("alerts"),
        "true_alerts": of("true"),
        "false_alerts": of("false"),
        "false_alerts_at_most": of("false", "unresolved"),
        "unconfirmed_alerts": of("unresolved"),
        "engagements": of("engagements"),
        "arrests": of("arrests"),
        "watchlist_size": None if evidence.deployment.listed is None else evidence.deployment.listed.size,
    }
    printed = {"deployments": 1, "hours": int(bool(hours))} | {
        name: int(one is not None) for name, one in given.items()
    }
    return Totals(
        deployments=1,
        hours=float(hours) if hours else None,
        printed_by=printed,
        false_alert_engagements=None,
        true_alert_engagements=None,
        other_disposal=None,
        no_action=None,
        **given,
    )


@cache
def _method() -> Method:
    intervals = {"shares": "Clopper-Pearson, exact", "counts in time": "Garwood, exact"}
    versions = {"countersign": version("countersign"), "python": platform.python_version(), "scipy": version("scipy")}
    return Method(LEVEL, intervals, 0, versions, _NOTES)
