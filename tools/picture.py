"""Make ``docs/images/report.png``, the README's picture: the first screen of the brief on the shipped real record.

Needs Debian's chromium and the development environment. A page is set in the reader's own font; here that is the font
shipped for the PDF, so that the picture does not depend on what this machine has installed.

    python tools/picture.py
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

import countersign
from countersign.render.html import render_html
from countersign.render.text import FOLDER

ROOT = Path(__file__).resolve().parents[1]
WIDTH, HEIGHT = 1280, 1215
MOST_BYTES = 300_000

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <match target="pattern"><edit name="family" mode="assign" binding="strong"><string>Inter</string></edit></match>
</fontconfig>
"""


def main() -> int:
    """Draw the brief, open it in the browser, and keep its first screen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images" / "report.png")
    out: Path = parser.parse_args().out
    program = shutil.which("chromium")
    if program is None:
        print("chromium is not installed: apt-get install chromium", file=sys.stderr)
        return 5
    from playwright.sync_api import sync_playwright

    review = countersign.review_source("shipped:met", claims="shipped", groups="shipped", corrections="shipped")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "review.html").write_bytes(render_html(review.brief))
        fonts = folder / "fonts.conf"
        fonts.write_text(FONTS.format(fonts=FOLDER, cache=folder / "cache"), encoding="utf-8")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=program,
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars"],
                env={**os.environ, "FONTCONFIG_FILE": str(fonts)},
            )
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
            page.goto((folder / "review.html").as_uri())
            out.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=out)
            browser.close()
    size = out.stat().st_size
    print(f"{out}: {size / 1000:.0f} kB")
    return 0 if size <= MOST_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
