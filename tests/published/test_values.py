"""Each kind of cell: what it reads, what it refuses, and that the plain text of a value reads back as it."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.published.table.marks import Forms, Unreadable, readable
from countersign.published.table.record import Kind
from countersign.published.table.values import LONGEST_TEXT, parser, plain, rate_of

USUAL = Forms()


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        # spellings of the Met's grids, 2023 to 2025
        ("5h03m", 303), ("5hr 37m", 337), ("8h0m", 480), ("5h40", 340), ("6h 07m", 367), ("4h 0m", 240), ("0h33m", 33),
        ("5 hours 3 minutes", 303), ("5:03", 303), ("05:03:00", 303), ("90 min", 90), ("2h", 120),
        ("5 hrs, 3 mins", 303),
    ],
)  # fmt: skip
def test_durations(text: str, minutes: int) -> None:
    assert parser("minutes", USUAL)(text) == minutes


@pytest.mark.parametrize("text", ["303", "5h75m", "5:03:30", "h", "5.5", "-5h", "5h3m1s", "noon to three"])
def test_a_duration_without_a_certain_reading_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        parser("minutes", USUAL)(text)


def test_a_bare_duration_takes_the_unit_that_its_heading_states() -> None:
    assert parser("minutes", Forms(duration="minutes"))("303") == 303
    assert parser("minutes", Forms(duration="hours"))("5.5") == 330
    # Two decimals of an hour are 36 seconds: rounded to the minute, as no force times by the second.
    assert parser("minutes", Forms(duration="hours"))("6.17") == 370


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("11/07/23", "2023-07-11"), ("6/4/2024", "2024-04-06"), ("06.04.24", "2024-04-06"),
        ("06-04-2024", "2024-04-06"),
        ("2024-04-06", "2024-04-06"), ("2024-04-06T00:00:00", "2024-04-06"), ("6 April 2024", "2024-04-06"),
        ("6th Apr 24", "2024-04-06"), ("06-Sept-24", "2024-09-06"),
    ],
)  # fmt: skip
def test_dates_are_read_day_first(text: str, day: str) -> None:
    assert parser("date", USUAL)(text) == datetime.date.fromisoformat(day)


@pytest.mark.parametrize("text", ["04/13/24", "31/02/24", "2024-13-01", "11/07", "July 2024", "11/07.24", "1/1/024"])
def test_a_date_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        parser("date", USUAL)(text)


def test_a_map_states_other_forms_of_dates() -> None:
    read = parser("date", Forms(dates=("%m/%d/%Y", "%Y%m%d")))
    assert read("07/11/2023") == read("20230711") == datetime.date(2023, 7, 11)
    with pytest.raises(Unreadable, match=r"%m/%d/%Y or %Y%m%d"):
        read("13/11/2023")


@pytest.mark.parametrize(
    ("text", "count"), [("12,187", 12187), ("1 234 567", 1234567), ("12 187", 12187), ("7.0", 7), ("0", 0)]
)
def test_counts(text: str, count: int) -> None:
    assert parser("count", USUAL)(text) == count


@pytest.mark.parametrize(
    "text", ["1.234", "12,5", "1e3", "-3", "+3", "٣", "12,18", "0x1F", "1_000", "many", "12 3", "9" * 40]
)
def test_a_count_without_a_certain_reading_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        parser("count", USUAL)(text)


def test_decimal_comma_and_point() -> None:
    assert parser("decimal", USUAL)("0,64") == parser("decimal", USUAL)("0.64") == Decimal("0.64")
    assert parser("decimal", Forms(decimal=","))("1,234") == Decimal("1.234")
    assert parser("count", Forms(decimal=","))("12.187") == 12187
    with pytest.raises(Unreadable):
        parser("decimal", USUAL)("1,234")  # a thousand, or a decimal: nobody can tell
    with pytest.raises(Unreadable):
        parser("count", Forms(decimal=","))("12,187")


def test_a_rate_stays_as_printed_and_can_be_had_as_a_number() -> None:
    assert parser("percent", USUAL)("0.080%") == "0.080%"
    assert rate_of("0.08%") == Decimal("0.0008")
    assert rate_of("0,08 %") == Decimal("0.0008")
    assert rate_of("0.0008") == Decimal("0.0008")
    with pytest.raises(Unreadable):
        parser("percent", USUAL)("about one in a thousand")


@pytest.mark.parametrize("kind", ["date", "text", "count", "minutes", "decimal", "percent"])
@pytest.mark.parametrize("text", ["", "  ", "-", "–", "N/A", "n/a", "Not recorded"])
def test_a_cell_that_says_it_holds_nothing_is_never_zero(kind: Kind, text: str) -> None:
    assert parser(kind, USUAL)(text) is None


@pytest.mark.parametrize("kind", ["date", "text", "count", "minutes", "decimal", "percent"])
@pytest.mark.parametrize("text", ["=1+1", "=HYPERLINK(1)"])
def test_formulas_are_refused_in_every_kind(kind: Kind, text: str) -> None:
    with pytest.raises(Unreadable, match="formula"):
        parser(kind, USUAL)(text)


@pytest.mark.parametrize("text", ["@SUM(A1)", "+A1", "-A1+B1"])
def test_what_a_spreadsheet_would_run_is_no_place(text: str) -> None:
    with pytest.raises(Unreadable, match="formula"):
        parser("text", USUAL)(text)


def test_no_text_is_long_enough_to_be_a_picture() -> None:
    with pytest.raises(Unreadable, match="longer"):
        parser("text", USUAL)("A" * (LONGEST_TEXT + 1))
    with pytest.raises(Unreadable, match="printed"):
        parser("text", USUAL)("Camden\x1b[31m")


def test_readable_leaves_nothing_that_a_terminal_would_obey() -> None:
    assert readable("a\x1b[31m\u202e b\n c") == "a�[31m� b c"


VALUES: dict[Kind, st.SearchStrategy[object]] = {
    "date": st.dates(datetime.date(2000, 1, 1), datetime.date(2099, 12, 31)),
    "count": st.integers(0, 8_200_000_000),
    "decimal": st.decimals(0, 1, places=3),
}


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_the_plain_text_of_a_value_reads_back_as_it(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(VALUES)))
    value = data.draw(VALUES[kind])
    assert parser(kind, USUAL)(plain(value)) == value  # type: ignore[arg-type]


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(["date", "text", "count", "minutes", "decimal", "percent"]), st.text(max_size=30))
def test_any_text_is_read_or_refused_with_a_reason(kind: Kind, text: str) -> None:
    try:
        told = plain(parser(kind, USUAL)(text)) or "nothing"
    except Unreadable as error:
        told = str(error)
    assert told
