"""The JSON Schema of a trial's report, made from its types and shipped with them.

``make generate`` writes it. It says what a reader may rely on: names, types, what may be ``null``.
"""

from __future__ import annotations

import inspect
import json
from typing import Any

import msgspec

from countersign.trials.model import FORM, TrialReport


def schema() -> dict[str, Any]:
    """The schema as JSON values, draft 2020-12."""
    made = msgspec.json.schema(TrialReport)
    for definition in made["$defs"].values():
        definition["description"] = inspect.cleandoc(definition["description"])
    made["$defs"]["TrialReport"]["properties"]["form"] = {"const": FORM}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"Countersign trial ({FORM})"}
    return head | made


def schema_text() -> str:
    """The schema as it is written to the shipped copy."""
    return json.dumps(schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
