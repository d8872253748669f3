"""The results of a trial as its typed report: every value with its counts, interval and words, ready for JSON.

>>> interval_ends(Interval(0.5, math.inf, 0.95, "conditional exact"))
IntervalEnds(low=0.5, high=None, level=0.95, method='conditional exact')
>>> counted_rate(None).in_words
'no trial of the kind'
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from importlib.metadata import version

import numpy as np

from countersign.inference.groups.differential import BoundInstead
from countersign.inference.groups.differential import Summary as SummaryOverGroups
from countersign.inference.rate import Interval, Rate
from countersign.trials.counting.counts import by_group
from countersign.trials.counting.evaluate import Evaluation
from countersign.trials.metrics.comparisons import LABEL, MakeUp, PairTally
from countersign.trials.metrics.differentials import Contrast, Differential
from countersign.trials.metrics.rates import Figure, causing, concentration, curve, tail, thinned
from countersign.trials.metrics.threshold import Evidence
from countersign.trials.plan import Plan
from countersign.trials.report import model
from countersign.trials.report.assemble import Results, Stated
from countersign.trials.report.sentences import interval_words, openings, ratio_words, value_words
from countersign.trials.scores.source import InputFile
from countersign.trials.scores.subjects import Grouping

#: Steps of the exact tail written for each group: the highest scores, where thresholds lie.
STEPS = 200


def trial_report(results: Results) -> model.TrialReport:
    """The whole report."""
    evaluation = results.evaluation
    return model.TrialReport(
        form=model.FORM,
        made_by=f"countersign {version('countersign')}",
        summary=tuple(
            model.Summary(opening.size or None, opening.threshold, opening.sentences)
            for opening in openings(results.figures, results.differentials, evaluation.question.level)
        ),
        record=_record(results.stated, evaluation),
        figures=tuple(_figure(figure) for figure in results.figures),
        differentials=tuple(_difference(differential) for differential in results.differentials),
        selectivity=tuple(
            model.Selectivity(size, threshold, group, candidates, searches, candidates / searches or None)
            if searches
            else model.Selectivity(size, threshold, group, candidates, searches, None)
            for size, threshold, group, candidates, searches in results.selectivity
        ),
        curves=tuple(_curves(evaluation)),
        watchlist_entries=tuple(_entries(evaluation)),
        comparisons=None if results.comparisons is None else comparisons(results.comparisons),
        expected_fpir=tuple(expected_fpir(made) for made in results.expected),
        threshold_evidence=None if results.evidence is None else threshold_evidence(results.evidence),
        plan=None if results.plan is None else plan_stated(results.plan),
        answers=tuple(
            model.AnswerGiven(
                id=answer.question.id,
                question=answer.question.text,
                technical=answer.question.technical,
                answered=answer.answered,
                answer=answer.text,
                evidence=answer.evidence,
            )
            for answer in results.answers
        ),
    )


def _record(stated: Stated, evaluation: Evaluation) -> model.Record:
    """The minimum record of an evaluation."""
    scheme, question = evaluation.scheme, evaluation.question
    origin = stated.threshold_origin
    if question.at_fpir:
        origin = "found on the rows reported here for a stated FPIR, which makes FPIR look lower than it is"
    recorded = "acquired" in evaluation.task.columns
    return model.Record(
        title=stated.title,
        engine=stated.engine or None,
        engine_version=stated.engine_version or None,
        trial_unit=stated.trial_unit,
        decision_rule=f"score {scheme.operator} threshold",
        thresholds=tuple(scheme.thresholds),
        threshold_origin=origin or "not told",
        thresholds_for_fpir=tuple(model.ThresholdForFpir(*chosen) for chosen in evaluation.chosen),
        ranks=tuple(scheme.ranks),
        list_length=stated.list_length,
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
        rows=_rows(evaluation),
        files=files_read(stated.files),
    )


def _rows(evaluation: Evaluation) -> model.Rows:
    tally = evaluation.tally
    return model.Rows(
        read=tally.rows,
        counted=tally.rows - tally.faults.total - tally.not_asked,
        not_asked_for=tally.not_asked,
        set_aside=tally.faults.total,
        repeated_searches=f"looked for by {', '.join(evaluation.search_key)}; every row of one is a fault"
        if evaluation.search_key
        else "not looked for: the table has no search_id",
        set_aside_reasons=tuple(tally.faults.sentences()),
    )


def files_read(files: Sequence[InputFile]) -> tuple[model.FileRead, ...]:
    """The files read."""
    return tuple(model.FileRead(file.role, file.name, file.size, file.sha256) for file in files)


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
        in_words=f"{value_words(rate)} ({interval_words(rate.widest, rate.events)})",
        interval=interval_ends(rate.widest),
        exact_interval=interval_ends(rate.exact),
        design_effect=None if clustered is None else clustered.design_effect,
        clusters=None if clustered is None else clustered.clusters,
    )


def _figure(figure: Figure) -> model.GroupFigure:
    attributes = figure.grouping.split("*") if figure.group else []
    rate = counted_rate(figure.rate)
    return model.GroupFigure(
        measure=figure.measure,
        size=figure.size or None,
        site=figure.site,
        group=dict(zip(attributes, figure.group, strict=True)),
        threshold=figure.threshold,
        rank=figure.rank,
        subjects=figure.subjects,
        **{name: getattr(rate, name) for name in rate.__struct_fields__},
    )


def _difference(differential: Differential) -> model.GroupDifference:
    return model.GroupDifference(
        measure=differential.measure,
        size=differential.size or None,
        by=differential.grouping,
        threshold=differential.threshold,
        rank=differential.rank,
        smallest_count=min(differential.events),
        omnibus=model.Omnibus(differential.omnibus_p, differential.omnibus_method),
        design_effect=differential.design_effect,
        groups_left_out=differential.left_out,
        summaries=tuple(_summary(summary, differential.groups) for summary in differential.summaries),
        group_against_the_rest=tuple(_contrast(contrast) for contrast in differential.contrasts),
    )


def _contrast(contrast: Contrast) -> model.GroupContrast:
    seen = contrast.detectable
    return model.GroupContrast(
        group=contrast.group,
        events=contrast.events,
        trials=contrast.trials,
        rest_events=contrast.rest_events,
        rest_trials=contrast.rest_trials,
        ratio=contrast.ratio,
        in_words=ratio_words(contrast.ratio, contrast.widest),
        interval=interval_ends(contrast.widest),
        shown_interval=interval_ends(contrast.shown),
        exact_interval=interval_ends(contrast.exact),
        p=contrast.p,
        p_holm=contrast.p_holm,
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
                largest=tuple(
                    model.EntryCount(entry.reference, entry.group, entry.false_positives)
                    for entry in causing(evaluation, size, place, evaluation.base)
                ),
            )


def expected_fpir(made: MakeUp) -> model.ExpectedFpir:
    """A modelled FPIR, with its label."""
    by_group = tuple(
        model.ExpectedOfGroup(group, expected.estimate, expected.low, expected.high)
        for (group, _), expected in zip(made.make_up, made.by_group, strict=True)
    )
    return model.ExpectedFpir(made.threshold, dict(made.make_up), LABEL, by_group)


def comparisons(tally: PairTally) -> model.Comparisons:
    """Comparison rates by group, and by pair of groups."""
    counts, task = tally.counts, tally.counts.task
    groups = [task.grouping.label(group) for group in range(len(task.grouping.labels))]
    several = [(None, "all"), *enumerate(groups)] if len(groups) > 1 else [(None, "all")]
    return model.Comparisons(
        comparisons=tally.rows,
        set_aside=tuple(tally.faults.sentences()),
        by=task.grouping.name,
        clustering="two-way, by subject of the probe and of the reference; never narrower than Clopper-Pearson",
        rates=tuple(
            model.ComparisonRates(
                threshold=threshold,
                probe_group=label,
                fmr=counted_rate(counts.false_match(place, group)),
                fnmr=counted_rate(counts.false_non_match(place, group)),
            )
            for place, threshold in enumerate(task.thresholds)
            for group, label in several
        ),
        by_pair=tuple(
            model.PairRate(threshold, groups[g], groups[h], counted_rate(counts.false_match(place, g, h)))
            for place, threshold in enumerate(task.thresholds)
            for g in range(len(groups))
            for h in range(len(groups))
        ),
    )


def threshold_evidence(evidence: Evidence) -> model.ThresholdEvidence:
    """Evidence for thresholds."""
    return model.ThresholdEvidence(
        what_this_is="evidence of an evaluator on one trial; not a setting for an engine",
        ceiling_fpir=evidence.ceiling,
        confidence=evidence.confidence,
        holds_in_every_group_at=evidence.thresholds,
        groups=dict(zip(evidence.groups, evidence.subjects, strict=True)),
        unit="one search of each subject, drawn by a fixed seed",
        tested=tuple(
            model.ThresholdTested(
                threshold=tested.threshold,
                p=tested.p,
                largest_p_in=tested.worst,
                false_positives=dict(zip(evidence.groups, tested.false_positives, strict=True)),
            )
            for tested in evidence.tested
        ),
        wanting=tuple(
            model.GroupWanting(
                wanting.group, wanting.threshold, wanting.subjects, wanting.false_positives, wanting.needed
            )
            for wanting in evidence.wanting
        ),
    )


def plan_stated(plan: Plan) -> model.PlanStated:
    """The plan."""
    return model.PlanStated(
        title=plan.title,
        kind=plan.kind,
        start=plan.start.isoformat(),
        end=plan.end.isoformat(),
        stopping_rule=plan.stopping_rule,
        trial_unit=plan.trial_unit,
        rights_assessment=model.RightsAssessment(plan.rights_document, plan.rights_date.isoformat()),
        engine=plan.engine or None,
        engine_version=plan.engine_version or None,
        questions=tuple(
            model.PlannedQuestion(question.id, question.text, question.technical, question.asks)
            for question in plan.questions
        ),
    )
