"""The Python interface to what forces publish: read it, look for faults, set releases or lists side by side.

>>> import countersign
>>> record = countersign.read("shipped:met")
>>> len(record), record.rows[0].place
(324, 'Stratford')
>>> faults = record.check()
>>> faults.to_frame().columns.tolist()
['number', 'code', 'document', 'row', 'column', 'message']
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from countersign.document import Document
from countersign.progress import Progress, silent
from countersign.published.compare import Comparison
from countersign.published.compare import compare as compare_releases
from countersign.published.corrections import Correction, apply_corrections, read_corrections
from countersign.published.faults.codes import Fault
from countersign.published.faults.detect import find_faults
from countersign.published.files import beside
from countersign.published.read import maps_of, read_source, read_sources, with_rows
from countersign.published.reconcile import Reconciliation, Source, read_list, source_of
from countersign.published.reconcile import reconcile as set_side_by_side
from countersign.published.table.record import COLUMN_NAMES, Record, Row
from countersign.render.shown import Shown, frame_of
from countersign.results.answers import (
    Answer,
    about,
    differences_found,
    document_of,
    faults_found,
    lists_found,
)
from countersign.words.lists import counted

if TYPE_CHECKING:
    import pandas

#: A file or folder, or a record that ships with the program ("shipped:met").
Named = str | Path


class _Answered(Shown):
    """A result that an ``Answer`` puts into words."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def answer(self) -> Answer:
            """What was found, in words."""

    @property
    def brief(self) -> Document:
        """What was found, as a document."""
        return document_of(self.answer)


