"""A witness's own process: what it must never forget, and its answers over HTTP.

The checkpoint cosigned last for each log stands in one SQLite file. Comparing and keeping are one transaction that
holds the write lock from its beginning, synced before the answer goes out, so that of two requests at once one sees the
other's result. A store is made once, on purpose: a witness that finds none stops, for without its memory it could be
brought to sign a second history.

``POST /add-checkpoint`` is answered in threads, on the loopback address unless the operator names another. Connections
at once, the bytes of a request and the time of a connection are limited. Stopping lets answers under way finish.
Nothing is logged but refusals by their status. What is answered is decided in ``witness``.

>>> import tempfile
>>> from pathlib import Path
>>> from countersign.record.tlog.checkpoint import Note, NoteSignature
>>> from countersign.record.tlog.merkle import EMPTY_ROOT
>>> head = Checkpoint("log.example/1", 0, EMPTY_ROOT)
>>> store = WitnessStore.create(Path(tempfile.mkdtemp()) / "witness.db")
>>> store.advance(SignedCheckpoint(head, Note(head.render(), (NoteSignature("a", b"1234", b"5"),))), print)
None
>>> store.latest("log.example/1").checkpoint == head
True
>>> store.close()
"""

from __future__ import annotations

import io
import sqlite3
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

from countersign.errors import EvidenceWrong, NotAllowed, NotReached, WrongForm
from countersign.record.outside.witness import MAXIMUM_REQUEST_BYTES, TEXT_TYPE, Answer
from countersign.record.store.sqlitefile import SqliteForm, SqliteStore
from countersign.record.tlog.checkpoint import Checkpoint, SignedCheckpoint
from countersign.record.tlog.encoding import TextMalformed, parse_decimal
from countersign.serving import BoundedServer, Incoming

_TABLES = """
create table latest (origin text primary key, note blob not null) strict;
create table evidence (origin text, size integer, root blob, reason text not null, note blob not null,
    primary key (origin, size, root)) strict;
"""


class WitnessStateMissing(
    NotReached,
    next_step="Find the store; if it is lost, retire this witness's key and make a new witness (countersign witness "
    "new).",
):
    """The witness's store cannot be opened or written."""


class WitnessStateExists(
    NotAllowed, next_step="Serve from the directory as it is, or name another one for a new witness."
):
    """A witness's store is there already and is not made anew."""


class WitnessStateDamaged(
    EvidenceWrong, next_step="Do not serve from it: retire this witness's key and make a new witness."
):
    """The witness's store is not one, or holds what it cannot hold."""


class WitnessStore(SqliteStore):
    """The checkpoint cosigned last for each log, and refused ones as evidence; errors as in ``form``."""

    form = SqliteForm(
        "witness's store", ("user_version", 1), _TABLES, WitnessStateMissing, WitnessStateExists, WitnessStateDamaged
    )

    def advance(self, signed: SignedCheckpoint, check: Callable[[Checkpoint | None], None]) -> None:
        """In one durable step: ``check`` the last checkpoint of this origin, then keep ``signed`` (see ``witness``)."""
        origin = signed.checkpoint.origin
        with self._writing() as connection:
            latest = self._read(connection, origin)
            check(None if latest is None else latest.checkpoint)
            connection.execute("insert or replace into latest values (?, ?)", (origin, signed.render()))

    def keep_evidence(self, signed: SignedCheckpoint, reason: str) -> None:
        """Keep a refused checkpoint that its log has signed, once for each size and root."""
        head = signed.checkpoint
        with self._writing() as connection:
            connection.execute(
                "insert or ignore into evidence values (?, ?, ?, ?, ?)",
                (head.origin, head.size, head.root, reason, signed.render()),
            )

    def latest(self, origin: str) -> SignedCheckpoint | None:
        """The checkpoint cosigned last for this origin, as it was sent."""
        with self._using() as connection:
            return self._read(connection, origin)

    def all_latest(self) -> list[SignedCheckpoint]:
        """The checkpoints cosigned last, of all logs."""
        with self._using() as connection:
            rows = connection.execute("select origin from latest order by origin").fetchall()
            return [found for (origin,) in rows if (found := self._read(connection, origin)) is not None]

    def evidence(self) -> list[tuple[str, SignedCheckpoint]]:
        """Refused checkpoints that their logs have signed, each with the code of the reason."""
        with self._using() as connection:
            rows = connection.execute("select reason, note from evidence order by origin, size, root").fetchall()
        return [(reason, SignedCheckpoint.parse(note)) for reason, note in rows]

    def _read(self, connection: sqlite3.Connection, origin: str) -> SignedCheckpoint | None:
        row = connection.execute("select note from latest where origin = ?", (origin,)).fetchone()
        try:
            return None if row is None else SignedCheckpoint.parse(row[0])
        except WrongForm as error:
            raise WitnessStateDamaged(f"{self._path}: {origin}: {error}") from None


PATH = "/add-checkpoint"
#: A connection on which nothing comes for this long is closed; so stopping takes no longer than this.
IDLE_SECONDS = 5
#: A connection is closed after this long, however busy or slow, and one more request is not waited for.
CONNECTION_SECONDS = 60.0
#: The most bytes that the head of a request may have.
MAXIMUM_HEAD_BYTES = 16 * 1024
#: Connections at once; those beyond are closed.
MOST_CONNECTIONS = 128


class CannotListen(NotReached, next_step="Name another port, or stop the program that listens there."):
    """The address cannot be listened on."""


class WitnessServer(BoundedServer):
    """Serves ``answer`` (bytes of a request in, an answer out) until ``shutdown`` is called from another thread."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(self, answer: Callable[[bytes], Answer], host: str, port: int) -> None:
        self.answer = answer
        self.stopping = False
        try:
            super().__init__((host, port), _Handler, MOST_CONNECTIONS)
        except OSError as error:
            raise CannotListen(f"{host}:{port}: {error.strerror or error}") from None

    @property
    def address(self) -> str:
        """The address to give to those who ask for cosignatures: the submission prefix."""
        host, port = self.server_address[:2]
        return f"http://{host if isinstance(host, str) else host.decode()}:{port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away or was too slow is no matter; of anything else the log gets its kind alone."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError | TimeoutError):
            sys.stderr.write(f"a request could not be answered: {type(error).__name__}\n")

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
    rfile: io.BufferedReader
    error_content_type = TEXT_TYPE
    error_message_format = "%(message)s\n"

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self._incoming = Incoming(self.connection, CONNECTION_SECONDS, idle=IDLE_SECONDS)
        self.rfile = io.BufferedReader(self._incoming)

    def handle_one_request(self) -> None:
        self._incoming.left = MAXIMUM_HEAD_BYTES
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def do_POST(self) -> None:
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
        self._incoming.left = length
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
        if str(code) != "200":
            self.log_message("%s", code)
