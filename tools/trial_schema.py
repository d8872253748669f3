"""The JSON Schemas of a trial's report and of two engines side by side, made from their types and shipped with them.

``make generate`` writes it. It says what a reader may rely on: names, types, what may be ``null``.
"""

from __future__ import annotations

import inspect
import json
from typing import Any

import msgspec

from countersign.trials import model
from countersign.trials.report import side_by_side


def schema(kind: type[msgspec.Struct] = model.TrialReport, form: str = model.FORM) -> dict[str, Any]:
    """The schema as JSON values, draft 2020-12."""
    made = msgspec.json.schema(kind)
    for definition in made["$defs"].values():
        definition["description"] = inspect.cleandoc(definition["description"])
    made["$defs"][kind.__name__]["properties"]["form"] = {"const": form}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"Countersign trial ({form})"}
    return head | made


def side_by_side_schema() -> dict[str, Any]:
    """The schema of ``side-by-side.json``."""
    return schema(side_by_side.SideBySide, side_by_side.FORM)


def schema_text(made: dict[str, Any]) -> str:
    """A schema as it is written to the shipped copy."""
    return json.dumps(made, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
