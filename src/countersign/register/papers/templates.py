"""A paper to fill in, for any kind of entry: its form as TOML, group by group, with what is kept under seal last.

What is not filled in stays an empty text, which no schema takes as a number, a choice or a time, so nothing that was
left open is accepted. Values may be copied from an entry that stands (``copied``, ``sealed``).

>>> from countersign.deployments.kinds import SCHEMAS
>>> print(template(SCHEMAS.latest("live.suspended")).splitlines()[0])
# The system is stopped for now (live.suspended, version 1)
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from countersign.record.entries.schema import Schema
from countersign.register.papers.form import Field, form_of
from countersign.words.lists import listing
from countersign.words.names import token


def template(schema: Schema, copied: Mapping[str, Any] | None = None, sealed: Mapping[str, Any] | None = None) -> str:
    """The paper of a kind, with ``copied`` facts and ``sealed`` values by label put in where they are given."""
    form, lent = form_of(schema), sealed or {}
    lines = [f"# {form.title} ({form.kind}, version {form.version})", f"# {form.description}"]
    lines += [f"# Signed by: {listing([token(role) for role in form.roles], 'or')}."]
    lines += ["# Fill in every empty field; take the # off a field that may be left out."]
    for group in form.groups:
        asked = [field for field in group.fields if not field.sealed and field.origin == "asked"]
        if asked:
            lines += ["", f"# -- {group.title} --", *_fields(asked, copied or {})]
    lines += _filled(form.fields)
    labels = [field for field in form.fields if field.sealed and (field.origin == "asked" or field.name in lent)]
    return "\n".join([*lines, *_sealed(labels, lent)]) + "\n"


#: Where the value of a field comes from that nobody is asked for.
ORIGINS = {
    "clock": "the moment that the entry speaks for",
    "record": "as the record has it",
    "policy": "the policy on the record",
    "computed": "worked out from what is given",
}


def _filled(fields: Iterable[Field]) -> Iterator[str]:
    """What is filled in where the paper leaves it out."""
    given = [f"#   {field.name}: {ORIGINS[field.origin]}" for field in fields if field.origin != "asked"]
    if given:
        yield from ("", "# Filled in by the program where it is left out:", *given)


def _sealed(labels: list[Field], sealed: Mapping[str, Any]) -> Iterator[str]:
    """What is kept under seal: single values and lists first, then a table for each of several fields."""
    for field in sorted(labels, key=lambda field: field.type == "table"):
        optional = not field.required and field.name not in sealed
        yield ""
        yield f"# Kept under seal: {token(field.name)}" + (", which may be left out" if optional else "")
        if field.type == "table":
            # A table's own question is its heading; the groups are those of public fields.
            lines = [f"# {field.question}", f"[{field.path}]", *_fields(field.fields, sealed.get(field.name, {}))]
        else:
            lines = [f"# {field.question} ({_takes(field)})", *(f"# {line}" for line in _explained(field.inner, ""))]
            lines.append(f"{field.path} = {_toml(_over(field, sealed.get(field.name)))}")
        yield from (line if line.startswith("#") or not optional else f"# {line}" for line in lines)


def _fields(fields: Iterable[Field], copied: Mapping[str, Any]) -> Iterator[str]:
    """Each field on a line of its own, those of tables within the line; required first."""
    for field in sorted(fields, key=lambda field: not field.required):
        yield f"# {field.question} ({_takes(field)})"
        yield from (f"#   {line}" for line in _explained(field.inner, ""))
        mark = "" if field.required or field.name in copied else "# "
        yield f"{mark}{field.name} = {_toml(_over(field, copied.get(field.name)))}"


def _explained(fields: Iterable[Field], path: str) -> Iterator[str]:
    """What the fields of a table take, of a table within it too."""
    for field in fields:
        optional = "" if field.required else " (may be left out)"
        yield f"{path}{field.name}{optional}: {field.question} ({_takes(field)})"
        yield from _explained(field.inner, f"{path}{field.name}.")


def _takes(field: Field) -> str:
    """What a field takes, with an example where its form has one of its own."""
    plain = field.type in ("boolean", "integer", "choice", "list", "table", "sentences")
    return field.hint if plain else f"{field.hint}, like {field.example}"


def _empty(field: Field) -> Any:
    """A value that no schema takes, of the shape that the field is to have."""
    if field.always is not None:
        return field.always
    if field.type == "table":
        return {inner.name: _empty(inner) for inner in field.fields if inner.required}
    return "" if field.item is None else [_empty(field.item)]


def _over(field: Field, lent: Any) -> Any:
    """A value that is lent, with what it leaves open within tables shown as empty; nothing lent is empty."""
    if lent is None:
        return _empty(field)
    if field.type == "table" and isinstance(lent, Mapping):
        inner = {each.name: each for each in field.fields}
        shown = {name: _over(each, lent.get(name)) for name, each in inner.items() if each.required or name in lent}
        return shown | {name: value for name, value in lent.items() if name not in inner}
    if field.item is not None and isinstance(lent, list):
        return [_over(field.item, each) for each in lent]
    return lent


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
