"""From the text of one cell to a value, by the kind of its column; what cannot be read for certain is not read.

A cell that says it holds nothing ("", "-", "N/A" ...) gives ``None``, never zero. Dates are read day first, as British
forces print them, unless a column map names other forms. A count may carry thousands separators; a decimal may carry a
decimal comma where it cannot be a thousands separator. A duration is in whole minutes ("5h03m", "5hr 37m", "8h0m",
"5h40", "5:40"); a bare number is one only under a heading that states its unit.

It does not correct, round or complete anything: a text with two possible readings is refused with the reason.

>>> parser("minutes", Forms())("5hr 37m"), parser("count", Forms())("12,187"), parser("decimal", Forms())("0,64")
(337, 12187, Decimal('0.64'))
>>> parser("date", Forms())("11/07/23").isoformat(), parser("count", Forms())("N/A")
('2023-07-11', None)
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Literal

import msgspec

from countersign.published.table.record import Kind

#: Texts by which a cell says that it holds no value.
NOT_PRINTED = frozenset(
    {"", "-", "–", "—", "n/a", "na", "null", "not applicable", "not available", "not recorded", "unknown"}
)
#: The longest text a cell may hold: long enough for any place, too short for a picture or a template in disguise.
LONGEST_TEXT = 300
#: The most digits a number may have.
LONGEST_NUMBER = 15

Value = datetime.date | Decimal | int | str | None

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
            "sep sept september", "oct october", "nov november", "dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]00:00(?::00)?)?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})")
_NAMED_MONTH = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?[ -]([A-Za-z]{3,9})\.?,?[ -]([0-9]{4}|[0-9]{2})")
_COUNT = re.compile(r"[0-9]+(?:\.0)?")
_GROUPED = {".": re.compile(r"[0-9]{1,3}(?:[,   '][0-9]{3})+"), ",": re.compile(r"[0-9]{1,3}(?:[.   '][0-9]{3})+")}
_DECIMAL = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_DECIMAL_COMMA = re.compile(r"[0-9]+,[0-9]+")
_LIKE_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+")
_RATE = re.compile(r"([<>]?) ?([0-9]+(?:[.,][0-9]+)?) ?(%?)")
_HOURS_MINUTES = re.compile(
    r"([0-9]{1,3}) ?(?:h|hr|hrs|hour|hours)[ ,]{0,2}(?:([0-9]{1,2}) ?(?:m|min|mins|minute|minutes)?)?", re.IGNORECASE
)
_MINUTES = re.compile(r"([0-9]{1,4}) ?(?:m|min|mins|minute|minutes)", re.IGNORECASE)
_CLOCK = re.compile(r"([0-9]{1,3}):([0-9]{2})(?::([0-9]{2}))?")
_FORMULA = re.compile(r"[=+@]|-[A-Za-z0-9(]")


class Unreadable(ValueError):
    """A cell's text has no certain reading; the message is the reason, as a clause."""


class Forms(msgspec.Struct, frozen=True):
    """How a source writes its values, where that differs from the usual.

    ``dates``: forms tried instead of the usual ones, in the notation of ``datetime.strptime``; ``decimal``: the decimal
    mark; ``duration``: the unit of a bare number under a heading that names none.
    """

    dates: tuple[str, ...] = ()
    decimal: Literal[".", ","] = "."
    duration: Literal["", "minutes", "hours"] = ""


def parser(kind: Kind, forms: Forms) -> Callable[[str], Value]:
    """The reader for cells of one kind: text in, value out, ``None`` where nothing was printed.

    The reader raises ``Unreadable`` with the reason.
    """
    if kind == "text":
        return _text
    inner = _READERS[kind]

    def read(text: str) -> Value:
        text = text.strip()
        if text.casefold() in NOT_PRINTED:
            return None
        if text[0] == "=":
            raise Unreadable("it holds a formula, and Countersign computes none")
        if len(text) > LONGEST_TEXT:
            raise Unreadable(f"it is longer than {LONGEST_TEXT} characters")
        return inner(text, forms)

    return read


def readable(text: str) -> str:
    """Text from outside made fit to show: spaces single, and what cannot be printed replaced by a mark."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in " ".join(text.split()))


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
    text = " ".join(text.split())
    if text.casefold() in NOT_PRINTED:
        return None
    if _FORMULA.match(text):
        raise Unreadable("it holds a formula, and Countersign computes none")
    if len(text) > LONGEST_TEXT:
        raise Unreadable(f"it is longer than {LONGEST_TEXT} characters")
    if not text.isprintable():
        raise Unreadable("it holds characters that cannot be printed")
    return text


def _date(text: str, forms: Forms) -> datetime.date:
    if forms.dates:
        for form in forms.dates:
            try:
                return datetime.datetime.strptime(text, form).replace(tzinfo=datetime.UTC).date()
            except ValueError:
                continue
        raise Unreadable(f"{text!r} is not a date of the form {' or '.join(forms.dates)}")
    if found := _ISO_DATE.fullmatch(text):
        year, month, day = int(found[1]), int(found[2]), int(found[3])
    elif found := _DAY_FIRST.fullmatch(text):
        day, month, year = int(found[1]), int(found[3]), _year(found[4])
    elif (found := _NAMED_MONTH.fullmatch(text)) and found[2].casefold() in _MONTHS:
        day, month, year = int(found[1]), _MONTHS[found[2].casefold()], _year(found[3])
    else:
        raise Unreadable(f"{text!r} is not a date (day first, or ISO 8601)")
    try:
        return datetime.date(year, month, day)
    except ValueError:
        raise Unreadable(f"{text!r} is not a day of the calendar (read day first)") from None


def _year(text: str) -> int:
    return 2000 + int(text) if len(text) == 2 else int(text)


def _count(text: str, forms: Forms) -> int:
    if len(text) > LONGEST_NUMBER + 5:
        raise Unreadable("it has too many digits for a count")
    if _COUNT.fullmatch(text):
        return int(text.removesuffix(".0"))
    if _GROUPED[forms.decimal].fullmatch(text):
        return int(re.sub(r"[^0-9]", "", text))
    raise Unreadable(f"{text!r} is not a whole number")


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
    if found := _HOURS_MINUTES.fullmatch(text):
        hours, minutes = int(found[1]), int(found[2] or "0")
    elif found := _CLOCK.fullmatch(text):
        hours, minutes = int(found[1]), int(found[2])
        if found[3] not in (None, "00"):
            raise Unreadable(f"{text!r} is not a duration in whole minutes")
    elif found := _MINUTES.fullmatch(text):
        return int(found[1])
    elif forms.duration and _DECIMAL.fullmatch(text) and len(text) <= LONGEST_NUMBER:
        total = Decimal(text) * (60 if forms.duration == "hours" else 1)
        if total != int(total):
            raise Unreadable(f"{text!r} {forms.duration} is not a duration in whole minutes")
        return int(total)
    else:
        bare = " (a bare number needs a heading that states its unit)" if text.isdecimal() else ""
        raise Unreadable(f"{text!r} is not a duration{bare}")
    if minutes > 59:
        raise Unreadable(f"{text!r} is not a duration: it has more than 59 minutes after the hours")
    return hours * 60 + minutes


_READERS: dict[Kind, Callable[[str, Forms], Value]] = {
    "date": _date,
    "count": _count,
    "minutes": _minutes,
    "decimal": _decimal,
    "percent": _rate,
}
