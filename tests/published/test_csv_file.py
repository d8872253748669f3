"""CSV in every dress people save it in, and every way it may be broken."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.errors import WrongForm
from countersign.published.files import UnknownForm
from countersign.published.forms import csv as csv_file
from countersign.published.forms.csv import BrokenTable, read_csv
from countersign.published.table import grids
from countersign.published.table.grids import identifier
from countersign.published.table.headings import NoTable, UnknownColumn
from countersign.published.table.maps import parse_map
from countersign.published.table.rows import TooManyRows

LINES = [
    ["Date", "Location", "Faces seen (Estimate)", "Alerts", "Threshold"],
    ["06/04/23", "Ealing B’way, W5", "12,187", "1", "0.64"],
    ["07/04/23", "Kew", "N/A", "0", "0.6"],
]


def written(delimiter: str = ",", end: str = "\n") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(LINES)
    return out.getvalue()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_usual_dress_reads_alike(encoding: str, delimiter: str, end: str) -> None:
    record = read_csv(written(delimiter, end).encode(encoding), "a.csv")
    assert not record.refused
    first, second = record.rows
    assert (first.place, first.faces_seen, first.alerts, str(first.threshold)) == ("Ealing B’way, W5", 12187, 1, "0.64")
    assert first.printed["faces_seen"] == "12,187"
    assert second.faces_seen is None
    assert second.printed["faces_seen"] == "N/A"


def test_decimal_commas_by_a_map() -> None:
    content = b"Date;Alerts;Threshold;Faces seen\r\n06/04/23;1;0,64;12.187\r\n"
    record = read_csv(content, "a.csv", columns=parse_map('decimal = ","', "m"))
    assert (str(record.rows[0].threshold), record.rows[0].faces_seen) == ("0.64", 12187)


def test_text_above_and_below_the_table_is_kept_as_notes() -> None:
    content = b"Answer 1234\n\nDate,Location,Alerts\n06/04/23,Camden,1\nSource: force records,,\n"
    record = read_csv(content, "a.csv")
    assert len(record.rows) == 1
    assert record.documents[0].notes == (
        "Text above the table: Answer 1234",
        "Line 5, beside the table: Source: force records",
    )


def test_a_row_is_refused_with_its_line() -> None:
    content = b'Date,Location,Alerts\n06/04/23,"Camden\nTown",1\n07/04/23,Kew,=1+1\n08/04/23,Kew\n09/04/23,Kew,x\n'
    record = read_csv(content, "a.csv")
    assert record.rows[0].place == "Camden Town"
    assert [(kept.place, kept.reason) for kept in record.refused] == [
        ("line 5", "it has 2 cells where the heading has 3")
    ]
    assert [(row.number, row.unsure["alerts"].reason) for row in record.rows if row.unsure] == [
        (2, "it holds a formula, and Countersign computes none"),
        (4, "'x' is not a whole number"),
    ]


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (b"a,b\n1,2\n", NoTable, "the first holds 'a', 'b'"),
        (
            b"Date,Alrets\n06/04/23,1\n",
            UnknownColumn,
            "heading 'Alrets' .column 2; the nearest known is 'alerts'. is not known",
        ),
        (b'Date,Alerts\n06/04/23,"1"2\n', BrokenTable, "line 2"),
        (b"Date,Alerts\n06/04/23,\x001\n", UnknownForm, "line 2: there is a control character"),
        (b"Date,Alerts\n\x81\x8d\n", UnknownForm, "no text in"),
        (b"\xff\xfeD", UnknownForm, "no text in"),
        (b"Date,Alerts\n06/04/23," + b"1" * 200_000 + b"\n", BrokenTable, "line 2"),
        (b"Date,Alerts\n06/04/23" + b",1" * 1000 + b"\n", BrokenTable, "line 2: there are more than 1,000 columns"),
    ],
)
def test_what_is_no_table_is_refused_with_its_place(content: bytes, error: type[WrongForm], said: str) -> None:
    with pytest.raises(error, match=said) as caught:
        read_csv(content, "a.csv")
    assert str(caught.value).startswith("a.csv")


def test_more_rows_than_the_limit_are_refused_without_being_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "MOST_ROWS", 100)
    monkeypatch.setattr(grids, "MOST_ROWS", 100)
    content = b"Date,Alerts\n" + b"06/04/23,1\n" * 101
    with pytest.raises(TooManyRows, match="more than 100 rows"):
        read_csv(content, "a.csv")
    assert len(read_csv(content[: -len(b"06/04/23,1\n")], "a.csv").rows) == 100


def test_a_source_column_makes_documents_in_order() -> None:
    content = (
        b"date,alerts,faces_seen,source\n2024-01-02,1,,Late grid\n2024-01-03,2,9,Early grid\n2024-01-04,3,,Late grid\n"
    )
    record = read_csv(content, "a.csv")
    assert [document.id for document in record.documents] == ["late-grid", "early-grid"]
    assert [(row.document, row.number, row.alerts) for row in record.rows] == [
        ("late-grid", 1, 1), ("late-grid", 2, 3), ("early-grid", 1, 2),
    ]  # fmt: skip
    assert "faces_seen" not in record.document("late-grid").columns, "a column left empty throughout was not printed"
    assert "faces_seen" in record.document("early-grid").columns


def test_sources_that_fold_to_one_id_stay_apart() -> None:
    record = read_csv(b"date,alerts,source\n2024-01-02,1,A b\n2024-01-03,2,a-B\n", "x.csv")
    assert [document.id for document in record.documents] == ["a-b", "a-b-2"]


def test_an_id_is_never_empty() -> None:
    assert identifier("???") == "document"


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_any_change_of_bytes_is_read_or_refused_in_a_sentence(seed: int, changes: int) -> None:
    import random

    source = random.Random(seed)
    content = bytearray(written().encode())
    for _ in range(changes):
        content[source.randrange(len(content))] = source.randrange(256)
    try:
        record = read_csv(bytes(content), "a.csv")
    except WrongForm as error:
        told = str(error)
    else:
        told = record.documents[0].file
        assert len(record.rows) + len(record.refused) + len(record.documents[0].notes) >= 1
    assert told.startswith("a.csv")
    assert "\n" not in told
