"""The one door for published data: a path or a shipped name in, a ``Record`` out, whatever form the source has.

The form is decided by content, never by the file's name: PDF, XLSX, XLS, ODS, DOCX, a web page or mail, CSV, JSON, or a
data package (a folder, or its ``datapackage.json``). ``shipped:met`` and so on name the records that ship with
Countersign. A cell that cannot be read costs its value; rows that cannot are kept in ``Record.refused``.

>>> record = read_source("shipped:met")
>>> len(record.documents), len(record.rows), len(record.refused)
(3, 324, 0)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from countersign.errors import WrongForm
from countersign.progress import Progress, silent
from countersign.published.apart import Reader, read_apart
from countersign.published.files import PREFIX, kind_of_bytes, read_bytes, shipped
from countersign.published.forms.csv import read_csv
from countersign.published.forms.package import DESCRIPTOR, is_package, read_package
from countersign.published.table.grids import same_row
from countersign.published.table.maps import NO_MAP, ColumnMap, WrongMap, read_map
from countersign.published.table.record import Document, Record, Refused, Row
from countersign.published.withheld import screened
from countersign.words.lists import counted


class NoRows(
    WrongForm,
    next_step="Check that this is the file that was published; `countersign import` lists what was refused, and why.",
):
    """A source was read, and no row of it could be used."""


def read_source(
    source: str | Path, *, columns: Path | None = None, ocr_layer: bool = False, progress: Progress = silent
) -> Record:
    """Read one source, with a column map for headings that Countersign does not know; ``ocr_layer``: also pages that
    are a scan over recognised text. Raises ``NoSuchSource``, subclasses of ``WrongForm``, and ``PackageAltered`` where
    a data package contradicts its own digest. What does not pass the door is withheld, cell by cell.
    """
    mapped = NO_MAP if columns is None else read_map(columns)
    if isinstance(source, str) and source.startswith(PREFIX):
        return screened(_read_shipped(source.removeprefix(PREFIX), mapped))
    path = Path(source)
    if path.is_dir() and (path / DESCRIPTOR).is_file():
        return screened(read_package(path, columns=mapped))
    return screened(_read_file(path, mapped, progress, ocr_layer))


def _read_file(path: Path, columns: ColumnMap, progress: Progress, ocr_layer: bool = False) -> Record:
    content = read_bytes(path)
    match kind_of_bytes(content, str(path)):
        case "pdf" | "xlsx" | "ods" | "xls" | "docx" | "html" as reader:
            asked: Reader = "pdf-ocr" if reader == "pdf" and ocr_layer else reader
            return read_apart(asked, content, str(path), columns=columns, progress=progress)
        case "json":
            if is_package(content):
                return read_package(path, columns=columns)
            from countersign.published.forms.json import read_json

            return read_json(content, str(path), columns=columns)
        case "text":
            return read_csv(content, str(path), columns=columns)


def _read_shipped(name: str, columns: ColumnMap) -> Record:
    folder = shipped(name)
    if (folder / DESCRIPTOR).is_file():
        return read_package(folder, columns=columns)
    table = next(path for path in sorted(folder.glob(f"{name}.*")) if path.suffix != ".toml")
    return _read_file(table, read_map(folder / f"{name}.toml") if columns is NO_MAP else columns, silent)


def read_sources(
    sources: Sequence[str | Path],
    *,
    columns: Path | Sequence[Path] | None = None,
    ocr_layer: bool = False,
    progress: Progress = silent,
) -> Record:
    """Read several sources into one record, documents in the order given; ids that meet twice are numbered.

    ``columns``: one map for all, or one for each. A row that an earlier source prints with the same date, place and
    counts is set aside. Raises what ``read_source`` raises, and ``WrongMap`` for another number of maps.
    """
    documents: dict[str, Document] = {}
    rows: list[Row] = []
    refused: list[Refused] = []
    aside: list[Refused] = []
    known: dict[tuple[object, ...], str] = {}
    for source, mapped in zip(sources, maps_of(sources, columns), strict=True):
        record = read_source(source, columns=mapped, ocr_layer=ocr_layer, progress=progress)
        renamed: dict[str, str] = {}
        for document in record.documents:
            named, count = document.id, 1
            while named in documents:
                count += 1
                named = f"{document.id}-{count}"
            renamed[document.id] = named
            documents[named] = replace(document, id=named)
        here = [
            row if renamed[row.document] == row.document else replace(row, document=renamed[row.document])
            for row in record.rows
        ]
        fresh, copies = _fresh(here, known) if known else (here, [])
        if len(sources) > 1:
            known |= {key: row.document for row in fresh if (key := same_row(row)) is not None}
        rows += fresh
        aside += copies
        refused += [replace(kept, document=renamed.get(kept.document, kept.document)) for kept in record.refused]
        aside += [replace(kept, document=renamed.get(kept.document, kept.document)) for kept in record.set_aside]
    return Record(tuple(documents.values()), tuple(rows), tuple(refused), tuple(aside))


def maps_of(sources: Sequence[str | Path], columns: Path | Sequence[Path] | None) -> Sequence[Path | None]:
    """The map of each source: none, one for all, or one for each. Raises ``WrongMap`` for any other number."""
    given = [columns] if isinstance(columns, Path) else list(columns or ())
    if len(given) <= 1:
        return [given[0] if given else None] * len(sources)
    if len(given) != len(sources):
        raise WrongMap(
            f"{counted(len(given), 'map')} for {counted(len(sources), 'source')}",
            next_step="Give one map for all sources, or one for each in their order.",
        )
    return given


def _fresh(rows: Sequence[Row], known: Mapping[tuple[object, ...], str]) -> tuple[list[Row], list[Refused]]:
    """The rows that no earlier source prints, and those that one does."""
    fresh: list[Row] = []
    copies: list[Refused] = []
    for row in rows:
        key = same_row(row)
        if key is not None and key in known:
            shown = f"{row.date}, {row.place}"
            reason = f"{known[key]} prints the same row"
            copies.append(Refused(row.document, row.page, f"row {row.number}", shown, reason))
        else:
            fresh.append(row)
    return fresh, copies


def with_rows(record: Record) -> Record:
    """The record, if it has a row to look at. Raises ``NoRows`` with the first reason where every row was refused."""
    if record.rows:
        return record
    names = ", ".join(document.file or document.title for document in record.documents)
    if not record.refused:
        raise NoRows(f"{names}: the headings are there, but no row stands under them")
    first = record.refused[0]
    place = first.place if first.page is None or first.place.startswith("page") else f"page {first.page}, {first.place}"
    if len(record.refused) == 1:
        raise NoRows(f"{names}: its only row could not be read: {place}: {first.reason}")
    raise NoRows(f"{names}: none of its {len(record.refused)} rows could be read; the first is {place}: {first.reason}")
