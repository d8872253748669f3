"""Bytes that are already a leaf of the log say nothing new: they count at their first place, and a repeat is reported.

Otherwise an old grant, put into the log once more, would bring back a role that was withdrawn, and an hour counted once
would count twice. Appending gives such bytes the place they have (``keeping.log``); a log made before that, or by other
software, may hold them twice, so everyone who goes through entries goes through ``Leaves.once``.

Two entries are the same if their bytes are (RFC 8785 gives each one form), which is taken from their SHA-256.

>>> leaves = Leaves()
>>> list(leaves.once([(0, b"opened"), (1, b"granted"), (2, b"granted")]))
[(0, b'opened'), (1, b'granted')]
>>> leaves.repeated[0].describe()
'entry 2 repeats entry 1 and is not counted again'
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import NamedTuple


class Repeated(NamedTuple):
    """The entry at ``place`` has the same bytes as the one at ``first``, before it."""

    place: int
    first: int

    def describe(self) -> str:
        """In words: which entry repeats which."""
        return f"entry {self.place} repeats entry {self.first} and is not counted again"


class Leaves:
    """What was seen of a log so far, by digest; ``repeated`` are the repeats met, in order. Give places in order."""

    def __init__(self) -> None:
        self._first: dict[bytes, int] = {}
        self.repeated: list[Repeated] = []

    def once(self, placed: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
        """The entries (place and bytes) that were not there before."""
        return ((place, data) for place, data in placed if self.new(place, sha256(data).digest()))

    def new(self, place: int, digest: bytes) -> bool:
        """Whether the entry at ``place``, whose SHA-256 this is, was not there before; a repeat is noted."""
        first = self._first.setdefault(digest, place)
        if first != place:
            self.repeated.append(Repeated(place, first))
        return first == place


def said_of(repeated: Iterable[Repeated], *, most: int = 5) -> str | None:
    """What a report says of repeats, in one sentence; ``None`` where there are none."""
    repeats = [*repeated]
    if not repeats:
        return None
    more = f", and {len(repeats) - most:,} more" if len(repeats) > most else ""
    named = ", ".join(f"entry {repeat.place} repeats entry {repeat.first}" for repeat in repeats[:most])
    return f"The log holds the same entry more than once ({named}{more}); each is counted once, at its first place."
