"""The form of a kind of entry: its groups and fields in order, and of each what it asks, takes and rests on.

Everything that people are asked stands beside the schemas, never in them: ``questions.toml``, ``groups.toml`` (whose
order is the order of a form), ``declarations.toml`` (where a value comes from) and ``words.toml``. Papers to fill in,
web forms, entries in words and the pages of ``docs/formats`` are all made from here. Lateness is no field of a form.

>>> from countersign.deployments.kinds import SCHEMAS
>>> form = form_of(SCHEMAS.latest("live.suspended"))
>>> [(group.title, [field.path for field in group.fields]) for group in form.groups]
[('Why', ['reason']), ('When', ['suspended_at'])]
>>> reason, suspended_at = form.fields
>>> reason.question, reason.type, reason.choices[0], reason.required, suspended_at.origin
('For which reason?', 'choice', Choice(word='ceiling-exceeded', words='a declared ceiling was passed'), True, 'clock')
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from countersign.deployments.kinds import SCHEMAS, beside_schemas, in_words, noun_of
from countersign.deployments.limits import KIND as LIMITS
from countersign.record.entries.schema import SENTENCES, Schema
from countersign.register.papers.filling import TERMS, source_of
from countersign.words.lists import listing
from countersign.words.names import token

#: Of each form of text: what to give, and what it looks like in a paper.
TAKES: Mapping[str, tuple[str, str]] = {
    "address": ("a public address", "https://force.example/lfr"),
    "date": ("a day", "2026-07-25"),
    "decimal": ("a number with its decimals, as a text", "0.64"),
    "digest": ("a file, whose SHA-256 is worked out, or a SHA-256", '{ sha256_of = "file.pdf" }'),
    "hour": ("a whole hour", "2026-07-25T09Z or 2026-07-25 10 Europe/London"),
    "origin": ("the public name of a log", "log.example/force-a"),
    "public-key": ("an Ed25519 public key", "the last line of a key's public file"),
    "reference": ("a reference or version, without spaces", "LFR/2026/014"),
    SENTENCES: ("sentences, in your own words", "As the force's own papers say it."),
    "signature": ("a signature", "what a signer's tool gives"),
    "subject": ("a force, or one of its deployments", "force-a/d-17"),
    "time": ("a time, in UTC or with its zone", "2026-07-25T09:00:00Z or 2026-07-25 10:00 Europe/London"),
    "title": ("a short name of a thing or place, never of a person", "High Street, north end"),
    "token": ("a short name: small letters, digits and hyphens", "van-1"),
}
#: In a path: the number of an item of a list, from 0.
ITEM = "N"


class Choice(NamedTuple):
    """A word of a fixed list, and how people read it."""

    word: str
    words: str


class Source(NamedTuple):
    """A duty that reads a field, with what it rests on."""

    duty: str
    title: str
    cited: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field, or a sealed label; ``path`` is its name in ``--set``, with ``N`` for the number of a list's item.

    ``type``: ``choice``, ``boolean``, ``integer``, ``list``, ``table`` or the form of a text (``TAKES``). ``least`` and
    ``most`` bound a number, or how many items a list has; ``item`` is an item of a list, ``fields`` are those of a
    table. ``origin``: ``asked``, ``clock``, ``record``, ``policy`` or ``computed``.
    """

    kind: str
    path: str
    question: str
    hint: str
    example: str
    type: str
    origin: str
    required: bool
    sealed: bool
    choices: tuple[Choice, ...] = ()
    least: int | None = None
    most: int | None = None
    always: bool | None = None
    item: Field | None = None
    fields: tuple[Field, ...] = ()

    @property
    def name(self) -> str:
        """The last part of its path that is no number."""
        return next(part for part in reversed(self.path.split(".")) if part != ITEM)

    @property
    def sources(self) -> tuple[Source, ...]:
        """The duties that read it, a table it is part of, or a part of it."""
        return tuple(_sources(self.kind, self.path))

    @property
    def source(self) -> str:
        """What asks for it: the duties that read it, or else the entry itself."""
        named = [f"{source.title} ({source.duty})" for source in self.sources]
        return f"read by {listing(named)}" if named else "the entry itself; no duty reads it"

    @property
    def inner(self) -> tuple[Field, ...]:
        """The fields of a table, or of the tables of a list."""
        return self.fields if self.item is None else self.item.fields


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together, under a heading."""

    name: str
    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked for one entry of a kind; ``roles`` are those that may sign it."""

    kind: str
    version: int
    title: str
    description: str
    roles: tuple[str, ...]
    groups: tuple[Group, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields, in the order of the form."""
        return tuple(field for group in self.groups for field in group.fields)


def form_of(schema: Schema) -> Form:
    """The form of a kind. Raises ``KeyError`` for a schema with a field that nothing is declared of: a defect."""
    raw = fields_of(schema)
    fields = [
        _field(schema.kind, name, part, required=name in raw["required"])
        for name, part in raw["properties"].items()
        if name not in ("late", "sealed")
    ]
    sealed = raw["properties"]["sealed"]
    fields += [
        _field(schema.kind, f"sealed.{label}", part, required=label in sealed["required"])
        for label, part in sealed["properties"].items()
    ]
    placed = [(group_of(schema.kind, field.path, field.type), field) for field in fields]
    groups = tuple(
        Group(name, declared["title"], tuple(field for group, field in placed if group == name))
        for name, declared in groups_declared().items()
        if any(group == name for group, _ in placed)
    )
    roles = tuple(sorted(schema.roles))
    return Form(schema.kind, schema.version, schema.title, raw.get("description", ""), roles, groups)


def fields_of(schema: Schema) -> dict[str, Any]:
    """The JSON schema of a kind's paper: its fields, those of the limits that an approval releases, and ``sealed``."""
    raw: dict[str, Any] = json.loads(schema.text)
    labels = raw.get("x-sealed", {})
    # A label of which the schema says no more (the holder of a key) takes sentences.
    parts = {label: part.get("content", {"type": "string", "format": SENTENCES}) for label, part in labels.items()}
    under = {
        label: {"type": "array", "items": part} if labels[label].get("set") else part for label, part in parts.items()
    }
    properties, required = dict(raw["properties"]), list(raw["required"])
    if schema.kind == "authorise.approval":
        released = json.loads(SCHEMAS.latest(LIMITS).text)["properties"]
        properties |= {name: released[name] for name in TERMS}
        required += TERMS
    needed = [label for label, part in labels.items() if part.get("required")]
    sealed = {"type": "object", "properties": under, "required": needed}
    return {**raw, "properties": properties | {"sealed": sealed}, "required": required}


@cache
def questions() -> Mapping[str, str]:
    """What each field of an entry asks, by the field's name, and where one name means several things by its type."""
    return beside_schemas("questions")


@cache
def groups_declared() -> Mapping[str, Mapping[str, Any]]:
    """The groups of fields in the order of a form: each its ``title`` and the names of its ``fields``."""
    return beside_schemas("groups")


def group_of(kind: str, path: str, type_: str) -> str:
    """The group that a field or sealed label of a kind belongs to. Raises ``KeyError`` where none is declared."""
    return _group_by_key()[_key(_group_by_key(), kind, path, type_)]


@cache
def _group_by_key() -> Mapping[str, str]:
    return {name: group for group, declared in groups_declared().items() for name in declared["fields"]}


def _key(declared: Mapping[str, Any], kind: str, path: str, type_: str) -> str:
    """Under which key something is declared of a field: its kind's path, its name and type, or its name."""
    name = path if path.count(".") == 1 and path.startswith("sealed.") else path.replace(f".{ITEM}", "").split(".")[-1]
    return next((key for key in (f"{kind} {path}", f"{name}:{type_}") if key in declared), name)


def type_of(raw: Mapping[str, Any]) -> str:
    """The type of a field as its schema has it, in the words of ``Field.type``."""
    named = {"object": "table", "array": "list", "string": raw.get("format", SENTENCES)}
    return "choice" if "enum" in raw else str(named.get(raw["type"], raw["type"]))


def _field(kind: str, path: str, raw: Mapping[str, Any], *, required: bool) -> Field:
    type_, needed = type_of(raw), raw.get("required", ())
    fields = tuple(
        _field(kind, f"{path}.{name}", part, required=name in needed)
        for name, part in raw.get("properties", {}).items()
    )
    item = _field(kind, f"{path}.{ITEM}", raw["items"], required=True) if type_ == "list" else None
    least, most = (raw.get(name) for name in (("minItems", "maxItems") if item else ("minimum", "maximum")))
    top = path.split(".")[0 if not path.startswith("sealed.") else 1]
    return Field(
        kind,
        path,
        questions()[_key(questions(), kind, path, type_)] if not path.endswith(f".{ITEM}") else "",
        hint_of(raw),
        _example(raw, fields, item),
        type_,
        source_of(kind, top),
        required,
        path.startswith("sealed."),
        tuple(Choice(word, in_words(word)) for word in raw.get("enum", ())),
        least,
        most,
        raw.get("const"),
        item,
        fields,
    )


def hint_of(raw: Mapping[str, Any]) -> str:
    """What a field takes, in words.

    >>> hint_of({"type": "integer", "minimum": 1, "maximum": 5}), hint_of({"type": "string", "enum": ["a", "b"]})
    ('a whole number from 1 to 5', 'a or b')
    """
    if "enum" in raw:
        return listing([_choice(word) for word in raw["enum"]], "or")
    if "const" in raw:
        return f"always {json.dumps(raw['const'])}"
    match raw["type"]:
        case "integer":
            return f"a whole number from {raw['minimum']:,} to {raw['maximum']:,}"
        case "array":
            most = f", at most {raw['maxItems']:,}" if "maxItems" in raw else ""
            return f"a list{most}; each {hint_of(raw['items'])}"
        case "boolean":
            return "true or false"
        case "object":
            return "a table"
    return TAKES[raw.get("format", SENTENCES)][0]


def _choice(word: str) -> str:
    said = in_words(word)
    return word if said == token(word) else f"{word} ({said})"


def _example(raw: Mapping[str, Any], fields: tuple[Field, ...], item: Field | None) -> str:
    """A value as ``--set`` takes it; of a text, its forms with "or" between."""
    if item is not None:
        return "" if item.fields else item.example
    if fields:
        return ""
    if "enum" in raw:
        return str(raw["enum"][0])
    match raw["type"]:
        case "boolean":
            return "true" if raw.get("const", True) else "false"
        case "integer":
            return str(max(raw["minimum"], min(raw["maximum"], 8)))
    return TAKES[raw.get("format", SENTENCES)][1]


@cache
def _read_by(kind: str) -> tuple[tuple[str, Source], ...]:
    """The paths that duties read of a kind, without the marks of lists."""
    # Imported here: an entry in words needs no catalogue.
    from countersign.rulebook.catalogue import DUTIES

    noun = noun_of(kind)
    return tuple(
        (path.replace("[]", ""), Source(duty.id, duty.title, duty.sources))
        for duty in DUTIES.values()
        for named, _, path in [evidence.partition(".") for evidence in duty.evidence]
        if named.removesuffix("[]") == noun
    )


def _sources(kind: str, path: str) -> Iterator[Source]:
    plain = path.replace(f".{ITEM}", "")
    seen = set()
    for read, source in _read_by(kind):
        apart = not (f"{read}.".startswith(f"{plain}.") or f"{plain}.".startswith(f"{read}."))
        if read and not apart and source.duty not in seen:
            seen.add(source.duty)
            yield source
