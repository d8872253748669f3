"""The log on both kinds of store: order, durability, healing after a crash, and no second history ever."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
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
    make_sequencer,
    open_log,
    opened,
)

from countersign.errors import CountersignError
from countersign.output import CannotWrite
from countersign.record.entries.entry import Commitment, Entry, sign_entry
from countersign.record.entries.keyring import opening_facts
from countersign.record.keeping.log import Log, Prepared, Publisher, RetentionRefused, SignerRefused, prepare
from countersign.record.store.filelock import LogBusy
from countersign.record.store.publication import HistoryConflict, SecondPlace, SecondPlaceExists, SecondPlaceMissing
from countersign.record.store.sequencer import LogStoreDamaged, LogStoreExists, LogStoreMissing, SqliteSequencer
from countersign.record.store.sequencer_postgres import PostgresSequencer
from countersign.record.tlog.checkpoint import SignedCheckpoint, verify_note
from countersign.record.tlog.tilereader import TileReader
from countersign.record.tlog.tiles import TileBuilder

KINDS = ["sqlite", "postgres"]


@pytest.fixture(params=KINDS)
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    postgres = request.getfixturevalue("postgres") if request.param == "postgres" else None
    yield from opened(request.param, tmp_path, postgres)


@pytest.fixture
def sqlite_log(tmp_path: Path) -> Iterator[Log]:
    yield from opened("sqlite", tmp_path, None)


def another(log: Log) -> Log:
    """The same log, opened again."""
    held = log.sequencer
    opened_again = (
        PostgresSequencer(held._conninfo, held._name)
        if isinstance(held, PostgresSequencer)
        else SqliteSequencer(log.tiles.path.parent / "entries.db")
    )
    return log_on(opened_again, log.tiles.path.parent)


def root_of(log: Log) -> bytes:
    builder = TileBuilder()
    builder.extend(log.sequencer.read(0, log.sequencer.size()))
    return builder.root()


def published(log: Log) -> SignedCheckpoint:
    return SignedCheckpoint.parse((log.tiles.path / "checkpoint").read_bytes())


@pytest.mark.slow
def test_entries_come_back_in_order_and_under_the_published_root(log: Log) -> None:
    for number in range(300):
        assert log.append(counted(number), OPERATOR).index == 3 + number
    signed = log.publish()
    assert signed == published(log)
    assert signed is not None
    assert (signed.checkpoint.size, signed.checkpoint.root) == (303, root_of(log))
    verify_note(signed.note, [LOG_KEY.key])
    reader = TileReader(log.tiles.source, 303, signed.checkpoint.root)
    assert [Entry.parse(reader.entry(3 + n)).draft.facts["faces"] for n in (0, 150, 299)] == [0, 150, 299]
    assert [entry.draft.facts["faces"] for entry in log.entries(3, 6)] == [0, 1, 2]
    assert log.publish() == signed
    assert log.head() == signed


def test_an_empty_log_has_no_head(tmp_path: Path) -> None:
    log = log_on(make_sequencer("sqlite", tmp_path, None), tmp_path)
    assert log.publish() is None
    assert log.head() is None


def test_only_who_is_entitled_appends_and_nothing_else_is_kept(log: Log) -> None:
    size = log.sequencer.size()
    with pytest.raises(SignerRefused, match="does not hold the role operator"):
        log.append(counted(1), CUSTODIAN)
    log.append(draft("record.key-revoked", {"key": OPERATOR.key, "reason": "lost"}, "registrar"), REGISTRAR)
    with pytest.raises(SignerRefused, match="was revoked by entry 3"):
        log.append(counted(1), OPERATOR)
    with pytest.raises(SignerRefused, match=r"of the log other.example"):
        log.append(draft("test.counted", {"faces": 1}, "operator", log="other.example"), OPERATOR)
    assert log.sequencer.size() == size + 1


def test_many_go_in_all_or_none(log: Log) -> None:
    good = [prepare(counted(n), OPERATOR, SCHEMAS) for n in range(5)]
    bad = prepare(counted(9), CUSTODIAN, SCHEMAS)
    with pytest.raises(SignerRefused):
        log.append_prepared([*good, bad])
    assert log.sequencer.size() == 3
    assert log.append_prepared(good) == [*range(3, 3 + len(good))]
    assert log.sequencer.size() == 8
    with pytest.raises(TypeError):
        Prepared(object(), bad.entry, bad.data)


def test_an_entry_signed_elsewhere_is_taken_if_its_signature_holds(log: Log) -> None:
    entry = sign_entry(counted(7), OPERATOR)
    assert log.append_signed(entry)[0].index == 3
    forged = Entry(entry.draft, entry.key, bytes(64))
    with pytest.raises(CountersignError, match="was not signed so"):
        log.append_signed(forged)
    assert log.sequencer.size() == 4


def test_unlawful_erasures_do_not_get_in(log: Log) -> None:
    log.append(counted(1, list=Commitment(bytes(32), 10)), OPERATOR)
    log.append(erased(3, (0, 4)), CUSTODIAN)
    for wrong, match in ((erased(3, (4, 5)), "are erased already"), (erased(3, (9, 10)), "never committed to")):
        with pytest.raises(RetentionRefused, match=match):
            log.append(wrong, CUSTODIAN)
    log.append(erased(3, (5, 9)), CUSTODIAN)
    assert log.accounts().of("watchlist") == (10, 0, 10, 0, 0)
    assert log.accounts().violations == []
    with pytest.raises(RetentionRefused, match="must be appended by itself"):
        log.append_prepared([prepare(counted(1), OPERATOR, SCHEMAS), prepare(erased(3, (0, 0)), CUSTODIAN, SCHEMAS)])


def test_eight_threads_of_two_logs_on_one_store_leave_no_gap_and_no_double(log: Log, tmp_path: Path) -> None:
    logs = [log, log_on(log.sequencer, tmp_path)]
    places: list[int] = []

    def write(number: int) -> None:
        for one in range(10):
            places.append(logs[number % 2].append(counted(100 * number + one), OPERATOR).index)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(places) == list(range(3, 83))
    faces = {entry.draft.facts["faces"] for entry in log.entries(3, 83)}
    assert faces == {100 * number + one for number in range(8) for one in range(10)}
    for one in logs:
        signed = one.publish()
        assert signed is not None
        assert signed.checkpoint.root == root_of(log)


def test_the_publisher_follows_and_can_be_waited_for(log: Log) -> None:
    with Publisher(log, period=0.05) as publisher:
        last = [log.append(counted(n), OPERATOR).index for n in range(20)][-1]
        publisher.wait_for(last)
        assert published(log).checkpoint.size == 23
        with pytest.raises(TimeoutError):
            publisher.wait_for(last + 1, timeout=0.1)
        log.append(counted(99), OPERATOR)
    assert published(log).checkpoint.size == 24


def test_the_publisher_keeps_what_failed_and_tries_again(sqlite_log: Log) -> None:
    sqlite_log.publish()
    away = sqlite_log.second.path.rename(sqlite_log.second.path.with_name("away"))
    with Publisher(sqlite_log, period=0.05) as publisher:
        index = sqlite_log.append(counted(1), OPERATOR).index
        with pytest.raises(SecondPlaceMissing):
            publisher.wait_for(index)
        away.rename(sqlite_log.second.path)
        while publisher.failure is not None:
            threading.Event().wait(0.02)
        publisher.wait_for(index)


@pytest.mark.slow
@pytest.mark.parametrize("step", ["tiles.write", "second.keep", "sequencer.keep_head", "tiles.publish"])
def test_a_crash_at_any_step_of_publishing_heals_by_itself(
    log: Log, tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.publish()
    for number in range(300):
        log.append(counted(number), OPERATOR)
    part, method = step.split(".")

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(type(getattr(log, part)), method, crash)
        with pytest.raises(KeyboardInterrupt):
            log.publish()
    again = log_on(log.sequencer, tmp_path)
    again.append(counted(300), OPERATOR)
    signed = again.publish()
    assert signed == published(again)
    assert signed is not None
    assert (signed.checkpoint.size, signed.checkpoint.root) == (304, root_of(log))
    assert SecondPlace(tmp_path / "second").read() == log.sequencer.head() == signed.render()


def copied(log: Log, folder: Path) -> Path:
    """A backup of a SQLite store as it stands now."""
    target = folder / "backup.db"
    sqlite3.connect(folder / "entries.db").execute("vacuum into ?", (str(target),)).connection.close()
    return target


@pytest.mark.parametrize("appended_since", [0, 1, 50])
def test_a_restored_old_backup_never_signs_a_second_history(
    sqlite_log: Log, tmp_path: Path, appended_since: int
) -> None:
    sqlite_log.append(counted(0), OPERATOR)
    sqlite_log.publish()
    backup = copied(sqlite_log, tmp_path)
    for number in range(20):
        sqlite_log.append(counted(number), OPERATOR)
    last = sqlite_log.publish()
    sqlite_log.sequencer.close()
    for left in tmp_path.glob("entries.db*"):
        left.unlink()
    shutil.move(backup, tmp_path / "entries.db")
    restored = log_on(SqliteSequencer(tmp_path / "entries.db"), tmp_path)
    with pytest.raises(HistoryConflict, match="entries are missing"):
        restored.append(counted(1000), OPERATOR)
    # Appended by whoever does not look at the second place.
    elsewhere = log_on(restored.sequencer, tmp_path / "elsewhere")
    for number in range(appended_since):
        elsewhere.append(counted(1000 + number), OPERATOR)
    head = restored.head()
    assert head is not None
    with pytest.raises(HistoryConflict, match="the second place knows of another"):
        restored.keep_cosigned(head)
    with pytest.raises(HistoryConflict):
        restored.publish()
    assert published(restored) == last
    restored.sequencer.close()


def test_a_store_that_lost_its_end_but_not_its_head_does_not_sign(sqlite_log: Log, tmp_path: Path) -> None:
    sqlite_log.append(counted(0), OPERATOR)
    last = sqlite_log.publish()
    connection = sqlite3.connect(tmp_path / "entries.db", isolation_level=None)
    connection.execute("delete from entry where place = 3")
    connection.close()
    again = log_on(SqliteSequencer(tmp_path / "entries.db"), tmp_path)
    with pytest.raises(HistoryConflict, match="entries are missing"):
        again.publish()
    assert published(again) == last
    again.sequencer.close()


def test_a_log_without_its_second_place_does_not_sign(sqlite_log: Log, tmp_path: Path) -> None:
    sqlite_log.publish()
    (tmp_path / "second").unlink()
    with pytest.raises(SecondPlaceMissing):
        sqlite_log.publish()
    fresh = SecondPlace.create(tmp_path / "second")
    with pytest.raises(HistoryConflict, match="the second place knows of no checkpoint"):
        sqlite_log.publish()
    with pytest.raises(SecondPlaceExists):
        SecondPlace.create(fresh.path)


@pytest.mark.slow
def test_lost_tiles_are_written_again_from_the_store(log: Log) -> None:
    for number in range(600):
        log.append_prepared([prepare(counted(number), OPERATOR, SCHEMAS)])
    before = log.publish()
    shutil.rmtree(log.tiles.path)
    log.append(counted(600), OPERATOR)
    after = log.publish()
    assert before is not None
    assert after is not None
    assert after.checkpoint.size == before.checkpoint.size + 1
    reader = TileReader(log.tiles.source, after.checkpoint.size, after.checkpoint.root)
    assert [reader.entry(n) for n in range(after.checkpoint.size)] == log.sequencer.read(0, after.checkpoint.size)


def test_a_full_disk_is_said_and_appends_go_on_when_there_is_room(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    log.publish()
    log.append(counted(1), OPERATOR)

    def full(*_: object) -> None:
        raise CannotWrite("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("countersign.record.store.publication.TileDirectory.write", full)
        with pytest.raises(CannotWrite):
            log.publish()
        assert log.append(counted(2), OPERATOR).index == 4
    signed = log.publish()
    assert signed is not None
    assert signed.checkpoint.size == 5


def test_an_append_does_not_wait_for_ever(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("sequencer", "sequencer_postgres"):
        monkeypatch.setattr(f"countersign.record.store.{module}.WAIT_SECONDS", 0.2)
    waiting = another(log)
    with log.sequencer.appending(), pytest.raises(LogBusy, match=r"others have been appending for 0\.2 seconds"):
        waiting.append(counted(1), OPERATOR)
    with log.sequencer.publishing():
        with pytest.raises(LogBusy, match=r"others have been publishing for 0\.2 seconds"):
            waiting.publish()
        assert waiting.append(counted(1), OPERATOR).index == 3
    waiting.publish()
    assert published(log).checkpoint.size == 4
    waiting.sequencer.close()


def test_a_process_without_the_key_appends_but_does_not_sign(sqlite_log: Log) -> None:
    writer = Log(sqlite_log.sequencer, sqlite_log.tiles, sqlite_log.second, SCHEMAS, None)
    writer.append(counted(1), OPERATOR)
    with pytest.raises(SignerRefused, match="no key that signs"):
        writer.publish()


def test_stores_are_made_once_and_told_apart(tmp_path: Path) -> None:
    SqliteSequencer.create(tmp_path / "a.db").close()
    with pytest.raises(LogStoreExists):
        SqliteSequencer.create(tmp_path / "a.db")
    with pytest.raises(LogStoreMissing):
        SqliteSequencer(tmp_path / "b.db")
    (tmp_path / "c.db").write_bytes(b"no database " * 200)
    with pytest.raises(LogStoreDamaged):
        SqliteSequencer(tmp_path / "c.db")
    sqlite3.connect(tmp_path / "d.db").execute("create table t (a)").connection.close()
    with pytest.raises(LogStoreDamaged):
        SqliteSequencer(tmp_path / "d.db")


def test_postgres_logs_are_made_once_and_named_plainly(postgres: str) -> None:
    PostgresSequencer.create(postgres, "made_once").close()
    with pytest.raises(LogStoreExists):
        PostgresSequencer.create(postgres, "made_once")
    with pytest.raises(LogStoreMissing, match="no such log"):
        PostgresSequencer(postgres, "never_made")
    with pytest.raises(LogStoreDamaged):
        PostgresSequencer.create(postgres, "x; drop table entry")
    with pytest.raises(LogStoreMissing) as caught:
        PostgresSequencer("host=/nowhere password=secret123 user=x dbname=y", "made_once")
    assert "secret123" not in str(caught.value)


def test_a_gap_in_the_store_is_named(sqlite_log: Log, tmp_path: Path) -> None:
    for number in range(3):
        sqlite_log.append(counted(number), OPERATOR)
    connection = sqlite3.connect(tmp_path / "entries.db", isolation_level=None)
    connection.execute("delete from entry where place = 4")
    connection.close()
    with pytest.raises(LogStoreDamaged, match="entries 0 to 5 are not all there"):
        sqlite_log.entries(0, 6)


def test_a_log_opens_once(tmp_path: Path) -> None:
    log = log_on(make_sequencer("sqlite", tmp_path, None), tmp_path)
    open_log(log)
    again = draft("record.log-opened", opening_facts(REGISTRAR, SCHEMAS), "registrar", at="2026-03-02T09:00:00Z")
    with pytest.raises(CountersignError, match="opens the log a second time"):
        log.append(again, REGISTRAR)
    assert log.sequencer.size() == 3


@pytest.mark.parametrize(
    ("address", "environment", "mode"),
    [
        ("host=db.example dbname=log", {}, "verify-full"),
        ("postgresql://db.example/log", {}, "verify-full"),
        ("host=/run/postgresql,db.example", {}, "verify-full"),
        ("host=localhost hostaddr=192.0.2.7", {}, "verify-full"),
        ("dbname=log", {"PGHOST": "192.0.2.7"}, "verify-full"),
        ("service=log", {}, "verify-full"),
        ("host=db.example sslmode=require", {}, "require"),
        ("host=db.example", {"PGSSLMODE": "prefer"}, None),
        ("host=/run/postgresql dbname=log", {}, None),
        ("host=127.0.0.1,::1,localhost", {}, None),
        ("", {}, None),
    ],
)
def test_a_server_outside_this_machine_must_show_who_it_is(
    address: str, environment: dict[str, str], mode: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def connect(conninfo: str, **_: object) -> None:
        asked.append(conninfo)
        raise psycopg.OperationalError("not reached")

    for name in ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGSSLMODE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(psycopg, "connect", connect)
    for act in (PostgresSequencer, PostgresSequencer.create, PostgresSequencer.discard):
        with pytest.raises(LogStoreMissing):
            act(address, "some")
    assert [conninfo_to_dict(each).get("sslmode") for each in asked] == [mode] * 3


def test_a_second_place_that_is_a_link_stays_one_and_keeps_the_note_where_it_points(
    sqlite_log: Log, tmp_path: Path
) -> None:
    """The link leads to another disk: a file in its stead would be restored together with the store."""
    place, disk = tmp_path / "second", tmp_path / "disk"
    disk.mkdir()
    place.rename(disk / "last")
    place.symlink_to(disk / "last")
    signed = sqlite_log.publish()
    assert signed is not None
    assert place.is_symlink()
    assert (disk / "last").read_bytes() == signed.render()
    sqlite_log.append(counted(1), OPERATOR)
    (disk / "last").rename(disk / "away")
    with pytest.raises(SecondPlaceMissing):
        sqlite_log.publish()
    with pytest.raises(SecondPlaceMissing):
        SecondPlace(place).keep(b"")
    assert place.is_symlink()
    with pytest.raises(SecondPlaceExists):
        SecondPlace.create(place)
