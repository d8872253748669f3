"""The sections of a report on small made records: each says what is there, and says so when nothing is."""

from __future__ import annotations

import datetime
from decimal import Decimal

import msgspec
import pytest
from tests.published.synthetic import Plan, synthetic_record
from tests.reviews.making import made_record, made_row

from countersign.document import Chart, Figure, Items, Paragraph, Table
from countersign.published.claims.claim import Claim
from countersign.published.corrections import Correction
from countersign.published.read import read_source
from countersign.published.table.record import Refused, Row
from countersign.reviews.published.assemble import Given, PublishedReview, review_record
from countersign.reviews.published.findings import MOST_ROWS
from countersign.reviews.published.promises import returned
from countersign.reviews.published.sensitivity import FEWER, MORE, OPEN, compare
from countersign.reviews.published.tables import widest
from countersign.words.intervals import rate_range


def blocks(result: PublishedReview, section: str) -> list[object]:
    return list(next(one for one in result.document.sections if one.id == section).blocks)


def table(result: PublishedReview, section: str, anchor: str) -> Table:
    for block in blocks(result, section):
        for found in (block, getattr(block, "table", None)):
            if isinstance(found, Table) and found.anchor == anchor:
                return found
    raise AssertionError(f"no table {anchor} in {section}")


def words(found: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in found.rows]


def funnel(result: PublishedReview) -> Chart:
    return next(block for block in blocks(result, "first-page") if isinstance(block, Chart) and block.kind == "funnel")


def test_a_stage_not_published_is_empty_and_says_so() -> None:
    rows = [made_row(number, false_alert_engagements=1 if number == 1 else None) for number in range(1, 31)]
    stages = {stage.label: stage for stage in funnel(review_record(made_record(*rows))).stages}
    assert (stages["Faces seen"].count, stages["Arrests"].count) == (150_000, 60)
    assert stages["Engagements"].count is None
    assert "published for 1 of 30 deployments only" in stages["Engagements"].note
    never = {stage.label: stage for stage in funnel(review_record(made_record(made_row(1)))).stages}
    assert (never["Engagements"].count, never["Engagements"].note) == (None, "not published")


def test_what_a_document_never_prints_and_where_a_row_is_empty_are_told_apart() -> None:
    result = review_record(made_record(
        made_row(1, duration_minutes=None), made_row(2, duration_minutes=None, faces_seen=None),
        made_row(1, document="b"),
    ))  # fmt: skip
    told = {(line.what, line.where) for line in result.model.not_shown}
    assert ("Duration", "Document a") in told
    assert ("Faces seen, in 1 row", "Document a, row 2") in told
    assert ("People engaged after a false alert", "every document reviewed") in told
    assert any(line.where == "in any table of deployments" for line in result.model.not_shown)


def test_what_a_correction_of_a_count_touches_is_told_both_ways() -> None:
    record = made_record(*(made_row(number, f"2024-0{number}-01", faces_seen=5000) for number in (1, 2, 3)))
    printed = {"faces_seen": "5000"}
    record = msgspec.structs.replace(
        record, rows=tuple(msgspec.structs.replace(row, printed=printed) for row in record.rows)
    )
    correction = Correction(
        document="a", row=2, column="faces_seen", printed="5000", read_as="50000", reason="a nought lost", who="a test"
    )
    result = review_record(record, Given(corrections=[correction]))
    assert "60,000 faces seen (an estimate) (15,000 as printed)" in result.model.summary[0]
    assert "as printed 15,000" in funnel(result).stages[0].note
    assert {line.reading for line in result.model.totals_by if line.by == "year"} == {"as corrected", "as printed"}
    lines = [line for line in result.model.rates if (line.by, line.measure) == ("all", "false_alerts_per_face")]
    assert [(line.reading, line.trials) for line in lines] == [("as corrected", 60_000), ("as printed", 15_000)]
    alone = [line for line in result.model.rates if (line.by, line.measure) == ("all", "false_alerts_per_alert")]
    assert [line.reading for line in alone] == ["either"]
    per_arrest = words(table(result, "creep", "creep-faces-per-arrest-table"))
    assert [row[1] for row in per_arrest] == ["60,000", "15,000"]


def test_counts_of_years_and_months_that_a_date_correction_touches_stand_twice(met: PublishedReview) -> None:
    years = {row[0]: row[1] for row in words(table(met, "creep", "creep-years"))}
    assert (years["2024, as corrected"], years["2024, as printed"], years["2025"]) == ("180", "179", "112")
    months = {row[0]: row[1] for row in words(table(met, "creep", "creep-deployments-table"))}
    assert int(months["July 2024, as corrected"]) == int(months["July 2024, as printed"]) + 1
    assert months["July 2023, as printed"] == "1"


