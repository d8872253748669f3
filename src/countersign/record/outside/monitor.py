"""A monitor: follows a log from outside, checks all of it again each time, and names what the log did wrong.

One look: the checkpoint is verified under a policy, set against the one seen last (a log may only grow), every hash is
computed again (``audit_log``), every entry is checked (``read_log``). What was seen is a small state that the caller
keeps. A time out of place, a repeat (which counts once) and an overdue value are *notices*; all else is a *fault*.

Entries are read in two steps. Those that govern are few: they are folded into keyrings by place. Then pieces of the log
are checked apart, each entry against the keyring of its place, in as many processes as the executor has. An entry's
time is held against the cosigned checkpoints next to it: an entry that was in the log before its event, or came in
later than a checkpoint after its event, is unsupported.

The clock comes in as an argument. A monitor sees what it is shown: whether others are shown the same, witnesses say.
"""

from __future__ import annotations

import datetime
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

import msgspec

from countersign.errors import CountersignError, WrongForm
from countersign.progress import Progress, silent
from countersign.record.entries.entry import Entry, Leaves, Repeated, verify_entry
from countersign.record.entries.keyring import EMPTY, GOVERNING, Keyring, SignerNotEntitled
from countersign.record.entries.retention import MOVING, Accounts, CommittedTo, commitments
from countersign.record.entries.schema import Schema, Schemas
from countersign.record.tlog.checkpoint import SignedCheckpoint
from countersign.record.tlog.policy import Policy
from countersign.record.tlog.tilereader import audit_log
from countersign.record.tlog.tiles import CHECKPOINT_PATH, WIDTH, TileMissing, TileSource, bundle_path, read_bundle
from countersign.record.tlog.trust import VerifiedCheckpoint, verify_checkpoint, verify_growth_in_tiles
from countersign.words.dates import at_words, duration, local_words

#: How many bundles are one piece of work: 8,192 entries.
PIECE = 32
_GOVERNING = re.compile(rb'"kind":"(?:' + b"|".join(re.escape(kind.encode()) for kind in sorted(GOVERNING)) + rb')"')
#: So many bytes of a digest are looked at before all of it is kept.
_BEGINNING = 8
_KEPT_KINDS = MOVING | {"record.retention-rule"}


class Cosigned(NamedTuple):
    """A checkpoint of ``size`` entries was cosigned at ``time`` (POSIX seconds; the earliest of its cosignatures)."""

    size: int
    time: int


class Wrong(NamedTuple):
    """What is wrong with the entry at a place: the error's code and message."""

    place: int
    code: str
    message: str


