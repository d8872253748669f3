"""What may be believed of a checkpoint under a policy, and of two checkpoints of one log.

A checkpoint is taken if one of the policy's keys for its origin has signed it and the policy's quorum of witnesses has
cosigned it; a signature or cosignature of a known key that fails rejects it (C2SP tlog-policy, signed-note). A log
may only grow: a smaller size is a rollback, one size with two roots a split view, and between two sizes there must be
a consistency proof. What is verified is that nothing was altered since it was signed and cosigned; nothing is said on
whether it is true.

>>> from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
>>> from countersign.record.tlog.checkpoint import Checkpoint
>>> from countersign.record.tlog.cosignature import NoteSigner, sign_checkpoint
>>> from countersign.record.tlog.merkle import EMPTY_ROOT
>>> from countersign.record.tlog.policy import PolicyLog
>>> log = NoteSigner("log.example/1", Ed25519PrivateKey.from_private_bytes(bytes(32)))
>>> policy = Policy((PolicyLog(log.key),), (), (), "none")
>>> verified = verify_checkpoint(sign_checkpoint(Checkpoint("log.example/1", 0, EMPTY_ROOT), log), policy)
>>> verified.checkpoint.size, verified.cosignatures
(0, ())
"""

from __future__ import annotations

from dataclasses import dataclass

from countersign.errors import EvidenceWrong
from countersign.record.tlog.checkpoint import Checkpoint, Note, SignedCheckpoint
from countersign.record.tlog.cosignature import NoKnownSignature, VerifiedSignature, verify_note
from countersign.record.tlog.merkle import range_hash
from countersign.record.tlog.policy import Policy, QuorumNotMet
from countersign.record.tlog.tilereader import TileReader
from countersign.record.tlog.tiles import TileSource
from countersign.record.tlog.verified import SEAL, Verified


class UnknownLog(EvidenceWrong):
    """A checkpoint's origin is none of the logs that the policy knows."""

    code = "unknown-log"
    next_step = "Check that this is the log you meant; if it is, add its key, from a place you trust, to the policy."


class WrongWitness(QuorumNotMet):
    """The quorum is not met, and a signature uses a known witness's name with another key."""

    code = "wrong-witness"
    next_step = "Ask the witness named whether it has a new key; otherwise someone else signs in its name."


class Rollback(EvidenceWrong):
    """A log shows a smaller tree than it has shown before."""

    code = "rollback"
    next_step = "Keep both checkpoints, and tell the log's keeper and its witnesses: a log may only grow."


class SplitView(EvidenceWrong):
    """A log has signed two histories."""

    code = "split-view"
    next_step = "Keep both checkpoints: together they prove that the log showed two histories; publish them."


@dataclass(frozen=True, slots=True)
class VerifiedCosignature(Verified):
    """The policy's witness ``name`` has cosigned; ``time`` in POSIX seconds, 0 where it states none."""

    name: str
    signature: VerifiedSignature
    time: int


@dataclass(frozen=True, slots=True)
class VerifiedCheckpoint(Verified):
    """A checkpoint that holds all the policy asks: signed by its log, cosigned by the policy's quorum.

    ``cosignatures`` are those of all the policy's witnesses that are on it; none (under ``quorum none``) means that the
    log's own key stands alone for it.
    """

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
    """The checkpoint is signed by a log of the policy and cosigned by its quorum.

    Raises ``UnknownLog``, ``SignatureFails``, ``CosignatureFails``, ``NoKnownSignature``, ``QuorumNotMet`` or
    ``WrongWitness``.
    """
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
    ``old``.

    Here a failure is the log's own doing, both roots being signed: raises ``SplitView``; also ``UnknownLog``,
    ``Rollback``, and for files that do not belong to ``new`` ``TileMissing``, ``TileMalformed`` or ``TileAltered``.
    """
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
