"""A form with files, read as it comes in (RFC 7578): part after part, in bounded memory, never twice.

Only what browsers send is taken: parts that each begin with ``Content-Disposition: form-data``, no preamble, nothing
after the end. A part's name comes before its content, so that a form can be refused before anything of a file has been
taken in. The form's length is stated beforehand and never exceeded.

>>> import io
>>> body = b'--x\\r\\nContent-Disposition: form-data; name="a"\\r\\n\\r\\none\\r\\n--x--\\r\\n'
>>> [(part.name, b"".join(part.content)) for part in read_form(io.BytesIO(body).read, len(body), b"x")]
[('a', b'one')]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from countersign.errors import WrongForm

#: Bytes asked for at once.
PIECE = 64 * 1024
#: Longest head of a part, and most parts of a form.
LONGEST_HEAD = 4096
MOST_PARTS = 8

_TYPE = re.compile(
    r'multipart/form-data; *boundary=(?:"([0-9A-Za-z\'()+_,./:=? -]{1,70})"|([0-9A-Za-z\'+_./:=-]{1,70}))'
)
_DISPOSITION = re.compile(
    r'content-disposition: *form-data; *name="(?P<name>[^"\r\n]*)"(?:; *filename="(?P<file>[^"\r\n]*)")?', re.IGNORECASE
)


class FormMalformed(
    WrongForm, code="open-form-malformed", next_step="Go back to the first page and give the file again."
):
    """What a browser sent is not a whole form with files."""


@dataclass(frozen=True)
class Part:
    """A field of a form: its name, the file's name if it is a file, its content in pieces, to be read once."""

    name: str
    file: str | None
    content: Iterator[bytes]

    def whole(self, limit: int) -> bytes:
        """All of a short field. Raises ``FormMalformed`` if it is longer than ``limit`` bytes."""
        kept = b""
        for piece in self.content:
            kept += piece
            if len(kept) > limit:
                raise FormMalformed(f"the field {self.name!r} is longer than {limit:,} bytes")
        return kept


def boundary_of(content_type: str) -> bytes:
    """The boundary that a Content-Type names. Raises ``FormMalformed`` if it is not that of a form with files."""
    match = _TYPE.fullmatch(content_type.strip())
    if match is None:
        raise FormMalformed("what was sent is not a form with files")
    return (match[1] or match[2]).encode("ascii")


def read_form(read: Callable[[int], bytes], length: int, boundary: bytes) -> Iterator[Part]:
    """The parts of a form of ``length`` bytes, in order; what is left of one is read past. Raises ``FormMalformed``."""
    body = _Body(read, length, b"\r\n--" + boundary)
    for _ in body.until_delimiter():
        raise FormMalformed("there is something before the first field of the form")
    for _ in range(MOST_PARTS):
        after = body.take(2)
        if after == b"--":
            if body.rest() not in (b"", b"\r\n"):
                raise FormMalformed("there is something after the end of the form")
            return
        if after != b"\r\n":
            raise FormMalformed("a field of the form does not begin on a line of its own")
        name, file = _names(body.head())
        part = Part(name, file, body.until_delimiter())
        yield part
        for _ in part.content:
            pass
    raise FormMalformed(f"the form has more than {MOST_PARTS - 1} fields")


class _Body:
    """The bytes of a form; at most a piece and a delimiter are held."""

    def __init__(self, read: Callable[[int], bytes], length: int, delimiter: bytes) -> None:
        self._read, self._left, self._delimiter = read, length, delimiter
        # The first delimiter has no line end before it; with this one it is found as the others are.
        self._held = b"\r\n"

    def until_delimiter(self) -> Iterator[bytes]:
        keep = len(self._delimiter) - 1
        while True:
            at = self._held.find(self._delimiter)
            if at >= 0:
                piece, self._held = self._held[:at], self._held[at + len(self._delimiter) :]
                if piece:
                    yield piece
                return
            if len(self._held) > keep:
                piece, self._held = self._held[:-keep], self._held[-keep:]
                yield piece
            self._more()

    def head(self) -> bytes:
        while (at := self._held.find(b"\r\n\r\n", 0, LONGEST_HEAD)) < 0:
            if len(self._held) >= LONGEST_HEAD:
                raise FormMalformed(f"the head of a field is longer than {LONGEST_HEAD:,} bytes")
            self._more()
        head, self._held = self._held[:at], self._held[at + 4 :]
        return head

    def take(self, count: int) -> bytes:
        while len(self._held) < count:
            self._more()
        taken, self._held = self._held[:count], self._held[count:]
        return taken

    def rest(self) -> bytes:
        while self._left and len(self._held) <= 2:
            self._more()
        return self._held

    def _more(self) -> None:
        piece = self._read(min(PIECE, self._left)) if self._left else b""
        if not piece:
            raise FormMalformed("the form is cut off")
        self._left -= len(piece)
        self._held += piece


def _names(head: bytes) -> tuple[str, str | None]:
    try:
        lines = head.decode("utf-8").split("\r\n")
    except UnicodeDecodeError:
        raise FormMalformed("the head of a field is not in UTF-8") from None
    matches = [match for line in lines if (match := _DISPOSITION.fullmatch(line.strip()))]
    if len(matches) != 1:
        raise FormMalformed("a field of the form has no name")
    name, file = matches[0].group("name", "file")
    # Browsers write a quotation mark or a line end within a name as %22, %0D and %0A (RFC 7578, section 4.2).
    return name, None if file is None else unquote(file)
