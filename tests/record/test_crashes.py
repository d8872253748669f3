"""A log under hard use: killed in the middle of appends, a full disk, many processes at once; on both stores."""

from __future__ import annotations

import os
import random
import resource
import select
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.making.logs import LOG_KEY, OPERATOR, SCHEMAS, counted, log_on, make_sequencer, open_log, trusting

from countersign.errors import CountersignError
from countersign.output import CannotWrite
from countersign.record.keeping.log import Log, prepare
from countersign.record.outside.monitor import MonitorState, look
from countersign.record.store.sequencer import LogStoreMissing, Sequencer, SqliteSequencer
from countersign.record.store.sequencer_postgres import PostgresSequencer

POLICY = trusting(LOG_KEY)
Opener = Callable[[], Sequencer]


@pytest.fixture(params=["sqlite", "postgres"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Opens the store of a log that has been begun; for this process or one of its children."""
    postgres = request.getfixturevalue("postgres") if request.param == "postgres" else None
    sequencer = make_sequencer(request.param, tmp_path, postgres)
    open_log(log_on(sequencer, tmp_path))
    sequencer.close()
    if isinstance(sequencer, PostgresSequencer):
        name = sequencer._name
        return lambda: PostgresSequencer(postgres or "", name)
    return lambda: SqliteSequencer(tmp_path / "entries.db")


def child(work: Callable[[int], None]) -> tuple[int, int]:
    """A child process that does ``work`` with the writing end of a pipe; its id and the reading end."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        status = 1
        try:
            os.close(reading)
            work(writing)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    return process, reading


def acknowledged(reading: int) -> list[int]:
    with os.fdopen(reading, "rb") as file:
        lines = file.read().split(b"\n")
    return [int(line) for line in lines[:-1]]


def faces(log: Log) -> list[int]:
    return [int(str(entry.draft.facts["faces"])) for entry in log.entries(3, log.sequencer.size())]


def append_and_publish(opener: Opener, folder: Path, first: int) -> Callable[[int], None]:
    def work(writing: int) -> None:
        log = log_on(opener(), folder)
        for number in range(first, first + 100_000, 3):
            log.append_prepared([prepare(counted(number + part), OPERATOR, SCHEMAS) for part in range(3)])
            os.write(writing, b"".join(b"%d\n" % (number + part) for part in range(3)))
            if number % 4 == 0:
                log.publish()

    return work


def killed_over_and_over(opener: Opener, folder: Path, times: int, seed: int) -> None:
    rng = random.Random(seed)
    acked: list[int] = []
    state: MonitorState | None = None
    for attempt in range(times):
        process, reading = child(append_and_publish(opener, folder, 1_000_000 * (attempt + 1) // 10))
        if attempt % 2:
            # Every second one has begun, however busy the machine is; the others may be killed while opening the log.
            select.select([reading], [], [], 10)
        time.sleep(rng.uniform(0.0, 0.08))
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        acked += acknowledged(reading)
        if attempt % 8 == 7 or attempt == times - 1:
            log = log_on(opener(), folder)
            with log.sequencer.appending():
                pass  # A server may still be committing what a killed client has sent: its lock is waited for.
            there = faces(log)
            assert len(set(there)) == len(there), "an entry is in twice"
            assert set(acked) <= set(there), "an acknowledged entry is lost"
            head = log.publish()
            assert head is not None
            assert head.checkpoint.size == log.sequencer.size() == len(there) + 3
            found = look(log.tiles.source, POLICY, SCHEMAS, state, 1_772_400_000)
            assert found.faults == []
            state = found.state
            log.sequencer.close()
    assert len(acked) > times / 4, "most were killed before they had begun"


@pytest.mark.slow
def test_killed_in_the_middle_nothing_acknowledged_is_lost(opener: Opener, tmp_path: Path) -> None:
    killed_over_and_over(opener, tmp_path, 8, seed=1)


@pytest.mark.slow
def test_killed_two_hundred_times_nothing_acknowledged_is_lost(opener: Opener, tmp_path: Path) -> None:
    killed_over_and_over(opener, tmp_path, 200, seed=2)


def written_by_eight(opener: Opener, folder: Path, seconds: float) -> None:
    def writer(number: int) -> Callable[[int], None]:
        def work(writing: int) -> None:
            log = log_on(opener(), folder)
            end, one = time.monotonic() + seconds, 0
            while time.monotonic() < end:
                mark = number * 10_000_000 + one
                index = log.append(counted(mark), OPERATOR).index
                os.write(writing, b"%d\n%d\n" % (index, mark))
                one += 1
                if number == 0 and one % 20 == 0:
                    log.publish()
            log.sequencer.close()

        return work

    children = [child(writer(number)) for number in range(8)]
    told: dict[int, int] = {}
    for process, reading in children:
        numbers = acknowledged(reading)
        pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
        assert not told.keys() & {index for index, _ in pairs}, "two writers were given one place"
        told |= dict(pairs)
        assert os.waitpid(process, 0)[1] == 0
        assert len(pairs) > 1, "a writer came to nothing"
    log = log_on(opener(), folder)
    assert sorted(told) == list(range(3, log.sequencer.size())), "a gap"
    assert faces(log) == [told[index] for index in sorted(told)]
    log.publish()
    assert look(log.tiles.source, POLICY, SCHEMAS, None, 1_772_400_000).faults == []
    log.sequencer.close()


@pytest.mark.slow
def test_eight_processes_at_once_leave_no_gap_and_no_double(opener: Opener, tmp_path: Path) -> None:
    written_by_eight(opener, tmp_path, 1.5)


@pytest.mark.slow
def test_eight_processes_for_a_minute_leave_no_gap_and_no_double(opener: Opener, tmp_path: Path) -> None:
    written_by_eight(opener, tmp_path, 60)


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """As a full disk: writing beyond fails with an error (Python ignores the signal that goes with it)."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_told_loses_nothing_and_appends_go_on(tmp_path: Path) -> None:
    sequencer = make_sequencer("sqlite", tmp_path, None)
    log = log_on(sequencer, tmp_path)
    open_log(log)
    log.publish()
    largest = max(path.stat().st_size for path in tmp_path.glob("entries.db*"))
    kept: list[int] = []
    with no_file_longer_than(largest + 40_000):

        def append_on() -> None:
            for number in range(10_000):
                log.append(counted(number), OPERATOR)
                kept.append(number)

        with pytest.raises(LogStoreMissing, match=r"disk") as error:
            append_on()
        assert "room on the disk" in error.value.next_step
        assert faces(log) == kept
        with pytest.raises(CountersignError):
            log.append(counted(77_777), OPERATOR)
    with no_file_longer_than(100), pytest.raises(CannotWrite):
        log.publish()
    assert kept
    assert log.append(counted(10_001), OPERATOR).index == 3 + len(kept)
    assert faces(log) == [*kept, 10_001]
    head = log.publish()
    assert head is not None
    assert head.checkpoint.size == 4 + len(kept)
    assert look(log.tiles.source, POLICY, SCHEMAS, None, 1_772_400_000).faults == []
    sequencer.close()
