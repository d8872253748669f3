"""The page in a real browser, Debian's chromium: axe, widths, keyboard, links, print, hostile text, nothing fetched."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from tests.render.conftest import numbers
from tests.render.test_pdf import sizes

from countersign.document import Document, Section
from countersign.render.html import render_html

AXE = Path(__file__).parent / "axe" / "axe.min.js"
PHONE, DESKTOP = 390, 1280


@pytest.fixture(scope="session")
def real_record() -> Document:
    """The evidence of the shipped record, with all that ships beside it."""
    evidence, _ = _of_the_record()
    return evidence


@pytest.fixture(scope="session")
def real_brief() -> Document:
    """The brief of the shipped record."""
    _, brief = _of_the_record()
    return brief


@cache
def _of_the_record() -> tuple[Document, Document]:
    import countersign

    review = countersign.review_source("shipped:met", claims="shipped", groups="shipped", corrections="shipped")
    return review.document, review.brief


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, sample_page: bytes, hostile_page: bytes) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    (folder / "sample.html").write_bytes(sample_page)
    (folder / "hostile.html").write_bytes(hostile_page)
    long = numbers("long", tuple((f"Place {count}", str(count)) for count in range(60)))
    (folder / "long.html").write_bytes(render_html(Document("Long", "", "en", (Section("s", "S", (long,)),))))
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


SLOWLY = pytest.mark.slow
VIEWS = [(PHONE, "light"), pytest.param(PHONE, "dark", marks=SLOWLY), pytest.param(DESKTOP, "light", marks=SLOWLY),
         (DESKTOP, "dark")]  # fmt: skip


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
@pytest.mark.slow
def test_axe_finds_no_violation_at_either_width_in_light_or_dark(visit: Visit, width: int, scheme: str) -> None:
    page = visit("sample.html", width, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert axe(page) == []


@pytest.mark.slow
def test_axe_would_find_what_is_wrong(visit: Visit) -> None:
    page = visit("sample.html", PHONE)
    page.evaluate("document.querySelectorAll('main > :not(:first-child)').forEach(each => each.remove())")
    page.evaluate("document.documentElement.removeAttribute('lang')")
    page.evaluate("document.querySelector('.lead').style.color = '#777'")
    assert [line.split(":")[0] for line in axe(page)] == ["color-contrast", "html-has-lang"]


OUTSIDE = """width => [...document.querySelectorAll('body *')].filter(each => {
    const box = each.getBoundingClientRect();
    return box.width && (box.right > width + 1 || box.left < -1) && !each.closest('.scroll, .skip, .unseen, svg');
}).map(each => each.outerHTML.slice(0, 120))"""


#: Tables that are wider than their frame, so that a reader would have to move them sideways to read a row.
SIDEWAYS = """() => [...document.querySelectorAll('.scroll')].filter(each => each.scrollWidth > each.clientWidth + 1)
    .map(each => each.textContent.trim().slice(0, 80))"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sample.html", "hostile.html"])
def test_nothing_stands_out_of_the_page(visit: Visit, name: str) -> None:
    page = visit(name, PHONE)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    # 640 is a desktop of 1280 at 200 per cent.
    for width in (320, PHONE, 640, 768, 1000, DESKTOP):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(OUTSIDE, width) == []
        assert page.evaluate(SIDEWAYS) == []


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


@pytest.mark.slow
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
    assert {"SUMMARY.", "A.rows"} <= set(seen)
    assert any(re.fullmatch("DIV.scroll n[0-9]+ long", place) for place in seen)

    page.focus("summary")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('details').open")
    assert outline == "solid"

    page.focus(".scroll.long")
    page.keyboard.press("ArrowDown")
    until(page, "document.activeElement.scrollTop > 0")


@pytest.mark.slow
def test_a_range_leads_to_its_row(visit: Visit) -> None:
    page = visit("sample.html", DESKTOP)
    page.click("text='45'")
    row = "document.querySelector('#row-met-2024-45').getBoundingClientRect()"
    until(page, f"{row}.top > 0 && {row}.bottom < innerHeight")
    assert page.evaluate("document.querySelector(':target').id") == "row-met-2024-45"


