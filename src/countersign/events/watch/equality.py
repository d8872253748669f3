"""Equality between groups, watched over a programme: false alerts by group in fixed periods that do not overlap.

The counts are those a force states for calendar quarters and years (``review.disparity``, ``publish.annual-report``):
one deployment's would be of persons. Given a false alert, equal rates put it on a group with at most its share of the
faces passing, a range: from the faces stated by group, each off by so much either way, or from a share given. Each
group is held to the upper end at (number of groups) * 20, so the chance that any group is ever wrongly shown is at most
1 in 20 however often one looks. Where no share is known, the greatest at which the counts would show an excess is
given. It does not separate engine from watchlist, and takes the labels as they are stated.

>>> year = [Period(f"2026-0{m}-01", f"2026-0{m + 2}-30", {"a": Count(30, 3000), "b": Count(10, 7000)}) for m in (1, 4)]
>>> watched = watch_groups("ethnicity", year)
>>> watched[0].group, watched[0].shown, watched[1].shown
('a', True, False)
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from countersign.inference.checks import Floats
from countersign.inference.monitors import sequence
from countersign.inference.monitors.evidence import about
from countersign.inference.monitors.labels import Labels
from countersign.inference.poisson import garwood
from countersign.inference.rate import Interval
from countersign.words.numbers import percent

#: Of any one of several groups, wrongly, ever: 1 in this number.
ASKED = 20.0
FOLDS = (2.0, 3.0, 5.0)
LEVEL = 0.95
#: Ratios mixed over, and how far from 1 an end is looked for (logarithms).
LOG_RATIOS = np.linspace(-math.log(1e3), math.log(1e3), 161)
FARTHEST = 40.0


@dataclass(frozen=True, slots=True)
class GroupWatch:
    """What the periods show of one group. ``share``: least and most of the faces of any period, ``None`` if not known.

    ``of_alerts``: its share of false alerts; ``ratio``: its rate over that of the rest, each period's alerts at its own
    share; both confidence sequences. ``tipping``: the greatest share at which an excess would be shown. ``years``: more
    years until one of each fold is.
    """

    characteristic: str
    group: str
    false: int
    of: int
    share: tuple[float, float] | None
    of_alerts: Interval
    ratio: tuple[float, float] | None
    evidence: float
    asked: float
    shown: bool
    tipping: float
    years: tuple[tuple[float, float, float, float], ...]

    @property
    def sentence(self) -> str:
        """What is shown, or when it would be."""
        if self.shown:
            return "MORE FALSE ALERTS ON THIS GROUP THAN EQUAL RATES ALLOW ARE SHOWN, at any share up to the most"
        if self.share is None and not self.tipping:
            return "no share of the faces is known, and at none would an excess be shown"
        if self.share is None:
            return f"no share of the faces is known; an excess is shown if it is at most {percent(self.tipping)}"
        return "nothing shown; " + ", ".join(_years_words(*year) for year in self.years)


def watch_groups(
    characteristic: str,
    periods: Sequence[Period],
    *,
    shares: Mapping[str, float] | None = None,
    off: float = 0.2,
    folds: Sequence[float] = FOLDS,
    clump: float = 1.0,
) -> tuple[GroupWatch, ...]:
    """Each group of a characteristic over the periods so far, those with the most evidence first.

    ``clump``: at most so many false alerts come of one person; the counts stated are of alerts, not of people.

    ``shares``: by group, the most that it makes up of the faces passing, where no faces by group are stated.
    """
    names = sorted({name for period in periods for name in period.groups})
    watched = [_watch_one(characteristic, name, len(names), periods, shares or {}, off, folds, clump) for name in names]
    return tuple(sorted(watched, key=lambda group: (-group.shown, -group.evidence, group.group)))


def _watch_one(
    characteristic: str,
    name: str,
    groups: int,
    periods: Sequence[Period],
    shares: Mapping[str, float],
    off: float,
    folds: Sequence[float],
    clump: float,
) -> GroupWatch:
    asked = ASKED * groups
    watch = Labels(asked=asked, clump=clump)
    false = of = 0
    exposed: list[_Exposed] = []
    for period in periods:
        known = period.share_of(name, off)
        if known is None and name in shares:
            known = shares[name], shares[name]
        inside = period.groups[name].false if name in period.groups else 0
        false, of = false + inside, of + period.false
        if known is not None:
            exposed.append(_Exposed(inside, period.false, *known))
            # Only the state at a period's end counts: on the group last, so that the peak is there.
            watch = watch.observe_counts(inside, period.false, share=known[1])
    low, high = _share_of_alerts(false, of, clump)
    of_alerts = Interval(low, high, LEVEL, "confidence sequence, beta-binomial mixture")
    shown = watch.log_highest >= math.log(asked)
    latest = exposed[-1].most if exposed else 0.0
    years = () if not exposed or shown else tuple(_years(watch, fold, latest, of, periods) for fold in folds)
    share = (min(part.least for part in exposed), max(part.most for part in exposed)) if exposed else None
    ratio = ratio_over_periods(exposed, clump) if exposed else None
    evidence, tipping = math.exp(min(700.0, watch.log_evidence)), _tipping(false, of, asked, clump)
    counts = characteristic, name, false, of, share, of_alerts
    return GroupWatch(*counts, ratio, evidence, asked, shown, tipping, years)


def _share_of_alerts(false: int, of: int, clump: float) -> tuple[float, float]:
    """A 95% confidence sequence for the share of false alerts, counted in whole clumps away from either end."""
    whole = math.ceil(of / clump)
    if not whole:
        return 0.0, 1.0
    low, _ = sequence.proportion(math.floor(false / clump), whole)
    _, high = sequence.proportion(whole - math.floor((of - false) / clump), whole)
    return float(low), float(high)


class _Exposed(NamedTuple):
    inside: int
    of: int
    least: float
    most: float


def ratio_over_periods(exposed: Sequence[_Exposed], clump: float = 1.0) -> tuple[float, float]:
    """A group's rate over that of the rest, each period's alerts at its own share: a 95% confidence sequence.

    Given a false alert of a period with share s, a ratio r puts it on the group with probability r s / (1 - s + r s).
    The sequence holds the ratios that a mixture of others does not beat 20 to 1; its lower end takes each share at its
    most, its upper end at its least. It assumes one ratio for all periods; alerts come in clumps of at most ``clump``.
    """
    alone = sum(part.inside for part in exposed)
    others = sum(part.of for part in exposed) - alone
    low = _ratio_end(exposed, [part.most for part in exposed], -1.0, clump) if alone else 0.0
    return low, _ratio_end(exposed, [part.least for part in exposed], 1.0, clump) if others else math.inf


def _ratio_end(exposed: Sequence[_Exposed], shares: Sequence[float], side: float, clump: float) -> float:
    inside = np.array([part.inside for part in exposed], float)
    of, share = np.array([part.of for part in exposed], float), np.array(shares, float)

    def log_likelihood(logs: Floats) -> Floats:
        return np.asarray(logs * inside.sum() - np.log1p(np.expm1(logs)[:, None] * share) @ of) / clump

    mixed = log_likelihood(LOG_RATIOS)
    asked = float(mixed.max() + np.log(np.exp(mixed - mixed.max()).mean())) + math.log(1 - LEVEL)
    inner, outer = float(LOG_RATIOS[int(mixed.argmax())]), side * FARTHEST
    for _ in range(80):
        middle = (inner + outer) / 2
        inside_of_it = float(log_likelihood(np.array([middle]))[0]) > asked
        inner, outer = (middle, outer) if inside_of_it else (inner, middle)
    return math.exp(outer)


def _tipping(false: int, of: int, asked: float, clump: float) -> float:
    """The greatest share of the faces, in hundredths, at which these counts show an excess; 0 where none does."""
    if not false:
        return 0.0
    low, high = 0, 100
    while high - low > 1:
        middle = (low + high) // 2
        shown = Labels(clump=clump).observe_counts(false, of, share=middle / 100).log_evidence >= math.log(asked)
        low, high = (middle, high) if shown else (low, middle)
    return low / 100


def _years(
    watch: Labels, fold: float, share: float, of: int, periods: Sequence[Period]
) -> tuple[float, float, float, float]:
    """The fold; more years until it would be seen at the rate of false alerts so far; and at the ends of that rate."""
    length = sum(period.years for period in periods)
    more = watch.alerts_until_seen(fold, share)
    slow, fast = garwood(of, length)
    return fold, more / (of / length) if of else math.inf, more / float(fast), more / float(slow) if of else math.inf


def _years_words(fold: float, years: float, least: float, most: float) -> str:
    if math.isinf(years):
        return f"a {fold:g}-fold rate would take at least {_short(least)} {_year(least)} more"
    about_years = f"about {_short(years)} {_year(years)} more ({_short(least)} to {_short(most)})"
    return f"a {fold:g}-fold rate would be seen after {about_years}"


def _year(years: float) -> str:
    return "year" if _short(years) == "1" else "years"


def _short(years: float) -> str:
    return about(years) if years >= 10 else f"{math.ceil(years * 10) / 10:g}"


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
        others = sum(count or 0 for count in rest)
        if not own or not others or any(count is None for count in rest):
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

    Left out: what is no calendar quarter or year, what overlaps one before it, and counts of a single deployment.
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
