"""Trials beside their peers, in one run: rates by group, curves, and 1e8 scores from Parquet.

1e7 searches of 20,000 subjects in 10 groups, a tenth of them mated. ``COUNTERSIGN_BENCH_FULL=1`` adds 1e9 rows from
Parquet (about 5 GB of disk) and the growth from 1e6 to 1e9. Drawn as ``benchmarks/out/trials-growth.svg``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import peers_trials as peers
from benchmarks.harness import Report, median_seconds
from countersign.trials.counting.batch import Task
from countersign.trials.counting.counts import Scheme
from countersign.trials.counting.passes import count
from countersign.trials.scores.source import Source, in_memory, open_table
from countersign.trials.scores.subjects import Subjects, from_table

ROWS, SUBJECTS, GROUPS = 10_000_000, 20_000, 10
#: At which about 4 in 1,000 of the searches made up here have a false positive.
THRESHOLD = 0.79
OUT = Path(__file__).parent / "out"


def people() -> Subjects:
    """20,000 subjects in 10 groups."""
    number = np.arange(SUBJECTS, dtype=np.int32)
    table = pa.table({"subject_id": number, "group": [f"g{i % GROUPS}" for i in number]})
    return from_table(table.append_column("group_obtained", pa.array(["official"] * SUBJECTS)), ("group",), ())


def searches(rows: int, seed: int, mated_share: float) -> pa.Table:
    """A search table of so many rows."""
    random = np.random.default_rng(seed)
    # The distribution does not matter to the time; powers of uniforms are quick to draw.
    best = random.random(rows, dtype=np.float32) ** np.float32(3) * np.float32(0.8)
    mated = random.random(rows, dtype=np.float32) < mated_share
    mate = 1 - random.random(rows, dtype=np.float32) ** np.float32(2)
    columns = {
        "subject_id": random.integers(0, SUBJECTS, rows, dtype=np.int32),
        "mated": mated,
        "best_nonmate_score": best,
        "N": np.full(rows, 1000, np.int32),
    }
    if mated_share:
        columns["mate_score"] = pa.array(mate, mask=~mated)
    return pa.table(columns)


def task(subjects: Subjects, source: Source) -> Task:
    """4,096 bins and the exact tail, row sums by subject, one threshold."""
    grouping = subjects.grouping(("group",))
    scheme = Scheme(
        groups=GROUPS, subjects=SUBJECTS, group_of=grouping.codes, thresholds=(THRESHOLD,), low=0.0, high=1.0,
        sizes=(1000,), floor=THRESHOLD, score_type="float32",
    )  # fmt: skip
    return Task(scheme, subjects, Task.needed(source))


def run(report: Report) -> None:
    """All figures."""
    subjects = people()
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        _rates(report, subjects, Path(folder))
        _curves(report, subjects)
        _parquet(report, subjects, Path(folder))
        if os.environ.get("COUNTERSIGN_BENCH_FULL") == "1":
            _growth(report, Path(folder))


def _rates(report: Report, subjects: Subjects, folder: Path) -> None:
    """The whole count (rows checked, sums by subject, bins, exact tail) beside peers that count rows by group alone."""
    table, path = searches(ROWS, 1, 0.0), folder / "searches.parquet"
    what = task(subjects, in_memory(table))
    codes = what.scheme.group_of[table["subject_id"].to_numpy()].astype(np.uint8)
    scores = table["best_nonmate_score"].to_numpy()
    table = table.append_column("group", pa.array(codes)).append_column("score", table["best_nonmate_score"])
    pq.write_table(table, path, compression="zstd", row_group_size=1 << 20)
    source, file = in_memory(table), open_table([path], rows_a_piece=1 << 20)
    counted = count(file, what).counts.false_positives.sum()
    assert counted == np.count_nonzero(scores >= np.float32(THRESHOLD))

    ours = median_seconds(lambda: count(source, what))
    if peers.module("fairlearn"):
        slice_ = 1_000_000
        theirs = peers.once(peers.fairlearn_rates(scores, codes, THRESHOLD, slice_)) * ROWS / slice_
        said = f"Fairlearn MetricFrame {theirs:.1f} s, from 1e6 rows scaled by 10; ours {ours * 1e3:.0f} ms"
        report.figure("rates by group in memory, times Fairlearn", theirs / ours, "x", at_least=300, peer=said)
    plain = {}
    if peers.module("polars"):
        plain["Polars"] = median_seconds(peers.polars_file(str(path), THRESHOLD))
    if peers.module("duckdb"):
        plain["DuckDB"] = median_seconds(peers.duckdb_file(str(path), THRESHOLD))
    if plain:
        ours = median_seconds(lambda: count(file, what))
        said = ", ".join(f"{name} {seconds * 1e3:.0f} ms" for name, seconds in plain.items())
        report.figure(
            "a trial counted from Parquet, over the faster of Polars and DuckDB counting rows by group",
            ours / min(plain.values()), "x", at_most=3, peer=f"{said}; ours {ours * 1e3:.0f} ms",
        )  # fmt: skip


def _curves(report: Report, subjects: Subjects) -> None:
    table = searches(ROWS, 2, 0.1)
    source = in_memory(table)
    what = task(subjects, source)
    mated = table["mated"].to_numpy()
    best, mate = table["best_nonmate_score"].to_numpy(), np.nan_to_num(table["mate_score"].to_numpy())
    scores = np.where(mated, mate, best)
    groups = what.scheme.group_of[table["subject_id"].to_numpy()]
    ours = median_seconds(lambda: count(source, what))
    said = f"ours, the whole count with row sums by subject and checked rows, {ours * 1e3:.0f} ms"
    if peers.module("sklearn"):
        theirs = median_seconds(peers.sklearn_curves(mated, scores, groups), runs=1, warm=0)
        report.figure(
            "FPIR and FNIR curves of all groups, times scikit-learn roc_curve", theirs / ours, "x", at_least=8,
            peer=f"roc_curve {theirs:.1f} s; {said}",
        )  # fmt: skip
    if peers.module("pyeer"):
        slice_ = 500_000
        theirs = peers.once(peers.pyeer_curve(mated, scores, slice_)) * ROWS / slice_
        report.figure(
            "FPIR and FNIR curves of all groups, times pyeer", theirs / ours, "x", at_least=60,
            peer=f"calculate_roc {theirs:.0f} s, from 5e5 rows scaled by 20; {said}",
        )  # fmt: skip


def _write(path: Path, rows: int, seed: int, mated_share: float = 0.0) -> None:
    """A Parquet file written a row group at a time."""
    writer = None
    for number, first in enumerate(range(0, rows, 1 << 20)):
        table = searches(min(1 << 20, rows - first), seed + number, mated_share)
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=1 << 20)
    assert writer is not None
    writer.close()


#: The peak of a process's own memory; ``ru_maxrss`` would count the memory of the process that started it.
PEAK = """
def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
"""
#: Both are run in a process of their own, which says its seconds and its peak memory: ours, and reading and summing.
OURS = """
import sys, time
from benchmarks.bench_trials import people, task
from countersign.trials.counting.passes import count
from countersign.trials.scores.source import open_table
from pathlib import Path
paths = [Path(name) for name in sys.argv[1:]]
subjects = people()
start = time.perf_counter()
source = open_table(paths)
tally = count(source, task(subjects, source))
seconds = time.perf_counter() - start
print(seconds, peak(), tally.counts.false_positives.sum())
"""
SUM = """
import sys, time
import pyarrow.compute as pc, pyarrow.parquet as pq
start = time.perf_counter()
total = 0.0
for name in sys.argv[1:]:
    for batch in pq.ParquetFile(name).iter_batches(1 << 20, columns=["best_nonmate_score"], use_threads=True):
        total += pc.sum(batch["best_nonmate_score"]).as_py()
