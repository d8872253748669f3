"""From a record to the review of one deployment: the view and its duties, the figures, and the report's sections.

``review_deployment`` is pure: the same record, options and moment give the same report, byte for byte. The moment is
that of the record's last entry unless one is given.

>>> PROFILE
'england-and-wales'
"""

from __future__ import annotations

import datetime
import platform
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from countersign.deployments.outside.reader import NOBODY
from countersign.document import Items, Section, line_of
from countersign.progress import Progress, silent
from countersign.reviews.deployment.across import (
    Compared,
    alike_section,
    compared,
    programme_section,
    since_last_section,
)
from countersign.reviews.deployment.beside import (
    corrected_lines,
    corrected_sentence,
    deletions_section,
    disowned_sentence,
    findings_section,
    observers_section,
)
from countersign.reviews.deployment.brief import brief_of
from countersign.reviews.deployment.cases import BuiltCase, read_case
from countersign.reviews.deployment.duties import convention_section, duties_section, not_shown_of, questions
from countersign.reviews.deployment.evidence import (
    NO_PAPERS,
    DeploymentEvidence,
    Paper,
    Papers,
    gather,
    rows,
    source_id,
)
from countersign.reviews.deployment.figures import LEVEL, decision_section, figures_section, rates
from countersign.reviews.deployment.first import (
    again,
    checking_section,
    entered,
    entries_section,
    first_page,
    summary_of,
    warnings,
)
from countersign.reviews.deployment.gates import gates_of, gates_section, next_authority, overrides_of
from countersign.reviews.deployment.planned import planned_section
from countersign.reviews.deployment.promises import events_sentences, promises_of, promises_section
from countersign.reviews.deployment.reading import read_bundles, read_log
from countersign.reviews.deployment.record import LOG, DeploymentRecord, RecordsDiffer
from countersign.reviews.deployment.story import title_of
from countersign.reviews.deployment.together import (
    Beside,
    beside_section,
    entries_named,
    outside_logs,
    outside_section,
    outside_sources,
    outside_statements,
    set_together,
)
from countersign.reviews.duties import duty_line
from countersign.reviews.model import (
    SCHEMA,
    CorrectionApplied,
    EnteredBy,
    GateLine,
    Method,
    NextAuthority,
    OverrideLine,
    Promise,
    RateLine,
    Review,
    SourceRead,
    Totals,
)
from countersign.reviews.options import CASE_SUFFIX, PROFILE, Options
from countersign.reviews.result import TOOL, Part, ReviewResult, finish
from countersign.words.dates import local_words

SUBTITLE = "An independent review of one deployment, with the entries each line stands on"
_NOTES = (
    "A duty is met, stated, not met or not shown; outcomes are counted and never added up into one.",
    "Stated is the force's word alone. Met needs an engine's log, an observer, an outside body, or arithmetic.",
    "Accounts of the same counts are set side by side and never merged.",
    "An interval is exact (Clopper-Pearson; Garwood in time) and takes alerts as independent; one deployment is one "
    "cluster, so clumping cannot be seen in it.",
    "No date or time of making is written: the same record, options and version give the same file, byte for byte.",
)


@dataclass(frozen=True, repr=False)
class DeploymentReview(ReviewResult[DeploymentEvidence]):
    """A finished review of one deployment."""

    @property
    def secret(self) -> bool:
        """Whether values from under seal were open to the reader; those of a case were published as papers."""
        record = self.evidence.record
        return record.origin.kind != "case" and any(record.opened.values())


def review_deployment_source(
    sources: Sequence[Path], options: Options = Options(), *, progress: Progress = silent
) -> DeploymentReview:
    """Review one deployment from its record (bundles, a log's folder or published files), from case files, or from a
    record with cases about the same deployment beside it. Raises ``PolicyNeeded`` for a bundle without a policy,
    ``RecordsDiffer``, ``DeploymentMissing``, ``ProfileUnknown``, and what reading and verifying raises.
    """
    reader = options.reader or NOBODY
    cases = [read_case(path) for path in dict.fromkeys(sources) if CASE_SUFFIX in (path.suffix, path.parent.suffix)]
    given = [path for path in sources if CASE_SUFFIX not in (path.suffix, path.parent.suffix)]
    if not given:
        return review_case(cases[0], *cases[1:], profile=options.profile, as_of=options.as_of)
    logs = Beside.of(given, reader)
    folder = next((path for path in logs.own if path.is_dir()), None)
    if folder is not None and len(logs.own) > 1:
        rule = "a log's folder is the one source of that log; only bundles are read several together"
        raise RecordsDiffer(f"{folder}: {rule}")
    if folder is not None:
        record = read_log(folder, options.policy, options.deployment, reader, progress=progress)
    else:
        record = read_bundles(logs.own, options.policy, reader, progress=progress)
    record = logs.beside(record, progress=progress)
    subject = record.subject(options.deployment)
    return review_deployment(
        record, subject, profile=options.profile or PROFILE, as_of=options.as_of, beside=_beside(cases, subject)
    )


