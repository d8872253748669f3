"""Which rows a claim is about, how far a record reaches, and the plain counts set beside a duty."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import NamedTuple

import pytest

from countersign.published.claims.context import describe_beside, known_beside
from countersign.published.claims.rows import not_covered, reaches_to, scope_of
from countersign.published.read import read_source
from countersign.published.table.measures import Selection
from countersign.published.table.record import Document, Record, Row

DAY = datetime.date(2024, 3, 1)


def row(number: int, **more: object) -> Row:
    return Row("a", number, date=DAY + datetime.timedelta(days=number), **more)  # type: ignore[arg-type]


class Regime(NamedTuple):
    rows: tuple[int, ...]
    per_face_comparable: bool = True
    face_counts: str = "tested, no change seen (could have seen about a 2-fold one)"


def test_a_record_reaches_to_its_last_row_or_to_the_day_it_was_published() -> None:
    rows = (row(1), row(5), Row("a", 3))
    assert reaches_to(Record((), rows)) == datetime.date(2024, 3, 6)
    assert reaches_to(Record((Document("a", "t", published="2024-04-01"),), rows)) == datetime.date(2024, 4, 1)
    assert reaches_to(Record((Document("a", "t", published="April 2024"),), rows)) == datetime.date(2024, 3, 6)
    assert reaches_to(Record((), (Row("a", 1),))) is None


def test_what_the_record_cannot_answer_for_is_told_as_missing() -> None:
    record = Record((Document("a", "t", published="2024-03-01"),), (row(1), row(5)))
    late = Selection(date_to=datetime.date(2024, 3, 10))
    assert not_covered(late, scope_of(late, record), record) == (
        "the record reaches to 6 March 2024, and the claim is about more than it holds",
        "the rows from 7 March 2024 to 10 March 2024",
    )
    nowhere = Selection(place="nowhere")
    assert not_covered(nowhere, scope_of(nowhere, record), record) == (
        "the record has no row of that period, place and threshold",
        "any row of that period, place and threshold",
    )
    everything = Selection()
    assert not_covered(everything, scope_of(everything, record), record) is None
    nothing = Record((), ())
    assert (not_covered(everything, scope_of(everything, nothing), nothing) or ("", ""))[1] == "any dated row"


def test_rows_fall_into_the_regimes_given_and_the_rest_is_kept() -> None:
    record = Record((), (row(1), row(2), row(3), row(4)))
    scope = scope_of(Selection(date_to=DAY + datetime.timedelta(days=3)), record, (Regime((0, 3)), Regime((1,), False)))
    assert [(piece.label, [found.number for found in piece.rows]) for piece in scope.regimes] == [
        ("no threshold printed, 2 March 2024", [1]),
        ("no threshold printed, 3 March 2024, between two ways of counting faces", [2]), ("in no regime", [3]),
    ]  # fmt: skip


def test_faces_counted_in_two_ways_are_not_comparable() -> None:
    record = Record((), tuple(row(number, threshold=Decimal("0.64")) for number in (1, 2)))
    apart = (Regime((0,)), Regime((1,)))
    assert not scope_of(Selection(), record, apart).faces_comparable
    assert scope_of(Selection(), record, (Regime((0, 1)),)).faces_comparable
    assert not scope_of(Selection(), record, (Regime((0, 1), False),)).faces_comparable


def test_without_regimes_the_threshold_parts_the_rows() -> None:
    record = Record((), (row(1, threshold=Decimal("0.60")), row(2), row(3, threshold=Decimal("0.6"))))
    scope = scope_of(Selection(), record)
    assert [piece.label for piece in scope.regimes] == ["threshold 0.60", "no threshold printed"]


def test_what_stands_beside_the_words_is_counted_in_the_met_record() -> None:
    rows = read_source("shipped:met").rows
    assert '"1,2,3,4" in 147 rows' in describe_beside("use_cases", rows)
    assert "less than 1% in 100 of 171 steps" in describe_beside("watchlist_changes", rows)
    assert describe_beside("printed:true_alert_engagements", rows).endswith("of 324.")
    assert describe_beside("printed:no_action", rows[:9]) == "The column no action is printed in none of 9 rows."
    assert describe_beside("use_cases", ()) == "No use case is printed."
    assert describe_beside("watchlist_changes", rows[:1]).startswith("No two consecutive deployment days")
    assert not known_beside("printed:source")
    with pytest.raises(KeyError):
        describe_beside("printed:source", rows)


def test_use_cases_are_worded_with_the_exact_rows() -> None:
    rows = [row(1, use_case="x"), row(2, use_case="x"), row(3, use_case="y")]
    in_words = '2 distinct use cases are printed: "x" in 2 rows (2 to 3 March 2024) and "y" in 1 row (4 March 2024).'
    assert describe_beside("use_cases", rows) == in_words


def test_rows_after_the_last_may_be_missing_where_no_document_is_dated() -> None:
    selection = Selection(date_to=datetime.date(2024, 12, 31))
    rows = (Row("a", 1, date=datetime.date(2024, 12, 20)),)
    undated, dated = (Record((Document("a", "A", published=day),), rows) for day in ("", "2024-12-22"))
    found = [not_covered(selection, scope_of(selection, record), record) for record in (undated, dated)]
    unknown, known = (missing for _, missing in filter(None, found))
    assert known == "the rows from 23 December 2024 to 31 December 2024"
    assert str(unknown).startswith("the rows from 21 December 2024 to 31 December 2024, or a date of publication")
