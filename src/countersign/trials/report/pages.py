"""The report of a trial as document blocks: what was counted, by group, and what it cannot show; nothing is judged.

The first section says what was tried, on whom, and what is missing; the last, how all of it was counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from countersign.document import Block, Document, Finding, Heading, Items, Link, Links, Paragraph, Section
from countersign.grids import Grid, column, number
from countersign.trials.model import AnswerGiven, FileRead
from countersign.trials.report.assemble import Results
from countersign.trials.report.brief import EVIDENCE, brief_of, main_place
from countersign.trials.report.cover import Pages
from countersign.trials.report.pairs import comparison_blocks, expected_blocks
from countersign.trials.report.sentences import MOST, openings, part_heading, rates_of, value_words, verdict
from countersign.trials.report.tables import (
    MAIN,
    curve_blocks,
    difference_blocks,
    entry_blocks,
    figures_at,
    rate_blocks,
    threshold_words,
)
from countersign.trials.scores.subjects import Grouping
from countersign.words.lists import listing
from countersign.words.numbers import percent_stated


def pages(results: Results) -> Pages:
    """The brief of a trial and its evidence."""
    sections = _sections(results)
    brief, stated = brief_of(results, sections), results.stated
    evidence = Document(stated.title, f"Accuracy trial; {brief.about[0]}", "en-GB", sections, brief.about)
    return Pages(brief, evidence, "trial", EVIDENCE)


def _sections(results: Results) -> tuple[Section, ...]:
    """The evidence, its first page first. Headings carry what was found."""
    evaluation, level = results.evaluation, results.evaluation.question.level
    entries = entry_blocks(evaluation) if evaluation.scheme.references else None
    compared = None if results.comparisons is None else comparison_blocks(results.comparisons)
    expected = expected_blocks(results.expected) if results.expected else None
    parts: list[tuple[str, str, Iterator[Block] | None]] = [
        ("counted", "What was found", _first_page(results)),
        ("rates", f"Rates by group: {_rates(results)}", rate_blocks(results)),
        (
            "differentials",
            f"Groups against each other: {verdict(results.differentials, level)}",
            difference_blocks(results) if results.differentials else None,
        ),
        ("curves", "FPIR and FNIR over all thresholds", curve_blocks(results)),
        ("entries", "Which watchlist entries cause false positives", entries),
        ("comparisons", "Comparison scores", compared),
        ("expected", "What to expect of another watchlist: a model", expected),
        (
            "questions",
            f"The plan's questions: {_answered(results.answers)}",
            _answers(results) if results.answers else None,
        ),
        ("method", "How this was counted", _method(results)),
    ]
    return tuple(Section(anchor, title, tuple(blocks)) for anchor, title, blocks in parts if blocks is not None)


def _rates(results: Results) -> str:
    """The rates of all together at the place that the brief speaks of first."""
    place = main_place(results)
    all_ = [(measure, figures_at(results, measure, *place, "all")) for measure in MAIN]
    said = [f"{measure.upper()} {value_words(rate)}" for measure, mine in all_ for _, rate in rates_of(mine)]
    return f"{listing(said) or 'none'} {place.words}"


def _answered(answers: Sequence[AnswerGiven]) -> str:
    return f"{sum(answer.answered for answer in answers)} of {len(answers)} answered"


def _first_page(results: Results) -> Iterator[Block]:
    evaluation = results.evaluation
    opening = openings(results.figures, results.differentials, evaluation.question.level)
    for place, part in enumerate(opening[:MOST]):
        yield Heading(part_heading(part), f"first-page-{place}")
        yield Items(part.sentences)
    if len(opening) > MOST:
        yield Paragraph(
            f"{len(opening) - MOST} more thresholds or watchlist sizes are in the sections that follow.", "note"
        )
    yield Paragraph(_read(results), "plain" if opening else "lead")
    for size, fpir, threshold in evaluation.chosen:
        yield Paragraph(
            f"The threshold {threshold_words(threshold)} was found on the rows reported here, for an FPIR of {fpir:g} "
            f"at N = {size:,}: FPIR at it looks lower than it is. Thresholds found on other subjects do not have this "
            "fault.",
            "warning",
        )
    if evaluation.tally.faults.total:
        yield Items(tuple(evaluation.tally.faults.sentences()))
    if results.answers:
        links = tuple(Link(answer.question, f"question-{answer.id}") for answer in results.answers)
        yield Links("The plan's questions:", links)
    yield Paragraph(
        "Rates are of this engine on this trial's subjects, watchlist and conditions. They say nothing of another "
        "watchlist, camera or crowd, nor why groups differ."
    )


def _read(results: Results) -> str:
    evaluation, tally, origin = results.evaluation, results.evaluation.tally, results.stated.by_origin
    completed = evaluation.counts.completed.sum(axis=(0, 2))
    lost = int(evaluation.counts.not_acquired.sum())
    return (
        f"{tally.rows:,} rows of searches by {len(evaluation.subjects):,} subjects were read: {int(completed[0]):,} "
        f"non-mated and {int(completed[1]):,} mated searches, {lost:,} failures to acquire, {tally.faults.total:,} "
        f"rows set aside, {tally.not_asked:,} not asked for."
    ) + (f" Reported by {origin}." if origin else "")


def _answers(results: Results) -> Iterator[Block]:
    plan = results.plan
    if plan is not None:
        data_set = " ".join(part for part in (plan.data_set, plan.data_set_version) if part)
        yield Paragraph(
            f"Plan: {plan.title}, {plan.start} to {plan.end}. Stopping rule: {plan.stopping_rule} "
            f"Rights assessed on {plan.rights_date}: {plan.rights_document}. "
            f"Protocol: {plan.protocol or 'not named'}. Data set: {data_set or 'not named'}."
        )
    for answer in results.answers:
        kind = "technical" if answer.technical else "not technical"
        details = (("kind", kind), *(("evidence", each) for each in answer.evidence))
        state = "answered" if answer.answered else "not answered"
        yield Finding(f"question-{answer.id}", state, answer.question, answer.answer, details)


#: A group: its grouping and its place in it.
GroupRow = tuple[Grouping, int]

SUBJECTS = Grid[GroupRow](
    column("by", "By", lambda row: row[0].name),
    column("group", "Group", lambda row: row[0].label(row[1])),
    number("subjects", "Subjects", lambda row: int(row[0].sizes[row[1]])),
)

FILES = Grid[FileRead](
    column("used-as", "Used as", lambda file: file.used_as),
    column("file", "File", lambda file: file.name),
    number("bytes", "Bytes", lambda file: file.bytes),
    column("sha256", "SHA-256", lambda file: file.sha256),
)


def _method(results: Results) -> Iterator[Block]:
    evaluation = results.evaluation
    yield Items(tuple(_rules(results)))
    groups = [(grouping, place) for grouping in evaluation.groupings for place in range(len(grouping.labels))]
    yield SUBJECTS.table("subjects", "Subjects by group", groups)
    if results.stated.files:
        yield FILES.table("files", "Files read", results.stated.files, fold=True)


def _rules(results: Results) -> Iterator[str]:
    evaluation, stated = results.evaluation, results.stated
    yield f"Decision: a candidate counts if its score {evaluation.scheme.operator} the threshold."
    yield f"What is one trial: {stated.trial_unit}."
    yield f"Threshold: {stated.threshold_origin or 'where it came from was not told'}."
    if "acquired" in evaluation.task.columns:
        yield "Failures to acquire: a mated one is a miss of TPIR and GFNIR; none is a false positive."
    else:
        yield "Failures to acquire were not recorded: FNIR and TPIR say nothing of passes without a usable probe."
    if evaluation.enrolment is not None:
        yield "Failures to enrol: from the enrolment table."
    else:
        yield "Failures to enrol, and who is on the watchlist, were not told: mated searches were not checked."
    for attribute in evaluation.subjects.attributes:
        yield f"labels of {attribute.name}: {', '.join(attribute.obtained)}"
    yield (
        f"Intervals: {percent_stated(evaluation.question.level)}, clustered by subject with the watchlist held fixed, "
        "never narrower than Clopper-Pearson; without an error, over subjects."
    )
    yield "Several groups: p values by Holm; intervals hold one by one, not all at once."
    if evaluation.search_key:
        key = ", ".join(evaluation.search_key)
        yield f"Searches that stand in the table twice were looked for by {key}."
    else:
        yield "Searches that stand in the table twice were not looked for: it has no search_id."
