"""Copies of a log's entries, and putting them back without ever making a second history.

A backup is the entries in one SQLite file, whichever store the log has, with the head signed last; neither the sealed
store nor a private key is in it. Putting back goes into an empty store, from a backup or from the published tiles, and
only if the entries there hold all that the second place says was signed: an older backup is refused, with what to do.

>>> import tempfile
>>> from countersign.record.store.sequencer import Waiting
>>> one, two = (SqliteSequencer.create(Path(tempfile.mkdtemp()) / "entries.db") for _ in range(2))
>>> with one.appending() as appending:
...     _ = appending.add([Waiting(b"{}", False)])
>>> put_back(two, lambda: iter(one.read(0, 1)), 1, None)
1
>>> two.read(0, 1)
[b'{}']
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from countersign.errors import CountersignError
from countersign.record.entries.entry import Entry
from countersign.record.entries.keyring import GOVERNING
from countersign.record.store.publication import HistoryConflict
from countersign.record.store.sequencer import BATCH, LogStoreExists, Sequencer, SqliteSequencer, Waiting
from countersign.record.tlog.checkpoint import Checkpoint
from countersign.record.tlog.tiles import TileBuilder


def back_up(sequencer: Sequencer, target: Path) -> int:
    """Copy all entries there are now, and the head, to a new file; returns how many. Raises ``LogStoreExists``."""
    head, size = sequencer.head(), sequencer.size()
    copy = SqliteSequencer.create(target)
    try:
        put_back(copy, lambda: stored(sequencer, size), size, None)
        if head is not None:
            copy.keep_head(head)
    finally:
        copy.close()
    return size


def stored(sequencer: Sequencer, size: int) -> Iterator[bytes]:
    """The first ``size`` entries of a store, in order."""
    for start in range(0, size, BATCH):
        yield from sequencer.read(start, min(start + BATCH, size))


def put_back(sequencer: Sequencer, entries: Callable[[], Iterator[bytes]], size: int, last: Checkpoint | None) -> int:
    """Put ``size`` entries into an empty store, all or none; returns how many. ``last`` is the checkpoint signed last.

    Raises ``LogStoreExists`` for a store with entries, ``HistoryConflict`` if these are not the entries of ``last``.
    """
    if sequencer.size():
        raise LogStoreExists(f"the store has {sequencer.size()} entries already")
    if last is not None:
        if last.size > size:
            raise HistoryConflict(f"{last.size} entries were signed, but there are only {size} to put back")
        builder = TileBuilder()
        builder.extend(islice(entries(), last.size))
        if builder.root() != last.root:
            raise HistoryConflict(f"the first {last.size} entries to put back are not those that were signed")
    with sequencer.appending() as appending:
        given = entries()
        while batch := list(islice(given, BATCH)):
            appending.add([Waiting(data, _governs(data)) for data in batch])
    return size


def _governs(data: bytes) -> bool:
    try:
        return Entry.parse(data).draft.kind in GOVERNING
    except CountersignError:
        return False
