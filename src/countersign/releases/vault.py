"""The vault: the bytes of what was published, as they were, under the name of their SHA-256, for their owner alone.

Nothing of it enters a log, a page or a bundle. An item is written whole or not at all, read only if its digest still
holds, and can be erased. The same bytes lie there once.

>>> import tempfile
>>> vault = Vault(Path(tempfile.mkdtemp()) / "vault")
>>> name = vault.put(b"date,alerts")
>>> vault.get(name), sorted(vault.names()) == [name]
(b'date,alerts', True)
>>> vault.erase(name)
>>> vault.holds(name)
False
"""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from countersign.errors import EvidenceWrong, NotReached
from countersign.output import CannotWrite, sync, write_whole
from countersign.published.files import LARGEST_FILE, TooLarge, digest, kind_of_bytes, read_bytes
from countersign.published.forms.package import DESCRIPTOR


class BytesAltered(
    EvidenceWrong, next_step="Put the file back from where it was published or from a copy, and compare its digest."
):
    """An item of the vault no longer has the digest under which it was kept."""


class BytesNotHeld(NotReached, next_step="See `countersign library status`; give the file again if it was lost."):
    """An item is not in the vault: it was erased, or its file is gone."""


@dataclass(frozen=True, slots=True)
class Vault:
    """The items in a folder that only its owner can open."""

    path: Path

    def put(self, content: bytes) -> str:
        """Keep these bytes; returns their digest. Raises ``CannotWrite``."""
        name = digest(content)
        place = self._place(name)
        if not self.holds(name):
            try:
                self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
                place.parent.mkdir(mode=0o700, exist_ok=True)
            except OSError as error:
                raise CannotWrite(f"{self.path}: {error.strerror or error}") from error
            write_whole(place, content, secret=True)
        return name

    def holds(self, name: str) -> bool:
        """Whether there is a file for this digest."""
        return self._place(name).is_file()

    def get(self, name: str) -> bytes:
        """The bytes under a digest. Raises ``BytesNotHeld`` or ``BytesAltered``."""
        try:
            content = self._place(name).read_bytes()
        except OSError as error:
            raise BytesNotHeld(f"{name[:16]}…: not in the vault: {error.strerror or error}") from None
        if digest(content) != name:
            raise BytesAltered(f"{self._place(name)}: its bytes are not those that were kept under this digest")
        return content

    def names(self) -> Iterator[str]:
        """The digests of all items, in no order."""
        yield from (file.name for file in self.path.glob("??/*") if len(file.name) == hashlib.sha256().digest_size * 2)

    def erase(self, name: str) -> None:
        """Take an item away for good; its bytes are written over first. Raises ``CannotWrite``."""
        place = self._place(name)
        try:
            if place.is_file():
                with place.open("r+b") as file:
                    file.write(bytes(place.stat().st_size))
                    file.flush()
                    os.fsync(file.fileno())
                place.unlink()
                sync(place.parent)
        except OSError as error:
            raise CannotWrite(f"{place}: could not be erased: {error.strerror or error}") from error

    def _place(self, name: str) -> Path:
        return self.path / name[:2] / name


def taken(path: Path) -> bytes:
    """The bytes of a release: a file's as they are, a data package's folder as one archive that is always the same.

    Raises ``NoSuchSource``, ``UnknownForm``, ``HoldsAnImage`` or ``TooLarge``.
    """
    if not (path.is_dir() and (path / DESCRIPTOR).is_file()):
        content = read_bytes(path)
        if not is_packed(content):
            kind_of_bytes(content, str(path))
        return content
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        size = 0
        for file in sorted(each for each in path.iterdir() if each.suffix in (".csv", ".json", ".toml")):
            content = read_bytes(file)
            size += len(content)
            if size > LARGEST_FILE:
                raise TooLarge(f"{path}: its files are larger than {LARGEST_FILE:,} bytes together")
            archive.writestr(zipfile.ZipInfo(file.name), content)
    return packed.getvalue()


def is_packed(content: bytes) -> bool:
    """Whether bytes are a data package as ``taken`` packs one."""
    if content[:4] != b"PK\x03\x04":
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return DESCRIPTOR in archive.namelist()
    except (zipfile.BadZipFile, ValueError):
        return False


def unpack(content: bytes, folder: Path) -> None:
    """Lay out a packed data package in an empty folder. Raises ``TooLarge`` or ``BytesAltered``."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = [info for info in archive.infolist() if Path(info.filename).name == info.filename]
            if sum(info.file_size for info in infos) > LARGEST_FILE:
                raise TooLarge(f"the data package is larger than {LARGEST_FILE:,} bytes when it is unpacked")
            for info in infos:
                with archive.open(info) as file:
                    (folder / info.filename).write_bytes(file.read(LARGEST_FILE))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        if isinstance(error, TooLarge):
            raise
        raise BytesAltered(f"the data package cannot be unpacked: {error}") from None
