"""Which forces there are: an id for each, its names, under whose law it answers requests, and its shipped maps.

``data/forces.toml`` ships; a library adds its own. A name is looked up by id, name or alias, whatever its case, with or
without "police", "constabulary" and "the".

>>> find_force("The Met").id, find_force("south wales").name
('metropolitan-police', 'South Wales Police')
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal

import msgspec
from rapidfuzz import fuzz, process

from countersign.door import hold
from countersign.errors import WrongForm
from countersign.inputs import read_input, toml_of
from countersign.words.lists import listing

#: Most forces that a library's own file may add.
MOST_FORCES = 1000
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+){0,15}\Z")
_LEFT_OUT = re.compile(r"\b(?:the|police|service|constabulary|of|and)\b|[^a-z0-9]+")

Law = Literal["england-and-wales", "scotland", "northern-ireland"]


class ForcesMalformed(
    WrongForm, next_step="Correct the file at that place; docs/formats/library.md describes forces.toml."
):
    """A library's own forces.toml is not in its form."""


class ForceUnknown(
    WrongForm, next_step="Use one of these ids, or add the force to forces.toml in the library's folder."
):
    """A force is named that neither the shipped list nor the library's own has."""


class Force(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A force: ``id`` as entries name it, the name in full, other names, the law of its answers, its shipped maps."""

    name: str
    aliases: tuple[str, ...] = ()
    law: Law = "england-and-wales"
    maps: tuple[str, ...] = ()
    id: str = ""


def read_forces(own: Path | None = None) -> Mapping[str, Force]:
    """All forces by id: those that ship and those of a file, if it is there. Raises ``ForcesMalformed``."""
    if own is None or not own.exists():
        return _shipped()
    return dict(_shipped()) | _parsed(read_input(own), str(own))


@cache
def _shipped() -> Mapping[str, Force]:
    return _parsed(resources.files("countersign").joinpath("data", "forces.toml").read_bytes(), "forces.toml")


def _parsed(content: bytes, place: str) -> dict[str, Force]:
    tables = hold("library", toml_of(content, place, ForcesMalformed), place)
    if len(tables) > MOST_FORCES:
        raise ForcesMalformed(f"{place}: names more than {MOST_FORCES:,} forces")
    found: dict[str, Force] = {}
    for name, table in tables.items():
        if not _ID.match(name):
            raise ForcesMalformed(f"{place}: {name!r} is no id; write it like force-a")
        try:
            found[name] = msgspec.structs.replace(msgspec.convert(table, Force), id=name)
        except msgspec.ValidationError as error:
            raise ForcesMalformed(f"{place}: [{name}]: {error}") from None
    return found


def find_force(text: str, forces: Mapping[str, Force] | None = None) -> Force:
    """The force of this id, name or alias. Raises ``ForceUnknown``, with the nearest names."""
    known = _shipped() if forces is None else forces
    if text in known:
        return known[text]
    wanted = _bare(text)
    names = {name: force for force in known.values() for name in (force.id, force.name, *force.aliases)}
    fitting = {force.id for name, force in names.items() if wanted and _bare(name) == wanted}
    if len(fitting) == 1:
        return known[fitting.pop()]
    near = process.extract(text, [*names], scorer=fuzz.WRatio, limit=8, score_cutoff=60)
    ids = list(dict.fromkeys(names[name].id for name, _, _ in near))[:3]
    meant = listing([f"{known[name].name} ({name})" for name in ids], "or")
    said = f"; the nearest are {meant}" if len(ids) > 1 else f"; the nearest is {meant}" if ids else ""
    raise ForceUnknown(f"{text!r} is no force of the list{said}")


def _bare(text: str) -> str:
    return _LEFT_OUT.sub("", text.casefold().replace("-", " "))
