"""A log, a keeper of its files, or someone between, that lies: each attack is caught and has a name of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from countersign.errors import CountersignError
from countersign.record.tlog.checkpoint import Cosigner, Note, NoteSignature, SignedCheckpoint, sign_checkpoint
from countersign.record.tlog.merkle import consistency_proof, verify_consistency
from countersign.record.tlog.tilereader import TileReader, audit_log
from countersign.record.tlog.tiles import render_bundle
from countersign.record.tlog.trust import LogProof, verify_checkpoint, verify_growth_in_tiles, verify_proof

if TYPE_CHECKING:
    MemoryLog = Any

Maker = Callable[..., "MemoryLog"]


def split_view_of_one_size(log: MemoryLog, other: MemoryLog) -> object:
    mine, others = verify_checkpoint(log.head(), log.policy(2)), verify_checkpoint(other.head(), log.policy(2))
    return verify_growth_in_tiles(mine, others, other.source)


def split_view_grown(log: MemoryLog, other: MemoryLog) -> object:
    old = verify_checkpoint(log.head(), log.policy(2))
    other.grow([b"more"] * 50)
    return verify_growth_in_tiles(old, verify_checkpoint(other.head(), log.policy(2)), other.source)


def rollback(log: MemoryLog, other: MemoryLog) -> object:
    now, before = verify_checkpoint(log.head(), log.policy(2)), verify_checkpoint(log.head(200), log.policy(2))
    return verify_growth_in_tiles(now, before, log.source)


def another_log_in_its_place(log: MemoryLog, other: MemoryLog) -> object:
    stranger = type(log)("stranger.example/1").grow(log.entries)
    return verify_checkpoint(stranger.head(), log.policy())


def altered_checkpoint(log: MemoryLog, other: MemoryLog) -> object:
    head = log.head()
    altered = Note(head.note.text.replace("300", "301"), head.note.signatures)
    return verify_checkpoint(SignedCheckpoint.parse(altered.render()), log.policy())


def signed_by_a_stranger(log: MemoryLog, other: MemoryLog) -> object:
    log.witnesses = []
    stranger = type(log.signer)(log.signer.name, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    return verify_checkpoint(sign_checkpoint(log.checkpoint(), stranger), log.policy())


def cosigned_but_not_signed_by_the_log(log: MemoryLog, other: MemoryLog) -> object:
    head = log.head()
    return verify_checkpoint(
        SignedCheckpoint(head.checkpoint, Note(head.note.text, head.note.signatures[1:])), log.policy(2)
    )


def too_few_witnesses(log: MemoryLog, other: MemoryLog) -> object:
    policy = log.policy(2)
    log.witnesses = log.witnesses[:1]
    return verify_checkpoint(log.head(), policy)


def one_witness_counted_twice(log: MemoryLog, other: MemoryLog) -> object:
    policy = log.policy(2)
    head, witness = log.head(), log.witnesses[0]
    note = Note(head.note.text, head.note.signatures[:2]).adding(witness.cosign(head.checkpoint, 5))
    return verify_checkpoint(SignedCheckpoint(head.checkpoint, note), policy)


def wrong_witness(log: MemoryLog, other: MemoryLog) -> object:
    policy = log.policy(2)
    log.witnesses[1] = Cosigner(log.witnesses[1].name, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    return verify_checkpoint(log.head(), policy)


def wrong_witness_under_the_right_key_id(log: MemoryLog, other: MemoryLog) -> object:
    head, witness = log.head(), log.witnesses[1]
    impostor = Cosigner(witness.name, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    forged = NoteSignature(witness.name, witness.key.key_id, impostor.cosign(head.checkpoint, 5).data)
    note = Note(head.note.text, head.note.signatures[:2]).adding(forged)
    return verify_checkpoint(SignedCheckpoint(head.checkpoint, note), log.policy(2))


def replayed_cosignature(log: MemoryLog, other: MemoryLog) -> object:
    earlier, now = log.head(200), sign_checkpoint(log.checkpoint(), log.signer)
    note = now.note.adding(*earlier.note.signatures[1:])
    return verify_checkpoint(SignedCheckpoint(now.checkpoint, note), log.policy(2))


def cosignature_of_the_other_history(log: MemoryLog, other: MemoryLog) -> object:
    now = sign_checkpoint(other.checkpoint(), other.signer)
    note = now.note.adding(*log.head().note.signatures[1:])
    return verify_checkpoint(SignedCheckpoint(now.checkpoint, note), log.policy(2))


def spliced_proof_of_another_entry(log: MemoryLog, other: MemoryLog) -> object:
    return verify_proof(log.proof(7), log.entries[8], log.policy(2))


def spliced_proof_onto_another_checkpoint(log: MemoryLog, other: MemoryLog) -> object:
    proof = log.proof(7)
    return verify_proof(LogProof(7, proof.hashes, log.head(200)), log.entries[7], log.policy(2))


def spliced_proof_onto_the_other_history(log: MemoryLog, other: MemoryLog) -> object:
    proof = other.proof(290)
    return verify_proof(LogProof(290, proof.hashes, log.head()), other.entries[290], log.policy(2))


def spliced_consistency_proof(log: MemoryLog, other: MemoryLog) -> object:
    old, new = (verify_checkpoint(log.head(size), log.policy(2)).checkpoint for size in (200, 300))
    verify_consistency(200, 300, consistency_proof(log.tree, 199, 300), old.root, new.root)
    return None


def altered_tile(log: MemoryLog, other: MemoryLog) -> object:
    log.files["tile/0/000"] = bytes(32) + log.files["tile/0/000"][32:]
    return TileReader(log.source, 300, log.tree.root()).entry(9)


def tile_of_the_other_history(log: MemoryLog, other: MemoryLog) -> object:
    return TileReader(other.source, 300, log.tree.root())


def truncated_tile(log: MemoryLog, other: MemoryLog) -> object:
    log.files["tile/0/000"] = log.files["tile/0/000"][:-32]
    return TileReader(log.source, 300, log.tree.root()).entry(9)


def truncated_bundle(log: MemoryLog, other: MemoryLog) -> object:
    log.files["tile/entries/000"] = log.files["tile/entries/000"][:-1]
    return audit_log(log.source, 300, log.tree.root())


def missing_tile(log: MemoryLog, other: MemoryLog) -> object:
    del log.files["tile/0/000"]
    return TileReader(log.source, 300, log.tree.root()).entry(9)


def altered_entry(log: MemoryLog, other: MemoryLog) -> object:
    log.files["tile/entries/001.p/44"] = render_bundle(other.entries[256:])
    return TileReader(log.source, 300, log.tree.root()).entry(290)


def reordered_entries(log: MemoryLog, other: MemoryLog) -> object:
    entries = log.entries[:256]
    entries[10], entries[11] = entries[11], entries[10]
    log.files["tile/entries/000"] = render_bundle(entries)
    return audit_log(log.source, 300, log.tree.root())


ATTACKS: list[tuple[Callable[[MemoryLog, MemoryLog], object], str]] = [
    (split_view_of_one_size, "split-view"),
    (split_view_grown, "split-view"),
    (rollback, "rollback"),
    (another_log_in_its_place, "unknown-log"),
    (altered_checkpoint, "signature-fails"),
    (signed_by_a_stranger, "no-known-signature"),
    (cosigned_but_not_signed_by_the_log, "no-known-signature"),
    (too_few_witnesses, "quorum-not-met"),
    (one_witness_counted_twice, "quorum-not-met"),
    (wrong_witness, "wrong-witness"),
    (wrong_witness_under_the_right_key_id, "cosignature-fails"),
    (replayed_cosignature, "cosignature-fails"),
    (cosignature_of_the_other_history, "cosignature-fails"),
    (spliced_proof_of_another_entry, "inclusion-fails"),
    (spliced_proof_onto_another_checkpoint, "inclusion-fails"),
    (spliced_proof_onto_the_other_history, "inclusion-fails"),
    (spliced_consistency_proof, "consistency-fails"),
    (altered_tile, "tile-altered"),
    (tile_of_the_other_history, "tile-altered"),
    (truncated_tile, "tile-malformed"),
    (truncated_bundle, "tile-malformed"),
    (missing_tile, "tile-missing"),
    (altered_entry, "entry-altered"),
    (reordered_entries, "entry-altered"),
]


@pytest.mark.parametrize(("attack", "code"), ATTACKS, ids=[attack.__name__ for attack, _ in ATTACKS])
def test_an_attack_is_caught_and_named(
    attack: Callable[[MemoryLog, MemoryLog], object], code: str, new_log: Maker
) -> None:
    log = new_log(300, witnesses=2)
    other = log.fork(280).grow(b"another entry %d" % number for number in range(20))
    with pytest.raises(CountersignError) as caught:
        attack(log, other)
    assert caught.value.code == code


def test_the_same_without_an_attack_is_taken(new_log: Maker) -> None:
    log = new_log(300, witnesses=2)
    old, new = (verify_checkpoint(log.head(size), log.policy(2)) for size in (200, 300))
    verify_consistency(200, 300, consistency_proof(log.tree, 200, 300), old.checkpoint.root, new.checkpoint.root)
    assert verify_growth_in_tiles(old, new, log.source).old is old
    assert verify_growth_in_tiles(new, new, log.source).new is new
    empty = verify_checkpoint(log.head(0), log.policy(2))
    assert verify_growth_in_tiles(empty, new, log.source).old is empty
    assert [found.name for found in new.cosignatures] == ["outside-1", "outside-2"]
    assert len(new.log_signatures) == 1
    assert verify_proof(log.proof(7), log.entries[7], log.policy(2)).entry == b"entry 7"
    assert TileReader(log.source, 300, log.tree.root()).entry(290) == b"entry 290"


def test_without_a_quorum_the_logs_key_stands_alone_and_that_shows(new_log: Maker) -> None:
    alone = verify_checkpoint(new_log(3).head(), new_log(3).policy())
    assert alone.cosignatures == ()


@pytest.mark.slow
def test_every_bit_flipped_in_a_proof_is_caught(new_log: Maker) -> None:
    log = new_log(11, witnesses=2)
    policy, good = log.policy(2), log.proof(7).render()
    assert verify_proof(LogProof.parse(good), log.entries[7], policy).index == 7
    for bit in range(len(good) * 8):
        altered = bytearray(good)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CountersignError):
            verify_proof(LogProof.parse(bytes(altered)), log.entries[7], policy)