def test_zero_events_are_a_bound_on_the_first_page() -> None:
    result = review_record(made_record(made_row(1, false_alerts=0, true_alerts=5), made_row(2, false_alerts=0)))
    figure = next(block for block in blocks(result, "first-page") if isinstance(block, Figure))
    assert figure.value.startswith("at most 1 in ")
    assert "no alerts were recorded as false" in result.model.summary[1]


def test_sentences_when_nothing_much_is_published() -> None:
    bare = [Row("a", number, date=datetime.date(2024, 5, number), place="Hill St") for number in (1, 2)]
    result = review_record(made_record(*bare))
    assert len(result.model.summary) == 5
    assert "No count of false alerts is published" in result.model.summary[1]
    assert "cannot be seen whether the way faces are counted" in result.model.summary[2]
    assert result.model.totals.faces_seen is None
    assert result.model.totals.hours is None
    assert any("stopped after an alert" in sentence for sentence in result.model.summary)


def test_a_row_is_told_as_one_and_what_was_refused_is_told() -> None:
    record = made_record(made_row(1, alerts=1, arrests=1, faces_seen=1, true_alerts=0, true_alerts_confirmed=0))
    record = msgspec.structs.replace(record, refused=(Refused("a", None, "line 3", "x", "no number"),))
    first = review_record(record).model.summary[0]
    assert first.endswith(
        "with 1 face seen (an estimate), 1 alert and 1 arrest; 1 row or cell could not be read and is in no figure."
    )


def test_a_last_year_of_few_deployments_is_told_within_the_whole_record() -> None:
    sentence = review_record(made_record(made_row(1, "2023-05-01"), made_row(2, "2024-01-05"))).model.summary[1]
    assert sentence.startswith("In all rows, two alerts were recorded as false (1 in 5,000 faces")
    assert sentence.endswith("and none was left unconfirmed.")


def test_false_alerts_are_bounded_only_where_the_unconfirmed_are_published() -> None:
    rows = made_row(1, true_alerts_unconfirmed=1), made_row(2, true_alerts_unconfirmed=None)
    one, both = (review_record(made_record(*listed)).model.summary[1] for listed in (rows[:1], rows))
    assert "and 2 if the one that nobody confirmed was false too (1 in 2,500 faces" in one
    assert both.endswith("; 1 row of 2 says how many alerts nobody confirmed, and there up to 2 may have been false.")


def test_a_small_record_has_no_empty_table_and_no_plural_of_one() -> None:
    result = review_record(made_record(made_row(1, faces_seen=None, alerts=None)))
    anchors = {
        block.anchor for section in result.model.sections for block in section.blocks if isinstance(block, Table)
    }
    assert not anchors & {"creep-returns", "creep-faces-per-arrest-table"}
    texts = msgspec.json.encode(result.model).decode()
    assert "1 deployments" not in texts
    assert "May 2024 to May 2024" not in texts
    assert "Faces seen are not published, so it cannot be seen" in result.model.summary[2]


def test_no_date_no_creep() -> None:
    result = review_record(made_record(made_row(1, None), made_row(2, None)))
    (said,) = blocks(result, "creep")
    assert isinstance(said, Paragraph)
    assert "No row prints a date" in said.text


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        # 27 in 215,616 against 0 in 687,132, and the reverse; equal rates; nothing at all.
        ((27, 215_616.0), (0, 687_132.0), FEWER),
        ((0, 687_132.0), (27, 215_616.0), MORE),
        ((10, 1000.0), (20, 2000.0), OPEN),
        ((0, 10.0), (0, 10.0), OPEN),
        ((3, 100.0), (0, 100.0), OPEN),
    ],
)
def test_compare(before: tuple[int, float], after: tuple[int, float], told: str) -> None:
    assert compare(before, after, 0.95) == told


def test_compare_agrees_with_a_binomial_test() -> None:
    """Reference: SciPy's exact binomial test, two-sided by doubling the smaller tail as the interval does."""
    from scipy.stats import binom

    for first in range(12):
        for second in range(12):
            events = first + second
            if events == 0:
                continue
            tail = min(binom.cdf(second, events, 0.25), binom.sf(second - 1, events, 0.25))
            told = compare((first, 3000.0), (second, 1000.0), 0.95)
            assert (told != OPEN) == (tail < 0.025), (first, second)


@pytest.mark.slow
def test_a_planted_break_splits_rates_and_restates_face_counts() -> None:
    result = review_record(synthetic_record(300, 4, Plan(fold=5.0)))
    years = [line for line in result.model.rates if line.by == "all" and line.measure == "false_alerts_per_face"]
    assert len(result.model.regimes) >= 2
    assert years[0].regime is None
    assert len(years[0].crosses) == len(result.model.regimes)
    assert {line.regime for line in years[1:]} == set(years[0].crosses)
    ways = words(table(result, "sensitivity", "sensitivity-ways"))
    assert any("faces counted as when most were counted" in way[1] for way in ways)
    assert any("faces counted as when fewest were counted" in way[1] for way in ways)
    assert "cannot be compared" in result.model.summary[2]
    # True alerts follow the street, not the counting: fewer per face is all denominator, and does not survive.
    told = [one for one in result.model.conclusions if one.text.startswith("true alerts in ")]
    assert told
    assert all(one.under["per face, as published"] == FEWER and one.survives == "no" for one in told)
    assert all("per face, both on one scale" in one.under for one in told)


