"""Days and months in figures (``11/06/2024``), read in the one order that fits every cell of a column.

Day first where two orders fit and neither the order of the rows nor a weekday speaks against it. Where a column mixes
orders, every cell that both fit is doubted, with the reading proposed.

>>> figures = {text: Figures.of(FIGURES.fullmatch(text)) for text in ("06/13/2024", "07/11/2023")}
>>> [str(when.date) for when in ordered(figures, list(figures)).values()]
['2024-06-13', '2023-07-11']
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from countersign.published.table.record import Unsure

Order = Literal["day first", "month first", "year first"]

#: Years in which a deployment can have been; a date outside is doubted.
EARLIEST, LATEST = 2000, 2039
#: Two figures before month and day are no year later than this.
LATEST_SHORT = 2029
#: One cell in this number in another order than the rest is a misprint; more are a mixture.
MISPRINTS = 20
#: With fewer dates than these, how their days and months vary says nothing.
FEW_DATES = 3
ORDERS: tuple[Order, ...] = ("day first", "month first", "year first")
#: A date in figures: day, month and year in some order.
FIGURES = re.compile(r"([0-9]{1,2})\s*([/.\-\s])\s*([0-9]{1,2})\s*\2\s*([0-9]{4}|[0-9]{2})")


class When(NamedTuple):
    """What a date cell says: its day or first and last day, the minutes its times of day span, or why it is unsure."""

    date: datetime.date | None = None
    date_to: datetime.date | None = None
    minutes: int | None = None
    unsure: Unsure | None = None


def unread(reason: str) -> When:
    """A date that is not read, with the reason."""
    return When(unsure=Unsure("unread", reason))


def doubtful(reason: str, reading: str) -> When:
    """A date that is doubted, with the reason and the reading proposed."""
    return When(unsure=Unsure("doubtful", reason, reading=reading))


class Figures(NamedTuple):
    """A date in figures whose order is not said: its three numbers, the weekday printed with it, and times."""

    parts: tuple[int, int, int]
    short: bool
    weekday: int | None = None
    minutes: int | None = None

    @classmethod
    def of(cls, found: re.Match[str]) -> Figures:
        """The three numbers of a match of ``FIGURES``."""
        return cls((int(found[1]), int(found[3]), int(found[4])), len(found[4]) == 2)


def ordered(figures: Mapping[str, Figures], texts: Sequence[str]) -> dict[str, When]:
    """Read dates in figures in the one order that fits the column, or doubt those that more than one order fits."""
    readings = {text: orders(found) for text, found in figures.items()}
    known = {text for text, found in readings.items() if "day first" in found or "month first" in found} or {*readings}
    sound = [text for text in texts if text in known]
    fitting: dict[Order, list[datetime.date]] = {}
    for order in ORDERS:
        if all(order in readings[text] for text in known):
            dates = {text: readings[text][order] for text in known}
            fitting[order] = [dates[text] for text in sound]
    decided, why = _decide(fitting) if fitting else _by_majority([readings[text] for text in sound])
    return {text: _settled(text, readings[text], found, decided, why) for text, found in figures.items()}


def _settled(
    text: str, possible: Mapping[Order, datetime.date], found: Figures, decided: Order | None, why: str
) -> When:
    """One text of a column whose order is decided, doubted, or not to be had."""
    usual = {order: date for order, date in possible.items() if order != "year first"} or possible
    if not possible or (decided != "year first" and "year first" in possible and len(usual) == len(possible) == 1):
        return unread(f"{text!r} is not a day of the calendar")
    if decided is not None and not why and decided in possible:
        return When(possible[decided], None, found.minutes)
    if decided is None and len({*usual.values()}) == 1:
        return When(next(iter(usual.values())), None, found.minutes)
    chosen = possible.get(decided or "day first") or next(iter(usual.values()))
    return doubtful(f"{text!r} {why or 'is not in the order of the other dates'}", chosen.isoformat())


def _by_majority(readings: Sequence[Mapping[Order, datetime.date]]) -> tuple[Order | None, str]:
    """Where no order fits every cell: that of nearly all cells which say one, the others being misprints; else none."""
    day = sum("day first" in found and "month first" not in found for found in readings)
    month = sum("month first" in found and "day first" not in found for found in readings)
    if month * MISPRINTS <= day:
        return "day first", ""
    if day * MISPRINTS <= month:
        return "month first", ""
    return None, "can be read in two orders, and the column mixes them"


def orders(found: Figures) -> dict[Order, datetime.date]:
    """Each order in which the three figures are a day, in a plausible year, on the weekday printed with them."""
    first, second, third = found.parts
    last = third + (2000 if found.short else 0)
    tries: dict[Order, tuple[int, int, int]] = {
        "day first": (last, second, first),
        "month first": (last, first, second),
    }
    if found.short:
        tries["year first"] = (2000 + first, second, third)
    made: dict[Order, datetime.date] = {}
    for order, parts in tries.items():
        try:
            date = datetime.date(*parts)
        except ValueError:
            continue
        if found.weekday is None or date.weekday() == found.weekday:
            made[order] = date
    if "year first" in made and not EARLIEST <= made["year first"].year <= LATEST_SHORT:
        del made["year first"]
    if found.short and any(EARLIEST <= date.year <= LATEST for date in made.values()):
        made = {order: date for order, date in made.items() if EARLIEST <= date.year <= LATEST}
    return made


def _decide(fitting: Mapping[Order, Sequence[datetime.date]]) -> tuple[Order | None, str]:
    """The order that holds for a column, and why its dates are doubted all the same, or an empty text."""
    if len(fitting) == 1:
        return next(iter(fitting)), ""
    years = {order: len({date.year for date in dates}) for order, dates in fitting.items()}
    if "year first" in fitting:
        others = [order for order in fitting if order != "year first"]
        if years["year first"] * 2 <= min(years[order] for order in others):
            return "year first", ""
        fitting = {order: fitting[order] for order in others}
        if years["year first"] < min(years[order] for order in others):
            return others[0], "may begin with its year"
        if len(fitting) == 1:
            return others[0], ""
    day, month = _steps_back(fitting["day first"]), _steps_back(fitting["month first"])
    if day > month and (month == 0 or day >= month + 3):
        return "month first", "is day first by custom, but only month first puts the rows in order"
    usual = set(fitting["day first"])
    if len(usual) >= FEW_DATES and len({date.day for date in usual}) < len({date.month for date in usual}):
        return "month first", "is day first by custom, but its days would vary less than its months"
    return "day first", ""


def _steps_back(dates: Sequence[datetime.date]) -> int:
    """How many rows break the order, rising or falling, whichever is broken less."""
    down = sum(later < earlier for earlier, later in pairwise(dates))
    up = sum(later > earlier for earlier, later in pairwise(dates))
    return min(down, up)
