"""Dates of a whole column, so that the form of each is decided by all of them and not by one cell.

Certain whatever stands beside them: ISO 8601, year first, a named month, eight digits, a spreadsheet's serial number,
each also with a weekday before it and times of day after it. Days and months in figures (``11/06/2024``) are read in
the one order that fits every cell of the column; day first where both orders fit and neither the row order nor a
weekday speaks against it. Doubted are: every cell that both orders fit where a column mixes them; typed dates beside
text dates where only the text ones have a day above 12 (a spreadsheet program exchanged day and month); a weekday that
is not that of its date; a year far from all others. Ranges of days, months, quarters and years are periods.

>>> [str(read.date) for read in read_dates(["06/13/2024", "07/11/2023"], Forms()).values()]
['2024-06-13', '2023-07-11']
>>> read_dates(["26-27/06/2024"], Forms())["26-27/06/2024"].date_to
datetime.date(2024, 6, 27)
>>> read_dates(["26 June"], Forms())["26 June"].unsure.reason
"'26 June' has no year, and none is made up"
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

from countersign.published.table.figures import (
    EARLIEST,
    FIGURES,
    LATEST,
    Figures,
    When,
    doubtful,
    ordered,
    orders,
    unread,
)
from countersign.published.table.marks import MARK_BEHIND, TIMES, Forms, Unreadable, is_nothing, minutes_between
from countersign.published.table.record import LONGEST_DAYS, Unsure

#: A step back by more days than these, in rows without a year, crosses a new year.
HALF_A_YEAR = 183
#: A year this far from every other of its column is doubted.
FAR = 5
#: The first day of the usual serial numbers of spreadsheets, and of the other kind.
SERIAL_ZERO, SERIAL_ZERO_1904 = datetime.date(1899, 12, 30), datetime.date(1904, 1, 1)

MONTHS = {
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
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH = r"(?P<{0}>[A-Za-z]{{3,9}})\.?"
_DAY = r"(?P<{0}>[0-9]{{1,2}})(?:st|nd|rd|th)?"
_YEAR = r"(?P<{0}>[0-9]{{4}}|'?[0-9]{{2}})"
_TO = r"\s*(?:-|–|—|/|&|\band\b|\bto\b|\buntil\b|\bthrough\b)\s*"
_GAP = r"[\s\-./,]*"
_D, _M, _Y = _DAY.format("day"), _MONTH.format("month"), _YEAR.format("year")
_FIRST, _LAST, _M_TO = _DAY.format("first"), _DAY.format("last"), _MONTH.format("month_to")
_WEEKDAY_NAME = r"mon|tues?|wed(?:nes|s)?|thu(?:rs?)?|fri|sat(?:ur)?|sun"
_AFTER_WEEKDAY = r"(?:day)?\b\.?,?\s*"
#: No date is longer; of a longer cell the rest is not looked at, and its beginning is no date.
LONGEST_DATE = 300
_WEEKDAY = re.compile(rf"^[(\[]?(?P<name>{_WEEKDAY_NAME}){_AFTER_WEEKDAY}[)\]]?\s*", re.IGNORECASE)
_WEEKDAY_BEHIND = re.compile(rf"[\s,;(\[]+(?P<name>{_WEEKDAY_NAME})(?:day)?\b\.?[)\]]?$", re.IGNORECASE)
_CLOCK = re.compile(rf"[\s,;T(]+(?:at\s+|from\s+|between\s+)?(?P<times>{TIMES})\)?$", re.IGNORECASE)
_ISO = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
_COMPACT = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})")
_SERIAL = re.compile(r"([34567][0-9]{4})(?:\.[0-9]+)?")
_DAY_MONTH_YEAR = re.compile(rf"{_D}(?:\s+of)?{_GAP}{_M}{_GAP}{_Y}")
_MONTH_DAY_YEAR = re.compile(rf"{_M}{_GAP}{_D},?\s+{_Y}")
_YEAR_MONTH_DAY = re.compile(rf"(?P<year>[0-9]{{4}}){_GAP}{_M}{_GAP}{_D}")
_BETWEEN_DATES = re.compile(r"\s*(?:-|–|—|/|&|\bto\b|\buntil\b|\band\b)\s*", re.IGNORECASE)
_ANY_WEEKDAY = re.compile(rf"\b(?:{_WEEKDAY_NAME}){_AFTER_WEEKDAY}", re.IGNORECASE)
_TO_MONTH = re.compile(rf"(?:up\s+)?(?:to|until|to the end of|by the end of)\s+{_M}{_GAP}{_Y}", re.I)
_SHORT_MONTH = re.compile(rf"{_M}[\s\-/.]*(?P<year>'?[0-9]{{2}})")
#: "2023/24", "FY 2023-24", "Q1 2023/24": a financial year runs from 1 April.
_FINANCIAL = re.compile(
    r"(?:q(?:uarter\s*)?(?P<financial_quarter>[1-4])[\s,]*)?(?:f\.?y\.?\s*|financial year\s*|year\s+)?"
    r"(?P<year>20[0-9]{2})\s*(?:/|-|–|to)\s*(?P<next>(?:20)?[0-9]{2})(?:[\s,]*q(?:uarter\s*)?(?P<quarter_behind>[1-4]))?",
    re.IGNORECASE,
)
#: Days, months, quarters and years, tried in this order.
_PERIODS = (
    re.compile(
        r"(?P<first>[0-9]{1,2})\s*(?:-|–|—|&|\band\b|\bto\b)\s*(?P<last>[0-9]{1,2})[/.](?P<month>[0-9]{1,2})[/.]"
        r"(?P<year>[0-9]{4}|[0-9]{2})",
        re.IGNORECASE,
    ),
    re.compile(rf"{_FIRST}{_TO}{_LAST}(?:\s+of)?{_GAP}{_M}{_GAP}{_Y}", re.IGNORECASE),
    re.compile(rf"{_FIRST}{_GAP}{_M}{_TO}{_LAST}{_GAP}{_M_TO}{_GAP}{_Y}", re.IGNORECASE),
    re.compile(rf"{_M}{_TO}{_M_TO}{_GAP}{_Y}", re.IGNORECASE),
    _FINANCIAL,
    re.compile(rf"{_M}{_GAP}{_Y}"),
    re.compile(r"(?P<year>[0-9]{4})[\s\-/](?P<month>[0-9]{2})"),
    re.compile(r"(?P<month>[0-9]{1,2})[/.](?P<year>[0-9]{4})"),
    re.compile(r"q(?:uarter\s*)?(?P<quarter>[1-4])[\s,\-/]*(?P<year>[0-9]{4})", re.IGNORECASE),
    re.compile(r"(?P<year>[0-9]{4})[\s,\-/]*q(?:uarter\s*)?(?P<quarter>[1-4])", re.IGNORECASE),
    re.compile(r"(?:year\s+|cy\s*)?(?P<year>20[0-9]{2})", re.IGNORECASE),
)
_NO_YEAR = re.compile(rf"{_D}(?:\s+of)?{_GAP}{_M}|{_MONTH.format('month2')}{_GAP}{_DAY.format('day2')}")
_TYPED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9:.]+)?|[34567][0-9]{4}(?:\.[0-9]+)?")
_NO_YEAR_FIGURES = re.compile(r"([0-9]{1,2})[/.]([0-9]{1,2})")


def read_dates(texts: Sequence[str], forms: Forms) -> dict[str, When]:
    """What each distinct text of a column says; ``texts`` are the column's cells in printed order."""
    read: dict[str, When] = {}
    figures: dict[str, Figures] = {}
    for text in dict.fromkeys(texts):
        if is_nothing(text, forms):
            read[text] = When()
            continue
        found = _by_map(text, forms) if forms.dates else _one(text.strip()[:LONGEST_DATE], forms)
        if isinstance(found, Figures):
            figures[text] = found
        else:
            read[text] = found
    if figures:
        read |= ordered(figures, [text for text in texts if text in figures])
    if not (forms.dates or forms.settled):
        _doubt_exchanged(read, figures)
        _doubt_short_months(read)
    if not forms.settled:
        _doubt_far_years(read)
        if forms.year is not None:
            _doubt_turned_year(read, [text for text in texts if _without_year(text.strip()) or forms.dates], forms.year)
    return read


