"""What we write, held to the other side's own tool: data packages, SQLite, feeds, PDF, CSV in a spreadsheet, pages.

Frictionless, jsonschema, Datasette, feedparser and qpdf (through pikepdf) come with ``requirements/peers.lock``; Go,
the libraries of its checksum database, LibreOffice and Firefox from the system. veraPDF is not to be had from PyPI,
Debian or npm; qpdf's check and the tags stand in for it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest
from tests.conftest import Played
from tests.making.libraries import Shelf, made, rows
from tests.making.logs import LOG_KEY
from tests.making.published import PublishedLog
from tests.project.test_values_schema import LINES, OLD, written
from tools.source import ROOT

import countersign
from countersign.cli.main import run
from countersign.errors import DONE

pytestmark = pytest.mark.slow

Need = Callable[[str], None]
#: Shipped records that are data packages, one of each kind of source.
IMPORTED = ("met", "essex", "btp", "south-wales", "thames-valley")
SHIPPED_PACKAGES = sorted((Path(countersign.__file__).parent / "data").rglob("datapackage.json"))


#: Tags of which GOV.UK's repository of transparency records takes several, and their values (alphagov/publishing-api,
#: content_schemas, specialist_document, algorithmic_transparency_record_metadata, commit 0220c54).
TAGS = {
    "capability": "computer-vision computer-audition computer-linguistics robotics forecasting discovery planning "
    "creation analysis management other",
    "function": "general-public-services defence public-order-and-safety economic-affairs environmental-protection "
    "housing-and-community-amenities health recreation-culture-and-religion education social-protection regulation",
    "organisation_type": "ministerial-department non-ministerial-department agency-or-public-body local-authority "
    "devolved-administration high-profile-group public-corporation",
    "region": "uk northern-ireland scotland wales england london north-east north-west yorkshire-and-the-humber "
    "east-midlands west-midlands south-east east-of-england south-west",
}


def peer(need: Need, library: str) -> None:
    if importlib.util.find_spec(library) is None:
        need(f"{library} (requirements/peers.lock)")


def ran(*words: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, **more)


def validated(descriptor: Path) -> dict[str, Any]:
    """What ``frictionless validate`` says."""
    said = ran(sys.executable, "-m", "frictionless", "validate", descriptor.name, "--json", cwd=descriptor.parent)
    found: dict[str, Any] = json.loads(said.stdout)
    return found


@pytest.mark.parametrize("name", IMPORTED)
def test_an_import_is_a_data_package_to_frictionless(name: str, tmp_path: Path, need: Need) -> None:
    peer(need, "frictionless")
    assert run(["import", f"shipped:{name}", "--out", str(tmp_path / "package"), "--sqlite"]) == DONE
    found = validated(tmp_path / "package" / "datapackage.json")
    assert found["valid"], found["errors"] or [task["errors"] for task in found["tasks"]]
    assert found["stats"]["tasks"] == 5
    altered = tmp_path / "package" / "deployments.csv"
    altered.write_bytes(altered.read_bytes().replace(b"20", b"x0", 1))
    assert not validated(tmp_path / "package" / "datapackage.json")["valid"]


@pytest.mark.parametrize("words", LINES, ids=lambda words: words.replace(f"{ROOT}/", ""))
def test_what_a_command_writes_is_valid_to_jsonschema(
    words: str, need: Need, capsys: pytest.CaptureFixture[str]
) -> None:
    peer(need, "jsonschema")
    validators = importlib.import_module("jsonschema")
    whole = json.loads((ROOT / "docs/formats/values.schema.json").read_bytes())
    validators.Draft202012Validator.check_schema(whole)
    command, text = written(words, capsys)
    rule = whole["properties"]["commands"]["properties"][command] | {"$defs": whole["$defs"]}
    validator = validators.Draft202012Validator(rule)
    assert list(validator.iter_errors(json.loads(text))) == []
    assert list(validator.iter_errors(["another"])) != []


def test_a_transparency_record_is_what_gov_uk_takes(quiet: Played, need: Need) -> None:
    """Its metadata, held to the published schema of GOV.UK's repository, restated here."""
    peer(need, "jsonschema")
    key = "algorithmic_transparency_record_"
    texts = {name: {"type": "string"} for name in ("atrs_version", "organisation", "other_tags", "task")}
    texts["date_published"] = {"type": "string", "pattern": "^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[0-1])$"}
    texts["phase"] = {"type": "string", "enum": ["pre-deployment", "beta-pilot", "production", "retired"]}  # type: ignore[dict-item]
    lists = {
        name: {"type": "array", "items": {"type": "string", "enum": given.split()}} for name, given in TAGS.items()
    }
    properties = {key + name: rule for name, rule in (texts | lists).items()}
    rule = {"type": "object", "additionalProperties": False, "properties": properties}
    validator = importlib.import_module("jsonschema").Draft4Validator(rule)
    (record,) = json.loads((quiet.out / "site/atrs/atrs.json").read_bytes())
    metadata = record["gov_uk"]["metadata"]
    assert list(validator.iter_errors(metadata)) == []
    assert metadata[f"{key}date_published"][:2] == "20"
    assert f"{key}phase" in record["gov_uk"]["missing"]
    for name, wrong in (("function", ["policing"]), ("phase", "live"), ("name", "x"), ("date_published", "May")):
        assert list(validator.iter_errors(metadata | {key + name: wrong})), name


