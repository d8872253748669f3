"""Schemas of entries: what each kind may say in public, what it may seal, in which role, and from whom it may come.

A schema is a frozen text file, a small part of JSON Schema (draft 2020-12): objects with known ``properties`` and
nothing else, arrays with ``maxItems``, integers with both bounds, booleans, constants, and texts that are one of an
``enum`` or of a ``format`` (``forms``). There is no free text and no number with a fraction. Beside those keywords
stand ``x-roles`` and ``x-supplied-by`` (who may write it), ``x-sealed`` (labels under which something may be
committed to, each with its retention class, ``"set": true`` for a list, and the form of its ``content``, in which texts
of the format ``sentences`` may stand) and ``x-numbers`` (how long a list of numbers may be: 24 counts, one for each
hour). A schema once released never changes; a new version gets a new file, and its SHA-256 stands in the log.

>>> schema = Schema.parse(b'''{"$id": "countersign:entry/demo.count/1", "title": "A count", "type": "object",
...   "additionalProperties": false, "required": ["faces"], "x-roles": ["operator"], "x-supplied-by": ["force"],
...   "x-sealed": {}, "properties": {"faces": {"type": "integer", "minimum": 0, "maximum": 1000000}}}''')
>>> schema.check({"faces": -1})
Traceback (most recent call last):
    ...
countersign.record.entries.schema.FactsMalformed: demo.count/1: facts.faces: an integer below 0, not within 0 to 1000000
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import msgspec

from countersign.errors import WrongForm
from countersign.record.entries.canonical import Value
from countersign.record.entries.forms import FORMS, LONGEST_NUMBERS, LONGEST_TEXT, find_leak, find_list_leak, fits
from countersign.record.tlog.encoding import shown

Check = Callable[[Any], None]

#: In ``x-roles``: anyone who holds a role.
ANY_ROLE = "*"
SUPPLIERS = ("force", "engine", "observer", "outside")
_IDENTIFIER = re.compile(
    r"countersign:entry/([a-z]+(?:-[a-z]+)*(?:\.[a-z]+(?:-[a-z]+)*)+)/([1-9][0-9]{0,3})\Z", re.ASCII
)
_BODY = ("type", "additionalProperties", "required", "properties")
_TOP = {"$schema", "$id", "title", "description", "x-roles", "x-supplied-by", "x-sealed", *_BODY}


class SchemaMalformed(
    WrongForm,
    next_step="Use the schemas that come with the program, or see docs/formats/record-entries.md for what one may say.",
):
    """A schema file uses something outside the small part of JSON Schema that entries take."""


class FactsMalformed(WrongForm, next_step="Correct the field named; nothing was written."):
    """The public facts of an entry are not what its schema takes."""


class LeakRefused(WrongForm, next_step="Leave it out, or seal it; nothing of it was kept."):
    """An entry holds what may never stand in the record: an image, an embedding, a blob, or a mark of one person."""


class SchemaUnknown(WrongForm, next_step="Use a newer version of the program, or check the kind's spelling."):
    """An entry is of a kind or version this program has no schema for."""


class _Misfit(Exception):
    """A part that does not fit; its place is put together on the way out, for most values fit and need none."""

    def __init__(self, text: str, kind: type[WrongForm] = FactsMalformed) -> None:
        super().__init__(text)
        self.text, self.kind = text, kind
        self.place: list[str] = []

    def error(self, top: str) -> WrongForm:
        return self.kind(f"{top}{''.join(reversed(self.place))}: {self.text}")


@dataclass(frozen=True, slots=True)
class SealedLabel:
    """What may be sealed under a label: one value or a set, in which class, and the form of its content."""

    label: str
    retention_class: str
    is_set: bool
    required: bool
    _check: Check | None = field(default=None, repr=False, compare=False)

    def check(self, content: Value, place: str) -> None:
        """Hold a content to its form, if it has one. Raises ``FactsMalformed`` or ``LeakRefused``."""
        if self._check is not None:
            try:
                self._check(content)
            except _Misfit as found:
                raise found.error(place) from None


@dataclass(frozen=True, slots=True)
class Schema:
    """One version of one kind of entry; ``check`` holds facts to it. Built by ``parse`` from the file's bytes."""

    kind: str
    version: int
    title: str
    roles: frozenset[str]
    suppliers: frozenset[str]
    sealed: Mapping[str, SealedLabel]
    text: bytes = field(repr=False)
    digest: str
    _check: Check = field(repr=False)

    @property
    def name(self) -> str:
        """Kind and version, as in messages: ``key-registered/1``."""
        return f"{self.kind}/{self.version}"

    @classmethod
    def parse(cls, data: bytes) -> Schema:
        """The schema of a file's bytes. Raises ``SchemaMalformed``."""
        try:
            raw = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise SchemaMalformed(f"a schema that is not JSON: {error}") from None
        identifier = raw.get("$id") if isinstance(raw, dict) else None
        matched = _IDENTIFIER.match(identifier) if isinstance(identifier, str) else None
        if matched is None:
            raise SchemaMalformed(f"the $id {shown(str(identifier))} is not countersign:entry/<kind>/<version>")
        kind, version = matched[1], int(matched[2])
        name = f"{kind}/{version}"
        if unknown := set(raw) - _TOP:
            raise SchemaMalformed(f"{name}: {', '.join(sorted(unknown))} means nothing here")
        suppliers = _names(raw.get("x-supplied-by"), f"{name}: x-supplied-by")
        if not suppliers <= set(SUPPLIERS):
            raise SchemaMalformed(f"{name}: x-supplied-by takes {', '.join(SUPPLIERS)}")
        body = {key: raw[key] for key in _BODY if key in raw}
        check, title = _compile(body, f"{name}: facts"), str(raw.get("title", kind))
        roles = _names(raw.get("x-roles"), f"{name}: x-roles")
        sealed, digest = _sealed(raw.get("x-sealed", {}), name), sha256(data).hexdigest()
        return cls(kind, version, title, roles, suppliers, sealed, data, digest, check)

    def check(self, facts: object) -> None:
        """Hold facts to this schema. Raises ``FactsMalformed`` or ``LeakRefused`` with the place."""
        try:
            self._check(facts)
        except _Misfit as found:
            raise found.error(f"{self.name}: facts") from None


