"""A witness: cosigns a log's checkpoint only if the log has grown from the one it cosigned last (C2SP tlog-witness).

A request (``add-checkpoint``) carries the size cosigned last, a consistency proof, and the checkpoint. In this order:
the form (400), a log the witness knows (404), signed by that log (403), old size not above the new one (400), old
size equal to that of the last cosigned checkpoint (409, with that size), same size same root (409), the proof (422).
Then the checkpoint is kept, durably and in one step with the comparison, and only after that cosigned: otherwise two
requests at once, or a crash, could make it sign two histories. Request and answer can be carried as files too.

>>> AddCheckpoint.parse(b"old 007\\n\\nx")
Traceback (most recent call last):
    ...
countersign.record.outside.witness.RequestMalformed: '007' is not a decimal number without leading zeroes below 2^63
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from countersign.errors import CountersignError, NotAllowed, WrongForm
from countersign.record.tlog.checkpoint import (
    MAXIMUM_NOTE_BYTES,
    Checkpoint,
    CosignatureFails,
    Cosigner,
    NoKnownSignature,
    NoteMalformed,
    NoteSignature,
    SignatureFails,
    SignedCheckpoint,
    verify_note,
)
from countersign.record.tlog.encoding import parse_base64, parse_decimal, render_base64
from countersign.record.tlog.merkle import HASH_SIZE, ConsistencyFails, verify_consistency
from countersign.record.tlog.trust import SplitView, UnknownLog
from countersign.record.tlog.verifierkey import VerifierKey

MAXIMUM_PROOF_LINES = 63
#: A note and 63 hashes, with room.
MAXIMUM_REQUEST_BYTES = MAXIMUM_NOTE_BYTES + 4096
SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain; charset=utf-8"


class RequestMalformed(WrongForm):
    """A request to a witness is not in its one valid form, or its old size is above the checkpoint's."""

    code = "witness-request-malformed"
    next_step = "Make the request again with the program that keeps the log."


class OldSizeDiffers(NotAllowed):
    """The witness has last cosigned another size than the request begins from; ``size`` is that size."""

    code = "witness-old-size-differs"
    next_step = "Make the request again with a consistency proof from the size that the witness names."

    def __init__(self, message: str, size: int) -> None:
        super().__init__(message)
        self.size = size


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request: the size cosigned last, the consistency proof from there, and the signed checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: SignedCheckpoint

    @classmethod
    def parse(cls, data: bytes) -> AddCheckpoint:
        """The request of these bytes; raises ``RequestMalformed``, ``NoteMalformed`` or ``CheckpointMalformed``."""
        if len(data) > MAXIMUM_REQUEST_BYTES:
            raise RequestMalformed(f"a request of {len(data):,} bytes is longer than {MAXIMUM_REQUEST_BYTES:,}")
        head, empty, note = data.partition(b"\n\n")
        first, *lines = head.split(b"\n")
        if not empty or not first.startswith(b"old "):
            raise RequestMalformed("the request does not begin with a line `old N`, hashes and an empty line")
        if len(lines) > MAXIMUM_PROOF_LINES:
            raise RequestMalformed(f"there are {len(lines)} proof lines, more than {MAXIMUM_PROOF_LINES}")
        try:
            old = parse_decimal(first.removeprefix(b"old ").decode("ascii"))
            proof = tuple(parse_base64(line.decode("ascii"), HASH_SIZE) for line in lines)
        except UnicodeDecodeError:
            raise RequestMalformed("the lines before the checkpoint are not ASCII") from None
        except WrongForm as error:
            raise RequestMalformed(str(error)) from None
        return cls(old, proof, SignedCheckpoint.parse(note))

    def render(self) -> bytes:
        """The request's one byte string."""
        lines = [f"old {self.old}", *map(render_base64, self.proof), "", ""]
        return "\n".join(lines).encode("ascii") + self.checkpoint.render()


class WitnessState(Protocol):
    """Where a witness keeps the checkpoint it cosigned last for each log."""

    def advance(self, signed: SignedCheckpoint, check: Callable[[Checkpoint | None], None]) -> None:
        """In one step against all others: give ``check`` the last checkpoint of this origin, then keep ``signed``. What
        ``check`` raises leaves the state as it was. On return the new state outlasts a loss of power."""

    def keep_evidence(self, signed: SignedCheckpoint, reason: str) -> None:
        """Keep a checkpoint that its log has signed, but that was refused: it may prove two histories."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the asker: an HTTP status, a content type, and a body."""

    status: int
    content_type: str
    body: bytes


