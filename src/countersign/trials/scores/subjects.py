"""The subjects of a trial: who they are to the trial (a pseudonymous number), their groups, how labels were obtained.

A group is one value of an attribute, or of a crossing of attributes ("ethnicity*sex"). Every figure by group says how
its labels were obtained: self-declared, official, perceived, or measured (a phenotype). Labels matter as much as
scores, so a subject in two groups is refused, and a subject without a label is counted and set aside, never dropped.

>>> sex = Attribute("sex", ("f", "m"), np.array([0, 1, 1, 0], np.int32), ("official",))
>>> Subjects(pa.array([7, 9, 10, 12]), (sex,)).grouping(("sex",)).labels
(('f',), ('m',))
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from countersign.door import hold
from countersign.errors import EvidenceWrong, WrongForm
from countersign.trials.scores.source import Source
from countersign.trials.scores.tables import OBTAINED, SUBJECT, ColumnMissing, ColumnWrong

#: The group of a subject that has no label.
NO_LABEL = -1


class SubjectInTwoGroups(
    EvidenceWrong,
    code="trial-subject-in-two-groups",
    next_step="Correct the labels so that each subject has one row and one label an attribute.",
):
    """A subject appears more than once in the subjects table, or with two labels of one attribute."""


class GroupsOutnumberSubjects(
    WrongForm,
    code="trial-groups-outnumber-subjects",
    next_step="Ask for fewer or coarser attributes; check that the group column does not hold identities.",
):
    """More groups than the subjects could fill, fewer than two a group: no figure by group would mean anything."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: ``codes[i]`` is the place of subject i's label in ``values``, or ``NO_LABEL``."""

    name: str
    values: tuple[str, ...]
    codes: NDArray[np.int32]
    obtained: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grouping:
    """The groups of one attribute or crossing: ``codes[i]`` is subject i's place in ``labels``, or ``NO_LABEL``."""

    attributes: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    codes: NDArray[np.int32]

    @property
    def name(self) -> str:
        """The attributes, joined as they are asked for on the command line."""
        return "*".join(self.attributes) or "all"

    def label(self, group: int) -> str:
        """The group's labels in words."""
        return ", ".join(self.labels[group]) or "all"

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Subjects in each group."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.labels))