@pytest.mark.parametrize("descriptor", SHIPPED_PACKAGES, ids=lambda path: path.parent.name)
def test_a_shipped_package_is_one_to_frictionless(descriptor: Path, need: Need) -> None:
    peer(need, "frictionless")
    found = validated(descriptor)
    assert found["valid"], found["errors"]
    assert found["stats"]["tasks"] > 0


def test_the_open_data_of_a_site_is_a_data_package_to_frictionless(quiet: Played, need: Need) -> None:
    peer(need, "frictionless")
    found = validated(quiet.out / "site" / "data" / "datapackage.json")
    assert found["valid"], found["errors"]


@pytest.fixture
def datasette(tmp_path: Path, need: Need) -> Iterator[str]:
    """The address of a Datasette that serves an import as it was written."""
    peer(need, "datasette")
    assert run(["import", "shipped:met", "--out", str(tmp_path / "met"), "--sqlite"]) == DONE
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    words = ["-m", "datasette", "serve", "-i", "record.db", "-m", "metadata.json", "-p", str(port)]
    server = subprocess.Popen(
        [sys.executable, *words], cwd=tmp_path / "met", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/-/versions.json", timeout=5)
                break
            except urllib.error.URLError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(10)


def test_datasette_serves_an_import_as_it_is_and_explains_it(datasette: str) -> None:
    def fetched(path: str) -> bytes:
        with urllib.request.urlopen(f"{datasette}{path}", timeout=30) as answer:
            content: bytes = answer.read()
            return content

    by_year = "select substr(date, 1, 4) as year, sum(alerts) as alerts from deployments group by 1"
    answered = json.loads(fetched(f"/record.json?_shape=array&sql={by_year.replace(' ', '+')}"))
    read = json.loads(ran(sys.executable, "-m", "countersign", "check", "shipped:met", "--json").stdout)
    assert sum(row["alerts"] or 0 for row in answered) == 2533
    assert len(answered) > 4
    assert read
    page = fetched("/record/deployments").decode()
    assert "faces seen: the force" in page
    assert "A row for each row that was published and could be read" in page
    assert "no right is claimed in them" in fetched("/").decode()


def feeds(quiet: Played, tmp_path: Path) -> Iterator[Path]:
    yield quiet.out / "site" / "feed.xml"
    (tmp_path / "home").mkdir()
    shelf: Shelf = made(tmp_path / "home")
    shelf.add("force-a", rows("2026-01-05,High Street,1000,5,1,1,2"), "2026-02-01")
    shelf.add("force-a", rows("2026-01-05,High Street,1000,7,1,1,2"), "2026-02-20")
    assert shelf.run("site", "--out", str(tmp_path / "pages")) == DONE
    yield tmp_path / "pages" / "feed.xml"


def test_feeds_are_read_by_feedparser_and_have_what_rfc_4287_asks(quiet: Played, tmp_path: Path, need: Need) -> None:
    peer(need, "feedparser")
    code = (
        "import sys, json, feedparser; found = feedparser.parse(sys.stdin.buffer.read());"
        "print(json.dumps({'bozo': bool(found.bozo), 'version': found.version, 'feed': dict(found.feed), "
        "'entries': [dict(entry) for entry in found.entries]}, default=str))"
    )
    for feed in feeds(quiet, tmp_path):
        said = subprocess.run([sys.executable, "-c", code], input=feed.read_bytes(), capture_output=True, check=True)
        found = json.loads(said.stdout)
        assert (found["bozo"], found["version"]) == (False, "atom10"), feed
        entries = found["entries"]
        assert entries
        # Section 4.1: an id, a title and a moment for the feed and each entry; an author for each entry or the feed.
        for part in (found["feed"], *entries):
            assert part["title"]
            assert part["id"].startswith(("urn:uuid:", "tag:", "http"))
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", part["updated"])
        assert found["feed"].get("author") or all(entry.get("author") for entry in entries)
        assert len({entry["id"] for entry in entries}) == len(entries)
        # An entry without content has a link to what it is about.
        assert all(entry.get("links") or entry.get("content") for entry in entries)
        assert found["feed"]["updated"] == max(entry["updated"] for entry in entries)


def test_every_pdf_passes_qpdf_and_bears_its_tags(quiet: Played, need: Need) -> None:
    peer(need, "pikepdf")
    code = (
        "import sys, json, pikepdf\n"
        "with pikepdf.open(sys.argv[1]) as made:\n"
        "    root = made.Root\n"
        "    print(json.dumps({'wrong': made.check_pdf_syntax(), 'tree': '/StructTreeRoot' in root,\n"
        "        'marked': bool(root.get('/MarkInfo', {}).get('/Marked', False)),\n"
        "        'language': str(root.get('/Lang', '')),\n"
        "        'title': str(made.docinfo.get('/Title', '')), 'pages': len(made.pages)}))\n"
    )
    found = sorted(path for folder in ("report", "papers") for path in (quiet.out / folder).rglob("*.pdf"))
    assert len(found) == 5
    for path in found:
        said = json.loads(ran(sys.executable, "-c", code, path, check=True).stdout)
        assert said["wrong"] == [], path.name
        assert said["tree"], path.name
        assert said["marked"], path.name
        assert said["language"][:2] == ("cy" if "-cy" in path.name else "en"), path.name
        assert said["title"], path.name
        assert said["pages"] == len(pypdfium2.PdfDocument(path))


def test_a_spreadsheet_opens_our_csv_and_takes_no_cell_for_a_formula(tmp_path: Path, need: Need) -> None:
    office = shutil.which("soffice")
    if office is None:
        need("LibreOffice (libreoffice-calc-nogui)")
        return
    source = tmp_path / "anytown.csv"
    places = ["=1+1", "+44 Lane", "@here", "-5 Lane", "High Street"]
    lines = [f"2025-01-{day:02},{place},1000,5,4,1" for day, place in enumerate(places, 1)]
    source.write_text("\n".join(["date,place,faces_seen,alerts,true_alerts,false_alerts", *lines]) + "\n", "utf-8")
    assert run(["import", str(source), "--out", str(tmp_path / "package")]) == DONE
    # What the force printed, a formula too, stands here as text; the table of deployments leaves it out.
    table = tmp_path / "package" / "printed.csv"
    home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
    converted = ran(office, home, "--headless", "--convert-to", "xlsx", "--outdir", tmp_path, table, timeout=300)
    assert converted.returncode == 0, converted.stderr
    sheet = openpyxl.load_workbook(tmp_path / "printed.xlsx").active
    assert sheet is not None
    values = list(sheet.iter_rows(values_only=True))
    column = {name: place for place, name in enumerate(values[0])}
    shown = [str(line[column["place"]]) for line in values[1:]]
    assert [text.removeprefix("'") for text in shown] == [*places[:4], "None"]
    assert not any(cell.data_type == "f" for line in sheet.iter_rows() for cell in line)


def test_a_report_opens_from_disk_in_firefox(tmp_path: Path, need: Need) -> None:
    firefox = shutil.which("firefox-esr") or shutil.which("firefox")
    if firefox is None:
        need("Firefox")
        return
    assert run(["review", "shipped:essex", "--format", "html", "--out", str(tmp_path / "report")]) == DONE
    (tmp_path / "profile").mkdir()
    words: list[str | Path] = ["--headless", "--no-remote", "--profile", tmp_path / "profile", "--window-size=390,844"]
    picture = tmp_path / "seen.png"
    page = (tmp_path / "report" / "review.html").as_uri()
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "MOZ_DISABLE_CONTENT_SANDBOX": "1"}
    seen = ran(firefox, *words, "--screenshot", picture, page, timeout=300, env=environment)
    assert picture.is_file(), seen.stderr
    head = picture.read_bytes()
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(head[16:20], "big") == 390
    # A page of words is no blank one: it does not compress to almost nothing.
    assert len(head) > 20_000


