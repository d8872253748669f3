"""Column maps: what another force's headings mean, as a person says it.

A map is a short TOML file (``docs/formats/column-maps.md``) with the meanings of headings, the forms of dates and
numbers, constants, and headings to leave out; it holds over what is known (``columns``).

>>> made = parse_map('dates = ["%m/%d/%Y"]\\n[columns]\\nalerts = "Possible matches"\\n', "map.toml")
>>> made.use_of("Possible  matches:").names
('alerts',)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from countersign.door import hold
from countersign.errors import WrongForm
from countersign.inputs import toml_of
from countersign.published.files import read_bytes
from countersign.published.strict_csv import nearest
from countersign.published.table.columns import FEEDING, Use, fold, known_heading
from countersign.published.table.marks import Forms, Unreadable
from countersign.published.table.record import COLUMN_NAMES, COLUMNS
from countersign.published.table.values import Value, parser

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
        # To Python true is 1, and so is 1.0.
        if key in tables and not any(type(tables[key]) is type(each) and tables[key] == each for each in allowed)
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
