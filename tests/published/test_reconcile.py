"""Lists side by side: certain matches only, possible ones shown and never merged, each list within its own dates."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.published.read import read_source
from countersign.published.reconcile import Deployment, Entry, Reconciliation, Source, reconcile, source_of

DAY = datetime.date(2024, 5, 2)


def on(offset: int, place: str, **numbers: int) -> Entry:
    return Entry(offset + 1, DAY + datetime.timedelta(offset), place, "somebody", numbers)


def published(*entries: Entry) -> Source:
    """A published list that also holds a first and a last deployment far apart, so that it covers the dates between."""
    return Source("published", (on(-30, "Acton"), *entries, on(30, "Barnet")))


def at(found: Reconciliation, place: str) -> list[Deployment]:
    return [item for item in found.deployments if item.place == place]


def test_what_others_saw_and_was_not_published() -> None:
    found = reconcile((published(on(0, "Kingston")), Source("seen", (on(0, "Kingston"), on(3, "Brixton")))))
    assert [item.place for item in found.not_published] == ["Brixton"]
    assert at(found, "Kingston")[0].missing_from == ()
    assert not found.complete


def test_a_match_by_tolerance_is_shown_and_never_merged() -> None:
    found = reconcile((published(on(0, "Powis St, Woolwich")), Source("seen", (on(1, "Woolwich"),))))
    assert len(found.deployments) == 4
    (seen,) = at(found, "Woolwich")
    assert seen.missing_from == ("published",)
    (possible,) = seen.possible
    assert possible.source == "published"
    assert possible.why == "dated 2 May 2024 and named 'Powis St, Woolwich', the same town"


@pytest.mark.parametrize("offset", [0, 1, -1, 2, 366, 365])
def test_how_far_a_date_may_be_off(offset: int) -> None:
    found = reconcile(
        (published(on(0, "Kingston")), Source("seen", (on(offset, "Kingston"), on(-400, "X"), on(400, "Y"))))
    )
    kept = [item for item in at(found, "Kingston") if "published" in item.entries]
    # 2 May 2024 and 2 May 2025 are 365 days apart.
    expected = {0: (0, True), 1: (1, False), -1: (1, False), 2: (0, False), 365: (1, False), 366: (0, False)}[offset]
    assert (len(kept[0].possible), kept[0].missing_from == ()) == expected


def test_the_misprinted_dalston_date_is_shown_as_possible() -> None:
    record = read_source("shipped:met")
    seen = Source("seen", (Entry(2, datetime.date(2024, 7, 11), "Dalston", "a witness"),))
    (missing,) = reconcile((source_of(record, "published"), seen)).not_published
    assert missing.possible[0].why == "dated 11 July 2023"
    assert missing.possible[0].entry.who == "met-2023-2024, row 113"


def test_two_deployments_of_one_day_and_place_need_two_entries() -> None:
    found = reconcile((published(on(0, "Hounslow"), on(0, "Hounslow")), Source("seen", (on(0, "Hounslow"),))))
    assert sorted(item.missing_from for item in at(found, "Hounslow")) == [(), ("seen",)]


def test_a_list_speaks_only_for_its_dates() -> None:
    found = reconcile((published(), Source("seen", (on(90, "Brixton"),))))
    (beyond,) = at(found, "Brixton")
    assert (beyond.missing_from, beyond.not_covered) == ((), ("published",))
    assert at(found, "Acton")[0].not_covered == ("seen",)
    assert found.complete


def test_numbers_that_differ_between_lists() -> None:
    found = reconcile(
        (published(on(0, "Kingston", alerts=4, arrests=1)), Source("press", (on(0, "Kingston", alerts=5, arrests=1),)))
    )
    (item,) = at(found, "Kingston")
    assert item.differing == (("alerts", (("published", 4), ("press", 5))),)
    assert not found.complete


def test_rows_without_date_or_place_are_counted_apart() -> None:
    met = source_of(read_source("shipped:met"), "published")
    assert (len(met.entries), met.left_out) == (324, ())
    assert met.entries[0].who == "met-2020-2022, row 1"


def test_lists_need_names_of_their_own() -> None:
    with pytest.raises(ValueError, match="two lists or more"):
        reconcile((published(),))
    with pytest.raises(ValueError, match="a name of its own"):
        reconcile((published(), published()))
    assert Source("empty", ()).span is None
    assert reconcile((published(), Source("empty", ()))).complete


ENTRIES = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from(["Kingston", "High St, Kingston", "Tooting"])), max_size=8
)


@settings(deadline=None, max_examples=60)
@given(st.lists(ENTRIES, min_size=2, max_size=3))
def test_no_entry_is_lost_or_counted_twice(lists: list[list[tuple[int, str]]]) -> None:
    sources = tuple(
        Source(f"list {number}", tuple(on(offset, place) for offset, place in entries))
        for number, entries in enumerate(lists)
    )
    found = reconcile(sources)
    for source in sources:
        held = [item.entries[source.name] for item in found.deployments if source.name in item.entries]
        assert sorted((entry.date, entry.place) for entry in held) == sorted(
            (entry.date, entry.place) for entry in source.entries
        )
    for item in found.deployments:
        assert set(item.entries) | set(item.missing_from) | set(item.not_covered) == {source.name for source in sources}
        assert {entry.date for entry in item.entries.values()} == {item.date}