class Witness:
    """A cosigner with the logs it knows, its state and a clock (POSIX seconds)."""

    def __init__(
        self, cosigner: Cosigner, logs: Iterable[VerifierKey], state: WitnessState, clock: Callable[[], int]
    ) -> None:
        self._cosigner = cosigner
        self._logs: dict[str, list[VerifierKey]] = {}
        for key in logs:
            self._logs.setdefault(key.name, []).append(key)
        self._state = state
        self._clock = clock

    @property
    def key(self) -> VerifierKey:
        """The key that others put into their policies."""
        return self._cosigner.key

    def add_checkpoint(self, request: AddCheckpoint) -> NoteSignature:
        """Cosign, or raise: ``UnknownLog``, ``NoKnownSignature``, ``SignatureFails``, ``CosignatureFails``,
        ``RequestMalformed``, ``OldSizeDiffers``, ``SplitView`` or ``ConsistencyFails``."""
        signed = request.checkpoint
        new = signed.checkpoint
        keys = self._logs.get(new.origin)
        if keys is None:
            raise UnknownLog(f"this witness does not know the log {new.origin}")
        verify_note(signed.note, keys)
        if request.old > new.size:
            raise RequestMalformed(f"the old size {request.old} is above the checkpoint's, {new.size}")
        try:
            self._state.advance(signed, lambda latest: check_growth(request, latest))
        except (SplitView, ConsistencyFails) as error:
            self._state.keep_evidence(signed, error.code)
            raise
        return self._cosigner.cosign(new, self._clock())

    def answer(self, data: bytes) -> Answer:
        """The answer to a request's bytes, refusals included: what goes over HTTP or into a file."""
        try:
            line = self.add_checkpoint(AddCheckpoint.parse(data))
        except OldSizeDiffers as error:
            return Answer(409, SIZE_TYPE, f"{error.size}\n".encode())
        except CountersignError as error:
            status = next((code for kind, code in _STATUS if isinstance(error, kind)), None)
            if status is None:
                raise
            return Answer(status, TEXT_TYPE, f"{error} [{error.code}]\n".encode())
        return Answer(200, TEXT_TYPE, f"{line.render()}\n".encode())


_STATUS: tuple[tuple[type[CountersignError], int], ...] = (
    (UnknownLog, 404),
    (NoKnownSignature, 403),
    (SignatureFails, 403),
    (CosignatureFails, 403),
    (SplitView, 409),
    (ConsistencyFails, 422),
    (WrongForm, 400),
)


def check_growth(request: AddCheckpoint, latest: Checkpoint | None) -> None:
    """The request goes on from ``latest``; raises ``OldSizeDiffers``, ``SplitView`` or ``ConsistencyFails``."""
    new = request.checkpoint.checkpoint
    size = 0 if latest is None else latest.size
    if request.old != size:
        raise OldSizeDiffers(f"{new.origin}: this witness has cosigned {size} entries, not {request.old}", size)
    if new.size == size and latest is not None and new.root != latest.root:
        raise SplitView(f"{new.origin}: two roots are signed for {size} entries")
    if size in (0, new.size):
        if request.proof:
            raise ConsistencyFails(f"the proof from {size} to {new.size} is empty, not {len(request.proof)} hashes")
    else:
        assert latest is not None
        verify_consistency(size, new.size, request.proof, latest.root, new.root)


def add_answer(signed: SignedCheckpoint, answer: bytes, keys: Iterable[VerifierKey]) -> SignedCheckpoint:
    """The checkpoint with the cosignatures of a witness's answer that are by ``keys``; others in it are left out.
    Raises ``NoteMalformed``, ``NoKnownSignature`` or ``CosignatureFails``."""
    try:
        lines = answer.decode("utf-8")
    except UnicodeDecodeError:
        raise NoteMalformed("the witness's answer is not valid UTF-8") from None
    if not lines.endswith("\n"):
        raise NoteMalformed("the witness's answer does not end in a newline after a signature line")
    known = {(key.name, key.key_id): key for key in keys}
    given = [NoteSignature.parse(line) for line in lines[:-1].split("\n")]
    taken = [signature for signature in given if (signature.name, signature.key_id) in known]
    if not taken:
        raise NoKnownSignature("the answer holds no cosignature of the witness asked")
    note = signed.note.adding(*taken)
    verify_note(note, known.values())
    return SignedCheckpoint(signed.checkpoint, note)
