"""Totals and rates by scope: exact sums, conservation, indifference to the order of rows, honest intervals."""

from __future__ import annotations

import math
import random
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy.stats import beta, chi2
from tests.published.synthetic import synthetic_record
from tests.reviews.making import made_record, made_row

from countersign.inference.clusters import proportion
from countersign.published.table.measures import MEASURES, total
from countersign.published.table.record import Record, Row, Unsure
from countersign.reviews.model import RateLine, TotalsOf
from countersign.reviews.published.counts import MOST_RANGES, Counts, dimensions
from countersign.reviews.published.figures import REVIEWED, SUMMED, both_ways, figures

counts_of_faces = st.integers(0, 50_000)


@st.composite
def records(draw: st.DrawFn) -> Record:
    rows = []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        alerts = draw(st.integers(0, 20))
        false = draw(st.integers(0, alerts))
        rows.append(made_row(
            number,
            draw(st.sampled_from(["2023-12-30", "2024-01-02", "2024-07-25", "2025-03-01", None])),
            document=draw(st.sampled_from(["a", "b"])),
            threshold=draw(st.sampled_from([Decimal("0.60"), Decimal("0.64"), None])),
            place=draw(st.sampled_from(["Hill St", "hill  st", "Market Sq", None])),
            faces_seen=draw(st.one_of(st.none(), counts_of_faces.map(lambda faces: faces + 100))),
            duration_minutes=draw(st.one_of(st.none(), st.integers(1, 600))),
            alerts=alerts, false_alerts=false, true_alerts=alerts - false,
            true_alerts_unconfirmed=draw(st.one_of(st.none(), st.integers(0, alerts - false))),
            arrests=draw(st.one_of(st.none(), st.integers(0, alerts))),
        ))  # fmt: skip
    return made_record(*rows)


def regimes_of(record: Record) -> dict[int, str]:
    return {position: f"r{row.threshold}" for position, row in enumerate(record.rows) if row.threshold is not None}


def amounts(line: TotalsOf) -> dict[str, float | None]:
    return {"deployments": line.totals.deployments} | {name: getattr(line.totals, name) for name in SUMMED}


@pytest.mark.slow
@given(records())
@settings(deadline=None, max_examples=25)
def test_scopes_of_a_dimension_add_up_to_the_rows_that_have_one(record: Record) -> None:
    found = figures(record, regimes_of(record))
    for by, rows in {
        "year": [row for row in record.rows if row.date],
        "threshold": [row for row in record.rows if row.threshold is not None],
        "place": [row for row in record.rows if row.place],
        "document": list(record.rows),
        "regime": [row for row in record.rows if row.threshold is not None],
    }.items():
        lines = [line for line in found.totals_by if line.by == by]
        assert sum(line.totals.rows for line in lines) == len(rows)
        for quantity in SUMMED:
            parts = [amount for line in lines if (amount := amounts(line)[quantity]) is not None]
            whole = total(rows, quantity).amount
            assert math.isclose(sum(parts), float(whole or 0)), (by, quantity)
            assert bool(parts) == (whole is not None)


@pytest.mark.slow
@given(records())
@settings(deadline=None, max_examples=25)
def test_a_scope_across_regimes_is_split_without_loss(record: Record) -> None:
    found = figures(record, regimes_of(record))
    groups: dict[tuple[str, str, str], list[RateLine]] = {}
    for line in found.rates:
        groups.setdefault((line.by, line.scope, line.measure), []).append(line)
    for lines in groups.values():
        spans, parts = [line for line in lines if line.crosses], [line for line in lines if not line.crosses]
        assert len(spans) <= 1
        if spans and not any(row.threshold is None for row in record.rows):
            (span,) = spans
            assert len(span.crosses) > 1
            assert span.regime is None
            # A part whose denominator is nought has no line of its own; then it holds no event either, or is a fault.
            assert sum(part.deployments for part in parts) <= span.deployments
            if {part.regime for part in parts} == set(span.crosses):
                assert sum(part.events for part in parts) == span.events
                assert math.isclose(sum(part.trials for part in parts), span.trials)


