"""A small HTTP server that answers this machine alone, and browsers on its own page alone.

==========================  ==========================================================================
a name that points here     the Host header must be this address (DNS rebinding)
another site's form         Origin, Sec-Fetch-Site and a token of this run that stands in the form
a slow or stuck sender      a time for the head, one for the form, few connections at once
a large or endless body     its length must be stated, and is refused above the limit
a page put into a frame     policies of each answer: no script, no frame, nothing from elsewhere
a report of hostile text    its own policy: a sandbox, without script, without an origin
others on this machine      every address begins with a secret of this run, which only its printed address has
==========================  ==========================================================================

Each connection carries one request. Nothing is logged, nothing may be cached.
"""

from __future__ import annotations

import hmac
import io
import secrets
import signal
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from countersign.errors import CountersignError, NotAllowed, NotReached, WrongForm
from countersign.loopback import pages
from countersign.loopback.multipart import PIECE, FormMalformed, boundary_of, read_form
from countersign.loopback.pages import PREFIX, Shelf, type_of
from countersign.loopback.reading import COLUMNS, POLICY, Asked
from countersign.loopback.readings import GIVEN, House, NoRoom, Occupied, Reading, Readings, safe_name
from countersign.record.tlog.encoding import TextMalformed, parse_decimal
from countersign.serving import BoundedServer, Incoming
from countersign.words.lists import capital

LOOPBACK = "127.0.0.1"
#: The largest file taken, in bytes. The Met's whole record is under 1 MB.
LARGEST_GIVEN = 32 * 1024**2
#: What a form may hold beside its file.
_BESIDE_FILE = 512 * 1024
LONGEST_FIELD = 200
LARGEST_BESIDE = 128 * 1024
#: Seconds for the head of a request, for a whole form, and for a browser to take a piece of an answer.
HEAD_SECONDS, FORM_SECONDS, SEND_SECONDS = 10.0, 60.0, 30.0
#: Connections at once; those beyond are closed.
MOST_CONNECTIONS = 32
#: An answer under way says something at least this often, in seconds.
BREATH = 5.0
#: What is read past, in bytes, so that a browser gets to see why its form was refused.
_MOST_DRAINED = 1024**3

_SEALED = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
_OF_REPORT = _SEALED + "style-src 'unsafe-inline'; form-action 'none'; sandbox allow-popups"
_OF_SAVED = _SEALED + "form-action 'none'"
_OF_SHELF = _SEALED + "style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'none'"


class CannotOpen(
    NotReached,
    code="open-cannot-listen",
    next_step="Name another port with --port, or leave it out to take a free one.",
):
    """The page cannot be served at the port asked for."""


class FormRefused(
    NotAllowed,
    code="open-form-refused",
    next_step="Open the address that `countersign open` printed, and give the file there.",
):
    """A request comes from elsewhere than this page: another site, another name, or an earlier run of the program."""


class NotHere(NotReached, code="open-not-here", next_step="Reports are held for a while only: give the file again."):
    """There is nothing at an address, or not any longer."""


class GivenTooLarge(
    WrongForm,
    code="open-too-large",
    next_step="Give a part of it; or read it on the command line, which takes up to 100 MB: countersign review FILE.",
):
    """A file given to the page is larger than the page takes."""


_STATUS = {GivenTooLarge: 413, FormRefused: 403, Occupied: 409, NotHere: 404, NoRoom: 503}


class Door(BoundedServer):
    """Serves the page on the loopback address until ``shutdown``; ``token`` is that of this run."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 2 * MOST_CONNECTIONS

    def __init__(
        self,
        readings: Readings,
        port: int,
        *,
        shelf: Shelf | None = None,
        form_seconds: float = FORM_SECONDS,
        head_seconds: float = HEAD_SECONDS,
    ) -> None:
        self.readings, self.shelf = readings, shelf
        self.form_seconds, self.head_seconds = form_seconds, head_seconds
        self.token = secrets.token_urlsafe(32)
        #: What every path begins with; without it nobody gets, gives or forgets anything.
        self.home = f"/{secrets.token_urlsafe(32)}/"
        self.last_asked = time.monotonic()
        try:
            super().__init__((LOOPBACK, port), _Handler, MOST_CONNECTIONS)
        except (OSError, OverflowError) as error:
            raise CannotOpen(f"{LOOPBACK}:{port}: {getattr(error, 'strerror', None) or error}") from None

    @property
    def address(self) -> str:
        """Where the page is, with the secret of this run."""
        return f"http://{LOOPBACK}:{self.server_address[1]}{self.home}"

    @property
    def hosts(self) -> frozenset[str]:
        """What a request may name as its host."""
        port = int(self.server_address[1])
        names = {f"{name}:{port}" for name in (LOOPBACK, "localhost")}
        return frozenset(names | ({LOOPBACK, "localhost"} if port == 80 else set()))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that went away is no matter, and nothing is logged."""


