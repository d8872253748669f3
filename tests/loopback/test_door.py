"""The door under attack: other names, other sites, other runs, slow and endless senders, hostile names and files."""

from __future__ import annotations

import html
import io
import socket
import threading
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests.loopback.client import BOUNDARY, TABLE, Client, as_form, form

from countersign.loopback import door as door_module
from countersign.loopback.door import LARGEST_GIVEN, MOST_CONNECTIONS, CannotOpen, Door
from countersign.loopback.pages import Shelf


@pytest.mark.slow
def test_a_file_in_the_report_out_and_nothing_left(opened: Any, temporary: Path) -> None:
    client = opened()
    page = client.give(TABLE, "Grid <b>2024</b>.csv")
    assert page.status == 200
    assert "Reading the file" in page.text
    assert "3 deployments were published, with 20 alerts." in page.text
    assert "Grid _b_2024__b_.csv" in page.text or "b_.csv" in page.text
    assert "<script" not in page.text
    (house,) = temporary.iterdir()
    assert list(house.iterdir()) == []
    address = page.text.partition('class="button" href="')[2].partition("/review.html")[0]
    report = client.get(f"{address}/review.html")
    assert b"<title>Live facial recognition" in report.body
    assert b'href="evidence.html' in report.body
    assert b'<tr role="row" id="row-' in client.get(f"{address}/evidence.html").body
    assert "sandbox" in report.headers["content-security-policy"]
    for name, begins in {"review.pdf": b"%PDF", "review.json": b"{", "deployments.csv": b"date,"}.items():
        saved = client.get(f"{address}/save/{name}")
        assert saved.body.startswith(begins), name
        assert saved.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert str(house).encode() not in report.body + client.get(f"{address}/save/review.json").body
    for wrong in ("/save/../review.html", "/save/policy", "/given/table.csv", "/review.html/x", "/save/"):
        assert client.get(address + wrong).status == 404
    forgotten = f"token={client.token()}&id={address.rpartition('/')[2]}".encode()
    assert client.ask("POST", "/forget", forgotten).status == 303
    assert client.get(f"{address}/review.html").status == 404


def test_every_answer_forbids_script_frames_caching_and_guessing(opened: Any) -> None:
    client = opened()
    answers = [client.get("/"), client.get("/nothing"), client.ask("DELETE", "/"), client.ask("POST", "/read", b"x")]
    assert [each.status for each in answers] == [200, 404, 501, 400]
    for each in answers:
        policy = each.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script-src" not in policy
        assert "unsafe-inline" not in policy
        assert each.headers["cache-control"] == "no-store"
        assert each.headers["x-content-type-options"] == "nosniff"
        assert "python" not in each.headers["server"].lower()
        assert "<script" not in each.text
    nonces = {client.get("/").headers["content-security-policy"] for _ in range(3)}
    assert len(nonces) == 3


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.org"])
def test_a_name_that_points_here_gets_nothing(opened: Any, host: str) -> None:
    client = opened()
    for method, path in (("GET", "/"), ("POST", "/read")):
        told = client.ask(method, path, Host=host)
        assert told.status == 403
        assert "token" not in told.text
    port = int(client.door.server_address[1])
    assert client.get("/", Host=f"localhost:{port}").status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"},
        {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}, {"Sec_Fetch_Site": "none"},
    ],
)  # fmt: skip
def test_another_sites_form_is_refused_even_with_the_token(
    opened: Any, temporary: Path, headers: dict[str, str]
) -> None:
    told = opened().give(TABLE, **headers)
    assert told.status == 403
    assert "another site" in told.text
    (house,) = temporary.iterdir()
    assert list(house.iterdir()) == []


def test_the_pages_own_form_is_taken_with_what_a_browser_states(opened: Any) -> None:
    client = opened(seconds=0.01)
    own = {"Origin": f"http://{client.host}", "Sec_Fetch_Site": "same-origin"}
    assert client.give(TABLE, **own).status == 200


@pytest.mark.parametrize(
    "fields",
    [
        [("file", "a.csv", TABLE)],
        [("token", None, b"guessed"), ("file", "a.csv", TABLE)],
        [("token", None, b""), ("file", "a.csv", TABLE)],
        [("token", None, b"\xff\xfe"), ("file", "a.csv", TABLE)],
        [],
    ],
)
def test_a_form_without_the_token_of_this_run_is_refused_before_its_file_is_kept(
    opened: Any, monkeypatch: pytest.MonkeyPatch, fields: list[tuple[str, str | None, bytes]]
) -> None:
    monkeypatch.setattr(door_module, "_keep", lambda *_: pytest.fail("a file was kept"))
    told = opened().ask("POST", "/read", form(*fields), **as_form())
    assert told.status == 403


