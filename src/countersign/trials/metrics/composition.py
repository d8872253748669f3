"""What FPIR to expect of a stated watchlist make-up: a model, not a measurement, and always labelled as one.

A probe of group g falsely matches entries of its own group most. With FMR_{g,h} the rate of false matches between a
probe of group g and a reference of group h, and N_h entries of each group,

    FPIR_g = 1 - prod_h (1 - FMR_{g,h})^N_h

if comparisons were independent and the engine searched by comparing with each entry alone (NISTIR 8429, Annex B;
Drozdowski et al., ICCVW 2021). Engines that normalise scores over the watchlist do not, and comparisons of one probe
are alike, so the result is an expectation under a model that no standard backs (ISO/IEC 5152 leaves FPIR out). The
bounds put every FMR at the end of its own interval at a level divided among all cells (Bonferroni): they hold for the
rates that go in, not for the model.

>>> expected = expected_fpir(np.array([[10, 1]]), np.array([[1_000_000, 1_000_000]]), np.array([500, 500]))
>>> f"{expected[0].estimate:.5f}", expected[0].low < expected[0].estimate < expected[0].high
('0.00548', True)
>>> make_up_of("a=300,b=200", Grouping(("g",), (("a",), ("b",)), np.zeros(0, np.int32)))
(300, 200)
>>> make_up_of("a, f=300", Grouping(("g", "sex"), (("a", "f"),), np.zeros(0, np.int32)))
(300,)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from countersign.errors import WrongForm
from countersign.inference.binomial import clopper_pearson
from countersign.trials.metrics.comparisons import PairTally
from countersign.trials.scores.subjects import Grouping

#: Printed with every figure made here.
LABEL = "model-based, assumes independent comparisons; not measured, not in any standard"

#: One "group=entries" of a make-up; the name of a crossed group holds commas itself ("Asian, female").
PART = re.compile(r"\s*([^=]*?)\s*=\s*([^,=]*?)\s*(?:,|$)")


class MakeUpWrong(WrongForm):
    """A watchlist make-up does not fit the groups compared."""

    code = "trial-make-up-wrong"
    next_step = (
        "Give one whole number of entries, 0 or more, for each group, and comparisons for each group that has any."
    )


@dataclass(frozen=True, slots=True)
class Expected:
    """Expected FPIR of a probe's group for a make-up, with bounds; ``estimate`` is ``None`` where no comparison matched
    falsely (then only the upper bound means anything).
    """

    estimate: float | None
    low: float
    high: float
    label: str = LABEL


@dataclass(frozen=True, slots=True)
class MakeUp:
    """A stated watchlist, as (group, entries), and the FPIR to expect of it at a threshold, by group of the probe."""

    threshold: float
    make_up: tuple[tuple[str, int], ...]
    by_group: tuple[Expected, ...]


def expected_fpir(
    false_matches: ArrayLike,
    comparisons: ArrayLike,
    entries: ArrayLike,
    level: float = 0.95,
    interval: Callable[[int, int, float], tuple[float, float]] | None = None,
) -> list[Expected]:
    """For each group of probes: expected FPIR against a watchlist with ``entries`` of each group.

    ``false_matches`` and ``comparisons``: [groups of probes, groups of references]; ``entries``: one number a group.
    ``interval(g, h, level)`` gives FMR's interval of a pair of groups, allowing for clustering (``None``:
    Clopper-Pearson on comparisons). Raises ``MakeUpWrong``.
    """
    x, n, many = (np.asarray(each, np.int64) for each in (false_matches, comparisons, entries))
    if x.shape != n.shape or x.ndim != 2 or many.shape != (x.shape[1],) or many.min(initial=0) < 0:
        raise MakeUpWrong(f"{many.size} numbers of entries for {x.shape[-1]} groups, or one below 0")
    if ((n == 0) & (many > 0)).any():
        raise MakeUpWrong("a group on the watchlist was never compared with some group of probes")
    used = many > 0
    each = 1 - (1 - level) / max(1, int(used.sum()) * x.shape[0])

    def ends(g: int, h: int) -> tuple[float, float]:
        if interval is not None:
            return interval(g, h, each)
        low, high = clopper_pearson(int(x[g, h]), int(n[g, h]), each)
        return float(low), float(high)

    expected = []
    for g in range(x.shape[0]):
        groups = np.flatnonzero(used)
        bounds = np.array([ends(g, int(h)) for h in groups]).reshape(-1, 2)
        share = x[g, groups] / n[g, groups]
        estimate = _any(share, many[groups])
        expected.append(
            Expected(
                estimate if estimate > 0 else None, _any(bounds[:, 0], many[groups]), _any(bounds[:, 1], many[groups])
            )
        )
    return expected


def _any(share: NDArray[np.float64], entries: NDArray[np.int64]) -> float:
    """1 - prod (1 - share)^entries, keeping the digits of small shares."""
    with np.errstate(divide="ignore"):
        return float(-np.expm1(np.sum(entries * np.log1p(-share))))


def make_up_of(text: str, grouping: Grouping) -> tuple[int, ...]:
    """Entries of each group, from "group=entries,group=entries"; groups not named have none. Raises ``MakeUpWrong``."""
    named = {}
    if (left := PART.sub("", text).strip()) or not text.strip():
        raise MakeUpWrong(f"{left!r} is not of the form group=entries")
    for name, number in PART.findall(text):
        if not name or not number.isdecimal():
            raise MakeUpWrong(f"{name!r} with {number!r} entries is not of the form group=entries")
        named[name] = int(number)
    labels = [grouping.label(group) for group in range(len(grouping.labels))]
    if unknown := sorted(set(named) - set(labels)):
        raise MakeUpWrong(f"no group {', '.join(unknown)} among those compared; there are: {', '.join(labels)}")
    return tuple(named.get(label, 0) for label in labels)


def expected_of(tally: PairTally, text: str, level: float) -> list[MakeUp]:
    """What FPIR to expect of a make-up, at each threshold counted. Raises ``MakeUpWrong``."""
    counts, task = tally.counts, tally.counts.task
    entries = make_up_of(text, task.grouping)
    labels = [task.grouping.label(group) for group in range(len(entries))]
    made = []
    for place, threshold in enumerate(task.thresholds):

        def interval(g: int, h: int, each: float, place: int = place) -> tuple[float, float]:
            rate = counts.false_match(place, g, h, each)
            assert rate is not None
            return rate.widest.low, rate.widest.high

        by_group = expected_fpir(*counts.matches_by_pair(place), np.array(entries), level, interval)
        made.append(MakeUp(threshold, tuple(zip(labels, entries, strict=True)), tuple(by_group)))
    return made
