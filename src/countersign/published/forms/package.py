"""Data packages: a folder with ``datapackage.json`` (Frictionless Data Package, Table Schema) and CSV resources.

Countersign writes ``deployments.csv`` (columns of ``docs/formats/columns.md``), ``printed.csv`` (page, number and text
of each cell), ``refused.csv``, ``set-aside.csv`` and ``unsure.csv``. Reading takes any package with a resource of
deployments; it fetches nothing from an address, and leaves no folder. What was written is read back as the same record.

>>> import tempfile, datetime
>>> from countersign.published.table.record import Document, Record, Row
>>> made = Record((Document("a", "A", kind="csv", columns=frozenset({"date", "alerts"})),),
...               (Row("a", 1, date=datetime.date(2024, 1, 2), alerts=3),))
>>> read_package(write_package(made, Path(tempfile.mkdtemp()))) == made
True
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import Any, cast, get_args

import msgspec

from countersign.errors import EvidenceWrong, WrongForm
from countersign.output import write_all
from countersign.published.files import digest, read_bytes
from countersign.published.forms.csv import decode, read_csv
from countersign.published.forms.json import grid_of_records
from countersign.published.table.grids import About, record_of
from countersign.published.table.maps import NO_MAP, ColumnMap
from countersign.published.table.record import (
    COLUMN_NAMES,
    COLUMNS,
    Certainty,
    Document,
    Kind,
    Record,
    Refused,
    Row,
    Unsure,
)
from countersign.words.hidden import read_cell, safe_cell

DESCRIPTOR = "datapackage.json"
#: A written cell that begins as a formula does, what it can't be without, and how many lines are looked at together.
_MARKS = (b"=", b"+", b"@", b"\t", b"\r", b"'", b",-", b"\n-", b'"-')
_LIKE_FORMULA = re.compile(rb"(?:^|[,\n])\"?'*[=+\-@\t\r]")
LINES_A_PART = 500
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
#: Columns that packages of version 0.1 do not have.
_LATER = {"date_to", "deployments"}
_UNSURE = ("source", "row", "column", "kind", "low", "high", "reading", "reason")


class WrongPackage(
    WrongForm, next_step="Correct datapackage.json at that place; the form is described in docs/formats/sources.md."
):
    """A data package's descriptor is broken, or names no table of deployments that is there."""


class PackageAltered(
    EvidenceWrong,
    next_step="Do not rely on this copy; ask its supplier, or import the published file again.",
):
    """A resource of a data package does not have the digest or the rows that the package states."""


class _Resource(msgspec.Struct):
    name: str = ""
    path: str | list[str] = ""
    data: Any = None
    hash: str = ""
    bytes: int | None = None
    encoding: str = ""
    format: str = ""
    dialect: dict[str, Any] | str = {}
    schema: dict[str, Any] | str = {}


class _Source(Document, frozen=True, kw_only=True, rename={"address": "path"}):
    id: str = ""
    address: str = ""


class _Descriptor(msgspec.Struct):
    resources: list[_Resource]
    name: str = ""
    sources: list[_Source] = []


