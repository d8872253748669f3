"""Who is on which watchlist and which enrolments failed (FTE, by group); candidate lists reduced to the search table.

A watchlist is named by its size N; a reference without N is on every one. A candidate is the mate if the enrolment
table says that its reference is of the searcher's subject. The mate's rank is 1 + the number of non-mates that score at
least as much (ISO/IEC 19795-1). Selectivity, SEL(N, T, L), the mean number of non-mate candidates at or above T in a
non-mated search, needs whole lists; one cut off at length L cannot show more than L.

>>> table = pa.table({"reference_id": [1, 2], "subject_id": [7, 9], "enrolled": [True, False]})
>>> Enrolment.of(table, ("list.csv",)).failed.tolist()
[False, True]
>>> from countersign.trials.scores.source import in_memory
>>> probes = pa.table({"search_id": [1, 2], "subject_id": [7, 8], "mated": [True, False], "N": [2, 2]})
>>> lists = pa.table({"search_id": [1, 1, 2], "reference_id": [5, 6, 5], "score": [0.9, 0.4, 0.3]})
>>> enrolled = pa.table({"reference_id": [5, 6], "subject_id": [7, 9]})
>>> reduced = reduce_lists(in_memory(probes), in_memory(lists), Enrolment.of(enrolled, ("e",)))
>>> reduced.searches.select(["best_nonmate_score", "mate_score", "mate_rank"]).to_pylist()[0]
{'best_nonmate_score': 0.4, 'mate_score': 0.9, 'mate_rank': 1}
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from countersign.errors import EvidenceWrong
from countersign.trials.scores.source import Source
from countersign.trials.scores.subjects import Grouping, Subjects
from countersign.trials.scores.tables import CANDIDATE, ENROLMENT, PROBE, ColumnWrong, Operator


class ReferenceTwice(
    EvidenceWrong, code="trial-reference-twice", next_step="Give each reference one row a watchlist, with one subject."
):
    """A reference is listed more than once on one watchlist, or under two subjects."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Enrolment transactions. ``references``: identifiers, sorted, each once; ``reference``: the place of each row's.
    ``size`` is 0 for a reference on every watchlist.
    """

    references: pa.Array
    reference: NDArray[np.int32]
    subject_ids: pa.Array
    failed: NDArray[np.bool_]
    size: NDArray[np.int64]
    names: tuple[str, ...] = field(default=(), compare=False)

    @staticmethod
    def read(source: Source) -> Enrolment:
        """From the enrolment table. Raises ``ColumnMissing``, ``ColumnWrong``, ``ReferenceTwice``."""
        source.need(ENROLMENT)
        return Enrolment.of(source.read([name for name in ENROLMENT if source.has(name)]), source.names)

    @staticmethod
    def of(table: pa.Table, names: tuple[str, ...]) -> Enrolment:
        """From a table in memory of the same form; errors as ``read``."""
        columns = {name: table[name].combine_chunks() for name in table.column_names}
        for name in ("reference_id", "subject_id"):
            if columns[name].null_count:
                row = pc.index(columns[name].is_null(), True).as_py() + 1
                raise ColumnWrong(
                    f"{names[0]}: column {name}, row {row:,}: nothing there (in {columns[name].null_count:,} rows)"
                )
        length = table.num_rows
        enrolled = columns.get("enrolled", pa.array(np.ones(length, bool))).fill_null(False)
        size = columns.get("N", pa.array(np.zeros(length, np.int64))).fill_null(0)
        references = pc.unique(columns["reference_id"])
        references = references.take(pc.sort_indices(references))
        place = pc.index_in(columns["reference_id"], value_set=references)
        failed = ~np.asarray(enrolled.to_numpy(zero_copy_only=False), bool)
        places, sizes = np.asarray(place, np.int32), np.asarray(size, np.int64)
        enrolment = Enrolment(references, places, columns["subject_id"], failed, sizes, names)
        keys = enrolment.reference * (enrolment.size.max(initial=0) + 1) + enrolment.size
        _, first, often = np.unique(keys, return_index=True, return_counts=True)
        if often.max(initial=1) > 1:
            row = int(first[np.argmax(often > 1)]) + 1
            raise ReferenceTwice(
                f"{names[0]}: column reference_id, row {row:,}: this reference has {int(often.max())} rows on one "
                f"watchlist ({int((often > 1).sum()):,} references do)"
            )
        return enrolment

    def on_list(self, subjects: Subjects, sizes: tuple[int, ...]) -> NDArray[np.bool_]:
        """[sizes, subjects]: whether each subject has an enrolled reference on each watchlist."""
        out = np.zeros((len(sizes), len(subjects)), bool)
        place = subjects.places(self.subject_ids)
        for number, size in enumerate(sizes):
            here = self._of_size(size) & ~self.failed & (place >= 0)
            out[number, place[here]] = True
        return out

    def _of_size(self, size: int) -> NDArray[np.bool_]:
        return np.asarray((self.size == 0) | (self.size == size))

    def transactions(self, subjects: Subjects, grouping: Grouping, size: int) -> NDArray[np.int64]:
        """[subjects, 2]: enrolment transactions of each subject for a watchlist, and how many of them failed."""
        place = subjects.places(self.subject_ids)
        here = self._of_size(size) & (place >= 0)
        out = np.zeros((len(subjects), 2), np.int64)
        np.add.at(out[:, 0], place[here], 1)
        np.add.at(out[:, 1], place[here & self.failed], 1)
        out[grouping.codes < 0] = 0
        return out

    def composition(self, subjects: Subjects, grouping: Grouping, size: int) -> tuple[NDArray[np.int64], int]:
        """Enrolled references of each group on a watchlist, and those of subjects without a known label."""
        place = subjects.places(self.subject_ids)
        here = self._of_size(size) & ~self.failed
        group = np.where(place >= 0, grouping.codes[place], -1)[here]
        return np.bincount(group[group >= 0], minlength=len(grouping.labels)), int((group < 0).sum())


class CandidatesWrong(
    EvidenceWrong,
    code="trial-candidates-wrong",
    next_step="Export the lists again: each candidate has a known search, a known reference, and a finite score.",
):
    """Candidate lists contradict the probes or the enrolment table, or their own ranks."""


@dataclass(frozen=True, slots=True)
class Reduced:
    """The search table, and every non-mate candidate: the row of its search in that table, and its score. ``longest``:
    candidates of the longest list.
    """

    searches: pa.Table
    nonmate_search: NDArray[np.int64]
    nonmate_score: NDArray[np.floating[Any]]
    longest: int

    def selected(self, threshold: float, operator: Operator = ">=") -> NDArray[np.int64]:
        """Non-mate candidates at or above a threshold, of each search."""
        above = self.nonmate_score >= threshold if operator == ">=" else self.nonmate_score > threshold
        return np.bincount(self.nonmate_search[above], minlength=self.searches.num_rows)


def reduce_lists(probes: Source, candidates: Source, enrolment: Enrolment) -> Reduced:
    """Reduce candidate lists to a search table, which is then evaluated like any other. Memory goes with the number of
    candidates. Raises ``ColumnMissing``, ``ColumnWrong``, ``TableUnreadable``, and ``CandidatesWrong`` naming file,
    column, row and count.
    """
    probes.need(PROBE)
    candidates.need(CANDIDATE)
    table = probes.read([name for name in probes.schema.names if name != "rank"])
    lists = candidates.read([name for name in CANDIDATE if candidates.has(name)])
    searches = Subjects(table["search_id"].combine_chunks(), ())
    if (distinct := pc.count_distinct(table["search_id"]).as_py()) != table.num_rows:
        raise CandidatesWrong(
            f"{probes.names[0]}: column search_id: {table.num_rows - distinct:,} rows repeat a search"
        )
    name = candidates.names[0]
    search = searches.places(lists["search_id"].combine_chunks()).astype(np.int64)
    _refuse(search < 0, name, "search_id", "a search that the probes table does not have")
    reference = Subjects(enrolment.references, ()).places(lists["reference_id"].combine_chunks())
    _refuse(reference < 0, name, "reference_id", "a reference that the enrolment table does not have")
    column = lists["score"].combine_chunks()
    score = np.asarray(column.fill_null(np.nan).to_numpy(zero_copy_only=False))
    _refuse(~np.isfinite(score), name, "score", "a score is missing, NaN or infinite")

    owner = np.full(len(enrolment.references), -1, np.int64)
    known = pc.unique(pa.concat_arrays([_text(table["subject_id"]), _text(enrolment.subject_ids)]))
    people = Subjects(known, ())
    owner[enrolment.reference] = people.places(_text(enrolment.subject_ids))
    subject = people.places(_text(table["subject_id"])).astype(np.int64)
    mate = owner[reference] == subject[search]
    rows, length = np.arange(len(search)), table.num_rows

    best_row = _best(search[~mate], score[~mate], rows[~mate], length)
    mate_row = _best(search[mate], score[mate], rows[mate], length)
    best, own = _at(score, best_row), _at(score, mate_row)
    beaten = np.bincount(search[~mate & (score >= np.nan_to_num(own, nan=np.inf)[search])], minlength=length)
    if "rank" in lists.column_names:
        _check_ranks(lists, search, score, name)
    reduced = table.append_column("best_nonmate_score", pa.array(best, mask=best_row < 0))
    reduced = reduced.append_column("mate_score", pa.array(own, mask=mate_row < 0))
    reduced = reduced.append_column("mate_rank", pa.array(beaten + 1, mask=mate_row < 0))
    taken = lists["reference_id"].combine_chunks().take(pa.array(best_row, mask=best_row < 0))
    reduced = reduced.append_column("best_nonmate_reference", taken)
    longest = int(np.bincount(search, minlength=1).max(initial=0))
    return Reduced(reduced, search[~mate], score[~mate], longest)


def _text(column: Any) -> pa.Array:
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return column.cast(pa.string())


def _refuse(bad: NDArray[np.bool_], name: str, column: str, why: str) -> None:
    if bad.any():
        raise CandidatesWrong(
            f"{name}: column {column}, row {int(np.argmax(bad)) + 1:,}: {why} (in {int(bad.sum()):,} rows)"
        )


def _best(search: NDArray[np.int64], score: Any, rows: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """The row of the highest score of each search; -1 where there is none; of equal ones the first row."""
    order = np.lexsort((-rows, score))
    best = np.full(length, -1, np.int64)
    best[search[order]] = rows[order]
    return best


def _at(score: Any, row: NDArray[np.int64]) -> NDArray[np.floating[Any]]:
    return np.where(row >= 0, score[np.maximum(row, 0)], np.nan) if len(score) else np.full(len(row), np.nan)


def _check_ranks(lists: pa.Table, search: NDArray[np.int64], score: Any, name: str) -> None:
    """Ranks, where given, must fall with the score: a lower rank never has a lower score."""
    rank = np.asarray(lists["rank"].combine_chunks().fill_null(0).to_numpy(zero_copy_only=False))
    order = np.lexsort((rank, search))
    same = (search[order][1:] == search[order][:-1]) & (score[order][1:] > score[order][:-1])
    bad = np.zeros(len(rank), bool)
    bad[order[1:][same]] = True
    _refuse(bad, name, "rank", "a candidate scores higher than one ranked before it")
    _refuse(rank < 1, name, "rank", "a rank under 1")