def test_forms_that_are_not_the_pages_own_are_refused(opened: Any) -> None:
    client = opened()
    token = ("token", None, client.token().encode())
    for fields in (
        [token], [token, ("file", "", b"")], [token, ("file", "a.csv", TABLE), ("file", "b.csv", TABLE)],
        [token, ("other", None, b"1")], [token, ("deployment", None, b"d" * 300), ("file", "a.csv", TABLE)],
    ):  # fmt: skip
        told = client.ask("POST", "/read", form(*fields), **as_form())
        assert told.status == 400, fields
        assert "first page" in told.text
    assert client.ask("POST", "/read", b"", Content_Type="text/plain").status == 400
    assert client.ask("POST", "/elsewhere", b"").status == 404
    assert client.ask("POST", "/forget", b"x" * 5000).status == 400
    assert client.ask("POST", "/forget", b"token=guessed&id=1").status == 403
    assert not client.door.readings.busy


def raw(client: Client, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", int(client.door.server_address[1])), timeout=30) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def head(client: Client, *lines: str) -> bytes:
    return "\r\n".join([f"POST {client.door.home}read HTTP/1.1", f"Host: {client.host}", *lines, "", ""]).encode()


def test_a_body_without_a_stated_length_is_refused(opened: Any) -> None:
    client = opened()
    for lines in (
        ["Transfer-Encoding: chunked"], ["Content-Length: -1"], ["Content-Length: 1_0"], ["Content-Length: +5"],
        ["Content-Length: 5", "Content-Length: 6"], ["Content-Length: 5", "Transfer-Encoding: chunked"], [],
    ):  # fmt: skip
        assert b" 400 " in raw(client, head(client, *lines)).split(b"\r\n")[0], lines


def test_a_request_with_two_hosts_or_none_is_refused(opened: Any) -> None:
    client = opened()
    home = client.door.home
    two = f"GET {home} HTTP/1.1\r\nHost: {client.host}\r\nHost: evil.example\r\n\r\n".encode()
    none = (f"GET {home} HTTP/{version}\r\n\r\n".encode() for version in ("1.1", "1.0"))
    for request in (two, *none, b"nonsense\r\n\r\n"):
        assert b'name="token"' not in raw(client, request)


def test_a_file_above_the_limit_is_refused_unread_and_the_browser_sees_why(opened: Any, temporary: Path) -> None:
    client = opened()
    told = client.give(b"x" * (LARGEST_GIVEN + 512 * 1024))
    assert told.status == 413
    assert "larger than 32 MB" in told.text
    (house,) = temporary.iterdir()
    assert list(house.iterdir()) == []


def test_a_slow_sender_is_cut_off(opened: Any, temporary: Path) -> None:
    client = opened(head_seconds=0.3, form_seconds=0.5)
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", int(client.door.server_address[1])), timeout=10) as dripping:
        with suppress(OSError):
            for byte in b"GET / HTTP/1.1\r\nX: " + b"a" * 20:
                dripping.sendall(bytes([byte]))
                time.sleep(0.05)
        with suppress(ConnectionResetError):
            assert dripping.recv(1) == b""
    assert time.monotonic() - started < 3
    body = form(("token", None, client.token().encode()), ("file", "a.csv", TABLE))
    cut = head(client, f"Content-Length: {len(body)}", f"Content-Type: multipart/form-data; boundary={BOUNDARY}")
    answer = raw(client, cut + body[:-9])
    assert b" 400 " in answer.split(b"\r\n")[0]
    assert b"took longer" in answer
    (house,) = temporary.iterdir()
    assert list(house.iterdir()) == []
    assert not client.door.readings.busy


def test_more_connections_than_there_are_places_are_closed_and_the_door_stands(opened: Any) -> None:
    client = opened(head_seconds=0.5)
    address = ("127.0.0.1", int(client.door.server_address[1]))
    stuck = [socket.create_connection(address) for _ in range(MOST_CONNECTIONS)]
    time.sleep(0.1)
    with socket.create_connection(address, timeout=5) as beyond:
        assert beyond.recv(1) == b""
    time.sleep(0.6)
    assert client.get("/").status == 200
    for each in stuck:
        each.close()


@pytest.mark.slow
def test_one_file_at_a_time(opened: Any) -> None:
    client = opened(seconds=1.0)
    first: list[Any] = []
    thread = threading.Thread(target=lambda: first.append(client.give(TABLE)))
    thread.start()
    while not client.door.readings.busy:
        time.sleep(0.01)
    told = client.give(TABLE)
    assert told.status == 409
    assert "one is read at a time" in told.text
    thread.join()
    assert first[0].status == 200
    assert client.give(TABLE).status == 200


def test_a_reading_that_takes_too_long_is_ended(opened: Any, temporary: Path) -> None:
    page = opened(seconds=0.2).give(TABLE)
    assert "reading it takes longer than 0 seconds" in page.text
    (house,) = temporary.iterdir()
    assert list(house.iterdir()) == []


def bomb() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (80 * 1024**2))
    return kept.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bomb.xlsx", bomb(), "unpacks to more than 64 MB"),
        ("photo.pdf", b"\xff\xd8\xff\xe0" + b"0" * 500, "holds a JPEG image"),
        ("../../case.toml", b'title = "x"\nbased_on = "../../../etc/passwd"\n', "named like a case file"),
        ("shipped:met", b"", "the file is empty"),
        ("json.py", b"raise SystemExit('run')", "json.py"),
        ("datapackage.json", b'{"resources":[{"name":"deployments","path":"../policy"}]}', "datapackage.json"),
        ("d.bundle", b'{"audience":"x"}', "d.bundle"),
    ],
)
def test_hostile_files_are_refused_with_a_sentence(
    opened: Any, temporary: Path, name: str, content: bytes, said: str
) -> None:
    page = opened().give(content, name)
    assert page.status == 200
    assert "No report:" in page.text
    assert said in html.unescape(page.text)
    assert "defect" not in page.text
    assert "Traceback" not in page.text
    (house,) = temporary.iterdir()
    assert str(house) not in page.text
    assert list(house.iterdir()) == []


