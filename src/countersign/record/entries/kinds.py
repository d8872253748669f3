"""The record's own kinds of entry, read from the frozen schema files beside this module.

A package above (deployments) adds its own files to these with ``read_schemas`` and ``Schemas.of``.

>>> OWN.get("record.erased", 1).title
'Sealed values are erased'
"""

from __future__ import annotations

from importlib import resources

from countersign.record.entries.schema import Schema, SchemaMalformed, Schemas


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
