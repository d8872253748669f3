"""Do the rates differ by group? Each group against the rest, one test over all, and what could not have been seen.

Each group is set against *all others together*, never against the best one, which would select on noise. Shown with it:
counts, the ratio with its intervals, p values as they are and after Holm's correction, and the smallest ratio that
these counts would have shown four times in five: "no significant difference" is never said without it.

Clustering enters by the design effect D between subjects, all groups pooled: the score interval and test (Wilson on the
share of errors) with D; the wider, with the larger p, of it and the exact one is given. Where rates are not rare (FNIR)
intervals are Miettinen and Nurminen's score intervals at counts divided by D. Where fewer than ``FEW`` events are
expected in a group these cover too little (0.893 in the worst case measured), and the conditional mid-P interval is
shown. Nothing here says why rates differ.

>>> found = contrast("b", np.array([8, 2]), np.array([135, 865]), 0, 1.0, "fpir", 0.95)
>>> f"{found.ratio:.1f} {found.exact.low:.1f} {found.p:.1e}"
'25.6 5.1 7.7e-06'
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from countersign.inference import binomial, ratio
from countersign.inference.checks import CountOutOfRange, counts, number
from countersign.inference.clusters import between
from countersign.inference.groups.differential import BoundInstead, Single, Summary, single
from countersign.inference.groups.equality import equal_rates, holm, two_rates
from countersign.inference.groups.exposure import detectable_ratio
from countersign.inference.rate import Interval
from countersign.trials.counting.evaluate import Evaluation
from countersign.trials.metrics.rates import by_subject
from countersign.trials.scores.subjects import Grouping

Whole = NDArray[np.int64]

#: Measures compared between groups. Rare ones are compared given the total of errors, others by score intervals.
COMPARED = ("fpir", "gfnir")
#: Fewer events than this in a group, were rates equal, are too few for a score interval of the ratio.
FEW = 10
#: Summaries over groups, always with the band that equal rates would give (NIST FRTE; Howard et al., arXiv:2203.05051).
SUMMARIES: tuple[Single, ...] = ("max over min", "max over geometric mean", "gini (garbe)")
#: Outcomes drawn where an exact test over all groups would have too many to count, and with which seed.
DRAWS, SEED = 19_999, 1


@dataclass(frozen=True, slots=True)
class Contrast:
    """One group against all others. ``ratio`` is ``None`` where the others have no error (or nobody has).

    ``shown``: conditional mid-P (or score) for display; ``exact`` for claims; ``widest`` allows for clustering as well.
    ``p`` allows for clustering; ``p_holm`` also for the number of groups. ``detectable``: the smallest true ratio that
    this many errors would have shown with probability 0.8 (``None`` without errors, infinite where none would).
    """

    group: str
    events: int
    trials: int
    rest_events: int
    rest_trials: int
    ratio: float | None
    shown: Interval
    exact: Interval
    widest: Interval
    p: float
    p_holm: float
    detectable: float | None


@dataclass(frozen=True, slots=True)
class Differential:
    """All contrasts of a measure at a threshold, and the test over all groups. ``left_out``: groups with fewer than two
    subjects, which are in no comparison.
    """

    measure: str
    size: int
    grouping: str
    threshold: float
    rank: int | None
    groups: tuple[str, ...]
    events: tuple[int, ...]
    trials: tuple[int, ...]
    contrasts: tuple[Contrast, ...]
    design_effect: float
    omnibus_p: float
    omnibus_method: str
    left_out: tuple[str, ...]
    summaries: tuple[Summary | BoundInstead, ...] = ()


def contrast(
    name: str, events: Whole, trials: Whole, place: int, design_effect: float, measure: str, level: float
) -> Contrast:
    """Group ``place`` of the lists against all others; the p value is not yet corrected for the number of groups.

    Raises ``CountOutOfRange``, ``LevelOutOfRange``.
    """
    checked = counts(events, trials)
    if checked[0].ndim != 1 or checked[0].size < 2:
        raise CountOutOfRange(f"a group is compared with one other or more, got shape {checked[0].shape}")
    place = int(number(place, "the place of a group", 0, checked[0].size - 1, whole=True))
    number(design_effect, "a design effect")
    events, trials = (each.astype(np.int64) for each in checked)
    x, n = int(events[place]), int(trials[place])
    y, m = int(events.sum()) - x, int(trials.sum()) - n
    estimate = (x / n) / (y / m) if y else None
    effect = max(1.0, design_effect)
    exact_p = float(two_rates(x, n, y, m))
    score_p = float(two_rates(x, n, y, m, method="score"))
    clustered_p = 2 * float(ndtr(ndtri(score_p / 2) / np.sqrt(effect))) if score_p > 0 else 0.0
    if measure == "fpir":
        shown = _interval(ratio.conditional_mid_p(x, n, y, m, level), level, "conditional mid-P")
        exact = _interval(ratio.conditional_exact(x, n, y, m, level), level, "conditional exact")
        widest = exact.hull(_clustered(x, n, y, m, effect, level), "conditional exact, and score with design effect")
    else:
        if min(n, m) * (x + y) < FEW * (n + m):
            mid_p = ratio.conditional_mid_p(x, n, y, m, level)
            shown = _interval(mid_p, level, f"conditional mid-P (under {FEW} events expected in a group)")
        else:
            shown = _interval(ratio.miettinen_nurminen(x, n, y, m, level), level, "Miettinen-Nurminen score")
        exact = _interval(ratio.conditional_exact(x, n, y, m, level), level, "conditional exact (too wide: not rare)")
        few = [round(count / effect) for count in (x, n, y, m)]
        sure = few[1] > 0 and few[3] > 0 and few[0] <= few[1] and few[2] <= few[3]
        ends = ratio.miettinen_nurminen(few[0], few[1], few[2], few[3], level) if sure else (0.0, np.inf)
        widest = shown.hull(
            _interval(ends, level, "score"), "Miettinen-Nurminen score at counts over the design effect"
        )
    p = min(1.0, max(exact_p, clustered_p) if effect > 1 else exact_p)
    seen = x + y
    detectable = detectable_ratio(int(seen / effect), n / (n + m), level=level) if int(seen / effect) else None
    return Contrast(name, x, n, y, m, estimate, shown, exact, widest, p, p, detectable)


def _interval(ends: tuple[object, object], level: float, method: str) -> Interval:
    low, high = (float(np.asarray(end)) for end in ends)
    return Interval(low, high, level, method)


def _clustered(x: int, n: int, y: int, m: int, effect: float, level: float) -> Interval:
    """The score interval of the ratio with a design effect: Wilson on the share of errors, then its odds."""
    if x + y == 0:
        return Interval(0.0, np.inf, level, "no errors")
    low, high = (float(end) for end in binomial.wilson(x, x + y, level, design_effect=effect))
    odds = [np.inf if share >= 1 else share / (1 - share) * m / n for share in (low, high)]
    return Interval(odds[0], odds[1], level, "score with design effect")


def compare(
    events: Whole, trials: Whole, grouping: Grouping, measure: str, level: float
) -> tuple[tuple[str, ...], Whole, Whole, tuple[Contrast, ...], float, float, str, tuple[str, ...]] | None:
    """The comparison of one measure, from counts by subject; ``None`` where fewer than two groups can be compared."""
    names, sums, left_out = [], [], []
    for group in range(len(grouping.labels)):
        members = (grouping.codes == group) & (trials > 0)
        if int(members.sum()) < 2:
            left_out.append(grouping.label(group))
            continue
        names.append(grouping.label(group))
        sums.append((int(events[members].sum()), int(trials[members].sum())))
    if len(names) < 2:
        return None
    x, n = np.array([s[0] for s in sums]), np.array([s[1] for s in sums])
    used = (trials > 0) & (grouping.codes >= 0)
    effect = between(events[used], trials[used]).design_effect if 0 < int(x.sum()) < int(n.sum()) else 1.0
    uncorrected = [contrast(name, x, n, place, effect, measure, level) for place, name in enumerate(names)]
    corrected = holm([each.p for each in uncorrected])
    contrasts = tuple(replace(each, p_holm=float(p)) for each, p in zip(uncorrected, corrected, strict=True))
    fewer = np.floor(x / max(1.0, effect)).astype(np.int64)
    test = equal_rates(fewer, n, generator=np.random.default_rng(SEED), draws=DRAWS)
    method = test.method + (f", at counts over the design effect {effect:.2f}" if effect > 1 else "")
    return tuple(names), x, n, contrasts, effect, test.p, method, tuple(left_out)


def differentials(evaluation: Evaluation) -> Iterator[Differential]:
    """Every comparison asked for: by size, grouping, threshold; FPIR and GFNIR (at the first rank asked for)."""
    scheme, level = evaluation.scheme, evaluation.question.level
    for size in scheme.sizes:
        for grouping in evaluation.groupings[1:]:
            for place, threshold in enumerate(scheme.thresholds):
                for measure in COMPARED:
                    rank = None if measure == "fpir" else 0
                    events, trials = by_subject(evaluation, measure, size, None, place, rank)
                    compared = compare(events, trials, grouping, measure, level)
                    if compared is None:
                        continue
                    names, x, n, contrasts, effect, p, method, left_out = compared
                    what = (measure, size, grouping.name, threshold, None if rank is None else scheme.ranks[rank])
                    counts, summaries = (tuple(x.tolist()), tuple(n.tolist())), _summaries(x, n, effect, level)
                    yield Differential(*what, names, *counts, contrasts, effect, p, method, left_out, summaries)


def _summaries(x: Whole, n: Whole, effect: float, level: float) -> tuple[Summary | BoundInstead, ...]:
    """Summaries with their null bands; errors that come in clumps are fewer than they look, so counts are divided."""
    if not x.sum():
        return ()
    few = [np.maximum(1, np.round(n / max(1.0, effect))), np.round(x / max(1.0, effect))]
    return tuple(
        single(np.minimum(few[1], few[0]), few[0], measure, generator=np.random.default_rng(SEED), level=level)
        for measure in SUMMARIES
    )
