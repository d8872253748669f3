"""A published row goes through the same rulebook: what was not printed is absent, and almost all is not shown."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from countersign.published.table.record import COLUMN_NAMES, Row
from countersign.reviews.duties import FIELDS, facts_of_row, view_of_row
from countersign.rulebook.catalogue import duty
from countersign.rulebook.conditions.results import Result, tally
from countersign.rulebook.duties import answer, evaluate

AT = datetime.date(2026, 9, 1)
CEILING = "uk.accuracy.false-alert-ceiling"


def row(**values: object) -> Row:
    return Row("met", 1, **({"date": datetime.date(2024, 5, 1)} | values))  # type: ignore[arg-type]


def ceiling(**values: object) -> Result:
    return answer(duty(CEILING), view_of_row(row(**values), "met/d-1"), as_at=AT)


def test_an_empty_row_shows_nothing() -> None:
    results = evaluate(view_of_row(Row("met", 1), "met/d-1"), profile="england-and-wales", as_at=AT)
    assert tally(results)["not shown"] == len(results)


def test_what_is_not_printed_is_absent_and_what_is_is_as_printed() -> None:
    assert facts_of_row(Row("met", 1)) == {}
    assert set(FIELDS) <= set(COLUMN_NAMES)
    facts = facts_of_row(row(place="Oxford Circus", faces_seen=8600, alerts=8, threshold=Decimal("0.590")))
    assert facts == {"date": "2024-05-01", "place": "Oxford Circus", "faces": 8600, "alerts": 8, "threshold": "0.590"}


def test_a_full_row_is_never_met_and_says_what_to_ask_for() -> None:
    full = row(place="A", use_case="hotspot", watchlist_size=10, faces_seen=90_000, alerts=4, true_alerts_confirmed=4,
               true_alerts_unconfirmed=0, false_alerts_confirmed=0, false_alerts_unconfirmed=0, arrests=1)  # fmt: skip
    results = evaluate(view_of_row(full, "met/d-1"), profile="england-and-wales", as_at=AT)
    assert tally(results)["met"] == 0
    published = next(result for result in results if result.duty.id == "uk.publish.results")
    assert published.outcome == "not shown"


@pytest.mark.parametrize(
    ("confirmed", "unconfirmed", "faces", "outcome"),
    [
        # Oxford Circus, 27 February 2020: 7 false alerts in 8,600 faces, one in 596 to one in 3,056 (facts,
        # claims.csv).
        (7, 0, 8600, "not shown"),
        (0, 0, 90_000, "stated"),
        (0, 100, 90_000, "not shown"),
        (60, 0, 20_000, "not met"),
    ],
)
def test_the_ceiling_by_the_interval_of_both_readings(
    confirmed: int, unconfirmed: int, faces: int, outcome: str
) -> None:
    result = ceiling(
        faces_seen=faces,
        alerts=200,
        false_alerts_confirmed=confirmed,
        false_alerts_unconfirmed=0,
        true_alerts_unconfirmed=unconfirmed,
    )
    assert result.outcome == outcome, result.because
    assert "Clopper-Pearson" in result.because or outcome == "not met"


def test_without_the_unresolved_alerts_nothing_is_shown() -> None:
    assert ceiling(faces_seen=90_000, false_alerts=0).outcome == "not shown"
