"""Dates, hours, moments and periods in one form: 25 July 2024; clock times as in the United Kingdom, with their zone.

Entries and other forms for machines hold times in UTC. What a person reads has the time of clocks in the United
Kingdom: summer time runs from 01:00 UTC on the last Sunday of March to that of October (Summer Time Order 2002).

What is written in no form of entries stays as it is.

>>> dated("2024-07-25"), local_words("2026-03-01T10:00:00Z"), local_words("2026-07-01T10Z")
('25 July 2024', '1 March 2026, 10:00 GMT', '1 July 2026, 11:00 to 12:00 BST')
>>> span(datetime.date(2024, 1, 1), datetime.date(2024, 5, 29))
'1 January to 29 May 2024'
>>> local_words("2026-07-04T23:30:00Z"), local_window("2026-03-01T10:00:00Z", "2026-03-01T13:00:00Z")
('5 July 2026, 00:30 BST', '1 March 2026, 10:00 to 13:00 GMT')
"""

from __future__ import annotations

import datetime
import re

from countersign.words.lists import counted

#: The months by name, January first.
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}):(\d{2})Z")
_HOUR = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2})Z")


def day(date: datetime.date) -> str:
    """ "11 July 2025"."""
    return f"{day_of_year(date)} {date.year}"


def day_of_year(date: datetime.date) -> str:
    """ "11 July"."""
    return f"{date.day} {MONTHS[date.month - 1]}"


def month_name(year: int, number: int) -> str:
    """ "July 2025"; ``number`` is 1 to 12."""
    return f"{MONTHS[number - 1]} {year}"


def dated(text: str) -> str:
    """A date written YYYY-MM-DD in words; anything else ("2023 to 2026") as it stands."""
    if not _DAY.fullmatch(text):
        return text
    try:
        return day(datetime.date.fromisoformat(text))
    except ValueError:
        return text


def reviewed(as_of: datetime.date | str | None) -> str:
    """The date of a review, or that none was given.

    >>> reviewed("2026-12-01"), reviewed(None)
    ('Reviewed 1 December 2026', 'No review date was given')
    """
    return "No review date was given" if as_of is None else f"Reviewed {dated(str(as_of))}"


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
        start = str(first.day) if first.month == last.month else day_of_year(first)
    return f"{start} to {day(last)}"


def at_words(when: datetime.datetime) -> str:
    """A moment by clocks in the United Kingdom, to the minute: "1 March 2026, 09:30 GMT"."""
    return local_words(when.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:00Z"))


def duration(seconds: int) -> str:
    """A span of time in its largest whole unit: "3 days", "1 hour", "40 seconds"."""
    for length, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= length:
            return counted(seconds // length, name)
    return counted(seconds, "second")


def months(first: datetime.date, last: datetime.date) -> str:
    """The months of a period: "August to November 2024", the year once where it is the same."""
    end = month_name(last.year, last.month)
    if (first.year, first.month) == (last.year, last.month):
        return end
    start = MONTHS[first.month - 1] if first.year == last.year else month_name(first.year, first.month)
    return f"{start} to {end}"


def _summer(year: int, month: int) -> datetime.datetime:
    """01:00 UTC on the last Sunday of a month of 31 days."""
    last = datetime.datetime(year, month, 31, 1, tzinfo=datetime.UTC)
    return last - datetime.timedelta(days=(last.weekday() + 1) % 7)


def _local(text: str) -> tuple[str, str, str]:
    """Day, clock and zone in the United Kingdom of a moment of an entry."""
    when = datetime.datetime.fromisoformat(text)
    summer = _summer(when.year, 3) <= when < _summer(when.year, 10)
    when += datetime.timedelta(hours=summer)
    return day(when), f"{when:%H:%M}" + (f":{when:%S}" if when.second else ""), "BST" if summer else "GMT"


def local_words(text: str) -> str:
    """A moment or an hour of an entry by clocks in the United Kingdom, with the zone; a date as a date; anything else
    as it stands.
    """
    if hour := _HOUR.fullmatch(text):
        start = f"{hour[1]}T{hour[2]}:00:00Z"
        end = datetime.datetime.fromisoformat(start) + datetime.timedelta(hours=1)
        return local_window(start, f"{end:%Y-%m-%dT%H}:00:00Z")
    if not _MOMENT.fullmatch(text):
        return dated(text)
    date, clock, zone = _local(text)
    return f"{date}, {clock} {zone}"


def local_window(start: str, end: str) -> str:
    """From a moment to another by clocks in the United Kingdom; day and zone once where they are the same."""
    if not (_MOMENT.fullmatch(start) and _MOMENT.fullmatch(end)):
        return f"{local_words(start)} to {local_words(end)}"
    (date, clock, zone), (last, until, after) = _local(start), _local(end)
    if (date, zone) != (last, after):
        return f"{local_words(start)} to {local_words(end)}"
    return f"{date}, {clock} to {until} {zone}"
