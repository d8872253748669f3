"""Serving the loopback page until it is stopped, or until an hour has passed without a request."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from countersign.desk.door import Door
from countersign.desk.pages import Shelf
from countersign.desk.readings import House, Readings

#: The program ends by itself after this many seconds without a request.
IDLE_SECONDS = 3600.0
_TICK = 0.5


def serve(port: int, opened: Callable[[str], None], *, beside: Path | None = None, idle: float = IDLE_SECONDS) -> str:
    """Serve the page; ``opened`` is called with its address once it answers. Returns why it ended.

    Call it from the main thread. It ends on Ctrl-C, SIGTERM or SIGHUP, or after ``idle`` seconds without a request.
    ``beside`` is a folder whose files are shown too. Raises ``CannotOpen`` and ``NoRoom``.
    """
    readings = Readings(House.build())
    stop = threading.Event()
    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    previous = {name: signal.signal(getattr(signal, name), lambda *_: stop.set()) for name in names}
    try:
        with Door(readings, port, shelf=None if beside is None else Shelf(beside)) as door:
            thread = threading.Thread(target=door.serve_forever, args=(_TICK,), daemon=True)
            thread.start()
            try:
                opened(door.address)
                return _wait(door, stop, idle)
            finally:
                door.shutdown()
                thread.join()
    finally:
        readings.stop()
        for name, handler in previous.items():
            signal.signal(getattr(signal, name), handler)


def _wait(door: Door, stop: threading.Event, idle: float) -> str:
    while not stop.wait(_TICK):
        door.readings.tidy()
        if not door.readings.busy and time.monotonic() - door.last_asked >= idle:
            return f"nobody asked for anything for {idle / 60:,.0f} minutes"
    return "stopped"
