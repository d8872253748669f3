"""A witness, and asking others over HTTP: a witness for its cosignature (C2SP tlog-witness), a log for its files.

A witness cosigns a log's checkpoint only if the log has grown from the one it cosigned last. A request
(``add-checkpoint``) carries the size cosigned last, a consistency proof, and the checkpoint. In this order: the form
(400), a log the witness knows (404), signed by that log (403), old size not above the new one (400), old size equal to
that of the last cosigned checkpoint (409, with that size), same size same root (409), the proof (422). Then the
checkpoint is kept, durably and in one step with the comparison, and only after that cosigned: otherwise two requests at
once, or a crash, could make it sign two histories. Request and answer can be carried as files too.

A witness that answers with another size is asked again with a proof from there. Its answer is taken only if it is by
the key expected and holds for this checkpoint. No address is asked but the one given: no redirects, no proxy.

>>> AddCheckpoint.parse(b"old 007\\n\\nx")
Traceback (most recent call last):
    ...
countersign.record.outside.witness.RequestMalformed: '007' is not a decimal number without leading zeroes below 2^63
"""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from countersign.errors import CountersignError, NotAllowed, NotReached, WrongForm
from countersign.record.outside.address import exchange
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
from countersign.record.tlog.encoding import (
    TextMalformed,
    VerifierKey,
    parse_base64,
    parse_decimal,
    render_base64,
    shown,
)
from countersign.record.tlog.merkle import HASH_SIZE, ConsistencyFails, verify_consistency
from countersign.record.tlog.trust import SplitView, UnknownLog

MAXIMUM_PROOF_LINES = 63
#: A note and 63 hashes, with room.
MAXIMUM_REQUEST_BYTES = MAXIMUM_NOTE_BYTES + 4096
SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain; charset=utf-8"


class RequestMalformed(
    WrongForm, code="witness-request-malformed", next_step="Make the request again with the program that keeps the log."
):
    """A request to a witness is not in its one valid form, or its old size is above the checkpoint's."""


class OldSizeDiffers(
    NotAllowed,
    code="witness-old-size-differs",
    next_step="Make the request again with a consistency proof from the size that the witness names.",
):
    """The witness has last cosigned another size than the request begins from; ``size`` is that size."""

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
            status = next((code for code, kinds in _STATUS.items() if isinstance(error, kinds)), None)
            if status is None:
                raise
            return Answer(status, TEXT_TYPE, f"{error} [{error.code}]\n".encode())
        return Answer(200, TEXT_TYPE, f"{line.render()}\n".encode())


_STATUS: dict[int, tuple[type[CountersignError], ...]] = {
    404: (UnknownLog,),
    403: (NoKnownSignature, SignatureFails, CosignatureFails),
    409: (SplitView,),
    422: (ConsistencyFails,),
    400: (WrongForm,),
}


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
    """The checkpoint with the answer's cosignatures by ``keys``. Raises ``NoteMalformed``, or as ``verify_note``."""
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


#: How long a witness may take to answer, in seconds.
TIMEOUT_SECONDS = 10.0
#: The witness may have moved on between two answers, but not for ever.
_ATTEMPTS = 3


class WitnessNotReached(
    NotReached,
    next_step="Check the address and whether the witness runs; the checkpoint can be cosigned later, or by a file.",
):
    """A witness does not answer, or what answers is not a witness."""


class WitnessRefuses(
    NotAllowed,
    next_step="See the witness's reason; if it names two histories, stop the log and compare its store with a copy.",
):
    """A witness refuses to cosign, and says why."""


def ask_witness(
    address: str,
    signed: SignedCheckpoint,
    keys: Iterable[VerifierKey],
    proof_from: Callable[[int], Sequence[bytes]],
    *,
    old: int = 0,
    timeout: float = TIMEOUT_SECONDS,
) -> SignedCheckpoint:
    """The checkpoint with the cosignature of the witness at a submission prefix. ``proof_from(old)`` gives the proof
    from a size; ``old`` is thought to be cosigned last. Raises ``WitnessNotReached``, ``WitnessRefuses``,
    ``OldSizeDiffers`` if the witness has seen more than the checkpoint holds, and as ``witness.add_answer``."""
    for _ in range(_ATTEMPTS):
        request = AddCheckpoint(old, tuple(proof_from(old)) if old else (), signed)
        status, kind, body = _post(address, request.render(), timeout)
        if status == http.client.OK:
            return add_answer(signed, body, keys)
        if status != http.client.CONFLICT or kind != SIZE_TYPE:
            reason = shown(body.decode("utf-8", "replace").strip())
            raise WitnessRefuses(f"{address} answers {status}: {reason}")
        try:
            old = parse_decimal(body.decode("ascii").removesuffix("\n"))
        except (UnicodeDecodeError, TextMalformed):
            raise WitnessNotReached(f"{address} answers {status} without a size") from None
        if old > signed.checkpoint.size:
            held = signed.checkpoint.size
            raise OldSizeDiffers(f"{address} has cosigned {old} entries, but the checkpoint holds {held}", old)
    raise WitnessNotReached(f"{address} names another size each time it is asked")


def _post(address: str, data: bytes, timeout: float) -> tuple[int, str, bytes]:
    status, headers, body = exchange(
        "POST", address, "add-checkpoint", data, MAXIMUM_NOTE_BYTES, timeout, WitnessNotReached
    )
    if len(body) > MAXIMUM_NOTE_BYTES:
        raise WitnessNotReached(f"{address} answers with more than {MAXIMUM_NOTE_BYTES:,} bytes")
    return status, headers.get("content-type", ""), body
