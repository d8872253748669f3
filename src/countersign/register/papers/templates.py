"""A paper to fill in, for any kind of entry: every field with what it asks and takes, required ones first, in TOML.

What is not filled in stays an empty text, which no schema takes as a number, a choice or a time, so nothing that was
left open is accepted. Values may be copied from an entry that stands (``copied``, ``sealed``).

>>> from countersign.deployments.kinds import SCHEMAS
>>> print(template(SCHEMAS.latest("live.suspended")).splitlines()[0])
# The system is stopped for now (live.suspended, version 1)
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any

from countersign.deployments.kinds import beside_schemas, in_words
from countersign.record.entries.forms import FORMS
from countersign.record.entries.schema import Schema
from countersign.register.papers.filling import source_of
from countersign.register.papers.reading import fields_of
from countersign.words.lists import listing
from countersign.words.names import token

#: What a value of each form looks like in a paper.
EXAMPLES: Mapping[str, str] = {
    "address": "https://force.example/lfr",
    "date": "2026-07-25",
    "decimal": "0.64",
    "digest": '{ sha256_of = "file.pdf" }',
    "hour": "2026-07-25T09Z or 2026-07-25 10 Europe/London",
    "origin": "log.example/force-a",
    "public-key": "the last line of a key's public file",
    "reference": "LFR/2026/014",
    "signature": "what a signer's tool gives",
    "subject": "force-a/d-17",
    "time": "2026-07-25T09:00:00Z or 2026-07-25 10:00 Europe/London",
    "title": "High Street, north end",
    "token": "van-1",
}
_KINDS = {"integer": "a whole number", "boolean": "true or false", "object": "a table", "array": "a list"}


@cache
def questions() -> Mapping[str, str]:
    """What each field of an entry asks, by the field's name; they stand beside the schemas."""
    return beside_schemas("questions")


def template(schema: Schema, copied: Mapping[str, Any] | None = None, sealed: Mapping[str, Any] | None = None) -> str:
    """The paper of a kind, with ``copied`` facts and ``sealed`` values by label put in where they are given."""
    raw = fields_of(schema)
    who = listing([token(role) for role in sorted(schema.roles)], "or")
    lines = [f"# {schema.title} ({schema.kind}, version {schema.version})", f"# {raw.get('description', '')}"]
    lines += [f"# Signed by: {who}.", "# Fill in every empty field; take the # off a field that may be left out.", ""]
    sources = {name: source_of(schema.kind, name) for name in (*raw["properties"], *raw.get("x-sealed", {}))}
    asked = {name for name, source in sources.items() if source == "asked"} - {"late", "sealed"}
    lines += _fields(raw, copied or {}, asked)
    lines += _filled(sources)
    given = asked | set(sealed or {})
    labels = {label: part for label, part in raw.get("x-sealed", {}).items() if label in given}
    return "\n".join([*lines, *_sealed(labels, sealed or {})]) + "\n"


_GIVEN = {
    "clock": "the moment that the entry speaks for",
    "record": "as the record has it",
    "policy": "the policy on the record",
    "computed": "worked out from what is given",
}


def _filled(sources: Mapping[str, str]) -> Iterator[str]:
    """What is filled in where the paper leaves it out."""
    given = {name: source for name, source in sources.items() if source in _GIVEN}
    if given:
        yield ""
        yield "# Filled in by the program where it is left out:"
        yield from (f"#   {name}: {_GIVEN[source]}" for name, source in given.items())


def _sealed(labels: Mapping[str, Any], sealed: Mapping[str, Any]) -> Iterator[str]:
    """What is kept under seal: single values and lists first, then a table for each of several fields."""
    tables = {name for name, part in labels.items() if not part.get("set") and part["content"].get("type") == "object"}
    for label in sorted(labels, key=lambda name: (name in tables, name)):
        part, content = labels[label], labels[label]["content"]
        optional = not part.get("required", True) and label not in sealed
        yield ""
        yield f"# Kept under seal: {token(label)}" + (", which may be left out" if optional else "")
        if label in tables:
            lines = [f"[sealed.{label}]", *_fields(content, sealed.get(label, {}))]
        else:
            lines = [f"# {line}" for line in (_takes(content), *_explained(content, ""))]
            value = sealed.get(label, [_empty(content)] if part.get("set") else _empty(content))
            lines.append(f"sealed.{label} = {_toml(value)}")
        yield from (line if line.startswith("#") or not optional else f"# {line}" for line in lines)


def _fields(raw: Mapping[str, Any], copied: Mapping[str, Any], asked: Collection[str] | None = None) -> Iterator[str]:
    """Each field on a line of its own, those of tables within the line; required first."""
    required = raw.get("required", ())
    for name in sorted(raw.get("properties", {}), key=lambda name: name not in required):
        field = raw["properties"][name]
        if asked is not None and name not in asked:
            continue
        yield f"# {questions()[name]} ({_takes(field)})"
        yield from (f"#   {line}" for line in _explained(field, ""))
        value = copied.get(name, _empty(field))
        mark = "" if name in required or name in copied else "# "
        yield f"{mark}{name} = {_toml(value)}"


def _explained(field: Mapping[str, Any], path: str) -> Iterator[str]:
    """What the fields of a table take, of a table within it too."""
    inner = field.get("items", field)
    for name, each in inner.get("properties", {}).items():
        optional = "" if name in inner.get("required", ()) else " (may be left out)"
        yield f"{path}{name}{optional}: {questions()[name]} ({_takes(each)})"
        yield from _explained(each, f"{path}{name}.")


def _takes(field: Mapping[str, Any]) -> str:
    """What a field takes, in words.

    >>> _takes({"type": "integer", "minimum": 1, "maximum": 5}), _takes({"type": "string", "enum": ["a", "b"]})
    ('a whole number from 1 to 5', 'a or b')
    """
    if "enum" in field:
        return listing([_choice(word) for word in field["enum"]], "or")
    if "const" in field:
        return f"always {json.dumps(field['const'])}"
    kind = field.get("type", "string")
    if kind == "integer" and "minimum" in field:
        return f"a whole number from {field['minimum']:,} to {field['maximum']:,}"
    if kind == "array":
        most = f", at most {field['maxItems']:,}" if "maxItems" in field else ""
        return f"a list{most}; each {_takes(field.get('items', {}))}"
    if field.get("format") == "sentences":
        return "sentences, in your own words"
    if kind == "string":
        form = field.get("format")
        return f"{FORMS[form].meaning}, like {EXAMPLES[form]}" if form in FORMS else "text"
    return _KINDS.get(kind, "a value")


def _choice(word: str) -> str:
    said = in_words(word)
    return word if said == token(word) else f"{word} ({said})"


def _empty(field: Mapping[str, Any]) -> Any:
    """A value that no schema takes, of the shape that the field is to have."""
    kind = field.get("type", "string")
    if "const" in field:
        return field["const"]
    if kind == "object":
        required = field.get("required", ())
        return {name: _empty(each) for name, each in field.get("properties", {}).items() if name in required}
    if kind == "array":
        return [_empty(field.get("items", {}))]
    return ""


def _toml(value: Any) -> str:
    """A value in TOML on one line.

    >>> _toml({"a": [1, "b"], "c": True})
    '{ a = [1, "b"], c = true }'
    """
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_toml(each)}" for name, each in value.items()) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
