"""The words of the public site for what stands in entries: moments, days, stages, kinds of entries, their plain facts.

Moments are told in UTC as the record has them, to the minute; no zone of a place is guessed.

>>> moment("2026-07-04T12:00:00Z"), span("2026-07-04T12:00:00Z", "2026-07-04T18:00:00Z"), day("2026-07-04")
('4 July 2026, 12:00 UTC', '4 July 2026, 12:00 to 18:00 UTC', '4 July 2026')
>>> kind_words("publish.results"), plain_facts({"what": "faces", "count": 9000, "signs": []})
('The results are published', 'what: faces; count: 9,000')
>>> counted(1, "deployment"), counted(1200, "deployment"), listed(["a", "b", "c"])
('1 deployment', '1,200 deployments', 'a, b and c')
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable
from typing import Any

from countersign.deployments.kinds import SCHEMAS
from countersign.deployments.lateness import Late
from countersign.deployments.lifecycle import Phase
from countersign.deployments.state import Deployment
from countersign.record.entries.schema import SchemaUnknown

UNTOLD = "not on the record"
CLOCKS = "Times are UTC (Greenwich Mean Time); in summer clocks in the United Kingdom are an hour ahead of it."
_STAGES = {
    "not-begun": "not begun",
    "authorised": "authorised",
    "listed": "authorised, watchlist made",
    "approved": "authorised, watchlist approved",
    "notified": "announced",
    "briefed": "announced, officers briefed",
    "suspended": "live, stopped for now",
    "closed": "over",
    "deleted": "over, deletion stated",
    "reviewed": "over, reviewed by the force",
    "published": "over, results published",
    "archived": "over, archived",
}
_CLASSES = {
    "watchlist": "the watchlist",
    "templates": "the measurements of listed faces",
    "transfer-media": "the media that carried the list",
    "alert": "alert images",
    "cctv": "the video",
}
_LATE = {
    "publication-overdue": "results not on the record",
    "review-overdue": "the force's own review not on the record",
    "written-overdue": "the written authority not on the record",
    "urgent-review-overdue": "the review of urgency not on the record",
    "window-over": "still on, though no announced time covers it",
}
_HELD = re.compile(r"\d+ of ([a-z-]+) held by (entry \d+)")
#: Facts that name something: told as they are.
_NAMES = frozenset({"deployment", "finding"})
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_HOUR = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d)Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def day(text: str) -> str:
    """``2026-07-04`` as ``4 July 2026``; anything else as it is."""
    if not _DAY.fullmatch(text[:10]):
        return text
    found = datetime.date.fromisoformat(text[:10])
    return f"{found.day} {found:%B} {found.year}"


def short_day(text: str) -> str:
    """``2026-07-04`` as ``4 Jul 2026``, for tables; anything else as it is."""
    if not _DAY.fullmatch(text[:10]):
        return text
    found = datetime.date.fromisoformat(text[:10])
    return f"{found.day} {found:%b} {found.year}"


def moment(text: str) -> str:
    """A moment of the record to the minute; a day as a day; anything else as it is."""
    if not _MOMENT.fullmatch(text):
        return day(text) if _DAY.fullmatch(text) else text
    return f"{day(text)}, {text[11:16]} UTC"


def span(start: str, end: str) -> str:
    """From a moment to another; the day is said once where it is the same."""
    if start[:10] == end[:10]:
        return f"{day(start)}, {start[11:16]} to {end[11:16]} UTC"
    return f"{moment(start)} to {moment(end)}"


def stage_words(state: Deployment) -> str:
    """How far a deployment has come."""
    if state.ended_at is not None and state.opened_at is None and state.phase is not Phase.REFUSED:
        return "called off before it began"
    if state.phase is Phase.AUTHORISED and state.windows and state.stage != "briefed":
        return "announced"
    return _STAGES.get(state.stage, state.stage.replace("-", " "))


def late_words(late: Late) -> str:
    """What is past its time, in words for those who do not know the classes."""
    if late.code == "deletion-overdue":
        name, _, why = late.what.partition(" ")
        return _not_deleted((name,), why)
    held = _HELD.fullmatch(late.what)
    if held is not None:
        return f"review of the hold on {class_words(held[1])} ({held[2]}) not on the record"
    return _LATE.get(late.code, late.what)


def overdue_words(late: Iterable[Late], told: Callable[[str], str]) -> str:
    """All that is past its time in one line, each with its moment as ``told``; deletions due at once stand together."""
    groups: dict[tuple[str, str, bool], list[str]] = {}
    for one in late:
        deletion = one.code == "deletion-overdue"
        name, _, why = one.what.partition(" ")
        found = groups.setdefault((one.since, why if deletion else late_words(one), deletion), [])
        if deletion:
            found.append(name)
    return "; ".join(
        f"{_not_deleted(names, words) if deletion else words}, since {told(since)}"
        for (since, words, deletion), names in groups.items()
    )


def class_words(name: str) -> str:
    """A class of what is kept, in words."""
    return _CLASSES.get(name, value_words(name))


def listed(names: Iterable[str]) -> str:
    """Names in one line, the last after "and"."""
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last


def counted(count: int, noun: str) -> str:
    """A count with its noun, in the plural but for one."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _not_deleted(names: Iterable[str], why: str) -> str:
    return f"deletion of {listed(class_words(name) for name in names)} not stated{f' {why}' if why else ''}"


def kind_words(kind: str) -> str:
    """What entries of a kind say, as their schema is titled."""
    try:
        return SCHEMAS.latest(kind).title
    except SchemaUnknown:
        return kind


def value_words(value: Any) -> str:
    """A count with commas by thousands, a moment in words, a token without its hyphens; an address as it is."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    text = str(value)
    hour = _HOUR.fullmatch(text)
    if hour is not None:
        return f"{day(hour[1])}, the hour from {hour[2]}:00 UTC"
    if _MOMENT.fullmatch(text) or _DAY.fullmatch(text):
        return moment(text)
    return text.replace("-", " ") if re.fullmatch(r"[a-z][a-z-]*", text) else text


def plain_facts(facts: Any) -> str:
    """The plain public facts of an entry in one line; lists, tables and digests of it are on the log."""
    plain = [
        f"{name.replace('_', ' ')}: {value if name in _NAMES else value_words(value)}"
        for name, value in facts.items()
        if isinstance(value, str | int) and not (isinstance(value, str) and _DIGEST.fullmatch(value))
    ]
    return "; ".join(plain[:6])
