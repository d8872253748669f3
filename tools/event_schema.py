"""The JSON Schema of an engine's event, made from the schemas of the vocabulary, for anyone who writes an export.

``make generate`` writes it to ``docs/formats/engine-event.schema.json``. What the schema takes may still be refused at
the door: leaks of images and embeddings, an alert out of order, and days that are not in the calendar are looked for
there.
"""

from __future__ import annotations

import json
from typing import Any

from countersign.deployments.kinds import SCHEMAS
from countersign.events.door.line import ALERT, FACTS, ITEMS, LARGEST_SEQUENCE
from countersign.record.entries.forms import FORMS, LONGEST_TEXT
from countersign.record.entries.schema import SENTENCES
from countersign.surroundings import ASSUMED

_KEPT = ("type", "additionalProperties", "required", "enum", "minimum", "maximum", "minItems", "maxItems", "const")


def json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of one line of an export."""
    facts = [_event(kind, json.loads(SCHEMAS.latest(kind).text)) for kind in FACTS]
    items = []
    for kind, (name, label) in ITEMS.items():
        content = json.loads(SCHEMAS.latest(name).text)["x-sealed"][label]["content"]
        if kind == ALERT:
            content["properties"].pop("ordinal")
            content["required"].remove("ordinal")
        items.append(_event(kind, content))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "countersign:engine-event/1",
        "title": "One event of an engine's export",
        "oneOf": [*facts, *items],
    }


def schema_text() -> str:
    """The schema as it is written to the file."""
    return json.dumps(json_schema(), indent=1) + "\n"


def _event(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "source": _form("token"),
        "sequence": {"type": "integer", "minimum": 1, "maximum": LARGEST_SEQUENCE},
        "sent_at": _form("time"),
        "logged_at": _form("time"),
        "type": {"const": kind},
        "content": _plain(content),
        "stamp": {"const": ASSUMED},
    }
    required = ["source", "sequence", "sent_at", "type", "content"]
    if kind == ALERT:
        properties["subject"] = _form("reference")
        required.append("subject")
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def _plain(raw: dict[str, Any]) -> dict[str, Any]:
    """A schema of the vocabulary with its forms as patterns, and without what only the record reads."""
    if raw["type"] == "string" and "enum" not in raw:
        return _form(raw["format"])
    plain = {key: raw[key] for key in _KEPT if key in raw}
    if "properties" in raw:
        plain["properties"] = {name: _plain(part) for name, part in raw["properties"].items()}
    if "items" in raw:
        plain["items"] = _plain(raw["items"])
    return plain


def _form(name: str) -> dict[str, Any]:
    if name == SENTENCES:
        return {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
    form = FORMS[name]
    pattern = f"^{form.pattern.pattern.removesuffix(chr(92) + 'Z')}$"
    return {"type": "string", "maxLength": form.longest, "pattern": pattern}
