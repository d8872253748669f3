"""Sealed values that no entry names: what is left when a machine stops between sealing and appending.

A value is sealed before the entry that commits to it gets its place, so that no entry ever commits to what is not
there. A crash in between leaves a value nobody can refer to: it is in no retention account, and nothing would ever
erase it. It is found by setting the sealed store beside the commitments in the log, and may be destroyed; no entry is
needed, for the log never knew of it. Whoever destroys must keep others from sealing meanwhile (``sealing``).

>>> find_orphans(iter([b'{"commitment":"%s"}' % (b"ab" * 32)]), [(bytes.fromhex("ab" * 32), "reasons", 1)])
[]
>>> find_orphans(iter([]), [(bytes.fromhex("ab" * 32), "reasons", 1)])[0].label
'reasons'
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from countersign.output import CannotWrite
from countersign.record.entries.entry import Commitment
from countersign.record.store.filelock import held
from countersign.record.store.sealedstore import SealedStore
from countersign.record.store.sequencer import WAIT_SECONDS

_COMMITTED = re.compile(rb'"(?:commitment|root)":"([0-9a-f]{64})"')


class Orphan(NamedTuple):
    """Sealed items under one commitment that no entry holds."""

    commitment: bytes
    label: str
    items: int

    def describe(self) -> str:
        """In words: how many, under which label, which commitment."""
        count = f"{self.items:,} item{'' if self.items == 1 else 's'}"
        return f"{count} under {self.label}, commitment {self.commitment.hex()[:16]}…"


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
    """Held with others by whoever seals until the entry is appended, and ``alone`` by whoever destroys orphans.

    ``path`` is the lock's file. Raises ``LogBusy`` or ``CannotWrite``.
    """
    with held(path, "sealing", WAIT_SECONDS, CannotWrite, shared=not alone):
        yield