def test_what_was_read_is_forgotten_in_time(opened: Any) -> None:
    client = opened(seconds=0.01, hold=0.0)
    body = form(("token", None, client.token().encode()), ("file", "a.csv", TABLE))
    sent = client.ask("POST", "/read", body, **as_form())
    while client.door.readings.busy:
        time.sleep(0.01)
    time.sleep(0.05)
    assert client.get(sent.headers["location"]).status == 404
    assert client.get("/answer/").status == 404
    assert client.get("/answer/guessed").status == 404


def test_a_port_that_is_taken_is_told(opened: Any) -> None:
    client = opened()
    with pytest.raises(CannotOpen):
        Door(client.door.readings, int(client.door.server_address[1]))


def test_the_shelf_shows_its_folder_and_nothing_outside(opened: Any, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    (folder / "met").mkdir(parents=True)
    (folder / "met" / "review.html").write_text("<title>The &amp; Met</title>")
    (folder / "site" / "d").mkdir(parents=True)
    (folder / "site" / "index.html").write_text("<title>Register</title>")
    (folder / "site" / "d" / "review.html").write_text("<title>One</title>")
    (tmp_path / "secret").write_text("secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    client = opened(shelf=Shelf(folder))
    start = client.get("/").text
    assert "The &amp; Met (met)" in start
    assert "/beside/site/index.html" in start
    assert "/beside/site/d/" not in start
    assert client.get("/beside/site/").text == "<title>Register</title>"
    assert client.get("/beside/met/review.html?x=1").status == 200
    for wrong in (
        "/beside/link", "/beside/../secret", "/beside/%2e%2e/secret", "/beside//etc/passwd", "/beside/met/../../secret",
        "/beside/", "/beside/met%00/review.html",
    ):  # fmt: skip
        assert client.get(wrong).status == 404, wrong


@pytest.mark.slow
def test_a_column_map_makes_another_forces_headings_known(opened: Any, tmp_path: Path) -> None:
    from importlib import resources

    shipped = Path(str(resources.files("countersign"))) / "data" / "south-wales"
    client = opened()

    def told(*more: tuple[str, str | None, bytes]) -> str:
        table = (shipped / "south-wales.csv").read_bytes()
        body = form(("token", None, client.token().encode()), ("file", "swp.csv", table), *more)
        sent = client.ask("POST", "/read", body, **as_form())
        return html.unescape(client.get(sent.headers["location"]).text)

    assert "No report:" in told(("columns", "", b""), ("policy", "", b""), ("deployment", None, b""))
    assert "2 deployments were published" in told(("columns", "map.toml", (shipped / "south-wales.toml").read_bytes()))


def test_a_bundle_without_a_policy_says_where_to_give_it(opened: Any) -> None:
    from countersign.loopback.reading import refused
    from countersign.reviews.deployment.record import PolicyNeeded

    said = refused(PolicyNeeded("d.bundle: a bundle is verified under a policy, and none was given"))
    assert "on the first page" in said.next_step


@pytest.mark.slow
def test_another_user_of_this_machine_gets_nothing_and_can_take_or_forget_nothing(opened: Any, tmp_path: Path) -> None:
    """The port is open to every program here: without the secret of the printed address there is no token, no report,
    no file beside, and no way to put a report out.
    """
    (tmp_path / "met").mkdir()
    (tmp_path / "met" / "review.html").write_text("<title>The Met</title>")
    client = opened(shelf=Shelf(tmp_path))
    answer = client.give(TABLE)
    reading = answer.text.partition('name="id" value="')[2].partition('"')[0]
    secret, token = client.door.home, client.token()
    assert client.door.address.endswith(secret)
    forget = f"token={token}&id={reading}".encode()
    for home in ("/", secret[:-2] + "/", "/" + "A" * (len(secret) - 2) + "/", secret.upper()):
        for path in ("", f"answer/{reading}", f"answer/{reading}/review.html", "beside/met/review.html"):
            told = client.ask_bare("GET", home + path)
            assert (told.status, secret in told.text, token in told.text) == (403, False, False)
        for path, body in (
            ("read", form(("token", None, token.encode()), ("file", "x.csv", TABLE))),
            ("forget", forget),
        ):
            assert client.ask_bare("POST", home + path, body, **as_form()).status == 403
    assert client.get(f"/answer/{reading}/review.html").status == 200