def read_package(path: Path, *, columns: ColumnMap = NO_MAP) -> Record:
    """Read a package from its folder or ``datapackage.json``. Raises ``WrongPackage``, ``PackageAltered`` where a
    stated digest does not fit, and what ``read_csv`` raises.
    """
    descriptor = path / DESCRIPTOR if path.is_dir() else path
    try:
        stated = msgspec.json.decode(read_bytes(descriptor), type=_Descriptor)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WrongPackage(f"{descriptor}: {error}") from error
    folder = descriptor.parent
    resource = _deployments(stated, descriptor)
    described = tuple(_document(source, index) for index, source in enumerate(stated.sources, start=1))
    if len({document.id for document in described}) < len(described):
        raise WrongPackage(f"{descriptor}: two sources have the same id")
    mapped = _with_missing(columns, resource)
    if resource.data is not None:
        record = _inline(resource, descriptor, mapped)
    else:
        content = _table(folder, resource, descriptor)
        where = resource.path if isinstance(resource.path, str) else resource.path[0]
        record = read_csv(content, str(folder / where), columns=mapped, described=described, kind="package")
        _check_header(content, resource, descriptor)
    by_name = {document.title: document.id for document in record.documents}
    by_name |= {document.id: document.id for document in record.documents}
    others = {other.name: other for other in stated.resources}

    def lines(name: str, header: Sequence[str]) -> list[list[str]]:
        if name not in others:
            return []
        return _lines(_content(folder, others[name], descriptor), header, descriptor, name)

    record = _with_printed(record, lines("printed", _PRINTED), by_name, descriptor)
    refused, aside = (
        tuple(_kept(line, by_name, descriptor) for line in lines(name, _REFUSED)) for name in ("refused", "set-aside")
    )
    record = msgspec.structs.replace(record, refused=(*record.refused, *refused), set_aside=(*record.set_aside, *aside))
    return _with_unsure(record, lines("unsure", _UNSURE), by_name, descriptor)


def is_package(content: bytes) -> bool:
    """Whether JSON is the descriptor of a data package: an object with a list of resources."""
    try:
        stated = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return b'"resources"' in content  # a broken descriptor is told as one
    return isinstance(stated, dict) and "resources" in stated


def _deployments(stated: _Descriptor, descriptor: Path) -> _Resource:
    named = [resource for resource in stated.resources if resource.name == "deployments"]
    tabular = [resource for resource in stated.resources if resource.data is not None or _is_csv(resource)]
    if named or len(tabular) == 1:
        return (named or tabular)[0]
    names = ", ".join(resource.name or "?" for resource in stated.resources[:8]) or "none"
    raise WrongPackage(f"{descriptor}: no resource is named 'deployments'; its resources are: {names}")


def _is_csv(resource: _Resource) -> bool:
    paths = [resource.path] if isinstance(resource.path, str) else resource.path
    return bool(paths) and (resource.format == "csv" or all(path.lower().endswith((".csv", ".tsv")) for path in paths))


def _with_missing(columns: ColumnMap, resource: _Resource) -> ColumnMap:
    """The map with the texts that the package's schema says mean no value."""
    missing = resource.schema.get("missingValues", []) if isinstance(resource.schema, dict) else []
    texts = [item.get("value", "") if isinstance(item, dict) else item for item in missing]
    none = tuple(text for text in texts if isinstance(text, str) and text)
    return msgspec.structs.replace(columns, none=(*columns.none, *none)) if none else columns


def _inline(resource: _Resource, descriptor: Path, columns: ColumnMap) -> Record:
    """A resource whose rows stand in the descriptor: records, rows under a line of headings, or text of a CSV."""
    about = About(str(descriptor), "package", digest(msgspec.json.encode(resource.data)))
    if isinstance(resource.data, str):
        return read_csv(resource.data.encode(), str(descriptor), columns=columns, kind="package")
    data = resource.data if isinstance(resource.data, list) else []
    if data and all(isinstance(row, list) for row in data):
        data = [dict(zip(map(str, data[0]), row, strict=False)) for row in data[1:]]
    if not data or not all(isinstance(row, dict) for row in data):
        raise WrongPackage(
            f"{descriptor}: resource {resource.name!r} has data in it that is no list of records or rows"
        )
    return record_of([grid_of_records(data, "", str(descriptor))], about, columns)


