"""The lines of an export: none read further than a line may be long; a CSV file's rows made events by a column map.

A line that is too long is passed over without being held in memory, and comes out cut, so that the door refuses it.
Text in another encoding, and files that are no text, are refused whole by their first bytes. A growing file is read up
to its last whole line; one cut short in place is read again from its start, and where another file took its name
(rotation), the old one is read to its end and then the new one.

A column map is a TOML file. ``[columns]`` gives a field's path its heading, ``[constants]`` a value that the file
leaves unsaid, ``[values."path"]`` what the engine's words mean, ``ignore`` the headings to leave out, ``times`` the
form of its times, taken as UTC, ``encoding`` and ``delimiter`` how the file is written. A quote that is never closed
costs its own row alone. A heading that is neither mapped nor ignored refuses the file before anything is written: it
may be one that is not to be kept. Text stays as it stands; only whole numbers and true and false are read as such.

>>> import io
>>> [line.number for line in lines_of(bounded(io.BytesIO(b'{"a":1}\\n\\n{"b":2}\\n')))]
[1, 3]
>>> made = parse_map(b'[columns]\\nsource = "Camera"\\n"content.score" = "Score"\\n', "map.toml")
>>> made.columns["content.score"]
'Score'
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

import msgspec

from countersign.deployments.clock import time_text
from countersign.door import hold
from countersign.errors import WrongForm
from countersign.events.door.line import LONGEST_LINE, Event, EventRefused, of
from countersign.inputs import toml_of
from countersign.record.tlog.encoding import shown

_MOST = LONGEST_LINE + 2
#: How a file begins, and what it then is.
_BEGINNINGS = (
    (b"\xff\xfe\x00\x00", "text in UTF-32"),
    (b"\x00\x00\xfe\xff", "text in UTF-32"),
    (b"\xff\xfe", "text in UTF-16"),
    (b"\xfe\xff", "text in UTF-16"),
    (b"\x1f\x8b", "compressed (gzip)"),
    (b"PK\x03\x04", "a zip file or a workbook"),
    (b"SQLite format 3\x00", "a database"),
    (b"%PDF", "a PDF"),
    (b"\x28\xb5\x2f\xfd", "compressed (zstd)"),
)


class EventFileWrong(WrongForm, next_step="Have the engine export JSON Lines or CSV in UTF-8; nothing was taken."):
    """A file as a whole is no export: another encoding, compressed, or no text at all."""


class Numbered(NamedTuple):
    """A line with its number in its file, and the event in it where it was read already (a row of a CSV file)."""

    number: int
    line: bytes
    event: Event | EventRefused | None = None


def check_beginning(start: bytes, place: str) -> None:
    """Look at the first bytes of a file. Raises ``EventFileWrong``."""
    for beginning, what in _BEGINNINGS:
        if start.startswith(beginning):
            raise EventFileWrong(f"{place}: is {what}, not in UTF-8")
    if b"\x00" in start[:16]:
        raise EventFileWrong(f"{place}: holds zero bytes, as text in UTF-16 does, or a file that is no text")


def bounded(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a file to its end; one too long comes cut, but longer than a line may be."""
    passing_over = False
    for chunk in iter(lambda: stream.readline(_MOST), b""):
        if not passing_over:
            yield chunk
        passing_over = not chunk.endswith(b"\n")


def lines_of(chunks: Iterable[bytes], first: int = 1) -> Iterator[Numbered]:
    """The lines that are not empty, numbered from ``first``; a byte order mark before line 1 is left out."""
    for number, line in enumerate(chunks, first):
        text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if stripped := text.strip(b" \t\r\n"):
            yield Numbered(number, stripped)


class Following:
    """A file read as it grows. ``new_lines`` may be asked again and again; ``close`` in the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream: BinaryIO = path.open("rb")
        self._line = 0
        self._passing_over = False

    def close(self) -> None:
        """Read no more."""
        self._stream.close()

    def new_lines(self) -> Iterator[Numbered]:
        """The whole lines that came since the last time, over all files that had the name. Raises ``OSError``."""
        while True:
            yield from lines_of(self._chunks(), self._line + 1)
            try:
                there = self._path.stat()
            except FileNotFoundError:
                return
            here = os.fstat(self._stream.fileno())
            if (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino):
                yield from lines_of(self._chunks(at_end=True), self._line + 1)
                self._stream.close()
                self._begin(self._path.open("rb"))
            elif there.st_size < self._stream.tell():
                self._stream.seek(0)
                self._begin(self._stream)
            else:
                return

    def _begin(self, stream: BinaryIO) -> None:
        self._stream, self._line, self._passing_over = stream, 0, False

    def _chunks(self, *, at_end: bool = False) -> Iterator[bytes]:
        """Whole lines; at the end of a file that nobody writes to any more also the last one without its end."""
        for chunk in iter(lambda: self._stream.readline(_MOST), b""):
            ended = chunk.endswith(b"\n")
            if self._passing_over:
                self._passing_over = not ended
                continue
            if not ended and len(chunk) < _MOST and not at_end:
                self._stream.seek(-len(chunk), 1)
                return
            self._passing_over = not ended and len(chunk) == _MOST
            self._line += 1
            yield chunk


LARGEST_MAP = 1 << 18
_PATH = re.compile(r"[a-z_]+(?:\.(?:[a-z_]+|\d{1,2}))*\Z", re.ASCII)
_WHOLE = re.compile(r"(?:0|[1-9]\d{0,15})\Z", re.ASCII)
#: The last parts of the paths that hold whole numbers, and those that hold true or false, in the vocabulary.
NUMBERS = (
    {"sequence", "entry", "seconds", "minutes", "latency_maximum_milliseconds"}
    | {"faces", "alerts", "system_alerts", "engagements", "incidents", "templates_created", "templates_deleted"}
    | {"cameras", "operators", "engagement_officers", "explaining", "leaflets"}
    | {"operators_minimum", "engagement_officers_minimum"}
)
TRUTHS = frozenset({"seen_other", "leaflet", "explanation_given", "complaint_information", "cause_removed"})


class EventColumnsWrong(
    WrongForm, next_step="Correct the map at that place; its form is described in docs/formats/events.md."
):
    """A column map is not of its form, or does not fit the file's headings."""


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
        made = msgspec.convert(hold("event map", toml_of(data, place, EventColumnsWrong), place), ColumnMap)
    except msgspec.ValidationError as error:
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
