"""The public site of a log of 1,000 deployments: from nothing, again after one change, and memory; whole processes.

Each deployment has its whole life on the record (24 entries). Written again, only what has changed is drawn.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.making import histories as made
from tests.making.varied import many

from benchmarks.harness import Report, loads, median_seconds, process

DEPLOYMENTS = 1_000
#: After the last entry of the log.
NOW, LATER = "2026-12-10T10:00:00Z", "2026-12-11T10:00:00Z"


def run(report: Report) -> None:
    """Time `countersign publish` on the log, and again with one entry more."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = many(DEPLOYMENTS)
        log.write(folder / "public")
        command = [
            sys.executable,
            "-m",
            "countersign",
            "publish",
            str(folder / "public"),
            "--out",
            str(folder / "site"),
        ]
        nothing, megabytes = process([*command, "--at", NOW], runs=1, warm=0)
        files = [path for path in (folder / "site").rglob("*") if path.is_file()]
        told = f"{len(log.entries):,} entries, {len(files):,} files, {sum(map(_size, files)) / 1e6:.0f} MB"
        plain = median_seconds(loads(log.entries))
        report.ratio(
            f"publishing {DEPLOYMENTS:,} deployments from nothing", nothing, plain, "json.loads of the log's entries",
            at_most=300, peer=f"{told}; largest process {megabytes:.0f} MB",
        )  # fmt: skip
        seen = {"what": "faces", "hour": "2026-10-02T13Z", "minutes": 20, "count": 210, "method": "tally"}
        log.add("observer.count", seen, f"{made.FORCE}/d-7", "2026-12-11T09:00:00Z", "observer", "observer")
        log.write(folder / "public")
        seconds, megabytes = process([*command, "--at", LATER], runs=1, warm=0)
        report.ratio(
            "publishing them again the next day, with one entry more", seconds, nothing, "publishing from nothing",
            at_most=0.1, peer=f"largest process {megabytes:.0f} MB",
        )  # fmt: skip


def _size(path: Path) -> int:
    return path.stat().st_size


if __name__ == "__main__":
    run(Report())
