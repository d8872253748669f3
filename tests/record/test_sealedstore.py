"""The sealed store keeps, opens, and truly forgets: every byte of every file is searched for what was erased."""

from __future__ import annotations

import hashlib
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from countersign.output import CannotWrite
from countersign.record.entries.commitment import check_item, check_opening
from countersign.record.entries.entry import Commitment
from countersign.record.store.sealedstore import (
    ErasureUnfinished,
    NotHeld,
    SealedStore,
    SealedStoreDamaged,
    SealedStoreExists,
    SealedStoreMissing,
)


def opening(number: int) -> bytes:
    return hashlib.sha256(b"opening %d" % number).digest()


def content(number: int, size: int = 200) -> bytes:
    """Contents nobody would find by chance: a marker, then bytes that do not compress."""
    block = hashlib.sha256(b"content %d" % number).digest()
    return (b"sealed-%d-" % number + block * (size // 32 + 1))[:size]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SealedStore]:
    made = SealedStore.create(tmp_path / "sealed.db")
    yield made
    made.close()


def found_in(folder: Path, needle: bytes) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if needle in path.read_bytes())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_stale_copy_is_left_where_pages_were_rearranged(store: SealedStore, tmp_path: Path, seed: int) -> None:
    """Without writing the file anew, SQLite's ``secure_delete`` left 2 of 1,440 items in the gaps of pages."""
    rng = random.Random(seed)
    live: list[tuple[Commitment, int, bytes, bytes]] = []
    for _ in range(120):
        if rng.random() < 0.6 or not live:
            contents = [rng.randbytes(rng.choice([16, 40, 200, 4000])) for _ in range(rng.choice([1, 30]))]
            openings = [rng.randbytes(32) for _ in contents]
            made = store.seal_set("list", "watchlist", 1, contents, openings)
            live += [(made, n, *pair) for n, pair in enumerate(zip(contents, openings, strict=True))]
            continue
        gone = [live.pop(rng.randrange(len(live))) for _ in range(min(len(live), rng.choice([1, 20])))]
        store.erase([(made, [(place, place)]) for made, place, _, _ in gone])
        left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert not [place for _, place, data, secret in gone if secret in left or data[:16] in left]


def test_what_is_sealed_opens_and_fits_its_commitment(store: SealedStore) -> None:
    one = store.seal("reasons", "papers", 1, content(0), opening(0))
    item = store.open(one)
    assert check_opening(one.digest, item.label, item.version, item.content, item.opening).content == content(0)
    many = store.seal_set("list", "watchlist", 1, [content(n) for n in range(300)], [opening(n) for n in range(300)])
    assert many.count == 300
    for place, item in zip((0, 299, 137), store.open_many(many, (0, 299, 137)), strict=True):
        opened = check_item(many.digest, 300, place, "list", 1, item.content, item.opening, list(item.proof))
        assert opened.content == content(place)
    assert (store.holds(many), store.count("watchlist"), store.count("papers")) == (300, 300, 1)


def test_contents_are_those_still_here(store: SealedStore) -> None:
    single = store.seal("reasons", "papers", 1, content(9), opening(9))
    many = store.seal_set("list", "watchlist", 1, [content(n) for n in range(5)], [opening(n) for n in range(5)])
    store.erase([(many, [(1, 3)])])
    assert store.contents(many) == {0: content(0), 4: content(4)}
    assert store.contents(single) == {0: content(9)}
    store.erase([(single, [(0, 0)])])
    assert store.contents(single) == {}


@pytest.mark.parametrize("size", [40, 3_000, 200_000])
def test_nothing_of_an_erased_item_is_left_in_any_file(store: SealedStore, tmp_path: Path, size: int) -> None:
    many = store.seal_set(
        "list", "watchlist", 1, [content(n, size) for n in range(50)], [opening(n) for n in range(50)]
    )
    single = store.seal("reasons", "papers", 1, content(99, size), opening(99))
    gone, kept = [*range(10, 31), 99], [*range(10), *range(31, 50)]
    assert found_in(tmp_path, opening(15)), "the search must be able to find what is there"
    assert found_in(tmp_path, content(15, size)[:40])
    assert store.erase([(many, [(10, 30)]), (single, [(0, 0)])]) == 22
    store.backup_to(tmp_path / "backup.db")
    for number in gone:
        assert found_in(tmp_path, opening(number)) == []
        assert found_in(tmp_path, content(number, size)[:40]) == []
        assert found_in(tmp_path, content(number, size)[-32:]) == []
    for number in kept:
        assert store.open(many, number).content == content(number, size)
        assert "backup.db" in found_in(tmp_path, opening(number))
    with pytest.raises(NotHeld, match="item 10 of"):
        store.open(many, 10)
    assert store.holds(single) == 0


def test_an_erasure_waits_for_whoever_reads_the_old_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    SealedStore.create(tmp_path / "sealed.db").close()
    monkeypatch.setattr(SealedStore, "form", replace(SealedStore.form, wait=0.1))
    impatient = SealedStore(tmp_path / "sealed.db")
    one = impatient.seal("reasons", "papers", 1, content(1), opening(1))
    reader = sqlite3.connect(tmp_path / "sealed.db", isolation_level=None)
    reader.execute("begin")
    assert reader.execute("select count(*) from item").fetchone() == (1,)
    with pytest.raises(ErasureUnfinished, match="1 items were deleted, but the store is being read elsewhere"):
        impatient.erase([(one, [(0, 0)])])
    assert found_in(tmp_path, opening(1)), "the reader's old page is still there, which is why it was not acknowledged"
    reader.execute("rollback")
    reader.close()
    assert impatient.erase([(one, [(0, 0)])]) == 0
    assert found_in(tmp_path, opening(1)) == []
    impatient.close()


def test_a_store_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "sealed.db"
    SealedStore.create(path).close()
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(SealedStoreExists):
        SealedStore.create(path)
    with pytest.raises(SealedStoreMissing):
        SealedStore(tmp_path / "other.db")
    (tmp_path / "text.db").write_text("not a database, but long enough to be looked at as one " * 40)
    with pytest.raises(SealedStoreDamaged):
        SealedStore(tmp_path / "text.db")
    sqlite3.connect(tmp_path / "else.db").execute("create table t (a)").connection.close()
    with pytest.raises(SealedStoreDamaged, match="is not a sealed store"):
        SealedStore(tmp_path / "else.db")


def test_a_backup_is_a_store_and_never_written_over(store: SealedStore, tmp_path: Path) -> None:
    one = store.seal("reasons", "papers", 1, content(1), opening(1))
    store.backup_to(tmp_path / "backup.db")
    with pytest.raises(SealedStoreExists):
        store.backup_to(tmp_path / "backup.db")
    with pytest.raises(CannotWrite):
        store.backup_to(tmp_path / "nowhere" / "backup.db")
    copy = SealedStore(tmp_path / "backup.db")
    assert copy.open(one).content == content(1)
    copy.close()


def test_a_failed_sealing_leaves_nothing(store: SealedStore) -> None:
    many = store.seal_set("list", "watchlist", 1, [b"a", b"b"], [opening(1), opening(2)])
    with pytest.raises(SealedStoreDamaged):
        store.seal_set("list", "watchlist", 1, [b"a", b"b"], [opening(1), opening(2)])
    assert store.holds(many) == 2
    with pytest.raises(ValueError, match="at least one item"):
        store.seal_set("list", "watchlist", 1, [], [])
    with pytest.raises(ValueError, match="shorter"):
        store.seal_set("list", "watchlist", 1, [b"a"], [])
    assert store.count("watchlist") == 2