@dataclass(frozen=True, slots=True)
class Schemas:
    """The schemas a program knows, by kind and version; adding one in twice with other bytes is refused."""

    known: Mapping[tuple[str, int], Schema]

    @classmethod
    def of(cls, schemas: list[Schema]) -> Schemas:
        """A set of schemas. Raises ``SchemaMalformed`` where two differ under one name."""
        known: dict[tuple[str, int], Schema] = {}
        for schema in schemas:
            held = known.setdefault((schema.kind, schema.version), schema)
            if held.digest != schema.digest:
                raise SchemaMalformed(f"{schema.name}: two different schemas of one version; a version never changes")
        return cls(known)

    def get(self, kind: str, version: int) -> Schema:
        """The schema of this kind and version. Raises ``SchemaUnknown``."""
        schema = self.known.get((kind, version))
        if schema is None:
            raise SchemaUnknown(f"there is no schema for entries of kind {shown(kind)}, version {version}")
        return schema

    def latest(self, kind: str) -> Schema:
        """The newest version of a kind. Raises ``SchemaUnknown``."""
        versions = [version for name, version in self.known if name == kind]
        if not versions:
            raise SchemaUnknown(f"there is no schema for entries of kind {shown(kind)}")
        return self.known[(kind, max(versions))]


def _names(value: object, place: str) -> frozenset[str]:
    if not isinstance(value, list) or not value or not all(isinstance(name, str) for name in value):
        raise SchemaMalformed(f"{place} is not a list of names")
    return frozenset(value)


