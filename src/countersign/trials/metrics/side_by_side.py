"""Two engines, or two versions of one, on the same searches: how their error rates differ, subject by subject.

Each is counted at its own threshold, for scores of two engines are on two scales. What is compared are rates of all
*attempts*, failures to acquire included (GFPIR and GFNIR), because engines fail to acquire different probes and only
attempts are the same for both. The two tables have to agree in how often each subject was searched for, by size of the
watchlist and by whether it was on it.

The difference is ``inference.difference.paired``: Tango's interval at counts over the design effect between subjects,
that of all groups pooled where it is larger; the p value, of the sign test over subjects, is corrected by Holm for the
number of groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countersign.errors import WrongForm
from countersign.inference.difference import Paired, paired
from countersign.inference.groups.equality import holm
from countersign.inference.rate import Rate
from countersign.trials.counting.evaluate import Evaluation
from countersign.trials.metrics.rates import by_subject, clustered
from countersign.trials.scores.subjects import Grouping

#: What is compared, in this order.
COMPARED = ("gfpir", "gfnir")


class NotTheSameSearches(
    WrongForm,
    code="trial-not-the-same-searches",
    next_step="Give two tables of the same searches, one of each engine, failures to acquire included.",
):
    """Two tables that are to be compared do not hold the same searches."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of one group, of both engines at their thresholds. ``first`` and ``second``: the rates, each with its
    own interval. ``p_holm``: corrected for the number of groups of the grouping.
    """

    measure: str
    size: int
    thresholds: tuple[float, float]
    grouping: str
    group: str
    first: Rate
    second: Rate
    paired: Paired
    p_holm: float


def same_searches(first: Evaluation, second: Evaluation) -> None:
    """Raises ``NotTheSameSearches`` where a subject was not searched for as often in both, of a kind and size."""
    if first.scheme.sizes != second.scheme.sizes:
        sizes = (" and ".join(f"{size:,}" for size in each.scheme.sizes) for each in (first, second))
        raise NotTheSameSearches(f"the first table is of watchlists of {next(sizes)}, the second of {next(sizes)}")
    for size in first.scheme.sizes:
        made, others = (_attempts(each, size) for each in (first, second))
        if not np.array_equal(made, others):
            kind, subject = (int(place) for place in np.argwhere(made != others)[0])
            name = first.subjects.ids[subject]
            raise NotTheSameSearches(
                f"subject {name} has {int(made[kind, subject]):,} {('non-mated', 'mated')[kind]} attempts in the first "
                f"table and {int(others[kind, subject]):,} in the second"
            )


def _attempts(evaluation: Evaluation, size: int) -> NDArray[np.int64]:
    strata = evaluation.strata_of(size)
    return np.asarray((evaluation.counts.completed + evaluation.counts.not_acquired)[strata].sum(axis=0))


def differences(first: Evaluation, second: Evaluation) -> Iterator[Difference]:
    """Every difference: by size, pair of thresholds (in their order), grouping, measure and group.

    Groups with fewer than two subjects are left out. Raises ``NotTheSameSearches``.
    """
    same_searches(first, second)
    for size in first.scheme.sizes:
        for place in range(len(first.scheme.thresholds)):
            for grouping in first.groupings:
                for measure in COMPARED:
                    yield from _by_group(first, second, measure, size, place, grouping)


def _by_group(
    first: Evaluation, second: Evaluation, measure: str, size: int, place: int, grouping: Grouping
) -> Iterator[Difference]:
    rank = None if measure == "gfpir" else 0
    level = first.question.level
    (x, n), (y, _) = (by_subject(each, measure, size, None, place, rank) for each in (first, second))
    all_of = (n > 0) & (grouping.codes >= 0)
    if np.count_nonzero(all_of) < 2:
        return
    pooled = paired(x[all_of], y[all_of], n[all_of], level).design_effect
    found = []
    for group in range(len(grouping.labels)):
        members = (grouping.codes == group) & (n > 0)
        if np.count_nonzero(members) < 2:
            continue
        events = x[members], y[members]
        rates = [rate for each in events if (rate := clustered(each, n[members], level)) is not None]
        name = grouping.label(group) if grouping.attributes else "all"
        found.append((name, rates, paired(*events, n[members], level, pooled=pooled)))
    thresholds = first.scheme.thresholds[place], second.scheme.thresholds[place]
    corrected = holm([each.p for _, _, each in found]) if found else ()
    for (name, rates, pair), p in zip(found, corrected, strict=True):
        yield Difference(measure, size, thresholds, grouping.name, name, rates[0], rates[1], pair, float(p))