def test_a_restated_face_count_divides_rate_and_both_ends_of_each_interval() -> None:
    result = review_record(synthetic_record(300, 4, Plan(fold=5.0)))
    found = table(result, "sensitivity", "sensitivity-ways")
    as_published = {row[0].text: row for row in found.rows if row[1].text == "per face, as published"}
    restated = [row for row in found.rows if "faces times" in row[1].text]
    assert restated
    for row in restated:
        scope, _, events, trials, rate, exact, clustered = row
        published = as_published[scope.text]
        assert events.number == published[2].number
        factor = float(trials.number or 0) / float(published[3].number or 0)
        assert f"(faces times {factor:.3g})" in row[1].text
        [line] = {
            (line.low, line.high, *widest(line), line.estimate)
            for line in result.evidence.rates
            if line.measure == "false_alerts_per_face" and line.rows == published[2].rows
        }
        low, high, low_clumped, high_clumped, estimate = (value / factor for value in line)
        assert rate.number == pytest.approx(estimate)
        assert exact.text == rate_range(low, high, estimate)
        assert clustered.text == rate_range(low_clumped, high_clumped, estimate)


def test_one_regime_leaves_one_scale() -> None:
    result = review_record(synthetic_record(120, 4))
    assert len(result.model.regimes) == 1
    assert not any("faces times" in way[1] for way in words(table(result, "sensitivity", "sensitivity-ways")))
    notes = [block.text for block in blocks(result, "sensitivity") if isinstance(block, Paragraph)]
    assert any("one scale of face counts" in note for note in notes)


def test_a_place_is_returned_to_on_another_day_not_on_the_same() -> None:
    rows = [
        made_row(1, "2024-05-01"), made_row(2, "2024-05-01"), made_row(3, "2024-05-02", place="hill  ST"),
        made_row(4, "2024-05-03", place="Market Sq"),
    ]  # fmt: skip
    found = returned(rows)
    assert (found.places, found.more_than_once, [row.number for row in found.before]) == (2, 1, [3])


def test_months_are_counted_and_months_without_durations_are_no_nought() -> None:
    result = review_record(made_record(
        made_row(1, "2024-01-05"), made_row(2, "2024-01-20"), made_row(3, "2024-03-01", duration_minutes=None),
        made_row(4, "2024-04-01"),
    ))  # fmt: skip
    charts = {block.anchor: block for block in blocks(result, "creep") if isinstance(block, Chart)}
    deployments = {point.x: point.y for point in charts["creep-deployments"].points}
    assert deployments == {"2024-01-01": 2.0, "2024-02-01": 0.0, "2024-03-01": 1.0, "2024-04-01": 1.0}
    hours = {point.x: point.y for point in charts["creep-hours"].points}
    assert hours == {"2024-01-01": 10.0, "2024-02-01": 0.0, "2024-04-01": 5.0}


def test_promises_are_told_from_the_day_they_were_made() -> None:
    claim = Claim(
        id="bespoke", statement="each deployment has a bespoke watchlist", quantity=("duty:uk.wl.bespoke",),
        relation="stated", said_by="A Force", said_on="2024-05-02",
    )  # fmt: skip
    rows = [made_row(number, f"2024-05-0{number}", watchlist_size=10_000 + number) for number in range(1, 5)]
    told = words(table(review_record(made_record(*rows), Given(claims=[claim])), "creep", "creep-promises"))
    assert told[0][:2] == ["“each deployment has a bespoke watchlist”", "A Force, 2 May 2024"]
    assert told[0][2].startswith("Of 2 pairs of lists on consecutive days with deployments, 2 differ in size by less")
    without = review_record(made_record(*rows))
    assert any("No dated promise was given" in block.text for block in blocks(without, "creep")
               if isinstance(block, Paragraph))  # fmt: skip


def test_faces_per_arrest_are_never_carried_across_a_regime(met: PublishedReview) -> None:
    found = table(met, "creep", "creep-faces-per-arrest-table")
    assert len(found.rows) == len(met.model.regimes)
    assert "Not carried from one regime to another" in found.note


