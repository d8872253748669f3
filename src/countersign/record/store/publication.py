"""Publishing a log: tiles first and synced, then the second place, then the store's own head, then the checkpoint.

A reader never sees a checkpoint whose tiles are not there yet, nor part of a file: each file comes by an atomic rename.
Tiles are immutable: one that is there with the same bytes is left, with others it is refused. Partial tiles go once the
full one is there and a checkpoint beyond it is published, as C2SP tlog-tiles allows.

The second place keeps the last signed checkpoint on another disk, written *before* it is published: a log restored from
an old backup does not know what it has signed since. A log whose second place is gone does not sign. Before signing,
the three copies of the last head are compared by counting the tree again from the store's own entries: a crash heals by
itself, and an old backup refuses to sign (``HistoryConflict``). Callers hold ``Sequencer.publishing``, and the log's
lock.

>>> import tempfile
>>> directory = TileDirectory(Path(tempfile.mkdtemp()) / "log")
>>> directory.write({"tile/0/000.p/1": bytes(32)})
>>> directory.write({"tile/0/000.p/1": bytes(31) + b"x"})  # doctest: +ELLIPSIS
Traceback (most recent call last):
    ...
countersign.record.store.publication.TileConflict: .../log/tile/0/000.p/1: other bytes are to be written than are there
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from countersign.errors import EvidenceWrong, NotAllowed, NotReached
from countersign.output import CannotWrite, sync, write_whole
from countersign.record.store.sequencer import BATCH, Sequencer
from countersign.record.tlog.checkpoint import Checkpoint, NoteSigner, SignedCheckpoint, sign_checkpoint, verify_note
from countersign.record.tlog.tiles import CHECKPOINT_PATH, DirectorySource, TileBuilder, TileMalformed, TileMissing

_SYNCS_AT_ONCE = 8


class TileConflict(
    EvidenceWrong,
    next_step="Stop the log; compare its store with its last signed checkpoint, and restore the one that belongs to "
    "it.",
):
    """A file of the log that never changes would have to change: two histories meet in one directory."""


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
        """Write tiles by path, on the disk when this returns. Raises ``TileConflict`` or ``CannotWrite``."""
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
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(file.fileno(), 0o644)
        file.write(content)
    return Path(name)


_EMPTY = b"countersign second place: nothing signed yet\n"


class SecondPlaceMissing(
    NotReached,
    next_step="Bring it back (mount the disk or share); if it is lost for good, ask the witnesses for the last "
    "checkpoint they cosigned and put that note there.",
):
    """The second place cannot be read, so nothing may be signed."""


class SecondPlaceExists(NotAllowed, next_step="Name another file for the new log."):
    """There is a second place already; a new log needs one of its own."""


class HistoryConflict(
    EvidenceWrong,
    next_step="Do not sign: the store was probably restored from an old backup. Restore one that holds every entry up "
    "to the checkpoint named, for example from the published tiles (`countersign record restore`).",
):
    """The log's store and the checkpoint signed last do not belong to one history: signing would fork the log."""


@dataclass(frozen=True, slots=True)
class SecondPlace:
    """A file that holds the last signed note, or says that there is none yet."""

    path: Path

    @classmethod
    def create(cls, path: Path) -> SecondPlace:
        """Make the place for a new log; raises ``SecondPlaceExists`` or ``CannotWrite``."""
        if path.exists() or path.is_symlink():
            raise SecondPlaceExists(f"{path}: there is a file already")
        write_whole(path, _EMPTY)
        return cls(path)

    def read(self) -> bytes | None:
        """The note signed last, or ``None`` before the first; raises ``SecondPlaceMissing``."""
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise SecondPlaceMissing(f"{self.path}: {error.strerror or error}") from None
        return None if data == _EMPTY else data

    def keep(self, note: bytes) -> None:
        """Keep the note, whole and synced, behind a link too; raises ``CannotWrite`` or ``SecondPlaceMissing``."""
        try:
            target = self.path.resolve(strict=True)
        except (OSError, RuntimeError) as error:
            raise SecondPlaceMissing(f"{self.path}: {getattr(error, 'strerror', None) or error}") from None
        write_whole(target, note)


