"""No text of a CSV is a formula to a spreadsheet, numbers stay numbers, and our own reader gives back every text."""

from __future__ import annotations

import csv
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.published.synthetic import synthetic_record

from countersign.published.forms.package import read_package, write_package
from countersign.words.hidden import read_cell, safe_cell


@given(st.text(st.sampled_from("'=+-@\t\r1.,%a ")) | st.text())
def test_a_text_comes_back_and_begins_no_formula(text: str) -> None:
    cell = safe_cell(text)
    assert read_cell(cell) == text
    assert cell[:1] not in tuple("=+-@\t\r") or cell.lstrip("+-")[:1].isdigit()


@pytest.mark.parametrize("number", ["-5", "-0.08%", "+1,200", "12", "2024-01-01"])
def test_numbers_and_days_are_untouched(number: str) -> None:
    assert safe_cell(number) == number


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+44+cmd", "-1+1", "@SUM(1)", "'=1"])
def test_a_package_of_formulas(tmp_path: Path, text: str) -> None:
    record = synthetic_record(rows=4, seed=1)
    rows = tuple(
        msgspec.structs.replace(
            row, place=f"{text}{row.number}", printed={**row.printed, "place": f"{text}{row.number}"}
        )
        for row in record.rows
    )
    record = msgspec.structs.replace(record, rows=rows)
    folder = write_package(record, tmp_path / "p")
    for file in folder.glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as table:
            for cells in csv.reader(table):
                assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r") and cell != safe_cell(cell)]
    back = read_package(folder)
    assert [row.printed["place"] for row in back.rows] == [row.printed["place"] for row in rows]
    again = write_package(back, tmp_path / "q")
    assert (again / "printed.csv").read_bytes() == (folder / "printed.csv").read_bytes()
