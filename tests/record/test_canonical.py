"""Canonical JSON: one value, one byte string; everything else is refused with its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.record.entries.canonical import DEEPEST, LARGEST_INTEGER, NotCanonical, Value, check, parse, render

KEYS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,20}", fullmatch=True)
VALUES: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
@settings(deadline=None, max_examples=300)
@pytest.mark.slow
def test_parse_gives_back_what_was_rendered(value: Value) -> None:
    assert parse(render(value)) == value
    assert render(parse(render(value))) == render(value)


@given(VALUES)
@settings(deadline=None, max_examples=300)
@pytest.mark.slow
def test_the_form_is_that_of_rfc_8785(value: Value) -> None:
    """Python's own writer gives RFC 8785's escapes; with ASCII keys its order is that of UTF-16 units."""
    assert render(value) == json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def test_the_escapes_of_rfc_8785_section_3_2_2_2() -> None:
    """The string of the RFC's section 3.2.4 example, with the bytes it prints."""
    text = "€$\u000f\u000aA'\u0042\u0022\u005c\\\"/"
    assert render([text]) == '["€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"]'.encode()
    assert render("\x08\x09\x0c\x0d\x1f\x7f") == b'"\\b\\t\\f\\r\\u001f\x7f"'


@pytest.mark.parametrize(
    "data",
    [
        b'{"b":1,"a":2}', b'{"a":1,"a":1}', b'{"a": 1}', b"[1,]", b"", b"\xef\xbb\xbf{}", b"{}\n", b'"\\u0041"',
        b'"\\/"',
        b"1.0", b"1e3", b"-0", b"01", b"NaN", b"9007199254740992", b'"\xff"', b'"\\ud800"', b'{"a b":1}', b'{"":1}',
        '{"é":1}'.encode(), b"[" * 100_000, b"[" * 20 + b"]" * 20, b"123456789012345678901234567890",
    ],
)  # fmt: skip
def test_any_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(NotCanonical):
        parse(data)


@pytest.mark.parametrize(
    "value", [1.5, float("nan"), 2**53, -(2**53), "\ud800", b"x", {1: 2}, (1,), {"a": {"b": [0.5]}}]
)
def test_a_value_without_a_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        check(value)


def test_the_message_names_the_place() -> None:
    with pytest.raises(NotCanonical, match=r"at facts\.hours\[2\]: a number with a fraction"):
        check({"facts": {"hours": [1, 2, 3.5]}})


def test_depth_is_bounded() -> None:
    value: Value = 1
    for _ in range(DEEPEST):
        value = [value]
    assert parse(render(value)) == value
    with pytest.raises(NotCanonical, match="deep"):
        render([value])
