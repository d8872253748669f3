"""Counts as people print them: exact, bounded ("<5", "over 35,000"), approximate ("c. 35,000", "1.3m") or withheld.

A bound takes in every value that the text allows. An approximate value is taken to be right to one unit of its last
printed figure other than zero: "c. 35,000" is 34,000 to 36,000. What has two readings is not read.

>>> read_count("1,461", "faces_seen", Forms())
1461
>>> small = read_count("<5", "arrests", Forms())
>>> small.kind, small.low, small.high
('bounded', 0, 4)
>>> about = read_count("~35k", "faces_seen", Forms())
>>> about.kind, about.low, about.high
('approximate', 34000, 36000)
>>> read_count("over 35,000", "faces_seen", Forms()).low
35001
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from countersign.published.table.marks import (
    Forms,
    Unreadable,
    is_spreadsheet_error,
    is_withheld,
    is_zero,
    shares_noun,
    without_footnote,
)
from countersign.published.table.record import Unsure

#: The most digits a number may have.
LONGEST_NUMBER = 15
_COUNT = re.compile(r"[0-9]+(?:\.0)?")
_SPACE = "    "
_GROUPED = {
    ".": re.compile(rf"[0-9]{{1,3}}(?:(?P<by>[,{_SPACE}'’])[0-9]{{3}})(?:(?P=by)[0-9]{{3}})*(?:\.0{{1,2}})?"),
    ",": re.compile(rf"[0-9]{{1,3}}(?:(?P<by>[.{_SPACE}'’])[0-9]{{3}})(?:(?P=by)[0-9]{{3}})*(?:,0{{1,2}})?"),
}
_SHORT = re.compile(
    r"(?P<number>[0-9]+(?:[.,][0-9]{1,3})?)\s*(?P<unit>k|thousand|mil|m|mn|million|millones)\b\.?", re.IGNORECASE
)
_UNITS = {"k": 1000, "thousand": 1000, "mil": 1000, "m": 10**6, "mn": 10**6, "million": 10**6, "millones": 10**6}
_N = (
    rf"[0-9][0-9,.{_SPACE}'’]*(?:\s*(?:k|thousand|mil|m|mn|million|millones)\b)?|"
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten)\b"
)
_APPROXIMATELY = r"c\.?|ca\.?|circa|about|around|approx(?:imately)?\.?|roughly|~|≈|est(?:imated)?\.?|some"
_BEFORE = tuple(
    (re.compile(rf"(?:{words})\s*({_N})", re.IGNORECASE), sense)
    for words, sense in (
        (r"<|less than|fewer than|under|below", "below"),
        (r"<=|≤|up to|at most|no more than|not more than|maximum(?: of)?|max\.?", "most"),
        (r">=|≥|at least|not less than|no less than|no fewer than|minimum(?: of)?|min\.?", "least"),
        (r">|over|more than|above|greater than|in excess of|upwards of", "above"),
        (_APPROXIMATELY, "about"),
        (r"nearly|almost|just under|just over", "about"),
    )
)
_ESTIMATE = r"approx(?:imately)?\.?|circa|est(?:imated)?\.?|or so|\(?(?:approx|est|estimate|estimated|rounded)\.?\)?"
_AFTER = tuple(
    (re.compile(rf"({_N})\s*(?:{words})", re.IGNORECASE), sense)
    for words, sense in (
        (r"\+|plus|or more|and over|and above|or over|at least|minimum", "least"),
        (r"or (?:fewer|less)|and under|maximum|at most|or under", "most"),
        (_ESTIMATE, "about"),
    )
)
_BETWEEN = re.compile(rf"(?:between\s+|from\s+)?({_N})\s*(?:-|–|—|to|and)\s*({_N})", re.I)
_ABOUT_REMARK = re.compile(
    r"\b(?:approx(?:imate(?:ly)?)?|est(?:imate[ds]?)?|rounded|about|circa|provisional)\b", re.IGNORECASE
)
_WITH_NOUN = re.compile(rf"({_N})\s+([A-Za-z][A-Za-z ]*)")
_NAMED = {
    name: number
    for number, name in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], start=1
    )
}
_DOUBLE_MEANING = re.compile(r"[0-9]{1,3}[.,][0-9]{3}")


class _Number(NamedTuple):
    """A number as printed: its value, one unit of its last figure other than zero, and whether it was shortened."""

    value: int
    unit: int
    short: bool


def read_count(text: str, column: str, forms: Forms) -> int | Unsure:
    """A count, exact or not. ``text`` holds something. Raises ``Unreadable``."""
    if _COUNT.fullmatch(text) and len(text) <= LONGEST_NUMBER:
        return int(text.removesuffix(".0"))
    if _GROUPED[forms.decimal].fullmatch(text) and len(text) <= LONGEST_NUMBER and text.count(forms.decimal) == 0:
        return int("".join(letter for letter in text if letter.isdecimal()))
    if is_zero(text, column, forms):
        return 0
    if is_withheld(text, forms):
        return Unsure("withheld", f"{text[:80]!r} is printed in place of the value")
    if is_spreadsheet_error(text):
        return Unsure("unread", f"{text!r} is a spreadsheet's error, not a value")
    plain, remark = without_footnote(text)
    if remark:
        return _with_remark(plain, remark, column, forms)
    return _plain(text, column, forms)


def _with_remark(plain: str, remark: str, column: str, forms: Forms) -> int | Unsure:
    read = read_count(plain, column, forms)
    if isinstance(read, int) and _ABOUT_REMARK.search(remark):
        return _about(_number(plain, forms), f"{plain} ({remark})")
    return read


def _plain(text: str, column: str, forms: Forms) -> int | Unsure:
    for pattern, sense in (*_BEFORE, *_AFTER):
        if found := pattern.fullmatch(text):
            return _bounded(_number(found[1].strip(), forms), sense, text, forms)
    if (found := _BETWEEN.fullmatch(text)) and not _COUNT.fullmatch(text):
        low, high = _number(found[1].strip(), forms), _number(found[2].strip(), forms)
        if low.value < high.value:
            return Unsure("bounded", f"{text[:80]!r} is printed", low.value, high.value)
        raise Unreadable(f"{text[:80]!r} is no range from a lower number to a higher")
    if (found := _WITH_NOUN.fullmatch(text)) and shares_noun(found[2].casefold(), column):
        return read_count(found[1].strip(), column, forms)
    number = _number(text, forms)
    return _about(number, text) if number.short else number.value


def _bounded(number: _Number, sense: str, text: str, forms: Forms) -> Unsure:
    said = f"{text[:80]!r} is printed"
    match sense:
        case "below":
            if number.value == 0:
                raise Unreadable(f"{text[:80]!r} is below zero")
            return Unsure("bounded", said, min(forms.small, number.value - 1), number.value - 1)
        case "most":
            return Unsure("bounded", said, 0, number.value)
        case "least":
            return Unsure("bounded", said, number.value, None)
        case "above":
            return Unsure("bounded", said, number.value + 1, None)
        case _:
            return _about(number, text)


def _about(number: _Number, text: str) -> Unsure:
    low = max(0, number.value - number.unit)
    return Unsure("approximate", f"{text[:80]!r} is printed", low, number.value + number.unit)


def _number(text: str, forms: Forms) -> _Number:
    """A whole number with thousands marks, or one shortened by a word or letter. Raises ``Unreadable``."""
    if len(text) > LONGEST_NUMBER + 10:
        raise Unreadable("it has too many digits for a count")
    if (named := _NAMED.get(text.casefold())) is not None:
        return _Number(named, 1, short=False)
    if found := _SHORT.fullmatch(text):
        factor = _UNITS[found["unit"].casefold()]
        printed = found["number"]
        if _DOUBLE_MEANING.fullmatch(printed):
            raise Unreadable(f"{text[:80]!r} can be read in two ways")
        number = Decimal(printed.replace(",", ".")) * factor
        decimals = len(re.split(r"[.,]", printed)[1]) if re.search(r"[.,]", printed) else 0
        if number != int(number):
            raise Unreadable(f"{text[:80]!r} is not a whole number")
        return _Number(int(number), max(1, factor // 10**decimals), short=True)
    if _COUNT.fullmatch(text):
        digits = text.removesuffix(".0")
    elif _GROUPED[forms.decimal].fullmatch(text):
        whole = re.sub(r"[.,]0{1,2}$", "", text) if re.search(rf"[{re.escape(forms.decimal)}]0{{1,2}}$", text) else text
        digits = re.sub(r"[^0-9]", "", whole)
    elif _DOUBLE_MEANING.fullmatch(text):
        raise Unreadable(f"{text[:80]!r} is a number with thousands in one custom and with decimals in another")
    else:
        raise Unreadable(f"{text[:80]!r} is not a whole number")
    if len(digits) > LONGEST_NUMBER:
        raise Unreadable("it has too many digits for a count")
    value = int(digits)
    zeros = len(digits) - len(digits.rstrip("0")) if value else 0
    return _Number(value, 10**zeros, short=False)
