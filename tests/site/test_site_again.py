"""A site written again and again as its log grows is, byte for byte, the site written from nothing each time with the
same earlier publications; and what stands of it says what is drawn at that moment, but for the day and the head named.
"""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.making import histories as made
from tests.making import varied
from tests.making.logs import private
from tests.making.published import FORCE

from countersign.record.entries.entry import EntrySigner
from countersign.record.tlog.encoding import render_base64
from countersign.reviews.deployment import assemble
from countersign.reviews.deployment.assemble import DeploymentReview
from countersign.reviews.deployment.record import DeploymentRecord
from countersign.site import reports as site_reports
from countersign.site.facts import read_site
from countersign.site.street.papers import short_code
from countersign.site.write import MANIFEST, Written, write_site
from countersign.words.dates import dated

AT = "2026-03-20T09:00:00Z"
CLOSED, LAST = f"{FORCE}/d-20", f"{FORCE}/d-30"


def started() -> varied.VariedLog:
    """One deployment archived, one just closed, one announced."""
    log = varied.VariedLog()
    log.life(10, varied.whole_life(), datetime.date(2026, 1, 12), varied.PLACES[0])
    log.life(20, made.History().upto("close"), datetime.date(2026, 3, 18), varied.PLACES[1])
    log.life(30, made.History().upto("notify"), datetime.date(2026, 3, 25), varied.PLACES[2])
    return log


def observed(log: varied.VariedLog) -> None:
    seen = {"what": "faces", "hour": "2026-01-12T13Z", "minutes": 20, "count": 210, "method": "tally"}
    log.add("observer.count", seen, f"{FORCE}/d-10", "2026-03-20T08:00:00Z", "observer", "observer")


def results(log: varied.VariedLog) -> None:
    told = made.results(date="2026-03-18", place=varied.PLACES[1], published_at="2026-03-19T09:00:00Z")
    log.add("publish.results", told, f"{FORCE}/d-20", "2026-03-19T09:00:00Z", "press-officer")


def corrected(log: varied.VariedLog) -> None:
    told = made.results(date="2026-01-12", place=varied.PLACES[0], published_at="2026-03-19T09:00:00Z", faces=7)
    log.add("publish.results", told, f"{FORCE}/d-10", "2026-03-19T09:00:00Z", "press-officer")


def revoked(log: varied.VariedLog) -> None:
    key = made.KEYS["reviewer"].key
    log.add("record.key-revoked", {"key": key, "reason": "lost"}, FORCE, "2026-03-19T10:00:00Z", "registrar")


def registered(log: varied.VariedLog) -> None:
    key = {"public_key": render_base64(EntrySigner(private("newcomer")).public_key), "roles": ["observer"]}
    log.add("record.key-registered", key, FORCE, "2026-03-19T11:00:00Z", "registrar")


def erased(log: varied.VariedLog) -> None:
    gone = {
        "class": "watchlist", "count": 1, "deleted_at": "2026-03-18T19:00:00Z", "method": "secure-delete",
        "witnessed": False, "remaining": 0,
    }  # fmt: skip
    log.add("delete.deletion", gone, f"{FORCE}/d-20", "2026-03-18T19:00:00Z", "custodian")


def called_off(log: varied.VariedLog) -> None:
    told = {"closed_at": "2026-03-18T12:00:00Z", "reason": "not-needed", "faces": 0, "alerts": 0, "engagements": 0,
            "incidents": 0}  # fmt: skip
    log.add("close.cancellation", told, LAST, "2026-03-18T12:00:00Z", "commander")


def stopped(log: varied.VariedLog) -> None:
    stop = {"reason": "bias", "decision": made.digest("stop"), "starts_at": "2026-03-19T00:00:00Z"}
    log.add("programme.moratorium", stop, FORCE, "2026-03-18T09:00:00Z", "moratorium-authority", "outside")


def by_group(log: varied.VariedLog) -> None:
    report = {
        "period_start": "2026-01-01", "period_end": "2026-03-31", "url": "https://force-a.example/year",
        "deployments": 2, "published_at": "2026-03-19T20:00:00Z", "digest": made.digest("year"), "complaints": 1,
        "groups": [{"characteristic": "sex", "group": "f", "true": 4, "false": 3, "engagements": 5, "arrests": 1}],
    }  # fmt: skip
    log.add("publish.annual-report", report, FORCE, "2026-03-19T20:00:00Z", "senior-owner")


def added(log: varied.VariedLog) -> None:
    log.life(40, made.History().upto("delete"), datetime.date(2026, 3, 12), varied.PLACES[3])


def nothing(log: varied.VariedLog) -> None:
    """Only time passes."""


