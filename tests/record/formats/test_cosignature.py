from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

import countersign
from countersign.record.tlog.checkpoint import (
    Checkpoint,
    CheckpointMalformed,
    CosignatureFails,
    Cosigner,
    NoKnownSignature,
    Note,
    NoteSignature,
    NoteSigner,
    SignatureFails,
    VerifiedNote,
    ml_dsa_44_message,
    sign_checkpoint,
    verify_note,
    verify_signature,
)
from countersign.record.tlog.encoding import KeyKind, VerifierKey

SIGNER = NoteSigner("a.example", Ed25519PrivateKey.from_private_bytes(bytes(32)))
TEXT = "a text\n"


def test_a_note_of_a_known_signer_is_verified_and_says_so() -> None:
    verified = verify_note(Note(TEXT, (SIGNER.sign(TEXT),)), [SIGNER.key])
    assert (verified.text, verified.signatures[0].key, verified.signatures[0].time) == (TEXT, SIGNER.key, None)


def test_unknown_keys_are_ignored_even_with_the_name_or_the_id_of_a_known_one() -> None:
    same_name = NoteSigner("a.example", Ed25519PrivateKey.from_private_bytes(bytes([1] * 32)))
    same_id = NoteSignature("b.example", SIGNER.key.key_id, bytes(64))
    note = Note(TEXT, (same_name.sign(TEXT), same_id, SIGNER.sign(TEXT)))
    assert len(verify_note(note, [SIGNER.key]).signatures) == 1


def test_a_known_key_that_fails_rejects_the_note_whoever_else_has_signed() -> None:
    other = NoteSigner("b.example", Ed25519PrivateKey.from_private_bytes(bytes([1] * 32)))
    note = Note(TEXT, (SIGNER.sign(TEXT), other.sign("another text\n")))
    assert verify_note(note, [SIGNER.key]).signatures
    with pytest.raises(SignatureFails, match=r"b\.example"):
        verify_note(note, [SIGNER.key, other.key])


def test_nobody_known_is_refused() -> None:
    with pytest.raises(NoKnownSignature):
        verify_note(Note(TEXT, (SIGNER.sign(TEXT),)), [])


@pytest.mark.parametrize("cut", [0, 1, 8, 63])
def test_a_signature_of_another_length_fails(cut: int) -> None:
    good = SIGNER.sign(TEXT)
    with pytest.raises(SignatureFails):
        verify_signature(TEXT, NoteSignature(good.name, good.key_id, good.data[cut + 1 :] or b"x"), SIGNER.key)


def test_a_cosignature_holds_its_time_and_no_other() -> None:
    witness = Cosigner("w.example", Ed25519PrivateKey.from_private_bytes(bytes([2] * 32)))
    checkpoint = Checkpoint("a.example", 3, bytes(32))
    line = witness.cosign(checkpoint, 1_700_000_000)
    assert verify_signature(checkpoint.render(), line, witness.key).time == 1_700_000_000
    later = (1_700_000_001).to_bytes(8, "big") + line.data[8:]
    with pytest.raises(CosignatureFails):
        verify_signature(checkpoint.render(), NoteSignature(line.name, line.key_id, later), witness.key)
    beyond = (2**63).to_bytes(8, "big") + witness.private_key.sign(f"cosignature/v1\ntime {2**63}\n".encode())
    with pytest.raises(CosignatureFails):
        verify_signature(checkpoint.render(), NoteSignature(line.name, line.key_id, beyond), witness.key)


def test_a_log_signature_is_no_cosignature_and_the_other_way_round() -> None:
    secret = Ed25519PrivateKey.from_private_bytes(bytes([3] * 32))
    log, witness = NoteSigner("a.example", secret), Cosigner("a.example", secret)
    checkpoint = Checkpoint("a.example", 3, bytes(32))
    assert log.key.key_id != witness.key.key_id
    as_cosignature = NoteSignature("a.example", witness.key.key_id, bytes(8) + log.sign(checkpoint.render()).data)
    with pytest.raises(CosignatureFails):
        verify_signature(checkpoint.render(), as_cosignature, witness.key)


def test_an_ml_dsa_cosignature_covers_name_time_and_tree_but_no_extension() -> None:
    secret = MLDSA44PrivateKey.from_seed_bytes(bytes(32))
    key = VerifierKey("w.example", KeyKind.ML_DSA_44, secret.public_key().public_bytes_raw())
    assert VerifierKey.parse(key.render()) == key
    checkpoint = Checkpoint("a.example", 3, bytes(32), ("an extension",))
    message = ml_dsa_44_message("w.example", 7, "a.example", 0, 3, bytes(32))
    line = NoteSignature("w.example", key.key_id, (7).to_bytes(8, "big") + secret.sign(message))
    assert verify_signature(checkpoint.render(), line, key).time == 7
    assert verify_signature(Checkpoint("a.example", 3, bytes(32)).render(), line, key).time == 7
    for other in (Checkpoint("b.example", 3, bytes(32)), Checkpoint("a.example", 4, bytes(32))):
        with pytest.raises(CosignatureFails):
            verify_signature(other.render(), line, key)
    for data in (b"x", line.data[:-1], line.data + b"x", line.data[:8], bytes(2428)):
        with pytest.raises(CosignatureFails):
            verify_signature(checkpoint.render(), NoteSignature("w.example", key.key_id, data), key)
    with pytest.raises(CheckpointMalformed):
        verify_signature("not a checkpoint\n", line, key)
    with pytest.raises(CheckpointMalformed, match="255"):
        ml_dsa_44_message("w" * 256, 7, "a.example", 0, 3, bytes(32))


def test_a_log_signs_only_heads_of_its_own_without_extensions() -> None:
    for checkpoint in (Checkpoint("b.example", 3, bytes(32)), Checkpoint("a.example", 3, bytes(32), ("more",))):
        with pytest.raises(CheckpointMalformed):
            sign_checkpoint(checkpoint, SIGNER)


def test_private_keys_are_in_no_text_of_a_signer() -> None:
    assert "private_key" not in repr(SIGNER)
    assert "Ed25519PrivateKey" not in repr(Cosigner("w.example", SIGNER.private_key))


@pytest.mark.parametrize("seal", [None, object(), True])
def test_nobody_else_builds_a_verified_object(seal: object) -> None:
    with pytest.raises(TypeError, match="built by verifying"):
        VerifiedNote(seal, TEXT, ())


def test_a_verified_object_is_not_copied_with_changes_nor_pickled() -> None:
    import copy
    import dataclasses
    import pickle

    verified = verify_note(Note(TEXT, (SIGNER.sign(TEXT),)), [SIGNER.key])
    replace: Callable[..., object] = dataclasses.replace
    with pytest.raises((TypeError, ValueError)):
        replace(verified, text="another text\n")
    with pytest.raises(TypeError):
        pickle.dumps(verified)
    with pytest.raises(TypeError):
        copy.copy(verified)
    with pytest.raises(dataclasses.FrozenInstanceError):
        verified.text = "another text\n"  # type: ignore[misc]


def test_the_seal_is_in_no_hand_outside_the_record() -> None:
    root = Path(countersign.__file__).parent
    for file in root.rglob("*.py"):
        if root / "record" not in file.parents:
            words = re.findall(r"\w+", file.read_text(encoding="utf-8"))
            assert "SEAL" not in words, f"{file} could build what only verifying may build"
