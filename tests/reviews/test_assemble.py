"""The whole review of the shipped record: totals exact, both readings, every row range found, no verdict words."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.published.synthetic import synthetic_record
from tests.reviews.making import made_record, made_row

import countersign
from countersign.any_source import review, review_source
from countersign.document import Chart, Paragraph, RowRange, Table
from countersign.published.claims.file import read_claims
from countersign.published.files import shipped
from countersign.published.table.measures import Selection
from countersign.reviews.options import Options
from countersign.reviews.published.assemble import PublishedReview, review_published, review_record
from countersign.reviews.result import ReviewResult

#: Words that would be a verdict on a force; none may stand in a report. (A claim quoted may use a form of them.)
VERDICT_WORDS = re.compile(
    r"\b(compliant|non-?compliant|compliance|safe|unsafe|safely|fair|unfair|fairly|biased|unbiased|certified|lawful|"
    r"unlawful|accurate|inaccurate|trustworthy|acceptable|unacceptable)\b",
    re.IGNORECASE,
)


def texts(value: object) -> Iterator[str]:
    """Every text in a document, by walking its plain form."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def ranges(value: object) -> Iterator[RowRange]:
    if isinstance(value, RowRange):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from ranges(getattr(value, name))
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from ranges(part)


def by_year(result: PublishedReview, year: str, reading: str) -> tuple[object, ...]:
    (totals,) = [
        line.totals
        for line in result.model.totals_by
        if (line.by, line.scope) == ("year", year) and line.reading in ("either", reading)
    ]
    return totals.deployments, totals.faces_seen, totals.false_alerts, totals.watchlist_size


@pytest.mark.slow
def test_totals_with_and_without_the_dalston_correction(met: PublishedReview, met_as_printed: PublishedReview) -> None:
    """Origin: the printed page. The shipped correction reads the Dalston row printed 11/07/23 as 2024."""
    assert by_year(met, "2024", "as corrected") == (180, 902_748, 27, 2_603_540)
    assert by_year(met, "2024", "as printed") == (179, 902_146, 27, 2_587_845)
    assert by_year(met, "2023", "as corrected")[:2] == (23, 326_392)
    assert by_year(met, "2023", "as printed")[:2] == (24, 326_994)
    assert by_year(met_as_printed, "2024", "either") == (179, 902_146, 27, 2_587_845)
    assert {line.reading for line in met_as_printed.model.totals_by} == {"either"}
    assert met_as_printed.model.corrections == ()


def test_unconfirmed_alerts_of_2025_both_ways_on_the_first_page(met: PublishedReview) -> None:
    """Origin: counted apart from this program. 2025 to July, 7 false alerts, 24 with the unconfirmed."""
    (totals,) = [line.totals for line in met.model.totals_by if (line.by, line.scope) == ("year", "2025")]
    assert (totals.false_alerts, totals.false_alerts_at_most, totals.unconfirmed_alerts) == (7, 24, 17)
    first = met.document.sections[0]
    (table,) = [block for block in first.blocks if isinstance(block, Table) and block.anchor == "first-both-ways-table"]
    assert [cell.text for cell in table.rows[-1]][:3] == ["2025 to 11 July", "7", "24"]
    assert "seven alerts were recorded as false" in met.model.summary[1]
    assert "24 if every one of the 17" in met.model.summary[1]


def test_totals_of_all_rows(met: PublishedReview) -> None:
    totals = met.model.totals
    assert (totals.deployments, totals.faces_seen, totals.alerts, totals.arrests) == (324, 3_089_960, 2_533, 1_128)
    assert (totals.true_alerts, totals.false_alerts, totals.unconfirmed_alerts) == (2_488, 46, 35)
    assert totals.hours == pytest.approx(100_644 / 60)
    assert totals.printed_by["hours"] == 315


def test_years_and_regimes_add_up_to_all_rows(met: PublishedReview) -> None:
    for by in ("year", "regime", "document"):
        lines = [line.totals for line in met.model.totals_by if line.by == by and line.reading != "as printed"]
        for quantity in ("deployments", "faces_seen", "alerts", "false_alerts", "arrests", "watchlist_size"):
            assert sum(getattr(line, quantity) or 0 for line in lines) == getattr(met.model.totals, quantity), by


