"""Two ways of matching places, on names as the Met prints them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.published.read import read_source
from countersign.published.table.places import Matching, place_keys, words
from countersign.published.table.record import Row


def keys(matching: Matching, *names: str | None) -> list[str | None]:
    rows = [Row("d", number, place=name) for number, name in enumerate(names, start=1)]
    return place_keys(rows, matching)


def test_word_for_word_in_any_order_and_written_out() -> None:
    found = keys("words", "Northend, Croydon", "Croydon, North End", "Ealing B’way Stn", "Ealing Broadway Station")
    assert found[0] == found[1]
    assert found[2] == found[3]
    assert keys("words", "Croydon", "George St, Croydon")[0] != keys("words", "Croydon", "George St, Croydon")[1]


def test_by_town() -> None:
    found = keys(
        "town", "Woolwich", "Powis St, Woolwich", "Tooting B’Way", "Tooting", "Westfield, Stratford", "Stratford B’way",
        "Broadway, Stratford", "Shepherds Bush", "Uxbridge Rd, Shepherds Buh", "Shepherds Bush Green", None,
    )  # fmt: skip
    assert found == [
        "woolwich", "woolwich", "tooting", "tooting", "stratford", "stratford", "stratford", "shepherds bush",
        "shepherds bush", "shepherds bush", None,
    ]  # fmt: skip


def test_a_street_name_is_not_a_town_however_many_towns_have_it() -> None:
    found = keys("town", "Church St, Aston", "Church St, Bolton", "Church St, Corby", "Church St, Derby")
    assert found == ["aston", "bolton", "corby", "derby"]


def test_a_name_of_nothing_but_kinds_of_spot_stands_for_itself() -> None:
    assert keys("town", "High St", "Station Rd") == ["high street", "road station"]
    assert keys("words", "…", "(closed)") == ["…", "(closed)"]


def test_words_leaves_asides_out() -> None:
    assert words("Oxford Circus (technical fault stopped deployment)") == ["oxford", "circus"]


def test_places_of_the_shipped_record_by_town_are_fewer_than_by_words() -> None:
    rows = read_source("shipped:met").rows
    by_words, by_town = set(place_keys(rows, "words")), set(place_keys(rows, "town"))
    assert len(by_town) < len(by_words)
    assert {"croydon", "woolwich", "romford", "barking"} <= by_town


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(alphabet="abcd ,’'-–.()", max_size=14), min_size=1, max_size=12))
def test_the_same_words_are_always_the_same_town(names: list[str]) -> None:
    rows = [Row("d", number, place=name or None) for number, name in enumerate(names, start=1)]
    for found, row in zip(place_keys(rows, "town"), rows, strict=True):
        assert (found is None) == (row.place is None)
    assert place_keys(rows, "words") == place_keys(rows, "words")
