"""The report of a trial as plain data, for JSON: the minimum record first, then every figure with counts and intervals.

Field names follow the vocabulary of ISO/IEC 19795-1 and the fields that ISO/IEC 29120-1 reports (FPIR, FNIR, FTA, FTE,
threshold, rank, N); the form itself is ours: conformance with either is not claimed. An estimate is ``null`` where no
error was seen: a rate of nought is never printed. Infinite ends of intervals are ``null``.

>>> print(to_json({"estimate": None}).decode().replace("\\n", ""))
{ "estimate": null}
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from countersign.trials.counting.evaluate import Evaluation
from countersign.trials.metrics.comparisons import PairTally
from countersign.trials.metrics.composition import LABEL, MakeUp
from countersign.trials.metrics.differentials import Differential
from countersign.trials.metrics.rates import Figure, causing, concentration, curve, tail, thinned
from countersign.trials.metrics.threshold import Evidence
from countersign.trials.plan import Plan
from countersign.trials.report.answers import Answer
from countersign.trials.report.figures import differential_data, figure_data, rate_data
from countersign.trials.report.record import Told, record_data
from countersign.trials.report.sentences import openings

FORM = "countersign trial report 1"
#: Steps of the exact tail written for each group: the highest scores, where thresholds lie.
STEPS = 200


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


def data(report: Report) -> dict[str, Any]:
    """The whole report as plain data, ready for JSON."""
    return {
        "form": FORM,
        "made_by": f"countersign {version('countersign')}",
        "summary": [
            {"N": each.size or None, "threshold": each.threshold, "sentences": list(each.sentences)}
            for each in openings(report.figures, report.differentials, report.evaluation.question.level)
        ],
        "record": record_data(report.told, report.evaluation),
        "figures": [figure_data(each) for each in report.figures],
        "differentials": [differential_data(each) for each in report.differentials],
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