@dataclass(frozen=True, slots=True, repr=False)
class Published(_Answered):
    """What one or more published files print, row by row: ``record`` holds all of it, with what could not be read."""

    record: Record

    def __len__(self) -> int:
        """How many rows were read."""
        return len(self.record.rows)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows, in the order printed."""
        return self.record.rows

    @property
    def answer(self) -> Answer:
        """What was read and what could not be."""
        lines = [
            f"{document.title} [{document.id}]: {counted(sum(row.document == document.id for row in self.rows), 'row')}"
            for document in self.record.documents
        ]
        refused, aside = len(self.record.refused), len(self.record.set_aside)
        said = (
            f"{counted(len(self), 'row')} read; {counted(refused, 'row or cell', 'rows or cells')} could not be read; "
            f"{counted(aside, 'row')} set aside."
        )
        return Answer("Rows as published", lines, said, [], about(self.record))

    def check(self, *, seed: int = 0, progress: Progress = silent) -> Checked:
        """Look for faults in these rows. Raises nothing for any content."""
        progress("looking for faults", 0, None)
        return Checked(self.record, (), find_faults(self.record, seed=seed))

    def to_frame(self) -> pandas.DataFrame:
        """A row a row, in the order printed: its document, its number there, and every value that is exact. A value
        that is bounded, approximate or withheld is missing here; ``rows[n].unsure`` has it. Raises ``PandasMissing``.
        """
        names = ("document", "number", *(name for name in COLUMN_NAMES if name != "source"))
        frame = frame_of({name: getattr(row, name) for name in names} for row in self.rows)
        dates = {name: frame[name].astype("datetime64[s]") for name in ("date", "date_to")}
        return frame.assign(**dates).convert_dtypes()


@dataclass(frozen=True, slots=True, repr=False)
class Checked(_Answered):
    """The faults found in what was published. That there is none is no evidence that the figures are right."""

    record: Record
    corrections: tuple[Correction, ...]
    faults: tuple[Fault, ...]

    def __len__(self) -> int:
        """How many faults were found."""
        return len(self.faults)

    @property
    def answer(self) -> Answer:
        """The faults, by kind."""
        return faults_found(self.record, self.corrections, self.faults)._replace(about=about(self.record))

    def to_frame(self) -> pandas.DataFrame:
        """A fault a row: number, code, document, row, column, message. Raises ``PandasMissing``."""
        names = ("number", "code", "document", "row", "column", "message")
        return frame_of(({name: getattr(fault, name) for name in names} for fault in self.faults), names)


@dataclass(frozen=True, slots=True, repr=False)
class Compared(_Answered):
    """What differs between two releases of one record: ``found`` has rows added, removed and altered."""

    old: str
    new: str
    before: Record
    after: Record
    found: Comparison

    @property
    def answer(self) -> Answer:
        """Values altered, rows taken out, rows added."""
        return differences_found(self.found, self.old, self.new)._replace(about=about(self.before, self.after))

    def to_frame(self) -> pandas.DataFrame:
        """A difference a row: what, date and place of the row, its number before and after, and for a value its column
        and both texts. Raises ``PandasMissing``.
        """
        return frame_of(self._differences(), ("what", "date", "place", *_BOTH))

    def _differences(self) -> Iterator[dict[str, object]]:
        for row in self.found.removed:
            yield _difference("row taken out", row, before=row.number)
        for row in self.found.added:
            yield _difference("row added", row, after=row.number)
        for item in self.found.altered:
            numbers = {"before": item.before.number, "after": item.after.number}
            for change in item.changes:
                values = {"column": change.column, "value_before": change.before, "value_after": change.after}
                yield _difference("value altered", item.after, **numbers, **values)


_BOTH = ("before", "after", "column", "value_before", "value_after")


def _difference(what: str, row: Row, **known: object) -> dict[str, object]:
    return {"what": what, "date": row.date, "place": row.place, **{name: known.get(name) for name in _BOTH}}


@dataclass(frozen=True, slots=True, repr=False)
class Reconciled(_Answered):
    """Lists of deployments side by side: ``found`` has every deployment with the lists that hold and miss it."""

    published: Record
    found: Reconciliation

    @property
    def answer(self) -> Answer:
        """What a list misses, and where numbers differ."""
        return lists_found(self.found)._replace(about=about(self.published))

    def to_frame(self) -> pandas.DataFrame:
        """A deployment a row: date, place, for each list whether it holds it (none where its dates do not reach it),
        and the columns on which numbers differ. Raises ``PandasMissing``.
        """
        return frame_of(
            {"date": item.date, "place": item.place}
            | {
                source.name: None if source.name in item.not_covered else source.name in item.entries
                for source in self.found.sources
            }
            | {"differing": ", ".join(column for column, _ in item.differing)}
            for item in self.found.deployments
        )


def read(
    *sources: Named, columns: Path | Sequence[Path] | None = None, ocr_layer: bool = False, progress: Progress = silent
) -> Published:
    """Read what was published: PDF, spreadsheet (XLSX, ODS), CSV, page, data package, "shipped:met"; several sources
    are read as one record. ``columns``: maps of their headings. ``ocr_layer``: read text that a program recognised
    under a scan. Raises the errors of what is read (docs/errors/published-reading.md).

    >>> read("shipped:essex").rows[0].alerts
    173
    """
    return Published(read_sources(sources, columns=columns, ocr_layer=ocr_layer, progress=progress))


def check(
    *sources: Named,
    columns: Path | Sequence[Path] | None = None,
    ocr_layer: bool = False,
    corrections: Named | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Checked:
    """The faults in what was published, as ``countersign check`` finds them. ``corrections``: a file of corrections
    under which it is read ("shipped" for those beside a shipped record). Raises ``NoRows`` and the errors of what is
    read.

    >>> [fault.code for fault in check("shipped:btp").faults][:1]
    ['rate-truncated']
    """
    record = with_rows(read_sources(sources, columns=columns, ocr_layer=ocr_layer, progress=progress))
    applied: tuple[Correction, ...] = ()
    if corrections is not None:
        corrected = apply_corrections(record, read_corrections(beside(corrections, "corrections.toml", sources)))
        record, applied = corrected.record, corrected.applied
    progress("looking for faults", 0, None)
    return Checked(record, applied, find_faults(record, seed=seed))


def compare(
    old: Named,
    new: Named,
    *,
    columns: Path | Sequence[Path] | None = None,
    ocr_layer: bool = False,
    progress: Progress = silent,
) -> Compared:
    """Two releases of one record, value by value. Raises ``NoRows`` and the errors of what is read.

    >>> compare("shipped:btp", "shipped:btp").found.same
    True
    """
    first, second = maps_of((old, new), columns)
    before = with_rows(read_source(old, columns=first, ocr_layer=ocr_layer, progress=progress))
    after = with_rows(read_source(new, columns=second, ocr_layer=ocr_layer, progress=progress))
    progress("comparing", 0, None)
    return Compared(str(old), str(new), before, after, compare_releases(before, after))


def reconcile(
    published: Named,
    *others: Named,
    columns: Path | Sequence[Path] | None = None,
    ocr_layer: bool = False,
    progress: Progress = silent,
) -> Reconciled:
    """What was published beside other lists of deployments (CSV: date, place, who says so, any counts). Only the same
    date and the same words for the place count as the same deployment. Raises ``ListMalformed`` and the errors of what
    is read.
    """
    maps = maps_of((published, *others), columns)
    record = read_source(published, columns=maps[0], ocr_layer=ocr_layer, progress=progress)
    lists = zip(others, maps[1:], strict=True)
    sources = [
        source_of(record, "published"),
        *(read_list(Path(path), given, ocr_layer=ocr_layer) for path, given in lists),
    ]
    progress("setting lists side by side", 0, None)
    return Reconciled(record, set_side_by_side(_named_apart(sources)))


def _named_apart(sources: list[Source]) -> list[Source]:
    """The lists under names of their own: one that meets twice is numbered."""
    taken: set[str] = set()
    named = []
    for source in sources:
        name, count = source.name, 1
        while name in taken:
            count += 1
            name = f"{source.name}-{count}"
        taken.add(name)
        named.append(replace(source, name=name))
    return named