MARKED = """[...document.querySelectorAll('tr[id^=row-met]')]
    .filter(row => getComputedStyle(row).backgroundColor === 'rgb(255, 243, 196)')
    .map(row => row.id.split('-').at(-1))"""


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.slow
def test_a_range_marks_all_rows_it_names_and_no_other(visit: Visit, width: int) -> None:
    page = visit("sample.html", width)
    page.click("text='rows 1–40'")
    assert page.evaluate(MARKED) == [str(row) for row in range(1, 41)]
    row = "document.querySelector('#row-met-2024-1').getBoundingClientRect()"
    until(page, f"{row}.top >= -1 && {row}.top < innerHeight")
    page.click("text='45'")
    assert page.evaluate(MARKED) == ["45"]


@pytest.mark.slow
def test_the_contents_show_where_the_reader_is(visit: Visit) -> None:
    page = visit("sample.html", DESKTOP)
    heavy = "[...document.querySelectorAll('nav a')].filter(a => getComputedStyle(a).fontWeight > 600).map(a => a.hash)"
    for place in ("accuracy", "claims"):
        page.evaluate(f"document.querySelector('#{place}').scrollIntoView({{behavior: 'instant'}})")
        page.evaluate("scrollBy({top: 5, behavior: 'instant'})")
        until(page, f"JSON.stringify({heavy}) === '[\"#{place}\"]'")
    assert page.evaluate("document.querySelector('nav').getBoundingClientRect().top") >= 0


@pytest.mark.slow
def test_a_phone_has_a_way_back_to_the_contents(visit: Visit) -> None:
    page = visit("sample.html", PHONE)
    page.evaluate("document.querySelector('#rows').scrollIntoView({behavior: 'instant'})")
    page.click(".to-contents a")
    until(page, "document.querySelector('#contents').getBoundingClientRect().top >= 0 && scrollY < 900")


