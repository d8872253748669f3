"""Checkpoints (C2SP tlog-checkpoint), the signed notes they come in (C2SP signed-note), and who has truly signed them.

A checkpoint is the text of a note: the origin (the log's identity), the tree size, the root in base64; then extension
lines, which are opaque: ours have none. Size 0 goes with the empty root alone. A note is the text (ending in a
newline), an empty line, then 1 to 100 lines ``— name base64(4-byte key id || signature)``. It is UTF-8 without control
characters but the newline, and the text ends at the last empty line. Parsing is strict (``render(parse(x)) == x``) and
proves nothing.

Signatures: 0x01 Ed25519 covers the note text. 0x04 Ed25519 cosignature covers ``cosignature/v1\\n``, ``time N\\n``, the
note text. 0x06 ML-DSA-44 cosignature covers the structure ``cosigned_message`` of C2SP tlog-cosignature, no extension
lines; it is verified here, not made. The last two carry their time before the signature. Signatures of unknown keys are
ignored; a known key whose signature fails rejects the whole note, and so does the want of any known one.

>>> from countersign.record.tlog.merkle import EMPTY_ROOT
>>> print(Checkpoint("log.example/1", 0, EMPTY_ROOT).render(), end="")
log.example/1
0
47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
>>> signer = NoteSigner("log.example/1", Ed25519PrivateKey.from_private_bytes(bytes(32)))
>>> signed = sign_checkpoint(Checkpoint("log.example/1", 0, EMPTY_ROOT), signer)
>>> witness = Cosigner("w.example", Ed25519PrivateKey.from_private_bytes(bytes([1] * 32)))
>>> note = signed.note.adding(witness.cosign(signed.checkpoint, time=1_700_000_000))
>>> [(signature.key.name, signature.time) for signature in verify_note(note, [signer.key, witness.key]).signatures]
[('log.example/1', None), ('w.example', 1700000000)]
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from countersign.errors import EvidenceWrong, WrongForm
from countersign.record.tlog.encoding import (
    KEY_ID_SIZE,
    NUMBER_LIMIT,
    KeyKind,
    KeyMalformed,
    TextMalformed,
    VerifierKey,
    check_name,
    load_public_key,
    parse_base64,
    parse_decimal,
    render_base64,
    shown,
)
from countersign.record.tlog.merkle import EMPTY_ROOT, HASH_SIZE, SEAL, Verified

MAXIMUM_SIGNATURES = 100
#: A note longer than this is refused before it is looked at: 100 ML-DSA-44 signatures take a third of it.
MAXIMUM_NOTE_BYTES = 1 << 20

_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
_DASH = "— "


class NoteMalformed(
    WrongForm, next_step="Take the file again from where it was published, without opening it in an editor."
):
    """A signed note is not in its one valid form."""


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: whose it says it is, and the signature's bytes without the key id. Proves nothing."""

    name: str
    key_id: bytes
    data: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.key_id) != KEY_ID_SIZE or not self.data:
            raise NoteMalformed(f"the signature of {shown(self.name)} is empty or has no key id of {KEY_ID_SIZE} bytes")

    @classmethod
    def parse(cls, line: str) -> NoteSignature:
        """The signature of a line without its newline; raises ``NoteMalformed``."""
        name, space, encoded = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH) or not space:
            raise NoteMalformed(f"{shown(line)} is not a signature line (— name base64)")
        try:
            data = parse_base64(encoded)
            return cls(name, data[:KEY_ID_SIZE], data[KEY_ID_SIZE:])
        except (TextMalformed, KeyMalformed) as error:
            raise NoteMalformed(f"the signature line {shown(line)}: {error}") from None

    def render(self) -> str:
        """The line, without its newline."""
        return f"{_DASH}{self.name} {render_base64(self.key_id + self.data)}"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signature lines, in their order. Checked when built; proves nothing."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __post_init__(self) -> None:
        check_text(self.text)
        if not 1 <= len(self.signatures) <= MAXIMUM_SIGNATURES:
            raise NoteMalformed(f"a note has 1 to {MAXIMUM_SIGNATURES} signatures, not {len(self.signatures)}")
        if len(set(self.signatures)) != len(self.signatures):
            raise NoteMalformed("a note has the same signature line twice")

    @classmethod
    def parse(cls, data: bytes) -> Note:
        """The note of these bytes; raises ``NoteMalformed``."""
        if len(data) > MAXIMUM_NOTE_BYTES:
            raise NoteMalformed(f"a note of {len(data):,} bytes is longer than {MAXIMUM_NOTE_BYTES:,}")
        try:
            whole = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise NoteMalformed(f"byte {error.start} of the note is not valid UTF-8") from None
        at = whole.rfind("\n\n")
        if at < 0:
            raise NoteMalformed("the note has no empty line between text and signatures")
        text, lines = whole[: at + 1], whole[at + 2 :]
        if not lines.endswith("\n"):
            raise NoteMalformed("the note does not end in a newline after a signature line")
        count = lines.count("\n")
        if count > MAXIMUM_SIGNATURES:
            raise NoteMalformed(f"a note has 1 to {MAXIMUM_SIGNATURES} signatures, not {count}")
        return cls(text, tuple(NoteSignature.parse(line) for line in lines[:-1].split("\n")))

    def render(self) -> bytes:
        """The note's one byte string."""
        return f"{self.text}\n{''.join(line.render() + chr(10) for line in self.signatures)}".encode()

    def adding(self, *signatures: NoteSignature) -> Note:
        """The note with further signature lines at its end; one that it has already is not doubled."""
        return Note(self.text, tuple(dict.fromkeys((*self.signatures, *signatures))))


