"""From the text of one cell to a value, by the kind of its column; what cannot be read for certain is not read.

A cell that says it holds nothing ("", "-", "N/A" ...) gives ``None``, never zero. A count may be exact or not
(``counts``). A decimal may carry a decimal comma where it cannot be a thousands separator. A duration is in whole
minutes ("5h03m", "5hr 37m", "8h0m", "5h40", "5:40", "10am to 4pm"), decimal hours rounded to the minute; a bare number
is one only under a heading that states its unit. Dates of a column are read together (``dates``).

It does not correct or complete anything: a text with two possible readings is refused with the reason.

>>> reader("duration_minutes", "minutes", Forms())("5hr 37m"), reader("alerts", "count", Forms())("12,187")
(337, 12187)
>>> parser("decimal", Forms())("0,64"), parser("date", Forms())("11/07/23").isoformat(), parser("count", Forms())("N/A")
(Decimal('0.64'), '2023-07-11', None)
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from countersign.published.table.counts import LONGEST_NUMBER, read_count
from countersign.published.table.dates import certain_date
from countersign.published.table.marks import (
    Forms,
    Unreadable,
    is_nothing,
    is_spreadsheet_error,
    is_withheld,
    visible,
    without_footnote,
)
from countersign.published.table.record import Kind, Unsure
from countersign.published.table.times import minutes_between

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
_HALVES = {"½": ".5", "¼": ".25", "¾": ".75"}
_CLOCK = re.compile(r"([0-9]{1,3}):([0-9]{2})(?::([0-9]{2}))?(?: ?(?:h|hr|hrs|hours))?", re.IGNORECASE)
_FORMULA = re.compile(r"[=+@]|-[A-Za-z0-9(]")


def reader(column: str, kind: Kind, forms: Forms) -> Callable[[str], Value | Unsure]:
    """The reader for cells of one column: text in, value or ``Unsure`` out, ``None`` where nothing was printed.

    The reader raises ``Unreadable`` with the reason.
    """
    if kind == "text":
        return _text
    inner = _READERS.get(kind)

    def read(text: str) -> Value | Unsure:
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
    text = " ".join(visible(text).split())
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
    elif forms.duration and _DECIMAL.fullmatch(plain) and len(plain) <= LONGEST_NUMBER:
        return _whole_minutes(Decimal(plain) * (60 if forms.duration == "hours" else 1))
    else:
        return _spanned(text)
    if minutes > 59:
        raise Unreadable(f"{text!r} is not a duration: it has more than 59 minutes after the hours")
    return hours * 60 + minutes


def _whole_minutes(minutes: Decimal) -> int:
    """Rounded to the minute: hours are printed with two decimals, and no force times a deployment by the second."""
    return int(minutes.quantize(Decimal(1), ROUND_HALF_UP))


def _spanned(text: str) -> int:
    try:
        minutes = minutes_between(text)
    except Unreadable:
        minutes = None
    if minutes is None:
        bare = " (a bare number needs a heading that states its unit)" if re.fullmatch(r"[0-9.]+", text) else ""
        raise Unreadable(f"{text!r} is not a duration{bare}")
    return minutes


def _date(text: str, forms: Forms) -> datetime.date:
    return certain_date(text, forms)


_USUAL = Forms()
_READERS: dict[Kind, Callable[[str, Forms], Value]] = {
    "date": _date,
    "minutes": _minutes,
    "decimal": _decimal,
    "percent": _rate,
}
