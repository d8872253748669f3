"""Frozen: every released schema, one signed entry of every kind and version, and a bundle; all still read."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from countersign.record.bundle import parse_bundle, verify_bundle
from countersign.record.entries.commitment import check_item
from countersign.record.entries.entry import Entry, EntrySigner
from countersign.record.entries.keyring import EMPTY, OWN
from countersign.record.entries.retention import Accounts
from countersign.record.tlog.policy import Policy

HERE = Path(__file__).parent / "vectors" / "entries"
TOOL = Path(__file__).resolve().parents[2] / "tools" / "record_entry_vectors.py"
#: SHA-256 of each schema file as released. A line here never changes: a new version is a new file and a new line.
FROZEN = {
    "record.account-stated/1": "8a57c5b3057cfaf1b3ec07cbb8b2f417ab5937480709dc1c25c37c0b81121597",
    "record.erased/1": "d89f59a84ffd175cdfc54e0ac79e6f5cf55d8eaabfc38d1125a061ef969a4a1f",
    "record.finding-fixed/1": "bd711155f21fc4eb6f47ff7d055eb89bd16612a3362ab3ab159c70a655447f54",
    "record.held/1": "d70d60bc25303fff1749664f64e744645b12dcd0bbae80519cdba96c9b32ead6",
    "record.key-registered/1": "7abc7515141ca89f4b68ade39e0b4739489955aef4180b6cd43f8beedb7a2f0f",
    "record.key-revoked/1": "a69cc242fc23f72d4879d6a76cb7f73e68ef8011d73e219f5a2de1109a2bc89e",
    "record.key-rotated/1": "b3f68e1a2f9bd687705a8b9c3d3acf50f02c3ae11357f2bab5f2c944e7c5a810",
    "record.log-opened/1": "2269e70096b8f3a9a0b8a8ce7ef1c8d9da3f81621f538ed0a5e6bde1115f5067",
    "record.lost/1": "438b768d3ff3cc006e90380d100c85d785502cc2d0e25c0e9befb5c7f5605489",
    "record.openings-handed/1": "24162210c70ad6d2f263894c368a08103f99161b4e41a2ce65c3c29f70688385",
    "record.released/1": "a2af92df3fece23c0d79b9b562ad49c5e42576b73d8e68056c3891607ad2ca7a",
    "record.retention-rule/1": "cbb78b3838cb6928309aaa8c958f38f3a070e183fffbc460ec9dd8829fc1a8b2",
    "record.role-granted/1": "56f73ad1e0d052112bc5076e2b9b2ddfde90fa937f5f7b5bfa23ccc60c7b6e16",
    "record.role-withdrawn/1": "fcb3de771db6f15c9a6bde7a4df11514a2f24c68fe202f1ea5d3025d80932b68",
    "record.schema-adopted/1": "5ea93d1f32d2efe50c5633dd2d2c51ef38a821f9aa0d3f9713b06e8565339ef7",
}


@pytest.fixture
def vectors() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((HERE / "entries.json").read_text(encoding="utf-8"))
    return read


def test_released_schemas_have_not_changed_and_none_is_gone(vectors: dict[str, Any]) -> None:
    now = {schema.name: schema.digest for schema in OWN.known.values()}
    assert {name: now.get(name) for name in FROZEN} == FROZEN
    assert set(now) == set(FROZEN), "a new schema is frozen here with its digest"
    assert vectors["schemas"] == FROZEN


def test_every_kind_and_version_has_a_vector_that_still_reads(vectors: dict[str, Any]) -> None:
    keyring, accounts, seen = EMPTY, Accounts(), set()
    for index, text in enumerate(vectors["entries"]):
        entry = Entry.parse(text.encode())
        assert entry.render() == text.encode()
        keyring, verified = keyring.admit(entry, OWN)
        accounts.apply(index, verified.entry, OWN)
        seen.add(f"{entry.draft.kind}/{entry.draft.schema}")
    assert seen == set(FROZEN)
    assert accounts.violations == []
    assert [finding.reading for finding in accounts.findings()] == ["as found before erasure"]


def test_the_bundle_still_verifies_under_its_policy(vectors: dict[str, Any]) -> None:
    data = (HERE / "bundle.ndjson").read_bytes()
    text = f"log {vectors['log key']}\nwitness w {vectors['witness key']}\ngroup outside all w\nquorum outside\n"
    verified = verify_bundle(parse_bundle(data), Policy.parse(text.encode()))
    assert [one.name for one in verified.checkpoint.cosignatures] == ["w"]
    assert [verified.entries[n].entry.render().decode() for n in range(16)] == vectors["entries"]
    assert verified.openings[7, "case", 0].content == b"case 2"


@pytest.mark.parametrize("version", [1, 2])
def test_the_published_schema_names_the_fields_of_every_line(version: int) -> None:
    name = "record-bundle.schema.json" if version == 1 else "record-bundle-2.schema.json"
    page = Path(__file__).resolve().parents[2] / "docs" / "formats" / name
    published = json.loads(page.read_text(encoding="utf-8"))
    kinds = [set(one["properties"]) for one in published["oneOf"]]
    bundle = parse_bundle((HERE / "bundle.ndjson").read_bytes())
    if version == 2:
        bundle = bundle.signed(EntrySigner(Ed25519PrivateKey.from_private_bytes(bytes(32))))
    lines = [json.loads(line) for line in bundle.render().splitlines()]
    assert lines[0]["bundle"] == version
    order = [kinds.index(set(line)) for line in lines]
    assert order == sorted(order), "in the order of the schema"
    assert set(order) == set(range(len(kinds))), "each kind of line is in the vector"
    assert all(one["additionalProperties"] is False and set(one["required"]) == set(one["properties"])
               for one in published["oneOf"])  # fmt: skip


def test_the_set_opens_item_by_item(vectors: dict[str, Any]) -> None:
    given = vectors["set"]
    for number, content in enumerate(given["contents"]):
        proof = [bytes.fromhex(part) for part in given["proofs"][number]]
        opened = check_item(
            bytes.fromhex(given["root"]), given["count"], number, given["label"], given["version"], content.encode(),
            bytes.fromhex(given["openings"][number]), proof,
        )  # fmt: skip
        assert opened.content == content.encode()


def test_the_committed_vectors_are_those_the_script_makes() -> None:
    spec = importlib.util.spec_from_file_location("record_entry_vectors", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["record_entry_vectors"] = module
    try:
        spec.loader.exec_module(module)
        for name, data in module.all_vectors().items():
            assert (HERE / name).read_bytes() == data, f"{name} differs: run tools/record_entry_vectors.py"
    finally:
        del sys.modules["record_entry_vectors"]
