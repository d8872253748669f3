"""The page in a real browser, Debian's chromium: axe, widths, keyboard, links, print, hostile text, nothing fetched."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from countersign.document import Document
from countersign.render.html import render_html

AXE = Path(__file__).parent / "axe" / "axe.min.js"
PHONE, DESKTOP = 390, 1280


@pytest.fixture(scope="session")
def real_record() -> Document:
    """The review of the shipped record, with all that ships beside it."""
    import countersign

    review = countersign.review_source("shipped:met", claims="shipped", groups="shipped", corrections="shipped")
    return review.document


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, sample_page: bytes, hostile_page: bytes) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    (folder / "sample.html").write_bytes(sample_page)
    (folder / "hostile.html").write_bytes(hostile_page)
    return folder


Visit = Callable[..., Any]


@pytest.fixture
def visit(browser: Any, folder: Path) -> Iterator[Visit]:
    """Opens a page from disk at a width, in a colour scheme. Anything fetched besides, logged or asked is a failure."""
    contexts = []
    trouble: list[str] = []
    addresses: list[str] = []

    def opened(name: str, width: int, scheme: str = "light") -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        addresses.append((folder / name).as_uri())
        page.on("request", lambda request: trouble.append(request.url))
        page.on("console", lambda message: trouble.append(message.text))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("dialog", lambda dialog: trouble.append(dialog.message))
        page.goto(addresses[-1])
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [line for line in trouble if line.split("#")[0] not in addresses] == []


def until(page: Any, holds: str) -> None:
    """Waits until an expression holds. By hand: the page's own policy forbids what playwright would wait with."""
    for _ in range(50):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never came true: {holds}")


def axe(page: Any) -> list[str]:
    """What axe finds, as rule and place. All its rules run, the experimental ones excepted."""
    if not page.evaluate("typeof axe === 'object'"):
        # Evaluated by the debugger, for the page's own policy allows no script.
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert found["passes"]
    nodes = [(rule["id"], node) for rule in found["violations"] for node in rule["nodes"]]
    return [f"{rule}: {node['target']} {node['failureSummary']}" for rule, node in nodes]


def test_axe_finds_no_violation_at_either_width_in_light_or_dark(visit: Visit) -> None:
    page = visit("sample.html", PHONE)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    for width in (PHONE, DESKTOP):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert axe(page) == [], (width, scheme)
    # And it would find something, were it there.
    page.evaluate("document.documentElement.removeAttribute('lang')")
    page.evaluate("document.querySelector('.lead').style.color = '#777'")
    assert [line.split(":")[0] for line in axe(page)] == ["color-contrast", "html-has-lang"]


