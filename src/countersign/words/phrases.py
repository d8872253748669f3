"""Counts, rates, shares and dates as sentences about claims and groups print them; rounded in nobody's favour.

The ends of an interval are rounded outwards; a share that is rejected "under" a bound is rounded down.

>>> whole(902748), one_in(902748 / 27), one_in_range(0.000327, 0.00168)
('902,748', '1 in 33,435', '1 in 595 to 1 in 3,059')
>>> per_cent(0.4439, "down"), span(datetime.date(2024, 1, 1), datetime.date(2024, 5, 29))
('44 per cent', '1 January to 29 May 2024')
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal

#: The months by name, January first.
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def whole(number: int | float | Decimal | Fraction) -> str:
    """A number with commas; one decimal where it is not whole."""
    return f"{int(number):,}" if number == int(number) else f"{float(number):,.1f}"


def one_in(number: float) -> str:
    """ "1 in N", N to the whole above 100, to one decimal below."""
    return f"1 in {number:,.0f}" if number >= 100 else f"1 in {number:,.1f}"


def one_in_range(low: float, high: float) -> str:
    """An interval of a rate as "1 in n to 1 in N", the commoner end first, rounded outwards."""
    least = f"1 in {math.floor(1 / high):,}"
    return f"{least}, or any rarer rate" if low == 0 else f"{least} to 1 in {math.ceil(1 / low):,}"


def per_cent(share: float, towards: Literal["down", "up", "nearest"] = "nearest") -> str:
    """A share in whole per cent (one decimal below 10 per cent), rounded the way asked."""
    figures = 0 if share >= 0.1 else 1
    scale = 10.0**figures
    # Shares such as 0.29 are not exact in binary: a step of 1e-9 of a per cent is no reason to round a whole one away.
    turned = {"down": math.floor(share * 100 * scale + 1e-9), "up": math.ceil(share * 100 * scale - 1e-9)}
    shown = turned.get(towards, round(share * 100 * scale)) / scale
    return f"{shown:g} per cent"


def times(ratio: float, towards: Literal["down", "up", "nearest"] = "nearest") -> str:
    """A ratio to two figures: "1.7 times", "83 times"; "any number of times" where it has no bound."""
    if math.isinf(ratio):
        return "any number of times"
    if ratio == 0:
        return "0 times"
    unit = 10.0 ** (math.floor(math.log10(ratio)) - 1)
    turned = {"down": math.floor(ratio / unit + 1e-9), "up": math.ceil(ratio / unit - 1e-9)}
    shown = turned.get(towards, round(ratio / unit)) * unit
    return f"{Decimal(repr(round(shown, 12))).normalize():f} times"


def day(date: datetime.date) -> str:
    """ "11 July 2025"."""
    return f"{date.day} {MONTHS[date.month - 1]} {date.year}"


def dated(text: str) -> str:
    """A date written YYYY-MM-DD in words; anything else ("2023 to 2026") as it stands."""
    try:
        return day(datetime.date.fromisoformat(text))
    except ValueError:
        return text


def span(first: datetime.date | None, last: datetime.date | None) -> str:
    """A period in words, the year once where it is the same; "since ...", "to ..." or "at any date" where open."""
    if first is None or last is None:
        if first is not None:
            return f"since {day(first)}"
        return "at any date" if last is None else f"to {day(last)}"
    if first == last:
        return day(first)
    start = day(first)
    if first.year == last.year:
        start = str(first.day) if first.month == last.month else f"{first.day} {MONTHS[first.month - 1]}"
    return f"{start} to {day(last)}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """A count with its noun: "1 row", "27 rows", "3 entries"."""
    return f"{number:,} {one if number == 1 else many or _plural(one)}"


def _plural(noun: str) -> str:
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeiou" else f"{noun}s"


def listing(items: Sequence[str], last: str = "and") -> str:
    """ "a, b and c"; nothing for no item."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"