@given(records(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=20)
@pytest.mark.slow
def test_the_order_of_rows_changes_no_figure(record: Record, shuffle: random.Random) -> None:
    rows = list(record.rows)
    shuffle.shuffle(rows)
    shuffled = Record(record.documents, tuple(rows))

    def told(one: Record) -> set[tuple[object, ...]]:
        found = figures(one, regimes_of(one))
        rates = {
            (line.measure, line.by, line.scope.casefold(), line.regime, line.events, line.trials, line.low, line.high,
             line.deployments)
            for line in found.rates
        }  # fmt: skip
        totals = {(line.by, line.scope.casefold(), *amounts(line).values()) for line in found.totals_by}
        return rates | totals

    assert told(record) == told(shuffled)


@pytest.mark.slow
@given(records())
@settings(deadline=None, max_examples=25)
def test_every_interval_holds_its_estimate_and_the_clustered_holds_the_exact(record: Record) -> None:
    for line in figures(record, regimes_of(record)).rates:
        assert line.low <= line.estimate <= line.high
        if line.clustered is not None:
            assert line.clustered.low <= line.low
            assert line.clustered.high is None or line.high <= line.clustered.high
        assert (line.one_in.estimate is None) == (line.events == 0)
        if line.events == 0:
            assert line.high > 0
            assert line.one_in.most is None


def test_exact_ends_agree_with_scipys_distributions() -> None:
    """Reference: SciPy's beta and chi-square quantiles, an implementation apart from the one used here."""
    record = synthetic_record(60, 5)
    for line in figures(record, {}).rates:
        if line.by != "all":
            continue
        x, n = line.events, line.trials
        if line.method == "clopper-pearson":
            low, high = beta.ppf(0.025, x, n - x + 1) if x else 0.0, beta.ppf(0.975, x + 1, n - x) if x < n else 1.0
        else:
            low, high = (chi2.ppf(0.025, 2 * x) / 2 / n if x else 0.0), chi2.ppf(0.975, 2 * x + 2) / 2 / n
        assert line.low == pytest.approx(low, rel=1e-9)
        assert line.high == pytest.approx(high, rel=1e-9)


def test_a_rate_uses_only_rows_that_print_both_counts() -> None:
    record = made_record(
        made_row(1, faces_seen=1000, false_alerts=1),
        made_row(2, faces_seen=None, false_alerts=5, alerts=9, true_alerts=4),
        made_row(3, faces_seen=2000, false_alerts=None),
    )
    (line,) = [
        line for line in figures(record, {}).rates if (line.by, line.measure) == ("all", "false_alerts_per_face")
    ]
    assert (line.events, line.trials, line.deployments) == (1, 1000.0, 1)
    assert [(found.first, found.last) for found in line.rows] == [(1, 1)]


def test_unconfirmed_alerts_that_are_not_printed_give_no_bound() -> None:
    known = figures(made_record(made_row(1, true_alerts_unconfirmed=2)), {}).totals_by[0].totals
    unknown = figures(made_record(made_row(1, true_alerts_unconfirmed=None)), {}).totals_by[0].totals
    assert (known.false_alerts, known.false_alerts_at_most) == (1, 3)
    assert (unknown.false_alerts, unknown.false_alerts_at_most) == (1, None)


def test_no_line_where_a_share_would_have_more_events_than_trials() -> None:
    record = made_record(made_row(1, alerts=1, arrests=2), made_row(2, alerts=0, arrests=0, faces_seen=10))
    names = {line.measure for line in figures(record, {}).rates if line.by == "all"}
    assert "arrests_per_alert" not in names
    assert {"arrests_per_face", "arrests_per_deployment", "arrests_per_hour"} <= names


def test_events_in_clumps_widen_the_interval() -> None:
    even = made_record(*(made_row(number, false_alerts=1, faces_seen=1000) for number in range(1, 21)))
    clumped = made_record(
        *(
            made_row(number, false_alerts=20 if number == 7 else 0, alerts=30, faces_seen=1000)
            for number in range(1, 21)
        )
    )

    def line(record: Record) -> RateLine:
        return next(one for one in figures(record, {}).rates if one.measure == "false_alerts_per_face")

    assert (line(even).events, line(even).low) == (line(clumped).events, line(clumped).low)
    assert line(even).clustered is not None
    assert line(clumped).clustered is not None
    assert line(clumped).clustered.design_effect == pytest.approx(20, rel=0.05)  # type: ignore[union-attr]
    # All twenty in one of twenty deployments: what the others would bring cannot be bounded.
    assert line(clumped).clustered.high is None  # type: ignore[union-attr]
    assert line(clumped).one_in.least is None
    assert "too few" in line(clumped).clustered.method  # type: ignore[union-attr]
    assert line(even).clustered.high < 1.15 * line(even).high  # type: ignore[union-attr, operator]


def test_rows_that_print_a_bound_go_through_the_clustered_interval() -> None:
    exact = [6 if number % 5 == 0 else 0 for number in range(1, 31)]
    rows = [made_row(number, false_alerts=events, alerts=30, faces_seen=1000) for number, events in enumerate(exact, 1)]
    unsure = {"false_alerts": Unsure("bounded", "under 5", 0, 4)}
    rows += [replace(made_row(number, alerts=30, faces_seen=1000), false_alerts=None, unsure=unsure)
             for number in range(31, 37)]  # fmt: skip
    record = made_record(*rows)
    line = next(line for line in figures(record, {}).rates if line.measure == "false_alerts_per_face")
    ends = proportion(36, 36_000, clusters=([*exact, *[0] * 6], [1000] * 36)).widest, proportion(
        60, 36_000, clusters=([*exact, *[4] * 6], [1000] * 36)
    ).widest  # fmt: skip
    assert line.range is not None
    assert line.range.low == ends[0].low < proportion(36, 36_000).exact.low
    assert line.range.high == ends[1].high > proportion(60, 36_000).exact.high


def test_rows_are_listed_as_ranges_up_to_a_number_of_them() -> None:
    rows = [Row("a", number, alerts=1) for number in range(1, 4 * MOST_RANGES)]
    counts = Counts(rows)
    assert [(found.first, found.last) for found in counts.ranges(np.array([0, 1, 2, 6]))] == [(1, 3), (7, 7)]  # type: ignore[union-attr]
    assert counts.ranges(np.arange(0, len(rows), 2)) is None
    assert counts.ranges(np.array([], np.int64)) == ()


def test_places_differing_in_case_and_spaces_are_one_and_years_are_in_order() -> None:
    rows = (
        made_row(1, "2025-01-01", place="Hill St"),
        made_row(2, "2023-01-01", place="hill  st"),
        made_row(3, None, place=None),
    )  # fmt: skip
    found = {dimension.by: dimension for dimension in dimensions(rows, {0: "late", 1: "early"})}
    assert found["place"].scopes == ("Hill St",)
    assert found["place"].codes.tolist() == [0, 0, -1]
    assert found["year"].scopes == ("2023", "2025")
    assert found["year"].codes.tolist() == [1, 0, -1]
    assert found["regime"].codes.tolist() == [0, 1, -1]


def test_readings_stand_side_by_side_only_where_they_differ() -> None:
    printed = made_record(made_row(1, "2023-07-11"), made_row(2, "2024-07-12"), made_row(3, "2025-01-01"))
    corrected = made_record(made_row(1, "2024-07-11"), made_row(2, "2024-07-12"), made_row(3, "2025-01-01"))
    found = both_ways(corrected, printed, {})
    told = {(line.scope, line.reading): line.totals.deployments for line in found.totals_by if line.by == "year"}
    assert told == {
        ("2024", "as corrected"): 2, ("2024", "as printed"): 1, ("2023", "as printed"): 1, ("2025", "either"): 1,
    }  # fmt: skip
    assert {line.reading for line in found.totals_by if line.by == "all"} == {"either"}
    assert {line.reading for line in found.rates if (line.by, line.scope) == ("year", "2023")} == {"as printed"}


def test_every_rate_the_issue_names_is_reviewed() -> None:
    names = {measure.name for measure in REVIEWED}
    assert names >= {
        "false_alerts_per_face", "false_alerts_per_alert", "false_alerts_per_hour", "true_alerts_per_face",
        "true_alerts_per_hour", "arrests_per_face", "arrests_per_alert", "arrests_per_deployment", "arrests_per_hour",
    }  # fmt: skip
    assert names == {
        measure.name for measure in MEASURES.values() if measure.short
    }  # claims alone ask about the others
