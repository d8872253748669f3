"""Which heading stands for which column: the headings that forces are known to print, each written once.

Case, punctuation and footnote marks do not count. A heading must be one known spelling, or hold the known words and no
others that count ("Number of alerts generated"): nothing is taken because it looks alike.

>>> known_heading("Faces seen (Estimate )").names, known_heading("True Alerts¹").names
(('faces_seen',), ('true_alerts',))
>>> known_heading("False Alert / Confirmed False Alerts").names, nearest_heading("faces_sen")
(('false_alerts', 'false_alerts_confirmed'), 'faces_seen')
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping
from typing import Literal

import msgspec
from rapidfuzz import fuzz, process

from countersign.published.table.marks import visible
from countersign.published.table.record import COLUMN_NAMES, COLUMNS


class Use(msgspec.Struct, frozen=True):
    """What a heading stands for: the columns it feeds (one, seldom two) and the unit it states for a bare duration.

    ``strength``: 2 where a map says so, 1 for a known heading, 0 for one that counts only where no other feeds its
    column. ``part``: it holds one of several parts that are added up. ``period``: it says that its dates are so long.
    """

    names: tuple[str, ...]
    duration: Literal["", "minutes", "hours"] = ""
    strength: Literal[0, 1, 2] = 1
    part: bool = False
    period: Literal["", "week", "week ending", "month", "quarter"] = ""


#: Column: headings known to stand for it besides its own name and those that ``_by_words`` makes out, as folded.
HEADINGS: dict[str, tuple[str, ...]] = {
    "date": (
        "date dd mm yy", "date dd mm yyyy", "deployment date", "date of deployment", "date and time", "date s",
        "date time", "start date", "date from", "date of operation", "dates of deployment",
    ),
    "place": (
        "deployment", "location", "deployment location", "location of deployment", "place of deployment", "where",
        "location name", "deployment site",
    ),
    "area": ("borough", "district", "london borough", "local authority", "ward", "division", "bcu", "county"),
    "use_case": (
        "lfr use case", "purpose", "purpose reference", "lfr purpose", "lfr purpose reference",
        "lfr purpose reference lfr purpose", "purpose of deployment", "reason for deployment",
    ),
    "duration_minutes": (),
    "watchlist_size": (),
    "threshold": (),
    "faces_seen": (),
    "alerts": (),
    "true_alerts_confirmed": ("confirmed true alerts", "true alert confirmed"),
    "true_alerts_unconfirmed": ("unconfirmed true alerts", "true alert unconfirmed"),
    "true_alerts": (),
    "false_alerts_confirmed": ("confirmed false alerts", "false alert confirmed"),
    "false_alerts_unconfirmed": ("unconfirmed false alerts", "false alert unconfirmed"),
    "false_alerts": (),
    "false_alert_rate_printed": ("false alert rate", "false positive rate", "false alert rate far", "far"),
    "false_alert_engagements": ("false alert confirmed false alert engagements",),
    "true_alert_engagements": (),
    "arrests": ("arrests disposals", "outcome arrest", "outcome arrests", "engagement outcomes arrest"),
    "other_disposal": (
        "other", "other disposals", "outcome other", "outcome other disposal", "engagement outcomes other disposal",
        "engagement outcomes other",
    ),
    "no_action": ("outcome no action", "engagement outcomes no action", "no further action", "nfa"),
    "date_to": ("end date", "date to", "last day"),
    "deployments": ("number of deployments", "no of deployments", "total deployments", "deployments"),
    "source": ("document", "source document"),
    "start_time": ("start", "time from", "from", "deployment start", "time on"),
    "end_time": ("end", "finish", "time to", "to", "deployment end"),
    "times": (
        "times", "time", "times of deployment", "time of deployment", "deployment times", "deployment time",
        "start and end time", "start and end times", "hours of deployment", "operating hours", "start end", "hours",
    ),
    "measure": ("measure", "metric", "indicator", "statistic", "category", "field", "item"),
    "value": ("value", "count", "figure", "number", "total", "amount", "data"),
}  # fmt: skip
#: What a heading may stand for besides a column: it feeds columns and is none itself.
FEEDING = ("start_time", "end_time", "times", "measure", "value")
#: Headings that feed a column only where no other heading of the table does.
WEAK: dict[str, str] = {
    "year": "date", "period": "date", "day": "date", "when": "date",
    "month and year": "date", "month year": "date", "reporting period": "date", "deployment period": "date",
    "financial year": "date", "quarter and year": "date",
    "town or city": "place", "town city": "place", "station": "place", "outcome": "arrests", "outcomes": "arrests",
}  # fmt: skip
_UNITS: tuple[tuple[str, Literal["", "minutes", "hours"]], ...] = (
    ("", ""), (" minutes", "minutes"), (" in minutes", "minutes"), (" mins", "minutes"), (" in mins", "minutes"),
    (" hours", "hours"), (" in hours", "hours"), (" hrs", "hours"), (" in hrs", "hours"), (" hh mm", ""),
    (" hours mins", ""), (" hrs mins", ""), (" hours minutes", ""), (" h mm", ""),
)  # fmt: skip
#: Headings that state the unit of a duration printed as a bare number.
DURATIONS: dict[str, Literal["", "minutes", "hours"]] = {
    f"{name}{unit}": said
    for name in (
        "duration", "duration of deployment", "deployment duration", "length of deployment", "length",
        "deployment length", "time deployed", "running time",
    )
    for unit, said in _UNITS
} | {"hours deployed": "hours", "deployed hours": "hours", "minutes deployed": "minutes"}  # fmt: skip
#: One printed column that answers to two: the Met's first layout prints one count of false alerts, all of them
#: confirmed.
POOLED: dict[str, tuple[str, ...]] = {"false alert confirmed false alerts": ("false_alerts", "false_alerts_confirmed")}
#: Words that change nothing about what a heading counts.
_FILLER_WORDS = (
    "number no nos num of total totals count counts the lfr live facial recognition afr generated made recorded "
    "raised issued triggered in on by as a an and for from during result resulting persons person people "
    "individuals individual system technology estimated estimate approximate approximately approx est resulted "
    "passing members public"
)
_FILLER = frozenset(_FILLER_WORDS.split())
#: What remains of a heading without those words, plurals made singular, and the column it stands for.
_WORDS: dict[str, str] = {
    "alert": "alerts", "match": "alerts", "possible match": "alerts", "potential match": "alerts",
    "possible alert": "alerts", "activation": "alerts", "match alert": "alerts", "alert match": "alerts",
    "true alert": "true_alerts", "true positive": "true_alerts", "true match": "true_alerts",
    "true positive alert": "true_alerts", "correct alert": "true_alerts", "correct match": "true_alerts",
    "true alert confirmed unconfirmed": "true_alerts",
    "false alert": "false_alerts", "false positive": "false_alerts", "false match": "false_alerts",
    "false positive alert": "false_alerts", "incorrect alert": "false_alerts", "incorrect match": "false_alerts",
    "misidentification": "false_alerts",
    "true alert confirmed": "true_alerts_confirmed", "true positive confirmed": "true_alerts_confirmed",
    "true alert unconfirmed": "true_alerts_unconfirmed", "true positive unconfirmed": "true_alerts_unconfirmed",
    "false alert confirmed": "false_alerts_confirmed", "false positive confirmed": "false_alerts_confirmed",
    "false alert unconfirmed": "false_alerts_unconfirmed", "false positive unconfirmed": "false_alerts_unconfirmed",
    "arrest": "arrests", "arrested": "arrests", "arrest outcome": "arrests",
    "face": "faces_seen", "face seen": "faces_seen", "face scanned": "faces_seen", "face captured": "faces_seen",
    "face detected": "faces_seen", "face processed": "faces_seen", "face viewed": "faces_seen", "scanned": "faces_seen",
    "face analysed": "faces_seen", "face passed": "faces_seen", "seen": "faces_seen", "face seen camera": "faces_seen",
    "face past camera": "faces_seen", "face counted": "faces_seen", "face searched": "faces_seen",
    "watchlist": "watchlist_size", "watchlist size": "watchlist_size", "watch list": "watchlist_size",
    "watch list size": "watchlist_size", "size watchlist": "watchlist_size", "size watch list": "watchlist_size",
    "watchlist entrie": "watchlist_size", "watchlist volume": "watchlist_size", "image watchlist": "watchlist_size",
    "subject watchlist": "watchlist_size", "watchlist number": "watchlist_size", "watchlist entry": "watchlist_size",
    **{
        f"{who} after {kind} {what}": f"{kind}_alert_engagements"
        for who in ("stop", "stopped", "engagement", "engaged")
        for kind in ("true", "false")
        for what in ("alert", "positive", "match")
    },
    "threshold": "threshold", "minimum threshold": "threshold", "min threshold": "threshold",
    "threshold setting": "threshold", "minimum threshold setting": "threshold", "min threshold setting": "threshold",
    "similarity threshold": "threshold", "match threshold": "threshold", "threshold score": "threshold",
    "threshold value": "threshold", "threshold level": "threshold", "threshold used": "threshold",
    "alert threshold": "threshold", "algorithm threshold": "threshold",
}  # fmt: skip
#: The same in any order: "Alerts" over "True" is "True alerts".
_IN_ANY_ORDER = {" ".join(sorted(words.split())): name for words, name in _WORDS.items()}
#: Words that only say that a heading is about a deployment, what else may then stand alone, and for what.
_ABOUT = _FILLER | {"deployment", "deployments", "deployed", "operation", "operations", "operational", "which", "was"}
_ALONE: dict[str, Use] = {
    words: use
    for alone, use in (
        ("date/dates/date started/date start/date held/date commenced", Use(("date",))),
        ("month/calendar month", Use(("date",), strength=0, period="month")),
        ("quarter", Use(("date",), strength=0, period="quarter")),
        ("week/week commencing/week beginning/week starting/week of/w c/wc", Use(("date",), strength=0, period="week")),
        ("week ending/week ended/w e", Use(("date",), strength=0, period="week ending")),
        ("period/reporting period/year/when/period covered", Use(("date",), strength=0)),
        ("place/location/where/location name/site location", Use(("place",))),
        ("site/venue/town/city/address/street/site name/venue name", Use(("place",), strength=0)),
        ("time started/start time/started/time start/time began/began/time commenced/commenced", Use(("start_time",))),
        ("time ended/end time/ended/time finished/finish time/finished/time end/time finish", Use(("end_time",))),
        ("time stopped/stop time/ceased/time off", Use(("end_time",))),
        ("date ended/date finished/end date/last date/date end", Use(("date_to",))),
    )
    for words in alone.split("/")
}  # fmt: skip

_IN_PERIOD = re.compile(
    r"(?:(?:total )?(?:number|no|nos|total) of |total )?(?:lfr )?deployments (?:in|per|for|during|this|each|over)"
    r"(?: the| each)?(?: reporting)? (?:month|quarter|period|year)"
)
_MARKS = re.compile(r"(?<=[a-z)])[0-9]{1,2}$")
_PERCENT = re.compile(r"\bper(?:cent(?:age)?| cent)(?: of)?\b ?| ?\bper(?:cent(?:age)?| cent)\b")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_APART = re.compile(r"[^a-z0-9]+")
_ONE_OF_SEVERAL = "(?:camera|cam|zone|van|unit|lane)"
_CAMERA = re.compile(
    rf"{_ONE_OF_SEVERAL} ?(?:[0-9]{{1,2}}|[a-d])\b ?(.+)|(.+?) ?\b{_ONE_OF_SEVERAL} ?(?:[0-9]{{1,2}}|[a-d])"
)


@functools.lru_cache(maxsize=4096)
def fold(heading: str) -> str:
    """A heading without case, punctuation, line breaks and footnote marks."""
    plain = visible(heading).replace("%", " percent ")
    text = "".join(letter for letter in plain if unicodedata.category(letter) != "No")
    text = (text if " " in text.strip() else _CAMEL.sub(" ", text)).casefold().strip()
    return _APART.sub(" ", _MARKS.sub("", text)).strip()


def _known() -> dict[str, Use]:
    known = {heading: Use(("duration_minutes",), unit) for heading, unit in DURATIONS.items()}
    for name in (*COLUMN_NAMES, *FEEDING):
        for heading in (name.replace("_", " "), *HEADINGS[name]):
            known.setdefault(heading, Use((name,)))
    known |= {heading: Use((name,), strength=0) for heading, name in WEAK.items()}
    known |= {words: use for words, use in _ALONE.items() if use.period}
    return known | {heading: Use(names) for heading, names in POOLED.items()}


_KNOWN: Mapping[str, Use] = _known()


@functools.lru_cache(maxsize=4096)
def known_heading(heading: str) -> Use | None:
    """What a heading stands for, or ``None`` if it is not known."""
    folded = fold(heading)
    if (whole := _PERCENT.sub("", folded)) != folded:  # a share of alerts is no count of them
        found = known_heading(whole)
        rate = found is not None and found.names[0] in ("false_alerts", "false_alert_rate_printed")
        return Use(("false_alert_rate_printed",)) if rate else None
    if found := _KNOWN.get(folded) or _by_words(folded):
        return found
    if (camera := _CAMERA.fullmatch(folded)) and (found := known_heading(camera[1] or camera[2])):
        return Use(found.names, found.duration, part=True) if found.names[0] in _ADDED else None
    return None


def _by_words(folded: str) -> Use | None:
    if _IN_PERIOD.fullmatch(folded):
        return Use(("deployments",))
    words = [word for word in folded.split() if word not in _FILLER]
    singular = " ".join(word[:-2] if word.endswith("ches") else word.removesuffix("s") for word in words)
    if name := _WORDS.get(singular) or _IN_ANY_ORDER.get(" ".join(sorted(singular.split()))):
        return Use((name,))
    for unit, said in _UNITS:
        alone = " ".join(word for word in folded.removesuffix(unit).split() if word not in _ABOUT)
        if unit and folded.endswith(unit) and alone in DURATIONS:
            return Use(("duration_minutes",), said)
    alone = " ".join(word for word in folded.split() if word not in _ABOUT)
    return Use(("duration_minutes",)) if alone == "duration" else _ALONE.get(alone)


_ADDED = frozenset(column.name for column in COLUMNS if column.kind == "count") - {"watchlist_size", "deployments"}


def known_spellings() -> dict[str, Use]:
    """Every known spelling of a heading, folded, and what it stands for."""
    return {**_KNOWN, **{words: Use((name,)) for words, name in _WORDS.items()}}


def nearest_heading(heading: str) -> str | None:
    """The column whose headings come nearest in spelling: to be named to a person, never to be used."""
    known = known_spellings()
    found = process.extractOne(fold(heading), known.keys(), scorer=fuzz.token_sort_ratio, score_cutoff=60)
    return known[found[0]].names[0] if found else None