class _Handler(BaseHTTPRequestHandler):
    server: Door
    server_version = "countersign"
    sys_version = ""
    rfile: io.BufferedReader

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self._incoming = Incoming(self.connection, self.server.head_seconds)
        self.rfile = io.BufferedReader(self._incoming, PIECE)
        self._left = 0
        self._home: str | None = None

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def _answer(self, act: Any) -> None:
        self.server.last_asked = time.monotonic()
        try:
            if self.headers.get_all("Host", []) not in [[host] for host in self.server.hosts]:
                raise FormRefused("this request names another host")
            act(self._path_below_home())
        except CountersignError as error:
            self._drain()
            self._refuse(_STATUS.get(type(error), 400), str(error), error.next_step, error.code)
        except (ConnectionError, TimeoutError):
            self.close_connection = True
        except Exception as error:  # noqa: BLE001 - a defect is reported as one; its text may hold what a file holds
            self._refuse(500, f"A defect in the program ({type(error).__name__})", "Please report it.", "defect")

    def _path_below_home(self) -> str:
        home = self.server.home
        given, path = self.path[: len(home)], self.path[len(home) :]
        if not hmac.compare_digest(given.encode(), home.encode()):
            raise FormRefused("this address lacks the secret of this run, or has that of an earlier one")
        self._home = home
        return path

    def _get(self, path: str) -> None:
        if path == "":
            nonce = secrets.token_urlsafe(16)
            beside = () if self.server.shelf is None else self.server.shelf.entrances()
            self._send_page(200, nonce, pages.start(nonce, self.server.home, self.server.token, LARGEST_GIVEN, beside))
        elif path.startswith(PREFIX) and self.server.shelf is not None:
            file = self.server.shelf.find(path)
            if file is None:
                raise NotHere("there is nothing at this address")
            self._send(200, file[0].read_bytes(), file[1], _OF_SHELF)
        elif path.startswith("answer/"):
            self._get_answer(*path.split("/")[1:])
        else:
            raise NotHere("there is nothing at this address")

    def _get_answer(self, name: str, *rest: str) -> None:
        reading = self.server.readings.find(name)
        if reading is None:
            raise NotHere("this report is not held any longer")
        match rest:
            case ():
                self._tell(reading)
            case ("review.html" | "evidence.html" as page,) if page in reading.files:
                self._send(200, reading.files[page], type_of(page), _OF_REPORT)
            case ("save", file) if file in reading.files:
                kept = {"Content-Disposition": f'attachment; filename="{file}"'}
                self._send(200, reading.files[file], type_of(file), _OF_SAVED, kept)
            case _:
                raise NotHere("there is nothing at this address")

    def _tell(self, reading: Reading) -> None:
        nonce = secrets.token_urlsafe(16)
        before, after = pages.answer(nonce, self.server.home, reading.name)
        self._head(200, "text/html; charset=utf-8", _of_page(nonce))
        self.wfile.write(before)
        for text in reading.follow(BREATH):
            self.wfile.write(pages.note(text) if text else b"\n")
            self.server.last_asked = time.monotonic()
        assert reading.outcome is not None
        home = self.server.home
        names = tuple(reading.files)
        said = pages.outcome(reading.outcome, home, f"{home}answer/{reading.id}", self.server.token, names)
        self.wfile.write(said + after)

    def _post(self, path: str) -> None:
        self._incoming.allow(self.server.form_seconds)
        self._left = self._stated_length()
        origins = self.headers.get_all("Origin", [])
        if any(origin not in {f"http://{host}" for host in self.server.hosts} for origin in origins):
            raise FormRefused("this form comes from another site")
        if any(site != "same-origin" for site in self.headers.get_all("Sec-Fetch-Site", [])):
            raise FormRefused("this form comes from another site")
        if path == "read":
            self._see(f"{self.server.home}answer/{self._take_file().id}")
        elif path == "forget":
            if self._left > 4 * LONGEST_FIELD:
                raise FormMalformed("the form is too long")
            fields = parse_qs(self._read(self._left).decode("ascii", "replace"), max_num_fields=2)
            self._check(fields.get("token", [""])[0])
            self.server.readings.forget(fields.get("id", [""])[0])
            self._see(self.server.home)
        else:
            raise NotHere("there is nothing at this address")

    def _stated_length(self) -> int:
        lengths = self.headers.get_all("Content-Length", [])
        stated = lengths[0] if len(lengths) == 1 and "Transfer-Encoding" not in self.headers else ""
        try:
            return parse_decimal(stated)
        except TextMalformed:
            raise FormMalformed("the length of what is sent is not stated") from None

    def _take_file(self) -> Reading:
        if self._left > LARGEST_GIVEN + _BESIDE_FILE:
            raise GivenTooLarge(f"the file is larger than {LARGEST_GIVEN // 1024**2} MB")
        boundary = boundary_of(self.headers.get("Content-Type", ""))
        parts = read_form(self._read, self._left, boundary)
        token = next(parts, None)
        if token is None or token.name != "token":
            raise FormRefused("this form does not come from this page")
        self._check(token.whole(LONGEST_FIELD).decode("ascii", "replace"))
        with self.server.readings.place() as (room, stack):
            name, fields, beside = "", {}, list[str]()
            for part in parts:
                match part.name:
                    case "file" if part.file and not name:
                        name = safe_name(part.file)
                        _keep(room / GIVEN / name, part.content, LARGEST_GIVEN)
                    case other if other in (POLICY, COLUMNS) and part.file is not None and other not in beside:
                        if content := part.whole(LARGEST_BESIDE):
                            beside.append(other)
                            _keep(room / other, [content], LARGEST_BESIDE)
                    case "deployment" if "deployment" not in fields:
                        fields["deployment"] = part.whole(LONGEST_FIELD).decode("utf-8", "replace").strip()
                    case "file" if not part.file:
                        raise FormMalformed("no file was given")
                    case _:
                        raise FormMalformed("the form has a field that this page has not, or one twice")
            if not name:
                raise FormMalformed("no file was given")
            asked = Asked(name, tuple(beside), fields.get("deployment") or None)
            return self.server.readings.start(asked, room, stack)

    def _check(self, token: str) -> None:
        if not hmac.compare_digest(token.encode(), self.server.token.encode()):
            raise FormRefused("this form comes from elsewhere, or from an earlier run of the program")

    def _read(self, most: int) -> bytes:
        try:
            piece = self.rfile.read1(most)
        except TimeoutError:
            self._left = 0
            seconds = self.server.form_seconds
            raise FormMalformed(f"the form took longer than {seconds:,.0f} seconds to come in") from None
        self._left -= len(piece)
        return piece

    def _drain(self) -> None:
        left = min(self._left, _MOST_DRAINED)
        try:
            while left > 0 and (piece := self.rfile.read1(min(PIECE, left))):
                left -= len(piece)
        except (TimeoutError, ConnectionError):
            self.close_connection = True

    def _see(self, where: str) -> None:
        self._send(303, b"", "text/plain", _SEALED, {"Location": where})

    def _refuse(self, status: int, message: str, next_step: str, code: str) -> None:
        nonce = secrets.token_urlsafe(16)
        self._send_page(status, nonce, pages.refusal(nonce, self._home, capital(message), next_step, code))

    def _send_page(self, status: int, nonce: str, page: bytes) -> None:
        self._send(status, page, "text/html; charset=utf-8", _of_page(nonce))

    def _send(self, status: int, body: bytes, kind: str, policy: str, more: Mapping[str, str] | None = None) -> None:
        self._head(status, kind, policy, {"Content-Length": str(len(body)), **(more or {})})
        self.wfile.write(body)

    def _head(self, status: int, kind: str, policy: str, more: Mapping[str, str] | None = None) -> None:
        self.connection.settimeout(SEND_SECONDS)
        self.close_connection = True
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            # Not "no-referrer": with that a browser would state no origin for the page's own forms.
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Connection": "close",
        }
        for name, value in (headers | dict(more or {})).items():
            self.send_header(name, value)
        self.end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the library refuses (a method, a head too long) is answered by a page like all else."""
        self.request_version = "HTTP/1.0"
        self._refuse(code, "This request is not one that the page answers", NotHere.next_step, NotHere.code)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged."""


