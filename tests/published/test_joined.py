"""Tables with other columns of the same deployments are joined; a table without dates is not read as one of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.published.forms_made import as_pdf, as_xlsx, pdf_table

from countersign.published.read import read_source
from countersign.published.table.record import Record

HEAD = ["Date", "Location", "Faces seen", "Alerts", "Arrests"]
ROWS = [
    ["11/06/2024", "Dagenham", "1461", "9", "6"], ["13/06/2024", "Haringey", "1589", "7", "3"],
    ["19/06/2024", "Ilford", "1388", "10", "8"], ["20/06/2024", "Barnet", "13", "1", "0"],
]  # fmt: skip
VALUES = [(row[1], int(row[2]), int(row[3]), int(row[4])) for row in ROWS]
BREAK = "#pagebreak()\n"


def _columns(rows: Sequence[Sequence[str]], *at: int) -> list[list[str]]:
    return [[row[index] for index in at] for row in rows]


def _read(tmp_path: Path, content: bytes) -> Record:
    (tmp_path / "published").write_bytes(content)
    return read_source(tmp_path / "published")


def _values(record: Record) -> list[tuple[object, ...]]:
    return [(row.place, row.faces_seen, row.alerts, row.arrests) for row in record.rows]


LEFT, RIGHT = [HEAD[:3], *_columns(ROWS, 0, 1, 2)], [[*HEAD[:2], *HEAD[3:]], *_columns(ROWS, 0, 1, 3, 4)]
TURNED = [RIGHT[0], *reversed(RIGHT[1:])]
PDFS = {
    "other columns overleaf": pdf_table(LEFT) + BREAK + pdf_table(RIGHT),
    "in another order": pdf_table(LEFT) + BREAK + pdf_table(TURNED),
    "beside each other": f"#grid(columns: 2, gutter: 9mm, [{pdf_table(LEFT)}], [{pdf_table(RIGHT)}])",
}


@pytest.mark.parametrize("shape", PDFS)
def test_other_columns_of_the_same_rows_are_joined_in_a_pdf(shape: str, tmp_path: Path) -> None:
    record = _read(tmp_path, as_pdf(PDFS[shape]))
    assert _values(record) == VALUES
    assert any("print other columns of the same 4 rows" in note for note in record.documents[0].notes)


@pytest.mark.slow
def test_and_on_sheets_where_each_place_and_date_is_clear(tmp_path: Path) -> None:
    assert _values(_read(tmp_path, as_xlsx({"Faces": LEFT, "Alerts": TURNED}))) == VALUES
    part = _read(tmp_path, as_xlsx({"Faces": LEFT, "Alerts": [*RIGHT[:4], ["25/06/2024", "New", "3", "1"]]}))
    assert _values(part) == [*VALUES[:3], ("Barnet", 13, None, None), ("New", None, 3, 1)]
    assert "Sheet 'Faces' and sheet 'Alerts' print other columns of the same 3 of 4 rows" in part.documents[0].notes[0]
    twice = [*RIGHT, RIGHT[1]]
    assert len(_read(tmp_path, as_xlsx({"Faces": LEFT, "Alerts": twice})).rows) == 9


@pytest.mark.parametrize(
    "second",
    [
        _columns([HEAD, *ROWS], 2, 3, 4),
        [["Borough", "Deployments", "Alerts", "Arrests"], ["Camden", "5", "20", "3"], ["Brent", "4", "10", "2"]],
    ],
)
@pytest.mark.parametrize("between", [BREAK, "\n\n"])
def test_a_table_without_dates_is_not_read_under_the_headings_of_another(
    between: str, second: list[list[str]], tmp_path: Path
) -> None:
    record = _read(tmp_path, as_pdf(pdf_table([HEAD, *ROWS]) + between + pdf_table(second)))
    assert _values(record) == VALUES
    assert any("has no date among its headings, and was not read" in note for note in record.documents[0].notes)
