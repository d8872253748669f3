"""The results of a trial as its typed report: every value with its counts, interval and words, ready for JSON.

>>> interval_ends(Interval(0.5, math.inf, 0.95, "conditional exact"))
IntervalEnds(low=0.5, high=None, level=0.95, method='conditional exact')
>>> counted_rate(None).in_words
'no trial of the kind'
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from importlib.metadata import version

import msgspec
import numpy as np

from countersign.document import line_of
from countersign.inference.groups.differential import BoundInstead
from countersign.inference.groups.differential import Summary as SummaryOverGroups
from countersign.inference.rate import Interval, Rate
from countersign.trials import model
from countersign.trials.counting.counts import by_group
from countersign.trials.counting.evaluate import Evaluation
from countersign.trials.metrics.comparisons import PairTally
from countersign.trials.metrics.differentials import Contrast, Differential
from countersign.trials.metrics.rates import Figure, causing, concentration, curve, tail, thinned
from countersign.trials.plan import Plan
from countersign.trials.report.assemble import Results, Stated
from countersign.trials.report.sentences import interval_words, openings, ratio_words, value_words
from countersign.trials.scores.subjects import Grouping

#: Steps of the exact tail written for each group: the highest scores, where thresholds lie.
STEPS = 200


def trial_report(results: Results) -> model.TrialReport:
    """The whole report."""
    evaluation = results.evaluation
    return model.TrialReport(
        form=model.FORM,
        made_by=f"countersign {version('countersign')}",
        summary=tuple(openings(results.figures, results.differentials, evaluation.question.level)),
        record=_record(results.stated, evaluation),
        figures=tuple(_figure(figure) for figure in results.figures),
        differentials=tuple(_difference(differential) for differential in results.differentials),
        selectivity=results.selectivity,
        curves=tuple(_curves(evaluation)),
        watchlist_entries=tuple(_entries(evaluation)),
        comparisons=None if results.comparisons is None else comparisons(results.comparisons),
        expected_fpir=results.expected,
        threshold_evidence=results.evidence,
        plan=None if results.plan is None else plan_stated(results.plan),
        answers=results.answers,
    )


def _record(stated: Stated, evaluation: Evaluation) -> model.Record:
    scheme, question = evaluation.scheme, evaluation.question
    origin = stated.threshold_origin
    if question.at_fpir:
        origin = "found on the rows reported here for a stated FPIR, which makes FPIR look lower than it is"
    recorded = "acquired" in evaluation.task.columns
    tally = evaluation.tally
    return line_of(
        model.Record,
        stated,
        engine=stated.engine or None,
        engine_version=stated.engine_version or None,
        decision_rule=f"score {scheme.operator} threshold",
        thresholds=tuple(scheme.thresholds),
        threshold_origin=origin or "not told",
        thresholds_for_fpir=tuple(model.ThresholdForFpir(*chosen) for chosen in evaluation.chosen),
        ranks=tuple(scheme.ranks),
        watchlists=tuple(_watchlist(evaluation, size) for size in scheme.sizes),
        sites=tuple(site for site in scheme.sites if site),
        subjects=len(evaluation.subjects),
        groups=tuple(_groups(evaluation, grouping) for grouping in evaluation.groupings),
        reported_by=stated.by_origin or "the attributes asked for",
        labels_obtained={attribute.name: attribute.obtained for attribute in evaluation.subjects.attributes},
        failures_to_acquire_recorded=recorded,
        failures_to_acquire="a mated one is a miss of GFNIR and TPIR; none is a false positive"
        if recorded
        else "not recorded: FNIR and TPIR say nothing of passes that gave no usable probe",
        enrolment_recorded=evaluation.enrolment is not None,
        interval_level=question.level,
        clustering="by subject, the watchlist fixed; never narrower than Clopper-Pearson",
        multiplicity="p values by Holm over the groups of a grouping; intervals are one by one",
        curve=f"{scheme.bins:,} bins from {scheme.low:g} to {scheme.high:g}, counts exact at each edge; exact "
        f"scores from {scheme.floor:g} up, at most {scheme.tail:,} a group and watchlist",
        rows=model.Rows(
            read=tally.rows,
            counted=tally.rows - tally.faults.total - tally.not_asked,
            not_asked_for=tally.not_asked,
            set_aside=tally.faults.total,
            repeated_searches=f"looked for by {', '.join(evaluation.search_key)}; every row of one is a fault"
            if evaluation.search_key
            else "not looked for: the table has no search_id",
            set_aside_reasons=tuple(tally.faults.sentences()),
        ),
    )


def _watchlist(evaluation: Evaluation, size: int) -> model.Watchlist:
    if evaluation.enrolment is None:
        return model.Watchlist(size or None)
    counts, unknown = evaluation.enrolment.composition(evaluation.subjects, evaluation.base, size)
    composition = {evaluation.base.label(group): int(count) for group, count in enumerate(counts) if count}
    return model.Watchlist(size or None, composition, unknown)


def _groups(evaluation: Evaluation, grouping: Grouping) -> model.GroupCounts:
    completed = by_group(evaluation.counts.completed, grouping).sum(axis=0)
    lost = by_group(evaluation.counts.not_acquired, grouping).sum(axis=0)
    groups = tuple(
        model.GroupCount(
            group=grouping.label(group),
            subjects=int(grouping.sizes[group]),
            nonmated_searches=int(completed[0, group]),
            mated_searches=int(completed[1, group]),
            failures_to_acquire=int(lost[:, group].sum()),
        )
        for group in range(len(grouping.labels))
    )
    return model.GroupCounts(grouping.name, groups, int(np.count_nonzero(grouping.codes < 0)))


def interval_ends(interval: Interval) -> model.IntervalEnds:
    """An interval; an infinite end is ``None``."""
    low, high = (None if math.isinf(end) else end for end in (interval.low, interval.high))
    return model.IntervalEnds(low, high, interval.level, interval.method)


def counted_rate(rate: Rate | None) -> model.CountedRate:
    """A rate, without an estimate at zero events; ``None`` where there was no trial of the kind."""
    if rate is None:
        return model.CountedRate(0, 0, None, "no trial of the kind")
    clustered = rate.clustered
    return model.CountedRate(
        events=rate.events,
        trials=int(rate.trials),
        estimate=rate.estimate if rate.events else None,
        in_words=f"{value_words(rate)} ({interval_words(rate.widest, rate.estimate)})",
        interval=interval_ends(rate.widest),
        exact_interval=interval_ends(rate.exact),
        design_effect=None if clustered is None else clustered.design_effect,
        clusters=None if clustered is None else clustered.clusters,
    )


def _figure(figure: Figure) -> model.GroupFigure:
    group = dict(zip(figure.grouping.split("*") if figure.group else [], figure.group, strict=True))
    return line_of(model.GroupFigure, figure, counted_rate(figure.rate), size=figure.size or None, group=group)


def _difference(differential: Differential) -> model.GroupDifference:
    return line_of(
        model.GroupDifference,
        differential,
        size=differential.size or None,
        by=differential.grouping,
        smallest_count=min(differential.events),
        omnibus=model.Omnibus(differential.omnibus_p, differential.omnibus_method),
        groups_left_out=differential.left_out,
        summaries=tuple(_summary(summary, differential.groups) for summary in differential.summaries),
        group_against_the_rest=tuple(_contrast(contrast) for contrast in differential.contrasts),
    )


def _contrast(contrast: Contrast) -> model.GroupContrast:
    seen = contrast.detectable
    return line_of(
        model.GroupContrast,
        contrast,
        in_words=ratio_words(contrast.ratio, contrast.widest),
        interval=interval_ends(contrast.widest),
        shown_interval=interval_ends(contrast.shown),
        exact_interval=interval_ends(contrast.exact),
        smallest_ratio_that_could_be_shown=None if seen is None or math.isinf(seen) else seen,
    )


def _summary(summary: SummaryOverGroups | BoundInstead, groups: tuple[str, ...]) -> model.GroupSummary:
    if isinstance(summary, BoundInstead):
        without = tuple(groups[place] for place in summary.without_errors)
        return model.GroupSummary(summary.measure, None, without, summary.at_least)
    return model.GroupSummary(
        summary=summary.measure,
        value=summary.value,
        under_equal_rates=interval_ends(summary.null),
        p=summary.p,
        smallest_count=summary.smallest_count,
    )


def _curves(evaluation: Evaluation) -> Iterator[model.GroupCurve]:
    for size in evaluation.scheme.sizes:
        for grouping in evaluation.groupings:
            whole, steps = curve(evaluation, size, grouping), tail(evaluation, size, grouping)
            for group, label in enumerate(whole.groups):
                places = thinned(whole, group)
                thresholds = whole.thresholds[places].astype(float).tolist()
                yield model.GroupCurve(
                    size=size or None,
                    by=grouping.name,
                    group=label,
                    nonmated_searches=int(whole.nonmated[group]),
                    mated_searches=int(whole.mated[group]),
                    thresholds=tuple(None if math.isinf(each) else each for each in thresholds),
                    false_positives=tuple(whole.false_positives[group, places].tolist()),
                    misses=tuple(whole.misses[group, places].tolist()),
                    smallest_rate_resolved=1 / int(whole.nonmated[group]) if whole.nonmated[group] else None,
                    tail_thresholds=tuple(steps[group].scores[:STEPS].astype(float).tolist()),
                    tail_false_positives=tuple(steps[group].above[:STEPS].tolist()),
                )


def _entries(evaluation: Evaluation) -> Iterator[model.WatchlistEntries]:
    scheme = evaluation.scheme
    if not scheme.references:
        return
    for size in scheme.sizes:
        for place, threshold in enumerate(scheme.thresholds):
            spread = concentration(evaluation.counts.entries[evaluation.strata_of(size), place].sum(axis=0))
            yield model.WatchlistEntries(
                size=size or None,
                threshold=threshold,
                entries=spread.entries,
                entries_causing_any=spread.causing,
                false_positives_attributed=spread.false_positives,
                entries_causing_half=spread.half,
                largest=tuple(causing(evaluation, size, place, evaluation.base)),
            )


def comparisons(tally: PairTally) -> model.Comparisons:
    """Comparison rates by group, and by pair of groups."""
    counts, task = tally.counts, tally.counts.task
    groups = [task.grouping.label(group) for group in range(len(task.grouping.labels))]
    match, non_match = counts.false_match, counts.false_non_match
    several = [(None, "all"), *enumerate(groups)] if len(groups) > 1 else [(None, "all")]
    return model.Comparisons(
        comparisons=tally.rows,
        set_aside=tuple(tally.faults.sentences()),
        by=task.grouping.name,
        clustering="two-way, by subject of the probe and of the reference; never narrower than Clopper-Pearson",
        rates=tuple(
            model.ComparisonRates(threshold, label, *map(counted_rate, (match(place, group), non_match(place, group))))
            for place, threshold in enumerate(task.thresholds)
            for group, label in several
        ),
        by_pair=tuple(
            model.PairRate(threshold, groups[g], groups[h], counted_rate(match(place, g, h)))
            for place, threshold in enumerate(task.thresholds)
            for g in range(len(groups))
            for h in range(len(groups))
        ),
    )


def plan_stated(plan: Plan) -> model.PlanStated:
    """The plan."""
    questions = tuple(line_of(model.PlannedQuestion, question) for question in plan.questions)
    return line_of(
        model.PlanStated,
        plan,
        start=plan.start.isoformat(),
        end=plan.end.isoformat(),
        rights_assessment=model.RightsAssessment(plan.rights_document, plan.rights_date.isoformat()),
        engine=plan.engine or None,
        engine_version=plan.engine_version or None,
        questions=questions,
        protocol=plan.protocol or msgspec.UNSET,
        data_set=plan.data_set or msgspec.UNSET,
        data_set_version=plan.data_set_version or msgspec.UNSET,
    )
