"""Data packages: a folder with ``datapackage.json`` (Frictionless Data Package, Table Schema) and CSV resources.

Countersign writes three resources: ``deployments.csv`` (columns of ``docs/formats/columns.md``), ``printed.csv`` (page,
number and text of each cell as it stood in the source) and ``refused.csv`` (what could not be read). Reading takes any
package with a resource of deployments; it fetches nothing from an address, and leaves no folder.

``read_package(write_package(record, folder)) == record``, documents with their sources included, for any record that a
reader made.

>>> import tempfile, datetime
>>> from countersign.published.table.record import Document, Record, Row
>>> made = Record((Document("a", "A", kind="csv", columns=frozenset({"date", "alerts"})),),
...               (Row("a", 1, date=datetime.date(2024, 1, 2), alerts=3),))
>>> read_package(write_package(made, Path(tempfile.mkdtemp()))) == made
True
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from countersign.errors import EvidenceWrong, WrongForm
from countersign.output import write_all
from countersign.published.files import digest, read_bytes
from countersign.published.forms.csv import decode, read_csv
from countersign.published.table.columns import NO_MAP, ColumnMap
from countersign.published.table.record import COLUMN_NAMES, COLUMNS, Document, Kind, Record, Refused, Row
from countersign.published.table.values import plain

DESCRIPTOR = "datapackage.json"
#: The licence note of a package: figures published by a public body, held as facts; nothing is claimed on them.
LICENCE_NOTE = (
    "Figures as published by the sources named; no right is claimed in them. Ask each publisher for its terms of reuse."
)

_FIELD_TYPES: dict[Kind, dict[str, str]] = {
    "date": {"type": "date"},
    "text": {"type": "string"},
    "count": {"type": "integer"},
    "minutes": {"type": "integer"},
    "decimal": {"type": "number"},
    "percent": {"type": "string"},
}
_FIELDS = tuple(name for name in COLUMN_NAMES if name != "source")
_PRINTED = ("source", "row", "page", *_FIELDS)
_REFUSED = ("source", "page", "place", "printed", "reason")


class WrongPackage(WrongForm):
    """A data package's descriptor is broken, or names no table of deployments that is there."""

    code = "wrong-package"
    next_step = "Correct datapackage.json at that place; the form is described in docs/formats/sources.md."


class PackageAltered(EvidenceWrong):
    """A resource of a data package does not have the digest or the rows that the package states."""

    code = "package-altered"
    next_step = "Do not rely on this copy; ask whoever supplied it, or import the published file again."


class _Resource(msgspec.Struct):
    name: str = ""
    path: str | list[str] = ""
    hash: str = ""
    schema: dict[str, Any] | str = {}


class _Source(msgspec.Struct):
    title: str
    id: str = ""
    publisher: str = ""
    published: str = ""
    sha256: str = ""
    file: str = ""
    kind: str = ""
    path: str = ""
    columns: list[str] = []
    notes: list[str] = []


class _Descriptor(msgspec.Struct):
    resources: list[_Resource]
    name: str = ""
    sources: list[_Source] = []


def read_package(path: Path, *, columns: ColumnMap = NO_MAP) -> Record:
    """Read a package from its folder or its ``datapackage.json``.

    Raises ``WrongPackage``, ``PackageAltered`` where a stated digest does not fit, and whatever ``read_csv`` raises.
    """
    descriptor = path / DESCRIPTOR if path.is_dir() else path
    try:
        stated = msgspec.json.decode(read_bytes(descriptor), type=_Descriptor)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WrongPackage(f"{descriptor}: {error}") from error
    folder = descriptor.parent
    resource = _deployments(stated, descriptor)
    content = _content(folder, resource, descriptor)
    described = tuple(_document(source, index) for index, source in enumerate(stated.sources, start=1))
    if len({document.id for document in described}) < len(described):
        raise WrongPackage(f"{descriptor}: two sources have the same id")
    record = read_csv(
        content, str(folder / str(resource.path)), columns=columns, described=described, kind="package"
    )  # fmt: skip
    _check_header(content, resource, descriptor)
    by_name = {document.title: document.id for document in record.documents}
    by_name |= {document.id: document.id for document in record.documents}
    others = {other.name: other for other in stated.resources}
    if "printed" in others:
        lines = _lines(_content(folder, others["printed"], descriptor), _PRINTED, descriptor, "printed")
        record = _with_printed(record, lines, by_name, descriptor)
    if "refused" in others:
        lines = _lines(_content(folder, others["refused"], descriptor), _REFUSED, descriptor, "refused")
        refused = tuple(
            Refused(
                by_name.get(line[0], line[0]), _number(line[1], descriptor) if line[1] else None, *line[2:]
            )
            for line in lines
        )  # fmt: skip
        record = msgspec.structs.replace(record, refused=(*record.refused, *refused))
    return record