def review_case(
    built: BuiltCase, *others: BuiltCase, profile: str | None = None, as_of: datetime.date | None = None
) -> DeploymentReview:
    """Review a case as at its own day and by its own profile, unless others are given, with other cases beside it."""
    case, subject = built.case, built.subject
    day = as_of or datetime.date.fromisoformat(case.as_at)
    profile, beside = profile or case.profile or PROFILE, _beside(others, subject)
    papers = papers_of(built)
    return review_deployment(built.record, subject, profile=profile, as_of=day, papers=papers, beside=beside)


def _beside(cases: Sequence[BuiltCase], subject: str) -> list[tuple[DeploymentRecord, Papers]]:
    for built in cases:
        if built.subject != subject:
            raise RecordsDiffer(f"{built.record.origin.file}: is about {built.subject}, and the first about {subject}")
    return [(built.record, papers_of(built)) for built in cases]


def papers_of(built: BuiltCase) -> Papers:
    """What a case adds to its entries."""
    case = built.case
    titles = {source.id: source.title for source in case.source}

    def cited(source: str, where: str) -> str:
        return titles[source] + (f", {where}" if where else "")

    story = tuple((sentence.text, cited(sentence.source, sentence.where)) for sentence in case.story)
    read = tuple(Paper(source.title, source.publisher, source.published) for source in case.source)
    sources = {index: cited(entry.source, entry.where) for index, entry in built.places.items()}
    papers = Papers(case.title, case.standard, case.invented, sources, story=story, read=read)
    if row := case.row:
        source = cited(row.source, row.where)
        papers = replace(papers, row=row.as_printed(), row_source=source, row_by=row.supplied_by)
    return papers


def review_deployment(
    record: DeploymentRecord,
    subject: str,
    *,
    profile: str = PROFILE,
    as_of: datetime.date | None = None,
    papers: Papers = NO_PAPERS,
    beside: Sequence[tuple[DeploymentRecord, Papers]] = (),
) -> DeploymentReview:
    """Review a deployment from verified entries, and from the papers of a case; ``beside`` are other sources about it.
    Raises ``ProfileUnknown`` and ``RecordsDiffer``.
    """
    moment = max(_moment(each, as_of) for each, _ in ((record, papers), *beside))
    evidence, *others = (
        gather(each, subject, as_at=moment, profile=profile, papers=read) for each, read in ((record, papers), *beside)
    )
    evidence = set_together(evidence, others)
    makers = entered(evidence)
    findings = Findings(
        evidence=evidence,
        title=papers.title or title_of(evidence),
        lines=rates(evidence),
        promises=promises_of(evidence),
        gates=gates_of(evidence),
        overrides=overrides_of(evidence),
        ahead=next_authority(evidence),
        makers=makers,
        alike=compared(evidence),
        warnings=warnings(evidence, makers),
    )
    brief = brief_of(evidence, findings.title, findings.lines, findings.promises, findings.gates, makers)
    made = finish(DeploymentReview, evidence, findings, PARTS, _model, brief, SUBTITLE, again(evidence))
    return made if not record.outside else _with_origins(made, record)


def _with_origins(made: DeploymentReview, record: DeploymentRecord) -> DeploymentReview:
    """The review of several logs: no entry is named by its place alone."""
    own, others = record.trust.origin, [log.named.origin for log in record.outside]
    model = entries_named(made.model, own, others)
    document, brief = (entries_named(document, own, others) for document in (made.document, made.brief))
    return DeploymentReview(model, document, brief, made.evidence)


@dataclass(frozen=True)
class Findings:
    """The evidence with what follows from it: all that the report is made of."""

    evidence: DeploymentEvidence
    title: str
    lines: tuple[RateLine, ...]
    promises: tuple[Promise, ...]
    gates: tuple[GateLine, ...]
    overrides: tuple[OverrideLine, ...]
    ahead: NextAuthority
    makers: tuple[EnteredBy, ...]
    alike: Compared
    warnings: tuple[str, ...]

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """What follows the warnings on the first page."""
        sentences = summary_of(
            self.evidence, self.lines, self.promises, self.gates, self.makers, self.ahead, self.alike.sentence
        )
        return (
            *sentences,
            *events_sentences(self.evidence),
            *corrected_sentence(self.evidence),
            *disowned_sentence(self.evidence),
        )