def _table(folder: Path, resource: _Resource, descriptor: Path) -> bytes:
    """The CSV of a resource, several files one after another as one, rewritten where its dialect is not the usual."""
    paths = [resource.path] if isinstance(resource.path, str) else resource.path
    parts = [_file(folder, path, resource, descriptor) for path in paths]
    if len(parts) == 1:
        _check_digest(parts[0], folder / paths[0], resource)
    elif resource.hash or resource.bytes is not None:
        _check_digest(b"".join(parts), folder / paths[0], resource)
    if not isinstance(resource.dialect, dict):
        raise WrongPackage(f"{descriptor}: resource {resource.name!r} names its dialect by an address; none is fetched")
    unknown = set(resource.dialect) - set(_DIALECT)
    if unknown:
        raise WrongPackage(
            f"{descriptor}: resource {resource.name!r} states {', '.join(sorted(map(repr, unknown)))} in its dialect, "
            "which is not supported"
        )
    if len(parts) == 1 and not resource.dialect and not resource.encoding:
        return parts[0]
    return _usual(parts, resource, descriptor)


#: What a dialect may state; ``header`` false takes the schema's names for headings.
_DIALECT = (
    "delimiter", "quoteChar", "doubleQuote", "escapeChar", "lineTerminator", "skipInitialSpace", "header",
    "commentChar", "caseSensitiveHeader", "csvddfVersion", "nullSequence", "$schema", "name", "type",
)  # fmt: skip


def _usual(parts: Sequence[bytes], resource: _Resource, descriptor: Path) -> bytes:
    assert isinstance(resource.dialect, dict)
    dialect = resource.dialect
    rows: list[list[str]] = []
    try:
        for part in parts:
            text = part.decode(resource.encoding or "utf-8-sig").removeprefix("\ufeff")
            lines = list(
                csv.reader(
                    io.StringIO(text, newline=""), strict=True, delimiter=dialect.get("delimiter", ","),
                    quotechar=dialect.get("quoteChar", '"'), doublequote=dialect.get("doubleQuote", True),
                    escapechar=dialect.get("escapeChar"), skipinitialspace=dialect.get("skipInitialSpace", False),
                )
            )  # fmt: skip
            comment = dialect.get("commentChar")
            lines = [line for line in lines if line and not (comment and line[0].startswith(comment))]
            repeated = bool(rows) and bool(lines) and dialect.get("header", True) and lines[0] == rows[0]
            rows += lines[1:] if repeated else lines
    except (LookupError, UnicodeDecodeError, csv.Error, TypeError) as error:
        raise WrongPackage(f"{descriptor}: resource {resource.name!r}: {error}") from error
    if not dialect.get("header", True):
        rows.insert(0, _field_names(resource, descriptor))
    return _table_of(rows)


def _file(folder: Path, stated: str, resource: _Resource, descriptor: Path) -> bytes:
    path = PurePosixPath(stated)
    if not path.parts or path.is_absolute() or ".." in path.parts or ":" in stated:
        raise WrongPackage(
            f"{descriptor}: resource {resource.name!r} has path {stated[:100]!r}; "
            "only files inside the package are read, and nothing is fetched"
        )
    if not (folder / path).resolve().is_relative_to(folder.resolve()):
        raise WrongPackage(f"{descriptor}: resource {resource.name!r} is a link to a file outside the package")
    return read_bytes(folder / path)


def _content(folder: Path, resource: _Resource, descriptor: Path) -> bytes:
    if not isinstance(resource.path, str):
        raise WrongPackage(f"{descriptor}: resource {resource.name!r} has several paths where one is expected")
    content = _file(folder, resource.path, resource, descriptor)
    _check_digest(content, folder / resource.path, resource)
    return content


def _check_digest(content: bytes, path: Path, resource: _Resource) -> None:
    """Hold a file to the size and digest that the package states. Raises ``PackageAltered`` or ``WrongPackage``."""
    algorithm, _, expected = resource.hash.rpartition(":")
    algorithm = algorithm.lower().replace("-", "") or "md5"
    if expected:
        if algorithm not in ("md5", "sha1", "sha256", "sha512"):
            raise WrongPackage(f"{path}: {DESCRIPTOR} states a digest by {algorithm!r}, which is not supported")
        found = hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()
        if found != expected.lower():
            shown = algorithm.upper().replace("SHA", "SHA-")
            raise PackageAltered(f"{path}: the content does not have the {shown} that {DESCRIPTOR} states")
    if resource.bytes is not None and resource.bytes != len(content):
        raise PackageAltered(f"{path}: the file has {len(content):,} bytes, and {DESCRIPTOR} states {resource.bytes:,}")