print(time.perf_counter() - start, peak(), total)
"""
WHOLE = """
import sys, time
import pyarrow.compute as pc, pyarrow.parquet as pq
start = time.perf_counter()
column = "best_nonmate_score"
total = sum(pc.sum(pq.read_table(name, columns=[column])[column]).as_py() for name in sys.argv[1:])
print(time.perf_counter() - start, peak(), total)
"""


def _alone(scripts: list[str], paths: list[Path], runs: int = 3) -> list[tuple[float, float]]:
    """Best seconds and peak MB of each script, run in turn in fresh processes so that all meet the same noise."""
    found: list[list[tuple[float, float]]] = [[] for _ in scripts]
    for _ in range(runs):
        for place, script in enumerate(scripts):
            done = subprocess.run(
                [sys.executable, "-c", PEAK + script, *map(str, paths)], check=True, capture_output=True, text=True,
                cwd=Path(__file__).parents[1],
            )  # fmt: skip
            seconds, memory = done.stdout.split()[:2]
            found[place].append((float(seconds), float(memory)))
    return [(min(each[0] for each in one), max(each[1] for each in one)) for one in found]


def _parquet(report: Report, subjects: Subjects, folder: Path) -> None:
    del subjects
    paths = [folder / f"{number}.parquet" for number in range(4)]
    for number, path in enumerate(paths):
        _write(path, 25_000_000, 100 * number)
    for path in paths:  # the first reading fills the disk cache for everyone
        path.read_bytes()
    (ours, memory), (streamed, _), (whole, whole_memory) = _alone([OURS, SUM, WHOLE], paths, runs=5)
    report.figure(
        "1e8 searches from Parquet, 10 groups, 4,096 bins and exact tail, over reading the column and summing it",
        ours / min(whole, streamed), "x", at_most=3,
        peer=f"ours {ours:.2f} s; PyArrow whole files {whole:.2f} s ({whole_memory:.0f} MB), streamed {streamed:.2f} s",
    )  # fmt: skip
    report.figure("1e8 searches from Parquet, peak memory", memory, "MB", at_most=1000)
    for path in paths:
        path.unlink()


def _growth(report: Report, folder: Path) -> None:
    points: list[tuple[int, float, float]] = []
    paths: list[Path] = []
    held = 0
    for rows in (1_000_000, 10_000_000, 100_000_000, 1_000_000_000):
        while held < rows:
            more = min(rows - held, 50_000_000)
            paths.append(folder / f"growth-{len(paths)}.parquet")
            _write(paths[-1], more, 1000 * len(paths))
            held += more
        ((seconds, memory),) = _alone([OURS], paths, runs=1 if rows == 1_000_000_000 else 3)
        points.append((rows, seconds, memory))
        report.figure(f"growth: {rows:,} searches from Parquet", seconds, "s", peer=f"peak memory {memory:.0f} MB")
    report.figure("1e9 over 1e8 searches, time", points[3][1] / points[2][1], "x", at_most=12)
    # Bounded, not level: the tail fills up to its cap on the way, and both stay far under the 1,000 MB promised.
    report.figure("1e9 over 1e8 searches, peak memory", points[3][2] / points[2][2], "x", at_most=1.5)
    report.figure("1e9 searches from Parquet, peak memory", points[3][2], "MB", at_most=1000)
    OUT.mkdir(exist_ok=True)
    (OUT / "trials-growth.svg").write_text(growth_svg(points), encoding="utf-8")
    print(f"drawn: {OUT / 'trials-growth.svg'}", flush=True)


def growth_svg(points: list[tuple[int, float, float]]) -> str:
    """Seconds over rows, both on log axes, with a line of slope one through the last point."""
    width, height, left, base = 640, 400, 80, 340

    def place(rows: float, seconds: float) -> tuple[float, float]:
        return left + (np.log10(rows) - 6) / 3 * 500, base - (np.log10(seconds) + 3) / 5 * 300

    marks = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="#1d70b8"/>'
        f'<text x="{x - 8:.1f}" y="{y - 10:.1f}" text-anchor="end">{seconds:.3g} s, {memory:.0f} MB</text>'
        f'<text x="{x:.1f}" y="{base + 20}" text-anchor="middle">1e{round(np.log10(rows))}</text>'
        for rows, seconds, memory in points
        for x, y in [place(rows, seconds)]
    )
    last = points[-1]
    ends = [place(rows, last[1] * rows / last[0]) for rows in (points[0][0], last[0])]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in ends)
    scale = "".join(
        f'<text x="{left - 10}" y="{place(1e6, 10.0**power)[1]:.1f}" text-anchor="end">{10.0**power:g}</text>'
        for power in range(-3, 3)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        f'font-size="12">'
        f"<title>Seconds to count searches from Parquet, 1e6 to 1e9 rows</title>"
        f'<polyline points="{line}" fill="none" stroke="#b1b4b6" stroke-dasharray="4"/>{marks}{scale}'
        f'<text x="{width / 2}" y="{height - 10}" text-anchor="middle">searches (dashed: in proportion)</text>'
        f'<text x="15" y="20">seconds, peak memory</text></svg>\n'
    )
