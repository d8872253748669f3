"""The lines of an export: none read further than a line may be long, from a whole file or from one that still grows.

A line that is too long is passed over without being held in memory, and comes out cut, so that the door refuses it.
Text in another encoding than UTF-8, and files that are no text, are refused whole by their first bytes, since every
line would be. A growing file is read up to its last whole line; where it was cut short in place it is read again from
its start, and where another file took its name (rotation), the old one is read to its end and then the new one.

>>> import io
>>> [one.number for one in lines_of(bounded(io.BytesIO(b'{"a":1}\\n\\n{"b":2}\\n')))]
[1, 3]
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from countersign.errors import WrongForm
from countersign.events.door.line import LONGEST_LINE, Event, EventRefused

_MOST = LONGEST_LINE + 2
#: How a file begins, and what it then is.
_BEGINNINGS = (
    (b"\xff\xfe\x00\x00", "text in UTF-32"),
    (b"\x00\x00\xfe\xff", "text in UTF-32"),
    (b"\xff\xfe", "text in UTF-16"),
    (b"\xfe\xff", "text in UTF-16"),
    (b"\x1f\x8b", "compressed (gzip)"),
    (b"PK\x03\x04", "a zip file or a workbook"),
    (b"SQLite format 3\x00", "a database"),
    (b"%PDF", "a PDF"),
    (b"\x28\xb5\x2f\xfd", "compressed (zstd)"),
)


class EventFileWrong(WrongForm):
    """A file as a whole is no export: another encoding, compressed, or no text at all."""

    code = "event-file-wrong"
    next_step = "Have the engine export JSON Lines or CSV in UTF-8; nothing was taken."


class Numbered(NamedTuple):
    """A line with its number in its file, and the event in it where it was read already (a row of a CSV file)."""

    number: int
    line: bytes
    event: Event | EventRefused | None = None


def check_beginning(start: bytes, place: str) -> None:
    """Look at the first bytes of a file. Raises ``EventFileWrong``."""
    for beginning, what in _BEGINNINGS:
        if start.startswith(beginning):
            raise EventFileWrong(f"{place}: is {what}, not in UTF-8")
    if b"\x00" in start[:16]:
        raise EventFileWrong(f"{place}: holds zero bytes, as text in UTF-16 does, or a file that is no text")


def bounded(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a file to its end; one too long comes cut, but longer than a line may be."""
    passing_over = False
    for chunk in iter(lambda: stream.readline(_MOST), b""):
        if not passing_over:
            yield chunk
        passing_over = not chunk.endswith(b"\n")


def lines_of(chunks: Iterable[bytes], first: int = 1) -> Iterator[Numbered]:
    """The lines that are not empty, numbered from ``first``; a byte order mark before line 1 is left out."""
    for number, line in enumerate(chunks, first):
        text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if stripped := text.strip(b" \t\r\n"):
            yield Numbered(number, stripped)


class Following:
    """A file read as it grows. ``new_lines`` may be asked again and again; ``close`` in the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream: BinaryIO = path.open("rb")
        self._line = 0
        self._passing_over = False

    def close(self) -> None:
        """Read no more."""
        self._stream.close()

    def new_lines(self) -> Iterator[Numbered]:
        """The whole lines that came since the last time, over all files that had the name. Raises ``OSError``."""
        while True:
            yield from lines_of(self._chunks(), self._line + 1)
            try:
                there = self._path.stat()
            except FileNotFoundError:
                return
            here = os.fstat(self._stream.fileno())
            if (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino):
                yield from lines_of(self._chunks(at_end=True), self._line + 1)
                self._stream.close()
                self._begin(self._path.open("rb"))
            elif there.st_size < self._stream.tell():
                self._stream.seek(0)
                self._begin(self._stream)
            else:
                return

    def _begin(self, stream: BinaryIO) -> None:
        self._stream, self._line, self._passing_over = stream, 0, False

    def _chunks(self, *, at_end: bool = False) -> Iterator[bytes]:
        """Whole lines; at the end of a file that nobody writes to any more also the last one without its end."""
        for chunk in iter(lambda: self._stream.readline(_MOST), b""):
            ended = chunk.endswith(b"\n")
            if self._passing_over:
                self._passing_over = not ended
                continue
            if not ended and len(chunk) < _MOST and not at_end:
                self._stream.seek(-len(chunk), 1)
                return
            self._passing_over = not ended and len(chunk) == _MOST
            self._line += 1
            yield chunk
