"""Rates and the intervals around them, in one order everywhere: the commoner end of a "1 in N" first.

Bounds have three significant figures and are rounded outwards, so that an interval never gets narrower by being
printed. An interval of a rate that no count bounds from below (no event) is given by its one bound: "at most 1 in N".

>>> one_in(902748 / 27), one_in_range(1 / 50702, 1 / 22965), one_in_range(0, 1 / 8312)
('1 in 33,435', '1 in 22,900 to 1 in 50,800', 'at most 1 in 8,310')
>>> each(0.03392, "hour"), each_range(0.0214, 0.0336, "hour"), percent_range(0.4421, 0.558)
('0.0339 an hour', '0.0214 to 0.0336 an hour', '44.2% to 55.8%')
>>> rate_words(0.19), rate_range(0.121, 0.288, 0.19), rate_words(0.02), rate_range(0.012, 0.04, 0.02)
('19%', '12.1% to 28.8%', '1 in 50', '1 in 25 to 1 in 83.4')
"""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

from countersign.words.numbers import SIGNIFICANT, Towards, exact, percent, plain, significant, times

#: From this share on a rate is a percentage: "1 in 1.14" is hard to read.
RARE = 0.1


def _people(number: float, towards: Towards) -> str:
    """N of "1 in N": whole above 100, one decimal below it, two below 10; ends of intervals to three figures."""
    if towards == "nearest":
        if number >= 100 or number == int(number):
            return f"{round(number):,}"
        return f"{number:.1f}" if number >= 10 else f"{number:.2f}"
    if number < 2:
        # Near 1 what counts is how far from 1: three figures of N would round 1.003 to "1 in 1", that is to every one.
        return plain(round(1 + significant(round(number - 1, 12), 2, towards), 10))
    return plain(significant(number, SIGNIFICANT, towards))


def one_in(number: float | None) -> str:
    """The estimate as "1 in N"; ``None`` (no events) is "none seen"."""
    return "none seen" if number is None else f"1 in {_people(number, 'nearest')}"


def one_in_stated(number: Decimal | Fraction) -> str:
    """A rate that somebody stated as 1 in N, not rounded."""
    return f"1 in {exact(number)}"


def one_in_range(low: float, high: float) -> str:
    """An interval of a rate (events per trial), outwards: "1 in n to 1 in N", the commoner end first. A low end of 0
    gives one bound only.
    """
    least = f"1 in {_people(1 / high, 'down')}"
    return f"at most {least}" if low == 0 else f"{least} to 1 in {_people(1 / low, 'up')}"


def percent_range(low: float, high: float) -> str:
    """An interval of a share, outwards: "44.2% to 55.8%"; a low end of 0 gives one bound only."""
    most = percent(high, "up")
    return f"at most {most}" if low == 0 else f"{percent(low, 'down')} to {most}"


def rate_words(estimate: float) -> str:
    """An estimate above 0: "1 in N" where rare, a percentage from ``RARE`` on."""
    return one_in(1 / estimate) if estimate < RARE else percent(estimate)


def rate_range(low: float, high: float, estimate: float) -> str:
    """The interval of a rate in the form of its estimate; without an event, in that of its upper end. Where nothing
    bounds the rate from above (``math.inf``) its lower bound is given: "at least 1 in 900".
    """
    rare = (estimate or (low if math.isinf(high) else high)) < RARE
    if math.isinf(high):
        if low == 0:
            return "not bounded above"
        return f"at least 1 in {_people(1 / low, 'up')}" if rare else f"at least {percent(low, 'down')}"
    return one_in_range(low, high) if rare else percent_range(low, high)


def times_range(low: float, high: float) -> str:
    """An interval of a ratio, outwards: "1.68 to 5.41 times"; where it has one bound only, that bound."""
    if math.isinf(high):
        return times(high) if low == 0 else f"at least {times(low, 'down')}"
    most = times(high, "up")
    return f"at most {most}" if low == 0 else f"{times(low, 'down').removesuffix(' times')} to {most}"


def each(number: float, unit: str) -> str:
    """A rate in time: "0.034 an hour" at three significant figures."""
    article = "an" if unit[0] in "aeiou" or unit.startswith("hour") else "a"
    return f"{plain(significant(number))} {article} {unit}"


def each_range(low: float, high: float, unit: str) -> str:
    """An interval of a rate in time, outwards: "0.021 to 0.034 an hour"; a low end of 0 gives one bound only."""
    return bounds(low, high, each(1, unit).removeprefix("1 "))


def bounds(low: float, high: float, what: str) -> str:
    """An interval of an amount of something, outwards: "0.0214 to 0.0336 false alerts per hour"."""
    most = f"{plain(significant(high, SIGNIFICANT, 'up'))} {what}"
    return f"at most {most}" if low == 0 else f"{plain(significant(low, SIGNIFICANT, 'down'))} to {most}"
