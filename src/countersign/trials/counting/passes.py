"""One pass over a table: pieces counted on any executor, finished ones kept, sums the same whatever happens on the way.

``count`` takes any ``concurrent.futures.Executor`` (a Dask cluster by ``Client(...).get_executor()``) with a few pieces
under way at once, so memory does not grow with the table. With a folder for finished pieces only what is missing is
counted again; it holds counts and pseudonymous numbers: delete it when the report is written.

A finished piece is a line that names the format, a line of canonical JSON, then arrays, little-endian, in the order and
shapes that the reader already knows: nothing in the bytes is trusted to say how long it is.

>>> content = pack(b"example 1", {"of": "x"}, [np.array([1, 2], "<i8")])
>>> head, (array,) = unpack(content, b"example 1", lambda head: [("<i8", (2,))])
>>> head, array.tolist()
({'of': 'x'}, [1, 2])
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from countersign.errors import EvidenceWrong, NotReached
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


class WorkerLost(
    NotReached,
    code="trial-worker-lost",
    next_step="Run the command again with the same folder of finished pieces: only what is missing is counted.",
):
    """A worker process died before its piece was finished."""


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
    """Count a whole table. Raises ``WorkerLost``, ``TableUnreadable``, and ``CountsWrong`` for a damaged piece. The
    executor is the caller's and is not shut down. Its workers must see the same files (and ``folder``).
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


Layout = Sequence[tuple[str, tuple[int, ...]]]


class CountsWrong(
    EvidenceWrong, code="trial-counts-wrong", next_step="Delete the folder of finished pieces and count again."
):
    """Saved counts are damaged, or were made under another scheme."""


def pack(name: bytes, head: dict[str, Any], arrays: Sequence[NDArray[Any]]) -> bytes:
    """The bytes; arrays are written in their own type, which is little-endian."""
    first = json.dumps(head, sort_keys=True, separators=(",", ":")).encode()
    return b"".join([name, b"\n", first, b"\n", *(np.ascontiguousarray(array).tobytes() for array in arrays)])


def unpack(
    content: bytes, name: bytes, layout: Callable[[dict[str, Any]], Layout]
) -> tuple[dict[str, Any], list[NDArray[Any]]]:
    """The head, and arrays of the types and shapes that ``layout`` gives for it. Raises ``CountsWrong``."""
    if not content.startswith(name + b"\n") or (end := content.find(b"\n", len(name) + 1)) < 0:
        raise CountsWrong(f"these bytes are not {name.decode()}")
    try:
        head = json.loads(content[len(name) + 1 : end])
        wanted = [(np.dtype(kind), shape, int(np.prod(shape, dtype=np.int64))) for kind, shape in layout(head)]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        if isinstance(error, CountsWrong):
            raise
        raise CountsWrong("the head of these counts cannot be read") from error
    size = sum(kind.itemsize * number for kind, _, number in wanted)
    if any(number < 0 for _, _, number in wanted) or len(content) != end + 1 + size:
        raise CountsWrong(f"these counts are {len(content):,} bytes long, not {end + 1 + size:,}")
    arrays, place = [], end + 1
    for kind, shape, number in wanted:
        array = np.frombuffer(content, kind, number, place).reshape(shape)
        arrays.append(array.astype(kind.newbyteorder("="), copy=False))
        place += kind.itemsize * number
    return head, arrays
