"""Lines of a file: bounded in memory, and of one that grows, is cut short, or is replaced under its name."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.events.door.line import LONGEST_LINE
from countersign.events.door.lines import EventFileWrong, Following, bounded, check_beginning, lines_of


def test_a_line_of_ten_gigabytes_is_one_refused_line_of_bounded_size() -> None:
    class Long(io.BytesIO):
        """Each piece counts a thousandfold, so that the test does not take the time of ten gigabytes."""

        told = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            assert size is not None
            assert 0 < size <= LONGEST_LINE + 2
            if self.told < 10_000_000_000:
                self.told += size * 1000
                return b"x" * size
            return super().readline(size)

    lines = list(bounded(Long(b'end\n{"a":1}\n')))
    assert [len(line) for line in lines] == [LONGEST_LINE + 2, 8]


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300))
def test_bounded_lines_are_the_lines(data: bytes) -> None:
    assert list(bounded(io.BytesIO(data))) == list(io.BytesIO(data))


def test_empty_lines_are_passed_over_and_the_numbers_stay() -> None:
    data = b'\xef\xbb\xbf{"a":1}\r\n\r\n  \n{"b":2}'
    assert [(one.number, one.line) for one in lines_of(bounded(io.BytesIO(data)))] == [(1, b'{"a":1}'), (4, b'{"b":2}')]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        ('{"a":1}'.encode("utf-16"), "UTF-16"), ('{"a":1}'.encode("utf-16-be"), "zero bytes"),
        ('{"a":1}'.encode("utf-32"), "UTF-32"), (gzip.compress(b"{}", mtime=0), "gzip"), (b"PK\x03\x04....", "zip"),
        (b"SQLite format 3\x00", "database"), (b"%PDF-1.7", "PDF"), (b"\x28\xb5\x2f\xfd..", "zstd"),
    ],
)  # fmt: skip
def test_files_that_are_no_export_are_refused_by_their_beginning(data: bytes, what: str) -> None:
    with pytest.raises(EventFileWrong, match=what):
        check_beginning(data, "export.jsonl")


@pytest.mark.parametrize("data", [b"", b"{", b'{"a":1}\n', '{"é"'.encode(), b"\xef\xbb\xbf{}"])
def test_other_beginnings_are_left_to_the_lines(data: bytes) -> None:
    check_beginning(data, "export.jsonl")
    assert b"".join(bounded(io.BytesIO(data))) == data


def told(following: Following) -> list[tuple[int, bytes]]:
    return [(one.number, one.line) for one in following.new_lines()]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "export.jsonl").write_bytes(b"1\n2\n3")
    return tmp_path / "export.jsonl"


def test_a_growing_file_is_read_up_to_its_last_whole_line(file: Path) -> None:
    following = Following(file)
    assert told(following) == [(1, b"1"), (2, b"2")]
    assert told(following) == []
    with file.open("ab") as stream:
        stream.write(b"3\n4")
    assert told(following) == [(3, b"33")]
    with file.open("ab") as stream:
        stream.write(b"\n\n5\n")
    assert told(following) == [(4, b"4"), (6, b"5")]
    following.close()


def test_a_replaced_file_is_read_to_its_end_and_then_the_new_one(file: Path) -> None:
    following = Following(file)
    told(following)
    file.rename(file.with_suffix(".1"))
    assert told(following) == []
    with file.with_suffix(".1").open("ab") as stream:
        stream.write(b"3\nlast")
    file.write_bytes(b"new 1\nnew 2")
    # Whoever rotates a file writes no more to the old one, so its last line counts though it was not ended.
    assert told(following) == [(3, b"33"), (4, b"last"), (1, b"new 1")]
    with file.open("ab") as stream:
        stream.write(b"\n")
    assert told(following) == [(2, b"new 2")]
    following.close()


def test_a_file_cut_short_in_place_is_read_again_from_its_start(file: Path) -> None:
    following = Following(file)
    told(following)
    file.write_bytes(b"a\n")
    assert told(following) == [(1, b"a")]
    following.close()


def test_a_growing_line_that_is_too_long_is_refused_before_it_ends_and_passed_over(file: Path) -> None:
    file.write_bytes(b"1\n" + b"x" * (LONGEST_LINE + 500))
    following = Following(file)
    assert [len(line) for _, line in told(following)] == [1, LONGEST_LINE + 2]
    with file.open("ab") as stream:
        stream.write(b"y" * 200_000)
    assert told(following) == []
    with file.open("ab") as stream:
        stream.write(b"y\n3\n")
    assert told(following) == [(3, b"3")]
    following.close()
