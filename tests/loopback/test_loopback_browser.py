"""The page in a real browser: given a file, the report seen and saved; axe at both widths."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.loopback.client import TABLE
from tests.render.test_browser import DESKTOP, OUTSIDE, PHONE, axe


def stands(page: Any) -> None:
    """Nothing is wider than the page, and axe finds nothing, at both widths and in both schemes."""
    for width, scheme in ((PHONE, "light"), (DESKTOP, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(OUTSIDE, width) == []
        assert axe(page) == [], (page.url, width, scheme)


@pytest.fixture
def page(browser: Any, opened: Any) -> Any:
    """The first page of a door, whose policy lets no script run. Nothing may be fetched from elsewhere."""
    client = opened()
    context = browser.new_context(viewport={"width": PHONE, "height": 900})
    trouble: list[str] = []
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.on("request", lambda asked: trouble.append(asked.url) if client.host not in asked.url else None)
    page.on("console", lambda told: None if "404 (Not Found)" in told.text else trouble.append(told.text))
    page.goto(client.door.address)
    yield page
    context.close()
    assert trouble == []


def give(page: Any, path: Path) -> None:
    page.set_input_files("#file", path)
    page.click("text=Read it", no_wait_after=True)
    page.wait_for_selector(".result")
    page.wait_for_load_state()


@pytest.mark.slow
def test_a_file_is_given_and_the_report_seen_saved_and_forgotten(page: Any, tmp_path: Path) -> None:
    stands(page)
    table = tmp_path / "Grid, January 2024.csv"
    table.write_bytes(TABLE)
    give(page, table)
    assert page.inner_text("h1") == "Grid_ January 2024.csv"
    assert not page.is_visible(".notes")
    stands(page)
    with page.expect_download() as saved:
        page.click(".offered a >> text=CSV")
    assert saved.value.suggested_filename == "deployments.csv"
    assert saved.value.path().read_bytes().startswith(b"date,")
    page.click("text=Read the report")
    page.wait_for_load_state()
    assert page.title() == "Live facial recognition, January to February 2024"
    page.click("nav a >> nth=1")
    assert "#" in page.url
    page.go_back()
    page.go_back()
    page.click("text=Forget it now")
    assert page.inner_text("h1") == "Give a file, get the report"


#: The notes on progress that are seen; each takes the place of the one before.
NOTES = "[...document.querySelectorAll('.notes p')].filter(note => note.offsetHeight).map(note => note.textContent)"


@pytest.mark.slow
def test_without_script_a_reader_sees_how_far_it_is_and_gets_the_report(
    browser: Any, opened: Any, shared: Path
) -> None:
    context = browser.new_context(viewport={"width": PHONE, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    page.goto(opened().door.address)
    page.set_input_files("#file", shared / "published" / "met-lfr-grid-2023-to-2024.pdf")
    page.click("text=Read it", no_wait_after=True)
    page.wait_for_selector(".notes")
    shown: set[str] = set()
    for _ in range(600):
        shown.update(page.evaluate(NOTES))
        if page.evaluate("document.querySelector('.result') !== null"):
            break
        page.wait_for_timeout(50)
    assert len({note for note in shown if note.startswith("Reading pages")}) > 1
    page.click("text=Read the report")
    page.wait_for_load_state()
    assert "203 deployments were published" in page.inner_text("main")
    context.close()


@pytest.mark.slow
def test_a_refusal_is_a_page_like_the_others(page: Any, tmp_path: Path) -> None:
    picture = tmp_path / "grid.pdf"
    picture.write_bytes(b"\xff\xd8\xff" + b"0" * 100)
    give(page, picture)
    assert re.search("takes none", page.inner_text(".result"))
    stands(page)
    page.goto(page.url.rpartition("/")[0] + "/guessed")
    assert "not held any longer" in page.inner_text("main")
    stands(page)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["met-lfr-grid-2020-2022.pdf", "met-lfr-grid-2023-to-2024.pdf"])
def test_the_published_files_of_the_metropolitan_police(page: Any, shared: Path, name: str) -> None:
    give(page, shared / "published" / name)
    count = 9 if "2020" in name else 203
    assert f"{count} deployments were published" in page.inner_text(".result")
    stands(page)
    page.click("text=Read the report")
    page.wait_for_load_state()
    page.click("text=The evidence: every figure with its source rows")
    page.wait_for_load_state()
    assert page.evaluate("document.querySelectorAll('tr[id^=row-]').length") == count