def check_text(text: str) -> str:
    """``text`` itself where it can be signed: ends in a newline, no other control characters; or ``NoteMalformed``."""
    if not text.endswith("\n"):
        raise NoteMalformed("the text of a note ends in a newline")
    if found := _CONTROL.search(text):
        raise NoteMalformed(f"the text of a note has the control character U+{ord(found.group()):04X}")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise NoteMalformed("the text of a note is not valid UTF-8") from None
    return text


class CheckpointMalformed(
    WrongForm, next_step="Check that this is the log's checkpoint, and take it again from where the log publishes it."
):
    """The text of a note is not that of a checkpoint."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Origin, tree size, root and extension lines. Checked when built; proves nothing."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size < NUMBER_LIMIT:
            raise CheckpointMalformed(f"a checkpoint's size is below 2^63, not {self.size}")
        if len(self.root) != HASH_SIZE:
            raise CheckpointMalformed(f"a checkpoint's root has {HASH_SIZE} bytes, not {len(self.root)}")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise CheckpointMalformed("a checkpoint of size 0 has a root other than that of the empty tree")
        for line in (self.origin, *self.extensions):
            if not line or "\n" in line:
                raise CheckpointMalformed("an origin or an extension line is empty or more than one line")
        try:
            check_text(self.render())
        except NoteMalformed as error:
            raise CheckpointMalformed(str(error)) from None

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """The checkpoint of a note's text; raises ``CheckpointMalformed``."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1]:
            raise CheckpointMalformed(f"{shown(text)} is not a checkpoint: it has fewer than three whole lines")
        try:
            return cls(lines[0], parse_decimal(lines[1]), parse_base64(lines[2], HASH_SIZE), tuple(lines[3:-1]))
        except TextMalformed as error:
            raise CheckpointMalformed(f"the checkpoint of {shown(lines[0])}: {error}") from None

    def render(self) -> str:
        """The note text."""
        return "".join(f"{line}\n" for line in (self.origin, self.size, render_base64(self.root), *self.extensions))


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A note whose text is a checkpoint. Proves nothing until verified."""

    checkpoint: Checkpoint
    note: Note

    def __post_init__(self) -> None:
        if self.checkpoint.render() != self.note.text:
            raise CheckpointMalformed("the note's text is not that of its checkpoint")

    @classmethod
    def parse(cls, data: bytes) -> SignedCheckpoint:
        """The signed checkpoint of these bytes; raises ``NoteMalformed`` or ``CheckpointMalformed``."""
        note = Note.parse(data)
        return cls(Checkpoint.parse(note.text), note)

    def render(self) -> bytes:
        """The note's one byte string."""
        return self.note.render()


TIME_SIZE = 8
#: Names and origins are length-prefixed by one byte in the message that ML-DSA-44 cosignatures cover.
_LONGEST_NAME = 255


class SignatureFails(
    EvidenceWrong,
    next_step="Do not rely on this checkpoint: its text or its signature was altered; ask the log for the original.",
):
    """A signature in the name of a known key was not made by that key over this text."""


class CosignatureFails(
    EvidenceWrong, next_step="Do not rely on this checkpoint: ask the witness named which checkpoints it has cosigned."
):
    """A cosignature in a known witness's name was not made over this checkpoint: altered, or taken from another."""


class NoKnownSignature(
    EvidenceWrong, next_step="Check that the key given is that of this log, and that this is the log you meant."
):
    """Nobody known has signed the note."""


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
    """What a cosignature of type 0x06 covers. Raises ``CheckpointMalformed`` for a name beyond 255 bytes."""
    parts = [b"subtree/v1\n\x00"]
    for text, number in ((name.encode(), time), (origin.encode(), start)):
        if len(text) > _LONGEST_NAME:
            raise CheckpointMalformed(f"{text[:20]!r}… is longer than the {_LONGEST_NAME} bytes that can be cosigned")
        parts += [bytes([len(text)]), text, number.to_bytes(8, "big")]
    return b"".join([*parts, end.to_bytes(8, "big"), root])
