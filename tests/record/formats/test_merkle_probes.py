"""All probes of transparency-dev/merkle (testdata/, Apache-2.0), from the makers' shared folder: 518 in four kinds."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from countersign.record.tlog.merkle import (
    ConsistencyFails,
    InclusionFails,
    verify_consistency,
    verify_inclusion,
    verify_subtree_consistency,
    verify_subtree_inclusion,
)

COUNTS = {"inclusion": 98, "consistency": 98, "subtreeinclusion": 204, "subtreeconsistency": 118}


def data(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def run(kind: str, probe: dict[str, Any]) -> None:
    proof = [data(part) for part in probe["proof"] or []]
    if kind == "inclusion":
        verify_inclusion(data(probe["leafHash"]), probe["leafIdx"], probe["treeSize"], proof, data(probe["root"]))
    elif kind == "subtreeinclusion":
        verify_subtree_inclusion(
            data(probe["leafHash"]), probe["leafIdx"], probe["start"], probe["end"], proof, data(probe["root"])
        )
    elif kind == "consistency":
        verify_consistency(probe["size1"], probe["size2"], proof, data(probe["root1"]), data(probe["root2"]))
    else:
        verify_subtree_consistency(
            probe["start"], probe["end"], probe["size"], proof, data(probe["root1"]), data(probe["root2"])
        )


@pytest.mark.parametrize("kind", list(COUNTS))
def test_every_probe_is_judged_as_its_makers_say(shared: Path, kind: str) -> None:
    files = sorted((shared / "vectors" / "merkle" / kind).rglob("*.json"))
    assert len(files) == COUNTS[kind]
    for file in files:
        probe = json.loads(file.read_text())
        if probe["wantErr"]:
            with pytest.raises((InclusionFails, ConsistencyFails)):
                run(kind, probe)
        else:
            run(kind, probe)
