"""What counts by group show when nobody says how often each group was exposed: the study of each published count.

For "8 of 10": the share with its exact interval; the exposure shares at which equal rates are rejected, with and
without allowing for the group having been picked after looking; the same with one label wrong; the ratio of rates where
the exposure is published, or at each baseline a user brings (side by side, none chosen); the smallest ratio that so few
events could have shown; and what cannot be known because it is unpublished. All of it holds under independent events
and correct labels, and none of it separates the engine from the watchlist. Method: ``inference.exposure``.

>>> studied = study([GroupCount(event="false_alerts", attribute="ethnicity", group="Black", count=8, of=10)])[0]
>>> exclusion_sentence(studied)[:98]
'If events are independent and labels right, equal rates are rejected for any exposure share under '
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from countersign.inference.groups.exposure import detectable_ratio, ratio_at_share, shares_not_rejected
from countersign.inference.rate import Interval
from countersign.published.groups.counts import Baseline, GroupCount
from countersign.words.intervals import percent_range, times_range
from countersign.words.numbers import percent, times

#: Among how many groups one is taken to have been picked, where the source does not say. Ethnicity: the five broad
#: groups of the Census 2021 of England and Wales (Office for National Statistics: Asian, Black, Mixed, White, Other).
LOOKED_AT: dict[str, int] = {"ethnicity": 5}
#: Shares of exposure at which the smallest detectable ratio is shown where no baseline is given: a ladder, no choice.
LADDER: tuple[float, ...] = (0.05, 0.1, 0.25, 0.5)


class BaselineStudy(msgspec.Struct, frozen=True):
    """One share of exposure set beside a count: whether equal rates are rejected there, and the ratio it would give.

    A baseline that is a range is rejected only if all of it is, and its ratio interval is the union over the range.
    ``rejected_picked``: still so when the group may have been picked after looking (``None``: not asked).
    ``rejected_one_label_wrong``: still so if one event counted for the group belonged to another.
    """

    baseline: Baseline
    rejected: bool
    rejected_picked: bool | None
    rejected_one_label_wrong: bool
    ratio: float
    interval: Interval
    detectable: float
    sentence: str


class GroupStudy(msgspec.Struct, frozen=True):
    """The study of one published count.

    ``share``: exact 95% interval of the share, which is also the exposure shares *not* rejected; ``picked``:
    the same allowing for ``looked_at`` groups (``None`` where that is not known); ``one_label_wrong``: the same with
    one event fewer in the group. ``detectable``: (exposure share, smallest ratio that would have been seen four times
    in five); ``unknown``: what is unpublished.
    """

    group: GroupCount
    estimate: float
    share: Interval
    looked_at: int | None
    picked: Interval | None
    one_label_wrong: Interval
    published_ratio: BaselineStudy | None
    baselines: tuple[BaselineStudy, ...]
    detectable: tuple[tuple[float, float], ...]
    unknown: tuple[str, ...]


def study(groups: Sequence[GroupCount], *, baselines: Sequence[Baseline] = ()) -> tuple[GroupStudy, ...]:
    """Study each count, in the order given, with every baseline that concerns it."""
    return tuple(_study(group, [share for share in baselines if share.concerns(group)]) for group in groups)


def exclusion_sentence(studied: GroupStudy) -> str:
    """Which exposure shares are rejected, under which assumptions, in one sentence."""
    parts = [_outside(studied.share)]
    if studied.picked is not None:
        parts.append(
            f" ({_outside(studied.picked)} allowing for the group having been picked out of {studied.looked_at} after "
            "looking)"
        )
    if parts[0] == "none":
        return "No share of exposure is rejected: the counts are compatible with equal rates at any."
    return (
        "If events are independent and labels right, equal rates are rejected for any exposure share "
        f"{''.join(parts)}; this does not separate the engine from the watchlist."
    )


def _study(group: GroupCount, baselines: Sequence[Baseline]) -> GroupStudy:
    share = shares_not_rejected(group.count, group.of)
    looked_at = group.looked_at or LOOKED_AT.get(group.attribute.casefold())
    picked = None if looked_at is None else shares_not_rejected(group.count, group.of, looked_at=looked_at)
    one_wrong = shares_not_rejected(max(group.count - 1, 0), group.of)
    lines = tuple(_at(group, share, picked, one_wrong, baseline) for baseline in baselines)
    published = None
    if group.faces is not None and group.faces_of is not None:
        known = group.faces / group.faces_of
        exposure = Baseline(
            attribute=group.attribute, group=group.group, share=known, low=known, high=known,
            what=f"{group.faces:,} of {group.faces_of:,} exposed, as published with the count", source=group.source,
        )  # fmt: skip
        published = _at(group, share, picked, one_wrong, exposure)
    shares = [line.baseline.share for line in (*lines, *([published] if published else []))] or LADDER
    return GroupStudy(
        group,
        group.count / group.of,
        share,
        looked_at,
        picked,
        one_wrong,
        published,
        lines,
        tuple((known, detectable_ratio(group.of, known)) for known in shares),
        _unknown(group),
    )


def _at(
    group: GroupCount, share: Interval, picked: Interval | None, one_wrong: Interval, baseline: Baseline
) -> BaselineStudy:
    estimate, _ = ratio_at_share(group.count, group.of, baseline.share)
    # The ratio falls as the share rises, so the union over a range is spanned by its two ends.
    low = ratio_at_share(group.count, group.of, baseline.high)[1].low
    high = ratio_at_share(group.count, group.of, baseline.low)[1].high
    interval = Interval(low, high, share.level, "conditional exact, union over the range of the share")
    rejected = _outside_all(share, baseline)
    detectable = detectable_ratio(group.of, baseline.share)
    known = percent(baseline.share)
    if baseline.low < baseline.high:
        known += f" ({percent_range(baseline.low, baseline.high)})"
    sentence = (
        f"At {known} of those exposed ({baseline.what}; {baseline.source}) equal rates are "
        f"{'' if rejected else 'not '}rejected; ratio to the rest {times(estimate)}, "
        f"{times_range(low, high)}; the smallest ratio {group.of} events would have shown four "
        f"times in five: {'none' if math.isinf(detectable) else times(detectable, 'up')}."
    )
    return BaselineStudy(
        baseline,
        rejected,
        None if picked is None else _outside_all(picked, baseline),
        _outside_all(one_wrong, baseline),
        estimate,
        interval,
        detectable,
        sentence,
    )


def _outside_all(kept: Interval, baseline: Baseline) -> bool:
    return baseline.high < kept.low or baseline.low > kept.high


def _outside(kept: Interval) -> str:
    parts = []
    if kept.low > 0:
        parts.append(f"under {percent(kept.low, 'down')}")
    if kept.high < 1:
        parts.append(f"over {percent(kept.high, 'up')}")
    return " or ".join(parts) or "none"


def _unknown(group: GroupCount) -> tuple[str, ...]:
    unknown = []
    if group.faces is None:
        unknown.append(
            f"How many of those who passed the cameras were {group.group}: no rate and no ratio can be formed."
        )
    unknown.append(
        f"The make-up of the watchlist by {group.attribute}, on which the false alerts of a group also depend."
    )
    if not group.labels_stated:
        unknown.append(f"How {group.attribute} was recorded, by whom, and for which events.")
    unknown.append(
        "Whether several of these events concern one person or one deployment: they are taken as independent."
    )
    return tuple(unknown)