def _one(text: str, forms: Forms) -> When | Figures:
    """Read one text as far as it says its own form."""
    plain = MARK_BEHIND.sub("", " ".join(text.replace("\u2011", "-").replace("\u2010", "-").split()))
    weekday = None
    if named := _WEEKDAY.match(plain):
        weekday, plain = _day_of_week(named["name"]), plain[named.end() :]
    minutes = None
    if clock := _CLOCK.search(plain):
        try:
            minutes = minutes_between(clock["times"])
        except Unreadable:
            minutes = None
        plain = plain[: clock.start()].strip(" ,;(")
    if named := _WEEKDAY_BEHIND.search(plain):
        weekday, plain = _day_of_week(named["name"]), plain[: named.start()]
    if zulu := re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T[0-9:.]+(?:Z|[+-][0-9]{2}:?[0-9]{2})?", plain):
        plain = zulu[1]
    if (ended := _TO_MONTH.fullmatch(plain)) and (month := MONTHS.get(ended["month"].casefold())):
        said = Unsure("unread", f"{text[:80]!r} names only the end of its period")
        return When(None, _last(_year(ended["year"]), month), unsure=said)
    try:
        if found := FIGURES.fullmatch(plain):
            return Figures.of(found)._replace(weekday=weekday, minutes=minutes)
        date, date_to = _certain(plain, forms)
    except Unreadable as error:
        return unread(str(error))
    except ValueError:
        return unread(f"{text[:80]!r} is not a day of the calendar")
    if weekday is not None and date_to is None and date.weekday() != weekday:
        reason = f"{text[:80]!r} names a weekday, and {date.isoformat()} is a {_WEEKDAYS[date.weekday()].capitalize()}"
        return doubtful(reason, date.isoformat())
    return When(date, date_to, minutes)


