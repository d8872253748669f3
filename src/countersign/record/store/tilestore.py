"""Writing a log's files into a directory: tiles first and synced, the checkpoint last, by one atomic rename.

A reader never sees a checkpoint whose tiles are not there yet, nor part of a file. Tiles are immutable: one that is
there already with the same bytes is left (after a crash the same batch is written again), with others it is refused,
for then two histories are being written. Partial tiles go once the full one is there and a checkpoint beyond it is
published, as C2SP tlog-tiles allows. Which files there are is decided in ``tilebuilder``.

>>> import tempfile
>>> directory = TileDirectory(Path(tempfile.mkdtemp()) / "log")
>>> directory.write({"tile/0/000.p/1": bytes(32)})
>>> directory.write({"tile/0/000.p/1": bytes(31) + b"x"})  # doctest: +ELLIPSIS
Traceback (most recent call last):
    ...
countersign.record.store.tilestore.TileConflict: .../log/tile/0/000.p/1: other bytes are to be written than are there
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from countersign.errors import EvidenceWrong
from countersign.output import CannotWrite, sync
from countersign.record.tlog.tiles import CHECKPOINT_PATH, DirectorySource

_SYNCS_AT_ONCE = 8


class TileConflict(EvidenceWrong):
    """A file of the log that never changes would have to change: two histories meet in one directory."""

    code = "tile-conflict"
    next_step = (
        "Stop the log; compare its store with its last signed checkpoint, and restore the one that belongs to it."
    )


class TileDirectory:
    """The files of one log below ``path``; one writer at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filled: list[Path] = []
        self._swept: set[Path] = set()

    @property
    def source(self) -> DirectorySource:
        """To read what is written."""
        return DirectorySource(self.path)

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write tiles and bundles by path, all on the disk when this returns.

        Raises ``TileConflict``, and ``CannotWrite`` if there is no room; then the call can be made again.
        """
        staged: dict[Path, Path] = {}
        try:
            for name, content in files.items():
                target = self.path / name
                if self._holds(target, content):
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                self._sweep(target.parent)
                staged[target] = _stage(target, content)
            # The disk takes many waiting syncs in one go: eight at once are several times as fast as one after another.
            with ThreadPoolExecutor(_SYNCS_AT_ONCE) as pool:
                list(pool.map(sync, staged.values()))
            folders = {folder for target in staged for folder in target.parents if folder.is_relative_to(self.path)}
            for target, part in staged.items():
                part.replace(target)
            for folder in sorted(folders, key=lambda folder: len(folder.parts), reverse=True):
                sync(folder)
            if folders:
                sync(self.path.parent)
        except OSError as error:
            if isinstance(error, CannotWrite):
                raise
            raise CannotWrite(f"{self.path}: could not write tiles: {error.strerror or error}") from error
        finally:
            for part in staged.values():
                part.unlink(missing_ok=True)
        self._filled += [self.path / name for name in files if ".p/" not in name]

    def publish(self, checkpoint: bytes) -> None:
        """Make ``checkpoint`` (a signed note) the log's head, all its tiles being written; raises ``CannotWrite``."""
        target = self.path / CHECKPOINT_PATH
        part: Path | None = None
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._sweep(self.path)
            part = _stage(target, checkpoint)
            sync(part)
            part.replace(target)
            sync(self.path)
        except OSError as error:
            raise CannotWrite(f"{target}: could not write the checkpoint: {error.strerror or error}") from error
        finally:
            if part is not None:
                part.unlink(missing_ok=True)
        for full in self._filled:
            shutil.rmtree(full.with_name(f"{full.name}.p"), ignore_errors=True)
        self._filled.clear()

    def _sweep(self, folder: Path) -> None:
        """Take away, once, what a writer that was killed has left there half-written: there is one writer at a time."""
        if folder not in self._swept:
            for left in folder.glob(".*.part"):
                left.unlink(missing_ok=True)
            self._swept.add(folder)

    def _holds(self, target: Path, content: bytes) -> bool:
        try:
            there = target.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return False
        if there != content:
            raise TileConflict(f"{target}: other bytes are to be written than are there")
        return True


def _stage(target: Path, content: bytes) -> Path:
    """Write into a temporary name beside the target; readable by all, as a log's files are."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(file.fileno(), 0o644)
        file.write(content)
    return Path(name)
