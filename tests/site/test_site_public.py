"""The site of a log with every sort of deployment: its own steps of checking, its looks, and that nothing half-written
is ever seen."""

from __future__ import annotations

import csv
import datetime
import io
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.making import varied
from tests.making.logs import LOG_KEY
from tests.making.published import small
from tests.render.test_browser import axe

from countersign.cli.main import run
from countersign.output import CannotWrite
from countersign.record.store.filelock import locked
from countersign.rulebook.catalogue import ProfileUnknown
from countersign.site import reports as site_reports
from countersign.site.content import COMMANDS
from countersign.site.facts import read_site
from countersign.site.street.papers import short_code
from countersign.site.write import MANIFEST, NotASite, PapersMissing, SiteBeingWritten, replacing, write_site

SEEN = short_code("force-a/d-17")
LATE = short_code("force-a/d-8")
COMING = short_code("force-a/d-12")


class Home:
    """A varied log, the policy that trusts it and its witness, and the site published from it by the command."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.public, self.out = folder, folder / "public", folder / "site"
        self.policy = folder / "trust.policy"
        varied.publish_varied(self.public)
        self.policy.write_bytes(varied.trust().render())
        papers = folder / "papers" / COMING
        papers.mkdir(parents=True)
        (papers / "leaflet-cy.pdf").write_bytes(b"%PDF-1.7 leaflet")
        (papers / "notes.txt").write_bytes(b"not for the site")
        words = ["publish", str(self.public), "--policy", str(self.policy), "--papers", str(folder / "papers")]
        assert run([*words, "--out", str(self.out), "--at", varied.NOW]) == 0

    def page(self, path: str) -> str:
        return (self.out / path).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("varied"))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def step(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Do what a step of the page says."""
    words = command.replace("python3", sys.executable)
    return subprocess.run(["/bin/sh", "-c", words], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_pages_own_steps_hold_without_countersign(home: Home, tmp_path: Path, need: Callable[[str], None]) -> None:
    page = home.page("check/index.html")
    for command in COMMANDS:
        assert command.replace("'", "&#39;") in page
    copy = tmp_path / "copy"
    shutil.copytree(home.out, copy)
    log, proof, signature, openssl = COMMANDS
    found = step(log, copy)
    size, root = (home.public / "checkpoint").read_text().split("\n")[1:3]
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith(f"{size} entries give the root")
    proofs = sorted(str(path.relative_to(copy)) for path in copy.rglob("*.tlog-proof"))
    assert len(proofs) > 40
    for path in proofs[:: len(proofs) // 4]:
        assert step(proof.replace("CODE/entry-N.tlog-proof", path), copy).returncode == 0
        assert run(["verify", str(copy / path), "--policy", str(home.policy)]) == 0
    if shutil.which("openssl") is None:
        need("the command openssl")
    assert step(signature.replace("KEY", LOG_KEY.key.render()), copy).returncode == 0
    assert "Verified Successfully" in step(openssl, copy).stdout
    (copy / "signed" / "text").write_text((copy / "signed" / "text").read_text().replace(size, str(int(size) - 1)))
    assert step(openssl, copy).returncode != 0
    assert root in home.page("log/checkpoint")


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_flipped_byte_anywhere_in_the_log_is_caught_by_the_pages_step(home: Home, data: st.DataObject) -> None:
    from countersign.site.recount import main

    tiles = sorted((home.out / "log" / "tile").rglob("*"))
    path = data.draw(st.sampled_from([one for one in tiles if one.is_file()]))
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    assert main(["log", str(home.out / "log")]) == 0
    try:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
        assert main(["log", str(home.out / "log")]) == 1
    finally:
        path.write_bytes(whole)


def test_the_pages_own_steps_hold_with_countersign(home: Home, tmp_path: Path, capsys: Any) -> None:
    assert "countersign review log --deployment NAME --policy trust.policy" in home.page("check/index.html")
    copy = tmp_path / "log"
    shutil.copytree(home.out / "log", copy)
    words = ["review", str(copy), "--deployment", "d-17", "--policy", str(home.policy), "--format", "json"]
    assert run([*words, "--out", str(tmp_path / "report")]) == 0
    tile = copy / "tile" / "entries" / "000"
    whole = tile.read_bytes()
    tile.write_bytes(whole[:5000] + bytes([whole[5000] ^ 4]) + whole[5001:])
    capsys.readouterr()
    assert run([*words, "--out", str(tmp_path / "other")]) == 1
    assert "entry-altered" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()


def test_a_proof_with_another_entry_or_path_is_caught(home: Home, tmp_path: Path, capsys: Any) -> None:
    from countersign.site.recount import main

    whole = (home.out / SEEN / "entry-276.tlog-proof").read_text()
    lines = whole.split("\n")
    for number, line in ((1, lines[1][:-8] + "AAAAAAA="), (2, "index 275"), (3, lines[4]), (3, "")):
        broken = tmp_path / "broken"
        broken.write_text("\n".join([*lines[:number], line, *lines[number + 1 :]]))
        assert main(["proof", str(broken)]) == 1
        assert capsys.readouterr().out.startswith("DOES NOT FIT: ")
    assert main([]) == 1


def test_what_stands_on_the_pages_is_the_records(home: Home) -> None:
    start = home.page("index.html")
    for words, count in (("Deployments", 21), ("Overdue", 5), ("Results missing", 3), ("Deletions stated", 10)):
        assert re.search(rf">{words}</a></th>\n<td[^>]*>{count}</td>", start), words
    assert "An outside body has cosigned this log." in start
    assert ">overseer<" in home.page("check/index.html")
    assert "1 November 2026, 09:59 GMT" in home.page("check/index.html")
    late = home.page(f"{LATE}/index.html")
    assert "It is over, and no results are on the record." in late
    assert "deletion of CCTV recordings not stated, since 4 October 2026" in late
    coming = home.page(f"{COMING}/index.html")
    assert "Announced for 9 November 2026." in coming
    assert "It has not been live, so there are no results." in coming
    assert 'href="../' + COMING + '/leaflet-cy.pdf"' in coming
    assert (home.out / COMING / "leaflet-cy.pdf").read_bytes() == b"%PDF-1.7 leaflet"
    assert not (home.out / COMING / "notes.txt").exists()
    assert COMING in home.page("deployments/coming.html")
    assert "Authority for this deployment was refused." in home.page(f"{short_code('force-a/d-11')}/index.html")
    assert "called off before it began" in home.page(f"{short_code('force-a/d-16')}/index.html")
    seen = home.page(f"{SEEN}/index.html")
    assert "finding: f-2; response: disputed" in seen
    assert "outcome: partly upheld" in seen
    assert "f-1" in home.page("programme/index.html").partition("Findings that the force has not answered")[2]
    assert "lifted from 20 May 2026" in home.page("programme/index.html")


def test_letters_lie_ready_to_fill_in_and_name_the_deployment(home: Home) -> None:
    page = home.page(f"{LATE}/index.html")
    for name in ("access-request.txt", "complaint.txt", "request-for-information.txt"):
        assert f'href="../{LATE}/{name}"' in page
        letter = home.page(f"{LATE}/{name}")
        assert LATE in letter
        assert "[Your name]" in letter
    assert "2026-09-03" in home.page(f"{LATE}/complaint.txt")
    assert "[day]" not in home.page(f"{LATE}/complaint.txt")
    # Where the day is not announced, the blank stays.
    assert "[day]" in home.page(f"{short_code('force-a/d-19')}/complaint.txt")


@pytest.mark.slow
def test_letters_name_the_law_of_the_profile(home: Home, tmp_path: Path) -> None:
    write_site(read_site(home.public, varied.NOW), home.public, tmp_path / "site", profile="scotland")
    for name in ("access-request.txt", "complaint.txt", "request-for-information.txt"):
        here, there = (folder / LATE / name for folder in (home.out, tmp_path / "site"))
        assert here.read_text(encoding="utf-8") != there.read_text(encoding="utf-8"), name
    asked = (tmp_path / "site" / LATE / "request-for-information.txt").read_text(encoding="utf-8")
    assert "Freedom of Information (Scotland) Act 2002" in " ".join(asked.split())


def test_every_page_letter_and_data_file_of_a_rehearsal_says_so(tmp_path: Path, monkeypatch: Any) -> None:
    """The words stand on it where the log's name is a rehearsal's (RFC 6761: a name that can be nobody's)."""
    from countersign.site import open_data as site_open
    from countersign.site import reports as site_reports
    from countersign.site import write as site
    from countersign.surroundings import REHEARSED

    log = small(tmp_path / "public")
    assert log.entries
    for module in (site, site_open, site_reports):
        monkeypatch.setattr(module, "rehearsed", lambda origin: True)
    write_site(read_site(tmp_path / "public", varied.NOW), tmp_path / "public", tmp_path / "site")
    found = [path for path in (tmp_path / "site").rglob("*") if path.suffix in (".html", ".txt", ".xml", ".json")]
    letters = [path for path in found if path.suffix == ".txt"]
    assert len(letters) == 9
    # A report tells a rehearsal by its log's name itself (tests of the review), as the verifier does of a bundle's; and
    # site.json holds no statement.
    silent = {"site.json", "report.html", "duties.json", "verify.html"}
    for path in found:
        if path.name not in silent:
            assert REHEARSED in path.read_text(encoding="utf-8"), path


def test_open_data_is_of_its_own_schema(home: Home) -> None:
    """Table Schema (Frictionless Data v1): the header is the fields' names, each value of its field's type."""
    package = json.loads(home.page("data/datapackage.json"))
    assert re.fullmatch(r"[a-z0-9._-]+", package["name"])
    (one,) = package["resources"]
    assert set(one) >= {"name", "path", "profile", "schema", "mediatype", "encoding", "bytes", "hash"}
    found = list(csv.reader(io.StringIO(home.page(f"data/{one['path']}"))))
    fields = one["schema"]["fields"]
    assert found[0] == [field["name"] for field in fields]
    taken: dict[str, Callable[[str], object]] = {"integer": int, "string": str, "date": datetime.date.fromisoformat}
    for line in found[1:]:
        for value, field in zip(line, fields, strict=True):
            if value not in one["schema"]["missingValues"]:
                taken[field["type"]](value)
    keys = [line[found[0].index(one["schema"]["primaryKey"])] for line in found[1:]]
    assert len(set(keys)) == len(keys) == 21


@pytest.mark.slow
def test_reports_are_the_same_from_one_process_or_several(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = read_site(home.public, varied.NOW)
    write_site(facts, home.public, tmp_path / "one")
    before = contents(tmp_path / "one")
    monkeypatch.setattr(site_reports, "processes", lambda count: 2)
    write_site(facts, home.public, tmp_path / "two")
    assert contents(tmp_path / "two") == before
    # What goes wrong in another process is raised here: it knows no such law, and here no report is drawn.
    monkeypatch.setattr(site_reports, "_write", lambda *_: "")
    with pytest.raises(ProfileUnknown):
        write_site(facts, home.public, tmp_path / "two", profile="nowhere")
    assert contents(tmp_path / "two") == before


LATER = [pytest.param(one, marks=pytest.mark.slow) for one in (0.1, 0.35, 0.6, 0.85)]


@pytest.mark.parametrize("fraction", [0.0, *LATER, 0.999])
def test_a_disk_that_is_full_at_any_write_leaves_the_old_site(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fraction: float
) -> None:
    out = tmp_path / "site"
    shutil.copytree(home.out, out)
    # Of a site that says nothing of how it was drawn everything is drawn again.
    manifest = json.loads((out / MANIFEST).read_bytes())
    (out / MANIFEST).write_text(json.dumps(manifest | {"drawn": {}}), encoding="utf-8")
    before, count = contents(out), iter(range(10**6))
    write = Path.write_bytes
    full_at = int(fraction * (len(before) - 2))

    def full(self: Path, content: bytes) -> int:
        if next(count) >= full_at:
            raise OSError(28, "No space left on device")
        return write(self, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CannotWrite, match="No space left"):
        write_site(read_site(home.public, varied.NOW), home.public, out)
    assert contents(out) == before
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".new"] == []


@pytest.mark.slow
def test_a_disk_that_really_refuses_leaves_the_old_site_and_says_so(home: Home, tmp_path: Path) -> None:
    """Files beyond 40,000 bytes are refused by the system itself (RLIMIT_FSIZE), in a process of its own."""
    out = tmp_path / "site"
    shutil.copytree(home.out, out)
    before = contents(out)

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))

    command = [sys.executable, "-m", "countersign", "publish", str(home.public), "--out", str(out), "--at", varied.NOW]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=small, check=False)
    assert done.returncode == 5, done.stderr
    assert "cannot-write" in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(out) == before


