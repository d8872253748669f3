"""The library as pages: whole or not at all, nothing of the vault, no figure of two forces, no link to nowhere."""

from __future__ import annotations

import errno
import os
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from tests.making.libraries import Shelf, made, rows

MARK = "Kept in the vault alone"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    shelf = made(tmp_path_factory.mktemp("shelf"))
    first = ("2026-01-05,High Street,1000,5,1,1,2", "2026-01-12,Station,1200,6,0,0,1")
    shelf.add("force-a", rows(*first) + f"{MARK}\n", "2026-02-01", "--from", "https://force-a.example/lfr")
    shelf.add("force-a", rows(first[0], "2026-01-12,Station,1200,6,0,2,1"), "2026-03-01")
    shelf.add("force-b", "date,place,alerts,false_alerts\n2025-12-05,A,31,1\n", "2026-02-01")
    assert shelf.run("letters", "write", "force-c") == 0
    return shelf


@pytest.fixture(scope="module")
def site(shelf: Shelf) -> Path:
    out = shelf.home / "site"
    assert shelf.run("site", "--out", str(out)) == 0
    return out


def text(page: Path) -> str:
    """A page's words without its style sheet."""
    bare = re.sub(r"<style.*?</style>", " ", page.read_text(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", bare).split())


def test_each_force_has_a_page_that_every_table_leads_to(site: Path) -> None:
    assert {file.name for file in site.iterdir()} == {
        "index.html", "changes.html", "feed.xml", "site.json", "force-a.html", "force-b.html", "force-c.html",
    }  # fmt: skip
    for page in site.glob("*.html"):
        content = page.read_text()
        assert "<script" not in content
        for target in re.findall(r'href="([^"#:]+)(?:#[^"]*)?"', content):
            assert (site / target).is_file(), (page.name, target)
    assert 'href="force-a.html#short"' in (site / "index.html").read_text()


def test_a_page_says_what_how_late_in_which_form_and_what_never(site: Path) -> None:
    page = text(site / "force-b.html")
    assert "the last published on 1 February 2026, 58 days after its last day; 1 row, to 5 December 2025" in page
    assert "Never published: hours, faces, how many alerts stayed unconfirmed, people engaged, arrests" in page
    assert "CSV" in page
    assert "what is published of the latest deployment answers" in page
    asked = text(site / "force-c.html")
    assert "No release of Force C is held." in asked
    assert "force-c-1: written, not sent, 1 March 2026." in asked


def test_a_silent_revision_is_on_the_page_of_changes_and_in_the_feed(site: Path) -> None:
    assert "1 value altered in 1 row since 1 February 2026" in text(site / "changes.html")
    assert "false alerts 0 → 2" in text(site / "changes.html")
    root = ET.fromstring((site / "feed.xml").read_bytes())
    entries = root.findall("{http://www.w3.org/2005/Atom}entry")
    titles = [entry.findtext("{http://www.w3.org/2005/Atom}title") or "" for entry in entries]
    assert len(titles) == 3
    assert any("1 value altered" in title for title in titles)
    assert len({entry.findtext("{http://www.w3.org/2005/Atom}id") for entry in entries}) == 3


def test_nothing_of_the_vault_is_on_it_and_no_figure_is_of_two_forces(site: Path) -> None:
    said = "".join(file.read_text() for file in site.iterdir())
    assert MARK not in said
    bare = " ".join(text(page) for page in site.glob("*.html"))
    assert re.search(r"\b11\b", bare)  # alerts of Force A
    assert not re.search(r"\b(?:42|21)\b", re.sub(r"1 in [\d,.]+|2[01]\d\d|\(.*?\)", "", bare))  # with Force B's 31


def test_the_old_site_stays_whole_where_a_new_one_fails(
    shelf: Shelf, site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {file.name: file.read_bytes() for file in site.iterdir()}
    assert shelf.run("site", "--out", str(site)) == 0
    assert {file.name: file.read_bytes() for file in site.iterdir()} == before

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (site / "force-b.html").write_text("altered")
    before = {file.name: file.read_bytes() for file in site.iterdir()}
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        capsys.readouterr()
        assert shelf.run("site", "--out", str(site)) == 5
        assert "No space left on device" in capsys.readouterr().err
    assert {file.name: file.read_bytes() for file in site.iterdir()} == before
    other = shelf.home / "other"
    other.mkdir()
    (other / "mine.txt").write_text("mine")
    capsys.readouterr()
    assert shelf.run("site", "--out", str(other)) == 4
    assert "holds no site written by this program" in capsys.readouterr().err
    assert (other / "mine.txt").read_text() == "mine"


def test_after_one_change_only_what_changed_is_drawn_and_the_rest_is_the_same_file(
    shelf: Shelf, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(shelf.home, tmp_path, dirs_exist_ok=True)
    other, site = Shelf(tmp_path, "2026-03-03T09:00:00Z"), tmp_path / "pages"
    assert other.run("site", "--out", str(site)) == 0
    capsys.readouterr()
    other = Shelf(tmp_path, "2026-03-09T09:00:00Z")
    files = {file.name: file.stat().st_ino for file in site.iterdir()}
    assert other.run("site", "--out", str(site)) == 0
    assert "(0 files written" in capsys.readouterr().out
    assert other.add("force-b", "date,place,alerts,false_alerts\n2025-12-05,A,31,2\n", "2026-03-05") == 0
    assert other.run("site", "--out", str(site)) == 0
    assert "(4 files written" in capsys.readouterr().out
    stood = {name for name, inode in files.items() if (site / name).stat().st_ino == inode}
    assert stood == {"force-a.html", "force-c.html"}
    assert "Drawn on 3 March 2026" in text(site / "force-a.html")
    assert "Drawn on 9 March 2026" in text(site / "force-b.html")
    (site / "force-a.html").write_text("altered")
    assert other.run("site", "--out", str(site)) == 0
    assert "(1 file written" in capsys.readouterr().out
    assert "Drawn on 9 March 2026" in text(site / "force-a.html")


def test_a_dated_promise_stands_beside_what_was_counted_since(shelf: Shelf, tmp_path: Path) -> None:
    shutil.copytree(shelf.home, tmp_path, dirs_exist_ok=True)
    other, site = Shelf(tmp_path), tmp_path / "pages"
    assert other.run("site", "--out", str(site)) == 0
    assert "promised" not in text(site / "force-b.html")
    (other.folder / "claims").mkdir(exist_ok=True)
    (other.folder / "claims" / "force-b.toml").write_text(
        '[[claim]]\nid = "use"\nsaid_by = "A minister"\nsaid_on = "2025-12-01"\nwhere = "a speech"\n'
        'statement = "used for short times only"\nquantity = "duty:uk.plan.time-footprint"\nrelation = "stated"\n'
    )
    assert other.run("site", "--out", str(site)) == 0
    page = text(site / "force-b.html")
    assert "What was promised, and what was counted since" in page
    assert "“used for short times only” A minister, 1 December 2025 Nothing that bears on it is published." in page
