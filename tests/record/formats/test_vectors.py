"""The project's own vectors, one file for each format; ``tools/record_vectors.py`` makes them."""

from __future__ import annotations

import base64
import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from countersign.errors import CountersignError
from countersign.record.keeping.keyfile import open_key
from countersign.record.tlog.checkpoint import Checkpoint, Note, SignedCheckpoint, verify_note
from countersign.record.tlog.encoding import VerifierKey, load_public_key, parse_base64, parse_decimal
from countersign.record.tlog.merkle import leaf_hash, verify_consistency, verify_inclusion, verify_subtree_consistency
from countersign.record.tlog.policy import Policy
from countersign.record.tlog.tiles import parse_bundle, render_bundle
from countersign.record.tlog.trust import LogProof, verify_checkpoint, verify_proof

HERE = Path(__file__).parents[1] / "vectors"
TOOL = Path(__file__).resolve().parents[3] / "tools" / "record_vectors.py"


def load(name: str) -> Any:
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def refuses(cases: list[dict[str, str]], parse: Callable[[bytes], object]) -> None:
    assert cases
    for case in cases:
        with pytest.raises(CountersignError) as caught:
            parse(base64.b64decode(case["base64"]))
        assert caught.value.code == case["code"], case["why"]


def unpacked(parts: list[str]) -> list[bytes]:
    return [base64.b64decode(part) for part in parts]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("record_vectors", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["record_vectors"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_the_committed_vectors_are_those_the_script_makes(tool: ModuleType, tmp_path: Path) -> None:
    made = tool.all_vectors(tmp_path)
    assert sorted(made) == sorted(path.name for path in HERE.glob("*.json"))
    for name, text in made.items():
        assert (HERE / name).read_text(encoding="utf-8") == text, f"{name} differs: run tools/record_vectors.py"


def test_texts() -> None:
    vectors = load("texts")
    for text in vectors["numbers"]["taken"]:
        assert str(parse_decimal(text)) == text
    for text, data in vectors["base64"]["taken"].items():
        assert parse_base64(text).hex() == data
    for parse, refused in (
        (parse_decimal, vectors["numbers"]["refused"]),
        (parse_base64, vectors["base64"]["refused"]),
    ):
        for text in refused:
            with pytest.raises(CountersignError) as caught:
                parse(text)
            assert caught.value.code in vectors["codes"]


def test_merkle() -> None:
    vectors = load("merkle")
    roots = {int(size): base64.b64decode(root) for size, root in vectors["roots"].items()}
    for case in vectors["inclusion"]:
        leaf = leaf_hash(vectors["entry"].encode() % case["index"])
        verify_inclusion(leaf, case["index"], case["size"], unpacked(case["proof"]), roots[case["size"]])
    for case in vectors["consistency"]:
        old, new = case["old"], case["new"]
        verify_consistency(old, new, unpacked(case["proof"]), roots[old], roots[new])
    for case in vectors["subtree"]:
        start, end, size = case["start"], case["end"], case["size"]
        part = base64.b64decode(case["root"])
        verify_subtree_consistency(start, end, size, unpacked(case["proof"]), part, roots[size])


def test_keys() -> None:
    vectors = load("keys")
    for case in vectors["taken"]:
        key = VerifierKey.parse(case["text"])
        assert (key.name, key.kind, key.key_id.hex()) == (case["name"], case["type"], case["id"])
        assert key.render() == case["text"]
    refuses(vectors["refused"], lambda data: VerifierKey.parse(data.decode()))
    for case in vectors["public keys refused"]:
        with pytest.raises(CountersignError) as caught:
            load_public_key(bytes.fromhex(case["hex"]))
        assert caught.value.code == case["code"], case["why"]


def test_notes() -> None:
    vectors = load("notes")
    keys = [VerifierKey.parse(case["text"]) for case in load("keys")["taken"]]
    for text in vectors["taken"].values():
        data = base64.b64decode(text)
        assert Note.parse(data).render() == data
        assert verify_note(Note.parse(data), keys).signatures
    refuses(vectors["refused"], Note.parse)
    refuses(vectors["not verified"], lambda data: verify_note(Note.parse(data), keys))


def test_checkpoints() -> None:
    vectors = load("checkpoints")
    keys = [VerifierKey.parse(case["text"]) for case in load("keys")["taken"]]
    roots = load("merkle")["roots"]
    for size, text in vectors["signed"].items():
        signed = SignedCheckpoint.parse(text.encode())
        assert signed.render().decode() == text
        assert signed.checkpoint.size == int(size)
        assert signed.checkpoint.root == base64.b64decode(roots[size])
        verified = verify_note(signed.note, keys)
        assert [found.time for found in verified.signatures] == [
            None,
            vectors["time"] + 1,
            vectors["time"] + 2,
            vectors["time"],
        ]
    assert Checkpoint.parse(vectors["with extensions"]).render() == vectors["with extensions"]
    refuses(vectors["refused"], lambda data: Checkpoint.parse(data.decode()))


def test_policies() -> None:
    vectors = load("policies")
    signed = SignedCheckpoint.parse(load("checkpoints")["signed"]["7"].encode())
    for why, text in vectors["taken"].items():
        policy = Policy.parse(text.encode())
        assert policy.render().decode() == text
        found = [cosignature.name for cosignature in verify_checkpoint(signed, policy).cosignatures]
        assert found == vectors["cosigned at 7"][why]
    for case in vectors["taken, not in the plainest form"].values():
        plainest = base64.b64decode(case["plainest"])
        assert Policy.parse(base64.b64decode(case["base64"])) == Policy.parse(plainest)
        assert Policy.parse(plainest).render() == plainest
    refuses(vectors["refused"], Policy.parse)


def test_proofs() -> None:
    vectors = load("proofs")
    policy = Policy.parse(load("policies")["taken"]["no quorum asked"].encode())
    entry = load("merkle")["entry"].encode()
    for case in vectors["taken"]:
        proof = LogProof.parse(case["text"].encode())
        assert proof.render().decode() == case["text"]
        verified = verify_proof(proof, entry % case["index"], policy)
        assert (verified.index, verified.checkpoint.checkpoint.size) == (case["index"], case["size"])
    refuses(vectors["refused"], LogProof.parse)
    refuses(vectors["not verified, for entry 5"], lambda data: verify_proof(LogProof.parse(data), entry % 5, policy))


def test_tiles() -> None:
    from hashlib import sha256

    from countersign.record.tlog.tiles import TileBuilder

    vectors = load("tiles")
    entry = load("merkle")["entry"].encode()
    for size, case in vectors["logs"].items():
        if int(size) > 300:
            continue  # the slow test makes them all again
        builder = TileBuilder()
        files = builder.extend(entry % number for number in range(int(size))) | builder.partial_files()
        assert {path: sha256(data).hexdigest() for path, data in files.items()} == case["sha256"]
        assert base64.b64encode(builder.root()).decode() == case["root"]
    bundle = base64.b64decode(vectors["bundle of 3"])
    assert render_bundle(parse_bundle(bundle, 3)) == bundle
    refuses(vectors["refused as a bundle of 3"], lambda data: parse_bundle(data, 3))


def test_witness(tmp_path: Path, tool: ModuleType) -> None:
    from countersign.record.outside.witness import Witness
    from countersign.record.outside.witness_server import WitnessStore
    from countersign.record.tlog.checkpoint import Cosigner

    vectors = load("witness")
    cosigner: Cosigner = tool.WITNESSES[0]
    assert cosigner.key.render() == vectors["witness"]
    store = WitnessStore.create(tmp_path / "witness.db")
    witness = Witness(cosigner, [VerifierKey.parse(vectors["log"])], store, lambda: vectors["time"])
    for step in vectors["in order"]:
        answer = witness.answer(base64.b64decode(step["request"]))
        assert (answer.status, answer.content_type, answer.body.decode()) == (
            step["status"],
            step["type"],
            step["body"],
        ), step["why"]
    store.close()
    assert {step["status"] for step in vectors["in order"]} == {200, 400, 403, 404, 409, 422}


def test_keyfiles() -> None:
    vectors = load("keyfiles")
    passphrase = vectors["passphrase"].encode()
    assert open_key(vectors["taken"].encode(), passphrase).secret.private_bytes_raw().hex() == vectors["seed"]
    refuses(vectors["refused"], lambda data: open_key(data, passphrase))
