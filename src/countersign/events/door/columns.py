"""A column map for events: a TOML file that says which heading of an engine's CSV is which field of an event.

``[columns]`` gives a field's path its heading, ``[constants]`` a value that the file leaves unsaid, ``[values."path"]``
what the engine's words mean, ``ignore`` the headings to leave out, ``times`` the form of its times, which are taken as
UTC, ``encoding`` and ``delimiter`` how the file is written where it is not UTF-8 with commas. Each line is a row of its
own, so that a quote that is never closed costs its own row alone. A heading that is neither mapped nor ignored refuses
the file before anything is written: it may be one that is not to be kept. Text stays as it stands, scores with their
scale; only whole numbers and true and false are read as such.

>>> made = parse_map(b'[columns]\\nsource = "Camera"\\n"content.score" = "Score"\\n', "map.toml")
>>> made.columns["content.score"]
'Score'
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from countersign.deployments.clock import time_text
from countersign.errors import WrongForm
from countersign.events.door.line import LONGEST_LINE, Event, EventRefused, of
from countersign.events.door.lines import Numbered
from countersign.record.tlog.encoding import shown

LARGEST_MAP = 1 << 18
_PATH = re.compile(r"[a-z_]+(?:\.(?:[a-z_]+|\d{1,2}))*\Z", re.ASCII)
_WHOLE = re.compile(r"(?:0|[1-9]\d{0,15})\Z", re.ASCII)
#: The last parts of the paths that hold whole numbers, and those that hold true or false, in the vocabulary.
NUMBERS = frozenset(
    {
        "sequence",
        "entry",
        "seconds",
        "minutes",
        "faces",
        "alerts",
        "cameras",
        "operators",
        "engagement_officers",
        "explaining",
        "templates_created",
        "templates_deleted",
        "latency_maximum_milliseconds",
        "system_alerts",
        "leaflets",
        "operators_minimum",
        "engagement_officers_minimum",
        "engagements",
        "incidents",
    }
)
TRUTHS = frozenset({"seen_other", "leaflet", "explanation_given", "complaint_information", "cause_removed"})


class EventColumnsWrong(WrongForm):
    """A column map is not of its form, or does not fit the file's headings."""

    code = "event-columns-wrong"
    next_step = "Correct the map at that place; its form is described in docs/formats/events.md."


class ColumnMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a map says; see the module's text."""

    columns: dict[str, str]
    constants: dict[str, Any] = {}
    values: dict[str, dict[str, str]] = {}
    ignore: tuple[str, ...] = ()
    times: str = ""
    encoding: Literal["utf-8", "iso-8859-1", "windows-1252"] = "utf-8"
    delimiter: Literal[",", ";", "\t", "|"] = ","


def parse_map(data: bytes, place: str) -> ColumnMap:
    """The map of a TOML file. Raises ``EventColumnsWrong``."""
    try:
        if len(data) > LARGEST_MAP:
            raise EventColumnsWrong(f"{place}: is larger than {LARGEST_MAP:,} bytes, which no column map is")
        made = msgspec.convert(tomllib.loads(data.decode("utf-8")), ColumnMap)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise EventColumnsWrong(f"{place}: {error}") from None
    paths = [*made.columns, *made.constants]
    for path in paths:
        if not _PATH.match(path):
            raise EventColumnsWrong(f"{place}: {shown(path)} is not the path of a field, such as content.score")
    if doubled := sorted(set(made.columns) & set(made.constants)):
        raise EventColumnsWrong(f"{place}: {doubled[0]} has both a column and a constant")
    return made


