"""Reading a journal as it grows: each event goes once into the counts that watching keeps, in whatever order it came.

>>> import tempfile
>>> from pathlib import Path
>>> from countersign.events.door.journal import Journal
>>> with Journal.open(Path(tempfile.mkdtemp()) / "journal", "force-a/d-1", "00" * 32) as journal:
...     follower = Follower(journal)
...     follower.catch_up(), follower.catch_up(), follower.seen.events
(True, False, 0)
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from countersign.events.door.journal import Journal
from countersign.events.watch.watched import KINDS, Watched


@dataclass(slots=True)
class Follower:
    """A journal, and what was seen of it so far."""

    journal: Journal
    seen: Watched = field(default_factory=Watched)
    _known: set[tuple[str, int]] = field(default_factory=set)
    _version: int | None = None

    def catch_up(self) -> bool:
        """Take in what is new; ``False`` where nobody has written since the last time."""
        version = self.journal.version()
        if version == self._version:
            return False
        self._version = version
        for kind, body in self.journal.unseen(KINDS, self._known):
            event = msgspec.json.decode(body)
            self.seen.add(kind, event["content"], made_up="stamp" in event)
        return True
