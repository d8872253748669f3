"""What a search table holds, found before it is counted: sizes, sites, the range of the scores, subjects, repeats.

Parquet files carry the smallest and largest value of each row group, so most of this costs no reading. A search is
known by its ``search_id``, with ``N`` and the site where the table has them. Which row of a repeated search is right
cannot be known, so none is counted. Identifiers that rise through the table are checked as they are read; otherwise
whole numbers are sorted a share at a time, in bounded memory, and text is counted in memory.

>>> from countersign.trials.scores.source import in_memory
>>> table = pa.table({"subject_id": [1, 2], "N": [500, 500], "best_nonmate_score": [0.25, 0.5]})
>>> survey(in_memory(table), None)
Survey(sizes=(500,), sites=('',), low=0.25, high=0.5, score_type='float64')
>>> table = pa.table({"search_id": [1, 2, 2, 4], "subject_id": [7, 7, 8, 8]})
>>> repeated_searches(in_memory(table)).to_pydict()
{'search_id': [2]}
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet
from numpy.typing import NDArray

from countersign.errors import EvidenceWrong
from countersign.trials.scores.source import Piece, Source, plain_column
from countersign.trials.scores.subjects import SubjectInTwoGroups, Subjects, from_table
from countersign.trials.scores.tables import OBTAINED, ColumnMissing, ColumnWrong

SCORES = ("best_nonmate_score", "mate_score")


class ScoresMissing(
    EvidenceWrong,
    code="trial-scores-missing",
    next_step="Check the score columns: a trial without scores cannot be evaluated.",
):
    """There is not one finite score in the table."""


@dataclass(frozen=True, slots=True)
class Survey:
    """``sizes`` rising, (0,) where the table has no column ``N``; ``sites`` ('',) where none is asked for."""

    sizes: tuple[int, ...]
    sites: tuple[str, ...]
    low: float
    high: float
    score_type: Literal["float32", "float64"]


@dataclass(frozen=True, slots=True)
class _Seen:
    sizes: frozenset[int]
    sites: frozenset[str]
    low: float
    high: float


def survey(source: Source, site_column: str | None, executor: Executor | None = None) -> Survey:
    """Look through the table. Raises ``ScoresMissing``, ``ColumnMissing``, ``TableUnreadable``."""
    if site_column is not None and not source.has(site_column):
        raise ColumnMissing(f"{source.names[0]}: no column {site_column}; it has {', '.join(source.schema.names)}")
    columns = tuple(name for name in (*SCORES, "N") if source.has(name))
    seen = mapped(executor, _look, source.pieces, columns, site_column)
    low, high = _range(seen, source, "")
    kinds = [source.schema.field(name).type for name in columns if name in SCORES]
    narrow = all(kind in (pa.float16(), pa.float32()) for kind in kinds)
    sizes = tuple(sorted(frozenset().union(*(part.sizes for part in seen)) or {0}))
    sites = tuple(sorted(frozenset().union(*(part.sites for part in seen)) or {""}))
    return Survey(sizes, sites, low, high, "float32" if narrow else "float64")


def score_range(source: Source, column: str, executor: Executor | None = None) -> tuple[float, float]:
    """The lowest and highest finite score of one column. Raises ``ScoresMissing``, ``TableUnreadable``."""
    return _range(mapped(executor, _look, source.pieces, (column,), None), source, f"column {column}: ")


def _range(seen: list[_Seen], source: Source, where: str) -> tuple[float, float]:
    low, high = min(part.low for part in seen), max(part.high for part in seen)
    if not low <= high:
        raise ScoresMissing(f"{source.names[0]}: {where}no finite score in {source.rows:,} rows")
    return (low, high) if low < high else (low - 1, high + 1)


def mapped(executor: Executor | None, work: Any, pieces: Sequence[Piece], *rest: Any) -> list[Any]:
    """``work`` on every piece, in order; on threads where no executor is given."""
    if executor is not None:
        return [future.result() for future in [executor.submit(work, piece, *rest) for piece in pieces]]
    with ThreadPoolExecutor(os.cpu_count()) as own:
        return [future.result() for future in [own.submit(work, piece, *rest) for piece in pieces]]


def _look(piece: Piece, columns: tuple[str, ...], site_column: str | None) -> _Seen:
    """By the file's own statistics where they suffice, else by reading."""
    sizes: set[int] = set()
    low, high = np.inf, -np.inf
    unknown = list(columns) + ([site_column] if site_column else [])
    if piece.form == "parquet":
        known = _statistics(piece, columns)
        for name, (smallest, largest) in known.items():
            if name == "N":
                if smallest != largest:
                    continue
                sizes.add(int(smallest))
            else:
                if not (np.isfinite(smallest) and np.isfinite(largest)):
                    continue
                low, high = min(low, float(smallest)), max(high, float(largest))
            unknown.remove(name)
    sites: set[str] = set()
    if unknown:
        for _, batch in piece.batches(unknown):
            for name in unknown:
                column = batch[name]
                if name not in ("N", site_column):
                    values = np.asarray(column.drop_null().to_numpy(zero_copy_only=False), float)
                    values = values[np.isfinite(values)]
                    low, high = min(low, values.min(initial=np.inf)), max(high, values.max(initial=-np.inf))
                elif name == "N":
                    sizes.update(value for value in pc.unique(column).to_pylist() if value is not None and value > 0)
                else:
                    sites.update(str(value) for value in pc.unique(column).to_pylist() if value is not None)
    return _Seen(frozenset(sizes), frozenset(sites), float(low), float(high))