def test_every_row_range_is_of_rows_that_exist(met: PublishedReview) -> None:
    rows = {(row.document, row.number) for row in met.evidence.record.rows}
    found = list(ranges(met.model))
    assert len(found) > 1000
    for one in found:
        assert one.first <= one.last
        assert (one.document, one.first) in rows
        assert (one.document, one.last) in rows


def test_every_row_has_a_line_to_link_to(met: PublishedReview) -> None:
    tables = [block for block in met.document.sections[-1].blocks if isinstance(block, Table)]
    shown = {(table.rows_of, int(row[0].text)) for table in tables for row in table.rows}
    assert shown == {(row.document, row.number) for row in met.evidence.record.rows}


def test_a_corrected_value_is_shown_as_printed_and_marked(met: PublishedReview) -> None:
    (applied,) = met.model.corrections
    (table,) = [
        block for block in met.document.sections[-1].blocks
        if isinstance(block, Table) and block.rows_of == applied.document
    ]  # fmt: skip
    (cells,) = [row for row in table.rows if row[0].text == str(applied.row)]
    marked = [cell.text for cell in cells if "read as" in cell.text]
    assert len(marked) == 1
    assert marked[0].startswith("11/07/23")
    assert "2024-07-11" in marked[0]


def test_no_verdict_words(met: PublishedReview, met_as_printed: PublishedReview) -> None:
    quoted = {claim.statement for claim in met.model.claims}
    for result in (met, met_as_printed):
        for text in texts(msgspec.to_builtins(result.document)):
            for statement in quoted:
                text = text.replace(statement, "")
            assert VERDICT_WORDS.search(text) is None, text


def test_anchors_are_unique(met: PublishedReview) -> None:
    anchors = [section.id for section in met.document.sections]
    for section in met.document.sections:
        for block in section.blocks:
            if anchor := getattr(block, "anchor", ""):
                anchors.append(anchor)
            if isinstance(block, Chart):
                anchors.append(block.table.anchor)
    assert len(anchors) == len(set(anchors))


def test_every_chart_has_an_alternative_and_a_table(met: PublishedReview) -> None:
    charts = [block for section in met.document.sections for block in section.blocks if isinstance(block, Chart)]
    assert len(charts) >= 6
    for chart in charts:
        assert chart.alternative.endswith(".")
        assert chart.table.rows


def test_every_table_row_has_a_cell_for_each_column(met: PublishedReview) -> None:
    for section in met.document.sections:
        for block in section.blocks:
            table = block.table if isinstance(block, Chart) else block
            if isinstance(table, Table):
                assert {len(row) for row in table.rows} <= {len(table.columns)}, table.anchor


@pytest.mark.slow
def test_same_input_same_bytes(met: PublishedReview) -> None:
    again = review_source("shipped:met", claims="shipped", groups="shipped", corrections="shipped")
    assert again.json() == met.json()


@pytest.mark.slow
def test_as_of_is_printed_and_changes_no_figure(met_as_printed: PublishedReview) -> None:
    dated = review_source("shipped:met", as_of=datetime.date(2025, 9, 1))
    assert dated.model.as_of == "2025-09-01"
    assert dated.model.rates == met_as_printed.model.rates
    (lead, *_) = dated.document.sections[0].blocks
    assert isinstance(lead, Paragraph)
    assert "1 September 2025" in lead.text


@pytest.mark.slow
def test_files_given_by_path_are_those_shipped(met: PublishedReview) -> None:
    folder = shipped("met")
    again = review_source(
        "shipped:met", claims=folder / "claims.toml", groups=folder / "groups.csv",
        corrections=folder / "corrections.toml",
    )  # fmt: skip
    named = b"--claims claims.toml --groups groups.csv --corrections corrections.toml"
    shipped_so = b"--claims shipped --groups shipped --corrections shipped"
    assert again.json().replace(named, shipped_so) == met.json()


