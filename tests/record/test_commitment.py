"""Commitments bind, hide, and open item by item."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.record.entries.commitment import (
    OpenedValue,
    OpeningFails,
    SealedSet,
    check_item,
    check_opening,
    commit,
)

OPENINGS = st.binary(min_size=32, max_size=32)


def test_the_construction_is_the_one_written_down() -> None:
    opening, content = bytes(range(32)), b"entry 7"
    message = b"list\n1\n" + hashlib.sha256(content).digest()
    assert commit("list", 1, content, opening) == hmac.new(opening, message, hashlib.sha256).digest()


@given(st.text("abc-", min_size=1), st.integers(1, 99), st.binary(), OPENINGS)
@settings(deadline=None)
def test_what_was_committed_opens(label: str, version: int, content: bytes, opening: bytes) -> None:
    assert check_opening(commit(label, version, content, opening), label, version, content, opening).content == content


@given(st.binary(), st.binary(), OPENINGS, OPENINGS)
@settings(deadline=None)
def test_nothing_else_opens(content: bytes, other: bytes, opening: bytes, wrong: bytes) -> None:
    commitment = commit("list", 1, content, opening)
    attempts = [("lists", 1, content, opening), ("list", 2, content, opening), ("list", 1, content, opening[:-1])]
    if other != content:
        attempts.append(("list", 1, other, opening))
    if wrong != opening:
        attempts.append(("list", 1, content, wrong))
    for attempt in attempts:
        with pytest.raises(OpeningFails):
            check_opening(commitment, *attempt)


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=40), st.data())
@settings(deadline=None, max_examples=60)
def test_one_item_of_a_set_opens_and_no_other_place_or_content(contents: list[bytes], data: st.DataObject) -> None:
    openings = [hashlib.sha256(b"%d" % n).digest() for n in range(len(contents))]
    sealed = SealedSet([commit("list", 1, c, o) for c, o in zip(contents, openings, strict=True)])
    index = data.draw(st.integers(0, len(contents) - 1))
    given_item = ("list", 1, contents[index], openings[index], sealed.prove(index))
    assert check_item(sealed.root, sealed.count, index, *given_item).content == contents[index]
    for wrong_index in {(index + 1) % len(contents), len(contents)} - {index}:
        with pytest.raises(OpeningFails):
            check_item(sealed.root, sealed.count, wrong_index, *given_item)
    with pytest.raises(OpeningFails):
        check_item(
            sealed.root, sealed.count, index, "list", 1, contents[index] + b"x", openings[index], sealed.prove(index)
        )
    with pytest.raises(IndexError):
        sealed.prove(len(contents))


def test_an_opened_value_is_built_by_opening_alone() -> None:
    with pytest.raises(TypeError):
        OpenedValue(object(), "list", b"forged")