def _deployments(stated: _Descriptor, descriptor: Path) -> _Resource:
    named = [resource for resource in stated.resources if resource.name == "deployments"]
    tabular = [resource for resource in stated.resources if str(resource.path).lower().endswith(".csv")]
    if named or len(tabular) == 1:
        return (named or tabular)[0]
    names = ", ".join(resource.name or "?" for resource in stated.resources[:8]) or "none"
    raise WrongPackage(f"{descriptor}: no resource is named 'deployments'; its resources are: {names}")


def _content(folder: Path, resource: _Resource, descriptor: Path) -> bytes:
    path = PurePosixPath(resource.path) if isinstance(resource.path, str) else None
    if path is None or not path.parts or path.is_absolute() or ".." in path.parts or ":" in str(resource.path):
        raise WrongPackage(
            f"{descriptor}: resource {resource.name!r} has path {str(resource.path)[:100]!r}; "
            "only one file inside the package is read, and nothing is fetched"
        )
    if not (folder / path).resolve().is_relative_to(folder.resolve()):
        raise WrongPackage(f"{descriptor}: resource {resource.name!r} is a link to a file outside the package")
    content = read_bytes(folder / path)
    algorithm, _, expected = resource.hash.rpartition(":")
    if algorithm == "sha256" and digest(content) != expected.lower():
        raise PackageAltered(f"{folder / path}: the content does not have the SHA-256 that {DESCRIPTOR} states")
    return content


def _check_header(content: bytes, resource: _Resource, descriptor: Path) -> None:
    if not isinstance(resource.schema, dict) or "fields" not in resource.schema:
        return
    try:
        fields = [str(field["name"]) for field in resource.schema["fields"]]
    except (TypeError, KeyError) as error:
        raise WrongPackage(f"{descriptor}: a field of resource {resource.name!r} has no name") from error
    header = decode(content, str(descriptor))[0].lstrip("\ufeff").splitlines()[0]
    for field in fields:
        if field not in header:
            raise WrongPackage(f"{descriptor}: the schema names field {field!r}, which {resource.path} does not have")


def _document(source: _Source, index: int) -> Document:
    return Document(
        id=source.id or f"source-{index}",
        title=source.title,
        publisher=source.publisher,
        published=source.published,
        sha256=source.sha256,
        file=source.file,
        kind=source.kind or "package",
        address=source.path,
        columns=frozenset(source.columns),
        notes=tuple(source.notes),
    )


def _lines(content: bytes, header: Sequence[str], descriptor: Path, name: str) -> list[list[str]]:
    try:
        lines = list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise WrongPackage(f"{descriptor}: resource {name!r}: {error}") from error
    if not lines or lines[0] != list(header) or any(len(line) != len(header) for line in lines):
        raise WrongPackage(f"{descriptor}: resource {name!r} does not have the columns {', '.join(header)}")
    return lines[1:]


def _number(text: str, descriptor: Path) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise WrongPackage(f"{descriptor}: {text[:40]!r} is not a row or page number")
    return int(text)


