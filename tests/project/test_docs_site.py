"""The documentation site: builds without a warning, fetches nothing from elsewhere, and its search works from disk."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("docs")
    build = ["-m", "sphinx", "-q", "-W", "--keep-going", "-c", "docs/site", "-d", str(out / "trees")]
    ran = subprocess.run([sys.executable, *build, ".", str(out / "html")], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return out / "html"


def test_every_page_under_docs_is_on_it(site: Path) -> None:
    pages = {path.relative_to(ROOT).with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    assert {path for path in pages if not (site / path).is_file()} == set()
    api = (site / "docs" / "site" / "api.html").read_text("utf-8")
    assert all(f"{name}(" in api.replace("</span>", "") or name in api for name in ("reconcile", "verify", "by_group"))


def test_it_asks_for_nothing_from_elsewhere_and_its_search_works_from_disk(site: Path, browser: Any) -> None:
    context = browser.new_context(offline=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / "docs" / "site" / "index.html").as_uri())
    assert page.locator("h1").inner_text().startswith("Countersign")
    page.fill("input[name=q]", "Clopper")
    page.press("input[name=q]", "Enter")
    page.wait_for_selector("ul.search li a")
    assert any("methods" in (link.get_attribute("href") or "") for link in page.locator("ul.search li a").all())
    assert {url.partition(":")[0] for url in asked} <= {"file", "data"}
    context.close()
