"""The vocabulary as a page for people, written from the schemas themselves: every kind, its fields, what it seals.

>>> page().splitlines()[0]
'# Vocabulary of deployments'
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from countersign.deployments.kinds import KINDS, noun_of, words
from countersign.register.papers.form import Field, Form, form_of
from countersign.register.papers.templates import ORIGINS
from countersign.words.names import token

_HEAD = """# Vocabulary of deployments

Each kind of entry that a force's log may hold beside the record's own, with the noun under which it is read, who may
sign it and what it says in public; of a kind with several versions the latest. A path is `noun.field`,
`noun.field[].part` within a list, and `noun.sealed.label` for what lies sealed, where its opening is at hand. A field
with `?` may be left out. The groups are those of its form (`draft new`); [the last table](#what-each-field-asks) has
what each field asks. Every kind may carry `late {written_at, reason}`. The files in
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
            parts += _form(form_of(schema))
    parts += ["\n## What each field asks\n\n| field | asks | takes |\n| --- | --- | --- |\n", *_questions()]
    parts.append("\n## Words of fixed lists\n\n| word | as people read it |\n| --- | --- |\n")
    parts += [f"| `{word}` | {said} |\n" for word, said in sorted(words().items()) if said != token(word)]
    return "".join(parts)


def _form(form: Form) -> Iterator[str]:
    """The groups of a form, where values come from that nobody is asked for, and which duties read the entry."""
    grouped = (f"*{group.title}* {', '.join(f'`{field.path}`' for field in group.fields)}" for group in form.groups)
    yield f"\nForm: {'; '.join(grouped)}.\n"
    given = [f"`{field.path}` ({ORIGINS[field.origin]})" for field in form.fields if field.origin != "asked"]
    if given:
        yield f"\nFilled in where left out: {', '.join(given)}.\n"
    duties = sorted({source.duty for field in form.fields for source in field.sources})
    if duties:
        yield f"\nRead by: {', '.join(f'`{duty}`' for duty in duties)}.\n"


def _questions() -> list[str]:
    """A row for each name and question; fixed lists are written out at their kinds."""
    rows = set()

    def add(fields: Iterable[Field]) -> None:
        for field in fields:
            takes = "a word of its list" if field.choices else field.hint
            label = field.sealed and field.path.count(".") == 1
            rows.add(f"| `{field.path if label else field.name}` | {field.question} | {takes} |\n")
            add(field.inner)

    for schema in KINDS:
        add(form_of(schema).fields)
    return sorted(rows)


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
