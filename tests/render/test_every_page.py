"""Every kind of page in a real browser without script: all of it there at each width, and no table to move sideways.

The pages come from the shipped commands, as a reader gets them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Played
from tests.render.test_browser import COLLIDING, DESKTOP, LOST, OUTSIDE, PHONE, SIDEWAYS, axe

from countersign.cli.main import run

EXTRAS = {"met": ("--claims", "shipped", "--groups", "shipped", "--corrections", "shipped", "--baselines", "shipped")}
#: 640 is a desktop of 1280 at 200 per cent.
WIDTHS = (320, PHONE, 640, 768, 820, DESKTOP)
#: What a reader is given: the words that are drawn, without those that stand in one of a chart's two drawings only.
WORDS = """() => { document.querySelectorAll('.chart .wide').forEach(each => each.remove());
    return document.body.innerText.split(/\\s+/).join(' ') }"""


def opened(browser: Any, path: Path, *, script: bool) -> Any:
    context = browser.new_context(viewport={"width": PHONE, "height": 900}, java_script_enabled=script)
    page = context.new_page()
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    return page


def reads(browser: Any, path: Path) -> None:
    """The page says the same with and without script, and holds at each width."""
    page = opened(browser, path, script=False)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (path.name, width)
        for wrong in (OUTSIDE, SIDEWAYS, LOST, COLLIDING):
            assert page.evaluate(wrong, width) == [], (path.name, width)
    page.set_viewport_size({"width": PHONE, "height": 900})
    with_script = opened(browser, path, script=True)
    assert page.evaluate(WORDS) == with_script.evaluate(WORDS)
    page.context.close()
    with_script.context.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    ["met", "south-wales", "essex", "btp", "thames-valley", "bridges-2017-12-21", "bridges-2018-03-27", "met-2024",
     "invented-failing", "invented-well"],
)  # fmt: skip
def test_brief_and_evidence_read_without_script_at_every_width(browser: Any, tmp_path: Path, source: str) -> None:
    given = ["review", f"shipped:{source}", *EXTRAS.get(source, ()), "--format", "html", "--out", str(tmp_path)]
    assert run(given) == 0
    for path in sorted(tmp_path.iterdir()):
        reads(browser, path)


@pytest.mark.slow
def test_the_pages_of_check_compare_and_reconcile_read_without_script(browser: Any, tmp_path: Path) -> None:
    seen = tmp_path / "seen.csv"
    seen.write_text("date,place,who,alerts\n2024-05-02,Kingston,a local newspaper of 3 May 2024,4\n")
    for name, given in (
        ("check", ["check", "shipped:met"]),
        ("compare", ["compare", "shipped:met", "shipped:met-later"]),
        ("reconcile", ["reconcile", "shipped:met", str(seen)]),
    ):
        path = tmp_path / f"{name}.html"
        assert run([*given, "--html", str(path)]) == 1
        reads(browser, path)
        page = opened(browser, path, script=True)
        for width, scheme in ((PHONE, "dark"), (DESKTOP, "light")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            assert axe(page) == [], (name, width)
        page.context.close()


def test_a_rehearsal_and_its_public_site_read_without_script(browser: Any, quiet: Played) -> None:
    # The verifier is the one page that works by a script; tests/site/verifier holds what it says without one.
    pages = [path for path in (quiet.out / "site").rglob("*.html") if path.name != "verify.html"]
    paths = [*sorted((quiet.out / "report").glob("*.html")), *sorted(pages)]
    assert len(paths) > 10
    for path in paths:
        reads(browser, path)
