"""The declared limits: a signed statement of what a deployment may do, made before it, and the digest that binds it.

The document holds place, windows and cameras, the list by digest, the engine's version, the threshold's floor, error
ceilings and the stop rule, and a random nonce, so that its digest tells nobody the place. Its public part stands in
the entry; the document lies sealed until the notice. Its digest is the SHA-256 of its canonical JSON. It declares, and
events are later checked against it; it licenses nothing and drives no engine.

>>> digest_of({"v": 1})[:16]
'afbf9d0f3560b0fd'
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from countersign.deployments.kinds import SCHEMAS
from countersign.deployments.refusals import NotTheSame
from countersign.deployments.rules.opening import spans
from countersign.deployments.zone import Zone
from countersign.record.entries import canonical
from countersign.record.entries.canonical import Value

KIND = "authorise.limits"
LABEL = "document"
_PUBLIC = ("list", "list_digest", "list_size", "engine", "engine_version", "threshold_minimum", "ceilings", "stop_rule")


def digest_of(document: Value) -> str:
    """The digest of a limits document."""
    return sha256(canonical.render(document)).hexdigest()


def limits_document(deployment: str, nonce: bytes, place: Value, terms: Mapping[str, Value]) -> dict[str, Value]:
    """The document of a deployment (``force/deployment``) from a fresh 32-byte nonce, place and terms.

    ``terms`` are the public fields of ``authorise.limits`` without its digest. Raises ``FactsMalformed``,
    ``LeakRefused``, ``ZoneCrosses``, ``OutsideWindow`` or ``WindowsOverlap``.
    """
    document: dict[str, Value] = {
        "v": 1, "deployment": deployment, "nonce": nonce.hex(), "place": place, **terms,
    }  # fmt: skip
    check_document(document)
    return document


def check_document(document: Mapping[str, Any]) -> None:
    """Hold a document to its form, its zone and its windows. Raises as ``limits_document``."""
    SCHEMAS.latest(KIND).sealed[LABEL].check(dict(document), f"{KIND}: the document")
    Zone.of(document["place"]["zone"])
    spans(document["place"]["windows"], KIND)


def public_facts(document: Mapping[str, Any]) -> dict[str, Value]:
    """What of a document stands in the entry: its digest and all but place and nonce."""
    return {"digest": digest_of(dict(document)), **{name: document[name] for name in _PUBLIC}}


def check_notice_against(document: Mapping[str, Any], notice: Mapping[str, Any]) -> None:
    """Hold a notice (or an opening's place) to the place that was declared under seal. Raises ``NotTheSame``."""
    place = document["place"]
    for name in ("name", "area", "windows", "zone", "cameras", "unit"):
        if notice["place" if name == "name" else name] != place[name]:
            raise NotTheSame(f"the {name} made public is not the one in the declared limits")
