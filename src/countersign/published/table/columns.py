"""Which heading stands for which column: the headings that forces are known to print, each written once.

Headings are compared after folding case, punctuation and footnote marks away, and must then match one known spelling:
nothing is taken because it looks alike. Another force's headings are given by a column map (``column_map``).
``docs/formats/columns.md`` describes the columns themselves.

>>> known_heading("Faces seen (Estimate )").names, known_heading("True Alerts¹").names
(('faces_seen',), ('true_alerts',))
>>> known_heading("False Alert / Confirmed False Alerts").names
('false_alerts', 'false_alerts_confirmed')
>>> nearest_heading("faces_sen")
'faces_seen'
"""

from __future__ import annotations

import difflib
import functools
import re
import unicodedata
from collections.abc import Mapping
from typing import Literal

import msgspec

from countersign.published.table.record import COLUMN_NAMES

#: Column: headings known to stand for it besides its own name, as folded by ``fold``.
HEADINGS: dict[str, tuple[str, ...]] = {
    "date": ("date dd mm yy", "date dd mm yyyy", "deployment date", "date of deployment"),
    "place": ("deployment", "location", "deployment location", "venue", "site", "location of deployment"),
    "area": ("borough", "district", "london borough"),
    "use_case": (
        "lfr use case", "purpose", "purpose reference", "lfr purpose", "lfr purpose reference",
        "lfr purpose reference lfr purpose",
    ),
    "duration_minutes": (),
    "watchlist_size": ("watchlist", "size of watchlist", "watch list size"),
    "threshold": ("min threshold setting", "minimum threshold setting", "threshold setting", "min threshold"),
    "faces_seen": (
        "faces seen estimate", "estimated faces seen", "faces seen estimated", "number of faces seen", "faces scanned",
    ),
    "alerts": ("total alerts", "number of alerts", "total number of alerts"),
    "true_alerts_confirmed": ("confirmed true alerts", "true alert confirmed"),
    "true_alerts_unconfirmed": ("unconfirmed true alerts", "true alert unconfirmed"),
    "true_alerts": ("total true alerts", "number of true alerts"),
    "false_alerts_confirmed": ("confirmed false alerts", "false alert confirmed"),
    "false_alerts_unconfirmed": ("unconfirmed false alerts", "false alert unconfirmed"),
    "false_alerts": ("total false alerts", "number of false alerts"),
    "false_alert_rate_printed": ("false alert rate",),
    "false_alert_engagements": ("false alert confirmed false alert engagements",),
    "true_alert_engagements": (),
    "arrests": ("arrest", "number of arrests", "arrests disposals", "outcome arrest", "engagement outcomes arrest"),
    "other_disposal": (
        "other", "other disposals", "outcome other", "outcome other disposal", "engagement outcomes other disposal",
        "engagement outcomes other",
    ),
    "no_action": ("outcome no action", "engagement outcomes no action", "no further action"),
    "source": ("document", "source document"),
}  # fmt: skip
#: Headings that state the unit of a duration printed as a bare number.
DURATIONS: dict[str, Literal["", "minutes", "hours"]] = {
    "duration": "", "duration of deployment": "", "deployment duration": "", "length of deployment": "",
    "duration minutes": "minutes", "duration in minutes": "minutes", "duration of deployment minutes": "minutes",
    "duration hours": "hours", "duration in hours": "hours", "duration of deployment hours": "hours",
}  # fmt: skip
#: One printed column that answers to two: the Met's first layout prints one count of false alerts, all of them
#: confirmed.
POOLED: dict[str, tuple[str, ...]] = {
    "false alert confirmed false alerts": ("false_alerts", "false_alerts_confirmed"),
}

_MARKS = re.compile(r"(?<=[a-z)])[0-9]{1,2}$")
_APART = re.compile(r"[^a-z0-9]+")


class Use(msgspec.Struct, frozen=True):
    """What a heading stands for: the columns it feeds (one, seldom two) and the unit it states for a bare duration."""

    names: tuple[str, ...]
    duration: Literal["", "minutes", "hours"] = ""


@functools.lru_cache(maxsize=4096)
def fold(heading: str) -> str:
    """A heading without case, punctuation, line breaks and footnote marks."""
    text = "".join(letter for letter in heading if unicodedata.category(letter) != "No").casefold().strip()
    return _APART.sub(" ", _MARKS.sub("", text)).strip()


def _known() -> dict[str, Use]:
    known = {heading: Use(("duration_minutes",), unit) for heading, unit in DURATIONS.items()}
    for name in COLUMN_NAMES:
        for heading in (name.replace("_", " "), *HEADINGS[name]):
            known.setdefault(heading, Use((name,)))
    return known | {heading: Use(names) for heading, names in POOLED.items()}


_KNOWN: Mapping[str, Use] = _known()


def known_heading(heading: str) -> Use | None:
    """What a heading stands for, or ``None`` if it is not known."""
    return _KNOWN.get(fold(heading))


def nearest_heading(heading: str) -> str | None:
    """The column whose headings come nearest in spelling: to be named to a person, never to be used."""
    found = difflib.get_close_matches(fold(heading), _KNOWN, n=1, cutoff=0.6)
    return _KNOWN[found[0]].names[0] if found else None
