"""The report of a trial as document blocks, for whoever draws it: what was counted, by group, and what it cannot show.

The first section says what was tried, on whom, and what is missing; then rates by group at each threshold, groups
against each other, curves, watchlist entries, comparisons, the plan's questions, and how all of it was counted. Every
figure carries its counts. Nothing is judged: no word here says whether an engine is good enough.

>>> p_words(0.0123), p_words(3e-7)
('0.012', 'under 0.0001')
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from countersign.document import (
    Block,
    Chart,
    Document,
    Finding,
    Heading,
    IntervalMark,
    Items,
    Paragraph,
    Section,
    SeriesPoint,
    Table,
)
from countersign.inference.groups.differential import BoundInstead, Summary
from countersign.trials.counting.evaluate import Evaluation
from countersign.trials.metrics.differentials import Differential
from countersign.trials.metrics.rates import MEASURES, Figure, causing, concentration, curve, thinned
from countersign.trials.report.comparison_pages import comparison_blocks, expected_blocks
from countersign.trials.report.report import Report
from countersign.trials.report.sentences import MOST, cells, columns, interval_words, openings, ratio_words, value_words
from countersign.trials.scores.subjects import Grouping

#: Names of the measures as headings print them.
NAMES = {
    "fpir": "FPIR, false positive identification rate",
    "gfnir": "GFNIR, false negatives with failures to acquire counted as misses",
    "fnir": "FNIR, false negative identification rate of completed searches",
    "tpir": "TPIR, true positive identification rate",
    "gfpir": "GFPIR, false positives over all attempts",
    "fta": "FTA, failure to acquire rate",
    "fte": "FTE, failure to enrol rate",
}
#: Measures drawn and shown open; the others are there to be unfolded.
MAIN = ("fpir", "gfnir")


def p_words(p: float) -> str:
    """A p value to two digits, without powers of ten."""
    return "under 0.0001" if p < 1e-4 else f"{p:.{max(2, 1 - math.floor(math.log10(p)))}f}"


def equal_words(p: float) -> str:
    """The same, to follow the letter p."""
    return p_words(p) if p < 1e-4 else f"= {p_words(p)}"


def by_words(grouping: Grouping) -> str:
    """What a figure is reported by."""
    return f"by {grouping.name}" if grouping.attributes else "of all groups together"


def document(report: Report) -> Document:
    """The whole report, first page first."""
    evaluation = report.evaluation
    sections = [
        Section("counted", "What was found", tuple(_counted(report))),
        Section("rates", "Rates by group", tuple(_rates(report))),
    ]
    if report.differentials:
        sections.append(Section("differentials", "Groups against each other", tuple(_differentials(report))))
    sections.append(Section("curves", "FPIR and FNIR over all thresholds", tuple(_curves(evaluation))))
    if evaluation.scheme.references:
        sections.append(
            Section("entries", "Which watchlist entries cause false positives", tuple(_entries(evaluation)))
        )
    if report.comparisons is not None:
        sections.append(Section("comparisons", "Comparison scores", tuple(comparison_blocks(report.comparisons))))
    if report.expected:
        sections.append(
            Section("expected", "What to expect of another watchlist: a model", tuple(expected_blocks(report.expected)))
        )
    if report.answers:
        sections.append(Section("questions", "The plan's questions", tuple(_answers(report))))
    sections.append(Section("method", "How this was counted", tuple(_method(report))))
    told = report.told
    engine = " ".join(part for part in (told.engine, told.engine_version) if part) or "engine not named"
    return Document(told.title, f"Accuracy trial; {engine}", "en-GB", tuple(sections))


def _counted(report: Report) -> Iterator[Block]:
    evaluation, tally = report.evaluation, report.evaluation.tally
    counts = evaluation.counts
    completed, lost = counts.completed.sum(axis=(0, 2)), int(counts.not_acquired.sum())
    told = openings(report.figures, report.differentials, evaluation.question.level)
    for place, each in enumerate(told[:MOST]):
        yield Heading(each.heading, f"first-page-{place}")
        yield Items(each.sentences)
    if len(told) > MOST:
        yield Paragraph(
            f"{len(told) - MOST} more thresholds or watchlist sizes are told in their sections below.", "note"
        )
    yield Paragraph(
        f"{tally.rows:,} rows of searches by {len(evaluation.subjects):,} subjects were read: {int(completed[0]):,} "
        f"non-mated and {int(completed[1]):,} mated searches, {lost:,} failures to acquire, {tally.faults.total:,} "
        f"rows set aside, {tally.not_asked:,} not asked for."
        + (f" Reported by {report.told.by_origin}." if report.told.by_origin else ""),
        "plain" if told else "lead",
    )
    for size, fpir, threshold in evaluation.chosen:
        yield Paragraph(
            f"The threshold {threshold:.6g} was found on the rows reported here, for an FPIR of {fpir:g} at N = "
            f"{size:,}: FPIR at it looks lower than it is. Thresholds found on other subjects do not have this fault.",
            "warning",
        )
    if tally.faults.total:
        yield Items(tuple(tally.faults.sentences()))
    for answer in report.answers:
        yield Finding(
            f"first-{answer.question.id}", "answered" if answer.answered else "not answered", answer.question.text,
            answer.text,
        )  # fmt: skip
    yield Paragraph(
        "Rates are of this engine on this trial's subjects, watchlist and conditions. They say nothing of another "
        "watchlist, camera or crowd, nor why groups differ."
    )


def _rates(report: Report) -> Iterator[Block]:
    """First everyone together in one table a watchlist, then each grouping, the main measures drawn."""
    evaluation = report.evaluation
    sites = bool(evaluation.question.site_column)
    for size in evaluation.scheme.sizes:
        named = f", N = {size:,}" if size else ""
        together = [each for each in report.figures if each.size == size and not each.group and each.site is None]
        yield Heading(f"All groups together{named}", f"all-{size}")
        yield _together(together, size)
        for grouping in evaluation.groupings if sites else evaluation.groupings[1:]:
            yield Heading(f"By {grouping.name}{' and site' if sites else ''}{named}", f"by-{size}-{grouping.name}")
            mine = [each for each in report.figures if each.size == size and each.grouping == grouping.name]
            for measure in NAMES:
                kinds = dict.fromkeys((each.threshold, each.rank) for each in mine if each.measure == measure)
                for threshold, rank in kinds:
                    chosen = [
                        each for each in mine if (each.measure, each.threshold, each.rank) == (measure, threshold, rank)
                    ]
                    yield from _figures(chosen, measure, size, grouping, threshold, rank)


def _together(figures: Sequence[Figure], size: int) -> Table:
    rows = [
        cells([
            NAMES[each.measure], "" if each.threshold is None else f"{each.threshold:.6g}",
            "" if each.rank is None else str(each.rank), each.rate.events, int(each.rate.trials),
            value_words(each.rate), interval_words(each.rate.widest, each.rate.events),
        ])
        for measure in NAMES
        for each in figures
        if each.measure == measure and each.rate is not None
    ]  # fmt: skip
    return Table(
        f"all-{size}-table", "Rates of all groups together",
        columns("Rate of", "Threshold>", "Rank>", "Events>", "Trials>", "Rate>", "Interval>"), tuple(rows),
        "Intervals allow for searches of one subject being alike and are never narrower than exact ones.",
    )  # fmt: skip


def _figures(
    mine: list[Figure], measure: str, size: int, grouping: Grouping, threshold: float | None, rank: int | None
) -> Iterator[Block]:
    over, under = MEASURES[measure]
    where = [f"N = {size:,}"] if size else []
    where += [f"threshold {threshold:.6g}"] if threshold is not None else []
    where += [f"rank {rank}"] if rank is not None else []
    anchor = f"{measure}-{size}-{grouping.name}-{threshold}-{rank}".replace("*", "-").replace(".", "-")
    rows = []
    marks = []
    for each in mine:
        name = ", ".join([*each.group, *([each.site] if each.site else [])]) or "all"
        if each.rate is None:
            rows.append(cells([name, each.subjects, 0, 0, "no trial of the kind", "", ""]))
            continue
        rate = each.rate
        effect = f"{rate.clustered.design_effect:.2f}" if rate.clustered is not None else "not known"
        rows.append(
            cells([name, each.subjects, rate.events, int(rate.trials), value_words(rate),
                   interval_words(rate.widest, rate.events), effect])
        )  # fmt: skip
        marks.append(
            IntervalMark(name, rate.estimate if rate.events else None, rate.widest.low, rate.widest.high, grouping.name)
        )
    table = Table(
        f"{anchor}-table", f"{NAMES[measure]} by {grouping.name}: {', '.join(where) or 'all searches'}",
        columns("Group", "Subjects>", over[:1].upper() + over[1:] + ">", under[:1].upper() + under[1:] + ">", "Rate>",
                "Interval>", "Design effect>"),
        tuple(rows),
        "Intervals allow for searches of one subject being alike and are never narrower than exact ones.",
        fold=measure not in MAIN,
    )  # fmt: skip
    if len(marks) > 1 and measure in MAIN:
        alternative = "; ".join(
            f"{', '.join(each.group) or 'all'}: {value_words(each.rate)}" for each in mine if each.rate is not None
        )
        yield Chart(
            anchor, "intervals", table.caption, f"Rate and interval of each group. {alternative}.", table,
            one_in=measure == "fpir", log=measure == "fpir", marks=tuple(marks),
        )  # fmt: skip
    else:
        yield table


def _differentials(report: Report) -> Iterator[Block]:
    yield Paragraph(
        "Each group is set against all others together. A ratio is read with its interval and with the smallest ratio "
        'that this many errors could have shown four times in five: where that is large, "no difference shown" '
        "says little."
    )
    for each in report.differentials:
        yield _differential(each)
        if each.summaries:
            yield Items(tuple(_summary(summary, each) for summary in each.summaries))


def _differential(each: Differential) -> Table:
    rows = []
    for contrast in each.contrasts:
        seen = contrast.detectable
        rows.append(
            cells([
                contrast.group, contrast.events, contrast.trials, contrast.rest_events, contrast.rest_trials,
                ratio_words(contrast.ratio, contrast.widest), p_words(contrast.p_holm),
                "none" if seen is None or seen > 1e6 else f"{seen:.1f}-fold",
            ])
        )  # fmt: skip
    where = f"N = {each.size:,}, threshold {each.threshold:.6g}" if each.size else f"threshold {each.threshold:.6g}"
    left = f" Left out, with fewer than two subjects: {', '.join(each.left_out)}." if each.left_out else ""
    return Table(
        f"difference-{each.measure}-{each.size}-{each.grouping}-{each.threshold}".replace("*", "-").replace(".", "-"),
        f"{NAMES[each.measure]} by {each.grouping}, each group against the rest: {where}",
        columns("Group", "Errors>", "Searches>", "Errors, rest>", "Searches, rest>", "Ratio (interval)>",
                "p, corrected for the number of groups>", "Smallest ratio that could be shown>"),
        tuple(rows),
        f"All groups at once: p {equal_words(each.omnibus_p)} ({each.omnibus_method}). "
        f"Smallest count: {min(each.events)}. Design effect {each.design_effect:.2f}.{left}",
    )  # fmt: skip


def _summary(summary: Summary | BoundInstead, each: Differential) -> str:
    if isinstance(summary, BoundInstead):
        without = ", ".join(each.groups[place] for place in summary.without_errors)
        return (
            f"{summary.measure}: not given, since {without} had no error; the highest rate is at least "
            f"{summary.at_least:.1f} times theirs."
        )
    low, high = summary.null.low, summary.null.high
    return f"{summary.measure}: {summary.value:.3g}; equal rates would give {low:.3g} to {high:.3g} with these counts."


def _curves(evaluation: Evaluation) -> Iterator[Block]:
    scheme = evaluation.scheme
    yield Paragraph(
        f"Thresholds are the edges of {scheme.bins:,} bins, at each of which the counts are exact; above "
        f"{scheme.floor:.6g} every score is kept. A curve stops at one error: a lower rate cannot be resolved.",
        "note",
    )
    for size in scheme.sizes:
        for grouping in evaluation.groupings:
            whole = curve(evaluation, size, grouping)
            points, rows = [], []
            for group, label in enumerate(whole.groups):
                if not whole.mated[group] or not whole.nonmated[group]:
                    continue
                for place in thinned(whole, group, 40):
                    fpir, fnir = float(whole.fpir[group, place]), float(whole.fnir[group, place])
                    rows.append(
                        cells([
                            label, f"{float(whole.thresholds[place]):.6g}", int(whole.false_positives[group, place]),
                            int(whole.nonmated[group]), int(whole.misses[group, place]), int(whole.mated[group]),
                        ])
                    )  # fmt: skip
                    if fnir > 0:
                        points.append(SeriesPoint(f"{fpir:.6g}", fnir, label))
            if not points:
                continue
            anchor = f"det-{size}-{grouping.name}".replace("*", "-")
            caption = f"FPIR and FNIR {by_words(grouping)}" + (f", N = {size:,}" if size else "")
            table = Table(
                f"{anchor}-table", caption,
                columns("Group", "Threshold>", "False positives>", "Non-mated searches>", "Misses>",
                        "Mated searches>"),
                tuple(rows), fold=True,
            )  # fmt: skip
            yield Chart(
                anchor, "lines", f"Detection error trade-off: {caption}",
                "FNIR falls as FPIR rises, one line a group; the table below holds the counts of every point drawn.",
                table, x_label="FPIR", y_label="FNIR", log=True, x_log=True, points=tuple(points),
            )  # fmt: skip


def _entries(evaluation: Evaluation) -> Iterator[Block]:
    scheme = evaluation.scheme
    yield Paragraph(
        "Only the best non-mate of a search is known: without an entry, its false positives fall by at most its count."
    )
    for size in scheme.sizes:
        for place, threshold in enumerate(scheme.thresholds):
            spread = concentration(evaluation.counts.entries[evaluation.strata_of(size), place].sum(axis=0))
            yield Heading(f"N = {size:,}, threshold {threshold:.6g}", f"entries-{size}-{place}")
            yield Paragraph(
                f"{spread.causing:,} of {spread.entries:,} entries gave all {spread.false_positives:,} false "
                f"positives; {spread.half:,} gave half of them."
            )
            found = causing(evaluation, size, place, evaluation.base)
            if found:
                yield Table(
                    f"entries-{size}-{place}-table", "Entries with the most false positives",
                    columns("Entry", "Group of the entry", "False positives>"),
                    tuple(cells([each.reference, each.group, each.false_positives]) for each in found),
                )  # fmt: skip


def _answers(report: Report) -> Iterator[Block]:
    if report.plan is not None:
        yield Paragraph(
            f"Plan: {report.plan.title}, {report.plan.start} to {report.plan.end}. Stopping rule: "
            f"{report.plan.stopping_rule} Rights assessed on {report.plan.rights_date}: {report.plan.rights_document}."
        )
    for answer in report.answers:
        yield Finding(
            f"question-{answer.question.id}", "answered" if answer.answered else "not answered", answer.question.text,
            answer.text,
            (("kind", "technical" if answer.question.technical else "not technical"),
             *(("evidence", each) for each in answer.evidence)),
        )  # fmt: skip


def _method(report: Report) -> Iterator[Block]:
    evaluation, told = report.evaluation, report.told
    scheme = evaluation.scheme
    recorded = "acquired" in evaluation.task.columns
    labels = [
        f"labels of {attribute.name}: {', '.join(attribute.obtained)}" for attribute in evaluation.subjects.attributes
    ]
    yield Items(
        (
            f"Decision: a candidate counts if its score {scheme.operator} the threshold.",
            f"What is one trial: {told.trial_unit}.",
            f"Threshold: {told.threshold_origin or 'where it came from was not told'}.",
            "Failures to acquire: a mated one is a miss of TPIR and GFNIR; none is a false positive."
            if recorded
            else "Failures to acquire were not recorded: FNIR and TPIR say nothing of passes without a usable probe.",
            "Failures to enrol: from the enrolment table."
            if evaluation.enrolment is not None
            else "Failures to enrol, and who is on the watchlist, were not told: mated searches were not checked.",
            *labels,
            f"Intervals: {evaluation.question.level:.0%}, clustered by subject with the watchlist held fixed, never "
            "narrower than Clopper-Pearson; without an error, over subjects.",
            "Several groups: p values by Holm; intervals hold one by one, not all at once.",
            f"Searches that stand in the table twice were looked for by {', '.join(evaluation.search_key)}."
            if evaluation.search_key
            else "Searches that stand in the table twice were not looked for: it has no search_id.",
        )
    )
    rows = []
    for grouping in evaluation.groupings:
        for group, size in enumerate(grouping.sizes):
            rows.append(cells([grouping.name, grouping.label(group), int(size)]))
    yield Table("subjects", "Subjects by group", columns("By", "Group", "Subjects>"), tuple(rows))
    if told.files:
        yield Table(
            "files", "Files read", columns("Used as", "File", "Bytes>", "SHA-256"),
            tuple(cells([each.role, each.name, each.size, each.sha256]) for each in told.files), fold=True,
        )  # fmt: skip
