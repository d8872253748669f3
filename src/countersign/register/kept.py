"""A kept state: the fold of a log so far in one file, taken up where it stopped if the log still begins the same way.

The file holds the state, how many entries it was folded from, and the SHA-256 of the last of them. It is only a cache:
whatever does not fit is thrown away and the log folded from its start. A log whose entries were replaced from within
would be found by the log's own checks; this looks at the last entry folded alone.

>>> state, kept = catch_up(None, "force-a", 0, lambda start, stop: [])
>>> state.force, catch_up(kept, "force-a", 0, lambda start, stop: [])[0] == state
('force-a', True)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

import msgspec

from countersign.deployments.fold import advance
from countersign.deployments.state import Programme, StateMalformed
from countersign.progress import Progress, silent
from countersign.record.entries.entry import Entry

Reader = Callable[[int, int], Sequence[bytes]]
BATCH = 4096


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line of the file: how many entries were folded, and the digest of the last."""

    size: int
    last: str


def catch_up(
    kept: bytes | None,
    force: str,
    size: int,
    read: Reader,
    *,
    outside_keys: frozenset[str] | None = None,
    progress: Progress = silent,
) -> tuple[Programme, bytes]:
    """The state after ``size`` entries of a log, and what to keep for the next time.

    ``read(start, stop)`` gives entries' bytes; a state kept under other ``outside_keys`` is not used. Raises an error
    of form for bytes that are no entries.
    """
    begun = Programme(force, outside_keys)
    state, head = _usable(kept, begun, size, read) or (begun, _Head(0, ""))
    start, last = head.size, head.last
    while start < size:
        progress("folding entries", start, size)
        batch = read(start, min(start + BATCH, size))
        for index, data in enumerate(batch, start):
            state = advance(state, index, Entry.parse(data))
        start, last = start + len(batch), sha256(batch[-1]).hexdigest()
    return state, msgspec.json.encode(_Head(size, last)) + b"\n" + state.render()


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
