"""Reading files named on the command line, never more of one than a limit: a wrong path must not fill the memory.

Keys, papers, facts, schemas, limits, policies, checkpoints and proofs are small; bundles, sealed contents, watchlists
and batches of events may be large. Each form holds what it reads to narrower limits of its own. A file of which only
the digest is wanted is never held whole. TOML and JSON that a person wrote are taken to limits of their own, for their
parsers have none: a key of 20,000 dotted names takes minutes, an integer of 5,000 digits or a list in a list in a list
ends a parser.

>>> read_input(Path("no-such-file"))
Traceback (most recent call last):
    ...
countersign.inputs.InputMissing: no-such-file: No such file or directory
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
import sys
import tomllib
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO

from countersign.errors import NotReached, WrongForm

#: The most that is read of a file that is small in its nature: 16 MiB.
SMALL_BYTES = 16 << 20
#: The most that is read of any file into memory, and of a bundle: 1 GiB.
LARGE_BYTES = 1 << 30
_PIECE = 1 << 20
#: TOML is written by hand: at most 1 MiB, names and values at most sixteen deep, and no word or number of 400 signs.
LARGEST_TOML, DEEPEST, LONGEST_WORD = 1 << 20, 16, 400
#: Values in one JSON file: each may take a hundred bytes of memory.
MOST_VALUES = 1_000_000
_QUOTED = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|' r"'''.*?'{3,5}|" r'(?!""")"(?:[^"\\\n]|\\.)*+"|' r"(?!''')'[^'\n]*+'|#[^\n]*+|([\"'])",
    re.DOTALL,
)
_DOTTED = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{DEEPEST}}}")
_WORD = re.compile(rf"(?<![\w-])[\w-]{{{LONGEST_WORD}}}")


class InputMissing(NotReached, next_step="Check the path and your rights to it."):
    """A file named on the command line cannot be read."""


class InputTooLarge(
    WrongForm, next_step="Check that it is the file you meant; docs/errors/record-entries.md says how long one may be."
):
    """A file named on the command line is longer than any file that can stand there."""


#: Bytes as they are, without waiting for a pipe that nobody writes to. Windows has the last flag alone.
_READING = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))


def open_file(path: Path) -> BufferedReader:
    """A regular file, to be read. Raises ``OSError``, also for a pipe, a socket or a device: they need never end."""
    handle = os.open(path, _READING)
    try:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "is a pipe, a socket or a device, not a file", str(path))
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def read_limited(path: Path, most: int = SMALL_BYTES) -> bytes:
    """A file's bytes, of which there are no more than ``most``. Raises ``OSError`` or ``InputTooLarge``."""
    with open_file(path) as file:
        return _read(file, str(path), most)


def read_input(path: Path, most: int = SMALL_BYTES) -> bytes:
    """As ``read_limited``. Raises ``InputMissing`` or ``InputTooLarge``."""
    try:
        return read_limited(path, most)
    except OSError as error:
        raise InputMissing(f"{path}: {error.strerror or error}") from None


def read_standard_input(most: int = SMALL_BYTES) -> bytes:
    """All of standard input. Raises ``InputTooLarge``."""
    return _read(sys.stdin.buffer, "standard input", most)


def digest_of_input(path: Path) -> str:
    """The SHA-256 of a file of any length, in hexadecimal. Raises ``InputMissing``."""
    try:
        with open_file(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputMissing(f"{path}: {error.strerror or error}") from None


def _read(file: BinaryIO, name: str, most: int) -> bytes:
    parts, left = [], most
    # In pieces: asked for the whole limit at once, a device or a pipe would be given that much room beforehand.
    while part := file.read(min(_PIECE, left + 1)):
        left -= len(part)
        if left < 0:
            raise InputTooLarge(f"{name}: is longer than the {most:,} bytes that such a file may have")
        parts.append(part)
    return b"".join(parts)


def toml_of(
    data: bytes | str, place: str, wrong: type[WrongForm], *, parse_float: Callable[[str], Any] = float
) -> dict[str, Any]:
    """The tables of TOML that a person wrote. Raises ``wrong`` with the place, for TOML beyond the limits, too."""
    try:
        if len(data) > LARGEST_TOML:
            raise ValueError(f"larger than {LARGEST_TOML:,} bytes, which no file written by hand is")
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
        _hold_words(text)
        tables = tomllib.loads(text, parse_float=parse_float)
        _hold_depth(tables)
    except UnicodeDecodeError:
        raise wrong(f"{place}: is not text in UTF-8") from None
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise wrong(f"{place}: is not TOML: {error}") from None
    return tables


def json_of(data: bytes, place: str, wrong: type[WrongForm]) -> Any:
    """The value of JSON that a person gave. Raises ``wrong`` with the place, for JSON beyond the limits, too."""
    try:
        if sum(map(data.count, (b",", b"[", b"{"))) > MOST_VALUES:
            raise ValueError(f"more than {MOST_VALUES:,} values")
        value = json.loads(data)
        _hold_depth(value)
    except UnicodeDecodeError:
        raise wrong(f"{place}: is not text in UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise wrong(f"{place}: is not JSON: {error}") from None
    return value


def _hold_words(text: str) -> None:
    """Refuse what ``tomllib`` takes cubic time for, or ends at. What is quoted, and comments, are left aside."""
    parts, at = [], 0
    for quoted in _QUOTED.finditer(text):
        if quoted[1]:
            raise ValueError(f"a text that begins in line {text.count(chr(10), 0, quoted.start()) + 1} does not end")
        parts.append(text[at : quoted.start()])
        at = quoted.end()
    plain = "q".join((*parts, text[at:]))
    if _DOTTED.search(plain):
        raise ValueError(f"a key of more than {DEEPEST} names")
    if _WORD.search(plain):
        raise ValueError(f"a word or a number of {LONGEST_WORD} signs and more")


def _hold_depth(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST + 1):
        inside = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)]
        level = [part for values in inside for part in values]
        if not level:
            return
    raise ValueError(f"nested more than {DEEPEST} deep")