def _field_names(resource: _Resource, descriptor: Path) -> list[str]:
    if not isinstance(resource.schema, dict) or "fields" not in resource.schema:
        raise WrongPackage(
            f"{descriptor}: resource {resource.name!r} has no line of headings, and no schema names them"
        )
    try:
        return [str(field["name"]) for field in resource.schema["fields"]]
    except (TypeError, KeyError) as error:
        raise WrongPackage(f"{descriptor}: a field of resource {resource.name!r} has no name") from error


def _check_header(content: bytes, resource: _Resource, descriptor: Path) -> None:
    if not isinstance(resource.schema, dict) or "fields" not in resource.schema:
        return
    fields = _field_names(resource, descriptor)
    header = decode(content, str(descriptor))[0].lstrip("\ufeff").splitlines()[0]
    for field in fields:
        if field not in header:
            raise WrongPackage(f"{descriptor}: the schema names field {field!r}, which {resource.path} does not have")


def _document(source: _Source, index: int) -> Document:
    stated = msgspec.structs.asdict(source)
    return Document(**{**stated, "id": source.id or f"source-{index}", "kind": source.kind or "package"})


def _lines(content: bytes, header: Sequence[str], descriptor: Path, name: str) -> list[list[str]]:
    try:
        lines = list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise WrongPackage(f"{descriptor}: resource {name!r}: {error}") from error
    stated = lines[0] if lines else []
    later = set(header) - set(stated)
    if not later <= _LATER or set(stated) - set(header) or any(len(line) != len(stated) for line in lines):
        raise WrongPackage(f"{descriptor}: resource {name!r} does not have the columns {', '.join(header)}")
    at = {column: stated.index(column) for column in header if column in stated}
    return [[read_cell(line[at[column]]) if column in at else "" for column in header] for line in lines[1:]]


def _number(text: str, descriptor: Path) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise WrongPackage(f"{descriptor}: {text[:40]!r} is not a row or page number")
    return int(text)


def _kept(line: Sequence[str], by_name: dict[str, str], descriptor: Path) -> Refused:
    page = _number(line[1], descriptor) if line[1] else None
    return Refused(by_name.get(line[0], line[0]), page, line[2], line[3], line[4])


def _with_unsure(record: Record, lines: list[list[str]], by_name: dict[str, str], descriptor: Path) -> Record:
    """Give rows what is known of their values that are not exact."""
    of: dict[tuple[str, int], dict[str, Unsure]] = {}
    for source, number, column, kind, low, high, reading, reason in lines:
        if column not in _FIELDS or kind not in get_args(Certainty):
            raise WrongPackage(f"{descriptor}: resource 'unsure' names column {column!r} of kind {kind!r}")
        doubt = Unsure(
            cast(Certainty, kind), reason, _number(low, descriptor) if low else None,
            _number(high, descriptor) if high else None, reading,
        )  # fmt: skip
        of.setdefault((by_name.get(source, source), _number(number, descriptor)), {})[column] = doubt
    rows = tuple(
        msgspec.structs.replace(row, unsure=doubts) if (doubts := of.get((row.document, row.number))) else row
        for row in record.rows
    )
    return msgspec.structs.replace(record, rows=rows)


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


#: Files written beside a package's own: of its descriptor and the contents of its resources.
Beside = Callable[[Mapping[str, Any], Mapping[str, bytes]], Mapping[str, bytes]]


