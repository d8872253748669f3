"""What is kept beside the vault: maps by their digest, values under the digest of their text, and glimpses of readings.

>>> import tempfile
>>> kept = Readings(Path(tempfile.mkdtemp()))
>>> name = kept.keep(Glimpse(True, "CSV", 3, 0, 0, None, ""))
>>> kept.read(name, Glimpse).rows
3
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from countersign.errors import CountersignError
from countersign.output import CannotWrite, write_whole
from countersign.published.files import LARGEST_FILE, digest, read_bytes
from countersign.published.table.maps import LARGEST_MAP, read_map

#: The version under which readings are kept.
PROGRAM = version("countersign")
Kept = TypeVar("Kept", bound=msgspec.Struct)


class LayoutMap(NamedTuple):
    """A map of a force: its name, its text, and the digest of that."""

    name: str
    content: bytes
    digest: str

    @classmethod
    def read(cls, path: Path) -> LayoutMap:
        """The map in a file, held to its form. Raises ``WrongMap`` or ``NoSuchSource``."""
        read_map(path)
        content = read_bytes(path, LARGEST_MAP)
        return cls(path.stem, content, digest(content))


class Glimpse(msgspec.Struct, frozen=True):
    """What is asked of a reading most often, so that its rows need not be read for it."""

    read: bool
    form: str
    rows: int
    refused: int
    faults: int
    period: tuple[datetime.date, datetime.date] | None
    because: str


class Readings:
    """Values kept as files in a folder under a name, each held to its own digest when it is read again; ``named``: by
    other names than their digest, so that no log's word stands behind them."""

    def __init__(self, path: Path, *, named: bool = False) -> None:
        self.path, self.named = path, named

    def keep(self, value: msgspec.Struct, name: str | None = None) -> str:
        """Keep a value, under its digest if no name is given; returns the digest. Raises ``CannotWrite``, but not for
        what is kept by another name: that is worked out again."""
        content = msgspec.json.encode(value, order="deterministic")
        made = digest(content)
        try:
            write_whole(self._place(name or made), f"{made}\n".encode() + content)
        except CannotWrite:
            if not self.named:
                raise
        return made

    def read(self, name: str, kind: type[Kept]) -> Kept | None:
        """The value under a name; ``None`` where there is none, or one that was altered: it is made again."""
        try:
            content = read_bytes(self._place(name), 2 * LARGEST_FILE)
        except (CountersignError, OSError):
            return None
        said, _, body = content.partition(b"\n")
        made = digest(body)
        if said.decode("ascii", "replace") != made or (name != made and not self.named):
            return None
        try:
            return msgspec.json.decode(body, type=kind)
        except msgspec.DecodeError:
            return None

    def made(self, name: str, kind: type[Kept], make: Callable[[], Kept]) -> Kept:
        """The value under a name, made and kept where there is none. Raises as ``make`` and ``keep``."""
        found = self.read(name, kind)
        if found is None:
            found = make()
            self.keep(found, name)
        return found

    def _place(self, name: str) -> Path:
        return self.path / name[:2] / f"{name}.json"
