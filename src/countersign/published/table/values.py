"""From the text of one cell to a value, by the kind of its column; what cannot be read for certain is not read.

A cell that says it holds nothing ("", "-", "N/A" ...) gives ``None``, never zero. A decimal may carry a decimal comma
where it cannot be a thousands separator. A duration is in whole minutes ("5h03m", "5hr 37m", "5h40", "5:40", "10am to
4pm"), decimal hours rounded to the minute; a bare number is one only under a heading that states its unit. Dates of a
column are read together (``dates``). A text with two possible readings is refused with the reason.

A count is exact, bounded ("<5", "over 35,000"), approximate ("c. 35,000", "1.3m") or withheld. A bound takes in every
value that the text allows. An approximate value is taken to be right to one unit of its last figure other than zero.

>>> reader("duration_minutes", "minutes", Forms())("5hr 37m"), reader("alerts", "count", Forms())("12,187")
(337, 12187)
>>> parser("decimal", Forms())("0,64"), parser("date", Forms())("11/07/23").isoformat(), parser("count", Forms())("N/A")
(Decimal('0.64'), '2023-07-11', None)
>>> [(count.kind, count.low, count.high) for count in (read_count(text, "arrests", Forms()) for text in ("<5", "~35k"))]
[('bounded', 0, 4), ('approximate', 34000, 36000)]
>>> read_count("1,461", "faces_seen", Forms()), read_count("over 35,000", "faces_seen", Forms()).low
(1461, 35001)
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from countersign.published.table.dates import certain_date
from countersign.published.table.marks import (
    MARK_BEHIND,
    Forms,
    Unreadable,
    is_nothing,
    is_spreadsheet_error,
    is_withheld,
    is_zero,
    minutes_between,
    shares_noun,
    visible,
    without_footnote,
)
from countersign.published.table.record import Kind, Unsure

#: The most digits a number may have.
LONGEST_NUMBER = 15
#: No count of a table is of more than all people (8,161,972,572 in July 2024: United Nations, World Population
#: Prospects 2024, medium variant), rounded up; a number of fewer digits than it needs no check.
MOST, FEWER_DIGITS = 8_200_000_000, 9
#: How the reason of a count beyond it ends.
BEYOND_ALL = "is more than all people in the world (8.2 billion: United Nations, World Population Prospects 2024)"
_COUNT = re.compile(r"[0-9]+(?:\.0)?")
_GROUPED = {
    ".": re.compile(r"[0-9]{1,3}(?:(?P<by>[, '’])[0-9]{3})(?:(?P=by)[0-9]{3})*(?:\.0{1,2})?"),
    ",": re.compile(r"[0-9]{1,3}(?:(?P<by>[. '’])[0-9]{3})(?:(?P=by)[0-9]{3})*(?:,0{1,2})?"),
}
_SHORT = re.compile(
    r"(?P<number>[0-9]+(?:[.,][0-9]{1,3})?)\s*(?P<unit>k|thousand|mil|m|mn|million|millones)\b\.?", re.IGNORECASE
)
_UNITS = {"k": 1000, "thousand": 1000, "mil": 1000, "m": 10**6, "mn": 10**6, "million": 10**6, "millones": 10**6}
_NUMBER_WORDS = "one|two|three|four|five|six|seven|eight|nine|ten"
_N = rf"[0-9][0-9,. '’]*(?:\s*(?:k|thousand|mil|m|mn|million|millones)\b)?|(?:{_NUMBER_WORDS})\b"
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
_BETWEEN = re.compile(rf"(?:between\s+|from\s+)?({_N})\s*(?:-|–|—|to|and|or)\s*({_N})", re.I)
_ABOUT_REMARK = re.compile(
    r"\b(?:approx(?:imate(?:ly)?)?|est(?:imate[ds]?)?|rounded|about|circa|provisional)\b", re.IGNORECASE
)
_WITH_NOUN = re.compile(rf"({_N})\s+([A-Za-z][A-Za-z ]*)")
_NAMED = {name: number for number, name in enumerate(_NUMBER_WORDS.split("|"), start=1)}
_DOUBLE_MEANING = re.compile(r"[0-9]{1,3}[.,][0-9]{3}")


class _Number(NamedTuple):
    """A number as printed: its value, one unit of its last figure other than zero, and whether it was shortened."""

    value: int
    unit: int
    short: bool


def read_count(text: str, column: str, forms: Forms) -> int | Unsure:
    """A count, exact or not. ``text`` holds something. Raises ``Unreadable``."""
    if _COUNT.fullmatch(text):
        return _possible(text.removesuffix(".0"), text)
    if _GROUPED[forms.decimal].fullmatch(text) and text.count(forms.decimal) == 0:
        return _possible("".join(letter for letter in text if letter.isdecimal()), text)
    if is_zero(text, column, forms):
        return 0
    if is_withheld(text, forms):
        return Unsure("withheld", f"{text[:80]!r} is printed in place of the value")
    if is_spreadsheet_error(text):
        return Unsure("unread", f"{text!r} is a spreadsheet's error, not a value")
    plain, remark = without_footnote(text)
    if not remark:
        return _plain(text, column, forms)
    read = read_count(plain, column, forms)
    if isinstance(read, int) and _ABOUT_REMARK.search(remark):
        return _about(_number(plain, forms), f"{plain} ({remark})")
    return read


def _plain(text: str, column: str, forms: Forms) -> int | Unsure:
    for pattern, sense in (*_BEFORE, *_AFTER):
        if found := pattern.fullmatch(text):
            return _bounded(_number(found[1].strip(), forms), sense, text, forms)
    if (found := _BETWEEN.fullmatch(text)) and not _COUNT.fullmatch(text):
        first, last = found[1].strip(), found[2].strip()
        if first.isdecimal() and (short := _SHORT.fullmatch(last)):  # "30-40k": the unit is that of both
            first += short["unit"]
        low, high = _number(first, forms), _number(last, forms)
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
        return _Number(_possible(str(int(number)), text), max(1, factor // 10**decimals), short=True)
    if _COUNT.fullmatch(text):
        digits = text.removesuffix(".0")
    elif _GROUPED[forms.decimal].fullmatch(text):
        whole = re.sub(r"[.,]0{1,2}$", "", text) if re.search(rf"[{re.escape(forms.decimal)}]0{{1,2}}$", text) else text
        digits = re.sub(r"[^0-9]", "", whole)
    elif _DOUBLE_MEANING.fullmatch(text):
        raise Unreadable(f"{text[:80]!r} is a number with thousands in one custom and with decimals in another")
    else:
        raise Unreadable(f"{text[:80]!r} is not a whole number")
    value = _possible(digits, text)
    zeros = len(digits) - len(digits.rstrip("0")) if value else 0
    return _Number(value, 10**zeros, short=False)


def beyond_all(unsure: Unsure) -> bool:
    """Whether a value was not read because it is a count beyond all people."""
    return unsure.kind == "unread" and unsure.reason.endswith(BEYOND_ALL)


def _possible(digits: str, text: str) -> int:
    """The number of a count. Raises ``Unreadable`` where it is beyond all people."""
    if len(digits) > LONGEST_NUMBER or (value := int(digits)) > MOST:
        raise Unreadable(f"{text[:80]!r} {BEYOND_ALL}")
    return value


#: The longest text a cell may hold: long enough for any place, too short for a picture or a template in disguise.
LONGEST_TEXT = 300

Value = datetime.date | Decimal | int | str | None

_DECIMAL = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_DECIMAL_COMMA = re.compile(r"[0-9]+,[0-9]+")
_LIKE_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+")
_RATE = re.compile(r"([<>]?) ?([0-9]+(?:[.,][0-9]+)?) ?(%?)")
_HOURS_MINUTES = re.compile(
    r"([0-9]{1,3}) ?(?:h|hr|hrs|hour|hours)\.?[ ,&]{0,3}(?:and )?(?:([0-9]{1,2}) ?(?:m|min|mins|minute|minutes)?\.?)?",
    re.IGNORECASE,
)
_MINUTES = re.compile(r"([0-9]{1,4}) ?(?:m|min|mins|minute|minutes)\.?", re.IGNORECASE)
_DECIMAL_HOURS = re.compile(r"([0-9]{1,3}[.,][0-9]{1,6}) ?(?:h|hr|hrs|hour|hours)\.?", re.IGNORECASE)
_BARE_HOURS = re.compile(r"([0-9]{1,3}[.,][0-9]{1,6})")
_HALVES = {"½": ".5", "¼": ".25", "¾": ".75"}
_CLOCK = re.compile(r"([0-9]{1,3}):([0-9]{2})(?::([0-9]{2}))?(?: ?(?:h|hr|hrs|hours))?", re.IGNORECASE)
_FORMULA = re.compile(r"[=+@]|-[A-Za-z0-9(]")


def reader(column: str, kind: Kind, forms: Forms) -> Callable[[str], Value | Unsure]:
    """The reader of a column: text in, value, ``Unsure`` or ``None`` (nothing printed) out. Raises ``Unreadable``."""
    if kind == "text":
        return _text
    inner = _READERS.get(kind)
    bare = inner is None and not (forms.none or forms.zero or forms.withheld)

    def read(text: str) -> Value | Unsure:
        if bare and text.isdecimal() and text.isascii() and len(text) <= FEWER_DIGITS:
            return int(text)
        text = visible(text).strip()
        if is_nothing(text, forms):
            return None
        if text[0] == "=":
            raise Unreadable("it holds a formula, and Countersign computes none")
        if len(text) > LONGEST_TEXT:
            raise Unreadable(f"it is longer than {LONGEST_TEXT} characters")
        if inner is None:
            return read_count(text, column, forms)
        if is_spreadsheet_error(text):
            return Unsure("unread", f"{text!r} is a spreadsheet's error, not a value")
        if is_withheld(text, forms):
            return Unsure("withheld", f"{text[:80]!r} is printed in place of the value")
        plain, remark = without_footnote(text)
        return inner(plain if remark else text, forms)

    return read


def parser(kind: Kind, forms: Forms) -> Callable[[str], Value]:
    """The reader for exact values of one kind, as corrections and maps state them. Raises ``Unreadable``."""
    read = reader("", kind, forms)

    def exact(text: str) -> Value:
        value = read(text)
        if isinstance(value, Unsure):
            raise Unreadable(f"{text!r} is not one exact value")
        return value

    return exact


def plain(value: Value) -> str:
    """The one canonical text of a value; ``parser(kind, Forms())(plain(value)) == value``."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def rate_of(printed: str) -> Decimal:
    """A printed rate as a proportion: "0.08%" is ``Decimal('0.0008')``. Raises ``Unreadable``."""
    found = _RATE.fullmatch(printed.strip())
    if found is None:
        raise Unreadable(f"{printed!r} is not a rate")
    number = Decimal(found[2].replace(",", "."))
    return number / 100 if found[3] else number


