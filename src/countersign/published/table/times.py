"""Times of day, and how long lies between two of them: past midnight too, and never over a day.

>>> minutes_between("11.20am to 2.50pm"), minutes_between("1000-1600 hrs"), minutes_between("22:00 - 02:00")
(210, 360, 240)
>>> clock("4pm"), clock("16:00:00"), clock("noon")
(960, 960, 720)
"""

from __future__ import annotations

import re

from countersign.published.table.marks import Unreadable

MINUTES_A_DAY = 24 * 60
_PLAIN = r"[0-9]{1,2}(?:[:.][0-9]{2}){1,2}(?:\.0+)?\s*(?:[ap]\.?m\.?)?|[0-9]{1,2}\s*[ap]\.?m\.?|noon|midday|midnight"
_ONE = rf"(?:{_PLAIN}|[0-9]{{4}})"
_HOURS = r"(?:\s*(?:hrs?|hours|h|gmt|bst|utc|z))?\.?"
_TO = r"\s*(?:-|–|—|/|\bto\b|\btill?\b|\buntil\b|\band\b)\s*"
#: One time of day or two, as printed beside a date.
TIMES = rf"(?:[0-9]{{1,2}}|{_ONE}){_HOURS}{_TO}{_ONE}{_HOURS}|(?:{_PLAIN}){_HOURS}|[0-9]{{4}}\s*(?:hrs?|hours)"
_RANGE = re.compile(rf"(?P<start>[0-9]{{1,2}}|{_ONE}){_HOURS}{_TO}(?P<end>{_ONE}){_HOURS}", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?P<hour>[0-9]{1,2})(?:[:.](?P<minute>[0-9]{2}))?(?:[:.](?P<second>[0-9]{2})(?:\.0+)?)?\s*(?P<half>[ap])?\.?(?:m\.?)?",
    re.IGNORECASE,
)
_FOUR = re.compile(r"(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})")
_NAMED = {"noon": 720, "midday": 720, "midnight": 0}


def clock(text: str) -> int:
    """A time of day in minutes after midnight. Raises ``Unreadable``."""
    plain = re.sub(rf"{_HOURS}$", "", " ".join(text.casefold().split()), flags=re.IGNORECASE).strip()
    plain = re.sub(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ t]", "", plain)
    if plain in _NAMED:
        return _NAMED[plain]
    found = _FOUR.fullmatch(plain) or _CLOCK.fullmatch(plain)
    if found is None:
        raise Unreadable(f"{text[:80]!r} is not a time of day")
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    half = found.groupdict().get("half")
    if half:
        if not 1 <= hour <= 12:
            raise Unreadable(f"{text[:80]!r} is not a time of day")
        hour = hour % 12 + (12 if half == "p" else 0)
    if not (hour < 24 or (hour == 24 and minute == 0)) or minute > 59:
        raise Unreadable(f"{text[:80]!r} is not a time of day")
    return hour % 24 * 60 + minute


def minutes_between(text: str) -> int | None:
    """The minutes that a range of times spans; ``None`` for a single time. Raises ``Unreadable``."""
    found = _RANGE.fullmatch(" ".join(text.split()))
    if found is None:
        clock(text)
        return None
    start, end = found["start"].strip(), found["end"].strip()
    half = re.search(r"[ap]\.?m\.?$", end, re.IGNORECASE)
    if (
        half
        and not re.search(r"[ap]\.?m\.?$|noon|midday|midnight", start, re.IGNORECASE)
        and not _FOUR.fullmatch(start)
    ):
        both = [span(clock(f"{start}{mark}"), clock(end)) for mark in ("am", "pm")]
        return min(both)  # "10-4pm" and "1-4pm": the shorter of the two that can be meant
    if start.isdecimal() and len(start) <= 2 and not half:
        start = f"{start}:00"
    return span(clock(start), clock(end))


def span(start: int, end: int) -> int:
    """Minutes from one time of day to another, past midnight where the second is earlier. Raises ``Unreadable``."""
    if start == end:
        raise Unreadable("start and end are the same time of day")
    return (end - start) % MINUTES_A_DAY
