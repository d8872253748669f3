"""What leaves a log: proofs, bundles, cosignatures asked for, tiles for a web server.

In a bundle are all entries of its subject and of the subject's force, all that govern (keys, roles, schemas), and those
on retention that touch the subject's sealed values. Tiles are read under the checkpoint's root, so that an altered file
is refused here and not first at the reader's. Openings come from the sealed store for the labels asked for; what was
erased is passed over. The same log, subject, audience, checkpoint, labels and contents of the store give the same
bytes. Handing out openings is an entry of its own, with the SHA-256 of the bundle; the same bundle again adds none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from countersign.errors import CountersignError, NotAllowed, NotReached
from countersign.progress import Progress, silent
from countersign.record.bundle import Bundle, BundledEntry, BundledOpening, held_by_keeper
from countersign.record.entries.entry import Commitment, Entry, EntrySigner, Leaves
from countersign.record.entries.forms import force_of
from countersign.record.entries.keyring import GOVERNING, Keyring
from countersign.record.entries.retention import LIVE, Accounts
from countersign.record.entries.schema import Schemas
from countersign.record.keeping.log import Appended
from countersign.record.outside.witness import AddCheckpoint, add_answer, ask_witness
from countersign.record.store.publication import TileDirectory
from countersign.record.store.sealedstore import SealedItem
from countersign.record.tlog.checkpoint import CosignatureFails, SignedCheckpoint
from countersign.record.tlog.merkle import consistency_proof, inclusion_proof
from countersign.record.tlog.policy import Policy
from countersign.record.tlog.tilereader import TileReader, audit_log
from countersign.record.tlog.tiles import TileSource, all_tiles, bundle_path, tile_path
from countersign.record.tlog.trust import LogProof
from countersign.register.opening import Doing, OpenLog
from countersign.register.viewing import EntryNotThere
from countersign.words.lists import counted


class NotPublished(NotReached, next_step="Publish the log first (`countersign record publish LOG`)."):
    """The log has no checkpoint yet that holds what is asked for."""


def checkpoint_for(log: OpenLog, least: int, size: int | None = None) -> SignedCheckpoint:
    """The checkpoint of ``size``, the newest cosigned or the head, with ``least`` entries. Raises ``NotPublished``."""
    head = log.log.head()
    known = log.folder.kept_checkpoints() + ([] if head is None else [head])
    fitting = [signed for signed in known if signed.checkpoint.size >= least and size in (None, signed.checkpoint.size)]
    if not fitting:
        what = f"holds {counted(least, 'entry')} yet" if size is None else f"of {counted(size, 'entry')} is kept"
        raise NotPublished(f"{log.folder.path}: no checkpoint {what}")
    cosigned = [signed for signed in fitting if len(signed.note.signatures) > 1]
    return max(cosigned or fitting, key=lambda signed: (signed.checkpoint.size, len(signed.note.signatures)))


def prove(log: OpenLog, entry: int, size: int | None = None) -> LogProof:
    """The proof that an entry is in the log, with the entry inside. Raises ``EntryNotThere`` or ``NotPublished``."""
    entries = log.log.sequencer.size()
    if entry >= entries:
        raise EntryNotThere(f"{entry}: the log has {counted(entries, 'entry')}")
    signed = checkpoint_for(log, entry + 1, size)
    head = signed.checkpoint
    reader = TileReader(log.log.tiles.source, head.size, head.root)
    proof = LogProof(entry, tuple(inclusion_proof(reader, entry, head.size)), signed, reader.entry(entry))
    log.folder.keep_checkpoint(signed)
    return proof


@dataclass(frozen=True, slots=True)
class ForReviewer:
    """What a reviewer is to take away: of which subject, for whom, under which labels opened, until when."""

    subject: str
    audience: str
    labels: frozenset[str] = frozenset()
    expires: str | None = None


def bundle(
    log: OpenLog, asked: ForReviewer, doing: Doing | None, progress: Progress, size: int | None = None
) -> tuple[Bundle, bytes, Appended | None]:
    """A bundle, its bytes, and the entry for handing out its openings where that is a new one. ``doing``: how the
    custodian signs the bundle and makes that entry; ``None`` where nothing is opened and nobody signs. Raises
    ``NotPublished`` and as ``make_bundle``."""
    signed = checkpoint_for(log, 1, size)
    with ExitStack() as stack:
        opener = stack.enter_context(closing(log.folder.sealed())).open_many if asked.labels else None
        source, whose = log.log.tiles.source, (asked.subject, asked.audience)
        made = make_bundle(
            source, signed, log.log.schemas, *whose, labels=asked.labels, opener=opener, progress=progress
        )
    if doing is not None:
        made = made.signed(_keeper(made, doing.key()))
    data = made.render()
    log.folder.keep_checkpoint(signed)
    handed = _hand_out(log, doing, made, data, asked.expires) if made.openings and doing is not None else None
    return made, data, handed


def _keeper(made: Bundle, signer: EntrySigner) -> EntrySigner:
    """The signer, if readers of the bundle will find it among the keepers. Raises ``SignerNotEntitled``."""
    keyring = Keyring(log=made.checkpoint.checkpoint.origin)
    for index, data in Leaves().once((entry.index, entry.data) for entry in made.entries):
        entry = Entry.parse(data)
        if entry.draft.kind in GOVERNING:
            keyring = replace(keyring, size=index).next(entry)
    held_by_keeper(keyring, signer.key)
    return signer


def _hand_out(log: OpenLog, doing: Doing, made: Bundle, data: bytes, expires: str | None) -> Appended | None:
    digest = sha256(data).hexdigest()
    facts = {"audience": made.audience, "count": len(made.openings), "expires_on": expires, "bundle": digest}
    kind, size = "record.openings-handed", log.log.sequencer.size()
    for start in range(made.checkpoint.checkpoint.size, size, 1000):
        for entry in log.log.entries(start, min(start + 1000, size)):
            if entry.draft.kind == kind and entry.draft.facts == facts:
                return None
    return log.enter(doing, kind, facts, subject=made.subject)


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a log, to be cosigned."""

    log: OpenLog
    signed: SignedCheckpoint

    @classmethod
    def of(cls, log: OpenLog) -> Head:
        """The head signed last. Raises ``NotPublished``."""
        signed = log.log.head()
        if signed is None:
            raise NotPublished(f"{log.folder.path}: the log has no checkpoint yet")
        return cls(log, signed)

    def request(self, old: int) -> bytes:
        """The request to be carried to a witness that has cosigned ``old`` entries last."""
        proof = tuple(self._proof_from(old)) if 0 < old < self.signed.checkpoint.size else ()
        self.log.folder.keep_checkpoint(self.signed)
        return AddCheckpoint(old, proof, self.signed).render()

    def answered(self, answer: bytes, policy: Policy) -> SignedCheckpoint:
        """The checkpoint that was carried to a witness, with its answer: the head, or an earlier one that was kept."""
        keys = [witness.key for witness in policy.witnesses]
        for signed in (self.signed, *reversed(self.log.folder.kept_checkpoints())):
            try:
                cosigned = add_answer(signed, answer, keys)
            except CosignatureFails:
                continue
            return self._kept(cosigned)
        return self._kept(add_answer(self.signed, answer, keys))

    def asked(self, policy: Policy, heard: Callable[[str, CountersignError | None], None]) -> SignedCheckpoint:
        """The head, cosigned by the policy's witnesses with an address; ``heard`` gets each, with its error."""
        signed = self.signed
        for witness in policy.witnesses:
            if not witness.url:
                continue
            try:
                signed = ask_witness(str(witness.url), signed, [witness.key], self._proof_from)
                heard(witness.name, None)
            except (NotReached, NotAllowed) as error:
                heard(witness.name, error)
        return self._kept(signed)

    def _kept(self, signed: SignedCheckpoint) -> SignedCheckpoint:
        if signed.checkpoint == self.signed.checkpoint and signed != self.signed:
            self.log.log.keep_cosigned(signed)
        self.log.folder.keep_checkpoint(signed)
        return signed

    def _proof_from(self, first: int) -> list[bytes]:
        head = self.signed.checkpoint
        reader = TileReader(self.log.log.tiles.source, head.size, head.root)
        return consistency_proof(reader, first, head.size)