def _day_of_week(name: str) -> int:
    return next(index for index, day in enumerate(_WEEKDAYS) if day.startswith(name.casefold()[:3]))


def _certain(text: str, forms: Forms) -> tuple[datetime.date, datetime.date | None]:
    """A text that says its own form. Raises ``Unreadable``, or ``ValueError`` for a day that never was."""
    if date := _whole(text, _DAY_MONTH_YEAR, _MONTH_DAY_YEAR, _YEAR_MONTH_DAY):
        return date, None
    if found := _SERIAL.fullmatch(text):
        zero = SERIAL_ZERO_1904 if forms.serials_from_1904 else SERIAL_ZERO
        return zero + datetime.timedelta(int(found[1])), None
    if period := _period(text):
        return period
    if (span := _two_dates(text)) is not None:
        return span
    if (named := _ANY_WEEKDAY.sub("", text)) != text:
        return _certain(named, forms)
    if _without_year(text):
        if forms.year:
            return _with_year(text, forms)
        raise Unreadable(f"{text[:80]!r} has no year, and none is made up")
    raise Unreadable(f"{text[:80]!r} is not a date")


def _whole(text: str, *named: re.Pattern[str]) -> datetime.date | None:
    """A day with its year first, in figures, or in one of these forms with its month by name."""
    for pattern in (_ISO, _COMPACT):
        if found := pattern.fullmatch(text):
            return datetime.date(int(found[1]), int(found[2]), int(found[3]))
    for pattern in named:
        if (found := pattern.fullmatch(text)) and (month := MONTHS.get(found["month"].casefold())):
            return datetime.date(_year(found["year"]), month, int(found["day"]))
    return None


def _two_dates(text: str) -> tuple[datetime.date, datetime.date] | None:
    """A range between two whole dates. Raises ``Unreadable`` where figures can be read in two orders."""
    for between in _BETWEEN_DATES.finditer(text):
        first, last = text[: between.start()], text[between.end() :]
        if len(first) < 6 or len(last) < 6:
            continue
        spans = {
            (start, end)
            for start, end in zip(_either_order(first), _either_order(last), strict=True)
            if start and end and 0 < (end - start).days <= 366
        }
        short = {span for span in spans if (span[1] - span[0]).days <= LONGEST_DAYS} or spans
        if len(short) == 1:
            return short.pop()
        if short:
            raise Unreadable(f"{text[:80]!r} can be read in two orders")
    return None


