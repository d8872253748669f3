"""The pages of a trial in a real browser: brief and evidence without a violation of axe, nothing outside the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.render.test_browser import DESKTOP, OUTSIDE, PHONE, Visit, axe, visit

from countersign.cli.main import run

__all__ = ["visit"]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trial")
    made = folder / "made"
    groups = ["--group", "a=300", "--group", "b=200", "--ratio", "b=3", "--not-acquired", "b=0.05"]
    assert run(["trial", "simulate", *groups, "--out", str(made)]) == 0
    tables = [str(made / "searches.parquet"), "--subjects", str(made / "subjects.parquet")]
    asked = ["--enrolment", str(made / "enrolment.parquet"), "--by", "group", "--threshold", "0.55"]
    assert run(["trial", "evaluate", *tables, *asked, "--format", "html", "--out", str(folder)]) == 0
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(("name", "other"), [("trial", "evidence"), ("evidence", "trial")])
def test_a_trial_reads_on_phone_and_desk_without_a_violation(name: str, other: str, visit: Visit) -> None:
    page = visit(f"{name}.html", PHONE)
    for width in (PHONE, 820, DESKTOP):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(OUTSIDE, width) == []
    assert axe(page) == []
    page.emulate_media(color_scheme="dark")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert axe(page) == []
    assert page.evaluate(OUTSIDE, DESKTOP) == []
    assert page.locator(f"a[href^='{other}.html']").count() > 0