def _sealed(value: object, place: str) -> dict[str, SealedLabel]:
    if not isinstance(value, dict):
        raise SchemaMalformed(f"{place}: x-sealed is not an object of labels")
    labels = {}
    for label, says in value.items():
        if not FORMS["token"].pattern.match(label) or not isinstance(says, dict) or set(says) - _SEALED_KEYWORDS:
            raise SchemaMalformed(f"{place}: the sealed label {shown(label)} is not a token with class, set, required")
        retention_class = says.get("class")
        if not isinstance(retention_class, str) or not fits("token", retention_class):
            raise SchemaMalformed(f"{place}: the sealed label {label} does not name its retention class")
        content = _compile(says["content"], f"{place}: sealed.{label}", sentences=True) if "content" in says else None
        labels[label] = SealedLabel(
            label, retention_class, says.get("set") is True, says.get("required") is True, content
        )
    return labels


_SEALED_KEYWORDS = {"class", "set", "required", "description", "content"}
#: Texts that fitted a field are remembered, this many a field: records say the same names and moments over and over.
_TEXTS_HELD = 1024
#: The format of free text, which only sealed contents may have.
SENTENCES = "sentences"
_KEYWORDS = {
    "object": {"type", "title", "description", "additionalProperties", "required", "properties"},
    "array": {"type", "title", "description", "items", "minItems", "maxItems", "x-numbers"},
    "integer": {"type", "title", "description", "minimum", "maximum", "multipleOf"},
    "boolean": {"type", "title", "description", "const"},
    "string": {"type", "title", "description", "format", "enum", "maxLength"},
}


def _compile(raw: object, place: str, *, sentences: bool = False) -> Check:
    if not isinstance(raw, dict) or not isinstance(raw.get("type"), str) or raw["type"] not in _KEYWORDS:
        raise SchemaMalformed(f"{place}: a type is one of {', '.join(_KEYWORDS)}")
    kind: str = raw["type"]
    if unknown := set(raw) - _KEYWORDS[kind]:
        raise SchemaMalformed(f"{place}: {', '.join(sorted(unknown))} means nothing for a {kind}")
    return _COMPILERS[kind](raw, place, sentences)


def _object(raw: dict[str, Any], place: str, sentences: bool) -> Check:
    if raw.get("additionalProperties") is not False:
        raise SchemaMalformed(f"{place}: an object must say additionalProperties: false")
    properties, named = raw.get("properties", {}), raw.get("required", [])
    if not isinstance(properties, dict):
        raise SchemaMalformed(f"{place}: properties is not an object")
    parts = {name: _compile(part, f"{place}.{name}", sentences=sentences) for name, part in properties.items()}
    required = _names(named, f"{place}: required") if named != [] else frozenset[str]()
    if not required <= set(parts):
        raise SchemaMalformed(f"{place}: required names a property that is not there")

    def check(value: Any) -> None:
        if type(value) is not dict:
            raise _Misfit("not an object")
        if not required.issubset(value):
            raise _Misfit(f"{next(name for name in raw['required'] if name not in value)} is missing")
        for name, part in value.items():
            checked = parts.get(name)
            if checked is None:
                raise _Misfit(f"{_field(name)} is not a field of this kind of entry")
            try:
                checked(part)
            except _Misfit as found:
                found.place.append(f".{name}")
                raise

    return check


def _array(raw: dict[str, Any], place: str, sentences: bool) -> Check:
    fewest, most = raw.get("minItems", 0), raw.get("maxItems")
    if type(most) is not int or type(fewest) is not int:
        raise SchemaMalformed(f"{place}: an array must say maxItems")
    numbers = raw.get("x-numbers", 0)
    if type(numbers) is not int:
        raise SchemaMalformed(f"{place}: x-numbers is a number of items")
    item = _compile(raw.get("items"), f"{place}[]", sentences=sentences)
    few = max(numbers, LONGEST_NUMBERS)

    def check(value: Any) -> None:
        if type(value) is not list:
            raise _Misfit("not a list")
        if not value and not fewest:
            return
        if len(value) > few and (leak := find_list_leak(value, numbers)):
            raise _Misfit(leak, LeakRefused)
        if not fewest <= len(value) <= most:
            raise _Misfit(f"{len(value)} items, not {fewest} to {most}")
        for number, part in enumerate(value):
            try:
                item(part)
            except _Misfit as found:
                found.place.append(f"[{number}]")
                raise

    return check