def _text(text: str) -> str | None:
    text = MARK_BEHIND.sub("", " ".join(visible(text).split()))
    if is_nothing(text, _USUAL):
        return None
    if _FORMULA.match(text):
        raise Unreadable("it holds a formula, and Countersign computes none")
    if len(text) > LONGEST_TEXT:
        raise Unreadable(f"it is longer than {LONGEST_TEXT} characters")
    if not text.isprintable():
        raise Unreadable("it holds characters that cannot be printed")
    return text


def _decimal(text: str, forms: Forms) -> Decimal:
    if len(text) > LONGEST_NUMBER:
        raise Unreadable("it has too many digits")
    if forms.decimal == "." and _DECIMAL.fullmatch(text):
        return Decimal(text)
    if _DECIMAL_COMMA.fullmatch(text) and (forms.decimal == "," or not _LIKE_THOUSANDS.fullmatch(text)):
        return Decimal(text.replace(",", "."))
    if forms.decimal == "," and text.isdecimal() and text.isascii():
        return Decimal(text)
    raise Unreadable(f"{text!r} is not a decimal number with {'a point' if forms.decimal == '.' else 'a comma'}")


def _rate(text: str, _forms: Forms) -> str:
    rate_of(text)
    return text


def _minutes(text: str, forms: Forms) -> int:
    plain = " ".join(text.split())
    for sign, decimals in _HALVES.items():
        plain = plain.replace(f" {sign}", sign).replace(sign, decimals)
    if found := _HOURS_MINUTES.fullmatch(plain):
        hours, minutes = int(found[1]), int(found[2] or "0")
    elif found := _CLOCK.fullmatch(plain):
        hours, minutes = int(found[1]), int(found[2])
        if found[3] not in (None, "00"):
            raise Unreadable(f"{text!r} is not a duration in whole minutes")
    elif found := _MINUTES.fullmatch(plain):
        return int(found[1])
    elif found := _DECIMAL_HOURS.fullmatch(plain):
        return _whole_minutes(Decimal(found[1].replace(",", ".")) * 60)
    elif (
        forms.duration
        and len(plain) <= LONGEST_NUMBER
        and (_DECIMAL.fullmatch(plain) or (_DECIMAL_COMMA.fullmatch(plain) and not _LIKE_THOUSANDS.fullmatch(plain)))
    ):
        return _whole_minutes(Decimal(plain.replace(",", ".")) * (60 if forms.duration == "hours" else 1))
    else:
        return _spanned(text)
    if minutes > 59:
        raise Unreadable(f"{text!r} is not a duration: it has more than 59 minutes after the hours")
    return hours * 60 + minutes


def _whole_minutes(minutes: Decimal) -> int:
    """Rounded to the minute: hours are printed with two decimals, and no force times a deployment by the second."""
    return int(minutes.quantize(Decimal(1), ROUND_HALF_UP))


def is_rounded(text: str, forms: Forms) -> bool:
    """Whether a duration is printed as hours with decimals that are no whole minutes."""
    plain = " ".join(text.split())
    found = _DECIMAL_HOURS.fullmatch(plain) or (_BARE_HOURS.fullmatch(plain) if forms.duration == "hours" else None)
    return found is not None and Decimal(found[1].replace(",", ".")) * 60 % 1 != 0


def _spanned(text: str) -> int:
    try:
        minutes = minutes_between(text)
    except Unreadable:
        minutes = None
    if minutes is None:
        bare = " (a bare number needs a heading that states its unit)" if re.fullmatch(r"[0-9.]+", text) else ""
        raise Unreadable(f"{text!r} is not a duration{bare}")
    return minutes


_USUAL = Forms()
_READERS: dict[Kind, Callable[[str, Forms], Value]] = {
    "date": certain_date,
    "minutes": _minutes,
    "decimal": _decimal,
    "percent": _rate,
}
