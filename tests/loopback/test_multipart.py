"""Forms with files: what is written is read back in whatever pieces it comes, and what is not a form is refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.loopback.multipart import LONGEST_HEAD, MOST_PARTS, FormMalformed, boundary_of, read_form

Fields = list[tuple[str, bytes]]


def written(fields: Fields, boundary: bytes = b"x-y") -> bytes:
    parts = [
        b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (boundary, name.encode(), content)
        for name, content in fields
    ]
    return b"".join(parts) + b"--" + boundary + b"--\r\n"


def in_pieces(body: bytes, size: int) -> Callable[[int], bytes]:
    source = io.BytesIO(body)
    return lambda most: source.read(min(most, size))


def read(body: bytes, size: int = 7, length: int | None = None) -> Fields:
    parts = read_form(in_pieces(body, size), len(body) if length is None else length, b"x-y")
    return [(part.name, b"".join(part.content)) for part in parts]


#: Contents near a delimiter: its own pieces, in any order.
tricky = st.lists(st.sampled_from([b"\r", b"\n", b"-", b"--", b"x", b"x-y", b"\r\n--x-", b"\x00"])).map(b"".join)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(["a", "file", "é"]), tricky | st.binary()), max_size=5), st.integers(1, 40))
def test_what_is_written_is_read_back_in_pieces_of_any_size(fields: Fields, size: int) -> None:
    fields = [(name, content) for name, content in fields if b"\r\n--x-y" not in b"\r\n" + content]
    assert read(written(fields), size) == fields


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=200), st.integers(1, 9))
def test_whatever_comes_is_a_form_or_refused(body: bytes, size: int) -> None:
    fields: Fields | None = None
    with suppress(FormMalformed):
        fields = read(b"--x-y" + body, size)
    assert fields is None or b"--x-y--" in b"--x-y" + body


def test_each_cut_of_a_form_is_refused() -> None:
    body = written([("a", b"one"), ("file", b"two")])
    for end in range(len(body) - 2):
        with pytest.raises(FormMalformed):
            read(body[:end])


def test_never_more_is_read_than_stated() -> None:
    body = written([("a", b"one")])
    source = io.BytesIO(body + b"the next request")
    list(read_form(source.read, len(body), b"x-y"))
    assert source.read() == b"the next request"


def test_a_long_head_many_fields_and_text_around_are_refused() -> None:
    for body in (
        b'--x-y\r\nContent-Disposition: form-data; name="' + b"a" * LONGEST_HEAD + b'"\r\n\r\n1\r\n--x-y--\r\n',
        written([("a", b"")] * MOST_PARTS),
        b"before" + written([("a", b"one")]),
        written([("a", b"one")]) + b"after",
        b'--x-y\r\nContent-Disposition: attachment; name="a"\r\n\r\n1\r\n--x-y--\r\n',
        b"--x-y\r\nContent-Type: text/plain\r\n\r\n1\r\n--x-y--\r\n",
        b'--x-y\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n1\r\n--x-y--\r\n',
        b'--x-y\r\nContent-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="b"\r\n\r\n--x-y--',
    ):
        with pytest.raises(FormMalformed):
            read(body)


def test_what_is_left_of_a_part_is_read_past() -> None:
    body = written([("file", b"z" * 500), ("after", b"1")])
    assert [part.name for part in read_form(in_pieces(body, 9), len(body), b"x-y")] == ["file", "after"]


def test_names_of_files_are_told_as_browsers_write_them() -> None:
    body = b'--x-y\r\nContent-Disposition: form-data; name="file"; filename="a%22b%0D.csv"\r\n\r\n1\r\n--x-y--\r\n'
    (part,) = read_form(io.BytesIO(body).read, len(body), b"x-y")
    assert part.file == 'a"b\r.csv'


def test_a_short_field_is_short() -> None:
    body = written([("token", b"z" * 500)])
    with pytest.raises(FormMalformed):
        next(read_form(in_pieces(body, 64), len(body), b"x-y")).whole(200)


@pytest.mark.parametrize("stated", ["multipart/form-data; boundary=x-y", 'multipart/form-data;boundary="x-y"'])
def test_boundaries(stated: str) -> None:
    assert boundary_of(stated) == b"x-y"


@pytest.mark.parametrize(
    "stated",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=",
     "multipart/form-data; boundary=" + "a" * 71, "multipart/form-data; boundary=a\r\nb",
     "multipart/mixed; boundary=a"],
)  # fmt: skip
def test_no_boundary_no_form(stated: str) -> None:
    with pytest.raises(FormMalformed):
        boundary_of(stated)
