"""The second place: where the last signed checkpoint is kept apart from the log, so that no restored backup forks it.

A log restored from an old backup does not know what it has signed since; signing again from there would make a second
history. So the note signed last is written here, on another disk or host share, *before* it is published, and compared
before anything is signed again. The place is made once, on purpose; a log whose second place is gone does not sign.

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
        if path.exists():
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
        """Keep the note about to be published, whole and synced; raises ``CannotWrite``."""
        write_whole(self.path, note)
