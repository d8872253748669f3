"""The report of one deployment in a real browser: no violation of axe, nothing outside the page, phone and desk."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.render.test_browser import DESKTOP, OUTSIDE, PHONE, Visit, axe, visit

from countersign.any_source import review_source
from countersign.render.html import render_html

__all__ = ["visit"]
NAMES = ("invented-failing", "bridges-2017-12-21")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deployments")
    for name in NAMES:
        (folder / f"{name}.html").write_bytes(render_html(review_source(f"shipped:{name}").document))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_deployment_reads_on_phone_and_desk_without_a_violation(name: str, visit: Visit) -> None:
    page = visit(f"{name}.html", PHONE)
    for width in (PHONE, DESKTOP):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(OUTSIDE, width) == []
        assert axe(page) == [], width
    page.emulate_media(color_scheme="dark")
    assert axe(page) == []
    # Closed details hide nothing from the check of contrast once they are open.
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert axe(page) == []
    assert page.evaluate(OUTSIDE, DESKTOP) == []
    assert page.locator("a[href^='#row-log-']").count() > 0
