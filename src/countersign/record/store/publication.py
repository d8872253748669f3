"""Publishing a log, and the second place that keeps a restored backup from forking it.

Publishing a log: tiles first and synced, then the second place, then the store's own head, then the checkpoint.

Before signing, the three copies of the last head are compared by counting the tree again from the store's own entries,
so that a crash at any moment heals by itself and a restored old backup refuses to sign (``HistoryConflict``). Whoever
calls holds ``Sequencer.publishing``, and the log's own lock.

The second place: where the last signed checkpoint is kept apart from the log, so that no restored backup forks it.

A log restored from an old backup does not know what it has signed since; signing again from there would make a second
history. So the note signed last is written here, on another disk or host share, *before* it is published, and compared
before anything is signed again. The place is made once, on purpose; a log whose second place is gone does not sign.

>>> hold_to_size(Checkpoint("log.example/1", 2, bytes(32)), 1)
Traceback (most recent call last):
    ...
countersign.record.store.publication.HistoryConflict: a checkpoint of 2 entries was signed, but the store has only 1: \
entries are missing

>>> import tempfile
>>> place = SecondPlace.create(Path(tempfile.mkdtemp()) / "last-checkpoint")
>>> place.read() is None
True
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from countersign.errors import EvidenceWrong, NotAllowed, NotReached
from countersign.output import write_whole
from countersign.record.store.sequencer import BATCH, Sequencer
from countersign.record.store.tilestore import TileDirectory
from countersign.record.tlog.checkpoint import Checkpoint, SignedCheckpoint
from countersign.record.tlog.cosignature import NoteSigner, sign_checkpoint, verify_note
from countersign.record.tlog.tiles import CHECKPOINT_PATH, TileBuilder, TileMalformed, TileMissing

_EMPTY = b"countersign second place: nothing signed yet\n"


class SecondPlaceMissing(NotReached):
    """The second place cannot be read, so nothing may be signed."""

    code = "second-place-missing"
    next_step = (
        "Bring it back (mount the disk or share); if it is lost for good, ask the witnesses for the last checkpoint "
        "they cosigned and put that note there."
    )


class SecondPlaceExists(NotAllowed):
    """There is a second place already; a new log needs one of its own."""

    code = "second-place-exists"
    next_step = "Name another file for the new log."


class HistoryConflict(EvidenceWrong):
    """The log's store and the checkpoint signed last do not belong to one history: signing would fork the log."""

    code = "history-conflict"
    next_step = (
        "Do not sign: the store was probably restored from an old backup. Restore one that holds every entry up to the "
        "checkpoint named, for example from the published tiles (`countersign record restore`)."
    )


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
        """Keep the note about to be published, whole and synced; raises ``CannotWrite`` or ``SecondPlaceMissing``.

        Where the place is a link to another disk, what it points to is written, and the link stays.
        """
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
            raise HistoryConflict(
                f"the cosigned checkpoint of {signed.checkpoint.size} entries is not the log's head any more"
            )
        kept = self.second.read()
        if kept is None or SignedCheckpoint.parse(kept).checkpoint != head.checkpoint:
            # An old store must not take the second place back with it, or it could sign again from there.
            raise HistoryConflict(
                f"the store's head has {head.checkpoint.size} entries, the second place knows of another"
            )
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
                raise HistoryConflict(
                    f"the store has signed for {own.checkpoint.size} entries; the second place knows of no checkpoint"
                )
            return None
        verify_note(second.note, [signer.key])
        last = second.checkpoint
        hold_to_size(last, size)
        if own is not None and own.checkpoint == last:
            return second
        if own is not None and own.checkpoint.size > last.size:
            raise HistoryConflict(
                f"the store has signed for {own.checkpoint.size} entries, but the second place for {last.size}"
            )
        if self._root_of(last.size) != last.root:
            raise HistoryConflict(
                f"the first {last.size} entries of the store are not those of the checkpoint signed last"
            )
        self.sequencer.keep_head(second.render())
        return second

    def _root_of(self, size: int) -> bytes:
        builder = TileBuilder()
        for start in range(0, size, BATCH):
            builder.extend(self.sequencer.read(start, min(start + BATCH, size)))
        return builder.root()

    def _build(self, head: SignedCheckpoint | None, there: bool) -> TileBuilder:
        """The right edge at the head: from the tiles where they are ``there``, else counted again from the store."""
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
        raise HistoryConflict(
            f"a checkpoint of {last.size} entries was signed, but the store has only {size}: entries are missing"
        )
