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
    "notified": ("announced", "public notice has been given"),
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
#: What the engine's events show against the declared limits: as a noun, and as what is said of the events.
_CONTRADICTIONS: Mapping[str, tuple[str, str]] = {
    "outside-window": ("events outside every declared window", "lie outside every declared window"),
    "camera-undeclared": (
        "alerts from a camera that the limits do not name",
        "come from a camera that the limits do not name",
    ),
    "threshold-below": (
        "alerts at a threshold below the declared one",
        "were made at a threshold below the one declared",
    ),
    "list-not-declared": (
        "openings or changes with another list than the declared one",
        "name another list than the one declared",
    ),
    "engine-not-declared": (
        "openings or changes with another engine or version than the declared one",
        "name another engine or version than the one declared",
    ),
    "limits-not-declared": ("openings under other limits than those declared", "name other limits than these"),
    "engaged-without-two": (
        "engagements that two people did not decide on first",
        "show an engagement that two people did not separately decide on first",
    ),
    "decided-too-fast": ("decisions faster than a person can look", "show a decision faster than a person can look"),
    "after-the-end": ("alerts after the close", "are alerts from after the deployment was closed"),
    "in-the-future": ("events dated after they were taken", "are dated after the moment at which they were taken"),
    "while-suspended": ("alerts while it was suspended", "are alerts from while the deployment was suspended"),
}
_JOURNAL_GAPS: Mapping[str, str] = {
    "gap": "events that never came, by their missing numbers",
    "count-differs": "hours in which the engine counted other than the alerts that came",
    "silence": "hours of the window without a count",
    "camera-silent": "stretches in which a camera fell silent while the others did not",
    "clock-off": "sources whose clock was off",
}
_METHODS: Mapping[str, str] = {
    "clopper-pearson": "Clopper-Pearson",
    "garwood": "Garwood",
    "mid-p": "mid-P",
    "wilson": "Wilson",
    "jeffreys": "Jeffreys",
}
#: A body whose name ends so is written with its article.
_WITH_ARTICLE = ("Service", "Force", "Office", "Authority", "Department", "Agency", "Commissioner")
_TOKEN = re.compile(r"[a-z][a-z_-]*")
_DIGITS_SHOWN = 16


def token(text: str) -> str:
    """A code of small letters, hyphens and underscores as words; anything else (an address) as it stands."""
    return text.replace("-", " ").replace("_", " ") if _TOKEN.fullmatch(text) else text


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


def body_name(slug: str) -> str:
    """A force's short name as it is written: "South Wales Police".

    >>> body_name("south-wales-police"), body_name("force-a")
    ('South Wales Police', 'Force A')
    """
    name = slug.replace("-", " ").title().replace(" And ", " and ").replace(" Of ", " of ")
    return f"the {name}" if slug.startswith("metropolitan") else name


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


def contradiction(code: str) -> str:
    """What events show against the limits or against themselves, as a noun."""
    return _CONTRADICTIONS[code][0] if code in _CONTRADICTIONS else _JOURNAL_GAPS.get(code, token(code))


def contradiction_clause(code: str) -> str:
    """What is said of events that show a code against the limits. Raises ``KeyError`` for another code."""
    return _CONTRADICTIONS[code][1]


def short(digits: str) -> str:
    """A key's id or a digest, cut to what people compare."""
    return digits if len(digits) <= _DIGITS_SHOWN else f"{digits[:_DIGITS_SHOWN]}…"