class Unsupported(NamedTuple):
    """An entry that came in at least ``late`` seconds after its event; below 0, it was there that long before."""

    place: int
    at: str
    late: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading all entries gave: nothing ``wrong`` means that every entry counts."""

    size: int
    wrong: tuple[Wrong, ...]
    unsupported: tuple[Unsupported, ...]
    keyring: Keyring
    accounts: Accounts
    repeated: tuple[Repeated, ...] = ()


#: The entries that govern, with their places: small, and enough to fold the keyring of any place again.
_Governing = tuple[tuple[int, bytes], ...]


class _Piece(NamedTuple):
    source: TileSource
    size: int
    first: int
    end: int
    governing: _Governing = ()
    schemas: tuple[bytes, ...] = ()
    cosigned: tuple[Cosigned, ...] = ()
    repeats: frozenset[int] = frozenset()

    def entries(self) -> Iterator[tuple[int, bytes]]:
        for number in range(self.first, self.end):
            width = min(WIDTH, self.size - number * WIDTH)
            yield from enumerate(read_bundle(self.source, number, width), number * WIDTH)


class _Governs(NamedTuple):
    found: list[tuple[int, bytes]]
    digests: bytes


class _Found(NamedTuple):
    wrong: list[Wrong]
    unsupported: list[Unsupported]
    #: In order: entries that move values, whole, and of all others only what they committed to.
    kept: list[tuple[int, bytes] | CommittedTo]


def read_log(
    source: TileSource,
    size: int,
    schemas: Schemas,
    cosigned: Sequence[Cosigned] = (),
    *,
    log: str = "",
    executor: Executor | None = None,
    progress: Progress = silent,
) -> Reading:
    """Check all entries of a log whose hashes were checked (``audit_log``); what is wrong is in the answer.
    ``cosigned`` in order of size; entries of another origin than ``log`` do not count. With an ``executor`` of
    processes the source must be one that can be sent to them. Raises ``TileMissing`` or ``TileMalformed``."""
    bundles = -(-size // WIDTH)
    pieces = [_Piece(source, size, first, min(first + PIECE, bundles)) for first in range(0, bundles, PIECE)]
    run = map if executor is None else executor.map
    keyring, wrong, governing = Keyring(log=log), [], []
    leaves, governed = Leaves(), list(run(_govern, pieces))
    begun_twice = _begun_twice(governed)
    for index, data in (
        row for piece, found in zip(pieces, governed, strict=True) for row in _new(piece, found, leaves, begun_twice)
    ):
        try:
            keyring, _ = replace(keyring, size=index).admit(Entry.parse(data), schemas)
            governing.append((index, data))
        except CountersignError as error:
            wrong.append(Wrong(index, error.code, str(error)))
    if size and not governing:
        wrong.append(Wrong(0, "keyring-broken", "the first entry does not open a log"))
    accounts = Accounts()
    unsupported: list[Unsupported] = []
    texts = tuple(schema.text for schema in schemas.known.values())
    repeats = frozenset(repeat.place for repeat in leaves.repeated)
    checked = [
        one._replace(governing=tuple(governing), schemas=texts, cosigned=tuple(cosigned), repeats=repeats)
        for one in pieces
    ]
    for number, found in enumerate(run(_check, checked)):
        wrong += found.wrong
        unsupported += found.unsupported
        for kept in found.kept:
            if isinstance(kept, CommittedTo):
                accounts.sealed.add(kept)
            else:
                accounts.add(kept[0], Entry.parse(kept[1]), schemas)
        progress("checking signatures", min(size, (number + 1) * PIECE * WIDTH), size)
    wrong += [Wrong(index, "retention-broken", message) for index, message in accounts.violations]
    return Reading(
        size, tuple(sorted(wrong)), tuple(unsupported), replace(keyring, size=size), accounts, tuple(leaves.repeated)
    )


def _govern(piece: _Piece) -> _Governs:
    """The entries that govern, among these; found by their bytes, which have one form only."""
    digests, found = [], []
    for index, data in piece.entries():
        digests.append(sha256(data).digest())
        if _GOVERNING.search(data) and _kind(data) in GOVERNING:
            found.append((index, data))
    return _Governs(found, b"".join(digests))


def _begun_twice(governed: Sequence[_Governs]) -> set[bytes]:
    """The beginnings that two digests share: only entries with one of these can be repeats, and only they are held."""
    once, twice = set[bytes](), set[bytes]()
    for governs in governed:
        begun = [digest[:_BEGINNING] for digest in _digests(governs)]
        here = set(begun)
        twice |= once & here
        if len(here) < len(begun):
            twice |= {start for start, times in Counter(begun).items() if times > 1}
        once |= here
    return twice


def _digests(governs: _Governs) -> Iterator[bytes]:
    width = sha256().digest_size
    return (governs.digests[start : start + width] for start in range(0, len(governs.digests), width))


def _new(piece: _Piece, governs: _Governs, leaves: Leaves, begun_twice: set[bytes]) -> list[tuple[int, bytes]]:
    if not begun_twice:
        return governs.found
    repeats = {
        place
        for place, digest in enumerate(_digests(governs), piece.first * WIDTH)
        if digest[:_BEGINNING] in begun_twice and not leaves.new(place, digest)
    }
    return [(place, data) for place, data in governs.found if place not in repeats]


def _kind(data: bytes) -> str:
    try:
        return Entry.parse(data).draft.kind
    except CountersignError:
        return ""


@lru_cache(maxsize=4)
def _keyrings(governing: _Governing) -> tuple[list[int], list[Keyring]]:
    starts, rings, keyring = [0], [EMPTY], EMPTY
    for index, data in governing:
        keyring = replace(keyring, size=index).next(Entry.parse(data))
        starts.append(index + 1)
        rings.append(keyring)
    return starts, rings


@lru_cache(maxsize=4)
def _parsed(texts: tuple[bytes, ...]) -> Schemas:
    return Schemas.of([Schema.parse(text) for text in texts])


def _check(piece: _Piece) -> _Found:
    found = _Found([], [], [])
    starts, rings = _keyrings(piece.governing)
    schemas = _parsed(piece.schemas)
    sizes = [head.size for head in piece.cosigned]
    for index, data in piece.entries():
        if index in piece.repeats:
            continue
        ring = rings[bisect_right(starts, index) - 1]
        try:
            entry = Entry.parse_for_schema(data)
            if entry.draft.kind not in GOVERNING:
                _hold(index, entry, ring, schemas)
        except CountersignError as error:
            found.wrong.append(Wrong(index, error.code, str(error)))
            continue
        if entry.draft.kind in _KEPT_KINDS:
            found.kept.append((index, data))
        elif entry.draft.sealed:
            found.kept.extend(commitments(index, entry.draft, schemas))
        if late := _lateness(entry.draft.at, bisect_right(sizes, index), piece.cosigned):
            found.unsupported.append(Unsupported(index, entry.draft.at, late))
    return found


def _hold(index: int, entry: Entry, ring: Keyring, schemas: Schemas) -> None:
    try:
        state = ring.entitled(entry.draft, entry.key)
    except SignerNotEntitled:
        # Again, at its own place, so that the message names it.
        replace(ring, size=index).entitled(entry.draft, entry.key)
        raise
    ring.adopted(entry.draft, schemas, index)
    verify_entry(entry, state.public_key, schemas)


def _lateness(at: str, following: int, cosigned: Sequence[Cosigned]) -> int:
    """Seconds to the cosigned checkpoint before the entry, if its event is earlier; to the next (below 0), if later."""
    if not cosigned:
        return 0
    moment = int(datetime.datetime.fromisoformat(at).timestamp())
    if following and (late := cosigned[following - 1].time - moment) > 0:
        return late
    if following < len(cosigned) and (early := cosigned[following].time - moment) < 0:
        return early
    return 0


#: A head whose newest cosignature (or first sight) is older than this is stale, unless the caller says otherwise.
STALE_SECONDS = 24 * 3600


class MonitorStateMalformed(
    WrongForm,
    next_step="Name the monitor's own state file; if it is damaged, begin with a new one, and say so in your notes.",
):
    """A monitor's state file is not in its form."""


