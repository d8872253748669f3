"""Which rows were at the same place: two ways of matching the names that a force prints.

Forces print one place in many ways ("Tooting B'way", "Tooting Broadway", "Tooting"). Whether a figure holds *within
the same place* depends on how these are matched, so there are two ways, and figures that rest on it are given both
ways:

- ``words`` (strict): the same words in any order, after abbreviations are written out; "Northend, Croydon" is
  "Croydon, North End", but not "Croydon".
- ``town`` (loose): the same town. A name is taken apart at commas and dashes. A part that says what kind of spot it
  is (street, high, station ...) is left out where another part remains, else those words are; of what remains, the part
  that most names of this record share is the town: "Powis St, Woolwich" and "Woolwich" are one. A spelling that lacks
  one letter of a longer part that more names share is taken for it ("Shepherds Buh").

Neither is right: under ``town`` one high street stands for another; under ``words`` a street is lost when a force
begins to print the town with it. A borough printed alone ("Westminster") may be anywhere in it. No map is consulted.

>>> from countersign.published.table.record import Row
>>> rows = [Row("d", 1, place="Tooting B’way"), Row("d", 2, place="Tooting"), Row("d", 3, place="Powis St, Woolwich")]
>>> place_keys(rows, "words")
['broadway tooting', 'tooting', 'powis street woolwich']
>>> place_keys(rows, "town")
['tooting', 'tooting', 'woolwich']
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

from countersign.published.table.record import Row

Matching = Literal["words", "town"]

_WRITTEN_OUT = {
    "b'way": "broadway", "bway": "broadway", "ct": "court", "gdns": "gardens", "junc": "junction", "ln": "lane",
    "northend": "north end", "pk": "park", "rd": "road", "sq": "square", "st": "street", "stn": "station",
}  # fmt: skip
_KINDS_OF_SPOT_WORDS = (
    "street road lane high broadway station parade way square heathway central green hill bridge place path north "
    "south end mall walk gardens"
)
_KINDS_OF_SPOT = frozenset(_KINDS_OF_SPOT_WORDS.split())
_ASIDE = re.compile(r"\(.*?\)")
_PARTS = re.compile(r"[,;/–—]|\s-\s")
_WORDS = re.compile(r"[\w']+")
_FULL_LENGTH = 6


def words(name: str) -> list[str]:
    """The words of a printed name, in small letters, abbreviations written out, asides in brackets left out.

    >>> words("St Ann’s, Harrow (am)")
    ['street', 'anns', 'harrow']
    """
    plain = _ASIDE.sub(" ", name.casefold().replace("’", "'").replace("‘", "'"))
    found: list[str] = []
    for word in _WORDS.findall(plain):
        found += _WRITTEN_OUT.get(word, word.replace("'", "")).split()
    return [word for word in found if word]


def place_keys(rows: Sequence[Row], matching: Matching) -> list[str | None]:
    """One key for each row; rows of equal key were at the same place under this matching. ``None``: no place
    printed."""
    names = {row.place for row in rows if row.place}
    key_of = _by_words(names) if matching == "words" else _by_town(names)
    return [key_of.get(row.place) if row.place else None for row in rows]


def _by_words(names: Iterable[str]) -> dict[str, str]:
    return {name: " ".join(sorted(words(name))) or name for name in names}


def _by_town(names: Iterable[str]) -> dict[str, str]:
    parts = {name: _town_parts(name) for name in names}
    shared = Counter(part for found in parts.values() for part in set(found))
    respelled = _respellings(shared)
    town = {}
    for name, found in parts.items():
        candidates = [respelled.get(part, part) for part in found]
        best = max(candidates, key=lambda part: (shared[part], len(part), part), default="")
        town[name] = best or " ".join(sorted(words(name))) or name
    return town


def _town_parts(name: str) -> list[str]:
    """The parts of a name that may be its town: those without a word for a kind of spot, else what such words leave."""
    parts = [found for part in _PARTS.split(name) if (found := words(part))]
    whole = [" ".join(part) for part in parts if not _KINDS_OF_SPOT.intersection(part)]
    if whole:
        return whole
    kept = (" ".join(word for word in part if word not in _KINDS_OF_SPOT) for part in parts)
    return [part for part in kept if part]


def _respellings(shared: Counter[str]) -> dict[str, str]:
    """Parts that one letter dropped from a longer, more widely shared part would give."""
    dropped: dict[str, str] = {}
    for part in sorted(shared, key=lambda part: (shared[part], part)):
        if len(part) > _FULL_LENGTH and shared[part] > 1:
            dropped.update({part[:index] + part[index + 1 :]: part for index in range(len(part))})
    return {part: dropped[part] for part in shared if part in dropped and shared[part] < shared[dropped[part]]}