def _statistics(piece: Piece, columns: tuple[str, ...]) -> dict[str, tuple[Any, Any]]:
    """Smallest and largest value of each column over the piece, where every row group states both."""
    with pa.parquet.ParquetFile(piece.name) as file:
        ranges: dict[str, tuple[Any, Any]] = {}
        places = {file.metadata.schema.column(i).path: i for i in range(file.metadata.num_columns)}
        for name in columns:
            groups = [file.metadata.row_group(group).column(places[name]).statistics for group in piece.groups]
            stated = [each for each in groups if each is None or each.null_count != each.num_values + each.null_count]
            if stated and all(each is not None and each.has_min_max for each in stated):
                ranges[name] = (min(each.min for each in stated), max(each.max for each in stated))
        return ranges


def subjects_of_searches(
    source: Source, attributes: tuple[str, ...], obtained: str, executor: Executor | None = None
) -> Subjects:
    """The subjects from the search table's own group columns, in one more pass. ``obtained``: how all were labelled.
    Raises ``SubjectInTwoGroups``, ``ColumnMissing``, and ``ColumnWrong`` for a way of labelling not of the list.
    """
    if obtained not in OBTAINED:
        raise ColumnWrong(f"how labels were obtained is one of {', '.join(OBTAINED)}, not {obtained!r}")
    columns = ("subject_id", *attributes)
    if missing := [name for name in columns if not source.has(name)]:
        has = ", ".join(source.schema.names)
        raise ColumnMissing(f"{source.names[0]}: no column {', '.join(missing)}; it has {has}")
    parts = mapped(executor, _distinct, source.pieces, columns)
    table = pa.concat_tables(parts).group_by(list(columns)).aggregate([])
    table = table.filter(pc.is_valid(table["subject_id"]))
    if table.num_rows == 0:
        raise ColumnWrong(f"{source.names[0]}: column subject_id: no identity in any of {source.rows:,} rows")
    counted = table.group_by(["subject_id"]).aggregate([([], "count_all")])
    if (twice := counted.filter(pc.greater(counted["count_all"], 1))).num_rows:
        who = twice["subject_id"][0].as_py()
        labels = table.filter(pc.equal(table["subject_id"], who)).select(list(attributes)).to_pylist()
        raise SubjectInTwoGroups(
            f"{source.names[0]}: columns {', '.join(attributes)}: subject {who} is labelled "
            f"{' and '.join(', '.join(str(value) for value in row.values()) for row in labels)} "
            f"({twice.num_rows:,} subjects are in two groups)"
        )
    for name in attributes:
        table = table.append_column(f"{name}_obtained", pa.array([obtained] * table.num_rows))
    return from_table(table, attributes, source.names)


def _distinct(piece: Piece, columns: tuple[str, ...]) -> pa.Table:
    """The distinct combinations of these columns in one piece, as text or whole numbers."""
    parts = []
    for _, batch in piece.batches(columns):
        arrays = [plain_column(column) for column in batch.columns]
        arrays = [arrays[0], *(column.cast(pa.string()) for column in arrays[1:])]
        part = pa.Table.from_arrays(arrays, names=list(columns))
        parts.append(part.group_by(list(columns)).aggregate([]))
    return pa.concat_tables(parts).group_by(list(columns)).aggregate([])


#: Whole-number identifiers sorted at once: 128 MB of them.
AT_ONCE = 1 << 24


@dataclass(frozen=True, slots=True)
class _Run:
    """The identifiers of one piece: the first, the last, and whether each is above the one before."""

    first: int
    last: int
    rising: bool


def key_columns(source: Source, site_column: str | None) -> tuple[str, ...]:
    """What marks one search off from another in this table; empty where it has no ``search_id``."""
    if not source.has("search_id"):
        return ()
    return ("search_id", *(name for name in ("N", site_column) if name is not None and source.has(name)))


def repeated_searches(
    source: Source, site_column: str | None = None, executor: Executor | None = None, *, at_once: int = AT_ONCE
) -> pa.Table | None:
    """The keys (``key_columns``) that stand in more than one row, each once; ``None`` where there are none. Raises
    ``TableUnreadable``.
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
    apart = all(run.last < later.first for run, later in pairwise(known))
    return apart and all(run.rising for run in known)


def _batches(source: Source, columns: tuple[str, ...]) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Blocks with dictionaries undone, so that those of one column agree on their type."""
    for piece in source.pieces:
        for row, batch in piece.batches(list(columns)):
            arrays = [plain_column(column) for column in batch.columns]
            yield row, pa.RecordBatch.from_arrays(arrays, names=list(columns))


def _numbers_twice(source: Source, at_once: int) -> pa.Array:
    shares = -(-source.rows // at_once)
    kind = source.schema.field("search_id").type
    twice: list[NDArray[np.integer]] = []
    for share in range(shares):
        ids = [np.asarray(batch["search_id"].drop_null()) for _, batch in _batches(source, ("search_id",))]
        every = np.concatenate([each[each % shares == share] if shares > 1 else each for each in ids])
        every.sort()
        twice.append(np.unique(every[1:][every[1:] == every[:-1]]))
    return pa.array(np.concatenate(twice), kind)


def _texts_twice(source: Source) -> pa.Array:
    counted = pc.value_counts(pa.chunked_array([batch["search_id"] for _, batch in _batches(source, ("search_id",))]))
    values, counts = counted.field("values"), counted.field("counts")
    return values.filter(pc.and_(pc.greater(counts, 1), values.is_valid()))
