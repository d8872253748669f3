"""Entries and schemas: what is taken, what is refused and where, and that a signature binds every byte."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.errors import CountersignError
from countersign.record.entries.canonical import NotCanonical
from countersign.record.entries.entry import (
    Commitment,
    Draft,
    Entry,
    EntryMalformed,
    EntrySignatureFails,
    EntrySigner,
    sign_entry,
    verify_entry,
)
from countersign.record.entries.schema import (
    FactsMalformed,
    LeakRefused,
    Schema,
    SchemaMalformed,
    Schemas,
    SchemaUnknown,
)

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "countersign:entry/test.counts/1",
    "title": "Counts by the hour",
    "type": "object",
    "additionalProperties": False,
    "required": ["place", "by_hour"],
    "properties": {
        "place": {"type": "string", "format": "title", "maxLength": 40},
        "by_hour": {
            "type": "array", "minItems": 1, "maxItems": 24, "x-numbers": 24,
            "items": {"type": "integer", "minimum": 0, "maximum": 1_000_000},
        },
        "zone": {
            "type": "array", "maxItems": 4,
            "items": {
                "type": "object", "additionalProperties": False, "required": ["x", "y"],
                "properties": {
                    "x": {"type": "integer", "minimum": -10_000, "maximum": 10_000, "multipleOf": 5},
                    "y": {"type": "integer", "minimum": -10_000, "maximum": 10_000, "multipleOf": 5},
                },
            },
        },
        "threshold": {"type": "string", "format": "decimal"},
        "on": {"type": "string", "format": "date"},
        "overt": {"type": "boolean", "const": True},
        "policy": {"type": "string", "format": "digest"},
        "use_case": {"type": "string", "enum": ["hotspot", "event"]},
    },
    "x-roles": ["operator"],
    "x-supplied-by": ["force", "observer"],
    "x-sealed": {"list": {"class": "watchlist", "set": True}, "reasons": {"class": "papers", "set": False}},
}  # fmt: skip


def schemas(**changes: Any) -> Schemas:
    return Schemas.of([Schema.parse(json.dumps(SCHEMA | changes).encode())])


SIGNER = EntrySigner(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
FACTS: dict[str, Any] = {"place": "Oxford Circus", "by_hour": [10, 20, 0], "threshold": "0.64", "overt": True}


def draft(facts: dict[str, Any] | None = None, **changes: Any) -> Draft:
    fields: dict[str, Any] = {
        "kind": "test.counts", "schema": 1, "log": "log.example/1", "subject": "force-a/d-1",
        "at": "2026-03-01T09:30:00Z", "role": "operator", "supplied_by": "force",
        "facts": FACTS if facts is None else facts,
        "sealed": {"list": Commitment(bytes(32), 16_000), "reasons": Commitment(bytes(range(32)))},
    }  # fmt: skip
    return Draft(**fields | changes)


def test_an_entry_comes_back_as_it_was_signed() -> None:
    entry = sign_entry(draft(), SIGNER)
    assert Entry.parse(entry.render()) == entry
    assert verify_entry(entry, SIGNER.public_key, schemas()).entry is entry


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_no_altered_byte_is_verified(data: st.DataObject) -> None:
    rendered = sign_entry(draft(), SIGNER).render()
    at = data.draw(st.integers(0, len(rendered) - 1))
    bit = data.draw(st.integers(0, 7))
    altered = rendered[:at] + bytes([rendered[at] ^ 1 << bit]) + rendered[at + 1 :]
    with pytest.raises(CountersignError):
        verify_entry(Entry.parse(altered), SIGNER.public_key, schemas())


def test_another_key_is_refused() -> None:
    other = EntrySigner(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    with pytest.raises(EntrySignatureFails, match="another key"):
        verify_entry(sign_entry(draft(), SIGNER), other.public_key, schemas())


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"place": 3}, "facts.place: not a text"),
        ({"place": "word " * 9}, "facts.place"),
        ({"place": "=HYPERLINK()"}, "facts.place"),
        ({"by_hour": []}, "facts.by_hour: 0 items"),
        ({"by_hour": [1, True]}, r"facts.by_hour\[1\]: not an integer"),
        ({"by_hour": [1, -1]}, r"facts.by_hour\[1\]: an integer below 0, not within 0 to 1000000"),
        ({"by_hour": {"0": 1}}, "facts.by_hour: not a list"),
        ({"threshold": "0.640000000001"}, "facts.threshold"),
        ({"threshold": "00.64"}, "facts.threshold"),
        ({"on": "2026-02-30"}, "facts.on"),
        ({"overt": False}, "facts.overt: can only be true"),
        ({"overt": 1}, "facts.overt: not true or false"),
        ({"policy": "ABCD"}, "facts.policy"),
        ({"use_case": "other"}, "facts.use_case: a text of 5 characters, which is none of event, hotspot"),
        ({"name": "Jo"}, "facts: 'name' is not a field"),
        ({"zone": [{"x": 0}]}, r"facts.zone\[0\]: y is missing"),
    ],
)
def test_a_fact_outside_the_schema_is_named(change: dict[str, Any], place: str) -> None:
    with pytest.raises(FactsMalformed, match=place):
        draft(FACTS | change).check(schemas())


def test_a_missing_fact_is_named() -> None:
    with pytest.raises(FactsMalformed, match="place is missing"):
        draft({"by_hour": [1]}).check(schemas())


@pytest.mark.parametrize(
    "change",
    [
        {"place": "jo@example.org"}, {"place": "SW1A 1AA"}, {"place": "020 7230 1212"}, {"by_hour": list(range(25))},
        {"zone": [{"x": 3, "y": 0}]}, {"place": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB"},
    ],
)  # fmt: skip
def test_a_leak_is_refused_whatever_else_is_wrong(change: dict[str, Any]) -> None:
    with pytest.raises(LeakRefused):
        draft(FACTS | change).check(schemas())


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"role": "engineer"}, "not for the role engineer"),
        ({"supplied_by": "engine"}, "does not come from engine"),
        ({"sealed": {"other": Commitment(bytes(32))}}, "sealed.other is not a label"),
        ({"sealed": {"list": Commitment(bytes(32))}}, "sealed.list is a set"),
        ({"sealed": {"reasons": Commitment(bytes(32), 3)}}, "sealed.reasons is one value"),
    ],
)
def test_role_supplier_and_labels_are_those_of_the_schema(changes: dict[str, Any], match: str) -> None:
    with pytest.raises(FactsMalformed, match=match):
        draft(**changes).check(schemas())


def test_a_required_seal_is_missed() -> None:
    with pytest.raises(FactsMalformed, match=r"sealed\.reasons is missing"):
        draft(sealed={}).check(schemas(**{"x-sealed": {"reasons": {"class": "papers", "required": True}}}))


def test_an_unknown_kind_or_version_is_refused() -> None:
    with pytest.raises(SchemaUnknown, match="version 2"):
        draft(schema=2).check(schemas())
    with pytest.raises(SchemaUnknown):
        schemas().latest("test.other")
    assert schemas().latest("test.counts").version == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"at": "2026-03-01 09:30:00"}, {"at": "2026-02-30T09:30:00Z"}, {"subject": "Force A"}, {"log": ""},
        {"kind": "Test"}, {"role": "a b"}, {"log": "log\nexample"},
    ],
)  # fmt: skip
def test_a_field_of_the_envelope_has_its_form(changes: dict[str, Any]) -> None:
    with pytest.raises(EntryMalformed):
        sign_entry(draft(**changes), SIGNER)


def test_an_entry_too_long_is_refused() -> None:
    with pytest.raises(EntryMalformed, match="longer than 65,535"):
        sign_entry(draft({"many": ["word"] * 20_000}), SIGNER)
    with pytest.raises(EntryMalformed, match="longer than 65,535"):
        Entry.parse(b" " * 70_000)


def test_a_fraction_in_the_facts_is_refused() -> None:
    with pytest.raises(NotCanonical, match=r"facts\.rate"):
        sign_entry(draft({"rate": 0.5}), SIGNER)


@pytest.mark.parametrize("field", ["v", "kind", "sealed", "sig", "at"])
def test_every_field_is_needed_and_no_other_taken(field: str) -> None:
    value = json.loads(sign_entry(draft(), SIGNER).render())
    missing = {name: part for name, part in value.items() if name != field}
    for wrong in (missing, value | {"extra": 1}):
        with pytest.raises(EntryMalformed):
            Entry.parse(json.dumps(wrong, sort_keys=True, separators=(",", ":")).encode())


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("v", 2), ("v", True), ("schema", 0), ("schema", "1"), ("supplied_by", "us"), ("facts", []), ("sealed", []),
        ("sig", "AAAA"), ("key", "00"), ("sealed", {"list": {"alg": "hmac-sha256.1", "commitment": "zz"}}),
        ("sealed", {"list": {"alg": "md5", "commitment": "00" * 32}}), ("sealed", {"list": {"commitment": "00" * 32}}),
        ("sealed", {"list": {"alg": "hmac-sha256.1", "root": "00" * 32, "count": 0}}),
        ("sealed", {"list": {"alg": "hmac-sha256.1", "root": "00" * 32, "count": True}}),
    ],
)  # fmt: skip
def test_a_wrong_field_is_refused_when_read(field: str, wrong: object) -> None:
    value = json.loads(sign_entry(draft(), SIGNER).render()) | {field: wrong}
    with pytest.raises(EntryMalformed):
        Entry.parse(json.dumps(value, sort_keys=True, separators=(",", ":")).encode())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"$id": "countersign:entry/counts/1"}, "is not countersign:entry"), ({"$id": 5}, "is not countersign:entry"),
        ({"$id": "countersign:entry/a.b/0"}, "is not countersign:entry"),
        ({"x-supplied-by": ["us"]}, "x-supplied-by takes"),
        ({"x-supplied-by": "force"}, "is not a list of names"), ({"x-roles": []}, "is not a list of names"),
        ({"x-roles": [5]}, "is not a list of names"), ({"additionalProperties": True}, "must say additionalProperties"),
        ({"required": ["z"]}, "a property that is not there"), ({"oneOf": []}, "oneOf means nothing here"),
        ({"required": 5}, "required is not a list"), ({"required": [{}]}, "required is not a list"),
        ({"required": {}}, "required is not a list"), ({"properties": []}, "properties is not an object"),
        ({"x-sealed": []}, "not an object of labels"),
        ({"x-sealed": {"a": {"open": True}}}, "is not a token with class"),
        ({"x-sealed": {"A b": {"class": "c"}}}, "is not a token with class"),
        ({"x-sealed": {"a": {}}}, "does not name its retention class"),
        ({"x-sealed": {"a": {"class": "A"}}}, "does not name its retention class"),
    ],
)  # fmt: skip
def test_a_schema_of_more_than_its_small_part_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(SchemaMalformed, match=said):
        schemas(**changes)


INTEGER: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": 9}
LISTED: dict[str, Any] = {"type": "array", "maxItems": 3, "items": {"type": "boolean"}}


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"type": "number"}, "a type is one of"), ({"type": []}, "a type is one of"), ([], "a type is one of"),
        ({"type": "string"}, "one of an enum or of a format"),
        ({"type": "string", "format": []}, "one of an enum or of"),
        ({"type": "string", "format": "sentences"}, "one of an enum or of"),
        ({"type": "string", "format": "token", "pattern": ".*"}, "pattern means nothing for a string"),
        ({"type": "string", "format": "token", "maxLength": "9"}, "maxLength is a number"),
        ({"type": "string", "enum": []}, "is not a list of names"),
        ({"type": "string", "enum": [5]}, "is not a list of"),
        ({"type": "boolean", "const": 3}, "const is true or false"),
        ({"type": "boolean", "const": 0}, "const is true or"),
        ({"type": "boolean", "const": 1}, "const is true or false"),
        ({"type": "boolean", "const": ""}, "const is true or"),
        (LISTED | {"maxItems": None}, "must say maxItems"), (LISTED | {"maxItems": "3"}, "must say maxItems"),
        (LISTED | {"minItems": "1"}, "must say maxItems"), (LISTED | {"minItems": None}, "must say maxItems"),
        (LISTED | {"x-numbers": "3"}, "x-numbers is a number"), (LISTED | {"items": None}, "a type is one of"),
        (INTEGER | {"minimum": None}, "must say minimum and maximum"), (INTEGER | {"maximum": 2**53}, "within 2.53"),
        (INTEGER | {"maximum": -(2**53)}, "within 2.53"), (INTEGER | {"multipleOf": 0}, "must say minimum"),
        (INTEGER | {"maximum": 9.0}, "must say minimum and maximum"), (INTEGER | {"minimum": True}, "must say minimum"),
    ],
)  # fmt: skip
def test_a_field_of_more_than_its_small_part_is_refused_by_its_place(field: Any, said: str) -> None:
    with pytest.raises(SchemaMalformed, match=rf"facts\.a(\[\])?: .*{said}"):
        schemas(properties={"a": field}, required=[])


def test_a_field_within_its_small_part_is_taken_to_the_last_value() -> None:
    for field in (INTEGER | {"maximum": 2**53 - 1}, LISTED | {"minItems": 0}, {"type": "boolean", "const": False}):
        schemas(properties={"a": field}, required=[])


def test_a_version_never_changes() -> None:
    one, other = (Schema.parse(json.dumps(SCHEMA | {"title": title}).encode()) for title in ("One", "Other"))
    with pytest.raises(SchemaMalformed, match="a version never changes"):
        Schemas.of([one, other])
    assert Schemas.of([one, one]).get("test.counts", 1) is one


def test_a_schema_that_is_no_json_is_refused() -> None:
    for data in (b"{", b"[]", b"\xff"):
        with pytest.raises(SchemaMalformed):
            Schema.parse(data)


def test_the_length_is_that_of_the_whole_entry() -> None:
    entry = sign_entry(draft(), SIGNER)
    assert len(entry.render()) == len(entry.signed_bytes()) - len(b"countersign-entry/v1\n") + 97


@given(facts=st.dictionaries(st.sampled_from(["sig", "subject", "supplied_by", "v", "a"]), st.text(max_size=40)))
@settings(deadline=None, max_examples=100)
def test_the_bytes_put_together_are_those_that_would_be_rendered(facts: dict[str, Any]) -> None:
    """Texts and keys that look like the fields beside the signature lead nothing astray."""
    facts["b"] = ',"sig":"' + "A" * 86 + '==","subject":"x'
    common = ("log.example/1", "force-a/d-1", "2026-03-01T09:30:00Z", "operator", "force")
    entry = sign_entry(
        Draft("demo.count", 1, *common, facts), EntrySigner(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    )
    plain = Entry(entry.draft, entry.key, entry.signature)
    assert entry.render() == plain.render()
    parsed = Entry.parse(entry.render())
    assert parsed == entry
    assert parsed.signed_bytes() == entry.signed_bytes() == plain.signed_bytes()
    assert Entry.parse_for_schema(entry.render()) == parsed
