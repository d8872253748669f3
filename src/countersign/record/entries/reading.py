"""Checking every entry of a log: form, schema, signature, role and time, spread over processes.

First the entries that govern are found and folded into keyrings by place; they are few. Then pieces of the log are
checked apart from each other, each entry against the keyring of its place, in as many processes as the executor has.
Repeats of an entry are passed over (``repeats``).
What comes back is small: what was wrong, by place, and the bytes of those entries that move the retention accounts or
commit to something, which are folded here in order. An entry's own time is held against the cosigned checkpoints next
to it: one that was in the log before its event, or came in later than a checkpoint after its event, is unsupported.

The hashes are checked elsewhere (``audit``); a log that was read here is the one under that root.
"""

from __future__ import annotations

import datetime
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from countersign.errors import CountersignError
from countersign.progress import Progress, silent
from countersign.record.entries.entry import Entry, verify_entry
from countersign.record.entries.keyring import EMPTY, GOVERNING, Keyring, SignerNotEntitled
from countersign.record.entries.repeats import Leaves, Repeated
from countersign.record.entries.retention import MOVING, Accounts
from countersign.record.entries.schema import Schema, Schemas
from countersign.record.tlog.tiles import WIDTH, TileSource, read_bundle

#: How many bundles are one piece of work: 8,192 entries.
PIECE = 32
_GOVERNING = re.compile(rb'"kind":"(?:' + b"|".join(re.escape(kind.encode()) for kind in sorted(GOVERNING)) + rb')"')
_KEPT_KINDS = MOVING | {"record.retention-rule"}


class Cosigned(NamedTuple):
    """A checkpoint of ``size`` entries was cosigned at ``time`` (POSIX seconds; the earliest of its cosignatures)."""

    size: int
    time: int


class Wrong(NamedTuple):
    """What is wrong with the entry at a place: the error's code and message."""

    place: int
    code: str
    message: str