def _of_page(nonce: str) -> str:
    return f"{_SEALED}style-src 'nonce-{nonce}'; img-src data:; form-action 'self'"


def _keep(path: Path, pieces: Any, limit: int) -> None:
    written = 0
    try:
        with path.open("xb") as file:
            for piece in pieces:
                written += len(piece)
                if written > limit:
                    raise GivenTooLarge(f"the file is larger than {limit // 1024**2} MB")
                file.write(piece)
    except OSError as error:
        raise NoRoom(f"the file could not be kept for reading: {error.strerror or error}") from None


#: The program ends by itself after this many seconds without a request.
IDLE_SECONDS = 3600.0
_TICK = 0.5


def serve(port: int, opened: Callable[[str], None], *, beside: Path | None = None, idle: float = IDLE_SECONDS) -> str:
    """Serve the page, and files ``beside`` it, from the main thread, until Ctrl-C, SIGTERM, SIGHUP or ``idle`` seconds
    without a request; why it ended. ``opened`` gets its address. Raises ``CannotOpen`` and ``NoRoom``."""
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
                return _until_idle(door, stop, idle)
            finally:
                door.shutdown()
                thread.join()
    finally:
        readings.stop()
        for name, handler in previous.items():
            signal.signal(getattr(signal, name), handler)


def _until_idle(door: Door, stop: threading.Event, idle: float) -> str:
    while not stop.wait(_TICK):
        door.readings.tidy()
        if not door.readings.busy and time.monotonic() - door.last_asked >= idle:
            return f"nobody asked for anything for {idle / 60:,.0f} minutes"
    return "stopped"
