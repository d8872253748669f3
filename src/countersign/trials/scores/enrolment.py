"""Who is on which watchlist: the references, whose they are, and which enrolments failed (FTE, by group).

A watchlist is named by its size N, as the search table names it; a reference without N is on every one. A mated search
whose mate is not enrolled, and a non-mated search of a subject who is, contradict the trial's design and are faults.

>>> table = pa.table({"reference_id": [1, 2], "subject_id": [7, 9], "enrolled": [True, False]})
>>> Enrolment.of(table, ("list.csv",)).failed.tolist()
[False, True]
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from countersign.errors import EvidenceWrong
from countersign.trials.scores.source import Source
from countersign.trials.scores.subjects import Grouping, Subjects
from countersign.trials.scores.tables import ENROLMENT, ColumnWrong


class ReferenceTwice(EvidenceWrong):
    """A reference is listed more than once on one watchlist, or under two subjects."""

    code = "trial-reference-twice"
    next_step = "Give each reference one row a watchlist, with one subject."


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
        found = Enrolment(
            references, np.asarray(place, np.int32), columns["subject_id"],
            ~np.asarray(enrolled.to_numpy(zero_copy_only=False), bool), np.asarray(size, np.int64), names,
        )  # fmt: skip
        keys = found.reference * (found.size.max(initial=0) + 1) + found.size
        _, first, often = np.unique(keys, return_index=True, return_counts=True)
        if often.max(initial=1) > 1:
            row = int(first[np.argmax(often > 1)]) + 1
            raise ReferenceTwice(
                f"{names[0]}: column reference_id, row {row:,}: this reference has {int(often.max())} rows on one "
                f"watchlist ({int((often > 1).sum()):,} references do)"
            )
        return found

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