def _either_order(text: str) -> tuple[datetime.date | None, datetime.date | None]:
    """A whole date read day first and month first; the same twice where it says its own form."""
    if found := FIGURES.fullmatch(text):
        readings = orders(Figures.of(found))
        return readings.get("day first"), readings.get("month first")
    date = _whole(text, _DAY_MONTH_YEAR)
    return date, date


def _without_year(text: str) -> bool:
    if _NO_YEAR_FIGURES.fullmatch(text):
        return True
    found = _NO_YEAR.fullmatch(text)
    return found is not None and (found["month"] or found["month2"]).casefold() in MONTHS


def _with_year(text: str, forms: Forms) -> tuple[datetime.date, datetime.date | None]:
    assert forms.year is not None
    if found := _NO_YEAR.fullmatch(text):
        month = MONTHS[(found["month"] or found["month2"]).casefold()]
        return datetime.date(forms.year, month, int(found["day"] or found["day2"])), None
    raise Unreadable(f"{text[:80]!r} has no year, and day and month in figures alone are not certain")


def _period(text: str) -> tuple[datetime.date, datetime.date] | None:
    """Days, months, quarters and years as first and last day; ``None`` where a word in it is no month."""
    for pattern in _PERIODS:
        if (found := pattern.fullmatch(text)) and (ends := _ends(found)):
            return ends
    return None


def _ends(found: re.Match[str]) -> tuple[datetime.date, datetime.date] | None:
    parts = found.groupdict()
    year = _year(parts["year"])
    if "next" in parts:
        return _financial(year, int(parts["next"]) % 100, parts["financial_quarter"] or parts["quarter_behind"])
    named = parts.get("month", "jan"), parts.get("month_to", parts.get("month", "dec"))
    month, month_to = (int(text) if text.isdecimal() else MONTHS.get(text.casefold()) for text in named)
    if month is None or month_to is None:
        return None
    if "quarter" in parts:
        month, month_to = 3 * int(parts["quarter"]) - 2, 3 * int(parts["quarter"])
    if "first" not in parts:
        later = month < month_to or "month_to" not in parts
        return (datetime.date(year, month, 1), _last(year, month_to)) if later else None
    first = datetime.date(year - (month > month_to), month, int(parts["first"]))
    last = datetime.date(year, month_to, int(parts["last"]))
    if first >= last:
        raise Unreadable(f"{found[0]!r} does not run from an earlier day to a later one")
    return first, last