class Publication:
    """What signs and writes one log's heads; keeps the right edge of the tree from one publication to the next."""

    def __init__(self, sequencer: Sequencer, tiles: TileDirectory, second: SecondPlace) -> None:
        self.sequencer, self.tiles, self.second = sequencer, tiles, second
        self._builder: TileBuilder | None = None

    def head(self) -> SignedCheckpoint | None:
        """The head signed last, as the store has it."""
        note = self.sequencer.head()
        return None if note is None else SignedCheckpoint.parse(note)

    def publish(self, signer: NoteSigner) -> SignedCheckpoint | None:
        """See ``Log.publish``."""
        try:
            return self._publish(signer)
        except BaseException:
            self._builder = None
            raise

    def keep_cosigned(self, signed: SignedCheckpoint) -> None:
        """See ``Log.keep_cosigned``."""
        head = self.head()
        if head is None or head.checkpoint != signed.checkpoint:
            size = signed.checkpoint.size
            raise HistoryConflict(f"the cosigned checkpoint of {size} entries is not the log's head any more")
        kept = self.second.read()
        if kept is None or SignedCheckpoint.parse(kept).checkpoint != head.checkpoint:
            # An old store must not take the second place back with it, or it could sign again from there.
            size = head.checkpoint.size
            raise HistoryConflict(f"the store's head has {size} entries, the second place knows of another")
        note = head.note.adding(*signed.note.signatures).render()
        self.second.keep(note)
        self.sequencer.keep_head(note)
        self.tiles.publish(note)

    def _publish(self, signer: NoteSigner) -> SignedCheckpoint | None:
        size = self.sequencer.size()
        head = self._agreed_head(signer, size)
        there = (self.tiles.path / CHECKPOINT_PATH).exists()
        if self._builder is None or head is None or not there or self._builder.size != head.checkpoint.size:
            self._builder = self._build(head, there)
        builder = self._builder
        if size == 0:
            return None
        if head is not None and head.checkpoint.size == size:
            self.tiles.write(builder.partial_files())
            self.tiles.publish(head.render())
            return head
        for start in range(builder.size, size, BATCH):
            self.tiles.write(builder.extend(self.sequencer.read(start, min(start + BATCH, size))))
        self.tiles.write(builder.partial_files())
        signed = sign_checkpoint(Checkpoint(signer.name, size, builder.root()), signer)
        self.second.keep(signed.render())
        self.sequencer.keep_head(signed.render())
        self.tiles.publish(signed.render())
        return signed

    def _agreed_head(self, signer: NoteSigner, size: int) -> SignedCheckpoint | None:
        """The last head, where store and second place agree or the store can be shown to have grown into it."""
        second, own = (
            None if note is None else SignedCheckpoint.parse(note)
            for note in (self.second.read(), self.sequencer.head())
        )
        if second is None:
            if own is not None:
                has = f"the store has signed for {own.checkpoint.size} entries"
                raise HistoryConflict(f"{has}; the second place knows of no checkpoint")
            return None
        verify_note(second.note, [signer.key])
        last = second.checkpoint
        hold_to_size(last, size)
        if own is not None and own.checkpoint == last:
            return second
        if own is not None and own.checkpoint.size > last.size:
            has = f"the store has signed for {own.checkpoint.size} entries"
            raise HistoryConflict(f"{has}, but the second place for {last.size}")
        if self._root_of(last.size) != last.root:
            first = f"the first {last.size} entries of the store"
            raise HistoryConflict(f"{first} are not those of the checkpoint signed last")
        self.sequencer.keep_head(second.render())
        return second

    def _root_of(self, size: int) -> bytes:
        builder = TileBuilder()
        for start in range(0, size, BATCH):
            builder.extend(self.sequencer.read(start, min(start + BATCH, size)))
        return builder.root()

    def _build(self, head: SignedCheckpoint | None, there: bool) -> TileBuilder:
        if head is None:
            return TileBuilder()
        size = head.checkpoint.size
        if there:
            try:
                builder = TileBuilder.load(self.tiles.source, size)
                if builder.root() == head.checkpoint.root:
                    return builder
            except (TileMissing, TileMalformed):
                pass
        builder = TileBuilder()
        for start in range(0, size, BATCH):
            self.tiles.write(builder.extend(self.sequencer.read(start, min(start + BATCH, size))))
        if builder.root() != head.checkpoint.root:
            raise HistoryConflict(f"the first {size} entries of the store are not those of the checkpoint signed last")
        return builder


def hold_to_size(last: Checkpoint, size: int) -> None:
    """Raises ``HistoryConflict`` for a store that has fewer entries than the checkpoint signed last."""
    if last.size > size:
        has = f"the store has only {size}: entries are missing"
        raise HistoryConflict(f"a checkpoint of {last.size} entries was signed, but {has}")
