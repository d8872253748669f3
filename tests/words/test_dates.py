"""Dates in one form; what is no date stays as it stands."""

from __future__ import annotations

import datetime

from countersign.words.dates import at_words, dated, day, local_window, local_words, month_name, span


def test_a_date_is_put_into_words_and_anything_else_stays() -> None:
    assert day(datetime.date(2025, 7, 11)) == dated("2025-07-11") == local_words("2025-07-11") == "11 July 2025"
    assert (dated("2023 to 2026"), dated(""), dated("2025-13-01")) == ("2023 to 2026", "", "2025-13-01")
    assert month_name(2024, 8) == "August 2024"


def test_moments_have_seconds_only_where_the_entry_has_and_always_their_zone() -> None:
    assert local_words("2026-03-01T10:00:00Z") == "1 March 2026, 10:00 GMT"
    assert local_words("2026-03-01T10:00:07Z") == "1 March 2026, 10:00:07 GMT"
    assert local_words("soon") == "soon"
    assert local_words("2026-03-01T22Z") == "1 March 2026, 22:00 to 23:00 GMT"
    assert local_words("2026-03-01T23Z") == "1 March 2026, 23:00 GMT to 2 March 2026, 00:00 GMT"
    # The clocks go forward at 01:00 UTC on 29 March 2026.
    assert local_words("2026-03-29T00Z") == "29 March 2026, 00:00 GMT to 29 March 2026, 02:00 BST"
    assert at_words(datetime.datetime(2026, 7, 4, 23, 30, tzinfo=datetime.UTC)) == "5 July 2026, 00:30 BST"


def test_a_window_names_its_day_and_zone_once() -> None:
    start = "2026-07-04T12:00:00Z"
    assert local_window(start, "2026-07-04T18:00:00Z") == "4 July 2026, 13:00 to 19:00 BST"
    assert local_window(start, "2026-07-05T02:00:00Z") == "4 July 2026, 13:00 BST to 5 July 2026, 03:00 BST"
    assert local_window("soon", "2026-07-05") == "soon to 5 July 2026"


def test_periods_name_what_differs() -> None:
    first = datetime.date(2024, 7, 11)
    assert span(first, first) == "11 July 2024"
    assert span(first, datetime.date(2024, 7, 23)) == "11 to 23 July 2024"
    assert span(first, datetime.date(2024, 8, 2)) == "11 July to 2 August 2024"
    assert span(first, datetime.date(2025, 7, 11)) == "11 July 2024 to 11 July 2025"
    assert (span(first, None), span(None, first), span(None, None)) == (
        "since 11 July 2024", "to 11 July 2024", "at any date",
    )  # fmt: skip
