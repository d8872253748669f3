"""Erasing: wherever it is cut short, the log and the sealed store come together again without a hand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from tests.making.logs import CUSTODIAN, OPERATOR, REGISTRAR, counted, draft, erased, log_on, opened

from countersign.record.entries.entry import Commitment
from countersign.record.keeping.erasure import ErasureNotStated, Intent, erase, finish_erasure
from countersign.record.keeping.log import Log, RetentionRefused
from countersign.record.store.sealedstore import ErasureUnfinished, SealedStore


@pytest.fixture(params=["sqlite", "postgres"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    postgres = request.getfixturevalue("postgres") if request.param == "postgres" else None
    yield from opened(request.param, tmp_path, postgres)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SealedStore]:
    made = SealedStore.create(tmp_path / "sealed.db")
    yield made
    made.close()


def sealed(log: Log, store: SealedStore, count: int = 10) -> Commitment:
    contents = [b"sealed line %d here" % n for n in range(count)]
    made = store.seal_set("list", "watchlist", 1, contents, [sha256(b"%d" % n).digest() for n in range(count)])
    log.append(counted(1, list=made), OPERATOR)
    return made


def test_an_entry_says_erased_only_after_the_store_forgot(log: Log, store: SealedStore, tmp_path: Path) -> None:
    listed, intent = sealed(log, store), Intent(tmp_path / "erasing")
    assert erase(log, store, intent, erased(3, (0, 3)), CUSTODIAN).index == 4
    assert (store.holds(listed), log.accounts().of("watchlist").erased) == (6, 4)
    assert not intent.path.exists()
    with pytest.raises(RetentionRefused, match="are erased already"):
        erase(log, store, intent, erased(3, (3, 5)), CUSTODIAN)
    assert (store.holds(listed), intent.path.exists()) == (6, False)
    assert finish_erasure(log, store, intent) is None


@pytest.mark.parametrize("where", ["before the store", "after the store", "after the entry"])
def test_a_crash_anywhere_is_healed_by_whoever_comes_next(
    log: Log, store: SealedStore, tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed, intent = sealed(log, store), Intent(tmp_path / "erasing")
    really = store.erase

    def crash(*arguments: object) -> int:
        if where == "after the store":
            really(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        if where == "after the entry":
            patched.setattr(Intent, "done", crash)
        else:
            patched.setattr(store, "erase", crash)
        with pytest.raises(KeyboardInterrupt):
            erase(log, store, intent, erased(3, (0, 3)), CUSTODIAN)
    assert intent.path.exists()
    again = log_on(log.sequencer, tmp_path)
    finished = finish_erasure(again, store, intent)
    assert finished is not None
    assert finished.index == 4
    assert (store.holds(listed), again.accounts().of("watchlist").erased, log.sequencer.size()) == (6, 4, 5)
    assert not intent.path.exists()


def test_a_reader_in_the_store_keeps_the_entry_out(
    log: Log, store: SealedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed(log, store)
    intent = Intent(tmp_path / "erasing")

    def read_elsewhere(*_: object) -> int:
        raise ErasureUnfinished("the store is being read elsewhere")

    with monkeypatch.context() as patched:
        patched.setattr(store, "erase", read_elsewhere)
        with pytest.raises(ErasureUnfinished):
            erase(log, store, intent, erased(3, (0, 3)), CUSTODIAN)
    assert (log.sequencer.size(), log.accounts().of("watchlist").erased) == (4, 0)
    assert finish_erasure(log, store, intent) is not None
    assert log.accounts().of("watchlist").erased == 4


def test_an_erasure_that_may_not_be_stated_any_more_is_set_aside(
    log: Log, store: SealedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed(log, store)
    intent = Intent(tmp_path / "erasing")
    with monkeypatch.context() as patched:
        patched.setattr(store, "erase", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            erase(log, store, intent, erased(3, (0, 3)), CUSTODIAN)
    log.append(draft("record.key-revoked", {"key": CUSTODIAN.key, "reason": "lost"}, "registrar"), REGISTRAR)
    with pytest.raises(ErasureNotStated, match="revoked by entry 4"):
        finish_erasure(log, store, intent)
    assert finish_erasure(log, store, intent) is None
    assert (tmp_path / "erasing.refused").exists()


def test_two_erasers_at_once_do_not_cross(log: Log, store: SealedStore, tmp_path: Path) -> None:
    listed, intent = sealed(log, store, 40), Intent(tmp_path / "erasing")
    other = log_on(log.sequencer, tmp_path)
    refused: list[str] = []

    def work(which: Log, start: int) -> None:
        for first in range(start, 40, 4):
            try:
                erase(which, store, intent, erased(3, (first, first + 1)), CUSTODIAN)
            except RetentionRefused as error:
                refused.append(str(error))

    threads = [threading.Thread(target=work, args=given) for given in ((log, 0), (other, 2))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == []
    assert store.holds(listed) == 0
    assert log_on(log.sequencer, tmp_path).accounts().of("watchlist") == (40, 0, 40, 0, 0)
