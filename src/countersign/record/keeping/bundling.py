"""Making a bundle: which entries belong to a subject's, with proofs from the tiles, and the openings asked for.

In it are all entries of the subject and of its force (a deployment stands on its programme's documents), all that
govern (keys, roles, schemas), and those on retention that touch the subject's sealed values: rules, erasures, losses,
holds and their releases, stated accounts, findings fixed. The tiles are read under the checkpoint's root, so that an
altered file is refused here and not first at the reader's. Openings come from the sealed store for the labels asked
for; what was erased is passed over. The same log, subject, audience, checkpoint, labels and contents of the store give
the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

from countersign.errors import NotReached
from countersign.progress import Progress, silent
from countersign.record.bundle import Bundle, BundledEntry, BundledOpening
from countersign.record.entries.committed import LIVE
from countersign.record.entries.entry import Commitment, Entry
from countersign.record.entries.forms import force_of
from countersign.record.entries.keyring import GOVERNING
from countersign.record.entries.repeats import Leaves
from countersign.record.entries.retention import Accounts
from countersign.record.entries.schema import Schemas
from countersign.record.store.sealedstore import SealedItem
from countersign.record.tlog.checkpoint import SignedCheckpoint
from countersign.record.tlog.merkle import inclusion_proof
from countersign.record.tlog.tilereader import TileReader
from countersign.record.tlog.tiles import TileSource

Opener = Callable[[Commitment, list[int]], list[SealedItem]]

#: Entries of these kinds belong to every bundle: they say how long values of a class are kept, and what came of it.
_OF_CLASSES = frozenset({"record.retention-rule", "record.account-stated"})


class NothingOfSubject(NotReached):
    """The log holds no entry of the subject asked for under this checkpoint."""

    code = "nothing-of-subject"
    next_step = "Check the spelling (force/deployment); entries since the checkpoint come in once it is published."


def make_bundle(
    source: TileSource,
    checkpoint: SignedCheckpoint,
    schemas: Schemas,
    subject: str,
    audience: str,
    *,
    labels: frozenset[str] = frozenset(),
    opener: Opener | None = None,
    progress: Progress = silent,
) -> Bundle:
    """The bundle of ``subject`` under ``checkpoint`` (of one's own log: it is not verified here).

    ``opener`` gives the sealed items for ``labels``, of statements about the subject and about the whole it is part of.
    Raises ``NothingOfSubject``, ``TileMissing``, ``TileAltered``,
    ``EntryAltered``, ``SchemaUnknown``, or ``NotHeld`` for what should be in the sealed store.
    """
    head = checkpoint.checkpoint
    reader = TileReader(source, head.size, head.root)
    accounts = Accounts()
    chosen: dict[int, tuple[Entry, bytes]] = {}
    stated: set[int] = set()
    own = 0
    leaves = Leaves()
    for index, data in enumerate(reader.entries(0, head.size)):
        if index % 1000 == 0:
            progress("reading entries", index, head.size)
        entry = Entry.parse(data)
        new = leaves.new(index, sha256(data).digest())
        if new:
            accounts.add(index, entry, schemas)
        if _belongs(entry, subject, stated, chosen):
            chosen[index] = (entry, data)
        if not new:
            # A repeat is handed out, so that it shows, but neither counted nor opened.
            continue
        if entry.draft.subject == subject or _of_whole(entry, subject):
            stated.add(index)
            own += entry.draft.subject == subject
    if not own:
        raise NothingOfSubject(f"no entry of {subject} is under the checkpoint of {head.size} entries")
    used = {(entry.draft.kind, entry.draft.schema) for entry, _ in chosen.values()}
    return Bundle(
        subject,
        audience,
        checkpoint,
        tuple(schemas.get(*name).text for name in sorted(used)),
        tuple(
            BundledEntry(index, data, tuple(inclusion_proof(reader, index, head.size)))
            for index, (_, data) in chosen.items()
        ),
        tuple(_openings({index: chosen[index][0] for index in sorted(stated)}, accounts, labels, opener)),
    )


def _of_whole(entry: Entry, subject: str) -> bool:
    """Whether it is a statement about the whole of which the subject is a part: of a programme, on its deployments."""
    return entry.draft.subject == force_of(subject) and not entry.draft.kind.startswith("record.")


def _belongs(entry: Entry, subject: str, stated: set[int], chosen: dict[int, tuple[Entry, bytes]]) -> bool:
    draft = entry.draft
    facts: dict[str, Any] = draft.facts
    if draft.subject == subject or _of_whole(entry, subject) or draft.kind in GOVERNING or draft.kind in _OF_CLASSES:
        return True
    if draft.kind == "record.released":
        return facts["hold"] in chosen
    touched = facts.get("items", facts.get("used", ())) if draft.kind.startswith("record.") else ()
    return any(item["entry"] in stated for item in touched)


def _openings(
    stated: dict[int, Entry], accounts: Accounts, labels: frozenset[str], opener: Opener | None
) -> Iterator[BundledOpening]:
    if opener is None:
        return
    for index, entry in stated.items():
        for label in sorted(labels & set(entry.draft.sealed)):
            live = [
                place
                for first, last, state, _ in accounts.states(index, label)
                if state == LIVE
                for place in range(first, last + 1)
            ]
            items = opener(entry.draft.sealed[label], live) if live else []
            for place, item in zip(live, items, strict=True):
                yield BundledOpening(index, label, place, item.version, item.content, item.opening, item.proof)
