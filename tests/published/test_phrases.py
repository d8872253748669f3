"""Counts, rates and dates in sentences: rounded outwards where they are ends of an interval."""

from __future__ import annotations

import datetime
import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.words.phrases import (
    counted,
    dated,
    day,
    listing,
    one_in,
    one_in_range,
    per_cent,
    span,
    times,
    whole,
)


def test_numbers_in_sentences() -> None:
    assert whole(902_748) == "902,748"
    assert whole(Decimal("418.25")) == "418.2"
    assert one_in(33_435.1) == "1 in 33,435"
    assert one_in(5.25) == "1 in 5.2"
    assert one_in_range(0.0, 0.001) == "1 in 1,000, or any rarer rate"
    assert (counted(1, "row"), counted(27, "row"), counted(2, "entry", "entries")) == ("1 row", "27 rows", "2 entries")
    assert [listing(items) for items in ((), ("a",), ("a", "b"), ("a", "b", "c"))] == ["", "a", "a and b", "a, b and c"]


def test_a_date_is_told_in_words_and_anything_else_as_it_stands() -> None:
    assert listing(["a", "b"], "or") == "a or b"
    assert day(datetime.date(2025, 7, 11)) == dated("2025-07-11") == "11 July 2025"
    assert (dated("2023 to 2026"), dated("")) == ("2023 to 2026", "")


def test_periods_name_what_differs() -> None:
    first = datetime.date(2024, 7, 11)
    assert span(first, first) == "11 July 2024"
    assert span(first, datetime.date(2024, 7, 23)) == "11 to 23 July 2024"
    assert span(first, datetime.date(2024, 8, 2)) == "11 July to 2 August 2024"
    assert span(first, datetime.date(2025, 7, 11)) == "11 July 2024 to 11 July 2025"
    assert (span(first, None), span(None, first), span(None, None)) == (
        "since 11 July 2024", "to 11 July 2024", "at any date",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("share", "down", "up"),
    [(0.4439, "44 per cent", "45 per cent"), (0.29, "29 per cent", "29 per cent"),
     (0.9748, "97 per cent", "98 per cent"),
     (0.0312, "3.1 per cent", "3.2 per cent"), (1.0, "100 per cent", "100 per cent")],
)  # fmt: skip
def test_shares_are_rounded_the_way_asked(share: float, down: str, up: str) -> None:
    assert (per_cent(share, "down"), per_cent(share, "up")) == (down, up)


@given(st.floats(1e-9, 1e9))
def test_ratios_are_rounded_outwards_to_two_figures(ratio: float) -> None:
    low, high = (float(times(ratio, towards).removesuffix(" times")) for towards in ("down", "up"))
    assert low <= ratio * (1 + 1e-8)
    assert high >= ratio * (1 - 1e-8)
    assert high - low <= ratio * 0.11


def test_ratios_without_a_bound() -> None:
    assert times(math.inf) == "any number of times"
    assert times(0.0) == "0 times"
