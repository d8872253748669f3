"""Samples of passers-by counted by people (``audit.csv``), and what they say of counts by group.

Someone stands where the cameras look and counts who passes, by group as they see it or are told: numbers only. Every
column but the date and the number is one of a fixed list, so no name, face or remark has a place in the file
(``docs/formats/audit.md``). With a count by group ("8 of 10 false alerts") the people counted are controls: the odds
ratio *is* the ratio of rates (``inference.groups.exposure``). Beside it stand the same with everyone of unknown group
put in the group and out of it; the ratio over the whole range of the group's share, which allows for people who come in
clumps within days; and evidence that holds however often one looks, at the share in that range that fits equal rates
best (``inference.monitors.labels.KnownShares``). None of it tells the engine from the watchlist.

>>> sampled = [AuditCount(datetime.date(2026, 3, 2), "observer", "perceived", "every-nth", "ethnicity", group, number)
...     for group, number in (("black", 135), ("white", 365))]
>>> day = sampled[0].date
>>> black = GroupCount(event="false_alerts", attribute="ethnicity", group="Black", count=8, of=10, period_from=day,
...     period_to=day)
>>> found = audit_studies([black], sampled)[0]
>>> round(found.ratio, 1), found.rejected, [round(end, 1) for end in (found.interval.low, found.interval.high)]
(10.8, True, [2.1, 105.2])
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import msgspec
from scipy.special import xlogy

from countersign.errors import WrongForm
from countersign.inference.clusters import proportion
from countersign.inference.groups.exposure import case_control_ratio, ratio_over_shares
from countersign.inference.monitors.labels import KnownShares
from countersign.inference.rate import Interval
from countersign.published.group_counts import GroupCount, same_force
from countersign.published.strict_csv import Line, nearest, read_lines

UNKNOWN = "unknown"
#: Attribute: the groups that people are counted in. The broad ethnic groups are those of the Census 2021 of England and
#: Wales (Office for National Statistics).
GROUPS: dict[str, tuple[str, ...]] = {
    "ethnicity": ("asian", "black", "mixed", "white", "other", UNKNOWN),
    "gender": ("female", "male", "other", UNKNOWN),
    "age": ("under-18", "18-to-34", "35-to-54", "55-and-over", UNKNOWN),
}
#: Column: what it may hold.
LISTS: dict[str, tuple[str, ...]] = {
    "counted_by": ("observer", "researcher", "outside-body", "force"),
    "labels": ("perceived", "self-described"),
    "sampling": ("everyone", "every-nth", "timed", "convenience"),
    "attribute": tuple(GROUPS),
}
COLUMNS: tuple[str, ...] = ("date", *LISTS, "group", "counted")
#: More than anybody counts by eye, and as many as the exact interval takes.
MOST = 500_000
#: Level of the range of the share and of the ratio over it, so that together they hold at 95% (Bonferroni).
HALF_EACH = 0.975


class AuditImpossible(
    WrongForm,
    code="audit-sample-impossible",
    next_step="Compare the line with the count sheet and put it right; docs/formats/audit.md shows the form.",
):
    """A sample of passers-by cannot be: a group counted twice, one group alone, or more than anybody counts."""


class AuditCount(NamedTuple):
    """A number of people of one group, counted by one body on one day. Every text is of ``LISTS`` or ``GROUPS``."""

    date: datetime.date
    counted_by: str
    labels: str
    sampling: str
    attribute: str
    group: str
    counted: int


def read_audit(path: Path) -> tuple[AuditCount, ...]:
    """Read ``audit.csv``. Raises ``CsvNotRead``, ``CsvMalformed`` or ``AuditImpossible``, with file and line."""
    lines = read_lines(path, COLUMNS)
    counts = tuple(_count(line) for line in lines)
    sheets: dict[tuple[datetime.date, str, str], list[AuditCount]] = {}
    for line, count in zip(lines, counts, strict=True):
        sheet = sheets.setdefault((count.date, count.counted_by, count.attribute), [])
        if any(other.group == count.group for other in sheet):
            raise AuditImpossible(f"{line.place}: {count.group!r} stands twice for {count.date} and {count.counted_by}")
        if sheet and sheet[0][2:4] != count[2:4]:
            raise AuditImpossible(f"{line.place}: labels and sampling differ within the count of {count.date}")
        sheet.append(count)
    for sheet in sheets.values():
        if sum(count.group != UNKNOWN for count in sheet) < 2:
            alone = f"{path}: on {sheet[0].date} only one group of {sheet[0].attribute} was counted"
            raise AuditImpossible(f"{alone}; a share needs the others too, with 0 where none passed")
    if sum(count.counted for count in counts) > MOST:
        raise AuditImpossible(f"{path}: more than {MOST:,} people, which is more than anybody counts by eye")
    return counts


def _count(line: Line) -> AuditCount:
    date = line.date("date")
    if date is None:
        raise AuditImpossible(f"{line.place}: the day of the count is missing")
    named = {column: line.text(column) for column in (*LISTS, "group")}
    known = LISTS | {"group": GROUPS.get(named["attribute"], ())}
    for column, value in named.items():
        if value not in known[column]:
            near = nearest(value, known[column])
            listed = ", ".join(known[column])
            raise AuditImpossible(f"{line.place}, column {column!r}: {value!r} is none of {listed}{near}")
    return AuditCount(date, **named, counted=line.whole("counted"))


class AuditStudy(msgspec.Struct, frozen=True, kw_only=True):
    """A count by group beside the people counted by one body. ``rejected``: are equal rates; ``None``: not said.

    ``in_group`` of ``known`` people of a known group, on ``days``; ``share`` with clumps within days allowed for.
    ``ratio`` to the rest (NaN where none is formed, or a bound is printed) with its exact ``interval``, taken over
    everyone ``unknown`` in the group and out of it; ``over_shares``: the same over the whole range of the share.
    ``evidence``: the e value against equal rates.
    """

    group: GroupCount
    counted_by: str
    labels: str
    sampling: str
    days: int
    in_group: int
    known: int
    unknown: int
    share: Interval
    ratio: float
    interval: Interval
    over_shares: Interval
    evidence: float
    rejected: bool | None


def audit_studies(
    groups: Sequence[GroupCount], counts: Sequence[AuditCount], publishers: Sequence[str] = ()
) -> tuple[AuditStudy, ...]:
    """Each count by group with each sample of its days, in the order given; none where no day of a sample lies in it.

    ``publishers``: whose record is reviewed, so that a count of another force is set beside no sample.
    """
    found = []
    for group in groups:
        if group.force and publishers and not any(same_force(group.force, name) for name in publishers):
            continue
        sheets: dict[tuple[str, str, str], list[AuditCount]] = {}
        for count in counts:
            if count.attribute == group.attribute.casefold() and _within(count.date, group):
                sheets.setdefault(count[1:4], []).append(count)
        found += [study for how, sheet in sheets.items() if (study := _study(group, how, sheet)) is not None]
    return tuple(found)


def _within(date: datetime.date, group: GroupCount) -> bool:
    return (group.period_from is None or date >= group.period_from) and (
        group.period_to is None or date <= group.period_to
    )


def _study(group: GroupCount, how: tuple[str, str, str], sheet: Sequence[AuditCount]) -> AuditStudy | None:
    name = group.group.casefold()
    days = sorted({count.date for count in sheet})
    inside = [_sum(count for count in sheet if count.date == day and count.group == name) for day in days]
    known = [_sum(count for count in sheet if count.date == day and count.group != UNKNOWN) for day in days]
    unknown = _sum(count for count in sheet if count.group == UNKNOWN)
    some, all_known = sum(inside), sum(known)
    if name not in GROUPS[sheet[0].attribute] or name == UNKNOWN or not all_known:
        return None
    used = [(float(x), float(n)) for x, n in zip(inside, known, strict=True) if n]
    clusters = [x for x, _ in used], [n for _, n in used]
    share = proportion(some, all_known, level=HALF_EACH, clusters=clusters).widest
    ratio, interval = case_control_ratio(group.count, group.of, some, all_known)
    method = "conditional exact odds ratio, people of unknown group in and out"
    for events, put in product({group.count, group.highest}, (0, unknown)):
        other = case_control_ratio(events, group.of, some + put, all_known + unknown)[1]
        interval = interval.hull(other, method)
    ratio = ratio if group.most is None else math.nan
    over = _over(group, share)
    rejected = not (_holds_one(interval) or _holds_one(over))
    settles = not (how[2] == "convenience" or _one_of_several(group, days) or (how[0] == "force" and not rejected))
    return AuditStudy(
        group=group, counted_by=how[0], labels=how[1], sampling=how[2], days=len(days), in_group=some, known=all_known,
        unknown=unknown, share=share, ratio=ratio, interval=interval, over_shares=over,
        evidence=math.exp(min(evidence_of([(group, share)]), 700.0)), rejected=rejected if settles else None,
    )  # fmt: skip


def _one_of_several(group: GroupCount, days: Sequence[datetime.date]) -> bool:
    """Whether one day stands for a longer period, so that how much days differ cannot be seen."""
    return len(days) == 1 and not (group.period_from == group.period_to == days[0])


def _sum(counts: Iterable[AuditCount]) -> int:
    return sum(count.counted for count in counts)


def _holds_one(interval: Interval) -> bool:
    return interval.low <= 1 <= interval.high


def _over(group: GroupCount, share: Interval) -> Interval:
    """The ratio over the whole range of the share; of a share that may be none or all, no end on that side."""
    tiny = 1e-12
    low, high = max(share.low, tiny), min(share.high, 1 - tiny)
    fewest, others = (
        ratio_over_shares(events, group.of, low, high, level=HALF_EACH)[1] for events in (group.count, group.highest)
    )
    interval = fewest.hull(others)
    least = 0.0 if share.high > high else interval.low
    most = math.inf if share.low < low else interval.high
    return Interval(least, most, 0.95, "conditional exact over the 97.5% range of the share, at 97.5%")


def evidence_of(pairs: Sequence[tuple[GroupCount, Interval]]) -> float:
    """log e value against equal rates over counts of one group, each at the share in its range that fits them best."""
    watch = KnownShares.of(2)
    for group, share in pairs:
        best = min(max(group.count / group.of, share.low), share.high)  # a bounded count is as near to it as it may be
        events = min(max(round(best * group.of), group.count), group.highest)
        best = min(max(events / group.of, share.low), share.high)
        log_shares = float(xlogy(events, best) + xlogy(group.of - events, 1 - best))
        watch = watch.merge(KnownShares((events, group.of - events), watch.asked, log_shares))
    return watch.log_evidence
