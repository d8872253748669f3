"""Executors: a worker killed in the middle costs its piece only, and the answer is the same to the bit."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from countersign.trials.counting.batch import Task
from countersign.trials.counting.counts import Scheme
from countersign.trials.counting.evaluate import Question, evaluate
from countersign.trials.counting.passes import CountsWrong, WorkerLost, count, count_piece
from countersign.trials.scores.source import Piece, Source, open_table
from countersign.trials.scores.subjects import Subjects


def source(folder: Path) -> Source:
    return open_table([folder / "searches.parquet"], rows_a_piece=500)


def task(people: Subjects, found: Source) -> Task:
    grouping = people.grouping(("group",))
    scheme = Scheme(
        groups=2, subjects=len(people), group_of=grouping.codes, thresholds=(0.55, 0.6), low=0.0, high=1.0,
        sizes=(1000,), floor=0.5, score_type="float32",
    )  # fmt: skip
    return Task(scheme, people, Task.needed(found))


def dying(task: Task, piece: Piece, folder: str | None = None) -> Any:
    """Counts a piece, but the first worker to reach row 2,001 is killed, as by the kernel for want of memory."""
    assert folder is not None
    mark = Path(folder) / "died"
    if piece.first_row == 2001 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return count_piece(task, piece, folder)


class Recording(ThreadPoolExecutor):
    """Remembers which pieces were counted."""

    def __init__(self) -> None:
        super().__init__(2)
        self.rows: list[int] = []

    def submit(self, fn: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        self.rows.append(arguments[1].first_row)
        return super().submit(fn, *arguments, **named)


def test_pieces_under_way_are_few_and_all_are_counted(folder: Path, people: Subjects) -> None:
    found = source(folder)
    pool = Recording()
    seen: list[tuple[int, int | None]] = []
    count(found, task(people, found), pool, progress=lambda doing, done, of: seen.append((done, of)))
    assert pool.rows == [1 + 500 * place for place in range(10)]
    assert seen == [(place, 10) for place in range(1, 11)]


def test_finished_pieces_are_taken_up_and_damage_is_seen(folder: Path, people: Subjects, tmp_path: Path) -> None:
    found = source(folder)
    what = task(people, found)
    whole = count(found, what).counts.to_bytes()
    kept = tmp_path / "kept"
    kept.mkdir()
    assert count(found, what, folder=kept).counts.to_bytes() == whole
    pieces = sorted(kept.glob("*.counts"))
    assert len(pieces) == 10
    times = {path: path.stat().st_mtime_ns for path in pieces}
    pieces[3].unlink()
    assert count(found, what, folder=kept).counts.to_bytes() == whole
    again = {path: path.stat().st_mtime_ns for path in sorted(kept.glob("*.counts"))}
    assert sum(times[path] != again[path] for path in pieces) == 1
    pieces[5].write_bytes(pieces[5].read_bytes()[:-3])
    with pytest.raises(CountsWrong):
        count(found, what, folder=kept)


@pytest.mark.slow
def test_a_killed_process_costs_its_piece(
    folder: Path, people: Subjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = source(folder)
    what = task(people, found)
    whole = count(found, what).counts.to_bytes()
    monkeypatch.setattr("countersign.trials.counting.passes.count_piece", dying)
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool, pytest.raises(WorkerLost):
        count(found, what, pool, folder=tmp_path)
    finished = len(list(tmp_path.glob("*.counts")))
    assert 1 <= finished < 10
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
        assert count(found, what, pool, folder=tmp_path).counts.to_bytes() == whole
    assert len(list(tmp_path.glob("*.counts"))) == 10


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_dask_cluster_with_a_worker_killed_in_the_middle(folder: Path, people: Subjects, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    found = source(folder)
    what = task(people, found)
    whole = count(found, what).counts.to_bytes()
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1",
            local_directory=str(tmp_path / "dask"),
        ) as cluster,
        distributed.Client(cluster) as client,
        client.get_executor() as executor,
    ):  # fmt: skip
        assert len(client.scheduler_info(n_workers=-1)["workers"]) == 2
        before = set(client.run(os.getpid).values())
        tally = count(found, what, _Killing(executor, tmp_path), folder=tmp_path)
        assert tally.counts.to_bytes() == whole
        assert (tmp_path / "died").exists()
        for _ in range(100):
            after = set(client.run(os.getpid).values())
            if len(after) == 2 and after != before:
                break
            time.sleep(0.1)
        assert after != before, "no worker was killed and started anew"
        question = Question(by=(("group",),), thresholds=(0.6,))
        there = evaluate(found, people, question, executor)
    here = evaluate(found, people, question)
    assert there.counts.to_bytes() == here.counts.to_bytes()
    assert np.array_equal(there.counts.completed, here.counts.completed)


class _Killing(Executor):
    """Hands pieces to a cluster's executor, one of which kills its worker the first time it is counted."""

    _max_workers = 2

    def __init__(self, executor: Any, folder: Path) -> None:
        self._executor, self._folder = executor, folder

    def submit(self, fn: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        return self._executor.submit(_dying_on_dask, *arguments[:2], str(self._folder))  # type: ignore[no-any-return]


def _dying_on_dask(task: Task, piece: Piece, folder: str) -> Any:
    """Sent by value, since the workers do not import the tests."""
    mark = Path(folder) / "died"
    if piece.first_row == 2001 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return count_piece(task, piece, folder)
