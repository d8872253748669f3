"""A kept state: the fold of a log so far in one file, taken up where it stopped if the log still begins the same way.

The file holds the state, how many entries it was folded from, and the SHA-256 of the last of them. It is only a cache:
whatever does not fit is thrown away and the log folded from its start. A log whose entries were replaced from within
would be found by the log's own checks; this looks at the last entry folded alone.

>>> read, repeats = (lambda start, stop: []), (lambda start, entries: ())
>>> state, kept = catch_up(None, "force-a", 0, read, repeats)
>>> state.force, catch_up(kept, "force-a", 0, read, repeats)[0] == state
('force-a', True)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from hashlib import sha256
from typing import Literal

import msgspec

from countersign.deployments.fold import advance
from countersign.deployments.state import Programme, StateMalformed
from countersign.progress import Progress, silent
from countersign.record.entries.entry import Entry

Reader = Callable[[int, int], Sequence[bytes]]
#: Which of these entries, the first of which is at this place, repeat one before them.
Repeats = Callable[[int, Sequence[bytes]], Collection[int]]
BATCH = 4096


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line of the file: its version, how many entries were folded, and the digest of the last.

    Version 2 folds repeats of an entry once; a file of 0.1 has no version, and is folded again.
    """

    version: Literal[2]
    size: int
    last: str


def catch_up(
    kept: bytes | None,
    force: str,
    size: int,
    read: Reader,
    repeats: Repeats,
    *,
    outside_keys: frozenset[str] | None = None,
    progress: Progress = silent,
) -> tuple[Programme, bytes]:
    """The state after ``size`` entries of a log, and what to keep for the next time.

    ``read(start, stop)`` gives entries' bytes, ``repeats`` says which of them are passed over; a state kept under other
    ``outside_keys`` is not used. Raises an error of form for bytes that are no entries.
    """
    begun = Programme(force, outside_keys)
    state, head = _usable(kept, begun, size, read) or (begun, _Head(2, 0, ""))
    start, last = head.size, head.last
    while start < size:
        progress("folding entries", start, size)
        batch = read(start, min(start + BATCH, size))
        passed = repeats(start, batch)
        for index, data in enumerate(batch, start):
            if index not in passed:
                state = advance(state, index, Entry.parse(data))
        start, last = start + len(batch), sha256(batch[-1]).hexdigest()
    return state, msgspec.json.encode(_Head(2, size, last)) + b"\n" + state.render()


def _usable(kept: bytes | None, begun: Programme, size: int, read: Reader) -> tuple[Programme, _Head] | None:
    if kept is None:
        return None
    first, _, rest = kept.partition(b"\n")
    try:
        head, state = msgspec.json.decode(first, type=_Head), Programme.parse(rest)
    except (msgspec.DecodeError, StateMalformed):
        return None
    if (state.force, state.outside_keys) != (begun.force, begun.outside_keys) or head.size > size:
        return None
    if head.size and sha256(read(head.size - 1, head.size)[0]).hexdigest() != head.last:
        return None
    return state, head
