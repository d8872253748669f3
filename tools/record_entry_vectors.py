"""Make the vectors of entries: one signed entry of every kind and version, a bundle, and the schemas' digests.

``python tools/record_entry_vectors.py`` writes ``entries.json`` and ``bundle.ndjson`` in
``tests/record/vectors/entries`` from fixed seeds; run again it writes the same bytes. A schema that is in use never
changes: its digest stands there, and a test compares. A new version of a kind gets a new file and a new vector; the old
ones stay.
"""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from countersign.record.bundle import Bundle, BundledEntry, BundledOpening
from countersign.record.entries.commitment import SealedSet, commit
from countersign.record.entries.entry import Commitment, Draft, Entry, EntrySigner, Facts, sign_entry
from countersign.record.entries.keyring import OWN, opening_facts, prove_possession
from countersign.record.entries.schema import Schemas
from countersign.record.tlog.checkpoint import Checkpoint, Cosigner, NoteSigner, SignedCheckpoint, sign_checkpoint
from countersign.record.tlog.encoding import render_base64
from countersign.record.tlog.merkle import MemoryTree, inclusion_proof, leaf_hash

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "record" / "vectors" / "entries"
ORIGIN = "vectors.countersign.example/entries"
AT = "2026-03-01T09:00:00Z"
TIME = 1_772_355_900


def secret(name: str) -> Ed25519PrivateKey:
    """The secret of a test key: public, and for nothing else."""
    return Ed25519PrivateKey.from_private_bytes(sha256(b"countersign entry vectors, " + name.encode()).digest())


REGISTRAR, CUSTODIAN, SECOND, REVIEWER = (
    EntrySigner(secret(name)) for name in ("registrar", "custodian", "custodian-2", "reviewer")
)
CASES = [b"case %d" % number for number in range(3)]
OPENINGS = [sha256(b"opening %d" % number).digest() for number in range(3)]


def one(label: str, number: int) -> Commitment:
    """A commitment to one of the cases."""
    return Commitment(commit(label, 1, CASES[number], OPENINGS[number]))


def items(entry: int, label: str) -> Facts:
    """The one item of a commitment, as entries name it."""
    return {"entry": entry, "label": label, "ranges": [{"first": 0, "last": 0}]}


def entries() -> list[Entry]:
    """A lawful log with every kind in it, in order."""
    made: list[Entry] = []

    def add(kind: str, facts: Facts, role: str, signer: EntrySigner, **sealed: Commitment) -> None:
        draft = Draft(f"record.{kind}", 1, ORIGIN, "force-a", AT, role, "force", facts, sealed)
        draft.check(OWN)
        made.append(sign_entry(draft, signer))

    def key(signer: EntrySigner, *roles: str) -> Facts:
        return {"public_key": render_base64(signer.public_key), "roles": list(roles)}

    at_first = Schemas({name: schema for name, schema in OWN.known.items() if name[0] != "record.finding-fixed"})
    add("log-opened", opening_facts(REGISTRAR, at_first), "registrar", REGISTRAR)
    adopted = OWN.get("record.finding-fixed", 1)
    facts: Facts = {"kind": adopted.kind, "version": adopted.version, "digest": adopted.digest}
    add("schema-adopted", facts, "registrar", REGISTRAR)
    add("key-registered", key(CUSTODIAN, "custodian"), "registrar", REGISTRAR, holder=one("holder", 0))
    add("key-registered", key(REVIEWER, "reviewer"), "registrar", REGISTRAR, holder=one("holder", 1))
    add("role-granted", {"key": REVIEWER.key, "role": "overseer"}, "registrar", REGISTRAR)
    add("role-withdrawn", {"key": REVIEWER.key, "role": "overseer"}, "registrar", REGISTRAR)
    rule: Facts = {"class": "key-holder", "hours": 24, "document": sha256(b"policy").hexdigest(), "reference": "P-1"}
    add("retention-rule", rule, "custodian", CUSTODIAN)
    hold: Facts = {
        "items": [items(2, "holder")], "reason": "complaint", "basis": "Complaints procedure", "owner": "records",
        "review_on": "2026-06-01",
    }  # fmt: skip
    add("held", hold, "custodian", CUSTODIAN, case=one("case", 2))
    add("released", {"hold": 7}, "custodian", CUSTODIAN)
    fixed: Facts = {
        "finding": "holder-known", "result": "yes", "check": "holder-known.1", "tree_size": 9,
        "used": [items(2, "holder")],
    }  # fmt: skip
    add("finding-fixed", fixed, "reviewer", REVIEWER)
    add("erased", {"items": [items(2, "holder")], "method": "secure-delete"}, "custodian", CUSTODIAN)
    add("lost", {"items": [items(3, "holder")], "cause": "hardware"}, "custodian", CUSTODIAN)
    stated: Facts = {
        "class": "key-holder", "tree_size": 12, "committed": 2, "live": 0, "erased": 1, "lost": 1, "held": 0,
    }  # fmt: skip
    add("account-stated", stated, "custodian", CUSTODIAN)
    handed: Facts = {"audience": "panel", "count": 1, "expires_on": "2026-12-31", "bundle": sha256(b"").hexdigest()}
    add("openings-handed", handed, "custodian", CUSTODIAN)
    rotated: Facts = {
        "public_key": render_base64(SECOND.public_key),
        "possession": render_base64(prove_possession(SECOND, ORIGIN, CUSTODIAN.key)),
    }
    add("key-rotated", rotated, "custodian", CUSTODIAN)
    add("key-revoked", {"key": REVIEWER.key, "reason": "left-post"}, "registrar", REGISTRAR)
    return made


def bundle(made: list[Entry]) -> Bundle:
    """All entries under a cosigned checkpoint, with one opening."""
    data = [entry.render() for entry in made]
    tree = MemoryTree(leaf_hash(one) for one in data)
    head = Checkpoint(ORIGIN, len(data), tree.root())
    signed = sign_checkpoint(head, NoteSigner(ORIGIN, secret("log")))
    cosigned = SignedCheckpoint(head, signed.note.adding(Cosigner("w.example", secret("w")).cosign(head, TIME)))
    proven = [BundledEntry(n, one, tuple(inclusion_proof(tree, n, len(data)))) for n, one in enumerate(data)]
    opening = BundledOpening(7, "case", 0, 1, CASES[2], OPENINGS[2])
    texts = tuple(OWN.known[name].text for name in sorted(OWN.known))
    return Bundle("force-a", "panel", cosigned, texts, tuple(proven), (opening,))


def all_vectors() -> dict[str, bytes]:
    """Each file's bytes by name."""
    made = entries()
    sealed = SealedSet([commit("list", 1, case, opening) for case, opening in zip(CASES, OPENINGS, strict=True)])
    told = {
        "log": ORIGIN,
        "log key": NoteSigner(ORIGIN, secret("log")).key.render(),
        "witness key": Cosigner("w.example", secret("w")).key.render(),
        "schemas": {schema.name: schema.digest for schema in OWN.known.values()},
        "entries": [entry.render().decode() for entry in made],
        "set": {
            "label": "list", "version": 1, "contents": [case.decode() for case in CASES],
            "openings": [opening.hex() for opening in OPENINGS], "root": sealed.root.hex(), "count": sealed.count,
            "proofs": [[part.hex() for part in sealed.prove(number)] for number in range(3)],
        },
    }  # fmt: skip
    text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
    return {"entries.json": text.encode(), "bundle.ndjson": bundle(made).render()}


def main() -> int:
    """Write the files."""
    for name, data in all_vectors().items():
        (FOLDER / name).write_bytes(data)
        print(FOLDER / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
