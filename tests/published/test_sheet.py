"""Spreadsheets: XLSX and ODS alike, and what hides in them; formulas, bombs and broken files."""

from __future__ import annotations

import datetime
import io
import random
import zipfile
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import pytest

from countersign.errors import WrongForm
from countersign.published.files import TooLarge
from countersign.published.forms import sheet
from countersign.published.forms.ods import read_ods
from countersign.published.forms.sheet import BrokenSheet
from countersign.published.forms.xlsx import read_xlsx
from countersign.published.table.headings import NoTable, UnknownColumn
from countersign.published.table.maps import parse_map
from countersign.published.table.record import Record

HEADINGS = [
    "Date",
    "Deployment Location",
    "Total Alerts",
    "Faces seen (Estimate)",
    "Threshold",
    "Duration",
    "False Alert Rate",
]
DAY = datetime.datetime(2024, 2, 1)  # noqa: DTZ001 - a spreadsheet's dates have no zone


def xlsx(change: Callable[[Any], None] = lambda book: None) -> bytes:
    book = openpyxl.Workbook()
    page: Any = book.active
    page.title = "Data"
    page.append(["Answer to request 1234"])
    page.append(HEADINGS)
    page.append([DAY, "Camden", 3, 12187, 0.64, datetime.timedelta(hours=5, minutes=3), 0.0008])
    page["G3"].number_format = "0.00%"
    page.append(["02/02/24", "Kew", 1, "N/A", 0.6, "5h40", "0%"])
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cell(value: object, **attributes: str) -> str:
    told = "".join(f' table:{name.replace("_", "-")}="{text}"' for name, text in attributes.items())
    if value is None:
        return f"<table:table-cell{told}/>"
    kind = 'office:value-type="string"'
    if isinstance(value, int | float):
        kind = f'office:value-type="float" office:value="{value}"'
    if isinstance(value, datetime.date):
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    return f"<table:table-cell {kind}{told}><text:p>{escape(str(value))}</text:p></table:table-cell>"


def line(*cells: str, **attributes: str) -> str:
    told = "".join(f' table:{name.replace("_", "-")}="{text}"' for name, text in attributes.items())
    return f"<table:table-row{told}>{''.join(cells)}</table:table-row>"


GOOD_LINES = (
    line(cell("Answer to request 1234")),
    line(*(cell(heading) for heading in HEADINGS)),
    line(
        cell(datetime.date(2024, 2, 1)), cell("Camden"), cell(3), cell(12187), cell(0.64), cell("05:03:00"),
        cell("0.08%"),
    ),
    line(cell("02/02/24"), cell("Kew"), cell(1), cell("N/A"), cell(0.6), cell("5h40"), cell("0%")),
)  # fmt: skip


