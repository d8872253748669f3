"""Changes that keep the structure of a file: a value of a JSON tree, a line of TOML, a cell, a tag.

Each form has one change: from a random source and a good file to another file of the form, most of which still parse as
that form, so that what lies behind the parser is reached. ``changed`` makes one to four of them, now and then in bytes.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 2, 255, 256, 65_535, 65_536, 2**31, 2**53, 2**53 + 1, 2**63, -(2**63) - 1, 10**400,
    0.0, -0.0, 0.5, 1e-300, 1e308, -1.5, [], {}, [[]], [{}], {"": ""}, "", " ", "0", "-", "a", "1e5", "NaN", "\x00",
    "\n", "é", "\u202e", "\u2028", "١٢", "\ud800", "2024-02-30", "0000-01-01", "9999-12-31", "2026-03-07T10:00:00Z",
    "23:60", "x" * 300,
    "=1+1", "5-10", "<5", "over 3", "1,000", "1 000", "1.000,5", "½", "∞", "100%", "../x",
    "https://example.org", "#REF!",
]  # fmt: skip
LITERALS = [
    "''", '""', "0", "-0", "1.5", "inf", "nan", "-inf", "1e400", "true", "[]", "[[]]", "{}", "{a = 1}", "2024-02-29",
    '"a\\u0000"', "12:30:00", "2024-05-02T10:00:00Z", "0x10", "9" * 30, '"""a\nb"""', "[1, 'a', {b = []}]", "'x'",
    "1979-05-27",
]  # fmt: skip
PIECES = [
    b"\n",
    b" ",
    b"\x00",
    b"\xff",
    b"\xed\xa0\x80",
    b"=",
    b"0",
    b"-1",
    b'"',
    b"\\",
    b"{",
    b"[",
    b"]",
    b"</",
    b"&#0;",
    b";",
]
Change = Callable[[random.Random, bytes, bytes], bytes]


def in_bytes(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """A piece put in, taken out, doubled, turned, or the tail of another file."""
    at = rng.randrange(len(data) + 1)
    to = min(len(data), at + rng.choice((0, 1, 1, 2, 8, 64)))
    match rng.randrange(5):
        case 0:
            return data[:at] + rng.choice(PIECES) + data[to:]
        case 1:
            return data[:at] + data[to:]
        case 2:
            return data[:to] + data[at:]
        case 3 if data:
            at = rng.randrange(len(data))
            return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
        case _:
            return data[:at] + other[rng.randrange(len(other) + 1) :]


def in_json(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """One value, key or item of the tree; several documents on lines are changed one line at a time."""
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    try:
        tree = json.loads(lines[at] if len(lines) > 2 else data)
    except (ValueError, RecursionError):
        return in_bytes(rng, data, other)
    made = json.dumps(
        _tree(rng, tree), ensure_ascii=rng.random() < 0.5, separators=(",", ":"), sort_keys=rng.random() < 0.8
    )
    if len(lines) <= 2:
        return made.encode("utf-8", "surrogatepass")
    lines[at] = made.encode("utf-8", "surrogatepass")
    return b"\n".join(lines)


def _tree(rng: random.Random, node: Any) -> Any:
    if isinstance(node, dict) and node and rng.random() < 0.85:
        key = rng.choice(list(node))
        match rng.randrange(8):
            case 0:
                return {name: value for name, value in node.items() if name != key}
            case 1:
                return node | {str(rng.choice(VALUES))[:40]: rng.choice(VALUES)}
            case 2:
                return node | {key: rng.choice(list(node.values()))}
            case _:
                return node | {key: _tree(rng, node[key])}
    if isinstance(node, list) and node and rng.random() < 0.85:
        at = rng.randrange(len(node))
        match rng.randrange(6):
            case 0:
                return node[:at] + node[at + 1 :]
            case 1:
                return node[:at] + [node[at]] * rng.choice((2, 3, 70)) + node[at:]
            case 2:
                return node[::-1]
            case _:
                return [*node[:at], _tree(rng, node[at]), *node[at + 1 :]]
    match rng.randrange(5):
        case 0 if isinstance(node, int | float) and not isinstance(node, bool):
            return node + rng.choice((-1, 1))
        case 1 if isinstance(node, str) and node:
            at = rng.randrange(len(node))
            return node[:at] + rng.choice(("", " ", "0", node, "\u00a0", "Z")) + node[at + rng.randrange(2) :]
        case 2:
            return [node] if rng.random() < 0.5 else {"a": node}
        case _:
            return rng.choice(VALUES)


def in_toml(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """One line: its value, its key, left out, doubled, moved, or one of another file."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    at = rng.randrange(len(lines))
    key, equals, _ = lines[at].partition("=")
    match rng.randrange(8):
        case 0:
            lines.pop(at)
        case 1:
            lines.insert(rng.randrange(len(lines) + 1), lines[at])
        case 2:
            lines.insert(at, rng.choice(other.decode("utf-8", "surrogateescape").split("\n")))
        case 3:
            lines[at] = rng.choice(
                ("[a]", "[[a]]", "[a.b]", f"{key.strip() or 'a'}.b = 1", "a = 1", f"[{key.strip()}]")
            )
        case _ if equals:
            lines[at] = f"{key}= {rng.choice(LITERALS) if rng.random() < 0.6 else json.dumps(str(rng.choice(VALUES)))}"
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def in_csv(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """One cell, row or column of a table."""
    text = data.decode("utf-8", "replace")
    try:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error:
        return in_bytes(rng, data, other)
    if not rows:
        return other
    row = rng.choice(rows)
    at = rng.randrange(len(row) + 1)
    match rng.randrange(7):
        case 0:
            rows.insert(rng.randrange(len(rows) + 1), list(row))
        case 1:
            rows.remove(row)
        case 2:
            row.insert(at, str(rng.choice(VALUES)))
        case 3:
            for each in rows:
                each.insert(min(at, len(each)), each[at % len(each)] if each else "")
        case _ if row:
            row[at % len(row)] = str(rng.choice(VALUES)) if rng.random() < 0.7 else rng.choice(rng.choice(rows) or [""])
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=rng.choice(",,,,,,;\t|")).writerows(rows)
    return out.getvalue().encode("utf-8", "surrogatepass")


