"""A column map: a short TOML file by which a person says what another force's headings mean.

``docs/formats/column-maps.md`` describes it. It maps headings to columns, names the forms of dates and numbers, gives
values that the file leaves unsaid (constants), and names headings to leave out. A map adds to the known headings; where
both speak, the map holds.

>>> made = parse_map('dates = ["%m/%d/%Y"]\\n[columns]\\nalerts = "Possible matches"\\n', "map.toml")
>>> made.use_of("Possible  matches:").names
('alerts',)
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from countersign.errors import WrongForm
from countersign.published.files import read_bytes
from countersign.published.table.columns import Use, fold, known_heading
from countersign.published.table.record import COLUMN_NAMES, COLUMNS
from countersign.published.table.values import Forms, Unreadable, Value, parser

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
