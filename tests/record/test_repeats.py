"""Attacks by saying the same again: bytes that are a leaf get no second place, and repeats in a log count once."""

from __future__ import annotations

import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.making.logs import (
    CUSTODIAN,
    LOG_KEY,
    OPERATOR,
    REGISTRAR,
    SCHEMAS,
    counted,
    draft,
    erased,
    log_on,
    opened,
    trusting,
)

from countersign.record.bundle import parse_bundle, verify_bundle
from countersign.record.entries.entry import Commitment, Draft, Leaves, Repeated, said_of
from countersign.record.keeping.log import Log, SignerRefused, prepare
from countersign.record.outside.monitor import look
from countersign.record.store.sequencer import LogStoreDamaged, SqliteSequencer, Waiting
from countersign.record.store.sequencer_postgres import PostgresSequencer
from countersign.register.handing import make_bundle

NOW = 1_772_355_600  # 2026-03-01T09:00:00Z
POLICY = trusting(LOG_KEY)
FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "v0.1"


@pytest.fixture(params=["sqlite", "postgres"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    postgres = request.getfixturevalue("postgres") if request.param == "postgres" else None
    yield from opened(request.param, tmp_path, postgres)


@pytest.fixture
def sqlite_log(tmp_path: Path) -> Iterator[Log]:
    yield from opened("sqlite", tmp_path, None)


def granted(role: str = "custodian") -> Draft:
    return draft("record.role-granted", {"key": OPERATOR.key, "role": role}, "registrar")


def withdrawn(role: str = "custodian") -> Draft:
    return draft("record.role-withdrawn", {"key": OPERATOR.key, "role": role}, "registrar")


def put_beside(log: Log, *places: int) -> None:
    """What software that knows no better does: these entries, once more, straight into the store."""
    with log.sequencer.appending() as appending:
        rows = [log.sequencer.read(place, place + 1)[0] for place in places]
        appending.add([Waiting(data, b'"kind":"record.' in data) for data in rows])


def test_bytes_that_are_a_leaf_keep_the_place_they_have(log: Log) -> None:
    first = log.append(counted(1), OPERATOR)
    assert log.append(counted(1), OPERATOR) == first
    assert log.append_signed(first.entry) == [first]
    batch = [prepare(counted(number), OPERATOR, SCHEMAS) for number in (2, 1, 3, 2)]
    assert log.append_prepared(batch) == [4, 3, 5, 4]
    assert log.append_prepared(batch) == [4, 3, 5, 4]
    assert log.sequencer.size() == 6
    again = log_on(log.sequencer, log.tiles.path.parent)
    assert again.append_prepared(batch) == [4, 3, 5, 4]


def test_an_old_grant_does_not_bring_back_a_role(log: Log) -> None:
    grant = log.append(granted(), REGISTRAR)
    log.append(withdrawn(), REGISTRAR)
    assert log.append(granted(), REGISTRAR) == grant
    assert log.append_signed(grant.entry) == [grant]
    assert "custodian" not in log.keyring().keys[OPERATOR.key].roles
    put_beside(log, grant.index)
    log.append(counted(1), OPERATOR)
    rule = {"class": "watchlist", "hours": 24, "document": "00" * 32}
    for reader in (log, log_on(log.sequencer, log.tiles.path.parent)):
        assert reader.keyring().keys[OPERATOR.key].roles == {"operator"}
        with pytest.raises(SignerRefused, match="does not hold the role custodian"):
            reader.append(draft("record.retention-rule", rule, "custodian"), OPERATOR)
    head = log.publish()
    assert head is not None
    bundle = make_bundle(log.tiles.source, head, SCHEMAS, "force-a/d-1", "panel")
    verified = verify_bundle(parse_bundle(bundle.render()), POLICY)
    assert verified.keyring.keys[OPERATOR.key].roles == {"operator"}
    assert verified.repeated == (Repeated(5, 3),)
    found = look(log.tiles.source, POLICY, SCHEMAS, None, NOW)
    assert found.reading is not None
    assert found.reading.keyring.keys[OPERATOR.key].roles == {"operator"}
    assert [(note.code, note.text) for note in found.notes] == [
        ("repeated-entry", "entry 5 repeats entry 3 and is not counted again")
    ]
    assert found.faults == []


def test_a_repeat_counts_once_in_every_account(log: Log) -> None:
    log.append(counted(1, list=Commitment(bytes(32), 10)), OPERATOR)
    log.append(erased(3, (0, 4)), CUSTODIAN)
    put_beside(log, 3, 4, 0, 1)
    log.append(counted(2), OPERATOR)
    assert [place for place, _ in log.entries_of("force-a/d-1")] == [0, 1, 2, 3, 4, 9]
    assert log.repeats(0, log.sequencer.read(0, 10)) == {5, 6, 7, 8}
    assert log.repeats(6, log.sequencer.read(6, 10)) == {6, 7, 8}
    head = log.publish()
    assert head is not None
    found = look(log.tiles.source, POLICY, SCHEMAS, None, NOW)
    assert found.reading is not None
    verified = verify_bundle(make_bundle(log.tiles.source, head, SCHEMAS, "force-a/d-1", "panel"), POLICY)
    assert sorted(verified.entries) == [0, 1, 2, 3, 4, 9]
    for accounts in (log.accounts(), found.reading.accounts):
        assert accounts.of("watchlist") == (10, 5, 5, 0, 0)
        assert accounts.violations == []
    assert [*found.reading.repeated] == [*verified.repeated]
    assert len(verified.repeated) == 4
    assert found.faults == []


def test_a_repeat_by_a_key_that_is_revoked_since_is_answered_and_not_taken(log: Log) -> None:
    first = log.append(counted(1), OPERATOR)
    log.append(draft("record.key-revoked", {"key": OPERATOR.key, "reason": "lost"}, "registrar"), REGISTRAR)
    assert log.append(counted(1), OPERATOR) == first
    with pytest.raises(SignerRefused, match="was revoked"):
        log.append(counted(2), OPERATOR)


def test_the_same_first_bytes_of_a_digest_are_not_one_entry(sqlite_log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("countersign.record.store.sequencer.digest_prefix", lambda _: 7)
    monkeypatch.setattr("countersign.record.store.sequencer.hold_rows", lambda *_: None)  # the first three have others
    assert [sqlite_log.append(counted(number), OPERATOR).index for number in (1, 2, 1, 3)] == [3, 4, 3, 5]


def test_a_store_of_0_1_is_looked_through_when_it_is_opened_for_appending(tmp_path: Path) -> None:
    store = tmp_path / "entries.db"
    shutil.copy(FIXTURES / "force" / "log" / "entries.db", store)
    sequencer = SqliteSequencer(store)
    size = sequencer.size()
    rows = sequencer.read(0, size)
    with sequencer.appending() as appending:
        assert appending.places([*rows, b"new"]) == [*range(size), None]
    sequencer.close()
    # A program of 0.1 appends: it knows nothing of leaves.
    connection = sqlite3.connect(store)
    connection.execute("insert into entry values (?, ?, ?)", (size, b"later", 0))
    connection.commit()
    connection.close()
    sequencer = SqliteSequencer(store)
    with sequencer.appending() as appending:
        assert appending.places([b"later", rows[0]]) == [size, 0]
    sequencer.close()


def test_a_postgres_log_of_0_1_gets_its_index(postgres: str) -> None:
    sequencer = PostgresSequencer.create(postgres, "of_0_1_without_leaves")
    with sequencer.appending() as appending:
        appending.add([Waiting(b"one", False), Waiting(b"two", False), Waiting(b"one", False)])
        appending._cursor.execute("drop index leaf")
    with sequencer.appending() as appending:
        assert appending.places([b"two", b"three", b"one"]) == [1, None, 0]
        assert appending._cursor.execute("select to_regclass('leaf')::text").fetchone() == ("leaf",)
    sequencer.close()


def test_what_is_said_of_repeats() -> None:
    leaves = Leaves()
    assert said_of(leaves.repeated) is None
    assert len([*leaves.once((place, b"same") for place in range(9))]) == 1
    said = said_of(leaves.repeated)
    assert said is not None
    assert said.endswith("entry 5 repeats entry 0, and 3 more); each is counted once, at its first place.")


def test_a_row_of_the_store_is_held_to_its_digest_when_it_is_read(tmp_path: Path) -> None:
    store = SqliteSequencer.create(tmp_path / "log.db")
    with store.appending() as appending:
        appending.add([Waiting(b"first", False), Waiting(b"second", False)])
    assert store.read(0, 2) == [b"first", b"second"]
    with sqlite3.connect(tmp_path / "log.db") as connection:
        connection.execute("update entry set data = ? where place = 1", (b"other",))
    connection.close()
    assert store.read(0, 1) == [b"first"]
    with pytest.raises(LogStoreDamaged, match="entry 1 does not have the digest noted when it was added"):
        store.read(0, 2)


def test_a_row_of_a_store_in_postgresql_is_held_to_its_digest_when_it_is_read(postgres: str) -> None:
    name = f"rows_{secrets.token_hex(4)}"
    store = PostgresSequencer.create(postgres, name)
    with store.appending() as appending:
        appending.add([Waiting(b"first", True), Waiting(b"second", False)])
    assert store.read(0, 2) == [b"first", b"second"]
    with psycopg.connect(postgres) as connection:
        connection.execute(f"update countersign_{name}.entry set data = 'other' where place = 1")
    assert store.read(0, 1) == [b"first"]
    with pytest.raises(LogStoreDamaged, match="entry 1 does not have the digest noted when it was added"):
        store.read(0, 2)
    with psycopg.connect(postgres) as connection:
        connection.execute(f"update countersign_{name}.entry set data = 'other' where place = 0")
    with pytest.raises(LogStoreDamaged, match="entry 0 does not have"), store.appending() as appending:
        appending.governing(0)
    store.close()


def test_a_store_in_postgresql_of_0_1_is_noted_at_the_next_append(postgres: str) -> None:
    name = f"older_{secrets.token_hex(4)}"
    store = PostgresSequencer.create(postgres, name)
    with psycopg.connect(postgres) as connection:
        connection.execute(f"drop table countersign_{name}.noted")
        connection.execute(f"insert into countersign_{name}.entry values (0, 'older', false)")
    assert store.read(0, 1) == [b"older"]
    with store.appending() as appending:
        appending.add([Waiting(b"newer", False)])
    with psycopg.connect(postgres) as connection:
        connection.execute(f"update countersign_{name}.entry set data = 'other' where place = 0")
    with pytest.raises(LogStoreDamaged, match="entry 0 does not have"):
        store.read(0, 2)
    store.close()
