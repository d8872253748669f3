"""Cells of a PDF printed once for several rows are carried down where its rules show it, and nowhere else."""

from __future__ import annotations

import pytest
import typst

from countersign.published.forms.pdf.document import read_pdf
from countersign.published.table.record import Record

HEADINGS = ("Date", "Location", "Faces seen", "Alerts", "Arrests")
PRINTED = [
    ("11/06/2024", "Dagenham", "1,461", "9", "6"), ("", "Haringey", "1,589", "7", "3"),
    ("13/06/2024", "Ilford", "2,044", "4", "1"), ("", "Barking", "900", "2", "0"), ("", "Romford", "800", "1", "0"),
    ("20/06/2024", "Brixton", "700", "3", "1"),
]  # fmt: skip
CARRIED = ["2024-06-11", "2024-06-11", "2024-06-13", "2024-06-13", "2024-06-13", "2024-06-20"]
BLANK = ["2024-06-11", "None", "2024-06-13", "None", "None", "2024-06-20"]
SPANS = {0: 2, 2: 3, 5: 1}


def _pdf(body: list[str], stroke: str) -> Record:
    heading = [f"[{text}]" for text in HEADINGS]
    source = (
        f"#set page(width: 600pt, height: 400pt)\n#table(columns: 5, stroke: {stroke},\n{','.join(heading + body)})\n"
    )
    made = typst.compile(source.encode(), format="pdf", ignore_system_fonts=True)
    assert isinstance(made, bytes)
    return read_pdf(made, "table.pdf")


def _merged(column: int, align: str) -> list[str]:
    body = []
    for number, row in enumerate(PRINTED):
        for at, text in enumerate(row):
            if at != column:
                body.append(f"[{text or row[0]}]" if at else f"[{text or '12/06/2024'}]")
            elif number in SPANS:
                body.append(f"table.cell(rowspan: {SPANS[number]}, align: {align})[{text}]")
    return body


def _dates(record: Record) -> list[str]:
    return [str(row.date) for row in record.rows]


@pytest.mark.parametrize("align", ["top", "horizon", "bottom"])
@pytest.mark.parametrize("stroke", ["0.5pt", "(x: 0pt, y: 0.5pt)"])
def test_a_merged_date_holds_for_its_rows(align: str, stroke: str) -> None:
    record = _pdf(_merged(0, align), stroke)
    assert _dates(record) == CARRIED
    assert [row.faces_seen for row in record.rows] == [1461, 1589, 2044, 900, 800, 700]
    assert any("3 rows were given what its rules print once for several" in note for note in record.documents[0].notes)


def test_a_merged_place_holds_for_its_rows_and_a_merged_count_for_none() -> None:
    places = [row.place for row in _pdf(_merged(1, "top"), "0.5pt").rows]
    assert places == ["Dagenham", "Dagenham", "Ilford", "Ilford", "Ilford", "Brixton"]
    counts = _pdf(_merged(2, "top"), "0.5pt").rows
    assert [row.faces_seen for row in counts] == [None] * 5 + [700]
    assert all("together" in row.printed["faces_seen"] for row in counts[:5])


def _plain(between_groups: bool) -> list[str]:
    body = []
    for row in PRINTED:
        if row[0] and between_groups:
            body.append("table.hline(stroke: 0.5pt)")
        body += [f"[{text}]" for text in row]
    return [*body, "table.hline(stroke: 0.5pt)"]


def test_rules_between_groups_of_rows_carry_the_date_of_each() -> None:
    assert _dates(_pdf(_plain(between_groups=True), "none")) == CARRIED


@pytest.mark.parametrize("stroke", ["0.5pt", "none", "(x: 0.5pt, y: none)"])
def test_a_blank_cell_stays_blank_where_no_rule_shows_otherwise(stroke: str) -> None:
    record = _pdf(_plain(between_groups=False), stroke)
    assert _dates(record) == BLANK
    assert not any("rules print once" in note for note in record.documents[0].notes)
