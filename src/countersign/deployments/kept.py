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
from countersign.deployments.state import VERSION, Programme
from countersign.progress import Progress, silent
from countersign.record.entry import Entry

Reader = Callable[[int, int], Sequence[bytes]]
BATCH = 4096


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    size: int
    last: str
    state: Programme


def catch_up(
    kept: bytes | None, force: str, size: int, read: Reader, *, progress: Progress = silent
) -> tuple[Programme, bytes]:
    """The state after ``size`` entries of a log, and what to keep for the next time.

    ``read(start, stop)`` gives entries' bytes. Raises an error of form for bytes that are no entries.
    """
    begun = _usable(kept, force, size, read)
    state, start, last = (begun.state, begun.size, begun.last) if begun else (Programme(force), 0, "")
    while start < size:
        progress("folding entries", start, size)
        batch = read(start, min(start + BATCH, size))
        for index, data in enumerate(batch, start):
            state = advance(state, index, Entry.parse(data))
        start, last = start + len(batch), sha256(batch[-1]).hexdigest()
    return state, msgspec.json.encode(_Kept(size, last, state), order="deterministic")


def _usable(kept: bytes | None, force: str, size: int, read: Reader) -> _Kept | None:
    if kept is None:
        return None
    try:
        found = msgspec.json.decode(kept, type=_Kept)
    except msgspec.DecodeError:
        return None
    if found.state.version != VERSION or found.state.force != force or found.size > size:
        return None
    if found.size and sha256(read(found.size - 1, found.size)[0]).hexdigest() != found.last:
        return None
    return found