class Note(NamedTuple):
    """Something found: a stable code, a sentence, and whether it is a fault or a notice."""

    code: str
    text: str
    fault: bool = True


class MonitorState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a monitor remembers of one log: the head seen last, since when, and the cosigned checkpoints seen."""

    version: int
    head: str
    first_seen: int
    cosigned: tuple[tuple[int, int], ...] = ()
    reported: int = 0

    @classmethod
    def parse(cls, data: bytes) -> MonitorState:
        """The state of a file's bytes. Raises ``MonitorStateMalformed``."""
        try:
            state = msgspec.json.decode(data, type=cls)
            SignedCheckpoint.parse(state.head.encode())
        except (msgspec.DecodeError, UnicodeError, RecursionError, CountersignError) as error:
            raise MonitorStateMalformed(f"not a monitor's state: {error}") from None
        if state.version != 1:
            raise MonitorStateMalformed(f"a monitor's state of version {state.version}; this program reads 1")
        return state

    def render(self) -> bytes:
        """The file's bytes."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found. ``state`` is to be kept for the next one; ``reading`` is there if all could be read."""

    notes: tuple[Note, ...]
    state: MonitorState | None
    head: VerifiedCheckpoint | None = None
    reading: Reading | None = field(default=None, repr=False)

    @property
    def faults(self) -> list[Note]:
        """The notes that are faults."""
        return [note for note in self.notes if note.fault]


def look(
    source: TileSource,
    policy: Policy,
    schemas: Schemas,
    state: MonitorState | None,
    now: int,
    *,
    stale_after: int = STALE_SECONDS,
    executor: Executor | None = None,
    progress: Progress = silent,
) -> Look:
    """Look at a log once, at ``now`` (POSIX seconds). What is wrong is in the answer, not raised. A state is only moved
    on by a head that holds: after a split view or a rollback the one seen before is kept."""
    try:
        signed = SignedCheckpoint.parse(source.read(CHECKPOINT_PATH))
        head = verify_checkpoint(signed, policy)
    except CountersignError as error:
        return Look((Note(error.code, str(error)),), state)
    try:
        _grown(state, head, policy, source)
        audit_log(source, head.checkpoint.size, head.checkpoint.root, executor=executor, progress=progress)
    except CountersignError as error:
        if isinstance(error, TileMissing) and _is_static_ct(source, head.checkpoint.size):
            return Look((Note("static-ct", STATIC_CT, fault=False),), _remember(state, signed, head, now), head)
        return Look((Note(error.code, str(error)),), state, head)
    after = _remember(state, signed, head, now)
    if _is_foreign(source, head.checkpoint.size):
        return Look((*_stale(after, head, now, stale_after), Note("not-ours", NOT_OURS, fault=False)), after, head)
    # The monitor itself has seen the head now: nothing in it can be of later.
    seen, size, origin = [Cosigned(*row) for row in after.cosigned], head.checkpoint.size, head.checkpoint.origin
    if not seen or seen[-1].size < size:
        seen.append(Cosigned(size, now))
    try:
        reading = read_log(source, size, schemas, seen, log=origin, executor=executor, progress=progress)
    except CountersignError as error:
        return Look((Note(error.code, str(error)),), state, head)
    notes = [*_stale(after, head, now, stale_after), *_notes_on(reading, state, now)]
    return Look(tuple(notes), after, head, reading)


