"""The report of a trial as plain data, for JSON: the minimum record first, then every figure with counts and intervals.

Field names follow the vocabulary of ISO/IEC 19795-1 and the fields that ISO/IEC 29120-1 reports (FPIR, FNIR, FTA, FTE,
threshold, rank, N); the form itself is ours: conformance with either is not claimed. An estimate is ``null`` where no
error was seen: a rate of nought is never printed. Infinite ends of intervals are ``null``.

>>> interval_data(Interval(0.5, math.inf, 0.95, "conditional exact"))
{'low': 0.5, 'high': None, 'level': 0.95, 'method': 'conditional exact'}
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from countersign.inference.differential import BoundInstead, Summary
from countersign.inference.rate import Interval, Rate
from countersign.trials.answers import Answer
from countersign.trials.comparisons import PairTally
from countersign.trials.composition import LABEL, MakeUp
from countersign.trials.counts import by_group
from countersign.trials.curves import curve, tail, thinned
from countersign.trials.differentials import Differential
from countersign.trials.entries import causing, concentration
from countersign.trials.evaluate import Evaluation
from countersign.trials.files import InputFile
from countersign.trials.plan import Plan
from countersign.trials.rates import Figure
from countersign.trials.subjects import Grouping
from countersign.trials.summary import openings
from countersign.trials.threshold import Evidence
from countersign.trials.words import interval_words, ratio_words, value_words

FORM = "countersign trial report 1"
#: Steps of the exact tail written for each group: the highest scores, where thresholds lie.
STEPS = 200


@dataclass(frozen=True, slots=True)
class Told:
    """What only the evaluator can say about a trial; empty where not told, and reported as not told."""

    title: str = "Accuracy trial"
    engine: str = ""
    engine_version: str = ""
    trial_unit: str = "one row of the search table: one pass of one subject"
    threshold_origin: str = ""
    list_length: int | None = None
    by_origin: str = ""
    files: tuple[InputFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All that a report is made of. ``figures`` and ``differentials`` as evaluated; the rest where it was asked for."""

    told: Told
    evaluation: Evaluation
    figures: tuple[Figure, ...]
    differentials: tuple[Differential, ...]
    comparisons: PairTally | None = None
    expected: tuple[MakeUp, ...] = ()
    selectivity: tuple[tuple[int, float, str, int, int], ...] = ()
    plan: Plan | None = None
    answers: tuple[Answer, ...] = ()
    evidence: Evidence | None = None


def interval_data(interval: Interval) -> dict[str, Any]:
    """An interval as data."""
    low, high = (None if math.isinf(end) else end for end in (interval.low, interval.high))
    return {"low": low, "high": high, "level": interval.level, "method": interval.method}


def rate_data(rate: Rate | None) -> dict[str, Any]:
    """A rate as data; ``estimate`` is ``None`` at zero events, ``in_words`` is what to print."""
    if rate is None:
        return {"events": 0, "trials": 0, "estimate": None, "in_words": "no trial of the kind"}
    clustered = rate.clustered
    return {
        "events": rate.events,
        "trials": int(rate.trials),
        "estimate": rate.estimate if rate.events else None,
        "in_words": f"{value_words(rate)} ({interval_words(rate.widest, rate.events)})",
        "interval": interval_data(rate.widest),
        "exact_interval": interval_data(rate.exact),
        "design_effect": None if clustered is None else clustered.design_effect,
        "clusters": None if clustered is None else clustered.clusters,
    }