#: The report's sections, in order.
PARTS: tuple[Part[Findings], ...] = (
    lambda review: first_page(review.evidence, review.warnings, review.sentences),
    lambda review: promises_section(review.evidence, review.promises),
    lambda review: planned_section(review.evidence),
    lambda review: figures_section(review.evidence, review.lines),
    lambda review: decision_section(review.evidence),
    lambda review: deletions_section(review.evidence),
    lambda review: gates_section(review.evidence, review.gates, review.overrides, review.ahead),
    lambda review: convention_section(review.evidence.results),
    lambda review: duties_section(review.evidence),
    lambda review: beside_section(review.evidence),
    lambda review: outside_section(review.evidence),
    lambda review: observers_section(review.evidence),
    lambda review: findings_section(review.evidence),
    lambda review: since_last_section(review.evidence),
    lambda review: alike_section(review.alike),
    lambda review: programme_section(review.evidence),
    lambda review: checking_section(review.evidence, review.makers),
    lambda _: Section("method", "Method", (Items(_NOTES),)),
    lambda review: entries_section(review.evidence),
)


def _model(findings: Findings, sections: tuple[Section, ...]) -> Review:
    evidence = findings.evidence
    return Review(
        schema=SCHEMA,
        tool=TOOL,
        as_of=evidence.as_at[:10],
        title=findings.title,
        summary=(*findings.warnings, *findings.sentences),
        sources=_sources(evidence),
        corrections=_corrections(evidence),
        totals=_totals(evidence),
        totals_by=(),
        rates=findings.lines,
        regimes=(),
        faults=(),
        claims=(),
        duties=tuple(duty_line(one, entries=one.entries, rows=rows(one.places)) for one in evidence.results),
        promises=findings.promises,
        not_shown=not_shown_of(evidence.results),
        refused=(),
        conclusions=(),
        method=_method(),
        sections=sections,
        three_tests=questions(evidence.results),
        gates=findings.gates,
        overrides=findings.overrides,
        next_authority=findings.ahead,
        alike=findings.alike.lines,
        entered=findings.makers,
        outside_logs=outside_logs(evidence),
        outside=outside_statements(evidence),
    )


def _corrections(evidence: DeploymentEvidence) -> tuple[CorrectionApplied, ...]:
    """The corrections that stand, field by field: as stated first, and as it stands."""
    return tuple(
        CorrectionApplied(
            *(LOG, line.made.target, line.field, line.before, line.after),
            reason=str(line.made.facts["reason"]),
            who=f"{line.made.draft.role}, entry {line.made.entry}, {local_words(line.made.draft.at)}",
        )
        for line in corrected_lines(evidence)
        if line.counts
    )


def _moment(record: DeploymentRecord, as_of: datetime.date | None) -> datetime.datetime:
    if as_of is not None:
        return datetime.datetime.combine(as_of, datetime.time(23, 59, 59), datetime.UTC)
    entries = [*record.entries, *(placed for log in record.outside if not log.because for placed in log.entries)]
    last = max((entry.draft.at for _, entry in entries), default="1970-01-01T00:00:00Z")
    return datetime.datetime.fromisoformat(last)


def _sources(evidence: DeploymentEvidence) -> tuple[SourceRead, ...]:
    """The files read; of several bundles each one, and all of them hold the entries of the one log."""
    lines = []
    for number, part in enumerate((evidence, *evidence.beside)):
        record = part.record
        first, last = record.days or (None, None)
        title, publisher = record.trust.origin, "" if number else evidence.force
        log = {"id": source_id(number), "title": title, "publisher": publisher, "published": "", "address": ""}
        spans = {"rows": len(record.entries), "refused": 0, "first": first, "last": last}
        notes = record.trust.not_proved
        origins = (record.origin, *record.beside)
        lines += [line_of(SourceRead, origin, notes=notes, **log, **spans) for origin in origins]
    return (*lines, *outside_sources(evidence))


def _totals(evidence: DeploymentEvidence) -> Totals:
    def of(*names: str) -> int | None:
        account = evidence.having(*names)
        return None if account is None else sum(account.counts[name] for name in names)

    hours = evidence.deployment.hours
    given: dict[str, Any] = {
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
    printed = {name: int(amount is not None) for name, amount in given.items()}
    printed = {"deployments": 1, "hours": int(bool(hours)), **printed}
    none: dict[str, Any] = dict.fromkeys(
        ("false_alert_engagements", "true_alert_engagements", "other_disposal", "no_action")
    )
    return Totals(deployments=1, hours=float(hours) if hours else None, printed_by=printed, **given, **none)


@cache
def _method() -> Method:
    intervals = {"shares": "Clopper-Pearson, exact", "counts in time": "Garwood, exact"}
    versions = {"countersign": version("countersign"), "python": platform.python_version(), "scipy": version("scipy")}
    return Method(LEVEL, intervals, 0, versions, _NOTES)