#: What is said of logs of other programs.
STATIC_CT = (
    "this is a certificate transparency log (static-ct): its signed head and growth hold, its entries lie elsewhere "
    "and were not read"
)
NOT_OURS = "head, growth and hashes hold; the entries are of another program, and nothing was read in them"


def _is_static_ct(source: TileSource, size: int) -> bool:
    """Whether the entries lie where static-ct logs have them."""
    try:
        source.read(bundle_path(0, min(WIDTH, size)).replace("tile/entries/", "tile/data/"))
    except TileMissing:
        return False
    return True


def _is_foreign(source: TileSource, size: int) -> bool:
    """Whether none of the first entries is one of ours: the log is another program's."""
    if not size:
        return False
    for data in read_bundle(source, 0, min(WIDTH, size)):
        try:
            Entry.parse(data)
        except CountersignError:
            continue
        return False
    return True


def _grown(state: MonitorState | None, head: VerifiedCheckpoint, policy: Policy, source: TileSource) -> None:
    if state is None:
        return
    # Only the signature of the log counts on the head seen last: the policy may have been changed since.
    alone = replace(policy, witnesses=(), groups=(), quorum="none")
    last = verify_checkpoint(SignedCheckpoint.parse(state.head.encode()), alone)
    verify_growth_in_tiles(last, head, source)


def _remember(state: MonitorState | None, signed: SignedCheckpoint, head: VerifiedCheckpoint, now: int) -> MonitorState:
    size = head.checkpoint.size
    cosigned = dict(state.cosigned) if state else {}
    if head.cosignatures:
        earliest = min(cosignature.time for cosignature in head.cosignatures)
        cosigned[size] = min(earliest, cosigned.get(size, earliest))
    same = state is not None and SignedCheckpoint.parse(state.head.encode()).checkpoint == head.checkpoint
    first_seen = state.first_seen if same and state is not None else now
    return MonitorState(1, signed.render().decode(), first_seen, tuple(sorted(cosigned.items())), size)


def _stale(state: MonitorState, head: VerifiedCheckpoint, now: int, stale_after: int) -> Iterable[Note]:
    newest = max((cosignature.time for cosignature in head.cosignatures), default=state.first_seen)
    if now - newest > stale_after:
        since = at_words(datetime.datetime.fromtimestamp(newest, datetime.UTC))
        what = "was last cosigned" if head.cosignatures else "has been the same since"
        yield Note("stale-head", f"the head of {head.checkpoint.size} entries {what} {since}")


def _notes_on(reading: Reading, state: MonitorState | None, now: int) -> Iterable[Note]:
    for wrong in reading.wrong:
        yield Note(wrong.code, f"entry {wrong.place}: {wrong.message}")
    for place, at, late in reading.unsupported:
        if state is None or place >= state.reported:
            how = f"came in at least {duration(late)} after" if late > 0 else f"was there {duration(-late)} before"
            yield Note("unsupported-time", f"entry {place} {how} the time it states, {local_words(at)}", fault=False)
    for repeat in reading.repeated:
        if state is None or repeat.place >= state.reported:
            yield Note("repeated-entry", repeat.describe(), fault=False)
    for overdue in reading.accounts.overdue(datetime.datetime.fromtimestamp(now, datetime.UTC)):
        what = f"{overdue.items:,} of {overdue.label} in entry {overdue.entry} ({overdue.retention_class})"
        yield Note("overdue", f"{what} were to be erased by {at_words(overdue.due)}", fault=False)