@pytest.mark.slow
def test_a_killed_run_leaves_the_old_site_and_the_next_clears_up(home: Home, tmp_path: Path) -> None:
    out = tmp_path / "site"
    shutil.copytree(home.out, out)
    before = contents(out)
    command = [sys.executable, "-m", "countersign", "publish", str(home.public), "--out", str(out), "--at", varied.NOW]
    for wait in (0.0, 0.3, 0.8):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        for _ in range(600):
            if list(tmp_path.glob(".site.*.new")):
                break
            time.sleep(0.05)
        time.sleep(wait)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert contents(out).keys() == before.keys()
    assert list(tmp_path.glob(".site.*.new"))
    assert run([*command[3:]]) == 0
    assert not list(tmp_path.glob(".site.*.new"))


@pytest.mark.slow
def test_foreign_files_are_not_thrown_away_and_a_link_is_followed(home: Home, tmp_path: Path) -> None:
    facts, real = read_site(home.public, varied.NOW), tmp_path / "real"
    shutil.copytree(home.out, real)
    (real / SEEN / "letter-to-the-mayor.odt").write_bytes(b"mine")
    with pytest.raises(NotASite, match="letter-to-the-mayor"):
        write_site(facts, home.public, real)
    assert (real / SEEN / "letter-to-the-mayor.odt").read_bytes() == b"mine"
    (real / SEEN / "letter-to-the-mayor.odt").unlink()
    link = tmp_path / "www"
    link.symlink_to(real)
    write_site(facts, home.public, link)
    assert link.is_symlink()
    assert (real / "index.html").is_file()
    (real / "years").rename(tmp_path / "years")
    (real / "years").symlink_to(tmp_path / "years")
    with pytest.raises(NotASite):
        write_site(facts, home.public, real)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(NotASite):
        write_site(facts, home.public, tmp_path / "file")
    with pytest.raises(PapersMissing):
        write_site(facts, home.public, tmp_path / "new", papers=tmp_path / "nowhere")
    assert not (tmp_path / "new").exists()


