"""Counts by group, drawn: what each published count shows of exposure, and what it cannot show, as document blocks.

One chart of all shares with their intervals, one finding for each count, one table of the baselines a user brought,
side by side in the order given, and what is unpublished. ``group_counts`` does the arithmetic.

>>> [type(block).__name__ for block in groups_blocks(())]
['Paragraph']
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from countersign.document import Block, Cell, Chart, Column, Finding, IntervalMark, Items, Paragraph, Table, WritePair
from countersign.published.group_counts import BaselineStudy, GroupStudy, exclusion_sentence
from countersign.words.dates import span
from countersign.words.intervals import percent_range
from countersign.words.lists import be, counted
from countersign.words.names import token
from countersign.words.numbers import Towards, count, percent, times

NONE_GIVEN = (
    "No counts by group were given. A table of deployments has none; where a force or a study publishes them, they can "
    "be read from a file of their own."
)
ASSUMPTIONS = (
    "All of this takes the events as independent and the labels as right, and it does not separate the engine from the "
    "watchlist or from where the cameras stood. A share of residents is not a share of those who passed a camera; the "
    "shares set beside the counts are those the reader brought, and none is preferred."
)


def groups_blocks(studies: Sequence[GroupStudy]) -> tuple[Block, ...]:
    """All studies as blocks, in the order given; one sentence where there are none."""
    if not studies:
        return (Paragraph(NONE_GIVEN),)
    blocks: list[Block] = [Paragraph(ASSUMPTIONS, "note"), _chart(studies)]
    for number, studied in enumerate(studies, start=1):
        blocks.append(_finding(number, studied))
        blocks.append(_write(studied))
    lines = [(studied, line) for studied in studies for line in _lines(studied)]
    blocks.append(
        _baselines(lines) if lines else Paragraph("No share of those exposed was given to set beside them.", "note")
    )
    blocks.append(_detectable(studies))
    blocks.append(Paragraph("What cannot be known from these counts, because it is not published:"))
    blocks.append(Items(tuple(dict.fromkeys(item for studied in studies for item in studied.unknown))))
    return tuple(blocks)


def title(studied: GroupStudy) -> str:
    """One count in words: "8 of 10 false alerts: Black (Metropolitan Police, 17 September to 9 October 2025)"."""
    group = studied.group
    period = span(group.period_from, group.period_to) if group.period_from or group.period_to else ""
    where = ", ".join(part for part in (group.force, period) if part)
    return f"{group.in_words} {token(group.event)}: {group.group}" + (f" ({where})" if where else "")


def short(studied: GroupStudy) -> str:
    """The same in a line of a chart or table: "8 of 10: Black, Metropolitan Police"."""
    group = studied.group
    return f"{group.in_words}: {group.group}" + (f", {group.force}" if group.force else "")


def _lines(studied: GroupStudy) -> tuple[BaselineStudy, ...]:
    return studied.baselines if studied.published_ratio is None else (studied.published_ratio, *studied.baselines)


def _chart(studies: Sequence[GroupStudy]) -> Chart:
    marks = tuple(
        IntervalMark(
            short(studied),
            studied.estimate,
            studied.share.low,
            studied.share.high,
            words=f"{studied.group.share_in_words} ({percent_range(studied.share.low, studied.share.high)})",
        )
        for studied in studies
    )
    table = Table(
        "groups-shares-table",
        "Shares by group with exact 95% intervals",
        (
            Column("count", "Count"), Column("share", "Share", "end"), Column("low", "From", "end"),
            Column("high", "To", "end"), Column("labels", "How labels were obtained"),
            Column("source", "Source"),
        ),
        tuple(
            (
                Cell(short(studied)),
                Cell(studied.group.share_in_words, studied.estimate),
                Cell(percent(studied.share.low, "down"), studied.share.low),
                Cell(percent(studied.share.high, "up"), studied.share.high),
                Cell(studied.group.label_source or "not stated"),
                Cell(studied.group.source),
            )
            for studied in studies
        ),
        note="Clopper-Pearson. The interval is also the set of exposure shares at which equal rates are not rejected.",
    )  # fmt: skip
    in_words = "; ".join(
        f"{title(studied)}: {studied.group.share_in_words}, {percent_range(studied.share.low, studied.share.high)}"
        for studied in studies
    )
    return Chart(
        "groups-shares",
        "intervals",
        _most_of(studies),
        f"Shares with exact 95% intervals. {in_words}.",
        table,
        x_label="share of the events",
        marks=marks,
    )


def _most_of(studies: Sequence[GroupStudy]) -> str:
    """In how many of the counts the whole interval of the share lies above a half, as a title."""
    most, of = sum(studied.share.low > 0.5 for studied in studies), counted(len(studies), "count")
    if not most:
        return f"No count shows that more than half of the events fell on the group named ({of})"
    return f"{count(most)} of {of} {be(most, 'shows', 'show')} that over half of the events fell on the group named"


def _finding(number: int, studied: GroupStudy) -> Finding:
    group = studied.group
    wrong = studied.one_label_wrong
    one_fewer = f"{max(group.count - 1, 0)} of {group.of}" if group.most is None else f"one fewer than {group.in_words}"
    details = [
        ("Share", f"{group.in_words} = {group.share_in_words}"),
        ("Exact 95% interval", f"{percent_range(studied.share.low, studied.share.high)} (Clopper-Pearson)"),
        (
            "If one label is wrong",
            f"{one_fewer}: rejected only for exposure under {percent(wrong.low, 'down')}"
            if wrong.low > 0
            else f"{one_fewer}: no exposure share is rejected from below",
        ),
        ("How the labels were obtained", group.label_source or "not stated"),
        *(("At a share of those exposed", line.sentence) for line in _lines(studied)),
    ]
    if studied.looked_at is not None:
        details.append(("Allowance for picking", f"{counted(studied.looked_at, 'group')} looked at (Bonferroni)"))
    details.append(("Source", group.source))
    return Finding(f"group-{number}", "counted", title(studied), exclusion_sentence(studied), tuple(details))


def _write(studied: GroupStudy) -> WritePair:
    group = studied.group
    event = token(group.event)
    low = percent(studied.share.low, "down")
    may = f"{group.in_words} {event} were recorded as ‘{group.group}’."
    if studied.share.low > 0:
        may += (
            f" If that group made up less than {low} of those who passed, chance alone is an unlikely explanation "
            "(events independent, labels right)."
        )
    may_not = f"Only people recorded as ‘{group.group}’ are affected."
    if group.highest == 0:
        may_not = f"People recorded as ‘{group.group}’ are never affected."
    elif group.most is not None:
        may_not = f"People recorded as ‘{group.group}’ are less likely to be affected."
    elif group.count < group.of:
        odds = times(group.count / (group.of - group.count))
        may_not = f"People recorded as ‘{group.group}’ are {odds} as likely to be affected."
    return WritePair(
        may,
        f"“{may_not}”",
        "A share of events is not a rate: it says nothing until it is known how many of those who passed were in the "
        "group, and a rate would still not say whether the engine, the watchlist or the place is the reason.",
    )


def _baselines(lines: Sequence[tuple[GroupStudy, BaselineStudy]]) -> Table:
    return Table(
        "groups-baselines",
        "Shares of those exposed that were brought, side by side: none is preferred",
        (
            Column("count", "Count"), Column("what", "Share of what"), Column("share", "Share", "end"),
            Column("rejected", "Equal rates rejected"), Column("picked", "Also if picked after looking"),
            Column("wrong", "Also with one label wrong"), Column("ratio", "Ratio to the rest", "end"),
            Column("low", "From", "end"), Column("high", "To", "end"),
            Column("seen", "Smallest ratio it could show", "end"),
            Column("source", "Source"),
        ),
        tuple(
            (
                Cell(short(studied)),
                Cell(line.baseline.what),
                Cell(percent(line.baseline.share), line.baseline.share),
                Cell(_yes(line.rejected)),
                Cell(_yes(line.rejected_picked)),
                Cell(_yes(line.rejected_one_label_wrong)),
                _times(line.ratio),
                _times(line.interval.low, "down"),
                _times(line.interval.high, "up"),
                _times(line.detectable, "up", "none"),
                Cell(line.baseline.source),
            )
            for studied, line in lines
        ),
        note="Ratios are conditional exact; a share given as a range takes the union of its two ends.",
    )  # fmt: skip


def _detectable(studies: Sequence[GroupStudy]) -> Table:
    return Table(
        "groups-detectable",
        "The smallest ratio so few events would have shown, four times in five",
        (Column("count", "Count"), Column("share", "If the group were this share of those exposed", "end"),
         Column("ratio", "Smallest ratio it could show", "end")),
        tuple(
            (Cell(short(studied)), Cell(percent(share), share), _times(ratio, "up", "none"))
            for studied in studies
            for share, ratio in studied.detectable
        ),
        note="Exact two-sided test at 95%, power 80%. Where no share was given, a ladder of shares is "
        "shown so that it can be read off; it is no estimate of anyone's share.",
    )  # fmt: skip


def _times(ratio: float | None, towards: Towards = "nearest", unbounded: str = "no bound") -> Cell:
    if ratio is None:
        return Cell("a bound is printed")
    if math.isinf(ratio):
        return Cell(unbounded)
    return Cell(times(ratio, towards), ratio)


def _yes(answer: bool | None) -> str:
    return "not asked" if answer is None else "yes" if answer else "no"
