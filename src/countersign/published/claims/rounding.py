"""The rounding rule by which a claimed figure is compared with a recorded one.

A count must be equal to the last digit, unless the claim says how many ``digits`` it means. A rate, a share or a "1 in
N" agrees where the recorded figure, rounded half up to as many significant figures as the claim prints, is the claimed
one; zeros at the end of a whole number are not taken for figures ("33,000" has two). A figure that agrees only when
the rest is cut off is said to be cut, and does not agree.

>>> compare(Fraction(902748, 27), Decimal(33000)), compare(Fraction(5, 7), Decimal("0.71"))
('equal', 'equal')
>>> compare(Fraction(2, 3), Decimal("0.66"))
'cut'
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Literal

Agreement = Literal["equal", "cut", "differs"]


def figures(claimed: Decimal) -> int:
    """How many significant figures a number prints: "0.80" two, "33000" two, "0.0000032" two, "0" one."""
    exponent = claimed.as_tuple().exponent
    digits = "".join(map(str, claimed.as_tuple().digits)).lstrip("0")
    if isinstance(exponent, int) and exponent >= 0:
        digits = digits.rstrip("0")
    return max(len(digits), 1)


def rounded(number: Fraction, significant: int, *, cut: bool = False) -> Fraction:
    """``number`` >= 0 at so many significant figures, half up, or with the rest cut off; exact."""
    if number == 0:
        return number
    exponent = 0
    while number >= Fraction(10) ** (exponent + 1):
        exponent += 1
    while number < Fraction(10) ** exponent:
        exponent -= 1
    unit = Fraction(10) ** (exponent - significant + 1)
    steps = number / unit
    return unit * ((steps if cut else steps + Fraction(1, 2)).__floor__())


def compare(recorded: Fraction, claimed: Decimal, *, digits: int | None = None) -> Agreement:
    """Whether the recorded figure is the claimed one by the rule; ``digits`` overrides the figures printed.

    A claimed zero agrees with nothing but zero, however small the recorded figure.
    """
    meant = Fraction(claimed)
    significant = digits or figures(claimed)
    if meant == 0 or recorded == 0:
        return "equal" if meant == recorded else "differs"
    if rounded(recorded, significant) == meant:
        return "equal"
    return "cut" if rounded(recorded, significant, cut=True) == meant else "differs"