@dataclass(frozen=True)
class Subjects:
    """All subjects of a trial, in the order of their identifiers (``ids``: integers or text, sorted, each once)."""

    ids: pa.Array
    attributes: tuple[Attribute, ...]
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the identifiers in order: counts by subject of two digests do not belong together."""
        return hashlib.sha256("\n".join(map(str, self.ids.to_pylist())).encode()).hexdigest()

    def attribute(self, name: str) -> Attribute:
        """The attribute of this name. Raises ``ColumnMissing``."""
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        known = ", ".join(attribute.name for attribute in self.attributes) or "none"
        raise ColumnMissing(f"no attribute {name!r} of the subjects; there are: {known}")

    def crossing(self, names: tuple[str, ...]) -> Grouping:
        """The groups of these attributes crossed: those that occur. No attribute: one group of all. Raises
        ``ColumnMissing`` for an unknown attribute.
        """
        chosen = [self.attribute(name) for name in names]
        code = np.zeros(len(self), np.int64)
        labelled = np.ones(len(self), bool)
        for attribute in chosen:
            code = code * max(1, len(attribute.values)) + attribute.codes
            labelled &= attribute.codes != NO_LABEL
        occurring, place = np.unique(code[labelled], return_inverse=True)
        codes = np.full(len(self), NO_LABEL, np.int32)
        codes[labelled] = place
        labels = []
        for value in occurring.tolist():
            parts: list[str] = []
            for attribute in reversed(chosen):
                value, rest = divmod(value, max(1, len(attribute.values)))
                parts.append(attribute.values[rest])
            labels.append(tuple(reversed(parts)))
        return Grouping(names, tuple(labels), codes)

    def grouping(self, names: tuple[str, ...]) -> Grouping:
        """A crossing fit to be reported by: at least two subjects a group on average. Raises ``ColumnMissing`` for an
        unknown attribute, ``GroupsOutnumberSubjects``.
        """
        grouping = self.crossing(names)
        labelled = int(np.count_nonzero(grouping.codes != NO_LABEL))
        if len(grouping.labels) > 1 and 2 * len(grouping.labels) > labelled:
            where = f"{self.names[0]}: " if self.names else ""
            raise GroupsOutnumberSubjects(
                f"{where}column {grouping.name}: {len(grouping.labels):,} groups of {labelled:,} labelled subjects, "
                "fewer than two subjects a group"
            )
        return grouping

    @cached_property
    def _direct(self) -> tuple[int, NDArray[np.int32]] | None:
        """(smallest identifier, place by identifier above it), where identifiers are whole numbers lying close."""
        if _is_text(self.ids) or not len(self.ids):
            return None
        ids = _zero_copy(self.ids).astype(np.int64)
        width = int(ids[-1] - ids[0]) + 1
        if width > 8 * len(ids) + 1024:
            return None
        table = np.full(width + 1, -1, np.int32)  # the last place is for every identifier outside
        table[ids - ids[0]] = np.arange(len(ids), dtype=np.int32)
        return int(ids[0]), table

    def places(self, ids: pa.Array) -> NDArray[np.int32]:
        """The place of each of ``ids`` among the subjects, -1 for null or unknown ones."""
        if pa.types.is_dictionary(ids.type):
            known: NDArray[np.int32] = np.append(self.places(ids.dictionary), np.int32(-1))
            return known.take(_zero_copy(ids.indices.fill_null(len(ids.dictionary))))
        if _is_text(self.ids) != _is_text(ids):
            return Subjects(pc.cast(self.ids, pa.string()), ()).places(pc.cast(ids, pa.string()))
        if self._direct is not None and not ids.null_count and len(ids):
            first, table = self._direct
            values = _zero_copy(ids)
            least, most = int(values.min()), int(values.max())
            if least >= first and most < first + len(table) - 1:
                offset = values - values.dtype.type(first) if first else values
                if len(table) - 1 == len(self.ids):  # without gaps: the offset is the place
                    return cast("NDArray[np.int32]", offset.astype(np.int32, copy=False))
                return table.take(offset)
        place = pc.index_in(pc.cast(ids, self.ids.type), value_set=self.ids)
        return cast("NDArray[np.int32]", _zero_copy(place.fill_null(-1)).astype(np.int32, copy=False))


def _is_text(array: pa.Array) -> bool:
    return not pa.types.is_integer(array.type)


def _zero_copy(array: pa.Array) -> NDArray[Any]:
    return np.asarray(array.to_numpy(zero_copy_only=False))


def attributes_of(source: Source) -> tuple[str, ...]:
    """The attributes a subjects table has, in its order: every column with an ``<attribute>_obtained`` beside it.
    Raises ``ColumnMissing`` where it has none, since its labels would then stay unused without a word.
    """
    names = source.schema.names
    attributes = tuple(name for name in names if name != "subject_id" and f"{name}_obtained" in names)
    if not attributes:
        others = [name for name in names if name != "subject_id"]
        wanted = f"{others[0]}_obtained beside {others[0]}" if others else "a group label, with <attribute>_obtained"
        raise ColumnMissing(f"{source.names[0]}: no column {wanted}: how labels were obtained is part of every figure")
    return attributes


def subjects_table(source: Source, attributes: tuple[str, ...]) -> Subjects:
    """The subjects from their table: ``subject_id``, a column an attribute, and ``<attribute>_obtained`` beside each.
    Raises ``ColumnMissing``, ``ColumnWrong`` (a way of obtaining labels that is not of the list),
    ``SubjectInTwoGroups``, with file, column, row and count.
    """
    source.need(SUBJECT)
    obtained = tuple(f"{name}_obtained" for name in attributes)
    for column in (*attributes, *obtained):
        if not source.has(column):
            raise ColumnMissing(f"{source.names[0]}: no column {column}; it has {', '.join(source.schema.names)}")
    table = source.read(["subject_id", *attributes, *obtained])
    return from_table(table, attributes, source.names)


def from_table(table: pa.Table, attributes: tuple[str, ...], names: tuple[str, ...]) -> Subjects:
    """The subjects from a table in memory of the same form. Errors as ``subjects_table``."""
    name = names[0] if names else "subjects"
    ids = table["subject_id"].combine_chunks()
    if ids.null_count:
        row = pc.index(ids.is_null(), True).as_py() + 1
        raise ColumnWrong(f"{name}: column subject_id, row {row:,}: no identity (in {ids.null_count:,} rows)")
    order = pc.sort_indices(ids)
    ids = ids.take(order)
    if len(ids) > 1 and (same := pc.equal(ids[1:], ids[:-1])).true_count:
        twice = pc.index(same, True).as_py() + 1
        rows = sorted((order[twice - 1].as_py() + 1, order[twice].as_py() + 1))
        raise SubjectInTwoGroups(
            f"{name}: column subject_id: one subject is in rows {rows[0]:,} and {rows[1]:,} "
            f"({same.true_count:,} rows repeat a subject)"
        )
    return Subjects(ids, tuple(_attribute(table, column, order, name) for column in attributes), names)


def _attribute(table: pa.Table, column: str, order: pa.Array, name: str) -> Attribute:
    labels = pc.cast(table[column].combine_chunks(), pa.string()).take(order)
    values = pc.unique(labels.drop_null()).sort()
    codes = _zero_copy(pc.index_in(labels, value_set=values).fill_null(NO_LABEL)).astype(np.int32)
    how = table[f"{column}_obtained"].combine_chunks()
    known = pc.is_in(pc.cast(how, pa.string()), value_set=pa.array(OBTAINED))
    if known.false_count:
        row = pc.index(known, False).as_py()
        raise ColumnWrong(
            f"{name}: column {column}_obtained, row {row + 1:,}: {how[row].as_py()!r} is none of "
            f"{', '.join(OBTAINED)} (in {known.false_count:,} rows)"
        )
    hold("labels", [column, *values.to_pylist()], f"{name}: column {column}")
    return Attribute(column, tuple(values.to_pylist()), codes, tuple(sorted(pc.unique(how).to_pylist())))
