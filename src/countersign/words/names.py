"""Names of suppliers, stages, roles, profiles, classes of data, methods and codes, as people read them.

Entries hold short fixed words; a reader who has never seen an entry reads these instead. A word that is not known here
is shown with its hyphens taken out.

>>> supplier("outside"), role_name("authorising-officer"), profile_name("scotland"), method_name("clopper-pearson")
('an outside body', 'authorising officer', 'Scotland', 'Clopper-Pearson')
>>> stage_name("listed"), stage_clause("listed"), class_name("transfer-media")
('authorised, watchlist made', 'it is authorised and its list is made', 'the media that carried the list')
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from countersign.words.lists import listing

_SUPPLIERS: Mapping[str, str] = {
    "force": "the force",
    "engine": "the engine's own log",
    "observer": "an observer",
    "outside": "an outside body",
}
#: How far a deployment has come, as ``deployments.lifecycle.stage`` names it: alone, and as a clause.
_STAGES: Mapping[str, tuple[str, str]] = {
    "not-begun": ("not begun", "by the entries that kept order and rules it has not begun"),
    "proposed": ("proposed", "it is proposed"),
    "assessed": ("assessed", "it is assessed"),
    "authorised": ("authorised", "it is authorised"),
    "called-off": ("called off before it began", "it was called off before it began"),
    "announced": ("announced", "it is announced"),
    "refused": ("refused", "authority for it was refused"),
    "listed": ("authorised, watchlist made", "it is authorised and its list is made"),
    "approved": ("authorised, watchlist approved", "its list is approved"),
    "notified": ("announced", "the public has been told"),
    "briefed": ("announced, officers briefed", "it is authorised and briefed"),
    "live": ("live", "the cameras are on"),
    "suspended": ("live, stopped for now", "it is suspended"),
    "closed": ("over", "it is closed"),
    "deleted": ("over, deletion stated", "it is closed and deletion is stated"),
    "reviewed": ("over, reviewed by the force", "it is closed and reviewed"),
    "published": ("over, results published", "it is closed and its results are published"),
    "archived": ("over, archived", "it is closed, its results are published and its record is archived"),
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
    "watchlist": "the watchlist",
    "templates": "templates made from faces",
    "transfer-media": "the media that carried the list",
    "cctv": "CCTV recordings",
    "results": "results of searches",
}
_METHODS: Mapping[str, str] = {"clopper-pearson": "Clopper-Pearson", "garwood": "Garwood", "mid-p": "mid-P",
                               "wilson": "Wilson", "jeffreys": "Jeffreys"}  # fmt: skip
#: A body whose name ends so is told with its article.
_WITH_ARTICLE = ("Service", "Force", "Office", "Authority", "Department", "Agency", "Commissioner")
_TOKEN = re.compile(r"[a-z][a-z-]*")
_DIGITS_SHOWN = 16


def token(text: str) -> str:
    """A code of small letters and hyphens as words; anything else (an address, a name) as it stands."""
    return text.replace("-", " ") if _TOKEN.fullmatch(text) else text


def supplier(name: str) -> str:
    """Who supplied a statement, in a sentence."""
    return _SUPPLIERS.get(name, name)


def suppliers(names: Sequence[str]) -> str:
    """Who supplied several; "nobody" for none."""
    return listing([supplier(name) for name in names]) or "nobody"


def stage_name(name: str) -> str:
    """How far a deployment has come, standing alone."""
    return _STAGES[name][0] if name in _STAGES else token(name)


def stage_clause(name: str) -> str:
    """How far a deployment has come, as a clause."""
    return _STAGES[name][1] if name in _STAGES else f"it is {token(name)}"


def class_name(name: str) -> str:
    """A class of what is kept."""
    return _CLASSES.get(name, token(name))


def role_name(name: str) -> str:
    """A role in words."""
    return token(name)


def profile_name(name: str) -> str:
    """Whose duties count."""
    return _PROFILES.get(name, name)


def named(name: str) -> str:
    """A publisher in a sentence: "the Metropolitan Police Service", but "South Wales Police"."""
    if name.startswith(("The ", "the ")):
        return name
    return f"the {name}" if name.endswith(_WITH_ARTICLE) or " of " in name else name


def method_name(code: str) -> str:
    """A statistical method by its authors: "Clopper-Pearson", "Clopper-Pearson on 12 clusters (...)"."""
    first, space, rest = code.partition(" ")
    return f"{_METHODS.get(first, first)}{space}{rest}"


def short(digits: str) -> str:
    """A key's id or a digest, cut to what people compare."""
    return digits if len(digits) <= _DIGITS_SHOWN else f"{digits[:_DIGITS_SHOWN]}…"
