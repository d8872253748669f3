"""Small publications in every form, made of rows of texts: what the tests of reading any force's publication read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

HEADINGS = (
    "Date", "Location", "Duration", "Watchlist size", "Faces seen", "Total alerts", "True alerts", "False alerts",
    "Arrests",
)  # fmt: skip
ROWS = (
    ("11/06/2024", "Dagenham", "6h10m", "15,250", "1,461", "9", "9", "0", "6"),
    ("13/06/2024", "Haringey", "5h40m", "14,581", "1,589", "7", "7", "0", "3"),
    ("19/06/2024", "Ilford", "4h41m", "14,710", "1,388", "10", "9", "1", "8"),
    ("26/06/2024", "Peckham", "5h01m", "15,329", "843", "9", "9", "0", "2"),
)
Rows = Sequence[Sequence[str]]


def table(**columns: Sequence[str]) -> list[list[str]]:
    """The rows with the columns of these headings (spaces as underscores) replaced, and their line of headings."""
    named = {heading: [row[at] for row in ROWS] for at, heading in enumerate(HEADINGS)}
    named |= {heading.replace("_", " "): list(values) for heading, values in columns.items()}
    length = max(len(values) for values in columns.values()) if columns else len(ROWS)
    lines = [list(named)]
    lines += [[values[at % len(values)] for values in named.values()] for at in range(length)]
    return lines


def as_csv(rows: Rows) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def as_xlsx(sheets: Mapping[str, Sequence[Sequence[Any]]], change: Callable[[Any], None] = lambda _: None) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    assert book.active is not None
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_xls(rows: Rows) -> bytes:
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("LFR")
    for at, row in enumerate(rows):
        for column, text in enumerate(row):
            sheet.write(at, column, text)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_html(rows: Rows, before: str = "<h1>LFR deployments</h1>") -> bytes:
    lines = "".join(f"<tr>{''.join(f'<td>{text}</td>' for text in row)}</tr>" for row in rows)
    return f"<!doctype html><html><head><title>LFR</title></head><body>{before}<table>{lines}</table>".encode()


def as_docx(rows: Rows) -> bytes:
    import docx

    document = docx.Document()
    document.add_paragraph("LFR deployments")
    made = document.add_table(rows=len(rows), cols=len(rows[0]))
    for at, row in enumerate(rows):
        for column, text in enumerate(row):
            made.cell(at, column).text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def as_json(rows: Rows) -> bytes:
    return json.dumps([dict(zip(rows[0], row, strict=True)) for row in rows[1:]]).encode()


def as_pdf(source: str) -> bytes:
    """A page typeset from Typst's markup, landscape, ten points."""
    import typst

    page = '#set page(width: 297mm, height: 210mm, margin: 12mm)\n#set text(size: 10pt, font: "Libertinus Serif")\n'
    made = typst.compile((page + source).encode(), ignore_system_fonts=True)
    assert isinstance(made, bytes)
    return made


def pdf_table(
    rows: Rows, *, stroke: str = "0.5pt", cell: Callable[[str, int, int], str] = lambda text, *_: text
) -> str:
    """A table in Typst's markup; ``cell`` may dress a text by row and column."""
    cells = "".join(
        f"[{cell(_escaped(text), at, column)}], " for at, row in enumerate(rows) for column, text in enumerate(row)
    )
    return f"#table(columns: {len(rows[0])}, stroke: {stroke}, {cells})\n"


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "#$*_@<>[]\\`~/" else letter for letter in text)
