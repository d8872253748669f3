"""Signing and verifying notes: what each type of signature covers, and who has truly signed.

0x01 Ed25519: the note text (C2SP signed-note). 0x04 Ed25519 cosignature: ``cosignature/v1\\n``, ``time N\\n``, the
note text. 0x06 ML-DSA-44 cosignature: the structure ``cosigned_message`` of C2SP tlog-cosignature (cosigner name,
time, origin, start 0, size, root; it covers no extension lines). The last two carry their time before the signature.
0x01 and 0x04 are made and verified here; 0x06 is verified. Signatures of unknown keys are ignored; a known key whose
signature fails rejects the whole note, and so does the want of any known one.

>>> from countersign.record.tlog.merkle import EMPTY_ROOT
>>> signer = NoteSigner("log.example/1", Ed25519PrivateKey.from_private_bytes(bytes(32)))
>>> signed = sign_checkpoint(Checkpoint("log.example/1", 0, EMPTY_ROOT), signer)
>>> witness = Cosigner("w.example", Ed25519PrivateKey.from_private_bytes(bytes([1] * 32)))
>>> note = signed.note.adding(witness.cosign(signed.checkpoint, time=1_700_000_000))
>>> [(signature.key.name, signature.time) for signature in verify_note(note, [signer.key, witness.key]).signatures]
[('log.example/1', None), ('w.example', 1700000000)]
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from countersign.errors import EvidenceWrong
from countersign.record.tlog.checkpoint import (
    Checkpoint,
    CheckpointMalformed,
    Note,
    NoteSignature,
    SignedCheckpoint,
    check_text,
)
from countersign.record.tlog.encoding import NUMBER_LIMIT
from countersign.record.tlog.merkle import SEAL, Verified
from countersign.record.tlog.verifierkey import KeyKind, VerifierKey, load_public_key

TIME_SIZE = 8
#: Names and origins are length-prefixed by one byte in the message that ML-DSA-44 cosignatures cover.
_LONGEST_NAME = 255


class SignatureFails(EvidenceWrong):
    """A signature in the name of a known key was not made by that key over this text."""

    code = "signature-fails"
    next_step = "Do not rely on this checkpoint: its text or its signature was altered; ask the log for the original."


class CosignatureFails(EvidenceWrong):
    """A cosignature in the name of a known witness was not made over this checkpoint: altered, or taken from
    another."""

    code = "cosignature-fails"
    next_step = "Do not rely on this checkpoint: ask the witness named which checkpoints it has cosigned."


class NoKnownSignature(EvidenceWrong):
    """Nobody known has signed the note."""

    code = "no-known-signature"
    next_step = "Check that the key given is that of this log, and that this is the log you meant."


@dataclass(frozen=True, slots=True)
class VerifiedSignature(Verified):
    """This key has signed; ``time`` is the POSIX time it states, in seconds, or ``None`` where its type states none."""

    key: VerifierKey
    time: int | None


@dataclass(frozen=True, slots=True)
class VerifiedNote(Verified):
    """A text and those known keys that have truly signed it: at least one."""

    text: str
    signatures: tuple[VerifiedSignature, ...]


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """A key that signs note texts (type 0x01), as a log does."""

    name: str
    private_key: Ed25519PrivateKey = field(repr=False)
    key: VerifierKey = field(init=False)

    def __post_init__(self) -> None:
        public = self.private_key.public_key().public_bytes_raw()
        object.__setattr__(self, "key", VerifierKey(self.name, KeyKind.ED25519, public))

    def sign(self, text: str) -> NoteSignature:
        """The signature line over ``text``; raises ``NoteMalformed`` if it cannot be signed."""
        return NoteSignature(self.name, self.key.key_id, self.private_key.sign(check_text(text).encode()))


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A key that cosigns checkpoints (type 0x04), as a witness does. The key must serve nothing else."""

    name: str
    private_key: Ed25519PrivateKey = field(repr=False)
    key: VerifierKey = field(init=False)

    def __post_init__(self) -> None:
        public = self.private_key.public_key().public_bytes_raw()
        object.__setattr__(self, "key", VerifierKey(self.name, KeyKind.COSIGNATURE, public))

    def cosign(self, checkpoint: Checkpoint, time: int) -> NoteSignature:
        """The cosignature line: as of ``time`` (POSIX seconds) this is the largest consistent tree that was seen."""
        message = ed25519_message(checkpoint.render(), time)
        data = time.to_bytes(TIME_SIZE, "big") + self.private_key.sign(message)
        return NoteSignature(self.name, self.key.key_id, data)


