"""Papers for tests, filled in from the examples of their forms."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from countersign.deployments.clock import utc_of
from countersign.record.entries.schema import Schema
from countersign.register.papers.form import Field, form_of


def example(field: Field, lent: Any = None) -> Any:
    """A value for a field: what is lent, and its example for what is left open."""
    if field.type == "table":
        given = lent or {}
        inner = [each for each in field.fields if each.required or each.name in given]
        return {each.name: example(each, given.get(each.name)) for each in inner}
    if field.item is not None:
        return [example(field.item, each) for each in lent or [None] * max(1, field.least or 0)]
    if lent is not None:
        return lent
    match field.type:
        case "boolean":
            return field.example == "true"
        case "integer":
            return int(field.example)
        case "digest":
            return "0" * 64
    return utc_of(field.example.split(" or ")[0])


def filled(
    schema: Schema, facts: dict[str, Any], sealed: dict[str, Any], origins: Collection[str] = ("asked",)
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Facts and contents of a kind with every field of these origins that must be answered."""
    made: dict[str, Any] = {}
    under: dict[str, Any] = {}
    for field in form_of(schema).fields:
        to, lent = (under, sealed.get(field.name)) if field.sealed else (made, facts.get(field.name))
        if (field.required and field.origin in origins) or lent is not None:
            to[field.name] = example(field, lent)
    return made, under
