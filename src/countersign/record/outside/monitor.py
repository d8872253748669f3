"""A monitor: follows a log from outside, checks all of it again each time, and names what the log did wrong.

One look: the checkpoint is verified under a policy, set against the one seen last (a log may only grow), every hash is
computed again (``audit``), every entry is checked (``reading``): form, schema, signature, role, retention, time. What
was seen is a small state that the caller keeps. Named are: ``split-view``, ``rollback``, ``stale-head``,
``tile-missing``, ``tile-altered``, ``entry-altered``, ``unsupported-time``, ``repeated-entry``, and the codes of
whatever else an entry breaks. A time out of place, a repeat (which counts once) and an overdue value are *notices*:
late entries happen, and show. All else is a *fault*.

The clock comes in as an argument. A monitor sees what it is shown: whether others are shown the same, witnesses say.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import msgspec

from countersign.errors import CountersignError, WrongForm
from countersign.progress import Progress, silent
from countersign.record.entries.reading import Cosigned, Reading, read_log
from countersign.record.entries.schema import Schemas
from countersign.record.tlog.checkpoint import SignedCheckpoint
from countersign.record.tlog.policy import Policy
from countersign.record.tlog.tilereader import audit_log
from countersign.record.tlog.tiles import CHECKPOINT_PATH, TileSource
from countersign.record.tlog.trust import VerifiedCheckpoint, verify_checkpoint, verify_growth_in_tiles
from countersign.words.dates import at_words, duration

#: A head whose newest cosignature (or first sight) is older than this is stale, unless the caller says otherwise.
STALE_SECONDS = 24 * 3600


class MonitorStateMalformed(WrongForm):
    """A monitor's state file is not in its form."""

    code = "monitor-state-malformed"
    next_step = "Name the monitor's own state file; if it is damaged, begin with a new one, and say so in your notes."


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
        except (msgspec.DecodeError, msgspec.ValidationError, UnicodeError, CountersignError) as error:
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
    """Look at a log once, at ``now`` (POSIX seconds). What is wrong is in the answer, not raised.

    A state is only moved on by a head that holds: after a split view or a rollback the one seen before is kept.
    """
    try:
        signed = SignedCheckpoint.parse(source.read(CHECKPOINT_PATH))
        head = verify_checkpoint(signed, policy)
    except CountersignError as error:
        return Look((Note(error.code, str(error)),), state)
    try:
        _grown(state, head, policy, source)
        audit_log(source, head.checkpoint.size, head.checkpoint.root, executor=executor, progress=progress)
    except CountersignError as error:
        return Look((Note(error.code, str(error)),), state, head)
    after = _remember(state, signed, head, now)
    # The monitor itself has seen the head now: nothing in it can be of later.
    seen = [Cosigned(*one) for one in after.cosigned]
    if not seen or seen[-1].size < head.checkpoint.size:
        seen.append(Cosigned(head.checkpoint.size, now))
    try:
        reading = read_log(
            source,
            head.checkpoint.size,
            schemas,
            seen,
            log=head.checkpoint.origin,
            executor=executor,
            progress=progress,
        )
    except CountersignError as error:
        return Look((Note(error.code, str(error)),), state, head)
    notes = [*_stale(after, head, now, stale_after), *_told(reading, state, now)]
    return Look(tuple(notes), after, head, reading)


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
        earliest = min(one.time for one in head.cosignatures)
        cosigned[size] = min(earliest, cosigned.get(size, earliest))
    same = state is not None and SignedCheckpoint.parse(state.head.encode()).checkpoint == head.checkpoint
    first_seen = state.first_seen if same and state is not None else now
    return MonitorState(1, signed.render().decode(), first_seen, tuple(sorted(cosigned.items())), size)


def _stale(state: MonitorState, head: VerifiedCheckpoint, now: int, stale_after: int) -> Iterable[Note]:
    newest = max((one.time for one in head.cosignatures), default=state.first_seen)
    if now - newest > stale_after:
        since = at_words(datetime.datetime.fromtimestamp(newest, datetime.UTC))
        what = "was last cosigned" if head.cosignatures else "has been the same since"
        yield Note("stale-head", f"the head of {head.checkpoint.size} entries {what} {since}")


def _told(reading: Reading, state: MonitorState | None, now: int) -> Iterable[Note]:
    for wrong in reading.wrong:
        yield Note(wrong.code, f"entry {wrong.place}: {wrong.message}")
    for one in reading.unsupported:
        if state is None or one.place >= state.reported:
            how = (
                f"came in at least {duration(one.late)} after"
                if one.late > 0
                else f"was there {duration(-one.late)} before"
            )
            text = f"entry {one.place} {how} the time it states, {one.at}"
            yield Note("unsupported-time", text, fault=False)
    for repeat in reading.repeated:
        if state is None or repeat.place >= state.reported:
            yield Note("repeated-entry", repeat.describe(), fault=False)
    for overdue in reading.accounts.overdue(datetime.datetime.fromtimestamp(now, datetime.UTC)):
        yield Note(
            "overdue",
            f"{overdue.items:,} of {overdue.label} in entry {overdue.entry} ({overdue.retention_class}) were to be "
            f"erased by {at_words(overdue.due)}",
            fault=False,
        )