def export_tiles(log: OpenLog, out: Path, progress: Progress) -> tuple[int, int]:
    """Copy the published files, checked; how many, of how many entries. Raises ``NotPublished``, as ``audit_log``."""
    signed = Head.of(log).signed
    source, size, target = log.folder.tiles().source, signed.checkpoint.size, TileDirectory(out)
    audit_log(source, size, signed.checkpoint.root, progress=progress)
    paths = [tile_path(tile) for tile in all_tiles(size)]
    paths += [bundle_path(number, min(256, size - 256 * number)) for number in range(-(-size // 256))]
    for start in range(0, len(paths), 512):
        progress("copying files", start, len(paths))
        target.write({path: source.read(path) for path in paths[start : start + 512]})
    target.publish(signed.render())
    return len(paths), size


Opener = Callable[[Commitment, list[int]], list[SealedItem]]

#: Entries of these kinds belong to every bundle: they say how long values of a class are kept, and what came of it.
_OF_CLASSES = frozenset({"record.retention-rule", "record.account-stated"})


class NothingOfSubject(
    NotReached,
    next_step="Check the spelling (force/deployment); entries since the checkpoint come in once it is published.",
):
    """The log holds no entry of the subject asked for under this checkpoint."""


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
    """The bundle of ``subject`` under ``checkpoint`` (of one's own log: it is not verified here); ``opener`` gives the
    sealed items for ``labels``. Raises ``NothingOfSubject``, ``NotHeld`` for what should be in the sealed store,
    ``SchemaUnknown``, and as ``TileReader``."""
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
    texts = tuple(schemas.get(*name).text for name in sorted(used))
    proofs = {index: tuple(inclusion_proof(reader, index, head.size)) for index in chosen}
    entries = tuple(BundledEntry(index, data, proofs[index]) for index, (_, data) in chosen.items())
    openings = _openings({index: chosen[index][0] for index in sorted(stated)}, accounts, labels, opener)
    return Bundle(subject, audience, checkpoint, texts, entries, tuple(openings))


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
            runs = [(first, last) for first, last, state, _ in accounts.states(index, label) if state == LIVE]
            live = [place for first, last in runs for place in range(first, last + 1)]
            items = opener(entry.draft.sealed[label], live) if live else []
            for place, item in zip(live, items, strict=True):
                yield BundledOpening(index, label, place, item.version, item.content, item.opening, item.proof)
