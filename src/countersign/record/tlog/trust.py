"""What may be believed of a checkpoint under a policy, of two checkpoints of one log, and of an entry with its proof.

A checkpoint is taken if a key of the policy for its origin has signed it and the policy's quorum has cosigned it; a
signature of a known key that fails rejects it (C2SP tlog-policy, signed-note). A log may only grow: a smaller size is a
rollback, one size with two roots a split view. Verifying shows that nothing was altered since it was signed, not that
it is true.

A proof file (C2SP tlog-proof) has the lines ``c2sp.org/tlog-proof@v1``; perhaps ``extra`` and base64, which nothing
signs; ``index`` and the entry's number; the hashes of the inclusion proof, the leaf's sibling first; an empty line; the
signed checkpoint. With the entry, the proof and a policy nothing else is needed, and no network.

>>> from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
>>> from countersign.record.tlog.checkpoint import NoteSigner, sign_checkpoint
>>> from countersign.record.tlog.policy import PolicyLog
>>> log = NoteSigner("log.example/1", Ed25519PrivateKey.from_private_bytes(bytes(32)))
>>> policy = Policy((PolicyLog(log.key),), (), (), "none")
>>> signed = sign_checkpoint(Checkpoint("log.example/1", 1, leaf_hash(b"entry")), log)
>>> verified = verify_checkpoint(signed, policy)
>>> verified.checkpoint.size, verified.cosignatures
(1, ())
>>> proof = LogProof(0, (), signed)
>>> LogProof.parse(proof.render()) == proof, verify_proof(proof, b"entry", policy).index
(True, 0)
"""

from __future__ import annotations

from dataclasses import dataclass

from countersign.errors import EvidenceWrong, WrongForm
from countersign.record.tlog.checkpoint import (
    MAXIMUM_NOTE_BYTES,
    Checkpoint,
    NoKnownSignature,
    Note,
    SignedCheckpoint,
    VerifiedSignature,
    verify_note,
)
from countersign.record.tlog.encoding import (
    NUMBER_LIMIT,
    TextMalformed,
    parse_base64,
    parse_decimal,
    render_base64,
    shown,
)
from countersign.record.tlog.merkle import HASH_SIZE, SEAL, Verified, leaf_hash, range_hash, verify_inclusion
from countersign.record.tlog.policy import Policy, QuorumNotMet
from countersign.record.tlog.tilereader import TileReader
from countersign.record.tlog.tiles import TileSource


class UnknownLog(
    EvidenceWrong,
    next_step="Check that this is the log you meant; if it is, add its key, from a place you trust, to the policy.",
):
    """A checkpoint's origin is none of the logs that the policy knows."""


class WrongWitness(
    QuorumNotMet, next_step="Ask the witness named whether it has a new key; otherwise someone else signs in its name."
):
    """The quorum is not met, and a signature uses a known witness's name with another key."""


class Rollback(
    EvidenceWrong, next_step="Keep both checkpoints, and tell the log's keeper and its witnesses: a log may only grow."
):
    """A log shows a smaller tree than it has shown before."""


class SplitView(
    EvidenceWrong,
    next_step="Keep both checkpoints: together they prove that the log showed two histories; publish them.",
):
    """A log has signed two histories."""


@dataclass(frozen=True, slots=True)
class VerifiedCosignature(Verified):
    """The policy's witness ``name`` has cosigned; ``time`` in POSIX seconds, 0 where it states none."""

    name: str
    signature: VerifiedSignature
    time: int


@dataclass(frozen=True, slots=True)
class VerifiedCheckpoint(Verified):
    """A checkpoint signed by its log and cosigned by the quorum, with all cosignatures of known witnesses."""

    checkpoint: Checkpoint
    note: Note
    log_signatures: tuple[VerifiedSignature, ...]
    cosignatures: tuple[VerifiedCosignature, ...]


@dataclass(frozen=True, slots=True)
class VerifiedGrowth(Verified):
    """The log that ``old`` is the head of has only grown up to ``new``."""

    old: VerifiedCheckpoint
    new: VerifiedCheckpoint


def verify_checkpoint(signed: SignedCheckpoint, policy: Policy) -> VerifiedCheckpoint:
    """The checkpoint is signed by a log of the policy and cosigned by its quorum. Raises ``UnknownLog``,
    ``SignatureFails``, ``CosignatureFails``, ``NoKnownSignature``, ``QuorumNotMet`` or ``WrongWitness``."""
    origin = signed.checkpoint.origin
    log_keys = {log.key for log in policy.logs if log.key.name == origin}
    if not log_keys:
        raise UnknownLog(f"the log {origin} is none of those that the policy knows")
    names = {witness.key: witness.name for witness in policy.witnesses}
    verified = verify_note(signed.note, [*log_keys, *names])
    log_signatures = tuple(signature for signature in verified.signatures if signature.key in log_keys)
    if not log_signatures:
        raise NoKnownSignature(f"the checkpoint of {origin} is not signed by the log's key")
    cosignatures = tuple(
        VerifiedCosignature(SEAL, names[signature.key], signature, signature.time or 0)
        for signature in verified.signatures
        if signature.key in names
    )
    try:
        policy.require_quorum({cosignature.name for cosignature in cosignatures})
    except QuorumNotMet as error:
        known = {(key.name, key.key_id) for key in (*log_keys, *names)}
        witness_names = {key.name for key in names}
        for line in signed.note.signatures:
            if line.name in witness_names and (line.name, line.key_id) not in known:
                raise WrongWitness(f"{error}; a signature in the name of {line.name} is by another key") from None
        raise
    return VerifiedCheckpoint(SEAL, signed.checkpoint, signed.note, log_signatures, cosignatures)


