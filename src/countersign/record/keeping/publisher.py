"""Publishing while entries come in: a thread that signs a checkpoint soon after each batch of appends.

An append is acknowledged when it is durable; its tiles and checkpoint follow at most ``period`` seconds after the last
ones, and whoever needs the published head can wait for it. A program that appends once calls ``Log.publish`` itself.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from countersign.record.keeping.log import Log


@dataclass(slots=True)
class Publisher:
    """A thread that publishes a log at most ``period`` seconds after an append, while it is running (``with``).

    What fails is kept in ``failure`` and tried again; ``wait_for`` raises it.
    """

    log: Log
    period: float = 0.5
    failure: Exception | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _published: threading.Condition = field(default_factory=threading.Condition)
    _size: int = 0
    _thread: threading.Thread | None = None

    def __enter__(self) -> Publisher:
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def wait_for(self, index: int, timeout: float = 30.0) -> None:
        """Wait until the entry at ``index`` is under a published checkpoint. Raises what kept it from that."""
        with self._published:
            if not self._published.wait_for(lambda: self._size > index or self.failure is not None, timeout):
                raise TimeoutError(f"entry {index} was not published within {timeout} s")
            if self._size <= index and self.failure is not None:
                raise self.failure

    def _run(self) -> None:
        while True:
            last = self._stop.wait(self.period)
            try:
                signed = self.log.publish() if self.log.sequencer.size() > self._size else None
                failure = None
            except Exception as error:  # noqa: BLE001 - kept for whoever waits, and tried again
                signed, failure = None, error
            with self._published:
                self.failure = failure
                if signed is not None:
                    self._size = signed.checkpoint.size
                self._published.notify_all()
            if last:
                return
