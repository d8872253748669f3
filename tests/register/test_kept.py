"""A kept state is taken up where it stopped, and thrown away where it does not fit."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.making.histories import FORCE, History

from countersign.deployments.fold import EntryOutOfOrder, advance, fold
from countersign.deployments.state import Programme, StateMalformed
from countersign.register.catching_up import catch_up

HISTORY = History().upto("archive")
LINES = [entry.render() for _, entry in HISTORY.entries]


def no_repeats(_start: int, _entries: Sequence[bytes]) -> tuple[int, ...]:
    return ()


def all_lines(start: int, stop: int) -> list[bytes]:
    return LINES[start:stop]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(LINES)), st.integers(0, len(LINES)))
def test_kept_anywhere_and_brought_up_equals_the_full_fold(first: int, second: int) -> None:
    first, second = sorted((first, second))
    reads: list[tuple[int, int]] = []

    def read(start: int, stop: int) -> list[bytes]:
        reads.append((start, stop))
        return LINES[start:stop]

    _, kept = catch_up(None, FORCE, first, read, no_repeats)
    reads.clear()
    state, again = catch_up(kept, FORCE, second, read, no_repeats)
    assert state == fold(FORCE, HISTORY.entries[:second])
    assert all(start >= first - 1 for start, _ in reads)
    assert catch_up(again, FORCE, second, read, no_repeats)[1] == again


@pytest.mark.parametrize("spoil", ["cut", "other-last", "other-force", "longer", "version", "field"])
def test_a_kept_state_that_does_not_fit_is_thrown_away(spoil: str) -> None:
    whole, kept = catch_up(None, FORCE, len(LINES), all_lines, no_repeats)
    lines, force = list(LINES), FORCE
    if spoil == "cut":
        kept = kept[:-9]
    elif spoil == "other-last":
        lines[-1] = lines[-2]
    elif spoil == "other-force":
        force = "force-b"
    elif spoil == "longer":
        lines = lines[:-1]
    elif spoil == "version":
        kept = kept.replace(b'"version":2', b'"version":9')
    else:
        kept = kept.replace(b'"size":', b'"length":', 1)
    state, _ = catch_up(kept, force, len(lines), lambda start, stop: lines[start:stop], no_repeats)
    entries = [(index, entry) for index, (_, entry) in enumerate(HISTORY.entries[: len(lines)])]
    if spoil == "other-last":
        entries[-1] = (len(lines) - 1, HISTORY.entries[-2][1])
    assert state == fold(force, entries)
    assert (state == whole) == (spoil in ("cut", "version", "field"))


def test_a_state_kept_under_other_outside_keys_is_folded_anew() -> None:
    keys = frozenset({"0" * 64})
    _, kept = catch_up(None, FORCE, len(LINES), all_lines, no_repeats)
    state, again = catch_up(kept, FORCE, len(LINES), all_lines, no_repeats, outside_keys=keys)
    assert state == fold(FORCE, HISTORY.entries, outside_keys=keys)
    assert state.outside_keys == keys
    assert Programme.parse(again.partition(b"\n")[2]) == state


def test_entries_out_of_order_or_twice_are_refused() -> None:
    state = fold(FORCE, HISTORY.entries[:5])
    for index in (0, 4):
        with pytest.raises(EntryOutOfOrder, match="after entry 4"):
            advance(state, index, HISTORY.entries[index][1])


@pytest.mark.parametrize("data", [b"", b"{}", b'{"force": 1}', b'{"force":"force-a","version":1}'])
def test_states_that_are_none(data: bytes) -> None:
    with pytest.raises(StateMalformed):
        Programme.parse(data)