def rows(lines: Iterable[bytes], columns: ColumnMap, place: str) -> Iterator[Numbered]:
    """The events of a CSV file, by its map. Raises ``EventColumnsWrong`` where the headings do not fit."""
    numbered = enumerate(lines, 1)
    headings: list[str] | None = None
    for number, line in numbered:
        try:
            cells = _cells(line, columns, first=number == 1)
        except csv.Error:
            cells = None
        if headings is None:
            if cells is None:
                raise EventColumnsWrong(f"{place}: line {number}, where the headings should be, is not a line of CSV")
            if cells:
                _check_headings(cells, columns, place)
                headings = cells
        elif cells is None:
            yield Numbered(number, b"", EventRefused("the line", "not a line of CSV: a quote that is not closed?"))
        elif len(line) > LONGEST_LINE:
            yield Numbered(number, b"", EventRefused("the line", f"longer than {LONGEST_LINE:,} bytes"))
        elif cells:
            yield Numbered(number, b"", _event(headings, cells, columns))
    if headings is None:
        raise EventColumnsWrong(f"{place}: has no line of headings")


def _cells(line: bytes, columns: ColumnMap, *, first: bool) -> list[str]:
    """The cells of a line; a byte that its encoding does not have becomes a mark that no field takes."""
    encoding = "utf-8-sig" if first and columns.encoding == "utf-8" else columns.encoding
    text = line.decode(encoding, errors="replace").replace("\0", "\ufffd").rstrip("\r\n")
    return next(csv.reader([text], strict=True, delimiter=columns.delimiter), [])


def _check_headings(headings: list[str], columns: ColumnMap, place: str) -> None:
    if len(set(headings)) != len(headings):
        raise EventColumnsWrong(f"{place}: two columns have one heading")
    wanted = set(columns.columns.values())
    if missing := sorted(wanted - set(headings)):
        hint = ""
        if len(headings) == 1 and (others := [one for one in ";\t|," if one in headings[0]]):
            hint = f"; its cells seem to be separated by {others[0]!r}: say so with delimiter"
        raise EventColumnsWrong(f"{place}: has no column {shown(missing[0])}, which the map names{hint}")
    for number, heading in enumerate(headings, 1):
        if heading not in wanted and heading not in columns.ignore:
            raise EventColumnsWrong(f"{place}: column {number} is neither mapped nor ignored by the map")


def _event(headings: list[str], row: list[str], columns: ColumnMap) -> Event | EventRefused:
    if len(row) != len(headings):
        return EventRefused("the line", f"{len(row)} cells under {len(headings)} headings")
    cells = dict(zip(headings, row, strict=True))
    flat: dict[str, Any] = dict(columns.constants)
    try:
        for path, heading in columns.columns.items():
            if text := cells[heading]:
                flat[path] = _value(path, columns.values.get(path, {}).get(text, text), columns.times)
        return of(_nested(flat))
    except EventRefused as error:
        return error


def _value(path: str, text: str, times: str) -> Any:
    last = path.rpartition(".")[2]
    if "\ufffd" in text:
        raise EventRefused(path, "not text in the file's encoding")
    if last in NUMBERS:
        if not _WHOLE.match(text):
            raise EventRefused(path, "not a whole number")
        return int(text)
    if last in TRUTHS:
        if text not in ("true", "false"):
            raise EventRefused(path, "neither true nor false; say in the map what the engine's words mean")
        return text == "true"
    if times and (last == "at" or last == "since" or last.endswith("_at")):
        try:
            return time_text(datetime.strptime(text, times).replace(tzinfo=UTC))
        except ValueError:
            raise EventRefused(path, "not a time of the form that the map gives") from None
    return text


def _nested(flat: dict[str, Any]) -> Any:
    """``{"content.adjudications.0.person": x}`` as objects and lists; a list's numbers run from 0."""
    tree: dict[str, Any] = {}
    for path, value in flat.items():
        at = tree
        *parents, last = path.split(".")
        for name in parents:
            at = at.setdefault(name, {})
            if not isinstance(at, dict):
                raise EventRefused(path, "the map gives a value to what this field is part of")
        at[last] = value
    return _listed(tree)


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    parts = {name: _listed(part) for name, part in value.items()}
    if parts and all(name.isdigit() for name in parts):
        return [parts[name] for name in sorted(parts, key=int)]
    return parts
