"""Files of tables in the forms that forces publish: CSV, XLSX, XLS, HTML and DOCX."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import docx
import openpyxl
import xlwt
from openpyxl.cell.cell import Cell as SheetCell

Printed = str | int | float | dt.datetime | dt.time | None


@dataclass(frozen=True)
class Truth:
    """What a careful person takes from it; kind: `exact`, `bounded`, `about`, `nothing`, `withheld` or `unsure`."""

    kind: str
    form: str
    value: str = ""
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True)
class Item:
    """One printed cell, and the columns it fills."""

    printed: Printed
    truths: dict[str, Truth] = field(default_factory=dict)
    style: str = ""


@dataclass
class Grid:
    name: str
    cells: list[list[Item]]
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)  # row, column, rows, columns
    hidden: bool = False


def _text(item: Item) -> str:
    return "" if item.printed is None else str(item.printed)


def _csv(grids: list[Grid], rng: random.Random) -> bytes:
    stream = io.StringIO()
    width = max(len(line) for line in grids[0].cells)
    writer = csv.writer(stream, delimiter=rng.choice(",,,;\t"), lineterminator=rng.choice(["\n", "\r\n"]))
    writer.writerows([_text(item) for item in line] + [""] * (width - len(line)) for line in grids[0].cells)
    return stream.getvalue().encode(rng.choice(["utf-8", "utf-8-sig", "utf-16"]))


def _xlsx(grids: list[Grid], rng: random.Random) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for grid in grids:
        sheet = book.create_sheet(grid.name)
        for row, line in enumerate(grid.cells, 1):
            for column, item in enumerate(line, 1):
                cell = sheet.cell(row, column)
                assert isinstance(cell, SheetCell)
                cell.value = None if item.printed == "" else item.printed
                if item.style and not isinstance(item.printed, str | int | float):
                    cell.number_format = item.style
        for row, column, rows, columns in grid.merges:
            sheet.merge_cells(None, row + 1, column + 1, row + rows, column + columns)
        if grid.hidden:
            sheet.sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _xls(grids: list[Grid], rng: random.Random) -> bytes:
    book = xlwt.Workbook()
    for grid in grids:
        sheet = book.add_sheet(grid.name)
        for row, line in enumerate(grid.cells):
            for column, item in enumerate(line):
                if item.printed not in (None, ""):
                    style = item.style if isinstance(item.printed, dt.datetime | dt.time) else "General"
                    sheet.write(row, column, item.printed, xlwt.easyxf(num_format_str=style))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _covered(grid: Grid) -> set[tuple[int, int]]:
    return {
        (row + down, column + right)
        for row, column, rows, columns in grid.merges
        for down in range(rows)
        for right in range(columns)
        if down or right
    }


def _html(grids: list[Grid], rng: random.Random) -> bytes:
    parts = ["<!doctype html><html><head><meta charset='utf-8'><title>LFR</title></head><body><h1>Deployments</h1>"]
    for grid in grids:
        parts.append(f"<h2>{grid.name}</h2><table>")
        spans = {(row, column): f" rowspan={rows} colspan={columns}" for row, column, rows, columns in grid.merges}
        covered = _covered(grid)
        for row, line in enumerate(grid.cells):
            cells = [
                f"<td{spans.get((row, column), '')}>{html.escape(_text(item))}</td>"
                for column, item in enumerate(line)
                if (row, column) not in covered
            ]
            parts.append(f"<tr>{''.join(cells)}</tr>")
        parts.append("</table><p>Published by the force.</p>")
    return "\n".join([*parts, "</body></html>"]).encode()


def _docx(grids: list[Grid], rng: random.Random) -> bytes:
    document = docx.Document()
    for grid in grids:
        document.add_paragraph(grid.name)
        lines = [line for line in grid.cells if line]
        table = document.add_table(len(lines), max(len(line) for line in lines))
        for row, line in enumerate(lines):
            for column, item in enumerate(line):
                table.cell(row, column).text = _text(item)
        for row, column, rows, columns in grid.merges:
            table.cell(row, column).merge(table.cell(row + rows - 1, column + columns - 1))
            table.cell(row, column).text = _text(lines[row][column])
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


WRITERS: dict[str, Callable[[list[Grid], random.Random], bytes]] = {
    "csv": _csv, "xlsx": _xlsx, "xls": _xls, "html": _html, "docx": _docx,
}  # fmt: skip
