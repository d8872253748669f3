"""Canonical JSON as entries use it: RFC 8785, of strings, booleans, null, integers within 2^53, arrays and objects.

One value has one byte string: keys in order, no white space, the shortest escapes; decimals are strings. Keys are short
and ASCII, so that the order of RFC 8785 (UTF-16 units) is the order of bytes. Parsing takes the canonical form alone:
``render(parse(x)) == x``; a doubled key, a fraction, a leading zero or a needless escape would not come out the same.

>>> render({"b": 1, "a": ["é", None, True]})
b'{"a":["\\xc3\\xa9",null,true],"b":1}'
>>> parse(b'{"a":1.0}')
Traceback (most recent call last):
    ...
countersign.record.entries.canonical.NotCanonical: at a: a number with a fraction or an exponent; decimals are strings
"""

from __future__ import annotations

import re
from typing import TypeAlias

import msgspec

from countersign.errors import WrongForm

#: Integers beyond this lose digits in readers that hold numbers as doubles (RFC 8785 section 3.2.2.3, RFC 7493).
LARGEST_INTEGER = 2**53 - 1
DEEPEST = 16

Value: TypeAlias = "str | int | bool | list[Value] | dict[str, Value] | None"

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,127}\Z", re.ASCII)
#: Keys that were found to be of the form: entries have a few dozen, and each is looked at once.
_keys_seen: set[str] = set()
_KEYS_KEPT = 4096
_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder()


class NotCanonical(
    WrongForm,
    next_step="Take the file again from where it was published; a program that makes entries must use RFC 8785.",
):
    """Bytes are not canonical JSON of the kinds of value that entries take."""


def render(value: Value) -> bytes:
    """The one byte string of ``value``. Raises ``NotCanonical`` for what has none here, naming its place."""
    check(value)
    return _encoder.encode(value)


def render_checked(value: Value) -> bytes:
    """``render`` for a value whose every part a schema has already held to the kinds that have a canonical form."""
    return _encoder.encode(value)


def parse(data: bytes) -> Value:
    """The value of canonical bytes. Raises ``NotCanonical`` for any other bytes."""
    value = decode(data)
    check(value)
    if _encoder.encode(value) != data:
        raise NotCanonical(_OTHER_FORM)
    return value


def parse_for_schema(data: bytes) -> Value:
    """``parse`` for a value whose every part a schema is going to be held to, which takes no other kinds anyway."""
    value = decode(data)
    if _encoder.encode(value) != data:
        raise NotCanonical(_OTHER_FORM)
    return value


_OTHER_FORM = "JSON, but not its canonical form: order of keys, white space, escapes or a doubled key"


def decode(data: bytes) -> Value:
    """The value of bytes of JSON, canonical or not: hold what it renders as to the bytes. Raises ``NotCanonical``."""
    try:
        value: Value = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotCanonical(f"not JSON: {error}") from None
    return value


def check(value: object, place: str = "", depth: int = 0) -> None:
    """Hold a value to the kinds that have a canonical form here. Raises ``NotCanonical`` with the place."""
    if not _plain(value, DEEPEST - depth):
        _explain(value, place, depth)


def _plain(value: object, deepest: int) -> bool:
    """Whether ``value`` has a canonical form, level by level; for speed without a thought for where it has none."""
    level = [value]
    for _ in range(deepest + 1):
        below: list[object] = []
        for part in level:
            kind = type(part)
            if kind is str:
                if not part.isascii() and not _encodes(part):  # type: ignore[attr-defined,arg-type]
                    return False
            elif kind is dict:
                if not _keys_seen.issuperset(part) and not all(map(_names, part)):  # type: ignore[call-overload,arg-type]
                    return False
                below += part.values()  # type: ignore[attr-defined]
            elif kind is list:
                below += part  # type: ignore[arg-type]
            elif kind is int:
                if not -LARGEST_INTEGER <= part <= LARGEST_INTEGER:  # type: ignore[operator]
                    return False
            elif kind is not bool and part is not None:
                return False
        if not below:
            return True
        level = below
    return False


def _encodes(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _names(key: object) -> bool:
    if not isinstance(key, str) or not _KEY.match(key):
        return False
    if len(_keys_seen) < _KEYS_KEPT:
        _keys_seen.add(key)
    return True


def _explain(value: object, place: str, depth: int) -> None:
    where = f"at {place or 'the top'}"
    if depth > DEEPEST:
        raise NotCanonical(f"{where}: nested more than {DEEPEST} deep")
    match value:
        case bool() | None:
            return
        case int():
            if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
                raise NotCanonical(f"{where}: an integer beyond 2^53 - 1")
        case str():
            if not _encodes(value):
                raise NotCanonical(f"{where}: text with half a surrogate pair")
        case list():
            for number, part in enumerate(value):
                _explain(part, f"{place}[{number}]", depth + 1)
        case dict():
            for key, part in value.items():
                if not isinstance(key, str) or not _KEY.match(key):
                    raise NotCanonical(f"{where}: the key {key!r} is not a short ASCII name")
                _explain(part, f"{place}.{key}" if place else key, depth + 1)
        case float():
            raise NotCanonical(f"{where}: a number with a fraction or an exponent; decimals are strings")
        case _:
            raise NotCanonical(f"{where}: a {type(value).__name__} has no canonical form")
