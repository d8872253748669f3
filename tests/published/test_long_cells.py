"""Long cells and wide tables through every form: one value is lost, or one sentence said, in hardly any time."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.fuzz.targets import _ods
from tests.published.forms_made import as_csv, as_docx, as_html, as_json, as_xlsx, table

from countersign.errors import CountersignError
from countersign.leaks import LONGEST_MESSAGE
from countersign.published.forms.csv import read_csv
from countersign.published.forms.docx import read_docx
from countersign.published.forms.html import read_html
from countersign.published.forms.json import read_json
from countersign.published.forms.ods import read_ods
from countersign.published.forms.xlsx import read_xlsx
from countersign.published.mapping import cells_of
from countersign.published.table.record import Record
from countersign.published.table.shapes import LONGEST_CELL, TOO_LONG
from countersign.published.withheld import screened

Rows = list[list[str]]
FORMS: dict[str, tuple[Callable[[Rows], bytes], Callable[[bytes, str], Record]]] = {
    "csv": (as_csv, read_csv), "json": (as_json, read_json), "html": (as_html, read_html),
    "docx": (as_docx, read_docx), "ods": (_ods, read_ods), "xlsx": (lambda rows: as_xlsx({"a": rows}), read_xlsx),
}  # fmt: skip
#: What took a second or more for each million characters, in forms whose cells have no limit of their own.
SIGNS = ("at-", *(pytest.param(sign, marks=pytest.mark.slow) for sign in ("word ", ".", "9", "1,", "'", "(")))
MOST_SECONDS = 3.0


def _read(form: str, rows: Rows) -> Record:
    make, read = FORMS[form]
    content = make(rows)
    begun = time.process_time()
    try:
        return screened(read(content, f"a.{form}"))
    finally:
        assert time.process_time() - begun < MOST_SECONDS


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("form", ["json", "html", "docx", "ods"])
def test_a_cell_of_a_million_characters_costs_its_value_and_no_time(form: str, sign: str) -> None:
    text = (sign * 1_000_000)[:1_000_000]
    for column in (1, 5):
        rows = table()
        rows[2][column] = text
        record = _read(form, rows)
        assert len(record.rows) == 4
        assert record.rows[0].place == "Dagenham"
        assert (record.rows[1].place if column == 1 else record.rows[1].alerts) in (None, TOO_LONG)
        assert max(len(str(row)) for row in record.rows) < 3 * LONGEST_CELL


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_forms_that_bound_a_cell_themselves_say_so_in_a_sentence(form: str) -> None:
    rows = table()
    rows[2][1] = "at-" * (50_000 if form == "csv" else 10_000)
    if form == "csv":
        with pytest.raises(CountersignError, match="field limit"):
            _read(form, rows)
    else:
        assert _read(form, rows).rows[1].place in (None, TOO_LONG)


@pytest.mark.parametrize("form", ["csv", "json", "html", "docx", "ods"])
def test_a_cell_of_just_the_longest_length_is_looked_at(form: str) -> None:
    for length, cut in ((LONGEST_CELL, False), (LONGEST_CELL + 1, True)):
        rows = [[*row, "word " * 9] for row in table()]
        rows[0][-1], rows[2][-1] = "Remarks", "x" * length
        content = FORMS[form][0](rows)
        grids = cells_of(content, f"a.{form}")
        cells = [cell for grid in grids for row in grid.rows for cell in row]
        assert (TOO_LONG in cells) is cut
        assert ("x" * length in cells) is not cut


@pytest.mark.parametrize("form", ["csv", "json", "html", "ods"])
def test_ten_thousand_columns_are_refused_in_a_sentence(form: str) -> None:
    with pytest.raises(CountersignError) as caught:
        _read(form, [[*row, *["1"] * 10_000] for row in table()])
    assert 0 < len(str(caught.value)) < LONGEST_MESSAGE
    assert "\n" not in str(caught.value)


def test_a_map_is_proposed_for_a_table_with_a_long_heading(tmp_path: Path) -> None:
    rows = table()
    rows[0][1] = "at-" * 300_000
    file = tmp_path / "a.html"
    file.write_bytes(as_html(rows))
    begun = time.process_time()
    assert any(TOO_LONG in row for grid in cells_of(file.read_bytes(), "a.html") for row in grid.rows)
    assert time.process_time() - begun < MOST_SECONDS
