"""One visit to one address: resolved, checked, pinned, asked for once, with caps on size, time and redirects.

The host is resolved here, and the connection goes to the address that was checked, under the host's own name and
certificate. A private address is refused unless the source names it; HTTPS is asked of all others. Redirects are
followed within the host, each kept; no cookie is sent or kept. Every answer is kept as WARC records. A page that asks
for a password, or puts a challenge before the file, is *not served to us*: that is said, and never got round.

>>> Place.of("https://force-a.example/lfr?year=2026").target
'/lfr?year=2026'
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import re
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from warcio.statusandheaders import StatusAndHeadersParser
from warcio.warcwriter import WARCWriter

from countersign.errors import NotAllowed, NotReached
from countersign.published.files import LARGEST_FILE
from countersign.releases.kept import PROGRAM

#: The name by which the program introduces itself; robots.txt may address it.
AGENT = "countersign"
MOST_REDIRECTS = 5
#: Seconds without a sign of life, and for all of an answer.
STALLED, WHOLE = 20.0, 300.0
#: Most bytes of a page that is looked through for links, and of robots.txt.
LARGEST_PAGE = 5 * 1024 * 1024
_PIECE = 1 << 16
_PASSWORD = re.compile(rb"<input[^>]+type\s*=\s*[\"']?password", re.I)
_CHALLENGE = re.compile(
    rb"challenge-platform|cf-chl|g-recaptcha|h-captcha|hcaptcha\.com|<title>\s*(?:just a moment|attention required"
    rb"|access denied|are you a robot|pardon our interruption)",
    re.I,
)


class SourceRefused(
    NotAllowed, next_step="Correct the source in sources.toml if this is what you want; nothing was fetched from there."
):
    """A source asks for what is not done: a private address, another host, plain HTTP, or what robots.txt bars."""


class NotServed(NotReached, next_step="Look at the address in a browser; what was fetched before is kept as it is."):
    """An address could not be had: no answer, a stall, an answer cut short, a login, a challenge, or an error."""


class Place(NamedTuple):
    """An address taken apart: scheme, host, port, and path with query."""

    scheme: str
    host: str
    port: int
    target: str

    @classmethod
    def of(cls, address: str) -> Place:
        """The parts of an address. Raises ``SourceRefused``."""
        try:
            parts = urlsplit(address)
            port = parts.port
        except ValueError:
            raise SourceRefused(f"{address!r} is no address") from None
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.username is not None:
            raise SourceRefused(f"{address!r} is no address of the form https://host/path")
        if any(ord(sign) <= 32 or ord(sign) > 126 for sign in address):
            raise SourceRefused(f"{address!r} has signs that an address cannot have")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80), target)

    @property
    def named(self) -> str:
        """The host, with the port where it is not the usual one."""
        usual = 443 if self.scheme == "https" else 80
        return self.host if self.port == usual else f"{self.host}:{self.port}"


class Answer(NamedTuple):
    """What an address answered in the end: where that was, the bytes, and what it says of their version.
    ``unchanged``: the same as the version that was named."""

    address: str
    content: bytes
    etag: str
    unchanged: bool


Resolve = Callable[[str, int], Sequence[str]]


def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, by the system. Raises ``OSError``."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass
class Visitor:
    """Visits addresses for one source: the private addresses it names, its pauses, and the records of what came.

    ``pause``: seconds between two requests to one host. ``resolve``: how a host's addresses are found.
    """

    private: frozenset[str] = frozenset()
    pause: float = 2.0
    stalled: float = STALLED
    whole: float = WHOLE
    resolve: Resolve = resolved
    records: list[tuple[str, str, bytes, bytes]] = field(default_factory=list)
    _pinned: dict[tuple[str, int], str] = field(default_factory=dict)
    _last: dict[str, float] = field(default_factory=dict)

    def get(self, address: str, *, most: int = LARGEST_FILE, etag: str = "", missing: bool = False) -> Answer:
        """What an address answers, redirects within the host followed. ``missing``: that nothing is there is an answer
        too, of no bytes. Raises ``SourceRefused`` or ``NotServed``."""
        first = Place.of(address)
        for _ in range(MOST_REDIRECTS + 1):
            place = Place.of(address)
            if (place.host, place.port, place.scheme) != (first.host, first.port, first.scheme):
                raise SourceRefused(f"{first.named}: leads to another place, {place.scheme}://{place.named}")
            status, headers, content = self._once(address, place, most, etag)
            if status == 304 and etag:
                return Answer(address, b"", etag, True)
            if status in (301, 302, 303, 307, 308) and headers.get("location"):
                address = urljoin(address, headers["location"])
                continue
            if missing and status in (404, 410):
                return Answer(address, b"", "", False)
            _hold_served(address, status, headers, content)
            return Answer(address, content, headers.get("etag", ""), False)
        raise NotServed(f"{address}: more than {MOST_REDIRECTS} redirects")

    def _once(self, address: str, place: Place, most: int, etag: str) -> tuple[int, dict[str, str], bytes]:
        headers = {"Host": place.named, "User-Agent": f"{AGENT}/{PROGRAM}", "Accept-Encoding": "identity"}
        if etag:
            headers["If-None-Match"] = etag
        connection = self._connection(place)
        self._wait(place.named)
        over = threading.Event()
        late = threading.Timer(self.whole, over.set)
        try:
            connection.connect()
            late = threading.Timer(self.whole, _cut, (connection.sock, over))
            late.start()
            connection.request("GET", place.target, headers=headers, preload_content=False, decode_content=False)
            reply = connection.getresponse()
            content = bytearray()
            while piece := reply.read1(_PIECE):
                content += piece
                if len(content) > most:
                    raise NotServed(f"{address}: is larger than {most:,} bytes")
            if reply.length_remaining:
                raise http.client.IncompleteRead(b"")
        except (OSError, http.client.HTTPException, urllib3.exceptions.HTTPError) as error:
            raise self._named(address, error, ended=over.is_set()) from None
        finally:
            late.cancel()
            connection.close()
        answered = {name.lower(): value for name, value in reply.headers.items()}
        said = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
        status = f"HTTP/1.1 {reply.status} {reply.reason or ''}".rstrip()
        asked = f"GET {place.target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.records.append((address, asked, f"{status}\r\n{said}".encode("latin-1", "replace"), bytes(content)))
        if answered.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise NotServed(f"{address}: is packed ({answered['content-encoding']}), which was not asked for")
        return reply.status, answered, bytes(content)

    def _named(self, address: str, error: Exception, *, ended: bool) -> NotServed:
        """Why an address could not be had, in a sentence; ``ended``: it had all its time."""
        if isinstance(error, NotServed):
            return error
        if ended:
            return NotServed(f"{address}: was not done after {self.whole:g} seconds")
        if isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError):
            return NotServed(f"{address}: no answer, or none that went on, for {self.stalled:g} seconds")
        if isinstance(error, http.client.IncompleteRead | urllib3.exceptions.ProtocolError):
            return NotServed(f"{address}: the answer was cut short")
        return NotServed(f"{address}: {_short(error)}")

    def _connection(self, place: Place) -> HTTPConnection:
        """A connection to the address that was checked, under the host's own name."""
        pinned = self._address(place)
        if place.scheme == "http":
            return HTTPConnection(pinned, place.port, timeout=self.stalled)
        return HTTPSConnection(
            pinned, place.port, timeout=self.stalled, cert_reqs="CERT_REQUIRED", server_hostname=place.host,
            assert_hostname=place.host,
        )  # fmt: skip

    def _address(self, place: Place) -> str:
        """The one address of a host that is connected to, checked once and kept for the visit."""
        key = (place.host, place.port)
        if key not in self._pinned:
            try:
                found = self.resolve(place.host, place.port)
            except OSError as error:
                raise NotServed(f"{place.host}: its address cannot be found: {error.strerror or error}") from None
            if not found:
                raise NotServed(f"{place.host}: has no address")
            for each in found:
                if each not in self.private and not ipaddress.ip_address(each.partition("%")[0]).is_global:
                    raise SourceRefused(
                        f"{place.host}: lies at {each}, a private address that its source does not name"
                    )
            self._pinned[key] = found[0]
        pinned = self._pinned[key]
        if place.scheme == "http" and pinned not in self.private:
            raise SourceRefused(f"{place.host}: is asked for over plain HTTP")
        return pinned

    def _wait(self, host: str) -> None:
        left = self._last.get(host, -self.pause) + self.pause - time.monotonic()
        if host in self._last and left > 0:
            time.sleep(left)
        self._last[host] = time.monotonic()


