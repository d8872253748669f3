"""The review, whole process: the shipped record as JSON, and 100,000 made deployments; peak memory beside the time."""

from __future__ import annotations

import csv
import sys
import tempfile
from pathlib import Path

from tests.published.synthetic import synthetic_record

from benchmarks.harness import Report, process
from countersign.published.table.record import COLUMNS

#: Rows of the large made record.
MANY = 100_000
COMMAND = (sys.executable, "-m", "countersign")


def run(report: Report) -> None:
    """Time the command as a person runs it."""
    with tempfile.TemporaryDirectory() as folder:
        out = ["--format", "json", "--out", str(Path(folder) / "out")]
        seconds, megabytes = process([*COMMAND, "review", "shipped:met", *out])
        report.figure("review of the shipped record, JSON", seconds, "s", at_most=1.5)
        report.figure("review of the shipped record, peak memory", megabytes, "MB", at_most=250)
        beside = [f"--{name}=shipped" for name in ("claims", "groups", "corrections")]
        seconds, megabytes = process([*COMMAND, "review", "shipped:met", *beside, *out], runs=3)
        report.figure(
            "the same with claims, groups and corrections", seconds, "s", at_most=1.5, peer=f"peak {megabytes:.0f} MB"
        )
        source = Path(folder) / "many.csv"
        write_csv(source, MANY)
        seconds, megabytes = process([*COMMAND, "review", str(source), *out], runs=1, warm=0)
        report.figure(
            f"review of {MANY:,} made deployments, JSON", seconds, "s", at_most=15, peer=f"peak {megabytes:.0f} MB"
        )
        seconds, _ = process([*COMMAND, "--help"])
        report.figure("countersign --help", seconds * 1000, "ms", at_most=300)
        seconds, _ = process([*COMMAND, "review", "--help"])
        report.figure("countersign review --help", seconds * 1000, "ms", at_most=300)


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
