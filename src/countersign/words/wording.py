"""Numbers in words and figures, the same everywhere in a report, and never rounded in anyone's favour.

An interval is rounded outwards: the low end down, the high end up. "1 in N" is given with the largest and the smallest
N that the counts do not exclude. Zero events are told as a bound, never as "0 per cent". British conventions: comma
between thousands, day before month.

Words that sentences about claims need too (a date, a list, a count with its noun) are in
``countersign.words.phrases``.

>>> count(902748), one_in(902748 / 27), one_in_range(3.3e-05, 4.4e-05)
('902,748', '1 in 33,435', '1 in 30,400 to 1 in 22,700')
"""

from __future__ import annotations

import math
from decimal import Decimal

#: Significant figures to which the ends of an interval are printed, outwards.
SIGNIFICANT = 3
_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
#: A body whose name ends so is told with its article.
_WITH_ARTICLE = ("Service", "Force", "Office", "Authority", "Department", "Agency", "Commissioner")


def count(number: int | float | Decimal | None) -> str:
    """A count with commas ("902,748"); an amount with a part keeps one decimal; ``None`` is "not published"."""
    if number is None:
        return "not published"
    if number == int(number):
        return f"{int(number):,}"
    return f"{float(number):,.1f}"


def small(number: int) -> str:
    """A count in a sentence: in words to ten ("no", "one" ... "ten"), in figures above."""
    return _SMALL[number] if 0 <= number < len(_SMALL) else count(number)


def be(number: int, one: str = "is", many: str = "are") -> str:
    """The verb that goes with a count."""
    return one if number == 1 else many


def capital(text: str) -> str:
    """With a capital letter first."""
    return text[:1].upper() + text[1:]


def named(publisher: str) -> str:
    """A publisher in a sentence: "the Metropolitan Police Service", but "South Wales Police"."""
    if publisher.startswith(("The ", "the ")):
        return publisher
    return f"the {publisher}" if publisher.endswith(_WITH_ARTICLE) or " of " in publisher else publisher


def significant(number: float, figures: int = SIGNIFICANT, towards: str = "nearest") -> float:
    """``number`` at so many significant figures, rounded ``up``, ``down`` or to the ``nearest``; not finite: as it is.

    A number that already has no more figures stays as it is, whichever way it is rounded.
    """
    if number == 0 or not math.isfinite(number):
        return number
    exact = Decimal(repr(float(number)))
    unit = Decimal(1).scaleb(exact.adjusted() - figures + 1)
    rounding = {"up": "ROUND_CEILING", "down": "ROUND_FLOOR", "nearest": "ROUND_HALF_EVEN"}[towards]
    return float((exact / unit).to_integral_value(rounding=rounding) * unit)


def plain(number: float) -> str:
    """A number without exponent, with commas, and no figures beyond those it has."""
    if not math.isfinite(number):
        return "no bound"
    if number == int(number):
        return f"{int(number):,}"
    return f"{Decimal(repr(number)):,f}"


def _people(number: float, towards: str) -> str:
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


def one_in_range(low: float, high: float) -> str:
    """An interval of a rate (events per trial) as "1 in N to 1 in n", outwards; a low end of 0 gives one bound only."""
    least = _people(1 / high, "down")
    if low == 0:
        return f"at most 1 in {least}"
    return f"1 in {_people(1 / low, 'up')} to 1 in {least}"


def each(number: float, unit: str) -> str:
    """A rate in time: "0.034 an hour" at three significant figures."""
    article = "an" if unit[0] in "aeiou" or unit.startswith("hour") else "a"
    return f"{plain(significant(number))} {article} {unit}"


def each_range(low: float, high: float, unit: str) -> str:
    """An interval of a rate in time, outwards: "0.021 to 0.034 an hour"; a low end of 0 gives one bound only."""
    top = each(significant(high, SIGNIFICANT, "up"), unit)
    return f"at most {top}" if low == 0 else f"{plain(significant(low, SIGNIFICANT, 'down'))} to {top}"


def per_cent(share: float, figures: int = 2, towards: str = "nearest") -> str:
    """A share as a percentage at so many significant figures: "3.7 per cent"."""
    return f"{plain(significant(share * 100, figures, towards))} per cent"


def fold(ratio: float) -> str:
    """A ratio: "6.3-fold"."""
    return f"{plain(significant(ratio, 2))}-fold"