def data(report: Report) -> dict[str, Any]:
    """The whole report as plain data, ready for JSON."""
    return {
        "form": FORM,
        "made_by": f"countersign {version('countersign')}",
        "summary": [
            {"N": each.size or None, "threshold": each.threshold, "sentences": list(each.sentences)}
            for each in openings(report.figures, report.differentials, report.evaluation.question.level)
        ],
        "record": _record(report),
        "figures": [_figure(each) for each in report.figures],
        "differentials": [_differential(each) for each in report.differentials],
        "selectivity": [
            {"N": size, "threshold": threshold, "group": group, "candidates": candidates, "searches": searches,
             "selectivity": candidates / searches if searches and candidates else None}
            for size, threshold, group, candidates, searches in report.selectivity
        ],
        "curves": _curves(report.evaluation),
        "watchlist_entries": _entries(report.evaluation),
        "comparisons": None if report.comparisons is None else comparisons_data(report.comparisons),
        "expected_fpir": [expected_data(each) for each in report.expected],
        "threshold_evidence": None if report.evidence is None else evidence_data(report.evidence),
        "plan": None if report.plan is None else plan_data(report.plan),
        "answers": [
            {"id": each.question.id, "question": each.question.text, "technical": each.question.technical,
             "answered": each.answered, "answer": each.text, "evidence": list(each.evidence)}
            for each in report.answers
        ],
    }  # fmt: skip


