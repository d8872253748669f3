"""The public site: whole or not at all, links resolve, nothing outward, figures are the record's, axe in a browser."""

from __future__ import annotations

import csv
import datetime
import html
import io
import json
import re
import shutil
import xml.etree.ElementTree as ET
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from tests.making import histories as made
from tests.making.published import FORCE, HOSTILE, PublishedLog, small
from tests.reviews.readability import grade, longest

from countersign.deployments.kinds import SCHEMAS
from countersign.deployments.view import Evidence
from countersign.document import Items, Paragraph
from countersign.errors import CountersignError
from countersign.output import CannotWrite
from countersign.record.entries.entry import Commitment
from countersign.record.tlog.merkle import leaf_hash, verify_inclusion
from countersign.record.tlog.trust import LogProof
from countersign.reviews.deployment.assemble import review_deployment
from countersign.reviews.deployment.record import DeploymentRecord, Origin, Trust
from countersign.site import facts as site_facts
from countersign.site import write as site_folder
from countersign.site import write as writing
from countersign.site.content import group_reports, pages
from countersign.site.deployment import deployment_page
from countersign.site.facts import CodesCollide, SiteFacts, read_site
from countersign.site.open_data import for_gov_uk
from countersign.site.pages import draw
from countersign.site.reports import Outcome, outcome_of, read_outcome
from countersign.site.street.papers import short_code
from countersign.site.write import NotASite, write_site
from countersign.words.names import body_name

NOW = "2026-11-01T10:00:00Z"


