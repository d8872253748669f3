"""What cannot be seen is written out; places get usable names; the same text always the same one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.render.text import ZERO_WIDTH_SPACE, anchor, breakable, number, shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("27 of  902,748\n faces ", "27 of 902,748 faces"),
        ("a\u202eb", "a[U+202E]b"),
        ("\x00", "[U+0000]"),
        ("\ud800", "[U+D800]"),
        ("\ufffe\U0001ffff", "[U+FFFE][U+1FFFF]"),
        ("soft\u00adhyphen", "soft[U+00AD]hyphen"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("ŵ 東 £", "ŵ 東 £"),
        ("", ""),
    ],
)
def test_shown(text: str, expected: str) -> None:
    assert shown(text) == expected


@settings(deadline=None, max_examples=300)
@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_nothing_invisible_is_left_and_twice_is_as_once(text: str) -> None:
    once = shown(text)
    assert shown(once) == once
    for character in once:
        assert character in "\u200c\u200d" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    once.encode("utf-8")


@pytest.mark.slow
@settings(deadline=None, max_examples=300)
@given(st.text(), st.text())
def test_an_anchor_is_a_plain_name_and_keeps_texts_apart(one: str, other: str) -> None:
    name = anchor(one)
    assert name
    assert all(character.isascii() and (character.isalnum() or character in "._-") for character in name)
    spaced = "-".join(one.split()), "-".join(other.split())
    if spaced[0] != spaced[1]:
        assert anchor(one) != anchor(other)


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=200))
def test_places_to_break_change_no_word(text: str) -> None:
    plain = text.replace(ZERO_WIDTH_SPACE, "")
    assert breakable(plain).replace(ZERO_WIDTH_SPACE, "") == plain


def test_a_digest_can_be_broken_and_a_sentence_is_left_alone() -> None:
    assert breakable("ab" * 32).count(ZERO_WIDTH_SPACE) == 5
    assert breakable("27 false alerts in 902,748 faces.") == "27 false alerts in 902,748 faces."


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (-1234.5, "-1,234.5"), (0.12345, "0.123"), (1e6, "1,000,000")])
def test_number(value: float, text: str) -> None:
    assert number(value) == text
