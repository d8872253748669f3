"""Fixed periods for which a force states false alerts by group: calendar quarters and years that do not overlap.

Counts of one deployment, or of periods that could be subtracted from each other, would be of few persons at a known
place and time; they are left out wherever group counts are used.

>>> is_fixed("2026-01-01", "2026-12-31"), is_fixed("2026-02-01", "2026-04-30")
(True, False)
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

#: Kinds of entry that state counts by group for a period.
KINDS = ("review.disparity", "publish.annual-report")
DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Count:
    """False alerts on a group in a period, and the faces of it that passed, where they are stated."""

    false: int
    faces: int | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """Counts of one characteristic for a period, its first and last day, by group."""

    start: str
    end: str
    groups: Mapping[str, Count]
    entry: int = -1

    @property
    def false(self) -> int:
        """False alerts of all groups."""
        return sum(count.false for count in self.groups.values())

    @property
    def years(self) -> float:
        """How long it is."""
        return ((date.fromisoformat(self.end) - date.fromisoformat(self.start)).days + 1) / DAYS_A_YEAR

    def share_of(self, group: str, off: float) -> tuple[float, float] | None:
        """Least and most share of the faces, each group's faces off by ``off`` either way; ``None`` if not stated."""
        faces = {name: count.faces for name, count in self.groups.items()}
        own = faces.get(group)
        rest = [count for name, count in faces.items() if name != group]
        if own is None or not own or not rest or any(count is None for count in rest):
            return None
        others = sum(count or 0 for count in rest)
        if not others:
            return None
        least, most = own * (1 - off), own * (1 + off)
        return least / (least + others * (1 + off)), most / (most + others * (1 - off))


def is_fixed(start: str, end: str) -> bool:
    """Whether a period is a calendar quarter or a calendar year.

    >>> is_fixed("2026-01-01", "2026-03-31"), is_fixed("2026-01-01", "2026-03-30")
    (True, False)
    """
    year, month, last_month = int(start[:4]), int(start[5:7]), int(end[5:7])
    if start[:4] != end[:4] or start[8:] != "01":
        return False
    last = f"{year}-{last_month:02d}-{calendar.monthrange(year, last_month)[1]:02d}"
    months = last_month - month + 1
    return end == last and ((months == 3 and month in (1, 4, 7, 10)) or months == 12)


def periods_of(reports: Iterable[tuple[int, Mapping[str, Any]]]) -> tuple[dict[str, list[Period]], int]:
    """Periods by characteristic, in order of time, from the facts of entries of ``KINDS``; and how many were left out.

    Left out: other periods than calendar quarters and years, those that overlap one before them in the log, and counts
    of a single deployment.
    """
    kept: dict[str, list[Period]] = {}
    left = 0
    for entry, facts in reports:
        start, end = str(facts["period_start"]), str(facts["period_end"])
        stated: dict[str, dict[str, Count]] = {}
        for row in facts.get("groups", ()):
            stated.setdefault(row["characteristic"], {})[row["group"]] = Count(row["false"], row.get("faces"))
        for characteristic, groups in stated.items():
            before = kept.setdefault(characteristic, [])
            overlaps = any(start <= other.end and other.start <= end for other in before)
            if overlaps or not is_fixed(start, end) or facts.get("deployments") == 1:
                left += 1
            else:
                before.append(Period(start, end, groups, entry))
    for periods in kept.values():
        periods.sort(key=lambda period: period.start)
    return {name: periods for name, periods in kept.items() if periods}, left
