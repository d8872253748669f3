"""The JSON Schema of what a command without values of its own prints under ``--json``.

``make generate`` writes it to ``docs/formats/said.schema.json``.
"""

from __future__ import annotations

import json
from typing import Literal

import msgspec


class Said(msgspec.Struct, forbid_unknown_fields=True):
    """What a command printed, and the exit code that it ended with."""

    format: Literal["countersign-said"]
    version: Literal[1]
    command: str
    exit_code: int
    lines: list[str]


def schema_text() -> str:
    """The schema (draft 2020-12) as it is written to the file."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "countersign:said/1"}
    return json.dumps(head | msgspec.json.schema(Said), indent=1) + "\n"
