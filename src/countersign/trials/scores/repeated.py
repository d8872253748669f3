"""Searches that stand in the table twice: found before counting, since each would count for two.

A search is known by its ``search_id``, together with ``N`` and the site where the table has them (one probe may be
searched against several watchlists, and sites may number their searches alike). Which row of a repeated search is the
right one cannot be told, so none of them is counted: the answer then does not depend on the order of the rows.

Identifiers that rise through the table, as most do, are checked as they are read. Otherwise whole numbers are sorted a
share at a time, in bounded memory with one reading of the column for each share; text is counted in memory, all at
once. Rows without an identifier cannot be checked.

>>> from countersign.trials.scores.source import in_memory
>>> table = pa.table({"search_id": [1, 2, 2, 4], "subject_id": [7, 7, 8, 8]})
>>> repeated_searches(in_memory(table)).to_pydict()
{'search_id': [2]}
>>> repeated_searches(in_memory(table.slice(2))) is None
True
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from countersign.trials.scores.source import Piece, Source
from countersign.trials.scores.survey import mapped

#: Whole-number identifiers sorted at once: 128 MB of them.
AT_ONCE = 1 << 24


@dataclass(frozen=True, slots=True)
class _Run:
    """The identifiers of one piece: the first, the last, and whether each is above the one before."""

    first: int
    last: int
    rising: bool


def key_columns(source: Source, site_column: str | None) -> tuple[str, ...]:
    """What tells one search from another in this table; empty where it has no ``search_id``."""
    if not source.has("search_id"):
        return ()
    return ("search_id", *(name for name in ("N", site_column) if name is not None and source.has(name)))


def repeated_searches(
    source: Source, site_column: str | None = None, executor: Executor | None = None, *, at_once: int = AT_ONCE
) -> pa.Table | None:
    """The keys (``key_columns``) that stand in more than one row, each once; ``None`` where there are none.

    Raises ``TableUnreadable``.
    """
    columns = key_columns(source, site_column)
    if not columns:
        return None
    whole = pa.types.is_integer(source.schema.field("search_id").type)
    if whole and _rises(mapped(executor, _run, source.pieces)):
        return None
    twice = _numbers_twice(source, at_once) if whole else _texts_twice(source)
    if not len(twice):
        return None
    parts = []
    for _, batch in _batches(source, columns):
        chosen = batch.filter(pc.is_in(batch["search_id"], value_set=twice))
        parts.append(pa.Table.from_batches([chosen]))
    table = pa.concat_tables(parts).group_by(list(columns)).aggregate([([], "count_all")])
    table = table.filter(pc.greater(table["count_all"], 1)).select(list(columns))
    return table.sort_by([(name, "ascending") for name in columns]) if table.num_rows else None


def _run(piece: Piece) -> _Run | None:
    """``None`` for a piece without any identifier."""
    first = last = None
    for _, batch in piece.batches(["search_id"]):
        ids = np.asarray(batch["search_id"].drop_null())
        if not len(ids):
            continue
        if (last is not None and ids[0] <= last) or not (ids[1:] > ids[:-1]).all():
            return _Run(0, 0, rising=False)
        first, last = int(ids[0]) if first is None else first, int(ids[-1])
    return None if first is None or last is None else _Run(first, last, rising=True)


def _rises(runs: list[_Run | None]) -> bool:
    """Whether every piece rises, and no two overlap, in whatever order the files were named."""
    known = sorted((run for run in runs if run is not None), key=lambda run: run.first)
    apart = all(one.last < other.first for one, other in pairwise(known))
    return apart and all(run.rising for run in known)


def _batches(source: Source, columns: tuple[str, ...]) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Blocks with dictionaries undone, so that those of one column agree on their type."""
    for piece in source.pieces:
        for row, batch in piece.batches(list(columns)):
            arrays = [
                column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
                for column in batch.columns
            ]
            yield row, pa.RecordBatch.from_arrays(arrays, names=list(columns))


def _numbers_twice(source: Source, at_once: int) -> pa.Array:
    shares = -(-source.rows // at_once)
    kind = source.schema.field("search_id").type
    found: list[NDArray[np.integer]] = []
    for share in range(shares):
        ids = [np.asarray(batch["search_id"].drop_null()) for _, batch in _batches(source, ("search_id",))]
        every = np.concatenate([each[each % shares == share] if shares > 1 else each for each in ids])
        every.sort()
        found.append(np.unique(every[1:][every[1:] == every[:-1]]))
    return pa.array(np.concatenate(found), kind)


def _texts_twice(source: Source) -> pa.Array:
    counted = pc.value_counts(pa.chunked_array([batch["search_id"] for _, batch in _batches(source, ("search_id",))]))
    values, counts = counted.field("values"), counted.field("counts")
    return values.filter(pc.and_(pc.greater(counts, 1), values.is_valid()))