class Unsupported(NamedTuple):
    """An entry whose time the cosigned checkpoints beside it do not bear out.

    It came in at least ``late`` seconds after its event; below 0, it was there that long before.
    """

    place: int
    at: str
    late: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading all entries gave: nothing ``wrong`` means that every entry counts."""

    size: int
    wrong: tuple[Wrong, ...]
    unsupported: tuple[Unsupported, ...]
    keyring: Keyring
    accounts: Accounts
    repeated: tuple[Repeated, ...] = ()


#: The entries that govern, with their places: small, and enough to fold the keyring of any place again.
_Governing = tuple[tuple[int, bytes], ...]


class _Piece(NamedTuple):
    """Bundles ``first`` up to ``end`` of a log of ``size`` entries, and all that is needed to check them."""

    source: TileSource
    size: int
    first: int
    end: int
    governing: _Governing = ()
    schemas: tuple[bytes, ...] = ()
    cosigned: tuple[Cosigned, ...] = ()
    repeats: frozenset[int] = frozenset()

    def entries(self) -> Iterator[tuple[int, bytes]]:
        for number in range(self.first, self.end):
            width = min(WIDTH, self.size - number * WIDTH)
            yield from enumerate(read_bundle(self.source, number, width), number * WIDTH)


class _Governs(NamedTuple):
    """The entries of a piece that govern, and the SHA-256 of each of its entries, one after the other."""

    found: list[tuple[int, bytes]]
    digests: bytes


class _Found(NamedTuple):
    wrong: list[Wrong]
    unsupported: list[Unsupported]
    kept: list[tuple[int, bytes]]


def read_log(
    source: TileSource,
    size: int,
    schemas: Schemas,
    cosigned: Sequence[Cosigned] = (),
    *,
    log: str = "",
    executor: Executor | None = None,
    progress: Progress = silent,
) -> Reading:
    """Check all entries of the log of ``size`` entries whose hashes were checked (``audit_log``).

    ``schemas`` are those this program knows; ``cosigned`` in order of size; ``log`` is the origin under whose
    checkpoint the entries stand: those of another log do not count in it. With an ``executor`` of processes the
    source must be one that can be sent to them. What is wrong with an entry is in the answer. Raises ``TileMissing`` or
    ``TileMalformed``.
    """
    bundles = -(-size // WIDTH)
    pieces = [_Piece(source, size, first, min(first + PIECE, bundles)) for first in range(0, bundles, PIECE)]
    run = map if executor is None else executor.map
    keyring, wrong, governing = Keyring(log=log), [], []
    leaves = Leaves()
    for index, data in (
        row for piece, found in zip(pieces, run(_govern, pieces), strict=True) for row in _new(piece, found, leaves)
    ):
        try:
            keyring, _ = replace(keyring, size=index).admit(Entry.parse(data), schemas)
            governing.append((index, data))
        except CountersignError as error:
            wrong.append(Wrong(index, error.code, str(error)))
    if size and not governing:
        wrong.append(Wrong(0, "keyring-broken", "the first entry does not open a log"))
    accounts = Accounts()
    unsupported: list[Unsupported] = []
    texts = tuple(schema.text for schema in schemas.known.values())
    repeats = frozenset(repeat.place for repeat in leaves.repeated)
    checked = [
        one._replace(governing=tuple(governing), schemas=texts, cosigned=tuple(cosigned), repeats=repeats)
        for one in pieces
    ]
    for number, found in enumerate(run(_check, checked)):
        wrong += found.wrong
        unsupported += found.unsupported
        for index, data in found.kept:
            accounts.add(index, Entry.parse(data), schemas)
        progress("checking signatures", min(size, (number + 1) * PIECE * WIDTH), size)
    wrong += [Wrong(index, "retention-broken", message) for index, message in accounts.violations]
    return Reading(
        size, tuple(sorted(wrong)), tuple(unsupported), replace(keyring, size=size), accounts, tuple(leaves.repeated)
    )


def _govern(piece: _Piece) -> _Governs:
    """The entries that govern, among these; found by their bytes, which have one form only."""
    digests, found = [], []
    for index, data in piece.entries():
        digests.append(sha256(data).digest())
        if _GOVERNING.search(data) and _kind(data) in GOVERNING:
            found.append((index, data))
    return _Governs(found, b"".join(digests))


def _new(piece: _Piece, governs: _Governs, leaves: Leaves) -> list[tuple[int, bytes]]:
    """The entries of a piece that govern, but for repeats; ``leaves`` notes every repeat in the piece."""
    first = piece.first * WIDTH
    width = sha256().digest_size
    digests = (governs.digests[start : start + width] for start in range(0, len(governs.digests), width))
    new = {place for place, digest in enumerate(digests, first) if leaves.new(place, digest)}
    return [(place, data) for place, data in governs.found if place in new]


def _kind(data: bytes) -> str:
    try:
        return Entry.parse(data).draft.kind
    except CountersignError:
        return ""


@lru_cache(maxsize=4)
def _keyrings(governing: _Governing) -> tuple[list[int], list[Keyring]]:
    """From which place each keyring holds."""
    starts, rings, keyring = [0], [EMPTY], EMPTY
    for index, data in governing:
        keyring = replace(keyring, size=index).next(Entry.parse(data))
        starts.append(index + 1)
        rings.append(keyring)
    return starts, rings


@lru_cache(maxsize=4)
def _parsed(texts: tuple[bytes, ...]) -> Schemas:
    return Schemas.of([Schema.parse(text) for text in texts])


def _check(piece: _Piece) -> _Found:
    """Check one piece; entries that govern were checked where they were folded."""
    found = _Found([], [], [])
    starts, rings = _keyrings(piece.governing)
    schemas = _parsed(piece.schemas)
    sizes = [one.size for one in piece.cosigned]
    for index, data in piece.entries():
        if index in piece.repeats:
            continue
        ring = rings[bisect_right(starts, index) - 1]
        try:
            entry = Entry.parse_for_schema(data)
            if entry.draft.kind not in GOVERNING:
                _hold(index, entry, ring, schemas)
        except CountersignError as error:
            found.wrong.append(Wrong(index, error.code, str(error)))
            continue
        if entry.draft.sealed or entry.draft.kind in _KEPT_KINDS:
            found.kept.append((index, data))
        if late := _lateness(entry.draft.at, bisect_right(sizes, index), piece.cosigned):
            found.unsupported.append(Unsupported(index, entry.draft.at, late))
    return found


def _hold(index: int, entry: Entry, ring: Keyring, schemas: Schemas) -> None:
    try:
        state = ring.entitled(entry.draft, entry.key)
    except SignerNotEntitled:
        # Again, at its own place, so that the message names it.
        replace(ring, size=index).entitled(entry.draft, entry.key)
        raise
    ring.adopted(entry.draft, schemas, index)
    verify_entry(entry, state.public_key, schemas)


def _lateness(at: str, following: int, cosigned: Sequence[Cosigned]) -> int:
    """Seconds from the event to the cosigned checkpoint before the entry, if that is later; or to the one after it, if
    that is earlier (then below 0); else 0.
    """
    if not cosigned:
        return 0
    moment = int(datetime.datetime.fromisoformat(at).timestamp())
    if following and (late := cosigned[following - 1].time - moment) > 0:
        return late
    if following < len(cosigned) and (early := cosigned[following].time - moment) < 0:
        return early
    return 0
