"""Receipts: the proof an append is answered with, which the signer keeps and later holds to what the keeper shows.

A receipt is a C2SP tlog-proof (``trust``) with the entry as its extra data: the log's own signature says that the
entry stands at its place. Published files or a bundle that came later must hold the same bytes at the same place, under
a head that grew from the receipt's. A keeper that leaves the entry out, moves it or puts another in its place has then
signed two histories, and the receipt with the files is the proof. No log's folder is needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from countersign.errors import EvidenceWrong, NotReached
from countersign.inputs import LARGE_BYTES, read_input
from countersign.record.bundle import parse_bundle
from countersign.record.entries.entry import Entry
from countersign.record.entries.forms import force_of
from countersign.record.tlog.checkpoint import SignedCheckpoint
from countersign.record.tlog.merkle import leaf_hash, verify_inclusion
from countersign.record.tlog.policy import Policy
from countersign.record.tlog.tilereader import TileReader
from countersign.record.tlog.tiles import CHECKPOINT_PATH, TileMissing, TileSource
from countersign.record.tlog.trust import (
    LogProof,
    ProofMalformed,
    SplitView,
    UnknownLog,
    VerifiedCheckpoint,
    VerifiedEntry,
    verify_checkpoint,
    verify_growth_in_tiles,
    verify_proof,
)
from countersign.register.viewing import source_of
from countersign.words.lists import counted


class ReceiptWithheld(
    EvidenceWrong,
    next_step="Take the files again; if they still lack it, keep them with the receipt and show both to the log's "
    "witnesses.",
):
    """What the keeper shows does not hold an entry that a receipt proves to be in the log."""


class ReceiptDisplaced(
    EvidenceWrong,
    next_step="Keep the receipt and the files: together they prove that the log's keeper signed two histories; publish "
    "them.",
):
    """At the place that a receipt proves the log shows other bytes: entries were moved, replaced or left out."""


class ReceiptNotCovered(NotReached, next_step="Give the log's published files, or a later bundle about its subject."):
    """The bundle says nothing of the entry of a receipt: it is of another subject, or older."""


class Held(NamedTuple):
    """A receipt that what was shown bears out: the entry, its place, and the heads then and now."""

    entry: Entry
    receipt: VerifiedEntry
    shown: VerifiedCheckpoint


def held(receipt: bytes, where: str, policy: Policy) -> Held:
    """Hold a receipt to published files (a folder or an address) or to a bundle. Raises ``ReceiptWithheld``,
    ``ReceiptDisplaced``, ``ReceiptNotCovered``, ``SplitView``, and as ``verify_proof`` and ``verify_checkpoint``."""
    proof = LogProof.parse(receipt)
    if not proof.extra:
        raise ProofMalformed("the receipt does not hold its entry")
    verified = verify_proof(proof, proof.extra, policy)
    path = Path(where)
    if path.is_file():
        shown = _in_bundle(verified, read_input(path, LARGE_BYTES), where, policy)
    else:
        shown = _in_files(verified, source_of(where), where, policy)
    return Held(Entry.parse(proof.extra), verified, shown)


def _in_files(receipt: VerifiedEntry, source: TileSource, where: str, policy: Policy) -> VerifiedCheckpoint:
    shown = verify_checkpoint(SignedCheckpoint.parse(source.read(CHECKPOINT_PATH)), policy)
    then, now = receipt.checkpoint.checkpoint, shown.checkpoint
    if then.origin != now.origin:
        raise UnknownLog(f"{where}: is the log {now.origin}, and the receipt is of {then.origin}")
    if now.size < then.size:
        size = counted(now.size, "entry")
        raise ReceiptWithheld(f"{where}: shows {size}, and the receipt proves entry {receipt.index} of {then.size}")
    reader = TileReader(source, now.size, now.root)
    try:
        there = reader.entry(receipt.index)
    except TileMissing as error:
        raise ReceiptWithheld(f"{where}: does not show entry {receipt.index}: {error}") from None
    if there != receipt.entry:
        raise _displaced(receipt, where, enumerate(reader.entries(0, now.size)))
    verify_growth_in_tiles(receipt.checkpoint, shown, source)
    return shown


def _in_bundle(receipt: VerifiedEntry, data: bytes, where: str, policy: Policy) -> VerifiedCheckpoint:
    bundle = parse_bundle(data)
    shown = verify_checkpoint(bundle.checkpoint, policy)
    then, now = receipt.checkpoint.checkpoint, shown.checkpoint
    if then.origin != now.origin:
        raise UnknownLog(f"{where}: is of the log {now.origin}, and the receipt is of {then.origin}")
    if then.size == now.size and then.root != now.root:
        raise SplitView(f"{then.origin}: two roots are signed for {then.size} entries")
    if now.size <= receipt.index:
        raise ReceiptNotCovered(f"{where}: is under the head of {counted(now.size, 'entry')}, before the receipt's")
    entries = {entry.index: entry for entry in bundle.entries}
    found = entries.get(receipt.index)
    if found is None:
        moved = [index for index, entry in entries.items() if entry.data == receipt.entry]
        if moved:
            raise _displaced(receipt, where, ((index, entries[index].data) for index in moved))
        subject = Entry.parse(receipt.entry).draft.subject
        if subject not in (bundle.subject, force_of(bundle.subject)):
            raise ReceiptNotCovered(f"{where}: is about {bundle.subject}, and the receipt is about {subject}")
        raise ReceiptWithheld(f"{where}: leaves out entry {receipt.index}, which is about {subject}")
    verify_inclusion(leaf_hash(found.data), found.index, now.size, found.proof, now.root)
    if found.data != receipt.entry:
        raise _displaced(receipt, where, ((index, entry.data) for index, entry in entries.items()))
    return shown


def _displaced(receipt: VerifiedEntry, where: str, entries: Iterable[tuple[int, bytes]]) -> ReceiptDisplaced:
    moved = next((index for index, data in entries if data == receipt.entry), None)
    instead = "it is nowhere here" if moved is None else f"it stands at {moved} here"
    return ReceiptDisplaced(f"{where}: other bytes stand at the receipt's place {receipt.index}; {instead}")