def _with_printed(record: Record, lines: list[list[str]], by_name: dict[str, str], descriptor: Path) -> Record:
    """Give rows their number, page and printed texts; a document is given all of its rows, or none."""
    of: dict[str, list[list[str]]] = {}
    for line in lines:
        of.setdefault(by_name.get(line[0], line[0]), []).append(line)
    counts: dict[str, int] = {}
    rows: list[Row] = []
    for row in record.rows:
        index = counts[row.document] = counts.get(row.document, 0) + 1
        texts = of.get(row.document)
        if texts is None or len(texts) < index:
            rows.append(row)
            continue
        _, number, page, *cells = texts[index - 1]
        rows.append(
            msgspec.structs.replace(
                row,
                number=_number(number, descriptor),
                page=_number(page, descriptor) if page else None,
                printed={name: text for name, text in zip(_FIELDS, cells, strict=True) if text},
            )
        )
    for document, texts in of.items():
        if counts.get(document, 0) != len(texts):
            raise PackageAltered(
                f"{descriptor}: 'printed' has {len(texts)} rows of {document}, 'deployments' {counts.get(document, 0)}"
            )
    return msgspec.structs.replace(record, rows=tuple(rows))


def write_package(record: Record, folder: Path, *, name: str = "published-record") -> Path:
    """Write a record as a data package into ``folder``: all files whole, or none. Returns the folder.

    Raises ``CannotWrite``.
    """
    titles = [document.title for document in record.documents]
    ids = {document.id for document in record.documents}
    by_title = len(set(titles)) == len(titles) and all(titles) and not ids & set(titles)
    named = {document.id: document.title if by_title else document.id for document in record.documents}
    files = {
        "deployments.csv": _csv(
            COLUMN_NAMES,
            ((*(plain(getattr(row, field)) for field in _FIELDS), named[row.document]) for row in record.rows),
        ),
        "printed.csv": _csv(
            _PRINTED,
            (
                (named[row.document], row.number, row.page, *(row.printed.get(field, "") for field in _FIELDS))
                for row in record.rows
            ),
        ),
        "refused.csv": _csv(
            _REFUSED,
            ((named.get(r.document, r.document), r.page, r.place, r.printed, r.reason) for r in record.refused),
        ),
    }  # fmt: skip
    descriptor = {
        "profile": "tabular-data-package",
        "name": name,
        "title": "Deployments of live facial recognition, as published",
        "licenses": [{"title": LICENCE_NOTE}],
        "sources": [_stated(document) for document in record.documents],
        "resources": [_resource(file, content) for file, content in files.items()],
    }
    text = msgspec.json.format(msgspec.json.encode(descriptor), indent=2) + b"\n"
    write_all(folder, {**files, DESCRIPTOR: text})
    return folder


def _csv(header: Sequence[str], lines: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    return out.getvalue().encode("utf-8")


def _stated(document: Document) -> dict[str, object]:
    stated = {
        "id": document.id, "title": document.title, "publisher": document.publisher, "published": document.published,
        "path": document.address, "file": document.file, "sha256": document.sha256, "kind": document.kind,
        "columns": [name for name in COLUMN_NAMES if name in document.columns], "notes": list(document.notes),
    }  # fmt: skip
    return {key: value for key, value in stated.items() if value or key in ("id", "title")}


def _resource(file: str, content: bytes) -> dict[str, object]:
    stem = file.removesuffix(".csv")
    kinds: dict[str, Kind] = {column.name: column.kind for column in COLUMNS}
    meanings = {column.name: column.meaning for column in COLUMNS}
    fields: list[dict[str, str]]
    if stem == "deployments":
        fields = [
            {"name": field, **_FIELD_TYPES[kinds[field]], "description": meanings[field]} for field in COLUMN_NAMES
        ]
    else:
        header = _PRINTED if stem == "printed" else _REFUSED
        fields = [{"name": field, "type": "integer" if field in ("row", "page") else "string"} for field in header]
    return {
        "name": stem,
        "path": file,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "hash": f"sha256:{digest(content)}",
        "bytes": len(content),
        "schema": {"fields": fields, "missingValues": [""]},
    }
