"""Destroying sealed values: those that an entry erases, and those that no entry names.

The entry of an erasure is signed and laid down in a file of intent, synced; then, while nobody else can append, it is
held to the retention accounts, the sealed store destroys the items, and the entry gets its place; then the file goes.
So an entry that says "erased" stands in the log only after the store has forgotten. A crash leaves the file of intent:
``finish_erasure``, which needs no key, does the rest. Opening the log to write calls it first, so no hold can come
between.

A value is sealed before the entry that commits to it gets its place. A crash in between leaves a value nobody can refer
to: it is in no retention account, and nothing would ever erase it. It is found by setting the sealed store beside the
commitments in the log, and may be destroyed while others are kept from sealing (``sealing``).

>>> find_orphans(iter([]), [(bytes.fromhex("ab" * 32), "reasons", 1)])[0].label
'reasons'
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from countersign.errors import NotAllowed
from countersign.output import CannotWrite, write_whole
from countersign.record.entries.entry import Commitment, Draft, Entry, EntrySigner
from countersign.record.keeping.log import Appended, Log, prepare
from countersign.record.store.filelock import WAIT_SECONDS, held
from countersign.record.store.sealedstore import SealedStore
from countersign.words.lists import counted
from countersign.words.names import short


class ErasureNotStated(
    NotAllowed,
    next_step="See `countersign record account` for what is gone from the sealed store, and erase it again by name.",
):
    """An erasure was cut short, and its entry is no longer lawful: its key was revoked since, for one."""


@dataclass(frozen=True, slots=True)
class Intent:
    """The file in which an erasure under way is laid down, and the lock that keeps two from being under way."""

    path: Path

    def pending(self) -> Entry | None:
        """The signed entry of an erasure that was not finished, if any. Raises as ``Entry.parse`` does."""
        try:
            return Entry.parse(self.path.read_bytes())
        except FileNotFoundError:
            return None

    def done(self) -> None:
        """Nothing is pending any more."""
        self.path.unlink()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Exclusive among all who erase."""
        with held(self.path.with_name(f"{self.path.name}.lock"), "erasing", WAIT_SECONDS, CannotWrite):
            yield


def erase(log: Log, store: SealedStore, intent: Intent, draft: Draft, signer: EntrySigner) -> Appended:
    """Destroy what the draft (``record.erased``) names and append it, or neither. Raises as ``Log.append``, and from
    the store ``ErasureUnfinished`` or ``SealedStoreMissing``: then it stays pending, for ``finish_erasure``."""
    with intent.alone():
        _finish(log, store, intent)
        prepared = prepare(draft, signer, log.schemas)
        write_whole(intent.path, prepared.data, secret=True)
        try:
            return _carry_out(log, store, intent, prepared.entry)
        except NotAllowed:
            # Refused as a whole, before anything was destroyed.
            intent.done()
            raise


def finish_erasure(log: Log, store: SealedStore, intent: Intent) -> Appended | None:
    """Finish an erasure that a crash cut short, if there is one. Raises as ``erase`` does."""
    if not intent.path.exists():
        return None
    with intent.alone():
        return _finish(log, store, intent)


def _finish(log: Log, store: SealedStore, intent: Intent) -> Appended | None:
    entry = intent.pending()
    if entry is None:
        return None
    try:
        return _carry_out(log, store, intent, entry)
    except NotAllowed as error:
        # Some of it may be destroyed already; kept for an inquiry, and no longer in everyone's way.
        aside = intent.path.replace(intent.path.with_name(f"{intent.path.name}.refused"))
        raise ErasureNotStated(f"{aside}: an erasure that was cut short may not be stated any more: {error}") from None


def _carry_out(log: Log, store: SealedStore, intent: Intent, entry: Entry) -> Appended:
    [appended] = log.append_signed(entry, first=lambda: store.erase(_named(log, entry)))
    intent.done()
    return appended


def _named(log: Log, entry: Entry) -> list[tuple[Commitment, list[tuple[int, int]]]]:
    items: Any = entry.draft.facts["items"]
    found = []
    for item in items:
        [committed] = log.entries(item["entry"], item["entry"] + 1)
        ranges = [(part["first"], part["last"]) for part in item["ranges"]]
        found.append((committed.draft.sealed[item["label"]], ranges))
    return found


_COMMITTED = re.compile(rb'"(?:commitment|root)":"([0-9a-f]{64})"')


class Orphan(NamedTuple):
    """Sealed items under one commitment that no entry holds."""

    commitment: bytes
    label: str
    items: int

    def describe(self) -> str:
        """In words: how many, under which label, which commitment."""
        return f"{counted(self.items, 'item')} under {self.label}, commitment {short(self.commitment.hex())}"


def find_orphans(entries: Iterable[bytes], kept: Iterable[tuple[bytes, str, int]]) -> list[Orphan]:
    """What a sealed store has (``SealedStore.kept``) and none of a log's entries commits to."""
    left = {commitment: Orphan(commitment, label, items) for commitment, label, items in kept}
    for data in entries:
        if not left:
            break
        for digits in _COMMITTED.findall(data):
            left.pop(bytes.fromhex(digits.decode()), None)
    return list(left.values())


def destroy(store: SealedStore, orphans: Iterable[Orphan]) -> int:
    """Destroy these values; returns how many items there were. Raises as ``SealedStore.erase``."""
    return store.erase([(Commitment(one.commitment), [(0, _LAST)]) for one in orphans])


_LAST = 2**31


@contextmanager
def sealing(path: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold the lock at ``path``: shared, by sealers, or ``alone``. Raises ``LogBusy`` or ``CannotWrite``."""
    with held(path, "sealing", WAIT_SECONDS, CannotWrite, shared=not alone):
        yield