def _hold_served(address: str, status: int, headers: dict[str, str], content: bytes) -> None:
    """Raises ``NotServed`` for an answer that is not what was asked for, by what it shows."""
    page = content[:LARGEST_PAGE]
    if headers.get("cf-mitigated") == "challenge" or (status in (403, 429, 503) and _CHALLENGE.search(page)):
        raise NotServed(f"{address}: is not served to us: a challenge stands before it")
    if status in (401, 407):
        raise NotServed(f"{address}: asks for a login")
    if status == 429 or (status == 503 and "retry-after" in headers):
        raise NotServed(f"{address}: asks us to come later ({status})")
    if status != 200:
        raise NotServed(f"{address}: answers {status}")
    if not content:
        raise NotServed(f"{address}: answers with nothing")
    if _CHALLENGE.search(page[:20_000]) and b"<html" in page[:2_000].lower():
        raise NotServed(f"{address}: is not served to us: a challenge stands before it")
    if _PASSWORD.search(page):
        raise NotServed(f"{address}: answers with a page that asks for a password")


def warc_of(records: Sequence[tuple[str, str, bytes, bytes]]) -> bytes:
    """What was asked and answered as a WARC file (ISO 28500), packed."""
    out = io.BytesIO()
    writer = _Writer(out, gzip=True)
    for address, asked, headers, content in records:
        parsed = StatusAndHeadersParser(["HTTP/1.1"]).parse(io.BytesIO(headers + b"\r\n"))
        payload = io.BytesIO(content)
        writer.write_record(writer.create_warc_record(address, "response", payload=payload, http_headers=parsed))
        request = io.BytesIO(asked.encode("latin-1", "replace") + b"\r\n")
        kind = "application/http; msgtype=request"
        writer.write_record(writer.create_warc_record(address, "request", payload=request, warc_content_type=kind))
    return out.getvalue()


class _Writer(WARCWriter):  # type: ignore[misc] # of a library without types
    """The library's writer, which leaves its temporary files to the collector otherwise."""

    @staticmethod
    def _create_temp_file() -> io.BytesIO:
        return io.BytesIO()


def _cut(held: socket.socket | None, over: threading.Event) -> None:
    """End a connection that has had all its time, whatever it is waiting for."""
    over.set()
    with suppress(OSError):
        if held is not None:
            held.shutdown(socket.SHUT_RDWR)


def _short(error: BaseException) -> str:
    return re.sub(r"<[^>]*>|\(Caused by|0x[0-9a-f]+", "", str(error))[:200].strip(" :()")
