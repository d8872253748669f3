"""Counts by group as published ("8 of 10 false alerts were ..."), and shares of exposure set beside them.

``groups.csv`` holds one count a row: ``count`` of ``of`` events fell on ``group``, with how the labels were obtained
and where the figure was published. ``baselines.csv`` holds shares of those exposed that a *user* brings (a census, a
street count); they stand side by side and none is ever chosen for the user. Both forms: ``docs/formats/groups.md``.
Counts only: no person, name or image has a place in either.

>>> black = GroupCount(event="false_alerts", attribute="ethnicity", group="Black", count=8, of=10)
>>> black.event_name, black.labels_stated
('false_alerts', False)
"""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from pathlib import Path

import msgspec

from countersign.errors import WrongForm
from countersign.published.forms.strict_csv import Line, read_lines

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
OPTIONAL_GROUP_COLUMNS: tuple[str, ...] = ("faces", "faces_of", "looked_at")
BASELINE_COLUMNS: tuple[str, ...] = ("attribute", "group", "share", "what", "source")
OPTIONAL_BASELINE_COLUMNS: tuple[str, ...] = ("share_low", "share_high", "force")
_EVENT = re.compile(r"(?P<name>[a-z_]+)(?: at threshold (?P<threshold>[0-9]+(?:\.[0-9]+)?))?")


class ImpossibleGroupCount(WrongForm):
    """A count by group cannot be: more than all, none of nothing, or a share that is not between 0 and 1."""

    code = "group-count-impossible"
    next_step = "Compare the row with its source, put it right in the file, and run the command again."


class GroupCount(msgspec.Struct, frozen=True, kw_only=True):
    """``count`` of ``of`` events fell on ``group``. Raises ``ImpossibleGroupCount`` unless 0 <= count <= of, of >= 1.

    ``faces`` of ``faces_of`` exposed belonged to the group, where that was published (both or neither). ``looked_at``:
    among how many groups this one was picked, where the source says. ``line`` is its line in the file, from 1.
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

    def __post_init__(self) -> None:
        if self.of < 1:
            raise ImpossibleGroupCount(f"of {self.of} events no share can be formed: 'of' must be at least 1")
        if not 0 <= self.count <= self.of:
            raise ImpossibleGroupCount(f"{self.count} of {self.of}: a group cannot have more events than there were")
        if _EVENT.fullmatch(self.event) is None or self.event_name not in EVENT_NAMES.values():
            raise ImpossibleGroupCount(f"event {self.event!r} is not one of {', '.join(EVENT_NAMES)}")
        if (self.faces is None) != (self.faces_of is None):
            raise ImpossibleGroupCount("'faces' and 'faces_of' come together or not at all")
        if self.faces is not None and self.faces_of is not None and not 0 < self.faces < self.faces_of:
            raise ImpossibleGroupCount(f"{self.faces} of {self.faces_of} faces: a group is some of the faces, not all")
        if self.looked_at is not None and self.looked_at < 1:
            raise ImpossibleGroupCount(f"'looked_at' is {self.looked_at}; at least one group was looked at")
        if self.period_from and self.period_to and self.period_to < self.period_from:
            raise ImpossibleGroupCount(f"the period ends on {self.period_to}, before it begins on {self.period_from}")

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


def read_groups(path: Path) -> tuple[GroupCount, ...]:
    """Read ``groups.csv``. Raises ``CsvNotRead``, ``CsvMalformed`` or ``ImpossibleGroupCount``, with the place."""
    return tuple(_group(line) for line in read_lines(path, GROUP_COLUMNS, OPTIONAL_GROUP_COLUMNS))


def read_baselines(path: Path) -> tuple[Baseline, ...]:
    """Read ``baselines.csv``. Raises as ``read_groups`` does."""
    return tuple(_baseline(line) for line in read_lines(path, BASELINE_COLUMNS, OPTIONAL_BASELINE_COLUMNS))


def _group(line: Line) -> GroupCount:
    try:
        return GroupCount(
            event=line.text("event"),
            attribute=line.text("attribute"),
            group=line.text("group"),
            count=line.whole("count"),
            of=line.whole("of"),
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
