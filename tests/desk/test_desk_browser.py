"""One life in a browser: proposed by one, authority refused by the rules and then given by another, each with a key
of their own browser that the registrar registered; every page by axe, at three widths and in both schemes."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import re
import socket
import struct
import subprocess
import sys
import threading
import time
from base64 import b32decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.render.test_browser import OUTSIDE, axe

from countersign.record.entries.entry import Entry
from countersign.register.viewing import signed_by, viewed

WIDTHS = (390, 820, 1280)
PROGRAM = (sys.executable, "-c", "from countersign.cli.main import main; main()")
pytestmark = pytest.mark.slow


class Served(NamedTuple):
    """A rehearsal's desk: its address, folder, accounts with passwords, and the secret of the second factor."""

    address: str
    folder: Path
    passwords: dict[str, str]
    secret: str


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served") / "desk"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [*PROGRAM, "desk", "rehearse", str(folder)]
    process = subprocess.Popen([*words, "--port", str(port)], stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout is not None
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("Code: "):
                break
        text = "".join(said)
        passwords = dict(re.findall(r"^  ([a-z-]+) +(\S+)$", text, re.MULTILINE))
        found = re.search(r"with the secret ([A-Z2-7]+)", text)
        assert found, text
        address = f"http://localhost:{port}"
        for _ in range(100):
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield Served(address, folder, passwords, found[1])
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def code(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238)."""
    key = b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    start = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


class Desk:
    """A person at the desk, in a browser profile of their own; what is sent is kept, and nothing goes elsewhere."""

    def __init__(self, browser: Any, served: Served, account: str, shots: Path) -> None:
        self.served, self.account, self.shots = served, account, shots
        self.context = browser.new_context(viewport={"width": 1280, "height": 900})
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.sent: list[str] = []
        self.trouble: list[str] = []
        self.page.on("request", self._sent)
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("console", lambda said: self.trouble.append(said.text) if said.type == "error" else None)
        self.go("/")
        self.page.fill("#login", account)
        self.page.fill("#password", served.passwords[account])
        self.press("Sign in")
        self.page.fill("#code", code(served.secret))
        self.press("Continue")

    def _sent(self, request: Any) -> None:
        assert request.url.startswith((self.served.address, "data:")), request.url
        self.sent.append(f"{request.url} {request.post_data or ''}")

    def go(self, path: str) -> None:
        self.page.goto(f"{self.served.address}{path}")

    def press(self, text: str) -> None:
        self.page.locator("main button:not([tabindex='-1']), main a").filter(has_text=text).first.click()
        self.page.wait_for_load_state()

    def text(self) -> str:
        return str(self.page.inner_text("main"))

    def again(self, back: str) -> None:
        self.go(f"/again/?next={back}")
        self.page.fill("#password", self.served.passwords[self.account])
        self.press("Continue")

    def stands(self, name: str) -> None:
        """Nothing is wider than the page and axe finds nothing, at each width, light and dark."""
        for width, scheme in [*((width, "light") for width in WIDTHS), (390, "dark"), (1280, "dark")]:
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.emulate_media(color_scheme=scheme)
            self.page.screenshot(path=self.shots / f"{name}-{width}-{scheme}.png", full_page=True)
            assert self.page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
            assert self.page.evaluate(OUTSIDE, width) == [], (name, width)
            assert axe(self.page) == [], (name, width, scheme)
        self.page.set_viewport_size({"width": 1280, "height": 900})

    def make_key(self, role: str) -> str:
        """Make a key in this browser and have the registrar register it; its id."""
        self.go("/keys/")
        self.press("Make a key in this browser")
        self.page.wait_for_selector("text=A key of this browser")
        force = self.served.folder / "rehearsal" / "force"
        found = re.findall(r"'(\S+\+[0-9a-f]{8}\+\S+)'", self.text())
        words = ["key", "register", str(force / "log"), found[-1], "--role", role]
        passed = ["--key", str(force / "keys" / "registrar.key"), "--passphrase-file", str(force / "passphrase.txt")]
        subprocess.run(
            [sys.executable, "-c", "from countersign.cli.main import main; main()", *words, *passed], check=True
        )
        digits = "".join(self.page.locator(".desk-fingerprint").last.inner_text().split())
        self.go("/keys/")
        assert "Not on the record yet" not in self.text()
        return digits

    def sign_here(self) -> str:
        """Sign the draft on this page with this browser's key, and append it; the address of its entry."""
        self.again(self.page.url.removeprefix(self.served.address))
        self.page.wait_for_selector("text=Sign it and append it to the record")
        self.press("Sign it and append it to the record")
        self.page.wait_for_url("**/record/*/")
        return str(self.page.url)


def test_a_life_by_two_people_each_in_their_own_browser(browser: Any, served: Served, tmp_path: Path) -> None:
    applicant = Desk(browser, served, "applicant", tmp_path)
    applicant.stands("waiting")
    own = applicant.make_key("applicant")
    applicant.stands("keys")
    applicant.go("/deployments/d-17/")
    applicant.stands("tasks")
    applicant.go("/enter/plan.proposal/?from=d-17")
    applicant.page.fill("#deployment", "d-20261210")
    applicant.page.select_option("#signer", f"{own}:applicant")
    applicant.press("Check it")
    assert "says a date" in applicant.text()
    applicant.stands("refused")
    applicant.page.fill("#deployment", "d-18")
    applicant.press("Check it")
    applicant.stands("check")
    applicant.press("Seal it for its signature")
    applicant.stands("draft")
    proposed = applicant.sign_here()
    applicant.stands("entry")
    with applicant.page.expect_download() as kept:
        applicant.press("Keep its receipt")
    assert kept.value.path().read_bytes().startswith(b"c2sp.org/tlog-proof@v1")

    officer = Desk(browser, served, "authorising-officer", tmp_path)
    own = officer.make_key("authorising-officer")
    officer.go("/deployments/d-17/case/")
    officer.stands("case")
    officer.press("Give or refuse the authority")
    officer.stands("authority")
    authority(officer, own)
    officer.page.select_option("#officer_rank", "constable")
    officer.press("Check it")
    assert "There is a problem" in officer.text()
    assert "rank" in officer.text()
    officer.page.select_option("#officer_rank", "superintendent")
    officer.press("Check it")
    assert "Nothing bars it now" in officer.text(), officer.text()
    officer.press("Seal it for its signature")
    given = officer.sign_here()
    officer.go("/deployments/d-17/")
    assert "Authorised" in officer.text()

    log = served.folder / "rehearsal" / "force" / "log"
    with viewed(str(log), None) as seen:
        for address in (proposed, given):
            entry: Entry | None = seen.entry(int(address.rstrip("/").rpartition("/")[2]))
            assert entry is not None
            assert all(each.by_key for each in signed_by(seen, entry.key))
    unheld = "text => crypto.subtle ? indexedDB.databases().then(all => all.length) : 0"
    assert applicant.page.evaluate(unheld, "") == 1
    held = """() => new Promise(done => { const asked = indexedDB.open('countersign', 1); asked.onsuccess = () => {
        const all = asked.result.transaction('keys').objectStore('keys').getAll();
        all.onsuccess = () => done(all.result.map(key => [key.privateKey.extractable, key.privateKey.type])); }; })"""
    assert applicant.page.evaluate(held) == [[False, "private"]]
    for person in (applicant, officer):
        assert not any(re.search(r"PRIVATE|privateKey|\"d\":|pkcs8", sent) for sent in person.sent)
        assert person.trouble == [] or all("409" in said or "400" in said for said in person.trouble), person.trouble


def test_a_passkey_is_added_and_signs_in(browser: Any, served: Served, tmp_path: Path) -> None:
    commander = Desk(browser, served, "commander", tmp_path)
    device = commander.context.new_cdp_session(commander.page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    commander.again("/second/passkeys/new/")
    commander.page.fill("#name", "Laptop")
    commander.stands("passkey")
    commander.press("Add it")
    commander.page.wait_for_selector("text=1 passkey")
    commander.stands("second")
    commander.page.click("text=Sign out commander")
    commander.page.fill("#login", "commander")
    commander.page.fill("#password", served.passwords["commander"])
    commander.stands("sign-in")
    commander.press("Sign in")
    commander.stands("second-factor")
    commander.press("Use a passkey")
    commander.page.wait_for_selector("text=Waiting for you >> nth=1")
    for page in ("deployments", "force"):
        commander.go(f"/{page}/")
        commander.stands(page)
    assert commander.trouble == []
    administrator = Desk(browser, served, "administrator", tmp_path)
    administrator.stands("accounts")
    assert "does no role's act" in administrator.text()


def authority(officer: Desk, own: str) -> None:
    """Fill the authority in."""
    page = officer.page
    page.fill("#reference", "LFR/2026/A-17")
    page.check("input[name=form][value=written]")
    page.check("input[name=decision][value=granted]")
    page.fill("#categories", "wanted-on-warrant\ncourt-order\nmissing-at-risk")
    for name in ("necessity", "proportionality", "watchlist", "location", "privacy", "equality"):
        page.fill(f"[id='sealed.reasons.{name}']", f"What the officer weighed on {name}, in the officer's own words.")
    page.select_option("#signer", f"{own}:authorising-officer")


class Relay:
    """A line to the desk that can be cut and mended."""

    def __init__(self, port: int) -> None:
        self.behind, self.port, self.held = port, 0, list[socket.socket]()
        self.mend()

    def mend(self) -> None:
        self.door = socket.create_server(("127.0.0.1", self.port))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self._take, args=(self.door,), daemon=True).start()

    def cut(self) -> None:
        for each in (self.door, *self.held):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self.held.clear()

    def _take(self, door: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, far = door.accept()[0], socket.create_connection(("127.0.0.1", self.behind))
                self.held += (near, far)
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=pair, daemon=True).start()

    @staticmethod
    def _carry(here: socket.socket, there: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := here.recv(65536):
                there.sendall(data)
            there.shutdown(socket.SHUT_WR)


def test_the_live_board_hears_an_entry_says_when_it_is_cut_off_and_resumes(
    browser: Any, served: Served, tmp_path: Path
) -> None:
    force = served.folder / "rehearsal" / "force"
    paper = tmp_path / "check.toml"
    paper.write_text('checked_at = "2026-01-01T09:00:00Z"\nrange_metres = 500\nfound = 0\n')
    passed = ["--key", str(force / "keys" / "applicant.key"), "--passphrase-file", str(force / "passphrase.txt")]
    words = ["deployment", "enter", str(force / "log"), "plan.site-check", str(paper), "--deployment", "d-17", *passed]
    relay = Relay(int(served.address.rpartition(":")[2]))
    watcher = Desk(browser, served._replace(address=f"http://localhost:{relay.port}"), "assessor", tmp_path)
    page = watcher.page
    watcher.go("/live/d-17/")
    page.wait_for_selector("#state >> text=Connected.")
    watcher.stands("live")
    subprocess.run([*PROGRAM, *words], check=True)
    page.wait_for_selector("#board ol .govuk-tag")
    place = int(page.locator("#board ol li a").first.inner_text().split()[1].rstrip(":"))

    relay.cut()
    page.wait_for_selector("#state >> text=Not connected. What stands below may be old.")
    page.wait_for_selector(r"#when >> text=/^Last heard .+ (GMT|BST), ([3-9]|\d\d) seconds ago\.$/")
    watcher.stands("live-cut-off")
    subprocess.run([*PROGRAM, *words], check=True)
    assert page.locator("#board ol li a").first.inner_text().startswith(f"Entry {place}:")
    relay.mend()
    page.wait_for_selector("#state >> text=Connected. What", timeout=30_000)
    page.wait_for_selector(f"#board ol li >> text=Entry {place + 1}:")
    assert page.locator("#board ol .govuk-tag").count() == 1
    assert all("Failed to load resource: net::ERR_" in said for said in watcher.trouble), watcher.trouble
    page.goto("about:blank")
    relay.cut()
