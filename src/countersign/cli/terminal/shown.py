"""Progress on a terminal: one line on standard error, rewritten in place, shown only for work that takes over a second.

Nothing is written where standard error is no terminal, so logs and pipes stay clean.

>>> with progress_shown() as progress:
...     progress("reading pages", 3, 9)
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from countersign.progress import Progress, silent

#: Work shorter than this shows nothing, in seconds.
PATIENCE = 1.0


@contextmanager
def progress_shown() -> Iterator[Progress]:
    """A ``Progress`` that shows itself on a terminal after ``PATIENCE``, and leaves no trace when it ends."""
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console

    # The stream itself: a rehearsal puts others in its place while a command runs within it.
    console = Console(file=sys.stderr)
    started = time.monotonic()
    status = console.status("")
    shown = False

    def show(doing: str, done: int, of: int | None) -> None:
        nonlocal shown
        status.update(doing if of is None else f"{doing}: {done:,} of {of:,}")
        if not shown and time.monotonic() - started > PATIENCE:
            shown = True
            status.start()

    try:
        yield show
    finally:
        status.stop()
