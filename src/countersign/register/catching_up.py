"""The state of a log's deployments, folded from its entries, and what is kept of it so that only new ones need be read.

The state is kept in a file beside the log, with how many entries it was folded from and the SHA-256 of the last; one
folded under a trust policy has a file of its own. It is only a cache: what does not fit is thrown away and the log
folded from its start. So it is where a correction has come since, which changes what stood before it.

>>> read, repeats = (lambda start, stop: []), (lambda start, entries: ())
>>> state, kept = catch_up(None, "force-a", 0, read, repeats)
>>> state.force, catch_up(kept, "force-a", 0, read, repeats)[0] == state
('force-a', True)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from hashlib import sha256
from typing import Literal

import msgspec

from countersign.deployments.corrections import (
    MARK,
    NONE,
    CorrectionRefused,
    Corrections,
    concerns,
    corrections_in,
    named_in,
)
from countersign.deployments.fold import advance
from countersign.deployments.state import Programme, StateMalformed
from countersign.progress import Progress, silent
from countersign.record.entries.entry import Entry, Placed

ReadEntries = Callable[[int, int], Sequence[bytes]]
#: Which of these entries, the first of which is at this place, repeat one before them.
Repeats = Callable[[int, Sequence[bytes]], Collection[int]]
BATCH = 4096


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Literal[2]
    size: int
    last: str


def catch_up(
    kept: bytes | None,
    force: str,
    size: int,
    read: ReadEntries,
    repeats: Repeats,
    *,
    outside_keys: frozenset[str] | None = None,
    progress: Progress = silent,
) -> tuple[Programme, bytes]:
    """The state after ``size`` entries of a log, and what to keep. ``repeats`` says which entries are passed over; a
    state kept under other ``outside_keys`` is not used. Raises an error of form for bytes that are no entries."""
    begun = Programme(force, outside_keys)
    state, head = _usable(kept, begun, size, read) or (begun, _Head(2, 0, ""))
    after = _advanced(state, head.size, size, read, repeats, None, progress)
    if after is None:
        after = _advanced(begun, 0, size, read, repeats, corrections_of(size, read, repeats), progress) or begun
    last = sha256(read(size - 1, size)[0]).hexdigest() if size else ""
    return after, msgspec.json.encode(_Head(2, size, last)) + b"\n" + after.render()


def _advanced(
    state: Programme,
    start: int,
    size: int,
    read: ReadEntries,
    repeats: Repeats,
    corrected: Corrections | None,
    progress: Progress,
) -> Programme | None:
    """The state after the entries from ``start`` on; ``None`` where a correction is met that ``corrected`` lacks."""
    for index, data in _once(start, size, read, repeats):
        if index % BATCH == 0:
            progress("folding entries", index, size)
        if corrected is None and MARK in data:
            return None
        state = advance(state, index, Entry.parse(data), corrected or NONE)
    return state


def folded_with(begun: Programme, size: int, read: ReadEntries, repeats: Repeats, also: Sequence[Placed]) -> Programme:
    """The state that entries ``also``, not yet appended, would lead to from the log's beginning. Raises
    ``CorrectionRefused`` where the last of them is a correction that would move nothing."""
    corrected = corrections_of(size, read, repeats, also)
    fault = corrected.faults.get(also[-1][0])
    if fault is not None:
        raise CorrectionRefused(f"{also[-1][1].draft.kind}: {fault}")
    state = _advanced(begun, 0, size, read, repeats, corrected, silent) or begun
    for index, entry in also:
        state = advance(state, index, entry, corrected)
    return state


def corrections_of(size: int, read: ReadEntries, repeats: Repeats, also: Sequence[Placed] = ()) -> Corrections:
    """What the corrections of a log come to, with entries ``also`` that are to be appended to it."""
    found = {index: Entry.parse(data) for index, data in _once(0, size, read, repeats) if concerns(data)}
    found |= dict(also)
    for index in named_in(found.items()) - found.keys():
        if index < size:
            found[index] = Entry.parse(read(index, index + 1)[0])
    return corrections_in(sorted(found.items()))


def _once(start: int, size: int, read: ReadEntries, repeats: Repeats) -> Iterator[tuple[int, bytes]]:
    """The entries from ``start`` on, without repeats."""
    while start < size:
        batch = read(start, min(start + BATCH, size))
        passed = repeats(start, batch)
        yield from ((index, data) for index, data in enumerate(batch, start) if index not in passed)
        start += len(batch)


def _usable(kept: bytes | None, begun: Programme, size: int, read: ReadEntries) -> tuple[Programme, _Head] | None:
    if kept is None:
        return None
    first, _, rest = kept.partition(b"\n")
    try:
        head, state = msgspec.json.decode(first, type=_Head), Programme.parse(rest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, StateMalformed):
        return None
    if (state.force, state.outside_keys) != (begun.force, begun.outside_keys) or head.size > size:
        return None
    if head.size and sha256(read(head.size - 1, head.size)[0]).hexdigest() != head.last:
        return None
    return state, head
