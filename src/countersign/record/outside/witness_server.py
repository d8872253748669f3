"""The witness's door over HTTP: ``POST /add-checkpoint``, on the loopback address unless its operator names another.

Requests are answered in threads, connections are kept alive, a request longer than a checkpoint can be is refused
unread. Stopping lets answers under way finish. What is answered is decided in ``witness``; nothing is logged but
refusals by their status.

>>> from countersign.record.outside.witness import Answer
>>> server = WitnessServer(lambda data: Answer(200, "text/plain", data), "127.0.0.1", 0)
>>> server.address.startswith("http://127.0.0.1:")
True
>>> server.server_close()
"""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from countersign.errors import NotReached
from countersign.record.outside.witness import MAXIMUM_REQUEST_BYTES, TEXT_TYPE, Answer
from countersign.record.outside.witness_store import WitnessStateMissing
from countersign.record.tlog.encoding import TextMalformed, parse_decimal

PATH = "/add-checkpoint"
#: A connection on which nothing comes for this long is closed; so stopping takes no longer than this.
IDLE_SECONDS = 5


class CannotListen(NotReached):
    """The address cannot be listened on."""

    code = "cannot-listen"
    next_step = "Name another port, or stop the program that listens there."


class WitnessServer(ThreadingHTTPServer):
    """Serves ``answer`` (bytes of a request in, an answer out) until ``shutdown`` is called from another thread."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(self, answer: Callable[[bytes], Answer], host: str, port: int) -> None:
        self.answer = answer
        self.stopping = False
        try:
            super().__init__((host, port), _Handler)
        except OSError as error:
            raise CannotListen(f"{host}:{port}: {error.strerror or error}") from None

    @property
    def address(self) -> str:
        """The address to give to those who ask for cosignatures: the submission prefix."""
        host, port = self.server_address[:2]
        return f"http://{host if isinstance(host, str) else host.decode()}:{port}"

    def shutdown(self) -> None:
        """Take no further request; connections close after the answer under way."""
        self.stopping = True
        super().shutdown()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "countersign-witness"
    sys_version = ""
    timeout = IDLE_SECONDS
    server: WitnessServer
    error_content_type = TEXT_TYPE
    error_message_format = "%(message)s\n"

    def do_POST(self) -> None:
        """Answer a request to cosign."""
        if self.path != PATH:
            self._refuse(404, f"there is only POST {PATH} here")
            return
        try:
            length = parse_decimal(self.headers.get("Content-Length", ""))
        except TextMalformed:
            self._refuse(411, "a Content-Length is needed")
            return
        if length > MAXIMUM_REQUEST_BYTES:
            self._refuse(413, f"a request has at most {MAXIMUM_REQUEST_BYTES} bytes")
            return
        data = self.rfile.read(length)
        if len(data) != length:
            self.close_connection = True
            return
        try:
            answer = self.server.answer(data)
        except WitnessStateMissing as error:
            self._refuse(503, str(error))
            return
        self._send(answer)

    def do_GET(self) -> None:
        """There is nothing to read."""
        self._refuse(404, f"there is only POST {PATH} here")

    def _refuse(self, status: int, reason: str) -> None:
        self.close_connection = True
        self._send(Answer(status, TEXT_TYPE, f"{reason}\n".encode()))

    def _send(self, answer: Answer) -> None:
        self.close_connection = self.close_connection or self.server.stopping
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Tell of refusals only."""
        if str(code) != "200":
            self.log_message("%s", code)
