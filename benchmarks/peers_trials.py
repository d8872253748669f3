"""The peers of the trials bench, each doing the same count as ours on the same rows; imported only where installed.

``make bench`` installs them (the extra ``bench``). A peer that is not there is named with the reason, never left out in
silence. Fairlearn and pyeer are so slow that they get a smaller slice; their time is scaled to all rows in proportion,
which flatters both (pyeer sorts, and Fairlearn's cost per row grows), and the line says so.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def module(name: str) -> Any | None:
    """The peer's module, or ``None`` with the reason printed."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        print(f"peer not here: {name} ({error}); make bench installs it", flush=True)
        return None


def once(work: Callable[[], object]) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def fairlearn_rates(scores: NDArray[Any], groups: NDArray[Any], threshold: float, rows: int) -> Callable[[], object]:
    """``MetricFrame`` by group on the first ``rows``."""
    metrics = importlib.import_module("fairlearn.metrics")
    predicted, truth, labels = (scores[:rows] >= threshold).astype(int), np.zeros(rows), groups[:rows]
    return lambda: (
        metrics.MetricFrame(
            metrics=metrics.selection_rate, y_true=truth, y_pred=predicted, sensitive_features=labels
        ).by_group
    )


def polars_file(path: str, threshold: float) -> Callable[[], object]:
    """Grouped count from Parquet, on the faster of Polars' two engines for this (the streaming one)."""
    polars = importlib.import_module("polars")
    return lambda: (
        polars.scan_parquet(path)
        .group_by("group")
        .agg((polars.col("score") >= threshold).sum(), polars.len())
        .collect(engine="streaming")
    )


def duckdb_file(path: str, threshold: float) -> Callable[[], object]:
    """The same in SQL."""
    connection = importlib.import_module("duckdb").connect()
    query = f'select "group", count(*), count(*) filter (score >= {threshold}) from \'{path}\' group by "group"'
    return lambda: connection.execute(query).fetchall()


def sklearn_curves(mated: NDArray[Any], scores: NDArray[Any], groups: NDArray[Any]) -> Callable[[], object]:
    """``roc_curve`` of each group in turn."""
    metrics = importlib.import_module("sklearn.metrics")
    parts = [(mated[groups == group], scores[groups == group]) for group in np.unique(groups)]
    return lambda: [metrics.roc_curve(truth, score) for truth, score in parts]


def pyeer_curve(mated: NDArray[Any], scores: NDArray[Any], rows: int) -> Callable[[], object]:
    """``calculate_roc`` on the first ``rows``."""
    stats = importlib.import_module("pyeer.eer_stats")
    genuine, impostor = scores[:rows][mated[:rows]], scores[:rows][~mated[:rows]]
    return lambda: stats.calculate_roc(genuine, impostor)
