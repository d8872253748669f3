"""Logs for tests: keys, a small schema, and logs on either kind of store."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from countersign.record.entries.entry import Commitment, Draft, EntrySigner
from countersign.record.entries.keyring import OWN, opening_facts
from countersign.record.entries.schema import Schema, Schemas
from countersign.record.keeping.log import Log
from countersign.record.store.publication import SecondPlace, TileDirectory
from countersign.record.store.sequencer import Sequencer, SqliteSequencer
from countersign.record.store.sequencer_postgres import PostgresSequencer
from countersign.record.tlog.checkpoint import NoteSigner
from countersign.record.tlog.encoding import render_base64
from countersign.record.tlog.policy import NO_QUORUM, Policy, PolicyLog

ORIGIN = "log.example/force-a"
AT = "2026-03-01T09:00:00Z"
COUNTED = Schema.parse(
    json.dumps(
        {
            "$id": "countersign:entry/test.counted/1", "type": "object", "additionalProperties": False,
            "required": ["faces"],
            "properties": {
                "faces": {"type": "integer", "minimum": 0, "maximum": 10**9},
                "place": {"type": "string", "format": "title"},
            },
            "x-roles": ["operator"], "x-supplied-by": ["force"],
            "x-sealed": {"list": {"class": "watchlist", "set": True}, "reasons": {"class": "papers"}},
        }
    ).encode()
)  # fmt: skip
SCHEMAS = Schemas.of([*OWN.known.values(), COUNTED])
_names = itertools.count()


def private(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


LOG_KEY = NoteSigner(ORIGIN, private("log"))
REGISTRAR = EntrySigner(private("registrar"))
OPERATOR = EntrySigner(private("operator"))
CUSTODIAN = EntrySigner(private("custodian"))


def trusting(log: NoteSigner) -> Policy:
    """A policy that trusts a log's key, and asks for no witness."""
    return Policy((PolicyLog(log.key),), (), (), NO_QUORUM)


def make_sequencer(kind: str, folder: Path, postgres: str | None) -> Sequencer:
    if kind == "postgres":
        assert postgres is not None
        return PostgresSequencer.create(postgres, f"log_{folder.name.replace('-', '_').lower()[-30:]}_{next(_names)}")
    folder.mkdir(parents=True, exist_ok=True)
    return SqliteSequencer.create(folder / "entries.db")


def log_on(sequencer: Sequencer, folder: Path) -> Log:
    """A log over a store; its second place is made where there is none."""
    place = folder / "second"
    second = SecondPlace(place) if place.exists() else SecondPlace.create(place)
    return Log(sequencer, TileDirectory(folder / "public"), second, SCHEMAS, LOG_KEY)


def draft(kind: str, facts: dict[str, Any], role: str, **changes: Any) -> Draft:
    fields: dict[str, Any] = {
        "kind": kind, "schema": 1, "log": ORIGIN, "subject": "force-a/d-1", "at": AT, "role": role,
        "supplied_by": "force", "facts": facts,
    }  # fmt: skip
    return Draft(**fields | changes)


def counted(faces: int, **sealed: Commitment) -> Draft:
    return draft("test.counted", {"faces": faces}, "operator", sealed=sealed)


def erased(entry: int, *ranges: tuple[int, int], label: str = "list") -> Draft:
    named = [{"entry": entry, "label": label, "ranges": [{"first": a, "last": b} for a, b in ranges]}]
    return draft("record.erased", {"items": named, "method": "secure-delete"}, "custodian")


def open_log(log: Log) -> None:
    """The first three entries: the opening, an operator, a custodian."""
    log.append(draft("record.log-opened", opening_facts(REGISTRAR, SCHEMAS), "registrar"), REGISTRAR)
    for signer, role in ((OPERATOR, "operator"), (CUSTODIAN, "custodian")):
        facts = {"public_key": render_base64(signer.public_key), "roles": [role]}
        log.append(draft("record.key-registered", facts, "registrar"), REGISTRAR)


def opened(kind: str, folder: Path, postgres: str | None) -> Iterator[Log]:
    sequencer = make_sequencer(kind, folder, postgres)
    log = log_on(sequencer, folder)
    open_log(log)
    yield log
    sequencer.close()