def test_a_long_record_shows_part_of_its_rows_and_says_so() -> None:
    record = made_record(*(made_row(number) for number in range(1, MOST_ROWS + 51)))
    result = review_record(record)
    shown = [block for block in blocks(result, "rows") if isinstance(block, Table)]
    assert sum(len(found.rows) for found in shown) == MOST_ROWS
    warning = next(
        block for block in blocks(result, "rows") if isinstance(block, Paragraph) and block.tone == "warning"
    )
    assert "2,050 rows" in warning.text
    assert result.model.totals.deployments == MOST_ROWS + 50


def test_method_names_versions_seed_and_rules() -> None:
    result = review_record(made_record(made_row(1)), seed=7)
    told = dict(row[:2] for row in words(table(result, "method", "method-versions")))
    assert told["seed of every random step"] == "7"
    assert {"countersign", "python", "numpy", "scipy"} <= set(told)
    assert isinstance(blocks(result, "method")[0], Items)
    assert result.model.method.level == 0.95


def test_method_says_what_the_dates_of_steps_do_not_confirm(met: PublishedReview) -> None:
    assert any("chosen after looking" in note for note in met.model.method.notes)
    assert not any(
        "chosen after looking" in note for note in review_record(made_record(made_row(1))).model.method.notes
    )


def test_rows_in_very_many_ranges_are_not_listed_and_the_report_says_so() -> None:
    rows = [made_row(number, threshold=Decimal("0.6") if number % 2 else Decimal("0.64")) for number in range(1, 300)]
    model = review_record(made_record(*rows)).model
    assert not all(line.rows_listed for line in model.rates)
    assert any("more than 100 separate ranges" in note for note in model.method.notes)


def test_thresholds_are_told_apart_whatever_their_digits() -> None:
    rows = [made_row(1, threshold=Decimal("0.6")), made_row(2, threshold=Decimal("0.60"))]
    lines = [line for line in review_record(made_record(*rows)).model.totals_by if line.by == "threshold"]
    assert [line.totals.deployments for line in lines] == [2]


def test_faults_that_repeat_stand_in_one_table_each_a_place(met: PublishedReview) -> None:
    repeated = table(met, "faults", "faults-rate-truncated-table")
    assert len(repeated.rows) == 12
    assert repeated.caption == "The force rounded its error rate down: 12 times"
    numbered = [fault.number for fault in met.model.faults if fault.code == "rate-truncated"]
    assert repeated.places == tuple(f"fault-{number}" for number in numbered)


def test_what_may_be_written_of_no_false_alert_has_its_bound_and_the_unconfirmed(met: PublishedReview) -> None:
    """Origin: counted apart from this program; five alerts of 25 July to 20 December 2024 were left unconfirmed."""
    claim = next(claim for claim in met.model.claims if claim.id == "none-at-0.64-in-2024")
    assert "no false alerts (5 alerts unconfirmed) in 721,305 faces" in claim.may_write
    assert "could be as high as 1 in 97,700" in claim.may_write


def test_regimes_are_named_in_words_where_they_are_drawn(met: PublishedReview) -> None:
    assert len(set(met.evidence.labels.values())) == len(met.evidence.labels) == 8
    assert all(label.startswith(("threshold 0.6", "threshold not published")) for label in met.evidence.labels.values())


def test_a_list_of_headings_tells_the_story_and_charts_say_what_they_show(met: PublishedReview) -> None:
    titles = {section.id: section.title for section in met.document.sections}
    assert titles["first-page"] == "What was published: 324 deployments and 2,533 alerts"
    assert titles["accuracy"] == "Accuracy: 46 false in 2,533 alerts"
    assert titles["faults"] == "Faults in the data: 32 of 9 kinds"
    assert "3 “holds”" in titles["claims"]
    assert titles["creep"] == "Creep: 3 deployments in 2020, 112 deployments in 2025 to 11 July"
    charts = {
        block.anchor: block for part in met.document.sections for block in part.blocks if isinstance(block, Chart)
    }
    assert charts["funnel"].title == "From 3,089,960 faces seen to 1,128 arrests"
    assert "cannot be compared" in charts["chart-false-per-face"].title
    assert "their intervals lie apart" in charts["chart-false-per-alert"].title
    assert charts["creep-deployments"].title == "Deployments a month: most in May 2025, 20 deployments"
    assert charts["groups-shares"].title.startswith("1 of 3 counts shows that over half")
    assert charts["groups-shares"].marks[0].words.startswith("80%")


def test_headings_of_one_row_claim_nothing_they_cannot() -> None:
    titles = {section.id: section.title for section in review_record(made_record(made_row(1))).document.sections}
    assert titles["claims"] == "Claims: none given"
    assert titles["groups"] == "Groups: no counts given"
    assert titles["creep"] == "Creep"


def test_two_systems_of_one_threshold_have_two_names() -> None:
    labels = list(review_record(read_source("shipped:met-later")).evidence.labels.values())
    assert any("fixed cameras" in label for label in labels)
    assert len(set(labels)) == len(labels) == 2