def _financial(year: int, last: int, quarter: str | None) -> tuple[datetime.date, datetime.date] | None:
    """A financial year or a quarter of it; ``None`` where the figures are no two years, or may be year and month."""
    if last != (year + 1) % 100 or last <= 12:
        return None
    first, months = (3 * int(quarter), 2) if quarter else (3, 11)
    starts = first + 1 if first < 12 else 1
    start = datetime.date(year + (first >= 12), starts, 1)
    ends = start.month - 1 + months
    return start, _last(start.year + ends // 12, ends % 12 + 1)


def _last(year: int, month: int) -> datetime.date:
    return datetime.date(year, month, calendar.monthrange(year, month)[1])


def last_day(first: datetime.date, months: int) -> datetime.date:
    """The last day of that number of months, at most to the end of the year, from the first of one."""
    return _last(first.year, min(12, first.month + months - 1))


def _year(text: str) -> int:
    digits = text.lstrip("'")
    return int(digits) + (2000 if len(digits) == 2 else 0)


def _doubt_exchanged(read: dict[str, When], figures: Mapping[str, Figures]) -> None:
    """Doubt typed dates with days up to 12 beside text dates with days above: a program may have exchanged them."""
    typed = {text: when.date for text, when in read.items() if when.date and _TYPED.fullmatch(text.strip())}
    written = [date for text in figures if (date := read[text].date)]
    if not written or any(date.day > 12 for date in typed.values()) or any(date.day <= 12 for date in written):
        return
    for text, date in typed.items():
        if date.day != date.month:
            reason = f"{text!r} may have day and month exchanged: only the dates kept as text have a day above 12"
            read[text] = doubtful(reason, datetime.date(date.year, date.day, date.month).isoformat())


def _doubt_short_months(read: dict[str, When]) -> None:
    """ "Jun-24" is a month where the figures of a column are a few years; "Jun-11", "Jun-13" are days without one."""
    short = {text: int(found["year"].lstrip("'")) for text in read if (found := _SHORT_MONTH.fullmatch(text.strip()))}
    years = sorted(set(short.values()))
    if not years or (
        years[0] >= EARLIEST % 100 and years[-1] <= LATEST % 100 and years[-1] - years[0] < len(short) / 2 + 1
    ):
        return
    for text in short:
        read[text] = unread(f"{text!r} has no year, and none is made up")


def _doubt_far_years(read: dict[str, When]) -> None:
    years = Counter(when.date.year for when in read.values() if when.date is not None)
    doubted: dict[int, int | None] = {}
    for year in years:
        others = [other for other in years if other != year]
        nearest = min(others, key=lambda other: abs(other - year)) if others else None
        far = nearest is not None and years[year] * 10 <= years.total() and abs(nearest - year) >= FAR
        if far or not EARLIEST <= year <= LATEST:
            doubted[year] = nearest
    for text, when in list(read.items()) if doubted else ():
        if when.date is not None and when.date.year in doubted:
            reading = _in_year(when.date, doubted[when.date.year])
            read[text] = doubtful(f"{text!r} lies in a year far from all others", reading)


def _doubt_turned_year(read: dict[str, When], texts: Sequence[str], year: int) -> None:
    """Rows that jump by half a year against their order crossed a new year, and one year does not hold for all."""
    days = [(text, date) for text in texts if (date := read[text].date) is not None and date.year == year]
    steps = [(later - earlier).days for (_, earlier), (_, later) in pairwise(days)]
    far = [step for step in steps if abs(step) > HALF_A_YEAR]
    near = [step for step in steps if 0 < abs(step) <= HALF_A_YEAR]
    rising = sum(step > 0 for step in near) >= sum(step < 0 for step in near)
    if any((step < 0) == rising for step in far):
        for text, _ in days:
            read[text] = doubtful(f"{text!r} has no year, and its rows run over a new year", "")


def _in_year(date: datetime.date, year: int | None) -> str:
    if year is None:
        return ""
    try:
        return date.replace(year=year).isoformat()
    except ValueError:
        return ""


def _by_map(text: str, forms: Forms) -> When:
    """Read by the forms a map names: one without a day is a month, one without a month a year."""
    for form in forms.dates:
        try:
            found = datetime.datetime.strptime(text.strip(), form).replace(tzinfo=datetime.UTC).date()
        except ValueError:
            continue
        if not any(year in form for year in ("%Y", "%y", "%G", "%c", "%x", "%D", "%F")):
            if forms.year is None:
                return unread(f"{text[:80]!r} has no year, and none is made up")
            found = found.replace(year=forms.year)
        if any(day in form for day in ("%d", "%j", "%c", "%x", "%D", "%F", "%e")):
            return When(found)
        if any(month in form for month in ("%m", "%b", "%B")):
            return When(found, _last(found.year, found.month))
        return When(found, datetime.date(found.year, 12, 31))
    return unread(f"{text[:80]!r} is not a date of the form {' or '.join(forms.dates)}")


def certain_date(text: str, forms: Forms) -> datetime.date:
    """One date that stands alone, day first where figures leave it open. Raises ``Unreadable``."""
    read = _by_map(text, forms) if forms.dates else _one(text.strip(), forms)
    if isinstance(read, Figures):
        date = orders(read).get("day first")
        if date is None:
            raise Unreadable(f"{text[:80]!r} is not a day of the calendar (read day first)")
        return date
    if read.date is None or read.date_to is not None:
        raise Unreadable(read.unsure.reason if read.unsure else f"{text[:80]!r} is not a single day")
    return read.date
