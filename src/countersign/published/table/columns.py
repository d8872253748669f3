"""Which heading stands for which column: the headings that forces are known to print, each written once, and maps.

Case, punctuation and footnote marks do not count. A heading must be one known spelling, or hold the known words and no
others that count ("Number of alerts generated"): nothing is taken because it looks alike. A column map is a short TOML
file (``docs/formats/column-maps.md``) by which a person says what another force's headings mean, the forms of dates and
numbers, constants, and headings to leave out; it holds over what is known.

>>> known_heading("Faces seen (Estimate )").names, known_heading("True Alerts¹").names
(('faces_seen',), ('true_alerts',))
>>> known_heading("False Alert / Confirmed False Alerts").names, nearest_heading("faces_sen")
(('false_alerts', 'false_alerts_confirmed'), 'faces_seen')
>>> made = parse_map('dates = ["%m/%d/%Y"]\\n[columns]\\nalerts = "Possible matches"\\n', "map.toml")
>>> made.use_of("Possible  matches:").names
('alerts',)
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
from rapidfuzz import fuzz, process

from countersign.door import hold
from countersign.errors import WrongForm
from countersign.inputs import toml_of
from countersign.published.files import read_bytes
from countersign.published.strict_csv import nearest
from countersign.published.table.marks import Forms, Unreadable, visible
from countersign.published.table.record import COLUMN_NAMES, COLUMNS
from countersign.published.table.values import Value, parser


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


#: A column map is a page of text; anything larger is not one.
LARGEST_MAP = 256 * 1024


class WrongMap(
    WrongForm,
    code="wrong-column-map",
    next_step="Correct the map at that place; its form is described in docs/formats/column-maps.md.",
):
    """A column map is not TOML, or names a column, key or form that does not exist."""


class ColumnMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a map says. ``columns``: our column to their heading, or to several of which each sheet has one; ``sums``:
    our column to their headings that are added up; ``constants``: our column to the text of its value; ``ignore``:
    their headings to leave out; ``sheets`` and ``leave``: sheets or tables to take, or to leave, by name. ``zero``,
    ``none`` and ``withheld``: texts that mean so. ``year``: that of dates printed without one; ``small``: the lowest
    value of "<5". ``title``, ``publisher``, ``published`` and ``address`` describe the document.
    """

    columns: dict[str, str | list[str]] = {}
    sums: dict[str, list[str]] = {}
    constants: dict[str, str] = {}
    ignore: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    year: int | None = None
    decimal: Literal[".", ","] = "."
    duration: Literal["", "minutes", "hours"] = ""
    zero: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    small: Literal[0, 1] = 0
    title: str = ""
    publisher: str = ""
    published: str = ""
    address: str = ""

    @property
    def forms(self) -> Forms:
        """How the source writes its values."""
        return Forms(
            dates=self.dates, decimal=self.decimal, duration=self.duration, year=self.year, zero=self.zero,
            none=self.none, withheld=self.withheld, small=self.small,
        )  # fmt: skip

    def headings_of(self, column: str) -> tuple[str, ...]:
        """The headings that the map gives for a column, in its order."""
        given = self.columns.get(column, ())
        return (given,) if isinstance(given, str) else tuple(given)

    def use_of(self, heading: str) -> Use | None:
        """What a heading stands for under this map; ``None`` if neither the map nor Countersign knows it."""
        folded = fold(heading)
        mapped = tuple(
            name for name in self.columns if any(fold(theirs) == folded for theirs in self.headings_of(name))
        )
        if mapped:
            return Use(mapped, self.duration, strength=2)
        added = tuple(name for name, parts in self.sums.items() if any(fold(theirs) == folded for theirs in parts))
        return Use(added, strength=2, part=True) if added else known_heading(heading)

    def ignores(self, heading: str) -> bool:
        """Whether the map says to leave this heading out."""
        folded = fold(heading)
        return any(fold(theirs) == folded for theirs in self.ignore)

    def takes(self, sheet: str) -> bool:
        """Whether a sheet or table of this name is to be read."""
        if any(sheet.casefold() == name.casefold() for name in self.leave):
            return False
        return not self.sheets or any(sheet.casefold() == name.casefold() for name in self.sheets)

    def constant_values(self) -> dict[str, Value]:
        """The constants, read as values of their columns."""
        kinds = {column.name: column.kind for column in COLUMNS}
        return {name: parser(kinds[name], self.forms)(text) for name, text in self.constants.items()}


#: What holds where no map is given.
NO_MAP = ColumnMap()


class MapKind(NamedTuple):
    """What a map may name: columns, those that begin with ``prefix`` too, the page that lists them, and the keys of
    ``ColumnMap`` that mean something."""

    called: str
    names: Sequence[str]
    page: str
    keys: Sequence[str]
    prefix: str | None = None

    def has(self, column: str) -> bool:
        """Whether it has this column."""
        return column in self.names or (self.prefix is not None and column.startswith(self.prefix))


#: Maps of published records.
PUBLISHED = MapKind("a map", COLUMN_NAMES, "docs/formats/columns.md", ColumnMap.__struct_fields__)


