"""Entries disowned: the holder of the key that signed an entry says, on the record, that it is not theirs.

``review.disowning`` names an entry about the same subject by place and digest, with a fixed phrase why. Only the key
that signed it, or the key that took over from that one (``record.key-rotated``), disowns it. The entry stays and what
it moved stays moved; but no duty rests on it any more, while what it says against a duty counts on: disowning never
betters a finding. A disowning is not taken back: what was true is stated again. One that breaks this moves nothing and
is shown with the reason.

>>> disowned_in([])
Disowned(entries={}, faults={})
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import NamedTuple

from countersign.errors import NotAllowed
from countersign.record.entries.entry import Entry, Placed, key_id
from countersign.record.entries.keyring import key_brought

KIND = "review.disowning"
#: Why, in public.
REASONS = ("key-misused", "key-copied", "shown-otherwise", "not-known")
_ROTATED = "record.key-rotated"
#: Kinds that say which entries are disowned, beside the entries themselves.
JUDGED_BY = frozenset({KIND, _ROTATED})
_NEVER = {KIND: "is a disowning itself", "record.log-opened": "opened the log"}


class DisowningRefused(
    NotAllowed,
    next_step="Look at `countersign record signed-by LOG KEY` for what the key signed; nothing was written.",
):
    """A disowning names what is not there, another key's entry, or one that cannot be disowned."""


class Disowning(NamedTuple):
    """A disowning that stands: its own place, why, and the time it speaks for."""

    by: int
    reason: str
    at: str


class Disowned(NamedTuple):
    """The entries disowned, by place; and why a disowning moves nothing, by its place."""

    entries: Mapping[int, Disowning]
    faults: Mapping[int, str]


def disowned_in(entries: Iterable[Placed]) -> Disowned:
    """What the disownings among entries come to; give them in the log's order, with the rotations of keys."""
    placed = dict(entries)
    standing: dict[int, Disowning] = {}
    faults: dict[int, str] = {}
    #: New key: the one it took over from.
    took_over: dict[str, str] = {}
    for index, entry in placed.items():
        if entry.draft.kind == _ROTATED and (public_key := key_brought(entry)) is not None:
            took_over[key_id(public_key)] = entry.key
        elif entry.draft.kind == KIND:
            target = int(str(entry.draft.facts["entry"]))
            fault = next(_faults(index, entry, target, placed.get(target), standing, took_over), None)
            if fault is None:
                standing[target] = Disowning(index, str(entry.draft.facts["reason"]), entry.draft.at)
            else:
                faults[index] = fault
    return Disowned(standing, faults)


def _faults(
    index: int,
    entry: Entry,
    target: int,
    named: Entry | None,
    standing: Mapping[int, Disowning],
    took_over: Mapping[str, str],
) -> Iterator[str]:
    """Why a disowning moves nothing, the first reason first."""
    subject = entry.draft.subject
    if target >= index:
        yield f"entry {target} does not come before it"
    if named is None:
        yield f"entry {target} is not among the entries about {subject}"
        return
    if named.draft.subject != subject:
        yield f"entry {target} is about {named.draft.subject}, not about {subject}"
    if sha256(named.render()).hexdigest() != entry.draft.facts["entry_digest"]:
        yield f"entry_digest is not the digest of entry {target}"
    if named.draft.kind in _NEVER:
        yield f"entry {target} {_NEVER[named.draft.kind]} and cannot be disowned"
    if named.key not in _line_of(entry.key, took_over):
        key = f"{named.key[:16]}…"
        yield f"entry {target} is signed by key {key}: its holder alone disowns it, with that key or its successor"
    if target in standing:
        yield f"entry {target} is disowned already, by entry {standing[target].by}"


def _line_of(key: str, took_over: Mapping[str, str]) -> set[str]:
    """A key and those it took over from, one after the other."""
    line = {key}
    while (earlier := took_over.get(key)) is not None and earlier not in line:
        line.add(earlier)
        key = earlier
    return line
