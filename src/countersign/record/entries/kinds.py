"""The record's own kinds of entry, read from the frozen schema files beside this module.

A package above (deployments) adds its own files to these with ``read_schemas`` and ``Schemas.of``.

>>> OWN.get("record.erased", 1).title
'Sealed values are erased'
"""

from __future__ import annotations

from importlib import resources

from countersign.record.entries.canonical import Value
from countersign.record.entries.entry import EntrySigner, Facts
from countersign.record.entries.schema import Schema, SchemaMalformed, Schemas
from countersign.record.tlog.encoding import render_base64


def read_schemas(package: str) -> list[Schema]:
    """The schemas in the folder ``schemas`` of a package, by file name ``<kind>.<version>.json``.

    Raises ``SchemaMalformed`` where a file is not named after what it holds.
    """
    found = []
    for file in sorted(resources.files(package).joinpath("schemas").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".json"):
            schema = Schema.parse(file.read_bytes())
            if file.name != f"{schema.kind}.{schema.version}.json":
                raise SchemaMalformed(f"{file.name} holds the schema {schema.name}")
            found.append(schema)
    return found


OWN = Schemas.of(read_schemas("countersign.record.entries"))


def opening_facts(registrar: EntrySigner, schemas: Schemas) -> Facts:
    """The facts of ``record.log-opened``: the registrar's key and the schemas the log starts with."""
    adopted: list[Value] = [
        {"kind": schema.kind, "version": schema.version, "digest": schema.digest} for schema in schemas.known.values()
    ]
    return {"registrar": render_base64(registrar.public_key), "schemas": adopted}
