"""Counts, shares and ratios in figures and words, never rounded in anyone's favour. British conventions: 902,748.

A figure that bounds something is rounded outwards (``towards`` "up" or "down"); an estimate to the nearest.

>>> count(902748), small(3), small(27), percent(0.4439, towards="down"), times(1.68), fold(6.27)
('902,748', 'three', '27', '44.3%', '1.7 times', '6.3-fold')
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal

Towards = Literal["down", "up", "nearest"]

#: Significant figures to which the ends of an interval are printed, outwards.
SIGNIFICANT = 3
_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ROUNDING = {"up": "ROUND_CEILING", "down": "ROUND_FLOOR", "nearest": "ROUND_HALF_EVEN"}


def count(number: int | float | Decimal | Fraction | None) -> str:
    """A count with commas ("902,748"); an amount with a part keeps one decimal; ``None`` is "not published"."""
    if number is None:
        return "not published"
    return f"{int(number):,}" if number == int(number) else f"{float(number):,.1f}"


def exact(number: Decimal | Fraction) -> str:
    """A number as it was stated, with commas and no rounding; a fraction is one of tens."""
    stated = Decimal(number.numerator) / Decimal(number.denominator) if isinstance(number, Fraction) else number
    return f"{int(stated):,}" if stated == int(stated) else f"{stated.normalize():f}"


def small(number: int) -> str:
    """A count in a sentence: in words to ten ("no", "one" ... "ten"), in figures above."""
    return _SMALL[number] if 0 <= number < len(_SMALL) else count(number)


def significant(number: float, figures: int = SIGNIFICANT, towards: Towards = "nearest") -> float:
    """``number`` at ``figures`` significant figures, rounded ``up``, ``down`` or ``nearest``; not finite: as it is.
    A number that already has no more figures stays as it is, whichever way it is rounded. Figures past the twelfth are
    noise of binary arithmetic (0.29 x 100 is 28.999999999999996) and turn no bound.
    """
    if number == 0 or not math.isfinite(number):
        return number
    exact = Decimal(f"{float(number):.12g}")
    unit = Decimal(1).scaleb(exact.adjusted() - figures + 1)
    return float((exact / unit).to_integral_value(rounding=_ROUNDING[towards]) * unit)


def plain(number: float) -> str:
    """A number without exponent, with commas, and no figures beyond those it has."""
    if not math.isfinite(number):
        return "no bound"
    return f"{int(number):,}" if number == int(number) else f"{Decimal(repr(float(number))):,f}"


def percent(share: float, towards: Towards = "nearest") -> str:
    """A share as a percentage: an estimate to two significant figures ("3.7%"), a bound to three, outwards."""
    return f"{plain(significant(share * 100, _figures(towards), towards))}%"


def percent_of(events: int, trials: int) -> str:
    """A share as a percentage to three figures, rounded half up from the exact quotient, as a careful force would.

    >>> percent_of(1, 3940), percent_of(0, 7)
    ('0.0254%', '0%')
    """
    share = Decimal(100 * events) / trials
    return f"{share.quantize(Decimal(1).scaleb(share.adjusted() - 2), ROUND_HALF_UP):f}%" if events else "0%"


def _figures(towards: Towards) -> int:
    return 2 if towards == "nearest" else SIGNIFICANT


def percent_stated(share: float) -> str:
    """A share that was chosen or stated, such as a level, with all its figures: "95%", "99.5%"."""
    return f"{plain(round(share * 100, 10))}%"


def percent_near_all(share: float) -> str:
    """A percentage to one decimal, with two below 1%; near 100% it keeps the digits that tell it from "all".

    >>> percent_near_all(0.5), percent_near_all(0.0021), percent_near_all(0.99987), percent_near_all(1)
    ('50.0%', '0.21%', '99.987%', 'all')
    """
    if share < 0.01:
        return f"{share * 100:.2f}%"
    if share < 0.995:
        return f"{share * 100:.1f}%"
    return "all" if share == 1 else f"{share * 100:.{max(1, math.ceil(-math.log10(1 - share)) - 1)}f}%"


def times(ratio: float, towards: Towards = "nearest") -> str:
    """A ratio: an estimate to two figures ("1.7 times"), a bound to three; "any number of times" where it has none."""
    if math.isinf(ratio):
        return "any number of times"
    return f"{plain(significant(ratio, _figures(towards), towards))} times"


def fold(ratio: float) -> str:
    """A ratio to two figures: "6.3-fold"."""
    return f"{plain(significant(ratio, 2))}-fold"


#: Behind every figure from an OCR layer: text that a program recognised under a scan, and that nobody checked.
OCR_MARK = " [OCR layer]"


def marked_text(text: str) -> str:
    """The text with ``OCR_MARK`` behind it, if it holds a figure.

    >>> marked_text("3 of 12 alerts"), marked_text("not printed")
    ('3 of 12 alerts [OCR layer]', 'not printed')
    """
    return f"{text}{OCR_MARK}" if any(letter.isdigit() for letter in text) and not text.endswith(OCR_MARK) else text
