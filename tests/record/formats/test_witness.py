"""The witness's rules and its memory: what it must not do (all its answers are among the vectors)."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from countersign.errors import CountersignError
from countersign.record.outside.witness import AddCheckpoint, OldSizeDiffers, RequestMalformed, Witness, add_answer
from countersign.record.outside.witness_server import (
    WitnessStateDamaged,
    WitnessStateExists,
    WitnessStateMissing,
    WitnessStore,
)
from countersign.record.tlog.checkpoint import (
    Checkpoint,
    CheckpointMalformed,
    CosignatureFails,
    Cosigner,
    NoKnownSignature,
    NoteMalformed,
    SignedCheckpoint,
    sign_checkpoint,
    verify_note,
    verify_signature,
)
from countersign.record.tlog.merkle import ConsistencyFails, consistency_proof
from countersign.record.tlog.trust import SplitView, UnknownLog, verify_checkpoint

if TYPE_CHECKING:
    MemoryLog = Any

Maker = Callable[..., "MemoryLog"]
NOW = 1_700_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[WitnessStore]:
    store = WitnessStore.create(tmp_path / "witness.db")
    yield store
    store.close()


@pytest.fixture
def log(new_log: Maker) -> MemoryLog:
    return new_log(50)


@pytest.fixture
def witness(store: WitnessStore, log: MemoryLog, cosigner: Callable[[str], Cosigner]) -> Witness:
    return Witness(cosigner("w.example"), [log.signer.key], store, lambda: NOW)


def request(log: MemoryLog, old: int, new: int, proof: list[bytes] | None = None) -> AddCheckpoint:
    hashes = consistency_proof(log.tree, old, new) if proof is None else proof
    return AddCheckpoint(old, tuple(hashes), sign_checkpoint(log.checkpoint(new), log.signer))


def test_it_cosigns_growth_with_the_time_of_its_clock(witness: Witness, store: WitnessStore, log: MemoryLog) -> None:
    for old, new in ((0, 7), (7, 7), (7, 32), (32, 50)):
        line = witness.add_checkpoint(request(log, old, new))
        assert verify_signature(log.checkpoint(new).render(), line, witness.key).time == NOW
        latest = store.latest("log.example/1")
        assert latest is not None
        assert latest.checkpoint.size == new
    assert store.latest("another") is None


def test_a_log_may_begin_with_the_empty_tree(witness: Witness, log: MemoryLog) -> None:
    witness.add_checkpoint(request(log, 0, 0))
    witness.add_checkpoint(request(log, 0, 0))
    with pytest.raises(ConsistencyFails):
        witness.add_checkpoint(request(log, 0, 5, [bytes(32)]))
    witness.add_checkpoint(request(log, 0, 5))


def test_it_does_not_go_back_nor_aside(witness: Witness, store: WitnessStore, log: MemoryLog) -> None:
    witness.add_checkpoint(request(log, 0, 30))
    other = log.fork(20).grow(b"other %d" % number for number in range(30))
    with pytest.raises(OldSizeDiffers) as caught:
        witness.add_checkpoint(request(log, 0, 50))
    assert caught.value.size == 30
    with pytest.raises(OldSizeDiffers):
        witness.add_checkpoint(request(log, 10, 20))
    with pytest.raises(SplitView):
        witness.add_checkpoint(request(other, 30, 30, []))
    with pytest.raises(ConsistencyFails):
        witness.add_checkpoint(request(other, 30, 50))
    with pytest.raises(RequestMalformed, match="above"):
        witness.add_checkpoint(AddCheckpoint(31, (), sign_checkpoint(log.checkpoint(30), log.signer)))
    latest = store.latest("log.example/1")
    assert latest is not None
    assert latest.checkpoint == log.checkpoint(30)
    # What the log has signed, and was refused for, is kept: together with the last one it proves two histories.
    assert [(reason, kept.checkpoint) for reason, kept in store.evidence()] == [
        ("split-view", other.checkpoint(30)),
        ("consistency-fails", other.checkpoint(50)),
    ]


def test_what_is_not_signed_by_a_known_log_leaves_no_trace(
    witness: Witness, store: WitnessStore, log: MemoryLog, new_log: Maker
) -> None:
    stranger = new_log(5, origin="stranger.example/1")
    with pytest.raises(UnknownLog):
        witness.add_checkpoint(request(stranger, 0, 5))
    signed = sign_checkpoint(log.checkpoint(5), log.signer)
    foreign = stranger.signer.sign(signed.note.text)
    unsigned = SignedCheckpoint(signed.checkpoint, type(signed.note)(signed.note.text, (foreign,)))
    with pytest.raises(NoKnownSignature):
        witness.add_checkpoint(AddCheckpoint(0, (), unsigned))
    assert store.all_latest() == []
    assert store.evidence() == []


def test_extension_lines_of_other_logs_are_kept_and_cosigned(witness: Witness, log: MemoryLog) -> None:
    text = Checkpoint("log.example/1", 5, log.tree.root(5), ("an extension",))
    note = type(log.head().note)(text.render(), (log.signer.sign(text.render()),))
    line = witness.add_checkpoint(AddCheckpoint(0, (), SignedCheckpoint(text, note)))
    assert verify_signature(text.render(), line, witness.key).key == witness.key


def test_of_many_requests_at_once_from_one_size_each_step_is_taken_once(
    tmp_path: Path, log: MemoryLog, cosigner: Callable[[str], Cosigner]
) -> None:
    WitnessStore.create(tmp_path / "many.db").close()
    barrier = threading.Barrier(8)
    taken: list[int] = []

    def ask(number: int) -> None:
        # Each thread has a store of its own on the same file, as another process would.
        store = WitnessStore(tmp_path / "many.db")
        witness = Witness(cosigner("w.example"), [log.signer.key], store, lambda: NOW)
        barrier.wait()
        for old, new in ((0, 10), (10, 20), (20, 30), (30, 50)):
            try:
                witness.add_checkpoint(request(log, old, new))
                taken.append(new)
            except OldSizeDiffers:
                continue
        store.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [10, 20, 30, 50]


def test_two_histories_raced_against_each_other_never_both_get_a_cosignature(
    tmp_path: Path, log: MemoryLog, cosigner: Callable[[str], Cosigner]
) -> None:
    other = log.fork(0).grow(b"other %d" % number for number in range(50))
    for attempt in range(10):
        store = WitnessStore.create(tmp_path / f"race{attempt}.db")
        witness = Witness(cosigner("w.example"), [log.signer.key], store, lambda: NOW)
        barrier = threading.Barrier(2)
        cosigned: list[bytes] = []

        def ask(history: MemoryLog, barrier: threading.Barrier = barrier, witness: Witness = witness,
                cosigned: list[bytes] = cosigned) -> None:  # fmt: skip
            barrier.wait()
            try:
                witness.add_checkpoint(request(history, 0, 50))
                cosigned.append(history.checkpoint(50).root)
            except CountersignError:
                pass

        threads = [threading.Thread(target=ask, args=(history,)) for history in (log, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(cosigned) == 1
        store.close()


def test_nothing_is_cosigned_when_it_cannot_be_kept(
    store: WitnessStore, log: MemoryLog, cosigner: Callable[[str], Cosigner], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        in_transaction = False

        def execute(self, statement: str, *values: Any) -> Any:
            if statement == "commit":
                raise sqlite3.OperationalError("database or disk is full")
            return real.execute(statement, *values)

    real = store._connection
    witness = Witness(cosigner("w.example"), [log.signer.key], store, lambda: NOW)
    monkeypatch.setattr(store, "_connection", Full())
    with pytest.raises(WitnessStateMissing, match="disk is full"):
        witness.add_checkpoint(request(log, 0, 5))
    real.execute("rollback")
    monkeypatch.setattr(store, "_connection", real)
    assert store.latest("log.example/1") is None
    witness.add_checkpoint(request(log, 0, 5))


def test_the_store_writes_ahead_and_syncs_fully(store: WitnessStore, tmp_path: Path) -> None:
    assert store._connection.execute("pragma synchronous").fetchone() == (2,)
    assert store._connection.execute("pragma journal_mode").fetchone() == ("wal",)
    assert oct((tmp_path / "witness.db").stat().st_mode & 0o777) == "0o600"


def test_a_witness_without_its_memory_does_not_start(tmp_path: Path, log: MemoryLog) -> None:
    with pytest.raises(WitnessStateMissing):
        WitnessStore(tmp_path / "none.db")
    with pytest.raises(WitnessStateMissing):
        WitnessStore.create(tmp_path / "none" / "none.db")
    (tmp_path / "text.db").write_bytes(b"not a database, but long enough to be looked at as one" * 20)
    with pytest.raises(WitnessStateDamaged):
        WitnessStore(tmp_path / "text.db")
    sqlite3.connect(tmp_path / "other.db").execute("create table t (x)").connection.close()
    with pytest.raises(WitnessStateDamaged, match="version"):
        WitnessStore(tmp_path / "other.db")
    with pytest.raises(WitnessStateExists):
        WitnessStore.create(tmp_path / "other.db")


def test_a_row_that_is_no_checkpoint_is_damage_not_a_beginning(
    tmp_path: Path, log: MemoryLog, cosigner: Callable[[str], Cosigner]
) -> None:
    store = WitnessStore.create(tmp_path / "witness.db")
    store._connection.execute("insert into latest values ('log.example/1', x'00')")
    witness = Witness(cosigner("w.example"), [log.signer.key], store, lambda: NOW)
    with pytest.raises(WitnessStateDamaged):
        witness.add_checkpoint(request(log, 0, 5))
    store.close()


def test_a_path_with_signs_that_addresses_use(tmp_path: Path) -> None:
    path = tmp_path / "a?b#c%20d.db"
    WitnessStore.create(path).close()
    WitnessStore(path).close()
    assert path.exists()


def test_requests_round_trip(log: MemoryLog) -> None:
    for old, new in ((0, 7), (7, 50), (50, 50)):
        data = request(log, old, new).render()
        assert AddCheckpoint.parse(data).render() == data


@pytest.mark.parametrize(
    "data",
    [b"", b"old 1\n", b"old 1\nAQ==\n\nx", b"new 1\n\nx", b"old -1\n\nx", b"old 1\n\xff\n\nx",
     b"old 1\n" + b"A\n" * 64 + b"\nx", b"x" * (2 << 20)],
)  # fmt: skip
def test_another_form_is_refused(data: bytes) -> None:
    with pytest.raises((RequestMalformed, NoteMalformed, CheckpointMalformed)):
        AddCheckpoint.parse(data)


def test_an_answer_is_added_to_the_checkpoint_it_belongs_to(witness: Witness, log: MemoryLog) -> None:
    asked = request(log, 0, 7)
    answer = witness.answer(asked.render())
    assert answer.status == 200
    cosigned = add_answer(asked.checkpoint, answer.body, [witness.key])
    assert len(verify_note(cosigned.note, [log.signer.key, witness.key]).signatures) == 2
    assert verify_checkpoint(cosigned, log.policy()).checkpoint.size == 7
    assert add_answer(cosigned, answer.body, [witness.key]) == cosigned
    with pytest.raises(CosignatureFails):
        add_answer(request(log, 0, 8).checkpoint, answer.body, [witness.key])
    with pytest.raises(NoKnownSignature):
        add_answer(asked.checkpoint, answer.body, [log.signer.key])
    for bad in (b"", b"\xff\n", answer.body[:-1], b"7\n"):
        with pytest.raises(NoteMalformed):
            add_answer(asked.checkpoint, bad, [witness.key])
