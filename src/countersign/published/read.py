"""The one door for published data: a path or a shipped name in, a ``Record`` out, whatever form the source has.

The form is told by content, never by the file's name: PDF, XLSX, ODS, CSV, or a data package (a folder, or its
``datapackage.json``). ``shipped:met`` and ``shipped:south-wales`` name the records that ship with Countersign. A source
is read whole or refused whole with one sentence; single rows that cannot be read are kept aside in ``Record.refused``.

>>> record = read_source("shipped:met")
>>> len(record.documents), len(record.rows), len(record.refused)
(3, 324, 0)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from countersign.errors import WrongForm
from countersign.progress import Progress, silent
from countersign.published.apart import read_apart
from countersign.published.files import kind_of_bytes, read_bytes
from countersign.published.forms.csv import read_csv
from countersign.published.forms.package import DESCRIPTOR, read_package
from countersign.published.shipped import PREFIX, shipped
from countersign.published.table.columns import NO_MAP, ColumnMap, read_map
from countersign.published.table.record import Document, Record


class NoRows(WrongForm):
    """A source was read, and no row of it could be used."""

    code = "no-rows"
    next_step = "Check that this is the file that was published; `countersign import` lists what was refused, and why."


def read_source(source: str | Path, *, columns: Path | None = None, progress: Progress = silent) -> Record:
    """Read one source. ``columns`` is a column map for headings that Countersign does not know.

    Raises ``NoSuchSource`` if it cannot be opened, a subclass of ``WrongForm`` if it is in no form that is read, and
    ``PackageAltered`` if a data package contradicts its own digest.
    """
    mapped = NO_MAP if columns is None else read_map(columns)
    if isinstance(source, str) and source.startswith(PREFIX):
        return _read_shipped(source.removeprefix(PREFIX), mapped)
    path = Path(source)
    if path.is_dir() and (path / DESCRIPTOR).is_file():
        return read_package(path, columns=mapped)
    content = read_bytes(path)
    match kind_of_bytes(content, str(path)):
        case "pdf" | "xlsx" | "ods" as reader:
            return read_apart(reader, content, str(path), columns=mapped, progress=progress)
        case "json":
            return read_package(path, columns=mapped)
        case "text":
            return read_csv(content, str(path), columns=mapped)


def _read_shipped(name: str, columns: ColumnMap) -> Record:
    folder = shipped(name)
    if (folder / DESCRIPTOR).is_file():
        return read_package(folder, columns=columns)
    table = folder / f"{name}.csv"
    return read_csv(
        read_bytes(table), str(table), columns=read_map(folder / f"{name}.toml") if columns is NO_MAP else columns
    )


def read_sources(sources: Sequence[str | Path], *, columns: Path | None = None, progress: Progress = silent) -> Record:
    """Read several sources into one record, documents in the order given; ids that meet twice are numbered.

    Raises what ``read_source`` raises, for the first source that cannot be read.
    """
    documents: dict[str, Document] = {}
    rows, refused = [], []
    for source in sources:
        record = read_source(source, columns=columns, progress=progress)
        renamed: dict[str, str] = {}
        for document in record.documents:
            named, count = document.id, 1
            while named in documents:
                count += 1
                named = f"{document.id}-{count}"
            renamed[document.id] = named
            documents[named] = replace(document, id=named)
        rows += [
            row if renamed[row.document] == row.document else replace(row, document=renamed[row.document])
            for row in record.rows
        ]
        refused += [replace(kept, document=renamed.get(kept.document, kept.document)) for kept in record.refused]
    return Record(tuple(documents.values()), tuple(rows), tuple(refused))


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