#: Elements with words of their own that are not drawn at all, and whose words stand nowhere that is: closed details may
#: be opened, and of two drawings of a chart one is seen.
LOST = """() => [...document.querySelectorAll('body *')].filter(each => getComputedStyle(each).display === 'none'
    && each.textContent.trim() && !each.closest('.chart .narrow, .chart .wide, .to-contents, title, desc'))
    .map(each => each.outerHTML.slice(0, 120))"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sample.html", pytest.param("hostile.html", marks=SLOWLY)])
def test_nothing_that_holds_data_is_left_out_at_any_width(visit: Visit, name: str) -> None:
    page = visit(name, PHONE)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    for width in (PHONE, 640, 768, DESKTOP):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(LOST) == []
        drawn = "[...chart.querySelectorAll('svg')].filter(svg => svg.clientWidth).length"
        assert set(page.evaluate(f"[...document.querySelectorAll('.chart')].map(chart => {drawn})")) == {1}
    # On a phone each cell has the label of its column before it.
    page.set_viewport_size({"width": PHONE, "height": 900})
    labels = page.evaluate(
        "[...document.querySelectorAll('td')].map(each => getComputedStyle(each, '::before').content)"
    )
    assert "none" not in labels


COLLIDING = """() => [...document.querySelectorAll('.chart svg, .card svg')].flatMap(svg => {
    const texts = svg.clientWidth ? [...svg.querySelectorAll('text')] : [];
    const boxes = texts.map(each => [each.textContent, each.getBoundingClientRect()]);
    const frame = svg.getBoundingClientRect();
    const across = (a, b) => a.left < b.right - 1 && b.left < a.right - 1;
    const meets = (a, b) => across(a, b) && a.top < b.bottom - 3 && b.top < a.bottom - 3;
    const cut = boxes.filter(([, box]) => box.left < frame.left - 1 || box.right > frame.right + 1);
    return boxes.flatMap(([words, box], at) => boxes.slice(at + 1).filter(([, other]) => meets(box, other))
        .map(([other]) => words + ' | ' + other)).concat(cut.map(([words]) => words));
})"""


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_no_two_words_of_a_chart_meet_and_none_is_cut(visit: Visit, width: int) -> None:
    page = visit("sample.html", width)
    assert page.evaluate(COLLIDING) == []
    # And it would see them.
    page.evaluate("document.querySelectorAll('.chart text').forEach(text => text.setAttribute('y', 9))")
    assert page.evaluate(COLLIDING) != []


@pytest.mark.slow
def test_a_square_of_the_wall_says_its_duty_and_state_and_is_reached_by_keyboard(visit: Visit) -> None:
    page = visit("sample.html", PHONE)
    names = page.evaluate("[...document.querySelectorAll('.wall a')].map(a => a.textContent)")
    assert names[2] == "NMDuty 2: not met"
    assert page.get_by_role("link", name="Duty 2: not met").count() == 1
    page.focus(".wall a")
    page.keyboard.press("Tab")
    assert page.evaluate("[document.activeElement.title, getComputedStyle(document.activeElement).outlineStyle]") == [
        "Duty 1 (uk.duty-1)",
        "solid",
    ]
    sizes = page.evaluate("[...document.querySelectorAll('.wall a')].map(a => a.getBoundingClientRect().height)")
    assert min(sizes) >= 24


def test_a_large_table_keeps_its_headings_in_view(visit: Visit) -> None:
    page = visit("long.html", DESKTOP)
    page.evaluate("document.querySelector('.scroll.long').scrollTop = 700")
    top, head = page.evaluate(
        """[document.querySelector('.scroll.long').getBoundingClientRect().top,
            document.querySelector('.scroll.long thead th').getBoundingClientRect().top]"""
    )
    assert head == pytest.approx(top, abs=1)


@pytest.mark.slow
def test_print_holds_the_folded_tables_and_no_navigation(visit: Visit, sample: Document) -> None:
    page = visit("sample.html", DESKTOP, "dark")
    pdf = page.pdf(prefer_css_page_size=True)
    printed = pypdfium2.PdfDocument(io.BytesIO(pdf))
    assert min(sizes(pdf, len(printed))) >= 7.9
    text = " ".join(" ".join(sheet.get_textpage().get_text_range() for sheet in printed).split())
    assert "The numbers of funnel-table" in text
    assert "1,052" in text
    assert "Folded at first." in text
    assert "Outcome 7" in text
    assert "Skip to the report" not in text
    assert "Contents" not in text
    assert 5 <= len(printed) <= 20
    # What it is about stands on every sheet.
    assert all("Metropolitan Police · January 2023" in sheet.get_textpage().get_text_range() for sheet in printed)


@pytest.mark.slow
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


@pytest.mark.slow
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
@pytest.mark.parametrize("source", ["shipped:met", "shipped:bridges-2017-12-21", "shipped:invented-failing"])
def test_a_brief_reads_at_every_width_in_light_and_dark(visit: Visit, folder: Path, source: str) -> None:
    import countersign

    extras: dict[str, Any] = (
        {"claims": "shipped", "groups": "shipped", "corrections": "shipped"} if source == "shipped:met" else {}
    )
    (folder / "brief.html").write_bytes(render_html(countersign.review_source(source, **extras).brief))
    page = visit("brief.html", PHONE)
    for unfolded in (False, True):
        page.evaluate(f"document.querySelectorAll('details').forEach(each => each.open = {str(unfolded).lower()})")
        for width in (PHONE, 640, 768, DESKTOP):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate(OUTSIDE, width) == []
            assert page.evaluate(LOST) == []
            assert page.evaluate(COLLIDING) == []
    for width, scheme in ((PHONE, "light"), (DESKTOP, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert axe(page) == [], (width, scheme)


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


@pytest.mark.slow
def test_the_brief_of_the_real_record_stands_in_the_page_and_axe_finds_nothing(
    visit: Visit, folder: Path, real_brief: Document
) -> None:
    (folder / "brief.html").write_bytes(render_html(real_brief))
    page = visit("brief.html", PHONE)
    for width, scheme in ((PHONE, "light"), (768, "dark"), (DESKTOP, "light")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(OUTSIDE, width) == []
        assert page.evaluate(COLLIDING) == []
        assert axe(page) == [], (width, scheme)
    headings = page.evaluate("[...document.querySelectorAll('h1, h2, h3')].map(each => each.textContent)")
    assert "Error rates per face from before and after August 2024 cannot be compared" in headings