def test_another_force_and_a_made_record_are_told_too(tmp_path: Path) -> None:
    wales = review_source("shipped:south-wales")
    assert "2 deployments" in wales.model.summary[0]
    assert wales.model.totals.alerts == 11
    made = review_record(synthetic_record(150, 3))
    for result in (wales, made):
        assert len(result.model.summary) == 5
        assert all(sentence.endswith(".") and len(sentence) < 600 for sentence in result.model.summary)
        for text in texts(msgspec.to_builtins(result.document)):
            assert VERDICT_WORDS.search(text) is None, text


def test_a_record_whose_publisher_is_not_known_names_none() -> None:
    record = made_record(made_row(1))
    nobody = tuple(msgspec.structs.replace(document, publisher="") for document in record.documents)
    result = review_record(msgspec.structs.replace(record, documents=nobody))
    assert result.model.title == "Live facial recognition: what was published"
    assert result.model.summary[0].startswith("1 deployment on 1 May 2024 was published, with ")


def test_an_empty_record_says_so() -> None:
    result = review_record(synthetic_record(0, 1))
    assert result.model.totals.deployments == 0
    assert result.model.rates == ()
    assert result.model.summary[0].startswith("0 deployments")


def test_any_selection_has_its_figures(met: PublishedReview) -> None:
    selection = Selection(datetime.date(2020, 2, 27), datetime.date(2022, 7, 16), "Oxford Circus")
    totals, rates = met.select(selection, "Oxford Circus to July 2022")
    # Origin: claims.csv, oxford-circus-five: 125,786 faces and nine arrests in five deployments.
    assert (totals.totals.deployments, totals.totals.faces_seen, totals.totals.arrests) == (5, 125_786, 9)
    assert {line.by for line in rates} == {"selection"}
    assert all(line.low <= line.estimate <= line.high for line in rates)


def test_rates_as_a_data_frame(met: PublishedReview) -> None:
    frame = met.rates
    assert len(frame) == len(met.model.rates)
    assert {"measure", "scope", "events", "trials", "low", "high", "regime", "clustered_low", "one_in_estimate"} <= set(
        frame.columns
    )
    line = frame[(frame.measure == "false_alerts_per_face") & (frame.scope == "2025")].iloc[0]
    assert (line.events, line.trials) == (7, 1_703_254)


def test_the_package_exports_it_without_hiding_a_subpackage() -> None:
    assert countersign.review_source("shipped:south-wales").json() == review_source("shipped:south-wales").json()
    folder = Path(countersign.__file__).parent
    names = {path.name for path in folder.iterdir() if path.is_dir()} | {path.stem for path in folder.glob("*.py")}
    assert set(countersign.__all__) & names == {"inference"}


def test_options_by_name_and_as_one_value_give_the_same_review() -> None:
    wales = review_published(["shipped:south-wales"]).evidence.record.rows[0]
    row = f"{wales.document}:{wales.number}"
    chosen = Options(as_of=datetime.date(2025, 9, 1), seed=3, row=row)
    by_name = review_source("shipped:south-wales", as_of=datetime.date(2025, 9, 1), seed=3, row=row)
    assert review("shipped:south-wales", chosen).json() == by_name.json()
    assert by_name.model.duties[0].of == row
    assert by_name.model.method.seed == 3
    with pytest.raises(TypeError, match="colour"):
        review_source("shipped:south-wales", colour="red")


def test_both_reviews_are_one_kind_of_result(met: PublishedReview) -> None:
    case = review_source("shipped:bridges-2017-12-21")
    for result in (met, case):
        assert isinstance(result, ReviewResult)
        assert result.document.title == result.model.title
        assert result.document.sections == result.model.sections


def test_claims_are_judged_and_promises_told(met: PublishedReview) -> None:
    claims = read_claims(shipped("met") / "claims.toml")
    assert [line.id for line in met.model.claims] == [claim.id for claim in claims]
    creep = next(section for section in met.document.sections if section.id == "creep")
    (told,) = [block for block in creep.blocks if isinstance(block, Table) and block.anchor == "creep-promises"]
    bespoke = next(row for row in told.rows if "bespoke" in row[0].text)
    assert "24 January 2020" in bespoke[1].text
    assert "differ in size by less than 1%" in bespoke[2].text
