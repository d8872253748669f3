"""The first look counts what a plain loop counts, whatever the type of the group column."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from countersign.trials.design.scheme import ThresholdOutOfRange
from countersign.trials.plain import count_above, first_curves, first_look
from countersign.trials.scores.source import in_memory
from countersign.trials.scores.tables import ColumnMissing, ColumnWrong


@pytest.mark.parametrize("operator", [">=", ">"])
@pytest.mark.parametrize("kind", ["text", "uint8", "int", "dictionary"])
def test_counts_are_those_of_a_loop(kind: str, operator: str) -> None:
    random = np.random.default_rng(1)
    groups, scores = random.integers(0, 7, 3001), np.round(random.random(3001), 1).astype(np.float32)
    arrays = {
        "text": pa.array([str(g) for g in groups]), "uint8": pa.array(groups, pa.uint8()), "int": pa.array(groups),
        "dictionary": pa.array([str(g) for g in groups]).dictionary_encode(),
    }  # fmt: skip
    table = pa.table({"group": arrays[kind], "score": scores})
    found = first_look(in_memory(table, rows_a_piece=700), "group", "score", 0.6, operator)  # type: ignore[arg-type]
    cut = np.float32(0.6)
    for place, name in enumerate(found.groups):
        mine = scores[groups == int(name)]
        assert found.rows[place] == len(mine)
        assert found.above[place] == np.count_nonzero(mine >= cut if operator == ">=" else mine > cut)
        assert found.rate(place).events == found.above[place]


def test_arrays_of_any_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("countersign.trials.plain.PAIRED", 64)
    random = np.random.default_rng(2)
    for length in (0, 1, 63, 64, 65, 200, 331):
        groups, scores = random.integers(0, 200, length).astype(np.uint8), random.random(length)
        above, rows = count_above(scores, groups, 0.5)
        assert rows.tolist() == np.bincount(groups, minlength=256).tolist()
        assert above.tolist() == np.bincount(groups[scores >= 0.5], minlength=256).tolist()


def test_bad_columns_are_named() -> None:
    table = pa.table({"group": ["a", "b"], "score": [0.1, float("nan")]})
    with pytest.raises(ColumnWrong, match="t: column score, row 2: a score is NaN"):
        first_look(in_memory(table, "t"), "group", "score", 0.5)
    with pytest.raises(ColumnMissing, match="no column site"):
        first_look(in_memory(table), "site", "score", 0.5)


def test_first_curves_are_exact_at_edges_and_in_the_tail() -> None:
    random = np.random.default_rng(3)
    groups, mated = random.integers(0, 3, 5000).astype(np.uint8), random.random(5000) < 0.3
    scores = random.random(5000, dtype=np.float32)
    found = first_curves(scores, groups, mated, low=0.0, high=1.0, floor=0.9, bins=64)
    for group in range(3):
        non, own = scores[(groups == group) & ~mated], scores[(groups == group) & mated]
        assert found.curve.nonmated[group] == len(non)
        assert found.tails[group].tolist() == sorted(non[non >= np.float32(0.9)].tolist(), reverse=True)
        for place, edge in enumerate(found.curve.thresholds):
            assert found.curve.false_positives[group, place] == np.count_nonzero(non >= edge)
            assert found.curve.misses[group, place] == np.count_nonzero(own < edge)
    with pytest.raises(ThresholdOutOfRange):
        first_curves(np.array([0.1, np.nan]), groups[:2], mated[:2], low=0.0, high=1.0, floor=0.9)
