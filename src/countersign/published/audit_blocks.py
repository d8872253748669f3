"""People counted passing, drawn: each count by group beside each sample, as document blocks.

>>> [type(block).__name__ for block in audit_blocks((), given=True)]
['Heading', 'Paragraph', 'Paragraph']
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from countersign.document import Block, Finding, Heading, Paragraph, Table, WritePair
from countersign.grids import Grid, column
from countersign.inference.rate import Interval
from countersign.published.audit_samples import AuditStudy, evidence_of
from countersign.published.group_counts import GroupCount
from countersign.words.intervals import percent_range, times_range
from countersign.words.lists import counted
from countersign.words.names import token
from countersign.words.numbers import count, percent, plain, significant, times

#: What every sample takes for granted.
ASSUMED = (
    "People were counted where the cameras look, by the body named; nobody's face, name or remark is in the file. The "
    "ratio takes the days counted to stand for the others, labels to mean the same in both counts, and alerts as "
    "independent. It does not separate the engine from the watchlist or from where the cameras stood."
)
NONE_FITS = (
    "No count by group lies on a day and about an attribute that people were counted for, so no ratio can be formed."
)
#: The e value at which a difference is shown, however often one looks.
SHOWN = 20
_BY = {
    "observer": "an observer",
    "researcher": "a researcher",
    "outside-body": "an outside body",
    "force": "the force itself",
}


def audit_blocks(studies: Sequence[AuditStudy], *, given: bool) -> tuple[Block, ...]:
    """All studies as blocks; nothing where no sample was given."""
    if not given:
        return ()
    blocks: list[Block] = [Heading("People counted passing the cameras", "audit"), Paragraph(ASSUMED, "note")]
    if not studies:
        return (*blocks, Paragraph(NONE_FITS))
    for number, studied in enumerate(studies, start=1):
        blocks += [_finding(number, studied), _write(studied)]
    return (*blocks, _table(studies), *_together(studies))


def sampled(studied: AuditStudy) -> str:
    """The sample in words: "135 of 500 people counted passing on 3 days by an observer"."""
    people = f"{count(studied.in_group)} of {counted(studied.known, 'person', 'people')} of known group"
    return f"{people}, counted passing on {counted(studied.days, 'day')} by {_BY[studied.counted_by]}"


def sentence(studied: AuditStudy) -> str:
    """What the sample says of the count, with what it settles."""
    group = studied.group
    on = f"{group.in_words} {token(group.event)} fell on ‘{group.group}’"
    if math.isnan(studied.ratio) and group.most is None:
        return f"{on}, and no ratio can be formed: none of that group was counted either."
    apart, over = (times_range(each.low, each.high) for each in (studied.interval, studied.over_shares))
    shown = f"{apart} the rate of the rest"
    if group.most is None:
        shown = f"{times(studied.ratio)} the rate of the rest, {apart}"
    ratio = f"{shown} if people pass apart from each other, {over} {_allowed(studied)}"
    match studied.rejected:
        case True:
            says = "equal rates are rejected"
        case False:
            says = "equal rates are not rejected, which does not show that they are equal"
        case None:
            says = f"it settles nothing: {_why_nothing(studied)}"
    return f"{on}: {ratio}; {says}. This does not separate the engine from the watchlist."


def _allowed(studied: AuditStudy) -> str:
    """What the wider interval allows for: one day shows nothing of how days differ."""
    if studied.days > 1:
        return "if groups come in clumps by day"
    return "over the whole range of the share (one day shows no clumps)"


def _why_nothing(studied: AuditStudy) -> str:
    if studied.sampling == "convenience":
        return "people were counted as they came"
    if studied.days == 1:
        return "one day was counted, and how much days differ cannot be seen"
    return "the force counted for itself, and equal rates are not rejected"


def _finding(number: int, studied: AuditStudy) -> Finding:
    over, share = studied.over_shares, studied.share
    rows = (
        ("People counted", f"{sampled(studied)} ({token(studied.sampling)}; groups {token(studied.labels)})"),
        ("Of unknown group", f"{count(studied.unknown)}, taken as all in the group and as all out of it"),
        (
            "Share of the group",
            f"{percent(studied.in_group / studied.known)}, {percent_range(share.low, share.high)} "
            f"(97.5%{', people in clumps within days allowed for' if studied.days > 1 else ''})",
        ),
        (
            "Ratio to the rest",
            f"exact 95% interval {_range(studied.interval)}, if people pass apart from each other",
        ),
        ("The same, wider", f"{_range(over)}, {_allowed(studied)}"),
        ("However often one looks", _evidence(studied.evidence)),
        ("Source of the count", studied.group.source),
    )
    title = f"{studied.group.in_words} {token(studied.group.event)}: {studied.group.group}"
    return Finding(f"audit-{number}", "counted", f"{title}, beside people counted", sentence(studied), rows)


def _evidence(value: float) -> str:
    return f"e value {plain(significant(value, 2))}; at {SHOWN} a difference is shown"


def _write(studied: AuditStudy) -> WritePair:
    group, low = studied.group, min(studied.interval.low, studied.over_shares.low)
    high = max(studied.interval.high, studied.over_shares.high)
    fell = f"{group.in_words} {token(group.event)} fell on that group, {times_range(low, high)} the rate"
    may = f"{sampled(studied)}, were of the group ‘{group.group}’; {fell} of the rest."
    odds = "no ratio" if math.isnan(studied.ratio) else times(studied.ratio)
    may_not = f"“The engine errs {odds} as often on people recorded as ‘{group.group}’.”"
    return WritePair(may, may_not, "the people counted say who passed; who was on the watchlist is not published")


_ANSWERS = {True: "yes", False: "no", None: "settles nothing"}


def _range(interval: Interval) -> str:
    return times_range(interval.low, interval.high)


def _table(studies: Sequence[AuditStudy]) -> Table:
    grid = Grid[AuditStudy](
        column("count", "Count", lambda each: f"{each.group.in_words}: {each.group.group}"),
        column("by", "Counted by", lambda each: token(each.counted_by)),
        column("people", "People", lambda each: f"{count(each.in_group)} of {count(each.known)}"),
        column("unknown", "Unknown", lambda each: count(each.unknown)),
        column("ratio", "Ratio to the rest", lambda each: "none" if math.isnan(each.ratio) else times(each.ratio)),
        column("interval", "95% interval if people pass apart from each other", lambda each: _range(each.interval)),
        column(
            "over",
            "Over the range of the share, with clumps by day where several were counted",
            lambda each: _range(each.over_shares),
        ),
        column("rejected", "Equal rates rejected", lambda each: _ANSWERS[each.rejected]),
    )
    return grid.table("audit-table", "Counts by group beside people counted passing", studies)


def _together(studies: Sequence[AuditStudy]) -> tuple[Block, ...]:
    """The evidence of several counts of one group, by one body, taken together."""
    pairs: dict[tuple[str, str, str, str], list[tuple[GroupCount, AuditStudy]]] = {}
    for studied in studies:
        group = studied.group
        key = group.event_name, group.attribute.casefold(), group.group.casefold(), studied.counted_by
        pairs.setdefault(key, []).append((group, studied))
    blocks = []
    for (event, _, name, by), several in pairs.items():
        if len(several) > 1:
            evidence = math.exp(min(evidence_of([(group, studied.share) for group, studied in several]), 700.0))
            over = f"Over {counted(len(several), 'count')} of {token(event)} of ‘{name}’, people counted by {_BY[by]}"
            blocks.append(Paragraph(f"{over}: {_evidence(evidence)}."))
    return tuple(blocks)
