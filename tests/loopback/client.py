"""What a browser would send to the door, and what others would."""

from __future__ import annotations

import http.client
import re
from dataclasses import dataclass

from countersign.loopback.door import Door

BOUNDARY = "----formOfATest"
TABLE = (
    b"date,place,faces_seen,alerts\n"
    b"2024-01-05,North End,12000,9\n2024-01-19,North End,9000,7\n2024-02-02,Square,7000,4\n"
)


@dataclass
class Told:
    """An answer: status, headers, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Client:
    """What asks the door; nothing is added to a request but what a test says."""

    door: Door

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.door.server_address[1]}"

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Told:
        """Ask for a path below the page's own address, or for one that begins with it."""
        below = path.startswith(self.door.home)
        return self.ask_bare(method, path if below else self.door.home + path[1:], body, **headers)

    def ask_bare(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Told:
        """Ask for exactly this path."""
        connection = http.client.HTTPConnection("127.0.0.1", int(self.door.server_address[1]), timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        told = Told(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        connection.close()
        return told

    def get(self, path: str, **headers: str) -> Told:
        return self.ask("GET", path, None, **headers)

    def token(self) -> str:
        found = re.search(r'name="token" value="([^"]+)"', self.get("/").text)
        assert found
        return found[1]

    def give(self, content: bytes, name: str = "table.csv", **headers: str) -> Told:
        """Post the form as a browser does; follow it to the page of the answer."""
        body = form(("token", None, self.token().encode()), ("file", name, content))
        sent = self.ask("POST", "/read", body, **as_form(), **headers)
        return self.get(sent.headers["location"]) if sent.status == 303 else sent


def form(*fields: tuple[str, str | None, bytes], boundary: str = BOUNDARY) -> bytes:
    """A form with files as a browser writes it."""
    lines = b""
    for name, file, content in fields:
        named = "" if file is None else f'; filename="{file}"\r\nContent-Type: application/octet-stream'
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
        lines += head.encode() + content + b"\r\n"
    return lines + f"--{boundary}--\r\n".encode()


def as_form() -> dict[str, str]:
    return {"Content_Type": f"multipart/form-data; boundary={BOUNDARY}"}