OUTSIDE = """width => [...document.querySelectorAll('body *')].filter(each => {
    const box = each.getBoundingClientRect();
    return box.width && (box.right > width + 1 || box.left < -1) && !each.closest('.scroll, .skip, .unseen, svg');
}).map(each => each.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("name", ["sample.html", "hostile.html"])
def test_nothing_stands_out_of_the_page(visit: Visit, name: str) -> None:
    page = visit(name, PHONE)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    for width in (320, PHONE, 700, 1000, DESKTOP):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(OUTSIDE, width) == []


@pytest.mark.parametrize(("width", "kind"), [(PHONE, "narrow"), (DESKTOP, "wide")])
def test_one_drawing_of_each_chart_is_seen_and_its_text_can_be_read(visit: Visit, width: int, kind: str) -> None:
    page = visit("sample.html", width)
    sizes = page.evaluate(
        """[...document.querySelectorAll('.chart')].map(chart => {
            const seen = [...chart.querySelectorAll('svg')].filter(each => each.getBoundingClientRect().width);
            const svg = seen[0];
            const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
            const cut = [...svg.querySelectorAll('text')].filter(each => {
                const text = each.getBoundingClientRect(), frame = svg.getBoundingClientRect();
                return text.left < frame.left - 1 || text.right > frame.right + 1 || text.top < frame.top - 2
                    || text.bottom > frame.bottom + 2;
            }).map(each => each.textContent);
            return [seen.length, svg.parentElement.className, scale * 12, cut];
        })"""
    )
    assert len(sizes) == 9
    for seen, name, pixels, cut in sizes:
        assert (seen, name, cut) == (1, kind, [])
        assert pixels >= 11.5


def test_the_keyboard_reaches_everything(visit: Visit) -> None:
    page = visit("sample.html", PHONE)
    page.keyboard.press("Tab")
    skip = page.evaluate("[document.activeElement.textContent, document.activeElement.getBoundingClientRect().left]")
    assert skip == ["Skip to the report", 0]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "report"

    seen: list[str] = []
    for _ in range(80):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.tagName + '.' + document.activeElement.className"))
        if seen[-1].startswith("BODY"):
            break
    assert {"SUMMARY.", "A.rows", "DIV.scroll long broad"} <= set(seen)

    page.focus("summary")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('details').open")
    assert outline == "solid"

    page.focus(".scroll.long")
    page.keyboard.press("ArrowRight")
    until(page, "document.activeElement.scrollLeft > 0")


def test_a_range_leads_to_its_row(visit: Visit) -> None:
    page = visit("sample.html", DESKTOP)
    page.click("text='45'")
    row = "document.querySelector('#row-met-2024-45').getBoundingClientRect()"
    until(page, f"{row}.top > 0 && {row}.bottom < innerHeight")
    assert page.evaluate("document.querySelector(':target').id") == "row-met-2024-45"


def test_a_large_table_keeps_its_headings_in_view(visit: Visit) -> None:
    page = visit("sample.html", DESKTOP)
    page.evaluate("document.querySelector('.scroll.long').scrollTop = 700")
    top, head = page.evaluate(
        """[document.querySelector('.scroll.long').getBoundingClientRect().top,
            document.querySelector('.scroll.long thead th').getBoundingClientRect().top]"""
    )
    assert head == pytest.approx(top, abs=1)


def test_print_holds_the_folded_tables_and_no_navigation(visit: Visit, sample: Document) -> None:
    page = visit("sample.html", DESKTOP, "dark")
    printed = pypdfium2.PdfDocument(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    text = " ".join(" ".join(sheet.get_textpage().get_text_range() for sheet in printed).split())
    assert "The numbers of funnel-table" in text
    assert "1,052" in text
    assert "Folded at first." in text
    assert "Outcome 7" in text
    assert "Skip to the report" not in text
    assert "Contents" not in text
    assert 5 <= len(printed) <= 14


def test_hostile_texts_run_nothing_and_make_no_element(visit: Visit, hostile_texts: tuple[str, ...]) -> None:
    page = visit("hostile.html", PHONE)
    assert (
        page.evaluate(
            "document.querySelectorAll('script, img, iframe, object, label, [onmouseover], [onerror]').length"
        )
        == 0
    )
    assert page.evaluate("document.querySelector('h1').textContent") == hostile_texts[0]
    assert page.evaluate("getComputedStyle(document.querySelector('main')).direction") == "ltr"


def test_the_report_on_the_real_record_stands_in_the_page(visit: Visit, folder: Path, real_record: Document) -> None:
    (folder / "real.html").write_bytes(render_html(real_record))
    page = visit("real.html", PHONE)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    for width in (PHONE, DESKTOP):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(OUTSIDE, width) == []
    rows = page.evaluate("document.querySelectorAll('tr[id^=row-]').length")
    assert rows == 324
    # Every range of rows leads somewhere: the record's rows are all in the report.
    assert page.evaluate("document.querySelectorAll('span.rows').length") == 0
    assert page.evaluate("document.querySelectorAll('a.rows').length") > 100


@pytest.mark.slow
def test_axe_finds_no_violation_in_the_report_on_the_real_record(
    visit: Visit, folder: Path, real_record: Document
) -> None:
    (folder / "real.html").write_bytes(render_html(real_record))
    page = visit("real.html", PHONE)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    for width, scheme in ((PHONE, "light"), (DESKTOP, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert axe(page) == [], (width, scheme)
