"""Entries by subject, in memory and from a store's kept index."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.making.logs import LOG_KEY, OPERATOR, SCHEMAS, counted, draft, open_log, opened

from countersign.record.entries.entry import Entry
from countersign.record.entries.forms import subject_of
from countersign.record.keeping.log import Log, prepare
from countersign.record.store.publication import SecondPlace, TileDirectory
from countersign.record.store.sequencer import LogStoreDamaged, SqliteSequencer, SubjectIndex, Waiting

SUBJECTS = ("force-a", "force-a/d-1", "force-a/d-2", "force-a/d-10", "force-b")


def text(subject: str, number: int = 0) -> bytes:
    """Bytes that end as an entry's do; the facts before may say anything."""
    facts = b'{"facts":{"place":"\\"subject\\":\\"force-z\\""},"sig":"%d",' % number
    return facts + b'"subject":"%s","supplied_by":"force","v":1}' % subject.encode()


def store_of(path: Path, subjects: list[str]) -> SqliteSequencer:
    store = SqliteSequencer.create(path)
    add(store, subjects)
    return store


def add(store: SqliteSequencer, subjects: list[str]) -> None:
    with store.appending() as appending:
        appending.add([Waiting(text(one, number), False) for number, one in enumerate(subjects, appending.size)])


def placed(number: int, subject: str) -> tuple[int, Entry]:
    made = prepare(draft("test.counted", {"faces": number}, "operator", subject=subject), OPERATOR, SCHEMAS)
    return number, made.entry


def test_a_subject_is_read_from_the_bytes_of_an_entry() -> None:
    entry = prepare(counted(3), OPERATOR, SCHEMAS)
    assert subject_of(entry.data) == entry.entry.draft.subject == "force-a/d-1"
    assert subject_of(text("force-a/d-2")) == "force-a/d-2"
    for wrong in (b"", b"{}", b'{"subject":"force-a'):
        with pytest.raises(ValueError):
            subject_of(wrong)


@settings(deadline=None, max_examples=40)
@given(parts=st.lists(st.lists(st.sampled_from(SUBJECTS), max_size=12), min_size=1, max_size=4))
@pytest.mark.slow
def test_an_index_caught_up_in_parts_finds_what_reading_all_finds(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("index")
    store, kept = store_of(folder / "entries.db", []), SubjectIndex(folder / "index")
    whole: list[str] = []
    for part in parts:
        add(store, part)
        whole += part
        for asked in (("force-a",), ("force-a/d-1", "force-a"), ("force-a/d-1", "force-a/d-1"), ("force-c",)):
            expected = [place for place, one in enumerate(whole) if one in asked]
            assert kept.places(asked, store) == expected
            assert SubjectIndex(folder / "index").places(asked, store) == expected
    store.close()


def test_only_what_is_new_is_read_and_nothing_where_nothing_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_of(tmp_path / "entries.db", ["force-a"] * 100)
    assert len(SubjectIndex(tmp_path / "index").places(("force-a",), store)) == 100
    add(store, ["force-a"] * 7)
    asked: list[tuple[int, int]] = []
    read = store.read

    def told(start: int, stop: int) -> list[bytes]:
        asked.append((start, stop))
        return read(start, stop)

    monkeypatch.setattr(store, "read", told)
    for _ in range(2):
        assert len(SubjectIndex(tmp_path / "index").places(("force-a",), store)) == 107
    assert asked == [(99, 100), (100, 107), (106, 107)]
    store.close()


def test_an_index_of_another_history_or_of_no_index_at_all_is_made_anew(tmp_path: Path) -> None:
    one = store_of(tmp_path / "one.db", ["force-a", "force-b"] * 4)
    two = store_of(tmp_path / "two.db", ["force-b", "force-a", "force-b"])
    path = tmp_path / "index"
    assert SubjectIndex(path).places(("force-a",), one) == [0, 2, 4, 6]
    assert SubjectIndex(path).places(("force-a",), two) == [1]
    assert SubjectIndex(path).places(("force-a",), one) == [0, 2, 4, 6]
    for left in tmp_path.glob("index*"):
        left.unlink()
    other = sqlite3.connect(path)
    other.execute("create table somebodys (value text)")
    other.close()
    for content in (None, b"no database at all " * 50, path.read_bytes()[:700], b""):
        if content is not None:
            path.write_bytes(content)
        assert SubjectIndex(path).places(("force-b",), two) == [0, 2]
        assert SubjectIndex(path).places(("force-b",), two) == [0, 2]
        assert path.is_file()
    one.close()
    two.close()


def test_where_the_index_cannot_be_written_it_is_made_in_memory(tmp_path: Path) -> None:
    store = store_of(tmp_path / "entries.db", ["force-a", "force-b"])
    nowhere = SubjectIndex(tmp_path / "no-such-folder" / "index")
    assert nowhere.places(("force-b",), store) == [1]
    add(store, ["force-b"])
    assert nowhere.places(("force-b",), store) == [1, 2]
    folder = tmp_path / "a-folder"
    (folder / "in-it").mkdir(parents=True)
    assert SubjectIndex(folder).places(("force-b",), store) == [1, 2]
    assert [one.name for one in folder.iterdir()] == ["in-it"]
    store.close()


def test_bytes_that_are_no_entry_are_a_damaged_store(tmp_path: Path) -> None:
    store = store_of(tmp_path / "entries.db", ["force-a"])
    with store.appending() as appending:
        appending.add([Waiting(b"{}", False)])
    with pytest.raises(LogStoreDamaged, match="entries 0 to 1"):
        SubjectIndex(tmp_path / "index").places(("force-a",), store)
    store.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_log_gives_the_entries_of_a_subject_on_either_store(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    for log in opened(kind, tmp_path, request.getfixturevalue("postgres") if kind == "postgres" else None):
        for number in range(6):
            subject = f"force-a/d-{number % 2}"
            log.append(draft("test.counted", {"faces": number}, "operator", subject=subject), OPERATOR)
        found = log.entries_of("force-a/d-1")
        faces = [(place, entry.draft.facts.get("faces")) for place, entry in found]
        assert faces[-3:] == [(4, 1), (6, 3), (8, 5)]
        both = log.entries_of("force-a/d-0", "force-a/d-1")
        assert [place for place, _ in both] == list(range(9))
        assert log.entries_of("force-a/d-7") == []


def test_threads_that_append_and_ask_see_all_that_was_appended_before_they_asked(tmp_path: Path) -> None:
    log = Log(
        SqliteSequencer.create(tmp_path / "entries.db"), TileDirectory(tmp_path / "public"),
        SecondPlace.create(tmp_path / "second"), SCHEMAS, LOG_KEY, SubjectIndex(tmp_path / "index"),
    )  # fmt: skip
    open_log(log)
    wrong: list[object] = []

    def work() -> None:
        try:
            for _ in range(15):
                place = log.append(counted(1), OPERATOR).index
                if place not in [one for one, _ in log.entries_of("force-a/d-1")]:
                    wrong.append(place)
        except BaseException as error:  # noqa: BLE001
            wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.sequencer.close()
    assert not wrong