def verify_growth_in_tiles(old: VerifiedCheckpoint, new: VerifiedCheckpoint, source: TileSource) -> VerifiedGrowth:
    """The log has only grown from ``old`` to ``new``, by the tiles of ``new``: its first entries have the root of
    ``old``. Here a failure is the log's own doing, both roots being signed: raises ``SplitView``; also ``UnknownLog``,
    ``Rollback``, and for files that do not belong to ``new`` ``TileMissing``, ``TileMalformed`` or ``TileAltered``."""
    first, second = _same_log(old, new)
    if 0 < first.size < second.size:
        found = range_hash(TileReader(source, second.size, second.root), 0, first.size)
        if found != first.root:
            raise SplitView(
                f"{first.origin}: at {first.size} entries it signed the root {first.root.hex()}, but the tree of "
                f"{second.size} that it signed too begins with {found.hex()}"
            )
    return VerifiedGrowth(SEAL, old, new)


def _same_log(old: VerifiedCheckpoint, new: VerifiedCheckpoint) -> tuple[Checkpoint, Checkpoint]:
    first, second = old.checkpoint, new.checkpoint
    if first.origin != second.origin:
        raise UnknownLog(f"{first.origin} and {second.origin} are two logs")
    if second.size < first.size:
        raise Rollback(f"{first.origin}: {second.size} entries are shown, but {first.size} have been seen")
    if second.size == first.size and second.root != first.root:
        raise SplitView(f"{first.origin}: two roots are signed for {first.size} entries")
    return first, second


HEADER = "c2sp.org/tlog-proof@v1"
MAXIMUM_HASHES = 63
#: A note, 63 hashes and some extra data.
MAXIMUM_PROOF_BYTES = 2 * MAXIMUM_NOTE_BYTES


class ProofMalformed(
    WrongForm, next_step="Ask for the proof again from the body that gave it, without opening it in an editor."
):
    """A proof file is not in its one valid form."""


@dataclass(frozen=True, slots=True)
class LogProof:
    """An entry's number, the hashes from its sibling up, the signed checkpoint, and extra data. Proves nothing yet."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: SignedCheckpoint
    extra: bytes = b""

    def __post_init__(self) -> None:
        if not 0 <= self.index < NUMBER_LIMIT:
            raise ProofMalformed(f"an index is below 2^63, not {self.index}")
        if len(self.hashes) > MAXIMUM_HASHES or any(len(part) != HASH_SIZE for part in self.hashes):
            raise ProofMalformed(f"a proof has at most {MAXIMUM_HASHES} hashes of {HASH_SIZE} bytes")

    @classmethod
    def parse(cls, data: bytes) -> LogProof:
        """The proof of a file's bytes; raises ``ProofMalformed``, ``NoteMalformed`` or ``CheckpointMalformed``."""
        if len(data) > MAXIMUM_PROOF_BYTES:
            raise ProofMalformed(f"a proof of {len(data):,} bytes is longer than {MAXIMUM_PROOF_BYTES:,}")
        head, empty, note = data.partition(b"\n\n")
        if not empty:
            raise ProofMalformed("the proof has no empty line before its checkpoint")
        try:
            lines = head.decode("ascii").split("\n")
            if lines.pop(0) != HEADER:
                raise ProofMalformed(f"the first line is not {HEADER}")
            extra = b""
            if lines and lines[0].startswith("extra "):
                extra = parse_base64(lines.pop(0).removeprefix("extra "))
                if not extra:
                    raise ProofMalformed("the extra line is empty; it is to be left out then")
            if not lines or not lines[0].startswith("index "):
                raise ProofMalformed("there is no index line where it should be")
            index = parse_decimal(lines.pop(0).removeprefix("index "))
            if len(lines) > MAXIMUM_HASHES:
                raise ProofMalformed(f"there are {len(lines)} hashes, more than {MAXIMUM_HASHES}")
            hashes = tuple(parse_base64(line, HASH_SIZE) for line in lines)
        except UnicodeDecodeError as error:
            raise ProofMalformed(f"byte {error.start} of the proof is not ASCII: {shown(repr(head[:40]))}") from None
        except TextMalformed as error:
            raise ProofMalformed(str(error)) from None
        return cls(index, hashes, SignedCheckpoint.parse(note), extra)

    def render(self) -> bytes:
        """The proof's one byte string."""
        lines = [HEADER]
        if self.extra:
            lines.append(f"extra {render_base64(self.extra)}")
        lines += [f"index {self.index}", *map(render_base64, self.hashes), "", ""]
        return "\n".join(lines).encode("ascii") + self.checkpoint.render()


@dataclass(frozen=True, slots=True)
class VerifiedEntry(Verified):
    """This entry is number ``index`` of the log under ``checkpoint``, which holds all the policy asks."""

    entry: bytes
    index: int
    checkpoint: VerifiedCheckpoint


def verify_proof(proof: LogProof, entry: bytes, policy: Policy) -> VerifiedEntry:
    """``entry`` is in the log as the proof says. Raises as ``verify_checkpoint``, and ``InclusionFails``."""
    verified = verify_checkpoint(proof.checkpoint, policy)
    head = verified.checkpoint
    verify_inclusion(leaf_hash(entry), proof.index, head.size, proof.hashes, head.root)
    return VerifiedEntry(SEAL, entry, proof.index, verified)
