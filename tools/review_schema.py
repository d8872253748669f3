"""The JSON Schema of ``review.json``, made from the types of ``countersign.reviews.model`` and shipped beside them.

``make generate`` writes it; it is what others validate against. It says what a reader may rely on: names, types, what
may be ``null``.

>>> sorted(schema()["$defs"])[:3]
['AlikeLine', 'Cell', 'Chart']
"""

from __future__ import annotations

import inspect
import json
from typing import Any

import msgspec

from countersign.reviews import model
from countersign.reviews.model import SCHEMA, Review


def schema() -> dict[str, Any]:
    """The schema as JSON values, draft 2020-12."""
    made = msgspec.json.schema(Review)
    for name, definition in made["$defs"].items():
        if getattr(getattr(model, name, None), "__module__", "") == model.__name__:
            definition["description"] = inspect.cleandoc(definition["description"])
        else:
            # Blocks are described where they are defined; here only their form is promised.
            definition.pop("description", None)
    made["$defs"]["Review"]["properties"]["schema"] = {"const": SCHEMA}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"Countersign review ({SCHEMA})"}
    return head | made


def schema_text() -> str:
    """The schema as it is written to the shipped copy."""
    return json.dumps(schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