CHANGES = (observed, results, corrected, revoked, registered, erased, called_off, stopped, by_group, added, nothing)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def unstamped(site: dict[str, bytes], other: dict[str, bytes]) -> dict[str, str]:
    """The files of each deployment without the days and the heads under which they were drawn, here or in ``other``."""
    manifest, texts = json.loads(site[MANIFEST]), dict[str, str]()
    days = {drawn["as_of"] for each in (site, other) for drawn in json.loads(each[MANIFEST])["drawn"].values()}
    for code, drawn in manifest["drawn"].items():
        trust = manifest["heads"][drawn["head"]]["trust"]
        root = base64.b64decode(trust["root"]).hex()
        for name in drawn["files"]:
            text = site[f"{code}/{name}"].decode()
            stamps = (root, drawn["head"], *days, *map(dated, days), f"{trust['size']:,} entries")
            for stamp in sorted(stamps, key=len, reverse=True):  # 3 September stands within 13 September
                text = text.replace(stamp, "…")
            texts[f"{code}/{name}"] = text
    return texts


class Growing:
    """A site written to one place after each change, and to a new place besides, of which both have to be the same."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log, self.moment, self.count = folder, started(), AT, 0
        self.papers = folder / "papers"
        self.papers.mkdir()
        self.write(folder / "site")

    def write(self, out: Path) -> Written:
        public = self.log.write(self.folder / "public")
        return write_site(read_site(public, self.moment), public, out, papers=self.papers)

    def after(self, change: Callable[[varied.VariedLog], None], days: int) -> dict[str, bytes]:
        """The site after a change and so many days, checked against one written from nothing."""
        change(self.log)
        later = datetime.datetime.fromisoformat(self.moment) + datetime.timedelta(days)
        self.moment, self.count = later.strftime("%Y-%m-%dT%H:%M:%SZ"), self.count + 1
        fresh = self.folder / f"fresh-{self.count}"
        fresh.mkdir()
        # What was published before is the one thing that a site knows from the one before it.
        (fresh / MANIFEST).write_bytes((self.folder / "site" / MANIFEST).read_bytes())
        self.write(self.folder / "site")
        self.write(fresh)
        found = contents(self.folder / "site")
        assert found == contents(fresh), change.__name__
        self.write(self.folder / f"new-{self.count}")
        new = contents(self.folder / f"new-{self.count}")
        assert unstamped(found, new) == unstamped(new, found), change.__name__
        return found


@pytest.mark.slow
def test_after_a_change_or_a_day_the_site_is_that_written_from_nothing(tmp_path: Path) -> None:
    site = Growing(tmp_path)
    before = contents(tmp_path / "site")
    for change in (corrected, erased, stopped, nothing):
        found = site.after(change, 1 if change is nothing else 0)
        assert found != before, change.__name__
        before = found
    # Time alone makes this late; its page and the register say so.
    page = f"{short_code(CLOSED)}/index.html"
    assert b"results not on the record" not in before[page]
    late = site.after(nothing, 60)
    assert b"results not on the record" in late[page]
    assert late["deployments/overdue.html"] != before["deployments/overdue.html"]


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=3, deadline=None)
def test_after_every_sort_of_change_in_any_order_too(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    site = Growing(tmp_path_factory.mktemp("growing"))
    for change in data.draw(st.permutations(CHANGES)):
        site.after(change, data.draw(st.integers(0, 40)))
    # Papers come and go.
    leaflet, before = site.papers / short_code(LAST) / "leaflet-en.pdf", contents(site.folder / "site")
    leaflet.parent.mkdir()
    leaflet.write_bytes(b"%PDF-1.7")
    assert f"{short_code(LAST)}/leaflet-en.pdf" in site.after(nothing, 0)
    leaflet.unlink()
    assert site.after(nothing, 0) == before


@pytest.fixture
def drawn_for(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The deployments for which a report is drawn."""
    drawn, draw = list[str](), assemble.review_deployment

    def counting(record: DeploymentRecord, subject: str, **more: Any) -> DeploymentReview:
        drawn.append(subject)
        return draw(record, subject, **more)

    monkeypatch.setattr(site_reports, "review_deployment", counting)
    return drawn


@pytest.mark.slow
def test_after_one_entry_only_what_it_bears_on_is_drawn_again(tmp_path: Path, drawn_for: list[str]) -> None:
    log, site = started(), tmp_path / "site"

    def drawn(moment: str) -> set[str]:
        public = log.write(tmp_path / "public")
        drawn_for.clear()
        write_site(read_site(public, moment), public, site)
        return {subject.rpartition("/")[2] for subject in drawn_for}

    assert drawn(AT) == {"d-10", "d-20", "d-30"}
    assert drawn(AT) == set()
    # An archived deployment stands for months; of those not at their end much turns on the day.
    assert drawn("2026-03-21T09:00:00Z") == {"d-20", "d-30"}
    observed(log)
    assert drawn("2026-03-21T10:00:00Z") == {"d-10"}
    assert drawn("2026-03-21T10:00:00Z") == set()
    # What is not as it was written is drawn again; what was written twice from one file is no file of another place.
    report = site / short_code(CLOSED) / "report.html"
    whole = report.read_bytes()
    report.write_bytes(whole + b"<!-- -->")
    assert drawn("2026-03-21T10:00:00Z") == {"d-20"}
    assert report.read_bytes() == whole
    report.unlink()
    report.symlink_to("/etc/hostname")
    assert drawn("2026-03-21T10:00:00Z") == {"d-20"}
    assert not report.is_symlink()
    by_group(log)
    assert drawn("2026-03-21T10:00:00Z") == {"d-10", "d-20", "d-30"}
