"""Times given as clocks show them, with their zone."""

from __future__ import annotations

import pytest

from countersign.deployments.clock import LocalTimeWrong, utc_of


@pytest.mark.parametrize(
    ("given", "utc"),
    [
        ("2025-07-25 10:00 Europe/London", "2025-07-25T09:00:00Z"),
        ("2025-01-25T10:00:07 Europe/London", "2025-01-25T10:00:07Z"),
        ("2025-07-25 00:30 Europe/Berlin", "2025-07-24T22:30:00Z"),
        ("2025-07-25 10 Europe/London", "2025-07-25T09Z"),
        ("2025-07-25 10:00 UTC", "2025-07-25T10:00:00Z"),
        ("2025-10-26 02:00 Europe/London", "2025-10-26T02:00:00Z"),
        ("2025-07-25T10:00:00Z", "2025-07-25T10:00:00Z"),
        ("10:00 Europe/London", "10:00 Europe/London"),
    ],
)
def test_a_local_time_is_held_in_utc(given: str, utc: str) -> None:
    assert utc_of(given) == utc


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("2025-03-30 01:30 Europe/London", "were put forward over this hour, so it never came"),
        ("2025-10-26 01:30 Europe/London", "came twice, at 2025-10-26T00:30:00Z and 2025-10-26T01:30:00Z"),
        ("2025-10-26 01 Europe/London", "came twice"),
        ("2025-02-29 10:00 Europe/London", "there is no such day or hour"),
        ("2025-07-25 24:30 Europe/London", "there is no such day or hour"),
        ("9999-12-31 23:00 America/New_York", "there is no such day or hour"),
        ("2025-07-25 10:00 Europe/Londn", "knows no zone Europe/Londn"),
        ("2025-07-25 10:00 BST", "knows no zone BST"),
        ("2025-07-25 10 Asia/Kolkata", "is no full hour in UTC"),
    ],
)
def test_a_local_time_that_is_no_moment_is_refused(given: str, why: str) -> None:
    with pytest.raises(LocalTimeWrong, match=why):
        utc_of(given)
