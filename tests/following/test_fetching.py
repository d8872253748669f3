"""Fetching from a server on this machine that changes, redirects, stalls, lies and bars: each named, nothing lost."""

from __future__ import annotations

import gzip
import io
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from tests.making.libraries import Shelf, rows
from warcio.archiveiterator import ArchiveIterator

from countersign.following.fetching import Source, SourcesMalformed, Visited, fetch, read_sources
from countersign.following.library import at_desk
from countersign.following.visiting import NotServed, Place, SourceRefused, Visitor

FIRST = rows("2026-01-05,High Street,1000,5,1,1,2", "2026-01-12,Station,1200,6,0,0,1").encode()
LATER = rows("2026-01-05,High Street,1000,5,1,1,2", "2026-01-12,Station,1200,6,0,2,1").encode()
Answer = Callable[[BaseHTTPRequestHandler], None]


def sent(content: bytes, status: int = 200, **headers: str) -> Answer:
    """An answer of these bytes; a header's name has low lines for hyphens."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in ({"Content-Length": str(len(content))} | named).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def versioned(content: bytes, etag: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        same = handler.headers.get("If-None-Match") == etag
        (sent(b"", 304) if same else sent(content, ETag=etag))(handler)

    return answer


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Sends a piece again and again, so that no pause is ever too long."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    try:
        for _ in range(100):
            handler.wfile.write(b"a,")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        return


def stall(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(1)


class Server:
    """A server of answers by path, and what it was asked."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.answers: dict[str, Answer] = {"/robots.txt": sent(b"", 404)}
        self.asked: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.path, dict(self.headers.items())))
                answer = outer.answers.get(self.path, sent(b"gone", 404))
                answer(self)

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer((host, port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def at(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.server.shutdown()
    server.server.server_close()


def visitor(source: Source) -> Visitor:
    return Visitor(frozenset(source.private), pause=0, stalled=0.2, whole=0.6)


def visit(shelf: Shelf, address: str, more: str = "") -> Visited:
    text = f'[grid]\nforce = "force-a"\naddress = "{address}"\nprivate = ["127.0.0.1"]\n{more}'
    (shelf.folder / "sources.toml").write_text(text)
    with at_desk(shelf.library, lambda _: b"a passphrase") as desk:
        [visited] = fetch(desk, visitor=visitor)
    return visited


def test_what_is_new_is_a_release_and_what_is_not_is_nothing_new(shelf: Shelf, server: Server) -> None:
    server.answers["/lfr.csv"] = versioned(FIRST, '"one"')
    visited = visit(shelf, server.at("/lfr.csv"))
    assert (visited.outcome, visited.said) == ("new", "1 new release")
    [release] = shelf.library.state.releases
    assert (release.source, shelf.library.addresses()[release.digest]) == ("grid", server.at("/lfr.csv"))
    assert visit(shelf, server.at("/lfr.csv")).outcome == "unchanged"
    assert server.asked[-1][1]["If-None-Match"] == '"one"'
    assert "Cookie" not in server.asked[-1][1]
    server.answers["/lfr.csv"] = versioned(LATER, '"two"')
    assert visit(shelf, server.at("/lfr.csv")).outcome == "new"
    assert len(shelf.library.state.releases) == 2
    assert str(server.port).encode() not in (shelf.folder / "log" / "entries.db").read_bytes()


def test_every_request_and_answer_is_kept_for_the_owner_alone(shelf: Shelf, server: Server) -> None:
    server.answers["/old.csv"] = sent(b"", 301, Location="/lfr.csv", Set_Cookie="a=b")
    server.answers["/lfr.csv"] = sent(FIRST)
    visit(shelf, server.at("/old.csv"))
    [file] = (shelf.folder / "warc").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    records = [
        (record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), record.content_stream().read())
        for record in ArchiveIterator(io.BytesIO(file.read_bytes()))
    ]
    assert [(kind, uri.rpartition("/")[2]) for kind, uri, _ in records] == [
        (kind, name) for name in ("robots.txt", "old.csv", "lfr.csv") for kind in ("response", "request")
    ]
    assert records[4][2] == FIRST
    assert all("Cookie" not in headers for _, headers in server.asked)


def _no_length(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(FIRST)


@pytest.mark.parametrize(
    ("answer", "outcome", "said"),
    [
        (sent(FIRST, Content_Length=str(len(FIRST) + 50)), "not-served", "the answer was cut short"),
        (stall, "not-served", "no answer, or none that went on"),
        (drip, "not-served", "was not done after"),
        (sent(b"", 302, Location="http://other.example/lfr.csv"), "refused", "leads to another place, http://other.example"),
        (sent(b"", 302, Location="http://10.0.0.1/lfr.csv"), "refused", "leads to another place, http://10.0.0.1"),
        (sent(b"", 302, Location="file:///etc/passwd"), "refused", "is no address of the form"),
        (sent(b"", 302, Location="/lfr.csv"), "not-served", "more than 5 redirects"),
        (sent(b"<html><form><input type='password'></form>"), "not-served", "asks for a password"),
        (sent(b"", 401), "not-served", "asks for a login"),
        (sent(b"<html><title>Just a moment...</title>", 403), "not-served", "a challenge stands before it"),
        (sent(b"<html><title>Just a moment...</title>"), "not-served", "a challenge stands before it"),
        (sent(b"", 403, cf_mitigated="challenge"), "not-served", "a challenge stands before it"),
        (sent(b"<html><body><p>Not here", 200), "not-served", "CSV is promised, and web page is served"),
        (sent(b"no", 503, Retry_After="60"), "not-served", "asks us to come later (503)"),
        (sent(b"no", 404), "not-served", "answers 404"),
        (sent(b"no", 500), "not-served", "answers 500"),
        (sent(b""), "not-served", "answers with nothing"),
        (sent(gzip.compress(FIRST, mtime=0), Content_Encoding="gzip"), "not-served", "is packed (gzip)"),
        (sent(b"\x89PNG\r\n\x1a\n"), "not-served", "CSV is promised, and another form is served"),
        (_no_length, "new", "1 new release"),
    ],
)  # fmt: skip
def test_each_way_of_a_bad_server_is_named_and_nothing_is_lost(
    shelf: Shelf, server: Server, answer: Answer, outcome: str, said: str
) -> None:
    server.answers["/lfr.csv"] = answer
    visited = visit(shelf, server.at("/lfr.csv"))
    assert (visited.outcome, said in visited.said) == (outcome, True), visited
    assert len(shelf.library.state.releases) == (outcome == "new")
    assert not [*shelf.library.vault.names()] or outcome == "new"


def test_a_pdf_that_is_called_html_is_known_by_its_content(shelf: Shelf, server: Server) -> None:
    server.answers["/lfr"] = sent(b"%PDF-1.7 not much of one", Content_Type="text/html")
    assert visit(shelf, server.at("/lfr")).outcome == "new"
    [release] = shelf.library.state.releases
    reading = shelf.library.reading(release)
    assert reading is not None
    assert (reading.form, reading.record) == ("PDF", None)


def test_links_of_a_page_are_followed_by_a_rule_within_the_host(shelf: Shelf, server: Server) -> None:
    server.answers["/page"] = sent(
        b"<html><a href='/docs/grid-2025.csv'>a</a><a class=x href=\"/docs/grid-2026.csv?v=1&amp;w=2\">b</a>"
        b"<a href='http://other.example/docs/grid-2027.csv'>c</a><a href='/about'>d</a><a href='javascript:x()'>e</a>"
        b"<a href='/docs/grid-2028.csv'>past the limit</a></html>"
    )
    server.answers["/docs/grid-2025.csv"] = sent(FIRST)
    server.answers["/docs/grid-2026.csv?v=1&w=2"] = sent(rows("2026-02-05,A,10,5,1,1,2").encode())
    visited = visit(shelf, server.at("/page"), 'match = "/docs/grid-*.csv*"\nlimit = 2\neach = true\n')
    assert visited.said == "2 new releases"
    assert [release.series for release in shelf.library.state.releases] == ["grid-2025", "grid-2026"]
    assert [path for path, _ in server.asked] == [
        "/robots.txt",
        "/page",
        "/docs/grid-2025.csv",
        "/docs/grid-2026.csv?v=1&w=2",
    ]
    visited = visit(shelf, server.at("/page"), 'match = "/none/*"\n')
    assert "has no link whose path is like /none/*" in visited.said


def test_robots_are_heard(shelf: Shelf, server: Server) -> None:
    server.answers["/lfr.csv"] = sent(FIRST)
    server.answers["/robots.txt"] = sent(b"User-agent: countersign\nDisallow: /lfr\n")
    visited = visit(shelf, server.at("/lfr.csv"))
    assert (visited.outcome, "robots.txt asks us not to" in visited.said) == ("refused", True)
    assert [path for path, _ in server.asked] == ["/robots.txt"]
    server.answers["/robots.txt"] = sent(b"", 500)
    assert visit(shelf, server.at("/lfr.csv")).outcome == "not-served"
    assert [path for path, _ in server.asked] == ["/robots.txt"] * 2


def test_an_address_that_is_not_public_is_refused_unless_named() -> None:
    for address in (
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "::1",
        "fd00::1",
        "0.0.0.0",
        "100.64.0.1",
    ):
        found = Visitor(resolve=lambda host, port, at=address: [at], pause=0)  # type: ignore[misc]
        with pytest.raises(SourceRefused, match="a private address that its source does not name"):
            found.get("https://force-a.example/lfr.csv")
    mixed = Visitor(resolve=lambda host, port: ["93.184.215.14", "10.0.0.1"], pause=0)
    with pytest.raises(SourceRefused, match=r"lies at 10\.0\.0\.1"):
        mixed.get("https://force-a.example/lfr.csv")
    plain = Visitor(resolve=lambda host, port: ["93.184.215.14"], pause=0)
    with pytest.raises(SourceRefused, match="plain HTTP"):
        plain.get("http://force-a.example/lfr.csv")

    def nowhere(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(NotServed, match="its address cannot be found"):
        Visitor(resolve=nowhere, pause=0).get("https://force-a.example/")


def test_a_host_whose_address_changes_is_still_asked_where_it_was_checked(server: Server) -> None:
    server.answers["/a"] = sent(b"", 302, Location="/b")
    server.answers["/b"] = sent(b"here")
    addresses = iter((["127.0.0.1"], ["10.9.8.7"]))
    found = Visitor(frozenset({"127.0.0.1"}), pause=0, stalled=0.3, resolve=lambda host, port: next(addresses))
    assert found.get(f"http://force-a.example:{server.port}/a").content == b"here"
    assert server.asked[0][1]["Host"] == f"force-a.example:{server.port}"


def test_https_needs_a_certificate_of_the_host(server: Server) -> None:
    found = Visitor(frozenset({"127.0.0.1"}), pause=0, stalled=0.3)
    with pytest.raises(NotServed):
        found.get(f"https://127.0.0.1:{server.port}/a")


def test_an_answer_larger_than_the_cap_is_not_taken(server: Server) -> None:
    server.answers["/a"] = sent(b"x" * 5000)
    with pytest.raises(NotServed, match="is larger than 1,000 bytes"):
        Visitor(frozenset({"127.0.0.1"}), pause=0).get(server.at("/a"), most=1000)


def test_between_two_requests_to_a_host_there_is_a_pause(server: Server) -> None:
    server.answers["/a"] = sent(b"x")
    found = Visitor(frozenset({"127.0.0.1"}), pause=0.1)
    started = time.monotonic()
    for _ in range(3):
        found.get(server.at("/a"))
    assert time.monotonic() - started >= 0.2


@pytest.mark.parametrize(
    "address", ["ftp://a.example/", "https://", "https://u:p@a.example/", "https://a.example:x/", "a b"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(SourceRefused):
        Place.of(address)


@pytest.mark.parametrize(
    "text",
    ["[", "[a]\n",
     '[A B]\nforce = "force-a"\naddress = "https://a.example/"\n', '[a]\nforce = "force-a"\naddress = 1\n',
     '[a]\nforce = "force-a"\naddress = "https://a.example/"\nlimit = 0\n',
     '[a]\nforce = "force-a"\naddress = "https://a.example/"\ncookies = true\n'],
)  # fmt: skip
def test_a_file_of_sources_out_of_form_is_refused(shelf: Shelf, text: str) -> None:
    (shelf.folder / "sources.toml").write_text(text)
    with pytest.raises(SourcesMalformed):
        read_sources(shelf.library)


def test_the_command_says_what_came_of_each(shelf: Shelf, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert shelf.run("fetch") == 0
    assert "No source is written down yet" in capsys.readouterr().out
    (shelf.folder / "sources.toml").write_text(
        f'[gone]\nforce = "force-a"\naddress = "{server.at("/gone")}"\nprivate = ["127.0.0.1"]\n'
    )
    server.answers["/robots.txt"] = sent(b"", 401)
    assert shelf.run("fetch") == 5
    assert "gone: http" in capsys.readouterr().out
    assert shelf.run("fetch", "grid") == 2
    assert "has no source 'grid'" in capsys.readouterr().err


@pytest.mark.slow
def test_killed_again_and_again_while_fetching_the_last_good_state_is_kept(shelf: Shelf, server: Server) -> None:
    server.answers["/lfr.csv"] = sent(FIRST)
    assert visit(shelf, server.at("/lfr.csv")).outcome == "new"
    held = 1
    for number in range(100):
        text = rows(
            "2026-01-05,High Street,1000,5,1,1,2", f"2026-02-{number % 28 + 1:02},P{number},{number + 100},6,0,2,1"
        )
        server.answers["/lfr.csv"] = sent(text.encode())
        if not (child := os.fork()):
            threading.Timer(0.006 * number, os._exit, (9,)).start()
            visit(shelf, server.at("/lfr.csv"))
            os._exit(0)
        os.waitpid(child, 0)
        state = shelf.library.state
        assert len(state.releases) >= held
        held = len(state.releases)
        for release in state.releases:
            shelf.library.vault.get(release.digest)
            assert shelf.library.reading(release) is not None
    assert held > 2
    assert visit(shelf, server.at("/lfr.csv")).outcome in ("new", "unchanged")
    assert shelf.run("status", "--bytes") == 0
