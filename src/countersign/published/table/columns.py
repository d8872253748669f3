"""Which heading stands for which column: the headings that forces are known to print, each written once.

Headings are compared after folding case, punctuation and footnote marks away, and must then match one known spelling:
nothing is taken because it looks alike. ``docs/formats/columns.md`` describes the columns themselves.

>>> known_heading("Faces seen (Estimate )").names, known_heading("True Alerts¹").names
(('faces_seen',), ('true_alerts',))
>>> known_heading("False Alert / Confirmed False Alerts").names
('false_alerts', 'false_alerts_confirmed')
>>> nearest_heading("faces_sen")
'faces_seen'

A column map is a short TOML file by which a person says what another force's headings mean
(``docs/formats/column-maps.md``). It maps headings to columns, names the forms of dates and numbers, gives values that
the file leaves unsaid (constants), and names headings to leave out. Where map and known headings both speak, the map
holds.

>>> made = parse_map('dates = ["%m/%d/%Y"]\\n[columns]\\nalerts = "Possible matches"\\n', "map.toml")
>>> made.use_of("Possible  matches:").names
('alerts',)
"""

from __future__ import annotations

import difflib
import functools
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from countersign.errors import WrongForm
from countersign.published.files import read_bytes
from countersign.published.table.record import COLUMN_NAMES, COLUMNS
from countersign.published.table.values import Forms, Unreadable, Value, parser

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


#: A column map is a page of text; anything larger is not one.
LARGEST_MAP = 256 * 1024


class WrongMap(WrongForm):
    """A column map is not TOML, or names a column, key or form that does not exist."""

    code = "wrong-column-map"
    next_step = "Correct the map at that place; its form is described in docs/formats/column-maps.md."


class ColumnMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a map says. ``columns``: our column to their heading; ``constants``: our column to the text of its value;
    ``ignore``: their headings to leave out. ``title``, ``publisher``, ``published`` and ``address`` describe the
    document.
    """

    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    ignore: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    decimal: Literal[".", ","] = "."
    duration: Literal["", "minutes", "hours"] = ""
    title: str = ""
    publisher: str = ""
    published: str = ""
    address: str = ""

    @property
    def forms(self) -> Forms:
        """How the source writes its values."""
        return Forms(dates=self.dates, decimal=self.decimal, duration=self.duration)

    def use_of(self, heading: str) -> Use | None:
        """What a heading stands for under this map; ``None`` if neither the map nor Countersign knows it."""
        folded = fold(heading)
        mapped = tuple(name for name, theirs in self.columns.items() if fold(theirs) == folded)
        if mapped:
            return Use(mapped, self.duration)
        known = known_heading(heading)
        if known is None or any(name in self.columns for name in known.names):
            return None
        return known

    def ignores(self, heading: str) -> bool:
        """Whether the map says to leave this heading out."""
        folded = fold(heading)
        return any(fold(theirs) == folded for theirs in self.ignore)

    def constant_values(self) -> dict[str, Value]:
        """The constants, read as values of their columns."""
        kinds = {column.name: column.kind for column in COLUMNS}
        return {name: parser(kinds[name], self.forms)(text) for name, text in self.constants.items()}


#: What holds where no map is given.
NO_MAP = ColumnMap()


def read_map(path: Path) -> ColumnMap:
    """Read a map from a TOML file. Raises ``WrongMap`` with the place, or ``NotReached`` if there is no such file."""
    content = read_bytes(path, LARGEST_MAP)
    try:
        return parse_map(content.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        raise WrongMap(f"{path}: byte {error.start} is not UTF-8 text, so this is no column map") from error


def parse_map(text: str, name: str) -> ColumnMap:
    """Check the text of a map; ``name`` is used in messages. Raises ``WrongMap``."""
    try:
        made = msgspec.convert(tomllib.loads(text), ColumnMap)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
        raise WrongMap(f"{name}: {str(error) or 'nested too deeply'}") from error
    for part, named in (("columns", made.columns), ("constants", made.constants)):
        for column, said in named.items():
            if column not in COLUMN_NAMES:
                turned = f'; write it the other way about: {said} = "{column}"' if said in COLUMN_NAMES else ""
                raise WrongMap(
                    f"{name}: [{part}] names {column!r}, which is no column of docs/formats/columns.md{turned}"
                )
    if both := sorted(set(made.columns) & set(made.constants)):
        raise WrongMap(f"{name}: {both[0]} is given both a heading and a constant")
    for heading in made.columns.values():
        if not fold(heading):
            raise WrongMap(f"{name}: {heading!r} holds no letter or digit, so it names no heading")
    try:
        made.constant_values()
    except Unreadable as error:
        raise WrongMap(f"{name}: [constants] {error}") from error
    return made
