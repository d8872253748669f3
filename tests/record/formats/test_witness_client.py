from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from countersign.record.outside.witness import (
    Answer,
    OldSizeDiffers,
    Witness,
    WitnessNotReached,
    WitnessRefuses,
    ask_witness,
)
from countersign.record.outside.witness_server import WitnessServer, WitnessStore
from countersign.record.tlog.checkpoint import CosignatureFails, Cosigner, NoKnownSignature, sign_checkpoint
from countersign.record.tlog.merkle import consistency_proof
from countersign.record.tlog.trust import verify_checkpoint

if TYPE_CHECKING:
    MemoryLog = Any


@contextmanager
def serving(answer: Callable[[bytes], Answer]) -> Iterator[str]:
    server = WitnessServer(answer, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.address
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def log(new_log: Callable[..., MemoryLog]) -> MemoryLog:
    return new_log(60, witnesses=1)


def ask(log: MemoryLog, address: str, size: int, old: int = 0) -> Any:
    signed = sign_checkpoint(log.checkpoint(size), log.signer)
    keys = [witness.key for witness in log.witnesses]
    return ask_witness(
        address, signed, keys, lambda known: consistency_proof(log.tree, known, size), old=old, timeout=5
    )


def test_a_witness_that_has_moved_on_is_asked_again_from_where_it_is(tmp_path: Path, log: MemoryLog) -> None:
    store = WitnessStore.create(tmp_path / "witness.db")
    witness = Witness(log.witnesses[0], [log.signer.key], store, lambda: 1_700_000_000)
    with serving(witness.answer) as address:
        for size, old in ((7, 0), (20, 0), (33, 33), (60, 33)):
            cosigned = ask(log, address, size, old=min(old, size))
            assert len(verify_checkpoint(cosigned, log.policy(1)).cosignatures) == 1
        with pytest.raises(OldSizeDiffers) as caught:
            ask(log, address + "/", 33)
        assert caught.value.size == 60
        other = log.fork(0).grow(b"other %d" % number for number in range(60))
        with pytest.raises(WitnessRefuses, match=r"409.*split-view|409.*two roots"):
            ask(other, address, 60)
    store.close()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(200, "text/plain", b"no line\n"), "note-malformed"),
        (Answer(409, "text/x.tlog.size", b"007\n"), "witness-not-reached"),
        (Answer(409, "text/x.tlog.size", b"\xff"), "witness-not-reached"),
        (Answer(409, "text/x.tlog.size", b"3\n"), "witness-not-reached"),
        (Answer(500, "text/html", b"<p>\xff"), "witness-refuses"),
        (Answer(301, "text/html", b"elsewhere"), "witness-refuses"),
        (Answer(200, "text/plain", bytes(2 << 20)), "witness-not-reached"),
    ],
)
def test_what_is_no_proper_answer_is_named(log: MemoryLog, answer: Answer, error: str) -> None:
    from countersign.errors import CountersignError

    with serving(lambda data: answer) as address:
        with pytest.raises(CountersignError) as caught:
            ask(log, address, 7)
        assert caught.value.code == error


def test_a_cosignature_by_another_key_or_of_another_checkpoint_is_not_taken(
    log: MemoryLog, cosigner: Callable[[str], Cosigner]
) -> None:
    def line(witness: Cosigner, size: int) -> Answer:
        return Answer(200, "text/plain", f"{witness.cosign(log.checkpoint(size), 5).render()}\n".encode())

    with serving(lambda data: line(cosigner("stranger.example"), 7)) as address, pytest.raises(NoKnownSignature):
        ask(log, address, 7)
    with serving(lambda data: line(log.witnesses[0], 8)) as address, pytest.raises(CosignatureFails):
        ask(log, address, 7)


@pytest.mark.parametrize("address", ["", "nonsense", "https://127.0.0.1:1", "http://[::1", "http://127.0.0.1:99999/"])
def test_an_address_that_is_none_or_not_there_is_said(log: MemoryLog, address: str) -> None:
    with pytest.raises(WitnessNotReached):
        ask(log, address, 7)


def test_nobody_listening_is_said(log: MemoryLog) -> None:
    with serving(lambda data: Answer(200, "text/plain", b"")) as address:
        pass
    with pytest.raises(WitnessNotReached, match="refused"):
        ask(log, address, 7)
