"""A log followed below an address: HTTPS, versions kept, an absent file named as 404, logs of other programs named."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.making.logs import LOG_KEY, ORIGIN, SCHEMAS, trusting
from tests.making.varied import publish_varied, trust

from countersign.cli.main import run
from countersign.record.outside.address import HttpSource
from countersign.record.outside.monitor import look
from countersign.record.tlog.checkpoint import Checkpoint, sign_checkpoint
from countersign.record.tlog.tiles import (
    DirectorySource,
    TileBuilder,
    TileMissing,
    bundle_path,
    render_bundle,
)

NOW = int(datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC).timestamp())


class Served:
    """A folder over HTTPS with an ETag for each file, and what was answered."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.answered: list[tuple[str, int]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                file = folder / self.path.lstrip("/")
                content = file.read_bytes() if file.is_file() else b"gone"
                etag = f'"{sha256(content).hexdigest()[:16]}"'
                status = 404 if not file.is_file() else 304 if self.headers.get("If-None-Match") == etag else 200
                outer.answered.append((self.path, status))
                self.send_response(status)
                self.send_header("ETag", etag)
                body = content if status != 304 else b""
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(home))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.address = f"https://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def statuses(self) -> set[int]:
        """The statuses answered since this was last asked."""
        found = {status for _, status in self.answered}
        self.answered.clear()
        return found


def certificate(home: Path) -> Path:
    """A certificate of 127.0.0.1, signed by its own key, with the key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(1))
        .not_valid_after(now + datetime.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = home / "server.pem"
    file.write_bytes(key.private_bytes(*plain) + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    found = Served(publish_varied(tmp_path / "public"), tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    yield found
    found.server.shutdown()
    found.server.server_close()


def test_a_log_is_followed_over_https_and_only_what_changed_is_sent_again(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "trust.policy").write_bytes(trust().render())
    words = ["record", "monitor", served.address, "--policy", str(tmp_path / "trust.policy")]
    words += ["--keep", str(tmp_path / "kept"), "--state", str(tmp_path / "seen"), "--processes", "1"]
    words += ["--at", "2026-11-01T00:00:00Z"]
    first = run(words)
    said = capsys.readouterr().out
    assert "entries checked" in said
    assert 200 in served.statuses()
    assert run(words) == first
    assert capsys.readouterr().out.splitlines()[-1] == said.splitlines()[-1]
    assert served.statuses() == {304}
    [kept, *_] = [path for path in (tmp_path / "kept").rglob("*") if path.is_file()]
    kept.write_bytes(kept.read_bytes()[:-1] + b"?")
    assert run(words) == first
    assert served.statuses() == {200, 304}


def test_a_certificate_that_is_not_trusted_and_an_absent_file_are_named(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(TileMissing, match="/tile/0/999: answered 404, it is not there"):
        HttpSource(served.address).read("tile/0/999")
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(TileMissing, match="CERTIFICATE_VERIFY_FAILED"):
        HttpSource(served.address).read("checkpoint")


def other_log(folder: Path, *, static_ct: bool) -> DirectorySource:
    """The published log of another program, with the log's key."""
    entries = [b"something else %d" % number for number in range(20)]
    builder = TileBuilder()
    files = {**builder.extend(entries), **builder.partial_files()}
    files = {path: data for path, data in files.items() if not path.startswith("tile/entries")}
    path = bundle_path(0, len(entries))
    files[path.replace("tile/entries/", "tile/data/") if static_ct else path] = render_bundle(entries)
    files["checkpoint"] = sign_checkpoint(Checkpoint(ORIGIN, len(entries), builder.root()), LOG_KEY).render()
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return DirectorySource(folder)


@pytest.mark.parametrize("static_ct", [False, True])
def test_logs_of_other_programs_are_named_and_their_growth_is_held(tmp_path: Path, static_ct: bool) -> None:
    source = other_log(tmp_path, static_ct=static_ct)
    found = look(source, trusting(LOG_KEY), SCHEMAS, None, NOW)
    assert [note.code for note in found.notes] == ["static-ct" if static_ct else "not-ours"]
    assert not found.faults
    assert found.head is not None
    assert found.state is not None
    again = look(source, trusting(LOG_KEY), SCHEMAS, found.state, NOW)
    assert not again.faults
    (tmp_path / "checkpoint").write_bytes(sign_checkpoint(Checkpoint(ORIGIN, 20, bytes(32)), LOG_KEY).render())
    assert [note.code for note in look(source, trusting(LOG_KEY), SCHEMAS, found.state, NOW).faults] == ["split-view"]