def write_package(
    record: Record, folder: Path, *, name: str = "published-record", beside: Beside | None = None
) -> Path:
    """Write a record as a data package into ``folder``, whole or not at all; returns it. ``beside`` makes more files,
    written with it. Raises ``CannotWrite``.
    """
    titles = [document.title for document in record.documents]
    ids = {document.id for document in record.documents}
    by_title = len(set(titles)) == len(titles) and all(titles) and not ids & set(titles)
    named = {document.id: document.title if by_title else document.id for document in record.documents}

    def aside(rows: Sequence[Refused]) -> bytes:
        return _csv(_REFUSED, ((named.get(r.document, r.document), r.page, r.place, r.printed, r.reason) for r in rows))

    rows, values_of = record.rows, attrgetter(*_FIELDS)
    values = ((*values_of(row), named[row.document]) for row in rows)
    printed = ((named[row.document], row.number, row.page, *map(row.printed.get, _FIELDS)) for row in rows)
    unsure = (
        (named[row.document], row.number, column, doubt.kind, doubt.low, doubt.high, doubt.reading, doubt.reason)
        for row in rows
        for column, doubt in row.unsure.items()
    )
    files = {
        "deployments.csv": _csv(COLUMN_NAMES, values), "printed.csv": _csv(_PRINTED, printed),
        "refused.csv": aside(record.refused), "set-aside.csv": aside(record.set_aside),
        "unsure.csv": _csv(_UNSURE, unsure),
    }  # fmt: skip
    descriptor: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": name,
        "title": "Deployments of live facial recognition, as published",
        "licenses": [{"name": "notspecified", "title": LICENCE_NOTE}],
        "sources": [_stated(document) for document in record.documents],
        "resources": [_resource(file, content) for file, content in files.items()],
    }
    text = msgspec.json.format(msgspec.json.encode(descriptor), indent=2) + b"\n"
    more = {} if beside is None else beside(descriptor, files)
    write_all(folder, {**files, DESCRIPTOR: text, **more})
    return folder


def _csv(header: Sequence[str], lines: Iterable[Sequence[object]]) -> bytes:
    """A table for people: a text that a spreadsheet would take for a formula is quoted. Few parts of one hold any."""
    parts = [_table_of([header])]
    every = iter(lines)
    while part := list(islice(every, LINES_A_PART)):
        written = _table_of(part)
        if any(mark in written for mark in _MARKS) and _LIKE_FORMULA.search(written):
            written = _table_of([safe_cell(cell) if isinstance(cell, str) else cell for cell in line] for line in part)
        parts.append(written)
    return b"".join(parts)


def _table_of(rows: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode("utf-8")


def _stated(document: Document) -> dict[str, object]:
    stated = {
        "id": document.id, "title": document.title, "publisher": document.publisher, "published": document.published,
        "path": document.address, "file": document.file, "sha256": document.sha256, "kind": document.kind,
        "columns": [name for name in COLUMN_NAMES if name in document.columns], "notes": list(document.notes),
        "system": document.system, "ocr_layer": document.ocr_layer, "stated": document.stated,
    }  # fmt: skip
    return {key: value for key, value in stated.items() if value or key in ("id", "title")}


def _resource(file: str, content: bytes) -> dict[str, object]:
    stem = file.removesuffix(".csv")
    fields: list[dict[str, str]]
    if stem == "deployments":
        fields = [{"name": spec.name, **_FIELD_TYPES[spec.kind], "description": spec.meaning} for spec in COLUMNS]
    else:
        header = {"printed": _PRINTED, "unsure": _UNSURE}.get(stem, _REFUSED)
        whole = ("row", "page", "low", "high")
        fields = [{"name": field, "type": "integer" if field in whole else "string"} for field in header]
    described = {"profile": "tabular-data-resource", "format": "csv", "mediatype": "text/csv", "encoding": "utf-8"}
    checked = {"hash": f"sha256:{digest(content)}", "bytes": len(content)}
    return {"name": stem, "path": file, **described, **checked, "schema": {"fields": fields, "missingValues": [""]}}
