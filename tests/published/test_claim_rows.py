"""Counts of a claim's rows, and the same with every unconfirmed alert turned the other way."""

from __future__ import annotations

from fractions import Fraction

import pytest

from countersign.published.claims.counts import unconfirmed_words
from countersign.published.claims.rows import count_of, turned_count
from countersign.published.table.measures import MEASURES
from countersign.published.table.record import Row

SAYS = Row("a", 1, false_alerts=2, true_alerts=9, true_alerts_unconfirmed=3, true_alerts_confirmed=6)
SAYS_NOTHING = Row("a", 2, false_alerts=4, true_alerts=5)


@pytest.mark.parametrize(
    ("rows", "quantity", "count"),
    [
        ((SAYS,), "false_alerts", 5),
        ((SAYS,), "true_alerts", 6),
        # A row that does not say how many were unconfirmed keeps its count: both counts are of the same rows.
        ((SAYS, SAYS_NOTHING), "false_alerts", 9),
        ((SAYS, SAYS_NOTHING), "true_alerts", 11),
        ((SAYS_NOTHING,), "false_alerts", None),
        ((SAYS,), "arrests", None),
        ((), "false_alerts", None),
    ],
)
def test_turned_count(rows: tuple[Row, ...], quantity: str, count: int | None) -> None:
    assert turned_count(rows, quantity) == count


def test_false_alerts_of_a_row_without_faces_stand_in_no_rate_per_face() -> None:
    rows = [Row("a", 1, faces_seen=1000, false_alerts=2), Row("a", 2, faces_seen=0, false_alerts=5)]
    found = count_of(MEASURES["false_alerts_per_face"], rows)
    assert found is not None
    assert (found.events, int(found.trials)) == (2, 1000)


def test_one_alert_is_said_in_the_singular() -> None:
    said = "1 unconfirmed alert is counted as true; if it were false there would be 1 false alert, not 0"
    assert unconfirmed_words("false_alerts", Fraction(0), Fraction(1)) == said
    said = "1 of them is unconfirmed; 1 is a confirmed true alert"
    assert unconfirmed_words("true_alerts", Fraction(2), Fraction(1)) == said
