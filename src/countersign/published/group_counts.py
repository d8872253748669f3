"""Counts by group as published ("8 of 10 false alerts were ..."), and the study of each where exposure is not known.

``groups.csv`` holds one count a row: ``count`` of ``of`` events fell on ``group``, with how the labels were obtained
and where the figure was published. ``baselines.csv`` holds shares of those exposed that a *user* brings (a census, a
street count); they stand side by side and none is ever chosen for the user. Both forms: ``docs/formats/groups.md``.
Counts only: no person, name or image has a place in either.

The study of "8 of 10": the share with its exact interval; the exposure shares at which equal rates are rejected, with
and without allowing for the group having been picked after looking; the same with one label wrong; the ratio of rates
where the exposure is published, or at each baseline; the smallest ratio that these few events could have shown; and
what cannot be known because it is unpublished. All of it holds under independent events and correct labels, and none of
it separates the engine from the watchlist. Method: ``inference.exposure``.

>>> black = GroupCount(event="false_alerts", attribute="ethnicity", group="Black", count=8, of=10)
>>> black.event_name, black.labels_stated
('false_alerts', False)
>>> exclusion_sentence(study([black])[0])[:97]
'If under 44.3% or over 97.5% of those who passed were Black, chance alone is an unlikely explanat'
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import msgspec

from countersign.errors import WrongForm
from countersign.inference.groups.exposure import detectable_ratio, ratio_at_share, shares_not_rejected
from countersign.inference.rate import Interval
from countersign.published.strict_csv import Line, read_lines
from countersign.words.intervals import percent_range, times_range
from countersign.words.numbers import percent, times

#: What a source calls the event, and the name it is compared under.
EVENT_NAMES: dict[str, str] = {
    "alerts": "alerts",
    "arrests": "arrests",
    "engagements": "engagements",
    "false_alerts": "false_alerts",
    "false_positives": "false_alerts",
    "stops": "stops",
    "true_alerts": "true_alerts",
}
GROUP_COLUMNS: tuple[str, ...] = (
    "period_from", "period_to", "force", "event", "attribute", "group", "count", "of", "label_source", "source",
)  # fmt: skip
#: More groups than these nobody looks at, and an allowance for them would leave no confidence level.
MOST_LOOKED_AT = 10_000
OPTIONAL_GROUP_COLUMNS: tuple[str, ...] = ("faces", "faces_of", "looked_at")
BASELINE_COLUMNS: tuple[str, ...] = ("attribute", "group", "share", "what", "source")
OPTIONAL_BASELINE_COLUMNS: tuple[str, ...] = ("share_low", "share_high", "force")
_EVENT = re.compile(r"(?P<name>[a-z_]+)(?: at threshold (?P<threshold>[0-9]+(?:\.[0-9]+)?))?")


class ImpossibleGroupCount(
    WrongForm,
    code="group-count-impossible",
    next_step="Compare the row with its source, put it right in the file, and run the command again.",
):
    """A count by group cannot be: more than all, none of nothing, or a share that is not between 0 and 1."""


class GroupCount(msgspec.Struct, frozen=True, kw_only=True):
    """``count`` of ``of`` events fell on ``group``. Raises ``ImpossibleGroupCount`` unless 0 <= count <= of, of >= 1.

    ``faces`` of ``faces_of`` exposed belonged to the group, where that was published (both or neither). ``looked_at``:
    among how many groups this one was picked, where the source says. ``line`` is its line in the file, from 1. Where
    the source prints a bound ("<5"), ``count`` is the fewest and ``most`` the most that it allows.
    """

    event: str
    attribute: str
    group: str
    count: int
    of: int
    period_from: datetime.date | None = None
    period_to: datetime.date | None = None
    force: str = ""
    label_source: str = ""
    source: str = ""
    faces: int | None = None
    faces_of: int | None = None
    looked_at: int | None = None
    line: int = 0
    most: int | None = None

    def __post_init__(self) -> None:
        if self.of < 1:
            raise ImpossibleGroupCount(f"of {self.of} events no share can be formed: 'of' must be at least 1")
        if not 0 <= self.count <= self.highest <= self.of:
            raise ImpossibleGroupCount(f"{self.in_words}: a group cannot have more events than there were")
        if _EVENT.fullmatch(self.event) is None or self.event_name not in EVENT_NAMES.values():
            raise ImpossibleGroupCount(f"event {self.event!r} is not one of {', '.join(EVENT_NAMES)}")
        if (self.faces is None) != (self.faces_of is None):
            raise ImpossibleGroupCount("'faces' and 'faces_of' come together or not at all")
        if self.faces is not None and self.faces_of is not None and not 0 < self.faces < self.faces_of:
            raise ImpossibleGroupCount(f"{self.faces} of {self.faces_of} faces: a group is some of the faces, not all")
        if self.looked_at is not None and not 1 <= self.looked_at <= MOST_LOOKED_AT:
            many = f"{self.looked_at}; at least one group was looked at, and at most {MOST_LOOKED_AT:,}"
            raise ImpossibleGroupCount(f"'looked_at' is {many}")
        if self.period_from and self.period_to and self.period_to < self.period_from:
            raise ImpossibleGroupCount(f"the period ends on {self.period_to}, before it begins on {self.period_from}")

    @property
    def highest(self) -> int:
        """The most events that the printed count allows."""
        return self.count if self.most is None else self.most

    @property
    def events_in_words(self) -> str:
        """The count: "8", or "0 to 4" where a bound is printed."""
        return f"{self.count:,}" if self.most is None else f"{self.count:,} to {self.most:,}"

    @property
    def in_words(self) -> str:
        """The count of all: "8 of 10"."""
        return f"{self.events_in_words} of {self.of:,}"

    @property
    def share_in_words(self) -> str:
        """The share of the events that the count is, or allows: "80%"."""
        low, high = self.count / self.of, self.highest / self.of
        return percent(low) if low == high else percent_range(low, high)

    @property
    def event_name(self) -> str:
        """The event under its common name: false positives of a study are compared as false alerts."""
        name = self.event.split(" ", 1)[0]
        return EVENT_NAMES.get(name, name)

    @property
    def threshold(self) -> Decimal | None:
        """The threshold, where the event names one ("false_positives at threshold 0.60")."""
        match = _EVENT.fullmatch(self.event)
        text = match["threshold"] if match else None
        return None if text is None else Decimal(text)

    @property
    def labels_stated(self) -> bool:
        """Whether the source says how the group labels were obtained."""
        return self.label_source.strip().casefold() not in ("", "not stated", "unknown")


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """A share of those exposed that a user brings: ``share``, or anywhere from ``low`` to ``high``, were of ``group``.

    ``what`` says what it is a share of (residents, faces audited in the street); ``force``: for that force's counts.
    Raises ``ImpossibleGroupCount`` unless 0 < low <= share <= high < 1.
    """

    attribute: str
    group: str
    share: float
    what: str
    source: str
    low: float
    high: float
    force: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.share <= self.high < 1:
            raise ImpossibleGroupCount(
                f"share {self.share} in the range {self.low} to {self.high}: needs 0 < low <= share <= high < 1"
            )

    def concerns(self, group: GroupCount) -> bool:
        """Whether this share is about the group of that count (and, where it names a force, of that force)."""
        same = (self.attribute.casefold(), self.group.casefold()) == (
            group.attribute.casefold(),
            group.group.casefold(),
        )
        return same and self.force in ("", group.force)


def same_force(one: str, other: str) -> bool:
    """Whether two names are of one force, as far as names go: one holds the other, whatever its case.

    >>> same_force("Metropolitan Police", "Metropolitan Police Service"), same_force("Kent", "Essex Police")
    (True, False)
    """
    first, second = one.casefold().strip(), other.casefold().strip()
    return bool(first and second) and (first in second or second in first)


def read_groups(path: Path) -> tuple[GroupCount, ...]:
    """Read ``groups.csv``. Raises ``CsvNotRead``, ``CsvMalformed`` or ``ImpossibleGroupCount``, with the place."""
    return tuple(_group(line) for line in read_lines(path, GROUP_COLUMNS, OPTIONAL_GROUP_COLUMNS))


def read_baselines(path: Path) -> tuple[Baseline, ...]:
    """Read ``baselines.csv``. Raises as ``read_groups`` does."""
    return tuple(_baseline(line) for line in read_lines(path, BASELINE_COLUMNS, OPTIONAL_BASELINE_COLUMNS))


def _group(line: Line) -> GroupCount:
    of = line.whole("of")
    count, most = line.bounds("count", of)
    try:
        return GroupCount(
            event=line.text("event"),
            attribute=line.text("attribute"),
            group=line.text("group"),
            count=count,
            most=None if most == count else most,
            of=of,
            period_from=line.date("period_from"),
            period_to=line.date("period_to"),
            force=line.text("force", required=False),
            label_source=line.text("label_source", required=False),
            source=line.text("source"),
            faces=line.whole_or_none("faces"),
            faces_of=line.whole_or_none("faces_of"),
            looked_at=line.whole_or_none("looked_at"),
            line=line.number,
        )
    except ImpossibleGroupCount as error:
        raise ImpossibleGroupCount(f"{line.place}: {error}") from error


def _baseline(line: Line) -> Baseline:
    share = line.share("share")
    low, high = line.share_or_none("share_low"), line.share_or_none("share_high")
    try:
        return Baseline(
            attribute=line.text("attribute"),
            group=line.text("group"),
            share=share,
            what=line.text("what"),
            source=line.text("source"),
            low=share if low is None else low,
            high=share if high is None else high,
            force=line.text("force", required=False),
        )
    except ImpossibleGroupCount as error:
        raise ImpossibleGroupCount(f"{line.place}: {error}") from error


#: Among how many groups one is taken to have been picked, where the source does not say. Ethnicity: the five broad
#: groups of the Census 2021 of England and Wales (Office for National Statistics: Asian, Black, Mixed, White, Other).
LOOKED_AT: dict[str, int] = {"ethnicity": 5}
#: Shares of exposure at which the smallest detectable ratio is shown where no baseline is given: a ladder, no choice.
LADDER: tuple[float, ...] = (0.05, 0.1, 0.25, 0.5)


class BaselineStudy(msgspec.Struct, frozen=True):
    """One share of exposure set beside a count: whether equal rates are rejected there, and the ratio it would give.

    A range is rejected only if all of it is; its ratio interval is the union. ``rejected_picked``: also when the group
    was picked after looking (``None``: not asked); ``rejected_one_label_wrong``: also with one event of another group.
    """

    baseline: Baseline
    rejected: bool
    rejected_picked: bool | None
    rejected_one_label_wrong: bool
    ratio: float | None
    interval: Interval
    detectable: float
    sentence: str


class GroupStudy(msgspec.Struct, frozen=True):
    """The study of one published count. ``estimate``: its share of the events, ``None`` where a bound is printed;
    ``share``: exact 95% interval (from the fewest to the most events), which is also the exposure shares *not*
    rejected; ``picked``: the same allowing for ``looked_at`` groups, where known; ``one_label_wrong``: with one event
    fewer; ``detectable``: (exposure share, smallest ratio seen four times in five); ``unknown``: what is unpublished.
    """

    group: GroupCount
    estimate: float | None
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
    """At which exposure shares equal rates are rejected, in words, and under which assumptions."""
    parts = [_outside(studied.share)]
    if studied.picked is not None:
        parts.append(
            f" ({_outside(studied.picked)} allowing for the group having been picked out of {studied.looked_at} after "
            "looking)"
        )
    if parts[0] == "none":
        return "The counts are compatible with equal rates at any share of those who passed."
    return (
        f"If {parts[0]} of those who passed were {studied.group.group}, chance alone is an unlikely explanation"
        f"{''.join(parts[1:])}. This takes events as independent and labels as right; it does not separate the engine "
        "from the watchlist."
    )


def _study(group: GroupCount, baselines: Sequence[Baseline]) -> GroupStudy:
    share = _not_rejected(group)
    looked_at = group.looked_at or LOOKED_AT.get(group.attribute.casefold())
    picked = None if looked_at is None else _not_rejected(group, looked_at=looked_at)
    one_wrong = _not_rejected(group, wrong=1)
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
    detectable = tuple((known, detectable_ratio(group.of, known)) for known in shares)
    estimate, unknown = None if group.most is not None else group.count / group.of, _unknown(group)
    return GroupStudy(group, estimate, share, looked_at, picked, one_wrong, published, lines, detectable, unknown)


def _not_rejected(group: GroupCount, *, looked_at: int = 1, wrong: int = 0) -> Interval:
    """From the fewest events that the count allows, less those labelled ``wrong``, to the most."""
    fewest, most = (
        shares_not_rejected(max(events - wrong, 0), group.of, looked_at=looked_at)
        for events in (group.count, group.highest)
    )
    return fewest.hull(most)


def _at(
    group: GroupCount, share: Interval, picked: Interval | None, one_wrong: Interval, baseline: Baseline
) -> BaselineStudy:
    least, most = (ratio_at_share(events, group.of, baseline.share)[0] for events in (group.count, group.highest))
    said, ratio = (times(least), least) if group.most is None else (times_range(least, most), None)
    # The ratio falls as the share rises, so the union over a range is spanned by its two ends.
    low = ratio_at_share(group.count, group.of, baseline.high)[1].low
    high = ratio_at_share(group.highest, group.of, baseline.low)[1].high
    interval = Interval(low, high, share.level, "conditional exact, union over the range of the share")
    rejected = _outside_all(share, baseline)
    detectable = detectable_ratio(group.of, baseline.share)
    known = percent(baseline.share)
    if baseline.low < baseline.high:
        known += f" ({percent_range(baseline.low, baseline.high)})"
    sentence = (
        f"At {known} of those exposed ({baseline.what}; {baseline.source}) equal rates are "
        f"{'' if rejected else 'not '}rejected; ratio to the rest {said}, "
        f"{times_range(low, high)}; the smallest ratio {group.of} events would have shown four "
        f"times in five: {'none' if math.isinf(detectable) else times(detectable, 'up')}."
    )
    also, wrong = None if picked is None else _outside_all(picked, baseline), _outside_all(one_wrong, baseline)
    return BaselineStudy(baseline, rejected, also, wrong, ratio, interval, detectable, sentence)


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