def to_json(content: dict[str, Any]) -> bytes:
    """Strict JSON, indented, in UTF-8, with a line's end."""
    return (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _record(report: Report) -> dict[str, Any]:
    evaluation, told = report.evaluation, report.told
    scheme, question, tally = evaluation.scheme, evaluation.question, evaluation.tally
    origin = told.threshold_origin
    if question.at_fpir:
        origin = "found on the rows reported here for a stated FPIR, which makes FPIR look lower than it is"
    recorded = "acquired" in evaluation.task.columns
    return {
        "title": told.title,
        "engine": told.engine or None,
        "engine_version": told.engine_version or None,
        "trial_unit": told.trial_unit,
        "decision_rule": f"score {scheme.operator} threshold",
        "thresholds": list(scheme.thresholds),
        "threshold_origin": origin or "not told",
        "thresholds_for_fpir": [{"N": n, "fpir": fpir, "threshold": t} for n, fpir, t in evaluation.chosen],
        "ranks": list(scheme.ranks),
        "list_length": told.list_length,
        "watchlists": [_watchlist(evaluation, size) for size in scheme.sizes],
        "sites": [site for site in scheme.sites if site],
        "subjects": len(evaluation.subjects),
        "groups": [_group(evaluation, grouping) for grouping in evaluation.groupings],
        "reported_by": told.by_origin or "the attributes asked for",
        "labels_obtained": {
            attribute.name: list(attribute.obtained) for attribute in evaluation.subjects.attributes
        },
        "failures_to_acquire_recorded": recorded,
        "failures_to_acquire": "a mated one is a miss of GFNIR and TPIR; none is a false positive" if recorded
        else "not recorded: FNIR and TPIR say nothing of passes that gave no usable probe",
        "enrolment_recorded": evaluation.enrolment is not None,
        "interval_level": question.level,
        "clustering": "by subject, the watchlist fixed; never narrower than Clopper-Pearson",
        "multiplicity": "p values by Holm over the groups of a grouping; intervals are one by one",
        "curve": f"{scheme.bins:,} bins from {scheme.low:g} to {scheme.high:g}, counts exact at each edge; exact "
        f"scores from {scheme.floor:g} up, at most {scheme.tail:,} a group and watchlist",
        "rows": {
            "read": tally.rows,
            "counted": tally.rows - tally.faults.total - tally.not_asked,
            "not_asked_for": tally.not_asked,
            "set_aside": tally.faults.total,
            "repeated_searches": f"looked for by {', '.join(evaluation.search_key)}; every row of one is a fault"
            if evaluation.search_key else "not looked for: the table has no search_id",
            "set_aside_reasons": tally.faults.sentences(),
        },
        "files": files_data(told.files),
    }  # fmt: skip


def files_data(files: Sequence[InputFile]) -> list[dict[str, Any]]:
    """The files read, as data."""
    return [{"used_as": each.role, "name": each.name, "bytes": each.size, "sha256": each.sha256} for each in files]


def _watchlist(evaluation: Evaluation, size: int) -> dict[str, Any]:
    found: dict[str, Any] = {"N": size or None}
    if evaluation.enrolment is not None:
        counts, unknown = evaluation.enrolment.composition(evaluation.subjects, evaluation.base, size)
        found["composition"] = {evaluation.base.label(group): int(count) for group, count in enumerate(counts) if count}
        found["entries_without_known_group"] = unknown
    return found


def _group(evaluation: Evaluation, grouping: Grouping) -> dict[str, Any]:
    completed = by_group(evaluation.counts.completed, grouping).sum(axis=0)
    lost = by_group(evaluation.counts.not_acquired, grouping).sum(axis=0)
    return {
        "by": grouping.name,
        "groups": [
            {"group": grouping.label(group), "subjects": int(grouping.sizes[group]),
             "nonmated_searches": int(completed[0, group]), "mated_searches": int(completed[1, group]),
             "failures_to_acquire": int(lost[:, group].sum())}
            for group in range(len(grouping.labels))
        ],
        "subjects_without_label": int(np.count_nonzero(grouping.codes < 0)),
    }  # fmt: skip


def _figure(figure: Figure) -> dict[str, Any]:
    attributes = figure.grouping.split("*") if figure.group else []
    return {
        "measure": figure.measure,
        "N": figure.size or None,
        "site": figure.site,
        "group": dict(zip(attributes, figure.group, strict=True)),
        "threshold": figure.threshold,
        "rank": figure.rank,
        "subjects": figure.subjects,
        **rate_data(figure.rate),
    }


def _differential(each: Differential) -> dict[str, Any]:
    return {
        "measure": each.measure,
        "N": each.size or None,
        "by": each.grouping,
        "threshold": each.threshold,
        "rank": each.rank,
        "smallest_count": min(each.events),
        "omnibus": {"p": each.omnibus_p, "method": each.omnibus_method},
        "design_effect": each.design_effect,
        "groups_left_out": list(each.left_out),
        "summaries": [_summary(summary, each) for summary in each.summaries],
        "group_against_the_rest": [
            {
                "group": contrast.group,
                "events": contrast.events,
                "trials": contrast.trials,
                "rest_events": contrast.rest_events,
                "rest_trials": contrast.rest_trials,
                "ratio": contrast.ratio,
                "in_words": ratio_words(contrast.ratio, contrast.widest),
                "interval": interval_data(contrast.widest),
                "shown_interval": interval_data(contrast.shown),
                "exact_interval": interval_data(contrast.exact),
                "p": contrast.p,
                "p_holm": contrast.p_holm,
                "smallest_ratio_that_could_be_shown": None
                if contrast.detectable is None or math.isinf(contrast.detectable)
                else contrast.detectable,
            }
            for contrast in each.contrasts
        ],
    }


def _summary(summary: Summary | BoundInstead, each: Differential) -> dict[str, Any]:
    """A summary over groups with the band that equal rates would give; or, without errors in a group, bounds."""
    if isinstance(summary, BoundInstead):
        return {
            "summary": summary.measure,
            "value": None,
            "groups_without_errors": [each.groups[place] for place in summary.without_errors],
            "ratio_of_highest_to_them_not_under": summary.at_least,
        }
    return {
        "summary": summary.measure,
        "value": summary.value,
        "under_equal_rates": interval_data(summary.null),
        "p": summary.p,
        "smallest_count": summary.smallest_count,
    }


def _curves(evaluation: Evaluation) -> list[dict[str, Any]]:
    found = []
    for size in evaluation.scheme.sizes:
        for grouping in evaluation.groupings:
            whole, steps = curve(evaluation, size, grouping), tail(evaluation, size, grouping)
            for group, label in enumerate(whole.groups):
                places = thinned(whole, group)
                thresholds = whole.thresholds[places].astype(float).tolist()
                found.append(
                    {
                        "N": size or None,
                        "by": grouping.name,
                        "group": label,
                        "nonmated_searches": int(whole.nonmated[group]),
                        "mated_searches": int(whole.mated[group]),
                        "thresholds": [None if math.isinf(each) else each for each in thresholds],
                        "false_positives": whole.false_positives[group, places].tolist(),
                        "misses": whole.misses[group, places].tolist(),
                        "smallest_rate_resolved": 1 / int(whole.nonmated[group]) if whole.nonmated[group] else None,
                        "tail_thresholds": steps[group].scores[:STEPS].astype(float).tolist(),
                        "tail_false_positives": steps[group].above[:STEPS].tolist(),
                    }
                )
    return found


def _entries(evaluation: Evaluation) -> list[dict[str, Any]]:
    found = []
    scheme = evaluation.scheme
    if not scheme.references:
        return []
    for size in scheme.sizes:
        for place, threshold in enumerate(scheme.thresholds):
            spread = concentration(evaluation.counts.entries[evaluation.strata_of(size), place].sum(axis=0))
            found.append(
                {
                    "N": size or None,
                    "threshold": threshold,
                    "entries": spread.entries,
                    "entries_causing_any": spread.causing,
                    "false_positives_attributed": spread.false_positives,
                    "entries_causing_half": spread.half,
                    "largest": [
                        {"reference_id": each.reference, "group": each.group, "false_positives": each.false_positives}
                        for each in causing(evaluation, size, place, evaluation.base)
                    ],
                }
            )
    return found


def expected_data(each: MakeUp) -> dict[str, Any]:
    """A modelled FPIR as data, with its label."""
    return {
        "threshold": each.threshold,
        "make_up": dict(each.make_up),
        "label": LABEL,
        "by_group": [
            {"group": group, "estimate": found.estimate, "low": found.low, "high": found.high}
            for (group, _), found in zip(each.make_up, each.by_group, strict=True)
        ],
    }


def comparisons_data(tally: PairTally) -> dict[str, Any]:
    """Comparison rates by group, and by pair of groups, as data."""
    counts, task = tally.counts, tally.counts.task
    groups = [task.grouping.label(group) for group in range(len(task.grouping.labels))]
    several = [(None, "all"), *enumerate(groups)] if len(groups) > 1 else [(None, "all")]
    return {
        "comparisons": tally.rows,
        "set_aside": tally.faults.sentences(),
        "by": task.grouping.name,
        "clustering": "two-way, by subject of the probe and of the reference; never narrower than Clopper-Pearson",
        "rates": [
            {"threshold": threshold, "probe_group": label, "fmr": rate_data(counts.false_match(place, group)),
             "fnmr": rate_data(counts.false_non_match(place, group))}
            for place, threshold in enumerate(task.thresholds)
            for group, label in several
        ],
        "by_pair": [
            {"threshold": threshold, "probe_group": groups[g], "reference_group": groups[h],
             "fmr": rate_data(counts.false_match(place, g, h))}
            for place, threshold in enumerate(task.thresholds)
            for g in range(len(groups))
            for h in range(len(groups))
        ],
    }  # fmt: skip


def evidence_data(evidence: Evidence) -> dict[str, Any]:
    """Threshold evidence as data."""
    return {
        "what_this_is": "evidence of an evaluator on one trial; not a setting for an engine",
        "ceiling_fpir": evidence.ceiling,
        "confidence": evidence.confidence,
        "holds_in_every_group_at": list(evidence.thresholds),
        "groups": dict(zip(evidence.groups, evidence.subjects, strict=True)),
        "unit": "one search of each subject, drawn by a fixed seed",
        "tested": [
            {"threshold": each.threshold, "p": each.p, "largest_p_in": each.worst,
             "false_positives": dict(zip(evidence.groups, each.false_positives, strict=True))}
            for each in evidence.tested
        ],
        "wanting": [
            {"group": each.group, "threshold": each.threshold, "subjects": each.subjects,
             "false_positives": each.false_positives, "subjects_needed": each.needed}
            for each in evidence.wanting
        ],
    }  # fmt: skip


def plan_data(plan: Plan) -> dict[str, Any]:
    """A plan as data."""
    return {
        "title": plan.title,
        "kind": plan.kind,
        "start": plan.start.isoformat(),
        "end": plan.end.isoformat(),
        "stopping_rule": plan.stopping_rule,
        "trial_unit": plan.trial_unit,
        "rights_assessment": {"document": plan.rights_document, "done": plan.rights_date.isoformat()},
        "engine": plan.engine or None,
        "engine_version": plan.engine_version or None,
        "questions": [
            {"id": each.id, "text": each.text, "technical": each.technical, "asks": each.asks}
            for each in plan.questions
        ],
    }
