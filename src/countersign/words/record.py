"""Words of the record as a report of one deployment says them: moments, suppliers, states, classes of data.

An entry's words are short and fixed; a reader who has never seen one reads these instead. Times stay in UTC, as entries
hold them, and say so.

>>> moment_told("2026-03-01T10:00:00Z"), supplier("outside"), hour_told("2026-03-01T10Z")
('1 March 2026, 10:00 UTC', 'an outside body', '1 March 2026, 10:00 to 11:00 UTC')
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence

from countersign.words.phrases import day, listing
from countersign.words.wording import capital

_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}):(\d{2})Z")
_HOUR = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2})Z")
_SUPPLIERS: Mapping[str, str] = {
    "force": "the force",
    "engine": "the engine's own log",
    "observer": "an observer",
    "outside": "an outside body",
}
#: How far a deployment has come, as ``deployments.lifecycle.stage`` names it, as a clause.
_STAGES: Mapping[str, str] = {
    "not-begun": "by the entries that kept order and rules it has not begun",
    "proposed": "it is proposed",
    "assessed": "it is assessed",
    "authorised": "it is authorised",
    "refused": "authority for it was refused",
    "listed": "it is authorised and its list is made",
    "approved": "its list is approved",
    "notified": "the public has been told",
    "briefed": "it is authorised and briefed",
    "live": "the cameras are on",
    "suspended": "it is suspended",
    "closed": "it is closed",
    "deleted": "it is closed and deletion is stated",
    "reviewed": "it is closed and reviewed",
    "published": "it is closed and its results are published",
    "archived": "it is closed, its results are published and its record is archived",
}
_PROFILES: Mapping[str, str] = {
    "england-and-wales": "England and Wales",
    "scotland": "Scotland",
    "northern-ireland": "Northern Ireland",
    "eu": "the European Union",
}
_CLASSES: Mapping[str, str] = {
    "alert": "single alerts",
    "disclosure": "disclosures to others",
    "event": "an engine's events",
    "hold": "reasons for holding data longer",
    "key-holder": "who holds a key",
    "list-entry": "watchlist entries as counts",
    "list-lookup": "look-ups in the list",
    "outcomes": "outcomes of alerts",
    "papers": "reasons and answers given in writing",
    "plan-case": "the intelligence case",
    "plan-place": "place and window before the notice",
    "request": "requests by people",
    "roster": "who had which role",
    "watchlist": "watchlist",
    "templates": "templates made from faces",
    "transfer-media": "media the list was carried on",
    "cctv": "CCTV recordings",
    "results": "results of searches",
}


def moment_told(text: str) -> str:
    """A moment of an entry in words, to the minute unless it has seconds; anything else as it stands."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return text
    clock = found[2] if found[3] == "00" else f"{found[2]}:{found[3]}"
    return f"{day(datetime.date.fromisoformat(found[1]))}, {clock} UTC"


def window_told(start: str, end: str) -> str:
    """From a moment to another; the day once where both lie in it."""
    first, last = _MOMENT.fullmatch(start), _MOMENT.fullmatch(end)
    if first is None or last is None or first[1] != last[1]:
        return f"{moment_told(start)} to {moment_told(end)}"
    return f"{moment_told(start).removesuffix(' UTC')} to {moment_told(end).partition(', ')[2]}"


def hour_told(text: str) -> str:
    """An hour of the day in words; anything else as it stands."""
    found = _HOUR.fullmatch(text)
    if found is None:
        return text
    hour = int(found[2])
    return f"{day(datetime.date.fromisoformat(found[1]))}, {hour:02}:00 to {hour + 1:02}:00 UTC"


def supplier(name: str) -> str:
    """Who supplied a statement, in a sentence."""
    return _SUPPLIERS.get(name, name)


def suppliers(names: Sequence[str]) -> str:
    """Who supplied several; "nobody" for none."""
    return listing([supplier(name) for name in names]) or "nobody"


def stage_told(stage: str) -> str:
    """How far a deployment has come, as a clause."""
    return _STAGES.get(stage, f"it is {stage.replace('-', ' ')}")


def class_told(name: str) -> str:
    """A class of data in words, capital first; one that is not known with its hyphens taken out."""
    return capital(_CLASSES.get(name, name.replace("-", " ")))


def role_told(name: str) -> str:
    """A role in words."""
    return name.replace("-", " ")


def profile_told(name: str) -> str:
    """Whose duties count, in words."""
    return _PROFILES.get(name, name)
