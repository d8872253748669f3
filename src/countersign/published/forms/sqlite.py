"""A data package as one SQLite file, with a file in which Datasette finds what every table and column means.

Each resource is a table of the same columns; empty cells are NULL, and a text that stands quoted in the CSV (for
spreadsheets) stands as it was printed. The same package gives the same tables.

>>> resource = {"name": "t", "path": "t.csv", "schema": {"fields": [{"name": "alerts", "type": "integer"}]}}
>>> made = beside({"title": "T", "resources": [resource]}, {"t.csv": b"alerts\\n3\\n"})
>>> sorted(made), made["record.db"][:15]
(['metadata.json', 'record.db'], b'SQLite format 3')
"""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import msgspec

from countersign.words.hidden import read_cell

#: The file, the name that Datasette gives the database, and the file that explains it.
FILE, NAME, METADATA = "record.db", "record", "metadata.json"
_TYPES = {"integer": "INTEGER", "number": "REAL"}
#: What the tables hold, apart from the deployments.
_TABLES = {
    "deployments": "A row for each row that was published and could be read; see `printed` for its text.",
    "printed": "The text of each cell as printed, with its page.",
    "refused": "Rows that could not be read, with the reason.",
    "set-aside": "Rows that are no deployments: totals, summaries, copies.",
    "unsure": "Values that are bounded, approximate, withheld or doubtful, with what they may be.",
}


def beside(descriptor: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The two files, by name: of a descriptor and the contents of its resources."""
    with closing(sqlite3.connect(":memory:")) as made:
        for resource in descriptor["resources"]:
            _table(made, resource, files[resource["path"]])
        made.commit()
        content = made.serialize()
    explained = {resource["name"]: _explained(resource) for resource in descriptor["resources"]}
    licences = descriptor.get("licenses", ())
    metadata = {
        "title": descriptor["title"],
        "license": licences[0]["title"] if licences else "",
        "databases": {NAME: {"tables": explained}},
    }
    return {FILE: content, METADATA: msgspec.json.format(msgspec.json.encode(metadata), indent=2) + b"\n"}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _table(made: sqlite3.Connection, resource: Mapping[str, Any], content: bytes) -> None:
    fields = resource["schema"]["fields"]
    columns = ", ".join(f"{_quoted(field['name'])} {_TYPES.get(field['type'], 'TEXT')}" for field in fields)
    made.execute(f"CREATE TABLE {_quoted(resource['name'])} ({columns})")
    marks = ", ".join("?" * len(fields))
    made.executemany(f"INSERT INTO {_quoted(resource['name'])} VALUES ({marks})", _lines(content))  # noqa: S608


def _lines(content: bytes) -> Iterator[list[str | None]]:
    reader = csv.reader(io.StringIO(content.decode("utf-8"), newline=""))
    next(reader)
    return ([read_cell(cell) if cell else None for cell in line] for line in reader)


def _explained(resource: Mapping[str, Any]) -> dict[str, Any]:
    fields = resource["schema"]["fields"]
    columns = {field["name"]: field["description"] for field in fields if "description" in field}
    said = {"description": _TABLES.get(resource["name"], ""), **({"columns": columns} if columns else {})}
    return {**said, **({"sort": "date"} if resource["name"] == "deployments" else {})}
