"""What the command line takes from outside itself: the clock, fresh random bytes, and the scrypt cost of key files.

Every command asks here, and nowhere else. A rehearsal (``countersign.rehearse``) puts others in their place, so that a
made-up life comes out the same to the byte; it does so within its own process, by ``surrounded``, and no option, file
or environment variable can. What a thread needs it takes before it starts: a new thread has the ordinary surroundings.

>>> import itertools
>>> counter = itertools.count()
>>> still = Surroundings(
...     now=lambda: datetime.datetime(2026, 3, 7, 10, tzinfo=datetime.UTC),
...     random_bytes=lambda count: bytes([next(counter)] * count), key_cost=10,
... )
>>> with surrounded(still):
...     current().time_text(), current().random_bytes(2), current().random_bytes(2)
('2026-03-07T10:00:00Z', b'\\x00\\x00', b'\\x01\\x01')
>>> current() is REAL
True
"""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A clock (with zone), fresh bytes, and the cost of key files as a power of two (``None``: the usual one)."""

    now: Callable[[], datetime.datetime]
    random_bytes: Callable[[int], bytes]
    key_cost: int | None = None

    def time_text(self) -> str:
        """The moment as entries have it: UTC, to the second."""
        return self.now().astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def unix_seconds(self) -> int:
        """The moment in whole seconds since 1970."""
        return int(self.now().timestamp())


#: What the names of a rehearsal's log, keys and witness begin with: a name that can be nobody's (RFC 6761).
REHEARSAL = "rehearsal.invalid"
#: What is said before all else of what comes from a rehearsal.
REHEARSED = "A rehearsal: made up from beginning to end. Nothing in it happened, and it is no evidence of anything."
#: What stands on every figure that comes of a scenario.
ASSUMED = "assumed, not measured"
#: The machine's own clock and the system's random bytes.
REAL = Surroundings(lambda: datetime.datetime.now(datetime.UTC), secrets.token_bytes)
_CURRENT: ContextVar[Surroundings] = ContextVar("surroundings", default=REAL)


def rehearsed(name: str) -> bool:
    """Whether a log, a key or a witness of this name belongs to a rehearsal.

    >>> rehearsed("rehearsal.invalid/force-a"), rehearsed("log.example/force-a")
    (True, False)
    """
    return name.startswith(f"{REHEARSAL}/")


def current() -> Surroundings:
    """The surroundings of whatever runs now."""
    return _CURRENT.get()


@contextmanager
def surrounded(others: Surroundings) -> Iterator[None]:
    """Within, commands called in this process take clock and bytes from ``others``."""
    before = _CURRENT.set(others)
    try:
        yield
    finally:
        _CURRENT.reset(before)
