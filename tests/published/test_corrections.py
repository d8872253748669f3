"""Corrections: the shipped one and what it does to the totals, what is refused, and that print stays as printed."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.published.synthetic import synthetic_record

from countersign.errors import CountersignError
from countersign.published.corrections import (
    Correction,
    CorrectionsMalformed,
    CorrectionsNotRead,
    CorrectionUnfounded,
    apply_corrections,
    read_corrections,
)
from countersign.published.files import shipped
from countersign.published.read import read_source
from countersign.published.table.measures import Selection, total
from countersign.published.table.record import Record


@pytest.fixture(scope="module")
def met() -> Record:
    return read_source("shipped:met")


@pytest.fixture(scope="module")
def dalston() -> Correction:
    (found,) = read_corrections(shipped("met") / "corrections.toml")
    return found


def year(record: Record, number: int) -> tuple[object, ...]:
    rows = Selection(datetime.date(number, 1, 1), datetime.date(number, 12, 31)).of(record.rows)
    quantities = ("deployments", "faces_seen", "false_alerts", "watchlist_size")
    return tuple(total(rows, quantity).amount for quantity in quantities)


def test_totals_with_the_shipped_correction_and_without(met: Record, dalston: Correction) -> None:
    # Counted apart from this program: deployments, faces, false alerts, watchlists added up.
    assert year(met, 2024) == (179, 902_146, 27, 2_587_845)
    assert year(met, 2023)[:2] == (24, 326_994)
    corrected = apply_corrections(met, [dalston])
    assert corrected.applied == (dalston,)
    assert year(corrected.record, 2024) == (180, 902_748, 27, 2_603_540)
    assert year(corrected.record, 2023)[:2] == (23, 326_392)


def test_what_is_printed_stays_and_nothing_else_changes(met: Record, dalston: Correction) -> None:
    corrected = apply_corrections(met, [dalston]).record
    changed = [(one, other) for one, other in zip(met.rows, corrected.rows, strict=True) if one != other]
    ((before, after),) = changed
    assert after == replace(before, date=datetime.date(2024, 7, 11))
    assert after.printed == before.printed
    assert met.rows[121].date == datetime.date(2023, 7, 11), "the record given is not changed"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"printed": "11/07/24"}, "'11/07/24' is printed, but '11/07/23' is"),
        ({"row": 204}, "the document has rows 1 to 203"),
        ({"row": 0}, "the document has rows 1 to 203"),
        ({"document": "met-2026", "sha256": ""}, "was not read; those read are met-2020-2022, met-2023-2024, met-2025"),
        ({"column": "watchlist_size", "read_as": "15695"}, "but '15695' is"),
    ],
)
def test_a_correction_that_fits_nothing_is_refused(
    met: Record, dalston: Correction, change: dict[str, object], said: str
) -> None:
    with pytest.raises(CorrectionUnfounded, match=said):
        apply_corrections(met, [replace(dalston, **change)])


def test_two_corrections_of_one_value_are_refused(met: Record, dalston: Correction) -> None:
    with pytest.raises(CorrectionUnfounded, match="two corrections concern this value"):
        apply_corrections(met, [dalston, dalston])


def test_the_value_as_a_package_writes_it_counts_as_printed_too(met: Record, dalston: Correction) -> None:
    assert apply_corrections(met, [replace(dalston, printed="2023-07-11")]).applied


def test_a_value_may_be_read_as_none(met: Record, dalston: Correction) -> None:
    struck = replace(dalston, column="watchlist_size", printed="15695", read_as="")
    assert apply_corrections(met, [struck]).record.rows[121].watchlist_size is None


GOOD = """[[correction]]
document = "d"
row = 1
column = "faces_seen"
printed = "5"
read_as = "6"
reason = "r"
who = "w"
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[correction", "is not TOML"),
        ("", r"holds no \[\[correction\]\] table"),
        ("correction = 3", r"holds no \[\[correction\]\] table"),
        ("[correction]\nrow = 1", r"holds no \[\[correction\]\] table"),
        (GOOD + "[other]\n", "unknown key 'other'"),
        (GOOD.replace("reason", "because"), "correction 1: unknown key 'because'"),
        (GOOD.replace('who = "w"\n', ""), "correction 1: key 'who' is missing"),
        (GOOD.replace("row = 1", 'row = "1"'), "key 'row': '1' is not a whole number"),
        (GOOD.replace("row = 1", "row = true"), "key 'row': True is not a whole number"),
        (GOOD.replace('read_as = "6"', "read_as = 6"), "key 'read_as': 6 is not text in quotation marks"),
        (GOOD.replace("faces_seen", "faces"), "there is no column 'faces'"),
        (GOOD.replace("faces_seen", "source"), "there is no column 'source'"),
        (GOOD.replace('read_as = "6"', 'read_as = "some"'), "'some' cannot be read"),
        (GOOD.replace('reason = "r"', 'reason = " "'), "says no reason"),
        ("\ufeff" + GOOD.replace("row = 1", "row = 1.5"), "is not a whole number"),
    ],
)
def test_a_malformed_file_is_told_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CorrectionsMalformed, match=said) as raised:
        read_corrections(path)
    assert str(raised.value).startswith(str(path))


def test_a_file_that_is_no_text_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_bytes(b"\x89PNG\r\n\x1a\n\x00")
    with pytest.raises(CorrectionsMalformed, match="not UTF-8 text"):
        read_corrections(tmp_path / "c.toml")
    with pytest.raises(CorrectionsNotRead):
        read_corrections(tmp_path / "absent.toml")
    with pytest.raises(CorrectionsNotRead):
        read_corrections(tmp_path)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 40), st.integers(0, 10**6))
def test_a_correction_and_its_reverse_give_the_record_back(row: int, faces: int) -> None:
    record = synthetic_record(40, 1)
    printed = str(record.rows[row - 1].faces_seen)
    there = Correction("synthetic", row, "faces_seen", printed, str(faces), "test", "test")
    back = replace(there, printed=str(faces), read_as=printed)
    once = apply_corrections(record, [there]).record
    assert once.rows[row - 1].faces_seen == faces
    assert apply_corrections(once, [back]).record == record


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=60))
def test_any_bytes_give_corrections_or_one_sentence(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("c") / "c.toml"
    path.write_bytes(content)
    with pytest.raises(CountersignError):
        read_corrections(path)


def test_the_digest_finds_the_document_under_another_id(met: Record, dalston: Correction) -> None:
    documents = tuple(
        replace(document, id="grid") if document.sha256 == dalston.sha256 else document for document in met.documents
    )
    rows = tuple(replace(row, document="grid") if row.document == dalston.document else row for row in met.rows)
    corrected = apply_corrections(replace(met, documents=documents, rows=rows), [dalston])
    assert corrected.applied == (replace(dalston, document="grid"),)
    assert sum(row.date is not None and row.date.year == 2024 for row in corrected.record.rows) == 180
    with pytest.raises(CorrectionUnfounded, match="this document was not read"):
        apply_corrections(replace(met, documents=documents, rows=rows), [replace(dalston, sha256="0" * 64)])
    with pytest.raises(CorrectionsMalformed, match="sha256 is not 64 digits"):
        replace(dalston, sha256="06dd")
