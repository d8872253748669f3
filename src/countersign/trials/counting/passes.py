"""One pass over a table: pieces counted on any executor, finished ones kept, sums the same whatever happens on the way.

``count`` takes any ``concurrent.futures.Executor``: threads by default (NumPy and Arrow let go of the interpreter while
they count), processes, or a Dask cluster by ``Client(...).get_executor()``. At most a few pieces are under way at once,
so memory does not grow with the table. With a folder for finished pieces, a worker that is killed costs only its piece:
run again with the same folder and only what is missing is counted. The folder holds counts and pseudonymous numbers of
subjects above the floor; delete it when the report is written.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from countersign.errors import NotReached
from countersign.output import write_whole
from countersign.progress import Progress, silent
from countersign.trials.scores.source import Piece, Source


class Counter(Protocol):
    """Counts batches in place."""

    def add(self, name: str, first_row: int, batch: pa.RecordBatch, known: Mapping[str, Any]) -> None:
        """Count rows from ``first_row`` on of the file ``name``; ``known``: columns of one value, left out of it."""

    def absorb(self, other: Any) -> None:
        """Add a finished piece."""

    def piece(self) -> Any:
        """What has been counted of a piece, to be absorbed elsewhere."""

    def tally(self) -> Any:
        """What has been counted, frozen and in its one form."""


class Task(Protocol):
    """What a worker is sent: what to read, how to count it, and how a finished piece is kept."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns to read."""

    @property
    def constant_columns(self) -> tuple[str, ...]:
        """Columns that need not be read where they hold one value."""

    @property
    def digest(self) -> str:
        """Over everything that decides what is counted."""

    def counter(self) -> Counter:
        """A counter at zero."""

    def pack(self, tally: Any) -> bytes:
        """A finished piece as bytes."""

    def unpack(self, content: bytes) -> Any:
        """The inverse. Raises ``CountsWrong``."""


#: Pieces under way for each worker: one being counted, one waiting.
UNDER_WAY = 2


class WorkerLost(NotReached):
    """A worker process died before its piece was finished."""

    code = "trial-worker-lost"
    next_step = "Run the command again with the same folder of finished pieces: only what is missing is counted."


def count_piece(task: Task, piece: Piece, folder: str | None = None) -> Any:
    """Count one piece, in whatever process this runs; with a ``folder``, keep or take up the finished piece there."""
    kept = Path(folder) / f"{_name(task, piece)}.counts" if folder else None
    if kept is not None and kept.exists():
        return task.unpack(kept.read_bytes())
    counter = task.counter()
    known = piece.constants(task.constant_columns)
    for first_row, batch in piece.batches([name for name in task.columns if name not in known]):
        counter.add(piece.name, first_row, batch, known)
    tally = counter.piece()
    if kept is not None:
        write_whole(kept, task.pack(tally))
    return tally


def count(
    source: Source,
    task: Task,
    executor: Executor | None = None,
    *,
    folder: Path | None = None,
    progress: Progress = silent,
) -> Any:
    """Count a whole table. Raises ``WorkerLost``, ``TableUnreadable``, and ``CountsWrong`` for a damaged piece.

    The executor is the caller's and is not shut down. Its workers must see the same files (and ``folder``).
    """
    counter = task.counter()
    own = ThreadPoolExecutor(os.cpu_count()) if executor is None else None
    pool = executor or own
    assert pool is not None
    kept = str(folder) if folder else None
    try:
        for done, tally in enumerate(_finished(pool, task, source.pieces, kept), start=1):
            counter.absorb(tally)
            progress("counting rows", done, len(source.pieces))
    except BrokenExecutor as error:
        raise WorkerLost(f"{source.names[0]}: a worker process died while counting") from error
    finally:
        if own is not None:
            own.shutdown(cancel_futures=True)
    return counter.tally()


def _finished(pool: Executor, task: Task, pieces: tuple[Piece, ...], folder: str | None) -> Iterator[Any]:
    """Tallies as they come, with a bounded number of pieces under way."""
    limit = UNDER_WAY * (getattr(pool, "_max_workers", None) or os.cpu_count() or 1)
    waiting = iter(pieces)
    running: set[Future[Any]] = set()
    try:
        while True:
            while len(running) < limit and (piece := next(waiting, None)) is not None:
                running.add(pool.submit(count_piece, task, piece, folder))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
    finally:
        for future in running:
            future.cancel()


def _name(task: Task, piece: Piece) -> str:
    content = f"{task.digest}|{piece.key}"
    return hashlib.sha256(content.encode()).hexdigest()