#: Where Debian puts sources in Go.
GO_SOURCES = Path("/usr/share/gocode")


@pytest.fixture(scope="module")
def sumdb(tmp_path_factory: pytest.TempPathFactory, need: Need) -> Path:
    """A program over the libraries of Go's checksum database: notes, proofs and tiles, read by others' code."""
    if shutil.which("go") is None or not (GO_SOURCES / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        need("Go with golang.org/x/mod (Debian: golang-go, golang-golang-x-mod-dev)")
    folder = tmp_path_factory.mktemp("go")
    source = ROOT / "tests/record/sumdb.go"
    offline = {"GO111MODULE": "off", "GOPATH": str(GO_SOURCES), "GOCACHE": str(folder / "cache"), "GOFLAGS": ""}
    built = ran("go", "build", "-o", folder / "sumdb", source, env=os.environ | offline)
    assert built.returncode == 0, built.stderr
    return folder / "sumdb"


def test_a_log_is_what_gos_checksum_database_reads(sumdb: Path, quiet: Played, tmp_path: Path) -> None:
    """C2SP signed-note, tlog-checkpoint, tlog-tiles: a log of version 0.1, a rehearsal's, one of 700 entries."""
    policies = {OLD / "force/log/public": OLD / "trust.policy", quiet.out / "site/log": quiet.out / "trust.policy"}
    for log, policy in policies.items():
        found = ran(sumdb, "tiles", key_of(policy), log)
        assert found.returncode == 0, found.stderr
        size = (log / "checkpoint").read_text(encoding="utf-8").split("\n")[1]
        assert found.stdout == f"{size} entries under the root\n"
    large = PublishedLog()
    for number in range(350):
        large.deployment(number)
    log = large.write(tmp_path / "large")
    key = LOG_KEY.key.render()
    assert ran(sumdb, "tiles", key, log).stdout == f"{len(large.entries)} entries under the root\n"
    entries = log / "tile/entries/001"
    data = bytearray(entries.read_bytes())
    data[40] ^= 1
    entries.write_bytes(data)
    assert "is not the one under the root" in ran(sumdb, "tiles", key, log).stderr


def test_proofs_are_what_gos_checksum_database_reads(sumdb: Path, quiet: Played, tmp_path: Path) -> None:
    """C2SP tlog-proof, by Go's code for inclusion: those of version 0.1 and of a rehearsal's site."""
    for folder, policy in ((OLD, OLD / "trust.policy"), (quiet.out / "site", quiet.out / "trust.policy")):
        proofs = sorted(path for path in folder.rglob("*") if re.search(r"entry-[0-9]+\.(tlog-)?proof\Z", path.name))
        assert len(proofs) >= 4
        found = ran(sumdb, "proof", key_of(policy), *proofs)
        assert found.returncode == 0, found.stderr
        assert len(found.stdout.splitlines()) == len(proofs)
        altered = tmp_path / "altered.proof"
        altered.write_text(proofs[0].read_text(encoding="utf-8").replace("index ", "index 1"), encoding="utf-8")
        assert ran(sumdb, "proof", key_of(policy), altered).returncode == 1


def key_of(policy: Path) -> str:
    """The log's key as a policy names it."""
    return policy.read_text(encoding="utf-8").split("\n", 1)[0].removeprefix("log ")
