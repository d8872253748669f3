"""Attacks on whoever reads a log: each is named, and none makes the reader wait or fall over."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.making.logs import AT, OPERATOR, ORIGIN, REGISTRAR, SCHEMAS, draft, open_log, private, trusting

from countersign.record.bundle import parse_bundle, verify_bundle
from countersign.record.entries.entry import Draft, sign_entry
from countersign.record.entries.keyring import KeyringBroken, opening_facts
from countersign.record.entries.schema import Schema, Schemas, SchemaUnknown
from countersign.record.keeping.log import Log, Prepared
from countersign.record.outside.monitor import look
from countersign.record.store.publication import SecondPlace, TileDirectory
from countersign.record.store.sequencer import SqliteSequencer, Waiting
from countersign.record.tlog.checkpoint import NoteSigner
from countersign.record.tlog.encoding import render_base64
from countersign.record.tlog.merkle import SEAL
from countersign.record.tlog.policy import Policy
from countersign.record.tlog.tiles import DirectorySource, TileMissing
from countersign.register.handing import make_bundle

NOW = 1_772_355_600  # 2026-03-01T09:00:00Z
#: Whoever is an operator may register keys, says this schema, and it names no roles.
LAX = Schema.parse(
    json.dumps(
        {
            "$id": "countersign:entry/record.key-registered/2", "type": "object", "additionalProperties": False,
            "required": [], "properties": {}, "x-roles": ["operator"], "x-supplied-by": ["force"], "x-sealed": {},
        }
    ).encode()
)  # fmt: skip


def new_log(folder: Path, signer: NoteSigner, schemas: Schemas = SCHEMAS) -> Log:
    folder.mkdir()
    second = SecondPlace.create(folder / "second")
    return Log(SqliteSequencer.create(folder / "entries.db"), TileDirectory(folder / "public"), second, schemas, signer)


def policy_of(signer: NoteSigner) -> Policy:
    return trusting(signer)


def test_entries_of_one_log_do_not_count_under_the_checkpoint_of_another(tmp_path: Path) -> None:
    one = new_log(tmp_path / "one", NoteSigner(ORIGIN, private("log")))
    open_log(one)
    signer = NoteSigner("log.example/force-b", private("other log"))
    other = new_log(tmp_path / "other", signer)
    with other.sequencer.appending() as appending:
        appending.add([Waiting(data, True) for data in one.sequencer.read(0, 3)])
    head = other.publish()
    assert head is not None
    bundle = make_bundle(other.tiles.source, head, SCHEMAS, "force-a/d-1", "panel")
    with pytest.raises(KeyringBroken, match=r"opens the log log\.example/force-a, but"):
        verify_bundle(parse_bundle(bundle.render()), policy_of(signer))
    found = look(other.tiles.source, policy_of(signer), SCHEMAS, None, NOW)
    assert {note.code for note in found.faults} >= {"keyring-broken"}
    assert found.reading is not None
    assert len({wrong.place for wrong in found.reading.wrong}) == 3
    one.sequencer.close()
    other.sequencer.close()


def test_a_log_cannot_give_the_records_own_kinds_another_meaning(tmp_path: Path) -> None:
    """A force that adopts rules of its own for registering keys gets no role by them, and no reader falls over."""
    schemas = Schemas.of([*SCHEMAS.known.values(), LAX])
    signer = NoteSigner(ORIGIN, private("log"))
    log = new_log(tmp_path / "log", signer, schemas)
    common = (ORIGIN, "force-a", AT, "registrar", "force")
    log.append(Draft("record.log-opened", 1, *common, opening_facts(REGISTRAR, schemas)), REGISTRAR)
    registered = {"public_key": render_base64(OPERATOR.public_key), "roles": ["operator"]}
    log.append(draft("record.key-registered", registered, "registrar"), REGISTRAR)
    lax = sign_entry(draft("record.key-registered", {}, "operator", schema=2), OPERATOR)
    with pytest.raises(SchemaUnknown):
        log.append_prepared([Prepared(SEAL, lax, lax.render())])
    with log.sequencer.appending() as appending:
        appending.add([Waiting(lax.render(), True)])
    log.sequencer.close()
    again = Log(SqliteSequencer(tmp_path / "log" / "entries.db"), log.tiles, log.second, schemas, signer)
    head = again.publish()
    assert head is not None
    bundle = make_bundle(log.tiles.source, head, schemas, "force-a/d-1", "panel")
    with pytest.raises(SchemaUnknown):
        verify_bundle(parse_bundle(bundle.render()), policy_of(signer))
    found = look(log.tiles.source, policy_of(signer), schemas, None, NOW)
    assert [note.code for note in found.faults] == ["schema-unknown"]
    again.sequencer.close()


@pytest.mark.parametrize("lay", ["pipe", "device", "folder", "huge"])
def test_what_is_no_file_of_a_log_is_refused_at_once(tmp_path: Path, lay: str) -> None:
    target = tmp_path / "checkpoint"
    if lay == "pipe":
        os.mkfifo(target)
    elif lay == "device":
        target.symlink_to("/dev/zero")
    elif lay == "folder":
        target.mkdir()
    else:
        with target.open("wb") as file:
            file.truncate(1 << 40)
    with pytest.raises(TileMissing):
        DirectorySource(tmp_path).read("checkpoint")