class Site:
    """A written site with the log it came from."""

    def __init__(self, home: Path) -> None:
        self.public, self.out = home / "public", home / "site"
        self.log = small(self.public)
        self.facts = read_site(self.public, NOW)
        self.written = write_site(self.facts, self.public, self.out)

    def files(self) -> dict[str, bytes]:
        return {str(path.relative_to(self.out)): path.read_bytes() for path in self.out.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """One site for tests that only read it."""
    return Site(tmp_path_factory.mktemp("site"))


@pytest.fixture
def own_site(tmp_path: Path, shared_site: Site) -> Site:
    """A copy for tests that change it."""
    shutil.copytree(shared_site.out.parent, tmp_path / "home")
    copy = Site.__new__(Site)
    copy.public, copy.out = tmp_path / "home" / "public", tmp_path / "home" / "site"
    copy.log, copy.facts, copy.written = shared_site.log, shared_site.facts, shared_site.written
    return copy


class References(HTMLParser):
    """What a page refers to, its own anchors, and its elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.anchors: set[str] = set()
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("href", "src", "action", "data", "poster", "srcset"):
                self.found.append(value or "")
            if name == "id" and value:
                self.anchors.add(value)


@lru_cache
def anchors(path: Path) -> set[str]:
    return References(path.read_text(encoding="utf-8")).anchors


@pytest.mark.slow
def test_every_link_resolves_and_none_leads_out(shared_site: Site) -> None:
    out = shared_site.out.resolve()
    seen = 0
    for path in out.rglob("*.html"):
        page = References(path.read_text(encoding="utf-8"))
        scripts = {"script"} if path == out / "verify.html" else set[str]()
        assert page.tags & {"script", "iframe", "img", "object", "embed", "form"} == scripts
        for reference in page.found:
            assert not re.match(r"[a-z]+:|//|/", reference), (path, reference)
            target, _, anchor = reference.partition("#")
            where = (path.parent / target).resolve() if target else path
            assert where.is_file(), (path, reference)
            assert out in where.parents
            if anchor:
                assert anchor in anchors(where), (path, reference)
            seen += 1
    assert seen > 100
    # And every page can be reached from the start.
    reached, todo = set(), [out / "index.html"]
    while todo:
        path = todo.pop()
        if path in reached:
            continue
        reached.add(path)
        if path.suffix == ".html":
            found = References(path.read_text(encoding="utf-8")).found
            todo += [(path.parent / one.partition("#")[0]).resolve() for one in found if one.partition("#")[0]]
    assert {path for path in out.rglob("*") if path.suffix in (".html", ".csv", ".tlog-proof")} <= reached


def test_a_page_gives_the_figures_of_the_record(shared_site: Site) -> None:
    page = (shared_site.out / short_code(f"{FORCE}/d-1") / "index.html").read_text(encoding="utf-8")
    stated = made.results()
    for name, words in (
        ("faces", "Faces seen"),
        ("alerts", "Alerts"),
        ("confirmed_true", "True alerts, confirmed"),
        ("true", "True alerts, not confirmed"),
        ("confirmed_false", "False alerts, confirmed"),
        ("false", "False alerts, not confirmed"),
        ("arrests", "Arrests"),
    ):
        assert re.search(rf"<th scope=\"row\"[^>]*>{words}</th>\n<td[^>]*>{stated[name]:,}</td>", page), name
    assert "count: 210; hour: 2 January 2025, 13:00 to 14:00 GMT; method: tally; minutes: 20; what: faces" in page
    assert "Counts of false alerts by group are not given for one deployment" in page
    rows = list(csv.DictReader(io.StringIO((shared_site.out / "data/deployments.csv").read_text(encoding="utf-8"))))
    assert [row["faces"] for row in rows] == [str(stated["faces"]), "", str(stated["faces"])]
    found = json.loads((shared_site.out / "data/deployments.json").read_bytes())["deployments"]
    assert [row["false"] for row in found] == [stated["false"], None, stated["false"]]
    package = json.loads((shared_site.out / "data/datapackage.json").read_bytes())["resources"][0]
    assert [field["name"] for field in package["schema"]["fields"]] == list(rows[0])
    assert package["bytes"] == (shared_site.out / "data/deployments.csv").stat().st_size


def test_proofs_lead_to_the_root_and_hold_their_entry(shared_site: Site) -> None:
    files = {name: data for name, data in shared_site.files().items() if name.endswith(".tlog-proof")}
    assert len(files) == 6
    trust = shared_site.facts.record.trust
    for data in files.values():
        proof = LogProof.parse(data)
        assert proof.extra == shared_site.log.entries[proof.index]
        verify_inclusion(leaf_hash(proof.extra), proof.index, trust.size, proof.hashes, trust.root)


def test_the_feed_is_atom_and_leads_to_pages(shared_site: Site) -> None:
    root = ET.fromstring((shared_site.out / "feed.xml").read_bytes())
    atom = "{http://www.w3.org/2005/Atom}"
    entries = root.findall(f"{atom}entry")
    assert len(entries) == 5
    assert len({one.findtext(f"{atom}id") for one in entries}) == 5
    for one in entries:
        link = one.find(f"{atom}link")
        assert link is not None
        assert (shared_site.out / link.attrib["href"]).is_file()


def test_atrs_fields_are_filled_from_the_log_or_said_to_be_empty(shared_site: Site) -> None:
    (record,) = json.loads((shared_site.out / "atrs/atrs.json").read_bytes())
    fields = {one["field"]: one for one in record["fields"]}
    assert fields["1.1"]["value"] == FORCE
    assert fields["2.2"]["value"].startswith("Policy on live facial recognition; version 3.1; uses: crime hotspot;")
    assert fields["2.2"]["entries"] == [2]
    assert (fields["1.4"]["value"], fields["1.4"]["entries"]) == (None, [])
    assert fields["4.2.2"]["value"] is None
    assert "not on the record" in (shared_site.out / "atrs/index.html").read_text(encoding="utf-8")


def test_the_records_metadata_say_what_gov_uk_requires_and_the_log_does_not_hold(shared_site: Site) -> None:
    """That they are what its schema takes is tested beside other sides' tools."""
    key = "algorithmic_transparency_record_"
    (record,) = json.loads((shared_site.out / "atrs/atrs.json").read_bytes())
    metadata, missing = record["gov_uk"]["metadata"], record["gov_uk"]["missing"]
    assert metadata[f"{key}capability"] == ["computer-vision"]
    assert metadata[f"{key}phase"] == "pre-deployment", "nothing was opened yet"
    assert missing == [
        f"{key}{name}" for name in ("organisation", "organisation_type", "date_published", "atrs_version")
    ]
    at = "2026-03-01T09:00:00Z"
    dated = for_gov_uk((Evidence(at, 3, "force", at, "atrs.published_at"),), began=False)
    assert dated["metadata"][f"{key}date_published"] == "2026-03-01", "a day, not a moment"
    assert f"{key}date_published" not in dated["missing"]
    later = for_gov_uk((), began=True)
    assert f"{key}phase" in later["missing"], "it has been live: whether that was a pilot is nowhere on the record"
    page = (shared_site.out / "atrs/index.html").read_text(encoding="utf-8")
    assert "also asks for what the log does not hold: organisation, organisation type, date published and atrs" in page


def test_the_same_log_and_moment_give_the_same_bytes(shared_site: Site, tmp_path: Path) -> None:
    write_site(shared_site.facts, shared_site.public, tmp_path / "site")
    again = {str(one.relative_to(tmp_path / "site")): one.read_bytes()
             for one in (tmp_path / "site").rglob("*") if one.is_file()}  # fmt: skip
    assert again == shared_site.files()


def test_what_changed_is_told_and_a_changed_page_is_not_kept(own_site: Site) -> None:
    log = PublishedLog()
    log.entries = [*own_site.log.entries]
    log.add("publish.results", made.results(), f"{FORCE}/d-2", "2025-01-03T20:00:00Z")
    log.write(own_site.public)
    facts = read_site(own_site.public, NOW)
    report = own_site.out / short_code(f"{FORCE}/d-1") / "report.html"
    report.write_bytes(report.read_bytes() + b"<!-- -->")
    write_site(facts, own_site.public, own_site.out)
    assert b"<!-- -->" not in report.read_bytes()
    changes = (own_site.out / "changes/index.html").read_text(encoding="utf-8")
    assert "entries 9 to 9" in changes
    write_site(facts, own_site.public, own_site.out)
    assert len(json.loads((own_site.out / "site.json").read_bytes())["versions"]) == 2


@pytest.mark.parametrize("after", [0, 5, 20])
def test_a_full_disk_leaves_the_old_site_whole(own_site: Site, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    before, put, count = own_site.files(), writing._put, iter(range(10_000))

    def full(staging: Path, path: str, content: bytes) -> None:
        if next(count) >= after:
            raise OSError(28, "No space left on device")
        put(staging, path, content)

    monkeypatch.setattr(writing, "_put", full)
    with pytest.raises(CannotWrite, match="No space left"):
        write_site(own_site.facts, own_site.public, own_site.out)
    assert own_site.files() == before
    assert sorted(path.name for path in own_site.out.parent.iterdir() if path.suffix in (".new", ".old")) == []


def test_a_swap_that_fails_or_was_cut_short_is_undone(own_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    before, rename = own_site.files(), Path.rename

    def refused(self: Path, target: Path) -> Path:
        if self.suffix == ".new":
            raise OSError(5, "Input/output error")
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(site_folder, "exchanged", lambda one, two: False)  # as on a disk that cannot exchange names
        patch.setattr(Path, "rename", refused)
        with pytest.raises(CannotWrite):
            write_site(own_site.facts, own_site.public, own_site.out)
    assert own_site.files() == before
    own_site.out.rename(own_site.out.with_name(".site.old"))
    write_site(own_site.facts, own_site.public, own_site.out)
    assert own_site.files() == before


def test_a_folder_with_something_else_is_not_replaced(shared_site: Site, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "thesis.txt").write_text("mine")
    with pytest.raises(NotASite):
        write_site(shared_site.facts, shared_site.public, tmp_path / "site")
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["thesis.txt"]


def test_a_flipped_byte_in_a_tile_of_the_site_is_caught(own_site: Site) -> None:
    read_site(own_site.out / "log", NOW)
    for path in sorted((own_site.out / "log" / "tile").rglob("9")):
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(CountersignError):
            read_site(own_site.out / "log", NOW)
        path.write_bytes(whole)


def facts_of(history: made.History) -> SiteFacts:
    trust = Trust(made.ORIGIN, len(history.entries), bytes(32), "", (), (), (), ())
    record = DeploymentRecord(tuple(history.entries), {}, SCHEMAS, trust, Origin("log", "a", ""), whole=True)
    return site_facts.site_facts(record, NOW)


def outcome(facts: SiteFacts, one: site_facts.PublicDeployment) -> Outcome:
    """What the review of a deployment found, without the files."""
    day = datetime.date.fromisoformat(facts.now[:10])
    return outcome_of(review_deployment(facts.record, one.subject, as_of=day), one.code)


def test_overdue_missing_overridden_erased_and_irregular_have_pages_with_dates() -> None:
    closed = made.History().upto("close")
    overridden = made.History().upto("assess")
    override = {
        "gate": "authorise", "duties": ["uk.plan.x"], "officer_rank": "superintendent", "reason": "evidence-follows",
        "expires_at": "2026-02-24T08:00:00Z",
    }  # fmt: skip
    reasons = {"reasons": {"reasons": "Said in this test."}}
    overridden.do("authorise.override", override, "authorising-officer", "2026-02-23T08:00:00Z", reasons)
    out_of_rule = made.History()
    out_of_rule.append(closed.entries[-1][1])
    for history, names, date in (
        (closed, {"overdue", "missing"}, "March 2026"),
        (overridden, {"overridden"}, "24 February 2026, 08:00 GMT"),
        (made.History().upto("delete"), {"overdue", "missing", "erased"}, "2 March 2026, 20:00 GMT"),
        (out_of_rule, {"irregular"}, "2 March 2026"),
    ):
        facts = facts_of(history)
        (one,) = facts.deployments
        assert {name for name in site_facts.FILTERS if one.stands_in(name)} == names
        versions, outcomes = [{"moment": NOW, "size": 1, "root": ""}], {one.code: outcome(facts, one)}
        drawn = {page.path: draw(page).decode() for page in pages(facts, versions, outcomes, {one.code: frozenset()})}
        for name in site_facts.FILTERS:
            assert (f"{one.code}/index.html" in drawn[f"deployments/{name}.html"]) == (name in names), name
            if name in names - {"overdue"}:
                assert date.partition(",")[0] in drawn[f"deployments/{name}.html"], name
        troubles = drawn[f"{one.code}/index.html"].partition("Overdue, overridden")[2].partition("Observers")[0]
        assert date in troubles


def groups(start: str, end: str, deployments: int = 2) -> dict[str, Any]:
    return {
        "period_start": start, "period_end": end, "url": "https://force-a.example/year", "deployments": deployments,
        "published_at": "2026-05-01T09:00:00Z", "digest": made.digest("year"), "complaints": 0,
        "groups": [
            {"characteristic": "ethnicity", "group": "black", "true": 1, "false": 1, "engagements": 1, "arrests": 0}
        ],
    }  # fmt: skip


def test_group_counts_stand_for_fixed_periods_that_do_not_overlap(tmp_path: Path) -> None:
    log = PublishedLog()
    for number in (1, 2, 310):
        log.deployment(number)
    for start, end, deployments in (
        ("2025-01-01", "2025-12-31", 2),  # shown, small as the counts are
        ("2025-01-01", "2025-03-31", 2),  # within the year already shown
        ("2026-01-01", "2026-01-31", 2),  # a month
        ("2026-01-01", "2026-12-31", 2),  # one deployment alone on the record
        ("2027-01-01", "2027-12-31", 1),  # one deployment by its own word
    ):
        log.add("publish.annual-report", groups(start, end, deployments), FORCE, "2026-05-01T09:00:00Z")
    facts = read_site(log.write(tmp_path / "public"), NOW)
    kept, left = group_reports(facts)
    assert ([one["period_start"] for _, one in kept], left) == (["2025-01-01"], 4)
    write_site(facts, tmp_path / "public", tmp_path / "site")
    year = (tmp_path / "site" / "years" / "2025.html").read_text(encoding="utf-8")
    cells = re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", year)
    assert cells[cells.index("ethnicity") :][:3] == ["ethnicity", "black", "1"]
    assert "False alerts by group, " not in (tmp_path / "site" / "years" / "2026.html").read_text(encoding="utf-8")


def test_two_deployments_with_one_code_are_not_published(shared_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_facts, "short_code", lambda subject: "AAA-AAA")
    with pytest.raises(CodesCollide):
        site_facts.site_facts(shared_site.facts.record, NOW)


def test_texts_of_the_log_are_texts(shared_site: Site) -> None:
    page = (shared_site.out / short_code(f"{FORCE}/d-310") / "index.html").read_text(encoding="utf-8")
    assert HOSTILE.replace("&", "&amp;").replace("'", "&#39;") in page


def test_a_notice_that_takes_the_place_of_another_stands_beside_what_was_said_before(tmp_path: Path) -> None:
    log = PublishedLog()
    subject = log.deployment(1)
    where = made.public_place(made.place("High Street, north end", "2025-01-02T13:00:00Z", "2025-01-02T18:00:00Z"))
    notice = {
        "channels": ["web"], "url": "https://force-a.example/next", "published_at": "2025-01-02T10:00:00Z",
        "purpose": "arrest-wanted", **where,
    }  # fmt: skip
    log.add("open.notice", notice, subject, "2025-01-02T10:00:00Z")
    facts = read_site(log.write(tmp_path), NOW)
    [one] = facts.deployments
    page = draw(deployment_page(facts, one, outcome(facts, one), frozenset())).decode()
    assert re.search(r"Corrected by entry \d+.*?windows; entry \d+ said High Street, north end, .*?12:00", page, re.S)


def test_what_is_sealed_reads_as_sealed_and_not_as_absent(tmp_path: Path) -> None:
    log = PublishedLog()
    place = Commitment(bytes(32))
    log.add("plan.proposal", made.proposal(), f"{FORCE}/d-1", "2026-02-20T09:00:00Z", sealed={"place": place})
    log.add("plan.assessment", made.assessment(), f"{FORCE}/d-2", "2026-02-21T09:00:00Z")
    facts = read_site(log.write(tmp_path), NOW)
    sealed, bare = (
        draw(deployment_page(facts, one, outcome(facts, one), frozenset())).decode()
        for one in sorted(facts.deployments, key=lambda one: one.subject)
    )
    assert "Place and time sealed until the notice" in sealed
    assert "sealed: place" in sealed
    assert "No place on the record" in bare
    assert "sealed until" not in bare
    assert "sealed: " not in bare


def test_a_home_names_the_force_and_shows_what_failed_and_the_wall(shared_site: Site) -> None:
    page = (shared_site.out / "index.html").read_text(encoding="utf-8")
    assert f"<h1>{body_name(FORCE)}: live facial recognition</h1>" in page
    assert page.index("What failed") < page.index("The latest deployments") < page.index('id="duty-wall"')
    [newest, *_] = [one for one in shared_site.facts.deployments if one.went_live]
    found = read_outcome(shared_site.out / newest.code)
    assert page.count('class="unseen">') >= len(found.duties)
    assert all(f'href="{newest.code}/report.html#duty-' in page for _ in found.duties)
    row = page.partition(f'href="{newest.code}/index.html"')[2].partition("</tr>")[0]
    assert found.in_words in html.unescape(row)


def test_the_site_reads_at_grade_nine_and_in_short_sentences(shared_site: Site) -> None:
    facts = shared_site.facts
    outcomes = {one.code: read_outcome(shared_site.out / one.code) for one in facts.deployments}
    versions = [{"moment": NOW, "size": 1, "root": ""}]
    texts = []
    for page in pages(facts, versions, outcomes, dict.fromkeys(outcomes, frozenset[str]())):
        blocks = [block for section in page.document.sections for block in section.blocks]
        own = [block.text for block in blocks if isinstance(block, Paragraph)]
        own += [item for block in blocks if isinstance(block, Items) for item in block.items]
        texts += [page.document.subtitle, *own]
    texts = [text for text in dict.fromkeys(texts) if text and HOSTILE not in text]
    assert longest(texts)[0] <= 28, longest(texts)
    assert grade(texts) <= 9


def test_a_public_time_is_local_with_its_zone(shared_site: Site) -> None:
    for path in shared_site.out.rglob("index.html"):
        assert " UTC" not in path.read_text(encoding="utf-8"), path
