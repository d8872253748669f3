"""The minimum record of a trial as plain data: what was tried, on whom, under which rules, from which files.

Where the evaluator told something it stands as told; where not, ``null`` or "not told".

>>> files_data([])
[]
>>> Told().trial_unit
'one row of the search table: one pass of one subject'
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from countersign.trials.counting.counts import by_group
from countersign.trials.counting.evaluate import Evaluation
from countersign.trials.scores.source import InputFile
from countersign.trials.scores.subjects import Grouping


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


def record_data(told: Told, evaluation: Evaluation) -> dict[str, Any]:
    """The minimum record of an evaluation as data."""
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