def read_map(path: Path, kind: MapKind = PUBLISHED) -> ColumnMap:
    """Read a map from a TOML file. Raises ``WrongMap`` with the place, or ``NotReached`` if there is no such file."""
    content = read_bytes(path, LARGEST_MAP)
    try:
        return parse_map(content.decode("utf-8-sig"), str(path), kind)
    except UnicodeDecodeError as error:
        raise WrongMap(f"{path}: byte {error.start} is not UTF-8 text, so this is no column map") from error


def parse_map(text: str, name: str, kind: MapKind = PUBLISHED) -> ColumnMap:
    """Check the text of a map; ``name`` is used in messages. Raises ``WrongMap`` with every mistake and its line."""
    tables = hold("column map", toml_of(text, name, WrongMap), name)
    mistakes = _mistakes(tables, kind)
    if mistakes:
        said = [f"{_line_of(text, key)}{mistake}" for key, mistake in mistakes]
        raise WrongMap(f"{name}: {'; '.join(said)}")
    return msgspec.convert(tables, ColumnMap)


#: What stands for a year in a form of dates.
_YEARS = ("%Y", "%y", "%G", "%c", "%x", "%D", "%F", "%s")
_LISTS = ("ignore", "sheets", "leave", "dates", "zero", "none", "withheld")
_TEXTS = ("title", "publisher", "published", "address")
_TABLES = ("columns", "sums", "constants")


def _mistakes(tables: Mapping[str, object], kind: MapKind) -> list[tuple[str, str]]:
    """Every mistake of a map: the key it concerns, and a clause that says it."""
    found: list[tuple[str, str]] = []
    for key, value in tables.items():
        if key not in kind.keys:
            found.append((key, f"{key!r} is no key of {kind.called}{nearest(key, kind.keys)}"))
        elif key in _LISTS and not _texts(value):
            found.append((key, f'{key} must be a list of texts, such as {key} = ["..."]'))
        elif key in _TEXTS and not isinstance(value, str):
            found.append((key, f"{key} must be text in quotation marks"))
        elif key in _TABLES and not isinstance(value, dict):
            found.append((key, f"{key} must be a table, [{key}]"))
    found += _wrong_choices(tables)
    if found:
        return found
    found = [mistake for part in _TABLES for mistake in _wrong_entries(part, tables.get(part, {}), kind)]
    if found:
        return found
    made = msgspec.convert(dict(tables), ColumnMap)
    named, summed, constant = set(made.columns), set(made.sums), set(made.constants)
    found += [
        (column, f"{column} is given both a heading and a constant") for column in sorted((named | summed) & constant)
    ]
    found += [(column, f"{column} is given both a heading and a sum") for column in sorted(named & summed)]
    for form in made.dates:
        if "%" in form and made.year is None and not any(part in form for part in _YEARS):
            said = f"{form!r} has no year, so it is no date; add year = 2024 if the document says which"
            found.append(("dates", said))
        elif "%" not in form:
            found.append(("dates", f'{form!r} is no form of a date; write it like "%d/%m/%Y"'))
    for column, text in made.constants.items() if kind is PUBLISHED else ():
        try:
            parser(next(spec.kind for spec in COLUMNS if spec.name == column), made.forms)(text)
        except Unreadable as error:
            found.append((column, f"[constants] {column}: {error}"))
    return found


def _wrong_choices(tables: Mapping[str, object]) -> list[tuple[str, str]]:
    choices: tuple[tuple[str, tuple[object, ...]], ...] = (
        ("decimal", (".", ",")), ("duration", ("", "minutes", "hours")), ("small", (0, 1)),
    )  # fmt: skip
    found = [
        (key, f"{key} is {tables[key]!r}; it can be {' or '.join(repr(choice) for choice in allowed if choice != '')}")
        for key, allowed in choices
        if key in tables and tables[key] not in allowed
    ]
    year = tables.get("year")
    if year is not None and (not isinstance(year, int) or not 2000 <= year <= 2100):
        found.append(("year", f"year is {year!r}, which is no year; write it like year = 2024"))
    return found


def _wrong_entries(part: str, entries: object, kind: MapKind) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    assert isinstance(entries, dict)
    for column, said in entries.items():
        feeds = kind is PUBLISHED and part == "columns" and column in FEEDING
        if not kind.has(column) and not feeds:
            turned = (
                f'; write it the other way about: {said} = "{column}"'
                if isinstance(said, str) and kind.has(said)
                else ""
            )
            meant = turned or nearest(column, kind.names)
            found.append((column, f"[{part}] names {column!r}, which is no column of {kind.page}{meant}"))
        elif part == "sums" and not _texts(said):
            found.append((column, f"[sums] {column} must be a list of headings"))
        elif part != "sums" and not isinstance(said, str) and not (part == "columns" and _texts(said)):
            found.append((column, f"[{part}] {column} must be text in quotation marks"))
        elif part != "constants":
            headings = [said] if isinstance(said, str) else said
            empty = (heading for heading in headings if not fold(heading))
            found += [(column, f"{heading!r} holds no letter or digit, so it names no heading") for heading in empty]
    return found


def _texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(text, str) for text in value)


def _line_of(text: str, key: str) -> str:
    """ "line 3: " where a key stands at the start of a line."""
    for number, line in enumerate(text.splitlines(), start=1):
        if re.match(rf"\s*\[?[\"']?{re.escape(key)}[\"']?\s*[\]=.]", line):
            return f"line {number}: "
    return ""
