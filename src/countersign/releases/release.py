"""A release: force, series, the digest of its bytes and three dates; it never changes. And a row held of one.

Its *period* is stated, or runs from its first row to its last.

>>> Release("force-a", "deployments", "ab", 0, "2026-03-01", "2026-03-05T10:00:00Z", "by-hand").ordered
('2026-03-01', 0)
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from countersign.published.table.record import Row
from countersign.releases.kept import Glimpse
from countersign.words.dates import day
from countersign.words.lists import counted

if TYPE_CHECKING:
    from countersign.releases.readings import Reading

Period = tuple[datetime.date, datetime.date]


class Release(msgspec.Struct, frozen=True):
    """What a force published: ``published`` is a day or empty, ``fetched`` a moment, ``source`` the id of where it came
    from; ``entry`` is its place in the library's log. ``stated``: the period it covers, where the operator says so.
    """

    force: str
    series: str
    digest: str
    entry: int
    published: str
    fetched: str
    source: str
    size: int = 0
    stated: Period | None = None

    @property
    def day(self) -> str:
        """The day it counts from: of publication, or else of fetching."""
        return self.published or self.fetched[:10]

    @property
    def ordered(self) -> tuple[str, int]:
        """Its place among the releases of its series."""
        return (self.day, self.entry)

    def period(self, reading: Reading | Glimpse) -> Period | None:
        """The days that it covers: stated, or from its first row to its last."""
        return self.stated or reading.period


class Held(NamedTuple):
    """A row that stands, the release it is of, and the regime that its reading puts it in."""

    row: Row
    release: Release
    regime: str


def series_of(releases: Iterable[Release]) -> dict[str, list[Release]]:
    """The releases of one force by series, each in its order."""
    found: dict[str, list[Release]] = {}
    for release in sorted(releases, key=lambda release: release.ordered):
        found.setdefault(release.series, []).append(release)
    return found


def lateness(published: str, last: datetime.date | None) -> str:
    """How long after the last day that it covers a release was published, in words; empty where either is unknown."""
    if not published or last is None:
        return ""
    days = (datetime.date.fromisoformat(published) - last).days
    if days < 0:
        return f"before its last day, {day(last)}"
    return "on its last day" if days == 0 else f"{counted(days, 'day')} after its last day"
