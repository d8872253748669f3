"""The review, whole process: the shipped record as JSON, and 100,000 made deployments; peak memory beside the time."""

from __future__ import annotations

import csv
import sys
import tempfile
from pathlib import Path

from tests.published.synthetic import synthetic_record

from benchmarks.harness import LIBRARIES, PYTHON, Report, median_seconds, process
from countersign.published.table.record import COLUMNS

#: Rows of the large made record.
MANY = 100_000
COMMAND = (sys.executable, "-m", "countersign")


def run(report: Report) -> None:
    """Time the command as a person runs it."""
    with tempfile.TemporaryDirectory() as folder:
        out = ["--format", "json", "--out", str(Path(folder) / "out")]
        libraries, python = process(LIBRARIES)[0], process(PYTHON)[0]
        what = "a process that loads the libraries alone"
        seconds, megabytes = process([*COMMAND, "review", "shipped:met", *out])
        report.ratio("review of the shipped record, JSON", seconds, libraries, what, at_most=8)
        report.figure("review of the shipped record, peak memory", megabytes, "MB", at_most=250)
        beside = [f"--{name}=shipped" for name in ("claims", "groups", "corrections")]
        seconds, megabytes = process([*COMMAND, "review", "shipped:met", *beside, *out], runs=3)
        report.ratio(
            "the same with claims, groups and corrections", seconds, libraries, what, at_most=9,
            peer=f"peak {megabytes:.0f} MB",
        )  # fmt: skip
        source = Path(folder) / "many.csv"
        write_csv(source, MANY)
        seconds, megabytes = process([*COMMAND, "review", str(source), *out], runs=1, warm=0)
        plain = median_seconds(lambda: [*csv.DictReader(source.open(encoding="utf-8", newline=""))], runs=3)
        report.ratio(
            f"review of {MANY:,} made deployments, JSON", seconds, plain, "csv.DictReader on the same file",
            at_most=40, peer=f"peak {megabytes:.0f} MB",
        )  # fmt: skip
        for words in (["--help"], ["review", "--help"]):
            seconds, _ = process([*COMMAND, *words])
            report.ratio(f"countersign {' '.join(words)}", seconds, python, "an empty Python process", at_most=15)


def write_csv(path: Path, rows: int) -> None:
    """A made record as a CSV of the documented columns."""
    record = synthetic_record(rows, 1)
    names = [column.name for column in COLUMNS if column.name in record.documents[0].columns]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*names, "source"])
        for row in record.rows:
            values = [getattr(row, name) for name in names]
            writer.writerow(["" if value is None else value for value in values] + [record.documents[0].title])