def ods(*lines: str, before: str = "", table: str = "", manifest: str = "", head: str = "") -> bytes:
    names = "office table text style"
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names.split())
    content = (
        f'<?xml version="1.0"?>{head}<office:document-content {spaces}>{before}<office:body><office:spreadsheet>'
        f'<table:table table:name="Data"{table}>{"".join(lines or GOOD_LINES)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest or "<manifest/>")
    return out.getvalue()


def both() -> list[Record]:
    return [read_xlsx(xlsx(), "answer.xlsx"), read_ods(ods(), "answer.ods")]


@pytest.mark.parametrize("record", both(), ids=["xlsx", "ods"])
def test_xlsx_and_ods_read_alike(record: Record) -> None:
    assert not record.refused
    first, second = record.rows
    assert (first.date, first.place, first.alerts, first.faces_seen) == (DAY.date(), "Camden", 3, 12187)
    assert (str(first.threshold), first.duration_minutes, first.false_alert_rate_printed) == ("0.64", 303, "0.08%")
    assert (second.faces_seen, second.printed["faces_seen"], second.page) == (None, "N/A", 1)
    assert record.documents[0].columns == {
        "date", "place", "alerts", "faces_seen", "threshold", "duration_minutes", "false_alert_rate_printed",
    }  # fmt: skip


def test_xlsx_formulas_are_not_computed_and_are_told() -> None:
    def change(book: Any) -> None:
        book.active["C4"] = "=1+1"

    record = read_xlsx(xlsx(change), "answer.xlsx")
    assert "formula" in record.rows[1].unsure["alerts"].reason
    assert any("1 cell holds a formula (C4)" in note for note in record.documents[0].notes)


def test_ods_formulas_keep_the_value_last_saved_and_are_told() -> None:
    saved = line(cell("03/02/24"), cell("Kew"), cell(2, formula="of:=1+1"), *[cell(None)] * 4)
    unsaved = line(cell("04/02/24"), cell("Kew"), cell(None, formula="of:=1+1"), *[cell(None)] * 4)
    record = read_ods(ods(*GOOD_LINES, saved, unsaved), "answer.ods")
    assert record.rows[2].alerts == 2
    assert "formula" in record.rows[3].unsure["alerts"].reason
    assert any("2 cells hold formulas (C5, C6)" in note for note in record.documents[0].notes)


def test_xlsx_hidden_and_merged_cells_are_told() -> None:
    def change(book: Any) -> None:
        book.active.row_dimensions[4].hidden = True
        book.active.column_dimensions["E"].hidden = True
        book.active.merge_cells("A1:C1")
        other = book.create_sheet("Kept back")
        other.sheet_state = "veryHidden"
        other.append(["Date", "Location"])
        other.append([DAY, "Ealing"])
        book.create_sheet("Notes").append(["See", "over"])

    record = read_xlsx(xlsx(change), "answer.xlsx")
    assert [row.place for row in record.rows] == ["Camden"], "what a reader does not see is no part of it"
    assert [(kept.place, kept.reason) for kept in record.set_aside] == [("sheet 'Data', row 4", "the row is hidden")]
    notes = " ".join(record.documents[0].notes)
    for told in (
        "1 range of cells is merged (A1:C1)",
        "(row 4, column E)",
        "what is hidden was not read",
        "Sheet 'Kept back' is hidden; it was not read",
        "Sheet 'Notes' holds no table",
    ):
        assert told in notes


def test_ods_hidden_and_merged_cells_are_told() -> None:
    style = (
        '<office:automatic-styles><style:style style:name="ta2"><style:table-properties table:display="false"/>'
        "</style:style></office:automatic-styles>"
    )
    lines = [
        '<table:table-column table:number-columns-repeated="2"/><table:table-column table:visibility="collapse"/>',
        *GOOD_LINES[:3],
        line(cell("02/02/24"), cell("Kew", number_columns_spanned="1", number_rows_spanned="2"), visibility="filter"),
    ]
    record = read_ods(ods(*lines), "answer.ods")
    notes = " ".join(record.documents[0].notes)
    for told in ("1 range of cells is merged (B4)", "(row 4, column C)"):
        assert told in notes
    with pytest.raises(NoTable, match="all that it holds is on hidden sheets"):
        read_ods(ods(*lines, before=style, table=' table:style-name="ta2"'), "answer.ods")


def test_repeated_rows_and_cells_are_written_out_within_limits() -> None:
    repeated = line(cell("02/02/24"), cell("Kew"), cell(4, number_columns_repeated="2"), number_rows_repeated="3")
    empty = line(cell(None, number_columns_repeated="16384"), number_rows_repeated="1048000")
    record = read_ods(ods(*GOOD_LINES[:2], repeated, empty), "answer.ods")
    assert [(row.alerts, row.faces_seen) for row in record.rows] == [(4, 4)] * 3


@pytest.mark.parametrize(
    "bomb",
    [
        line(cell("02/02/24"), cell(4), number_rows_repeated="90000000"),
        line(cell("02/02/24"), cell(4, number_columns_repeated="16384")),
    ],
)
def test_what_would_grow_beyond_the_limits_is_refused(bomb: str) -> None:
    with pytest.raises(TooLarge):
        read_ods(ods(*GOOD_LINES, bomb), "answer.ods")


def test_a_far_cell_makes_no_million_empty_ones() -> None:
    def change(book: Any) -> None:
        book.active["A1048576"] = "end"

    assert len(read_xlsx(xlsx(change), "answer.xlsx").rows) == 2

    def wider(book: Any) -> None:
        book.active["XFD3"] = "end"

    with pytest.raises(TooLarge, match="XFD3"):
        read_xlsx(xlsx(wider), "answer.xlsx")


@pytest.mark.parametrize(("read", "content"), [(read_xlsx, xlsx()), (read_ods, ods())], ids=["xlsx", "ods"])
def test_bombs_and_broken_files(read: Any, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    for share in (0.3, 0.7, 0.95):
        with pytest.raises(BrokenSheet):
            read(content[: int(len(content) * share)], "answer")
    monkeypatch.setattr(sheet, "MOST_UNPACKED", 500)
    with pytest.raises(TooLarge, match="unpacks"):
        read(content, "answer")


def test_entities_and_encryption_are_refused() -> None:
    with pytest.raises(BrokenSheet, match="not XML of its form"):
        read_ods(ods(head='<!DOCTYPE x [<!ENTITY a "b">]>'), "answer.ods")
    with pytest.raises(BrokenSheet, match="encrypted"):
        read_ods(ods(manifest="<encryption-data/>"), "answer.ods")


def test_sheets_without_a_table_and_unknown_headings_are_refused() -> None:
    with pytest.raises(NoTable, match="'Data'"):
        read_ods(ods(line(cell("a"), cell("b"))), "answer.ods")

    def change(book: Any) -> None:
        book.active["H2"] = "Officer"

    with pytest.raises(UnknownColumn, match=r"sheet 'Data', row 2: heading 'Officer' .column 8"):
        read_xlsx(xlsx(change), "answer.xlsx")
    assert len(read_xlsx(xlsx(change), "answer.xlsx", columns=parse_map("ignore = ['Officer']", "m")).rows) == 2


def fuzz(seeds: range) -> None:
    for seed in seeds:
        source = random.Random(seed)
        read, good = source.choice([(read_xlsx, xlsx()), (read_ods, ods())])
        content = _mutated(good, source) if source.random() < 0.7 else _cut(good, source)
        try:
            record = read(content, "answer")
        except WrongForm as error:
            told = str(error)
        else:
            told = record.documents[0].title
        assert told.startswith("answer")


def _mutated(content: bytes, source: random.Random) -> bytes:
    """Change bytes inside one unpacked part, and pack again: the changes reach the reader, not the checksum."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        chosen = source.choice(old.namelist())
        for name in old.namelist():
            part = bytearray(old.read(name))
            for _ in range(source.randrange(1, 6) if name == chosen and part else 0):
                part[source.randrange(len(part))] = source.randrange(256)
            new.writestr(name, bytes(part))
    return out.getvalue()


def _cut(content: bytes, source: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(source.randrange(1, 10)):
        changed[source.randrange(len(changed))] = source.randrange(256)
    return bytes(changed)


@pytest.mark.slow
def test_any_change_of_bytes_is_read_or_refused_in_a_sentence() -> None:
    fuzz(range(120))


@pytest.mark.slow
def test_very_many_changes_of_bytes_are_read_or_refused_in_a_sentence() -> None:
    fuzz(range(1000, 3000))