def test_two_runs_do_not_replace_one_folder_at_once(tmp_path: Path) -> None:
    with locked(tmp_path / ".site.lock", 1), pytest.raises(SiteBeingWritten), replacing(tmp_path / "site"):
        raise AssertionError("never reached")
    assert not (tmp_path / "site").exists()


KINDS = (
    "index.html", "deployments/index.html", "deployments/overdue.html", "deployments/coming.html",
    f"{SEEN}/index.html", f"{LATE}/index.html", f"{COMING}/index.html", "programme/index.html", "years/index.html",
    "years/2026.html", "check/index.html", "data/index.html", "atrs/index.html", "changes/index.html",
)  # fmt: skip
OUTSIDE = """width => [...document.querySelectorAll('body *')].filter(each => {
    const box = each.getBoundingClientRect();
    return box.width && (box.right > width + 1 || box.left < -1) && !each.closest('.skip, .unseen, pre, thead');
}).map(each => each.outerHTML.slice(0, 120))"""


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_kind_of_page_reads_on_phone_and_desk(home: Home, browser: Any, scheme: Any) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 900}, color_scheme=scheme)
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    for path in KINDS if scheme == "light" else KINDS[:6]:
        page.goto((home.out / path).as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(OUTSIDE, width) == [], (path, width)
            assert axe(page) == [], (path, width)
    assert page.evaluate("getComputedStyle(document.querySelector('nav ul')).listStyleType") == "none"  # the style came
    assert all(one.startswith(home.out.as_uri()) for one in asked)
    context.close()
