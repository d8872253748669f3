"""Searches that stand in the table twice: found whatever the order, cut and kind of identifier; none is counted."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.made_up.trials import Trial
from countersign.trials.counting.evaluate import Question, evaluate
from countersign.trials.scores.source import in_memory, open_table
from countersign.trials.scores.subjects import Subjects
from countersign.trials.scores.survey import repeated_searches
from countersign.trials.scores.tables import RowsFaulty

QUESTION = Question(by=(("group",),), thresholds=(0.55,))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.one_of(st.none(), st.integers(-20, 20)), min_size=1, max_size=40),
    st.integers(1, 12),
    st.integers(1, 50),
)
def test_repeats_are_those_of_a_plain_count(ids: list[int | None], rows_a_piece: int, at_once: int) -> None:
    expected = sorted(key for key, often in Counter(ids).items() if often > 1 and key is not None)
    for kind, words in ((pa.int64(), ids), (pa.string(), [None if each is None else f"s{each:+}" for each in ids])):
        table = pa.table({"search_id": pa.array(words, kind), "subject_id": range(len(ids))})
        found = repeated_searches(in_memory(table, rows_a_piece=rows_a_piece), at_once=at_once)
        named = [] if found is None else found["search_id"].to_pylist()
        assert named == (expected if kind == pa.int64() else sorted(f"s{each:+}" for each in expected))


def test_one_probe_against_two_watchlists_or_at_two_sites_is_no_repeat() -> None:
    table = pa.table({"search_id": [1, 1, 2, 2], "N": [10, 20, 10, 10], "site": ["a", "a", "a", "b"]})
    assert repeated_searches(in_memory(table), "site") is None
    found = repeated_searches(in_memory(table))
    assert found is not None
    assert found.to_pylist() == [{"search_id": 2, "N": 10}]
    assert repeated_searches(in_memory(table.drop_columns(["search_id"]))) is None


def doubled(trial: Trial) -> pa.Table:
    """The trial with searches 3 and 8 in it once more, at the end."""
    return pa.concat_tables([trial.searches, trial.searches.take(pa.array([2, 7]))])


@pytest.mark.parametrize("rows_a_piece", [700, 1 << 20])
def test_a_repeated_search_is_refused_by_file_column_row_and_count(
    trial: Trial, people: Subjects, rows_a_piece: int
) -> None:
    source = in_memory(doubled(trial), "searches.parquet", rows_a_piece)
    with pytest.raises(RowsFaulty, match=r"^searches\.parquet: column search_id, row 3: a search .* \(in 4 rows\)$"):
        evaluate(source, people, QUESTION)


def test_set_aside_every_row_of_it_goes_in_any_order(trial: Trial, people: Subjects, tmp_path: Path) -> None:
    keep = np.ones(trial.searches.num_rows, bool)
    keep[[2, 7]] = False
    without = evaluate(in_memory(trial.searches.filter(pa.array(keep))), people, QUESTION)
    table = doubled(trial)
    for order in (np.arange(table.num_rows), np.random.default_rng(3).permutation(table.num_rows)):
        shuffled = table.take(pa.array(order))
        pq.write_table(shuffled.slice(0, 900), tmp_path / "a.parquet", row_group_size=200)
        pq.write_table(shuffled.slice(900), tmp_path / "b.parquet", row_group_size=200)
        source = open_table([tmp_path / "a.parquet", tmp_path / "b.parquet"], rows_a_piece=300)
        found = evaluate(source, people, QUESTION, set_aside=True)
        assert found.tally.faults.total == 4
        assert (found.counts.completed == without.counts.completed).all()
        assert (found.counts.false_positives == without.counts.false_positives).all()
        assert found.search_key == ("search_id", "N")
