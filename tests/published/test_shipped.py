"""The shipped records: 324 rows of the Met, equal to the facts; two of South Wales Police, by way of a column map."""

from __future__ import annotations

import csv
import datetime
from pathlib import Path

import pytest
from tests.published.grids import published

from countersign.published.files import NAMES, NotShipped, beside, shipped
from countersign.published.read import read_source
from countersign.published.table.measures import Selection, total
from countersign.published.table.values import plain


def test_the_mets_record_is_that_of_the_facts(shared: Path) -> None:
    record = read_source("shipped:met")
    titles = {document.id: document.title for document in record.documents}
    with (shared / "facts" / "met-deployments.csv").open(encoding="utf-8", newline="") as facts:
        for row, line in zip(record.rows, csv.DictReader(facts), strict=True):
            for name in line:
                found = titles[row.document] if name == "source" else plain(getattr(row, name))
                assert found == line[name], f"{row.document} {row.number} {name}"


@pytest.mark.slow
def test_the_mets_record_keeps_pages_and_printed_texts_of_the_two_files(shared: Path) -> None:
    record = read_source("shipped:met")
    for named, file in (
        ("met-2020-2022", "met-lfr-grid-2020-2022.pdf"),
        ("met-2023-2024", "met-lfr-grid-2023-to-2024.pdf"),
    ):
        imported = published(shared / "published" / file)
        shipped_rows = [row for row in record.rows if row.document == named]
        assert [(row.page, row.printed) for row in shipped_rows] == [(row.page, row.printed) for row in imported.rows]
        assert record.document(named).sha256 == imported.documents[0].sha256
        assert record.document(named).columns == imported.documents[0].columns


def test_the_mets_record_has_the_rows_and_totals_of_issue_2() -> None:
    record = read_source("shipped:met")
    assert [document.id for document in record.documents] == ["met-2020-2022", "met-2023-2024", "met-2025"]
    assert [sum(row.document == document.id for row in record.rows) for document in record.documents] == [9, 203, 112]
    assert not record.refused
    year = Selection(datetime.date(2024, 1, 1), datetime.date(2024, 12, 31)).of(record.rows)
    # as printed, before the Dalston row of July 2024 is read as 2024
    assert [total(year, of).amount for of in ("deployments", "faces_seen", "false_alerts", "watchlist_size")] == [
        179, 902_146, 27, 2_587_845,
    ]  # fmt: skip
    year = Selection(datetime.date(2023, 1, 1), datetime.date(2023, 12, 31)).of(record.rows)
    assert [total(year, of).amount for of in ("deployments", "faces_seen")] == [24, 326_994]


def test_south_wales_is_read_by_its_map() -> None:
    # R (Bridges) [2020] EWCA Civ 1058, paragraphs 26 to 29
    record = read_source("shipped:south-wales")
    assert record.documents[0].publisher == "Court of Appeal of England and Wales"
    assert [(plain(row.date), row.alerts, row.true_alerts, row.false_alerts, row.arrests) for row in record.rows] == [
        ("2017-12-21", 10, 8, 2, 2), ("2018-03-27", 1, 1, 0, 0),
    ]  # fmt: skip
    assert [row.faces_seen for row in record.rows] == [None, None]


def test_only_the_shipped_names_are_known() -> None:
    for name in NAMES:
        assert shipped(name).is_dir()
    with pytest.raises(NotShipped, match=r"shipped:\.\./met"):
        read_source("shipped:../met")


def test_the_word_shipped_names_a_file_only_where_one_ships() -> None:
    assert beside("shipped", "claims.toml", ["shipped:met"]) == shipped("met") / "claims.toml"
    assert beside("shipped", "claims.toml", ["own.csv"]) == shipped("met") / "claims.toml"
    assert beside("own.toml", "claims.toml", ["shipped:met"]) == Path("own.toml")
    with pytest.raises(NotShipped, match=r"shipped:south-wales: no claims\.toml ships with this record"):
        beside("shipped", "claims.toml", ["shipped:south-wales"])
