"""An HTTP server with a bounded number of places, and what comes in on a connection, within its limits.

>>> BoundedServer.__mro__[1].__name__
'ThreadingHTTPServer'
"""

from __future__ import annotations

import io
import math
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class BoundedServer(ThreadingHTTPServer):
    """Answers at most ``most`` connections at once, each in a thread of its own."""

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], most: int) -> None:
        """Listen. Raises ``OSError`` or ``OverflowError`` where the address cannot be had."""
        self._places = threading.BoundedSemaphore(most)
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own, if there is a place for one."""
        if not self._places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and give the place back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()


class Incoming(io.RawIOBase):
    """What comes in: for ``seconds``, silent at most ``idle``, ``left`` bytes at most. Else raises ``TimeoutError``."""

    def __init__(
        self, connection: socket.socket, seconds: float, *, idle: float = math.inf, left: int = sys.maxsize
    ) -> None:
        self._connection, self._idle, self.left = connection, idle, left
        self.allow(seconds)

    def allow(self, seconds: float) -> None:
        """Count the time anew, from now."""
        self._until = time.monotonic() + seconds

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Take what has come, as ``io.RawIOBase`` says."""
        wait = min(self._idle, self._until - time.monotonic())
        if wait <= 0 or self.left <= 0:
            raise TimeoutError
        self._connection.settimeout(wait)
        came = self._connection.recv_into(buffer, min(len(buffer), self.left))
        self.left -= came
        return came
