"""The makers' tlog vectors (checkpoints with Ed25519 and ML-DSA-44, cosigned, and proofs), where they are."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from countersign.record.tlog.checkpoint import (
    Cosigner,
    NoteSignature,
    NoteSigner,
    SignedCheckpoint,
    ml_dsa_44_message,
    verify_note,
)
from countersign.record.tlog.encoding import KeyKind, VerifierKey
from countersign.record.tlog.merkle import InclusionFails, MemoryTree, leaf_hash, range_hash
from countersign.record.tlog.policy import Group, Policy, PolicyLog, PolicyWitness
from countersign.record.tlog.trust import LogProof, verify_proof


@pytest.fixture(scope="module")
def vectors(shared: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared / "vectors" / "tlog" / "vectors.json").read_text())
    return found


@pytest.fixture(scope="module")
def keys(vectors: dict[str, Any]) -> list[VerifierKey]:
    return [VerifierKey.parse(key["vkey"]) for key in vectors["keys"]]


def entry(number: int) -> bytes:
    return b"ledger vector entry %d" % number


def test_roots(vectors: dict[str, Any]) -> None:
    tree = MemoryTree(leaf_hash(entry(number)) for number in range(300))
    for size, root in vectors["roots"].items():
        assert base64.b64encode(tree.root(int(size))).decode() == root
    part = vectors["subtree"]
    assert base64.b64encode(range_hash(tree, part["start"], part["end"])).decode() == part["hash"]


def test_keys_render_as_they_are_written(vectors: dict[str, Any], keys: list[VerifierKey]) -> None:
    assert [key.render() for key in keys] == [key["vkey"] for key in vectors["keys"]]
    assert [int(key.kind) for key in keys] == [key["type"] for key in vectors["keys"]]


def test_every_checkpoint_verifies_under_all_its_keys(
    shared: Path, vectors: dict[str, Any], keys: list[VerifierKey]
) -> None:
    files = sorted((shared / "vectors" / "tlog").glob("checkpoint.*"))
    assert len(files) == 5
    for file in files:
        data = file.read_bytes()
        signed = SignedCheckpoint.parse(data)
        assert signed.render() == data
        assert signed.checkpoint.size == int(file.suffix[1:])
        assert base64.b64encode(signed.checkpoint.root).decode() == vectors["roots"][file.suffix[1:]]
        verified = verify_note(signed.note, keys)
        assert [found.key for found in verified.signatures] == keys
        assert all(found.time is None or found.time > 0 for found in verified.signatures)


def test_ed25519_lines_are_made_again_byte_for_byte(shared: Path, vectors: dict[str, Any]) -> None:
    signed = SignedCheckpoint.parse((shared / "vectors" / "tlog" / "checkpoint.7").read_bytes())
    lines = {(line.name, line.key_id): line for line in signed.note.signatures}
    for key in vectors["keys"]:
        if key["type"] == KeyKind.ML_DSA_44:
            continue
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key["seed"]))
        if key["type"] == KeyKind.ED25519:
            made = NoteSigner(key["name"], private).sign(signed.note.text)
        else:
            cosigner = Cosigner(key["name"], private)
            there = lines[key["name"], cosigner.key.key_id]
            made = cosigner.cosign(signed.checkpoint, int.from_bytes(there.data[:8], "big"))
        assert made == lines[made.name, made.key_id]


def test_the_message_of_an_ml_dsa_cosignature(vectors: dict[str, Any]) -> None:
    message = bytes.fromhex(vectors["cosigned_message_7"])
    time = int.from_bytes(message[23:31], "big")
    root = base64.b64decode(vectors["roots"]["7"])
    assert ml_dsa_44_message("w2.example", time, vectors["origin"], 0, 7, root) == message


def test_the_cosigned_subtree(vectors: dict[str, Any], keys: list[VerifierKey]) -> None:
    part = vectors["subtree"]
    line = NoteSignature.parse(part["line"].rstrip("\n"))
    key = next(key for key in keys if key.key_id == line.key_id)
    message = ml_dsa_44_message(
        key.name, part["ts"], vectors["origin"], part["start"], part["end"], base64.b64decode(part["hash"])
    )
    MLDSA44PublicKey.from_public_bytes(key.public_key).verify(line.data[8:], message)  # raises if it does not hold


def test_every_proof_verifies_under_a_policy_of_all_keys(shared: Path, keys: list[VerifierKey]) -> None:
    witnesses = tuple(PolicyWitness(key.name, key) for key in keys[2:])
    group = Group("all", 3, tuple(witness.name for witness in witnesses))
    policy = Policy(tuple(PolicyLog(key) for key in keys[:2]), witnesses, (group,), "all")
    files = sorted((shared / "vectors" / "tlog").glob("*.tlog-proof"))
    assert len(files) == 6
    for file in files:
        data = file.read_bytes()
        proof = LogProof.parse(data)
        assert proof.render() == data
        verified = verify_proof(proof, entry(proof.index), policy)
        assert f"{verified.index}-of-{verified.checkpoint.checkpoint.size}" == file.stem
        assert len(verified.checkpoint.cosignatures) == 3
        with pytest.raises(InclusionFails):
            verify_proof(proof, entry(proof.index + 1), policy)