_TAG = re.compile(rb"<[^<>]{0,400}>")
_VALUE = re.compile(rb'="[^"<>]{0,200}"')
_WORDS = re.compile(rb">[^<>]{1,200}<")


def in_tags(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """One tag, attribute's value or text of XML or HTML; or an element left out or doubled."""
    form = rng.choice((_TAG, _VALUE, _VALUE, _WORDS, _WORDS))
    found = [match.span() for match in form.finditer(data)]
    if not found:
        return in_bytes(rng, data, other)
    start, end = rng.choice(found)
    if form is _TAG:
        another, stop = rng.choice(found)
        return data[:start] + rng.choice((b"", data[start:end] * 2, data[another:stop])) + data[end:]
    value = str(rng.choice(VALUES)).encode("utf-8", "replace").replace(b"<", b"&lt;").replace(b'"', b"")
    return data[:start] + (b'="' + value + b'"' if form is _VALUE else b">" + value + b"<") + data[end:]


def in_archive(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """One part of a zip archive, unpacked and packed again; or a part left out, doubled or under another's name."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            parts = [(info.filename, file.read(info)) for info in file.infolist()]
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, NotImplementedError, EOFError, RuntimeError):
        return in_bytes(rng, data, other)
    at = rng.randrange(len(parts)) if parts else 0
    if parts:
        name, content = parts[at]
        match rng.randrange(20):
            case 0:
                parts.pop(at)
            case 1:
                parts[at] = rng.choice(parts)[0], content
            case _:
                parts[at] = name, in_tags(rng, content, content)
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in dict(parts).items():
            file.writestr(name, content)
    return kept.getvalue()


_TOKEN = re.compile(
    rb"-?\d+\.?\d*|/[A-Za-z]+|<<|>>|\[|\]|\b(?:obj|endobj|stream|endstream|R|Tj|TJ|Tf|Tm|re|l|m|cm|Do)\b"
)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


def in_pdf(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """One number, name or operator of a PDF, its streams laid open first so that what is drawn changes too."""

    def opened(match: re.Match[bytes]) -> bytes:
        try:
            return b"stream\n" + zlib.decompress(match[1]) + b"\nendstream"
        except zlib.error:
            return match[0]

    if rng.random() < 0.5:
        data = _STREAM.sub(opened, data).replace(b"/FlateDecode", b"/None")
    found = [match.span() for match in _TOKEN.finditer(data)]
    if not found:
        return in_bytes(rng, data, other)
    start, end = rng.choice(found)
    first, last = rng.choice(found)
    new = rng.choice(
        (data[first:last], b"0", b"-1", b"99999999999", b"1e9", b"null", b"/Kids", b"", b"1 0 R", data[start:end] * 2)
    )
    return data[:start] + new + data[end:]


def changed(rng: random.Random, change: Change, data: bytes, other: bytes) -> bytes:
    """One to four changes of a form; one in eight is of bytes instead."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        data = (in_bytes if rng.random() < 0.125 else change)(rng, data, other)
    return data