def _integer(raw: dict[str, Any], place: str, sentences: bool) -> Check:  # noqa: ARG001
    low, high, step = raw.get("minimum"), raw.get("maximum"), raw.get("multipleOf", 1)
    if type(low) is not int or type(high) is not int or type(step) is not int or step < 1 or abs(high) > 2**53 - 1:
        raise SchemaMalformed(f"{place}: an integer must say minimum and maximum, within 2^53")

    def check(value: Any) -> None:
        if type(value) is not int:
            raise _Misfit("not an integer")
        if not low <= value <= high:
            side = f"below {low}" if value < low else f"above {high}"
            raise _Misfit(f"an integer {side}, not within {low} to {high}")
        if value % step:
            raise _Misfit(f"an integer finer than steps of {step}", LeakRefused)

    return check


def _boolean(raw: dict[str, Any], place: str, sentences: bool) -> Check:  # noqa: ARG001
    constant = raw.get("const")
    if not isinstance(constant, bool | None):
        raise SchemaMalformed(f"{place}: a boolean's const is true or false")

    def check(value: Any) -> None:
        if type(value) is not bool:
            raise _Misfit("not true or false")
        if constant is not None and value is not constant:
            raise _Misfit(f"can only be {str(constant).lower()}")

    return check


def _string(raw: dict[str, Any], place: str, sentences: bool) -> Check:
    if "enum" in raw:
        choices = _names(raw["enum"], f"{place}: enum")

        def check_choice(value: Any) -> None:
            if type(value) is not str or value not in choices:
                raise _Misfit(f"{_instead(value)}, which is none of {', '.join(sorted(choices))}")

        return check_choice
    if sentences and raw.get("format") == SENTENCES:
        return _check_sentences
    form = FORMS.get(str(raw.get("format", "")))
    if form is None:
        raise SchemaMalformed(f"{place}: a text is one of an enum or of a format ({', '.join(FORMS)})")
    named, typed = raw["format"], form.typed
    longest = raw.get("maxLength", form.longest)
    if type(longest) is not int:
        raise SchemaMalformed(f"{place}: maxLength is a number of characters")
    longest = min(form.longest, longest)
    held = set[str]()

    def check(value: Any) -> None:
        if type(value) is not str:
            raise _Misfit("not a text")
        if value in held:
            return
        if not typed and (leak := find_leak(value)):
            raise _Misfit(leak, LeakRefused)
        if len(value) > longest or not fits(named, value):
            raise _Misfit(f"{_instead(value)}, not {form.meaning} ({named}, at most {longest} characters)")
        if len(held) == _TEXTS_HELD:
            held.clear()
        held.add(value)

    return check


#: What a misspelt field may look like for it to be repeated; anything else might be content in the wrong place.
_FIELD = re.compile(r"[a-z][a-z0-9_-]{0,39}\Z", re.ASCII)


def _field(name: object) -> str:
    text = str(name)
    return repr(text) if _FIELD.match(text) else f"a name of {len(text)} characters"


def _instead(value: object) -> str:
    """What stood in the place of a fitting value, by its kind and length: never the value, which could be a name."""
    if isinstance(value, str):
        return "an empty text" if not value else f"a text of {len(value)} character{'s' if len(value) != 1 else ''}"
    kinds = {bool: "true or false", int: "an integer", list: "a list", dict: "an object"}
    return kinds.get(type(value), "nothing" if value is None else "something else")


def _check_sentences(value: Any) -> None:
    if type(value) is not str:
        raise _Misfit("not a text")
    if leak := find_leak(value):
        raise _Misfit(leak, LeakRefused)
    if not 0 < len(value) <= LONGEST_TEXT or not value.strip():
        raise _Misfit(f"not a text of 1 to {LONGEST_TEXT:,} characters")


_COMPILERS: dict[str, Callable[[dict[str, Any], str, bool], Check]] = {
    "object": _object,
    "array": _array,
    "integer": _integer,
    "boolean": _boolean,
    "string": _string,
}
