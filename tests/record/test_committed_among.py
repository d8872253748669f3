"""A part of the commitments is what those entries committed to, and nothing else: fates and runs as in the whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.record.entries.retention import ERASED, Committed, CommittedTo

LABELS = ("list", "alerts")


@st.composite
def commitments(draw: st.DrawFn) -> Committed:
    found = Committed()
    for entry in sorted(draw(st.sets(st.integers(0, 40), max_size=12))):
        for label in draw(st.sets(st.sampled_from(LABELS), min_size=1)):
            found.add(CommittedTo(entry, label, f"class {entry % 3}", 1_700_000_000 + entry, draw(st.integers(1, 9))))
    for one in list(found):
        if one.items > 1 and draw(st.booleans()):
            found.cut(one.entry, one.label, draw(st.integers(1, one.items - 1)))
            found.runs(one.entry, one.label)[0].state = ERASED
    return found


@pytest.mark.slow
@given(whole=commitments(), chosen=st.sets(st.integers(0, 40)))
@settings(max_examples=150, deadline=None)
def test_a_part_is_the_whole_held_to_its_entries(whole: Committed, chosen: set[int]) -> None:
    part = whole.among(chosen)
    assert list(part) == [one for one in whole if one.entry in chosen]
    for one in part:
        assert part.runs(one.entry, one.label) == whole.runs(one.entry, one.label)
        assert part.count(one.entry, one.label) == one.items
    other = whole.among(frozenset(range(41)) - chosen)
    assert sorted([*part, *other]) == sorted(whole)
