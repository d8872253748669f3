"""A raised figure is a footnote's, in every form: 7 with a raised 1 is seven, never seventy-one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.published.forms_made import as_html, as_pdf

from countersign.progress import silent
from countersign.published.forms.pdf.page import pages
from countersign.published.read import read_source

HEAD = ["Date", "Location", "Faces seen", "Alerts", "Arrests"]
#: The date, the place, the faces, and what is raised behind each.
RAISED = [("11/06/2024", "2"), ("Dagenham", "1"), ("1,461", "a"), ("7", "1"), ("6", "1, 2")]


def _html(tag: str) -> Callable[[], bytes]:
    opening, closing = f"<{tag}>", f"</{tag.split()[0]}>"
    return lambda: as_html([HEAD, [f"{text}{opening}{mark}{closing}" for text, mark in RAISED]])


def _docx() -> bytes:
    import docx

    document = docx.Document()
    made = document.add_table(rows=2, cols=len(HEAD))
    for column, (heading, (text, mark)) in enumerate(zip(HEAD, RAISED, strict=True)):
        made.cell(0, column).text = heading
        made.cell(1, column).text = text
        run = made.cell(1, column).paragraphs[0].add_run(mark)
        run.font.superscript = True
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _xlsx() -> bytes:
    import openpyxl
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(HEAD)
    above = InlineFont(vertAlign="superscript")
    for column, (text, mark) in enumerate(RAISED, start=1):
        sheet.cell(2, column).value = CellRichText(text, TextBlock(above, mark))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _ods() -> bytes:
    def row(cells: list[str]) -> str:
        made = "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in cells
        )
        return f"<table:table-row>{made}</table:table-row>"

    names = {"office": "office", "table": "table", "text": "text", "style": "style"}
    stated = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in names)
    style = (
        '<office:automatic-styles><style:style style:name="T1" style:family="text">'
        '<style:text-properties style:text-position="super 58%"/></style:style></office:automatic-styles>'
    )
    cells = [f'{text}<text:span text:style-name="T1">{mark}</text:span>' for text, mark in RAISED]
    content = (
        f"<office:document-content {stated}>{style}<office:body><office:spreadsheet>"
        f'<table:table table:name="A">{row(HEAD)}{row(cells)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return out.getvalue()


def _pdf() -> bytes:
    """Marks that are small figures of the font's own: of the value's size, on its line, and in text plain figures."""
    rows = [HEAD, [f"{text.replace('/', chr(92) + '/')}#super[{mark}]" for text, mark in RAISED]]
    cells = "".join(f"[{cell}], " for row in rows for cell in row)
    return as_pdf(f"#table(columns: {len(HEAD)}, stroke: 0.5pt, {cells})")


FORMS: dict[str, Callable[[], bytes]] = {
    "html": _html("sup"), "html, a style": _html("span style='vertical-align: super'"), "docx": _docx,
    "xlsx": _xlsx, "ods": _ods,
    "pdf": _pdf,
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_raised_figure_is_no_figure_of_the_value(form: str, tmp_path: Path) -> None:
    (tmp_path / "published").write_bytes(FORMS[form]())
    (row,) = read_source(tmp_path / "published").rows
    assert (str(row.date), row.place, row.faces_seen) == ("2024-06-11", "Dagenham", 1461)
    assert (row.alerts, row.arrests, row.unsure) == (7, 6, {})
    assert (row.printed["alerts"], row.printed["arrests"]) == ("7¹", "6¹²")


def test_an_ordinal_stays_part_of_a_date(tmp_path: Path) -> None:
    (tmp_path / "published").write_bytes(as_html([HEAD, ["11<sup>th</sup> June 2024", "A", "1", "1", "0"]]))
    assert str(read_source(tmp_path / "published").rows[0].date) == "2024-06-11"


#: How a page sets a value, in Typst's markup, and how it is read.
SET = {
    "7#super[2]": "7²",
    "31,012#super[2]": "31,012²",
    "Leyton#super[1]": "Leyton¹",
    '#text(size: 5pt, weight: "bold")[21#super[1]]': "21¹",
    "#text(fill: luma(190))[11#super[1, 2]]": "11¹²",
    "#super[1]17": "¹17",
    "13#super(typographic: false, size: 1em)[2]": "13²",
    "14#super(typographic: false, size: 0.85em)[2]": "14²",
    "15#super(typographic: false)[a]": "15[a]",
    "16#super(typographic: false)[2]": "16",
    '#text(number-type: "old-style")[30126]': "30126",
    '#text(number-type: "old-style", size: 5pt)[31021#super[2]]': "31021²",
    "#text(size: 4pt, fill: luma(190))[714]": "714",
    "8#sub[2]": "82",
    "11#super[th]": "11th",
}


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_raised_figure_of_a_page_is_told_by_its_ink(turned: int) -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(as_pdf(" #h(12pt) ".join(SET)))
    document[0].set_rotation(turned)
    if not turned:
        document[0].set_cropbox(20, 30, 800, 580)
    out = io.BytesIO()
    document.save(out)
    (page,) = pages(out.getvalue(), "a.pdf", silent)
    assert sorted(word.text for word in page.words) == sorted(SET.values())