def sign_checkpoint(checkpoint: Checkpoint, signer: NoteSigner) -> SignedCheckpoint:
    """The checkpoint signed by its log, whose key name must be the origin; ours have no extension lines."""
    if checkpoint.origin != signer.name or checkpoint.extensions:
        raise CheckpointMalformed(f"{signer.name} signs checkpoints of its own origin without extension lines only")
    return SignedCheckpoint(checkpoint, Note(checkpoint.render(), (signer.sign(checkpoint.render()),)))


def verify_note(note: Note, keys: Iterable[VerifierKey]) -> VerifiedNote:
    """Who of ``keys`` has signed: at least one has, and no signature in the name and id of any of them fails. Raises
    ``SignatureFails``, ``CosignatureFails`` or ``NoKnownSignature``."""
    known = {(key.name, key.key_id): key for key in keys}
    found = []
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is not None:
            found.append(verify_signature(note.text, signature, key))
    if not found:
        names = ", ".join(sorted({key.name for key in known.values()})) or "nobody"
        raise NoKnownSignature(f"the note is signed by none of the known keys ({names})")
    return VerifiedNote(SEAL, note.text, tuple(found))


def verify_signature(text: str, signature: NoteSignature, key: VerifierKey) -> VerifiedSignature:
    """``key`` has made ``signature`` over ``text``. Raises ``SignatureFails`` or ``CosignatureFails``; for a key of
    type 0x06 also ``CheckpointMalformed``, since what it covers is a checkpoint."""
    if key.kind is KeyKind.ED25519:
        try:
            load_public_key(key.public_key).verify(signature.data, text.encode())
        except InvalidSignature:
            raise SignatureFails(f"the signature of {key.name} does not belong to this text") from None
        return VerifiedSignature(SEAL, key, None)
    time, data = int.from_bytes(signature.data[:TIME_SIZE], "big"), signature.data[TIME_SIZE:]
    if time >= NUMBER_LIMIT:
        raise CosignatureFails(f"the cosignature of {key.name} states a time of 2^63 seconds or more")
    try:
        if key.kind is KeyKind.COSIGNATURE:
            load_public_key(key.public_key).verify(data, ed25519_message(text, time))
        else:
            head = Checkpoint.parse(text)
            message = ml_dsa_44_message(key.name, time, head.origin, 0, head.size, head.root)
            MLDSA44PublicKey.from_public_bytes(key.public_key).verify(data, message)
    except InvalidSignature:
        raise CosignatureFails(f"the cosignature of {key.name} does not belong to this checkpoint") from None
    return VerifiedSignature(SEAL, key, time)


def ed25519_message(text: str, time: int) -> bytes:
    """What a cosignature of type 0x04 covers."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def ml_dsa_44_message(name: str, time: int, origin: str, start: int, end: int, root: bytes) -> bytes:
    """What a cosignature of type 0x06 by ``name`` covers: the structure ``cosigned_message``. Raises
    ``CheckpointMalformed`` if a name is longer than 255 bytes."""
    parts = [b"subtree/v1\n\x00"]
    for text, number in ((name.encode(), time), (origin.encode(), start)):
        if len(text) > _LONGEST_NAME:
            raise CheckpointMalformed(f"{text[:20]!r}… is longer than the {_LONGEST_NAME} bytes that can be cosigned")
        parts += [bytes([len(text)]), text, number.to_bytes(8, "big")]
    return b"".join([*parts, end.to_bytes(8, "big"), root])
