"""A log's files read over HTTP, from an address its reader has named; no redirects, no proxy, a bounded length.

>>> HttpSource("ftp://log.example/").read("checkpoint")
Traceback (most recent call last):
    ...
countersign.record.tlog.tiles.TileMissing: ftp://log.example/ is not an address http://host:port/...
"""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from urllib.parse import urlsplit

from countersign.record.tlog.tiles import MAXIMUM_FILE_BYTES, TileMissing

TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class HttpSource:
    """The files of a log below an address. A ``TileSource`` that can be sent to other processes."""

    address: str

    def read(self, path: str) -> bytes:
        """The file's bytes; raises ``TileMissing`` with the reason."""
        try:
            parts = urlsplit(self.address)
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
        if host is None or parts.scheme != "http":
            raise TileMissing(f"{self.address} is not an address http://host:port/...")
        where = f"{self.address.rstrip('/')}/{path}"
        connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("GET", f"{parts.path.rstrip('/')}/{path}")
            answer = connection.getresponse()
            data = answer.read(MAXIMUM_FILE_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            raise TileMissing(f"{where}: {error or type(error).__name__}") from None
        finally:
            connection.close()
        if answer.status != http.client.OK or len(data) > MAXIMUM_FILE_BYTES:
            raise TileMissing(f"{where}: answered {answer.status} with {len(data):,} bytes")
        return data
