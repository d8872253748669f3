"""The vocabulary as a page for people, written from the schemas themselves: every kind, its fields, what it seals.

>>> page().splitlines()[0]
'# Vocabulary of deployments'
"""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any

from countersign.deployments.kinds import KINDS, noun_of, words
from countersign.words.names import token

_HEAD = """# Vocabulary of deployments

Each kind of entry that a force's log may hold beside the record's own, with the noun under which it is read, who may
sign it and what it says in public; of a kind with several versions the latest. A path is `noun.field`,
`noun.field[].part` within a list, and `noun.sealed.label` for what lies sealed, where its opening is at hand. A field
with `?` may be left out. Every kind may carry `late {written_at, reason}`. The files in
`src/countersign/deployments/schemas` are the rule; this page is written from them. No field takes a name, a sentence
about a person, or an image.
"""


def page() -> str:
    """The page ``docs/formats/deployment-vocabulary.md``."""
    parts = [_HEAD]
    latest = {schema.kind: schema for schema in KINDS}.values()
    for group, schemas in groupby(latest, key=lambda schema: schema.kind.partition(".")[0]):
        parts.append(f"\n## {group}\n")
        for schema in schemas:
            raw: dict[str, Any] = json.loads(schema.text)
            parts.append(f"\n### `{schema.kind}`\n\n{raw['title']}. {raw['description']}\n")
            fields = ", ".join(_fields(raw, leave_out="late"))
            parts.append(f"\nNoun `{noun_of(schema.kind)}`. Roles: {', '.join(sorted(schema.roles))}. ")
            parts.append(f"From: {', '.join(sorted(schema.suppliers))}.\n\nPublic: {fields}.\n")
            for label, sealed in raw["x-sealed"].items():
                content = _shape(sealed["content"])
                many = "each of a set" if sealed.get("set") else "one value"
                needed = "" if sealed.get("required") else ", if given"
                parts.append(
                    f"\nSealed as `{label}` ({many}{needed}; retention class `{sealed['class']}`): {content}.\n"
                )
    parts.append("\n## Words of fixed lists\n\n| word | as people read it |\n| --- | --- |\n")
    parts += [f"| `{word}` | {said} |\n" for word, said in sorted(words().items()) if said != token(word)]
    return "".join(parts)


def _fields(raw: dict[str, Any], leave_out: str = "") -> list[str]:
    return [
        f"`{name}{'' if name in raw['required'] else '?'}` {_shape(part)}"
        for name, part in raw["properties"].items()
        if name != leave_out
    ]


def _shape(raw: dict[str, Any]) -> str:
    if raw["type"] == "object":
        return "{" + ", ".join(_fields(raw)) + "}"
    if raw["type"] == "array":
        return f"list of {_shape(raw['items'])}"
    if raw["type"] == "string":
        return "(" + " | ".join(raw["enum"]) + ")" if "enum" in raw else str(raw["format"])
    return str(raw["type"])
