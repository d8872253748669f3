"""A force's log: entries appended by those entitled to, tiles and checkpoints published, once or while entries come in.

Appending: the draft is held to its schema, the signer to the keyring at that place, erasures to the retention accounts;
the entry gets the next place and is durable when ``append`` returns. Publishing follows, per batch (``publication``); a
``Publisher`` does so in a thread, and a program that needs the published head can wait for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import groupby

from countersign.errors import NotAllowed
from countersign.progress import Progress, silent
from countersign.record.entries.entry import Draft, Entry, EntrySigner, Leaves, Placed, sign_entry
from countersign.record.entries.keyring import (
    EMPTY,
    GOVERNING,
    Keyring,
    SchemaNotAdopted,
    SignerNotEntitled,
    held_to_own_form,
)
from countersign.record.entries.retention import MOVING, Accounts, RetentionBroken
from countersign.record.entries.schema import Schemas
from countersign.record.store.publication import (
    Publication,
    SecondPlace,
    SecondPlaceMissing,
    TileDirectory,
    hold_to_size,
)
from countersign.record.store.sequencer import BATCH, Appending, Sequencer, SubjectIndex, Waiting
from countersign.record.tlog.checkpoint import NoteSigner, SignedCheckpoint
from countersign.record.tlog.merkle import SEAL, Verified


class SignerRefused(
    NotAllowed, next_step="Ask the log's registrar to register the key or to grant the role; nothing was written."
):
    """The key may not sign this entry now: not registered, revoked, or without the role."""


class SchemaRefused(
    NotAllowed, next_step="Have the registrar adopt the schema first (`countersign record adopt`); nothing was written."
):
    """The entry is of a schema that the log has not adopted."""


class LogMoved(
    NotAllowed, next_step="Run the command again: it is checked against what the log holds now; nothing was written."
):
    """Others have appended between the check of an act and the act."""


class RetentionRefused(
    NotAllowed, next_step="See the retention account (`countersign record account`); nothing was written."
):
    """The act on sealed values is not lawful now: not there, gone already, or held."""


@dataclass(frozen=True, slots=True)
class Appended:
    """An entry and the place it was given. Durable in the store; published with the next checkpoint."""

    index: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class Prepared(Verified):
    """An entry held to its schema and truly signed by the key it names; ``data`` are its canonical bytes."""

    entry: Entry
    data: bytes


def _nothing() -> None:
    """Nothing is to be done before the entries get their places."""


def prepare(draft: Draft, signer: EntrySigner, schemas: Schemas) -> Prepared:
    """Hold the draft to its schema and sign it, ready to be appended. Raises as ``Draft.check`` and ``sign_entry``."""
    draft.check(schemas)
    entry = sign_entry(draft, signer)
    return Prepared(SEAL, entry, entry.render())


class Log:
    """One log: sequencer, tiles, second place, the key that signs its checkpoints (``None`` where a process only
    appends or reads), and the kept index of subjects. Safe for several threads; several processes may each have one."""

    def __init__(
        self,
        sequencer: Sequencer,
        tiles: TileDirectory,
        second: SecondPlace,
        schemas: Schemas,
        signer: NoteSigner | None,
        subjects: SubjectIndex | None = None,
    ) -> None:
        self.sequencer, self.tiles, self.second, self.schemas = sequencer, tiles, second, schemas
        self._subjects = subjects or SubjectIndex(None)
        self._signer = signer
        self._lock = threading.RLock()
        self._keyring, self._governing_from = EMPTY, 0
        self._accounts, self._accounted, self._leaves = Accounts(), 0, Leaves()
        self._governing = Leaves()
        self._publication = Publication(sequencer, tiles, second)
        self._held = False

    def append(self, draft: Draft, signer: EntrySigner) -> Appended:
        """Sign the draft and give it the next place, durably. Raises as ``prepare`` and ``append_prepared``."""
        prepared = prepare(draft, signer, self.schemas)
        [place] = self.append_prepared([prepared])
        return Appended(place, prepared.entry)

    def append_prepared(
        self, prepared: Sequence[Prepared], *, first: Callable[[], object] = _nothing, at_size: int | None = None
    ) -> list[int]:
        """Give entries the next places, all or none; returns the place of each. Durable when it returns. Bytes that
        stand in the log already, or earlier among these, keep the place they have. ``first`` is called once the entries
        are known to be lawful, while nobody else can append; what it raises keeps the entries out. ``at_size``: only if
        the log still has this many entries. Raises ``LogMoved``, ``HistoryConflict`` for a store with fewer entries
        than were signed, ``SignerRefused``, ``SchemaRefused``, ``RetentionRefused``, or as the sequencer."""
        with self._lock:
            moving = not MOVING.isdisjoint({one.entry.draft.kind for one in prepared})
            if moving:
                # Most of the counting before the lock that keeps all others from appending.
                self._account_for(self.sequencer.size())
            try:
                with self.sequencer.appending() as appending:
                    self._hold_to_second_place(appending.size)
                    if at_size is not None and appending.size != at_size:
                        raise LogMoved(f"the log has {appending.size} entries by now, not {at_size}")
                    places, new = _given(prepared, appending)
                    waiting = self._lawful(new, appending)
                    if new or not prepared:
                        first()
                    appending.add(waiting)
            except BaseException:
                if moving:
                    # What was counted may not be in the log: count again from the log itself when next asked.
                    self._accounts, self._accounted, self._leaves = Accounts(), 0, Leaves()
                raise
            return places

    def _hold_to_second_place(self, size: int) -> None:
        """No place is given in a store restored from an old backup. Looked at once: from then on the store only grows.
        Where the second place cannot be read appends go on; nothing is signed then."""
        if self._held:
            return
        try:
            note = self.second.read()
        except SecondPlaceMissing:
            return
        if note is not None:
            hold_to_size(SignedCheckpoint.parse(note).checkpoint, size)
        self._held = True

    def _lawful(self, prepared: Sequence[Prepared], appending: Appending) -> list[Waiting]:
        keyring = self._caught_up(appending)
        # Entries of one kind, signed by one key in one role, are lawful or not together, until one governs the rest.
        waiting, lawful = [], set[tuple[object, ...]]()
        for number, one in enumerate(prepared):
            draft = one.entry.draft
            act = (draft.kind, draft.schema, draft.log, draft.role, one.entry.key)
            governs = False
            if act not in lawful:
                index, governs = appending.size + number, draft.kind in GOVERNING
                there = keyring if keyring.size == index else replace(keyring, size=index)
                keyring = self._admitted(one.entry, there, governs=governs)
                if draft.kind in MOVING:
                    self._hold_to_accounts(index, one.entry, number)
                elif governs:
                    lawful.clear()
                else:
                    lawful.add(act)
            waiting.append(Waiting(one.data, governs))
        return waiting

    def _admitted(self, entry: Entry, keyring: Keyring, *, governs: bool) -> Keyring:
        """The keyring after an entry that is next by it. Raises ``SignerRefused`` or ``SchemaRefused``."""
        draft, index, after = entry.draft, keyring.size, keyring
        try:
            held_to_own_form(draft, self.schemas, index)
            if governs:
                after = keyring.next(entry)
            else:
                keyring.entitled(draft, entry.key)
            after.adopted(draft, self.schemas, index)
        except SignerNotEntitled as error:
            raise SignerRefused(str(error)) from None
        except SchemaNotAdopted as error:
            raise SchemaRefused(str(error)) from None
        return after

    def append_signed(
        self, *entries: Entry, first: Callable[[], object] = _nothing, at_size: int | None = None
    ) -> list[Appended]:
        """Give entries that were signed elsewhere the next places, all or none, once their signatures hold; one that
        the log has keeps its place. ``first``, ``at_size`` and errors as in ``append_prepared``; also raises
        ``EntrySignatureFails``."""
        with self._lock:
            with self.sequencer.appending() as appending:
                there = appending.places([entry.render() for entry in entries])
                keyring = self._caught_up(appending)
            if None not in there:
                return [
                    Appended(place, entry) for place, entry in zip(there, entries, strict=True) if place is not None
                ]
            prepared = []
            try:
                for entry, place in zip(entries, there, strict=True):
                    verified = entry
                    if place is None:
                        keyring, admitted = keyring.admit(entry, self.schemas)
                        verified = admitted.entry
                    prepared.append(Prepared(SEAL, verified, entry.render()))
            except SignerNotEntitled as error:
                raise SignerRefused(str(error)) from None
            except SchemaNotAdopted as error:
                raise SchemaRefused(str(error)) from None
            places = self.append_prepared(prepared, first=first, at_size=at_size)
            return [Appended(place, entry) for place, entry in zip(places, entries, strict=True)]

    def publish(self) -> SignedCheckpoint | None:
        """Write the tiles of all entries, then sign and publish their checkpoint; ``None`` for a log without entries.
        Raises ``HistoryConflict``, ``SecondPlaceMissing``, ``TileConflict``, ``CannotWrite``, ``SignerRefused`` (no
        signing key), or as the sequencer. What was appended stays; the call can be made again."""
        if self._signer is None:
            raise SignerRefused("this process has no key that signs checkpoints")
        with self._lock, self.sequencer.publishing():
            return self._publication.publish(self._signer)

    def keep_cosigned(self, signed: SignedCheckpoint) -> None:
        """Publish the head with the cosignatures it has gathered. Raises ``HistoryConflict``, and as ``publish``."""
        with self._lock, self.sequencer.publishing():
            self._publication.keep_cosigned(signed)

    def head(self) -> SignedCheckpoint | None:
        """The head signed last, as the store has it."""
        return self._publication.head()

    def entries(self, start: int, stop: int) -> list[Entry]:
        """Entries of the store, parsed; what they prove is for ``keyring`` and ``verify_entry``."""
        return [Entry.parse(data) for data in self.sequencer.read(start, stop)]

    def repeats(self, start: int, entries: Sequence[bytes]) -> set[int]:
        """Which of these entries of the store, from ``start`` on, repeat one before them; found by their digest."""
        with self._lock, self.sequencer.appending() as appending:
            firsts = appending.places(entries)
        return {place for place, first in enumerate(firsts, start) if first != place}

    def entries_of(self, *subjects: str, progress: Progress = silent) -> list[Placed]:
        """All entries about exactly these subjects, with their places, in order, without repeats."""
        with self._lock:
            places = self._subjects.places(subjects, self.sequencer, progress=progress)
        placed: list[tuple[int, bytes]] = []
        for _, run in groupby(enumerate(places), lambda one: one[1] - one[0]):
            together = [place for _, place in run]
            placed += zip(together, self.sequencer.read(together[0], together[-1] + 1), strict=True)
        return [(place, Entry.parse(data)) for place, data in Leaves().once(placed)]

    def keyring(self) -> Keyring:
        """The keys, roles and schemas after all entries there are now."""
        with self._lock, self.sequencer.appending() as appending:
            return self._caught_up(appending)

    def accounts(self) -> Accounts:
        """The retention accounts over all entries there are now. A copy of nothing: do not change it."""
        with self._lock:
            self._account_for(self.sequencer.size())
            return self._accounts

    def _caught_up(self, appending: Appending) -> Keyring:
        for index, data in self._governing.once(appending.governing(self._governing_from)):
            self._keyring = replace(self._keyring, size=index).next(Entry.parse(data))
            self._governing_from = index + 1
        return replace(self._keyring, size=appending.size)

    def _hold_to_accounts(self, index: int, entry: Entry, number: int) -> None:
        if number:
            raise RetentionRefused(f"entry {index} ({entry.draft.kind}) must be appended by itself")
        self._account_for(index)
        try:
            self._accounts.apply(index, entry, self.schemas)
        except RetentionBroken as error:
            raise RetentionRefused(str(error)) from None
        self._leaves.new(index, sha256(entry.render()).digest())
        self._accounted = index + 1

    def _account_for(self, size: int) -> None:
        for start in range(self._accounted, size, BATCH):
            rows = enumerate(self.sequencer.read(start, min(start + BATCH, size)), start)
            for index, data in self._leaves.once(rows):
                self._accounts.add(index, Entry.parse(data), self.schemas)
        self._accounted = max(size, self._accounted)


def _given(prepared: Sequence[Prepared], appending: Appending) -> tuple[list[int], Sequence[Prepared]]:
    """The places of these: those they have, in the log or earlier among these, or the next ones; and the new ones."""
    entries = [item.data for item in prepared]
    there, following = appending.places(entries), appending.size
    if there.count(None) == len({*entries}) == len(entries):
        return [*range(following, following + len(entries))], prepared
    places, first, new = list[int](), dict[bytes, int](), []
    for item, place in zip(prepared, there, strict=True):
        places.append(first.setdefault(item.data, following) if place is None else place)
        if places[-1] == following:
            new.append(item)
            following += 1
    return places, new


@dataclass(slots=True)
class Publisher:
    """A thread (``with``) that publishes within ``period`` seconds of an append; ``wait_for`` raises ``failure``."""

    log: Log
    period: float = 0.5
    failure: Exception | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _published: threading.Condition = field(default_factory=threading.Condition)
    _size: int = 0
    _thread: threading.Thread | None = None

    def __enter__(self) -> Publisher:
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def wait_for(self, index: int, timeout: float = 30.0) -> None:
        """Wait until the entry at ``index`` is under a published checkpoint. Raises what kept it from that."""
        with self._published:
            if not self._published.wait_for(lambda: self._size > index or self.failure is not None, timeout):
                raise TimeoutError(f"entry {index} was not published within {timeout} s")
            if self._size <= index and self.failure is not None:
                raise self.failure

    def _run(self) -> None:
        while True:
            last = self._stop.wait(self.period)
            try:
                signed = self.log.publish() if self.log.sequencer.size() > self._size else None
                failure = None
            except Exception as error:  # noqa: BLE001 - kept for those who wait, and tried again
                signed, failure = None, error
            with self._published:
                self.failure = failure
                if signed is not None:
                    self._size = signed.checkpoint.size
                self._published.notify_all()
            if last:
                return
