"""One SQLite file: made durably and whole or not at all, opened only with its mark, its faults as its own errors."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from countersign import output
from countersign.errors import EvidenceWrong, NotAllowed, NotReached
from countersign.record.store import sqlitefile
from countersign.record.store.sqlitefile import SqliteForm, transaction

TABLES = "create table item (name text not null) strict;"
FORM = SqliteForm("list", ("application_id", 0x43535431), TABLES, NotReached, NotAllowed, EvidenceWrong)


def names(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("select name from item")]


def test_a_file_is_its_owners_alone_with_its_tables_its_mark_and_every_commit_synced(tmp_path: Path) -> None:
    path = tmp_path / "a list? 100%#1.db"
    FORM.create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    connection = FORM.open(path)
    pragmas = {name: connection.execute(f"pragma {name}").fetchone()[0] for name in ("journal_mode", "synchronous")}
    assert pragmas == {"journal_mode": "wal", "synchronous": 2}
    with FORM.faults(path), transaction(connection):
        connection.execute("insert into item values ('one')")
    with pytest.raises(sqlite3.IntegrityError), transaction(connection):
        connection.executemany("insert into item values (?)", [("two",), (None,)])
    assert names(connection) == ["one"]
    connection.close()
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_file_is_never_made_by_opening_nor_made_over_another(tmp_path: Path) -> None:
    path = tmp_path / "list.db"
    with pytest.raises(NotReached, match="there is no list"):
        FORM.open(path)
    assert not path.exists()
    path.write_bytes(b"something else")
    with pytest.raises(NotAllowed, match="there is a list already"):
        FORM.create(path)
    assert path.read_bytes() == b"something else"
    with pytest.raises(NotReached, match="No such file"):
        FORM.create(tmp_path / "nowhere" / "list.db")


@pytest.mark.parametrize("content", [b"", b"no database at all", b"SQLite format 3\0" + bytes(200)])
def test_another_file_is_not_taken_for_one(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "list.db"
    path.write_bytes(content)
    with pytest.raises(EvidenceWrong):
        FORM.open(path)
    assert path.read_bytes() == content


def test_another_forms_file_is_not_taken_for_one(tmp_path: Path) -> None:
    other = SqliteForm("other list", ("user_version", 3), TABLES, NotReached, NotAllowed, EvidenceWrong)
    other.create(tmp_path / "other.db")
    with pytest.raises(EvidenceWrong, match="is not a list"):
        FORM.open(tmp_path / "other.db")


def test_what_cannot_be_made_whole_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = SqliteForm("list", ("user_version", 1), "create table item (;", NotReached, NotAllowed, EvidenceWrong)
    with pytest.raises(NotReached, match="syntax error"):
        wrong.create(tmp_path / "list.db")
    assert not list(tmp_path.iterdir())

    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sqlitefile, "sync", full)
    with pytest.raises(NotReached, match="No space left on device"):
        FORM.create(tmp_path / "list.db")
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr(sqlitefile, "sync", output.sync)
    FORM.create(tmp_path / "list.db")


def test_a_file_held_by_another_and_a_damaged_one_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "list.db"
    hasty = SqliteForm("list", FORM.mark, TABLES, NotReached, NotAllowed, EvidenceWrong, wait=0.01)
    hasty.create(path)
    one, two = hasty.open(path), hasty.open(path)
    with transaction(one):
        with pytest.raises(NotReached, match="locked"), hasty.faults(path), transaction(two):
            pass
        for number in range(500):
            one.execute("insert into item values (?)", (f"number {number}",))
    one.close()
    two.close()
    data = bytearray(path.read_bytes())
    data[4096:] = bytes(len(data) - 4096)
    path.write_bytes(data)
    again = hasty.open(path)
    with pytest.raises(EvidenceWrong, match="malformed"), hasty.faults(path):
        names(again)
    again.close()
