"""Counting: exact against a plain count row by row, the same bytes under any split, order and executor."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.trials.counting.batch import Counter, Tally, Task
from countersign.trials.counting.counts import Counts, Scheme, by_group
from countersign.trials.counting.passes import CountsWrong, count
from countersign.trials.scores.source import in_memory, open_table
from countersign.trials.scores.subjects import Subjects, from_table

SUBJECTS = 12


def people(count: int = SUBJECTS, groups: int = 3) -> Subjects:
    table = pa.table(
        {
            "subject_id": np.arange(1, count + 1),
            "group": [f"g{i % groups}" for i in range(count)],
            "group_obtained": ["official"] * count,
        }
    )
    return from_table(table, ("group",), ())


def rows(seed: int, length: int = 400, subjects: int = SUBJECTS, discrete: bool = True) -> pa.Table:
    """A search table with everything in it: two sizes, failures to acquire, no candidate, no mate, ties of scores."""
    random = np.random.default_rng(seed)
    mated, acquired = random.random(length) < 0.4, random.random(length) < 0.9
    best, mate = random.random(length), random.random(length)
    if discrete:
        best, mate = np.round(best, 1), np.round(mate, 1)
    no_best, no_mate = random.random(length) < 0.05, random.random(length) < 0.1
    return pa.table(
        {
            "subject_id": random.integers(1, subjects + 1, length),
            "mated": mated,
            "best_nonmate_score": pa.array(best.astype(np.float32), mask=~acquired | no_best),
            "mate_score": pa.array(mate.astype(np.float32), mask=~acquired | ~mated | no_mate),
            "N": random.choice([100, 1000], length),
            "acquired": acquired,
        }
    )


def task_of(table: pa.Table, subjects: Subjects, **changes: object) -> Task:
    grouping = subjects.crossing(("group",))
    settings = {
        "thresholds": (0.5, 0.8), "low": 0.0, "high": 1.0, "sizes": (100, 1000), "floor": 0.4, "tail": 25,
        "bins": 16, "score_type": "float32", **changes,
    }  # fmt: skip
    scheme = Scheme(groups=len(grouping.labels), subjects=len(subjects), group_of=grouping.codes, **settings)  # type: ignore[arg-type]
    return Task(scheme, subjects, Task.needed(in_memory(table)))


def slowly(table: pa.Table, threshold: float, size: int, operator: str) -> tuple[dict[int, int], dict[int, int]]:
    """False positives and hits by subject, one row at a time."""
    wrong: dict[int, int] = dict.fromkeys(range(1, SUBJECTS + 1), 0)
    hits = dict(wrong)

    cut = float(np.float32(threshold))

    def above(score: float | None) -> bool:
        return score is not None and (score >= cut if operator == ">=" else score > cut)

    for row in table.to_pylist():
        if row["N"] != size or not row["acquired"]:
            continue
        best, mate = row["best_nonmate_score"], row["mate_score"]
        if row["mated"]:
            hits[row["subject_id"]] += above(mate) and (best is None or mate > best)
        else:
            wrong[row["subject_id"]] += above(best)
    return wrong, hits


@pytest.mark.parametrize("operator", [">=", ">"])
@pytest.mark.parametrize("seed", range(4))
def test_counts_are_those_of_a_plain_loop(operator: str, seed: int) -> None:
    table, subjects = rows(seed), people()
    counts = count(in_memory(table), task_of(table, subjects, operator=operator)).counts
    for place, threshold in enumerate((0.5, 0.8)):
        for stratum, size in enumerate((100, 1000)):
            wrong, hits = slowly(table, threshold, size, operator)
            assert counts.false_positives[stratum, place].tolist() == list(wrong.values())
            assert counts.hits[0, stratum, place].tolist() == list(hits.values())


def test_every_row_is_counted_once() -> None:
    table = rows(1)
    tally = count(in_memory(table), task_of(table, people()))
    counts = tally.counts
    assert tally.rows == 400
    assert counts.completed.sum() + counts.not_acquired.sum() == 400
    grouping = people().crossing(("group",))
    assert (counts.nonmate_bins.sum(axis=-1) == by_group(counts.completed[:, 0], grouping)).all()
    assert (counts.mate_bins[0].sum(axis=-1) == by_group(counts.completed[:, 1], grouping)).all()


def test_bins_are_exact_at_their_edges() -> None:
    table = rows(2, length=5000, discrete=False)
    task = task_of(table, people(), sizes=(100, 1000))
    counts = count(in_memory(table), task).counts
    frame = table.to_pandas()
    scores = frame[~frame.mated & frame.acquired].best_nonmate_score.dropna().to_numpy(np.float32)
    bins = counts.nonmate_bins.sum(axis=(0, 1))
    for place, edge in enumerate(task.scheme.edges):
        assert bins[place + 1 :].sum() == np.count_nonzero(scores >= edge)


def test_the_tail_is_the_highest_scores_of_each_group_and_size() -> None:
    table = rows(3, length=3000)
    subjects = people()
    tail = count(in_memory(table), task_of(table, subjects, floor=0.2, tail=25)).counts.tail
    frame = table.to_pandas()
    frame = frame[~frame.mated & frame.acquired & (frame.best_nonmate_score >= np.float32(0.2))]
    group = subjects.crossing(("group",)).codes[frame.subject_id.to_numpy() - 1]
    for stratum, size in enumerate((100, 1000)):
        for number in range(3):
            wanted = frame[(size == frame.N) & (group == number)].best_nonmate_score.sort_values(ascending=False)[:25]
            kept = (tail.stratum == stratum) & (subjects.crossing(("group",)).codes[tail.subject] == number)
            assert tail.score[kept].tolist() == wanted.to_list()


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 50),
    cuts=st.lists(st.integers(1, 399), max_size=6, unique=True),
    order=st.randoms(use_true_random=False),
)
def test_any_split_and_any_order_give_the_same_bytes(seed: int, cuts: list[int], order: object) -> None:
    table, subjects = rows(seed), people()
    task = task_of(table, subjects)
    whole = count(in_memory(table), task)
    ends = [0, *sorted(cuts), table.num_rows]
    parts = []
    for first, last in pairwise(ends):
        counter = Counter(task)
        for row, batch in in_memory(table.slice(first, last - first)).pieces[0].batches(task.columns):
            counter.add("t", row, batch)
        parts.append(counter.tally())
    order.shuffle(parts)  # type: ignore[attr-defined]
    merged = Tally.zero(task.scheme)
    absorbed = Counter(task)
    for part in parts:
        merged = merged.merge(part)
        absorbed.absorb(part)
    assert merged.counts.to_bytes() == whole.counts.to_bytes() == absorbed.tally().counts.to_bytes()
    assert merged.rows == whole.rows


def test_rows_in_any_order_give_the_same_bytes() -> None:
    table, task = rows(5), task_of(rows(5), people())
    shuffled = table.take(pa.array(np.random.default_rng(0).permutation(table.num_rows)))
    assert count(in_memory(table), task).counts.to_bytes() == count(in_memory(shuffled), task).counts.to_bytes()


def test_a_small_tail_buffer_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    table, task = rows(6, length=3000), task_of(rows(6), people())
    whole = count(in_memory(table), task).counts.to_bytes()
    monkeypatch.setattr("countersign.trials.counting.batch.TAIL_BUFFER", 60)
    monkeypatch.setattr("countersign.trials.scores.source.ROWS_A_BATCH", 100)
    assert count(in_memory(table, rows_a_piece=500), task).counts.to_bytes() == whole


def test_bytes_there_and_back_and_damage_is_seen() -> None:
    table, task = rows(7), task_of(rows(7), people())
    tally = count(in_memory(table), task)
    content = task.pack(tally)
    assert task.pack(task.unpack(content)) == content
    counts = tally.counts.to_bytes()
    for damaged in (counts[:-1], counts + b"\0", b"x" + counts, counts[:40]):
        with pytest.raises(CountsWrong):
            Counts.from_bytes(damaged, task.scheme)
    with pytest.raises(CountsWrong, match="another scheme"):
        Counts.from_bytes(counts, task_of(table, people(), thresholds=(0.6,)).scheme)
    with pytest.raises(CountsWrong, match="two schemes"):
        tally.counts.merge(Counts.zero(task_of(table, people(), thresholds=(0.6,)).scheme))


def test_renaming_the_groups_only_renames_the_figures() -> None:
    table = rows(8)
    first = people()
    renamed = pa.table(
        {
            "subject_id": np.arange(1, SUBJECTS + 1),
            "group": [("z", "y", "x")[i % 3] for i in range(SUBJECTS)],
            "group_obtained": ["official"] * SUBJECTS,
        }
    )
    second = from_table(renamed, ("group",), ())
    ours = count(in_memory(table), task_of(table, first)).counts
    theirs = count(in_memory(table), task_of(table, second)).counts
    assert (ours.false_positives == theirs.false_positives).all()
    assert (ours.nonmate_bins[:, ::-1] == theirs.nonmate_bins).all()


@pytest.mark.parametrize("form", ["parquet", "arrow", "csv"])
def test_files_give_what_memory_gives(form: str, tmp_path: Path) -> None:
    table, subjects = rows(9, length=2000), people()
    halves = [table.slice(0, 700), table.slice(700)]
    paths = [tmp_path / f"{number}.{form}" for number in range(2)]
    for half, path in zip(halves, paths, strict=True):
        if form == "parquet":
            pq.write_table(half, path, row_group_size=150)
        elif form == "arrow":
            with pa.ipc.new_file(path, half.schema) as writer:
                writer.write_table(half, max_chunksize=150)
        else:
            pa.csv.write_csv(half, path)
    task = task_of(table, subjects, score_type="float32")
    found = count(open_table(paths, rows_a_piece=300), task)
    assert found.counts.to_bytes() == count(in_memory(table), task).counts.to_bytes()


@pytest.mark.slow
def test_processes_and_threads_agree(tmp_path: Path) -> None:
    table, task = rows(10, length=5000), task_of(rows(10), people())
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=500)
    source = open_table([tmp_path / "t.parquet"], rows_a_piece=500)
    assert len(source.pieces) == 10
    with ThreadPoolExecutor(3) as threads, ProcessPoolExecutor(2) as processes:
        results = {count(source, task, pool).counts.to_bytes() for pool in (None, threads, processes)}
    assert len(results) == 1
