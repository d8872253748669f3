from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.record.tlog.encoding import NUMBER_LIMIT, TextMalformed, parse_base64, parse_decimal, render_base64


@given(st.integers(0, NUMBER_LIMIT - 1))
@settings(deadline=None, max_examples=200)
def test_a_number_has_its_usual_spelling(number: int) -> None:
    assert parse_decimal(str(number)) == number


@pytest.mark.slow
@given(st.text(max_size=22))
@settings(deadline=None, max_examples=500)
def test_what_is_taken_as_a_number_is_spelled_as_it_would_be_written(text: str) -> None:
    try:
        number = parse_decimal(text)
    except TextMalformed:
        return
    assert str(number) == text


@given(st.binary(max_size=64))
@settings(deadline=None, max_examples=200)
def test_base64_round_trips(data: bytes) -> None:
    assert parse_base64(render_base64(data), len(data)) == data


@given(st.text("AB+/=-_ \nĀ", max_size=12))
@settings(deadline=None, max_examples=500)
def test_what_is_taken_as_base64_is_the_one_spelling_of_its_bytes(text: str) -> None:
    try:
        data = parse_base64(text)
    except TextMalformed:
        return
    assert base64.b64encode(data).decode() == text


@pytest.mark.parametrize("length", [1, 3, 33])
def test_a_wrong_length_is_refused(length: int) -> None:
    with pytest.raises(TextMalformed, match="holds 2 bytes"):
        parse_base64("AQI=", length)
