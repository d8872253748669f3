"""A log's published files below an address, over HTTP or HTTPS: no redirect is followed, no other address is asked.

With a folder to keep them in, each file is kept with the version that the server names (``ETag``), and asked for again
only if that is no longer the one: a look that was broken off goes on, and one at a log that stood still costs little.
The server's word that a file is unchanged is taken; what is kept is checked against the log's head as any other.

>>> HttpSource("ftp://log.example/").read("checkpoint")
Traceback (most recent call last):
countersign.record.tlog.tiles.TileMissing: ftp://log.example/ is not an address http://host:port/... or https://host/...
"""

from __future__ import annotations

import http.client
import ssl
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from countersign.errors import NotReached
from countersign.output import write_whole
from countersign.record.tlog.tiles import MAXIMUM_FILE_BYTES, TileMissing

#: How long a file of a log may take to come, in seconds.
READING_SECONDS = 30.0
_LONGEST_ETAG = 1024


def exchange(
    method: str,
    address: str,
    path: str,
    data: bytes | None,
    most: int,
    timeout: float,
    failed: type[NotReached],
    etag: str = "",
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers by small name and at most ``most`` + 1 bytes of what is answered below an address; ``etag``: the
    version that is there already. Raises ``failed``."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if host is None or parts.scheme not in ("http", "https"):
        raise failed(f"{address} is not an address http://host:port/... or https://host/...")
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(host, port, timeout=timeout, context=ssl.create_default_context())
    else:
        connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        known = {"If-None-Match": etag} if etag else {}
        connection.request(method, f"{parts.path.rstrip('/')}/{path}", body=data, headers=known)
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, headers, answer.read(most + 1)
    except (OSError, http.client.HTTPException) as error:
        where = address if method == "POST" else f"{address.rstrip('/')}/{path}"
        raise failed(f"{where}: {error or type(error).__name__}") from None
    finally:
        connection.close()


@dataclass(frozen=True, slots=True)
class HttpSource:
    """The files of a log below an address. A ``TileSource`` that can be sent to other processes. ``kept``: a folder in
    which files are kept with their ``ETag``."""

    address: str
    kept: Path | None = None

    def read(self, path: str) -> bytes:
        """The file's bytes; raises ``TileMissing`` with the reason, and ``CannotWrite`` where it cannot be kept."""
        etag, before = self._before(path)
        most, where = MAXIMUM_FILE_BYTES, f"{self.address.rstrip('/')}/{path}"
        status, headers, data = exchange("GET", self.address, path, None, most, READING_SECONDS, TileMissing, etag)
        if status == http.client.NOT_MODIFIED and etag:
            return before
        if status == http.client.NOT_FOUND:
            raise TileMissing(f"{where}: answered 404, it is not there")
        if status != http.client.OK or len(data) > most:
            raise TileMissing(f"{where}: answered {status} with {len(data):,} bytes")
        if self.kept is not None and 0 < len(new := headers.get("etag", "")) <= _LONGEST_ETAG:
            head = f"{new}\n{sha256(data).hexdigest()}\n".encode("latin-1", "replace")
            write_whole(self._place(self.kept, path), head + data)
        return data

    def _before(self, path: str) -> tuple[str, bytes]:
        """The version and the bytes that are kept; nothing where they are not as they were kept."""
        if self.kept is None:
            return "", b""
        try:
            etag, digest, data = self._place(self.kept, path).read_bytes().split(b"\n", 2)
        except (OSError, ValueError):
            return "", b""
        whole = digest == sha256(data).hexdigest().encode()
        return (etag.decode("latin-1"), data) if whole else ("", b"")

    def _place(self, kept: Path, path: str) -> Path:
        name = sha256(f"{self.address} {path}".encode()).hexdigest()
        return kept / name[:2] / name
